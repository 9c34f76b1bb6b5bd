/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What transfers with and without an OVERLAPPED share. */
#ifndef WSP_IO_H
#define WSP_IO_H

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "internal.h"

struct wsp_chan;

#define WSP_IO_FIXED_VECS	16

struct wsp_io_vec {
	struct iovec fixed[WSP_IO_FIXED_VECS];
	struct iovec *v;
	size_t n;
};

/* io.c */
int wsp_io_flags(DWORD flags, bool send, int *out);
int wsp_io_check(SOCKET s, uint32_t off);
bool wsp_io_is_sync(SOCKET s);
int wsp_io_gather(struct wsp_io_vec *vec, LPWSABUF bufs, DWORD nbufs);
void wsp_io_release(struct wsp_io_vec *vec);
bool wsp_io_again(SOCKET s, int errnum);
int wsp_io_error(SOCKET s, int errnum, bool send);
int wsp_io_received(SOCKET s, ssize_t n, const struct msghdr *msg, struct sockaddr *from,
		    int *fromlen);
void wsp_io_advance(struct msghdr *msg, size_t n);
ssize_t wsp_io_try_recv(int fd, struct msghdr *msg, int flags, bool stream);
ssize_t wsp_io_try_send(int fd, const struct msghdr *msg, int flags);

/* io_wait.c */
ssize_t wsp_io_recvmsg(SOCKET s, struct msghdr *msg, int flags, int *code);
ssize_t wsp_io_sendmsg(SOCKET s, struct msghdr *msg, int flags, int *code);

int wsp_io_recv_first(SOCKET s);

/* quick.c */
#define WSP_QUICK_NO		(-1)
#define WSP_QUICK_FAILED	(-2)
ssize_t wsp_quick_recv(SOCKET s, void *buf, size_t len, int *code);
int wsp_quick_op_recv(SOCKET s, const WSABUF *buf, LPWSAOVERLAPPED ov);
int wsp_quick_op_send(SOCKET s, const WSABUF *buf, DWORD *count, LPWSAOVERLAPPED ov);
ssize_t wsp_quick_send(SOCKET s, const void *buf, size_t len, int *code);

/* io_op.c */
int wsp_io_op_send(SOCKET s, const struct msghdr *msg, int flags, DWORD *count,
		   LPWSAOVERLAPPED ov, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
		   LPWSATHREADID thread);
int wsp_io_op_send_rest(struct wsp_chan *c, const struct iovec *rest, size_t done, DWORD *count,
			LPWSAOVERLAPPED ov);
int wsp_io_op_recv_later(struct wsp_chan *c, const WSABUF *buf, LPWSAOVERLAPPED ov);
int wsp_io_op_recv(SOCKET s, const struct msghdr *msg, int flags, struct sockaddr *from,
		   int *fromlen, DWORD *count, DWORD *out_flags, LPWSAOVERLAPPED ov,
		   LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread);

#endif /* WSP_IO_H */
