// SPDX-License-Identifier: GPL-2.0
/* What libwsp-preload.so is told, it does: whom to attach, what to arm, what to log. */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "preload_lib.h"

#define PORT	4711

#define TEXT(t)	"LD_PRELOAD", "libwsp-preload.so", "WSP_DISCONNECT_DATA", t

FIXTURE(settings) {
	struct preload_prog prog;
	struct reg_conf conf;
	int listener;
	int peer;
	char dir[32];
};

FIXTURE_SETUP(settings)
{
	alarm(120);
	self->conf = (struct reg_conf) { .family = REG_V4, .attach = REG_BOTH, .rcvbuf = 8192 };
	self->prog.pid = -1;
	self->peer = -1;
	snprintf(self->dir, sizeof(self->dir), "/tmp/preload.XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->dir));
	ASSERT_EQ(0, reg_ns_lo());
	self->listener = reg_listen(&self->conf);
	ASSERT_LE(0, self->listener);
}

FIXTURE_TEARDOWN(settings)
{
	if (self->prog.pid > 0)
		kill(self->prog.pid, SIGKILL);
	if (self->peer >= 0)
		reg_abort(self->peer);
	close(self->listener);
}

/* A program that connects to us; @more: behind its port and "close". */
static bool settings_client(struct _test_data_settings *self, const char *const *env,
			    const char *more)
{
	char args[64];

	snprintf(args, sizeof(args), "%d close %s", reg_port(self->listener), more);
	if (preload_start(&self->prog, env, args))
		return false;
	self->peer = accept4(self->listener, NULL, NULL, SOCK_CLOEXEC);
	return self->peer >= 0 && (strstr(more, "drain") || preload_said(&self->prog, "ready"));
}

/* One that listens on PORT, or on @listener. */
static bool settings_server(struct _test_data_settings *self, const char *const *env,
			    int listener)
{
	char args[64];

	if (listener < 0)
		snprintf(args, sizeof(args), "0 close port %d", PORT);
	else
		snprintf(args, sizeof(args), "0 close inherit");
	if (preload_start_with(&self->prog, env, args, listener) ||
	    !preload_said(&self->prog, "listening"))
		return false;
	self->peer = reg_client(&self->conf);
	return !reg_connect(self->peer, &self->conf,
			    listener < 0 ? PORT : reg_port(listener)) &&
	       preload_said(&self->prog, "ready");
}

static bool settings_peer(int fd)
{
	return reg_info_flags(fd) & WSP_INFO_PEER;
}

static bool settings_ends(struct _test_data_settings *self, const char *text)
{
	struct preload_end end;

	return !preload_end(&self->prog, &end) && !end.ret &&
	       preload_peer_got(self->peer, text);
}

TEST_F(settings, attach_connect)
{
	const char *const env[] = { TEXT("x"), "WSP_ATTACH", "connect", NULL };

	ASSERT_TRUE(settings_client(self, env, ""));
	EXPECT_TRUE(settings_peer(self->peer));
	EXPECT_TRUE(settings_ends(self, "x"));
}

TEST_F(settings, attach_connect_is_not_for_listeners)
{
	const char *const env[] = { TEXT("x"), "WSP_ATTACH", "connect", NULL };

	ASSERT_TRUE(settings_server(self, env, -1));
	EXPECT_FALSE(settings_peer(self->peer));
}

TEST_F(settings, attach_listen)
{
	const char *const env[] = { TEXT("x"), "WSP_ATTACH", "listen", NULL };

	ASSERT_TRUE(settings_server(self, env, -1));
	EXPECT_TRUE(settings_peer(self->peer));
	EXPECT_TRUE(settings_ends(self, "x"));
}

TEST_F(settings, attach_listen_is_not_for_clients)
{
	const char *const env[] = { TEXT("x"), "WSP_ATTACH", "listen", NULL };

	ASSERT_TRUE(settings_client(self, env, ""));
	EXPECT_FALSE(settings_peer(self->peer));
}

TEST_F(settings, attach_none)
{
	const char *const env[] = { TEXT("x"), "WSP_ATTACH", "none", NULL };

	ASSERT_TRUE(settings_client(self, env, ""));
	EXPECT_FALSE(settings_peer(self->peer));
}

TEST_F(settings, port_of_a_listener)
{
	const char *const env[] = { TEXT("x"), "WSP_PORTS", "80, 4700-4720", NULL };

	ASSERT_TRUE(settings_server(self, env, -1));
	EXPECT_TRUE(settings_peer(self->peer));
	EXPECT_TRUE(settings_ends(self, "x"));
}

TEST_F(settings, another_port)
{
	const char *const env[] = { TEXT("x"), "WSP_PORTS", "4712-65535", NULL };

	ASSERT_TRUE(settings_server(self, env, -1));
	EXPECT_FALSE(settings_peer(self->peer));
}

TEST_F(settings, port_to_connect_to)
{
	char port[16];
	const char *const env[] = { TEXT("x"), "WSP_PORTS", port, NULL };

	snprintf(port, sizeof(port), "%d", reg_port(self->listener));
	ASSERT_TRUE(settings_client(self, env, ""));
	EXPECT_TRUE(settings_peer(self->peer));
}

TEST_F(settings, another_port_to_connect_to)
{
	const char *const env[] = { TEXT("x"), "WSP_PORTS", "1", NULL };

	ASSERT_TRUE(settings_client(self, env, ""));
	EXPECT_FALSE(settings_peer(self->peer));
}

/* Of a service manager: plain before, attached when the program has started. */
TEST_F(settings, listener_of_a_service_manager)
{
	const char *const env[] = { TEXT("%n %s"), "LISTEN_FDS", "1", NULL };
	struct reg_conf plain = { .family = REG_V4 };
	int listener = reg_listen(&plain);

	ASSERT_TRUE(settings_server(self, env, listener));
	EXPECT_TRUE(settings_peer(self->peer));
	EXPECT_TRUE(settings_ends(self, PRELOAD_PROG " closed"));
}

/* It is attached with the first accept(); connections before that are plain. */
TEST_F(settings, listener_from_elsewhere)
{
	const char *const env[] = { TEXT("x"), NULL };
	struct reg_conf plain = { .family = REG_V4 };
	int listener = reg_listen(&plain), second = reg_client(&self->conf);

	ASSERT_TRUE(settings_server(self, env, listener));
	EXPECT_FALSE(settings_peer(self->peer));
	ASSERT_EQ(0, reg_connect(second, &self->conf, reg_port(listener)));
	EXPECT_TRUE(settings_peer(second));
}

TEST_F(settings, data_is_cut_to_what_is_allowed)
{
	const char *const env[] = { TEXT("0123456789%n"), NULL };

	ASSERT_EQ(0, reg_sysctl("net/wsp/max_data", "8"));
	ASSERT_TRUE(settings_client(self, env, ""));
	EXPECT_TRUE(settings_ends(self, "01234567"));
}

TEST_F(settings, number_and_host)
{
	const char *const env[] = { TEXT("%p %h %%"), NULL };
	char host[65] = "", want[128];

	gethostname(host, sizeof(host) - 1);
	ASSERT_TRUE(settings_client(self, env, ""));
	snprintf(want, sizeof(want), "%d %s %%", self->prog.pid, host);
	EXPECT_TRUE(settings_ends(self, want));
}

TEST_F(settings, section_of_a_file)
{
	char path[64];
	const char *const env[] = { "LD_PRELOAD", "libwsp-preload.so", "WSP_CONFIG", path, NULL };
	FILE *f;

	snprintf(path, sizeof(path), "%s/conf", self->dir);
	f = fopen(path, "w");
	ASSERT_NE(NULL, f);
	fputs("disconnect-data = all\n[preload_p*]\ndisconnect-data = \"from a file \"\n"
	      "[other]\ndisconnect-data = other\n", f);
	fclose(f);
	ASSERT_TRUE(settings_client(self, env, ""));
	EXPECT_TRUE(settings_ends(self, "from a file "));
}

TEST_F(settings, linger_of_a_program_that_has_none)
{
	const char *const env[] = { TEXT(""), "WSP_LINGER", "2", NULL };
	struct preload_end end;
	long start;

	ASSERT_TRUE(settings_client(self, env, "nonblock fill"));
	start = reg_ms();
	ASSERT_EQ(0, preload_end(&self->prog, &end));
	EXPECT_EQ(0, end.ret);
	EXPECT_GT(1000, end.ms);
	EXPECT_TRUE(linger_reset_in_time(self->peer, start, 2000));
}

static void settings_read(const char *path, char *buf, size_t size)
{
	FILE *f = fopen(path, "r");

	buf[0] = 0;
	if (!f)
		return;
	buf[fread(buf, 1, size - 1, f)] = 0;
	fclose(f);
}

TEST_F(settings, log_of_what_the_peer_said)
{
	static const char said[] = "too \"old\"\n\x1b[2J";
	char path[64], log[512], want[128];
	const char *const env[] = { TEXT(""), "WSP_LOG", path, NULL };
	struct preload_end end;

	snprintf(path, sizeof(path), "%s/log", self->dir);
	ASSERT_TRUE(settings_client(self, env, "drain"));
	EXPECT_EQ(0, reg_disc_send(self->peer, said, sizeof(said) - 1));
	ASSERT_TRUE(preload_said(&self->prog, "ready"));
	ASSERT_EQ(0, preload_end(&self->prog, &end));
	settings_read(path, log, sizeof(log));
	snprintf(want, sizeof(want), "wsp: %s[%d]: 127.0.0.1:%d ended with \"%s\"\n", PRELOAD_PROG,
		 self->prog.pid, reg_port(self->listener), "too \\x22old\\x22\\x0a\\x1b[2J");
	EXPECT_STREQ(want, log);
}

TEST_F(settings, log_on_standard_error)
{
	static char big[2000];
	const char *const env[] = { TEXT(""), NULL };
	struct preload_end end;
	char log[4096];

	/* More than a default peer sends. */
	memset(big, 'x', sizeof(big));
	ASSERT_EQ(0, reg_sysctl("net/wsp/max_data", "4096"));
	ASSERT_TRUE(settings_client(self, env, "drain"));
	EXPECT_EQ(0, reg_disc_send(self->peer, big, sizeof(big)));
	ASSERT_TRUE(preload_said(&self->prog, "ready"));
	ASSERT_EQ(0, preload_end(&self->prog, &end));
	preload_finish(&self->prog);
	preload_errors(&self->prog, log, sizeof(log));
	EXPECT_NE(NULL, strstr(log, "ended with \"xxxxxxxx"));
	EXPECT_STREQ("x\"\n", strrchr(log, 'x'));
}

TEST_F(settings, log_peer_no)
{
	const char *const env[] = { TEXT(""), "WSP_LOG_PEER", "no", NULL };
	struct preload_end end;
	char log[4096];

	ASSERT_TRUE(settings_client(self, env, "drain"));
	EXPECT_EQ(0, reg_disc_send(self->peer, "bye", 3));
	ASSERT_TRUE(preload_said(&self->prog, "ready"));
	ASSERT_EQ(0, preload_end(&self->prog, &end));
	preload_finish(&self->prog);
	preload_errors(&self->prog, log, sizeof(log));
	EXPECT_STREQ("", log);
}

TEST_HARNESS_MAIN
