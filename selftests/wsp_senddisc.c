// SPDX-License-Identifier: GPL-2.0
/* SendDisconnect on one connection; tests are named after what they prove. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "wsp_level.h"

#define BULK	300000

FIXTURE(conn)
{
	int c;
	int s;
};

FIXTURE_VARIANT(conn)
{
	const struct wt_level *level;
	enum wt_family family;
};

FIXTURE_VARIANT_ADD(conn, v4_spi) { &wt_spi, WT_V4 };
FIXTURE_VARIANT_ADD(conn, v6_api) { &wt_api, WT_V6 };
FIXTURE_VARIANT_ADD(conn, mapped_spi) { &wt_spi, WT_MAPPED };
FIXTURE_VARIANT_ADD(conn, v4_raw) { &wt_raw, WT_V4 };
FIXTURE_VARIANT_ADD(conn, v6_raw) { &wt_raw, WT_V6 };

FIXTURE_SETUP(conn)
{
	struct wt_conf conf = {
		.family = variant->family,
		.attach = WT_ATTACH_BOTH,
	};
	int fd[2];

	ASSERT_EQ(0, wt_lib_start());
	ASSERT_EQ(0, wt_level_pair(variant->level, &conf, fd));
	self->c = fd[0];
	self->s = fd[1];
}

FIXTURE_TEARDOWN(conn)
{
	close(self->c);
	close(self->s);
}

/* @fd is at the end of its stream, and holds exactly @data. */
static void gets_disc(struct __test_metadata *_metadata,
		      const struct wt_level *level, int fd, const void *data,
		      uint32_t len)
{
	char buf[WSP_DISC_MAX];
	uint32_t got = sizeof(buf);

	ASSERT_NE(0, wt_poll(fd, POLLIN, WT_SOON_MS));
	ASSERT_EQ(0, level->recv(fd, buf, sizeof(buf)));
	memset(buf, 0xcc, sizeof(buf));
	ASSERT_EQ(0, level->recv_disc(fd, buf, &got));
	ASSERT_EQ(len, got);
	EXPECT_EQ(0, memcmp(buf, data, len));
	EXPECT_TRUE(wt_is_all(buf + len, 0xcc, sizeof(buf) - len));
}

WT_TEST(conn, SD_1_without_data_is_a_half_close)
{
	char buf[8];

	ASSERT_EQ(0, variant->level->send_disc(self->c, NULL, 0));
	ASSERT_TRUE(wt_wait(wt_saw_fin, self->s, WT_SOON_MS));
	EXPECT_EQ(0, variant->level->recv(self->s, buf, sizeof(buf)));
	EXPECT_TRUE(wt_passes(self->s, self->c));
}

WT_TEST(conn, SD_2_RD_1_data_travels_with_the_close)
{
	uint8_t data[256];
	size_t i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = i;
	ASSERT_EQ(0, variant->level->send_disc(self->c, data, sizeof(data)));
	gets_disc(_metadata, variant->level, self->s, data, sizeof(data));
}

WT_TEST(conn, SD_2_RD_1_from_server_to_client)
{
	ASSERT_EQ(0, variant->level->send_disc(self->s, "farewell", 8));
	gets_disc(_metadata, variant->level, self->c, "farewell", 8);
}

WT_TEST(conn, SD_2_RD_1_in_both_directions_at_once)
{
	ASSERT_EQ(0, variant->level->send_disc(self->c, "from client", 11));
	ASSERT_EQ(0, variant->level->send_disc(self->s, "from server!", 12));
	gets_disc(_metadata, variant->level, self->s, "from client", 11);
	gets_disc(_metadata, variant->level, self->c, "from server!", 12);
}

WT_TEST(conn, SD_2_RD_1_a_single_zero_byte)
{
	ASSERT_EQ(0, variant->level->send_disc(self->c, "", 1));
	gets_disc(_metadata, variant->level, self->s, "", 1);
}

WT_TEST(conn, SD_2_SD_19_exactly_the_limit)
{
	uint8_t data[WSP_DISC_DEFAULT_MAX];

	wt_pattern(data, sizeof(data), 3);
	ASSERT_EQ(0, variant->level->send_disc(self->c, data, sizeof(data)));
	gets_disc(_metadata, variant->level, self->s, data, sizeof(data));
}

WT_TEST(conn, SD_2_the_caller_may_reuse_its_buffer)
{
	char data[9] = "farewell";

	ASSERT_EQ(0, variant->level->send_disc(self->c, data, 8));
	memset(data, 0, sizeof(data));
	gets_disc(_metadata, variant->level, self->s, "farewell", 8);
}

WT_TEST(conn, SD_6_bytes_not_in_valid_memory_change_nothing)
{
	uint8_t *border = wt_page_border();
	struct {
		const void *data;
		uint32_t len;
	} bad[] = {
		{ border, 1 },
		{ border - 8, 16 },
		{ border - 1, WSP_DISC_DEFAULT_MAX },
		{ (void *)1, 16 },
	};
	size_t i;

	ASSERT_NE(NULL, border);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-WSAEFAULT,
			  variant->level->send_disc(self->c, bad[i].data,
						    bad[i].len));
	}
	EXPECT_TRUE(wt_passes(self->c, self->s));
	EXPECT_TRUE(wt_is_quiet(self->s));
	EXPECT_TRUE(wt_is_quiet(self->c));
	EXPECT_EQ(0, variant->level->send_disc(self->c, "good", 4));
	gets_disc(_metadata, variant->level, self->s, "good", 4);
}

WT_TEST(conn, SD_10_every_later_send_is_ESHUTDOWN)
{
	int i;

	ASSERT_EQ(0, variant->level->send_disc(self->c, "bye", 3));
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(-WSAESHUTDOWN,
			  variant->level->send(self->c, "x", 1));
	}
	ASSERT_EQ(0, variant->level->send_disc(self->s, NULL, 0));
	ASSERT_TRUE(wt_wait(wt_is_closed, self->s, WT_SOON_MS));
	EXPECT_EQ(-WSAESHUTDOWN, variant->level->send(self->c, "x", 1));
}

WT_TEST(conn, SD_11_receiving_goes_on_until_the_peer_closes)
{
	int pid, status;

	ASSERT_EQ(0, variant->level->send_disc(self->c, "bye", 3));
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid)
		_exit(wt_send_pattern(self->s, BULK, 0) ||
		      shutdown(self->s, SHUT_WR));
	EXPECT_EQ(BULK, wt_drain(self->c, 0));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

WT_TEST(conn, SD_12_earlier_bytes_come_first_whole_and_in_order)
{
	int pid, status;

	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid)
		_exit(wt_send_pattern(self->c, BULK, 0) ||
		      variant->level->send_disc(self->c, "farewell", 8));
	EXPECT_EQ(BULK, wt_drain(self->s, 0));
	gets_disc(_metadata, variant->level, self->s, "farewell", 8);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

WT_TEST(conn, SD_14_handle_name_and_options_stay_valid)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct linger l;
	char buf[8];
	int val;

	ASSERT_EQ(0, wt_linger(self->c, 1, 17));
	ASSERT_EQ(0, variant->level->send_disc(self->c, "bye", 3));
	ASSERT_EQ(0, variant->level->send_disc(self->s, "bye", 3));
	ASSERT_EQ(0, variant->level->recv(self->s, buf, sizeof(buf)));
	ASSERT_EQ(0, variant->level->recv(self->c, buf, sizeof(buf)));

	EXPECT_EQ(0, getsockname(self->c, (struct sockaddr *)&ss, &len));
	len = sizeof(l);
	EXPECT_EQ(0, getsockopt(self->c, SOL_SOCKET, SO_LINGER, &l, &len));
	EXPECT_EQ(17, l.l_linger);
	len = sizeof(val);
	EXPECT_EQ(0, getsockopt(self->c, SOL_SOCKET, SO_TYPE, &val, &len));
	EXPECT_EQ(0, getsockopt(self->c, SOL_SOCKET, SO_ERROR, &val, &len));
	EXPECT_EQ(0, val);
	EXPECT_EQ(0, wt_linger(self->c, 0, 0));
	EXPECT_EQ(0, variant->level->close(self->c));
}

WT_TEST(conn, SD_14_peer_name_stays_while_the_peer_has_not_closed)
{
	struct sockaddr_storage ss;

	ASSERT_EQ(0, variant->level->send_disc(self->c, "bye", 3));
	ASSERT_TRUE(wt_wait(wt_is_acked, self->c, WT_SOON_MS));
	EXPECT_EQ(0, variant->level->peername(self->c, (struct sockaddr *)&ss,
					      &(int){ sizeof(ss) }));
}

WT_TEST(conn, SD_15_connect_afterwards_is_EISCONN)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	ASSERT_EQ(0, getpeername(self->c, (struct sockaddr *)&ss, &len));
	ASSERT_EQ(0, variant->level->send_disc(self->c, "bye", 3));
	EXPECT_EQ(-WSAEISCONN,
		  variant->level->connect(self->c, (struct sockaddr *)&ss,
					  len));
}

WT_TEST(conn, SD_16_second_call_without_data_succeeds)
{
	ASSERT_EQ(0, variant->level->send_disc(self->c, "first", 5));
	EXPECT_EQ(0, variant->level->send_disc(self->c, NULL, 0));
	EXPECT_EQ(0, variant->level->send_disc(self->c, "ignored", 0));
	gets_disc(_metadata, variant->level, self->s, "first", 5);
}

WT_TEST(conn, SD_16_also_after_both_sides_closed)
{
	char buf[8];

	ASSERT_EQ(0, variant->level->send_disc(self->c, NULL, 0));
	ASSERT_EQ(0, variant->level->recv(self->s, buf, sizeof(buf)));
	ASSERT_EQ(0, variant->level->send_disc(self->s, NULL, 0));
	ASSERT_EQ(0, variant->level->recv(self->c, buf, sizeof(buf)));
	ASSERT_TRUE(wt_wait(wt_is_closed, self->s, WT_SOON_MS));
	EXPECT_EQ(0, variant->level->send_disc(self->c, NULL, 0));
	EXPECT_EQ(0, variant->level->send_disc(self->s, NULL, 0));
}

WT_TEST(conn, SD_16_second_call_with_data_is_ESHUTDOWN)
{
	ASSERT_EQ(0, variant->level->send_disc(self->c, "first", 5));
	EXPECT_EQ(-WSAESHUTDOWN,
		  variant->level->send_disc(self->c, "second", 6));
	gets_disc(_metadata, variant->level, self->s, "first", 5);
}

WT_TEST(conn, SD_16_after_shutdown_data_is_ESHUTDOWN)
{
	ASSERT_EQ(0, variant->level->shutdown(self->c, SD_SEND));
	EXPECT_EQ(0, variant->level->send_disc(self->c, NULL, 0));
	EXPECT_EQ(-WSAESHUTDOWN, variant->level->send_disc(self->c, "x", 1));
}

WT_TEST(conn, SD_18_length_0_never_looks_at_the_bytes)
{
	char buf[8];

	EXPECT_EQ(0, variant->level->send_disc(self->c, (void *)0xdead, 0));
	ASSERT_TRUE(wt_wait(wt_saw_fin, self->s, WT_SOON_MS));
	EXPECT_EQ(0, variant->level->recv(self->s, buf, sizeof(buf)));
}

WT_TEST(conn, SD_18_bytes_at_NULL_are_EFAULT)
{
	EXPECT_EQ(-WSAEFAULT, variant->level->send_disc(self->c, NULL, 4));
	EXPECT_TRUE(wt_passes(self->c, self->s));
	EXPECT_TRUE(wt_is_quiet(self->s));
}

WT_TEST(conn, SD_19_more_than_the_limit_changes_nothing)
{
	static const char data[2 * WSP_DISC_MAX];

	EXPECT_EQ(-WSAEMSGSIZE,
		  variant->level->send_disc(self->c, data,
					    WSP_DISC_DEFAULT_MAX + 1));
	EXPECT_EQ(-WSAEMSGSIZE,
		  variant->level->send_disc(self->c, data, sizeof(data)));
	EXPECT_TRUE(wt_passes(self->c, self->s));
	EXPECT_TRUE(wt_is_quiet(self->s));
	EXPECT_EQ(0, variant->level->send_disc(self->c, "small", 5));
	gets_disc(_metadata, variant->level, self->s, "small", 5);
}

WT_TEST(conn, SD_19_the_limit_can_be_queried)
{
	struct wsp_info info;

	ASSERT_EQ(0, wt_info(self->c, &info));
	EXPECT_EQ(WSP_DISC_DEFAULT_MAX, info.max_len);
}

WT_TEST(conn, SD_19_the_limit_can_be_raised_to_4096)
{
	struct wt_conf conf = {
		.family = variant->family,
		.attach = WT_ATTACH_BOTH,
	};
	uint8_t data[WSP_DISC_MAX + 1];
	struct wsp_info info = { 0 };
	int fd[2], low, full;

	ASSERT_EQ(0, wt_enter(WT_CLIENT));
	ASSERT_EQ(0, wt_sysctl("net/wsp/max_data", WSP_DISC_MAX));
	ASSERT_EQ(0, wt_level_pair(variant->level, &conf, fd));
	wt_pattern(data, sizeof(data), 0);
	low = wt_info(fd[0], &info);
	full = variant->level->send_disc(fd[0], data, sizeof(data));
	EXPECT_EQ(0, variant->level->send_disc(fd[0], data, WSP_DISC_MAX));
	/* The namespaces outlive the test: restore before asserting more. */
	ASSERT_EQ(0, wt_enter(WT_CLIENT));
	ASSERT_EQ(0, wt_sysctl("net/wsp/max_data", WSP_DISC_DEFAULT_MAX));
	EXPECT_EQ(0, low);
	EXPECT_EQ(WSP_DISC_MAX, info.max_len);
	EXPECT_EQ(-WSAEMSGSIZE, full);
	gets_disc(_metadata, variant->level, fd[1], data, WSP_DISC_MAX);
	close(fd[0]);
	close(fd[1]);
}

WT_TEST(conn, SD_21_after_the_peers_reset_is_ENOTCONN)
{
	ASSERT_EQ(0, wt_linger(self->s, 1, 0));
	ASSERT_EQ(0, close(self->s));
	ASSERT_TRUE(wt_wait(wt_is_closed, self->c, WT_SOON_MS));
	EXPECT_EQ(-WSAENOTCONN, variant->level->send_disc(self->c, "bye", 3));
	EXPECT_EQ(-WSAENOTCONN, variant->level->send_disc(self->c, NULL, 0));
}

WT_TEST(conn, SD_23_bad_bytes_before_the_limit)
{
	uint8_t *border = wt_page_border();

	ASSERT_NE(NULL, border);
	EXPECT_EQ(-WSAEFAULT,
		  variant->level->send_disc(self->c, border,
					    WSP_DISC_DEFAULT_MAX + 1));
	EXPECT_TRUE(wt_is_quiet(self->s));
}

/* One end, or both, without disconnect data. */
FIXTURE(plain)
{
	int c;
	int s;
};

FIXTURE_VARIANT(plain)
{
	const struct wt_level *level;
	enum wt_family family;
	unsigned int attach;
};

FIXTURE_VARIANT_ADD(plain, v4_spi_peer) { &wt_spi, WT_V4, WT_ATTACH_CLIENT };
FIXTURE_VARIANT_ADD(plain, v6_api_peer) { &wt_api, WT_V6, WT_ATTACH_CLIENT };
FIXTURE_VARIANT_ADD(plain, mapped_api_peer) {
	&wt_api, WT_MAPPED, WT_ATTACH_CLIENT
};

FIXTURE_VARIANT_ADD(plain, v4_raw_peer) { &wt_raw, WT_V4, WT_ATTACH_CLIENT };
FIXTURE_VARIANT_ADD(plain, v6_raw_peer) { &wt_raw, WT_V6, WT_ATTACH_CLIENT };
FIXTURE_VARIANT_ADD(plain, v4_api_self) { &wt_api, WT_V4, WT_ATTACH_SERVER };
FIXTURE_VARIANT_ADD(plain, v6_spi_self) { &wt_spi, WT_V6, WT_ATTACH_SERVER };
FIXTURE_VARIANT_ADD(plain, v4_spi_both) { &wt_spi, WT_V4, 0 };
FIXTURE_VARIANT_ADD(plain, v6_api_both) { &wt_api, WT_V6, 0 };

FIXTURE_SETUP(plain)
{
	struct wt_conf conf = {
		.family = variant->family,
		.attach = variant->attach,
	};
	int fd[2];

	ASSERT_EQ(0, wt_lib_start());
	ASSERT_EQ(0, wt_level_pair(variant->level, &conf, fd));
	self->c = fd[0];
	self->s = fd[1];
}

FIXTURE_TEARDOWN(plain)
{
	close(self->c);
	close(self->s);
}

WT_TEST(plain, SD_3_data_is_ENOPROTOOPT_and_changes_nothing)
{
	EXPECT_EQ(-WSAENOPROTOOPT,
		  variant->level->send_disc(self->c, "bye", 3));
	EXPECT_EQ(-WSAENOPROTOOPT,
		  variant->level->send_disc(self->s, "bye", 3));
	EXPECT_TRUE(wt_is_quiet(self->s));
	EXPECT_TRUE(wt_is_quiet(self->c));
	EXPECT_TRUE(wt_passes(self->c, self->s));
	EXPECT_TRUE(wt_passes(self->s, self->c));
}

WT_TEST(plain, SD_1_without_data_is_a_half_close)
{
	char buf[8];

	ASSERT_EQ(0, variant->level->send_disc(self->c, NULL, 0));
	ASSERT_TRUE(wt_wait(wt_saw_fin, self->s, WT_SOON_MS));
	EXPECT_EQ(0, variant->level->recv(self->s, buf, sizeof(buf)));
	EXPECT_TRUE(wt_passes(self->s, self->c));
	EXPECT_EQ(-WSAESHUTDOWN, variant->level->send(self->c, "x", 1));
	EXPECT_EQ(0, variant->level->send_disc(self->c, NULL, 0));
}

WT_TEST(plain, SD_16_also_after_both_sides_closed)
{
	char buf[8];

	ASSERT_EQ(0, variant->level->send_disc(self->c, NULL, 0));
	ASSERT_EQ(0, recv(self->s, buf, sizeof(buf), 0));
	ASSERT_EQ(0, shutdown(self->s, SHUT_WR));
	ASSERT_EQ(0, variant->level->recv(self->c, buf, sizeof(buf)));
	ASSERT_TRUE(wt_wait(wt_is_closed, self->c, WT_SOON_MS));
	EXPECT_EQ(0, variant->level->send_disc(self->c, NULL, 0));
}

WT_TEST(plain, SD_18_length_0_never_looks_at_the_bytes)
{
	EXPECT_EQ(0, variant->level->send_disc(self->c, (void *)0xdead, 0));
	EXPECT_TRUE(wt_wait(wt_saw_fin, self->s, WT_SOON_MS));
}

WT_TEST(plain, SD_23_no_support_before_bad_bytes)
{
	EXPECT_EQ(-WSAENOPROTOOPT,
		  variant->level->send_disc(self->c, (void *)1, 4));
	EXPECT_TRUE(wt_is_quiet(self->s));
}

TEST_HARNESS_MAIN
