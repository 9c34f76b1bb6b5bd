// SPDX-License-Identifier: LGPL-2.1-or-later
/* Attached sockets of this network namespace, from inet_diag. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"

#define DIAG_BUF	32768
#define DIAG_TYPE(a)	((a)->rta_type & NLA_TYPE_MASK)

static const struct rtattr *diag_find(const void *attrs, int len, int type)
{
	const struct rtattr *a = attrs;

	for (; RTA_OK(a, len); a = RTA_NEXT(a, len)) {
		if (DIAG_TYPE(a) == type)
			return a;
	}
	return NULL;
}

static const struct rtattr *diag_within(const struct rtattr *a, int type)
{
	return a ? diag_find(RTA_DATA(a), RTA_PAYLOAD(a), type) : NULL;
}

static void diag_addr(struct sockaddr_storage *ss, int family, const __be32 *addr, __be16 port)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ss;
	struct sockaddr_in *in4 = (struct sockaddr_in *)ss;

	memset(ss, 0, sizeof(*ss));
	ss->ss_family = family;
	if (family == AF_INET) {
		in4->sin_port = port;
		memcpy(&in4->sin_addr, addr, sizeof(in4->sin_addr));
	} else {
		in6->sin6_port = port;
		memcpy(&in6->sin6_addr, addr, sizeof(in6->sin6_addr));
	}
}

/* Whether it is one of ours; @s is filled then. */
static bool diag_parse(const struct nlmsghdr *nlh, struct ctl_sock *s)
{
	const struct inet_diag_msg *msg = NLMSG_DATA(nlh);
	const struct rtattr *nest, *a;
	int len = nlh->nlmsg_len - NLMSG_LENGTH(sizeof(*msg));

	if (len < 0)
		return false;
	nest = diag_within(diag_find(msg + 1, len, INET_DIAG_ULP_INFO), WSP_DIAG_NEST);
	if (!nest)
		return false;
	memset(s, 0, sizeof(*s));
	s->family = msg->idiag_family;
	s->state = msg->idiag_state;
	s->inode = msg->idiag_inode;
	s->cookie = (uint64_t)msg->id.idiag_cookie[1] << 32 | msg->id.idiag_cookie[0];
	diag_addr(&s->local, s->family, msg->id.idiag_src, msg->id.idiag_sport);
	diag_addr(&s->remote, s->family, msg->id.idiag_dst, msg->id.idiag_dport);
	for (int type = 1; type <= WSP_DIAG_MAX; type++) {
		a = diag_within(nest, type);
		if (a && RTA_PAYLOAD(a) >= sizeof(uint32_t))
			memcpy(&s->attr[type], RTA_DATA(a), sizeof(uint32_t));
	}
	return true;
}

static int diag_add(struct ctl_socks *socks, const struct ctl_sock *s)
{
	struct ctl_sock *more;

	/* Powers of two are where it is full. */
	if (!(socks->count & (socks->count - 1))) {
		size_t room = socks->count ? 2 * socks->count : 1;

		more = reallocarray(socks->sock, room, sizeof(*more));
		if (!more)
			return -1;
		socks->sock = more;
	}
	socks->sock[socks->count++] = *s;
	return 0;
}

/* 1 at the end of the dump, -1 with errno set. */
static int diag_messages(const void *buf, int len, struct ctl_socks *socks)
{
	const struct nlmsghdr *nlh = buf;
	const struct nlmsgerr *err;
	struct ctl_sock s;

	for (; NLMSG_OK(nlh, (unsigned int)len); nlh = NLMSG_NEXT(nlh, len)) {
		switch (nlh->nlmsg_type) {
		case NLMSG_DONE:
			return 1;
		case NLMSG_ERROR:
			err = NLMSG_DATA(nlh);
			errno = -err->error;
			return -1;
		}
		if (diag_parse(nlh, &s) && diag_add(socks, &s))
			return -1;
	}
	return 0;
}

static int diag_dump(int fd, int family, struct ctl_socks *socks)
{
	struct {
		struct nlmsghdr nlh;
		struct inet_diag_req_v2 req;
	} ask = {
		.nlh.nlmsg_len = sizeof(ask),
		.nlh.nlmsg_type = SOCK_DIAG_BY_FAMILY,
		.nlh.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		.req.sdiag_family = family,
		.req.sdiag_protocol = IPPROTO_TCP,
		.req.idiag_ext = 1 << (INET_DIAG_INFO - 1),
		.req.idiag_states = ~0U,
	};
	static char buf[DIAG_BUF];
	int ret = 0, len;

	if (send(fd, &ask, sizeof(ask), 0) != sizeof(ask))
		return -1;
	while (!ret) {
		len = recv(fd, buf, sizeof(buf), 0);
		if (len < 0 && errno == EINTR)
			continue;
		ret = len <= 0 ? -1 : diag_messages(buf, len, socks);
	}
	return ret < 0 ? -1 : 0;
}

/**
 * ctl_diag() - find the attached sockets
 * @socks: out; @socks->sock is to be freed
 *
 * Those without CAP_NET_ADMIN see none.
 *
 * Return: 0, or -1 with errno set.
 */
int ctl_diag(struct ctl_socks *socks)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	int ret, err;

	*socks = (struct ctl_socks) { };
	if (fd < 0)
		return -1;
	ret = diag_dump(fd, AF_INET, socks);
	if (!ret)
		ret = diag_dump(fd, AF_INET6, socks);
	err = errno;
	close(fd);
	errno = err;
	return ret;
}
