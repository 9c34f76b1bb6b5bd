// SPDX-License-Identifier: GPL-2.0
/*
 * Tracepoints: each fires once for what it is about, with the connection's
 * addresses, ports and cookie and the outcome by name.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "obs_wire.h"
#include "obs_forge.h"

#include <sys/stat.h>

#define TRACE_DIR	"/sys/kernel/tracing"
#define TRACE_INSTANCE	TRACE_DIR "/instances/wsp_selftest"

#define BYE		4
#define BYE_LEN		77

/* An instance of its own: nobody else's events, and nobody else is disturbed. */
FIXTURE(trace) {
	struct reg_conf conf;
	int fd[2];
};

FIXTURE_VARIANT(trace) {
	enum reg_family family;
};

FIXTURE_VARIANT_ADD(trace, v4) {
	.family = REG_V4,
};

FIXTURE_VARIANT_ADD(trace, v6) {
	.family = REG_V6,
};

FIXTURE_VARIANT_ADD(trace, mapped) {
	.family = REG_MAPPED,
};

/* The client's addresses as the events show them, then the server's. */
static const struct {
	const char *family;
	const char *v4[2];
	const char *v6[2];
} trace_names[] = {
	[REG_V4] = {
		"AF_INET", { "10.78.0.1", "10.78.0.2" },
		{ "::ffff:10.78.0.1", "::ffff:10.78.0.2" },
	},
	[REG_V6] = {
		"AF_INET6", { "0.0.0.0", "0.0.0.0" }, { "fd78::1", "fd78::2" },
	},
	[REG_MAPPED] = {
		"AF_INET6", { "10.78.0.1", "10.78.0.2" },
		{ "::ffff:10.78.0.1", "::ffff:10.78.0.2" },
	},
};

static int trace_write(const char *name, const char *val)
{
	char path[256];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), TRACE_INSTANCE "/%s", name);
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd < 0)
		return reg_fail(path);
	n = write(fd, val, strlen(val));
	close(fd);
	return n < 0 ? reg_fail(path) : 0;
}

FIXTURE_SETUP(trace)
{
	self->conf = (struct reg_conf) {
		.family = variant->family,
		.attach = REG_BOTH,
		.ns = { obs_ns[0], obs_ns[1] },
	};
	ASSERT_EQ(0, obs_reset());
	rmdir(TRACE_INSTANCE);
	ASSERT_EQ(0, mkdir(TRACE_INSTANCE, 0700));
	ASSERT_EQ(0, trace_write("events/wsp/enable", "1"));
}

FIXTURE_TEARDOWN_PARENT(trace)
{
	(void)self;
	trace_write("events/wsp/enable", "0");
	rmdir(TRACE_INSTANCE);
}

static unsigned long long trace_cookie(int fd)
{
	unsigned long long cookie = 0;
	socklen_t len = sizeof(cookie);

	getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len);
	return cookie;
}

/* What @event has to say about one end of @fd, @rest being its own fields. */
static void trace_line(char *line, size_t size, const char *event,
		       enum reg_family family, const int fd[2], bool server,
		       const char *rest)
{
	snprintf(line, size,
		 "%s: cookie=%llu family=%s sport=%hu dport=%hu saddr=%s daddr=%s saddrv6=%s daddrv6=%s %s\n",
		 event, trace_cookie(fd[server]), trace_names[family].family,
		 reg_port(fd[server]), reg_port(fd[!server]),
		 trace_names[family].v4[server], trace_names[family].v4[!server],
		 trace_names[family].v6[server], trace_names[family].v6[!server],
		 rest);
}

/* How many lines of the trace end in @want; prints the trace if not @times. */
static int trace_times(const char *want, int times)
{
	char line[512];
	int found = 0;
	FILE *f;

	f = fopen(TRACE_INSTANCE "/trace", "r");
	if (!f)
		return reg_fail("trace");
	while (fgets(line, sizeof(line), f)) {
		const char *at = strstr(line, "wsp_");

		found += at && !strncmp(at, want, strlen(want));
	}
	if (found != times) {
		rewind(f);
		fprintf(stderr, "# %d times, not %d: %s", found, times, want);
		while (fgets(line, sizeof(line), f))
			if (strstr(line, "wsp_"))
				fprintf(stderr, "# %s", line);
	}
	fclose(f);
	return found;
}

/* How many lines of the trace are about @event and have @rest in the end. */
static int trace_ending(const char *event, const char *rest)
{
	char line[512];
	int found = 0;
	FILE *f;

	f = fopen(TRACE_INSTANCE "/trace", "r");
	if (!f)
		return reg_fail("trace");
	while (fgets(line, sizeof(line), f)) {
		const char *at = strstr(line, rest);

		found += strstr(line, event) && at &&
			 !strcmp(at + strlen(rest), "\n");
	}
	fclose(f);
	return found;
}

#define TRACE_EXPECT(event, server, rest) do {		\
	char trace_want[512];						\
									\
	trace_line(trace_want, sizeof(trace_want), event,		\
		   variant->family, self->fd, server, rest);		\
	EXPECT_EQ(1, trace_times(trace_want, 1));			\
} while (0)

TEST_F(trace, negotiated)
{
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	TRACE_EXPECT("wsp_negotiate", false,
		     "server=0 peer=1 cause=WSP_FALLBACK_NONE");
	TRACE_EXPECT("wsp_negotiate", true,
		     "server=1 peer=1 cause=WSP_FALLBACK_NONE");
	EXPECT_EQ(2, trace_times("wsp_negotiate", 2));
	EXPECT_EQ(0, trace_times("wsp_fallback", 0));
}

TEST_F(trace, fallback_at_the_client)
{
	self->conf.attach = REG_CLIENT;
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	TRACE_EXPECT("wsp_fallback", false,
		     "server=0 peer=0 cause=WSP_FALLBACK_NO_OPTION");
	EXPECT_EQ(1, trace_times("wsp_", 1));
}

TEST_F(trace, fallback_at_the_server)
{
	ASSERT_EQ(0, obs_sysctl(obs_ns[1], "net/wsp/enable", "0"));
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	TRACE_EXPECT("wsp_fallback", true,
		     "server=1 peer=0 cause=WSP_FALLBACK_DISABLED");
	TRACE_EXPECT("wsp_fallback", false,
		     "server=0 peer=0 cause=WSP_FALLBACK_NO_OPTION");
	EXPECT_EQ(2, trace_times("wsp_", 2));
}

TEST_F(trace, data_both_ways)
{
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	ASSERT_EQ(0, reg_send_all(self->fd[0], 5000, 0));
	ASSERT_EQ(1, reg_disc_end(self->fd[0], BYE, BYE_LEN, REG_DATA));
	ASSERT_EQ(1, reg_disc_end(self->fd[1], BYE, BYE_LEN + 1, REG_DATA));
	ASSERT_EQ(5000, reg_drain(self->fd[1], 0, 0));
	ASSERT_EQ(0, reg_drain(self->fd[0], 0, 0));
	TRACE_EXPECT("wsp_disc_send", false,
		     "outcome=WSP_SEND_QUEUED len=77");
	TRACE_EXPECT("wsp_disc_recv", true,
		     "outcome=WSP_RECV_MARK len=77");
	TRACE_EXPECT("wsp_disc_send", true,
		     "outcome=WSP_SEND_QUEUED len=78");
	TRACE_EXPECT("wsp_disc_recv", false,
		     "outcome=WSP_RECV_MARK len=78");
	EXPECT_EQ(2, trace_times("wsp_disc_send", 2));
	EXPECT_EQ(2, trace_times("wsp_disc_recv", 2));
}

TEST_F(trace, found_by_its_footer)
{
	ASSERT_EQ(0, obs_rules(obs_ns[1], OBS_CLEAR_DATA));
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	ASSERT_EQ(1, reg_disc_end(self->fd[0], BYE, BYE_LEN, REG_DATA));
	ASSERT_EQ(0, reg_drain(self->fd[1], 0, 0));
	TRACE_EXPECT("wsp_disc_recv", true,
		     "outcome=WSP_RECV_TAIL len=77");
	EXPECT_EQ(1, trace_times("wsp_disc_recv", 1));
}

TEST_F(trace, retransmitted_without_urg)
{
	ASSERT_EQ(0, obs_rules(obs_ns[1],
			       "tcp flags & (syn|urg) == urg drop;"));
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	ASSERT_EQ(1, reg_disc_end(self->fd[0], BYE, BYE_LEN, REG_DATA));
	ASSERT_EQ(0, reg_drain(self->fd[1], 0, 0));
	TRACE_EXPECT("wsp_disc_send", false,
		     "outcome=WSP_SEND_NO_URG len=77");
	EXPECT_EQ(2, trace_times("wsp_disc_send", 2));
}

/* Connects @fd; the server's tag, or 0. */
static uint32_t trace_join(const struct reg_conf *conf, int fd[2])
{
	uint32_t tag = 0;
	int sniff;

	if (reg_ns_enter(conf->ns[0]))
		return 0;
	sniff = forge_listen();
	if (sniff >= 0 && !reg_pair(conf, fd))
		tag = forge_tag(sniff);
	close(sniff);
	return tag;
}

TEST_F(trace, forged_and_cut_short)
{
	unsigned char rec[FORGE_HDR];
	uint32_t tag = trace_join(&self->conf, self->fd);

	ASSERT_NE(0, tag);
	forge_header(rec, tag, 9);
	rec[15] ^= 1;
	ASSERT_EQ(0, forge_send(self->fd[0], rec, sizeof(rec), true));
	ASSERT_TRUE(reg_poll(self->fd[1], POLLPRI, REG_SOON_MS) & POLLPRI);
	TRACE_EXPECT("wsp_disc_recv", true,
		     "outcome=WSP_RECV_BAD_MAC len=9");
	rec[15] ^= 1;
	ASSERT_EQ(0, forge_send(self->fd[0], rec, sizeof(rec), true));
	ASSERT_EQ(0, shutdown(self->fd[0], SHUT_WR));
	while (recv(self->fd[1], rec, sizeof(rec), 0) > 0)
		;
	TRACE_EXPECT("wsp_disc_recv", true,
		     "outcome=WSP_RECV_TRUNCATED len=9");
	EXPECT_EQ(2, trace_times("wsp_disc_recv", 2));
}

TEST_F(trace, hold_that_expires)
{
	unsigned char rec[FORGE_HDR];
	uint32_t tag = trace_join(&self->conf, self->fd);

	ASSERT_NE(0, tag);
	forge_header(rec, tag, 9);
	ASSERT_EQ(0, forge_send(self->fd[0], rec, 1, true));
	ASSERT_TRUE(reg_poll(self->fd[1], POLLPRI, REG_SOON_MS) & POLLPRI);
	TRACE_EXPECT("wsp_disc_recv", true,
		     "outcome=WSP_RECV_HOLD_EXPIRED len=1");
}

/* Until its peer does not take any more. */
static int trace_stall(struct reg_conf *conf, int fd[2])
{
	conf->rcvbuf = 4096;
	if (reg_pair(conf, fd))
		return -1;
	return reg_stuff(fd[0], 1) > 0 ? 0 : -1;
}

static bool trace_over(int fd)
{
	return reg_poll(fd, POLLHUP, REG_SOON_MS) & POLLHUP;
}

TEST_F(trace, linger_drained)
{
	struct wsp_linger_args args = { .timeout = 60000 };

	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	ASSERT_EQ(0, ioctl(self->fd[0], WSP_LINGER_START, &args));
	ASSERT_TRUE(trace_over(self->fd[0]));
	TRACE_EXPECT("wsp_linger", false,
		     "outcome=WSP_LINGER_DRAINED unacked=0");
	EXPECT_EQ(2, trace_times("wsp_linger", 2));
}

TEST_F(trace, linger_expired)
{
	struct wsp_linger_args args = { .timeout = 200 };
	struct wsp_linger_info info;
	char want[64];

	ASSERT_EQ(0, trace_stall(&self->conf, self->fd));
	ASSERT_EQ(0, ioctl(self->fd[0], WSP_LINGER_START, &args));
	ASSERT_TRUE(trace_over(self->fd[0]));
	ASSERT_EQ(0, ioctl(self->fd[0], WSP_LINGER_GET, &info));
	EXPECT_LT(0, info.unacked);
	snprintf(want, sizeof(want), "outcome=WSP_LINGER_EXPIRED unacked=%u",
		 info.unacked);
	EXPECT_EQ(2, trace_times("wsp_linger", 2));
	/* The reset has taken the ports away from the socket, not from this. */
	EXPECT_EQ(1, trace_ending("wsp_linger", want));
}

TEST_F(trace, armed)
{
	struct wsp_disc_args args = { .data = (uintptr_t)"why", .len = 3 };

	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	ASSERT_EQ(0, ioctl(self->fd[0], WSP_DISC_ARM, &args));
	ASSERT_EQ(0, shutdown(self->fd[0], SHUT_WR));
	TRACE_EXPECT("wsp_disc_send", false, "outcome=WSP_SEND_ARMED len=3");
	EXPECT_EQ(1, trace_times("wsp_disc_send", 1));
}

/* Tools that read records raw find the fields by these names. */
TEST(trace_formats)
{
	static const struct {
		const char *event, *field;
	} fields[] = {
		{ "wsp_negotiate", "__u64 cookie" },
		{ "wsp_negotiate", "__u16 family" },
		{ "wsp_negotiate", "__u16 sport" },
		{ "wsp_negotiate", "__u16 dport" },
		{ "wsp_negotiate", "__u8 saddr[4]" },
		{ "wsp_negotiate", "__u8 daddr_v6[16]" },
		{ "wsp_negotiate", "__u8 server" },
		{ "wsp_negotiate", "__u8 peer" },
		{ "wsp_negotiate", "__u8 cause" },
		{ "wsp_fallback", "__u8 cause" },
		{ "wsp_disc_send", "__u8 outcome" },
		{ "wsp_disc_send", "__u32 len" },
		{ "wsp_disc_recv", "__u8 outcome" },
		{ "wsp_disc_recv", "__u32 len" },
		{ "wsp_linger", "__u8 outcome" },
		{ "wsp_linger", "__u32 unacked" },
	};
	char path[256], text[8192];
	size_t i, n;
	FILE *f;

	for (i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		snprintf(path, sizeof(path), TRACE_DIR "/events/wsp/%s/format",
			 fields[i].event);
		f = fopen(path, "r");
		ASSERT_NE(NULL, f);
		n = fread(text, 1, sizeof(text) - 1, f);
		text[n] = 0;
		fclose(f);
		EXPECT_NE(NULL, strstr(text, fields[i].field))
			TH_LOG("%s: no %s", fields[i].event, fields[i].field);
		/* Symbols were replaced by the values they stand for. */
		EXPECT_EQ(NULL, strstr(text, "{ WSP_"));
	}
}

TEST_HARNESS_MAIN
