// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The program's start: libc's functions, configuration, whose memory this is.
 *
 * All is copied here: programs overwrite their arguments and environment to
 * show another name in ps.
 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "preload.h"
#include "text.h"

#define START_NAME	64
#define START_HOST	65
#define START_ERROR	(WSP_CONF_MAX_PATH + 128)
#define START_FIRST_FD	3 /* SD_LISTEN_FDS_START */

struct wsp_conf wsp_start_conf;
bool wsp_start_active;
char wsp_start_name[START_NAME] = "?";
char wsp_start_host[START_HOST] = "?";
char wsp_start_error[START_ERROR];

static int start_close(int fd);

/* The one that is called most finds the others by itself. */
struct wsp_real wsp_start_funcs = { .close = start_close };
bool wsp_start_loaded;

static unsigned int start_forks;
/* In memory that fork() clears, and that a vforked child shares. */
static pid_t *start_pid;

static const struct start_symbol {
	const char *name;
	size_t offset;
} start_symbols[] = {
	{ "socket", offsetof(struct wsp_real, socket) },
	{ "accept", offsetof(struct wsp_real, accept) },
	{ "accept4", offsetof(struct wsp_real, accept4) },
	{ "connect", offsetof(struct wsp_real, connect) },
	{ "listen", offsetof(struct wsp_real, listen) },
	{ "setsockopt", offsetof(struct wsp_real, setsockopt) },
	{ "shutdown", offsetof(struct wsp_real, shutdown) },
	{ "close", offsetof(struct wsp_real, close) },
	{ "fclose", offsetof(struct wsp_real, fclose) },
	{ "close_range", offsetof(struct wsp_real, close_range) },
	{ "closefrom", offsetof(struct wsp_real, closefrom) },
	{ "dup", offsetof(struct wsp_real, dup) },
	{ "dup2", offsetof(struct wsp_real, dup2) },
	{ "dup3", offsetof(struct wsp_real, dup3) },
	{ "fcntl", offsetof(struct wsp_real, fcntl) },
	{ "fcntl64", offsetof(struct wsp_real, fcntl64) },
	{ }
};

/**
 * wsp_start_load() - find the functions behind the hooks
 */
void wsp_start_load(void)
{
	for (const struct start_symbol *s = start_symbols; s->name; s++) {
		void *addr = dlsym(RTLD_NEXT, s->name);

		memcpy((char *)&wsp_start_funcs + s->offset, &addr, sizeof(addr));
	}
	wsp_start_loaded = true;
}

static int start_close(int fd)
{
	wsp_start_load();
	return wsp_start_funcs.close(fd);
}

/**
 * wsp_start_gen() - how many forks lie between the program's start and us
 */
unsigned int wsp_start_gen(void)
{
	return __atomic_load_n(&start_forks, __ATOMIC_RELAXED);
}

/**
 * wsp_start_mine() - whether the tables are this process's own
 *
 * Between vfork() and exec() they are the parent's, and are to be left alone.
 */
bool wsp_start_mine(void)
{
	pid_t self, owner = 0;

	if (!start_pid)
		return false;
	self = syscall(SYS_getpid);
	if (__atomic_load_n(start_pid, __ATOMIC_RELAXED) == self)
		return true;
	if (!__atomic_compare_exchange_n(start_pid, &owner, self, false, __ATOMIC_RELAXED,
					 __ATOMIC_RELAXED))
		return owner == self;
	__atomic_add_fetch(&start_forks, 1, __ATOMIC_RELAXED);
	return true;
}

/**
 * wsp_start_pid() - this process, where wsp_start_mine() holds
 */
pid_t wsp_start_pid(void)
{
	return __atomic_load_n(start_pid, __ATOMIC_RELAXED);
}

static void start_fork_parent(void)
{
	wsp_sock_forked(false);
}

static void start_fork_child(void)
{
	int err = errno;

	if (wsp_start_mine())
		wsp_sock_forked(true);
	errno = err;
}

static void start_exit(int status, void *arg)
{
	(void)arg;
	if (wsp_start_mine())
		wsp_sock_exit(status);
}

/* Keeps the first error, for a process that has TCP sockets; others are silent. */
static void start_report(void *arg, unsigned int line, const char *what)
{
	struct wsp_text t = { .buf = wsp_start_error, .size = START_ERROR - 1 };

	if (wsp_start_error[0])
		return;
	wsp_text_str(&t, arg);
	if (line) {
		wsp_text_str(&t, ":");
		wsp_text_num(&t, line);
	}
	wsp_text_str(&t, ": ");
	wsp_text_str(&t, what);
	wsp_start_error[t.len] = 0;
}

static const char *start_exe(char *path, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", path, size - 1);
	const char *slash;

	if (n <= 0)
		return NULL;
	path[n] = 0;
	slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* A broken configuration leaves the program as it is. */
static void start_configure(void)
{
	const char *file = getenv("WSP_CONFIG");
	const char *path = file ? file : WSP_CONF_PATH;
	char exe[WSP_CONF_MAX_PATH];
	const char *names[3] = { program_invocation_short_name };
	struct wsp_conf_parse parse = {
		.conf = &wsp_start_conf,
		.names = names,
		.report = start_report,
		.arg = (void *)path,
	};

	names[1] = start_exe(exe, sizeof(exe));
	wsp_conf_init(&wsp_start_conf);
	/* A file that nobody asked for need not be there. */
	if (wsp_conf_file(&parse, path) < 0 && (file || errno != ENOENT))
		start_report((void *)path, 0, strerror(errno));
	wsp_conf_env(&wsp_start_conf, start_report, "environment");
	if (wsp_start_error[0])
		wsp_conf_init(&wsp_start_conf);
}

static bool start_watch(void)
{
	void *page = mmap(NULL, sizeof(*start_pid), PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return false;
	if (madvise(page, sizeof(*start_pid), MADV_WIPEONFORK) ||
	    pthread_atfork(NULL, start_fork_parent, start_fork_child) ||
	    on_exit(start_exit, NULL)) {
		munmap(page, sizeof(*start_pid));
		return false;
	}
	start_pid = page;
	*start_pid = getpid();
	return true;
}

/* Listeners of a service manager are there before the program is. */
static void start_inherited(void)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	int n = pid && fds && atoi(pid) == getpid() ? atoi(fds) : 0;

	for (int fd = START_FIRST_FD; fd < START_FIRST_FD + n && n <= WSP_TABLE_SLAB; fd++) {
		if (wsp_kern_listens(fd))
			wsp_sock_listen(fd);
	}
}

__attribute__((constructor))
static void start(void)
{
	struct wsp_text name = { .buf = wsp_start_name, .size = START_NAME - 1 };

	wsp_start_real();
	wsp_text_str(&name, program_invocation_short_name);
	wsp_start_name[name.len] = 0;
	gethostname(wsp_start_host, START_HOST - 1);
	wsp_log_init();
	start_configure();
	wsp_start_active = wsp_start_conf.attach != WSP_CONF_ATTACH_NONE && start_watch();
	if (!wsp_start_active)
		return;
	wsp_sock_init();
	start_inherited();
}
