/* SPDX-License-Identifier: GPL-2.0 */
/* Disconnect data, checked streams and whole exchanges on connected pairs. */
#ifndef REG_IO_H
#define REG_IO_H

#include "reg_net.h"

/* What may become of disconnect data in one direction. */
enum reg_want { REG_DATA, REG_FALLBACK, REG_EITHER };

#define REG_DISC_LEN	200

/* No byte repeats its neighbour, and no period is a power of two. */
static inline unsigned char reg_byte(unsigned int seed, size_t off)
{
	return (unsigned char)(seed * 37 + off * 13 + off / 251);
}

static inline void reg_fill(void *buf, size_t len, unsigned int seed,
			    size_t off)
{
	unsigned char *p = buf;
	size_t i;

	for (i = 0; i < len; i++)
		p[i] = reg_byte(seed, off + i);
}

static inline bool reg_is(const void *buf, size_t len, unsigned int seed,
			  size_t off)
{
	const unsigned char *p = buf;
	size_t i;

	for (i = 0; i < len; i++)
		if (p[i] != reg_byte(seed, off + i))
			return false;
	return true;
}

static inline int reg_send_all(int fd, size_t len, unsigned int seed)
{
	unsigned char buf[16384];
	size_t off = 0;
	ssize_t n;

	while (off < len) {
		n = len - off < sizeof(buf) ? len - off : sizeof(buf);
		reg_fill(buf, n, seed, off);
		n = send(fd, buf, n, MSG_NOSIGNAL);
		if (n < 0)
			return reg_fail("send");
		off += n;
	}
	return 0;
}

/* Sends until nothing more is taken; the number of bytes that were. */
static inline ssize_t reg_stuff(int fd, unsigned int seed)
{
	unsigned char buf[4096];
	ssize_t off = 0, n;

	for (;;) {
		reg_fill(buf, sizeof(buf), seed, off);
		n = send(fd, buf, sizeof(buf), MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n > 0)
			off += n;
		else if (n < 0 && errno == EAGAIN)
			/* In flight bytes may free room once more. */
			if (!(reg_poll(fd, POLLOUT, 250) & POLLOUT))
				return off;
		if (n < 0 && errno != EAGAIN)
			return reg_fail("send");
	}
}

/*
 * Reads to the end of the stream and compares; its length, or -1 with
 * EBADMSG for a wrong byte and ETIME when the end does not come.
 */
static inline ssize_t reg_drain(int fd, unsigned int seed, size_t off)
{
	unsigned char buf[16384];
	size_t start = off;
	ssize_t n;

	for (;;) {
		if (!(reg_poll(fd, POLLIN, REG_SOON_MS) & ~POLLPRI)) {
			errno = ETIME;
			return reg_fail("end of stream");
		}
		n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
		if (n < 0 && errno == EAGAIN)
			continue;
		if (n < 0)
			return reg_fail("recv");
		if (!n)
			return off - start;
		if (!reg_is(buf, n, seed, off)) {
			errno = EBADMSG;
			return reg_fail("stream");
		}
		off += n;
	}
}

/* 0 or an errno value. */
static inline int reg_disc_send(int fd, const void *data, __u32 len)
{
	struct wsp_disc_args args = {
		.data = (uintptr_t)data,
		.len = len,
	};

	return ioctl(fd, WSP_DISC_SEND, &args) ? errno : 0;
}

static inline int reg_disc_recv(int fd, void *buf, __u32 *len)
{
	struct wsp_disc_args args = {
		.data = (uintptr_t)buf,
		.len = *len,
		.flags = WSP_DISC_KEEP_RECV,
	};
	int ret = ioctl(fd, WSP_DISC_RECV, &args) ? errno : 0;

	*len = args.len;
	return ret;
}

static inline int reg_info(int fd, struct wsp_info *info)
{
	memset(info, 0xcc, sizeof(*info));
	return ioctl(fd, WSP_INFO_GET, info);
}

static inline unsigned int reg_info_flags(int fd)
{
	struct wsp_info info;

	return reg_info(fd, &info) ? 0 : info.flags;
}

static inline int reg_info_fallback(int fd)
{
	struct wsp_info info;

	return reg_info(fd, &info) ? -1 : (int)info.fallback;
}

static inline bool reg_is_attached(int fd)
{
	struct wsp_info info;

	return !reg_info(fd, &info);
}

/*
 * Ends one direction the way @want says it must go; 1 if the data went,
 * 0 if the path fell back, -1 if it is neither, or not what was wanted.
 */
static inline int reg_disc_end(int fd, unsigned int seed, __u32 len,
			       enum reg_want want)
{
	unsigned char data[WSP_DISC_MAX];
	int err;

	if (!reg_is_attached(fd))
		return shutdown(fd, SHUT_WR) ? reg_fail("shutdown") : 0;
	reg_fill(data, len, seed, 0);
	err = reg_disc_send(fd, data, len);
	if (!err)
		return want == REG_FALLBACK ?
			(errno = EPROTO, reg_fail("sent, not fallback")) : 1;
	errno = err;
	if (err != ENOPROTOOPT || want == REG_DATA)
		return reg_fail("WSP_DISC_SEND");
	if (!(reg_info_flags(fd) & WSP_INFO_SEND_CLOSED) &&
	    !reg_disc_send(fd, NULL, 0))
		return 0;
	return reg_fail("WSP_DISC_SEND without data");
}

/* Whether the peer's data is exactly what reg_disc_end() sent, or nothing. */
static inline int reg_disc_check(int fd, unsigned int seed, __u32 len,
				 bool sent)
{
	unsigned char data[WSP_DISC_MAX];
	__u32 got = sizeof(data);
	int err;

	if (!reg_is_attached(fd))
		return sent ? -1 : 0;
	memset(data, 0xcc, sizeof(data));
	err = reg_disc_recv(fd, data, &got);
	errno = err ? err : EBADMSG;
	if (sent && (err || got != len || !reg_is(data, len, seed, 0))) {
		fprintf(stderr, "# %u bytes, not %u\n", got, len);
		return reg_fail("WSP_DISC_RECV");
	}
	if (!sent && !(err == ENOPROTOOPT || (!err && !got)))
		return reg_fail("WSP_DISC_RECV of nothing");
	return 0;
}

/**
 * reg_exchange() - data both ways, then disconnect data both ways
 * @fd: client and server
 * @want: what must become of the client's and of the server's data
 * @len: bytes of stream data each way; must fit into the buffers
 *
 * Closes both.  Return: 0 if both streams were exact with nothing extra and
 * the disconnect data went as wanted, -1 with the step on stderr otherwise.
 */
static inline int reg_exchange(int fd[2], const enum reg_want want[2],
			       size_t len)
{
	int sent[2], i;

	for (i = 0; i < 2; i++)
		if (reg_send_all(fd[i], len, i))
			return -1;
	for (i = 0; i < 2; i++) {
		sent[i] = reg_disc_end(fd[i], i + 10, REG_DISC_LEN, want[i]);
		if (sent[i] < 0)
			return -1;
	}
	for (i = 0; i < 2; i++) {
		ssize_t n = reg_drain(fd[!i], i, 0);

		if (n < 0)
			return -1;
		if ((size_t)n != len) {
			fprintf(stderr, "# stream of %zd bytes, not %zu\n", n,
				len);
			return -1;
		}
		if (reg_disc_check(fd[!i], i + 10, REG_DISC_LEN, sent[i]))
			return -1;
	}
	close(fd[0]);
	close(fd[1]);
	return 0;
}

/* The same end in both directions. */
static inline int reg_exchange_both(int fd[2], enum reg_want want)
{
	const enum reg_want both[2] = { want, want };

	return reg_exchange(fd, both, 3000);
}

#endif /* REG_IO_H */
