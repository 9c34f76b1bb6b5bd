// SPDX-License-Identifier: GPL-2.0
/*
 * A client of the service provider interface: spi_client ADDRESS PORT LAST_WORDS
 *
 * Drives a provider's table as ws2_32 does, with upcalls of its own: sends its
 * standard input in overlapped pieces, reads as much back, ends with last words
 * and prints the server's.  The provider is linked in; another could be had by
 * LoadLibrary() from where WSCGetProviderPath() says.
 */
#include <winsock2.h>
#include <ws2spi.h>
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef _MSC_VER
#pragma comment(lib, "ws2_32.lib")
#endif

#define WM_SOCKET	0x0401
#define WINDOW		((HWND)0x1234)
#define MAX_CALLS	16
#define MAX_MESSAGES	64
#define PIECE		4096
#define TIMEOUT_MS	30000

/* What a WSATHREADID of ours stands for: calls that wait for this thread. */
typedef struct call_queue {
	HANDLE ready;
	struct {
		LPWSAUSERAPC fn;
		DWORD_PTR context;
	} calls[MAX_CALLS];
	int n;
} CALL_QUEUE;

typedef struct message {
	UINT msg;
	WPARAM wparam;
	LPARAM lparam;
} MESSAGE;

typedef struct transfer {
	WSAOVERLAPPED ov;
	BOOL done;
	DWORD error;
	DWORD count;
} TRANSFER;

static WSPPROC_TABLE spi;
static CRITICAL_SECTION lock;
static CALL_QUEUE calls;
static MESSAGE messages[MAX_MESSAGES];
static int message_count;
static HANDLE message_ready;
static LONG events_set, calls_queued, messages_posted;

static void fail(const char *what, int error)
{
	fprintf(stderr, "spi_client: %s: error %d\n", what, error);
	exit(1);
}

static void check(int rc, const char *what, int error)
{
	if (rc == SOCKET_ERROR)
		fail(what, error);
}

static BOOL WSPAPI my_close_event(WSAEVENT event, LPINT error)
{
	*error = CloseHandle(event) ? 0 : WSA_INVALID_HANDLE;
	return *error == 0;
}

static WSAEVENT WSPAPI my_create_event(LPINT error)
{
	HANDLE event = CreateEvent(NULL, TRUE, FALSE, NULL);

	*error = event ? 0 : WSA_NOT_ENOUGH_MEMORY;
	return event;
}

static BOOL WSPAPI my_set_event(WSAEVENT event, LPINT error)
{
	InterlockedIncrement(&events_set);
	*error = SetEvent(event) ? 0 : WSA_INVALID_HANDLE;
	return *error == 0;
}

static BOOL WSPAPI my_reset_event(WSAEVENT event, LPINT error)
{
	*error = ResetEvent(event) ? 0 : WSA_INVALID_HANDLE;
	return *error == 0;
}

static BOOL WSPAPI my_post_message(HWND wnd, UINT msg, WPARAM wparam, LPARAM lparam)
{
	BOOL ok = FALSE;

	InterlockedIncrement(&messages_posted);
	EnterCriticalSection(&lock);
	if (wnd == WINDOW && message_count < MAX_MESSAGES) {
		messages[message_count].msg = msg;
		messages[message_count].wparam = wparam;
		messages[message_count].lparam = lparam;
		message_count++;
		ok = SetEvent(message_ready);
	}
	LeaveCriticalSection(&lock);
	return ok;
}

static int WSPAPI my_queue_apc(LPWSATHREADID thread, LPWSAUSERAPC fn, DWORD_PTR context,
			       LPINT error)
{
	CALL_QUEUE *queue = thread->ThreadHandle;

	InterlockedIncrement(&calls_queued);
	*error = WSAENOBUFS;
	EnterCriticalSection(&lock);
	if (queue->n < MAX_CALLS) {
		queue->calls[queue->n].fn = fn;
		queue->calls[queue->n].context = context;
		queue->n++;
		*error = SetEvent(queue->ready) ? 0 : WSAENOBUFS;
	}
	LeaveCriticalSection(&lock);
	return *error ? SOCKET_ERROR : 0;
}

/* There is one thread here. */
static int WSPAPI my_open_thread(LPWSATHREADID thread, LPINT error)
{
	thread->ThreadHandle = &calls;
	*error = 0;
	return 0;
}

static int WSPAPI my_close_thread(LPWSATHREADID thread, LPINT error)
{
	thread->ThreadHandle = NULL;
	*error = 0;
	return 0;
}

static SOCKET WSPAPI my_modify_ifs_handle(DWORD entry, SOCKET proposed, LPINT error)
{
	UNREFERENCED_PARAMETER(entry);
	*error = 0;
	return proposed;
}

/* The alertable wait: until a call has run. */
static void run_calls(void)
{
	LPWSAUSERAPC fn;
	DWORD_PTR context;

	if (WaitForSingleObject(calls.ready, TIMEOUT_MS) != WAIT_OBJECT_0)
		fail("waiting for a call", WAIT_TIMEOUT);
	for (;;) {
		EnterCriticalSection(&lock);
		if (!calls.n) {
			ResetEvent(calls.ready);
			LeaveCriticalSection(&lock);
			return;
		}
		fn = calls.calls[0].fn;
		context = calls.calls[0].context;
		calls.n--;
		MoveMemory(calls.calls, calls.calls + 1, calls.n * sizeof(calls.calls[0]));
		LeaveCriticalSection(&lock);
		fn(context);
	}
}

static MESSAGE get_message(void)
{
	MESSAGE m;

	if (WaitForSingleObject(message_ready, TIMEOUT_MS) != WAIT_OBJECT_0)
		fail("waiting for a message", WAIT_TIMEOUT);
	EnterCriticalSection(&lock);
	m = messages[0];
	message_count--;
	MoveMemory(messages, messages + 1, message_count * sizeof(m));
	if (!message_count)
		ResetEvent(message_ready);
	LeaveCriticalSection(&lock);
	return m;
}

/* TCP over IPv4, with disconnect data if there is such a thing. */
static void choose_protocol(WSAPROTOCOL_INFOW *chosen)
{
	WSAPROTOCOL_INFOW *all;
	DWORD size = 0;
	int i, n, error = 0;

	chosen->dwServiceFlags1 = 0;
	WSCEnumProtocols(NULL, NULL, &size, &error);
	all = malloc(size);
	n = WSCEnumProtocols(NULL, all, &size, &error);
	if (n == SOCKET_ERROR)
		fail("WSCEnumProtocols", error);
	for (i = 0; i < n; i++) {
		if (all[i].iAddressFamily == AF_INET && all[i].iProtocol == IPPROTO_TCP &&
		    all[i].ProtocolChain.ChainLen == BASE_PROTOCOL &&
		    (!chosen->dwServiceFlags1 ||
		     (all[i].dwServiceFlags1 & XP1_DISCONNECT_DATA)))
			*chosen = all[i];
	}
	free(all);
	if (!chosen->dwServiceFlags1)
		fail("no TCP", WSAEPROTONOSUPPORT);
}

static void start_provider(WSAPROTOCOL_INFOW *info)
{
	WSPUPCALLTABLE upcalls;
	WSPDATA data;
	int rc;

	ZeroMemory(&upcalls, sizeof(upcalls));
	upcalls.lpWPUCloseEvent = my_close_event;
	upcalls.lpWPUCreateEvent = my_create_event;
	upcalls.lpWPUSetEvent = my_set_event;
	upcalls.lpWPUResetEvent = my_reset_event;
	upcalls.lpWPUPostMessage = my_post_message;
	upcalls.lpWPUQueueApc = my_queue_apc;
	upcalls.lpWPUOpenCurrentThread = my_open_thread;
	upcalls.lpWPUCloseThread = my_close_thread;
	upcalls.lpWPUModifyIFSHandle = my_modify_ifs_handle;
	rc = WSPStartup(MAKEWORD(2, 2), &data, info, upcalls, &spi);
	if (rc)
		fail("WSPStartup", rc);
}

static SOCKET connect_to(const char *address, int port, WSAPROTOCOL_INFOW *info)
{
	struct sockaddr_in to;
	int error = 0;
	SOCKET s;

	s = spi.lpWSPSocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, info, 0,
			    WSA_FLAG_OVERLAPPED, &error);
	if (s == INVALID_SOCKET)
		fail("WSPSocket", error);
	ZeroMemory(&to, sizeof(to));
	to.sin_family = AF_INET;
	to.sin_port = htons((u_short)port);
	to.sin_addr.s_addr = inet_addr(address);
	check(spi.lpWSPConnect(s, (LPSOCKADDR)&to, sizeof(to), NULL, NULL, NULL, NULL, &error),
	      "WSPConnect", error);
	return s;
}

/* Ends with an event that is the provider's to set. */
static void send_piece(SOCKET s, WSATHREADID *thread, char *data, DWORD len)
{
	WSAOVERLAPPED ov;
	DWORD flags, n = 0;
	int error = 0;
	WSABUF out;

	ZeroMemory(&ov, sizeof(ov));
	ov.hEvent = my_create_event(&error);
	out.buf = data;
	out.len = len;
	if (spi.lpWSPSend(s, &out, 1, &n, 0, &ov, NULL, thread, &error) == SOCKET_ERROR &&
	    error != WSA_IO_PENDING)
		fail("WSPSend", error);
	if (WaitForSingleObject(ov.hEvent, TIMEOUT_MS) != WAIT_OBJECT_0)
		fail("waiting for WSPSend", WAIT_TIMEOUT);
	if (!spi.lpWSPGetOverlappedResult(s, &ov, &n, FALSE, &flags, &error) || n != len)
		fail("WSPGetOverlappedResult", error);
	my_close_event(ov.hEvent, &error);
}

static void CALLBACK received(DWORD error, DWORD count, LPWSAOVERLAPPED ov, DWORD flags)
{
	TRANSFER *t = CONTAINING_RECORD(ov, TRANSFER, ov);

	UNREFERENCED_PARAMETER(flags);
	t->done = TRUE;
	t->error = error;
	t->count = count;
}

/* Ends with a completion routine, which comes as a queued call. */
static DWORD receive(SOCKET s, WSATHREADID *thread, char *data, DWORD room)
{
	DWORD n, flags = 0;
	int error = 0;
	TRANSFER t;
	WSABUF in;

	ZeroMemory(&t, sizeof(t));
	in.buf = data;
	in.len = room;
	if (spi.lpWSPRecv(s, &in, 1, &n, &flags, &t.ov, received, thread, &error) ==
	    SOCKET_ERROR && error != WSA_IO_PENDING)
		fail("WSPRecv", error);
	while (!t.done)
		run_calls();
	if (t.error)
		fail("WSPRecv completed", (int)t.error);
	return t.count;
}

static long echo_all(SOCKET s, WSATHREADID *thread)
{
	char out[PIECE], in[PIECE];
	long total = 0;
	size_t n;

	while ((n = fread(out, 1, sizeof(out), stdin)) > 0) {
		DWORD got = 0;

		send_piece(s, thread, out, (DWORD)n);
		while (got < n) {
			DWORD count = receive(s, thread, in + got, (DWORD)n - got);

			if (!count)
				fail("the server ended early", 0);
			got += count;
		}
		if (memcmp(out, in, n))
			fail("the echo differs", 0);
		total += (long)n;
	}
	return total;
}

/* The close, and what was said with it. */
static void goodbye(SOCKET s, char *words)
{
	char answer[1024];
	DWORD n, flags = 0;
	int error = 0;
	WSABUF buf;
	MESSAGE m;

	check(spi.lpWSPAsyncSelect(s, WINDOW, WM_SOCKET, FD_CLOSE, &error), "WSPAsyncSelect",
	      error);
	buf.buf = words;
	buf.len = (ULONG)strlen(words);
	if (spi.lpWSPSendDisconnect(s, &buf, &error) == SOCKET_ERROR) {
		printf("no last words: error %d\n", error);
		check(spi.lpWSPSendDisconnect(s, NULL, &error), "WSPSendDisconnect", error);
	}
	m = get_message();
	if (m.msg != WM_SOCKET || m.wparam != s || WSAGETSELECTEVENT(m.lparam) != FD_CLOSE)
		fail("another message", (int)m.msg);
	if (WSAGETSELECTERROR(m.lparam))
		fail("FD_CLOSE", WSAGETSELECTERROR(m.lparam));
	buf.buf = answer;
	buf.len = sizeof(answer);
	check(spi.lpWSPRecv(s, &buf, 1, &n, &flags, NULL, NULL, NULL, &error), "WSPRecv", error);
	if (n)
		fail("data behind the echo", (int)n);
	if (spi.lpWSPRecvDisconnect(s, &buf, &error) == SOCKET_ERROR)
		printf("no answer: error %d\n", error);
	else
		printf("answer: %.*s\n", (int)buf.len, answer);
}

int __cdecl main(int argc, char **argv)
{
	WSAPROTOCOL_INFOW info;
	WSATHREADID thread;
	int error = 0;
	long total;
	SOCKET s;

	if (argc != 4) {
		fprintf(stderr, "usage: spi_client ADDRESS PORT LAST_WORDS\n");
		return 1;
	}
	InitializeCriticalSection(&lock);
	calls.ready = my_create_event(&error);
	message_ready = my_create_event(&error);
	choose_protocol(&info);
	start_provider(&info);
	my_open_thread(&thread, &error);
	s = connect_to(argv[1], atoi(argv[2]), &info);
	total = echo_all(s, &thread);
	goodbye(s, argv[3]);
	check(spi.lpWSPCloseSocket(s, &error), "WSPCloseSocket", error);
	check(spi.lpWSPCleanup(&error), "WSPCleanup", error);
	my_close_thread(&thread, &error);
	printf("echoed %ld bytes; upcalls: %s events, %s calls, %s messages\n", total,
	       events_set ? "some" : "no", calls_queued ? "some" : "no",
	       messages_posted ? "some" : "no");
	return 0;
}
