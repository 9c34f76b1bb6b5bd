// SPDX-License-Identifier: LGPL-2.1-or-later
/* A socket's way through the program: attached, armed, accepted, closed. */
#include <errno.h>
#include <linux/wsp.h>
#include <netinet/in.h>
#include <sys/mman.h>

#include "expand.h"
#include "preload.h"

#define SOCK_TYPE_MASK	0xf
/* Closes may happen on a signal's small stack. */
#define SOCK_PEER_BUF	WSP_DISC_DEFAULT_MAX

static bool sock_says_pid, sock_says_reason;
/* No module, or a broken configuration: nothing is tried any more. */
static bool sock_off;
/* Accepted last: what a fork() hands to the child, in programs that serve so. */
static int sock_newest = -1;

/**
 * wsp_sock_init() - after the configuration is known
 */
void wsp_sock_init(void)
{
	sock_says_pid = wsp_conf_data_has(&wsp_start_conf, 'p');
	sock_says_reason = wsp_conf_data_has(&wsp_start_conf, 's');
}

/* Neither a helper's parent's, nor handed to a child. */
static bool sock_own(uint64_t word)
{
	return word & WSP_FD_ATTACHED && !(word & WSP_FD_HANDED) &&
	       wsp_table_gen(word) == wsp_start_gen();
}

static void sock_arm(int fd, const char *reason, int status)
{
	struct wsp_expand with = {
		.pid = wsp_start_pid(),
		.name = wsp_start_name,
		.host = wsp_start_host,
		.reason = reason,
		.status = status,
	};
	char data[WSP_DISC_DEFAULT_MAX];
	struct wsp_text t = WSP_TEXT(data);

	if (!wsp_start_conf.data_len)
		return;
	wsp_expand(&t, wsp_start_conf.data, wsp_start_conf.data_len, &with);
	wsp_kern_arm(fd, t.buf, t.len);
}

/*
 * The reason of an end.  A listener's text is for connections to come, perhaps
 * those of other processes.
 */
static void sock_arm_end(int fd, const char *reason, int status)
{
	if (wsp_table_get(fd) & WSP_FD_ACCEPTED || !wsp_kern_listens(fd))
		sock_arm(fd, reason, status);
}

static void sock_prepare(int fd)
{
	bool plain = wsp_start_conf.close == WSP_CONF_CLOSE_PLAIN;
	unsigned int flags = WSP_FD_ATTACHED;

	/* Strict's closes past close() are not to wait either. */
	wsp_kern_mode(fd, plain ? WSP_LINGER_MODE_WAIT : WSP_LINGER_MODE_ASYNC);
	if (wsp_start_conf.linger != WSP_CONF_LINGER_KEEP)
		wsp_kern_linger(fd, wsp_start_conf.linger);
	if (wsp_start_conf.linger > 0)
		flags |= WSP_FD_LINGER;
	sock_arm(fd, WSP_REASON_DIED, -1);
	wsp_table_put(fd, wsp_table_word(flags, wsp_start_gen()));
}

/**
 * wsp_sock_wanted() - whether socket() makes one to attach at once
 * @domain: socket()'s
 * @type: socket()'s
 * @protocol: socket()'s
 */
bool wsp_sock_wanted(int domain, int type, int protocol)
{
	return wsp_start_active && wsp_start_conf.attach == WSP_CONF_ATTACH_ALL &&
	       !wsp_start_conf.nports &&
	       (domain == AF_INET || domain == AF_INET6) &&
	       (type & SOCK_TYPE_MASK) == SOCK_STREAM &&
	       (!protocol || protocol == IPPROTO_TCP);
}

static void sock_give_up(const char *why, const char *then)
{
	if (!__atomic_exchange_n(&sock_off, true, __ATOMIC_RELAXED))
		wsp_log(why, then);
}

/**
 * wsp_sock_attach() - have a socket take part
 * @fd: new, or a listener
 */
void wsp_sock_attach(int fd)
{
	int err;

	if (__atomic_load_n(&sock_off, __ATOMIC_RELAXED))
		return;
	if (wsp_start_error[0]) {
		sock_give_up(wsp_start_error, "; connections are left as they are");
		return;
	}
	err = wsp_kern_attach(fd);
	if (!err)
		sock_prepare(fd);
	else if (err == ENOENT)
		sock_give_up("the kernel module wsp is not loaded", "; connections are plain TCP");
}

static bool sock_may(enum wsp_conf_attach how, int port)
{
	return wsp_start_active && wsp_start_conf.attach & how && port >= 0 &&
	       wsp_conf_port(&wsp_start_conf, port);
}

/**
 * wsp_sock_listen() - attach a listener-to-be that socket() left alone
 * @fd: bound socket
 */
void wsp_sock_listen(int fd)
{
	if (!(wsp_table_get(fd) & WSP_FD_ATTACHED) &&
	    sock_may(WSP_CONF_ATTACH_LISTEN, wsp_kern_port(fd)))
		wsp_sock_attach(fd);
}

/**
 * wsp_sock_connect() - attach a client socket that socket() left alone
 * @fd: not connected
 * @addr: the peer, as the program gave it
 * @len: bytes at @addr
 */
void wsp_sock_connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	struct sockaddr_in sin;

	if (wsp_table_get(fd) & WSP_FD_ATTACHED || len < sizeof(sin) ||
	    !wsp_kern_is_tcp(fd) || !wsp_kern_read(&sin, addr, sizeof(sin)))
		return;
	/* An IPv6 address has its port at the same place. */
	if ((sin.sin_family == AF_INET || sin.sin_family == AF_INET6) &&
	    sock_may(WSP_CONF_ATTACH_CONNECT, ntohs(sin.sin_port)))
		wsp_sock_attach(fd);
}

/* A listener from elsewhere: its earlier connections stay plain. */
static void sock_adopt(int fd)
{
	if (!sock_off && wsp_kern_listens(fd) &&
	    sock_may(WSP_CONF_ATTACH_LISTEN, wsp_kern_port(fd)))
		wsp_sock_attach(fd);
	if (!wsp_table_get(fd))
		wsp_table_put(fd, wsp_table_word(WSP_FD_SEEN, wsp_start_gen()));
	else
		wsp_table_flag(fd, WSP_FD_LINGER, 0);
}

/**
 * wsp_sock_accepted() - a connection was accepted
 * @listener: from this
 * @fd: the new socket
 */
void wsp_sock_accepted(int listener, int fd)
{
	uint64_t word = wsp_table_get(listener);
	unsigned int flags;

	if (!wsp_start_active)
		return;
	if (!word)
		sock_adopt(listener);
	if (!(word & WSP_FD_ATTACHED)) {
		/* Where a close was missed there may be a word. */
		wsp_table_forget(fd, wsp_table_get(fd));
		return;
	}
	flags = (word & (WSP_FD_ATTACHED | WSP_FD_LINGER)) | WSP_FD_ACCEPTED;
	wsp_table_put(fd, wsp_table_word(flags, wsp_start_gen()));
	__atomic_store_n(&sock_newest, fd, __ATOMIC_RELAXED);
	/* The listener says its maker's number. */
	if (sock_says_pid && wsp_table_gen(word) != wsp_start_gen())
		sock_arm(fd, WSP_REASON_DIED, -1);
}

/* Disconnect data above the default size is rare, and the stack may be small. */
static void sock_log_large(int fd, uint32_t len)
{
	void *buf = mmap(NULL, WSP_DISC_MAX, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (buf == MAP_FAILED)
		return;
	if (len <= WSP_DISC_MAX && !wsp_kern_disc(fd, buf, &len) && len)
		wsp_log_peer(fd, buf, len);
	munmap(buf, WSP_DISC_MAX);
}

/* Returns false if the peer would not get disconnect data either. */
static bool sock_log(int fd)
{
	char buf[SOCK_PEER_BUF];
	uint32_t len = sizeof(buf);

	if (!wsp_kern_disc(fd, buf, &len)) {
		if (len)
			wsp_log_peer(fd, buf, len);
		return true;
	}
	if (errno == EMSGSIZE)
		sock_log_large(fd, len);
	return errno != ENOPROTOOPT;
}

/**
 * wsp_sock_shutdown() - the send direction is about to be ended
 * @fd: known socket
 */
void wsp_sock_shutdown(int fd)
{
	if (sock_says_reason && wsp_table_get(fd) & WSP_FD_ATTACHED)
		sock_arm_end(fd, WSP_REASON_CLOSED, -1);
}

/**
 * wsp_sock_closing() - a descriptor is about to be closed
 * @fd: known descriptor
 * @word: its word
 */
void wsp_sock_closing(int fd, uint64_t word)
{
	if (sock_own(word) && !wsp_table_has_dup(fd, word)) {
		bool supported = true;

		if (wsp_start_conf.log_peer && wsp_start_conf.log != WSP_CONF_LOG_NONE)
			supported = sock_log(fd);
		if (sock_says_reason && supported)
			sock_arm_end(fd, WSP_REASON_CLOSED, -1);
	}
	wsp_table_forget(fd, word);
}

/**
 * wsp_sock_refuses() - whether close() has to fail with EWOULDBLOCK
 * @fd: known descriptor
 * @word: its word
 */
bool wsp_sock_refuses(int fd, uint64_t word)
{
	return wsp_start_conf.close == WSP_CONF_CLOSE_STRICT && sock_own(word) &&
	       word & (WSP_FD_LINGER | WSP_FD_DUP) && !wsp_table_has_dup(fd, word) &&
	       wsp_kern_must_wait(fd);
}

/**
 * wsp_sock_exit() - the program ends in order
 * @status: its exit status
 */
void wsp_sock_exit(int status)
{
	int fd = -1;

	if (!sock_says_reason)
		return;
	while ((fd = wsp_table_next(fd + 1, WSP_TABLE_SLAB * WSP_TABLE_SLABS)) >= 0) {
		if (sock_own(wsp_table_get(fd)))
			sock_arm_end(fd, WSP_REASON_EXIT, status);
	}
}

/**
 * wsp_sock_forked() - after fork()
 * @child: in the child
 */
void wsp_sock_forked(bool child)
{
	int fd = __atomic_exchange_n(&sock_newest, -1, __ATOMIC_RELAXED);
	uint64_t word = fd < 0 ? 0 : wsp_table_get(fd);

	if (!word)
		return;
	if (child)
		wsp_table_put(fd, wsp_table_regen(word, wsp_start_gen()));
	else
		wsp_table_flag(fd, WSP_FD_HANDED, 0);
}
