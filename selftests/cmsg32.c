// SPDX-License-Identifier: GPL-2.0
/*
 * The disconnect control message from a 32-bit process, where headers have 12
 * bytes and are aligned to 4: cmsg32, with the sending end of a connection
 * as standard input.  Freestanding, as ioctl_badinput32.  Exit status: 0, or
 * the number of the first step that went wrong.
 */
#include <asm/unistd_32.h>
#include <linux/errno.h>
#include <linux/wsp.h>

#include <stdint.h>

#define SOL_SOCKET	1
#define MSG_NOSIGNAL	0x4000

struct iovec {
	const void *base;
	uint32_t len;
};

struct msghdr {
	void *name;
	int32_t namelen;
	struct iovec *iov;
	uint32_t iovlen;
	void *control;
	uint32_t controllen;
	uint32_t flags;
};

struct cmsghdr {
	uint32_t len;
	int32_t level;
	int32_t type;
};

_Static_assert(sizeof(struct msghdr) == 28, "msghdr");
_Static_assert(sizeof(struct cmsghdr) == 12, "cmsghdr");

static union {
	uint8_t bytes[256];
	struct cmsghdr aligned;
} control;
static uint32_t used;

static long syscall3(long nr, long a, long b, long c)
{
	long ret;

	__asm__ volatile("int $0x80"
			 : "=a"(ret)
			 : "a"(nr), "b"(a), "c"(b), "d"(c)
			 : "memory");
	return ret;
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

/* Appends one with @len bytes of data. */
static struct cmsghdr *add(int level, int type, const char *data, uint32_t len)
{
	struct cmsghdr *cmsg = (struct cmsghdr *)(control.bytes + used);
	uint8_t *to = (uint8_t *)(cmsg + 1);
	uint32_t i;

	cmsg->len = sizeof(*cmsg) + len;
	cmsg->level = level;
	cmsg->type = type;
	for (i = 0; i < len; i++)
		to[i] = data[i];
	used += sizeof(*cmsg) + ((len + 3) & ~3);
	return cmsg;
}

static long send3(const char *payload, uint32_t len)
{
	struct iovec iov = { payload, len };
	struct msghdr msg = {
		.iov = &iov,
		.iovlen = 1,
		.control = &control,
		.controllen = used,
	};

	used = 0;
	return syscall3(__NR_sendmsg, 0, (long)&msg, MSG_NOSIGNAL);
}

/* Called from the assembly below. */
void start(long *stack);

void start(long *stack)
{
	static const uint32_t lens[] = { 0, 1, 11, 17, 1 << 20, 0x80000000,
					 0xfffffff4, 0xffffffff };
	unsigned int i;

	(void)stack;
	for (i = 0; i < sizeof(lens) / sizeof(*lens); i++) {
		add(SOL_WSP, WSP_CMSG_DISC, "late", 4)->len = lens[i];
		check(send3("abc", 3) == -EINVAL, 10 + i);
		add(SOL_SOCKET, WSP_CMSG_GUARD, 0, 0);
		add(SOL_WSP, WSP_CMSG_DISC, "late", 4)->len = lens[i];
		check(send3("abc", 3) == -EINVAL, 20 + i);
	}
	add(SOL_WSP, WSP_CMSG_DISC, "late", 4);
	add(SOL_WSP, WSP_CMSG_DISC, "late", 4);
	check(send3("abc", 3) == -EINVAL, 30);
	add(SOL_WSP, WSP_CMSG_DISC + 1, "late", 4);
	check(send3("abc", 3) == -EINVAL, 31);
	add(SOL_SOCKET, WSP_CMSG_GUARD, "x", 1);
	check(send3("abc", 3) == -EINVAL, 32);

	add(SOL_SOCKET, WSP_CMSG_GUARD, 0, 0);
	add(SOL_WSP, WSP_CMSG_DISC, "farewell!", 9);
	check(send3("abc", 3) == 3, 40);
	add(SOL_WSP, WSP_CMSG_DISC, "late", 4);
	check(send3("abc", 3) == -ESHUTDOWN, 41);
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
