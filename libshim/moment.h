/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Waiting for the socket a thread receives from again and again. */
#ifndef WSP_MOMENT_H
#define WSP_MOMENT_H

/* A wait ends after this much at least, and twice as much at most. */
#define WSP_MOMENT_MS	20

int wsp_moment_wait(int fd);

/* For block.c. */
void wsp_moment_cancel(int fd);
void wsp_moment_drop(void);
void wsp_moment_fork_prepare(void);
void wsp_moment_fork_parent(void);
void wsp_moment_fork_child(void);

#endif /* WSP_MOMENT_H */
