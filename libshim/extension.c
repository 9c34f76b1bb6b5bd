// SPDX-License-Identifier: LGPL-2.1-or-later
/* Functions outside the procedure table, by identifier. */
#include <string.h>

#include "extension.h"
#include "internal.h"

static const struct {
	GUID id;
	void *fn;
} extension_table[] = {
	{ WSAID_ACCEPTEX, AcceptEx },
	{ WSAID_GETACCEPTEXSOCKADDRS, GetAcceptExSockaddrs },
	{ WSAID_CONNECTEX, wsp_connectex },
	{ WSAID_DISCONNECTEX, wsp_disconnectex },
	{ WSAID_TRANSMITFILE, TransmitFile },
	{ WSAID_WSASENDMSG, WSASendMsg },
	{ WSAID_WSARECVMSG, wsp_recvmsg },
};

/**
 * wsp_extension_find() - SIO_GET_EXTENSION_FUNCTION_POINTER
 * @id: identifier, readable
 *
 * Return: the function's address, or NULL.
 */
void *wsp_extension_find(const GUID *id)
{
	for (size_t i = 0; i < ARRAY_SIZE(extension_table); i++)
		if (!memcmp(&extension_table[i].id, id, sizeof(*id)))
			return extension_table[i].fn;
	return NULL;
}

/**
 * wsp_extension_result() - end such a function
 * @code: 0 or a WSA code
 *
 * Return: TRUE, or FALSE with the code set.
 */
BOOL wsp_extension_result(int code)
{
	if (code)
		WSASetLastError(code);
	return !code;
}
