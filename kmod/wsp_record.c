// SPDX-License-Identifier: GPL-2.0
/*
 * The record that carries disconnect data: [header | data | footer].
 * Pure functions; the layout is described in Documentation/wire.rst.
 */
#include "wsp.h"

static_assert(sizeof(struct wsp_record_hdr) == 16);
static_assert(offsetof(struct wsp_record_hdr, oob) == 4);
static_assert(offsetof(struct wsp_record_hdr, mac) == 8);
static_assert(sizeof(struct wsp_record_ftr) == 4);

/* "wsp-disc": sets our use of the tag apart from any other. */
#define MAC_CONST	0x7773702d64697363ULL

/**
 * wsp_magic() - first two bytes of a record
 * @tag: the receiver's tag
 *
 * Return: the value, in host order.
 */
u16 wsp_magic(u32 tag)
{
	return (tag >> 16) ^ (tag & 0xffff);
}

/**
 * wsp_mac() - SipHash-2-4 of the header's fields
 * @tag: the receiver's tag, the only key: a SYN-ACK that lost its option
 *	leaves the peer with one tag, and it must still recognise the record
 * @magic: as on the wire, host order
 * @len: as on the wire, host order
 * @oob: as on the wire, host order
 *
 * Return: the value, in host order.
 */
u64 wsp_mac(u32 tag, u16 magic, u16 len, u32 oob)
{
	const siphash_key_t key = { { (u64)tag << 32 | tag, MAC_CONST } };

	return siphash_1u64((u64)magic << 48 | (u64)len << 32 | oob, &key);
}

/**
 * wsp_record_build() - what goes before and behind the data
 * @hdr: filled
 * @ftr: filled
 * @tag: the receiver's tag
 * @len: bytes of data
 * @oob: the header's oob field, in host order
 */
void wsp_record_build(struct wsp_record_hdr *hdr, struct wsp_record_ftr *ftr,
		      u32 tag, u16 len, u32 oob)
{
	u16 magic = wsp_magic(tag);

	hdr->magic = cpu_to_be16(magic);
	hdr->len = cpu_to_be16(len);
	hdr->oob = cpu_to_be32(oob);
	hdr->mac = cpu_to_be64(wsp_mac(tag, magic, len, oob));
	ftr->magic = hdr->magic;
	ftr->len = hdr->len;
}

/**
 * wsp_record_verify() - whether these 16 bytes are a header meant for us
 * @hdr: from the stream
 * @tag: our tag
 *
 * Return: true if so; hdr->len is then at most WSP_DISC_MAX.
 */
bool wsp_record_verify(const struct wsp_record_hdr *hdr, u32 tag)
{
	u16 magic = wsp_magic(tag);
	u16 len = be16_to_cpu(hdr->len);

	return hdr->magic == cpu_to_be16(magic) && len <= WSP_DISC_MAX &&
	       be64_to_cpu(hdr->mac) ==
	       wsp_mac(tag, magic, len, be32_to_cpu(hdr->oob));
}
