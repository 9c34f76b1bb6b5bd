/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libc's header, which its <stdlib.h> includes too, redefines FD_SETSIZE; a
 * Windows program may have chosen its own value before.
 */
#pragma GCC system_header

#if defined(FD_SETSIZE) && !defined(WSP_COMPAT_SETSIZE) && !defined(_SYS_SELECT_H)
#define WSP_COMPAT_SETSIZE
enum { wsp_compat_setsize = FD_SETSIZE };
#undef FD_SETSIZE
#endif

#include_next <sys/select.h>
