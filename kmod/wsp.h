/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Disconnect data and linger-timed close for TCP: internal declarations.
 *
 * Lock order: wsp_sock.rx_lock, then the socket lock, then wsp_net.hook_lock.
 * Softirq code runs with the socket's spinlock held and nobody owning the
 * socket, which counts as holding the socket lock.
 */
#ifndef _WSP_H
#define _WSP_H

#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/siphash.h>
#include <linux/tcp.h>
#include <linux/timer.h>
#include <linux/types.h>
#include <net/inet_connection_sock.h>
#include <net/net_namespace.h>
#include <net/tcp.h>
#include <uapi/linux/wsp.h>

#include "wsp_mib.h"
#include "wsp_trace.h"

/* RFC 6994 experimental option: kind 254, our experiment's ExID, the tag. */
#define WSP_OPT_KIND		254
#define WSP_OPT_EXID		0x5753
#define WSP_OPT_LEN		8

/* Bit 0 of a client's tag: URG is set on this SYN; of a server's: it came. */
#define WSP_TAG_URG		1U

#define WSP_RECORD_OVERHEAD	(sizeof(struct wsp_record_hdr) + \
				 sizeof(struct wsp_record_ftr))
#define WSP_RECORD_MAX		(WSP_RECORD_OVERHEAD + WSP_DISC_MAX)

/* How many SYNs, or SYN-ACKs of one request, carry the option at most. */
#define WSP_OPT_TRIES		2

/* RTOs in a row after which a record is retransmitted without URG. */
#define WSP_URG_TRIES		3

/*
 * How long an incomplete header at an urgent mark is held back before it is
 * taken for the application's own urgent data.  A first byte that fits is one
 * in 256; with the whole magic there it is worth waiting for lost segments.
 */
#define WSP_HOLD_BYTE		(HZ / 2)
#define WSP_HOLD_MAGIC		(10 * HZ)

/**
 * struct wsp_record_hdr - first bytes of a record, at the urgent mark
 * @magic: wsp_magic() of the receiver's tag
 * @len: bytes of disconnect data behind the header
 * @oob: the application's last urgent byte before the record: its value in
 *	the upper 8 bits, how far before the header it lies in the lower 24;
 *	0 if there is none.  Our mark replaces it in the receiver's TCP, which
 *	also drops the byte if the reader stands right at it.
 * @mac: wsp_mac() of the above, keyed by the receiver's tag
 */
struct wsp_record_hdr {
	__be16 magic;
	__be16 len;
	__be32 oob;
	__be64 mac;
};

/**
 * struct wsp_record_ftr - last bytes of a record, just before the FIN
 * @magic: as in the header
 * @len: as in the header
 *
 * Leads back to the header where a middlebox cleared the urgent pointer.
 */
struct wsp_record_ftr {
	__be16 magic;
	__be16 len;
};

#define WSP_OOB_BACK_MAX	0xffffffU

/**
 * enum wsp_rx_state - receiving the peer's record
 * @WSP_RX_OFF: no option of ours left on this connection; plain TCP
 * @WSP_RX_OPEN: stream bytes; a record may come
 * @WSP_RX_BODY: a header was verified at wsp_rx.mark, the data is arriving
 * @WSP_RX_DONE: the record is in; reads as the end of the stream
 * @WSP_RX_PLAIN: the peer's FIN is in and there is no record
 *
 * Only wsp_rx_set_state() moves it, forward only, until disconnect().
 */
enum wsp_rx_state {
	WSP_RX_OFF,
	WSP_RX_OPEN,
	WSP_RX_BODY,
	WSP_RX_DONE,
	WSP_RX_PLAIN,
};

/**
 * struct wsp_rx - receive side of one socket
 * @state: see enum wsp_rx_state
 * @shut: receiving was ended by the application
 * @has_foreign: @foreign is valid
 * @oob_taken: the urgent byte at @foreign was read with MSG_OOB
 * @holding: an incomplete header is being held back until @hold_until
 * @hold_len: header bytes present when the hold began
 * @len: size of the disconnect data, from WSP_RX_BODY on
 * @got: bytes of it copied to @data
 * @room: bytes allocated at @data, and charged to sk_omem_alloc
 * @mark: sequence number of the header, from WSP_RX_BODY on
 * @foreign: last urgent mark found to be the application's own
 * @by_tail: found by the footer, not by the urgent mark
 * @hold_until: jiffies
 * @data: the disconnect data
 *
 * Written under the socket lock; @state and @shut are also read without it.
 */
struct wsp_rx {
	u8 state;
	bool shut;
	bool has_foreign;
	bool oob_taken;
	bool holding;
	u8 hold_len;
	u16 len;
	u16 got;
	u16 room;
	u32 mark;
	u32 foreign;
	bool by_tail;
	unsigned long hold_until;
	u8 *data;
};

/**
 * struct wsp_tx - send side of one socket
 * @closed: the send direction has ended, by us or by shutdown()
 * @has_mark: a record was queued; @mark is valid
 * @no_urg: retransmit the record without URG
 * @has_oob: @oob_seq and @oob_byte are valid
 * @oob_byte: the application's last urgent byte
 * @syns: SYNs that carried the option
 * @len: size of the disconnect data sent
 * @mark: sequence number of the record's header
 * @oob_seq: sequence number of @oob_byte
 *
 * Guarded by the socket lock.
 */
struct wsp_tx {
	bool closed;
	bool has_mark;
	bool no_urg;
	bool has_oob;
	u8 oob_byte;
	u8 syns;
	u16 len;
	u32 mark;
	u32 oob_seq;
};

/**
 * struct wsp_armed - disconnect data to go with whatever ends sending
 * @refs: the sockets armed with it: a listener and its children
 * @inherit: accepted sockets get it too
 * @len: size of @data
 * @rcu: for clone(), which does not hold the listener's lock
 * @data: the bytes
 *
 * Constant but for @refs.
 */
struct wsp_armed {
	refcount_t refs;
	bool inherit;
	u16 len;
	struct rcu_head rcu;
	u8 data[];
};

/**
 * struct wsp_linger - the deadline of an asynchronous close
 * @work: resets the connection
 * @sk: the socket; a reference is owned
 *
 * Owned by whoever takes @work off the queue: the one that cancels it, or
 * the work itself.
 */
struct wsp_linger {
	struct delayed_work work;
	struct sock *sk;
};

/**
 * struct wsp_sock - what the ULP keeps for a socket
 * @rx_lock: one reader at a time between measuring what may be read and
 *	reading it; taken outside the socket lock
 * @sk: back pointer for @hold_timer; constant
 * @net: what wsp_pernet() gives, which takes many more steps; constant
 * @hold_timer: ends the hold of struct wsp_rx; owns a socket reference
 * @local_tag: our tag; the peer's record to us is keyed by it
 * @peer_tag: the peer's tag; our record is keyed by it
 * @peer_ok: the peer's option was seen
 * @can_send: disconnect data may be sent
 * @connected: the handshake was completed once
 * @own_save_syn: TCP_SAVE_SYN was switched on by us, not by the application
 * @drop_syn: the SYN this child came from is still there, and nobody wants it;
 *	also read without the lock
 * @fallback: enum wsp_fallback
 * @linger_state: enum wsp_linger_state; also read without the lock
 * @linger_mode: enum wsp_linger_mode; also read without the lock
 * @armed: disconnect data armed in advance, or NULL
 * @linger: the deadline while WSP_LINGER_PENDING, else NULL
 * @rx: receive side
 * @tx: send side
 * @rcu: for readers of icsk_ulp_data without the lock
 *
 * Guarded by the socket lock unless said otherwise.  Lives from attach or
 * clone to the destruction of the socket, closed descriptor or not.
 */
struct wsp_sock {
	struct mutex rx_lock; /* one reader at a time */
	struct sock *sk;
	struct wsp_net *net;
	struct timer_list hold_timer;
	u32 local_tag;
	u32 peer_tag;
	bool peer_ok;
	bool can_send;
	bool connected;
	bool own_save_syn;
	bool drop_syn;
	u8 fallback;
	u8 linger_state;
	u8 linger_mode;
	struct wsp_armed __rcu *armed;
	struct wsp_linger *linger;
	struct wsp_rx rx;
	struct wsp_tx tx;
	struct rcu_head rcu;
};

/**
 * struct wsp_family - an address family's protocol with us in front
 * @base: the kernel's struct proto
 * @prot: our copy of it
 * @base_ops: the kernel's socket operations
 * @ops: our copy of them
 *
 * Filled once from the first socket of the family, since IPv6's are not
 * exported; constant afterwards.  Call the originals only through here.
 */
struct wsp_family {
	struct proto *base;
	struct proto prot;
	const struct proto_ops *base_ops;
	struct proto_ops ops;
};

/**
 * struct wsp_net - per network namespace
 * @enable: sysctl; offer and accept disconnect data on new connections
 * @urg_probe: sysctl; set URG on SYNs to learn whether the path carries it
 * @max_data: sysctl; most bytes of disconnect data to send
 * @linger_async: sysctl; WSP_LINGER_MODE_NETNS means asynchronous
 * @sysctls: their registration
 * @stats: counters, see wsp_mib.h
 * @hook_lock: guards @hooked
 * @hooked: the output hooks are registered, and stay until the netns goes
 */
struct wsp_net {
	int enable;
	int urg_probe;
	int max_data;
	int linger_async;
	struct ctl_table_header *sysctls;
	struct wsp_mib __percpu *stats;
	struct mutex hook_lock; /* guards hooked */
	bool hooked;
};

extern unsigned int wsp_net_id;
extern struct tcp_ulp_ops wsp_ulp_ops;

struct wsp_net *wsp_pernet(const struct net *net);

/* wsp_ulp.c */
bool wsp_ulp_adopt(struct sock *sk);
enum { WSP_FAMILY_V4, WSP_FAMILY_V6, WSP_FAMILY_MAX };

extern struct wsp_family wsp_families[WSP_FAMILY_MAX];

/* What stands behind us on a socket whose proto or operations are ours. */
static inline struct wsp_family *wsp_family(const struct sock *sk)
{
	return &wsp_families[sk->sk_family == AF_INET6 ? WSP_FAMILY_V6 :
							 WSP_FAMILY_V4];
}

/* Returns NULL where the socket, or an inherited set of ops, is not ours. */
static inline struct wsp_sock *wsp_sk(const struct sock *sk)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);

	if (READ_ONCE(icsk->icsk_ulp_ops) != &wsp_ulp_ops)
		return NULL;
	return (__force struct wsp_sock *)rcu_access_pointer(icsk->icsk_ulp_data);
}

/* wsp_option.c */
bool wsp_option_find(const struct tcphdr *th, u32 *tag);
int wsp_option_add(struct sk_buff *skb, unsigned int th_off, u32 tag,
		   bool urg);

/* wsp_tag.c */
u32 wsp_tag(u32 random, bool urg);
u32 wsp_tag_server(u64 isns, u32 ports, bool urg, const siphash_key_t *key);

/* wsp_record.c */
u16 wsp_magic(u32 tag);
u64 wsp_mac(u32 tag, u16 magic, u16 len, u32 oob);
void wsp_record_build(struct wsp_record_hdr *hdr, struct wsp_record_ftr *ftr,
		      u32 tag, u16 len, u32 oob);
bool wsp_record_verify(const struct wsp_record_hdr *hdr, u32 tag);

/* wsp_handshake.c */
int wsp_handshake_init(void);
int wsp_handshake_hook(struct net *net);
void wsp_handshake_unhook(struct net *net);
int wsp_connect(struct sock *sk, struct sockaddr *uaddr, int addr_len);
bool wsp_connected(const struct sock *sk, struct wsp_sock *ws);
void wsp_handshake_rx_dst_set(struct sock *sk, const struct sk_buff *skb);
int wsp_disconnect(struct sock *sk, int flags);
int wsp_listen(struct socket *sock, int backlog);
void wsp_handshake_listen(struct sock *sk, struct wsp_sock *ws);
void wsp_handshake_unlisten(struct sock *sk);
void wsp_handshake_drop_syn(struct sock *sk, struct wsp_sock *ws);
void wsp_handshake_accept(struct wsp_sock *ws, const struct wsp_sock *listener,
			  struct request_sock *req);

/* wsp_xmit.c */
bool wsp_xmit_install(struct sock *sk, bool handshake);
void wsp_xmit_restore(struct sock *sk);
bool wsp_xmit_installed(const struct sock *sk);
void wsp_xmit_syn(struct sock *sk, struct wsp_sock *ws, struct sk_buff *skb,
		  unsigned int th_off);

/* wsp_arm.c */
int wsp_arm(struct sock *sk, struct wsp_sock *ws, const u8 *data, u32 len,
	    bool inherit);
void wsp_arm_clear(struct sock *sk, struct wsp_sock *ws);
void wsp_arm_drop(struct sock *sk, struct wsp_sock *ws);
void wsp_arm_inherit(struct sock *sk, struct wsp_sock *ws,
		     const struct wsp_sock *listener);
u32 wsp_arm_len(const struct wsp_sock *ws);
void wsp_arm_send(struct sock *sk, struct wsp_sock *ws);

/* wsp_send.c */
int wsp_send_check(const struct sock *sk, const struct wsp_sock *ws, u32 len,
		   int data_err);
int wsp_send_record(struct sock *sk, struct wsp_sock *ws, const u8 *data,
		    u32 len);
int wsp_send_disconnect(struct sock *sk, struct wsp_sock *ws, const u8 *data,
			u32 len, int data_err);
int wsp_send_end(struct sock *sk, struct wsp_sock *ws, const u8 *data,
		 u32 len);

/* wsp_sendmsg.c */
int wsp_sendmsg(struct socket *sock, struct msghdr *msg, size_t size);

/* wsp_shutdown.c */
void wsp_prot_shutdown(struct sock *sk, int how);
int wsp_shutdown(struct socket *sock, int how);

/* wsp_rx.c */
void wsp_rx_update(struct sock *sk, struct wsp_sock *ws);
void wsp_rx_reset(struct sock *sk, struct wsp_sock *ws);
void wsp_rx_eof(struct sock *sk, struct wsp_sock *ws);
void wsp_rx_open(struct wsp_sock *ws);
void wsp_rx_off(struct sock *sk, struct wsp_sock *ws);
void wsp_rx_shut(struct sock *sk, struct wsp_sock *ws);
int wsp_rx_avail(const struct sock *sk, const struct wsp_sock *ws);
bool wsp_rx_undecided(const struct sock *sk, const struct wsp_sock *ws);
void wsp_rx_hold_expired(struct timer_list *t);

/* wsp_recv.c */
int wsp_recvmsg(struct socket *sock, struct msghdr *msg, size_t len,
		int flags);
int wsp_prot_recvmsg(struct sock *sk, struct msghdr *msg, size_t len,
		     int flags, int *addr_len);
ssize_t wsp_splice_read(struct socket *sock, loff_t *ppos,
			struct pipe_inode_info *pipe, size_t len,
			unsigned int flags);
__poll_t wsp_poll(struct file *file, struct socket *sock,
		  struct poll_table_struct *wait);

/* wsp_close.c */
void wsp_close(struct sock *sk, long timeout);
bool wsp_close_blocks(const struct sock *sk);

/* wsp_linger.c */
int wsp_linger_init(void);
void wsp_linger_exit(void);
int wsp_linger_start(struct sock *sk, struct wsp_sock *ws, long timeout);
int wsp_linger_cancel(struct sock *sk, struct wsp_sock *ws);
void wsp_linger_release(struct sock *sk, struct wsp_sock *ws);
bool wsp_linger_over(struct sock *sk, struct wsp_sock *ws);
long wsp_linger_left(const struct wsp_sock *ws);
enum wsp_linger_state wsp_linger_outcome(int tcp_state, u32 unacked);

/* wsp_ioctl.c */
int wsp_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg);
#ifdef CONFIG_COMPAT
int wsp_compat_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg);
#endif

/* wsp_sockopt.c */
int wsp_setsockopt(struct sock *sk, int level, int optname, sockptr_t optval,
		   unsigned int optlen);
int wsp_ops_setsockopt(struct socket *sock, int level, int optname,
		       sockptr_t optval, unsigned int optlen);
int wsp_getsockopt(struct sock *sk, int level, int optname,
		   char __user *optval, int __user *optlen);

/* wsp_sysctl.c */
int wsp_sysctl_register(struct net *net);
void wsp_sysctl_unregister(struct net *net);

/* wsp_proc.c */
int wsp_proc_register(struct net *net);
void wsp_proc_unregister(struct net *net);

/* wsp_diag.c */
int wsp_diag_info(struct sock *sk, struct sk_buff *skb, bool net_admin);
size_t wsp_diag_info_size(const struct sock *sk, bool net_admin);

#endif /* _WSP_H */
