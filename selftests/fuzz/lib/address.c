// SPDX-License-Identifier: GPL-2.0
/*
 * libshim/addrstr.c: what WSAStringToAddress() understands, WSAAddressToString()
 * writes in a way that is understood as the same. Input: one byte for the family,
 * then the string's characters, of a byte each if the byte's top bit is 0.
 */
#include <netinet/in.h>
#include <string.h>

#include "addrstr.h"
#include "target.h"
#include "wsp/wsp.h"

#define ADDRESS_MAX	200

static void address_round_trip(struct sockaddr *addr, int len, int af)
{
	struct sockaddr_storage again;
	WCHAR text[ADDRESS_MAX];
	DWORD room = ADDRESS_MAX;
	int len2 = sizeof(again), err = 0;

	target_check(!wsp_addrtostr_spi(addr, len, NULL, text, &room, &err));
	target_check(room <= ADDRESS_MAX && !text[room - 1]);
	target_check(!wsp_strtoaddr_spi(text, af, NULL, (struct sockaddr *)&again, &len2, &err));
	target_check(len == len2 && !memcmp(addr, &again, len));
	/* One character short. */
	room--;
	target_check(wsp_addrtostr_spi(addr, len, NULL, text, &room, &err));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int families[] = { AF_INET, WS_AF_INET6, AF_INET6, 7 };
	struct sockaddr_storage ss = { 0 };
	WCHAR text[ADDRESS_MAX];
	int af, err = 0, len = sizeof(ss);
	size_t n = 0, step;

	if (!size)
		return 0;
	af = families[data[0] % 4];
	step = data[0] & 0x80 ? 2 : 1;
	for (size_t i = 1; i + step <= size && n < ADDRESS_MAX - 1; i += step)
		text[n++] = step == 1 ? data[i] : data[i] | data[i + 1] << 8;
	text[n] = 0;
	if (!wsp_strtoaddr_spi(text, af, NULL, (struct sockaddr *)&ss, &len, &err))
		address_round_trip((struct sockaddr *)&ss, len, af);
	else
		target_check(err);
	return 0;
}
