// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * bench_echo [CONNECTIONS [MESSAGES [ROUNDS]]]
 *
 * CPU time per 64-byte echo, of a completion port and of blocking calls,
 * against a plain epoll server in the same run.  A child keeps one message on
 * the way on each connection; only the server's time counts.  The servers take
 * turns, the plain one twice: how it compares with itself is the noise.  Prints
 * the medians of their rounds, and of the ratios within each round.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <wsp/wsp.h>

#define BENCH_SIZE	64
#define BENCH_ROOM	4096
#define BENCH_MAX	1024
#define BENCH_ROUNDS	64

struct bench_conn {
	WSAOVERLAPPED recv;
	WSAOVERLAPPED send;
	SOCKET s;
	char buf[BENCH_ROOM];
};

static int bench_conns = 200;
static int bench_messages = 200000;
static int bench_rounds = 5;
static struct bench_conn bench_conn[BENCH_MAX];

static void bench_die(const char *what)
{
	fprintf(stderr, "bench_echo: %s: errno %d, %d\n", what, errno, WSAGetLastError());
	exit(1);
}

static double bench_cpu(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* The child: @n messages in all, each sent when the one before has come back. */
static void bench_client(const struct sockaddr_in *sa, int conns, int n)
{
	int ep = epoll_create1(0), sent = 0, back = 0;
	char buf[BENCH_SIZE] = { 0 };

	for (int i = 0; i < conns; i++) {
		int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
		struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

		if (connect(fd, (const struct sockaddr *)sa, sizeof(*sa)))
			bench_die("connect");
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev);
		if (send(fd, buf, sizeof(buf), 0) == sizeof(buf))
			sent++;
	}
	while (back < n) {
		struct epoll_event ev[64];
		int k = epoll_wait(ep, ev, 64, 10000);

		if (k <= 0)
			bench_die("no answer");
		for (int i = 0; i < k; i++) {
			if (recv(ev[i].data.fd, buf, sizeof(buf), 0) != sizeof(buf))
				bench_die("short echo");
			back++;
			if (sent < n && send(ev[i].data.fd, buf, sizeof(buf), 0) == sizeof(buf))
				sent++;
		}
	}
	_exit(0);
}

static void bench_accept(SOCKET listener, int conns)
{
	int on = 1;

	for (int i = 0; i < conns; i++) {
		memset(&bench_conn[i], 0, sizeof(bench_conn[i]));
		bench_conn[i].s = wsp_accept(listener, NULL, NULL);
		if (bench_conn[i].s == INVALID_SOCKET)
			bench_die("accept");
		wsp_setsockopt(bench_conn[i].s, IPPROTO_TCP, WS_TCP_NODELAY, (char *)&on,
			       sizeof(on));
	}
}

static void bench_epoll(int conns)
{
	int ep = epoll_create1(0), open = conns;

	for (int i = 0; i < conns; i++) {
		struct epoll_event ev = { .events = EPOLLIN, .data.ptr = &bench_conn[i] };

		epoll_ctl(ep, EPOLL_CTL_ADD, (int)bench_conn[i].s, &ev);
	}
	while (open) {
		struct epoll_event ev[64];
		int k = epoll_wait(ep, ev, 64, -1);

		for (int i = 0; i < k; i++) {
			struct bench_conn *c = ev[i].data.ptr;
			ssize_t n = recv((int)c->s, c->buf, sizeof(c->buf), 0);

			if (n > 0 && send((int)c->s, c->buf, n, MSG_NOSIGNAL) == n)
				continue;
			epoll_ctl(ep, EPOLL_CTL_DEL, (int)c->s, NULL);
			open--;
		}
	}
	close(ep);
}

static bool bench_recv(struct bench_conn *c)
{
	WSABUF wb = { sizeof(c->buf), c->buf };
	DWORD flags = 0;

	return !WSARecv(c->s, &wb, 1, NULL, &flags, &c->recv, NULL) ||
	       WSAGetLastError() == WSA_IO_PENDING;
}

static void bench_port(int conns)
{
	HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
	int open = conns;

	for (int i = 0; i < conns; i++) {
		ULONG_PTR key = (ULONG_PTR)(bench_conn + i);

		CreateIoCompletionPort((HANDLE)bench_conn[i].s, port, key, 0);
		if (!bench_recv(&bench_conn[i]))
			bench_die("recv");
	}
	while (open) {
		struct bench_conn *c;
		LPWSAOVERLAPPED ov;
		ULONG_PTR key;
		WSABUF wb;
		DWORD n;
		BOOL ok = GetQueuedCompletionStatus(port, &n, &key, &ov, WSA_INFINITE);

		c = (struct bench_conn *)key;
		if (!ov)
			bench_die("port");
		if (ov == &c->send)
			continue;
		if (!ok || !n) {
			open--;
			continue;
		}
		wb.len = n;
		wb.buf = c->buf;
		if (WSASend(c->s, &wb, 1, NULL, 0, &c->send, NULL) &&
		    WSAGetLastError() != WSA_IO_PENDING)
			bench_die("send");
		if (!bench_recv(c))
			open--;
	}
	CloseHandle(port);
}

static void bench_blocking(int conns)
{
	struct bench_conn *c = &bench_conn[0];
	int n;

	(void)conns;
	while ((n = wsp_recv(c->s, c->buf, sizeof(c->buf), 0)) > 0)
		if (wsp_send(c->s, c->buf, n, 0) != n)
			bench_die("send");
}

/* Microseconds of CPU time per message. */
static double bench_run(void (*serve)(int conns), int conns, int messages)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	SOCKET listener = wsp_socket(AF_INET, SOCK_STREAM, 0);
	int len = sizeof(sa), status;
	double before, after;
	pid_t pid;

	if (wsp_bind(listener, (struct sockaddr *)&sa, len) || wsp_listen(listener, 1024) ||
	    wsp_getsockname(listener, (struct sockaddr *)&sa, &len))
		bench_die("listen");
	fflush(stdout);
	pid = fork();
	if (!pid)
		bench_client(&sa, conns, messages);
	bench_accept(listener, conns);
	before = bench_cpu();
	serve(conns);
	after = bench_cpu();
	if (waitpid(pid, &status, 0) != pid || status)
		bench_die("client");
	for (int i = 0; i < conns; i++)
		closesocket(bench_conn[i].s);
	closesocket(listener);
	return (after - before) * 1e6 / messages;
}

static int bench_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void bench_sort(double *v)
{
	qsort(v, bench_rounds, sizeof(*v), bench_compare);
}

static void bench_pair(const char *name, void (*serve)(int conns), int conns, int messages)
{
	double ours[BENCH_ROUNDS], plain[BENCH_ROUNDS], ratio[BENCH_ROUNDS], noise[BENCH_ROUNDS];
	int middle = bench_rounds / 2;

	for (int i = 0; i < bench_rounds; i++) {
		double again;

		plain[i] = bench_run(bench_epoll, conns, messages);
		ours[i] = bench_run(serve, conns, messages);
		again = bench_run(bench_epoll, conns, messages);
		noise[i] = again / plain[i];
		plain[i] = (plain[i] + again) / 2;
		ratio[i] = ours[i] / plain[i];
	}
	bench_sort(ours);
	bench_sort(plain);
	bench_sort(ratio);
	bench_sort(noise);
	printf("%s, %d connections: %.2f us, epoll %.2f us, ratio %.3f (%.3f to %.3f)", name,
	       conns, ours[middle], plain[middle], ratio[middle], ratio[0],
	       ratio[bench_rounds - 1]);
	printf("; epoll with itself %.3f (%.3f to %.3f)\n", noise[middle], noise[0],
	       noise[bench_rounds - 1]);
}

int main(int argc, char **argv)
{
	WSADATA data;

	if (argc > 1)
		bench_conns = atoi(argv[1]);
	if (argc > 2)
		bench_messages = atoi(argv[2]);
	if (argc > 3)
		bench_rounds = atoi(argv[3]);
	if (bench_conns < 1 || bench_conns > BENCH_MAX || bench_rounds < 1 ||
	    bench_rounds > BENCH_ROUNDS || WSAStartup(MAKEWORD(2, 2), &data)) {
		fprintf(stderr, "Usage: bench_echo [CONNECTIONS [MESSAGES [ROUNDS]]]\n");
		return 1;
	}
	signal(SIGPIPE, SIG_IGN);
	/* First, since then there is no engine yet. */
	bench_pair("blocking", bench_blocking, 1, bench_messages / 4);
	bench_pair("completion port", bench_port, bench_conns, bench_messages);
	return 0;
}
