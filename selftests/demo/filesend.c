// SPDX-License-Identifier: GPL-2.0
/*
 * Send a file through libwsp; its SHA-256 and size follow as disconnect data.
 * Prints the server's disconnect data.  A server that has none to offer gets
 * the file and an ordinary end of stream.
 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wsp/wsp.h>

#include "digest.h"

static void send_file(SOCKET s, const char *path, char text[DIGEST_TEXT])
{
	static char buf[1 << 16];
	struct digest d;
	size_t len;
	FILE *in = fopen(path, "r");

	if (!in)
		err(1, "%s", path);
	digest_start(&d);
	while ((len = fread(buf, 1, sizeof(buf), in)) > 0) {
		if (wsp_send(s, buf, len, 0) != (int)len)
			errx(1, "send: %d", WSAGetLastError());
		digest_add(&d, buf, len);
	}
	if (ferror(in))
		err(1, "%s", path);
	fclose(in);
	printf("client: sent %llu bytes\n", d.bytes);
	digest_finish(&d, text);
}

/* Returns whether the server takes part in disconnect data. */
static int end_sending(SOCKET s, char *text)
{
	WSABUF reason = { .buf = text, .len = strlen(text) };

	if (WSASendDisconnect(s, &reason) == 0) {
		printf("client: WSASendDisconnect \"%s\"\n", text);
		return 1;
	}
	if (WSAGetLastError() != WSAENOPROTOOPT)
		errx(1, "WSASendDisconnect: %d", WSAGetLastError());
	printf("client: WSASendDisconnect: %d WSAENOPROTOOPT, so plain shutdown\n",
	       WSAENOPROTOOPT);
	if (wsp_shutdown(s, SD_SEND))
		errx(1, "shutdown: %d", WSAGetLastError());
	return 0;
}

static void wait_for_end(SOCKET s)
{
	char buf[256];
	int n;

	while ((n = wsp_recv(s, buf, sizeof(buf), 0)) > 0)
		;
	if (n < 0)
		errx(1, "recv: %d", WSAGetLastError());
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	char text[DIGEST_TEXT], answer[1024];
	WSABUF reason = { .buf = answer, .len = sizeof(answer) };
	WSADATA wsa;
	SOCKET s;

	if (argc != 4 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1)
		errx(2, "usage: filesend IPV4 PORT FILE");
	to.sin_port = htons(atoi(argv[2]));
	alarm(60);
	setlinebuf(stdout);

	if (WSAStartup(MAKEWORD(2, 2), &wsa))
		errx(1, "WSAStartup failed");
	s = wsp_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	if (s == INVALID_SOCKET || wsp_connect(s, (struct sockaddr *)&to, sizeof(to)))
		errx(1, "connect: %d", WSAGetLastError());

	send_file(s, argv[3], text);
	if (end_sending(s, text)) {
		wait_for_end(s);
		if (WSARecvDisconnect(s, &reason))
			errx(1, "WSARecvDisconnect: %d", WSAGetLastError());
		printf("client: WSARecvDisconnect \"%.*s\"\n", (int)reason.len, answer);
	} else {
		wait_for_end(s);
	}
	if (closesocket(s))
		errx(1, "closesocket: %d", WSAGetLastError());
	return WSACleanup() ? 1 : 0;
}
