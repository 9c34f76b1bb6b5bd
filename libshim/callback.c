// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Calls into the application.  A thread inside one gets WSAEINPROGRESS from
 * every other call; other threads are not affected (SD-8).
 */
#include "internal.h"

static _Thread_local unsigned int callback_depth;

/**
 * wsp_callback_enter() - the thread is about to run the application's code
 */
void wsp_callback_enter(void)
{
	callback_depth++;
}

/**
 * wsp_callback_leave() - the application's code has returned
 */
void wsp_callback_leave(void)
{
	callback_depth--;
}

/**
 * wsp_callback_active() - is this thread inside the application's code?
 *
 * Return: true if so.  SD-8
 */
bool wsp_callback_active(void)
{
	return callback_depth > 0;
}
