/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For clang-tidy, before the system's: with GNU extensions that declares
 * addresses as a union passed by value, and the analyzer takes what getsockname()
 * writes through one for garbage.
 */
#include <features.h>

#pragma push_macro("__USE_GNU")
#undef __USE_GNU
#include_next <sys/socket.h>
#pragma pop_macro("__USE_GNU")

#ifndef TIDY_SYS_SOCKET_H
#define TIDY_SYS_SOCKET_H

struct mmsghdr {
	struct msghdr msg_hdr;
	unsigned int msg_len;
};

struct timespec;

int accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags);
int recvmmsg(int fd, struct mmsghdr *vec, unsigned int n, int flags, struct timespec *timeout);
int sendmmsg(int fd, struct mmsghdr *vec, unsigned int n, int flags);

#endif
