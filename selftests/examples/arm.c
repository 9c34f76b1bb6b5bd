// SPDX-License-Identifier: GPL-2.0
/* Disconnect data that goes out although the program is killed. */
#include "example.h"
#include <linux/wsp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

/* region: arm */
/* Whatever ends the connections accepted from now on, their peers get this text. */
int arm(int listener, const char *text)
{
	struct wsp_disc_args args = {
		.data = (uintptr_t)text, .len = strlen(text), .flags = WSP_DISC_INHERIT,
	};

	return ioctl(listener, WSP_DISC_ARM, &args);
}

/* endregion */

int main(void)
{
	char got[WSP_DISC_MAX];
	struct wsp_disc_args in = { .data = (uintptr_t)got, .len = sizeof(got) };
	struct sockaddr_in at;
	int listener = example_listener(&at);
	int fd;
	pid_t child;

	alarm(60);
	example_check(!arm(listener, "killed or crashed"), "WSP_DISC_ARM");
	child = fork();
	if (child == 0) {
		fd = accept(listener, NULL, NULL);
		example_check(write(fd, "up", 2) == 2, "write");
		pause();
	}
	fd = example_connect(&at);
	example_check(read(fd, got, sizeof(got)) == 2, "read");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	example_check(read(fd, got, sizeof(got)) == 0, "end of stream");
	example_check(!ioctl(fd, WSP_DISC_RECV, &in), "WSP_DISC_RECV");
	printf("peer: %.*s\n", (int)in.len, got);
	return 0;
}
