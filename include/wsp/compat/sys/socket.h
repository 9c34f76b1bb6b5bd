/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libc's header, for the files of a program that do not use Winsock. */
#pragma GCC system_header

#ifdef WSP_COMPAT_WINSOCK2_H
#error "<sys/socket.h> and <winsock2.h> name different things alike: use two source files"
#endif

#include_next <sys/socket.h>
