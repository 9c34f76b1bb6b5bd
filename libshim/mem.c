// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Copies to and from the caller's pointers that report a bad one instead of
 * dying of it: the kernel does the copying.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "internal.h"

/* A pipe takes this much at once without blocking. */
#define MEM_CHUNK	4096

/*
 * Where process_vm_readv() is forbidden or not built in: through a pipe, whose
 * read and write check pointers as any call does.
 */
static bool mem_pipe_copy(char *dst, const char *src, size_t len)
{
	int p[2];

	if (pipe2(p, O_CLOEXEC))
		return false;
	while (len) {
		ssize_t n = write(p[1], src, len < MEM_CHUNK ? len : MEM_CHUNK);

		if (n <= 0 || read(p[0], dst, n) != n)
			break;
		src += n;
		dst += n;
		len -= n;
	}
	close(p[0]);
	close(p[1]);
	return !len;
}

static bool mem_unavailable(ssize_t rc)
{
	return rc < 0 && errno != EFAULT;
}

/**
 * wsp_mem_read() - copy from a pointer that may be bad
 * @dst: where to
 * @user_src: the caller's pointer
 * @len: bytes
 *
 * Return: false if not all of it can be read.
 */
bool wsp_mem_read(void *dst, const void *user_src, size_t len)
{
	struct iovec local = { dst, len };
	struct iovec remote = { (void *)user_src, len };
	ssize_t rc;

	if (!user_src)
		return false;
	rc = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
	if (mem_unavailable(rc))
		return mem_pipe_copy(dst, user_src, len);
	return rc == (ssize_t)len;
}

/**
 * wsp_mem_write() - copy to a pointer that may be bad
 * @user_dst: the caller's pointer
 * @src: where from
 * @len: bytes
 *
 * Return: false if not all of it can be written.
 */
bool wsp_mem_write(void *user_dst, const void *src, size_t len)
{
	struct iovec local = { (void *)src, len };
	struct iovec remote = { user_dst, len };
	ssize_t rc;

	if (!user_dst)
		return false;
	rc = process_vm_writev(getpid(), &local, 1, &remote, 1, 0);
	if (mem_unavailable(rc))
		return mem_pipe_copy(user_dst, src, len);
	return rc == (ssize_t)len;
}

/* As far as the end of its page, which is readable as a whole or not at all. */
static size_t mem_page_rest(const void *p)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return page - ((uintptr_t)p & (page - 1));
}

/**
 * wsp_mem_string() - copy a string from a pointer that may be bad
 * @dst: where to, @room characters
 * @user_src: the caller's pointer
 * @room: characters at @dst, the terminating one included
 * @width: bytes of a character, 1 or 2
 *
 * Return: its length in characters; @room if it is longer than that allows;
 * -1 if it cannot be read to its end.
 */
ssize_t wsp_mem_string(void *dst, const void *user_src, size_t room, size_t width)
{
	const char *src = user_src;
	const size_t size = room * width;
	static const char zero[2] = "";
	char *to = dst;
	size_t have = 0;

	while (have < size) {
		size_t n = mem_page_rest(src + have);

		/* A character across the border of two pages. */
		if (n < width)
			n = width;
		n -= n % width;
		if (n > size - have)
			n = size - have;
		if (!wsp_mem_read(to + have, src + have, n))
			return -1;
		for (size_t end = have + n; have < end; have += width)
			if (!memcmp(to + have, zero, width))
				return have / width;
	}
	return room;
}
