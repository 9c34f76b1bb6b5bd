/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of the kernel as kmod/wsp.h, wsp_option.c, wsp_record.c and wsp_tag.c
 * need to be compiled for user space; included before each of them. Headers of
 * the kernel that user space has not are empty files then.
 */
#ifndef FUZZ_KERNEL_H
#define FUZZ_KERNEL_H

#include <arpa/inet.h>
#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef unsigned int __poll_t;
typedef struct { void *p; } sockptr_t;
typedef struct { int refs; } refcount_t;

#define __force
#define __percpu
#define __rcu
#define __user
#define HZ			250
#define READ_ONCE(x)		(x)
#define rcu_access_pointer(p)	READ_ONCE(p)

#define cpu_to_be16(v)		htobe16(v)
#define cpu_to_be32(v)		htobe32(v)
#define cpu_to_be64(v)		htobe64(v)
#define be16_to_cpu(v)		be16toh(v)
#define be32_to_cpu(v)		be32toh(v)
#define be64_to_cpu(v)		be64toh(v)

#define TCPOPT_NOP		1
#define TCPOPT_EOL		0
#define TCPOPT_MSS		2
#define TCPOPT_WINDOW		3
#define TCPOPT_SACK_PERM	4
#define TCPOPT_TIMESTAMP	8
#define TCPOLEN_MSS		4
#define TCPOLEN_WINDOW		3
#define TCPOLEN_SACK_PERM	2
#define TCPOLEN_TIMESTAMP	10

struct ctl_table_header;
struct file;
struct msghdr;
struct net;
struct pipe_inode_info;
struct poll_table_struct;
struct request_sock;
struct socket;
struct tcp_ulp_ops;
struct wsp_mib;

struct mutex { int locked; };
struct rcu_head { void *next; };
struct timer_list { int pending; };
struct delayed_work { int pending; };
struct proto { int nothing; };
struct proto_ops { int nothing; };

static inline u16 get_unaligned_be16(const void *p)
{
	const u8 *b = p;

	return b[0] << 8 | b[1];
}

static inline u32 get_unaligned_be32(const void *p)
{
	return (u32)get_unaligned_be16(p) << 16 | get_unaligned_be16((const u8 *)p + 2);
}

static inline void put_unaligned_be16(u16 v, void *p)
{
	((u8 *)p)[0] = v >> 8;
	((u8 *)p)[1] = v;
}

static inline void put_unaligned_be32(u32 v, void *p)
{
	put_unaligned_be16(v >> 16, p);
	put_unaligned_be16(v, (u8 *)p + 2);
}

#define SKB_GSO_TCPV6		1
#define CHECKSUM_PARTIAL	3

struct sock {
	unsigned short sk_family;
	int sk_gso_type;
	struct in6_addr saddr, sk_v6_daddr;
	__be32 inet_saddr, inet_daddr;
	const struct tcp_ulp_ops *icsk_ulp_ops;
	void *icsk_ulp_data;
};

#define inet_connection_sock	sock
#define inet_csk(sk)		(sk)
#define inet_sk(sk)		(sk)
#define inet6_sk(sk)		(sk)

/* Offsets count from @head, as in the kernel. */
struct sk_buff {
	const struct sock *sk;
	u8 *head, *data;
	unsigned int len;
	u8 ip_summed;
	u16 transport_header, network_header, csum_start;
};

int skb_cow_head(struct sk_buff *skb, unsigned int room);
u16 tcp_v4_check(int len, __be32 saddr, __be32 daddr, u32 base);
u16 tcp_v6_check(int len, const struct in6_addr *saddr, const struct in6_addr *daddr, u32 base);
void ip_send_check(struct iphdr *iph);

static inline void *skb_push(struct sk_buff *skb, unsigned int len)
{
	assert(skb->data - skb->head >= (ptrdiff_t)len);
	skb->data -= len;
	skb->len += len;
	return skb->data;
}

static inline struct iphdr *ip_hdr(const struct sk_buff *skb)
{
	return (struct iphdr *)(skb->head + skb->network_header);
}

static inline struct ipv6hdr *ipv6_hdr(const struct sk_buff *skb)
{
	return (struct ipv6hdr *)(skb->head + skb->network_header);
}

typedef struct { u64 key[2]; } siphash_key_t;

u64 siphash_1u64(u64 word, const siphash_key_t *key);
u64 siphash_2u64(u64 first, u64 second, const siphash_key_t *key);

#endif /* FUZZ_KERNEL_H */
