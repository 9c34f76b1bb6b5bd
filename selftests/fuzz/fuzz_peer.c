// SPDX-License-Identifier: GPL-2.0
/*
 * A peer that knows the protocol and misuses it: answers and makes
 * connections with raw frames, forges records and everything around them.
 * It is a TCP only as far as it takes to keep the other side interested.
 */
#include "fuzz_peer.h"

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/mman.h>

#define FLOWS		128
#define IDLE_MS		2

struct fz_worker peer;
static struct flow flows[FLOWS];
static int peer_ns, wire;

/* The namespace of those it plays with; the neighbours' addresses are fixed. */
int fz_peer_net(void)
{
	int ns;

	peer_ns = reg_ns_new();
	if (peer_ns < 0 ||
	    reg_sysctl("net/ipv6/conf/default/disable_ipv6", "1"))
		return -1;
	ns = reg_ns_new();
	if (ns < 0 ||
	    reg_sh("ip link add veth0 type veth peer name forge0 netns /proc/%d/fd/%d",
		   getpid(), peer_ns) ||
	    reg_sh("ip -batch - <<-EOF\n"
		   "addr add 10.79.0.1/24 dev veth0\n"
		   "addr add fd79::1/64 dev veth0 nodad\n"
		   "link set veth0 address 02:00:00:00:00:01 up\n"
		   "neigh add 10.79.0.2 lladdr 02:00:00:00:00:02 dev veth0 nud permanent\n"
		   "neigh add fd79::2 lladdr 02:00:00:00:00:02 dev veth0 nud permanent\n"
		   "EOF"))
		return -1;
	if (reg_ns_enter(peer_ns) ||
	    reg_sh("ip link set forge0 address 02:00:00:00:00:02 up") ||
	    reg_ns_enter(ns))
		return -1;
	return ns;
}

/* In the processes that have no use for it, or it would never go. */
void fz_peer_leave(void)
{
	close(peer_ns);
}

static int peer_open(void)
{
	struct sockaddr_ll ll = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
	};
	int one = 1;
	int fd;

	if (reg_ns_enter(peer_ns))
		return -1;
	ll.sll_ifindex = if_nametoindex("forge0");
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one,
				 sizeof(one)) ||
	    bind(fd, (struct sockaddr *)&ll, sizeof(ll)))
		return reg_fail("packet socket");
	return fd;
}

void peer_write(const void *frame, size_t len)
{
	if (send(wire, frame, len, MSG_DONTWAIT) > 0)
		atomic_fetch_add_explicit(&fz->frames_out, 1,
					  memory_order_relaxed);
}

static struct flow *flow_find(bool v6, unsigned short lport,
			      unsigned short rport)
{
	struct flow *f;

	for (f = flows; f < flows + FLOWS; f++)
		if (f->used && f->v6 == v6 && f->lport == lport &&
		    f->rport == rport)
			return f;
	return NULL;
}

/* In place of whichever was there. */
static struct flow *flow_new(bool v6, unsigned short lport,
			     unsigned short rport)
{
	struct flow *f = flow_find(v6, lport, rport);

	if (!f)
		f = &flows[fz_below(&peer, FLOWS)];
	*f = (struct flow) {
		.used = true, .v6 = v6, .lport = lport, .rport = rport,
		.snd = fz_u64(&peer.rng), .tag = fz_u64(&peer.rng),
	};
	return f;
}

/* Options of a SYN or SYN-ACK: sound, unsound, or too many of them. */
static unsigned int syn_options(struct flow *f, unsigned char *opt)
{
	unsigned char ours[8] = {
		254, 8, 0x57, 0x53, f->tag >> 24, f->tag >> 16, f->tag >> 8,
		f->tag
	};
	static const unsigned char mss[] = { 2, 4, 1460 >> 8, 1460 & 255 };
	unsigned int n = 0, i;

	if (!fz_one_in(&peer, 8)) {
		memcpy(opt, mss, sizeof(mss));
		n = sizeof(mss);
	}
	switch (fz_below(&peer, 12)) {
	case 0:
		break;
	case 1:
		memset(ours + 4, 0, 4);
		memcpy(opt + n, ours, 8);
		n += 8;
		f->tag = 0;
		break;
	case 2:
		/* One byte short, one too long, no length at all. */
		ours[1] = fz_below(&peer, 3) * 8 + fz_below(&peer, 2) + 1;
		memcpy(opt + n, ours, 8);
		n += 8;
		break;
	case 3:
		while (n + 8 <= 40) {
			memcpy(opt + n, ours, 8);
			opt[n + 7] ^= fz_below(&peer, 2);
			n += 8;
		}
		break;
	case 4:
		for (i = n; i < 40; i++)
			opt[i] = fz_u64(&peer.rng);
		n = 40;
		break;
	case 5:
		/* Cut off by the header's end. */
		memset(opt + n, 1, 40 - n);
		memcpy(opt + 36, ours, 4);
		n = 40;
		break;
	default:
		memcpy(opt + n, ours, 8);
		n += 8;
	}
	while (n % 4)
		opt[n++] = 1;
	return n;
}

/* The other side's tag, 0 without one. */
static unsigned int seg_tag(const struct seg *s)
{
	const unsigned char *o = s->opt, *end = s->opt + s->optlen;

	while (o < end && *o) {
		if (*o == 1) {
			o++;
			continue;
		}
		if (o + 2 > end || o[1] < 2 || o + o[1] > end)
			return 0;
		if (o[0] == 254 && o[1] == 8 && o[2] == 0x57 && o[3] == 0x53)
			return o[4] << 24 | o[5] << 16 | o[6] << 8 | o[7];
		o += o[1];
	}
	return 0;
}

static void flow_syn(struct flow *f)
{
	struct seg s = { .flags = SEG_SYN, .seq = f->snd };
	unsigned char data[64];

	s.opt = s.room;
	s.optlen = syn_options(f, s.room);
	f->tag |= 1;
	if (!fz_one_in(&peer, 4))
		s.flags |= SEG_URG;
	else
		f->tag &= ~1U;
	if (fz_one_in(&peer, 16))
		s.flags |= fz_u64(&peer.rng) & 0xff;
	if (fz_one_in(&peer, 16))
		s.urg = fz_u64(&peer.rng);
	if (fz_one_in(&peer, 12)) {
		fz_stream_fill(&peer, data, sizeof(data));
		s.data = data;
		s.len = fz_below(&peer, sizeof(data));
	}
	seg_send(f, &s);
	f->snd++;
}

/* The other side connects. */
static void flow_answer(bool v6, const struct seg *in)
{
	struct flow *f = flow_new(v6, in->dport, in->sport);
	struct seg s = { .flags = SEG_SYN | SEG_ACK, .seq = f->snd };
	unsigned char data[32];

	f->vtag = seg_tag(in);
	f->rcv = in->seq + 1;
	s.ack = f->rcv;
	s.opt = s.room;
	if (in->flags & SEG_URG)
		f->tag |= 1;
	s.optlen = syn_options(f, s.room);
	switch (fz_below(&peer, 20)) {
	case 0:
		return;
	case 1:
		s.flags = SEG_RST | SEG_ACK;
		break;
	case 2:
		/* Both at once. */
		s.flags = SEG_SYN;
		break;
	case 3:
		s.flags |= fz_u64(&peer.rng) & 0xff;
		break;
	case 4:
		s.ack += fz_below(&peer, 3) - 1;
		break;
	case 5:
		s.flags |= SEG_URG;
		s.urg = fz_size(&peer, 0xffff);
		s.data = data;
		s.len = fz_below(&peer, sizeof(data));
		fz_stream_fill(&peer, data, s.len);
		break;
	default:
		break;
	}
	seg_send(f, &s);
	f->snd++;
	if (fz_one_in(&peer, 8))
		seg_send(f, &s);
}

static void flow_input(struct flow *f, const struct seg *in)
{
	struct seg s = { .flags = SEG_ACK };
	unsigned int end = in->seq + in->len + !!(in->flags & SEG_FIN) +
			   !!(in->flags & SEG_SYN);

	if (in->flags & SEG_RST) {
		f->used = false;
		return;
	}
	if (in->flags & SEG_SYN && in->flags & SEG_ACK) {
		f->vtag = seg_tag(in);
		f->rcv = in->seq;
		if (f->vtag)
			atomic_fetch_add(&fz->conns, 1);
	}
	/* What it has acknowledged is where it is. */
	if (in->flags & SEG_ACK)
		f->snd = in->ack;
	if ((int)(end - f->rcv) > 0)
		f->rcv = end;
	if (end != in->seq && !fz_one_in(&peer, 6)) {
		s.seq = f->snd;
		s.ack = f->rcv;
		seg_send(f, &s);
	}
	if (fz_one_in(&peer, 2))
		forge_act(f);
}

static void peer_frame(const unsigned char *frame, unsigned int len)
{
	struct flow *f;
	struct seg in;
	bool v6;

	if (!seg_parse(frame, len, &in, &v6))
		return;
	atomic_fetch_add_explicit(&fz->frames_in, 1, memory_order_relaxed);
	f = flow_find(v6, in.dport, in.sport);
	if (f)
		flow_input(f, &in);
	else if (in.flags & SEG_SYN && !(in.flags & SEG_ACK))
		flow_answer(v6, &in);
}

static void peer_idle(void)
{
	struct flow *f = &flows[fz_below(&peer, FLOWS)];

	if (fz_one_in(&peer, 3))
		flow_syn(flow_new(fz_one_in(&peer, 2),
				  1024 + fz_below(&peer, 60000),
				  FZ_PORT + fz_below(&peer, FZ_PORTS)));
	else if (f->used)
		forge_act(f);
}

/* For ever; what it does to the n-th event depends on the seed and n. */
void fz_peer_main(void)
{
	static unsigned char frame[70000];
	struct pollfd pfd = { .events = POLLIN };
	ssize_t n;

	wire = peer_open();
	if (wire < 0)
		return;
	pfd.fd = wire;
	peer.index = 999;
	peer.op_name = "peer";
	peer.status = &fz->status[FZ_WORKERS];
	for (;; peer.op++) {
		peer.rng = fz_seed_rng(fz->seed, peer.index, peer.op);
		if (poll(&pfd, 1, IDLE_MS) <= 0) {
			peer_idle();
			continue;
		}
		n = recv(wire, frame, sizeof(frame), MSG_DONTWAIT);
		if (n > 0)
			peer_frame(frame, n);
	}
}
