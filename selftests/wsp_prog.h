/* SPDX-License-Identifier: GPL-2.0 */
/* The ported programs as children, and plain clients for them. */
#ifndef WSP_PROG_H
#define WSP_PROG_H

#include <stdio.h>

#include "wsp_test.h"

/* What the machine may take for anything, however busy. */
#define WT_PROG_MS	60000

/**
 * struct wt_prog - a running program of selftests/ports
 * @pid: process
 * @in: its standard input, -1 once closed
 * @out: its standard output
 * @port: where it listens, 0 for a client
 */
struct wt_prog {
	int pid;
	int in;
	FILE *out;
	uint16_t port;
};

/* Starts build/selftests/ports/@argv[0]; a server has told its port. */
int wt_prog_start(struct wt_prog *p, bool server, char *const argv[]);
/* Ends its input and takes its last line; its exit status, -1 if it hangs. */
int wt_prog_stop(struct wt_prog *p, char *line, size_t size);

/* The server's namespace, where there are any; loopback joins both ends. */
void wt_prog_net(void);
/* A client; @attach: with disconnect data. */
int wt_prog_connect(const struct wt_prog *p, bool attach);
int wt_prog_send(int fd, const void *data, size_t len);
/* Exactly @len bytes; fewer if the stream ends, -1 if it fails or stalls. */
ssize_t wt_prog_read(int fd, void *buf, size_t len);
/* One line without its end; 0 at the end of the stream. */
ssize_t wt_prog_line(int fd, char *buf, size_t size);
/* At the end of the stream: the peer's last words; -1 without that end. */
int wt_prog_words(int fd, char *buf, size_t size);

#endif /* WSP_PROG_H */
