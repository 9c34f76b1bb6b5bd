// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The three codes of a finished operation: NTSTATUS in WSAOVERLAPPED.Internal,
 * the WSA code that WSAGetOverlappedResult() and completion routines tell, and
 * the system's error that completion ports tell.
 */
#include "overlapped.h"

/* A WSA code without an NTSTATUS, as one of the customer's. */
#define STATUS_OTHER		0xe0570000u

static const struct {
	int wsa;
	uint32_t status;
	int win32;
} status_table[] = {
	{ 0, 0, 0 },
	{ WSA_OPERATION_ABORTED, 0xc0000120, WSA_OPERATION_ABORTED },
	{ WSAECONNRESET, 0xc000020d, 64 },
	{ WSAECONNABORTED, 0xc0000241, 1236 },
	{ WSAECONNREFUSED, 0xc0000236, 1225 },
	{ WSAETIMEDOUT, 0xc00000b5, 121 },
	{ WSAENETUNREACH, 0xc000023c, 1231 },
	{ WSAEHOSTUNREACH, 0xc000023d, 1232 },
	{ WSAEMSGSIZE, 0x80000005, 234 },
	{ WSAESHUTDOWN, 0xc00000b0, 233 },
	{ WSAENOTCONN, 0xc000023a, 1229 },
	{ WSAEISCONN, 0xc000023b, 1230 },
	{ WSAEDISCON, 0xc0000237, 1226 },
	{ WSAEFAULT, 0xc0000005, 998 },
	{ WSAENOBUFS, 0xc000009a, 1450 },
	{ WSAEACCES, 0xc0000022, 5 },
	{ WSAEINVAL, 0xc000000d, WSA_INVALID_PARAMETER },
	{ WSAEOPNOTSUPP, 0xc00000bb, 50 },
	{ WSAEADDRINUSE, 0xc000020a, 1227 },
	{ WSAEADDRNOTAVAIL, 0xc0000141, 1228 },
};

/**
 * wsp_status_from_wsa() - what goes into WSAOVERLAPPED.Internal
 * @code: WSA code, 0: success
 */
uint32_t wsp_status_from_wsa(int code)
{
	for (size_t i = 0; i < ARRAY_SIZE(status_table); i++)
		if (status_table[i].wsa == code)
			return status_table[i].status;
	return STATUS_OTHER | (uint16_t)code;
}

/**
 * wsp_status_to_wsa() - the WSA code of WSAOVERLAPPED.Internal
 * @status: NTSTATUS
 */
int wsp_status_to_wsa(uint32_t status)
{
	for (size_t i = 0; i < ARRAY_SIZE(status_table); i++)
		if (status_table[i].status == status)
			return status_table[i].wsa;
	return (status & 0xffff0000) == STATUS_OTHER ? (int)(uint16_t)status : WSASYSCALLFAILURE;
}

/**
 * wsp_status_to_win32() - what GetLastError() tells of a completion packet
 * @status: NTSTATUS
 */
int wsp_status_to_win32(uint32_t status)
{
	for (size_t i = 0; i < ARRAY_SIZE(status_table); i++)
		if (status_table[i].status == status)
			return status_table[i].win32;
	return wsp_status_to_wsa(status);
}
