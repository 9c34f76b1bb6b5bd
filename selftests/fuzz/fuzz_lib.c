// SPDX-License-Identifier: GPL-2.0
/* Random numbers, checked contents, failures: what all operations use. */
#include "fuzz.h"

#include <stdarg.h>
#include <sys/mman.h>

struct fz_shared *fz;
int fz_nets[FZ_NETS];

/* What TCP's calls may say; the rest, ERESTARTSYS and its like above all, no. */
const int fz_tcp_errnos[] = {
	EAGAIN, EBADF, EINVAL, ENOTCONN, EPIPE, ECONNRESET, ECONNREFUSED,
	ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, EISCONN, EALREADY, EINPROGRESS,
	EADDRINUSE, EADDRNOTAVAIL, EOPNOTSUPP, EFAULT, EDESTADDRREQ,
	ESHUTDOWN, EMSGSIZE, ECONNABORTED, EAFNOSUPPORT, ENOPROTOOPT, ENOBUFS,
	ENOMEM, EINTR, EPERM, EPROTO, ENOTTY, ENETDOWN, 0
};

static unsigned char *page;

/* splitmix64 */
uint64_t fz_u64(struct fz_rng *rng)
{
	uint64_t z = rng->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

/*
 * A generator for each operation: how many numbers one takes, which depends
 * on what the kernel answers, does not change the next.
 */
struct fz_rng fz_seed_rng(uint64_t seed, uint64_t worker, uint64_t op)
{
	struct fz_rng rng = { seed };

	rng.state = fz_u64(&rng) ^ worker << 48 ^ op;
	rng.state = fz_u64(&rng);
	return rng;
}

uint32_t fz_below(struct fz_worker *w, uint32_t n)
{
	return fz_u64(&w->rng) % n;
}

bool fz_one_in(struct fz_worker *w, uint32_t n)
{
	return !fz_below(w, n);
}

/* Small ones mostly, but every magnitude. */
uint32_t fz_size(struct fz_worker *w, uint32_t max)
{
	uint32_t bits = fz_below(w, 32 - __builtin_clz(max | 1)) + 1;
	uint32_t n = fz_u64(&w->rng) & ((1ULL << bits) - 1);

	return n > max ? max : n;
}

void fz_fail(struct fz_worker *w, enum fz_check check, const char *fmt, ...)
{
	int err = errno;
	char text[300];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (atomic_fetch_add(&fz->failed[check], 1) < 10)
		dprintf(STDOUT_FILENO,
			"# FAIL worker %u op %llu (%s%s): %s [errno %d %s]\n",
			w ? w->index : 99, w ? (unsigned long long)w->op : 0,
			w ? w->op_name : "", w && w->forked ? ", forked" : "",
			text, err, strerror(err));
}

void fz_count(struct fz_worker *w, long ret)
{
	struct fz_tally *t = &fz->tally[0];
	unsigned int i;
	int err = errno;

	for (i = 0; fz_ops[i].name; i++)
		if (fz_ops[i].name == w->op_name)
			t = &fz->tally[i];
	if (ret < 0) {
		atomic_fetch_add_explicit(&t->err, 1, memory_order_relaxed);
		atomic_store_explicit(&t->last_errno, err,
				      memory_order_relaxed);
	} else {
		atomic_fetch_add_explicit(&t->ok, 1, memory_order_relaxed);
	}
	errno = err;
}

/* Returns whether the call succeeded. */
bool fz_errno(struct fz_worker *w, long ret, const int *allowed)
{
	const int *e;

	fz_count(w, ret);
	atomic_fetch_add_explicit(&fz->checked[FZ_ERRNO], 1,
				  memory_order_relaxed);
	if (ret >= 0)
		return true;
	for (e = allowed; *e; e++)
		if (*e == errno)
			return false;
	fz_fail(w, FZ_ERRNO, "undocumented error, %s",
		w->status->what ? w->status->what : "?");
	return false;
}

void fz_what(struct fz_worker *w, const char *what)
{
	if (!w->forked)
		w->status->what = what;
}

void fz_enter(struct fz_worker *w, enum fz_net net)
{
	if (w->net == (int)net)
		return;
	if (setns(fz_nets[net], CLONE_NEWNET))
		fz_fail(w, FZ_STATE, "setns");
	w->net = net;
}

static unsigned char disc_byte(uint32_t nonce, uint32_t len, uint32_t i)
{
	uint32_t h;

	if (i < 4)
		return 0x80 | (nonce >> 7 * i & 0x7f);
	h = (nonce ^ len << 20 ^ i) * 0x9e3779b1U;
	return 0x80 | h >> 25;
}

/* The nonce has 28 bits. */
void fz_disc_fill(void *buf, uint32_t len, uint32_t nonce)
{
	unsigned char *p = buf;
	uint32_t i;

	for (i = 0; i < len; i++)
		p[i] = disc_byte(nonce, len, i);
}

/* Whether the bytes were made like that; their nonce as far as it is there. */
bool fz_disc_is(const void *buf, uint32_t len, uint32_t *nonce)
{
	const unsigned char *p = buf;
	uint32_t i;

	*nonce = 0;
	for (i = 0; i < 4 && i < len; i++)
		*nonce |= (p[i] & 0x7f) << 7 * i;
	for (i = 0; i < len; i++)
		if (p[i] != disc_byte(*nonce, len, i))
			return false;
	return true;
}

/* Eight bytes again and again; emulated processors are slow. */
void fz_stream_fill(struct fz_worker *w, void *buf, size_t len)
{
	uint64_t r = fz_u64(&w->rng) & 0x7f7f7f7f7f7f7f7fULL;
	unsigned char *p = buf;
	size_t i;

	for (i = 0; i + 8 <= len; i += 8)
		memcpy(p + i, &r, 8);
	memcpy(p + i, &r, len - i);
}

bool fz_stream_is(const void *buf, size_t len)
{
	const unsigned char *p = buf;
	uint64_t bits = 0, word;
	size_t i;

	for (i = 0; i + 8 <= len; i += 8) {
		memcpy(&word, p + i, 8);
		bits |= word;
	}
	for (; i < len; i++)
		bits |= p[i];
	return !(bits & 0x8080808080808080ULL);
}

/* The address of what listens in @net, seen from its peer. */
socklen_t fz_addr(enum fz_net net, bool v6, bool mapped, unsigned short port,
		  struct sockaddr_storage *ss)
{
	const struct { const char *v4, *v6, *mapped; } where[] = {
		[FZ_CLIENT] = { "10.78.0.1", "fd78::1", "::ffff:10.78.0.1" },
		[FZ_SERVER] = { "10.78.0.2", "fd78::2", "::ffff:10.78.0.2" },
		[FZ_BOX_CLIENT] = { "10.78.0.1", "fd78::1", "::ffff:10.78.0.1" },
		[FZ_BOX_SERVER] = { "10.78.0.2", "fd78::2", "::ffff:10.78.0.2" },
		/* The forger, who is no namespace's. */
		[FZ_VICTIM] = { "10.79.0.2", "fd79::2", "::ffff:10.79.0.2" },
	};
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ss;
	struct sockaddr_in *in4 = (struct sockaddr_in *)ss;

	memset(ss, 0, sizeof(*ss));
	if (!v6) {
		in4->sin_family = AF_INET;
		in4->sin_port = htons(port);
		inet_pton(AF_INET, where[net].v4, &in4->sin_addr);
		return sizeof(*in4);
	}
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(port);
	inet_pton(AF_INET6, mapped ? where[net].mapped : where[net].v6,
		  &in6->sin6_addr);
	return sizeof(*in6);
}

/* Nothing may block for long. */
void fz_timeouts(int fd, int ms)
{
	struct timeval tv = { .tv_usec = ms * 1000 };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
}

void fz_linger(int fd, int onoff, int seconds)
{
	struct linger linger = { .l_onoff = onoff, .l_linger = seconds };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

/* Three pages: read-write, read-only, none. */
void fz_page(void)
{
	long size = sysconf(_SC_PAGESIZE);

	page = mmap(NULL, 3 * size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED || mprotect(page + size, size, PROT_READ) ||
	    mprotect(page + 2 * size, size, PROT_NONE)) {
		reg_fail("mmap");
		_exit(1);
	}
}

/*
 * An address that is bad, or becomes so after some bytes.  As a source only,
 * since what may be written to holds anything.
 */
void *fz_bad_src(struct fz_worker *w)
{
	long size = sysconf(_SC_PAGESIZE);

	switch (fz_below(w, 5)) {
	case 0:
		return NULL;
	case 1:
		return (void *)0xffffffff81000000UL;
	case 2:
		return (void *)0x8000000000000000UL;
	case 3:
		return page + 2 * size - fz_size(w, 64);
	default:
		return page + 2 * size;
	}
}

void *fz_bad_ptr(struct fz_worker *w)
{
	long size = sysconf(_SC_PAGESIZE);

	if (fz_one_in(w, 3))
		return page + size - fz_size(w, 64);
	return fz_bad_src(w);
}
