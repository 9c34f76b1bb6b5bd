// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Sharing a socket with another process, which fetches it from this one's
 * descriptors.  A WSAPROTOCOL_INFO says where it is in the fields that are
 * reserved: dwServiceFlags2 and 3 are the socket's inode number, 4 the process,
 * dwProviderReserved the descriptor plus one and, from bit 26 on, what the other
 * side has to know of the socket's state.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "catalog.h"
#include "dup.h"
#include "internal.h"
#include "upcall_socket.h"

#define DUP_STATE_SHIFT	26
#define DUP_FD_MASK	((1u << DUP_STATE_SHIFT) - 1)

/* Bit DUP_STATE_SHIFT and up. */
static const uint32_t dup_states[] = {
	WSP_H_WINFAM, WSP_H_SEND_OFF, WSP_H_RECV_OFF, WSP_H_RESET, WSP_H_CONNECTED,
};

static uint32_t dup_pack_state(uint32_t state)
{
	uint32_t packed = 0;

	for (size_t i = 0; i < ARRAY_SIZE(dup_states); i++)
		if (state & dup_states[i])
			packed |= 1u << (DUP_STATE_SHIFT + i);
	return packed;
}

static uint32_t dup_unpack_state(uint32_t packed)
{
	uint32_t state = 0;

	for (size_t i = 0; i < ARRAY_SIZE(dup_states); i++)
		if (packed & 1u << (DUP_STATE_SHIFT + i))
			state |= dup_states[i];
	return state;
}

static bool dup_process_exists(DWORD pid)
{
	return pid && pid <= INT_MAX && (!kill((pid_t)pid, 0) || errno == EPERM);
}

static void dup_fill(const struct wsp_handle *h, LPWSAPROTOCOL_INFOW info)
{
	info->dwServiceFlags2 = (DWORD)h->id;
	info->dwServiceFlags3 = (DWORD)(h->id >> 32);
	info->dwServiceFlags4 = (DWORD)getpid();
	info->dwProviderReserved = ((DWORD)h->fd + 1) | dup_pack_state(h->state);
}

/* WSPDuplicateSocket; see WSADuplicateSocketW().  CL-4 */
int wsp_duplicate_spi(SOCKET s, DWORD process_id, LPWSAPROTOCOL_INFOW info, int *err)
{
	WSAPROTOCOL_INFOW entry;
	struct wsp_handle h;
	int code = wsp_handle_get(s, &h);

	if (!code && !dup_process_exists(process_id))
		code = WSAEINVAL;
	if (!code)
		code = wsp_catalog_entry_for(&h, &entry);
	if (code)
		return wsp_err_fail(err, code);
	dup_fill(&h, &entry);
	if (!wsp_mem_write(info, &entry, sizeof(entry)))
		return wsp_err_fail(err, WSAEFAULT);
	if (process_id != (DWORD)getpid()) {
		wsp_handle_add(&h, WSP_H_PASSED);
		/* Where Yama lets only a chosen process in; elsewhere it fails. */
		prctl(PR_SET_PTRACER, (unsigned long)process_id, 0, 0, 0);
	}
	return wsp_err_ok(err);
}

static int dup_fetch(pid_t pid, int fd)
{
	int got, errnum, pidfd;

	if (pid == getpid())
		return fcntl(fd, F_DUPFD_CLOEXEC, 0);
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0)
		return -1;
	got = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	errnum = errno;
	close(pidfd);
	errno = errnum;
	return got;
}

/* What is gone is no fault of the system's. */
static int dup_error(int errnum)
{
	return errnum == ESRCH || errnum == EBADF ? WSAEINVAL : wsp_err_from_errno(errnum);
}

/**
 * wsp_dup_import() - make a socket from what wsp_duplicate_spi() wrote
 * @info: that
 * @err: out: WSAEINVAL (the process or its socket is gone), WSAEACCES, WSAEMFILE
 *
 * Return: the socket or INVALID_SOCKET.
 */
SOCKET wsp_dup_import(const WSAPROTOCOL_INFOW *info, int *err)
{
	uint64_t id = info->dwServiceFlags2 | (uint64_t)info->dwServiceFlags3 << 32;
	int source = (int)(info->dwProviderReserved & DUP_FD_MASK) - 1;
	uint32_t bits = dup_unpack_state(info->dwProviderReserved);
	pid_t pid = (pid_t)info->dwServiceFlags4;
	int fd, code = WSAEINVAL;
	struct stat st;

	do {
		fd = dup_fetch(pid, source);
	} while (fd < 0 && errno == EMFILE && wsp_quarantine_flush());
	if (fd < 0) {
		wsp_err_fail(err, dup_error(errno));
		return INVALID_SOCKET;
	}
	if (!fstat(fd, &st) && S_ISSOCK(st.st_mode) && st.st_ino == id)
		code = wsp_handle_new(fd, bits | (pid == getpid() ? 0 : WSP_H_PASSED), 0);
	if (code) {
		close(fd);
		wsp_err_fail(err, code);
		return INVALID_SOCKET;
	}
	return wsp_upcall_hand_out(fd, err);
}
