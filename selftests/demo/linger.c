// SPDX-License-Identifier: GPL-2.0
/*
 * A lingering close against a peer that does not read, by plain TCP and by
 * wsp at the same time: when close() returned, what the peer saw, and when.
 * Owns both ends; needs the namespaces "client" and "server" in /run/netns.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <wsp/wsp.h>

#define LINGER		2	/* seconds */
#define STALL		4	/* seconds the peer takes to start reading */
#define SLACK		1.5	/* an emulated machine is slow */

struct side {
	int use_wsp;
	int listener;
	int peer;
	SOCKET s;
	size_t sent;
	double closing, closed;		/* seconds since the program started */
	double told, ended;		/* told: error seen without reading; <0: never */
	size_t got;
	int end_errno;			/* 0: clean end of stream */
};

static double now(void)
{
	static double start;
	struct timespec ts;
	double t;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	t = ts.tv_sec + ts.tv_nsec / 1e9;
	if (start == 0)
		start = t;
	return t - start;
}

static void enter(const char *netns)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", netns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(1, "%s", path);
	close(fd);
}

static void connect_side(struct side *side, struct sockaddr_in *to)
{
	enter("client");
	if (side->use_wsp)
		side->s = wsp_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	else
		side->s = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(side->s, (struct sockaddr *)to, sizeof(*to)))
		err(1, "connect");
	side->peer = accept(side->listener, NULL, NULL);
	if (side->peer < 0)
		err(1, "accept");
}

static void open_side(struct side *side, int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };
	int small = 64 * 1024;

	inet_pton(AF_INET, "10.77.0.2", &at.sin_addr);
	enter("server");
	side->listener = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(side->listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	if (side->listener < 0 || bind(side->listener, (struct sockaddr *)&at, sizeof(at)) ||
	    listen(side->listener, 1))
		err(1, "listen");
	connect_side(side, &at);
}

/* Until neither the peer's window nor our buffer takes one byte more. */
static void fill(struct side *side)
{
	static const char zeros[4096];
	struct pollfd pfd = { .fd = side->s, .events = POLLOUT };
	ssize_t n;

	while (poll(&pfd, 1, 300) == 1) {
		n = send(side->s, zeros, sizeof(zeros), MSG_DONTWAIT);
		if (n < 0 && errno != EAGAIN)
			err(1, "send");
		if (n > 0)
			side->sent += n;
	}
}

static void *close_side(void *arg)
{
	struct linger lg = { .l_onoff = 1, .l_linger = LINGER };
	struct side *side = arg;

	if (setsockopt(side->s, SOL_SOCKET, SO_LINGER, &lg, sizeof(lg)))
		err(1, "SO_LINGER");
	side->closing = now();
	if (side->use_wsp ? closesocket(side->s) : close(side->s))
		errx(1, "close failed");
	side->closed = now();
	return NULL;
}

static void *watch_side(void *arg)
{
	struct side *side = arg;
	struct pollfd pfd = { .fd = side->peer };
	char buf[1 << 14];
	ssize_t n;

	/* No events asked for: only an error or a full hang-up ends the poll. */
	side->told = poll(&pfd, 1, STALL * 1000) == 1 ? now() : -1;
	while ((n = recv(side->peer, buf, sizeof(buf), 0)) > 0)
		side->got += n;
	side->end_errno = n < 0 ? errno : 0;
	side->ended = now();
	return NULL;
}

static void report(const struct side *side)
{
	double t0 = side->closing;

	printf("%s:\n", side->use_wsp ? "wsp" : "plain TCP");
	printf("  %4.1f s  close() called, linger %d s, %zu bytes written, peer not reading\n",
	       0.0, LINGER, side->sent);
	printf("  %4.1f s  close() returned 0\n", side->closed - t0);
	if (side->told >= 0)
		printf("  %4.1f s  peer told: connection reset\n", side->told - t0);
	else
		printf("  %4.1f s  peer told nothing so far; it starts to read\n",
		       (double)STALL);
	if (side->end_errno)
		printf("  %4.1f s  peer reads: %s after %zu bytes\n", side->ended - t0,
		       strerror(side->end_errno), side->got);
	else
		printf("  %4.1f s  peer has read %zu bytes and a clean end of stream\n",
		       side->ended - t0, side->got);
}

static void check(int ok, const char *claim)
{
	printf("  %s: %s\n", ok ? "ok" : "NOT TRUE", claim);
	if (!ok)
		exit(1);
}

static int near_linger(double seconds)
{
	return seconds > LINGER - 0.2 && seconds < LINGER + SLACK;
}

int main(void)
{
	struct side plain = { .use_wsp = 0 }, wsp = { .use_wsp = 1 };
	struct side *sides[] = { &plain, &wsp };
	pthread_t closer[2], watcher[2];
	WSADATA wsa;
	int i;

	alarm(60);
	if (WSAStartup(MAKEWORD(2, 2), &wsa))
		errx(1, "WSAStartup failed");
	for (i = 0; i < 2; i++) {
		open_side(sides[i], 7010 + i);
		fill(sides[i]);
	}
	for (i = 0; i < 2; i++)
		if (pthread_create(&closer[i], NULL, close_side, sides[i]) ||
		    pthread_create(&watcher[i], NULL, watch_side, sides[i]))
			errx(1, "no thread");
	for (i = 0; i < 2; i++) {
		pthread_join(closer[i], NULL);
		pthread_join(watcher[i], NULL);
	}
	report(&plain);
	report(&wsp);

	check(near_linger(plain.closed - plain.closing) && near_linger(wsp.closed - wsp.closing),
	      "both closes returned at the linger time");
	check(plain.told < 0 && !plain.end_errno && plain.got == plain.sent,
	      "plain TCP went on for good: everything delivered later, clean FIN");
	check(near_linger(wsp.told - wsp.closing) && wsp.told < wsp.closed + 0.5,
	      "wsp had ended the connection by the time close() returned");
	check(wsp.end_errno == ECONNRESET, "wsp's peer cannot take it for a complete transfer");
	return WSACleanup() ? 1 : 0;
}
