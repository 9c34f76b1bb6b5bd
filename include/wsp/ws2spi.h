/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The service provider interface: WSPStartup() and the tables it trades.
 *
 * Each table entry returns SOCKET_ERROR (INVALID_SOCKET for those that return
 * a socket) on failure and writes the WSA code through its last argument,
 * which may be NULL; on success that is set to 0.
 */
#ifndef WSP_WS2SPI_H
#define WSP_WS2SPI_H

#include <wsp/consts.h>
#include <wsp/errors.h>
#include <wsp/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef SOCKET (*LPWSPACCEPT)(SOCKET s, struct sockaddr *addr, int *addrlen,
			      LPCONDITIONPROC condition, DWORD_PTR callback_data, int *err);
typedef int (*LPWSPADDRESSTOSTRING)(struct sockaddr *addr, DWORD addrlen, LPWSAPROTOCOL_INFOW info,
				    WCHAR *str, DWORD *len, int *err);
typedef int (*LPWSPASYNCSELECT)(SOCKET s, HWND wnd, unsigned int msg, int32_t events, int *err);
typedef int (*LPWSPBIND)(SOCKET s, const struct sockaddr *name, int namelen, int *err);
typedef int (*LPWSPCANCELBLOCKINGCALL)(int *err);
typedef int (*LPWSPCLEANUP)(int *err);
typedef int (*LPWSPCLOSESOCKET)(SOCKET s, int *err);
typedef int (*LPWSPCONNECT)(SOCKET s, const struct sockaddr *name, int namelen,
			    LPWSABUF caller_data, LPWSABUF callee_data, LPQOS sqos, LPQOS gqos,
			    int *err);
typedef int (*LPWSPDUPLICATESOCKET)(SOCKET s, DWORD process_id, LPWSAPROTOCOL_INFOW info, int *err);
typedef int (*LPWSPENUMNETWORKEVENTS)(SOCKET s, WSAEVENT event, LPWSANETWORKEVENTS events,
				      int *err);
typedef int (*LPWSPEVENTSELECT)(SOCKET s, WSAEVENT event, int32_t events, int *err);
typedef BOOL (*LPWSPGETOVERLAPPEDRESULT)(SOCKET s, LPWSAOVERLAPPED ov, DWORD *count, BOOL wait,
					 DWORD *flags, int *err);
typedef int (*LPWSPGETPEERNAME)(SOCKET s, struct sockaddr *name, int *namelen, int *err);
typedef int (*LPWSPGETSOCKNAME)(SOCKET s, struct sockaddr *name, int *namelen, int *err);
typedef int (*LPWSPGETSOCKOPT)(SOCKET s, int level, int optname, char *optval, int *optlen,
			       int *err);
typedef BOOL (*LPWSPGETQOSBYNAME)(SOCKET s, LPWSABUF name, LPQOS qos, int *err);
typedef int (*LPWSPIOCTL)(SOCKET s, DWORD code, void *in, DWORD inlen, void *out, DWORD outlen,
			  DWORD *count, LPWSAOVERLAPPED ov,
			  LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
			  int *err);
typedef SOCKET (*LPWSPJOINLEAF)(SOCKET s, const struct sockaddr *name, int namelen,
				LPWSABUF caller_data, LPWSABUF callee_data, LPQOS sqos, LPQOS gqos,
				DWORD flags, int *err);
typedef int (*LPWSPLISTEN)(SOCKET s, int backlog, int *err);
typedef int (*LPWSPRECV)(SOCKET s, LPWSABUF bufs, DWORD nbufs, DWORD *count, DWORD *flags,
			 LPWSAOVERLAPPED ov, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
			 LPWSATHREADID thread, int *err);
typedef int (*LPWSPRECVDISCONNECT)(SOCKET s, LPWSABUF data, int *err);
typedef int (*LPWSPRECVFROM)(SOCKET s, LPWSABUF bufs, DWORD nbufs, DWORD *count, DWORD *flags,
			     struct sockaddr *from, int *fromlen, LPWSAOVERLAPPED ov,
			     LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
			     int *err);
typedef int (*LPWSPSELECT)(int nfds, struct ws_fd_set *rfds, struct ws_fd_set *wfds,
			   struct ws_fd_set *efds, const struct ws_timeval *timeout, int *err);
typedef int (*LPWSPSEND)(SOCKET s, LPWSABUF bufs, DWORD nbufs, DWORD *count, DWORD flags,
			 LPWSAOVERLAPPED ov, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
			 LPWSATHREADID thread, int *err);
typedef int (*LPWSPSENDDISCONNECT)(SOCKET s, LPWSABUF data, int *err);
typedef int (*LPWSPSENDTO)(SOCKET s, LPWSABUF bufs, DWORD nbufs, DWORD *count, DWORD flags,
			   const struct sockaddr *to, int tolen, LPWSAOVERLAPPED ov,
			   LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
			   int *err);
typedef int (*LPWSPSETSOCKOPT)(SOCKET s, int level, int optname, const char *optval, int optlen,
			       int *err);
typedef int (*LPWSPSHUTDOWN)(SOCKET s, int how, int *err);
typedef SOCKET (*LPWSPSOCKET)(int af, int type, int protocol, LPWSAPROTOCOL_INFOW info, GROUP g,
			      DWORD flags, int *err);
typedef int (*LPWSPSTRINGTOADDRESS)(WCHAR *str, int af, LPWSAPROTOCOL_INFOW info,
				    struct sockaddr *addr, int *addrlen, int *err);

/* Field order is Windows'. */
typedef struct wsp_proc_table {
	LPWSPACCEPT lpWSPAccept;
	LPWSPADDRESSTOSTRING lpWSPAddressToString;
	LPWSPASYNCSELECT lpWSPAsyncSelect;
	LPWSPBIND lpWSPBind;
	LPWSPCANCELBLOCKINGCALL lpWSPCancelBlockingCall;
	LPWSPCLEANUP lpWSPCleanup;
	LPWSPCLOSESOCKET lpWSPCloseSocket;
	LPWSPCONNECT lpWSPConnect;
	LPWSPDUPLICATESOCKET lpWSPDuplicateSocket;
	LPWSPENUMNETWORKEVENTS lpWSPEnumNetworkEvents;
	LPWSPEVENTSELECT lpWSPEventSelect;
	LPWSPGETOVERLAPPEDRESULT lpWSPGetOverlappedResult;
	LPWSPGETPEERNAME lpWSPGetPeerName;
	LPWSPGETSOCKNAME lpWSPGetSockName;
	LPWSPGETSOCKOPT lpWSPGetSockOpt;
	LPWSPGETQOSBYNAME lpWSPGetQOSByName;
	LPWSPIOCTL lpWSPIoctl;
	LPWSPJOINLEAF lpWSPJoinLeaf;
	LPWSPLISTEN lpWSPListen;
	LPWSPRECV lpWSPRecv;
	LPWSPRECVDISCONNECT lpWSPRecvDisconnect;
	LPWSPRECVFROM lpWSPRecvFrom;
	LPWSPSELECT lpWSPSelect;
	LPWSPSEND lpWSPSend;
	LPWSPSENDDISCONNECT lpWSPSendDisconnect;
	LPWSPSENDTO lpWSPSendTo;
	LPWSPSETSOCKOPT lpWSPSetSockOpt;
	LPWSPSHUTDOWN lpWSPShutdown;
	LPWSPSOCKET lpWSPSocket;
	LPWSPSTRINGTOADDRESS lpWSPStringToAddress;
} WSPPROC_TABLE, *LPWSPPROC_TABLE;

typedef BOOL (*LPWPUCLOSEEVENT)(WSAEVENT event, int *err);
typedef int (*LPWPUCLOSESOCKETHANDLE)(SOCKET s, int *err);
typedef WSAEVENT (*LPWPUCREATEEVENT)(int *err);
typedef SOCKET (*LPWPUCREATESOCKETHANDLE)(DWORD entry_id, DWORD_PTR context, int *err);
typedef int (*LPWPUFDISSET)(SOCKET s, struct ws_fd_set *set);
typedef int (*LPWPUGETPROVIDERPATH)(GUID *id, WCHAR *path, int *len, int *err);
typedef SOCKET (*LPWPUMODIFYIFSHANDLE)(DWORD entry_id, SOCKET proposed, int *err);
typedef BOOL (*LPWPUPOSTMESSAGE)(HWND wnd, unsigned int msg, WPARAM wparam, LPARAM lparam);
typedef int (*LPWPUQUERYBLOCKINGCALLBACK)(DWORD entry_id, LPBLOCKINGCALLBACK *callback,
					  DWORD_PTR *context, int *err);
typedef int (*LPWPUQUERYSOCKETHANDLECONTEXT)(SOCKET s, DWORD_PTR *context, int *err);
typedef int (*LPWPUQUEUEAPC)(LPWSATHREADID thread, LPWSAUSERAPC apc, DWORD_PTR context, int *err);
typedef BOOL (*LPWPURESETEVENT)(WSAEVENT event, int *err);
typedef BOOL (*LPWPUSETEVENT)(WSAEVENT event, int *err);
typedef int (*LPWPUOPENCURRENTTHREAD)(LPWSATHREADID thread, int *err);
typedef int (*LPWPUCLOSETHREAD)(LPWSATHREADID thread, int *err);

typedef struct wsp_upcall_table {
	LPWPUCLOSEEVENT lpWPUCloseEvent;
	LPWPUCLOSESOCKETHANDLE lpWPUCloseSocketHandle;
	LPWPUCREATEEVENT lpWPUCreateEvent;
	LPWPUCREATESOCKETHANDLE lpWPUCreateSocketHandle;
	LPWPUFDISSET lpWPUFDIsSet;
	LPWPUGETPROVIDERPATH lpWPUGetProviderPath;
	LPWPUMODIFYIFSHANDLE lpWPUModifyIFSHandle;
	LPWPUPOSTMESSAGE lpWPUPostMessage;
	LPWPUQUERYBLOCKINGCALLBACK lpWPUQueryBlockingCallback;
	LPWPUQUERYSOCKETHANDLECONTEXT lpWPUQuerySocketHandleContext;
	LPWPUQUEUEAPC lpWPUQueueApc;
	LPWPURESETEVENT lpWPUResetEvent;
	LPWPUSETEVENT lpWPUSetEvent;
	LPWPUOPENCURRENTTHREAD lpWPUOpenCurrentThread;
	LPWPUCLOSETHREAD lpWPUCloseThread;
} WSPUPCALLTABLE, *LPWSPUPCALLTABLE;

static_assert(sizeof(WSPPROC_TABLE) == 30 * sizeof(void *), "WSPPROC_TABLE");
static_assert(sizeof(WSPUPCALLTABLE) == 15 * sizeof(void *), "WSPUPCALLTABLE");

/**
 * WSPStartup() - start the provider and get its entry points
 * @version: highest version the caller can use, MAKEWORD(major, minor)
 * @data: out: the version agreed on and a description
 * @info: the catalogue entry the caller wants to use
 * @upcalls: the caller's services; the newest table given is the one used
 * @table: out: all 30 entries, none NULL.  Those the provider does not offer
 *	fail with WSAEOPNOTSUPP
 *
 * Each success needs one WSPCleanup(); the last of them destroys the sockets.
 *
 * Return: 0, WSAVERNOTSUPPORTED (@version below 2.2) or WSAEFAULT (a NULL
 * pointer).  IN-5
 */
int WSPStartup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
	       LPWSPPROC_TABLE table);

#ifdef __cplusplus
}
#endif

#endif /* WSP_WS2SPI_H */
