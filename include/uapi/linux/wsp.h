/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Disconnect data and linger-timed close for TCP sockets.
 *
 * A TCP socket takes part once the "wsp" upper layer protocol is attached,
 * before connect() or on a listener (accepted sockets inherit it):
 *
 *	setsockopt(fd, IPPROTO_TCP, TCP_ULP, "wsp", 3);
 *
 * Everything else is an ioctl() on the socket itself.  Structures have the
 * same layout for 32-bit and 64-bit callers; reserved fields and unknown
 * flag bits must be zero and are refused with EINVAL otherwise.
 */
#ifndef _UAPI_LINUX_WSP_H
#define _UAPI_LINUX_WSP_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define WSP_ULP_NAME		"wsp"
#define WSP_ABI_VERSION		1

/* Disconnect data, in bytes: what a fresh netns allows, and the ceiling. */
#define WSP_DISC_DEFAULT_MAX	1024
#define WSP_DISC_MAX		4096

/*
 * Control messages.
 *
 * recvmsg() that returns 0 at the end of the stream, given a control buffer,
 * carries the peer's disconnect data as SOL_WSP, WSP_CMSG_DISC.
 *
 * sendmsg() with one ends the send direction behind its own payload, as
 * WSP_DISC_SEND would with the control message's data.  It must all be taken:
 * a short count means that the direction is still open.  Errors as of
 * WSP_DISC_SEND, and EINVAL for a malformed or repeated control message, for
 * MSG_OOB, and for MSG_WAITALL with a payload.
 *
 * A socket without the ULP ignores levels it does not know: nothing of the
 * disconnect data gets into the stream, but nothing is closed either.  A
 * WSP_CMSG_GUARD beside it, without data, makes plain TCP, UDP and UNIX
 * sockets refuse the whole sendmsg() with EINVAL, since it stands at level
 * SOL_SOCKET; MPTCP and kTLS pass over that too.
 */
#define SOL_WSP			0x5753
#define WSP_CMSG_DISC		1
#define WSP_CMSG_GUARD		0x5753

/*
 * WSP_DISC_RECV: leave the receive direction on.  Without it a successful
 * call ends receiving, as WSARecvDisconnect() does.
 */
#define WSP_DISC_KEEP_RECV	(1U << 0)

/*
 * WSP_DISC_ARM: sockets accepted from this one start out armed with the same
 * data.
 */
#define WSP_DISC_INHERIT	(1U << 1)

/**
 * struct wsp_disc_args - argument of WSP_DISC_SEND, _RECV and _ARM
 * @data: user address of the bytes; never looked at when @len is 0
 * @len: bytes at @data.  WSP_DISC_RECV: in, the room there; out, the size of
 *	the peer's disconnect data, also when the call fails with EMSGSIZE
 * @flags: 0 for WSP_DISC_SEND; WSP_DISC_KEEP_RECV or 0 for WSP_DISC_RECV;
 *	WSP_DISC_INHERIT or 0 for WSP_DISC_ARM
 * @reserved: must be 0
 */
struct wsp_disc_args {
	__u64 data;
	__u32 len;
	__u32 flags;
	__u64 reserved[2];
};

/* struct wsp_info, @flags */
#define WSP_INFO_CONNECTED	(1U << 0) /* connected, now or earlier */
#define WSP_INFO_PEER		(1U << 1) /* the peer's option was seen */
#define WSP_INFO_CAN_SEND	(1U << 2) /* WSP_DISC_SEND may carry data */
#define WSP_INFO_SEND_CLOSED	(1U << 3) /* send direction has ended */
#define WSP_INFO_RECV_CLOSED	(1U << 4) /* WSP_DISC_RECV or SHUT_RD was called */
#define WSP_INFO_RECV_DATA	(1U << 5) /* disconnect data has arrived whole */
#define WSP_INFO_PEER_CLOSED	(1U << 6) /* the peer's FIN or record is in */

/**
 * enum wsp_fallback - why a connection runs without disconnect data
 * @WSP_FALLBACK_NONE: it does not
 * @WSP_FALLBACK_NO_OPTION: the peer's SYN or SYN-ACK carried no option
 * @WSP_FALLBACK_DISABLED: net.wsp.enable is 0
 * @WSP_FALLBACK_STDURG: net.ipv4.tcp_stdurg is 1
 * @WSP_FALLBACK_SPACE: no room among the TCP options, or a signed segment
 * @WSP_FALLBACK_RETRANS: the option was withdrawn after lost SYNs or SYN-ACKs
 * @WSP_FALLBACK_URG: the path does not carry the urgent flag
 * @WSP_FALLBACK_NOMEM: no memory when the connection was set up
 */
enum wsp_fallback {
	WSP_FALLBACK_NONE,
	WSP_FALLBACK_NO_OPTION,
	WSP_FALLBACK_DISABLED,
	WSP_FALLBACK_STDURG,
	WSP_FALLBACK_SPACE,
	WSP_FALLBACK_RETRANS,
	WSP_FALLBACK_URG,
	WSP_FALLBACK_NOMEM,
};

/**
 * struct wsp_info - result of WSP_INFO_GET
 * @version: WSP_ABI_VERSION of the module
 * @flags: WSP_INFO_* bits
 * @max_len: most bytes WSP_DISC_SEND takes on this socket
 * @recv_len: size of the disconnect data that arrived, in bytes
 * @send_len: size of the disconnect data sent, in bytes
 * @unacked: bytes written and not yet acknowledged, the close included
 * @fallback: an enum wsp_fallback value
 * @armed_len: size of the disconnect data armed by WSP_DISC_ARM, in bytes
 * @linger: an enum wsp_linger_state value
 * @reserved: 0
 */
struct wsp_info {
	__u32 version;
	__u32 flags;
	__u32 max_len;
	__u32 recv_len;
	__u32 send_len;
	__u32 unacked;
	__u32 fallback;
	__u32 armed_len;
	__u32 linger;
	__u32 reserved[7];
};

/**
 * enum wsp_linger_state - a close that goes on in the background
 * @WSP_LINGER_NONE: none was started
 * @WSP_LINGER_PENDING: waiting for acknowledgments, the deadline still ahead
 * @WSP_LINGER_DRAINED: everything was acknowledged, the end included
 * @WSP_LINGER_EXPIRED: the time was up; the connection was reset
 * @WSP_LINGER_RESET: the connection broke before: a reset, or TCP gave up
 * @WSP_LINGER_CANCELLED: WSP_LINGER_CANCEL took the deadline away
 */
enum wsp_linger_state {
	WSP_LINGER_NONE,
	WSP_LINGER_PENDING,
	WSP_LINGER_DRAINED,
	WSP_LINGER_EXPIRED,
	WSP_LINGER_RESET,
	WSP_LINGER_CANCELLED,
};

/**
 * struct wsp_linger_args - argument of WSP_LINGER_START
 * @timeout: milliseconds until the connection is reset, at least 1
 * @flags: must be 0
 * @reserved: must be 0
 */
struct wsp_linger_args {
	__u32 timeout;
	__u32 flags;
	__u64 reserved;
};

/**
 * struct wsp_linger_info - result of WSP_LINGER_GET
 * @state: an enum wsp_linger_state value
 * @unacked: bytes written and not acknowledged, the close included; after
 *	WSP_LINGER_EXPIRED or _RESET those that may not have arrived
 * @left: milliseconds to the deadline while WSP_LINGER_PENDING, else 0
 * @mode: the socket's enum wsp_linger_mode value
 * @reserved: 0
 */
struct wsp_linger_info {
	__u32 state;
	__u32 unacked;
	__u32 left;
	__u32 mode;
	__u64 reserved[2];
};

/**
 * enum wsp_linger_mode - close() of a non-blocking socket with SO_LINGER's
 *	time above zero and data unacknowledged
 * @WSP_LINGER_MODE_NETNS: as the sysctl net.wsp.linger_async says
 * @WSP_LINGER_MODE_WAIT: it waits, as TCP's own does
 * @WSP_LINGER_MODE_ASYNC: it returns at once; the connection is reset if
 *	SO_LINGER's time goes by before everything is acknowledged
 */
enum wsp_linger_mode {
	WSP_LINGER_MODE_NETNS,
	WSP_LINGER_MODE_WAIT,
	WSP_LINGER_MODE_ASYNC,
};

/*
 * What inet_diag tells those with CAP_NET_ADMIN about an attached socket:
 * within INET_DIAG_ULP_INFO, beside INET_ULP_INFO_NAME, a nested attribute of
 * type WSP_DIAG_NEST, well above the kernel's own, with these, each a __u32.
 * WSP_INFO_GET looks at what has arrived first; here it is as the last call on
 * the socket left it.
 */
#define WSP_DIAG_NEST		0x57

/**
 * enum wsp_diag_attr - attributes within WSP_DIAG_NEST
 * @WSP_DIAG_UNSPEC: not used
 * @WSP_DIAG_FLAGS: WSP_INFO_* bits
 * @WSP_DIAG_FALLBACK: an enum wsp_fallback value
 * @WSP_DIAG_SEND_LEN: size of the disconnect data sent, in bytes
 * @WSP_DIAG_RECV_LEN: size of the disconnect data that arrived, in bytes
 * @WSP_DIAG_ARMED_LEN: size of the disconnect data armed, in bytes
 * @WSP_DIAG_LINGER: an enum wsp_linger_state value
 */
enum wsp_diag_attr {
	WSP_DIAG_UNSPEC,
	WSP_DIAG_FLAGS,
	WSP_DIAG_FALLBACK,
	WSP_DIAG_SEND_LEN,
	WSP_DIAG_RECV_LEN,
	WSP_DIAG_ARMED_LEN,
	WSP_DIAG_LINGER,
	/* private: */
	__WSP_DIAG_MAX,
};

#define WSP_DIAG_MAX		(__WSP_DIAG_MAX - 1)

/*
 * Numbers 0xe0 to 0xef of the socket type are SIOCPROTOPRIVATE's.  On a
 * socket without the ULP each fails with ENOTTY (EFAULT for an argument
 * that is not readable) and does nothing.
 *
 * WSP_DISC_SEND ends the send direction like shutdown(SHUT_WR) and sends the
 * data with it, behind everything written before.  It never blocks, whatever
 * SO_LINGER or the send queue.  With @len 0 it succeeds again and again.
 *	EFAULT      arguments or data not readable; nothing sent
 *	EINVAL      unknown flag or reserved field set
 *	ENOTCONN    never connected, still connecting, listening, or reset;
 *	            memory ran out halfway, and the connection is reset
 *	EPERM       data given, and the socket is under TCP_REPAIR
 *	ENOPROTOOPT data given, but the peer does not support it
 *	EMSGSIZE    more than wsp_info.max_len bytes
 *	ESHUTDOWN   data given, but the send direction has ended already
 *	ENOBUFS     no memory; nothing sent
 *
 * WSP_DISC_RECV copies the peer's disconnect data, any number of times, also
 * after a reset that came later.  It never blocks; @len comes back 0 where
 * the peer closed without data or has not closed yet.
 *	EFAULT, EINVAL, ENOTCONN   as above
 *	ENOPROTOOPT room given, but the peer does not support disconnect data
 *	EMSGSIZE    not enough room; @len tells the size, receiving stays on
 *
 * WSP_DISC_ARM stores data that goes out with whatever ends the send direction
 * without data of its own: shutdown(), WSP_DISC_SEND with @len 0, a graceful
 * close(), the end of the process.  It replaces what was armed before; @len 0
 * clears it.  It may be called on a socket in any state up to there.  A reset
 * (zero linger time, unread data at close()), connect() to AF_UNSPEC of a
 * connected socket and a peer without support discard the data.
 *	EFAULT, EINVAL, EMSGSIZE   as above
 *	ESHUTDOWN   data given, but the send direction has ended already
 *	ENOMEM      no memory; what was armed before stands
 *
 * WSP_LINGER_CHECK takes no argument and starts nothing: EWOULDBLOCK when the
 * socket is non-blocking, has SO_LINGER with a time above zero, is open for
 * sending and has unacknowledged data, so that a Winsock closesocket() has to
 * fail; 0 otherwise.  It does not know about other descriptors of the socket,
 * which would keep it open.
 *
 * WSP_LINGER_START ends the send direction, armed data included, and returns;
 * the connection is reset if not everything is acknowledged in time.  The
 * descriptor stays usable, and may be closed at once without changing that.
 * poll() says POLLHUP when it is over, and not before.
 *	EFAULT, EINVAL   as above; EINVAL also for a time of 0
 *	ENOTCONN    not connected
 *	EALREADY    started already, and not over
 *	ENOMEM      no memory; nothing was started
 *
 * WSP_LINGER_CANCEL takes the deadline away: the rest goes out in the
 * background, like a close without SO_LINGER.
 *	ENOENT      none is pending
 *
 * WSP_LINGER_GET tells how it went.
 *	EFAULT      the result is not writable
 *
 * WSP_LINGER_MODE sets an enum wsp_linger_mode value for this socket and those
 * accepted from it later.
 *	EFAULT, EINVAL   not readable, unknown value
 */
#define WSP_DISC_SEND		_IOW(0x89, 0xe0, struct wsp_disc_args)
#define WSP_DISC_RECV		_IOWR(0x89, 0xe1, struct wsp_disc_args)
#define WSP_INFO_GET		_IOR(0x89, 0xe2, struct wsp_info)
#define WSP_LINGER_CHECK	_IO(0x89, 0xe3)
#define WSP_DISC_ARM		_IOW(0x89, 0xe4, struct wsp_disc_args)
#define WSP_LINGER_START	_IOW(0x89, 0xe5, struct wsp_linger_args)
#define WSP_LINGER_CANCEL	_IO(0x89, 0xe6)
#define WSP_LINGER_GET		_IOR(0x89, 0xe7, struct wsp_linger_info)
#define WSP_LINGER_MODE		_IOW(0x89, 0xe8, __u32)

#endif /* _UAPI_LINUX_WSP_H */
