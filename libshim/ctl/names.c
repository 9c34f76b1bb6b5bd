// SPDX-License-Identifier: LGPL-2.1-or-later
/* Words for the kernel's numbers. */
#include "ctl.h"

static const char *name_of(const char *const *names, size_t count, size_t i)
{
	return i < count && names[i] ? names[i] : "?";
}

/**
 * ctl_fallback_name() - why a connection is plain
 * @fallback: enum wsp_fallback value
 */
const char *ctl_fallback_name(uint32_t fallback)
{
	static const char *const names[] = {
		[WSP_FALLBACK_NONE] = "none",
		[WSP_FALLBACK_NO_OPTION] = "no-option",
		[WSP_FALLBACK_DISABLED] = "disabled",
		[WSP_FALLBACK_STDURG] = "stdurg",
		[WSP_FALLBACK_SPACE] = "space",
		[WSP_FALLBACK_RETRANS] = "retrans",
		[WSP_FALLBACK_URG] = "urg",
		[WSP_FALLBACK_NOMEM] = "nomem",
	};

	return name_of(names, sizeof(names) / sizeof(*names), fallback);
}

/**
 * ctl_linger_name() - state of a close that goes on in the background
 * @state: enum wsp_linger_state value
 */
const char *ctl_linger_name(uint32_t state)
{
	static const char *const names[] = {
		[WSP_LINGER_NONE] = "none",
		[WSP_LINGER_PENDING] = "pending",
		[WSP_LINGER_DRAINED] = "drained",
		[WSP_LINGER_EXPIRED] = "expired",
		[WSP_LINGER_RESET] = "reset",
		[WSP_LINGER_CANCELLED] = "cancelled",
	};

	return name_of(names, sizeof(names) / sizeof(*names), state);
}

/**
 * ctl_tcp_name() - TCP state, as ss writes it
 * @state: inet_diag's number
 */
const char *ctl_tcp_name(unsigned int state)
{
	static const char *const names[] = {
		NULL, "ESTAB", "SYN-SENT", "SYN-RECV", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT",
		"UNCONN", "CLOSE-WAIT", "LAST-ACK", "LISTEN", "CLOSING",
	};

	return name_of(names, sizeof(names) / sizeof(*names), state);
}
