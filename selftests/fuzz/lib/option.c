// SPDX-License-Identifier: GPL-2.0
/*
 * kmod/wsp_option.c: a TCP header and what it is followed by, of any content.
 *
 * Input: one byte of choices (1: IPv6, 2: no IP header yet, 4: URG, 8: a length in the
 * header that is not the input's), a tag of 4 bytes, then options.
 */
#include "kernel.h"
#include "target.h"
#include "wsp.h"

#define OPTION_ROOM	128

/* As Documentation/wire.rst says it, a byte at a time. */
static const u8 *option_oracle(const u8 *p, size_t len, bool *signed_seg)
{
	const u8 *found = NULL;
	size_t at = 0;

	*signed_seg = false;
	while (at < len && p[at]) {
		size_t n = p[at] == 1 ? 1 : at + 1 < len ? p[at + 1] : 0;

		if (p[at] != 1 && (n < 2 || n > len - at))
			break;
		*signed_seg |= p[at] == 19 || p[at] == 29;
		if (!found && p[at] == 254 && n == 8 && p[at + 2] == 0x57 && p[at + 3] == 0x53)
			found = p + at;
		at += n;
	}
	return found;
}

static void option_try_find(const struct tcphdr *th, size_t len)
{
	const u8 *opts = (const u8 *)(th + 1);
	bool signed_seg;
	const u8 *want = option_oracle(opts, len, &signed_seg);
	u32 tag = 0;

	target_check(wsp_option_find(th, &tag) == !!want);
	target_check(!want || tag == get_unaligned_be32(want + 4));
}

static void option_try_add(struct sk_buff *skb, size_t th_off, size_t optlen, u32 tag, bool urg)
{
	struct tcphdr *th = (struct tcphdr *)(skb->data + th_off);
	u8 before[OPTION_ROOM];
	unsigned int len = skb->len;
	bool signed_seg, has = option_oracle((u8 *)(th + 1), optlen, &signed_seg);
	int want = has ? -EALREADY : signed_seg || optlen > 40 - WSP_OPT_LEN ? -ENOSPC : 0;
	u8 *opt;

	memcpy(before, skb->data, len);
	target_check(wsp_option_add(skb, th_off, tag, urg) == want);
	if (want) {
		target_check(skb->len == len && !memcmp(skb->data, before, len));
		return;
	}
	th = (struct tcphdr *)(skb->data + th_off);
	opt = (u8 *)(th + 1) + optlen;
	target_check(skb->len == len + WSP_OPT_LEN);
	target_check(th->doff * 4 == 20 + optlen + WSP_OPT_LEN);
	target_check(!memcmp(th + 1, before + th_off + 20, optlen));
	target_check(get_unaligned_be32(opt) == 0xfe085753 && get_unaligned_be32(opt + 4) == tag);
	target_check(skb->head + skb->transport_header == (u8 *)th);
	target_check(skb->head + skb->csum_start == (u8 *)th);
	target_check(!th_off || skb->head + skb->network_header == skb->data);
	target_check(!urg || th->urg);
}

static void option_segment(const u8 *opts, size_t optlen, u8 how, u32 tag)
{
	size_t th_off = how & 2 ? 0 : how & 1 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);
	size_t len = th_off + sizeof(struct tcphdr) + optlen;
	struct sock sk = { .sk_gso_type = how & 1 ? SKB_GSO_TCPV6 : 0 };
	u8 *head = calloc(1, WSP_OPT_LEN + len);
	struct sk_buff skb = {
		.sk = &sk, .head = head, .data = head + WSP_OPT_LEN, .len = len,
		.ip_summed = CHECKSUM_PARTIAL, .network_header = WSP_OPT_LEN,
		.transport_header = WSP_OPT_LEN + th_off, .csum_start = WSP_OPT_LEN + th_off,
	};
	struct tcphdr *th = (struct tcphdr *)(skb.data + th_off);

	th->doff = 5 + optlen / 4;
	skb.data[0] = how & 1 ? 0x60 : 0x45;
	memcpy(th + 1, opts, optlen);
	option_try_add(&skb, th_off, optlen, tag, how & 4);
	free(head);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct tcphdr *th;
	size_t optlen;

	if (size < 5)
		return 0;
	optlen = (size - 5) & ~3;
	if (optlen > 40)
		optlen = 40;
	th = calloc(1, sizeof(*th) + optlen);
	th->doff = 5 + optlen / 4;
	/* The kernel has checked that all of it is there, and no more. */
	if (data[0] & 8)
		th->doff = data[0] >> 4 > th->doff ? th->doff : data[0] >> 4;
	memcpy(th + 1, data + 5, optlen);
	option_try_find(th, th->doff < 5 ? 0 : th->doff * 4 - 20);
	option_segment(data + 5, optlen, data[0], get_unaligned_be32(data + 1));
	free(th);
	return 0;
}
