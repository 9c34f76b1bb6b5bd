// SPDX-License-Identifier: LGPL-2.1-or-later
/* Errno to WSA code: the one table (IN-7). */
#include <errno.h>

#include "internal.h"

static const uint16_t err_table[] = {
	[EPERM]			= WSAEACCES,
	[EINTR]			= WSAEINTR,
	/* A number that is no open file is a closed handle, SD-5. */
	[EBADF]			= WSAENOTSOCK,
	[EAGAIN]		= WSAEWOULDBLOCK,
	[ENOMEM]		= WSAENOBUFS,
	[EACCES]		= WSAEACCES,
	[EFAULT]		= WSAEFAULT,
	[EINVAL]		= WSAEINVAL,
	[ENFILE]		= WSAEMFILE,
	[EMFILE]		= WSAEMFILE,
	[EPIPE]			= WSAESHUTDOWN,
	[EDOM]			= WSAEINVAL,
	[ENOPROTOOPT]		= WSAENOPROTOOPT,
	[ENOTSOCK]		= WSAENOTSOCK,
	[EDESTADDRREQ]		= WSAEDESTADDRREQ,
	[EMSGSIZE]		= WSAEMSGSIZE,
	[EPROTOTYPE]		= WSAEPROTOTYPE,
	[EPROTONOSUPPORT]	= WSAEPROTONOSUPPORT,
	[ESOCKTNOSUPPORT]	= WSAESOCKTNOSUPPORT,
	[EOPNOTSUPP]		= WSAEOPNOTSUPP,
	[EPFNOSUPPORT]		= WSAEPFNOSUPPORT,
	[EAFNOSUPPORT]		= WSAEAFNOSUPPORT,
	[EADDRINUSE]		= WSAEADDRINUSE,
	[EADDRNOTAVAIL]		= WSAEADDRNOTAVAIL,
	[ENETDOWN]		= WSAENETDOWN,
	[ENETUNREACH]		= WSAENETUNREACH,
	[ENETRESET]		= WSAENETRESET,
	[ECONNABORTED]		= WSAECONNABORTED,
	[ECONNRESET]		= WSAECONNRESET,
	[ENOBUFS]		= WSAENOBUFS,
	[EISCONN]		= WSAEISCONN,
	[ENOTCONN]		= WSAENOTCONN,
	[ESHUTDOWN]		= WSAESHUTDOWN,
	[ETIMEDOUT]		= WSAETIMEDOUT,
	[ECONNREFUSED]		= WSAECONNREFUSED,
	[EHOSTDOWN]		= WSAEHOSTUNREACH,
	[EHOSTUNREACH]		= WSAEHOSTUNREACH,
	[ENONET]		= WSAENETDOWN,
	[EALREADY]		= WSAEALREADY,
	/* Only a nonblocking connect() gets this one. */
	[EINPROGRESS]		= WSAEWOULDBLOCK,
	[ECANCELED]		= WSA_OPERATION_ABORTED,
	[EUSERS]		= WSAEPROCLIM,
};

/**
 * wsp_err_from_errno() - the WSA code of an errno
 * @errnum: errno value
 *
 * Return: the code, WSASYSCALLFAILURE for one that has none, never 0.  IN-7
 */
int wsp_err_from_errno(int errnum)
{
	if (errnum <= 0 || (size_t)errnum >= ARRAY_SIZE(err_table) || !err_table[errnum])
		return WSASYSCALLFAILURE;
	return err_table[errnum];
}

/**
 * wsp_err_result() - end a provider entry
 * @err: the caller's lpErrno, may be NULL
 * @code: 0 or a WSA code
 *
 * Return: 0 or SOCKET_ERROR.
 */
int wsp_err_result(int *err, int code)
{
	if (err)
		*err = code;
	return code ? SOCKET_ERROR : 0;
}

/**
 * wsp_err_fail() - end a provider entry with an error
 * @err: the caller's lpErrno, may be NULL
 * @code: WSA code
 *
 * Return: SOCKET_ERROR.
 */
int wsp_err_fail(int *err, int code)
{
	return wsp_err_result(err, code ? code : WSASYSCALLFAILURE);
}

/**
 * wsp_err_ok() - end a provider entry with success
 * @err: the caller's lpErrno, may be NULL
 *
 * Return: 0.
 */
int wsp_err_ok(int *err)
{
	return wsp_err_result(err, 0);
}
