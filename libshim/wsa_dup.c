// SPDX-License-Identifier: LGPL-2.1-or-later
/* Application interface: duplicates.  Documented in <wsp/catalog.h>. */
#include "info.h"
#include "wsa.h"

WSA_EXPORT int WSADuplicateSocketW(SOCKET s, DWORD process_id, LPWSAPROTOCOL_INFOW info)
{
	const WSPPROC_TABLE *t = wsa_enter_socket(s);
	int rc, err = 0;

	if (!t)
		return SOCKET_ERROR;
	rc = t->lpWSPDuplicateSocket(s, process_id, info, &err);
	return wsa_leave(rc, &err);
}

WSA_EXPORT int WSADuplicateSocketA(SOCKET s, DWORD process_id, LPWSAPROTOCOL_INFOA info)
{
	WSAPROTOCOL_INFOA narrow;
	WSAPROTOCOL_INFOW wide;
	int rc = WSADuplicateSocketW(s, process_id, &wide);

	if (rc)
		return rc;
	wsp_info_narrow(&narrow, &wide);
	if (wsp_mem_write(info, &narrow, sizeof(narrow)))
		return 0;
	WSASetLastError(WSAEFAULT);
	return SOCKET_ERROR;
}
