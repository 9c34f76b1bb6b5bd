// SPDX-License-Identifier: GPL-2.0
/*
 * libshim/msg.c: control messages of WSASendMsg() in Windows' layout, which become
 * Linux' own, and those of WSARecvMsg(), which come back.
 * Input: options to switch on and the room for what comes back (2 bytes), then the
 * control buffer.
 */
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>

#include "extension.h"
#include "internal.h"
#include "target.h"
#include "wsp/mswsock.h"
#include "wsp/wsp.h"

#define MESSAGE_ROOM	512

static SOCKET message_socket(struct sockaddr_in *sin)
{
	int len = sizeof(*sin);
	static WSADATA data;
	SOCKET s;

	target_check(data.wVersion || !WSAStartup(0x202, &data));
	*sin = (struct sockaddr_in) { .sin_family = AF_INET };
	sin->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s = wsp_socket(AF_INET, SOCK_DGRAM, 0);
	target_check(s != INVALID_SOCKET);
	target_check(!wsp_bind(s, (struct sockaddr *)sin, len));
	target_check(!wsp_getsockname(s, (struct sockaddr *)sin, &len));
	return s;
}

/* Each of them lies within what was given, behind the one before. */
static void message_walk(const WSAMSG *m, const char *control, DWORD room)
{
	LPWSACMSGHDR c;

	target_check(m->Control.len <= room);
	for (c = WSA_CMSG_FIRSTHDR(m); c; c = WSA_CMSG_NXTHDR(m, c)) {
		target_check((char *)c >= control && c->cmsg_len >= sizeof(*c));
		target_check((char *)c + c->cmsg_len <= control + room);
	}
}

static void message_receive(SOCKET s, DWORD room)
{
	struct sockaddr_storage from;
	union {
		WSACMSGHDR align;
		char bytes[MESSAGE_ROOM];
	} control;
	char data[16];
	WSABUF buf = { sizeof(data), data };
	WSAMSG m = {
		.name = (struct sockaddr *)&from, .namelen = sizeof(from),
		.lpBuffers = &buf, .dwBufferCount = 1, .Control = { room, control.bytes },
	};
	uint32_t on = 1;
	DWORD n = 0;

	target_check(!ioctlsocket(s, FIONBIO, &on));
	memset(&control, 0xa5, sizeof(control));
	if (wsp_recvmsg(s, &m, &n, NULL, NULL) && WSAGetLastError() != WSAEMSGSIZE)
		return;
	message_walk(&m, control.bytes, room);
	for (size_t i = room; i < sizeof(control.bytes); i++)
		target_check((unsigned char)control.bytes[i] == 0xa5);
}

static void message_send(SOCKET s, struct sockaddr_in *to, const uint8_t *control, size_t len)
{
	char *copy = malloc(len + !len);
	WSABUF buf = { 1, (char *)"x" };
	WSAMSG m = {
		.name = (struct sockaddr *)to, .namelen = sizeof(*to),
		.lpBuffers = &buf, .dwBufferCount = 1, .Control = { len, copy },
	};
	DWORD n = 0;

	target_check(copy);
	memcpy(copy, control, len);
	if (WSASendMsg(s, &m, 0, &n, NULL, NULL))
		target_check(WSAGetLastError());
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int options[] = { IP_PKTINFO, IP_RECVTTL, IP_RECVTOS };
	struct sockaddr_in sin;
	SOCKET s;
	int on = 1;

	if (size < 2 || size > MESSAGE_ROOM)
		return 0;
	s = message_socket(&sin);
	for (int i = 0; i < 3; i++)
		if (data[0] & 1 << i)
			wsp_setsockopt(s, IPPROTO_IP, options[i], (char *)&on, sizeof(on));
	message_send(s, &sin, data + 2, size - 2);
	message_receive(s, data[1] * 2);
	target_check(!closesocket(s));
	return 0;
}
