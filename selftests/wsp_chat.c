// SPDX-License-Identifier: GPL-2.0
/*
 * The chat server on network events, written for Windows: lines arrive whole
 * and in order, and everybody is told why the connection ends.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "wsp_prog.h"

#define GUESTS	20
#define LINES	200

static char *const chat_argv[] = { "event_chat", "0", NULL };

FIXTURE(chat)
{
	struct wt_prog chat;
	char line[1200];
	int a;
	int b;
};

FIXTURE_VARIANT(chat)
{
	bool attach;
};

FIXTURE_VARIANT_ADD(chat, plain) { false };
FIXTURE_VARIANT_ADD(chat, attached) { true };

/* A guest that has been welcomed. */
static int chat_enter(const struct wt_prog *chat, bool attach)
{
	int fd = wt_prog_connect(chat, attach);
	char line[64];

	if (fd >= 0 && (wt_prog_line(fd, line, sizeof(line)) <= 0 ||
			strncmp(line, "welcome guest", 13))) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool chat_hears(int fd, const char *want)
{
	char line[1200];

	if (wt_prog_line(fd, line, sizeof(line)) < 0 || strcmp(line, want)) {
		printf("# \"%s\", not \"%s\"\n", line, want);
		return false;
	}
	return true;
}

/* The farewell: with the close, or on plain TCP in a last line. */
static bool chat_told(int fd, bool attach, const char *want)
{
	char words[1200], plain[1200];

	if (!attach) {
		snprintf(plain, sizeof(plain), "* %s", want);
		return chat_hears(fd, plain) && recv(fd, words, 1, 0) == 0;
	}
	if (wt_prog_words(fd, words, sizeof(words)))
		return false;
	if (strcmp(words, want))
		printf("# \"%s\", not \"%s\"\n", words, want);
	return !strcmp(words, want);
}

static int chat_say(int fd, const char *line)
{
	return wt_prog_send(fd, line, strlen(line));
}

FIXTURE_SETUP(chat)
{
	wt_prog_net();
	ASSERT_EQ(0, wt_prog_start(&self->chat, true, chat_argv));
	self->a = chat_enter(&self->chat, variant->attach);
	if (variant->attach && self->a < 0 && errno == ENOENT) {
		wt_prog_stop(&self->chat, self->line, sizeof(self->line));
		SKIP(return, "no module");
	}
	ASSERT_GE(self->a, 0);
	self->b = chat_enter(&self->chat, variant->attach);
	ASSERT_GE(self->b, 0);
}

FIXTURE_TEARDOWN(chat)
{
}

WT_TEST(chat, lines_arrive_whole_and_in_order)
{
	char line[64];

	for (int i = 0; i < LINES; i++) {
		int n = snprintf(line, sizeof(line), "line %d\n", i);

		/* In pieces. */
		ASSERT_EQ(0, wt_prog_send(self->a, line, 2));
		ASSERT_EQ(0, wt_prog_send(self->a, line + 2, n - 2));
	}
	for (int i = 0; i < LINES; i++) {
		snprintf(line, sizeof(line), "guest1: line %d", i);
		ASSERT_TRUE(chat_hears(self->b, line));
	}
	ASSERT_EQ(0, chat_say(self->b, "/name bob\n"));
	ASSERT_TRUE(chat_hears(self->b, "you are bob"));
	ASSERT_EQ(0, chat_say(self->b, "hello\n"));
	ASSERT_TRUE(chat_hears(self->a, "bob: hello"));
	close(self->a);
	close(self->b);
	EXPECT_EQ(0, wt_prog_stop(&self->chat, self->line, sizeof(self->line)));
}

WT_TEST(chat, who_quits_is_told_goodbye)
{
	ASSERT_EQ(0, chat_say(self->a, "one\ntwo\n/quit\n"));
	EXPECT_TRUE(chat_told(self->a, variant->attach, "goodbye guest1, 3 lines"));
	EXPECT_TRUE(chat_hears(self->b, "guest1: one"));
	EXPECT_TRUE(chat_hears(self->b, "guest1: two"));
	close(self->a);
	EXPECT_TRUE(chat_hears(self->b, "* guest1 left"));
	close(self->b);
	EXPECT_EQ(0, wt_prog_stop(&self->chat, self->line, sizeof(self->line)));
}

WT_TEST(chat, who_leaves_with_words_is_quoted)
{
	ASSERT_EQ(0, chat_say(self->a, "one\n"));
	ASSERT_EQ(0, variant->attach ? wt_disc_send(self->a, "tired", 5) :
				       shutdown(self->a, SHUT_WR));
	EXPECT_TRUE(chat_told(self->a, variant->attach, "goodbye guest1, 1 lines"));
	EXPECT_TRUE(chat_hears(self->b, "guest1: one"));
	EXPECT_TRUE(chat_hears(self->b, variant->attach ? "* guest1 left: tired" :
							  "* guest1 left"));
	close(self->a);
	close(self->b);
	EXPECT_EQ(0, wt_prog_stop(&self->chat, self->line, sizeof(self->line)));
}

WT_TEST(chat, who_is_kicked_hears_all_before_and_why)
{
	char line[64];

	for (int i = 0; i < LINES; i++) {
		snprintf(line, sizeof(line), "line %d\n", i);
		ASSERT_EQ(0, chat_say(self->a, line));
	}
	ASSERT_EQ(0, chat_say(self->a, "/kick guest2\n"));
	for (int i = 0; i < LINES; i++) {
		snprintf(line, sizeof(line), "guest1: line %d", i);
		ASSERT_TRUE(chat_hears(self->b, line));
	}
	EXPECT_TRUE(chat_told(self->b, variant->attach, "kicked by guest1"));
	close(self->b);
	EXPECT_TRUE(chat_hears(self->a, "* guest2 left"));
	close(self->a);
	EXPECT_EQ(0, wt_prog_stop(&self->chat, self->line, sizeof(self->line)));
}

WT_TEST(chat, who_resets_is_lost)
{
	ASSERT_EQ(0, wt_linger(self->a, 1, 0));
	close(self->a);
	EXPECT_TRUE(chat_hears(self->b, "* guest1 lost (10054)"));
	close(self->b);
	EXPECT_EQ(0, wt_prog_stop(&self->chat, self->line, sizeof(self->line)));
}

WT_TEST(chat, all_are_told_that_the_server_closes)
{
	int fd[GUESTS], n, guests, farewells;

	for (int i = 0; i < GUESTS; i++) {
		fd[i] = chat_enter(&self->chat, variant->attach);
		ASSERT_GE(fd[i], 0);
	}
	ASSERT_EQ(0, chat_say(self->a, "all here?\n"));
	for (int i = 0; i < GUESTS; i++)
		ASSERT_TRUE(chat_hears(fd[i], "guest1: all here?"));
	ASSERT_TRUE(chat_hears(self->b, "guest1: all here?"));
	close(self->chat.in);
	self->chat.in = -1;
	for (int i = 0; i < GUESTS; i++) {
		EXPECT_TRUE(chat_told(fd[i], variant->attach, "the server is closing"));
		close(fd[i]);
	}
	EXPECT_TRUE(chat_told(self->a, variant->attach, "the server is closing"));
	EXPECT_TRUE(chat_told(self->b, variant->attach, "the server is closing"));
	close(self->a);
	close(self->b);
	ASSERT_EQ(0, wt_prog_stop(&self->chat, self->line, sizeof(self->line)));
	n = sscanf(self->line, "%d guests, %d farewells", &guests, &farewells);
	ASSERT_EQ(2, n);
	EXPECT_EQ(GUESTS + 2, guests);
	EXPECT_EQ(variant->attach ? GUESTS + 2 : 0, farewells);
}

TEST_HARNESS_MAIN
