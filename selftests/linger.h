/* SPDX-License-Identifier: GPL-2.0 */
/* Asynchronous lingering closes, and peers that do not read. */
#ifndef LINGER_H
#define LINGER_H

#include "reg_io.h"

/* A deadline that tests wait for, and one that none ever reaches. */
#define LINGER_MS	1000
#define LINGER_LONG_MS	60000

#define LINGER_SEED	3

/* A call that took a tenth of the linger time at most did not linger. */
#define LINGER_AT_ONCE_MS	(LINGER_LONG_MS / 10)

/* These return 0 or an errno value. */
static inline int linger_start(int fd, __u32 ms)
{
	struct wsp_linger_args args = { .timeout = ms };

	return ioctl(fd, WSP_LINGER_START, &args) ? errno : 0;
}

static inline int linger_cancel(int fd)
{
	return ioctl(fd, WSP_LINGER_CANCEL) ? errno : 0;
}

static inline int linger_get(int fd, struct wsp_linger_info *info)
{
	memset(info, 0xcc, sizeof(*info));
	return ioctl(fd, WSP_LINGER_GET, info) ? errno : 0;
}

static inline int linger_set_mode(int fd, __u32 mode)
{
	return ioctl(fd, WSP_LINGER_MODE, &mode) ? errno : 0;
}

static inline int linger_arm(int fd, const void *data, __u32 len, __u32 flags)
{
	struct wsp_disc_args args = {
		.data = (uintptr_t)data,
		.len = len,
		.flags = flags,
	};

	return ioctl(fd, WSP_DISC_ARM, &args) ? errno : 0;
}

/* An enum wsp_linger_state value, -1 on failure. */
static inline int linger_state(int fd)
{
	struct wsp_linger_info info;

	return linger_get(fd, &info) ? -1 : (int)info.state;
}

static inline int linger_mode(int fd)
{
	struct wsp_linger_info info;

	return linger_get(fd, &info) ? -1 : (int)info.mode;
}

static inline int linger_unacked(int fd)
{
	struct wsp_linger_info info;

	return linger_get(fd, &info) ? -1 : (int)info.unacked;
}

/* What it has come to, WSP_LINGER_PENDING if that takes too long. */
static inline int linger_wait(int fd)
{
	long end = reg_ms() + REG_SOON_MS;
	int state;

	while ((state = linger_state(fd)) == WSP_LINGER_PENDING &&
	       reg_ms() < end)
		reg_tick();
	return state;
}

static inline int linger_option(int fd, int onoff, int seconds)
{
	struct linger linger = { .l_onoff = onoff, .l_linger = seconds };

	return setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

/* Both ends attached, and buffers that are full soon. */
static inline struct reg_conf linger_conf(enum reg_family family)
{
	return (struct reg_conf) {
		.family = family,
		.attach = REG_BOTH,
		.rcvbuf = 8192,
		.sndbuf = 32768,
	};
}

/* A pair whose server does not read what fd[0] has sent; the bytes sent. */
static inline ssize_t linger_stalled_pair(const struct reg_conf *conf,
					  int fd[2])
{
	if (reg_pair(conf, fd))
		return -1;
	return reg_stuff(fd[0], LINGER_SEED);
}

/*
 * Reads to the end, whichever; the errno that it was, 0 for the end of the
 * stream, EBADMSG for a wrong byte, ETIME if there is no end.
 */
static inline int linger_read(int fd, ssize_t *got)
{
	unsigned char buf[4096];
	int end = ETIME;
	ssize_t n = 1;

	*got = 0;
	while (n > 0 && reg_poll(fd, POLLIN, REG_SOON_MS)) {
		n = recv(fd, buf, sizeof(buf), 0);
		end = n < 0 ? errno : 0;
		if (n > 0 && !reg_is(buf, n, LINGER_SEED, *got)) {
			end = EBADMSG;
			break;
		}
		*got += n > 0 ? n : 0;
		if (n > 0)
			end = ETIME;
	}
	return end;
}

/* True if @fd is reset when @ms have passed since @start, and not early. */
static inline bool linger_reset_in_time(int fd, long start, long ms)
{
	/* The end of the stream is no reset: neither flag is set by it alone. */
	short got = reg_poll(fd, 0, ms + REG_SOON_MS);
	long took = reg_ms() - start;

	if (got & POLLERR && took >= ms / 2)
		return true;
	fprintf(stderr, "# events %#x after %ld ms\n", (unsigned int)got, took);
	return false;
}

/* True if nothing has reset @fd although @ms have passed. */
static inline bool linger_no_reset_for(int fd, int ms)
{
	return !reg_poll(fd, 0, ms);
}

#endif /* LINGER_H */
