// SPDX-License-Identifier: LGPL-2.1-or-later
/* An object that uses the library and is no provider. */
#include <wsp/wsp.h>

int empty_error(void);

__attribute__((visibility("default")))
int empty_error(void)
{
	return WSAGetLastError();
}
