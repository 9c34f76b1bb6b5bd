/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Winsock's types with Windows' 64-bit layouts: DWORD, ULONG and u_long are
 * 32 bits wide, WCHAR is 16.  What libc already names differently (struct
 * linger, fd_set) carries a ws_ prefix here.
 */
#ifndef WSP_TYPES_H
#define WSP_TYPES_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef uint8_t BYTE;
typedef uint16_t WORD;
typedef uint32_t DWORD;
typedef uint32_t ULONG;
typedef int32_t LONG;
typedef int32_t BOOL;
#if defined(__cplusplus) && __SIZEOF_WCHAR_T__ == 2
typedef wchar_t WCHAR;
#elif defined(__cplusplus)
typedef char16_t WCHAR;
#else
typedef uint16_t WCHAR;
#endif
typedef uintptr_t DWORD_PTR;
typedef uintptr_t ULONG_PTR;
typedef void *HANDLE;
typedef void *HWND;
typedef uintptr_t WPARAM;
typedef intptr_t LPARAM;
typedef uint32_t GROUP;
typedef HANDLE WSAEVENT;

/* A SOCKET is the file descriptor: POSIX calls work on it too. */
typedef uintptr_t SOCKET;

#define INVALID_SOCKET		((SOCKET)~(SOCKET)0)
#define SOCKET_ERROR		(-1)
#define WSA_INVALID_EVENT	((WSAEVENT)0)

#define WSADESCRIPTION_LEN	256
#define WSASYS_STATUS_LEN	128
#define WSPDESCRIPTION_LEN	255
#define WSAPROTOCOL_LEN		255
#define MAX_PROTOCOL_CHAIN	7
#define FD_MAX_EVENTS		10
#define WS_FD_SETSIZE		64

struct sockaddr;
struct timeval;

typedef struct wsp_guid {
	uint32_t Data1;
	uint16_t Data2;
	uint16_t Data3;
	uint8_t Data4[8];
} GUID;

typedef struct wsp_buf {
	ULONG len;
	char *buf;
} WSABUF, *LPWSABUF;

typedef struct wsp_overlapped {
	ULONG_PTR Internal;
	ULONG_PTR InternalHigh;
	DWORD Offset;
	DWORD OffsetHigh;
	HANDLE hEvent;
} WSAOVERLAPPED, *LPWSAOVERLAPPED;

typedef struct wsp_wsadata {
	WORD wVersion;
	WORD wHighVersion;
	uint16_t iMaxSockets;
	uint16_t iMaxUdpDg;
	char *lpVendorInfo;
	char szDescription[WSADESCRIPTION_LEN + 1];
	char szSystemStatus[WSASYS_STATUS_LEN + 1];
} WSADATA, *LPWSADATA;

typedef struct wsp_wspdata {
	WORD wVersion;
	WORD wHighVersion;
	WCHAR szDescription[WSPDESCRIPTION_LEN + 1];
} WSPDATA, *LPWSPDATA;

typedef struct wsp_protocol_chain {
	int ChainLen;
	DWORD ChainEntries[MAX_PROTOCOL_CHAIN];
} WSAPROTOCOLCHAIN, *LPWSAPROTOCOLCHAIN;

typedef struct wsp_protocol_info_a {
	DWORD dwServiceFlags1;
	DWORD dwServiceFlags2;
	DWORD dwServiceFlags3;
	DWORD dwServiceFlags4;
	DWORD dwProviderFlags;
	GUID ProviderId;
	DWORD dwCatalogEntryId;
	WSAPROTOCOLCHAIN ProtocolChain;
	int iVersion;
	int iAddressFamily;
	int iMaxSockAddr;
	int iMinSockAddr;
	int iSocketType;
	int iProtocol;
	int iProtocolMaxOffset;
	int iNetworkByteOrder;
	int iSecurityScheme;
	DWORD dwMessageSize;
	DWORD dwProviderReserved;
	char szProtocol[WSAPROTOCOL_LEN + 1];
} WSAPROTOCOL_INFOA, *LPWSAPROTOCOL_INFOA;

typedef struct wsp_protocol_info_w {
	DWORD dwServiceFlags1;
	DWORD dwServiceFlags2;
	DWORD dwServiceFlags3;
	DWORD dwServiceFlags4;
	DWORD dwProviderFlags;
	GUID ProviderId;
	DWORD dwCatalogEntryId;
	WSAPROTOCOLCHAIN ProtocolChain;
	int iVersion;
	int iAddressFamily;
	int iMaxSockAddr;
	int iMinSockAddr;
	int iSocketType;
	int iProtocol;
	int iProtocolMaxOffset;
	int iNetworkByteOrder;
	int iSecurityScheme;
	DWORD dwMessageSize;
	DWORD dwProviderReserved;
	WCHAR szProtocol[WSAPROTOCOL_LEN + 1];
} WSAPROTOCOL_INFOW, *LPWSAPROTOCOL_INFOW;

typedef struct wsp_network_events {
	int32_t lNetworkEvents;
	int iErrorCode[FD_MAX_EVENTS];
} WSANETWORKEVENTS, *LPWSANETWORKEVENTS;

typedef struct wsp_thread_id {
	HANDLE ThreadHandle;
	DWORD_PTR Reserved;
} WSATHREADID, *LPWSATHREADID;

/* WS_SO_LINGER's value; l_linger is in seconds. */
struct ws_linger {
	uint16_t l_onoff;
	uint16_t l_linger;
};

struct ws_fd_set {
	uint32_t fd_count;
	SOCKET fd_array[WS_FD_SETSIZE];
};

/* As libc has it, so that programs from Windows can do with libc's. */
#ifdef WSP_COMPAT
#define ws_timeval	timeval
#else
struct ws_timeval {
	long tv_sec;
	long tv_usec;
};
#endif

/* Quality of service is not offered; the pointers exist for the signatures. */
typedef struct wsp_qos QOS, *LPQOS;

typedef void (*LPWSAOVERLAPPED_COMPLETION_ROUTINE)(DWORD error, DWORD count,
						   LPWSAOVERLAPPED ov, DWORD flags);
typedef int (*LPCONDITIONPROC)(LPWSABUF caller_id, LPWSABUF caller_data, LPQOS sqos, LPQOS gqos,
			       LPWSABUF callee_id, LPWSABUF callee_data, GROUP *g,
			       DWORD_PTR callback_data);
typedef BOOL (*LPBLOCKINGCALLBACK)(DWORD_PTR context);
typedef void (*LPWSAUSERAPC)(DWORD_PTR context);

static_assert(sizeof(DWORD) == 4 && sizeof(ULONG) == 4, "DWORD is 32 bits");
static_assert(sizeof(WCHAR) == 2, "WCHAR is 16 bits");
static_assert(sizeof(GUID) == 16, "GUID");
static_assert(sizeof(struct ws_linger) == 4, "linger");
static_assert(sizeof(WSANETWORKEVENTS) == 44, "WSANETWORKEVENTS");
static_assert(sizeof(WSPDATA) == 516, "WSPDATA");
static_assert(sizeof(WSAPROTOCOLCHAIN) == 32, "WSAPROTOCOLCHAIN");
static_assert(sizeof(WSAPROTOCOL_INFOA) == 372, "WSAPROTOCOL_INFOA");
static_assert(sizeof(WSAPROTOCOL_INFOW) == 628, "WSAPROTOCOL_INFOW");

#define WSP_ASSERT_OFF(type, field, off) \
	static_assert(offsetof(type, field) == (off), #type "." #field)

#define WSP_INFO_LAYOUT(type) \
	(offsetof(type, dwServiceFlags1) == 0 && \
	 offsetof(type, dwServiceFlags4) == 12 && \
	 offsetof(type, dwProviderFlags) == 16 && \
	 offsetof(type, ProviderId) == 20 && \
	 offsetof(type, dwCatalogEntryId) == 36 && \
	 offsetof(type, ProtocolChain) == 40 && \
	 offsetof(type, iVersion) == 72 && \
	 offsetof(type, iAddressFamily) == 76 && \
	 offsetof(type, iMaxSockAddr) == 80 && \
	 offsetof(type, iMinSockAddr) == 84 && \
	 offsetof(type, iSocketType) == 88 && \
	 offsetof(type, iProtocol) == 92 && \
	 offsetof(type, iProtocolMaxOffset) == 96 && \
	 offsetof(type, iNetworkByteOrder) == 100 && \
	 offsetof(type, iSecurityScheme) == 104 && \
	 offsetof(type, dwMessageSize) == 108 && \
	 offsetof(type, dwProviderReserved) == 112 && \
	 offsetof(type, szProtocol) == 116)

static_assert(WSP_INFO_LAYOUT(WSAPROTOCOL_INFOA), "WSAPROTOCOL_INFOA offsets");
static_assert(WSP_INFO_LAYOUT(WSAPROTOCOL_INFOW), "WSAPROTOCOL_INFOW offsets");

#if UINTPTR_MAX > 0xffffffff
static_assert(sizeof(WSABUF) == 16, "WSABUF");
WSP_ASSERT_OFF(WSABUF, len, 0);
WSP_ASSERT_OFF(WSABUF, buf, 8);
static_assert(sizeof(WSAOVERLAPPED) == 32, "WSAOVERLAPPED");
WSP_ASSERT_OFF(WSAOVERLAPPED, Internal, 0);
WSP_ASSERT_OFF(WSAOVERLAPPED, InternalHigh, 8);
WSP_ASSERT_OFF(WSAOVERLAPPED, Offset, 16);
WSP_ASSERT_OFF(WSAOVERLAPPED, OffsetHigh, 20);
WSP_ASSERT_OFF(WSAOVERLAPPED, hEvent, 24);
static_assert(sizeof(WSADATA) == 408, "WSADATA");
WSP_ASSERT_OFF(WSADATA, wVersion, 0);
WSP_ASSERT_OFF(WSADATA, wHighVersion, 2);
WSP_ASSERT_OFF(WSADATA, iMaxSockets, 4);
WSP_ASSERT_OFF(WSADATA, iMaxUdpDg, 6);
WSP_ASSERT_OFF(WSADATA, lpVendorInfo, 8);
WSP_ASSERT_OFF(WSADATA, szDescription, 16);
WSP_ASSERT_OFF(WSADATA, szSystemStatus, 273);
static_assert(sizeof(struct ws_fd_set) == 8 + 8 * WS_FD_SETSIZE, "fd_set");
#endif

#ifdef __cplusplus
}
#endif

#endif /* WSP_TYPES_H */
