/* SPDX-License-Identifier: GPL-2.0 */
/* A connected pair with one end to be armed, and what its peer must find. */
#ifndef ARM_LIB_H
#define ARM_LIB_H

#include "reg_io.h"

#define ARM_SEED	7	/* of the stream */
#define ARM_BYE		8	/* of what is armed */
#define ARM_OTHER	9	/* of what is sent or armed instead */
#define ARM_LEN		300

/* Far below any linger time here, far above what a call needs. */
#define ARM_AT_ONCE_MS	(ARM_LINGER_S * 1000 / 2)
#define ARM_LINGER_S	60

/* 0 or an errno value. */
static inline int arm_raw(int fd, const void *data, __u32 len, __u32 flags)
{
	struct wsp_disc_args args = {
		.data = (uintptr_t)data,
		.len = len,
		.flags = flags,
	};

	return ioctl(fd, WSP_DISC_ARM, &args) ? errno : 0;
}

static inline int arm_with(int fd, unsigned int seed, __u32 len, __u32 flags)
{
	unsigned char data[WSP_DISC_MAX + 1];

	reg_fill(data, len, seed, 0);
	return arm_raw(fd, data, len, flags);
}

static inline int arm(int fd)
{
	return arm_with(fd, ARM_BYE, ARM_LEN, 0);
}

static inline int arm_linger(int fd, int onoff, int seconds)
{
	struct linger linger = { .l_onoff = onoff, .l_linger = seconds };

	return setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

/* Size of what is armed, -1 on failure. */
static inline int arm_len(int fd)
{
	struct wsp_info info;

	return reg_info(fd, &info) ? -1 : (int)info.armed_len;
}

/* Whether @fd's peer has not ended: no data, no FIN, no reset. */
static inline bool arm_is_quiet(int fd)
{
	return !reg_poll(fd, POLLIN | POLLPRI | POLLRDHUP, 0) &&
	       reg_tcp_state(fd) == TCP_ESTABLISHED;
}

/* @stream bytes, a clean end, and exactly @len bytes of disconnect data. */
static inline int arm_got(int fd, size_t stream, unsigned int seed, __u32 len)
{
	ssize_t n = reg_drain(fd, ARM_SEED, 0);

	if (n < 0)
		return -1;
	if ((size_t)n != stream) {
		fprintf(stderr, "# stream of %zd bytes, not %zu\n", n, stream);
		return -1;
	}
	return reg_disc_check(fd, seed, len, len);
}

/* Small buffers; the armed end and its peer. */
static inline int arm_pair(enum reg_family family, bool server, int *a, int *b)
{
	struct reg_conf conf = {
		.family = family,
		.attach = REG_BOTH,
		.rcvbuf = 8192,
		.sndbuf = 32768,
	};
	int fd[2];

	if (reg_pair(&conf, fd))
		return -1;
	*a = fd[server];
	*b = fd[!server];
	if (arm(*a) || arm_len(*a) != ARM_LEN || !arm_is_quiet(*b))
		return reg_fail("WSP_DISC_ARM");
	return 0;
}

/* What was armed by arm(), and no stream. */
static inline int arm_got_it(int fd)
{
	return arm_got(fd, 0, ARM_BYE, ARM_LEN);
}

/* The peer must find a reset before any end of the stream, and no data. */
static inline int arm_got_reset(int fd)
{
	char buf[4096];
	__u32 len = sizeof(buf);
	ssize_t n;

	do {
		if (!(reg_poll(fd, POLLIN, REG_SOON_MS) & ~POLLPRI)) {
			errno = ETIME;
			return reg_fail("reset");
		}
		n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
	} while (n > 0 || (n < 0 && errno == EAGAIN));
	if (!n || errno != ECONNRESET)
		return reg_fail("reset");
	if (!reg_disc_recv(fd, buf, &len) && len)
		return reg_fail("no data");
	return 0;
}

#endif /* ARM_LIB_H */
