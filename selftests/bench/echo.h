/* SPDX-License-Identifier: GPL-2.0 */
/* Echo servers whose processor time is compared. */
#ifndef ECHO_H
#define ECHO_H

#include <stdbool.h>
#include <stdint.h>

#define ECHO_SIZE	64
#define ECHO_ROOM	4096
#define ECHO_MAX	200
/* As many events as one call waits for, less one. */
#define ECHO_EVENTS	60

/**
 * struct echo_server - a way to serve
 * @name: the arm
 * @library: sockets are libwsp's
 * @serve: echoes on all connections until each has ended
 * @most: connections that it can serve
 */
struct echo_server {
	const char *name;
	bool library;
	void (*serve)(const uintptr_t *fd, int conns);
	int most;
};

_Noreturn void echo_die(const char *what);

/* echo_plain.c */
void echo_epoll(const uintptr_t *fd, int conns);
void echo_uring(const uintptr_t *fd, int conns);
void echo_calls(const uintptr_t *fd, int conns);

/* echo_wsp.c */
uintptr_t echo_wsp_listen(unsigned short *port);
uintptr_t echo_wsp_accept(uintptr_t listener);
void echo_wsp_port(const uintptr_t *fd, int conns);
void echo_wsp_event(const uintptr_t *fd, int conns);
void echo_wsp_select(const uintptr_t *fd, int conns);
void echo_wsp_calls(const uintptr_t *fd, int conns);

#endif /* ECHO_H */
