// SPDX-License-Identifier: GPL-2.0
/*
 * Programs written for Windows do what they do there: the echo server on a
 * completion port, and the client of the service provider interface.
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "wsp_prog.h"

#define CLIENTS		16
#define HUNDREDS	500
#define ROUNDS		8
#define BYTES		30000
#define PIECE		1500
#define STREAM		(4 << 20)

static char *const echo_argv[] = { "iocp_echo", "0", "4", NULL };

FIXTURE(ports)
{
	struct wt_prog echo;
	char line[128];
};

FIXTURE_VARIANT(ports)
{
	bool attach;
};

FIXTURE_VARIANT_ADD(ports, plain) { false };
FIXTURE_VARIANT_ADD(ports, attached) { true };

FIXTURE_SETUP(ports)
{
	wt_prog_net();
	ASSERT_EQ(0, wt_prog_start(&self->echo, true, echo_argv));
	if (variant->attach) {
		int fd = wt_prog_connect(&self->echo, true);

		if (fd < 0 && errno == ENOENT) {
			wt_prog_stop(&self->echo, self->line, sizeof(self->line));
			SKIP(return, "no module");
		}
		close(fd);
	}
}

FIXTURE_TEARDOWN(ports)
{
}

/**
 * struct ports_client - a thread that is a client, again and again
 * @echo: its server
 * @attach: with last words
 * @id: its number
 * @bad: the line that went wrong, 0 if none did
 * @thread: itself
 */
struct ports_client {
	const struct wt_prog *echo;
	bool attach;
	int id;
	int bad;
	pthread_t thread;
};

static int ports_goodbye(const struct ports_client *c, int fd, int round)
{
	char words[64], answer[64];

	if (!c->attach) {
		shutdown(fd, SHUT_WR);
		return recv(fd, answer, 1, 0) ? __LINE__ : 0;
	}
	snprintf(words, sizeof(words), "client %d, round %d", c->id, round);
	if (wt_disc_send(fd, words, strlen(words)))
		return __LINE__;
	if (wt_prog_words(fd, answer, sizeof(answer)))
		return __LINE__;
	return strcmp(words, answer) ? __LINE__ : 0;
}

static int ports_once(const struct ports_client *c, int fd, int round)
{
	static __thread char out[PIECE], in[PIECE];
	size_t off = c->id * 7919 + round;

	for (size_t done = 0; done < BYTES; done += PIECE) {
		wt_pattern(out, PIECE, off + done);
		if (wt_prog_send(fd, out, PIECE))
			return __LINE__;
		if (wt_prog_read(fd, in, PIECE) != PIECE || memcmp(in, out, PIECE))
			return __LINE__;
	}
	return ports_goodbye(c, fd, round);
}

static void *ports_run(void *arg)
{
	struct ports_client *c = arg;

	for (int round = 0; !c->bad && round < ROUNDS; round++) {
		int fd = wt_prog_connect(c->echo, c->attach);

		if (fd < 0)
			c->bad = __LINE__;
		else
			c->bad = ports_once(c, fd, round);
		close(fd);
	}
	return NULL;
}

WT_TEST(ports, echo_many_clients_in_order_with_last_words)
{
	struct ports_client c[CLIENTS];
	int n, extra = variant->attach, clients, bytes;

	for (int i = 0; i < CLIENTS; i++) {
		c[i] = (struct ports_client){ &self->echo, variant->attach, i, 0, 0 };
		ASSERT_EQ(0, pthread_create(&c[i].thread, NULL, ports_run, &c[i]));
	}
	for (int i = 0; i < CLIENTS; i++) {
		pthread_join(c[i].thread, NULL);
		EXPECT_EQ(0, c[i].bad);
	}
	ASSERT_EQ(0, wt_prog_stop(&self->echo, self->line, sizeof(self->line)));
	n = sscanf(self->line, "served %d clients, %d bytes", &clients, &bytes);
	ASSERT_EQ(2, n);
	EXPECT_EQ(CLIENTS * ROUNDS + extra, clients);
	EXPECT_EQ(CLIENTS * ROUNDS * BYTES, bytes);
}

/* All are there before the first is answered; far more than accepts are pending. */
WT_TEST(ports, echo_hundreds_at_once)
{
	static int fd[HUNDREDS];
	char line[32], answer[32];

	for (int i = 0; i < HUNDREDS; i++) {
		fd[i] = wt_prog_connect(&self->echo, variant->attach);
		ASSERT_GE(fd[i], 0);
		ASSERT_EQ(0, wt_prog_send(fd[i], line, snprintf(line, sizeof(line), "%d", i)));
	}
	for (int i = HUNDREDS - 1; i >= 0; i--) {
		int len = snprintf(line, sizeof(line), "%d", i);

		ASSERT_EQ(len, wt_prog_read(fd[i], answer, len));
		ASSERT_EQ(0, memcmp(line, answer, len));
	}
	for (int i = 0; i < HUNDREDS; i++)
		close(fd[i]);
	EXPECT_EQ(0, wt_prog_stop(&self->echo, self->line, sizeof(self->line)));
}

/* A client that sends and does not read until the server has been told to stop. */
static void *ports_pour(void *arg)
{
	int fd = *(int *)arg;

	/* What the server does not want any more may end in a reset. */
	wt_send_pattern(fd, STREAM, 0);
	shutdown(fd, SHUT_WR);
	return NULL;
}

WT_TEST(ports, echo_stops_gracefully)
{
	int idle[CLIENTS], fd = wt_prog_connect(&self->echo, variant->attach);
	static uint8_t buf[65536], want[65536];
	size_t off = 0;
	pthread_t t;
	ssize_t n;

	ASSERT_GE(fd, 0);
	for (int i = 0; i < CLIENTS; i++) {
		idle[i] = wt_prog_connect(&self->echo, variant->attach);
		ASSERT_GE(idle[i], 0);
		ASSERT_EQ(0, wt_prog_send(idle[i], "x", 1));
		ASSERT_EQ(1, wt_prog_read(idle[i], buf, 1));
	}
	ASSERT_EQ(0, pthread_create(&t, NULL, ports_pour, &fd));
	ASSERT_EQ(POLLIN, wt_poll(fd, POLLIN, WT_PROG_MS));
	close(self->echo.in);
	self->echo.in = -1;
	for (int i = 0; i < CLIENTS; i++) {
		EXPECT_EQ(0, wt_prog_read(idle[i], buf, 1));
		close(idle[i]);
	}
	while ((n = recv(fd, buf, sizeof(buf), 0)) > 0) {
		wt_pattern(want, n, off);
		ASSERT_EQ(0, memcmp(buf, want, n));
		off += n;
	}
	EXPECT_EQ(0, n);
	EXPECT_GT(off, 0);
	pthread_join(t, NULL);
	close(fd);
	EXPECT_EQ(0, wt_prog_stop(&self->echo, self->line, sizeof(self->line)));
}

WT_TEST(ports, echo_survives_clients_that_reset)
{
	struct ports_client c = { &self->echo, variant->attach, 1, 0, 0 };

	for (int i = 0; i < 50; i++) {
		int fd = wt_prog_connect(&self->echo, variant->attach);

		ASSERT_GE(fd, 0);
		ASSERT_EQ(0, wt_prog_send(fd, "some bytes", i % 2 ? 10 : 0));
		ASSERT_EQ(0, wt_linger(fd, 1, 0));
		close(fd);
	}
	ports_run(&c);
	EXPECT_EQ(0, c.bad);
	EXPECT_EQ(0, wt_prog_stop(&self->echo, self->line, sizeof(self->line)));
}

static bool ports_have_module(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool have = !wt_attach(fd);

	close(fd);
	return have;
}

FIXTURE(spi)
{
};

FIXTURE_SETUP(spi)
{
	wt_prog_net();
}

FIXTURE_TEARDOWN(spi)
{
}

/* Without the module there are no last words; the rest is the same. */
WT_TEST(spi, client_with_its_own_upcalls)
{
	char port[16], line[256];
	char *const argv[] = { "spi_client", "127.0.0.1", port, "over and out", NULL };
	uint8_t *data = malloc(BYTES);
	struct wt_prog echo, spi;

	ASSERT_EQ(0, wt_prog_start(&echo, true, echo_argv));
	snprintf(port, sizeof(port), "%d", echo.port);
	ASSERT_EQ(0, wt_prog_start(&spi, false, argv));
	wt_pattern(data, BYTES, 0);
	ASSERT_EQ(BYTES, write(spi.in, data, BYTES));
	close(spi.in);
	spi.in = -1;
	ASSERT_NE(NULL, fgets(line, sizeof(line), spi.out));
	EXPECT_STREQ(ports_have_module() ? "answer: over and out\n" :
					   "no last words: error 10042\n", line);
	EXPECT_EQ(0, wt_prog_stop(&spi, line, sizeof(line)));
	EXPECT_STREQ("echoed 30000 bytes; upcalls: some events, some calls, some messages", line);
	free(data);
	EXPECT_EQ(0, wt_prog_stop(&echo, line, sizeof(line)));
}

TEST_HARNESS_MAIN
