// SPDX-License-Identifier: LGPL-2.1-or-later
/* A provider without multipoint and quality of service still looks at the arguments. */
#include "leaf.h"

/* Windows' QOS: two flow specifications and a WSABUF. */
#define LEAF_QOS_SIZE	80

static bool leaf_readable(const void *p, size_t len)
{
	char buf[256];

	for (size_t n; len; len -= n) {
		n = len < sizeof(buf) ? len : sizeof(buf);
		if (!wsp_mem_read(buf, p, n))
			return false;
		p = (const char *)p + n;
	}
	return true;
}

static int leaf_check_buf(LPWSABUF data)
{
	WSABUF buf;

	if (!wsp_mem_read(&buf, data, sizeof(buf)))
		return WSAEFAULT;
	return leaf_readable(buf.buf, buf.len) ? 0 : WSAEFAULT;
}

/* WSPJoinLeaf; see WSAJoinLeaf() */
SOCKET wsp_joinleaf_spi(SOCKET s, const struct sockaddr *name, int namelen, LPWSABUF caller_data,
			LPWSABUF callee_data, LPQOS sqos, LPQOS gqos, DWORD flags, int *err)
{
	struct sockaddr_storage ss;
	struct wsp_handle h;
	int code = wsp_handle_get(s, &h);

	(void)callee_data;
	(void)sqos;
	(void)gqos;
	if (!code)
		code = wsp_addr_in(name, namelen, &ss);
	if (!code && caller_data)
		code = leaf_check_buf(caller_data);
	if (!code && flags != JL_SENDER_ONLY && flags != JL_RECEIVER_ONLY && flags != JL_BOTH)
		code = WSAEINVAL;
	wsp_err_fail(err, code ? code : WSAEOPNOTSUPP);
	return INVALID_SOCKET;
}

/* WSPGetQOSByName; see WSAGetQOSByName() */
BOOL wsp_getqos_spi(SOCKET s, LPWSABUF name, LPQOS qos, int *err)
{
	struct wsp_handle h;
	int code = wsp_handle_get(s, &h);

	if (!code)
		code = leaf_check_buf(name);
	if (!code && !leaf_readable(qos, LEAF_QOS_SIZE))
		code = WSAEFAULT;
	wsp_err_fail(err, code ? code : WSAEOPNOTSUPP);
	return 0;
}
