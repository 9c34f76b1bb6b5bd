// SPDX-License-Identifier: GPL-2.0
/* What kernel.h declares. */
#include "kernel.h"

static u64 rotl(u64 x, int b)
{
	return x << b | x >> (64 - b);
}

static void sip_rounds(u64 v[4], int n)
{
	while (n--) {
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
}

/* SipHash-2-4 of @n numbers. */
static u64 sip(const u64 *words, u64 n, const siphash_key_t *key)
{
	u64 v[4] = {
		key->key[0] ^ 0x736f6d6570736575ULL, key->key[1] ^ 0x646f72616e646f6dULL,
		key->key[0] ^ 0x6c7967656e657261ULL, key->key[1] ^ 0x7465646279746573ULL,
	};
	u64 i;

	for (i = 0; i <= n; i++) {
		u64 word = i < n ? words[i] : n * 8 << 56;

		v[3] ^= word;
		sip_rounds(v, 2);
		v[0] ^= word;
	}
	v[2] ^= 0xff;
	sip_rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

u64 siphash_1u64(u64 word, const siphash_key_t *key)
{
	return sip(&word, 1, key);
}

u64 siphash_2u64(u64 first, u64 second, const siphash_key_t *key)
{
	return sip((u64[]){ first, second }, 2, key);
}

static u32 sum_add(u32 sum, const void *data, size_t len)
{
	const u8 *p = data;
	size_t i;

	for (i = 0; i < len; i++)
		sum += i & 1 ? p[i] : p[i] << 8;
	return sum;
}

static u16 sum_fold(u32 sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

u16 tcp_v4_check(int len, __be32 saddr, __be32 daddr, u32 base)
{
	base = sum_add(base + len + IPPROTO_TCP, &saddr, sizeof(saddr));
	return sum_fold(sum_add(base, &daddr, sizeof(daddr)));
}

u16 tcp_v6_check(int len, const struct in6_addr *saddr, const struct in6_addr *daddr, u32 base)
{
	base = sum_add(base + len + IPPROTO_TCP, saddr, sizeof(*saddr));
	return sum_fold(sum_add(base, daddr, sizeof(*daddr)));
}

void ip_send_check(struct iphdr *iph)
{
	iph->check = 0;
	iph->check = sum_fold(sum_add(0, iph, iph->ihl * 4));
}

/* There is a copy of nothing here, so what is in front is all there is. */
int skb_cow_head(struct sk_buff *skb, unsigned int room)
{
	return skb->data - skb->head >= (ptrdiff_t)room ? 0 : -ENOMEM;
}
