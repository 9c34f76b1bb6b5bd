// SPDX-License-Identifier: LGPL-2.1-or-later
/* WSPIoctl: blocking mode and readable bytes. */
#include <errno.h>
#include <sys/ioctl.h>

#include "block.h"
#include "netevent.h"

static int ctl_set_nonblocking(const struct wsp_handle *h, const void *in, DWORD inlen)
{
	uint32_t val;

	if (inlen < sizeof(val) || !wsp_mem_read(&val, in, sizeof(val)))
		return WSAEFAULT;
	if (!val && wsp_netevent_selected(h))
		return WSAEINVAL;
	return wsp_block_set_nonblocking(h, val != 0);
}

static int ctl_get_readable(const struct wsp_handle *h, void *out, DWORD outlen)
{
	int n;

	if (ioctl(h->fd, FIONREAD, &n))
		return wsp_err_from_errno(errno);
	return outlen >= sizeof(n) && wsp_mem_write(out, &n, sizeof(n)) ? 0 : WSAEFAULT;
}

/* WSPIoctl; see WSAIoctl() */
int wsp_ioctl_spi(SOCKET s, DWORD code, void *in, DWORD inlen, void *out, DWORD outlen,
		  DWORD *count, LPWSAOVERLAPPED ov, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
		  LPWSATHREADID thread, int *err)
{
	DWORD given = 0;
	struct wsp_handle h;
	int fail = wsp_handle_get(s, &h);

	(void)thread;
	if (fail)
		return wsp_err_fail(err, fail);
	if (ov || routine)
		return wsp_err_fail(err, WSAEOPNOTSUPP);
	if (!count)
		return wsp_err_fail(err, WSAEFAULT);
	switch (code) {
	case WS_FIONBIO:
	case FIONBIO:
		fail = ctl_set_nonblocking(&h, in, inlen);
		break;
	case WS_FIONREAD:
	case FIONREAD:
		fail = ctl_get_readable(&h, out, outlen);
		given = sizeof(uint32_t);
		break;
	default:
		fail = WSAEOPNOTSUPP;
	}
	if (!fail && !wsp_mem_write(count, &given, sizeof(given)))
		fail = WSAEFAULT;
	return wsp_err_result(err, fail);
}
