// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of what becomes of a close in the background.
 */
#include <kunit/test.h>
#include <net/tcp_states.h>

#include "wsp.h"

static const struct {
	int tcp_state;
	/* What it is with something unacknowledged, and without. */
	enum wsp_linger_state outcome, acked;
} states[] = {
	{ TCP_ESTABLISHED, WSP_LINGER_PENDING, WSP_LINGER_DRAINED },
	{ TCP_SYN_SENT, WSP_LINGER_PENDING, WSP_LINGER_DRAINED },
	{ TCP_SYN_RECV, WSP_LINGER_PENDING, WSP_LINGER_DRAINED },
	{ TCP_FIN_WAIT1, WSP_LINGER_PENDING, WSP_LINGER_PENDING },
	{ TCP_FIN_WAIT2, WSP_LINGER_PENDING, WSP_LINGER_DRAINED },
	{ TCP_TIME_WAIT, WSP_LINGER_RESET, WSP_LINGER_DRAINED },
	{ TCP_CLOSE, WSP_LINGER_RESET, WSP_LINGER_DRAINED },
	{ TCP_CLOSE_WAIT, WSP_LINGER_PENDING, WSP_LINGER_DRAINED },
	{ TCP_LAST_ACK, WSP_LINGER_PENDING, WSP_LINGER_PENDING },
	{ TCP_CLOSING, WSP_LINGER_PENDING, WSP_LINGER_PENDING },
};

static void linger_drained(struct kunit *test)
{
	unsigned int i;

	/*
	 * Whatever ended the connection then, nothing was lost.  In states that
	 * wait for the FIN's acknowledgment there is no FIN.
	 */
	for (i = 0; i < ARRAY_SIZE(states); i++)
		KUNIT_EXPECT_EQ(test, wsp_linger_outcome(states[i].tcp_state, 0),
				states[i].acked);
}

static void linger_not_drained(struct kunit *test)
{
	/* One is the FIN alone. */
	static const u32 unacked[] = { 1, 2, 65536, 0x7fffffff, 0x80000000, 0xffffffff };
	unsigned int i, n;

	for (i = 0; i < ARRAY_SIZE(states); i++) {
		for (n = 0; n < ARRAY_SIZE(unacked); n++)
			KUNIT_EXPECT_EQ(test, wsp_linger_outcome(states[i].tcp_state, unacked[n]),
					states[i].outcome);
	}
}

/* Only TCP's side: the deadline and the application decide the others. */
static void linger_never_others(struct kunit *test)
{
	enum wsp_linger_state state;
	int tcp_state;

	for (tcp_state = 0; tcp_state <= TCP_MAX_STATES; tcp_state++) {
		state = wsp_linger_outcome(tcp_state, 1);
		KUNIT_EXPECT_TRUE(test, state == WSP_LINGER_PENDING || state == WSP_LINGER_RESET);
	}
}

static struct kunit_case linger_cases[] = {
	KUNIT_CASE(linger_drained),
	KUNIT_CASE(linger_not_drained),
	KUNIT_CASE(linger_never_others),
	{}
};

static struct kunit_suite linger_suite = {
	.name = "wsp_linger",
	.test_cases = linger_cases,
};

kunit_test_suite(linger_suite);
