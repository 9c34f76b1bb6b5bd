// SPDX-License-Identifier: LGPL-2.1-or-later
/* Messages: what peers ended with, and why nothing is done. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include "preload.h"
#include "text.h"

#define LOG_LINE	1024
#define LOG_PRIORITY	"<29>" /* daemon.notice */

/* Standard error at the start. */
static dev_t log_dev;
static ino_t log_ino;

/**
 * wsp_log_init() - remember what standard error is
 */
void wsp_log_init(void)
{
	struct stat st;

	if (fstat(STDERR_FILENO, &st))
		return;
	log_dev = st.st_dev;
	log_ino = st.st_ino;
}

/* A program may have closed it, and the number be a client or a database now. */
static bool log_stderr_usable(void)
{
	int domain = 0, flags;
	socklen_t len = sizeof(domain);
	struct stat st;

	if (fstat(STDERR_FILENO, &st))
		return false;
	if (st.st_dev == log_dev && st.st_ino == log_ino)
		return true;
	if (S_ISSOCK(st.st_mode))
		return !syscall(SYS_getsockopt, STDERR_FILENO, SOL_SOCKET, SO_DOMAIN, &domain,
				&len) && domain == AF_UNIX;
	if (S_ISCHR(st.st_mode))
		return true;
	flags = syscall(SYS_fcntl, STDERR_FILENO, F_GETFL);
	return S_ISREG(st.st_mode) && flags >= 0 && flags & O_APPEND;
}

static void log_to_syslog(const struct wsp_text *t)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX, .sun_path = "/dev/log" };
	int fd = syscall(SYS_socket, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return;
	syscall(SYS_sendto, fd, t->buf, t->len, MSG_NOSIGNAL, &sa, sizeof(sa));
	syscall(SYS_close, fd);
}

static void log_to_file(const struct wsp_text *t)
{
	int fd = syscall(SYS_openat, AT_FDCWD, wsp_start_conf.log_path,
			 O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);

	if (fd < 0)
		return;
	syscall(SYS_write, fd, t->buf, t->len);
	syscall(SYS_close, fd);
}

static void log_begin(struct wsp_text *t)
{
	bool syslog = wsp_start_conf.log == WSP_CONF_LOG_SYSLOG;

	/* Room for the end of the line. */
	t->size--;
	wsp_text_str(t, syslog ? LOG_PRIORITY : "wsp: ");
	wsp_text_str(t, wsp_start_name);
	wsp_text_str(t, "[");
	wsp_text_num(t, syscall(SYS_getpid));
	wsp_text_str(t, syslog ? "]: wsp: " : "]: ");
}

static void log_end(struct wsp_text *t)
{
	t->size++;
	switch (wsp_start_conf.log) {
	case WSP_CONF_LOG_STDERR:
		wsp_text_str(t, "\n");
		if (log_stderr_usable())
			syscall(SYS_write, STDERR_FILENO, t->buf, t->len);
		break;
	case WSP_CONF_LOG_FILE:
		wsp_text_str(t, "\n");
		log_to_file(t);
		break;
	case WSP_CONF_LOG_SYSLOG:
		log_to_syslog(t);
		break;
	}
}

/**
 * wsp_log() - a message
 * @what: text
 * @detail: more of it, or NULL
 */
void wsp_log(const char *what, const char *detail)
{
	char line[LOG_LINE];
	struct wsp_text t = WSP_TEXT(line);

	log_begin(&t);
	wsp_text_str(&t, what);
	if (detail)
		wsp_text_str(&t, detail);
	log_end(&t);
}

static void log_address(struct wsp_text *t, int fd)
{
	struct sockaddr_in6 sa = { .sin6_family = AF_UNSPEC };
	const struct sockaddr_in *in4 = (const void *)&sa;
	bool v6;
	socklen_t len = sizeof(sa);
	char ip[INET6_ADDRSTRLEN];

	if (syscall(SYS_getpeername, fd, &sa, &len)) {
		wsp_text_str(t, "a peer");
		return;
	}
	v6 = sa.sin6_family == AF_INET6;
	if (!inet_ntop(sa.sin6_family, v6 ? (const void *)&sa.sin6_addr :
		       (const void *)&in4->sin_addr, ip, sizeof(ip)))
		return;
	wsp_text_str(t, v6 ? "[" : "");
	wsp_text_str(t, ip);
	wsp_text_str(t, v6 ? "]:" : ":");
	wsp_text_num(t, ntohs(sa.sin6_port));
}

/**
 * wsp_log_peer() - say what a peer ended its connection with
 * @fd: the connection
 * @data: its disconnect data
 * @len: bytes of it
 */
void wsp_log_peer(int fd, const void *data, size_t len)
{
	char line[LOG_LINE];
	struct wsp_text t = WSP_TEXT(line);

	log_begin(&t);
	log_address(&t, fd);
	wsp_text_str(&t, " ended with \"");
	t.size--;
	wsp_text_escaped(&t, data, len);
	t.size++;
	wsp_text_str(&t, "\"");
	log_end(&t);
}
