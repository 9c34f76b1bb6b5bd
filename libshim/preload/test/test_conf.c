// SPDX-License-Identifier: LGPL-2.1-or-later
/* preload.conf: what is taken, what is refused and where; % sequences; the table. */
#include <kselftest_harness.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "expand.h"
#include "table.h"

FIXTURE(conf)
{
	struct wsp_conf conf;
	char errors[1024];
};

static void conf_report(void *arg, unsigned int line, const char *what)
{
	size_t len = strlen(arg);

	snprintf((char *)arg + len, 1024 - len, "%u %s;", line, what);
}

FIXTURE_SETUP(conf)
{
	wsp_conf_init(&self->conf);
}

FIXTURE_TEARDOWN(conf)
{
}

static unsigned int conf_parse(struct _test_data_conf *self, const char *name, const char *text)
{
	const char *const names[] = { name, NULL };
	const struct wsp_conf_parse parse = {
		.conf = &self->conf,
		.names = name ? names : NULL,
		.report = conf_report,
		.arg = self->errors,
	};

	return wsp_conf_text(&parse, text, strlen(text));
}

static bool conf_data_is(const struct wsp_conf *conf, const char *want)
{
	return conf->data_len == strlen(want) && !memcmp(conf->data, want, conf->data_len);
}

TEST_F(conf, defaults)
{
	EXPECT_EQ(0, conf_parse(self, "x", ""));
	EXPECT_EQ(WSP_CONF_ATTACH_ALL, self->conf.attach);
	EXPECT_EQ(WSP_CONF_CLOSE_ASYNC, self->conf.close);
	EXPECT_EQ(WSP_CONF_LINGER_KEEP, self->conf.linger);
	EXPECT_EQ(WSP_CONF_LOG_STDERR, self->conf.log);
	EXPECT_TRUE(self->conf.log_peer);
	EXPECT_EQ(0, self->conf.data_len);
	EXPECT_TRUE(wsp_conf_port(&self->conf, 1));
}

TEST_F(conf, every_setting)
{
	EXPECT_EQ(0, conf_parse(self, "x",
				"# a comment\n\n; another\r\n"
				"attach = listen\n  close=strict\t\n"
				"ports = 80, 8000-8100,443\n"
				"disconnect-data = %n[%p] at %h: %s, 100%%\n"
				"linger = 30\nlog = /var/log/x\nlog-peer = no"));
	EXPECT_EQ(WSP_CONF_ATTACH_LISTEN, self->conf.attach);
	EXPECT_EQ(WSP_CONF_CLOSE_STRICT, self->conf.close);
	EXPECT_EQ(30, self->conf.linger);
	EXPECT_EQ(WSP_CONF_LOG_FILE, self->conf.log);
	EXPECT_STREQ("/var/log/x", self->conf.log_path);
	EXPECT_FALSE(self->conf.log_peer);
	EXPECT_TRUE(conf_data_is(&self->conf, "%n[%p] at %h: %s, 100%%"));
	EXPECT_TRUE(wsp_conf_port(&self->conf, 80));
	EXPECT_TRUE(wsp_conf_port(&self->conf, 8100));
	EXPECT_TRUE(wsp_conf_port(&self->conf, 443));
	EXPECT_FALSE(wsp_conf_port(&self->conf, 81));
	EXPECT_FALSE(wsp_conf_port(&self->conf, 8101));
}

TEST_F(conf, sections_are_for_their_programs)
{
	static const char text[] =
		"linger = 1\n[nginx redis-*]\nlinger = 2\n[haproxy]\nlinger = 3\n"
		"[nginx]\nclose = plain\n";

	EXPECT_EQ(0, conf_parse(self, "cat", text));
	EXPECT_EQ(1, self->conf.linger);
	EXPECT_EQ(0, conf_parse(self, "redis-server", text));
	EXPECT_EQ(2, self->conf.linger);
	EXPECT_EQ(WSP_CONF_CLOSE_ASYNC, self->conf.close);
	EXPECT_EQ(0, conf_parse(self, "haproxy", text));
	EXPECT_EQ(3, self->conf.linger);
	EXPECT_EQ(0, conf_parse(self, "nginx", text));
	EXPECT_EQ(2, self->conf.linger);
	EXPECT_EQ(WSP_CONF_CLOSE_PLAIN, self->conf.close);
}

TEST_F(conf, quotes_keep_blanks_and_bytes)
{
	EXPECT_EQ(0, conf_parse(self, "x", "disconnect-data = \"  a\\\"\\\\\\x7f\\n# \"\n"));
	EXPECT_TRUE(conf_data_is(&self->conf, "  a\"\\\x7f\n# "));
	EXPECT_EQ(0, conf_parse(self, "x", "disconnect-data =\n"));
	EXPECT_EQ(0, self->conf.data_len);
}

TEST_F(conf, errors_have_line_numbers)
{
	EXPECT_EQ(3, conf_parse(self, "x", "\nattach = some\n[y]\nlog = here\n\nwhat\n"));
	EXPECT_STREQ("2 attach is all, listen, connect or none;"
		     "4 log is none, stderr, syslog or the path of a file;"
		     "6 neither [program] nor name = value;", self->errors);
}

FIXTURE(bad)
{
	int unused;
};

FIXTURE_VARIANT(bad)
{
	const char *line;
};

FIXTURE_SETUP(bad)
{
}

FIXTURE_TEARDOWN(bad)
{
}

FIXTURE_VARIANT_ADD(bad, unknown) { "colour = red" };
FIXTURE_VARIANT_ADD(bad, no_name) { "= 1" };
FIXTURE_VARIANT_ADD(bad, attach) { "attach = ALL" };
FIXTURE_VARIANT_ADD(bad, close) { "close =" };
FIXTURE_VARIANT_ADD(bad, linger_zero) { "linger = 0" };
FIXTURE_VARIANT_ADD(bad, linger_large) { "linger = 65536" };
FIXTURE_VARIANT_ADD(bad, linger_huge) { "linger = 99999999999999999999999" };
FIXTURE_VARIANT_ADD(bad, linger_negative) { "linger = -1" };
FIXTURE_VARIANT_ADD(bad, port_zero) { "ports = 0" };
FIXTURE_VARIANT_ADD(bad, port_large) { "ports = 65536" };
FIXTURE_VARIANT_ADD(bad, port_range) { "ports = 20-10" };
FIXTURE_VARIANT_ADD(bad, port_end) { "ports = 80," };
FIXTURE_VARIANT_ADD(bad, port_many) { "ports = 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17" };
FIXTURE_VARIANT_ADD(bad, percent) { "disconnect-data = 100%" };
FIXTURE_VARIANT_ADD(bad, percent_letter) { "disconnect-data = %d" };
FIXTURE_VARIANT_ADD(bad, quote) { "disconnect-data = \"a" };
FIXTURE_VARIANT_ADD(bad, behind_quote) { "disconnect-data = \"a\" b" };
FIXTURE_VARIANT_ADD(bad, escape) { "disconnect-data = \"\\q\"" };
FIXTURE_VARIANT_ADD(bad, escape_hex) { "disconnect-data = \"\\x4\"" };
FIXTURE_VARIANT_ADD(bad, log) { "log = relative/path" };
FIXTURE_VARIANT_ADD(bad, log_peer) { "log-peer = 1" };
FIXTURE_VARIANT_ADD(bad, section_open) { "[nginx" };
FIXTURE_VARIANT_ADD(bad, section_empty) { "[ ]" };
FIXTURE_VARIANT_ADD(bad, section_path) { "[/usr/sbin/nginx]" };

TEST_F(bad, is_refused)
{
	struct wsp_conf conf, before;
	char errors[1024] = "";
	const struct wsp_conf_parse parse = {
		.conf = &conf,
		.report = conf_report,
		.arg = errors,
	};

	wsp_conf_init(&conf);
	before = conf;
	EXPECT_EQ(1, wsp_conf_text(&parse, variant->line, strlen(variant->line)));
	EXPECT_EQ(0, strncmp(errors, "1 ", 2));
	EXPECT_EQ(0, memcmp(&before, &conf, sizeof(conf)));
}

TEST_F(conf, data_of_512_bytes_and_no_more)
{
	char data[600];

	memset(data, 'x', sizeof(data));
	EXPECT_EQ(NULL, wsp_conf_set(&self->conf, "disconnect-data", data, 512));
	EXPECT_EQ(512, self->conf.data_len);
	EXPECT_NE(NULL, wsp_conf_set(&self->conf, "disconnect-data", data, 513));
	EXPECT_EQ(512, self->conf.data_len);
}

TEST_F(conf, environment_overrides)
{
	EXPECT_EQ(0, conf_parse(self, "x", "linger = 3\nclose = plain\n"));
	setenv("WSP_LINGER", "7", 1);
	setenv("WSP_DISCONNECT_DATA", " %s ", 1);
	EXPECT_EQ(0, wsp_conf_env(&self->conf, conf_report, self->errors));
	EXPECT_EQ(7, self->conf.linger);
	EXPECT_EQ(WSP_CONF_CLOSE_PLAIN, self->conf.close);
	EXPECT_TRUE(conf_data_is(&self->conf, " %s "));
	EXPECT_TRUE(wsp_conf_data_has(&self->conf, 's'));
	EXPECT_FALSE(wsp_conf_data_has(&self->conf, 'p'));
	setenv("WSP_LINGER", "soon", 1);
	EXPECT_EQ(1, wsp_conf_env(&self->conf, conf_report, self->errors));
}

TEST_F(conf, percent_percent_is_no_sequence)
{
	EXPECT_EQ(NULL, wsp_conf_set(&self->conf, "disconnect-data", "%%s", 3));
	EXPECT_FALSE(wsp_conf_data_has(&self->conf, 's'));
}

TEST(expand)
{
	const struct wsp_expand with = { 4711, "prog", "host", "exit status", -3 };
	const struct wsp_expand full = { -12, "prog", "host", "exit status", 3 };
	char buf[64];
	struct wsp_text t = WSP_TEXT(buf);

	wsp_expand(&t, "%n[%p]@%h: %s%%", 15, &with);
	EXPECT_EQ(0, memcmp(buf, "prog[4711]@host: exit status%", t.len));
	EXPECT_EQ(29, t.len);
	t.len = 0;
	wsp_expand(&t, "%p %s", 5, &full);
	EXPECT_EQ(0, memcmp(buf, "-12 exit status 3", t.len));
	/* What does not fit is left out. */
	t.size = 20;
	wsp_expand(&t, "%n", 2, &full);
	EXPECT_EQ(20, t.len);
}

TEST(escape)
{
	char buf[64];
	struct wsp_text t = WSP_TEXT(buf);

	wsp_text_escaped(&t, "a\"\\\x1b[\0\xff", 7);
	EXPECT_EQ(0, memcmp(buf, "a\\x22\\x5c\\x1b[\\x00\\xff", t.len));
	EXPECT_EQ(22, t.len);
}

TEST(table_knows_what_it_was_told)
{
	uint64_t a = wsp_table_word(WSP_FD_ATTACHED, 3), b = wsp_table_word(WSP_FD_SEEN, 0);

	EXPECT_EQ(0, wsp_table_get(-1));
	EXPECT_EQ(0, wsp_table_get(5));
	EXPECT_EQ(0, wsp_table_get(1 << 30));
	wsp_table_put(1 << 30, a);
	EXPECT_EQ(0, wsp_table_get(1 << 30));
	wsp_table_put(5, a);
	wsp_table_put(100000, b);
	EXPECT_EQ(a, wsp_table_get(5));
	EXPECT_EQ(3, wsp_table_gen(a));
	EXPECT_EQ(5, wsp_table_next(0, 1 << 20));
	EXPECT_EQ(100000, wsp_table_next(6, 1 << 20));
	EXPECT_EQ(-1, wsp_table_next(6, 99999));
	EXPECT_EQ(-1, wsp_table_next(100001, 1 << 30));
	/* Made anew meanwhile. */
	wsp_table_forget(5, b);
	EXPECT_EQ(a, wsp_table_get(5));
	wsp_table_forget(5, a);
	EXPECT_EQ(0, wsp_table_get(5));
	wsp_table_forget(100000, b);
}

TEST(table_finds_duplicates)
{
	uint64_t a = wsp_table_word(WSP_FD_ATTACHED, 0);

	wsp_table_put(7, a);
	wsp_table_put(9, wsp_table_word(WSP_FD_ATTACHED | WSP_FD_DUP, 0));
	EXPECT_FALSE(wsp_table_has_dup(7, wsp_table_get(7)));
	wsp_table_flag(7, WSP_FD_DUP, 0);
	EXPECT_FALSE(wsp_table_has_dup(7, wsp_table_get(7)));
	wsp_table_put(2000, a | WSP_FD_DUP);
	EXPECT_TRUE(wsp_table_has_dup(7, wsp_table_get(7)));
	/* In a child, it is the same socket still. */
	wsp_table_put(7, wsp_table_regen(wsp_table_get(7), 5));
	EXPECT_EQ(5, wsp_table_gen(wsp_table_get(7)));
	EXPECT_TRUE(wsp_table_has_dup(7, wsp_table_get(7)));
	wsp_table_forget(2000, a | WSP_FD_DUP);
	EXPECT_FALSE(wsp_table_has_dup(7, wsp_table_get(7)));
}

TEST_HARNESS_MAIN
