// SPDX-License-Identifier: GPL-2.0
/* Looking at sockets from outside, as ss does, and destroying some. */
#include "fuzz.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>

struct diag_request {
	struct nlmsghdr nlh;
	struct inet_diag_req_v2 req;
};

static int diag_send(int fd, int type, int flags, struct inet_diag_req_v2 *req)
{
	struct diag_request r = {
		.nlh = {
			.nlmsg_len = sizeof(r), .nlmsg_type = type,
			.nlmsg_flags = NLM_F_REQUEST | flags,
		},
		.req = *req,
	};

	return send(fd, &r, sizeof(r), 0);
}

/* One of the sockets in @n bytes of a dump; false if there is none. */
static bool diag_pick(struct fz_worker *w, ssize_t n,
		      struct inet_diag_req_v2 *req, bool *end)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)w->buf2;
	bool found = false;

	for (; NLMSG_OK(nlh, n); nlh = NLMSG_NEXT(nlh, n)) {
		struct inet_diag_msg *msg = NLMSG_DATA(nlh);

		if (nlh->nlmsg_type != SOCK_DIAG_BY_FAMILY) {
			*end = true;
			break;
		}
		if (!found || fz_one_in(w, 4)) {
			req->id = msg->id;
			found = true;
		}
	}
	return found;
}

static void diag_dump(struct fz_worker *w, int fd, bool destroy)
{
	struct inet_diag_req_v2 req = {
		.sdiag_family = fz_one_in(w, 2) ? AF_INET6 : AF_INET,
		.sdiag_protocol = IPPROTO_TCP,
		.idiag_ext = fz_u64(&w->rng),
		.idiag_states = fz_one_in(w, 2) ? ~0U : fz_u64(&w->rng),
	};
	bool found = false, end = false;
	ssize_t n;

	fz_what(w, "sock_diag");
	diag_send(fd, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &req);
	while (!end) {
		n = recv(fd, w->buf2, FZ_BUF, 0);
		fz_count(w, n);
		if (n <= 0)
			break;
		found |= diag_pick(w, n, &req, &end);
	}
	if (!found || !destroy)
		return;
	fz_what(w, "SOCK_DESTROY");
	diag_send(fd, SOCK_DESTROY, NLM_F_ACK, &req);
	recv(fd, w->buf2, FZ_BUF, 0);
}

static void diag_stat(struct fz_worker *w)
{
	int fd = open("/proc/thread-self/net/wsp_stat", O_RDONLY | O_CLOEXEC);
	ssize_t n;

	fz_what(w, "wsp_stat");
	fz_count(w, fd);
	if (fd < 0)
		return;
	n = read(fd, w->buf2, fz_size(w, FZ_BUF - 1));
	if (n < 0)
		fz_fail(w, FZ_ERRNO, "/proc/net/wsp_stat");
	close(fd);
}

void fz_diag(struct fz_worker *w)
{
	struct timeval tv = { .tv_sec = 1 };
	enum fz_net net = fz_below(w, FZ_NETS);
	int fd;

	fz_enter(w, net);
	if (fz_one_in(w, 3)) {
		diag_stat(w);
		return;
	}
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	if (fd < 0)
		return;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	/* Elsewhere somebody counts on their connections. */
	diag_dump(w, fd, net == FZ_VICTIM);
	close(fd);
}

/* Sockets that are there long after the last close, and why. */
static void diag_left(const struct inet_diag_msg *msg)
{
	printf("# orphan: state %d, timer %d in %u ms, %u retransmissions, queues %u %u\n",
	       msg->idiag_state, msg->idiag_timer, msg->idiag_expires,
	       msg->idiag_retrans, msg->idiag_rqueue, msg->idiag_wqueue);
	/* With a timer it goes some time; TIME_WAIT has one of its own. */
	if (!msg->idiag_timer)
		fz_fail(NULL, FZ_LEAK, "orphan in state %d without a timer",
			msg->idiag_state);
}

/**
 * fz_diag_left() - show, judge and destroy what is left in a namespace
 * @net: the namespace, whose sockets have all been closed
 *
 * A path that has become very slow keeps them for many minutes.
 */
void fz_diag_left(enum fz_net net)
{
	static struct fz_worker w = { .net = -1, .op_name = "end" };
	struct inet_diag_req_v2 req, one;
	struct timeval tv = { .tv_sec = 10 };
	struct nlmsghdr *nlh;
	bool end;
	int fd, kill, i;
	ssize_t n;

	fz_enter(&w, net);
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	kill = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	for (i = 0; i < 2; i++) {
		req = (struct inet_diag_req_v2) {
			.sdiag_family = i ? AF_INET6 : AF_INET,
			.sdiag_protocol = IPPROTO_TCP,
			.idiag_states = ~(1U << TCP_TIME_WAIT),
		};
		diag_send(fd, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &req);
		for (end = false; !end;) {
			n = recv(fd, w.buf2, FZ_BUF, 0);
			if (n <= 0)
				break;
			nlh = (struct nlmsghdr *)w.buf2;
			for (; NLMSG_OK(nlh, n); nlh = NLMSG_NEXT(nlh, n)) {
				struct inet_diag_msg *msg = NLMSG_DATA(nlh);

				end = nlh->nlmsg_type != SOCK_DIAG_BY_FAMILY;
				if (end)
					break;
				diag_left(msg);
				one = req;
				one.id = msg->id;
				diag_send(kill, SOCK_DESTROY, 0, &one);
			}
		}
	}
	close(fd);
	close(kill);
}
