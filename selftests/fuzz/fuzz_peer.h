/* SPDX-License-Identifier: GPL-2.0 */
/* The forger's connections and segments. */
#ifndef FUZZ_PEER_H
#define FUZZ_PEER_H

#include "fuzz.h"

enum {
	SEG_FIN = 1, SEG_SYN = 2, SEG_RST = 4, SEG_PSH = 8, SEG_ACK = 16,
	SEG_URG = 32, SEG_ECE = 64, SEG_CWR = 128,
};

/**
 * struct seg - a segment, to be built or taken apart
 * @sport: source port
 * @dport: destination port
 * @seq: of its first byte
 * @ack: acknowledgment number
 * @urg: urgent pointer
 * @flags: SEG_*
 * @shut: the window is 0
 * @opt: options
 * @optlen: bytes there
 * @data: payload
 * @len: bytes of it
 * @room: for @opt
 */
struct seg {
	unsigned short sport, dport;
	unsigned int seq, ack;
	unsigned short urg;
	unsigned char flags;
	bool shut;
	const unsigned char *opt;
	unsigned int optlen;
	const unsigned char *data;
	unsigned int len;
	unsigned char room[40];
};

/**
 * struct flow - a connection
 * @used: there is one
 * @v6: it is of IPv6
 * @lport: the forger's port
 * @rport: the other side's
 * @snd: sequence number that is sent next
 * @rcv: the one expected next
 * @tag: the forger's
 * @vtag: the other side's: records to it are keyed by it
 */
struct flow {
	bool used, v6;
	unsigned short lport, rport;
	unsigned int snd, rcv;
	unsigned int tag, vtag;
};

extern struct fz_worker peer;

/* fuzz_peer.c */
void peer_write(const void *frame, size_t len);

/* fuzz_seg.c */
void seg_send(const struct flow *f, const struct seg *s);
bool seg_parse(const unsigned char *frame, unsigned int len, struct seg *s,
	       bool *v6);
void seg_icmp(const struct flow *f);

/* fuzz_forge.c */
void forge_act(struct flow *f);

#endif /* FUZZ_PEER_H */
