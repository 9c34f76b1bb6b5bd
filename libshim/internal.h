/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the library's files share.
 *
 * Lock order: the start-up lock, then one stripe of the side table, then the
 * quarantine's.  None is held over a call that can block.
 */
#ifndef WSP_INTERNAL_H
#define WSP_INTERNAL_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <wsp/wsp.h>

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif

/* err.c */
int wsp_err_from_errno(int errnum);
int wsp_err_fail(int *err, int code);
int wsp_err_ok(int *err);
int wsp_err_result(int *err, int code);

/* mem.c */
bool wsp_mem_read(void *dst, const void *user_src, size_t len);
bool wsp_mem_write(void *user_dst, const void *src, size_t len);
ssize_t wsp_mem_string(void *dst, const void *user_src, size_t room, size_t width);

/* handle.c: the side table by descriptor */
#define WSP_H_USED	0x001
#define WSP_H_OWNED	0x002 /* created or accepted here, not adopted */
#define WSP_H_WINFAM	0x004 /* the caller counts IPv6 as family 23 */
#define WSP_H_TCP	0x008
#define WSP_H_DGRAM	0x010
#define WSP_H_SEND_OFF	0x020
#define WSP_H_RECV_OFF	0x040
#define WSP_H_RESET	0x080 /* the peer's reset was seen, RC-3 */
#define WSP_H_CONNECTED	0x100 /* connected, now or earlier */
#define WSP_H_CLOSING	0x200 /* some thread is closing it, CL-2 */
#define WSP_H_SEND_ENDING 0x800 /* a FIN of ours may be under way */
#define WSP_H_PASSED	0x400 /* another process may have it, too, CL-4 */
#define WSP_H_EXCLUSIVE	0x01000000 /* WS_SO_EXCLUSIVEADDRUSE */
#define WSP_H_CONDITIONAL	0x02000000 /* WS_SO_CONDITIONAL_ACCEPT */
#define WSP_H_NO_CONNRESET	0x04000000 /* SIO_UDP_CONNRESET turned off */
#define WSP_H_REUSE_BELOW	0x08000000 /* SO_REUSEADDR is the library's, see reuse.c */
#define WSP_H_NONBLOCK_BELOW 0x1000 /* O_NONBLOCK is the library's, see block.h */
#define WSP_H_SYNC	0x4000 /* made without WSA_FLAG_OVERLAPPED */
#define WSP_H_FORCED	0x2000 /* then: the caller's mode is blocking */

/* What an accepted socket takes over. */
#define WSP_H_INHERITED	(WSP_H_WINFAM | WSP_H_REUSE_BELOW | WSP_H_SYNC)

/**
 * struct wsp_handle - a socket that was looked up
 * @fd: descriptor
 * @state: WSP_H_* bits at that moment
 * @id: the socket's inode number, which tells a reused descriptor
 * @epoch: count of forks when the table learned of the socket
 * @linger: what WS_SO_LINGER's time reads as while lingering is off
 */
struct wsp_handle {
	int fd;
	uint32_t state;
	uint64_t id;
	uint32_t epoch;
	uint16_t linger;
};

int wsp_handle_get(SOCKET s, struct wsp_handle *h);
uint32_t wsp_handle_peek(SOCKET s);
uint64_t wsp_handle_own_id(SOCKET s);
void wsp_handle_add(const struct wsp_handle *h, uint32_t bits);
void wsp_handle_put(const struct wsp_handle *h, uint32_t bits, bool on);
uint32_t wsp_handle_connect_time(const struct wsp_handle *h);
void wsp_handle_set_linger(const struct wsp_handle *h, uint16_t t);
int wsp_handle_new(int fd, uint32_t bits, uint16_t linger);
bool wsp_handle_claim(const struct wsp_handle *h);
void wsp_handle_forget(const struct wsp_handle *h);
bool wsp_handle_defer(const struct wsp_handle *h, int fd);
int wsp_handle_take_deferred(const struct wsp_handle *h);
bool wsp_handle_has_deferred(const struct wsp_handle *h);
bool wsp_handle_shared(const struct wsp_handle *h);
bool wsp_handle_has_dup(const struct wsp_handle *h);
void wsp_handle_destroy_all(void (*destroy)(const struct wsp_handle *h));
void wsp_handle_fork_prepare(void);
void wsp_handle_fork_done(void);

/* callback.c: calls into the application, SD-8 */
void wsp_callback_enter(void);
void wsp_callback_leave(void);
bool wsp_callback_active(void);
void wsp_callback_enter_routine(void);
void wsp_callback_leave_routine(void);
bool wsp_callback_in_routine(void);

/* quarantine.c */
void wsp_quarantine_close(int fd);
bool wsp_quarantine_flush(void);
void wsp_quarantine_fork_prepare(void);
void wsp_quarantine_fork_done(void);

/* tcp.c: what the kernel says about a TCP socket */
enum wsp_tcp_state {
	WSP_TCP_NEVER,		/* not connected, or still connecting */
	WSP_TCP_LISTEN,
	WSP_TCP_OPEN,		/* sending is possible */
	WSP_TCP_SENT_FIN,	/* the send direction has ended */
	WSP_TCP_GONE,		/* both directions ended, no reset */
	WSP_TCP_RESET,
};

enum wsp_tcp_state wsp_tcp_state(const struct wsp_handle *h);
bool wsp_tcp_attached(int fd);
void wsp_tcp_attach(int fd);
bool wsp_tcp_get_linger(int fd, int *seconds);
void wsp_tcp_set_linger(int fd, bool on, int seconds);

/* addr.c */
int wsp_addr_in(const struct sockaddr *name, int namelen, struct sockaddr_storage *ss);
int wsp_addr_out(uint32_t state, struct sockaddr_storage *ss, socklen_t sslen,
		 struct sockaddr *name, int *namelen);
int wsp_addr_family(int af);

/* linger.c */
bool wsp_linger_pending(const struct wsp_handle *h);
void wsp_linger_close(const struct wsp_handle *h, int seconds);

/* shutdown.c */
int wsp_shutdown_send(const struct wsp_handle *h);

/* accept.c */
void wsp_accept_drop_deferred(const struct wsp_handle *h);

/* close.c */
void wsp_close_destroy(const struct wsp_handle *h);

/* The provider's entries, each in the file of its concern. */
SOCKET wsp_accept_spi(SOCKET s, struct sockaddr *addr, int *addrlen, LPCONDITIONPROC condition,
		      DWORD_PTR callback_data, int *err);
int wsp_bind_spi(SOCKET s, const struct sockaddr *name, int namelen, int *err);
int wsp_cleanup_spi(int *err);
int wsp_close_spi(SOCKET s, int *err);
int wsp_connect_spi(SOCKET s, const struct sockaddr *name, int namelen, LPWSABUF caller_data,
		    LPWSABUF callee_data, LPQOS sqos, LPQOS gqos, int *err);
int wsp_getpeername_spi(SOCKET s, struct sockaddr *name, int *namelen, int *err);
int wsp_getsockname_spi(SOCKET s, struct sockaddr *name, int *namelen, int *err);
int wsp_getsockopt_spi(SOCKET s, int level, int optname, char *optval, int *optlen, int *err);
int wsp_ioctl_spi(SOCKET s, DWORD code, void *in, DWORD inlen, void *out, DWORD outlen,
		  DWORD *count, LPWSAOVERLAPPED ov, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
		  LPWSATHREADID thread, int *err);
int wsp_listen_spi(SOCKET s, int backlog, int *err);
int wsp_recv_spi(SOCKET s, LPWSABUF bufs, DWORD nbufs, DWORD *count, DWORD *flags,
		 LPWSAOVERLAPPED ov, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
		 LPWSATHREADID thread, int *err);
int wsp_recvdisc_spi(SOCKET s, LPWSABUF data, int *err);
int wsp_recvfrom_spi(SOCKET s, LPWSABUF bufs, DWORD nbufs, DWORD *count, DWORD *flags,
		     struct sockaddr *from, int *fromlen, LPWSAOVERLAPPED ov,
		     LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread, int *err);
int wsp_select_spi(int nfds, struct ws_fd_set *rfds, struct ws_fd_set *wfds,
		   struct ws_fd_set *efds, const struct ws_timeval *timeout, int *err);
int wsp_send_spi(SOCKET s, LPWSABUF bufs, DWORD nbufs, DWORD *count, DWORD flags,
		 LPWSAOVERLAPPED ov, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
		 LPWSATHREADID thread, int *err);
int wsp_senddisc_spi(SOCKET s, LPWSABUF data, int *err);
int wsp_sendto_spi(SOCKET s, LPWSABUF bufs, DWORD nbufs, DWORD *count, DWORD flags,
		   const struct sockaddr *to, int tolen, LPWSAOVERLAPPED ov,
		   LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread, int *err);
int wsp_setsockopt_spi(SOCKET s, int level, int optname, const char *optval, int optlen, int *err);
int wsp_shutdown_spi(SOCKET s, int how, int *err);
SOCKET wsp_socket_spi(int af, int type, int protocol, LPWSAPROTOCOL_INFOW info, GROUP g,
		      DWORD flags, int *err);

/* spi.c */
void wsp_spi_table(LPWSPPROC_TABLE table);

#endif /* WSP_INTERNAL_H */
