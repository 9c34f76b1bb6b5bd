/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Everything libwsp offers; safe to include beside <sys/socket.h>. */
#ifndef WSP_WSP_H
#define WSP_WSP_H

#include <wsp/catalog.h>
#include <wsp/blocking.h>
#include <wsp/consts.h>
#include <wsp/errors.h>
#include <wsp/events.h>
#include <wsp/iocp.h>
#include <wsp/mswsock.h>
#include <wsp/overlapped.h>
#include <wsp/netevents.h>
#include <wsp/ioctls.h>
#include <wsp/leaf.h>
#include <wsp/select.h>
#include <wsp/types.h>
#include <wsp/names.h>
#include <wsp/netdb.h>
#include <wsp/options.h>
#include <wsp/winsock2.h>
#include <wsp/ws2spi.h>

#endif /* WSP_WSP_H */
