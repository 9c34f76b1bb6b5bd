// SPDX-License-Identifier: LGPL-2.1-or-later
/* The procedure table.  What is not offered says so (IN-5). */
#include "addrstr.h"
#include "dup.h"
#include "leaf.h"
#include "hook.h"
#include "netevent.h"
#include "overlapped.h"

static const WSPPROC_TABLE spi_table = {
	.lpWSPAccept = wsp_accept_spi,
	.lpWSPAddressToString = wsp_addrtostr_spi,
	.lpWSPAsyncSelect = wsp_netevent_async_spi,
	.lpWSPBind = wsp_bind_spi,
	.lpWSPCancelBlockingCall = wsp_hook_cancel_spi,
	.lpWSPCleanup = wsp_cleanup_spi,
	.lpWSPCloseSocket = wsp_close_spi,
	.lpWSPConnect = wsp_connect_spi,
	.lpWSPDuplicateSocket = wsp_duplicate_spi,
	.lpWSPEnumNetworkEvents = wsp_netevent_enum_spi,
	.lpWSPEventSelect = wsp_netevent_event_spi,
	.lpWSPGetOverlappedResult = wsp_overlapped_result_spi,
	.lpWSPGetPeerName = wsp_getpeername_spi,
	.lpWSPGetSockName = wsp_getsockname_spi,
	.lpWSPGetSockOpt = wsp_getsockopt_spi,
	.lpWSPGetQOSByName = wsp_getqos_spi,
	.lpWSPIoctl = wsp_ioctl_spi,
	.lpWSPJoinLeaf = wsp_joinleaf_spi,
	.lpWSPListen = wsp_listen_spi,
	.lpWSPRecv = wsp_recv_spi,
	.lpWSPRecvDisconnect = wsp_recvdisc_spi,
	.lpWSPRecvFrom = wsp_recvfrom_spi,
	.lpWSPSelect = wsp_select_spi,
	.lpWSPSend = wsp_send_spi,
	.lpWSPSendDisconnect = wsp_senddisc_spi,
	.lpWSPSendTo = wsp_sendto_spi,
	.lpWSPSetSockOpt = wsp_setsockopt_spi,
	.lpWSPShutdown = wsp_shutdown_spi,
	.lpWSPSocket = wsp_socket_spi,
	.lpWSPStringToAddress = wsp_strtoaddr_spi,
};

/**
 * wsp_spi_table() - give out the provider's entries
 * @table: out
 */
void wsp_spi_table(LPWSPPROC_TABLE table)
{
	*table = spi_table;
}
