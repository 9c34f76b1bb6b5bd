/* SPDX-License-Identifier: GPL-2.0 */
/* Connections over the shared wire, with the counters at the start. */
#ifndef OBS_FIXTURE_H
#define OBS_FIXTURE_H

#include "kselftest_harness.h"
#include "obs_wire.h"

FIXTURE(obs) {
	struct reg_conf conf;
	int fd[2];
	struct obs_stat from[2];
};

FIXTURE_VARIANT(obs) {
	enum reg_family family;
};

FIXTURE_VARIANT_ADD(obs, v4) {
	.family = REG_V4,
};

FIXTURE_VARIANT_ADD(obs, v6) {
	.family = REG_V6,
};

FIXTURE_SETUP(obs)
{
	self->conf = (struct reg_conf) {
		.family = variant->family,
		.attach = REG_BOTH,
		.ns = { obs_ns[0], obs_ns[1] },
	};
	ASSERT_EQ(0, obs_reset());
	ASSERT_EQ(0, obs_read(obs_ns[0], &self->from[0]));
	ASSERT_EQ(0, obs_read(obs_ns[1], &self->from[1]));
}

FIXTURE_TEARDOWN(obs)
{
	EXPECT_TRUE(obs_is(obs_other, &obs_none, ""));
}

/* The counters that went up at the client and at the server, no others. */
#define OBS_EXPECT(client, server) do {					\
	EXPECT_TRUE(obs_is(obs_ns[0], &self->from[0], client))		\
		TH_LOG("client's counters");				\
	EXPECT_TRUE(obs_is(obs_ns[1], &self->from[1], server))		\
		TH_LOG("server's counters");				\
} while (0)

/* A handshake where both sides announced themselves. */
#define OBS_C_OPEN	"OptSynSent=1 OptSynAckSeen=1 Negotiated=1"
#define OBS_S_OPEN	"OptSynSeen=1 OptSynAckSent=1 Negotiated=1"

#endif /* OBS_FIXTURE_H */
