// SPDX-License-Identifier: LGPL-2.1-or-later
/* The resolver's errors, in Winsock's numbers and words. */
#include <errno.h>
#include <netdb.h>

#include "gai.h"
#include "wide.h"
#include "wsa.h"

static const struct {
	int eai;
	int code;
} gai_codes[] = {
	{ EAI_AGAIN, WSATRY_AGAIN },
	{ EAI_BADFLAGS, WSAEINVAL },
	{ EAI_FAIL, WSANO_RECOVERY },
	{ EAI_FAMILY, WSAEAFNOSUPPORT },
	{ EAI_MEMORY, WSA_NOT_ENOUGH_MEMORY },
	{ EAI_NONAME, WSAHOST_NOT_FOUND },
	{ EAI_SERVICE, WSATYPE_NOT_FOUND },
	{ EAI_SOCKTYPE, WSAESOCKTNOSUPPORT },
	{ EAI_OVERFLOW, ERROR_INSUFFICIENT_BUFFER },
	{ EAI_NODATA, WSANO_DATA },
	{ EAI_ADDRFAMILY, WSANO_DATA },
};

static const struct {
	int code;
	const char *text;
} gai_texts[] = {
	{ 0, "No error." },
	{ WSA_NOT_ENOUGH_MEMORY, "Not enough memory." },
	{ ERROR_INSUFFICIENT_BUFFER, "The buffer is too small." },
	{ WSAEFAULT, "Bad address." },
	{ WSAEINVAL, "Invalid argument." },
	{ WSAESOCKTNOSUPPORT, "The socket type is not supported in this address family." },
	{ WSAEAFNOSUPPORT, "The address family is not supported." },
	{ WSANOTINITIALISED, "WSAStartup() has not been called, or it failed." },
	{ WSATYPE_NOT_FOUND, "The service was not found for this socket type." },
	{ WSAHOST_NOT_FOUND, "No such host is known." },
	{ WSATRY_AGAIN, "The name server did not answer; try again." },
	{ WSANO_RECOVERY, "The name server failed for good." },
	{ WSANO_DATA, "The name is valid, but has no data of the kind asked for." },
};

/**
 * wsp_gai_flags() - translate flag bits
 * @table: what each bit is
 * @n: entries there
 * @flags: Winsock's bits
 * @out: out: libc's
 *
 * Return: 0, or WSAEINVAL for a bit that is not in the table.
 */
int wsp_gai_flags(const struct wsp_gai_flag *table, size_t n, int flags, int *out)
{
	*out = 0;
	for (size_t i = 0; i < n; i++) {
		if (flags & table[i].theirs)
			*out |= table[i].ours;
		flags &= ~table[i].theirs;
	}
	return flags ? WSAEINVAL : 0;
}

/**
 * wsp_gai_code() - the WSA code of a resolver's error
 * @eai: 0 or an EAI_* value; with EAI_SYSTEM errno counts
 */
int wsp_gai_code(int eai)
{
	if (!eai)
		return 0;
	if (eai == EAI_SYSTEM)
		return wsp_err_from_errno(errno);
	for (size_t i = 0; i < ARRAY_SIZE(gai_codes); i++)
		if (gai_codes[i].eai == eai)
			return gai_codes[i].code;
	return WSANO_RECOVERY;
}

/**
 * wsp_gai_result() - end a call that returns its error and sets it, too
 * @code: 0 or a WSA code
 *
 * Return: @code.
 */
int wsp_gai_result(int code)
{
	if (code)
		WSASetLastError(code);
	return code;
}

WSA_EXPORT char *gai_strerrorA(int error)
{
	for (size_t i = 0; i < ARRAY_SIZE(gai_texts); i++)
		if (gai_texts[i].code == error)
			return (char *)gai_texts[i].text;
	return (char *)"Unknown error.";
}

WSA_EXPORT WCHAR *gai_strerrorW(int error)
{
	static _Thread_local WCHAR wide[80];

	wsp_wide_from_utf8(wide, ARRAY_SIZE(wide), gai_strerrorA(error));
	return wide;
}
