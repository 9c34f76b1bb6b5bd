// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "wsp_test.h"

static const char *const wt_net_path[] = {
	[WT_CLIENT] = "/run/netns/client",
	[WT_SERVER] = "/run/netns/server",
};

static const char *const wt_ip[][2] = {
	[WT_V4] = { "10.77.0.1", "10.77.0.2" },
	[WT_V6] = { "fd77::1", "fd77::2" },
	[WT_MAPPED] = { "::ffff:10.77.0.1", "::ffff:10.77.0.2" },
};

int wt_enter(enum wt_net net)
{
	int fd = open(wt_net_path[net], O_RDONLY | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return -1;
	ret = setns(fd, CLONE_NEWNET);
	close(fd);
	return ret;
}

/* Sets a sysctl of the namespace entered last, e.g. "net/wsp/max_data". */
int wt_sysctl(const char *name, int val)
{
	char path[128];
	int fd, ret;

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ret = dprintf(fd, "%d\n", val) > 0 ? 0 : -1;
	close(fd);
	return ret;
}

int wt_attach(int fd)
{
	return setsockopt(fd, IPPROTO_TCP, TCP_ULP, WSP_ULP_NAME,
			  strlen(WSP_ULP_NAME));
}

int wt_socket(enum wt_net net, enum wt_family family, int type)
{
	if (wt_enter(net))
		return -1;
	return socket(family == WT_V4 ? AF_INET : AF_INET6,
		      type | SOCK_CLOEXEC, 0);
}

static socklen_t wt_addr_of(enum wt_family family, const char *ip,
			    uint16_t port, struct sockaddr_storage *ss)
{
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)ss;
	struct sockaddr_in *sin = (struct sockaddr_in *)ss;

	memset(ss, 0, sizeof(*ss));
	if (family == WT_V4) {
		sin->sin_family = AF_INET;
		sin->sin_port = htons(port);
		inet_pton(AF_INET, ip, &sin->sin_addr);
		return sizeof(*sin);
	}
	sin6->sin6_family = AF_INET6;
	sin6->sin6_port = htons(port);
	inet_pton(AF_INET6, ip, &sin6->sin6_addr);
	return sizeof(*sin6);
}

socklen_t wt_addr(enum wt_net net, enum wt_family family, uint16_t port,
		  struct sockaddr_storage *ss)
{
	return wt_addr_of(family, wt_ip[family][net], port, ss);
}

/* A listener in the server namespace, on a port the kernel picks. */
int wt_listen(const struct wt_conf *conf)
{
	struct sockaddr_storage ss;
	socklen_t len;
	int fd;

	fd = wt_socket(WT_SERVER, conf->family, SOCK_STREAM);
	if (fd < 0)
		return -1;
	if (conf->rcvbuf && setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &conf->rcvbuf,
				       sizeof(conf->rcvbuf)))
		goto err_close;
	if ((conf->attach & WT_ATTACH_SERVER) && wt_attach(fd))
		goto err_close;
	len = wt_addr(WT_SERVER, conf->family, 0, &ss);
	if (bind(fd, (struct sockaddr *)&ss, len) || listen(fd, 16))
		goto err_close;
	return fd;

err_close:
	close(fd);
	return -1;
}

/* Connects a new client socket to @listener: fd[0] is the client's end. */
int wt_connect(const struct wt_conf *conf, int listener, int fd[2])
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	if (getsockname(listener, (struct sockaddr *)&ss, &len))
		return -1;
	fd[0] = wt_socket(WT_CLIENT, conf->family, SOCK_STREAM);
	if (fd[0] < 0)
		return -1;
	if (conf->sndbuf && setsockopt(fd[0], SOL_SOCKET, SO_SNDBUF,
				       &conf->sndbuf, sizeof(conf->sndbuf)))
		goto err_close;
	if ((conf->attach & WT_ATTACH_CLIENT) && wt_attach(fd[0]))
		goto err_close;
	if (connect(fd[0], (struct sockaddr *)&ss, len))
		goto err_close;
	fd[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd[1] < 0)
		goto err_close;
	return 0;

err_close:
	close(fd[0]);
	return -1;
}

int wt_pair(const struct wt_conf *conf, int fd[2])
{
	int listener = wt_listen(conf);
	int ret;

	if (listener < 0)
		return -1;
	ret = wt_connect(conf, listener, fd);
	close(listener);
	return ret;
}

int wt_start_connect(int fd, enum wt_family family)
{
	/* On the link, but nobody's address. */
	static const char *const nobody[] = {
		[WT_V4] = "10.77.0.99",
		[WT_V6] = "fd77::99",
		[WT_MAPPED] = "::ffff:10.77.0.99",
	};
	struct sockaddr_storage ss;
	socklen_t len = wt_addr_of(family, nobody[family], 9, &ss);

	if (wt_nonblock(fd, true))
		return -1;
	if (!connect(fd, (struct sockaddr *)&ss, len) || errno != EINPROGRESS)
		return -1;
	return 0;
}

int wt_linger(int fd, int onoff, int seconds)
{
	struct linger l = { .l_onoff = onoff, .l_linger = seconds };

	return setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
}

int wt_nonblock(int fd, bool on)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return -1;
	return fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}

static int wt_tcp_info(int fd, struct tcp_info *ti)
{
	socklen_t len = sizeof(*ti);

	memset(ti, 0, sizeof(*ti));
	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, ti, &len);
}

/* An enum wt_tcp_state value. */
int wt_tcp_state(int fd)
{
	struct tcp_info ti;

	return wt_tcp_info(fd, &ti) ? -1 : ti.tcpi_state;
}

int wt_port(int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	if (getsockname(fd, (struct sockaddr *)&ss, &len))
		return -1;
	return ntohs(ss.ss_family == AF_INET ?
		     ((struct sockaddr_in *)&ss)->sin_port :
		     ((struct sockaddr_in6 *)&ss)->sin6_port);
}

int wt_port_state(enum wt_family family, int local, int remote)
{
	unsigned int from, to, state, found = 0;
	char line[512];
	FILE *f;

	if (wt_enter(WT_CLIENT))
		return -1;
	f = fopen(family == WT_V4 ? "/proc/thread-self/net/tcp" :
				    "/proc/thread-self/net/tcp6", "re");
	if (!f)
		return -1;
	while (!found && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*d: %*[0-9A-F]:%x %*[0-9A-F]:%x %x",
			   &from, &to, &state) == 3 &&
		    (int)from == local && (int)to == remote)
			found = state;
	}
	fclose(f);
	return found;
}

int wt_info(int fd, struct wsp_info *info)
{
	memset(info, 0xcc, sizeof(*info));
	return ioctl(fd, WSP_INFO_GET, info);
}

long wt_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000L + ts.tv_nsec / 1000000;
}

bool wt_wait(bool (*cond)(int fd), int fd, int ms)
{
	long end = wt_ms() + ms;

	while (!cond(fd)) {
		if (wt_ms() >= end)
			return false;
		poll(NULL, 0, 5);
	}
	return true;
}

short wt_poll(int fd, short events, int ms)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, ms) > 0 ? p.revents : 0;
}

/* Nothing in flight, something to send: the peer's window holds it back. */
bool wt_is_stalled(int fd)
{
	struct tcp_info ti;

	return !wt_tcp_info(fd, &ti) && !ti.tcpi_unacked &&
	       ti.tcpi_notsent_bytes;
}

bool wt_is_acked(int fd)
{
	int queued;

	return !ioctl(fd, TIOCOUTQ, &queued) && !queued;
}

bool wt_is_closed(int fd)
{
	return wt_tcp_state(fd) == WT_CLOSE;
}

/* The peer's FIN has been taken in, whatever the application has read. */
bool wt_saw_fin(int fd)
{
	int state = wt_tcp_state(fd);

	return state == WT_CLOSE_WAIT || state == WT_LAST_ACK ||
	       state == WT_CLOSING || state == WT_TIME_WAIT;
}

/* Disconnect data lies ready. */
bool wt_has_data(int fd)
{
	struct wsp_info info;

	return !wt_info(fd, &info) && (info.flags & WSP_INFO_RECV_DATA);
}

uint8_t wt_byte(size_t off)
{
	return off ^ (off >> 8) ^ (off >> 16);
}

void wt_pattern(void *buf, size_t len, size_t off)
{
	uint8_t *p = buf;
	size_t i;

	for (i = 0; i < len; i++)
		p[i] = wt_byte(off + i);
}

int wt_send_pattern(int fd, size_t len, size_t off)
{
	uint8_t buf[8192];

	while (len) {
		size_t n = len < sizeof(buf) ? len : sizeof(buf);
		ssize_t ret;

		wt_pattern(buf, n, off);
		ret = send(fd, buf, n, MSG_NOSIGNAL);
		if (ret < 0)
			return -1;
		len -= ret;
		off += ret;
	}
	return 0;
}

ssize_t wt_fill(int fd)
{
	uint8_t buf[8192];
	size_t off = 0;

	for (;;) {
		ssize_t ret;

		wt_pattern(buf, sizeof(buf), off);
		ret = send(fd, buf, sizeof(buf), MSG_DONTWAIT | MSG_NOSIGNAL);
		if (ret > 0) {
			off += ret;
			continue;
		}
		if (errno != EAGAIN)
			return -1;
		if (!wt_wait(wt_is_stalled, fd, WT_SOON_MS)) {
			errno = ETIMEDOUT;
			return -1;
		}
		/* The last acknowledgments may have made room after all. */
		if (!wt_poll(fd, POLLOUT, 0))
			return off;
	}
}

ssize_t wt_drain(int fd, size_t off)
{
	uint8_t buf[8192];
	size_t start = off;

	for (;;) {
		ssize_t ret, i;

		if (!wt_poll(fd, POLLIN, WT_SOON_MS)) {
			errno = ETIMEDOUT;
			return -1;
		}
		ret = recv(fd, buf, sizeof(buf), 0);
		if (ret < 0)
			return -1;
		if (!ret)
			return off - start;
		for (i = 0; i < ret; i++) {
			if (buf[i] != wt_byte(off + i)) {
				errno = EBADMSG;
				return -1;
			}
		}
		off += ret;
	}
}

int wt_disc_send(int fd, const void *data, uint32_t len)
{
	struct wsp_disc_args args = { .data = (uintptr_t)data, .len = len };

	return ioctl(fd, WSP_DISC_SEND, &args);
}

int wt_disc_recv(int fd, void *buf, uint32_t *len, uint32_t flags)
{
	struct wsp_disc_args args = {
		.data = (uintptr_t)buf,
		.len = *len,
		.flags = flags,
	};
	int ret = ioctl(fd, WSP_DISC_RECV, &args);

	*len = args.len;
	return ret;
}

bool wt_is_quiet(int fd)
{
	return !wt_poll(fd, POLLIN | POLLPRI | POLLRDHUP, 0) &&
	       wt_tcp_state(fd) == WT_ESTABLISHED;
}

bool wt_passes(int from, int to)
{
	char buf[8];

	return send(from, "ping", 4, MSG_NOSIGNAL) == 4 &&
	       wt_poll(to, POLLIN, WT_SOON_MS) &&
	       recv(to, buf, sizeof(buf), MSG_DONTWAIT) == 4 &&
	       !memcmp(buf, "ping", 4);
}

uint8_t *wt_page_border(void)
{
	size_t page = sysconf(_SC_PAGESIZE);
	uint8_t *p = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	/* Not unmapped: the next mmap() would fill the hole. */
	if (p == MAP_FAILED || mprotect(p + page, page, PROT_NONE))
		return NULL;
	return p + page;
}

bool wt_is_all(const void *buf, int c, size_t len)
{
	const uint8_t *p = buf;

	while (len--) {
		if (*p++ != c)
			return false;
	}
	return true;
}
