// SPDX-License-Identifier: GPL-2.0
/* Every ioctl against every kind of wrong argument, without the library. */
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "wsp_test.h"

static_assert(sizeof(struct wsp_disc_args) == 32, "wsp_disc_args");
static_assert(offsetof(struct wsp_disc_args, data) == 0, "data");
static_assert(offsetof(struct wsp_disc_args, len) == 8, "len");
static_assert(offsetof(struct wsp_disc_args, flags) == 12, "flags");
static_assert(offsetof(struct wsp_disc_args, reserved) == 16, "reserved");
static_assert(sizeof(struct wsp_info) == 64, "wsp_info");
static_assert(offsetof(struct wsp_info, version) == 0, "version");
static_assert(offsetof(struct wsp_info, flags) == 4, "flags");
static_assert(offsetof(struct wsp_info, max_len) == 8, "max_len");
static_assert(offsetof(struct wsp_info, recv_len) == 12, "recv_len");
static_assert(offsetof(struct wsp_info, send_len) == 16, "send_len");
static_assert(offsetof(struct wsp_info, unacked) == 20, "unacked");
static_assert(offsetof(struct wsp_info, fallback) == 24, "fallback");
static_assert(offsetof(struct wsp_info, reserved) == 36, "reserved");
static_assert(WSP_DISC_SEND == 0x402089e0, "WSP_DISC_SEND");
static_assert(WSP_DISC_RECV == 0xc02089e1, "WSP_DISC_RECV");
static_assert(WSP_INFO_GET == 0x804089e2, "WSP_INFO_GET");
static_assert(WSP_LINGER_CHECK == 0x89e3, "WSP_LINGER_CHECK");

/* The ioctls that take an argument. */
static const unsigned int with_arg[] = {
	WSP_DISC_SEND, WSP_DISC_RECV, WSP_INFO_GET,
};

struct pair {
	int fd[2];
	struct wsp_info before[2];
};

FIXTURE(pair)
{
	struct pair pair;
	uint8_t *border;
	uint8_t *rdonly;
};

FIXTURE_VARIANT(pair)
{
	enum wt_family family;
};

FIXTURE_VARIANT_ADD(pair, v4) { .family = WT_V4 };
FIXTURE_VARIANT_ADD(pair, v6) { .family = WT_V6 };

FIXTURE_SETUP(pair)
{
	struct wt_conf conf = {
		.family = variant->family,
		.attach = WT_ATTACH_BOTH,
	};

	self->border = wt_page_border();
	ASSERT_NE(NULL, self->border);
	self->rdonly = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);
	ASSERT_NE(MAP_FAILED, self->rdonly);
	ASSERT_EQ(0, wt_pair(&conf, self->pair.fd));
	ASSERT_EQ(0, wt_info(self->pair.fd[0], &self->pair.before[0]));
	ASSERT_EQ(0, wt_info(self->pair.fd[1], &self->pair.before[1]));
	ASSERT_TRUE(self->pair.before[0].flags & WSP_INFO_CAN_SEND);
	ASSERT_TRUE(self->pair.before[1].flags & WSP_INFO_CAN_SEND);
}

FIXTURE_TEARDOWN(pair)
{
	close(self->pair.fd[0]);
	close(self->pair.fd[1]);
}

/* Same state as at the start, and bytes and disconnect data pass both ways. */
static void unchanged(struct __test_metadata *_metadata,
		      const struct pair *pair)
{
	struct wsp_info now;
	char buf[16];
	uint32_t len;
	int i;

	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, wt_info(pair->fd[i], &now));
		EXPECT_EQ(0, memcmp(&now, &pair->before[i], sizeof(now)));
		EXPECT_EQ(0, wt_poll(pair->fd[i], POLLIN | POLLRDHUP | POLLPRI,
				     0));
	}
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(4, send(pair->fd[i], "ping", 4, MSG_NOSIGNAL));
		ASSERT_NE(0, wt_poll(pair->fd[!i], POLLIN, WT_SOON_MS));
		ASSERT_EQ(4, recv(pair->fd[!i], buf, sizeof(buf), 0));
		EXPECT_EQ(0, memcmp(buf, "ping", 4));
	}
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, wt_disc_send(pair->fd[i], "bye", 3));
		ASSERT_NE(0, wt_poll(pair->fd[!i], POLLIN, WT_SOON_MS));
		ASSERT_EQ(0, recv(pair->fd[!i], buf, sizeof(buf), 0));
		len = sizeof(buf);
		ASSERT_EQ(0, wt_disc_recv(pair->fd[!i], buf, &len, 0));
		ASSERT_EQ(3, len);
		EXPECT_EQ(0, memcmp(buf, "bye", 3));
	}
}

WT_TEST(pair, null_argument_is_EFAULT)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(with_arg); i++)
		WT_EXPECT_ERR(EFAULT, ioctl(self->pair.fd[0], with_arg[i], NULL));
	unchanged(_metadata, &self->pair);
}

WT_TEST(pair, unmapped_argument_is_EFAULT)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(with_arg); i++)
		WT_EXPECT_ERR(EFAULT, ioctl(self->pair.fd[0], with_arg[i],
					    self->border));
	unchanged(_metadata, &self->pair);
}

WT_TEST(pair, half_mapped_argument_is_EFAULT)
{
	size_t i;

	memset(self->border - 16, 0, 16);
	for (i = 0; i < ARRAY_SIZE(with_arg); i++)
		WT_EXPECT_ERR(EFAULT, ioctl(self->pair.fd[0], with_arg[i],
					    self->border - 16));
	unchanged(_metadata, &self->pair);
}

WT_TEST(pair, kernel_address_is_EFAULT)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(with_arg); i++)
		WT_EXPECT_ERR(EFAULT, ioctl(self->pair.fd[0], with_arg[i],
					    ~(uintptr_t)0xfffff));
	unchanged(_metadata, &self->pair);
}

WT_TEST(pair, argument_that_cannot_be_written_back_is_EFAULT)
{
	WT_EXPECT_ERR(EFAULT, ioctl(self->pair.fd[0], WSP_INFO_GET, self->rdonly));
	WT_EXPECT_ERR(EFAULT, ioctl(self->pair.fd[0], WSP_DISC_RECV, self->rdonly));
	unchanged(_metadata, &self->pair);
}

WT_TEST(pair, argument_need_not_be_writable_for_send)
{
	uint32_t len = 0;

	EXPECT_EQ(0, ioctl(self->pair.fd[0], WSP_DISC_SEND, self->rdonly));
	ASSERT_TRUE(wt_wait(wt_saw_fin, self->pair.fd[1], WT_SOON_MS));
	EXPECT_EQ(0, wt_disc_recv(self->pair.fd[1], NULL, &len, 0));
}

WT_TEST(pair, other_size_or_direction_is_ENOTTY)
{
	static const unsigned int bad[] = {
		_IO(0x89, 0xe0), _IO(0x89, 0xe1), _IO(0x89, 0xe2),
		_IOR(0x89, 0xe0, struct wsp_disc_args),
		_IOWR(0x89, 0xe0, struct wsp_disc_args),
		_IOW(0x89, 0xe1, struct wsp_disc_args),
		_IOW(0x89, 0xe0, char[31]), _IOW(0x89, 0xe0, char[64]),
		_IOWR(0x89, 0xe1, char[31]), _IOWR(0x89, 0xe1, char[64]),
		_IOR(0x89, 0xe2, char[60]), _IOR(0x89, 0xe2, char[128]),
		_IOR(0x89, 0xe3, int), _IO(0x89, 0xe9), _IO(0x89, 0xef),
		_IOW(0x88, 0xe0, struct wsp_disc_args),
	};
	union wt_arg arg;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		memset(&arg, 0, sizeof(arg));
		WT_EXPECT_ERR(ENOTTY, ioctl(self->pair.fd[0], bad[i], &arg));
		EXPECT_TRUE(wt_is_all(&arg, 0, sizeof(arg))) {
			TH_LOG("ioctl %#x wrote to its argument", bad[i]);
		}
	}
	unchanged(_metadata, &self->pair);
}

WT_TEST(pair, reserved_fields_must_be_zero)
{
	struct wsp_disc_args args, copy;
	int i, bit;

	for (i = 0; i < 2; i++) {
		for (bit = 0; bit < 64; bit++) {
			memset(&args, 0, sizeof(args));
			args.reserved[i] = 1ULL << bit;
			copy = args;
			WT_EXPECT_ERR(EINVAL, ioctl(self->pair.fd[0], WSP_DISC_SEND,
						    &args));
			WT_EXPECT_ERR(EINVAL, ioctl(self->pair.fd[0], WSP_DISC_RECV,
						    &args));
			EXPECT_EQ(0, memcmp(&args, &copy, sizeof(args)));
		}
	}
	unchanged(_metadata, &self->pair);
}

WT_TEST(pair, unknown_flags_are_refused)
{
	struct wsp_disc_args args, copy;
	int bit;

	for (bit = 0; bit < 32; bit++) {
		memset(&args, 0, sizeof(args));
		args.flags = 1U << bit;
		copy = args;
		WT_EXPECT_ERR(EINVAL, ioctl(self->pair.fd[0], WSP_DISC_SEND, &args));
		if (args.flags & WSP_DISC_KEEP_RECV)
			continue;
		WT_EXPECT_ERR(EINVAL, ioctl(self->pair.fd[0], WSP_DISC_RECV, &args));
		EXPECT_EQ(0, memcmp(&args, &copy, sizeof(args)));
	}
	unchanged(_metadata, &self->pair);
}

WT_TEST(pair, SD_6_send_from_bad_memory_is_EFAULT)
{
	struct {
		const void *data;
		uint32_t len;
	} bad[] = {
		{ NULL, 1 },
		{ self->border, 1 },
		{ self->border - 8, 16 },
		{ self->border - 1, WSP_DISC_DEFAULT_MAX },
		{ (void *)~(uintptr_t)0xfffff, 16 },
		{ (void *)~(uintptr_t)0, 16 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		WT_EXPECT_ERR(EFAULT, wt_disc_send(self->pair.fd[0], bad[i].data,
						   bad[i].len));
	}
	unchanged(_metadata, &self->pair);
}

WT_TEST(pair, SD_19_more_than_the_limit_is_EMSGSIZE)
{
	static char big[2 * WSP_DISC_MAX];
	uint32_t len;

	for (len = self->pair.before[0].max_len + 1; len <= sizeof(big); len *= 2)
		WT_EXPECT_ERR(EMSGSIZE, wt_disc_send(self->pair.fd[0], big, len));
	unchanged(_metadata, &self->pair);
}

/* Memory that is not there counts before the limit. */
WT_TEST(pair, SD_23_huge_send_is_EFAULT)
{
	static char data[16];
	static const uint32_t huge[] = { 0x7fffffff, 0x80000000, 0xffffffff };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(huge); i++) {
		WT_EXPECT_ERR(EFAULT, wt_disc_send(self->pair.fd[0], data,
						   huge[i]));
	}
	unchanged(_metadata, &self->pair);
}

WT_TEST(pair, RD_1_huge_room_is_room)
{
	uint32_t len = 0xffffffff;
	char buf[8];

	ASSERT_EQ(0, wt_disc_send(self->pair.fd[1], "bye", 3));
	ASSERT_TRUE(wt_wait(wt_saw_fin, self->pair.fd[0], WT_SOON_MS));
	memset(buf, 0xcc, sizeof(buf));
	ASSERT_EQ(0, wt_disc_recv(self->pair.fd[0], buf, &len, 0));
	EXPECT_EQ(3, len);
	EXPECT_EQ(0, memcmp(buf, "bye", 3));
	EXPECT_TRUE(wt_is_all(buf + 3, 0xcc, sizeof(buf) - 3));
}

/* Disconnect data that waits on fd[0] must survive what @data refuses. */
static void recv_fails(struct __test_metadata *_metadata,
		       const struct pair *pair, void *data, uint32_t room,
		       int err)
{
	uint32_t len = room;
	struct wsp_info before, now;
	char buf[64];

	ASSERT_EQ(0, wt_disc_send(pair->fd[1], "farewell", 8));
	ASSERT_TRUE(wt_wait(wt_has_data, pair->fd[0], WT_SOON_MS));
	ASSERT_EQ(0, wt_info(pair->fd[0], &before));

	WT_EXPECT_ERR(err, wt_disc_recv(pair->fd[0], data, &len, 0));
	ASSERT_EQ(0, wt_info(pair->fd[0], &now));
	EXPECT_EQ(0, memcmp(&now, &before, sizeof(now)));
	EXPECT_EQ(0, now.flags & WSP_INFO_RECV_CLOSED);
	/* The receive direction is still on: end of stream, not ESHUTDOWN. */
	EXPECT_EQ(0, recv(pair->fd[0], buf, sizeof(buf), 0));

	len = sizeof(buf);
	ASSERT_EQ(0, wt_disc_recv(pair->fd[0], buf, &len, 0));
	ASSERT_EQ(8, len);
	EXPECT_EQ(0, memcmp(buf, "farewell", 8));
}

WT_TEST(pair, recv_to_null_is_EFAULT)
{
	recv_fails(_metadata, &self->pair, NULL, 64, EFAULT);
}

WT_TEST(pair, recv_to_unmapped_is_EFAULT)
{
	recv_fails(_metadata, &self->pair, self->border, 64, EFAULT);
}

WT_TEST(pair, recv_to_half_mapped_is_EFAULT)
{
	recv_fails(_metadata, &self->pair, self->border - 4, 64, EFAULT);
}

WT_TEST(pair, recv_to_read_only_is_EFAULT)
{
	recv_fails(_metadata, &self->pair, self->rdonly, 64, EFAULT);
}

WT_TEST(pair, recv_to_kernel_address_is_EFAULT)
{
	recv_fails(_metadata, &self->pair, (void *)~(uintptr_t)0xfffff, 64, EFAULT);
}

WT_TEST(pair, RD_2_recv_with_too_little_room_is_EMSGSIZE)
{
	char buf[7];

	memset(buf, 0xcc, sizeof(buf));
	recv_fails(_metadata, &self->pair, buf, sizeof(buf), EMSGSIZE);
	EXPECT_TRUE(wt_is_all(buf, 0xcc, sizeof(buf)));
}

WT_TEST(pair, RD_2_EMSGSIZE_tells_the_size)
{
	uint32_t len = 1;
	char buf;

	ASSERT_EQ(0, wt_disc_send(self->pair.fd[1], "farewell", 8));
	ASSERT_TRUE(wt_wait(wt_has_data, self->pair.fd[0], WT_SOON_MS));
	WT_EXPECT_ERR(EMSGSIZE, wt_disc_recv(self->pair.fd[0], &buf, &len, 0));
	EXPECT_EQ(8, len);
}

WT_TEST(pair, keep_recv_leaves_the_receive_direction_on)
{
	uint32_t len = 0;
	struct wsp_info info;
	char buf[8];

	ASSERT_EQ(0, wt_disc_recv(self->pair.fd[0], NULL, &len, WSP_DISC_KEEP_RECV));
	EXPECT_EQ(0, len);
	ASSERT_EQ(0, wt_info(self->pair.fd[0], &info));
	EXPECT_EQ(0, info.flags & WSP_INFO_RECV_CLOSED);
	ASSERT_EQ(4, send(self->pair.fd[1], "more", 4, MSG_NOSIGNAL));
	ASSERT_NE(0, wt_poll(self->pair.fd[0], POLLIN, WT_SOON_MS));
	EXPECT_EQ(4, recv(self->pair.fd[0], buf, sizeof(buf), 0));

	ASSERT_EQ(0, wt_disc_recv(self->pair.fd[0], NULL, &len, 0));
	ASSERT_EQ(0, wt_info(self->pair.fd[0], &info));
	EXPECT_TRUE(info.flags & WSP_INFO_RECV_CLOSED);
	WT_EXPECT_ERR(ESHUTDOWN, recv(self->pair.fd[0], buf, sizeof(buf), 0));
}

WT_TEST(pair, info_fills_the_whole_struct)
{
	union wt_arg arg;

	memset(&arg, 0xcc, sizeof(arg));
	ASSERT_EQ(0, ioctl(self->pair.fd[0], WSP_INFO_GET, &arg));
	EXPECT_EQ(WSP_ABI_VERSION, arg.info.version);
	EXPECT_EQ(arg.info.flags, WSP_INFO_CONNECTED | WSP_INFO_PEER |
				  WSP_INFO_CAN_SEND);
	EXPECT_EQ(WSP_DISC_DEFAULT_MAX, arg.info.max_len);
	EXPECT_EQ(0, arg.info.recv_len);
	EXPECT_EQ(0, arg.info.send_len);
	EXPECT_EQ(0, arg.info.unacked);
	EXPECT_EQ(WSP_FALLBACK_NONE, arg.info.fallback);
	EXPECT_TRUE(wt_is_all(arg.info.reserved, 0, sizeof(arg.info.reserved)));
	EXPECT_TRUE(wt_is_all(arg.raw + sizeof(arg.info), 0xcc,
			      sizeof(arg) - sizeof(arg.info)));
}

WT_TEST(pair, linger_check_never_looks_at_its_argument)
{
	EXPECT_EQ(0, ioctl(self->pair.fd[0], WSP_LINGER_CHECK, NULL));
	EXPECT_EQ(0, ioctl(self->pair.fd[0], WSP_LINGER_CHECK, self->border));
	EXPECT_EQ(0, ioctl(self->pair.fd[0], WSP_LINGER_CHECK, ~0UL));
	unchanged(_metadata, &self->pair);
}

WT_TEST(pair, attach_after_connect_is_EISCONN)
{
	struct wt_conf conf = { .family = variant->family };
	int fd[2];

	ASSERT_EQ(0, wt_pair(&conf, fd));
	WT_EXPECT_ERR(EISCONN, wt_attach(fd[0]));
	WT_EXPECT_ERR(EISCONN, wt_attach(fd[1]));
	ASSERT_EQ(4, send(fd[0], "ping", 4, MSG_NOSIGNAL));
	ASSERT_NE(0, wt_poll(fd[1], POLLIN, WT_SOON_MS));
	close(fd[0]);
	close(fd[1]);
}

WT_TEST(pair, second_attach_is_EEXIST)
{
	WT_EXPECT_ERR(EEXIST, wt_attach(self->pair.fd[0]));
	WT_EXPECT_ERR(EEXIST, wt_attach(self->pair.fd[1]));
	unchanged(_metadata, &self->pair);
}

/* A 32-bit program gets the same results through the compat entry. */
WT_TEST(pair, same_layout_for_32_bit_callers)
{
	char path[4096], fd[2][12];
	pid_t pid;
	int status;
	ssize_t n;

	n = readlink("/proc/self/exe", path, sizeof(path) - 2);
	ASSERT_GT(n, 0);
	memcpy(path + n, "32", 3);
	snprintf(fd[0], sizeof(fd[0]), "%d", dup(self->pair.fd[0]));
	snprintf(fd[1], sizeof(fd[1]), "%d", dup(self->pair.fd[1]));
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		execl(path, path, fd[0], fd[1], NULL);
		_exit(127);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_TRUE(WIFEXITED(status));
	/* The exit status is the number of the step that went wrong. */
	EXPECT_EQ(0, WEXITSTATUS(status));
}

TEST_HARNESS_MAIN
