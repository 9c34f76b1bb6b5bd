// SPDX-License-Identifier: GPL-2.0
/* A close with a deadline that the kernel keeps. */
#include "example.h"
#include <linux/wsp.h>
#include <poll.h>
#include <sys/ioctl.h>

/* region: linger */
/* Ends sending; returns how many bytes the peer has not acknowledged in time. */
int finish(int fd, unsigned int ms)
{
	struct wsp_linger_args args = { .timeout = ms };
	struct pollfd over = { .fd = fd };	/* POLLHUP is always told */
	struct wsp_linger_info info;

	if (ioctl(fd, WSP_LINGER_START, &args))
		return -1;
	poll(&over, 1, -1);		/* or close(fd): the deadline holds */
	return ioctl(fd, WSP_LINGER_GET, &info) ? -1 : (int)info.unacked;
}

/* endregion */

int main(void)
{
	static const char zeros[1 << 14];
	int pair[2];

	example_pair(pair);
	example_check(write(pair[0], "all", 3) == 3, "write");
	printf("a reader: %d left\n", finish(pair[0], 30000));

	example_pair(pair);
	while (send(pair[0], zeros, sizeof(zeros), MSG_DONTWAIT) > 0)
		;
	printf("nobody reads: %s\n", finish(pair[0], 100) > 0 ? "some left" : "none left");
	return 0;
}
