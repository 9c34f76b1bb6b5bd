// SPDX-License-Identifier: GPL-2.0
/*
 * Peers of a server: one with the module's upper layer protocol, one without.
 *
 * preload_peer [-p wsp|plain|all] [-f FILE] ADDRESS PORT TEXT ANSWER
 *
 * Both, or the one of -p, send TEXT and, when ANSWER is in what each has got, "there"
 * is printed. With -f they read no further until a line comes in. At the end of the
 * streams it prints
 *
 *	wsp END BYTES "DISCONNECT DATA"
 *	plain END BYTES
 *
 * or, with -f, for BYTES whether the last ones are FILE's: "whole" or "cut".
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/wsp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#ifndef TCP_ULP
#define TCP_ULP	31
#endif

#define PEER_LIMIT_S	300
#define PEER_MAX	(16 << 20)
#define PEER_STEP	4096
#define NPEERS		2

static struct peer {
	int fd;
	const char *end;	/* of the stream, or NULL */
	size_t len;
	char buf[PEER_MAX];
} peers[NPEERS];

static const char *const peer_names[NPEERS] = { "wsp", "plain" };

static void peer_die(const char *what)
{
	perror(what);
	exit(1);
}

static void peer_connect(struct peer *p, const struct sockaddr_in *to, const char *text)
{
	const char ulp[] = WSP_ULP_NAME;

	p->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (p == peers && setsockopt(p->fd, IPPROTO_TCP, TCP_ULP, ulp, strlen(ulp)))
		peer_die("TCP_ULP");
	if (connect(p->fd, (const struct sockaddr *)to, sizeof(*to)))
		peer_die("connect");
	if (write(p->fd, text, strlen(text)) != (ssize_t)strlen(text))
		peer_die("write");
}

static void peer_read(struct peer *p)
{
	size_t room = PEER_MAX - p->len;
	ssize_t n = recv(p->fd, p->buf + p->len, room < PEER_STEP ? room : PEER_STEP, 0);

	if (n > 0)
		p->len += n;
	else if (!n)
		p->end = "end";
	else
		p->end = errno == ECONNRESET ? "reset" : strerror(errno);
}

/* The others have no descriptor, and nothing to wait for. */
static void peers_connect(const struct sockaddr_in *to, const char *text, const char *which)
{
	for (size_t i = 0; i < NPEERS; i++) {
		if (!strcmp(which, "all") || !strcmp(which, peer_names[i]))
			peer_connect(&peers[i], to, text);
	}
}

static bool peer_done(const struct peer *p, const char *answer)
{
	return !p->fd || p->end || (answer && memmem(p->buf, p->len, answer, strlen(answer)));
}

/* Until all have ended, or have @answer. */
static void peers_read(const char *answer)
{
	struct pollfd pfd[NPEERS];
	bool more;

	do {
		more = false;
		for (size_t i = 0; i < NPEERS; i++) {
			bool done = peer_done(&peers[i], answer);

			pfd[i] = (struct pollfd) { .fd = done ? -1 : peers[i].fd,
						   .events = POLLIN };
			more |= !done;
		}
		if (more && poll(pfd, NPEERS, -1) < 0)
			peer_die("poll");
		for (size_t i = 0; more && i < NPEERS; i++) {
			if (pfd[i].revents)
				peer_read(&peers[i]);
		}
	} while (more);
}

static bool peer_has(const struct peer *p, const char *file)
{
	static char want[PEER_MAX];
	FILE *f = fopen(file, "re");
	size_t len;

	if (!f)
		peer_die(file);
	len = fread(want, 1, sizeof(want), f);
	fclose(f);
	return len && p->len >= len && !memcmp(p->buf + p->len - len, want, len);
}

static void peer_report(const struct peer *p, const char *file)
{
	char data[WSP_DISC_MAX];
	struct wsp_disc_args args = { .data = (uintptr_t)data, .len = sizeof(data) };

	printf("%s %s", peer_names[p - peers], p->end);
	if (file)
		fputs(peer_has(p, file) ? " whole" : " cut", stdout);
	else
		printf(" %zu", p->len);
	if (p == peers && !ioctl(p->fd, WSP_DISC_RECV, &args) && args.len)
		printf(" \"%.*s\"", (int)args.len, data);
	putchar('\n');
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	const char *file = NULL, *which = "all";
	int opt;

	alarm(PEER_LIMIT_S);
	while ((opt = getopt(argc, argv, "f:p:")) != -1) {
		if (opt == 'f')
			file = optarg;
		else if (opt == 'p')
			which = optarg;
		else
			return 2;
	}
	argv += optind;
	if (argc - optind != 4 || !inet_aton(argv[0], &to.sin_addr))
		return 2;
	to.sin_port = htons(atoi(argv[1]));
	peers_connect(&to, argv[2], which);
	peers_read(argv[3]);
	puts("there");
	fflush(stdout);
	if (file)
		getchar();
	peers_read(NULL);
	for (size_t i = 0; i < NPEERS; i++) {
		if (peers[i].fd)
			peer_report(&peers[i], file);
	}
	return 0;
}
