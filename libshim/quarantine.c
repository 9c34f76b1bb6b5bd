// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Closed numbers stay out of use for a while, so that a stale handle cannot
 * hit a stranger's socket (CL-1).  In place of the socket goes the read end of
 * a pipe nobody writes to: socket calls on it say ENOTSOCK, read() says end of
 * file, and unlike an eventfd its inode tells later whether the number still
 * is ours to close.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

/* One more than the 64 closes promised: the newest close counts itself. */
#define QUARANTINE_SLOTS	65

static pthread_mutex_t quarantine_lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
	int entry;	/* descriptor + 1, 0: empty */
	ino_t ino;
} quarantine_ring[QUARANTINE_SLOTS];
static unsigned int quarantine_next;
static int quarantine_plug = -1;
static ino_t quarantine_ino;
static dev_t quarantine_dev;

static bool quarantine_is_plug(int fd, ino_t ino)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISFIFO(st.st_mode) && st.st_dev == quarantine_dev &&
	       st.st_ino == ino;
}

/* The application may have closed every descriptor, ours among them. */
static int quarantine_get_plug(void)
{
	struct stat st;
	int p[2];

	if (quarantine_plug >= 0 && quarantine_is_plug(quarantine_plug, quarantine_ino))
		return quarantine_plug;
	quarantine_plug = -1;
	if (pipe2(p, O_CLOEXEC))
		return -1;
	close(p[1]);
	if (fstat(p[0], &st)) {
		close(p[0]);
		return -1;
	}
	quarantine_plug = p[0];
	quarantine_ino = st.st_ino;
	quarantine_dev = st.st_dev;
	return quarantine_plug;
}

static void quarantine_release(unsigned int i)
{
	int fd = quarantine_ring[i].entry - 1;

	quarantine_ring[i].entry = 0;
	if (fd >= 0 && quarantine_is_plug(fd, quarantine_ring[i].ino))
		close(fd);
}

static void quarantine_push(int fd)
{
	for (unsigned int i = 0; i < QUARANTINE_SLOTS; i++)
		if (quarantine_ring[i].entry == fd + 1)
			quarantine_ring[i].entry = 0;
	quarantine_release(quarantine_next);
	quarantine_ring[quarantine_next].entry = fd + 1;
	quarantine_ring[quarantine_next].ino = quarantine_ino;
	quarantine_next = (quarantine_next + 1) % QUARANTINE_SLOTS;
}

/**
 * wsp_quarantine_close() - close a socket and keep its number out of use
 * @fd: the socket
 *
 * The swap is one step, so no other thread can be given the number in between.
 * Blocks as close() does where the kernel lingers.
 */
void wsp_quarantine_close(int fd)
{
	int plug, rc = -1;

	pthread_mutex_lock(&quarantine_lock);
	plug = quarantine_get_plug();
	pthread_mutex_unlock(&quarantine_lock);
	if (plug >= 0) {
		do {
			rc = dup3(plug, fd, O_CLOEXEC);
		} while (rc < 0 && (errno == EBUSY || errno == EINTR));
	}
	if (rc < 0) {
		close(fd);
		return;
	}
	pthread_mutex_lock(&quarantine_lock);
	quarantine_push(fd);
	pthread_mutex_unlock(&quarantine_lock);
}

/**
 * wsp_quarantine_flush() - give the numbers back when descriptors run out
 *
 * Return: true if there were any.
 */
bool wsp_quarantine_flush(void)
{
	bool any = false;

	pthread_mutex_lock(&quarantine_lock);
	for (unsigned int i = 0; i < QUARANTINE_SLOTS; i++) {
		any = any || quarantine_ring[i].entry;
		quarantine_release(i);
	}
	pthread_mutex_unlock(&quarantine_lock);
	return any;
}

/**
 * wsp_quarantine_fork_prepare() - before fork()
 */
void wsp_quarantine_fork_prepare(void)
{
	pthread_mutex_lock(&quarantine_lock);
}

/**
 * wsp_quarantine_fork_done() - after fork(), in parent and child
 */
void wsp_quarantine_fork_done(void)
{
	pthread_mutex_unlock(&quarantine_lock);
}
