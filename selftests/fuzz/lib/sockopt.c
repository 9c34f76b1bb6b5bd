// SPDX-License-Identifier: GPL-2.0
/*
 * libshim/opt*.c: options of sockets of all kinds, with values of any size.
 * Input: socket (1 byte), level (2), name (4), room (1), then the value.
 */
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "target.h"
#include "wsp/wsp.h"

#define SOCKOPT_SOCKETS	4
#define SOCKOPT_ROOM	256
#define SOCKOPT_GUARD	0xa5

static SOCKET sockopt_new(unsigned int kind)
{
	static const int families[] = { AF_INET, AF_INET6 };
	static WSADATA data;

	target_check(data.wVersion || !WSAStartup(0x202, &data));
	return wsp_socket(families[kind & 1], kind & 2 ? SOCK_DGRAM : SOCK_STREAM, 0);
}

static void sockopt_get(SOCKET s, int level, int name, int room)
{
	unsigned char buf[SOCKOPT_ROOM + 64];
	int len = room;

	memset(buf, SOCKOPT_GUARD, sizeof(buf));
	if (wsp_getsockopt(s, level, name, (char *)buf, &len)) {
		target_check(WSAGetLastError());
		return;
	}
	target_check(len <= room);
	/* Not a byte more than there was room for, though the kernel writes it. */
	for (size_t i = room; i < sizeof(buf); i++)
		target_check(buf[i] == SOCKOPT_GUARD);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int levels[] = {
		WS_SOL_SOCKET, IPPROTO_TCP, IPPROTO_IP, IPPROTO_IPV6, IPPROTO_UDP,
	};
	char value[SOCKOPT_ROOM] = { 0 };
	int level, name;
	SOCKET s;

	if (size < 8)
		return 0;
	level = data[1] & 0x80 ? data[1] << 8 | data[2] : levels[data[1] % 5];
	memcpy(&name, data + 3, sizeof(name));
	/* Most names are small numbers, or their complements. */
	if (data[2] & 0x80)
		name = data[2] & 0x40 ? ~(name & 0xff) : name & 0x70ff;
	s = sockopt_new(data[0] % SOCKOPT_SOCKETS);
	if (s == INVALID_SOCKET)
		return 0;
	size -= 8;
	if (size > sizeof(value))
		size = sizeof(value);
	memcpy(value, data + 8, size);
	sockopt_get(s, level, name, data[7]);
	if (wsp_setsockopt(s, level, name, value, size))
		target_check(WSAGetLastError());
	sockopt_get(s, level, name, data[7]);
	target_check(!closesocket(s) || WSAGetLastError() == WSAEWOULDBLOCK);
	return 0;
}
