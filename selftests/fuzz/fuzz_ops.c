// SPDX-License-Identifier: GPL-2.0
/* Which operations there are, and how often each comes. */
#include "fuzz.h"

const struct fz_op fz_ops[] = {
	{ "new", 8, fz_sock_new },
	{ "attach", 6, fz_sock_attach },
	{ "connect", 40, fz_sock_connect },
	{ "listen", 8, fz_sock_listen },
	{ "accept", 40, fz_sock_accept },
	{ "pair", 70, fz_sock_pair },
	{ "close", 10, fz_sock_close },
	{ "dup", 6, fz_sock_dup },
	{ "pass", 6, fz_sock_pass },
	{ "fork", 2, fz_sock_fork },
	{ "setsockopt", 40, fz_opt_set },
	{ "getsockopt", 16, fz_opt_get },
	{ "so_linger", 16, fz_opt_linger },
	{ "nonblock", 16, fz_opt_nonblock },
	{ "sysctl", 3, fz_opt_sysctl },
	{ "wire", 1, fz_opt_wire },
	{ "send", 60, fz_io_send },
	{ "recv", 80, fz_io_recv },
	{ "splice", 20, fz_io_splice },
	{ "poll", 30, fz_io_poll },
	{ "shutdown", 8, fz_io_shutdown },
	{ "ioctl", 16, fz_io_ioctl },
	{ "disc_send", 16, fz_wsp_disc_send },
	{ "disc_recv", 24, fz_wsp_disc_recv },
	{ "disc_arm", 24, fz_wsp_arm },
	{ "info", 16, fz_wsp_info },
	{ "linger", 30, fz_wsp_linger },
	{ "poison", 20, fz_wsp_poison },
	{ "cmsg", 16, fz_wsp_cmsg },
	{ "uring", 24, fz_uring },
	{ "diag", 6, fz_diag },
	{ "conn_open", 60, fz_conn_open },
	{ "conn_send", 80, fz_conn_send },
	{ "conn_recv", 90, fz_conn_recv },
	{ "conn_oob", 16, fz_conn_oob },
	{ "conn_arm", 16, fz_conn_arm },
	{ "conn_end", 12, fz_conn_end },
	{ "conn_disc", 20, fz_conn_disc },
	{ "conn_linger", 6, fz_conn_linger },
	{ "conn_close", 12, fz_conn_close },
	{ "conn_finish", 24, fz_conn_finish },
	{ }
};

unsigned int fz_op_count(void)
{
	return FZ_ARRAY_SIZE(fz_ops) - 1;
}

static const struct fz_op *ops_pick(struct fz_worker *w)
{
	const struct fz_op *op;
	unsigned int sum = 0, at;

	for (op = fz_ops; op->name; op++)
		sum += op->weight;
	at = fz_below(w, sum);
	for (op = fz_ops; at >= op->weight; op++)
		at -= op->weight;
	return op;
}

static uint64_t fz_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000ULL + ts.tv_nsec / 1000;
}

/* The next operation; those of a forked child take their numbers as they come. */
void fz_one(struct fz_worker *w, bool nested)
{
	const struct fz_op *op = ops_pick(w);
	uint64_t start;

	/* What a copy of the model does, the model would not know. */
	if (nested && (op->func == fz_sock_fork ||
		       !strncmp(op->name, "conn", 4)))
		return;
	w->op_name = op->name;
	if (!nested) {
		w->status->op = op->name;
		w->status->what = "";
		w->status->since = reg_ms();
	}
	start = fz_us();
	op->func(w);
	if (!nested)
		atomic_fetch_add_explicit(&fz->tally[op - fz_ops].us,
					  fz_us() - start,
					  memory_order_relaxed);
}
