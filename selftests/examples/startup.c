// SPDX-License-Identifier: GPL-2.0
/* The beginning and the end of every program that uses libwsp. */

/* region: program */
#include <stdio.h>
#include <wsp/wsp.h>

int main(void)
{
	WSADATA data;
	int error = WSAStartup(MAKEWORD(2, 2), &data);

	if (error) {
		fprintf(stderr, "WSAStartup: error %d\n", error);
		return 1;
	}
	printf("version %d.%d\n", data.wVersion & 0xff, data.wVersion >> 8);
	return WSACleanup() ? 1 : 0;
}

/* endregion */
