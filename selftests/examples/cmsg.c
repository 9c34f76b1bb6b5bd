// SPDX-License-Identifier: GPL-2.0
/* The last bytes of a stream and its disconnect data in one call, each way. */
#include "example.h"
#include <linux/wsp.h>
#include <sys/uio.h>

/* region: send */
/* Sends the last bytes of a stream and ends it with a reason. */
ssize_t send_last(int fd, struct iovec *bytes, const char *reason, size_t len)
{
	union {
		struct cmsghdr first;
		char room[CMSG_SPACE(WSP_DISC_MAX) + CMSG_SPACE(0)];
	} u = {};
	struct msghdr msg = {
		.msg_iov = bytes, .msg_iovlen = 1,
		.msg_control = &u, .msg_controllen = CMSG_SPACE(len) + CMSG_SPACE(0),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	*c = (struct cmsghdr){ CMSG_LEN(len), SOL_WSP, WSP_CMSG_DISC };
	memcpy(CMSG_DATA(c), reason, len);
	c = (struct cmsghdr *)(u.room + CMSG_SPACE(len));
	*c = (struct cmsghdr){ CMSG_LEN(0), SOL_SOCKET, WSP_CMSG_GUARD };
	return sendmsg(fd, &msg, MSG_NOSIGNAL);
}

/* endregion */

/* region: recv */
/* Receives; at the end of the stream (0) the reason is put at reason, and *len is set. */
ssize_t recv_any(int fd, struct iovec *room, char reason[WSP_DISC_MAX], size_t *len)
{
	union {
		struct cmsghdr first;
		char room[CMSG_SPACE(WSP_DISC_MAX)];
	} u;
	struct msghdr msg = {
		.msg_iov = room, .msg_iovlen = 1, .msg_control = &u, .msg_controllen = sizeof(u),
	};
	ssize_t n = recvmsg(fd, &msg, 0);
	struct cmsghdr *c = n == 0 ? CMSG_FIRSTHDR(&msg) : NULL;

	*len = 0;
	if (c && c->cmsg_level == SOL_WSP && c->cmsg_type == WSP_CMSG_DISC) {
		*len = c->cmsg_len - CMSG_LEN(0);
		memcpy(reason, CMSG_DATA(c), *len);
	}
	return n;
}

/* endregion */

int main(void)
{
	char got[64], reason[WSP_DISC_MAX];
	struct iovec last = { "last bytes", 10 }, room = { got, sizeof(got) };
	int pair[2], plain[2];
	size_t len;
	ssize_t n;

	example_pair(pair);
	example_check(send_last(pair[0], &last, "done", 4) == 10, "sendmsg");
	while ((n = recv_any(pair[1], &room, reason, &len)) > 0)
		printf("stream: %.*s\n", (int)n, got);
	example_check(n == 0, "recvmsg");
	printf("reason: %.*s\n", (int)len, reason);

	/* Where the guard is needed. */
	example_check(!socketpair(AF_UNIX, SOCK_STREAM, 0, plain), "socketpair");
	example_check(send_last(plain[0], &last, "done", 4) == -1 && errno == EINVAL, "guard");
	return 0;
}
