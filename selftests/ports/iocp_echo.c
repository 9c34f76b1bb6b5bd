// SPDX-License-Identifier: GPL-2.0
/*
 * An echo server on a completion port: iocp_echo PORT [WORKERS]
 *
 * Serves until its standard input ends, then lets the clients finish.  The last
 * words of a client that has some are echoed as well.
 */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef _MSC_VER
#pragma comment(lib, "ws2_32.lib")
#endif

#define ACCEPTS		32
#define MAX_WORKERS	64
#define BUF_SIZE	8192
#define ADDRESS_ROOM	(sizeof(SOCKADDR_STORAGE) + 16)
#define LAST_WORDS	1024
#define PATIENCE_MS	10000

#define KEY_LISTENER	1
#define KEY_CLIENT	2
#define KEY_QUIT	3

enum operation { OP_ACCEPT, OP_RECV, OP_SEND };

typedef struct client {
	OVERLAPPED ov;
	struct client *next;
	struct client **link;
	SOCKET s;
	enum operation op;
	BOOL ended;
	WSABUF out;
	char buf[BUF_SIZE];
} CLIENT;

static LPFN_ACCEPTEX accept_ex;
static HANDLE port;
static HANDLE idle;
static SOCKET listener;
static int family;
static CRITICAL_SECTION lock;
static CLIENT *clients;
static BOOL stopping;
static volatile LONG served;
static volatile LONGLONG bytes;

static void fail(const char *what)
{
	fprintf(stderr, "iocp_echo: %s: error %d\n", what, WSAGetLastError());
	exit(1);
}

static CLIENT *client_new(void)
{
	CLIENT *c = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, sizeof(*c));

	if (!c)
		fail("HeapAlloc");
	c->s = WSASocket(family, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
	if (c->s == INVALID_SOCKET)
		fail("WSASocket");
	EnterCriticalSection(&lock);
	c->next = clients;
	c->link = &clients;
	if (clients)
		clients->link = &c->next;
	clients = c;
	LeaveCriticalSection(&lock);
	return c;
}

static void client_free(CLIENT *c)
{
	EnterCriticalSection(&lock);
	*c->link = c->next;
	if (c->next)
		c->next->link = c->link;
	closesocket(c->s);
	if (stopping && !clients)
		SetEvent(idle);
	LeaveCriticalSection(&lock);
	HeapFree(GetProcessHeap(), 0, c);
}

static void start_accept(void)
{
	CLIENT *c = client_new();
	DWORD n;

	c->op = OP_ACCEPT;
	if (!accept_ex(listener, c->s, c->buf, 0, ADDRESS_ROOM, ADDRESS_ROOM, &n, &c->ov) &&
	    WSAGetLastError() != ERROR_IO_PENDING) {
		if (!stopping)
			fprintf(stderr, "iocp_echo: AcceptEx: error %d\n", WSAGetLastError());
		client_free(c);
	}
}

/* Ends our direction once, with last words if the protocol carries any. */
static void client_end(CLIENT *c, WSABUF *words)
{
	if (c->ended)
		return;
	c->ended = TRUE;
	if (words && words->len && WSASendDisconnect(c->s, words) == 0)
		return;
	shutdown(c->s, SD_SEND);
}

static void start_recv(CLIENT *c)
{
	WSABUF in;
	DWORD flags = 0;

	in.buf = c->buf;
	in.len = BUF_SIZE;
	ZeroMemory(&c->ov, sizeof(c->ov));
	EnterCriticalSection(&lock);
	c->op = OP_RECV;
	if (stopping)
		client_end(c, NULL);
	LeaveCriticalSection(&lock);
	if (WSARecv(c->s, &in, 1, NULL, &flags, &c->ov, NULL) == SOCKET_ERROR &&
	    WSAGetLastError() != WSA_IO_PENDING)
		client_free(c);
}

static void start_send(CLIENT *c)
{
	ZeroMemory(&c->ov, sizeof(c->ov));
	if (WSASend(c->s, &c->out, 1, NULL, 0, &c->ov, NULL) == SOCKET_ERROR &&
	    WSAGetLastError() != WSA_IO_PENDING)
		client_free(c);
}

static void accepted(CLIENT *c)
{
	BOOL on = TRUE;

	if (!stopping)
		start_accept();
	if (setsockopt(c->s, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&listener,
		       sizeof(listener)) == SOCKET_ERROR)
		fail("SO_UPDATE_ACCEPT_CONTEXT");
	setsockopt(c->s, IPPROTO_TCP, TCP_NODELAY, (char *)&on, sizeof(on));
	if (!CreateIoCompletionPort((HANDLE)c->s, port, KEY_CLIENT, 0))
		fail("CreateIoCompletionPort");
	InterlockedIncrement(&served);
	start_recv(c);
}

static void received(CLIENT *c, DWORD n)
{
	char words[LAST_WORDS];
	WSABUF last;
	BOOL ended;

	if (n) {
		EnterCriticalSection(&lock);
		ended = c->ended;
		if (!ended)
			c->op = OP_SEND;
		LeaveCriticalSection(&lock);
		/* What comes after our end is read, not answered. */
		if (ended) {
			start_recv(c);
			return;
		}
		c->out.buf = c->buf;
		c->out.len = n;
		start_send(c);
		return;
	}
	last.buf = words;
	last.len = sizeof(words);
	if (WSARecvDisconnect(c->s, &last) == SOCKET_ERROR)
		last.len = 0;
	EnterCriticalSection(&lock);
	client_end(c, &last);
	LeaveCriticalSection(&lock);
	client_free(c);
}

static void sent(CLIENT *c, DWORD n)
{
	InterlockedExchangeAdd64(&bytes, n);
	c->out.buf += n;
	c->out.len -= n;
	if (c->out.len)
		start_send(c);
	else
		start_recv(c);
}

static DWORD WINAPI worker(LPVOID unused)
{
	UNREFERENCED_PARAMETER(unused);
	for (;;) {
		OVERLAPPED *ov;
		ULONG_PTR key;
		CLIENT *c;
		DWORD n;
		BOOL ok = GetQueuedCompletionStatus(port, &n, &key, &ov, INFINITE);

		if (!ov) {
			if (ok && key == KEY_QUIT)
				return 0;
			fail("GetQueuedCompletionStatus");
		}
		c = CONTAINING_RECORD(ov, CLIENT, ov);
		if (!ok) {
			if (c->op == OP_ACCEPT && !stopping)
				start_accept();
			client_free(c);
			continue;
		}
		switch (c->op) {
		case OP_ACCEPT:
			accepted(c);
			break;
		case OP_RECV:
			received(c, n);
			break;
		case OP_SEND:
			sent(c, n);
			break;
		}
	}
}

static void start_listening(const char *service)
{
	GUID guid = WSAID_ACCEPTEX;
	struct addrinfo hints, *ai;
	SOCKADDR_IN name;
	int len = sizeof(name);
	DWORD n;

	ZeroMemory(&hints, sizeof(hints));
	hints.ai_family = AF_INET;
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = AI_PASSIVE;
	if (getaddrinfo(NULL, service, &hints, &ai) != 0)
		fail("getaddrinfo");
	family = ai->ai_family;
	listener = WSASocket(family, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
	if (listener == INVALID_SOCKET)
		fail("WSASocket");
	if (bind(listener, ai->ai_addr, (int)ai->ai_addrlen) == SOCKET_ERROR ||
	    listen(listener, SOMAXCONN) == SOCKET_ERROR)
		fail("bind or listen");
	freeaddrinfo(ai);
	if (WSAIoctl(listener, SIO_GET_EXTENSION_FUNCTION_POINTER, &guid, sizeof(guid),
		     &accept_ex, sizeof(accept_ex), &n, NULL, NULL) == SOCKET_ERROR)
		fail("AcceptEx");
	if (!CreateIoCompletionPort((HANDLE)listener, port, KEY_LISTENER, 0))
		fail("CreateIoCompletionPort");
	if (getsockname(listener, (SOCKADDR *)&name, &len) == SOCKET_ERROR)
		fail("getsockname");
	printf("listening on %d\n", ntohs(name.sin_port));
	fflush(stdout);
}

/* Connections that are idle are ended here, the others after their answer. */
static void stop_serving(void)
{
	CLIENT *c;

	EnterCriticalSection(&lock);
	stopping = TRUE;
	closesocket(listener);
	for (c = clients; c; c = c->next) {
		if (c->op == OP_RECV)
			client_end(c, NULL);
	}
	if (!clients)
		SetEvent(idle);
	LeaveCriticalSection(&lock);
	if (WaitForSingleObject(idle, PATIENCE_MS) == WAIT_OBJECT_0)
		return;
	EnterCriticalSection(&lock);
	for (c = clients; c; c = c->next)
		CancelIoEx((HANDLE)c->s, NULL);
	LeaveCriticalSection(&lock);
	WaitForSingleObject(idle, INFINITE);
}

int __cdecl main(int argc, char **argv)
{
	HANDLE threads[MAX_WORKERS];
	SYSTEM_INFO machine;
	DWORD i, workers;
	WSADATA data;

	if (argc < 2) {
		fprintf(stderr, "usage: iocp_echo PORT [WORKERS]\n");
		return 1;
	}
	if (WSAStartup(MAKEWORD(2, 2), &data) != 0)
		return 1;
	GetSystemInfo(&machine);
	workers = argc > 2 ? (DWORD)atoi(argv[2]) : 2 * machine.dwNumberOfProcessors;
	workers = max(1, min(workers, MAX_WORKERS));
	InitializeCriticalSectionAndSpinCount(&lock, 4000);
	idle = CreateEvent(NULL, TRUE, FALSE, NULL);
	port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
	if (!idle || !port)
		fail("CreateIoCompletionPort");
	start_listening(argv[1]);
	for (i = 0; i < workers; i++) {
		threads[i] = CreateThread(NULL, 0, worker, NULL, 0, NULL);
		if (!threads[i])
			fail("CreateThread");
	}
	for (i = 0; i < ACCEPTS; i++)
		start_accept();

	while (getchar() != EOF)
		;
	stop_serving();
	for (i = 0; i < workers; i++)
		PostQueuedCompletionStatus(port, 0, KEY_QUIT, NULL);
	WaitForMultipleObjects(workers, threads, TRUE, INFINITE);
	for (i = 0; i < workers; i++)
		CloseHandle(threads[i]);
	CloseHandle(port);
	CloseHandle(idle);
	DeleteCriticalSection(&lock);
	printf("served %d clients, %d bytes\n", (int)served, (int)bytes);
	WSACleanup();
	return 0;
}
