// SPDX-License-Identifier: GPL-2.0
/*
 * kmod/wsp_record.c and wsp_tag.c: 16 bytes of a stream are a header for a tag if
 * and only if wsp_record_build() makes them.
 *
 * Input: a number for the tag (4 bytes), how to bend a header (1), what the header
 * says (6), then bytes that may be one.
 */
#include "kernel.h"
#include "target.h"
#include "wsp.h"

static void record_is_the_only_one(const struct wsp_record_hdr *hdr, u32 tag)
{
	struct wsp_record_hdr same;
	struct wsp_record_ftr ftr;

	wsp_record_build(&same, &ftr, tag, be16_to_cpu(hdr->len), be32_to_cpu(hdr->oob));
	if (wsp_record_verify(hdr, tag)) {
		target_check(!memcmp(hdr, &same, sizeof(same)));
		target_check(be16_to_cpu(hdr->len) <= WSP_DISC_MAX);
	} else {
		target_check(memcmp(hdr, &same, sizeof(same)) ||
			     be16_to_cpu(hdr->len) > WSP_DISC_MAX);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct wsp_record_hdr hdr;
	struct wsp_record_ftr ftr;
	u32 tag;

	if (size < 11)
		return 0;
	tag = wsp_tag(get_unaligned_be32(data), data[4] & 1);
	target_check(tag && (tag & WSP_TAG_URG) == (data[4] & 1));
	wsp_record_build(&hdr, &ftr, tag, get_unaligned_be16(data + 5),
			 get_unaligned_be32(data + 7));
	target_check(hdr.magic == ftr.magic && hdr.len == ftr.len);
	record_is_the_only_one(&hdr, tag);
	/* One bit off, and it is none. */
	((u8 *)&hdr)[data[4] / 8 % sizeof(hdr)] ^= 1 << data[4] % 8;
	target_check(!wsp_record_verify(&hdr, tag));
	record_is_the_only_one(&hdr, tag);
	if (size >= 11 + sizeof(hdr)) {
		memcpy(&hdr, data + 11, sizeof(hdr));
		record_is_the_only_one(&hdr, tag);
	}
	return 0;
}
