/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Microsoft's extensions to Winsock; most functions are had by WSAIoctl(). */
#ifndef WSP_COMPAT_MSWSOCK_H
#define WSP_COMPAT_MSWSOCK_H

#include <wsp/compat/winsock2.h>
#include <wsp/mswsock.h>

#define SO_MAXDG			0x7009
#define SO_MAXPATHDG			0x700a
#define SO_UPDATE_ACCEPT_CONTEXT	0x700b
#define SO_CONNECT_TIME			0x700c
#define SO_UPDATE_CONNECT_CONTEXT	0x7010

#ifndef SIO_UDP_CONNRESET
#define SIO_UDP_CONNRESET	_WSAIOW(IOC_VENDOR, 12)
#endif

#endif /* WSP_COMPAT_MSWSOCK_H */
