// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Copies to and from the caller's pointers that report a bad one instead of
 * dying of it: the kernel does the copying.
 */
#include <errno.h>
#include <fcntl.h>
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
