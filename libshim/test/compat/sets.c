// SPDX-License-Identifier: LGPL-2.1-or-later
/* Sets larger than usual; chosen before libc's headers have a say. */
#define FD_SETSIZE	200
#include <assert.h>
#include <stdlib.h>

#include <winsock2.h>
#include <ws2spi.h>

#include "win.h"

#define MANY	150

static_assert(sizeof(fd_set) == 8 + 8 * 200, "fd_set");
static_assert(sizeof(FD_SET) == sizeof(struct fd_set), "FD_SET");

int win_sets(void)
{
	static SOCKET socks[MANY];
	struct timeval at_once = { 0, 0 };
	fd_set set, all;
	int i;

	FD_ZERO(&all);
	for (i = 0; i < MANY; i++) {
		struct sockaddr_in any = { 0 };

		socks[i] = socket(AF_INET, SOCK_DGRAM, 0);
		any.sin_family = AF_INET;
		WIN_CHECK(!bind(socks[i], (struct sockaddr *)&any, sizeof(any)));
		FD_SET(socks[i], &all);
		FD_SET(socks[i], &all);
	}
	WIN_CHECK(all.fd_count == MANY);
	set = all;
	WIN_CHECK(select(0, NULL, &set, NULL, &at_once) == MANY);
	WIN_CHECK(set.fd_count == MANY && FD_ISSET(socks[MANY - 1], &set));
	set = all;
	WIN_CHECK(!select(0, &set, NULL, NULL, &at_once) && !set.fd_count);
	FD_CLR(socks[1], &all);
	WIN_CHECK(all.fd_count == MANY - 1 && !FD_ISSET(socks[1], &all));
	WIN_CHECK(all.fd_array[0] == socks[0] && all.fd_array[1] == socks[2]);
	for (i = 0; all.fd_count < FD_SETSIZE; i++)
		FD_SET((SOCKET)100000 + i, &all);
	FD_SET((SOCKET)1, &all);
	WIN_CHECK(all.fd_count == 200 && !FD_ISSET(1, &all));
	for (i = 0; i < MANY; i++)
		WIN_CHECK(!closesocket(socks[i]));
	return 0;
}
