/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What libc's headers have under Winsock's names, wherever they come, out of
 * the way; before everything else in <winsock2.h>.
 */
#ifndef WSP_COMPAT_LIBC_H
#define WSP_COMPAT_LIBC_H

/* u_long has 32 bits on Windows. */
#ifdef __u_char_defined
#define u_long	wsp_u_long
#else
#define u_long	wsp_libc_u_long
#include <sys/types.h>
#undef u_long
#endif
typedef unsigned int u_long;

/* libc does without in a strict C11 program. */
#ifndef __u_char_defined
#define __u_char_defined
typedef unsigned char u_char;
typedef unsigned short u_short;
typedef unsigned int u_int;
#endif

/* Brings struct timeval, which is good as it is. */
#include <sys/select.h>

#ifdef __socklen_t_defined
#define socklen_t	wsp_socklen_t
#else
#define __socklen_t_defined
#endif
typedef int socklen_t;

/* If it comes later, <wsp/compat/unistd.h> sees to it. */
#ifdef _UNISTD_H
#define WSP_COMPAT_GETHOSTNAME
#endif

#endif /* WSP_COMPAT_LIBC_H */
