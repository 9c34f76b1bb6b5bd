/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libc's header, whose gethostname() has other parameters than Winsock's. */
#pragma GCC system_header

#if defined(WSP_COMPAT_WINSOCK2_H) && !defined(gethostname)
#define gethostname	wsp_unistd_gethostname
#include_next <unistd.h>
#undef gethostname
#else
#include_next <unistd.h>
#endif
