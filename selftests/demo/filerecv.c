// SPDX-License-Identifier: GPL-2.0
/*
 * Receive a file through libwsp, check it against the disconnect data it came
 * with, answer with disconnect data of our own and close at once.
 */
#include <err.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wsp/wsp.h>

#include "digest.h"

static SOCKET accept_one(int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };
	SOCKET l = wsp_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	SOCKET s;

	if (l == INVALID_SOCKET || wsp_bind(l, (struct sockaddr *)&at, sizeof(at)) ||
	    wsp_listen(l, 1))
		errx(1, "listen: %d", WSAGetLastError());
	puts("listening");
	s = wsp_accept(l, NULL, NULL);
	if (s == INVALID_SOCKET || closesocket(l))
		errx(1, "accept: %d", WSAGetLastError());
	return s;
}

static void receive_file(SOCKET s, char text[DIGEST_TEXT])
{
	static char buf[1 << 16];
	struct digest d;
	int n;

	digest_start(&d);
	while ((n = wsp_recv(s, buf, sizeof(buf), 0)) > 0)
		digest_add(&d, buf, n);
	if (n < 0)
		errx(1, "recv: %d", WSAGetLastError());
	printf("server: received %llu bytes\n", d.bytes);
	digest_finish(&d, text);
}

int main(int argc, char **argv)
{
	char text[DIGEST_TEXT], claim[1024], answer[DIGEST_TEXT + 32];
	WSABUF theirs = { .buf = claim, .len = sizeof(claim) };
	WSABUF ours = { .buf = answer };
	WSADATA wsa;
	SOCKET s;
	int same;

	if (argc != 2)
		errx(2, "usage: filerecv PORT");
	alarm(60);
	setlinebuf(stdout);
	if (WSAStartup(MAKEWORD(2, 2), &wsa))
		errx(1, "WSAStartup failed");

	s = accept_one(atoi(argv[1]));
	receive_file(s, text);
	if (WSARecvDisconnect(s, &theirs))
		errx(1, "WSARecvDisconnect: %d", WSAGetLastError());
	printf("server: WSARecvDisconnect \"%.*s\"\n", (int)theirs.len, claim);
	same = theirs.len == strlen(text) && !memcmp(claim, text, theirs.len);
	printf("server: own digest %s\n", same ? "is the same" : "DIFFERS");

	ours.len = snprintf(answer, sizeof(answer), "%s %s", same ? "verified" : "refused",
			    text);
	if (WSASendDisconnect(s, &ours) || closesocket(s))
		errx(1, "disconnect: %d", WSAGetLastError());
	printf("server: WSASendDisconnect \"%s\", closed\n", answer);
	return WSACleanup() || !same ? 1 : 0;
}
