/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Random operations on attached and plain TCP sockets.
 *
 * Several processes with several workers (threads) each.  Descriptors live in
 * fixed ranges, so that a number that one worker is about to use never comes
 * to mean what another one guards:
 *
 *	FZ_FD_SLOT	sockets that all workers of a process fight over
 *	FZ_FD_CONN	connections whose both ends one worker owns and models
 *
 * Every stream byte is below 0x80, every byte of disconnect data is not: a
 * byte of a record among stream bytes shows wherever it turns up.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include "../reg_net.h"

#include <stdatomic.h>
#include <sys/types.h>

#define FZ_SLOTS	28	/* on a wire that leaves the segments alone */
#define FZ_VICTIMS	12	/* behind them: facing the forger */
#define FZ_CONNS	4
#define FZ_FD_SLOT	200
#define FZ_FD_CONN	1000
#define FZ_PORT		7000
#define FZ_PORTS	6
#define FZ_BUF		65536
#define FZ_WORKERS	32
#define FZ_OPS		64
#define FZ_STUCK_MS	120000

/* The application's urgent byte; the streams' own bytes are below it. */
#define FZ_OOB		0x7f

#define FZ_ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

enum fz_net { FZ_CLIENT, FZ_SERVER, FZ_BOX_CLIENT, FZ_BOX_SERVER, FZ_VICTIM, FZ_NETS };

/* What a result of the whole run is about. */
enum fz_check {
	FZ_STREAM, FZ_DISC, FZ_ERRNO, FZ_STATE, FZ_HANG, FZ_LEAK, FZ_UNLOAD, FZ_CHECKS
};

struct fz_rng {
	uint64_t state;
};

/**
 * struct fz_status - what the main process can see of a worker
 * @next: number of the operation at hand
 * @op: its name
 * @what: which part of it
 * @since: when it began, ms
 * @done: the worker has ended
 */
struct fz_status {
	atomic_ullong next;
	const char *op;
	const char *what;
	atomic_long since;
	atomic_bool done;
};

struct fz_tally {
	atomic_uint ok;
	atomic_uint err;
	atomic_uint last_errno;
	atomic_ullong us;
};

/* Shared by all processes. */
struct fz_shared {
	uint64_t seed;
	uint64_t per_worker;
	unsigned int workers;
	atomic_uint failed[FZ_CHECKS];
	atomic_uint checked[FZ_CHECKS];
	atomic_bool stop;
	atomic_ullong bytes;
	atomic_uint conns;
	atomic_uint records;
	atomic_ullong frames_in;
	atomic_ullong frames_out;
	atomic_uint forged;
	struct fz_status status[FZ_WORKERS + 1];
	struct fz_tally tally[FZ_OPS];
};

/**
 * struct fz_way - one direction of a modelled connection
 * @tx: stream bytes written, urgent ones not counted
 * @rx: stream bytes read
 * @oob_tx: urgent bytes written
 * @oob_rx: of them seen in the stream
 * @ended: the send direction was ended
 * @sure: and the disconnect data of @nonce will be there at a clean end
 * @eof: the reader saw the end
 * @broken: the reader got an error, or reading was shut
 * @nonce: of the disconnect data sent, 0 for none
 * @len: its length
 * @armed: nonce of what is armed, 0 for nothing
 * @armed_len: its length
 */
struct fz_way {
	uint64_t tx, rx;
	unsigned int oob_tx, oob_rx;
	bool ended, sure, eof, broken;
	uint32_t nonce, len;
	uint32_t armed, armed_len;
};

/* way[i] is what fd[i] sends and fd[!i] reads. */
struct fz_conn {
	bool open;
	bool reset;
	bool box;
	unsigned int id;
	int fd[2];
	struct fz_way way[2];
};

struct fz_worker {
	unsigned int index;
	unsigned int proc;
	uint64_t op;
	struct fz_rng rng;
	struct fz_status *status;
	bool forked;
	int net;
	int epoll;
	int pipe[2];
	int uds;
	const char *op_name;
	struct fz_conn conns[FZ_CONNS];
	unsigned char buf[FZ_BUF];
	unsigned char buf2[FZ_BUF];
};

struct fz_op {
	const char *name;
	unsigned int weight;
	void (*func)(struct fz_worker *w);
};

extern struct fz_shared *fz;
extern int fz_nets[FZ_NETS];
extern const struct fz_op fz_ops[];
extern const int fz_tcp_errnos[];

/* fuzz_lib.c */
uint64_t fz_u64(struct fz_rng *rng);
struct fz_rng fz_seed_rng(uint64_t seed, uint64_t worker, uint64_t op);
uint32_t fz_below(struct fz_worker *w, uint32_t n);
bool fz_one_in(struct fz_worker *w, uint32_t n);
uint32_t fz_size(struct fz_worker *w, uint32_t max);
void fz_fail(struct fz_worker *w, enum fz_check check, const char *fmt, ...);
void fz_count(struct fz_worker *w, long ret);
bool fz_errno(struct fz_worker *w, long ret, const int *allowed);
void fz_what(struct fz_worker *w, const char *what);
void fz_enter(struct fz_worker *w, enum fz_net net);
void fz_disc_fill(void *buf, uint32_t len, uint32_t nonce);
bool fz_disc_is(const void *buf, uint32_t len, uint32_t *nonce);
void fz_stream_fill(struct fz_worker *w, void *buf, size_t len);
bool fz_stream_is(const void *buf, size_t len);
socklen_t fz_addr(enum fz_net net, bool v6, bool mapped, unsigned short port,
		  struct sockaddr_storage *ss);
void fz_timeouts(int fd, int ms);
void fz_linger(int fd, int onoff, int seconds);
void *fz_bad_ptr(struct fz_worker *w);
void *fz_bad_src(struct fz_worker *w);
void fz_page(void);

/* fuzz_ops.c */
void fz_one(struct fz_worker *w, bool nested);
unsigned int fz_op_count(void);

/* fuzz_sock.c */
int fz_slot(struct fz_worker *w);
bool fz_is_victim(int fd);
void fz_sock_new(struct fz_worker *w);
void fz_sock_attach(struct fz_worker *w);
void fz_sock_connect(struct fz_worker *w);
void fz_sock_listen(struct fz_worker *w);
void fz_sock_accept(struct fz_worker *w);
void fz_sock_pair(struct fz_worker *w);
void fz_sock_close(struct fz_worker *w);
void fz_sock_dup(struct fz_worker *w);
void fz_sock_pass(struct fz_worker *w);
void fz_sock_fork(struct fz_worker *w);
void fz_sock_listeners(struct fz_worker *w);

/* fuzz_opt.c */
void fz_opt_set(struct fz_worker *w);
void fz_opt_get(struct fz_worker *w);
void fz_opt_linger(struct fz_worker *w);
void fz_opt_nonblock(struct fz_worker *w);
void fz_opt_sysctl(struct fz_worker *w);
void fz_opt_wire(struct fz_worker *w);

/* fuzz_io.c */
void fz_io_send(struct fz_worker *w);
void fz_io_recv(struct fz_worker *w);
void fz_io_splice(struct fz_worker *w);
void fz_io_poll(struct fz_worker *w);
void fz_io_shutdown(struct fz_worker *w);
void fz_io_ioctl(struct fz_worker *w);

/* fuzz_wsp.c */
void fz_wsp_disc_send(struct fz_worker *w);
void fz_wsp_disc_recv(struct fz_worker *w);
void fz_wsp_arm(struct fz_worker *w);
void fz_wsp_info(struct fz_worker *w);
void fz_wsp_linger(struct fz_worker *w);
void fz_wsp_poison(struct fz_worker *w);
void fz_wsp_cmsg(struct fz_worker *w);

/* fuzz_conn.c */
void fz_conn_open(struct fz_worker *w);
void fz_conn_send(struct fz_worker *w);
void fz_conn_recv(struct fz_worker *w);
void fz_conn_oob(struct fz_worker *w);
void fz_conn_arm(struct fz_worker *w);
void fz_conn_end(struct fz_worker *w);
void fz_conn_disc(struct fz_worker *w);
void fz_conn_linger(struct fz_worker *w);
void fz_conn_close(struct fz_worker *w);
void fz_conn_finish(struct fz_worker *w);

/* fuzz_diag.c */
void fz_diag(struct fz_worker *w);
void fz_diag_left(enum fz_net net);

/* fuzz_uring.c */
void fz_uring(struct fz_worker *w);
void fz_uring_exit(void);

/* fuzz_peer.c: the forger */
int fz_peer_net(void);
void fz_peer_leave(void);
void fz_peer_main(void);

/* fuzz_end.c */
void fz_end_begin(void);
void fz_end(void);

#endif /* FUZZ_H */
