// SPDX-License-Identifier: GPL-2.0
/* closesocket() of a nonblocking socket that lingers. */
#include "example_wsp.h"
#include <poll.h>

/* region: close */
/* Closes a nonblocking socket; one that lingers stays open while data is on its way. */
int try_close(SOCKET s)
{
	if (closesocket(s) == 0)
		return 1;
	return WSAGetLastError() == WSAEWOULDBLOCK ? 0 : -1;
}

/* endregion */

/* region: linger */
/* Give the peer ten seconds to acknowledge everything; then the connection is reset. */
int linger(SOCKET s)
{
	struct ws_linger ten = { .l_onoff = 1, .l_linger = 10 };

	return wsp_setsockopt(s, WS_SOL_SOCKET, WS_SO_LINGER, (char *)&ten, sizeof(ten));
}

/* endregion */

int main(void)
{
	static char bytes[1 << 16];
	uint32_t on = 1;
	SOCKET pair[2];
	int closed;

	example_wsp_pair(pair);
	example_ok(!linger(pair[0]) && !ioctlsocket(pair[0], WS_FIONBIO, &on), "options");
	while (wsp_send(pair[0], bytes, sizeof(bytes), 0) > 0)
		;
	printf("with data on its way: %s\n", try_close(pair[0]) ? "closed" : "still open");
	while ((closed = try_close(pair[0])) == 0)
		wsp_recv(pair[1], bytes, sizeof(bytes), 0);
	printf("when all was read: %s\n", closed == 1 ? "closed" : "an error");
	return 0;
}
