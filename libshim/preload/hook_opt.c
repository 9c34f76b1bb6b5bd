// SPDX-License-Identifier: LGPL-2.1-or-later
/* Hook on setsockopt(): who has a linger time. */
#include <errno.h>

#include "preload.h"

WSP_HOOK int setsockopt(int fd, int level, int name, const void *val, socklen_t len)
{
	int ret = wsp_start_real()->setsockopt(fd, level, name, val, len);
	const struct linger *linger = val;
	int err = errno;

	/* The kernel has read it, so it can be read. */
	if (level == SOL_SOCKET && name == SO_LINGER && !ret && wsp_table_get(fd) &&
	    wsp_start_mine()) {
		if (linger->l_onoff && linger->l_linger)
			wsp_table_flag(fd, WSP_FD_LINGER, 0);
		else
			wsp_table_flag(fd, 0, WSP_FD_LINGER);
	}
	errno = err;
	return ret;
}
