/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The preloaded object's parts.
 *
 * Everything here may run in a signal handler, in a forked child and, as far as
 * wsp_start_mine(), in a vforked one: no locks, no malloc, system calls past
 * libc's names, which are hooked.
 */
#ifndef WSP_PRELOAD_H
#define WSP_PRELOAD_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conf.h"
#include "table.h"

#define WSP_HOOK	__attribute__((visibility("default")))

/* libc's, or those of an object preloaded behind this one. */
struct wsp_real {
	int (*socket)(int domain, int type, int protocol);
	int (*accept)(int fd, struct sockaddr *addr, socklen_t *len);
	int (*accept4)(int fd, struct sockaddr *addr, socklen_t *len, int flags);
	int (*connect)(int fd, const struct sockaddr *addr, socklen_t len);
	int (*listen)(int fd, int backlog);
	int (*setsockopt)(int fd, int level, int name, const void *val, socklen_t len);
	int (*shutdown)(int fd, int how);
	int (*close)(int fd);
	int (*fclose)(FILE *stream);
	int (*close_range)(unsigned int first, unsigned int last, int flags);
	void (*closefrom)(int low);
	int (*dup)(int fd);
	int (*dup2)(int fd, int to);
	int (*dup3)(int fd, int to, int flags);
	int (*fcntl)(int fd, int cmd, ...);
	int (*fcntl64)(int fd, int cmd, ...);
};

/* Why a connection ends, for %s. */
#define WSP_REASON_DIED		"killed or crashed"
#define WSP_REASON_CLOSED	"closed"
#define WSP_REASON_EXIT		"exit status"

/* start.c */
extern struct wsp_conf wsp_start_conf;
extern bool wsp_start_active;
extern char wsp_start_name[];
extern char wsp_start_host[];
/* What is wrong with the configuration, else empty. */
extern char wsp_start_error[];

extern struct wsp_real wsp_start_funcs WSP_HIDDEN;
extern bool wsp_start_loaded WSP_HIDDEN;

void wsp_start_load(void);
bool wsp_start_mine(void);
pid_t wsp_start_pid(void);
unsigned int wsp_start_gen(void);

/* Another object's constructor may call a hook before ours has run. */
static inline const struct wsp_real *wsp_start_real(void)
{
	if (__builtin_expect(!wsp_start_loaded, 0))
		wsp_start_load();
	return &wsp_start_funcs;
}

/* log.c */
void wsp_log_init(void);
void wsp_log(const char *what, const char *detail);
void wsp_log_peer(int fd, const void *data, size_t len);

/* kern.c */
int wsp_kern_attach(int fd);
int wsp_kern_mode(int fd, uint32_t mode);
int wsp_kern_arm(int fd, const void *data, size_t len);
int wsp_kern_disc(int fd, void *data, uint32_t *len);
bool wsp_kern_must_wait(int fd);
bool wsp_kern_listens(int fd);
bool wsp_kern_is_tcp(int fd);
int wsp_kern_port(int fd);
bool wsp_kern_read(void *to, const void *from, size_t len);
int wsp_kern_linger(int fd, int seconds);

/* sock.c */
void wsp_sock_init(void);
bool wsp_sock_wanted(int domain, int type, int protocol);
void wsp_sock_attach(int fd);
void wsp_sock_listen(int fd);
void wsp_sock_connect(int fd, const struct sockaddr *addr, socklen_t len);
void wsp_sock_accepted(int listener, int fd);
void wsp_sock_shutdown(int fd);
void wsp_sock_closing(int fd, uint64_t word);
bool wsp_sock_refuses(int fd, uint64_t word);
void wsp_sock_exit(int status);
void wsp_sock_forked(bool child);

#endif /* WSP_PRELOAD_H */
