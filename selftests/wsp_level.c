// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "wsp_level.h"

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#endif

WSPPROC_TABLE wt_table;

/* Catalogue entry of TCP or UDP, as far as WSPSocket() looks at one. */
static void wt_entry(WSAPROTOCOL_INFOW *info, int af, int type, bool disc)
{
	memset(info, 0, sizeof(*info));
	info->dwServiceFlags1 = type == SOCK_DGRAM ? 0x20609 : 0x20066;
	if (disc)
		info->dwServiceFlags1 |= XP1_DISCONNECT_DATA;
	info->iVersion = 2;
	info->iAddressFamily = af == AF_INET6 ? WS_AF_INET6 : af;
	info->iSocketType = type;
	info->iProtocol = type == SOCK_DGRAM ? IPPROTO_UDP : IPPROTO_TCP;
}

int wt_lib_start(void)
{
	WSPUPCALLTABLE upcalls = { 0 };
	WSAPROTOCOL_INFOW info;
	WSADATA wsadata;
	WSPDATA wspdata;
	int err;

	err = WSAStartup(MAKEWORD(2, 2), &wsadata);
	if (err)
		return err;
	wt_entry(&info, AF_INET, SOCK_STREAM, true);
	return WSPStartup(MAKEWORD(2, 2), &wspdata, &info, upcalls, &wt_table);
}

/* A success must have reset the error code. */
static int wt_spi_ret(int ret, int err)
{
	if (ret == SOCKET_ERROR)
		return err ? -err : -WSASYSCALLFAILURE;
	return err ? -err : ret;
}

static int wt_spi_socket(int af, int type, bool disc)
{
	WSAPROTOCOL_INFOW info;
	int err = -1;
	SOCKET s;

	wt_entry(&info, af, type, disc);
	s = wt_table.lpWSPSocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO,
				 FROM_PROTOCOL_INFO, &info, 0,
				 WSA_FLAG_OVERLAPPED, &err);
	return wt_spi_ret(s == INVALID_SOCKET ? SOCKET_ERROR : (int)s, err);
}

static int wt_spi_bind(int fd, const struct sockaddr *sa, int len)
{
	int err = -1, ret = wt_table.lpWSPBind(fd, sa, len, &err);

	return wt_spi_ret(ret, err);
}

static int wt_spi_listen(int fd, int backlog)
{
	int err = -1, ret = wt_table.lpWSPListen(fd, backlog, &err);

	return wt_spi_ret(ret, err);
}

static int wt_spi_connect(int fd, const struct sockaddr *sa, int len)
{
	int err = -1, ret = wt_table.lpWSPConnect(fd, sa, len, NULL, NULL,
						  NULL, NULL, &err);

	return wt_spi_ret(ret, err);
}

static int wt_spi_accept(int fd)
{
	int err = -1;
	SOCKET s = wt_table.lpWSPAccept(fd, NULL, NULL, NULL, 0, &err);

	return wt_spi_ret(s == INVALID_SOCKET ? SOCKET_ERROR : (int)s, err);
}

static int wt_spi_send(int fd, const void *buf, size_t len)
{
	WSABUF wb = { .len = len, .buf = (char *)buf };
	int err = -1, ret;
	DWORD n;

	ret = wt_table.lpWSPSend(fd, &wb, 1, &n, 0, NULL, NULL, NULL, &err);
	return wt_spi_ret(ret ? ret : (int)n, err);
}

static int wt_spi_recv(int fd, void *buf, size_t len)
{
	WSABUF wb = { .len = len, .buf = buf };
	DWORD n, flags = 0;
	int err = -1, ret;

	ret = wt_table.lpWSPRecv(fd, &wb, 1, &n, &flags, NULL, NULL, NULL,
				 &err);
	return wt_spi_ret(ret ? ret : (int)n, err);
}

static int wt_spi_shutdown(int fd, int how)
{
	int err = -1, ret = wt_table.lpWSPShutdown(fd, how, &err);

	return wt_spi_ret(ret, err);
}

static int wt_spi_peername(int fd, struct sockaddr *sa, int *len)
{
	int err = -1, ret = wt_table.lpWSPGetPeerName(fd, sa, len, &err);

	return wt_spi_ret(ret, err);
}

static int wt_spi_linger(int fd, int onoff, int seconds)
{
	struct ws_linger l = { .l_onoff = onoff, .l_linger = seconds };
	int err = -1, ret;

	ret = wt_table.lpWSPSetSockOpt(fd, WS_SOL_SOCKET, WS_SO_LINGER,
				       (char *)&l, sizeof(l), &err);
	return wt_spi_ret(ret, err);
}

static int wt_spi_send_disc(int fd, const void *data, uint32_t len)
{
	WSABUF wb = { .len = len, .buf = (char *)data };
	int err = -1, ret;

	ret = wt_table.lpWSPSendDisconnect(fd, data || len ? &wb : NULL, &err);
	return wt_spi_ret(ret, err);
}

static int wt_spi_recv_disc(int fd, void *buf, uint32_t *len)
{
	WSABUF wb = { .len = *len, .buf = buf };
	int err = -1, ret;

	ret = wt_table.lpWSPRecvDisconnect(fd, buf ? &wb : NULL, &err);
	*len = wb.len;
	return wt_spi_ret(ret, err);
}

static int wt_spi_close(int fd)
{
	int err = -1, ret = wt_table.lpWSPCloseSocket(fd, &err);

	return wt_spi_ret(ret, err);
}

const struct wt_level wt_spi = {
	.socket = wt_spi_socket,
	.bind = wt_spi_bind,
	.listen = wt_spi_listen,
	.connect = wt_spi_connect,
	.accept = wt_spi_accept,
	.send = wt_spi_send,
	.recv = wt_spi_recv,
	.shutdown = wt_spi_shutdown,
	.peername = wt_spi_peername,
	.linger = wt_spi_linger,
	.send_disc = wt_spi_send_disc,
	.recv_disc = wt_spi_recv_disc,
	.close = wt_spi_close,
};

static int wt_api_ret(int ret)
{
	if (ret != SOCKET_ERROR)
		return ret;
	ret = WSAGetLastError();
	return ret ? -ret : -WSASYSCALLFAILURE;
}

static int wt_api_socket(int af, int type, bool disc)
{
	WSAPROTOCOL_INFOW info;
	SOCKET s;

	wt_entry(&info, af, type, disc);
	s = WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO,
		       FROM_PROTOCOL_INFO, &info, 0, WSA_FLAG_OVERLAPPED);
	return wt_api_ret(s == INVALID_SOCKET ? SOCKET_ERROR : (int)s);
}

static int wt_api_bind(int fd, const struct sockaddr *sa, int len)
{
	return wt_api_ret(wsp_bind(fd, sa, len));
}

static int wt_api_listen(int fd, int backlog)
{
	return wt_api_ret(wsp_listen(fd, backlog));
}

static int wt_api_connect(int fd, const struct sockaddr *sa, int len)
{
	return wt_api_ret(wsp_connect(fd, sa, len));
}

static int wt_api_accept(int fd)
{
	SOCKET s = wsp_accept(fd, NULL, NULL);

	return wt_api_ret(s == INVALID_SOCKET ? SOCKET_ERROR : (int)s);
}

static int wt_api_send(int fd, const void *buf, size_t len)
{
	return wt_api_ret(wsp_send(fd, buf, len, 0));
}

static int wt_api_recv(int fd, void *buf, size_t len)
{
	return wt_api_ret(wsp_recv(fd, buf, len, 0));
}

static int wt_api_shutdown(int fd, int how)
{
	return wt_api_ret(wsp_shutdown(fd, how));
}

static int wt_api_peername(int fd, struct sockaddr *sa, int *len)
{
	return wt_api_ret(wsp_getpeername(fd, sa, len));
}

static int wt_api_linger(int fd, int onoff, int seconds)
{
	struct ws_linger l = { .l_onoff = onoff, .l_linger = seconds };

	return wt_api_ret(wsp_setsockopt(fd, WS_SOL_SOCKET, WS_SO_LINGER,
					 (char *)&l, sizeof(l)));
}

static int wt_api_send_disc(int fd, const void *data, uint32_t len)
{
	WSABUF wb = { .len = len, .buf = (char *)data };

	return wt_api_ret(WSASendDisconnect(fd, data || len ? &wb : NULL));
}

static int wt_api_recv_disc(int fd, void *buf, uint32_t *len)
{
	WSABUF wb = { .len = *len, .buf = buf };
	int ret = WSARecvDisconnect(fd, buf ? &wb : NULL);

	*len = wb.len;
	return wt_api_ret(ret);
}

static int wt_api_close(int fd)
{
	return wt_api_ret(closesocket(fd));
}

const struct wt_level wt_api = {
	.socket = wt_api_socket,
	.bind = wt_api_bind,
	.listen = wt_api_listen,
	.connect = wt_api_connect,
	.accept = wt_api_accept,
	.send = wt_api_send,
	.recv = wt_api_recv,
	.shutdown = wt_api_shutdown,
	.peername = wt_api_peername,
	.linger = wt_api_linger,
	.send_disc = wt_api_send_disc,
	.recv_disc = wt_api_recv_disc,
	.close = wt_api_close,
};

/* What the kernel says, in Winsock's terms. */
static const struct {
	int err;
	int wsa;
} wt_raw_codes[] = {
	{ EAGAIN, WSAEWOULDBLOCK },
	{ EBADF, WSAENOTSOCK },
	{ ECONNRESET, WSAECONNRESET },
	{ EFAULT, WSAEFAULT },
	{ EINVAL, WSAEINVAL },
	{ EISCONN, WSAEISCONN },
	{ EMSGSIZE, WSAEMSGSIZE },
	{ ENOPROTOOPT, WSAENOPROTOOPT },
	{ ENOTCONN, WSAENOTCONN },
	/* Without the ULP there is no disconnect data. */
	{ ENOTTY, WSAENOPROTOOPT },
	{ EPIPE, WSAESHUTDOWN },
	{ ESHUTDOWN, WSAESHUTDOWN },
};

static int wt_raw_ret(int ret)
{
	size_t i;

	if (ret >= 0)
		return ret;
	for (i = 0; i < ARRAY_SIZE(wt_raw_codes); i++) {
		if (wt_raw_codes[i].err == errno)
			return -wt_raw_codes[i].wsa;
	}
	return -errno;
}

static int wt_raw_socket(int af, int type, bool disc)
{
	int fd = socket(af, type | SOCK_CLOEXEC, 0);

	if (fd >= 0 && disc && wt_attach(fd)) {
		int ret = wt_raw_ret(-1);

		close(fd);
		return ret;
	}
	return wt_raw_ret(fd);
}

static int wt_raw_bind(int fd, const struct sockaddr *sa, int len)
{
	return wt_raw_ret(bind(fd, sa, len));
}

static int wt_raw_listen(int fd, int backlog)
{
	return wt_raw_ret(listen(fd, backlog));
}

static int wt_raw_connect(int fd, const struct sockaddr *sa, int len)
{
	return wt_raw_ret(connect(fd, sa, len));
}

static int wt_raw_accept(int fd)
{
	return wt_raw_ret(accept4(fd, NULL, NULL, SOCK_CLOEXEC));
}

static int wt_raw_send(int fd, const void *buf, size_t len)
{
	return wt_raw_ret(send(fd, buf, len, MSG_NOSIGNAL));
}

static int wt_raw_recv(int fd, void *buf, size_t len)
{
	return wt_raw_ret(recv(fd, buf, len, 0));
}

static int wt_raw_shutdown(int fd, int how)
{
	return wt_raw_ret(shutdown(fd, how));
}

static int wt_raw_peername(int fd, struct sockaddr *sa, int *len)
{
	return wt_raw_ret(getpeername(fd, sa, (socklen_t *)len));
}

static int wt_raw_linger(int fd, int onoff, int seconds)
{
	return wt_raw_ret(wt_linger(fd, onoff, seconds));
}

static int wt_raw_send_disc(int fd, const void *data, uint32_t len)
{
	return wt_raw_ret(wt_disc_send(fd, data, len));
}

static int wt_raw_recv_disc(int fd, void *buf, uint32_t *len)
{
	uint32_t room = buf ? *len : 0;
	int ret = wt_disc_recv(fd, buf, &room, 0);

	/* Winsock has no other code for a buffer that is too small. */
	if (ret && errno == EMSGSIZE)
		errno = EFAULT;
	*len = room;
	return wt_raw_ret(ret);
}

static int wt_raw_close(int fd)
{
	if (ioctl(fd, WSP_LINGER_CHECK, NULL) && errno == EWOULDBLOCK)
		return wt_raw_ret(-1);
	return wt_raw_ret(close(fd));
}

const struct wt_level wt_raw = {
	.socket = wt_raw_socket,
	.bind = wt_raw_bind,
	.listen = wt_raw_listen,
	.connect = wt_raw_connect,
	.accept = wt_raw_accept,
	.send = wt_raw_send,
	.recv = wt_raw_recv,
	.shutdown = wt_raw_shutdown,
	.peername = wt_raw_peername,
	.linger = wt_raw_linger,
	.send_disc = wt_raw_send_disc,
	.recv_disc = wt_raw_recv_disc,
	.close = wt_raw_close,
};

int wt_level_socket(const struct wt_level *level, enum wt_net net,
		    enum wt_family family, bool disc)
{
	if (wt_enter(net))
		return -1;
	return level->socket(family == WT_V4 ? AF_INET : AF_INET6, SOCK_STREAM,
			     disc);
}

int wt_level_listen(const struct wt_level *level, const struct wt_conf *conf)
{
	struct sockaddr_storage ss;
	socklen_t len;
	int fd, ret;

	fd = wt_level_socket(level, WT_SERVER, conf->family,
			     conf->attach & WT_ATTACH_SERVER);
	if (fd < 0)
		return fd;
	if (conf->rcvbuf && setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &conf->rcvbuf,
				       sizeof(conf->rcvbuf)))
		return -1;
	/* Winsock's sockets are IPV6_V6ONLY unless told otherwise. */
	if (conf->family == WT_MAPPED &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){ 0 }, sizeof(int)))
		return -1;
	len = wt_addr(WT_SERVER, conf->family, 0, &ss);
	ret = level->bind(fd, (struct sockaddr *)&ss, len);
	if (!ret)
		ret = level->listen(fd, 16);
	return ret ? ret : fd;
}

int wt_level_connect(const struct wt_level *level, const struct wt_conf *conf,
		     int listener, int fd[2])
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	int ret;

	if (getsockname(listener, (struct sockaddr *)&ss, &len))
		return -1;
	fd[0] = wt_level_socket(level, WT_CLIENT, conf->family,
				conf->attach & WT_ATTACH_CLIENT);
	if (fd[0] < 0)
		return fd[0];
	if (conf->sndbuf && setsockopt(fd[0], SOL_SOCKET, SO_SNDBUF,
				       &conf->sndbuf, sizeof(conf->sndbuf)))
		return -1;
	if (conf->family == WT_MAPPED &&
	    setsockopt(fd[0], IPPROTO_IPV6, IPV6_V6ONLY, &(int){ 0 },
		       sizeof(int)))
		return -1;
	ret = level->connect(fd[0], (struct sockaddr *)&ss, len);
	if (ret)
		return ret;
	fd[1] = level->accept(listener);
	return fd[1] < 0 ? fd[1] : 0;
}

int wt_level_pair(const struct wt_level *level, const struct wt_conf *conf,
		  int fd[2])
{
	int listener = wt_level_listen(level, conf);
	int ret;

	if (listener < 0)
		return listener;
	ret = wt_level_connect(level, conf, listener, fd);
	level->close(listener);
	return ret;
}
