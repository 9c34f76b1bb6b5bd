// SPDX-License-Identifier: GPL-2.0
/*
 * no_uring [--seccomp] CMD [ARG…]
 *
 * Runs a command without io_uring: by kernel.io_uring_disabled where there is
 * that (and no --seccomp), else by a filter that refuses io_uring_setup().
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SYSCTL	"/proc/sys/kernel/io_uring_disabled"

static int sysctl_write(const char *val)
{
	int fd = open(SYSCTL, O_WRONLY | O_CLOEXEC);
	int ok = fd >= 0 && write(fd, val, strlen(val)) > 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

static int filter_install(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { 4, code };

	return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
	       !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
}

static int run(char **argv)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		execvp(argv[0], argv);
		perror(argv[0]);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 126;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	int seccomp = argc > 1 && !strcmp(argv[1], "--seccomp");
	int rc;

	argv += 1 + seccomp;
	if (!argv[0]) {
		fprintf(stderr, "Usage: no_uring [--seccomp] CMD [ARG]...\n");
		return 2;
	}
	if (seccomp || !sysctl_write("2")) {
		if (!filter_install()) {
			perror("no_uring");
			return 2;
		}
		return run(argv);
	}
	printf("# kernel.io_uring_disabled=2\n");
	fflush(stdout);
	rc = run(argv);
	sysctl_write("0");
	return rc;
}
