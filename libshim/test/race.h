/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Closing sockets that others work on, thousands of times. */
#ifndef WSP_TEST_RACE_H
#define WSP_TEST_RACE_H

#include <stdatomic.h>
#include <stdbool.h>

#include <wsp/wsp.h>

/**
 * struct race_result - what went wrong, and how much there was
 * @closes: closesocket() calls that ended pending operations
 * @ops: operations started
 * @aborted: of these ended by the close
 * @lost: not completed in time
 * @twice: completed more than once
 * @illegal: completed with a code that makes no sense
 * @stale: events set, packets or routines that belong to nothing
 * @stuck: blocked calls that did not come back, or not as they should
 * @failed: calls that should have succeeded
 */
struct race_result {
	atomic_int closes;
	atomic_int ops;
	atomic_int aborted;
	atomic_int lost;
	atomic_int twice;
	atomic_int illegal;
	atomic_int stale;
	atomic_int stuck;
	atomic_int failed;
};

/**
 * race_run() - close sockets under load
 * @pair: makes a connection: s[0] is closed while operations are pending there
 * @rounds: how many connections in all
 * @r: out
 */
void race_run(bool (*pair)(SOCKET s[2]), int rounds, struct race_result *r);

/* WSP_RACE_ROUNDS, or what is given. */
int race_rounds(int usual);

#endif /* WSP_TEST_RACE_H */
