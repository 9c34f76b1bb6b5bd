// SPDX-License-Identifier: LGPL-2.1-or-later
/* Application interface: getaddrinfo().  Documented in <wsp/names.h>. */
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gai.h"
#include "wide.h"
#include "wsa.h"

/* UTF-16 characters become three bytes at most. */
#define ADDRINFO_TEXT	(3 * NI_MAXHOST)

static_assert(sizeof(ADDRINFOA) == sizeof(ADDRINFOW) &&
	      offsetof(ADDRINFOA, ai_canonname) == offsetof(ADDRINFOW, ai_canonname) &&
	      offsetof(ADDRINFOA, ai_next) == offsetof(ADDRINFOW, ai_next),
	      "one is built like the other");

static const struct wsp_gai_flag addrinfo_flags[] = {
	{ WS_AI_PASSIVE, AI_PASSIVE },
	{ WS_AI_CANONNAME, AI_CANONNAME },
	{ WS_AI_FQDN, AI_CANONNAME },
	{ WS_AI_NUMERICHOST, AI_NUMERICHOST },
	{ WS_AI_NUMERICSERV, AI_NUMERICSERV },
	{ WS_AI_ALL, AI_ALL },
	{ WS_AI_ADDRCONFIG, AI_ADDRCONFIG },
	{ WS_AI_V4MAPPED, AI_V4MAPPED },
	/* About where and how to look, which the resolver's set-up decides. */
	{ WS_AI_DNS_ONLY | WS_AI_NON_AUTHORITATIVE | WS_AI_SECURE | WS_AI_RETURN_PREFERRED_NAMES |
	  WS_AI_FILESERVER | WS_AI_DISABLE_IDN_ENCODING, 0 },
};

/* In one allocation, with the name behind it. */
struct addrinfo_node {
	ADDRINFOA ai;
	struct sockaddr_storage addr;
	char name[];
};

/**
 * struct addrinfo_query - what is asked for
 * @node: name or address, NULL for none
 * @service: name or number, NULL for none
 * @hints: the caller's, zero if it gave none
 * @ours: as libc wants them
 * @any_type: the caller said neither type nor protocol
 * @wide: 16-bit strings
 * @node_text: room for @node
 * @service_text: room for @service
 */
struct addrinfo_query {
	const char *node;
	const char *service;
	ADDRINFOA hints;
	struct addrinfo ours;
	bool any_type;
	bool wide;
	char node_text[ADDRINFO_TEXT];
	char service_text[ADDRINFO_TEXT];
};

/* @out becomes NULL if @src is.  Room is ADDRINFO_TEXT. */
static int addrinfo_text(const void *src, bool wide, char *text, const char **out, int too_long)
{
	WCHAR units[NI_MAXHOST];
	ssize_t len;

	*out = src ? text : NULL;
	if (!src)
		return 0;
	if (wide)
		len = wsp_mem_string(units, src, NI_MAXHOST, sizeof(*units));
	else
		len = wsp_mem_string(text, src, NI_MAXHOST, 1);
	if (len < 0)
		return WSAEFAULT;
	if (len == NI_MAXHOST)
		return too_long;
	if (wide)
		wsp_wide_to_utf8(text, ADDRINFO_TEXT, units);
	return 0;
}

static int addrinfo_hints(struct addrinfo_query *q, const ADDRINFOA *hints)
{
	const ADDRINFOA *theirs = &q->hints;
	int code;

	if (hints && !wsp_mem_read(&q->hints, hints, sizeof(*hints)))
		return WSAEFAULT;
	if (theirs->ai_addrlen || theirs->ai_canonname || theirs->ai_addr || theirs->ai_next)
		return WSANO_RECOVERY;
	if ((theirs->ai_flags & WS_AI_CANONNAME) && (theirs->ai_flags & WS_AI_FQDN))
		return WSAEINVAL;
	code = wsp_gai_flags(addrinfo_flags, ARRAY_SIZE(addrinfo_flags), theirs->ai_flags,
			     &q->ours.ai_flags);
	if (code)
		return code;
	q->ours.ai_family = wsp_addr_family(theirs->ai_family);
	q->ours.ai_socktype = theirs->ai_socktype;
	q->ours.ai_protocol = theirs->ai_protocol;
	q->any_type = !theirs->ai_socktype && !theirs->ai_protocol;
	if (q->wide && !(theirs->ai_flags & WS_AI_DISABLE_IDN_ENCODING))
		q->ours.ai_flags |= AI_IDN;
	return 0;
}

static bool addrinfo_is_number(const char *service)
{
	return !service[strspn(service, "0123456789")];
}

/* libc gives an entry for each type where none is asked for, Windows one. */
static int addrinfo_ask(struct addrinfo_query *q, struct addrinfo **found)
{
	char own[NI_MAXHOST];
	int eai;

	/* Not 0 bytes of a name but none: this computer. */
	if (q->node && !*q->node) {
		if (gethostname(own, sizeof(own)))
			return WSAHOST_NOT_FOUND;
		q->node = own;
	}
	if (!q->any_type)
		return wsp_gai_code(getaddrinfo(q->node, q->service, &q->ours, found));
	q->ours.ai_socktype = SOCK_STREAM;
	eai = getaddrinfo(q->node, q->service, &q->ours, found);
	if (eai == EAI_SERVICE) {
		q->ours.ai_socktype = SOCK_DGRAM;
		eai = getaddrinfo(q->node, q->service, &q->ours, found);
	}
	return wsp_gai_code(eai);
}

static size_t addrinfo_name_size(const struct addrinfo_query *q, const char *name)
{
	if (!name)
		return 0;
	return q->wide ? wsp_wide_from_utf8(NULL, 0, name) * sizeof(WCHAR) : strlen(name) + 1;
}

static ADDRINFOA *addrinfo_entry(const struct addrinfo_query *q, const struct addrinfo *ai)
{
	size_t size = addrinfo_name_size(q, ai->ai_canonname);
	struct addrinfo_node *n = calloc(1, sizeof(*n) + size);

	if (!n)
		return NULL;
	n->ai.ai_flags = q->hints.ai_flags;
	n->ai.ai_family = ai->ai_family;
	if (!q->any_type || (q->service && !addrinfo_is_number(q->service))) {
		n->ai.ai_socktype = ai->ai_socktype;
		n->ai.ai_protocol = ai->ai_protocol;
	}
	n->ai.ai_addrlen = ai->ai_addrlen;
	n->ai.ai_addr = (struct sockaddr *)&n->addr;
	memcpy(&n->addr, ai->ai_addr, ai->ai_addrlen);
	if (ai->ai_family == AF_INET6 && q->hints.ai_family != AF_INET6) {
		n->ai.ai_family = WS_AF_INET6;
		n->addr.ss_family = WS_AF_INET6;
	}
	if (!size)
		return &n->ai;
	n->ai.ai_canonname = n->name;
	if (q->wide)
		wsp_wide_from_utf8((WCHAR *)n->name, size / sizeof(WCHAR), ai->ai_canonname);
	else
		memcpy(n->name, ai->ai_canonname, size);
	return &n->ai;
}

static void addrinfo_free(ADDRINFOA *ai)
{
	while (ai) {
		ADDRINFOA *next = ai->ai_next;

		free(ai);
		ai = next;
	}
}

static int addrinfo_list(const struct addrinfo_query *q, const struct addrinfo *found,
			 ADDRINFOA **list)
{
	ADDRINFOA **end = list;

	*list = NULL;
	for (; found; found = found->ai_next) {
		*end = addrinfo_entry(q, found);
		if (!*end) {
			addrinfo_free(*list);
			return WSA_NOT_ENOUGH_MEMORY;
		}
		end = &(*end)->ai_next;
	}
	return 0;
}

static int addrinfo_run(struct addrinfo_query *q, const void *node, const void *service,
			const void *hints, void *res)
{
	struct addrinfo *found;
	ADDRINFOA *list = NULL;
	int code;

	if (wsp_callback_active())
		return WSAEINPROGRESS;
	/* A caller that looks at it after a failure finds nothing. */
	if (!wsp_mem_write(res, &list, sizeof(list)))
		return WSAEFAULT;
	code = addrinfo_text(node, q->wide, q->node_text, &q->node, WSAHOST_NOT_FOUND);
	if (!code)
		code = addrinfo_text(service, q->wide, q->service_text, &q->service,
				     WSATYPE_NOT_FOUND);
	if (!code)
		code = addrinfo_hints(q, hints);
	if (!code)
		code = addrinfo_ask(q, &found);
	if (code)
		return code;
	code = addrinfo_list(q, found, &list);
	freeaddrinfo(found);
	if (!code && !wsp_mem_write(res, &list, sizeof(list))) {
		addrinfo_free(list);
		code = WSAEFAULT;
	}
	return code;
}

static int addrinfo_call(const void *node, const void *service, const void *hints, void *res,
			 bool wide)
{
	struct addrinfo_query *q;
	int code;

	if (!wsa_enter())
		return WSANOTINITIALISED;
	q = calloc(1, sizeof(*q));
	if (!q)
		return wsp_gai_result(WSA_NOT_ENOUGH_MEMORY);
	q->wide = wide;
	code = addrinfo_run(q, node, service, hints, res);
	free(q);
	return wsp_gai_result(code);
}

WSA_EXPORT int wsp_getaddrinfo(const char *node, const char *service, const ADDRINFOA *hints,
			       PADDRINFOA *res)
{
	return addrinfo_call(node, service, hints, res, false);
}

WSA_EXPORT int GetAddrInfoW(const WCHAR *node, const WCHAR *service, const ADDRINFOW *hints,
			    PADDRINFOW *res)
{
	return addrinfo_call(node, service, hints, res, true);
}

WSA_EXPORT void wsp_freeaddrinfo(PADDRINFOA res)
{
	addrinfo_free(res);
}

WSA_EXPORT void FreeAddrInfoW(PADDRINFOW res)
{
	addrinfo_free((ADDRINFOA *)res);
}
