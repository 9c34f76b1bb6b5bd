// SPDX-License-Identifier: GPL-2.0
/*
 * A middlebox in user space: carries frames between two interfaces of the
 * current namespace and takes liberties with the TCP segments.  Prints
 * "ready" once it does.  Whatever it does to a segment, the urgent pointer
 * of each piece keeps pointing to the same sequence number, as a careful
 * middlebox would have it.
 *
 *	split N    pieces of at most N bytes of data
 *	reverse N  the same, the last piece first
 *	double N   the same, each piece twice
 *	join       data is kept for a while and leaves in full segments
 *	hold N     data from N bytes behind the urgent mark on waits for SIGUSR1
 *	nourg N    pieces of N bytes, urgent flag cleared on all but SYNs
 *	nofin N    the first N FINs of each direction cleared
 *	renumber N other sequence numbers in both directions, made from N
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Most data in one piece: fits an MTU of 1500 under any header here. */
#define MANGLE_MSS	1300
/* How long "join" keeps data for more to come. */
#define MANGLE_JOIN_MS	100
#define MANGLE_HDR	256

enum mangle_mode {
	MANGLE_SPLIT, MANGLE_REVERSE, MANGLE_DOUBLE, MANGLE_JOIN, MANGLE_HOLD,
	MANGLE_NOURG, MANGLE_NOFIN, MANGLE_RENUMBER,
};

static const char * const mangle_modes[] = {
	"split", "reverse", "double", "join", "hold", "nourg", "nofin",
	"renumber", NULL
};

/**
 * struct mangle_seg - one TCP segment, apart from its header's fixed parts
 * @hdr: Ethernet, IP and TCP header with options
 * @ip: offset of the IP header in @hdr
 * @tcp: offset of the TCP header in @hdr
 * @hlen: length of @hdr
 * @len: bytes at @data
 * @seq: sequence number of the first of them
 * @urg: sequence number the urgent pointer points to, if @has_urg
 * @has_urg: the flag is set
 * @data: payload
 */
struct mangle_seg {
	unsigned char hdr[MANGLE_HDR];
	unsigned int ip;
	unsigned int tcp;
	unsigned int hlen;
	unsigned int len;
	unsigned int seq;
	unsigned int urg;
	bool has_urg;
	unsigned char data[65536];
};

/* One direction: frames from one interface go to @out. */
struct mangle_way {
	int out;
	bool marked;
	unsigned int fins;
	unsigned int mark;
	struct mangle_seg kept;
};

static enum mangle_mode mode;
static unsigned int amount;
static bool released;
static struct mangle_way ways[2];

static void mangle_die(const char *what)
{
	fprintf(stderr, "mangle: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int mangle_signal(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static int mangle_open(const char *name)
{
	struct sockaddr_ll ll = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = if_nametoindex(name),
	};
	int one = 1, room = 4 << 20;
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	if (fd < 0 || !ll.sll_ifindex)
		mangle_die(name);
	if (setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one,
		       sizeof(one)))
		mangle_die("PACKET_IGNORE_OUTGOING");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
	if (bind(fd, (struct sockaddr *)&ll, sizeof(ll)))
		mangle_die("bind");
	return fd;
}

static unsigned int mangle_sum(const void *buf, unsigned int len,
			       unsigned int sum)
{
	const unsigned char *p = buf;
	unsigned int i;

	for (i = 0; i < len; i++)
		sum += i & 1 ? p[i] : p[i] << 8;
	return sum;
}

static unsigned short mangle_fold(unsigned int sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

/* Fixes lengths and checksums of a whole frame. */
static void mangle_seal(unsigned char *frame, const struct mangle_seg *seg,
			unsigned int len)
{
	struct tcphdr *th = (struct tcphdr *)(frame + seg->tcp);
	unsigned int tlen = len - seg->tcp;
	unsigned int sum = IPPROTO_TCP + tlen;

	if (frame[seg->ip] >> 4 == 4) {
		struct iphdr *ip4 = (struct iphdr *)(frame + seg->ip);

		ip4->tot_len = htons(len - seg->ip);
		ip4->check = 0;
		ip4->check = mangle_fold(mangle_sum(ip4, ip4->ihl * 4, 0));
		sum = mangle_sum(&ip4->saddr, 8, sum);
	} else {
		struct ipv6hdr *ip6 = (struct ipv6hdr *)(frame + seg->ip);

		ip6->payload_len = htons(tlen);
		sum = mangle_sum(&ip6->saddr, 32, sum);
	}
	th->check = 0;
	th->check = mangle_fold(mangle_sum(th, tlen, sum));
}

/* Sends bytes @off to @off + @len of @seg. */
static void mangle_piece(const struct mangle_way *way,
			 const struct mangle_seg *seg, unsigned int off,
			 unsigned int len)
{
	unsigned char frame[MANGLE_HDR + MANGLE_MSS];
	struct tcphdr *th = (struct tcphdr *)(frame + seg->tcp);
	bool last = off + len == seg->len;
	int ptr = seg->urg - seg->seq - off;

	memcpy(frame, seg->hdr, seg->hlen);
	memcpy(frame + seg->hlen, seg->data + off, len);
	th->seq = htonl(seg->seq + off);
	/* Behind the mark Linux clears the flag as well. */
	th->urg = seg->has_urg && (th->syn || ptr > 0);
	th->urg_ptr = th->urg ? htons(ptr) : 0;
	if (mode == MANGLE_NOURG && !th->syn) {
		th->urg = 0;
		th->urg_ptr = 0;
	}
	th->fin = th->fin && last;
	th->psh = th->psh && last;
	mangle_seal(frame, seg, seg->hlen + len);
	/* A full queue is a lossy path, nothing worse. */
	if (write(way->out, frame, seg->hlen + len) < 0 && errno != ENOBUFS &&
	    errno != EAGAIN)
		mangle_die("write");
}

static void mangle_pieces(const struct mangle_way *way,
			  const struct mangle_seg *seg, unsigned int size)
{
	unsigned int count = seg->len ? (seg->len + size - 1) / size : 1;
	unsigned int i;

	for (i = 0; i < count; i++) {
		unsigned int n = mode == MANGLE_REVERSE ? count - 1 - i : i;
		unsigned int off = n * size;
		unsigned int len = seg->len - off < size ? seg->len - off : size;

		mangle_piece(way, seg, off, len);
		if (mode == MANGLE_DOUBLE)
			mangle_piece(way, seg, off, len);
	}
}

/* Keeps everything from @amount bytes behind the mark back. */
static void mangle_hold(struct mangle_way *way, struct mangle_seg *seg)
{
	struct tcphdr *th = (struct tcphdr *)(seg->hdr + seg->tcp);
	int room;

	/* Acknowledgments and resets are not what this is about. */
	if (!seg->len && !th->fin) {
		mangle_pieces(way, seg, MANGLE_MSS);
		return;
	}
	if (seg->has_urg && !th->syn) {
		way->marked = true;
		/* The pointer is one past the marked byte. */
		way->mark = seg->urg - 1;
	}
	room = way->mark + amount - seg->seq;
	if (!released && way->marked && room < (int)seg->len + th->fin) {
		if (room <= 0)
			return;
		if (room < (int)seg->len)
			seg->len = room;
		th->fin = 0;
	}
	mangle_pieces(way, seg, MANGLE_MSS);
}

static void mangle_flush(struct mangle_way *way)
{
	if (way->kept.len)
		mangle_pieces(way, &way->kept, MANGLE_MSS);
	way->kept.len = 0;
}

/* Appends to what is kept, if it follows and nothing is lost by that. */
static void mangle_join(struct mangle_way *way, struct mangle_seg *seg)
{
	struct tcphdr *th = (struct tcphdr *)(seg->hdr + seg->tcp);
	struct mangle_seg *kept = &way->kept;

	if (!seg->len || th->syn || th->rst) {
		/* A bare FIN must not overtake the data before it. */
		if (th->fin || th->rst)
			mangle_flush(way);
		mangle_pieces(way, seg, MANGLE_MSS);
		return;
	}
	if (kept->len && (kept->seq + kept->len != seg->seq ||
			  kept->hlen != seg->hlen ||
			  kept->len + seg->len > sizeof(kept->data)))
		mangle_flush(way);
	if (!kept->len) {
		*kept = *seg;
	} else {
		memcpy(kept->hdr, seg->hdr, seg->hlen);
		memcpy(kept->data + kept->len, seg->data, seg->len);
		kept->len += seg->len;
		kept->has_urg |= seg->has_urg;
		if (seg->has_urg)
			kept->urg = seg->urg;
	}
	if (th->fin)
		mangle_flush(way);
}

/* The sender sends it again, behind a record that was acknowledged. */
static void mangle_nofin(struct mangle_way *way, struct mangle_seg *seg)
{
	struct tcphdr *th = (struct tcphdr *)(seg->hdr + seg->tcp);

	if (th->fin && way->fins < amount) {
		way->fins++;
		th->fin = 0;
	}
	mangle_pieces(way, seg, MANGLE_MSS);
}

static unsigned int mangle_offset(const struct mangle_way *way)
{
	return amount * 2654435761U + (way == ways ? 0x7fffff00 : 1);
}

static void mangle_shift(unsigned char *p, unsigned int by)
{
	unsigned int v;

	memcpy(&v, p, sizeof(v));
	v = htonl(ntohl(v) - by);
	memcpy(p, &v, sizeof(v));
}

/* Blocks of a SACK option acknowledge, too. */
static void mangle_shift_sacks(struct mangle_seg *seg, unsigned int by)
{
	unsigned int at = seg->tcp + sizeof(struct tcphdr), i;

	while (at + 1 < seg->hlen && seg->hdr[at]) {
		unsigned int len = seg->hdr[at] == 1 ? 1 : seg->hdr[at + 1];

		if (!len || at + len > seg->hlen)
			return;
		for (i = 2; seg->hdr[at] == 5 && i + 4 <= len; i += 4)
			mangle_shift(seg->hdr + at + i, by);
		at += len;
	}
}

/* As firewalls do that do not trust the hosts' random numbers. */
static void mangle_renumber(struct mangle_way *way, struct mangle_seg *seg)
{
	struct tcphdr *th = (struct tcphdr *)(seg->hdr + seg->tcp);
	unsigned int back = mangle_offset(&ways[way == ways]);

	seg->seq += mangle_offset(way);
	seg->urg += mangle_offset(way);
	if (th->ack) {
		mangle_shift((unsigned char *)&th->ack_seq, back);
		mangle_shift_sacks(seg, back);
	}
	mangle_pieces(way, seg, MANGLE_MSS);
}

/* False for a frame that is not TCP. */
static bool mangle_parse(const unsigned char *frame, unsigned int len,
			 struct mangle_seg *seg)
{
	unsigned int proto, end;
	struct tcphdr *th;

	if (len < ETH_HLEN + sizeof(struct iphdr) + sizeof(struct tcphdr))
		return false;
	proto = frame[12] << 8 | frame[13];
	seg->ip = ETH_HLEN;
	if (proto == ETH_P_IP && frame[ETH_HLEN + 9] == IPPROTO_TCP) {
		seg->tcp = seg->ip + (frame[ETH_HLEN] & 15) * 4;
		end = seg->ip + (frame[ETH_HLEN + 2] << 8 | frame[ETH_HLEN + 3]);
	} else if (proto == ETH_P_IPV6 && frame[ETH_HLEN + 6] == IPPROTO_TCP) {
		seg->tcp = seg->ip + sizeof(struct ipv6hdr);
		end = seg->tcp + (frame[ETH_HLEN + 4] << 8 | frame[ETH_HLEN + 5]);
	} else {
		return false;
	}
	if (end > len || seg->tcp + sizeof(*th) > end)
		return false;
	th = (struct tcphdr *)(frame + seg->tcp);
	seg->hlen = seg->tcp + th->doff * 4;
	if (seg->hlen > end || seg->hlen > sizeof(seg->hdr) ||
	    end - seg->hlen > sizeof(seg->data))
		return false;
	memcpy(seg->hdr, frame, seg->hlen);
	seg->len = end - seg->hlen;
	memcpy(seg->data, frame + seg->hlen, seg->len);
	seg->seq = ntohl(th->seq);
	seg->has_urg = th->urg;
	seg->urg = seg->seq + ntohs(th->urg_ptr);
	return true;
}

static void mangle_frame(struct mangle_way *way, const unsigned char *frame,
			 unsigned int len)
{
	static struct mangle_seg seg;

	if (!mangle_parse(frame, len, &seg)) {
		if (write(way->out, frame, len) < 0 && errno != ENOBUFS &&
		    errno != EMSGSIZE)
			mangle_die("write");
		return;
	}
	switch (mode) {
	case MANGLE_HOLD:
		mangle_hold(way, &seg);
		break;
	case MANGLE_JOIN:
		mangle_join(way, &seg);
		break;
	case MANGLE_NOFIN:
		mangle_nofin(way, &seg);
		break;
	case MANGLE_RENUMBER:
		mangle_renumber(way, &seg);
		break;
	default:
		mangle_pieces(way, &seg, amount);
		break;
	}
}

int main(int argc, char **argv)
{
	static unsigned char frame[65536 + MANGLE_HDR];
	struct pollfd pfd[3] = { 0 };
	int i;

	if (argc < 4) {
		fprintf(stderr, "usage: mangle if0 if1 mode [amount]\n");
		return 2;
	}
	while (mangle_modes[mode] && strcmp(mangle_modes[mode], argv[3]))
		mode++;
	if (!mangle_modes[mode]) {
		errno = EINVAL;
		mangle_die(argv[3]);
	}
	amount = argc > 4 ? atoi(argv[4]) : MANGLE_MSS;
	if (mode != MANGLE_HOLD && (!amount || amount > MANGLE_MSS)) {
		errno = ERANGE;
		mangle_die(argv[4]);
	}
	pfd[2].fd = mangle_signal();
	pfd[2].events = POLLIN;
	for (i = 0; i < 2; i++) {
		pfd[i].fd = mangle_open(argv[1 + i]);
		pfd[i].events = POLLIN;
		ways[!i].out = pfd[i].fd;
	}
	printf("ready\n");
	fflush(stdout);

	for (;;) {
		int n = poll(pfd, 3, mode == MANGLE_JOIN ? MANGLE_JOIN_MS : -1);

		if (n > 0 && pfd[2].revents) {
			released = true;
			pfd[2].fd = -1;
			pfd[2].revents = 0;
		}
		for (i = 0; i < 2; i++) {
			ssize_t len = 0;

			if (n > 0 && pfd[i].revents)
				len = recv(pfd[i].fd, frame, sizeof(frame),
					   MSG_DONTWAIT);
			if (len > 0)
				mangle_frame(&ways[i], frame, len);
			/* Our end of the wire is gone with its namespace. */
			if (len < 0 && errno == ENETDOWN)
				return 0;
			if (n == 0)
				mangle_flush(&ways[i]);
		}
	}
}
