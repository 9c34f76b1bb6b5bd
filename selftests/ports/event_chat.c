// SPDX-License-Identifier: GPL-2.0
/*
 * A chat server on network events: event_chat PORT
 *
 * A line goes to everybody else.  "/name NAME", "/kick NAME" and "/quit" are
 * commands.  Whoever leaves, is made to leave, or is there when standard input
 * ends and the server with it, is told why with the close; what a client says
 * with its own close is told to the others.
 */
#include <winsock2.h>
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef _MSC_VER
#pragma comment(lib, "ws2_32.lib")
#endif

#define STOP		0
#define LISTENER	1
#define FIRST_CLIENT	2
#define NAME_SIZE	32
#define LINE_SIZE	512
#define OUT_SIZE	65536
#define WORDS_SIZE	1024
#define PATIENCE_MS	10000

typedef struct client {
	SOCKET s;
	char name[NAME_SIZE];
	int lines;
	char in[LINE_SIZE];
	int inlen;
	char out[OUT_SIZE];
	int outlen;
	char farewell[LINE_SIZE];
	BOOL leaving;	/* the farewell waits until all before it is sent */
	BOOL told;	/* the farewell is sent */
	BOOL dead;
} CLIENT;

static WSAEVENT events[WSA_MAXIMUM_WAIT_EVENTS];
static CLIENT *clients[WSA_MAXIMUM_WAIT_EVENTS];
static DWORD count = FIRST_CLIENT;
static SOCKET listener;
static int guests;
static int farewells;
static BOOL stopping;

static void fail(const char *what)
{
	fprintf(stderr, "event_chat: %s: error %d\n", what, WSAGetLastError());
	exit(1);
}

/* The last words, after all that was said before them. */
static void client_tell(CLIENT *c)
{
	WSABUF words;

	c->told = TRUE;
	words.buf = c->farewell;
	words.len = (ULONG)strlen(c->farewell);
	if (WSASendDisconnect(c->s, &words) == 0) {
		farewells++;
		return;
	}
	if (WSAGetLastError() != WSAENOPROTOOPT) {
		c->dead = TRUE;
		return;
	}
	/* Plain TCP: as a line of its own. */
	send(c->s, "* ", 2, 0);
	send(c->s, words.buf, (int)words.len, 0);
	send(c->s, "\n", 1, 0);
	shutdown(c->s, SD_SEND);
}

static void client_flush(CLIENT *c)
{
	while (c->outlen) {
		int n = send(c->s, c->out, c->outlen, 0);

		if (n == SOCKET_ERROR) {
			if (WSAGetLastError() != WSAEWOULDBLOCK)
				c->dead = TRUE;
			return;
		}
		c->outlen -= n;
		MoveMemory(c->out, c->out + n, c->outlen);
	}
	if (c->leaving && !c->told && !c->dead)
		client_tell(c);
}

static void client_leave(CLIENT *c, const char *why)
{
	if (c->leaving)
		return;
	c->leaving = TRUE;
	snprintf(c->farewell, sizeof(c->farewell), "%s", why);
	client_flush(c);
}

static void client_say(CLIENT *c, const char *text)
{
	int len = (int)strlen(text);

	if (c->leaving || c->dead)
		return;
	if (c->outlen + len > OUT_SIZE) {
		client_leave(c, "you do not listen");
		return;
	}
	CopyMemory(c->out + c->outlen, text, len);
	c->outlen += len;
	client_flush(c);
}

static void say_all(const CLIENT *but, const char *who, const char *what)
{
	char line[NAME_SIZE + WORDS_SIZE + 8];
	DWORD i;

	snprintf(line, sizeof(line), "%s%s\n", who, what);
	line[sizeof(line) - 1] = 0;
	for (i = FIRST_CLIENT; i < count; i++) {
		if (clients[i] != but)
			client_say(clients[i], line);
	}
}

static void kick(const CLIENT *by, const char *name)
{
	char why[LINE_SIZE];
	DWORD i;

	snprintf(why, sizeof(why), "kicked by %s", by->name);
	for (i = FIRST_CLIENT; i < count; i++) {
		if (strcmp(clients[i]->name, name) == 0)
			client_leave(clients[i], why);
	}
}

static void said(CLIENT *c, char *line)
{
	char who[NAME_SIZE + 4], why[LINE_SIZE];

	c->lines++;
	if (strncmp(line, "/name ", 6) == 0) {
		snprintf(c->name, NAME_SIZE, "%s", line + 6);
		snprintf(why, sizeof(why), "you are %s\n", c->name);
		client_say(c, why);
	} else if (strncmp(line, "/kick ", 6) == 0) {
		kick(c, line + 6);
	} else if (strcmp(line, "/quit") == 0) {
		snprintf(why, sizeof(why), "goodbye %s, %d lines", c->name, c->lines);
		client_leave(c, why);
	} else {
		snprintf(who, sizeof(who), "%s: ", c->name);
		say_all(c, who, line);
	}
}

/* One recv(), which makes FD_READ come again if there is more. */
static int client_read(CLIENT *c)
{
	char *end;
	int n = recv(c->s, c->in + c->inlen, LINE_SIZE - 1 - c->inlen, 0);

	if (n <= 0)
		return n;
	c->inlen += n;
	c->in[c->inlen] = 0;
	while ((end = strchr(c->in, '\n')) != NULL) {
		int len = (int)(end - c->in) + 1;

		*end = 0;
		if (!c->leaving)
			said(c, c->in);
		c->inlen -= len;
		MoveMemory(c->in, c->in + len, c->inlen + 1);
	}
	if (c->inlen == LINE_SIZE - 1) {
		c->inlen = 0;
		client_leave(c, "your lines are too long");
	}
	return n;
}

static void client_closed(CLIENT *c, int error)
{
	char words[WORDS_SIZE + 1], who[NAME_SIZE + 16], why[LINE_SIZE];
	WSABUF in;

	if (error) {
		c->dead = TRUE;
		snprintf(who, sizeof(who), "* %s lost (%d)", c->name, error);
		say_all(c, who, "");
		return;
	}
	/* The close may come before all data is read. */
	while (client_read(c) > 0)
		;
	in.buf = words;
	in.len = WORDS_SIZE;
	if (WSARecvDisconnect(c->s, &in) == SOCKET_ERROR)
		in.len = 0;
	words[in.len] = 0;
	snprintf(who, sizeof(who), "* %s left", c->name);
	if (in.len)
		strcat(who, ": ");
	say_all(c, who, words);
	if (!c->told) {
		snprintf(why, sizeof(why), "goodbye %s, %d lines", c->name, c->lines);
		client_leave(c, why);
	}
	c->dead = TRUE;
}

static void client_remove(DWORD i)
{
	closesocket(clients[i]->s);
	WSACloseEvent(events[i]);
	free(clients[i]);
	count--;
	events[i] = events[count];
	clients[i] = clients[count];
}

static void client_events(DWORD i)
{
	CLIENT *c = clients[i];
	WSANETWORKEVENTS ne;

	if (WSAEnumNetworkEvents(c->s, events[i], &ne) == SOCKET_ERROR)
		fail("WSAEnumNetworkEvents");
	if (ne.lNetworkEvents & FD_WRITE)
		client_flush(c);
	if (ne.lNetworkEvents & FD_READ)
		client_read(c);
	if (ne.lNetworkEvents & FD_CLOSE)
		client_closed(c, ne.iErrorCode[FD_CLOSE_BIT]);
}

static void client_accept(void)
{
	WSANETWORKEVENTS ne;
	char hello[NAME_SIZE + 16];
	WSABUF full = { 4, "full" };
	CLIENT *c;
	SOCKET s;

	if (WSAEnumNetworkEvents(listener, events[LISTENER], &ne) == SOCKET_ERROR)
		fail("WSAEnumNetworkEvents");
	if (!(ne.lNetworkEvents & FD_ACCEPT))
		return;
	s = accept(listener, NULL, NULL);
	if (s == INVALID_SOCKET)
		return;
	c = calloc(1, sizeof(*c));
	if (count == WSA_MAXIMUM_WAIT_EVENTS || !c) {
		WSASendDisconnect(s, &full);
		closesocket(s);
		free(c);
		return;
	}
	c->s = s;
	snprintf(c->name, NAME_SIZE, "guest%d", ++guests);
	clients[count] = c;
	events[count] = WSACreateEvent();
	if (WSAEventSelect(s, events[count], FD_READ | FD_WRITE | FD_CLOSE) == SOCKET_ERROR)
		fail("WSAEventSelect");
	count++;
	snprintf(hello, sizeof(hello), "welcome %s\n", c->name);
	hello[sizeof(hello) - 1] = 0;
	client_say(c, hello);
}

/* What is signalled behind the first of them is looked for, or it would starve. */
static void handle(DWORD first)
{
	DWORD i;

	for (i = first; i < count; i++) {
		if (WSAWaitForMultipleEvents(1, &events[i], TRUE, 0, FALSE) != WSA_WAIT_EVENT_0)
			continue;
		if (i == STOP)
			stopping = TRUE;
		else if (i == LISTENER)
			client_accept();
		else
			client_events(i);
	}
	for (i = count; i-- > FIRST_CLIENT;) {
		if (clients[i]->dead)
			client_remove(i);
	}
}

static void start_listening(int port)
{
	struct sockaddr_in name;
	int len = sizeof(name);

	listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	if (listener == INVALID_SOCKET)
		fail("socket");
	ZeroMemory(&name, sizeof(name));
	name.sin_family = AF_INET;
	name.sin_addr.s_addr = htonl(INADDR_ANY);
	name.sin_port = htons((u_short)port);
	if (bind(listener, (LPSOCKADDR)&name, sizeof(name)) == SOCKET_ERROR)
		fail("bind");
	events[LISTENER] = WSACreateEvent();
	if (WSAEventSelect(listener, events[LISTENER], FD_ACCEPT) == SOCKET_ERROR)
		fail("WSAEventSelect");
	if (listen(listener, 5) == SOCKET_ERROR)
		fail("listen");
	if (getsockname(listener, (LPSOCKADDR)&name, &len) == SOCKET_ERROR)
		fail("getsockname");
	printf("listening on %d\n", ntohs(name.sin_port));
	fflush(stdout);
}

static void stop_serving(void)
{
	ULONGLONG end = GetTickCount64() + PATIENCE_MS;
	DWORD i;

	WSAResetEvent(events[STOP]);
	WSAEventSelect(listener, NULL, 0);
	WSAResetEvent(events[LISTENER]);
	closesocket(listener);
	for (i = FIRST_CLIENT; i < count; i++)
		client_leave(clients[i], "the server is closing");
	while (count > FIRST_CLIENT && GetTickCount64() < end) {
		DWORD r = WSAWaitForMultipleEvents(count, events, FALSE, 100, FALSE);

		if (r == WSA_WAIT_FAILED)
			fail("WSAWaitForMultipleEvents");
		if (r != WSA_WAIT_TIMEOUT)
			handle(r - WSA_WAIT_EVENT_0);
	}
	while (count > FIRST_CLIENT)
		client_remove(count - 1);
}

static DWORD WINAPI wait_for_the_end(LPVOID event)
{
	while (getchar() != EOF)
		;
	WSASetEvent((WSAEVENT)event);
	return 0;
}

int __cdecl main(int argc, char **argv)
{
	HANDLE thread;
	WSADATA data;

	if (argc != 2) {
		fprintf(stderr, "usage: event_chat PORT\n");
		return 1;
	}
	if (WSAStartup(MAKEWORD(2, 2), &data) != 0)
		return 1;
	events[STOP] = WSACreateEvent();
	start_listening(atoi(argv[1]));
	thread = CreateThread(NULL, 0, wait_for_the_end, events[STOP], 0, NULL);
	if (!thread)
		fail("CreateThread");
	while (!stopping) {
		DWORD r = WSAWaitForMultipleEvents(count, events, FALSE, WSA_INFINITE, FALSE);

		if (r == WSA_WAIT_FAILED)
			fail("WSAWaitForMultipleEvents");
		handle(r - WSA_WAIT_EVENT_0);
	}
	stop_serving();
	WaitForSingleObject(thread, INFINITE);
	CloseHandle(thread);
	WSACloseEvent(events[LISTENER]);
	WSACloseEvent(events[STOP]);
	printf("%d guests, %d farewells\n", guests, farewells);
	WSACleanup();
	return 0;
}
