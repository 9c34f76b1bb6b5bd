// SPDX-License-Identifier: GPL-2.0
/*
 * The TCP option that announces disconnect data, on SYN and SYN-ACK.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/unaligned.h>
#include <net/ip6_checksum.h>
#include <net/tcp.h>

#include "wsp.h"

#define OPT_KIND_MD5	19
#define OPT_KIND_AO	29

/*
 * Steps over what Linux and others begin a SYN's options with: it is looked
 * through five times per connection.
 */
static const u8 *option_skip_usual(const u8 *p, const u8 *end)
{
	const u32 sack_ts = TCPOPT_SACK_PERM << 24 |
			    TCPOLEN_SACK_PERM << 16 |
			    TCPOPT_TIMESTAMP << 8 | TCPOLEN_TIMESTAMP;
	const u32 nop_window = TCPOPT_NOP << 16 | TCPOPT_WINDOW << 8 |
			       TCPOLEN_WINDOW;

	if (end - p < 20)
		return p;
	if (get_unaligned_be16(p) == (TCPOPT_MSS << 8 | TCPOLEN_MSS))
		p += 4;
	if (get_unaligned_be32(p) == sack_ts)
		p += 12;
	if (get_unaligned_be32(p) >> 8 == nop_window)
		p += 4;
	return p;
}

/* Returns where the option is, NULL where there is none. */
static const u8 *option_walk(const struct tcphdr *th, bool *signed_seg)
{
	const u8 *end = (const u8 *)th + th->doff * 4;
	const u8 *p = option_skip_usual((const u8 *)(th + 1), end);
	const u8 *found = NULL;

	*signed_seg = false;
	while (p < end) {
		unsigned int kind = *p;
		unsigned int len;

		if (kind == TCPOPT_NOP) {
			p++;
			continue;
		}
		if (kind == TCPOPT_EOL || end - p < 2)
			break;
		len = p[1];
		if (len < 2 || len > end - p)
			break;
		if (kind == OPT_KIND_MD5 || kind == OPT_KIND_AO)
			*signed_seg = true;
		else if (kind == WSP_OPT_KIND && len == WSP_OPT_LEN && !found &&
			 get_unaligned_be16(p + 2) == WSP_OPT_EXID)
			found = p;
		p += len;
	}
	return found;
}

/**
 * wsp_option_find() - look for the option in a TCP header
 * @th: the whole header, options included, in linear memory
 * @tag: filled with the sender's tag
 *
 * Context: any.
 * Return: whether it is there.
 */
bool wsp_option_find(const struct tcphdr *th, u32 *tag)
{
	bool signed_seg;
	const u8 *opt = option_walk(th, &signed_seg);

	if (!opt)
		return false;
	*tag = get_unaligned_be32(opt + 4);
	return true;
}

/* The pseudo header covers the length, which is about to change. */
static void option_fix_check(struct sk_buff *skb, struct tcphdr *th,
			     unsigned int th_off)
{
	unsigned int len = skb->len - th_off;
	const struct sock *sk = skb->sk;

	if (!th_off && sk->sk_gso_type & SKB_GSO_TCPV6) {
		th->check = ~tcp_v6_check(len, &inet6_sk(sk)->saddr,
					  &sk->sk_v6_daddr, 0);
	} else if (!th_off) {
		th->check = ~tcp_v4_check(len, inet_sk(sk)->inet_saddr,
					  inet_sk(sk)->inet_daddr, 0);
	} else if (ip_hdr(skb)->version == 4) {
		struct iphdr *iph = ip_hdr(skb);

		iph->tot_len = htons(skb->len);
		ip_send_check(iph);
		th->check = ~tcp_v4_check(len, iph->saddr, iph->daddr, 0);
	} else {
		struct ipv6hdr *ip6h = ipv6_hdr(skb);

		ip6h->payload_len = htons(skb->len - sizeof(*ip6h));
		th->check = ~tcp_v6_check(len, &ip6h->saddr, &ip6h->daddr, 0);
	}
}

/**
 * wsp_option_add() - put the option into an outgoing segment
 * @skb: the segment, with skb->sk set; its checksum is still partial
 * @th_off: where the TCP header starts, from skb->data: 0 before the IP
 *	header was built, else its length
 * @tag: our tag
 * @urg: also set URG, with the pointer at 0
 *
 * Context: process or softirq; the caller owns @skb.
 * Return: 0; -EALREADY where it is there already (VRF runs the output hook
 * twice); -ENOSPC without room for it or when the header is signed
 * (TCP-MD5, TCP-AO); -ENOMEM.
 */
int wsp_option_add(struct sk_buff *skb, unsigned int th_off, u32 tag, bool urg)
{
	struct tcphdr *th;
	unsigned int hdr_len;
	bool signed_seg;
	u8 *opt;

	if (skb->ip_summed != CHECKSUM_PARTIAL)
		return -ENOSPC;

	th = (struct tcphdr *)(skb->data + th_off);
	if (option_walk(th, &signed_seg))
		return -EALREADY;
	hdr_len = th->doff * 4;
	if (signed_seg || hdr_len + WSP_OPT_LEN > 60)
		return -ENOSPC;
	/* netem holds a clone that shares our headers. */
	if (skb_cow_head(skb, WSP_OPT_LEN))
		return -ENOMEM;

	skb_push(skb, WSP_OPT_LEN);
	memmove(skb->data, skb->data + WSP_OPT_LEN, th_off + hdr_len);
	skb->transport_header -= WSP_OPT_LEN;
	skb->csum_start -= WSP_OPT_LEN;
	if (th_off)
		skb->network_header -= WSP_OPT_LEN;

	th = (struct tcphdr *)(skb->data + th_off);
	opt = (u8 *)th + hdr_len;
	opt[0] = WSP_OPT_KIND;
	opt[1] = WSP_OPT_LEN;
	put_unaligned_be16(WSP_OPT_EXID, opt + 2);
	put_unaligned_be32(tag, opt + 4);
	th->doff += WSP_OPT_LEN / 4;
	if (urg)
		th->urg = 1;
	option_fix_check(skb, th, th_off);
	return 0;
}
