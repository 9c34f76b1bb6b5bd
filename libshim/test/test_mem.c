// SPDX-License-Identifier: LGPL-2.1-or-later
/* Checked copies, also where process_vm_readv() is forbidden. */
#include <kselftest_harness.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "internal.h"
#include "util.h"

#define PAGE	4096

FIXTURE(mem)
{
	char *page;
};

FIXTURE_VARIANT(mem)
{
	bool forbidden;
};

FIXTURE_VARIANT_ADD(mem, by_system_call)
{
	.forbidden = false,
};

FIXTURE_VARIANT_ADD(mem, through_a_pipe)
{
	.forbidden = true,
};

static int mem_forbid(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_process_vm_readv, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_process_vm_writev, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { ARRAY_SIZE(code), code };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
}

/* Three pages: readable and writable, read-only, none at all. */
FIXTURE_SETUP(mem)
{
	self->page = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			  0);
	ASSERT_NE(MAP_FAILED, self->page);
	memset(self->page, 'm', 2 * PAGE);
	ASSERT_EQ(0, mprotect(self->page + PAGE, PAGE, PROT_READ));
	ASSERT_EQ(0, mprotect(self->page + 2 * PAGE, PAGE, PROT_NONE));
	if (variant->forbidden) {
		struct iovec iov = { self->page, 1 };

		ASSERT_EQ(0, mem_forbid());
		ASSERT_EQ(-1, process_vm_readv(getpid(), &iov, 1, &iov, 1, 0));
		ASSERT_EQ(EPERM, errno);
	}
}

FIXTURE_TEARDOWN(mem)
{
}

TEST_F(mem, read)
{
	static char buf[2 * PAGE];

	EXPECT_TRUE(wsp_mem_read(buf, self->page, sizeof(buf)));
	EXPECT_EQ('m', buf[0]);
	EXPECT_EQ('m', buf[2 * PAGE - 1]);
	EXPECT_FALSE(wsp_mem_read(buf, self->page + 2 * PAGE, 1));
	EXPECT_FALSE(wsp_mem_read(buf, self->page + 2 * PAGE - 8, 16));
	EXPECT_FALSE(wsp_mem_read(buf, UTIL_BAD_PTR, 1));
	EXPECT_FALSE(wsp_mem_read(buf, NULL, 1));
	EXPECT_FALSE(wsp_mem_read(buf, (void *)~0UL, 1));
}

TEST_F(mem, write)
{
	EXPECT_TRUE(wsp_mem_write(self->page, "abcd", 4));
	EXPECT_EQ(0, memcmp(self->page, "abcd", 4));
	EXPECT_FALSE(wsp_mem_write(self->page + PAGE, "abcd", 4));
	EXPECT_FALSE(wsp_mem_write(self->page + 2 * PAGE, "abcd", 4));
	EXPECT_FALSE(wsp_mem_write(UTIL_BAD_PTR, "abcd", 4));
	EXPECT_FALSE(wsp_mem_write(NULL, "abcd", 4));
}

TEST_HARNESS_MAIN
