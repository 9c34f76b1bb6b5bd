// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Hooks on what ends sockets.  What they do is for the log, for the reason in
 * the disconnect data and for strict mode: the kernel lingers and sends what is
 * armed whatever closes a socket.
 */
#include <errno.h>
#include <limits.h>

#include "preload.h"

/* Apart, for close() to be short where there is nothing to do. */
__attribute_noinline__
static int hook_close_known(int fd, uint64_t word)
{
	int err = errno;

	if (wsp_start_mine()) {
		if (wsp_sock_refuses(fd, word)) {
			errno = EWOULDBLOCK;
			return -1;
		}
		wsp_sock_closing(fd, word);
	}
	errno = err;
	return wsp_start_real()->close(fd);
}

WSP_HOOK int close(int fd)
{
	uint64_t word = wsp_table_get(fd);

	if (__builtin_expect(word != 0, 0))
		return hook_close_known(fd, word);
	return wsp_start_funcs.close(fd);
}

WSP_HOOK int shutdown(int fd, int how)
{
	int err = errno;

	if (wsp_table_get(fd) && how != SHUT_RD && wsp_start_mine())
		wsp_sock_shutdown(fd);
	errno = err;
	return wsp_start_real()->shutdown(fd, how);
}

/* Of a range of descriptors. */
static void hook_closing(unsigned int first, unsigned int last)
{
	const int end = last > INT_MAX ? INT_MAX : (int)last;
	int err = errno, fd;

	fd = first > INT_MAX ? -1 : wsp_table_next(first, end);
	if (fd >= 0 && wsp_start_mine()) {
		for (; fd >= 0; fd = wsp_table_next(fd + 1, end))
			wsp_sock_closing(fd, wsp_table_get(fd));
	}
	errno = err;
}

WSP_HOOK int fclose(FILE *stream)
{
	int err = errno, fd = fileno(stream);

	errno = err;
	if (fd >= 0 && wsp_table_get(fd))
		hook_closing(fd, fd);
	return wsp_start_real()->fclose(stream);
}

WSP_HOOK int close_range(unsigned int first, unsigned int last, int flags)
{
	if (first <= last && !(flags & CLOSE_RANGE_CLOEXEC))
		hook_closing(first, last);
	return wsp_start_real()->close_range(first, last, flags);
}

WSP_HOOK void closefrom(int low)
{
	hook_closing(low < 0 ? 0 : low, UINT_MAX);
	wsp_start_real()->closefrom(low);
}
