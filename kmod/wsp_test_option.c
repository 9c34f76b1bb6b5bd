// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of the TCP option: finding it, adding it.
 */
#include <kunit/test.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/prandom.h>
#include <linux/skbuff.h>
#include <net/ip6_checksum.h>
#include <net/tcp.h>

#include "wsp.h"

#define TAG		0xdeadbeeeU
/* The option with TAG, and with another tag. */
#define OPT		"\xfe\x08\x57\x53\xde\xad\xbe\xee"
#define OPT2		"\xfe\x08\x57\x53\x01\x02\x03\x04"
/* A SYN's: MSS, SACK permitted, timestamps, window scale. */
#define SYN_OPTS	"\x02\x04\x05\xb4\x04\x02\x08\x0a\x00\x00" \
			"\x00\x01\x00\x00\x00\x00\x01\x03\x03\x07"
/* Behind the kind of TCP-MD5 or TCP-AO. */
#define SIGNATURE	"\x12qrstuvwxyzQRSTUV\x01\x01"

struct find_case {
	const char *desc;
	bool found;
	const char *opts;
	u8 len;
};

#define FIND_CASE(_desc, _found, _opts) \
	{ .desc = _desc, .found = _found, .opts = _opts, .len = sizeof(_opts) - 1 }

static const struct find_case find_cases[] = {
	FIND_CASE("no options", false, ""),
	FIND_CASE("alone", true, OPT),
	FIND_CASE("the first of two", true, OPT OPT2),
	FIND_CASE("behind NOPs", true, "\1\1\1\1" OPT),
	FIND_CASE("unaligned", true, "\1" OPT "\1\1\1"),
	FIND_CASE("behind those of a SYN", true, SYN_OPTS OPT),
	FIND_CASE("behind a signature", true, "\x13" SIGNATURE OPT),
	FIND_CASE("behind one of two bytes", true, "\x63\2\1\1" OPT),
	FIND_CASE("last of forty bytes", true, SYN_OPTS "\x63\x0cqrstuvwxyz" OPT),
	FIND_CASE("behind the list's end", false, "\0\1\1\1" OPT),
	FIND_CASE("another experiment", false, "\xfe\x08\x57\x54\1\2\3\4"),
	FIND_CASE("ExID's bytes exchanged", false, "\xfe\x08\x53\x57\1\2\3\4"),
	FIND_CASE("the other experimental kind", false, "\xfd\x08\x57\x53\1\2\3\4"),
	FIND_CASE("too short", false, "\xfe\x07\x57\x53\1\2\3\1"),
	FIND_CASE("too long", false, "\xfe\x09\x57\x53\1\2\3\4\5\1\1\1"),
	FIND_CASE("length 0", false, "\xfe\0\x57\x53\1\2\3\4"),
	FIND_CASE("length 1", false, "\xfe\1\x57\x53\1\2\3\4"),
	FIND_CASE("length 0 before it", false, "\x63\0\1\1" OPT),
	FIND_CASE("length 1 before it", false, "\x63\1\1\1" OPT),
	FIND_CASE("cut off by the header's end", false, "\1\1\1\1\xfe\x08\x57\x53"),
	FIND_CASE("kind at the header's end", false, "\1\1\1\xfe"),
	FIND_CASE("length at the header's end", false, "\1\1\xfe\x08"),
	FIND_CASE("inside one that ends beyond", false, "\x63\x0d\1\1" OPT),
	FIND_CASE("inside another option", false, "\x63\x0c\1\1" OPT),
};

static void find_desc(const struct find_case *c, char *desc)
{
	strscpy(desc, c->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(find, find_cases, find_desc);

/* Exactly as long as it says, so that KASAN sees whoever reads on. */
static struct tcphdr *header(struct kunit *test, unsigned int opt_len)
{
	struct tcphdr *th = kunit_kzalloc(test, sizeof(*th) + opt_len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, th);
	KUNIT_ASSERT_EQ(test, opt_len % 4, 0);
	th->doff = (sizeof(*th) + opt_len) / 4;
	return th;
}

static void option_find(struct kunit *test)
{
	const struct find_case *c = test->param_value;
	struct tcphdr *th = header(test, c->len);
	u32 tag = 0x5a5a5a5a;

	memcpy(th + 1, c->opts, c->len);
	KUNIT_EXPECT_EQ(test, wsp_option_find(th, &tag), c->found);
	KUNIT_EXPECT_EQ(test, tag, c->found ? TAG : 0x5a5a5a5a);
}

static void option_find_doff_too_small(struct kunit *test)
{
	static const u8 opt[8] = OPT;
	struct tcphdr *th = header(test, sizeof(opt));
	unsigned int doff;
	u32 tag;

	memcpy(th + 1, opt, sizeof(opt));
	for (doff = 0; doff <= 5; doff++) {
		th->doff = doff;
		KUNIT_EXPECT_FALSE(test, wsp_option_find(th, &tag));
	}
	th->doff = 7;
	KUNIT_EXPECT_TRUE(test, wsp_option_find(th, &tag));
}

/* Bytes that mean something to the parser, in any order. */
static void option_find_random(struct kunit *test)
{
	static const u8 bytes[] = { 0, 1, 2, 3, 4, 8, 10, 19, 254, 254, 0x57, 0x53 };
	unsigned int len, i, n, hits = 0;
	struct rnd_state rnd;

	prandom_seed_state(&rnd, 20200);
	for (len = 0; len <= 40; len += 4) {
		struct tcphdr *th = header(test, len);
		u8 *opts = (u8 *)(th + 1);

		for (n = 0; n < 400; n++) {
			u32 tag;

			for (i = 0; i < len; i++)
				opts[i] = bytes[prandom_u32_state(&rnd) % ARRAY_SIZE(bytes)];
			if (len >= 8 && n % 4 == 0)
				memcpy(opts + prandom_u32_state(&rnd) % (len - 7),
				       "\xfe\x08\x57\x53", 4);
			if (!wsp_option_find(th, &tag))
				continue;
			hits++;
			for (i = 0; i + WSP_OPT_LEN <= len; i++) {
				__be32 want[2] = { cpu_to_be32(0xfe085753),
						   cpu_to_be32(tag) };

				if (!memcmp(opts + i, want, sizeof(want)))
					break;
			}
			KUNIT_EXPECT_LE(test, i + WSP_OPT_LEN, len);
		}
	}
	KUNIT_EXPECT_GT(test, hits, 50);
}

/* Where in its way through the stack a segment is met. */
struct add_case {
	const char *desc;
	int family;
	bool has_ip;
	unsigned int headroom;
};

static const struct add_case add_cases[] = {
	{ "v4", AF_INET, true, 64 },
	{ "v4 before its IP header", AF_INET, false, 64 },
	{ "v4 without headroom", AF_INET, true, 0 },
	{ "v6", AF_INET6, true, 64 },
	{ "v6 before its IP header", AF_INET6, false, 64 },
	{ "v6 without headroom", AF_INET6, true, 0 },
};

static void add_desc(const struct add_case *c, char *desc)
{
	strscpy(desc, c->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(add, add_cases, add_desc);

/**
 * struct option_test - one segment
 * @sk: the socket it belongs to; addresses only
 * @skb: the segment
 * @clone: a clone of it, or NULL
 * @th_off: where its TCP header starts
 * @before: what it was
 * @before_len: how long it was
 */
struct option_test {
	struct tcp6_sock sk;
	struct sk_buff *skb;
	struct sk_buff *clone;
	unsigned int th_off;
	u8 before[256];
	unsigned int before_len;
};

static int option_init(struct kunit *test)
{
	test->priv = kunit_kzalloc(test, sizeof(struct option_test), GFP_KERNEL);
	return test->priv ? 0 : -ENOMEM;
}

static void option_exit(struct kunit *test)
{
	struct option_test *t = test->priv;

	if (t && t->skb)
		t->skb->sk = NULL;
	if (t && t->clone)
		t->clone->sk = NULL;
	if (t) {
		kfree_skb(t->skb);
		kfree_skb(t->clone);
	}
}

static void segment_addresses(struct option_test *t, int family)
{
	struct sock *sk = (struct sock *)&t->sk;

	inet_sk(sk)->inet_saddr = cpu_to_be32(0x0a4d0001);
	inet_sk(sk)->inet_daddr = cpu_to_be32(0x0a4d0002);
	sk->sk_gso_type = family == AF_INET ? SKB_GSO_TCPV4 : SKB_GSO_TCPV6;
	inet_sk(sk)->pinet6 = &t->sk.inet6;
	t->sk.inet6.saddr = (struct in6_addr){ { { 0xfd, 0x77, [15] = 1 } } };
	sk->sk_v6_daddr = (struct in6_addr){ { { 0xfd, 0x77, [15] = 2 } } };
}

static __sum16 pseudo_sum(const struct option_test *t, int family, unsigned int len,
			  __wsum base)
{
	const struct sock *sk = (const struct sock *)&t->sk;

	if (family == AF_INET)
		return tcp_v4_check(len, inet_sk(sk)->inet_saddr, inet_sk(sk)->inet_daddr, base);
	return tcp_v6_check(len, &t->sk.inet6.saddr, &sk->sk_v6_daddr, base);
}

static void segment_ip(struct option_test *t, int family, unsigned int tcp_len)
{
	const struct sock *sk = (const struct sock *)&t->sk;
	struct ipv6hdr *ip6h;
	struct iphdr *iph;

	skb_reset_network_header(t->skb);
	if (family == AF_INET) {
		iph = skb_put_zero(t->skb, sizeof(*iph));
		iph->version = 4;
		iph->ihl = 5;
		iph->ttl = 64;
		iph->protocol = IPPROTO_TCP;
		iph->tot_len = htons(sizeof(*iph) + tcp_len);
		iph->saddr = inet_sk(sk)->inet_saddr;
		iph->daddr = inet_sk(sk)->inet_daddr;
		ip_send_check(iph);
	} else {
		ip6h = skb_put_zero(t->skb, sizeof(*ip6h));
		ip6h->version = 6;
		ip6h->nexthdr = IPPROTO_TCP;
		ip6h->hop_limit = 64;
		ip6h->payload_len = htons(tcp_len);
		ip6h->saddr = t->sk.inet6.saddr;
		ip6h->daddr = sk->sk_v6_daddr;
	}
	t->th_off = t->skb->len;
}

/* A SYN with these options and, as with Fast Open, some data. */
static void segment(struct kunit *test, const struct add_case *c, const u8 *opts,
		    unsigned int opt_len)
{
	static const u8 data[] = "data on the SYN, odd";
	unsigned int len = sizeof(struct tcphdr) + opt_len + sizeof(data);
	struct option_test *t = test->priv;
	struct tcphdr *th;

	kfree_skb(t->skb);
	t->skb = alloc_skb(c->headroom + sizeof(struct ipv6hdr) + len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t->skb);
	segment_addresses(t, c->family);
	t->skb->sk = (struct sock *)&t->sk;
	skb_reserve(t->skb, c->headroom);
	t->th_off = 0;
	if (c->has_ip)
		segment_ip(t, c->family, len);

	skb_set_transport_header(t->skb, t->th_off);
	th = skb_put_zero(t->skb, sizeof(*th));
	th->source = htons(40000);
	th->dest = htons(7001);
	th->seq = htonl(0x11223344);
	th->doff = (sizeof(*th) + opt_len) / 4;
	th->syn = 1;
	th->window = htons(64240);
	skb_put_data(t->skb, opts, opt_len);
	skb_put_data(t->skb, data, sizeof(data));

	t->skb->ip_summed = CHECKSUM_PARTIAL;
	t->skb->csum_start = skb_headroom(t->skb) + t->th_off;
	t->skb->csum_offset = offsetof(struct tcphdr, check);
	th->check = ~pseudo_sum(t, c->family, len, 0);

	t->before_len = t->skb->len;
	KUNIT_ASSERT_LE(test, t->before_len, sizeof(t->before));
	memcpy(t->before, t->skb->data, t->before_len);
}

static void expect_unchanged(struct kunit *test, const struct sk_buff *skb)
{
	const struct option_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, skb->len, t->before_len);
	if (skb->len == t->before_len)
		KUNIT_EXPECT_EQ(test, memcmp(skb->data, t->before, skb->len), 0);
}

static void expect_lengths(struct kunit *test, const struct sk_buff *skb, int family)
{
	const struct iphdr *iph = ip_hdr(skb);

	KUNIT_EXPECT_EQ(test, skb_network_offset(skb), 0);
	if (family == AF_INET) {
		KUNIT_EXPECT_EQ(test, ntohs(iph->tot_len), skb->len);
		KUNIT_EXPECT_EQ(test, (__force u16)ip_fast_csum(iph, iph->ihl), 0);
	} else {
		KUNIT_EXPECT_EQ(test, ntohs(ipv6_hdr(skb)->payload_len),
				skb->len - sizeof(struct ipv6hdr));
	}
}

/* As the network card would, then as the receiver would. */
static void expect_checksum(struct kunit *test, struct sk_buff *skb, int family)
{
	const struct option_test *t = test->priv;
	unsigned int len = skb->len - t->th_off;
	__wsum sum;

	KUNIT_ASSERT_EQ(test, (int)skb->ip_summed, CHECKSUM_PARTIAL);
	KUNIT_ASSERT_EQ(test, skb_checksum_start_offset(skb), t->th_off);
	KUNIT_ASSERT_EQ(test, skb_checksum_help(skb), 0);
	sum = csum_partial(skb->data + t->th_off, len, 0);
	KUNIT_EXPECT_EQ(test, (__force u16)pseudo_sum(t, family, len, sum), 0);
}

static void option_add(struct kunit *test)
{
	static const u8 opts[20] = SYN_OPTS, opt[8] = OPT;
	const unsigned int hdr = sizeof(struct tcphdr) + sizeof(opts);
	const struct add_case *c = test->param_value;
	struct option_test *t = test->priv;
	struct tcphdr was, *th;
	struct sk_buff *skb;
	const u8 *p;
	u32 tag = 0;

	segment(test, c, opts, sizeof(opts));
	skb = t->skb;
	KUNIT_ASSERT_EQ(test, wsp_option_add(skb, t->th_off, TAG, false), 0);

	KUNIT_ASSERT_EQ(test, skb->len, t->before_len + sizeof(opt));
	KUNIT_EXPECT_EQ(test, skb_transport_offset(skb), t->th_off);
	th = tcp_hdr(skb);
	p = skb->data + t->th_off + hdr;
	KUNIT_EXPECT_EQ(test, th->doff * 4, hdr + sizeof(opt));
	KUNIT_EXPECT_EQ(test, memcmp(p, opt, sizeof(opt)), 0);
	KUNIT_EXPECT_TRUE(test, wsp_option_find(th, &tag));
	KUNIT_EXPECT_EQ(test, tag, TAG);

	/* What stood before the option, and what behind it. */
	memcpy(&was, t->before + t->th_off, sizeof(was));
	was.doff = th->doff;
	was.check = th->check;
	KUNIT_EXPECT_EQ(test, memcmp(th, &was, sizeof(was)), 0);
	KUNIT_EXPECT_EQ(test, memcmp(th + 1, opts, sizeof(opts)), 0);
	KUNIT_EXPECT_EQ(test, memcmp(p + sizeof(opt), t->before + t->th_off + hdr,
				     t->before_len - t->th_off - hdr), 0);
	if (c->has_ip)
		expect_lengths(test, skb, c->family);
	expect_checksum(test, skb, c->family);
}

static void option_add_urg(struct kunit *test)
{
	const struct add_case *c = test->param_value;
	struct option_test *t = test->priv;

	segment(test, c, NULL, 0);
	KUNIT_ASSERT_EQ(test, wsp_option_add(t->skb, t->th_off, TAG, true), 0);
	KUNIT_EXPECT_TRUE(test, tcp_hdr(t->skb)->urg);
	KUNIT_EXPECT_EQ(test, ntohs(tcp_hdr(t->skb)->urg_ptr), 0);
	expect_checksum(test, t->skb, c->family);
}

static void option_add_twice(struct kunit *test)
{
	const struct add_case *c = test->param_value;
	struct option_test *t = test->priv;

	segment(test, c, NULL, 0);
	KUNIT_ASSERT_EQ(test, wsp_option_add(t->skb, t->th_off, TAG, false), 0);
	t->before_len = t->skb->len;
	memcpy(t->before, t->skb->data, t->before_len);
	KUNIT_EXPECT_EQ(test, wsp_option_add(t->skb, t->th_off, TAG, true), -EALREADY);
	expect_unchanged(test, t->skb);
}

static void option_add_room(struct kunit *test)
{
	const struct add_case *c = test->param_value;
	struct option_test *t = test->priv;
	u8 nops[40];
	unsigned int len;

	memset(nops, 1, sizeof(nops));
	for (len = 0; len <= sizeof(nops); len += 4) {
		segment(test, c, nops, len);
		if (len + WSP_OPT_LEN <= 40) {
			KUNIT_EXPECT_EQ(test, wsp_option_add(t->skb, t->th_off, TAG, false), 0);
			expect_checksum(test, t->skb, c->family);
		} else {
			KUNIT_EXPECT_EQ(test, wsp_option_add(t->skb, t->th_off, TAG, false),
					-ENOSPC);
			expect_unchanged(test, t->skb);
		}
	}
}

static void option_add_signed(struct kunit *test)
{
	static const u8 md5[20] = "\x13" SIGNATURE, ao[20] = "\x1d" SIGNATURE;
	const struct add_case *c = test->param_value;
	struct option_test *t = test->priv;

	segment(test, c, md5, sizeof(md5));
	KUNIT_EXPECT_EQ(test, wsp_option_add(t->skb, t->th_off, TAG, true), -ENOSPC);
	expect_unchanged(test, t->skb);
	segment(test, c, ao, sizeof(ao));
	KUNIT_EXPECT_EQ(test, wsp_option_add(t->skb, t->th_off, TAG, true), -ENOSPC);
	expect_unchanged(test, t->skb);
}

static void option_add_checksum_done(struct kunit *test)
{
	const struct add_case *c = test->param_value;
	struct option_test *t = test->priv;

	segment(test, c, NULL, 0);
	t->skb->ip_summed = CHECKSUM_NONE;
	KUNIT_EXPECT_EQ(test, wsp_option_add(t->skb, t->th_off, TAG, true), -ENOSPC);
	expect_unchanged(test, t->skb);
}

/* netem and packet sockets hold clones; TCP keeps one for retransmission. */
static void option_add_clone(struct kunit *test)
{
	const struct add_case *c = test->param_value;
	struct option_test *t = test->priv;

	segment(test, c, NULL, 0);
	t->clone = skb_clone(t->skb, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t->clone);
	KUNIT_ASSERT_EQ(test, wsp_option_add(t->skb, t->th_off, TAG, true), 0);
	expect_unchanged(test, t->clone);
	expect_checksum(test, t->skb, c->family);
}

static struct kunit_case option_cases[] = {
	KUNIT_CASE_PARAM(option_find, find_gen_params),
	KUNIT_CASE(option_find_doff_too_small),
	KUNIT_CASE(option_find_random),
	KUNIT_CASE_PARAM(option_add, add_gen_params),
	KUNIT_CASE_PARAM(option_add_urg, add_gen_params),
	KUNIT_CASE_PARAM(option_add_twice, add_gen_params),
	KUNIT_CASE_PARAM(option_add_room, add_gen_params),
	KUNIT_CASE_PARAM(option_add_signed, add_gen_params),
	KUNIT_CASE_PARAM(option_add_checksum_done, add_gen_params),
	KUNIT_CASE_PARAM(option_add_clone, add_gen_params),
	{}
};

static struct kunit_suite option_suite = {
	.name = "wsp_option",
	.init = option_init,
	.exit = option_exit,
	.test_cases = option_cases,
};

kunit_test_suite(option_suite);
