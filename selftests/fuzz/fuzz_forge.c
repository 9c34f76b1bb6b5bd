// SPDX-License-Identifier: GPL-2.0
/* What the forger does to an established connection. */
#include "fuzz_peer.h"

#define HDR		16
#define FTR		4
#define PIECE		1400

static uint64_t rotl(uint64_t x, int b)
{
	return x << b | x >> (64 - b);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotl(v[1], 13) ^ v[0];
	v[0] = rotl(v[0], 32);
	v[2] += v[3];
	v[3] = rotl(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotl(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotl(v[1], 17) ^ v[2];
	v[2] = rotl(v[2], 32);
}

/* SipHash-2-4 of one 64-bit number, see Documentation/wire.rst. */
static uint64_t forge_mac(unsigned int tag, uint64_t number)
{
	uint64_t k0 = (uint64_t)tag << 32 | tag, k1 = 0x7773702d64697363ULL;
	uint64_t v[4] = {
		k0 ^ 0x736f6d6570736575ULL, k1 ^ 0x646f72616e646f6dULL,
		k0 ^ 0x6c7967656e657261ULL, k1 ^ 0x7465646279746573ULL,
	};
	const uint64_t words[2] = { number, 8ULL << 56 };
	int i, j;

	for (i = 0; i < 2; i++) {
		v[3] ^= words[i];
		for (j = 0; j < 2; j++)
			sip_round(v);
		v[0] ^= words[i];
	}
	v[2] ^= 0xff;
	for (j = 0; j < 4; j++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* A record keyed by @tag; its length. */
static unsigned int forge_record(unsigned char *p, unsigned int tag,
				 unsigned int len, unsigned int oob)
{
	unsigned int magic = (tag >> 16 ^ tag) & 0xffff;
	uint64_t head = (uint64_t)magic << 48 | (uint64_t)len << 32 | oob;
	uint64_t hash = forge_mac(tag, head);
	int i;

	for (i = 0; i < 8; i++) {
		p[i] = head >> (56 - 8 * i);
		p[8 + i] = hash >> (56 - 8 * i);
	}
	fz_disc_fill(p + HDR, len, fz_u64(&peer.rng) & 0xfffffff);
	memcpy(p + HDR + len, p, FTR);
	return HDR + len + FTR;
}

static void forge_piece(struct flow *f, const unsigned char *buf,
			unsigned int from, unsigned int to, int flags, int urg)
{
	struct seg s = {
		.flags = SEG_ACK | flags, .seq = f->snd + from, .ack = f->rcv,
		.data = buf + from, .len = to - from,
	};

	/* @urg: where the urgent byte is, relative to f->snd; -1: nowhere. */
	if (urg >= (int)from) {
		s.flags |= SEG_URG;
		s.urg = urg - from + 1;
	}
	seg_send(f, &s);
}

/* @len bytes from f->snd on, in pieces that lie in every way but one. */
static void forge_send(struct flow *f, unsigned char *buf, unsigned int len,
		       int flags, int urg)
{
	unsigned int size = fz_one_in(&peer, 2) ? PIECE :
						  1 + fz_size(&peer, PIECE - 1);
	unsigned int count, i, how = fz_below(&peer, 8);

	if (size * 200 < len)
		size = PIECE;
	count = len ? (len + size - 1) / size : 1;
	for (i = 0; i < count; i++) {
		unsigned int at = how == 1 ? count - 1 - i : i;
		unsigned int from = at * size;
		unsigned int to = from + size < len ? from + size : len;
		int fin = to == len ? flags : flags & ~SEG_FIN;

		if (how == 2 && fz_one_in(&peer, 4))
			continue;
		if (how == 3 && from > 3)
			from -= 1 + fz_below(&peer, 3);
		forge_piece(f, buf, from, to, fin, urg);
		if (how == 4)
			forge_piece(f, buf, from, to, fin, urg);
		if (how == 5 && to > from) {
			/* The same place, other bytes. */
			buf[from + fz_below(&peer, to - from)] ^=
				1 << fz_below(&peer, 7);
			forge_piece(f, buf, from, to, fin, urg);
		}
	}
	f->snd += len + !!(flags & SEG_FIN);
}

/* Stream bytes, with a record behind them that is right or in one way not. */
static void forge_disc(struct flow *f)
{
	static unsigned char buf[20000];
	unsigned int head = fz_one_in(&peer, 2) ? 0 : fz_size(&peer, 3000);
	unsigned int len = fz_one_in(&peer, 8) ? 4096 : fz_size(&peer, 1500);
	unsigned int oob = fz_one_in(&peer, 3) ? fz_u64(&peer.rng) :
			   fz_one_in(&peer, 2) && head ?
			   'x' << 24 | (1 + fz_below(&peer, head)) : 0;
	int flags = fz_one_in(&peer, 4) ? 0 : SEG_FIN;
	unsigned int tag = f->vtag, n, total;
	int urg = head;

	fz_stream_fill(&peer, buf, head);
	atomic_fetch_add_explicit(&fz->forged, 1, memory_order_relaxed);
	switch (fz_below(&peer, 14)) {
	case 0:
		tag ^= 1U << fz_below(&peer, 32);
		break;
	case 1:
		tag = f->tag;
		break;
	case 2:
		len = 4097 + fz_size(&peer, 6000);
		break;
	case 3:
		urg += fz_below(&peer, 5) - 2;
		break;
	case 4:
		urg = -1;
		break;
	case 5:
		urg = fz_size(&peer, 0xffff);
		break;
	default:
		break;
	}
	n = forge_record(buf + head, tag, len, oob);
	total = head + n;
	switch (fz_below(&peer, 14)) {
	case 0:
		buf[head + fz_below(&peer, HDR)] ^= 1 << fz_below(&peer, 8);
		break;
	case 1:
		buf[total - 1 - fz_below(&peer, FTR)] ^= 1 << fz_below(&peer, 8);
		break;
	case 2:
		total = head + fz_below(&peer, n);
		break;
	case 3:
		/* More behind it: another record, or a stream. */
		if (fz_one_in(&peer, 2)) {
			memcpy(buf + total, buf + head, n);
			total += n;
		} else {
			fz_stream_fill(&peer, buf + total, 100);
			total += 100;
		}
		break;
	default:
		break;
	}
	forge_send(f, buf, total, flags, urg);
}

static void forge_stream(struct flow *f)
{
	static unsigned char buf[FZ_BUF];
	unsigned int len = fz_size(&peer, 8000);

	fz_stream_fill(&peer, buf, len);
	forge_send(f, buf, len, SEG_PSH, fz_one_in(&peer, 3) ?
		   (int)fz_size(&peer, 0xffff) : -1);
}

/* Segments that no sane peer sends. */
static void forge_noise(struct flow *f)
{
	unsigned char data[100];
	struct seg s = {
		.flags = SEG_ACK, .seq = f->snd, .ack = f->rcv,
		.data = data, .urg = fz_u64(&peer.rng),
	};
	unsigned int i;

	fz_stream_fill(&peer, data, sizeof(data));
	switch (fz_below(&peer, 10)) {
	case 0:
		s.flags = fz_u64(&peer.rng);
		s.len = fz_below(&peer, 100);
		break;
	case 1:
		s.flags |= SEG_SYN;
		break;
	case 2:
		s.ack += fz_size(&peer, 0xffffffff);
		break;
	case 3:
		s.seq += fz_size(&peer, 0xffffffff);
		s.len = fz_below(&peer, 100);
		break;
	case 4:
		s.shut = true;
		break;
	case 5:
		s.flags |= SEG_URG;
		break;
	case 6:
		s.optlen = 40;
		for (i = 0; i < 40; i++)
			s.room[i] = fz_u64(&peer.rng);
		break;
	case 7:
		s.ack -= fz_size(&peer, 100000);
		break;
	case 8:
		seg_icmp(f);
		return;
	default:
		for (i = 0; i < 4; i++)
			seg_send(f, &s);
	}
	seg_send(f, &s);
}

/**
 * forge_act() - do something to a connection
 * @f: the connection
 */
void forge_act(struct flow *f)
{
	struct seg s = { .flags = SEG_ACK, .seq = f->snd, .ack = f->rcv };

	switch (fz_below(&peer, 16)) {
	case 0:
		s.flags |= SEG_FIN;
		seg_send(f, &s);
		f->snd++;
		break;
	case 1:
		s.flags |= SEG_RST;
		if (fz_one_in(&peer, 2))
			s.seq += fz_size(&peer, 100000);
		seg_send(f, &s);
		break;
	case 2:
	case 3:
	case 4:
	case 5:
		forge_stream(f);
		break;
	case 6:
	case 7:
	case 8:
		forge_noise(f);
		break;
	case 9:
		seg_send(f, &s);
		break;
	default:
		forge_disc(f);
	}
}
