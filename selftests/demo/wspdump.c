// SPDX-License-Identifier: GPL-2.0
/*
 * Print what disconnect data put on the wire: reads a pcap file of Ethernet
 * frames and shows, for one TCP port, every SYN, FIN, RST and urgent segment
 * with the wsp option and the record decoded.  See Documentation/wire.rst.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <err.h>
#include <linux/types.h>
#include <net/ethernet.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PCAP_MAGIC_USEC		0xa1b2c3d4
#define PCAP_ETHERNET		1
#define OPT_KIND		254
#define OPT_LEN			8
#define OPT_EXID		0x5753
#define REC_HEADER		16
#define REC_FOOTER		4

struct pcap_file {
	__u32 magic;
	__u16 major, minor;
	__u32 zone, sigfigs, snaplen, link;
};

struct pcap_packet {
	__u32 sec, usec, caplen, len;
};

static __u16 dump_be16(const __u8 *p)
{
	return p[0] << 8 | p[1];
}

static __u32 dump_be32(const __u8 *p)
{
	return (__u32)dump_be16(p) << 16 | dump_be16(p + 2);
}

static void dump_option(const __u8 *opt, size_t len)
{
	while (len >= 2 && opt[0] != TCPOPT_EOL) {
		size_t step = opt[0] == TCPOPT_NOP ? 1 : opt[1];

		if (step < 1 || step > len || (step < 2 && opt[0] != TCPOPT_NOP))
			return;
		if (opt[0] == OPT_KIND && step == OPT_LEN && dump_be16(opt + 2) == OPT_EXID)
			printf("  option kind 254 ExID 0x%04x tag 0x%08x",
			       OPT_EXID, dump_be32(opt + 4));
		opt += step;
		len -= step;
	}
}

static void dump_record(const __u8 *rec, size_t len)
{
	__u16 magic, size;
	size_t i;

	if (len < REC_HEADER + REC_FOOTER) {
		printf("  urgent byte, no record");
		return;
	}
	magic = dump_be16(rec);
	size = dump_be16(rec + 2);
	if (len < (size_t)REC_HEADER + size + REC_FOOTER ||
	    dump_be16(rec + REC_HEADER + size) != magic ||
	    dump_be16(rec + REC_HEADER + size + 2) != size) {
		printf("  urgent data, not one whole record");
		return;
	}
	printf("  record magic 0x%04x length %u mac %08x%08x\n%41sdata \"", magic, size,
	       dump_be32(rec + 8), dump_be32(rec + 12), "");
	for (i = 0; i < size; i++)
		putchar(isprint(rec[REC_HEADER + i]) ? rec[REC_HEADER + i] : '.');
	putchar('"');
}

static void dump_segment(double when, const __u8 *seg, size_t len, __u16 port)
{
	const struct tcphdr *th = (const void *)seg;
	size_t head = len >= sizeof(*th) ? th->doff * 4 : 0;
	char flags[32] = "";
	__u16 urg;

	if (head < sizeof(*th) || head > len ||
	    (ntohs(th->source) != port && ntohs(th->dest) != port) ||
	    !(th->syn || th->fin || th->rst || th->urg))
		return;
	snprintf(flags, sizeof(flags), "%s%s%s%s%s", th->syn ? "SYN " : "",
		 th->urg ? "URG " : "", th->fin ? "FIN " : "", th->rst ? "RST " : "",
		 th->ack ? "ACK" : "");
	printf("%10.6f  %s  %-15s", when,
	       ntohs(th->dest) == port ? "client -> server" : "server -> client", flags);
	if (th->syn)
		dump_option(seg + sizeof(*th), head - sizeof(*th));
	urg = ntohs(th->urg_ptr);
	if (th->urg && !th->syn && urg && urg <= len - head)
		dump_record(seg + head + urg - 1, len - head - (urg - 1));
	else if (!th->syn)
		printf("  %zu bytes", len - head);
	putchar('\n');
}

static void dump_frame(double when, const __u8 *frame, size_t len, __u16 port)
{
	const __u8 *net = frame + ETHER_HDR_LEN;
	const struct ip6_hdr *ip6 = (const void *)net;
	const struct iphdr *ip = (const void *)net;
	size_t head, total;

	if (len < ETHER_HDR_LEN + sizeof(*ip6))
		return;
	len -= ETHER_HDR_LEN;
	if (ip->version == 4 && ip->protocol == IPPROTO_TCP) {
		head = ip->ihl * 4;
		total = ntohs(ip->tot_len);
	} else if (ip->version == 6 && ip6->ip6_nxt == IPPROTO_TCP) {
		head = sizeof(*ip6);
		total = head + ntohs(ip6->ip6_plen);
	} else {
		return;
	}
	if (total > len || total < head)
		return;
	dump_segment(when, net + head, total - head, port);
}

int main(int argc, char **argv)
{
	/* The IP header behind 14 bytes of Ethernet has to be aligned. */
	static union {
		__u8 bytes[2 + (1 << 18)];
		__u32 align;
	} room;
	__u8 *frame = room.bytes + 2;
	struct pcap_packet packet;
	struct pcap_file file;
	double start = -1;
	FILE *in;

	if (argc != 3)
		errx(2, "usage: wspdump FILE.pcap PORT");
	in = fopen(argv[1], "r");
	if (!in)
		err(1, "%s", argv[1]);
	if (fread(&file, sizeof(file), 1, in) != 1 || file.magic != PCAP_MAGIC_USEC ||
	    file.link != PCAP_ETHERNET)
		errx(1, "%s: not a pcap file of Ethernet frames", argv[1]);
	while (fread(&packet, sizeof(packet), 1, in) == 1) {
		double when = packet.sec + packet.usec / 1e6;

		if (packet.caplen > sizeof(room.bytes) - 2 ||
		    fread(frame, 1, packet.caplen, in) != packet.caplen)
			break;
		if (start < 0)
			start = when;
		dump_frame(when - start, frame, packet.caplen, atoi(argv[2]));
	}
	return 0;
}
