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

/*
 * Completion routines go on to receive, send and close, so that to them only
 * the calls that SD-8 names are denied.
 */
static _Thread_local unsigned int callback_routine_depth;

/**
 * wsp_callback_enter_routine() - the thread is about to call a completion routine
 */
void wsp_callback_enter_routine(void)
{
	callback_routine_depth++;
}

/**
 * wsp_callback_leave_routine() - the completion routine has returned
 */
void wsp_callback_leave_routine(void)
{
	callback_routine_depth--;
}

/**
 * wsp_callback_in_routine() - is this thread inside a completion routine?
 *
 * Return: true if so.  SD-8
 */
bool wsp_callback_in_routine(void)
{
	return callback_routine_depth > 0;
}
