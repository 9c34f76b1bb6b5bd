/* SPDX-License-Identifier: GPL-2.0 */
/* One test body for three callers: WSP* entry points, WSA* calls, raw ioctls. */
#ifndef WSP_LEVEL_H
#define WSP_LEVEL_H

#include <wsp/wsp.h>

#include "wsp_test.h"

/**
 * struct wt_level - the calls under test
 * @socket: a TCP socket, in the namespace entered last
 * @bind: of a socket made by @socket
 * @listen: of a socket made by @socket
 * @connect: of a socket made by @socket
 * @accept: the new socket
 * @send: bytes taken
 * @recv: bytes received
 * @shutdown: SD_* numbers
 * @peername: the peer's address
 * @linger: SO_LINGER
 * @send_disc: SendDisconnect of a buffer, or of none where @data is NULL and
 *	@len is 0
 * @recv_disc: RecvDisconnect into a buffer of *@len bytes; none if @buf is NULL
 * @close: CloseSocket
 *
 * All return what is said here, else 0, and the negative WSA code on failure.
 */
struct wt_level {
	int (*socket)(int af, int type, bool disc);
	int (*bind)(int fd, const struct sockaddr *sa, int len);
	int (*listen)(int fd, int backlog);
	int (*connect)(int fd, const struct sockaddr *sa, int len);
	int (*accept)(int fd);
	int (*send)(int fd, const void *buf, size_t len);
	int (*recv)(int fd, void *buf, size_t len);
	int (*shutdown)(int fd, int how);
	int (*peername)(int fd, struct sockaddr *sa, int *len);
	int (*linger)(int fd, int onoff, int seconds);
	int (*send_disc)(int fd, const void *data, uint32_t len);
	int (*recv_disc)(int fd, void *buf, uint32_t *len);
	int (*close)(int fd);
};

extern const struct wt_level wt_spi, wt_api, wt_raw;

/* The entry points of WSPStartup(). */
extern WSPPROC_TABLE wt_table;

/* Starts both library levels in this process; 0 or a WSA code. */
int wt_lib_start(void);

/* As in wsp_test.h, with sockets of that level. */
int wt_level_socket(const struct wt_level *level, enum wt_net net,
		    enum wt_family family, bool disc);
int wt_level_listen(const struct wt_level *level, const struct wt_conf *conf);
int wt_level_connect(const struct wt_level *level, const struct wt_conf *conf,
		     int listener, int fd[2]);
int wt_level_pair(const struct wt_level *level, const struct wt_conf *conf,
		  int fd[2]);

/**
 * struct wt_full - a connection whose peer does not read
 * @c: the client's end, its queue full
 * @s: the server's end
 * @family: address family of both
 * @local: the client's port number
 * @remote: the server's port number
 * @queued: bytes that the client's end took
 */
struct wt_full {
	int c;
	int s;
	enum wt_family family;
	int local;
	int remote;
	ssize_t queued;
};

int wt_full_setup(const struct wt_level *level, enum wt_family family,
		  struct wt_full *full);
/* TCP state of the client's end, closed or not; 0 if it is gone. */
int wt_full_state(const struct wt_full *full);
/* The peer reads what there is, not all, and then finds a reset. */
bool wt_full_was_reset(const struct wt_level *level,
		       const struct wt_full *full);
/* Takes all that was queued from the peer's end; leaves the rest, e.g. a FIN. */
bool wt_full_take(const struct wt_level *level, const struct wt_full *full);
/* A child that owns the client's end alone dies by @sig, or exits; its status. */
int wt_full_die(const struct wt_full *full, int sig);
/* A child that drains the peer's end once the client's is being closed. */
int wt_full_drain_later(const struct wt_full *full);

#endif /* WSP_LEVEL_H */
