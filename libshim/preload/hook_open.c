// SPDX-License-Identifier: LGPL-2.1-or-later
/* Hooks on what makes sockets and duplicates of their descriptors. */
#include <errno.h>
#include <stdarg.h>

#include "preload.h"

/* Without attaching at socket(): when the port is known. */
static bool hook_defers(void)
{
	return wsp_start_active &&
	       (wsp_start_conf.nports || wsp_start_conf.attach != WSP_CONF_ATTACH_ALL);
}

WSP_HOOK int socket(int domain, int type, int protocol)
{
	int fd = wsp_start_real()->socket(domain, type, protocol);
	int err = errno;

	if (fd >= 0 && wsp_sock_wanted(domain, type, protocol) && wsp_start_mine())
		wsp_sock_attach(fd);
	errno = err;
	return fd;
}

WSP_HOOK int listen(int fd, int backlog)
{
	int err = errno;

	if (hook_defers() && wsp_start_mine())
		wsp_sock_listen(fd);
	errno = err;
	return wsp_start_real()->listen(fd, backlog);
}

WSP_HOOK int connect(int fd, __CONST_SOCKADDR_ARG addr, socklen_t len)
{
	int err = errno;

	if (hook_defers() && wsp_start_mine())
		wsp_sock_connect(fd, addr.__sockaddr__, len);
	errno = err;
	return wsp_start_real()->connect(fd, addr.__sockaddr__, len);
}

static int hook_accepted(int listener, int fd)
{
	int err = errno;

	if (fd >= 0 && wsp_start_active && wsp_start_mine())
		wsp_sock_accepted(listener, fd);
	errno = err;
	return fd;
}

WSP_HOOK int accept(int fd, __SOCKADDR_ARG addr, socklen_t *restrict len)
{
	return hook_accepted(fd, wsp_start_real()->accept(fd, addr.__sockaddr__, len));
}

WSP_HOOK int accept4(int fd, __SOCKADDR_ARG addr, socklen_t *restrict len, int flags)
{
	return hook_accepted(fd, wsp_start_real()->accept4(fd, addr.__sockaddr__, len, flags));
}

/* @to is @fd's duplicate, or -1. */
static int hook_duplicated(int fd, int to)
{
	uint64_t word = to < 0 ? 0 : wsp_table_get(fd);
	int err = errno;

	if (word && fd != to && wsp_start_mine()) {
		wsp_table_flag(fd, WSP_FD_DUP, 0);
		wsp_table_put(to, word | WSP_FD_DUP);
	}
	errno = err;
	return to;
}

/* dup2() closes what @to was; nothing happens to it if @fd is none. */
static void hook_replacing(int fd, int to)
{
	uint64_t word = wsp_table_get(to);
	int err = errno;

	if (word && fd != to && wsp_start_real()->fcntl(fd, F_GETFD) >= 0 && wsp_start_mine())
		wsp_sock_closing(to, word);
	errno = err;
}

WSP_HOOK int dup(int fd)
{
	return hook_duplicated(fd, wsp_start_real()->dup(fd));
}

WSP_HOOK int dup2(int fd, int to)
{
	hook_replacing(fd, to);
	return hook_duplicated(fd, wsp_start_real()->dup2(fd, to));
}

WSP_HOOK int dup3(int fd, int to, int flags)
{
	hook_replacing(fd, to);
	return hook_duplicated(fd, wsp_start_real()->dup3(fd, to, flags));
}

static int hook_fcntl(int (*real)(int fd, int cmd, ...), int fd, int cmd, va_list ap)
{
	/* As libc itself does: the argument, whatever it is, fits a pointer. */
	int ret = real(fd, cmd, va_arg(ap, void *));

	if (cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC)
		return hook_duplicated(fd, ret);
	return ret;
}

WSP_HOOK int fcntl(int fd, int cmd, ...)
{
	va_list ap;
	int ret;

	va_start(ap, cmd);
	ret = hook_fcntl(wsp_start_real()->fcntl, fd, cmd, ap);
	va_end(ap);
	return ret;
}

/* What programs built for large files call. */
WSP_HOOK int fcntl64(int fd, int cmd, ...)
{
	va_list ap;
	int ret;

	va_start(ap, cmd);
	ret = hook_fcntl(wsp_start_real()->fcntl64, fd, cmd, ap);
	va_end(ap);
	return ret;
}
