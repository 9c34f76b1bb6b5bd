// SPDX-License-Identifier: LGPL-2.1-or-later
/* The provider's start-up count, what it was given, and fork(). */
#include <pthread.h>
#include <string.h>

#include "block.h"
#include "ce.h"
#include "engine.h"
#include "hook.h"
#include "netevent.h"
#include "object.h"
#include "overlapped.h"
#include "thread.h"
#include "upcall.h"

#define STARTUP_VERSION		MAKEWORD(2, 2)

static const char startup_name[] = "Winsock TCP and UDP with disconnect data for Linux";

static pthread_mutex_t startup_lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned int startup_count;

static void startup_fork_prepare(void)
{
	pthread_mutex_lock(&startup_lock);
	wsp_netevent_fork_prepare();
	wsp_handle_fork_prepare();
	wsp_block_fork_prepare();
	wsp_engine_fork_prepare();
	wsp_quarantine_fork_prepare();
	wsp_upcall_fork_prepare();
	wsp_object_fork_prepare();
	wsp_thread_fork_prepare();
}

static void startup_fork_done(void)
{
	wsp_object_fork_done();
	wsp_upcall_fork_done();
	wsp_quarantine_fork_done();
	wsp_handle_fork_done();
}

static void startup_fork_parent(void)
{
	wsp_thread_fork_parent();
	wsp_engine_fork_parent();
	wsp_block_fork_parent();
	startup_fork_done();
	wsp_netevent_fork_parent();
	pthread_mutex_unlock(&startup_lock);
}

static void startup_fork_child(void)
{
	wsp_thread_fork_child();
	wsp_engine_fork_child();
	wsp_block_fork_child();
	wsp_chan_fork_child();
	wsp_port_fork_child();
	wsp_op_fork_child();
	startup_fork_done();
	wsp_netevent_fork_child();
	pthread_mutex_unlock(&startup_lock);
}

/* Events and threads exist without a start-up. */
__attribute__((constructor))
static void startup_watch_fork(void)
{
	pthread_atfork(startup_fork_prepare, startup_fork_parent, startup_fork_child);
}

/* Major and minor are the low and the high byte. */
static bool startup_version_below(WORD version, unsigned int major, unsigned int minor)
{
	unsigned int v = (version & 0xff) << 8 | version >> 8;

	return v < (major << 8 | minor);
}

/* Documented in <wsp/ws2spi.h>. */
__attribute__((visibility("default")))
int WSPStartup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
	       LPWSPPROC_TABLE table)
{
	if (!data || !info || !table)
		return WSAEFAULT;
	if (startup_version_below(version, 2, 2))
		return WSAVERNOTSUPPORTED;
	memset(data, 0, sizeof(*data));
	data->wVersion = STARTUP_VERSION;
	data->wHighVersion = STARTUP_VERSION;
	for (size_t i = 0; startup_name[i]; i++)
		data->szDescription[i] = (unsigned char)startup_name[i];
	if (wsp_ce_process())
		wsp_ce_table(table);
	else
		wsp_spi_table(table);

	pthread_mutex_lock(&startup_lock);
	startup_count++;
	wsp_upcall_set(&upcalls);
	if (upcalls.lpWPUQueryBlockingCallback &&
	    upcalls.lpWPUQueryBlockingCallback != wsa_hook_query)
		wsp_hook_use();
	pthread_mutex_unlock(&startup_lock);
	return 0;
}

/* WSPCleanup; see WSACleanup().  IN-1 */
int wsp_cleanup_spi(int *err)
{
	int code = 0;

	if (wsp_callback_active())
		return wsp_err_fail(err, WSAEINPROGRESS);
	pthread_mutex_lock(&startup_lock);
	if (!startup_count)
		code = WSANOTINITIALISED;
	else if (!--startup_count)
		wsp_handle_destroy_all(wsp_close_destroy);
	pthread_mutex_unlock(&startup_lock);
	return wsp_err_result(err, code);
}
