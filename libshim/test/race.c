// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "race.h"

#define RACE_TEAMS	3
#define RACE_RECVS	10
#define RACE_SENDS	4
#define RACE_OPS	(RACE_RECVS + RACE_SENDS)
#define RACE_SEND_SIZE	65536
#define RACE_SOON_MS	20000

enum race_notify { RACE_PORT, RACE_EVENT, RACE_ROUTINE, RACE_KINDS };

struct race_team;

struct race_op {
	WSAOVERLAPPED ov;
	WSABUF wb;
	struct race_team *team;
	WSAEVENT event;
	char buf[64];
	int done;
	bool pending;
};

/**
 * struct race_team - a thread that closes, with a writer and a blocked reader
 * @r: where to count
 * @pair: as for race_run()
 * @start: a round begins, all three wait
 * @end: a round is over, all three wait
 * @s: s[0] has the operations, the writer and the reader work on s[1]
 * @quit: there will be no more rounds
 * @close_peer: s[1] is closed under the reader's feet
 * @reader_code: how its last recv() ended: 0 or the error
 * @rounds: how many there are
 * @ops: of the round
 * @port: completion port
 * @threads: all of them
 */
struct race_team {
	struct race_result *r;
	bool (*pair)(SOCKET s[2]);
	SOCKET s[2];
	pthread_barrier_t start;
	pthread_barrier_t end;
	bool quit;
	bool close_peer;
	int reader_code;
	int rounds;
	struct race_op ops[RACE_OPS];
	HANDLE port;
	pthread_t threads[3];
};

static atomic_bool race_churn_on;
static char race_data[RACE_SEND_SIZE];

int race_rounds(int usual)
{
	const char *env = getenv("WSP_RACE_ROUNDS");

	return env ? atoi(env) : usual;
}

/* Descriptors come and go, so that a number is soon another's. */
static void *race_churn(void *arg)
{
	(void)arg;
	while (race_churn_on) {
		int p[2], s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		if (!pipe(p)) {
			close(p[0]);
			close(p[1]);
		}
		if (s >= 0)
			close(s);
		usleep(50);
	}
	return NULL;
}

static void *race_write(void *arg)
{
	struct race_team *t = arg;

	for (;;) {
		pthread_barrier_wait(&t->start);
		if (t->quit)
			return NULL;
		for (int i = 0; i < 12; i++)
			if (wsp_send(t->s[1], race_data, 1 + i * 5, MSG_DONTWAIT) <= 0)
				break;
		pthread_barrier_wait(&t->end);
	}
}

static void *race_read(void *arg)
{
	struct race_team *t = arg;
	char buf[4096];

	for (;;) {
		int n;

		pthread_barrier_wait(&t->start);
		if (t->quit)
			return NULL;
		do {
			n = wsp_recv(t->s[1], buf, sizeof(buf), 0);
		} while (n > 0);
		t->reader_code = n ? WSAGetLastError() : 0;
		pthread_barrier_wait(&t->end);
	}
}

static void race_finish(struct race_op *op, int code)
{
	struct race_result *r = op->team->r;

	if (op->done++)
		r->twice++;
	if (code == WSA_OPERATION_ABORTED)
		r->aborted++;
	else if (code && code != WSAECONNRESET && code != WSAECONNABORTED &&
		 code != ERROR_NETNAME_DELETED && code != ERROR_CONNECTION_ABORTED)
		r->illegal++;
	if (!HasOverlappedIoCompleted(&op->ov))
		r->illegal++;
}

static void race_routine(DWORD error, DWORD count, LPWSAOVERLAPPED ov, DWORD flags)
{
	(void)count;
	(void)flags;
	race_finish((struct race_op *)ov, (int)error);
}

static void race_begin(struct race_team *t, int i, enum race_notify how)
{
	LPWSAOVERLAPPED_COMPLETION_ROUTINE routine = how == RACE_ROUTINE ? race_routine : NULL;
	struct race_op *op = &t->ops[i];
	DWORD flags = 0;
	int rc;

	memset(&op->ov, 0, sizeof(op->ov));
	op->ov.hEvent = how == RACE_EVENT ? op->event : NULL;
	op->done = 0;
	op->wb = (WSABUF){ sizeof(op->buf), op->buf };
	if (i < RACE_RECVS) {
		rc = WSARecv(t->s[0], &op->wb, 1, NULL, &flags, &op->ov, routine);
	} else {
		op->wb = (WSABUF){ RACE_SEND_SIZE, race_data };
		rc = WSASend(t->s[0], &op->wb, 1, NULL, 0, &op->ov, routine);
	}
	op->pending = !rc || WSAGetLastError() == WSA_IO_PENDING;
	t->r->ops++;
	if (!op->pending && WSAGetLastError() != WSAECONNRESET)
		t->r->failed++;
}

static int race_open(const struct race_team *t)
{
	int n = 0;

	for (int i = 0; i < RACE_OPS; i++)
		n += t->ops[i].pending && !t->ops[i].done;
	return n;
}

static void race_await_port(struct race_team *t)
{
	int n = race_open(t);
	LPWSAOVERLAPPED ov;
	ULONG_PTR key;
	DWORD count;

	while (n) {
		BOOL ok = GetQueuedCompletionStatus(t->port, &count, &key, &ov, RACE_SOON_MS);

		if (!ov)
			return;
		if (key != (ULONG_PTR)t->s[0])
			t->r->stale++;
		race_finish((struct race_op *)ov, ok ? 0 : (int)GetLastError());
		n--;
	}
}

static void race_await_events(struct race_team *t)
{
	for (int i = 0; i < RACE_OPS; i++) {
		struct race_op *op = &t->ops[i];

		if (!op->pending ||
		    WSAWaitForMultipleEvents(1, &op->event, 1, RACE_SOON_MS, 0) != WSA_WAIT_EVENT_0)
			continue;
		race_finish(op, (DWORD)op->ov.Internal == 0xc0000120 ? WSA_OPERATION_ABORTED : 0);
		WSAResetEvent(op->event);
	}
}

static void race_await_routines(struct race_team *t)
{
	while (race_open(t))
		if (SleepEx(RACE_SOON_MS, 1) != WAIT_IO_COMPLETION)
			return;
}

/* Nothing more comes of a round. */
static void race_check_silence(struct race_team *t, enum race_notify how)
{
	LPWSAOVERLAPPED ov = NULL;
	ULONG_PTR key;
	DWORD count;

	t->r->lost += race_open(t);
	if (how == RACE_PORT) {
		GetQueuedCompletionStatus(t->port, &count, &key, &ov, 0);
		t->r->stale += !!ov;
	} else if (how == RACE_ROUTINE) {
		t->r->stale += SleepEx(0, 1) != 0;
	} else {
		for (int i = 0; i < RACE_OPS; i++)
			t->r->stale += WSAWaitForMultipleEvents(1, &t->ops[i].event, 1, 0, 0) !=
				       WSA_WAIT_TIMEOUT;
	}
}

static void race_check_reader(struct race_team *t)
{
	int code = t->reader_code;

	if (t->close_peer && (code == WSAEINTR || code == WSAENOTSOCK))
		return;
	/* A connection may also have ended first, or with data unread: a reset. */
	if (code && code != WSAECONNRESET && code != WSAECONNABORTED)
		t->r->stuck++;
}

static void race_round(struct race_team *t, int round)
{
	enum race_notify how = round % RACE_KINDS;

	if (!t->pair(t->s)) {
		t->r->failed++;
		return;
	}
	t->close_peer = round & 8;
	if (how == RACE_PORT &&
	    CreateIoCompletionPort((HANDLE)t->s[0], t->port, (ULONG_PTR)t->s[0], 0) != t->port)
		t->r->failed++;
	pthread_barrier_wait(&t->start);
	for (int i = 0; i < RACE_OPS; i++)
		race_begin(t, i, how);
	if (round % 16 == 5)
		WSASendDisconnect(t->s[0], NULL);
	if (round % 4 == 3)
		usleep(round % 200);
	if (t->close_peer && closesocket(t->s[1]))
		t->r->failed++;
	if (closesocket(t->s[0]))
		t->r->failed++;
	t->r->closes++;
	if (how == RACE_PORT)
		race_await_port(t);
	else if (how == RACE_EVENT)
		race_await_events(t);
	else
		race_await_routines(t);
	/* A missed end would leave the reader where it is, and us here. */
	pthread_barrier_wait(&t->end);
	race_check_reader(t);
	race_check_silence(t, how);
	if (!t->close_peer && closesocket(t->s[1]))
		t->r->failed++;
}

static void *race_close(void *arg)
{
	struct race_team *t = arg;

	for (int i = 0; i < t->rounds; i++)
		race_round(t, i);
	t->quit = true;
	pthread_barrier_wait(&t->start);
	return NULL;
}

static void race_team_start(struct race_team *t)
{
	void *(*const fn[3])(void *arg) = { race_close, race_write, race_read };

	t->port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
	pthread_barrier_init(&t->start, NULL, 3);
	pthread_barrier_init(&t->end, NULL, 3);
	for (int i = 0; i < RACE_OPS; i++) {
		t->ops[i].team = t;
		t->ops[i].event = WSACreateEvent();
	}
	for (int i = 0; i < 3; i++)
		if (pthread_create(&t->threads[i], NULL, fn[i], t))
			abort();
}

static void race_team_end(struct race_team *t)
{
	for (int i = 0; i < 3; i++)
		pthread_join(t->threads[i], NULL);
	for (int i = 0; i < RACE_OPS; i++)
		WSACloseEvent(t->ops[i].event);
	CloseHandle(t->port);
}

void race_run(bool (*pair)(SOCKET s[2]), int rounds, struct race_result *r)
{
	static struct race_team teams[RACE_TEAMS];
	pthread_t churn;

	memset(r, 0, sizeof(*r));
	race_churn_on = true;
	if (pthread_create(&churn, NULL, race_churn, NULL))
		abort();
	for (int i = 0; i < RACE_TEAMS; i++) {
		memset(&teams[i], 0, sizeof(teams[i]));
		teams[i].r = r;
		teams[i].pair = pair;
		teams[i].rounds = (rounds + RACE_TEAMS - 1) / RACE_TEAMS;
		race_team_start(&teams[i]);
	}
	for (int i = 0; i < RACE_TEAMS; i++)
		race_team_end(&teams[i]);
	race_churn_on = false;
	pthread_join(churn, NULL);
}
