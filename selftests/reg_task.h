/* SPDX-License-Identifier: GPL-2.0 */
/* A second thread inside one blocking call, and knowing that it blocks. */
#ifndef REG_TASK_H
#define REG_TASK_H

#include "reg_net.h"

#include <pthread.h>

/**
 * struct reg_task - one call in another thread
 * @call: what to run
 * @fd: for @call
 * @flags: for @call
 * @len: for @call
 * @ret: what @call returned
 * @err: errno it left
 * @ms: how long it took
 * @done: set when @ret is valid
 * @tid: the thread, as the kernel numbers it
 * @thread: the same, as pthreads do
 */
struct reg_task {
	ssize_t (*call)(struct reg_task *task);
	int fd;
	int flags;
	size_t len;
	ssize_t ret;
	int err;
	long ms;
	bool done;
	int tid;
	pthread_t thread;
};

static inline void *reg_task_main(void *arg)
{
	struct reg_task *task = arg;
	long start = reg_ms();

	__atomic_store_n(&task->tid, gettid(), __ATOMIC_RELEASE);
	task->ret = task->call(task);
	task->err = errno;
	task->ms = reg_ms() - start;
	__atomic_store_n(&task->done, true, __ATOMIC_RELEASE);
	return NULL;
}

static inline char reg_task_state(const struct reg_task *task)
{
	char path[64], state = '?';
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat",
		 __atomic_load_n(&task->tid, __ATOMIC_ACQUIRE));
	f = fopen(path, "r");
	if (f) {
		if (fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
			state = '?';
		fclose(f);
	}
	return state;
}

/* Starts the call; true once it sleeps in the kernel and stays asleep. */
static inline bool reg_task_block(struct reg_task *task)
{
	long end = reg_ms() + REG_SOON_MS;
	int asleep = 0;

	if (pthread_create(&task->thread, NULL, reg_task_main, task))
		return false;
	while (reg_ms() < end && asleep < 5) {
		char state = reg_task_state(task);

		asleep = state == 'S' || state == 'D' ? asleep + 1 : 0;
		reg_tick();
	}
	return asleep == 5;
}

/* True once the call has returned. */
static inline bool reg_task_join(struct reg_task *task)
{
	long end = reg_ms() + REG_SOON_MS;

	while (!__atomic_load_n(&task->done, __ATOMIC_ACQUIRE)) {
		if (reg_ms() > end)
			return false;
		reg_tick();
	}
	return !pthread_join(task->thread, NULL);
}

#endif /* REG_TASK_H */
