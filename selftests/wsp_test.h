/* SPDX-License-Identifier: GPL-2.0 */
/* Fixtures shared by the tests: namespaces, connected pairs, stalled peers. */
#ifndef WSP_TEST_H
#define WSP_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <linux/wsp.h>

/* Deadline of everything that is expected to happen soon. */
#define WT_SOON_MS	10000
/* Longest a call may take that must not block; far below any linger here. */
#define WT_AT_ONCE_MS	3000
/* Linger that no test ever waits for. */
#define WT_FOREVER_S	60

enum wt_net { WT_CLIENT, WT_SERVER };
enum wt_family { WT_V4, WT_V6, WT_MAPPED };

#define WT_ATTACH_CLIENT	1
#define WT_ATTACH_SERVER	2
#define WT_ATTACH_BOTH		(WT_ATTACH_CLIENT | WT_ATTACH_SERVER)

/* <netinet/tcp.h> names these too, but clashes with <linux/tcp.h>. */
enum wt_tcp_state {
	WT_ESTABLISHED = 1,
	WT_SYN_SENT,
	WT_SYN_RECV,
	WT_FIN_WAIT1,
	WT_FIN_WAIT2,
	WT_TIME_WAIT,
	WT_CLOSE,
	WT_CLOSE_WAIT,
	WT_LAST_ACK,
	WT_LISTEN,
	WT_CLOSING,
};

/**
 * struct wt_conf - what a pair is made of
 * @family: address family, WT_MAPPED is IPv4 over an IPv6 socket
 * @attach: WT_ATTACH_* bits, which ends get the ULP
 * @sndbuf: SO_SNDBUF of the client in bytes, 0 leaves the default
 * @rcvbuf: SO_RCVBUF of the server in bytes, 0 leaves the default
 */
struct wt_conf {
	enum wt_family family;
	unsigned int attach;
	int sndbuf;
	int rcvbuf;
};

/* Small buffers fill quickly, yet hold several segments. */
#define WT_STALL_SNDBUF	65536
#define WT_STALL_RCVBUF	32768

/* All return -1 with errno set on failure unless they say otherwise. */
int wt_enter(enum wt_net net);
int wt_sysctl(const char *name, int val);
int wt_attach(int fd);
int wt_socket(enum wt_net net, enum wt_family family, int type);
socklen_t wt_addr(enum wt_net net, enum wt_family family, uint16_t port,
		  struct sockaddr_storage *ss);
int wt_listen(const struct wt_conf *conf);
int wt_connect(const struct wt_conf *conf, int listener, int fd[2]);
int wt_pair(const struct wt_conf *conf, int fd[2]);
/* Leaves @fd, non-blocking from now on, in SYN_SENT. */
int wt_start_connect(int fd, enum wt_family family);

int wt_linger(int fd, int onoff, int seconds);
int wt_nonblock(int fd, bool on);
int wt_tcp_state(int fd);
/* Local port number, -1 on failure. */
int wt_port(int fd);
/* State of the client's socket with these ports, closed or not; 0 if gone. */
int wt_port_state(enum wt_family family, int local, int remote);
int wt_info(int fd, struct wsp_info *info);

/* Milliseconds since an arbitrary start. */
long wt_ms(void);
/* True as soon as @cond holds, false once @ms passed without. */
bool wt_wait(bool (*cond)(int fd), int fd, int ms);
/* The events that came up, 0 at the deadline. */
short wt_poll(int fd, short events, int ms);

/* Conditions for wt_wait(). */
bool wt_is_stalled(int fd);
bool wt_is_acked(int fd);
bool wt_is_closed(int fd);
bool wt_saw_fin(int fd);
bool wt_has_data(int fd);

/* The byte every stream carries at offset @off. */
uint8_t wt_byte(size_t off);
void wt_pattern(void *buf, size_t len, size_t off);

/* Sends @len pattern bytes from offset @off, all of them. */
int wt_send_pattern(int fd, size_t len, size_t off);
/* Sends pattern bytes until the peer's window and @fd's queue are full. */
ssize_t wt_fill(int fd);
/* Reads to the end of the stream; fails with EBADMSG on a wrong byte. */
ssize_t wt_drain(int fd, size_t off);

/* Raw ioctls, without the library. */
int wt_disc_send(int fd, const void *data, uint32_t len);
int wt_disc_recv(int fd, void *buf, uint32_t *len, uint32_t flags);

/* True if @fd has nothing to report: no data, no FIN, no reset, no mark. */
bool wt_is_quiet(int fd);
/* True if bytes still pass from @from to @to, where nothing is queued. */
bool wt_passes(int from, int to);

/* Two pages: the first usable, the second not; address of the border. */
uint8_t *wt_page_border(void);

/* Room for the struct ifreq that the core reads for unknown numbers. */
union wt_arg {
	struct wsp_disc_args disc;
	struct wsp_info info;
	uint8_t raw[256];
};

bool wt_is_all(const void *buf, int c, size_t len);

/* Emulated CPUs are slow; nothing here takes long otherwise. */
#define WT_TEST(fixture, name)	TEST_F_TIMEOUT(fixture, name, 120)

#define WT_EXPECT_ERR(err, call) do {	\
	errno = 0;			\
	EXPECT_EQ(-1, (call));		\
	EXPECT_EQ(err, errno);		\
} while (0)

#endif /* WSP_TEST_H */
