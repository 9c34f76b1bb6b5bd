// SPDX-License-Identifier: GPL-2.0
/* Options of attached sockets: linger in Windows' form, and disconnect data. */
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "wsp_level.h"

FIXTURE(opt)
{
	int listener;
	int c;
	int s;
};

FIXTURE_VARIANT(opt)
{
	const struct wt_level *level;
	enum wt_family family;
};

FIXTURE_VARIANT_ADD(opt, v4_spi) { &wt_spi, WT_V4 };
FIXTURE_VARIANT_ADD(opt, v6_api) { &wt_api, WT_V6 };

static int opt_connect(const struct wt_level *level, enum wt_family family,
		       unsigned int attach, int listener, int fd[2])
{
	struct wt_conf conf = { .family = family, .attach = attach };

	return wt_level_connect(level, &conf, listener, fd);
}

FIXTURE_SETUP(opt)
{
	struct wt_conf conf = {
		.family = variant->family,
		.attach = WT_ATTACH_BOTH,
	};
	int fd[2];

	ASSERT_EQ(0, wt_lib_start());
	self->listener = wt_level_listen(variant->level, &conf);
	ASSERT_GE(self->listener, 0);
	ASSERT_EQ(0, wt_level_connect(variant->level, &conf, self->listener,
				      fd));
	self->c = fd[0];
	self->s = fd[1];
}

FIXTURE_TEARDOWN(opt)
{
	close(self->c);
	close(self->s);
	close(self->listener);
}

/* 0 or the negative WSA code. */
static int opt_set(const struct wt_level *level, int fd, int name,
		   const void *val, int len)
{
	int err = 0;

	if (level == &wt_spi)
		return wt_table.lpWSPSetSockOpt(fd, WS_SOL_SOCKET, name, val,
						len, &err) ? -err : 0;
	return wsp_setsockopt(fd, WS_SOL_SOCKET, name, val, len) ?
		-WSAGetLastError() : 0;
}

static int opt_get(const struct wt_level *level, int fd, int name, void *val,
		   int *len)
{
	int err = 0;

	if (level == &wt_spi)
		return wt_table.lpWSPGetSockOpt(fd, WS_SOL_SOCKET, name, val,
						len, &err) ? -err : 0;
	return wsp_getsockopt(fd, WS_SOL_SOCKET, name, val, len) ?
		-WSAGetLastError() : 0;
}

static int opt_int(const struct wt_level *level, int fd, int name)
{
	int val = -1, len = sizeof(val);
	int ret = opt_get(level, fd, name, &val, &len);

	return ret ? ret : val;
}

/* l_onoff in the upper half, l_linger in the lower one. */
static long opt_linger(const struct wt_level *level, int fd)
{
	struct ws_linger l[2];
	int len = sizeof(l), ret;

	memset(l, 0xcc, sizeof(l));
	ret = opt_get(level, fd, WS_SO_LINGER, l, &len);
	if (ret || len != 4 || l[1].l_onoff != 0xcccc)
		return -1;
	return (long)l->l_onoff << 16 | l->l_linger;
}

static int opt_set_linger(const struct wt_level *level, int fd, int onoff,
			  int seconds)
{
	struct ws_linger l = { onoff, seconds };

	return opt_set(level, fd, WS_SO_LINGER, &l, sizeof(l));
}

static int opt_set_dontlinger(const struct wt_level *level, int fd, int on)
{
	return opt_set(level, fd, WS_SO_DONTLINGER, &on, sizeof(on));
}

WT_TEST(opt, OP_1_nothing_lingers_by_default)
{
	const int fds[] = { self->c, self->s, self->listener };
	size_t i;

	for (i = 0; i < 3; i++) {
		EXPECT_EQ(1, opt_int(variant->level, fds[i], WS_SO_DONTLINGER));
		EXPECT_EQ(0, opt_linger(variant->level, fds[i]));
	}
}

WT_TEST(opt, OP_2_linger_round_trip)
{
	static const long values[] = {
		0x10005, 0x10000, 0, 0x7, 0x1ffff, 0,
	};
	const struct wt_level *lv = variant->level;
	size_t i;

	for (i = 0; i < sizeof(values) / sizeof(*values); i++) {
		ASSERT_EQ(0, opt_set_linger(lv, self->c, values[i] >> 16,
					    values[i] & 0xffff));
		EXPECT_EQ(values[i], opt_linger(lv, self->c));
		EXPECT_EQ(!(values[i] >> 16),
			  opt_int(lv, self->c, WS_SO_DONTLINGER));
	}
}

WT_TEST(opt, OP_3_bad_pointers_and_lengths_are_EFAULT)
{
	const struct wt_level *lv = variant->level;
	struct ws_linger *l = (void *)wt_page_border();
	int len = 3;

	ASSERT_NE(NULL, l);
	l[-1] = (struct ws_linger){ 1, 5 };
	EXPECT_EQ(-WSAEFAULT, opt_set(lv, self->c, WS_SO_LINGER, NULL, 4));
	EXPECT_EQ(-WSAEFAULT, opt_set(lv, self->c, WS_SO_LINGER, l, 4));
	EXPECT_EQ(-WSAEFAULT, opt_set(lv, self->c, WS_SO_LINGER, l - 1, 3));
	EXPECT_EQ(-WSAEFAULT, opt_set(lv, self->c, WS_SO_LINGER,
				      (char *)l - 3, 4));
	EXPECT_EQ(0, opt_linger(lv, self->c));
	EXPECT_EQ(-WSAEFAULT, opt_get(lv, self->c, WS_SO_LINGER, l - 1, &len));
	len = 4;
	EXPECT_EQ(-WSAEFAULT, opt_get(lv, self->c, WS_SO_LINGER, l, &len));
	EXPECT_EQ(-WSAEFAULT, opt_get(lv, self->c, WS_SO_LINGER, l - 1, NULL));
}

WT_TEST(opt, OP_4_no_linger_for_datagrams)
{
	const struct wt_level *lv = variant->level;
	int fd = lv->socket(AF_INET, SOCK_DGRAM, false);
	struct ws_linger l;
	int len = sizeof(l);

	ASSERT_GE(fd, 0);
	EXPECT_EQ(-WSAENOPROTOOPT, opt_set_linger(lv, fd, 1, 5));
	EXPECT_EQ(-WSAENOPROTOOPT, opt_get(lv, fd, WS_SO_LINGER, &l, &len));
	EXPECT_EQ(-WSAENOPROTOOPT, opt_set_dontlinger(lv, fd, 1));
	EXPECT_EQ(0, lv->close(fd));
}

WT_TEST(opt, OP_5_accepted_sockets_inherit_linger_and_disconnect_data)
{
	const struct wt_level *lv = variant->level;
	char buf[8];
	uint32_t len = sizeof(buf);
	int fd[2];

	ASSERT_EQ(0, opt_set_linger(lv, self->listener, 1, 33));
	ASSERT_EQ(0, opt_connect(lv, variant->family, WT_ATTACH_BOTH,
				 self->listener, fd));
	EXPECT_EQ(0x10021, opt_linger(lv, fd[1]));
	ASSERT_EQ(0, opt_set_dontlinger(lv, fd[1], 1));
	ASSERT_EQ(0, lv->send_disc(fd[1], "bye", 3));
	ASSERT_TRUE(wt_wait(wt_has_data, fd[0], WT_SOON_MS));
	EXPECT_EQ(0, lv->recv_disc(fd[0], buf, &len));
	EXPECT_EQ(3, len);
	EXPECT_EQ(0, lv->close(fd[0]));
	EXPECT_EQ(0, lv->close(fd[1]));
}

WT_TEST(opt, OP_6_the_time_comes_back)
{
	const struct wt_level *lv = variant->level;

	ASSERT_EQ(0, opt_set_linger(lv, self->c, 1, 12));
	ASSERT_EQ(0, opt_set_dontlinger(lv, self->c, 1));
	EXPECT_EQ(12, opt_linger(lv, self->c));
	ASSERT_EQ(0, opt_set_dontlinger(lv, self->c, 0));
	EXPECT_EQ(0x1000c, opt_linger(lv, self->c));
}

/* What the peer's release brought, read as options and then as data. */
static void opt_finds(struct __test_metadata *_metadata,
		      const struct wt_level *lv, int fd, const char *want)
{
	int size = strlen(want), len = size - 1;
	uint32_t got = 64;
	char buf[64];

	ASSERT_TRUE(wt_wait(wt_has_data, fd, WT_SOON_MS));
	EXPECT_EQ(size, opt_int(lv, fd, WS_SO_DISCDATALEN));
	EXPECT_EQ(-WSAEFAULT, opt_get(lv, fd, WS_SO_DISCDATA, buf, &len));
	EXPECT_EQ(size, len);
	memset(buf, 0xcc, sizeof(buf));
	ASSERT_EQ(0, opt_get(lv, fd, WS_SO_DISCDATA, buf, &len));
	EXPECT_EQ(size, len);
	EXPECT_EQ(0, memcmp(buf, want, size));
	EXPECT_TRUE(wt_is_all(buf + size, 0xcc, sizeof(buf) - size));
	/* Receiving goes on: it is the end of the stream, not ESHUTDOWN. */
	EXPECT_EQ(0, lv->recv(fd, buf, sizeof(buf)));
	ASSERT_EQ(0, lv->recv_disc(fd, buf, &got));
	EXPECT_EQ(size, got);
	EXPECT_EQ(0, memcmp(buf, want, size));
}

WT_TEST(opt, OP_7_goes_out_with_shutdown)
{
	const struct wt_level *lv = variant->level;

	ASSERT_EQ(0, opt_set(lv, self->c, WS_SO_DISCDATA, "reason", 6));
	EXPECT_TRUE(wt_passes(self->c, self->s));
	ASSERT_EQ(0, lv->shutdown(self->c, SD_SEND));
	opt_finds(_metadata, lv, self->s, "reason");
}

WT_TEST(opt, OP_7_goes_out_with_close)
{
	const struct wt_level *lv = variant->level;
	char buf[8];

	ASSERT_EQ(0, opt_set(lv, self->s, WS_SO_DISCDATA, "closing", 7));
	ASSERT_EQ(4, lv->send(self->s, "last", 4));
	ASSERT_EQ(0, lv->close(self->s));
	ASSERT_EQ(4, lv->recv(self->c, buf, sizeof(buf)));
	opt_finds(_metadata, lv, self->c, "closing");
}

WT_TEST(opt, OP_7_goes_out_with_an_empty_call)
{
	const struct wt_level *lv = variant->level;

	ASSERT_EQ(0, opt_set(lv, self->c, WS_SO_DISCDATA, "empty", 5));
	ASSERT_EQ(0, lv->send_disc(self->c, NULL, 0));
	opt_finds(_metadata, lv, self->s, "empty");
}

WT_TEST(opt, OP_7_set_before_connecting)
{
	const struct wt_level *lv = variant->level;
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	int c, s;

	c = wt_level_socket(lv, WT_CLIENT, variant->family, true);
	ASSERT_GE(c, 0);
	ASSERT_EQ(0, opt_set(lv, c, WS_SO_DISCDATA, "early", 5));
	ASSERT_EQ(0, getsockname(self->listener, (struct sockaddr *)&ss, &len));
	ASSERT_EQ(0, lv->connect(c, (struct sockaddr *)&ss, len));
	s = lv->accept(self->listener);
	ASSERT_GE(s, 0);
	ASSERT_EQ(0, lv->close(c));
	opt_finds(_metadata, lv, s, "early");
	EXPECT_EQ(0, lv->close(s));
}

WT_TEST(opt, OP_7_the_last_one_set_counts_and_the_call_before_it)
{
	const struct wt_level *lv = variant->level;

	ASSERT_EQ(0, opt_set(lv, self->c, WS_SO_DISCDATA, "first", 5));
	ASSERT_EQ(0, opt_set(lv, self->c, WS_SO_DISCDATA, "second", 6));
	ASSERT_EQ(0, lv->shutdown(self->c, SD_SEND));
	opt_finds(_metadata, lv, self->s, "second");
	ASSERT_EQ(0, opt_set(lv, self->s, WS_SO_DISCDATA, "option", 6));
	ASSERT_EQ(0, lv->send_disc(self->s, "call", 4));
	opt_finds(_metadata, lv, self->c, "call");
	EXPECT_EQ(-WSAESHUTDOWN, opt_set(lv, self->c, WS_SO_DISCDATA, "x", 1));
}

WT_TEST(opt, OP_7_length_0_takes_it_back)
{
	const struct wt_level *lv = variant->level;
	char buf[8];
	int len = sizeof(buf);

	ASSERT_EQ(0, opt_set(lv, self->c, WS_SO_DISCDATA, "never", 5));
	ASSERT_EQ(0, opt_set(lv, self->c, WS_SO_DISCDATA, NULL, 0));
	ASSERT_EQ(0, lv->shutdown(self->c, SD_SEND));
	EXPECT_EQ(0, lv->recv(self->s, buf, sizeof(buf)));
	EXPECT_EQ(0, opt_int(lv, self->s, WS_SO_DISCDATALEN));
	EXPECT_EQ(0, opt_get(lv, self->s, WS_SO_DISCDATA, buf, &len));
	EXPECT_EQ(0, len);
}

WT_TEST(opt, OP_7_nothing_has_arrived)
{
	const struct wt_level *lv = variant->level;
	char buf[8];
	int len = sizeof(buf);

	EXPECT_EQ(0, opt_int(lv, self->s, WS_SO_DISCDATALEN));
	EXPECT_EQ(0, opt_get(lv, self->s, WS_SO_DISCDATA, buf, &len));
	EXPECT_EQ(0, len);
	EXPECT_TRUE(wt_passes(self->c, self->s));
}

WT_TEST(opt, OP_7_errors_change_nothing)
{
	const struct wt_level *lv = variant->level;
	static char big[WSP_DISC_MAX + 1];
	char *border = (char *)wt_page_border();
	int len = 4;

	ASSERT_NE(NULL, border);
	ASSERT_EQ(0, opt_set(lv, self->c, WS_SO_DISCDATA, "stays", 5));
	EXPECT_EQ(-WSAEFAULT, opt_set(lv, self->c, WS_SO_DISCDATA, border - 1,
				      2));
	EXPECT_EQ(-WSAEFAULT, opt_set(lv, self->c, WS_SO_DISCDATA, NULL, 1));
	EXPECT_EQ(-WSAEFAULT, opt_set(lv, self->c, WS_SO_DISCDATA, big, -1));
	EXPECT_EQ(-WSAEMSGSIZE, opt_set(lv, self->c, WS_SO_DISCDATA, big,
					sizeof(big)));
	EXPECT_EQ(-WSAEMSGSIZE, opt_set(lv, self->c, WS_SO_DISCDATALEN,
					&(int){ sizeof(big) }, 4));
	EXPECT_EQ(-WSAEINVAL, opt_set(lv, self->c, WS_SO_DISCDATALEN,
				      &(int){ -1 }, 4));
	EXPECT_EQ(-WSAEFAULT, opt_set(lv, self->c, WS_SO_DISCDATALEN, NULL, 4));
	EXPECT_EQ(0, opt_set(lv, self->c, WS_SO_DISCDATALEN, &(int){ 100 }, 4));
	ASSERT_EQ(0, lv->shutdown(self->c, SD_SEND));
	ASSERT_TRUE(wt_wait(wt_has_data, self->s, WT_SOON_MS));
	EXPECT_EQ(-WSAEFAULT, opt_get(lv, self->s, WS_SO_DISCDATA, border - 4,
				      &len));
	EXPECT_EQ(5, len);
	EXPECT_EQ(-WSAEFAULT, opt_get(lv, self->s, WS_SO_DISCDATA, border - 4,
				      &len));
	EXPECT_EQ(-WSAEFAULT, opt_get(lv, self->s, WS_SO_DISCDATA, border,
				      NULL));
	opt_finds(_metadata, lv, self->s, "stays");
}

/* Known once connected: before, the kernel keeps it and then drops it. */
WT_TEST(opt, OP_7_a_peer_without_support)
{
	const struct wt_level *lv = variant->level;
	char buf[8];
	int fd[2], len = sizeof(buf);

	ASSERT_EQ(0, opt_connect(lv, variant->family, WT_ATTACH_SERVER,
				 self->listener, fd));
	EXPECT_EQ(-WSAENOPROTOOPT, opt_set(lv, fd[1], WS_SO_DISCDATA, "x", 1));
	EXPECT_EQ(-WSAENOPROTOOPT, opt_get(lv, fd[1], WS_SO_DISCDATA, buf,
					   &len));
	/* And plain TCP. */
	EXPECT_EQ(-WSAENOPROTOOPT, opt_set(lv, fd[0], WS_SO_DISCDATA, "x", 1));
	EXPECT_EQ(-WSAENOPROTOOPT, opt_get(lv, fd[0], WS_SO_DISCDATA, buf,
					   &len));
	EXPECT_EQ(-WSAENOPROTOOPT, opt_int(lv, fd[0], WS_SO_DISCDATALEN));
	EXPECT_TRUE(wt_passes(fd[0], fd[1]));
	EXPECT_EQ(0, lv->close(fd[0]));
	EXPECT_EQ(0, lv->close(fd[1]));
}

WT_TEST(opt, OP_7_who_is_not_connected_has_nothing)
{
	char buf[8];
	int len = sizeof(buf);

	EXPECT_EQ(-WSAENOTCONN, opt_get(variant->level, self->listener,
					WS_SO_DISCDATA, buf, &len));
}

WT_TEST(opt, RC_4_a_listener_is_not_connected)
{
	const struct wt_level *lv = variant->level;
	int fd[2], how;

	for (how = SD_RECEIVE; how <= SD_BOTH; how++)
		EXPECT_EQ(-WSAENOTCONN, lv->shutdown(self->listener, how));
	/* It goes on listening. */
	ASSERT_EQ(0, opt_connect(lv, variant->family, WT_ATTACH_BOTH,
				 self->listener, fd));
	EXPECT_EQ(0, lv->close(fd[0]));
	EXPECT_EQ(0, lv->close(fd[1]));
}

/* The kernel's part changes nothing about where urgent data is. */
WT_TEST(opt, urgent_mark_and_readable_bytes)
{
	uint32_t n = 0xcccccccc;
	char buf[8];

	ASSERT_EQ(0, opt_set(variant->level, self->s, WS_SO_OOBINLINE,
			     &(int){ 1 }, 4));
	ASSERT_EQ(2, send(self->c, "ab", 2, 0));
	ASSERT_EQ(1, send(self->c, "!", 1, MSG_OOB));
	ASSERT_NE(0, wt_poll(self->s, POLLPRI, WT_SOON_MS));
	EXPECT_EQ(0, ioctlsocket(self->s, WS_SIOCATMARK, &n));
	EXPECT_EQ(0, n);
	EXPECT_EQ(2, variant->level->recv(self->s, buf, 8));
	EXPECT_EQ(0, ioctlsocket(self->s, WS_SIOCATMARK, &n));
	EXPECT_EQ(1, n);
	EXPECT_EQ(0, ioctlsocket(self->s, WS_FIONREAD, &n));
	EXPECT_EQ(1, n);
	EXPECT_EQ(1, variant->level->recv(self->s, buf, 8));
	/* The mark of disconnect data is none of the application's. */
	ASSERT_EQ(0, variant->level->send_disc(self->c, "bye", 3));
	ASSERT_TRUE(wt_wait(wt_has_data, self->s, WT_SOON_MS));
	EXPECT_EQ(0, ioctlsocket(self->s, WS_SIOCATMARK, &n));
	EXPECT_EQ(1, n);
	EXPECT_EQ(0, ioctlsocket(self->s, WS_FIONREAD, &n));
	EXPECT_EQ(0, n);
}

WT_TEST(opt, protocol_info_tells_of_disconnect_data)
{
	WSAPROTOCOL_INFOW info;
	int len = sizeof(info), fd;

	ASSERT_EQ(0, opt_get(variant->level, self->s, WS_SO_PROTOCOL_INFOW,
			     &info, &len));
	EXPECT_EQ(sizeof(info), len);
	EXPECT_EQ(0x20166, info.dwServiceFlags1);
	EXPECT_EQ(variant->family == WT_V4 ? AF_INET : WS_AF_INET6,
		  info.iAddressFamily);
	fd = wt_level_socket(variant->level, WT_CLIENT, variant->family, false);
	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, opt_get(variant->level, fd, WS_SO_PROTOCOL_INFOW, &info,
			     &len));
	EXPECT_EQ(0x20066, info.dwServiceFlags1);
	EXPECT_EQ(0, variant->level->close(fd));
}

TEST_HARNESS_MAIN
