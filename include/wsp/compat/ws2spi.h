/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The service provider interface under Windows' file name. */
#ifndef WSP_COMPAT_WS2SPI_H
#define WSP_COMPAT_WS2SPI_H

#include <wsp/compat/winsock2.h>
#include <wsp/ws2spi.h>

#define WSPAPI		WSAAPI

#endif /* WSP_COMPAT_WS2SPI_H */
