// SPDX-License-Identifier: GPL-2.0
/*
 * The tags that the two sides exchange in their options.  Pure functions.
 */
#include "wsp.h"

/**
 * wsp_tag() - make a tag out of any number
 * @random: the number, hard to guess
 * @urg: a client's: URG is set on its SYN; a server's: it came
 *
 * Return: the tag; never 0, which means that there is none.
 */
u32 wsp_tag(u32 random, bool urg)
{
	u32 tag = (random & ~WSP_TAG_URG) ?: 0x10000;

	return urg ? tag | WSP_TAG_URG : tag;
}

/**
 * wsp_tag_server() - the tag of a server for one connection request
 * @isns: initial sequence numbers, the client's in the upper half
 * @ports: the client's in the upper half, as on the wire; ours in the lower
 * @urg: the SYN came with URG
 * @key: the secret
 *
 * Depends on nothing but the request, so that a retransmitted SYN-ACK repeats
 * it.
 *
 * Return: the tag.
 */
u32 wsp_tag_server(u64 isns, u32 ports, bool urg, const siphash_key_t *key)
{
	return wsp_tag(siphash_2u64(isns, ports, key), urg);
}
