/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Namespaces and connected pairs of the regression tests.  Every test has
 * namespaces of its own, so that sysctls and leftovers die with it.
 */
#ifndef REG_NET_H
#define REG_NET_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/wsp.h>

/* Deadline of what should happen soon; generous, emulated CPUs are slow. */
#define REG_SOON_MS	15000

enum reg_family { REG_V4, REG_V6, REG_MAPPED };

enum reg_attach {
	REG_NEITHER = 0,
	REG_CLIENT = 1,
	REG_SERVER = 2,
	REG_BOTH = 3,
};

/**
 * struct reg_conf - how reg_pair() makes a connection
 * @family: address family; REG_MAPPED is IPv4 over AF_INET6 sockets
 * @attach: which ends get the ULP
 * @ns: namespaces of client and server, 0 means "where we are"
 * @rcvbuf: SO_RCVBUF of the server in bytes, 0 leaves it alone
 * @sndbuf: SO_SNDBUF of the client in bytes, 0 leaves it alone
 * @maxseg: TCP_MAXSEG of the client in bytes, 0 leaves it alone
 */
struct reg_conf {
	enum reg_family family;
	enum reg_attach attach;
	int ns[2];
	int rcvbuf;
	int sndbuf;
	int maxseg;
};

/* Names the step that failed; always -1, so that it can be returned. */
static inline int reg_fail(const char *step)
{
	int err = errno;

	fprintf(stderr, "# %s: %s\n", step, strerror(err));
	errno = err;
	return -1;
}

static inline long reg_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Gives other tasks a turn between two looks at a condition. */
static inline void reg_tick(void)
{
	poll(NULL, 0, 10);
}

static inline int reg_run(const char *cmd)
{
	int ret = system(cmd);

	if (ret)
		fprintf(stderr, "# exit status %d: %s\n", ret, cmd);
	return ret ? -1 : 0;
}

#define reg_sh(...) ({						\
	char reg_cmd[1024];					\
								\
	snprintf(reg_cmd, sizeof(reg_cmd), __VA_ARGS__);	\
	reg_run(reg_cmd);					\
})

/* @name is a path below /proc/sys. */
static inline int reg_sysctl(const char *name, const char *val)
{
	char path[128];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return reg_fail(path);
	n = write(fd, val, strlen(val));
	close(fd);
	return n < 0 ? reg_fail(path) : 0;
}

static inline int reg_ns_fd(void)
{
	return open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
}

static inline int reg_ns_enter(int ns)
{
	return ns > 0 ? setns(ns, CLONE_NEWNET) : 0;
}

/* A namespace with nothing but loopback; stays the current one. */
static inline int reg_ns_lo(void)
{
	struct ifreq ifr = { .ifr_name = "lo" };
	int fd, ret;

	if (unshare(CLONE_NEWNET))
		return reg_fail("unshare");
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return reg_fail("socket");
	ret = ioctl(fd, SIOCGIFFLAGS, &ifr);
	ifr.ifr_flags |= IFF_UP;
	if (!ret)
		ret = ioctl(fd, SIOCSIFFLAGS, &ifr);
	close(fd);
	return ret ? reg_fail("lo up") : 0;
}

/* Loopback addresses, or those reg_ns_addr() gave to the server. */
static inline socklen_t reg_addr(const struct reg_conf *conf, unsigned short port,
				 struct sockaddr_storage *ss)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ss;
	struct sockaddr_in *in4 = (struct sockaddr_in *)ss;
	bool lo = !conf->ns[1];

	memset(ss, 0, sizeof(*ss));
	if (conf->family == REG_V4) {
		in4->sin_family = AF_INET;
		in4->sin_port = htons(port);
		inet_pton(AF_INET, lo ? "127.0.0.1" : "10.78.0.2",
			  &in4->sin_addr);
		return sizeof(*in4);
	}
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(port);
	if (conf->family == REG_V6)
		inet_pton(AF_INET6, lo ? "::1" : "fd78::2", &in6->sin6_addr);
	else
		inet_pton(AF_INET6, lo ? "::ffff:127.0.0.1" :
			  "::ffff:10.78.0.2", &in6->sin6_addr);
	return sizeof(*in6);
}

static inline int reg_attach(int fd)
{
	return setsockopt(fd, IPPROTO_TCP, TCP_ULP, WSP_ULP_NAME,
			  strlen(WSP_ULP_NAME));
}

static inline int reg_setint(int fd, int level, int name, int val)
{
	return setsockopt(fd, level, name, &val, sizeof(val));
}

static inline int reg_nonblock(int fd, bool on)
{
	int flags = fcntl(fd, F_GETFL);

	flags = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
	return fcntl(fd, F_SETFL, flags);
}

/* Closes without leaving an orphan, whose wire may be gone before it is. */
static inline void reg_abort(int fd)
{
	struct linger linger = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(fd);
}

/* A TCP socket; lives in @ns for good. */
static inline int reg_socket(enum reg_family family, int ns)
{
	int domain = family == REG_V4 ? AF_INET : AF_INET6;
	int fd;

	if (reg_ns_enter(ns))
		return reg_fail("setns");
	fd = socket(domain, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return fd < 0 ? reg_fail("socket") : fd;
}

static inline unsigned short reg_port(int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	if (getsockname(fd, (struct sockaddr *)&ss, &len))
		return 0;
	/* sin_port and sin6_port are at the same place. */
	return ntohs(((struct sockaddr_in *)&ss)->sin_port);
}

static inline int reg_bind(int fd, const struct reg_conf *conf, unsigned short port)
{
	struct sockaddr_storage ss;
	socklen_t len = reg_addr(conf, port, &ss);

	reg_setint(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	return bind(fd, (struct sockaddr *)&ss, len);
}

static inline int reg_listen(const struct reg_conf *conf)
{
	int fd = reg_socket(conf->family, conf->ns[1]);

	if (fd < 0)
		return -1;
	if (conf->attach & REG_SERVER && reg_attach(fd))
		return reg_fail("attach listener");
	if (conf->rcvbuf &&
	    reg_setint(fd, SOL_SOCKET, SO_RCVBUF, conf->rcvbuf))
		return reg_fail("SO_RCVBUF");
	if (reg_bind(fd, conf, 0))
		return reg_fail("bind");
	if (listen(fd, 128))
		return reg_fail("listen");
	return fd;
}

/* A client socket as @conf wants it, not yet connected. */
static inline int reg_client(const struct reg_conf *conf)
{
	int fd = reg_socket(conf->family, conf->ns[0]);

	if (fd < 0)
		return -1;
	if (conf->attach & REG_CLIENT && reg_attach(fd))
		return reg_fail("attach client");
	if (conf->sndbuf &&
	    reg_setint(fd, SOL_SOCKET, SO_SNDBUF, conf->sndbuf))
		return reg_fail("SO_SNDBUF");
	if (conf->maxseg &&
	    reg_setint(fd, IPPROTO_TCP, TCP_MAXSEG, conf->maxseg))
		return reg_fail("TCP_MAXSEG");
	return fd;
}

static inline int reg_connect(int fd, const struct reg_conf *conf,
			      unsigned short port)
{
	struct sockaddr_storage ss;
	socklen_t len = reg_addr(conf, port, &ss);

	return connect(fd, (struct sockaddr *)&ss, len);
}

/* Connects @client to @listener; the accepted socket, or -1. */
static inline int reg_join(const struct reg_conf *conf, int listener,
			   int client)
{
	int fd;

	if (reg_connect(client, conf, reg_port(listener)))
		return reg_fail("connect");
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	return fd < 0 ? reg_fail("accept") : fd;
}

/* fd[0] is the client, fd[1] the server. */
static inline int reg_pair(const struct reg_conf *conf, int fd[2])
{
	int listener = reg_listen(conf);

	if (listener < 0)
		return -1;
	fd[0] = reg_client(conf);
	if (fd[0] < 0)
		return -1;
	fd[1] = reg_join(conf, listener, fd[0]);
	close(listener);
	return fd[1] < 0 ? -1 : 0;
}

/* The events that came up, 0 at the deadline. */
static inline short reg_poll(int fd, short events, int ms)
{
	struct pollfd pfd = { .fd = fd, .events = events };

	return poll(&pfd, 1, ms) > 0 ? pfd.revents : 0;
}

/*
 * A listener that answers no SYN, for its backlog is full of @client, a new
 * connection; -1 on failure.
 */
static inline int reg_listen_full(const struct reg_conf *conf, int *client)
{
	int listener = reg_listen(conf);

	if (listener < 0)
		return -1;
	*client = reg_client(conf);
	if (*client < 0)
		return -1;
	if (listen(listener, 0) ||
	    reg_connect(*client, conf, reg_port(listener)) ||
	    !reg_poll(listener, POLLIN, REG_SOON_MS))
		return reg_fail("fill backlog");
	return listener;
}

static inline int reg_tcp_state(int fd)
{
	struct tcp_info ti = { 0 };
	socklen_t len = sizeof(ti);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &ti, &len))
		return -1;
	return ti.tcpi_state;
}

/* Waits for a TCP state; false at the deadline. */
static inline bool reg_wait_state(int fd, int state)
{
	long end = reg_ms() + REG_SOON_MS;

	while (reg_tcp_state(fd) != state) {
		if (reg_ms() > end)
			return false;
		reg_tick();
	}
	return true;
}

static inline int reg_ns_new(void)
{
	/* A tentative link-local address delays the first neighbour. */
	if (reg_ns_lo() ||
	    reg_sysctl("net/ipv6/conf/all/accept_dad", "0") ||
	    reg_sysctl("net/ipv6/conf/default/accept_dad", "0"))
		return -1;
	return reg_ns_fd();
}

/* Gives veth0 of the current namespace the host number @n. */
static inline int reg_ns_addr(int n)
{
	return reg_sh("ip -batch - <<-EOF\n"
		      "addr add 10.78.0.%d/24 dev veth0\n"
		      "addr add fd78::%d/64 dev veth0 nodad\n"
		      "link set veth0 up\n"
		      "EOF", n, n);
}

/*
 * The current namespace becomes the client's.  With @mid, frames between the
 * two ends have to be carried between m0 and m1 of a third namespace.
 */
static inline int reg_ns_pair(int ns[2], int *mid)
{
	int pid = getpid();

	ns[1] = reg_ns_new();
	if (ns[1] < 0)
		return -1;
	if (mid) {
		*mid = reg_ns_new();
		if (*mid < 0 ||
		    reg_sysctl("net/ipv6/conf/default/disable_ipv6", "1") ||
		    reg_sh("ip link add m1 type veth peer name veth0 netns /proc/%d/fd/%d",
			   pid, ns[1]))
			return -1;
	}
	ns[0] = reg_ns_new();
	if (ns[0] < 0)
		return -1;
	if (reg_sh("ip link add veth0 type veth peer name %s netns /proc/%d/fd/%d",
		   mid ? "m0" : "veth0", pid, mid ? *mid : ns[1]))
		return -1;
	if (mid && (reg_ns_enter(*mid) ||
		    reg_sh("ip link set m0 up && ip link set m1 up")))
		return -1;
	if (reg_ns_enter(ns[1]) || reg_ns_addr(2) ||
	    reg_ns_enter(ns[0]) || reg_ns_addr(1))
		return -1;
	return 0;
}

#endif /* REG_NET_H */
