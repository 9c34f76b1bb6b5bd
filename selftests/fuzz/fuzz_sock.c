// SPDX-License-Identifier: GPL-2.0
/*
 * Lives and deaths of the sockets in the slots: whoever puts one there closes
 * what was there before, whatever anybody is doing with it.
 */
#include "fuzz.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* The first slots of either kind are listeners most of the time. */
#define LISTENERS	4

int fz_slot(struct fz_worker *w)
{
	return FZ_FD_SLOT + fz_below(w, FZ_SLOTS + FZ_VICTIMS);
}

/* Descriptors facing the forger stay among themselves. */
bool fz_is_victim(int fd)
{
	return fd >= FZ_FD_SLOT + FZ_SLOTS &&
	       fd < FZ_FD_SLOT + FZ_SLOTS + FZ_VICTIMS;
}

static int slot_like(struct fz_worker *w, int fd)
{
	if (fz_is_victim(fd))
		return FZ_FD_SLOT + FZ_SLOTS + LISTENERS / 2 +
		       fz_below(w, FZ_VICTIMS - LISTENERS / 2);
	return FZ_FD_SLOT + LISTENERS + fz_below(w, FZ_SLOTS - LISTENERS);
}

static int slot_listener(struct fz_worker *w, bool victim)
{
	if (victim)
		return FZ_FD_SLOT + FZ_SLOTS + fz_below(w, LISTENERS / 2);
	return FZ_FD_SLOT + fz_below(w, LISTENERS);
}

/* Takes @fd over; closes what the slot held, which may linger. */
static void slot_put(int fd, int slot)
{
	if (fd < 0)
		return;
	dup3(fd, slot, O_CLOEXEC);
	close(fd);
}

static int sock_make(struct fz_worker *w, enum fz_net net, bool v6)
{
	int type = SOCK_STREAM | SOCK_CLOEXEC;
	int fd;

	fz_enter(w, net);
	if (!fz_one_in(w, 4))
		type |= SOCK_NONBLOCK;
	fd = socket(v6 ? AF_INET6 : AF_INET, type, 0);
	if (fd < 0)
		return -1;
	fz_timeouts(fd, 10);
	if (!fz_one_in(w, 5) && reg_attach(fd))
		fz_fail(w, FZ_ERRNO, "attach of a fresh socket");
	return fd;
}

void fz_sock_new(struct fz_worker *w)
{
	int slot = slot_like(w, fz_slot(w));
	enum fz_net net = fz_is_victim(slot) ? FZ_VICTIM : fz_below(w, 2);

	slot_put(sock_make(w, net, fz_one_in(w, 2)), slot);
}

void fz_sock_attach(struct fz_worker *w)
{
	const int allowed[] = {
		EBADF, EEXIST, EISCONN, EINVAL, EOPNOTSUPP, ENOTCONN, ENOMEM, 0
	};

	fz_errno(w, reg_attach(fz_slot(w)), allowed);
}

static int sock_domain(int fd)
{
	int domain = 0;
	socklen_t len = sizeof(domain);

	getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len);
	return domain;
}

static int sock_connect(struct fz_worker *w, int fd)
{
	enum fz_net net = fz_is_victim(fd) ? FZ_VICTIM : FZ_SERVER;
	bool v6 = sock_domain(fd) == AF_INET6;
	struct sockaddr_storage ss;
	socklen_t len;

	if (fz_one_in(w, 16))
		v6 = !v6;
	len = fz_addr(net, v6, fz_one_in(w, 3),
		      FZ_PORT + fz_below(w, FZ_PORTS + fz_one_in(w, 12)), &ss);
	if (fz_one_in(w, 32))
		len = fz_size(w, sizeof(ss));
	fz_what(w, "connect");
	return connect(fd, (struct sockaddr *)&ss, len);
}

void fz_sock_connect(struct fz_worker *w)
{
	struct sockaddr sa = { .sa_family = AF_UNSPEC };
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	int fd = slot_like(w, fz_slot(w));

	switch (fz_below(w, 6)) {
	case 0:
		fz_what(w, "disconnect");
		fz_errno(w, connect(fd, &sa, sizeof(sa)), fz_tcp_errnos);
		break;
	case 1:
		/* To itself: a simultaneous open. */
		fz_what(w, "self-connect");
		if (!getsockname(fd, (struct sockaddr *)&ss, &len))
			fz_errno(w, connect(fd, (struct sockaddr *)&ss, len),
				 fz_tcp_errnos);
		break;
	default:
		fz_errno(w, sock_connect(w, fd), fz_tcp_errnos);
	}
}

/* A listener on one of the fixed ports, beside those of the others. */
static int sock_listener(struct fz_worker *w, bool victim)
{
	enum fz_net net = victim ? FZ_VICTIM : FZ_SERVER;
	struct sockaddr_storage ss = { 0 };
	struct sockaddr_in *in4 = (void *)&ss;
	bool v6 = !fz_one_in(w, 3);
	int fd = sock_make(w, net, v6);

	if (fd < 0)
		return -1;
	reg_setint(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	reg_setint(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (fz_one_in(w, 4))
		reg_setint(fd, IPPROTO_TCP, TCP_FASTOPEN, 8);
	if (fz_one_in(w, 8))
		reg_setint(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, 1);
	in4->sin_family = v6 ? AF_INET6 : AF_INET;
	in4->sin_port = htons(FZ_PORT + fz_below(w, FZ_PORTS));
	if (bind(fd, (struct sockaddr *)&ss,
		 v6 ? sizeof(struct sockaddr_in6) : sizeof(*in4)) ||
	    listen(fd, fz_size(w, 64))) {
		close(fd);
		return -1;
	}
	return fd;
}

void fz_sock_listen(struct fz_worker *w)
{
	bool victim = fz_one_in(w, 3);
	int fd;

	if (fz_one_in(w, 4)) {
		fz_what(w, "listen");
		fz_errno(w, listen(fz_slot(w), fz_size(w, 64)),
			 fz_tcp_errnos);
		return;
	}
	fd = sock_listener(w, victim);
	slot_put(fd, slot_listener(w, victim));
}

/* At the start of a process. */
void fz_sock_listeners(struct fz_worker *w)
{
	int i;

	for (i = 0; i < LISTENERS; i++)
		slot_put(sock_listener(w, false), FZ_FD_SLOT + i);
	for (i = 0; i < LISTENERS / 2; i++)
		slot_put(sock_listener(w, true), FZ_FD_SLOT + FZ_SLOTS + i);
}

void fz_sock_accept(struct fz_worker *w)
{
	int from = slot_listener(w, fz_one_in(w, 3));
	int flags = SOCK_CLOEXEC | (fz_one_in(w, 4) ? 0 : SOCK_NONBLOCK);
	int fd;

	if (fz_one_in(w, 20))
		from = fz_slot(w);
	fz_what(w, "accept");
	fd = accept4(from, NULL, NULL, flags);
	if (fz_errno(w, fd, fz_tcp_errnos)) {
		/* A child has its listener's, if that is not gone meanwhile. */
		fz_timeouts(fd, 10);
		slot_put(fd, slot_like(w, from));
	}
}

/* Both ends of a connection over the good wire, in two slots. */
void fz_sock_pair(struct fz_worker *w)
{
	struct reg_conf conf = { .family = fz_below(w, 3) };
	int l, c, s;

	conf.ns[1] = fz_nets[FZ_SERVER];
	l = sock_make(w, FZ_SERVER, conf.family != REG_V4);
	if (l < 0)
		return;
	fz_what(w, "pair");
	if (!reg_bind(l, &conf, 0) && !listen(l, 4)) {
		c = sock_make(w, FZ_CLIENT, conf.family != REG_V4);
		reg_connect(c, &conf, reg_port(l));
		if (!reg_poll(l, POLLIN, 50)) {
			fz_count(w, -1);
		} else {
			s = accept4(l, NULL, NULL, SOCK_CLOEXEC |
				    (fz_one_in(w, 4) ? 0 : SOCK_NONBLOCK));
			fz_count(w, s);
			slot_put(s, slot_like(w, FZ_FD_SLOT));
		}
		slot_put(c, slot_like(w, FZ_FD_SLOT));
	}
	close(l);
}

void fz_sock_close(struct fz_worker *w)
{
	int fd = slot_like(w, fz_slot(w));

	fz_what(w, "close");
	if (fz_one_in(w, 8))
		fz_count(w, syscall(SYS_close_range, fd, fd + fz_below(w, 2), 0));
	else
		fz_errno(w, close(fd), (const int[]){ EBADF, 0 });
}

void fz_sock_dup(struct fz_worker *w)
{
	int from = slot_like(w, fz_slot(w));
	int to = slot_like(w, from);

	fz_what(w, "dup3");
	if (from != to)
		fz_errno(w, dup3(from, to, O_CLOEXEC),
			 (const int[]){ EBADF, EBUSY, 0 });
}

/* To and from the other processes, through one socket that all have. */
static void pass_send(struct fz_worker *w, int fd)
{
	union {
		struct cmsghdr hdr;
		char room[CMSG_SPACE(sizeof(int))];
	} c = { 0 };
	char kind = fz_is_victim(fd);
	struct iovec iov = { &kind, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &c, .msg_controllen = sizeof(c.room),
	};

	c.hdr.cmsg_len = CMSG_LEN(sizeof(fd));
	c.hdr.cmsg_level = SOL_SOCKET;
	c.hdr.cmsg_type = SCM_RIGHTS;
	memcpy(CMSG_DATA(&c.hdr), &fd, sizeof(fd));
	fz_count(w, sendmsg(w->uds, &msg, MSG_DONTWAIT | MSG_NOSIGNAL));
}

static void pass_recv(struct fz_worker *w)
{
	union {
		struct cmsghdr hdr;
		char room[CMSG_SPACE(sizeof(int))];
	} c = { 0 };
	char kind = 0;
	struct iovec iov = { &kind, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &c, .msg_controllen = sizeof(c.room),
	};
	int fd;

	if (recvmsg(w->uds, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) <= 0 ||
	    msg.msg_controllen < CMSG_LEN(sizeof(fd)) ||
	    c.hdr.cmsg_type != SCM_RIGHTS)
		return;
	memcpy(&fd, CMSG_DATA(&c.hdr), sizeof(fd));
	slot_put(fd, slot_like(w, kind ? FZ_FD_SLOT + FZ_SLOTS : FZ_FD_SLOT));
}

void fz_sock_pass(struct fz_worker *w)
{
	fz_what(w, "SCM_RIGHTS");
	if (fz_one_in(w, 2))
		pass_send(w, slot_like(w, fz_slot(w)));
	else
		pass_recv(w);
}

/*
 * A child with all the descriptors does a few operations and dies, by its own
 * hand or not; what it alone still holds is closed by its death.
 */
void fz_sock_fork(struct fz_worker *w)
{
	unsigned int n = fz_below(w, 12), i;
	bool kills = fz_one_in(w, 2), killed = fz_one_in(w, 3);
	int status;
	pid_t pid;

	fz_what(w, "fork");
	pid = fork();
	if (!pid) {
		w->forked = true;
		syscall(SYS_close_range, FZ_FD_CONN, ~0U, 0);
		for (i = 0; i < n; i++)
			fz_one(w, true);
		if (kills)
			kill(getpid(), SIGKILL);
		_exit(0);
	}
	fz_count(w, pid);
	if (pid < 0)
		return;
	/* Its last references may well be those of the child. */
	if (fz_one_in(w, 2))
		close(slot_like(w, fz_slot(w)));
	if (killed)
		kill(pid, SIGKILL);
	fz_what(w, "waitpid");
	if (waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) &&
	    WTERMSIG(status) != SIGKILL)
		fz_fail(w, FZ_STATE, "child: signal %d", WTERMSIG(status));
}
