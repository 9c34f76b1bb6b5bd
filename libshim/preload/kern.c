// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The kernel's part, by raw system calls: libc's names are hooked, perhaps by
 * others too, and some are cancellation points.  All leave errno changed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/wsp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "preload.h"

#ifndef TCP_ULP
#define TCP_ULP 31
#endif

static int kern_ioctl(int fd, unsigned long cmd, void *arg)
{
	return syscall(SYS_ioctl, fd, cmd, arg);
}

static int kern_setsockopt(int fd, int level, int name, const void *val, socklen_t len)
{
	return syscall(SYS_setsockopt, fd, level, name, val, len);
}

/**
 * wsp_kern_attach() - attach the upper layer protocol
 * @fd: a socket
 *
 * Return: 0, also if it is attached already; else an errno value.
 */
int wsp_kern_attach(int fd)
{
	struct wsp_info info;
	int err;

	if (!kern_setsockopt(fd, IPPROTO_TCP, TCP_ULP, WSP_ULP_NAME, sizeof(WSP_ULP_NAME) - 1))
		return 0;
	err = errno;
	if (err == EEXIST && !kern_ioctl(fd, WSP_INFO_GET, &info))
		return 0;
	return err;
}

/**
 * wsp_kern_mode() - what a lingering close() of the non-blocking socket does
 * @fd: attached socket
 * @mode: enum wsp_linger_mode value
 */
int wsp_kern_mode(int fd, uint32_t mode)
{
	return kern_ioctl(fd, WSP_LINGER_MODE, &mode);
}

/**
 * wsp_kern_arm() - arm disconnect data, for accepted sockets too
 * @fd: attached socket
 * @data: the bytes; what the administrator does not allow is cut off
 * @len: how many
 */
int wsp_kern_arm(int fd, const void *data, size_t len)
{
	struct wsp_disc_args args = {
		.data = (uintptr_t)data,
		.len = len,
		.flags = WSP_DISC_INHERIT,
	};
	struct wsp_info info;
	int ret = kern_ioctl(fd, WSP_DISC_ARM, &args);

	if (!ret || errno != EMSGSIZE || kern_ioctl(fd, WSP_INFO_GET, &info))
		return ret;
	args.len = info.max_len < len ? info.max_len : len;
	return kern_ioctl(fd, WSP_DISC_ARM, &args);
}

/**
 * wsp_kern_disc() - the peer's disconnect data
 * @fd: attached socket
 * @data: where to
 * @len: in, room there; out, size of the data
 */
int wsp_kern_disc(int fd, void *data, uint32_t *len)
{
	struct wsp_disc_args args = {
		.data = (uintptr_t)data,
		.len = *len,
		.flags = WSP_DISC_KEEP_RECV,
	};
	int ret = kern_ioctl(fd, WSP_DISC_RECV, &args);

	*len = args.len;
	return ret;
}

/**
 * wsp_kern_must_wait() - whether close() would have to linger, and must not block
 * @fd: attached socket
 */
bool wsp_kern_must_wait(int fd)
{
	return kern_ioctl(fd, WSP_LINGER_CHECK, NULL) && errno == EWOULDBLOCK;
}

/**
 * wsp_kern_listens() - whether it is a listener
 * @fd: a descriptor
 */
bool wsp_kern_listens(int fd)
{
	int val = 0;
	socklen_t len = sizeof(val);

	return !syscall(SYS_getsockopt, fd, SOL_SOCKET, SO_ACCEPTCONN, &val, &len) && val;
}

/**
 * wsp_kern_is_tcp() - whether it is a TCP socket
 * @fd: a descriptor
 */
bool wsp_kern_is_tcp(int fd)
{
	int val = 0;
	socklen_t len = sizeof(val);

	return !syscall(SYS_getsockopt, fd, SOL_SOCKET, SO_PROTOCOL, &val, &len) &&
	       val == IPPROTO_TCP;
}

/**
 * wsp_kern_read() - copy from where the program says
 * @to: where to
 * @from: perhaps no valid address
 * @len: how many bytes
 *
 * Return: false if they are not all readable.
 */
bool wsp_kern_read(void *to, const void *from, size_t len)
{
	struct iovec local = { .iov_base = to, .iov_len = len };
	struct iovec remote = { .iov_base = (void *)from, .iov_len = len };

	return syscall(SYS_process_vm_readv, getpid(), &local, 1, &remote, 1, 0) == (ssize_t)len;
}

/**
 * wsp_kern_port() - local port
 * @fd: a descriptor
 *
 * Return: the port, 0 if not bound, -1 if it is no Internet socket.
 */
int wsp_kern_port(int fd)
{
	struct sockaddr_in6 sa = { .sin6_family = AF_UNSPEC };
	socklen_t len = sizeof(sa);

	if (syscall(SYS_getsockname, fd, &sa, &len) ||
	    (sa.sin6_family != AF_INET && sa.sin6_family != AF_INET6))
		return -1;
	/* At the same place for both. */
	return ntohs(sa.sin6_port);
}

/**
 * wsp_kern_linger() - set SO_LINGER
 * @fd: a socket
 * @seconds: 0 for off
 */
int wsp_kern_linger(int fd, int seconds)
{
	struct linger linger = { .l_onoff = seconds > 0, .l_linger = seconds };

	return kern_setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}
