// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Windows CE's provider has no disconnect calls; everything else it does as the
 * others do.  WSP_PROFILE=ce in the environment makes a process's provider such
 * a one, a catalogue entry a single socket's.  CE-1, CE-2
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "ce.h"
#include "internal.h"

static pthread_once_t ce_once = PTHREAD_ONCE_INIT;
static bool ce_process;

static void ce_look(void)
{
	const char *profile = secure_getenv("WSP_PROFILE");

	ce_process = profile && !strcmp(profile, "ce");
}

/**
 * wsp_ce_process() - does this process want the profile?
 *
 * Return: true if so; the same at every call.
 */
bool wsp_ce_process(void)
{
	pthread_once(&ce_once, ce_look);
	return ce_process;
}

/* CE-1: whatever the arguments are. */
static int ce_disconnect(SOCKET s, LPWSABUF data, int *err)
{
	(void)s;
	(void)data;
	return wsp_err_fail(err, WSASYSCALLFAILURE);
}

/**
 * wsp_ce_table() - give out the profile's entries
 * @table: out
 */
void wsp_ce_table(LPWSPPROC_TABLE table)
{
	wsp_spi_table(table);
	table->lpWSPSendDisconnect = ce_disconnect;
	table->lpWSPRecvDisconnect = ce_disconnect;
}
