// SPDX-License-Identifier: GPL-2.0
/*
 * The ioctls from a 32-bit process: ioctl_badinput32 CLIENT SERVER, two
 * descriptors of one connection.  Freestanding, because a 64-bit machine has a
 * compiler for 32-bit code but no C library to go with it.  Exit status: 0, or
 * the number of the first step that went wrong.
 */
#include <asm/ioctls.h>
#include <asm/unistd_32.h>
#include <linux/errno.h>
#include <linux/sockios.h>
#include <linux/wsp.h>

#include <stdint.h>

_Static_assert(sizeof(void *) == 4, "32-bit");
_Static_assert(sizeof(struct wsp_disc_args) == 32, "wsp_disc_args");
_Static_assert(__builtin_offsetof(struct wsp_disc_args, len) == 8, "len");
_Static_assert(__builtin_offsetof(struct wsp_disc_args, flags) == 12, "flags");
_Static_assert(__builtin_offsetof(struct wsp_disc_args, reserved) == 16,
	       "reserved");
_Static_assert(sizeof(struct wsp_info) == 64, "wsp_info");
_Static_assert(__builtin_offsetof(struct wsp_info, reserved) == 36, "reserved");
_Static_assert(WSP_DISC_SEND == 0x402089e0, "WSP_DISC_SEND");
_Static_assert(WSP_DISC_RECV == 0xc02089e1, "WSP_DISC_RECV");
_Static_assert(WSP_INFO_GET == 0x804089e2, "WSP_INFO_GET");
_Static_assert(WSP_LINGER_CHECK == 0x89e3, "WSP_LINGER_CHECK");

/* Of poll() calls, one millisecond apart, until the data has arrived. */
#define TRIES	10000

static long syscall3(long nr, long a, long b, long c)
{
	long ret;

	__asm__ volatile("int $0x80"
			 : "=a"(ret)
			 : "a"(nr), "b"(a), "c"(b), "d"(c)
			 : "memory");
	return ret;
}

static long ioctl(int fd, unsigned long cmd, void *arg)
{
	return syscall3(__NR_ioctl, fd, cmd, (long)arg);
}

static _Noreturn void quit(int step)
{
	for (;;)
		syscall3(__NR_exit, step, 0, 0);
}

static void check(int ok, int step)
{
	if (!ok)
		quit(step);
}

static int number(const char *s)
{
	int n = 0;

	while (*s >= '0' && *s <= '9')
		n = 10 * n + *s++ - '0';
	return n;
}

/* The compiler may call this for initializers; no libc provides it. */
void *memset(void *p, int c, unsigned int n)
{
	void *at = p;

	__asm__ volatile("rep stosb"
			 : "+D"(at), "+c"(n)
			 : "a"(c)
			 : "memory");
	return p;
}

/* Called from the assembly below. */
void start(long *stack);

void start(long *stack)
{
	char **argv = (char **)(stack + 1);
	struct wsp_disc_args args;
	struct wsp_info info;
	int client, server, i;
	uint8_t buf[16];
	int queued;

	check(stack[0] == 3, 1);
	client = number(argv[1]);
	server = number(argv[2]);

	memset(&info, 0xcc, sizeof(info));
	check(ioctl(client, WSP_INFO_GET, &info) == 0, 10);
	check(info.version == WSP_ABI_VERSION, 11);
	check(info.max_len == WSP_DISC_DEFAULT_MAX, 12);
	check(info.flags == (WSP_INFO_CONNECTED | WSP_INFO_PEER |
			     WSP_INFO_CAN_SEND), 13);
	check(!info.reserved[0] && !info.reserved[6], 14);

	/* TCP's own, and one whose argument has another layout here. */
	queued = -1;
	check(ioctl(client, SIOCINQ, &queued) == 0 && queued == 0, 15);
	queued = -1;
	check(ioctl(client, SIOCOUTQ, &queued) == 0 && queued == 0, 16);
	check(ioctl(client, SIOCADDRT, 0) == -EFAULT, 17);

	check(ioctl(client, WSP_DISC_SEND, 0) == -EFAULT, 20);
	check(ioctl(client, WSP_DISC_RECV, 0) == -EFAULT, 21);
	check(ioctl(client, WSP_INFO_GET, 0) == -EFAULT, 22);
	check(ioctl(client, WSP_LINGER_CHECK, 0) == 0, 23);

	memset(&args, 0, sizeof(args));
	args.reserved[1] = 1;
	check(ioctl(client, WSP_DISC_SEND, &args) == -EINVAL, 30);
	check(ioctl(client, WSP_DISC_RECV, &args) == -EINVAL, 31);

	/* Above 4 GiB lies nothing of ours, yet the field has 64 bits. */
	memset(&args, 0, sizeof(args));
	args.data = (1ULL << 46) | (uintptr_t)buf;
	args.len = 4;
	check(ioctl(client, WSP_DISC_SEND, &args) == -EFAULT, 32);
	args.data = 0;
	check(ioctl(client, WSP_DISC_SEND, &args) == -EFAULT, 33);
	args.data = (uintptr_t)buf;
	args.len = WSP_DISC_DEFAULT_MAX + 1;
	check(ioctl(client, WSP_DISC_SEND, &args) != 0, 34);

	buf[0] = 0;
	buf[1] = 0xff;
	buf[2] = 'x';
	args.len = 3;
	check(ioctl(client, WSP_DISC_SEND, &args) == 0, 40);
	args.len = 1;
	check(ioctl(client, WSP_DISC_SEND, &args) == -ESHUTDOWN, 41);

	for (i = 0; i < TRIES; i++) {
		check(ioctl(server, WSP_INFO_GET, &info) == 0, 50);
		if (info.flags & WSP_INFO_RECV_DATA)
			break;
		syscall3(__NR_poll, 0, 0, 1);
	}
	check(i < TRIES && info.recv_len == 3, 51);
	args.len = 2;
	check(ioctl(server, WSP_DISC_RECV, &args) == -EMSGSIZE, 52);
	check(args.len == 3, 53);
	memset(buf, 0xcc, sizeof(buf));
	args.len = sizeof(buf);
	check(ioctl(server, WSP_DISC_RECV, &args) == 0, 54);
	check(args.len == 3, 55);
	check(!buf[0] && buf[1] == 0xff && buf[2] == 'x', 56);
	check(buf[3] == 0xcc, 57);
	quit(0);
}

/* The kernel enters with the argument count on top of the stack. */
__asm__(".globl _start\n"
	"_start:\n"
	"	mov	%esp, %eax\n"
	"	and	$-16, %esp\n"
	"	sub	$12, %esp\n"
	"	push	%eax\n"
	"	call	start\n"
	"	hlt\n");
