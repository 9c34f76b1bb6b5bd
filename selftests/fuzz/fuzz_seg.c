// SPDX-License-Identifier: GPL-2.0
/* TCP segments in frames, and now and then a frame that is broken. */
#include "fuzz_peer.h"

#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#define TCP_HDR		20

static const unsigned char mac[2][6] = {
	{ 2, 0, 0, 0, 0, 1 }, { 2, 0, 0, 0, 0, 2 },
};

static const unsigned char addr4[2][4] = {
	{ 10, 79, 0, 1 }, { 10, 79, 0, 2 },
};

static const unsigned char addr6[2][16] = {
	{ 0xfd, 0x79, [15] = 1 }, { 0xfd, 0x79, [15] = 2 },
};

static void put16(unsigned char *p, unsigned int v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static void put32(unsigned char *p, unsigned int v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static unsigned int get16(const unsigned char *p)
{
	return p[0] << 8 | p[1];
}

static unsigned int get32(const unsigned char *p)
{
	return get16(p) << 16 | get16(p + 2);
}

static unsigned int sum_add(const unsigned char *p, unsigned int len,
			    unsigned int sum)
{
	unsigned int i;

	for (i = 0; i < len; i++)
		sum += i & 1 ? p[i] : p[i] << 8;
	return sum;
}

static unsigned int sum_fold(unsigned int sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

/* Ethernet and IP headers for @len bytes of @proto; their length. */
static unsigned int seg_headers(unsigned char *frame, bool v6, int proto,
				unsigned int len)
{
	unsigned char *ip = frame + ETH_HLEN;

	memcpy(frame, mac[0], 6);
	memcpy(frame + 6, mac[1], 6);
	put16(frame + 12, v6 ? ETH_P_IPV6 : ETH_P_IP);
	if (v6) {
		memset(ip, 0, sizeof(struct ipv6hdr));
		ip[0] = 0x60;
		put16(ip + 4, len);
		ip[6] = proto;
		ip[7] = 64;
		memcpy(ip + 8, addr6[1], 16);
		memcpy(ip + 24, addr6[0], 16);
		return ETH_HLEN + sizeof(struct ipv6hdr);
	}
	memset(ip, 0, sizeof(struct iphdr));
	ip[0] = 0x45;
	put16(ip + 2, sizeof(struct iphdr) + len);
	ip[8] = 64;
	ip[9] = proto;
	memcpy(ip + 12, addr4[1], 4);
	memcpy(ip + 16, addr4[0], 4);
	put16(ip + 10, sum_fold(sum_add(ip, sizeof(struct iphdr), 0)));
	return ETH_HLEN + sizeof(struct iphdr);
}

static unsigned int seg_pseudo(const unsigned char *ip, bool v6)
{
	return v6 ? sum_add(ip + 8, 32, 0) : sum_add(ip + 12, 8, 0);
}

/**
 * seg_send() - a segment from the forger
 * @f: its connection, for addresses and ports
 * @s: the rest
 */
void seg_send(const struct flow *f, const struct seg *s)
{
	static unsigned char frame[70000];
	unsigned int len = TCP_HDR + s->optlen + s->len;
	unsigned int at = seg_headers(frame, f->v6, IPPROTO_TCP, len);
	unsigned char *th = frame + at;
	unsigned int sum;

	put16(th, f->lport);
	put16(th + 2, f->rport);
	put32(th + 4, s->seq);
	put32(th + 8, s->ack);
	th[12] = (TCP_HDR + s->optlen) / 4 << 4;
	th[13] = s->flags;
	put16(th + 14, s->shut ? 0 : 0xfff0);
	put16(th + 16, 0);
	put16(th + 18, s->urg);
	memcpy(th + TCP_HDR, s->opt ?: s->room, s->optlen);
	if (s->len)
		memcpy(th + TCP_HDR + s->optlen, s->data, s->len);
	/* Broken, but with a sum that holds. */
	if (fz_one_in(&peer, 200))
		th[12] = fz_u64(&peer.rng);
	if (fz_one_in(&peer, 200))
		len = fz_below(&peer, len + 1);
	sum = seg_pseudo(frame + ETH_HLEN, f->v6) + IPPROTO_TCP + len;
	put16(th + 16, sum_fold(sum_add(th, len, sum)));
	if (fz_one_in(&peer, 200))
		th[fz_below(&peer, TCP_HDR)] ^= 1;
	peer_write(frame, at + len);
}

/**
 * seg_icmp() - somebody on the path complains
 * @f: about a segment of the other side's of this connection
 */
void seg_icmp(const struct flow *f)
{
	static const unsigned char kinds[][2] = {
		{ 3, 0 }, { 3, 1 }, { 3, 2 }, { 3, 3 }, { 3, 4 }, { 3, 13 },
		{ 11, 0 }, { 12, 0 }, { 4, 0 },
	};
	unsigned char frame[ETH_HLEN + 20 + 8 + 20 + 8];
	unsigned char *icmp = frame + ETH_HLEN + 20, *ip = icmp + 8;
	const unsigned char *k = kinds[fz_below(&peer, FZ_ARRAY_SIZE(kinds))];

	if (f->v6)
		return;
	memset(icmp, 0, 36);
	seg_headers(frame, false, IPPROTO_ICMP, 36);
	icmp[0] = k[0];
	icmp[1] = k[1];
	put16(icmp + 6, 552 + fz_size(&peer, 900));
	ip[0] = 0x45;
	put16(ip + 2, 40);
	ip[8] = 64;
	ip[9] = IPPROTO_TCP;
	memcpy(ip + 12, addr4[0], 4);
	memcpy(ip + 16, addr4[1], 4);
	put16(ip + 20, f->rport);
	put16(ip + 22, f->lport);
	put32(ip + 24, f->rcv - fz_below(&peer, 2));
	put16(icmp + 2, sum_fold(sum_add(icmp, 36, 0)));
	peer_write(frame, sizeof(frame));
}

/**
 * seg_parse() - take a frame of the other side's apart
 * @frame: the frame; @s points into it
 * @len: bytes there
 * @s: filled
 * @v6: set if it is IPv6
 *
 * Return: false for what is not TCP.
 */
bool seg_parse(const unsigned char *frame, unsigned int len, struct seg *s,
	       bool *v6)
{
	unsigned int at, end, hlen;
	const unsigned char *th;

	if (len < ETH_HLEN + 40)
		return false;
	if (get16(frame + 12) == ETH_P_IP && frame[ETH_HLEN + 9] == IPPROTO_TCP) {
		*v6 = false;
		at = ETH_HLEN + (frame[ETH_HLEN] & 15) * 4;
		end = ETH_HLEN + get16(frame + ETH_HLEN + 2);
	} else if (get16(frame + 12) == ETH_P_IPV6 &&
		   frame[ETH_HLEN + 6] == IPPROTO_TCP) {
		*v6 = true;
		at = ETH_HLEN + sizeof(struct ipv6hdr);
		end = at + get16(frame + ETH_HLEN + 4);
	} else {
		return false;
	}
	if (end > len || at + TCP_HDR > end)
		return false;
	th = frame + at;
	hlen = (th[12] >> 4) * 4;
	if (hlen < TCP_HDR || at + hlen > end)
		return false;
	s->sport = get16(th);
	s->dport = get16(th + 2);
	s->seq = get32(th + 4);
	s->ack = get32(th + 8);
	s->flags = th[13];
	s->urg = get16(th + 18);
	s->opt = th + TCP_HDR;
	s->optlen = hlen - TCP_HDR;
	s->data = th + hlen;
	s->len = end - at - hlen;
	return true;
}
