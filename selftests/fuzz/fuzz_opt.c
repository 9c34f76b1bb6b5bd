// SPDX-License-Identifier: GPL-2.0
/* Options of sockets, of namespaces and of the wire. */
#include "fuzz.h"

#include <linux/sockios.h>
#include <net/if.h>

struct opt {
	int level, name, max;
};

void fz_opt_set(struct fz_worker *w)
{
	static const struct opt opts[] = {
		{ SOL_SOCKET, SO_OOBINLINE, 1 },
		{ SOL_SOCKET, SO_OOBINLINE, 1 },
		{ SOL_SOCKET, SO_RCVBUF, 200000 },
		{ SOL_SOCKET, SO_SNDBUF, 200000 },
		{ SOL_SOCKET, SO_RCVLOWAT, 100000 },
		{ SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ SOL_SOCKET, SO_BUSY_POLL, 50 },
		{ SOL_SOCKET, SO_ZEROCOPY, 1 },
		{ SOL_SOCKET, SO_PRIORITY, 6 },
		{ SOL_SOCKET, SO_TIMESTAMP, 1 },
		{ SOL_SOCKET, 42 /* SO_PEEK_OFF */, 1000 },
		{ IPPROTO_TCP, TCP_NODELAY, 1 },
		{ IPPROTO_TCP, TCP_CORK, 1 },
		{ IPPROTO_TCP, TCP_MAXSEG, 1500 },
		{ IPPROTO_TCP, TCP_SAVE_SYN, 2 },
		{ IPPROTO_TCP, TCP_FASTOPEN, 16 },
		{ IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1 },
		{ IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE, 1 },
		{ IPPROTO_TCP, TCP_DEFER_ACCEPT, 2 },
		{ IPPROTO_TCP, TCP_NOTSENT_LOWAT, 10000 },
		{ IPPROTO_TCP, TCP_USER_TIMEOUT, 3000 },
		{ IPPROTO_TCP, TCP_QUICKACK, 1 },
		{ IPPROTO_TCP, TCP_LINGER2, 3 },
		{ IPPROTO_TCP, TCP_SYNCNT, 3 },
		{ IPPROTO_TCP, TCP_WINDOW_CLAMP, 30000 },
		{ IPPROTO_TCP, TCP_INQ, 1 },
		{ IPPROTO_IP, IP_TOS, 255 },
		{ IPPROTO_IPV6, IPV6_V6ONLY, 1 },
		{ IPPROTO_IPV6, 1 /* IPV6_ADDRFORM */, AF_INET },
		/* Only where the stream is nobody's concern. */
		{ IPPROTO_TCP, TCP_REPAIR, 1 },
	};
	const struct opt *o = &opts[fz_below(w, FZ_ARRAY_SIZE(opts))];
	int fd = fz_slot(w);
	int val = fz_below(w, o->max + 1);

	if (o->name == TCP_REPAIR && o->level == IPPROTO_TCP &&
	    !fz_is_victim(fd))
		return;
	if (o->name == 1 && o->level == IPPROTO_IPV6)
		val = AF_INET;
	fz_what(w, "setsockopt");
	fz_errno(w, setsockopt(fd, o->level, o->name, fz_one_in(w, 30) ?
			       fz_bad_src(w) : &val, fz_one_in(w, 30) ?
			       fz_size(w, 64) : sizeof(val)),
		 (const int[]){
			EBADF, EINVAL, EOPNOTSUPP, ENOPROTOOPT, EPERM, EFAULT,
			EBUSY, ENOTCONN, EADDRNOTAVAIL, ENOMEM, ENOBUFS,
			EISCONN, 0 });
}

void fz_opt_get(struct fz_worker *w)
{
	static const struct opt opts[] = {
		{ IPPROTO_TCP, TCP_INFO, 0 },
		{ IPPROTO_TCP, TCP_ULP, 0 },
		{ IPPROTO_TCP, TCP_SAVED_SYN, 0 },
		{ IPPROTO_TCP, TCP_ZEROCOPY_RECEIVE, 0 },
		{ IPPROTO_TCP, TCP_CC_INFO, 0 },
		{ SOL_SOCKET, SO_ERROR, 0 },
		{ SOL_SOCKET, SO_MEMINFO, 0 },
		{ SOL_SOCKET, SO_LINGER, 0 },
		{ SOL_SOCKET, SO_ACCEPTCONN, 0 },
	};
	const struct opt *o = &opts[fz_below(w, FZ_ARRAY_SIZE(opts))];
	socklen_t len = fz_one_in(w, 4) ? fz_size(w, 300) : 256;
	int fd = fz_slot(w);

	fz_what(w, "getsockopt");
	memset(w->buf2, 0, 300);
	fz_errno(w, getsockopt(fd, o->level, o->name, fz_one_in(w, 30) ?
			       fz_bad_ptr(w) : w->buf2, &len),
		 (const int[]){
			EBADF, EINVAL, EOPNOTSUPP, ENOPROTOOPT, EFAULT,
			ENOTCONN, EIO, EPERM, 0 });
}

void fz_opt_linger(struct fz_worker *w)
{
	/* Blocking ones wait for the second. */
	fz_linger(fz_slot(w), !fz_one_in(w, 3), fz_one_in(w, 4));
}

void fz_opt_nonblock(struct fz_worker *w)
{
	/* Back to blocking less often: that takes the time. */
	reg_nonblock(fz_slot(w), !fz_one_in(w, 8));
}

static void sysctl_write(struct fz_worker *w, const char *name, unsigned int val)
{
	char path[100], text[16];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	n = snprintf(text, sizeof(text), "%u", val);
	fz_count(w, write(fd, text, n));
	close(fd);
}

void fz_opt_sysctl(struct fz_worker *w)
{
	static const struct {
		const char *name;
		unsigned int max;
		unsigned int usual;
		bool victim;
	} sysctls[] = {
		{ "wsp/enable", 1, 1, false },
		{ "wsp/urg_probe", 1, 1, false },
		{ "wsp/max_data", 4096, 1024, false },
		{ "wsp/max_data", 5000, 4096, false },
		{ "wsp/linger_async", 1, 0, false },
		{ "ipv4/tcp_syncookies", 2, 1, false },
		{ "ipv4/tcp_fastopen", 0x203, 0x203, false },
		/* With 2 the clock jumps for who is answered by a cookie. */
		{ "ipv4/tcp_timestamps", 1, 1, false },
		{ "ipv4/tcp_ecn", 2, 2, false },
		{ "ipv4/tcp_abort_on_overflow", 1, 0, false },
		{ "ipv4/tcp_sack", 1, 1, false },
		/* A plain listener may inherit from an attached one, see wsp.rst. */
		{ "ipv4/tcp_migrate_req", 1, 0, true },
		/* Both ends must agree for as long as a connection lives. */
		{ "ipv4/tcp_stdurg", 1, 0, true },
	};
	unsigned int i = fz_below(w, FZ_ARRAY_SIZE(sysctls));
	enum fz_net net = fz_below(w, FZ_NETS);

	if (sysctls[i].victim)
		net = FZ_VICTIM;
	fz_what(w, sysctls[i].name);
	fz_enter(w, net);
	sysctl_write(w, sysctls[i].name, fz_one_in(w, 2) ? sysctls[i].usual :
		     fz_below(w, sysctls[i].max + 1));
}

static void wire_mtu(struct fz_worker *w, enum fz_net net, int mtu)
{
	struct ifreq ifr = { .ifr_name = "veth0", .ifr_mtu = mtu };
	int fd;

	fz_enter(w, net);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	fz_count(w, ioctl(fd, SIOCSIFMTU, &ifr));
	close(fd);
}

/* A path that shrinks, grows, loses and reorders. */
void fz_opt_wire(struct fz_worker *w)
{
	static const char * const disciplines[] = {
		"del dev veth0 root",
		"replace dev veth0 root netem loss 3%",
		"replace dev veth0 root netem delay 3ms 2ms reorder 20%",
		"replace dev veth0 root netem duplicate 10%",
		"replace dev veth0 root netem corrupt 1%",
		"replace dev veth0 root netem rate 20mbit",
	};
	enum fz_net net = fz_below(w, 2);
	char cmd[128];
	int ret;

	fz_what(w, "wire");
	if (!fz_one_in(w, 12)) {
		/* One end alone would swallow what the other sends. */
		int mtu = fz_one_in(w, 2) ? 1500 : 1280 + fz_below(w, 221);

		wire_mtu(w, FZ_CLIENT, mtu);
		wire_mtu(w, FZ_SERVER, mtu);
		return;
	}
	fz_enter(w, net);
	snprintf(cmd, sizeof(cmd), "tc qdisc %s 2>/dev/null",
		 disciplines[fz_below(w, FZ_ARRAY_SIZE(disciplines))]);
	ret = system(cmd);
	fz_count(w, ret ? -1 : 0);
}
