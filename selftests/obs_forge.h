/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A peer that knows the protocol and breaks it: reads the server's tag from
 * the wire and makes records of any kind with it.
 */
#ifndef OBS_FORGE_H
#define OBS_FORGE_H

#include "reg_io.h"

#include <endian.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>

#define FORGE_HDR	16
#define FORGE_FTR	4

static inline uint64_t forge_rol(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

static inline void forge_rounds(uint64_t v[4], int n)
{
	while (n--) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = forge_rol(v[1], 13) ^ v[0];
		v[3] = forge_rol(v[3], 16) ^ v[2];
		v[0] = forge_rol(v[0], 32) + v[3];
		v[2] += v[1];
		v[1] = forge_rol(v[1], 17) ^ v[2];
		v[3] = forge_rol(v[3], 21) ^ v[0];
		v[2] = forge_rol(v[2], 32);
	}
}

/* SipHash-2-4 of one 64-bit number. */
static inline uint64_t forge_siphash(uint64_t k0, uint64_t k1, uint64_t m)
{
	uint64_t v[4] = {
		0x736f6d6570736575ULL ^ k0, 0x646f72616e646f6dULL ^ k1,
		0x6c7967656e657261ULL ^ k0, 0x7465646279746573ULL ^ k1,
	};
	const uint64_t len = 8ULL << 56;

	v[3] ^= m;
	forge_rounds(v, 2);
	v[0] ^= m;
	v[3] ^= len;
	forge_rounds(v, 2);
	v[0] ^= len;
	v[2] ^= 0xff;
	forge_rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static inline uint16_t forge_magic(uint32_t tag)
{
	return (tag >> 16) ^ (tag & 0xffff);
}

/* Writes a header for the owner of @tag; see Documentation/wire.rst. */
static inline void forge_header(unsigned char hdr[FORGE_HDR], uint32_t tag,
				uint16_t len)
{
	uint16_t magic = forge_magic(tag), be16;
	uint64_t mac = forge_siphash((uint64_t)tag << 32 | tag,
				     0x7773702d64697363ULL,
				     (uint64_t)magic << 48 | (uint64_t)len << 32);

	memset(hdr, 0, FORGE_HDR);
	be16 = htobe16(magic);
	memcpy(hdr, &be16, 2);
	be16 = htobe16(len);
	memcpy(hdr + 2, &be16, 2);
	mac = htobe64(mac);
	memcpy(hdr + 8, &mac, 8);
}

static inline void forge_footer(unsigned char ftr[FORGE_FTR],
				const unsigned char hdr[FORGE_HDR])
{
	memcpy(ftr, hdr, FORGE_FTR);
}

/* Sees what arrives in the current namespace. */
static inline int forge_listen(void)
{
	return socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ALL));
}

static inline bool forge_parse(const unsigned char *p, int len, uint32_t *tag)
{
	int tcp = p[0] >> 4 == 4 ? (p[0] & 15) * 4 : 40;
	int off, end;

	/* TCP, SYN and ACK. */
	if (len < tcp + 20 || p[p[0] >> 4 == 4 ? 9 : 6] != IPPROTO_TCP ||
	    (p[tcp + 13] & 0x12) != 0x12)
		return false;
	end = tcp + (p[tcp + 12] >> 4) * 4;
	for (off = tcp + 20; off + 8 <= end && off + 8 <= len; off++) {
		if (p[off] != 254 || p[off + 1] != 8 || p[off + 2] != 0x57 ||
		    p[off + 3] != 0x53)
			continue;
		memcpy(tag, p + off + 4, 4);
		*tag = be32toh(*tag);
		return true;
	}
	return false;
}

/* The tag in the next SYN-ACK that @fd sees; 0 if none comes. */
static inline uint32_t forge_tag(int fd)
{
	long end = reg_ms() + REG_SOON_MS;
	unsigned char frame[2048];
	uint32_t tag;

	while (reg_ms() < end) {
		ssize_t n;

		if (!reg_poll(fd, POLLIN, 1000))
			continue;
		n = recv(fd, frame, sizeof(frame), MSG_DONTWAIT);
		if (n > 0 && forge_parse(frame, n, &tag))
			return tag;
	}
	return 0;
}

/* Stream bytes; with @mark the first one is at an urgent mark. */
static inline int forge_send(int fd, const void *buf, size_t len, bool mark)
{
	const unsigned char *p = buf;

	if (mark && send(fd, p, 1, MSG_OOB | MSG_NOSIGNAL) != 1)
		return reg_fail("MSG_OOB");
	p += mark;
	len -= mark;
	if (len && send(fd, p, len, MSG_NOSIGNAL) != (ssize_t)len)
		return reg_fail("send");
	return 0;
}

#endif /* OBS_FORGE_H */
