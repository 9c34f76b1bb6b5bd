// SPDX-License-Identifier: LGPL-2.1-or-later
/* Creating, naming and connecting sockets. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "block.h"
#include "dup.h"
#include "netevent.h"
#include "reuse.h"
#include "upcall_socket.h"

static int sock_register(int fd, uint32_t bits)
{
	int code = wsp_handle_new(fd, bits, 0);

	if (code)
		close(fd);
	return code;
}

static SOCKET sock_invalid(int *err, int code)
{
	wsp_err_fail(err, code);
	return INVALID_SOCKET;
}

/* Only an entry that states its services can ask for plain TCP. */
static bool sock_wants_plain(const WSAPROTOCOL_INFOW *info)
{
	return info && info->dwServiceFlags1 && !(info->dwServiceFlags1 & XP1_DISCONNECT_DATA);
}

/*
 * WSPSocket: see WSASocketW().  A TCP socket gets the kernel's disconnect-data
 * support at once, since that must precede connect and listen.
 */
SOCKET wsp_socket_spi(int af, int type, int protocol, LPWSAPROTOCOL_INFOW info, GROUP g,
		      DWORD flags, int *err)
{
	const DWORD known = WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT;
	uint32_t bits = flags & WSA_FLAG_OVERLAPPED ? 0 : WSP_H_SYNC;
	WSAPROTOCOL_INFOW entry;
	int fd, code;

	(void)g;
	if (wsp_callback_active())
		return sock_invalid(err, WSAEINPROGRESS);
	if (flags & ~known)
		return sock_invalid(err, WSAEINVAL);
	if (info) {
		if (!wsp_mem_read(&entry, info, sizeof(entry)))
			return sock_invalid(err, WSAEFAULT);
		info = &entry;
		if (entry.dwProviderReserved)
			return wsp_dup_import(&entry, err);
		af = af == FROM_PROTOCOL_INFO || !af ? entry.iAddressFamily : af;
		type = type == FROM_PROTOCOL_INFO || !type ? entry.iSocketType : type;
		protocol = protocol == FROM_PROTOCOL_INFO || !protocol ? entry.iProtocol : protocol;
	}
	/* Of no type is what a list of addresses without a type gives. */
	if (!type)
		type = protocol == IPPROTO_UDP ? SOCK_DGRAM : SOCK_STREAM;
	/* The kernel reads flags out of the type. */
	if (type & ~0xf)
		return sock_invalid(err, WSAESOCKTNOSUPPORT);
	do {
		fd = socket(wsp_addr_family(af), type | SOCK_CLOEXEC, protocol);
	} while (fd < 0 && errno == EMFILE && wsp_quarantine_flush());
	if (fd < 0)
		return sock_invalid(err, wsp_err_from_errno(errno));
	code = sock_register(fd, af == WS_AF_INET6 ? bits | WSP_H_WINFAM : bits);
	if (code)
		return sock_invalid(err, code);
	if ((wsp_handle_peek(fd) & WSP_H_TCP) && !sock_wants_plain(info))
		wsp_tcp_attach(fd);
	return wsp_upcall_hand_out(fd, err);
}

/* WSPBind; see wsp_bind() */
int wsp_bind_spi(SOCKET s, const struct sockaddr *name, int namelen, int *err)
{
	struct sockaddr_storage ss;
	struct wsp_handle h;
	int code = wsp_handle_get(s, &h);

	if (!code)
		code = wsp_addr_in(name, namelen, &ss);
	if (!code)
		code = wsp_reuse_bind(&h, (struct sockaddr *)&ss, namelen);
	return wsp_err_result(err, code);
}

/* Port 0 is what the kernel shows while an Internet socket is not bound. */
static bool sock_unbound(const struct sockaddr_storage *ss)
{
	if (ss->ss_family == AF_INET)
		return !((const struct sockaddr_in *)ss)->sin_port;
	if (ss->ss_family == AF_INET6)
		return !((const struct sockaddr_in6 *)ss)->sin6_port;
	return false;
}

static int sock_own_name(int fd, struct sockaddr_storage *ss, socklen_t *len)
{
	*len = sizeof(*ss);
	if (getsockname(fd, (struct sockaddr *)ss, len))
		return wsp_err_from_errno(errno);
	return sock_unbound(ss) ? WSAEINVAL : 0;
}

/* WSPListen; see wsp_listen() */
int wsp_listen_spi(SOCKET s, int backlog, int *err)
{
	struct sockaddr_storage ss;
	struct wsp_handle h;
	socklen_t len;
	int code = wsp_handle_get(s, &h);

	if (code)
		return wsp_err_fail(err, code);
	if (h.state & WSP_H_DGRAM)
		return wsp_err_fail(err, WSAEOPNOTSUPP);
	/* The kernel would bind it to a port of its choice instead. */
	code = sock_own_name(h.fd, &ss, &len);
	if (!code)
		code = wsp_reuse_listen(&h, backlog);
	/* Several may wait in accept(), and one connection can only be taken once. */
	if (!code && (h.state & WSP_H_OWNED) && !(h.state & WSP_H_NONBLOCK_BELOW))
		code = wsp_block_force(&h);
	if (!code)
		wsp_netevent_after_change(&h);
	return wsp_err_result(err, code);
}

static int sock_connect_extras(LPWSABUF caller_data, LPQOS sqos, LPQOS gqos)
{
	WSABUF data;

	if (sqos || gqos)
		return WSAEOPNOTSUPP;
	if (!caller_data)
		return 0;
	if (!wsp_mem_read(&data, caller_data, sizeof(data)))
		return WSAEFAULT;
	return data.len ? WSAEPROTONOSUPPORT : 0;
}

static int sock_connect_error(const struct wsp_handle *h, int errnum)
{
	if (errnum == EISCONN && (h->state & WSP_H_TCP) && wsp_tcp_state(h) == WSP_TCP_LISTEN)
		return WSAEINVAL;
	return wsp_err_from_errno(errnum);
}

/*
 * Nonblocking underneath, so that closing the socket ends the wait.  The second
 * connect() fetches the result, and has the kernel know of it.  CL-5
 */
static int sock_connect(const struct wsp_handle *h, const struct sockaddr *sa, socklen_t len)
{
	bool wait = !wsp_block_nonblocking(h) && !(h->state & WSP_H_DGRAM);
	bool waited = false;
	int code = wait ? wsp_block_force(h) : 0;

	while (!code) {
		if (!connect(h->fd, sa, len) || (waited && errno == EISCONN))
			break;
		if (!wait || (errno != EINPROGRESS && !(waited && errno == EALREADY)))
			code = sock_connect_error(h, errno);
		else
			code = wsp_block_wait(h, POLLOUT, WSP_FOREVER);
		waited = true;
	}
	if (wait)
		wsp_block_unforce(h);
	return code;
}

/* WSPConnect; see WSAConnect().  SD-15 */
int wsp_connect_spi(SOCKET s, const struct sockaddr *name, int namelen, LPWSABUF caller_data,
		    LPWSABUF callee_data, LPQOS sqos, LPQOS gqos, int *err)
{
	const ULONG none = 0;
	struct sockaddr_storage ss;
	struct wsp_handle h;
	int code = wsp_handle_get(s, &h);

	if (!code)
		code = wsp_addr_in(name, namelen, &ss);
	if (!code)
		code = sock_connect_extras(caller_data, sqos, gqos);
	if (!code && callee_data && !wsp_mem_write(&callee_data->len, &none, sizeof(none)))
		code = WSAEFAULT;
	if (code)
		return wsp_err_fail(err, code);
	code = sock_connect(&h, (struct sockaddr *)&ss, namelen);
	if (!code)
		wsp_handle_add(&h, WSP_H_CONNECTED);
	wsp_netevent_after_connect(&h, code);
	return wsp_err_result(err, code);
}

/* WSPGetSockName; see wsp_getsockname() */
int wsp_getsockname_spi(SOCKET s, struct sockaddr *name, int *namelen, int *err)
{
	struct sockaddr_storage ss;
	struct wsp_handle h;
	socklen_t len;
	int code = wsp_handle_get(s, &h);

	if (!code)
		code = sock_own_name(h.fd, &ss, &len);
	if (!code)
		code = wsp_addr_out(h.state, &ss, len, name, namelen);
	return wsp_err_result(err, code);
}

/*
 * getpeername() forgets a TCP peer when both directions have ended or the
 * connection was reset, SO_PEERNAME does not.  It wants the exact size.
 */
static int sock_peer(const struct wsp_handle *h, struct sockaddr_storage *ss, socklen_t *len)
{
	if (!getpeername(h->fd, (struct sockaddr *)ss, len))
		return 0;
	if (errno != ENOTCONN || !(h->state & WSP_H_TCP))
		return -1;
	if (wsp_tcp_state(h) < WSP_TCP_OPEN ||
	    getsockname(h->fd, (struct sockaddr *)ss, len)) {
		errno = ENOTCONN;
		return -1;
	}
	return getsockopt(h->fd, SOL_SOCKET, SO_PEERNAME, ss, len);
}

/* WSPGetPeerName; see wsp_getpeername().  SD-14 */
int wsp_getpeername_spi(SOCKET s, struct sockaddr *name, int *namelen, int *err)
{
	struct sockaddr_storage ss;
	struct wsp_handle h;
	socklen_t len = sizeof(ss);
	int code = wsp_handle_get(s, &h);

	if (!code && sock_peer(&h, &ss, &len))
		code = wsp_err_from_errno(errno);
	if (!code)
		code = wsp_addr_out(h.state, &ss, len, name, namelen);
	return wsp_err_result(err, code);
}
