// SPDX-License-Identifier: LGPL-2.1-or-later
/* TransmitFile: sendfile() between two buffers. */
#include <errno.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "block.h"
#include "extension.h"
#include "overlapped.h"
#include "wsa.h"

#define TRANSMIT_CHUNK	1048576u

/**
 * struct transmit_op - an operation
 * @op: first
 * @h: socket
 * @head: sent first
 * @head_left: bytes of it still to go
 * @file: descriptor, -1: none
 * @offset: where in it
 * @file_left: bytes of it still to go, at most
 * @own_position: the file's position moves on
 * @tail: sent last
 * @tail_left: bytes of it still to go
 * @end: end the send direction afterwards
 */
struct transmit_op {
	struct wsp_op op;
	struct wsp_handle h;
	const char *head;
	DWORD head_left;
	int file;
	off_t offset;
	uint64_t file_left;
	bool own_position;
	const char *tail;
	DWORD tail_left;
	bool end;
};

static int transmit_failed(void)
{
	return errno == EAGAIN ? WSP_OP_AGAIN : wsp_err_from_errno(errno);
}

static int transmit_buffer(struct transmit_op *x, const char **data, DWORD *left, int more)
{
	while (*left) {
		ssize_t n = send(x->h.fd, *data, *left, MSG_DONTWAIT | MSG_NOSIGNAL | more);

		if (n < 0) {
			if (errno == EINTR)
				continue;
			return transmit_failed();
		}
		*data += n;
		*left -= n;
		x->op.count += n;
	}
	return 0;
}

static int transmit_sendfile(struct transmit_op *x)
{
	while (x->file_left) {
		size_t len = x->file_left < TRANSMIT_CHUNK ? x->file_left : TRANSMIT_CHUNK;
		ssize_t n = sendfile(x->h.fd, x->file, &x->offset, len);

		if (n < 0) {
			if (errno == EINTR)
				continue;
			return transmit_failed();
		}
		if (!n)
			break;
		x->file_left -= n;
		x->op.count += n;
	}
	x->file_left = 0;
	return 0;
}

/* Nonblocking underneath meanwhile: sendfile() has no flag for it. */
static int transmit_file(struct transmit_op *x)
{
	int code;

	if (!x->file_left)
		return 0;
	code = wsp_handle_get(x->h.fd, &x->h);
	if (code || wsp_block_nonblocking(&x->h))
		return code ? code : transmit_sendfile(x);
	code = wsp_block_force(&x->h);
	if (code)
		return code;
	code = transmit_sendfile(x);
	wsp_block_unforce(&x->h);
	return code;
}

static int transmit_attempt(struct wsp_op *op)
{
	struct transmit_op *x = (struct transmit_op *)op;
	int more = x->file_left || x->tail_left ? MSG_MORE : 0;
	int code = transmit_buffer(x, &x->head, &x->head_left, more);

	if (!code)
		code = transmit_file(x);
	if (!code)
		code = transmit_buffer(x, &x->tail, &x->tail_left, 0);
	if (!code && x->end) {
		shutdown(x->h.fd, SHUT_WR);
		wsp_handle_add(&x->h, WSP_H_SEND_OFF);
	}
	return code;
}

static void transmit_end(struct wsp_op *op, int code)
{
	struct transmit_op *x = (struct transmit_op *)op;

	(void)code;
	if (x->file < 0)
		return;
	if (x->own_position)
		lseek(x->file, x->offset, SEEK_SET);
	close(x->file);
}

static const struct wsp_op_type transmit_type = {
	.attempt = transmit_attempt,
	.end = transmit_end,
};

/* A copy: the caller may close its own once the call has returned. */
static int transmit_set_file(struct transmit_op *x, HANDLE file, DWORD len, LPWSAOVERLAPPED ov)
{
	struct stat st;

	x->file = -1;
	if (!file)
		return 0;
	if ((uintptr_t)file > INT_MAX || fstat((int)(uintptr_t)file, &st) || !S_ISREG(st.st_mode))
		return WSA_INVALID_HANDLE;
	x->file_left = len ? len : UINT64_MAX;
	x->own_position = !ov;
	x->offset = ov ? (off_t)((uint64_t)ov->OffsetHigh << 32 | ov->Offset) :
			 lseek((int)(uintptr_t)file, 0, SEEK_CUR);
	x->file = dup((int)(uintptr_t)file);
	return x->file < 0 ? wsp_err_from_errno(errno) : 0;
}

static int transmit_start(SOCKET s, struct transmit_op *x, LPWSAOVERLAPPED ov)
{
	DWORD count;
	int code = wsp_op_init(&x->op, &transmit_type, ov, NULL, NULL);

	if (code) {
		if (x->file >= 0)
			close(x->file);
		free(x);
		return code;
	}
	if (ov)
		return wsp_op_submit(s, WSP_OUT, &x->op, NULL, NULL);
	return wsp_op_wait(s, WSP_OUT, &x->op, &count, NULL);
}

static int transmit_check(SOCKET s, struct wsp_handle *h)
{
	int code = wsp_handle_get(s, h);

	if (code)
		return code;
	if (!(h->state & WSP_H_TCP) || wsp_tcp_state(h) < WSP_TCP_OPEN)
		return WSAENOTCONN;
	return h->state & WSP_H_SEND_OFF ? WSAESHUTDOWN : 0;
}

WSA_EXPORT BOOL TransmitFile(SOCKET s, HANDLE file, DWORD len, DWORD per_send, LPWSAOVERLAPPED ov,
			     LPTRANSMIT_FILE_BUFFERS bufs, DWORD flags)
{
	struct transmit_op *x = calloc(1, sizeof(*x));
	TRANSMIT_FILE_BUFFERS given = { 0 };
	int code = WSAENOBUFS;

	(void)per_send;
	if (!x)
		return wsp_extension_result(code);
	code = transmit_check(s, &x->h);
	if (!code && bufs && !wsp_mem_read(&given, bufs, sizeof(given)))
		code = WSAEFAULT;
	if (!code)
		code = transmit_set_file(x, file, len, ov);
	if (code) {
		free(x);
		return wsp_extension_result(code);
	}
	x->head = given.Head;
	x->head_left = given.HeadLength;
	x->tail = given.Tail;
	x->tail_left = given.TailLength;
	x->end = flags & TF_DISCONNECT;
	return wsp_extension_result(transmit_start(s, x, ov));
}
