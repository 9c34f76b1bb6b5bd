/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keepalive's parameters. */
#ifndef WSP_COMPAT_MSTCPIP_H
#define WSP_COMPAT_MSTCPIP_H

#include <wsp/compat/winsock2.h>

#ifndef SIO_RCVALL
#define SIO_RCVALL		_WSAIOW(IOC_VENDOR, 1)
#endif
#ifndef SIO_KEEPALIVE_VALS
#define SIO_KEEPALIVE_VALS	_WSAIOW(IOC_VENDOR, 4)
#endif

/* Both times in milliseconds. */
struct tcp_keepalive {
	ULONG onoff;
	ULONG keepalivetime;
	ULONG keepaliveinterval;
};

#endif /* WSP_COMPAT_MSTCPIP_H */
