/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Winsock under its own names, for sources that come from Windows.
 *
 * A call whose name libc has too is declared with the name of libwsp's function
 * as its symbol.  So its address can be taken, members and methods may have its
 * name, and libc's call is there for the program's other files.  Only what libc's
 * <stdlib.h> and C++'s headers bring along is a macro: fd_set and, in C, select.
 */
#ifndef WSP_COMPAT_WINSOCK2_H
#define WSP_COMPAT_WINSOCK2_H

#ifdef _SYS_SOCKET_H
#error "<sys/socket.h> and <winsock2.h> name different things alike: use two source files"
#endif

#ifndef _WINSOCK2API_
#define _WINSOCK2API_
#endif
#ifndef _WINSOCKAPI_
#define _WINSOCKAPI_
#endif

#include <wsp/compat/libc.h>
#include <wsp/compat/windows.h>
#include <wsp/compat/ws2def.h>

#define WSAAPI

#define h_errno		WSAGetLastError()
#define HOST_NOT_FOUND	WSAHOST_NOT_FOUND
#define TRY_AGAIN	WSATRY_AGAIN
#define NO_RECOVERY	WSANO_RECOVERY
#define NO_DATA		WSANO_DATA
#define NO_ADDRESS	WSANO_ADDRESS
#ifndef WSANO_ADDRESS
#define WSANO_ADDRESS	WSANO_DATA
#endif

#define WINSOCK_VERSION	MAKEWORD(2, 2)

#define SO_CONNDATA		0x7000
#define SO_CONNOPT		0x7001
#define SO_DISCDATA		0x7002
#define SO_DISCOPT		0x7003
#define SO_CONNDATALEN		0x7004
#define SO_CONNOPTLEN		0x7005
#define SO_DISCDATALEN		0x7006
#define SO_DISCOPTLEN		0x7007
#define SO_OPENTYPE		0x7008
#define SO_SYNCHRONOUS_ALERT	0x10
#define SO_SYNCHRONOUS_NONALERT	0x20

#define FIONBIO		((LONG)0x8004667e)
#define FIONREAD	((LONG)0x4004667f)
#define FIOASYNC	((LONG)0x8004667d)
#define SIOCATMARK	((LONG)0x40047307)

#define IOCPARM_MASK	0x7f
#define IOC_UNIX	0x00000000
#define IOC_WS2		0x08000000
#define IOC_PROTOCOL	0x10000000
#define IOC_VENDOR	0x18000000
#define IOC_VOID	0x20000000
#define IOC_OUT		0x40000000
#define IOC_IN		0x80000000
#define IOC_INOUT	(IOC_IN | IOC_OUT)
#define _WSAIO(group, n)	(IOC_VOID | (group) | (n))
#define _WSAIOR(group, n)	(IOC_OUT | (group) | (n))
#define _WSAIOW(group, n)	(IOC_IN | (group) | (n))
#define _WSAIORW(group, n)	(IOC_INOUT | (group) | (n))

#define WSA_FLAG_MULTIPOINT_C_ROOT	0x02
#define WSA_FLAG_MULTIPOINT_C_LEAF	0x04
#define WSA_FLAG_MULTIPOINT_D_ROOT	0x08
#define WSA_FLAG_MULTIPOINT_D_LEAF	0x10
#define WSA_FLAG_ACCESS_SYSTEM_SECURITY	0x40
#define WSA_FLAG_REGISTERED_IO		0x100

#define XP1_MULTIPOINT_CONTROL_PLANE	0x00000800
#define XP1_MULTIPOINT_DATA_PLANE	0x00001000
#define XP1_QOS_SUPPORTED		0x00002000
#define XP1_INTERRUPT			0x00004000
#define XP1_UNI_SEND			0x00008000
#define XP1_UNI_RECV			0x00010000
#define XP1_PARTIAL_MESSAGE		0x00040000

#define FD_QOS_BIT			6
#define FD_QOS				0x40
#define FD_GROUP_QOS_BIT		7
#define FD_GROUP_QOS			0x80
#define FD_ROUTING_INTERFACE_CHANGE_BIT	8
#define FD_ROUTING_INTERFACE_CHANGE	0x100
#define FD_ADDRESS_LIST_CHANGE_BIT	9
#define FD_ADDRESS_LIST_CHANGE		0x200

#ifndef FD_MAX_EVENTS
#define FD_MAX_EVENTS	10
#endif
#ifndef FD_ALL_EVENTS
#define FD_ALL_EVENTS	((1 << FD_MAX_EVENTS) - 1)
#endif

#define WSAMAKEASYNCREPLY(len, error)	MAKELONG(len, error)
#define WSAMAKESELECTREPLY(event, error)	MAKELONG(event, error)
#define WSAGETASYNCBUFLEN(lparam)	LOWORD(lparam)
#define WSAGETASYNCERROR(lparam)	HIWORD(lparam)
#define WSAGETSELECTEVENT(lparam)	LOWORD(lparam)
#define WSAGETSELECTERROR(lparam)	HIWORD(lparam)

typedef WSAEVENT *LPWSAEVENT;
typedef WSADATA *PWSADATA;
typedef WSABUF *PWSABUF;

#ifdef UNICODE
typedef WSAPROTOCOL_INFOW WSAPROTOCOL_INFO, *LPWSAPROTOCOL_INFO;
#define WSASocket		WSASocketW
#define WSADuplicateSocket	WSADuplicateSocketW
#define WSAEnumProtocols	WSAEnumProtocolsW
#define WSAAddressToString	WSAAddressToStringW
#define WSAStringToAddress	WSAStringToAddressW
#else
typedef WSAPROTOCOL_INFOA WSAPROTOCOL_INFO, *LPWSAPROTOCOL_INFO;
#define WSASocket		WSASocketA
#define WSADuplicateSocket	WSADuplicateSocketA
#define WSAEnumProtocols	WSAEnumProtocolsA
#define WSAAddressToString	WSAAddressToStringA
#define WSAStringToAddress	WSAStringToAddressA
#endif

typedef struct linger {
	u_short l_onoff;
	u_short l_linger;
} LINGER, *PLINGER, *LPLINGER;

#define POLLERR		WS_POLLERR
#define POLLHUP		WS_POLLHUP
#define POLLNVAL	WS_POLLNVAL
#define POLLWRNORM	WS_POLLWRNORM
#define POLLWRBAND	WS_POLLWRBAND
#define POLLRDNORM	WS_POLLRDNORM
#define POLLRDBAND	WS_POLLRDBAND
#define POLLPRI		WS_POLLPRI
#define POLLIN		WS_POLLIN
#define POLLOUT		WS_POLLOUT

/* Layouts differ, so these are libwsp's. */
#define pollfd		wsp_pollfd
#define hostent		ws_hostent
#define protoent	ws_protoent
#define servent		ws_servent
typedef struct pollfd *PWSAPOLLFD;
#define h_addr		h_addr_list[0]
typedef struct hostent HOSTENT, *PHOSTENT, *LPHOSTENT;
typedef struct protoent PROTOENT, *PPROTOENT, *LPPROTOENT;
typedef struct servent SERVENT, *PSERVENT, *LPSERVENT;
typedef struct timeval TIMEVAL, *PTIMEVAL, *LPTIMEVAL;

#ifdef __cplusplus
extern "C" {
#endif

#define WSP_SYMBOL(name)	__asm__("wsp_" #name)

SOCKET socket(int af, int type, int protocol) WSP_SYMBOL(socket);
SOCKET accept(SOCKET s, struct sockaddr *addr, int *addrlen) WSP_SYMBOL(accept);
int bind(SOCKET s, const struct sockaddr *name, int namelen) WSP_SYMBOL(bind);
int connect(SOCKET s, const struct sockaddr *name, int namelen) WSP_SYMBOL(connect);
int listen(SOCKET s, int backlog) WSP_SYMBOL(listen);
int shutdown(SOCKET s, int how) WSP_SYMBOL(shutdown);
int send(SOCKET s, const char *buf, int len, int flags) WSP_SYMBOL(send);
int recv(SOCKET s, char *buf, int len, int flags) WSP_SYMBOL(recv);
int sendto(SOCKET s, const char *buf, int len, int flags, const struct sockaddr *to,
	   int tolen) WSP_SYMBOL(sendto);
int recvfrom(SOCKET s, char *buf, int len, int flags, struct sockaddr *from,
	     int *fromlen) WSP_SYMBOL(recvfrom);
int setsockopt(SOCKET s, int level, int optname, const char *optval,
	       int optlen) WSP_SYMBOL(setsockopt);
int getsockopt(SOCKET s, int level, int optname, char *optval,
	       int *optlen) WSP_SYMBOL(getsockopt);
int getsockname(SOCKET s, struct sockaddr *name, int *namelen) WSP_SYMBOL(getsockname);
int getpeername(SOCKET s, struct sockaddr *name, int *namelen) WSP_SYMBOL(getpeername);

struct hostent *gethostbyname(const char *name) WSP_SYMBOL(gethostbyname);
struct hostent *gethostbyaddr(const char *addr, int len, int type) WSP_SYMBOL(gethostbyaddr);
struct servent *getservbyname(const char *name, const char *proto) WSP_SYMBOL(getservbyname);
struct servent *getservbyport(int port, const char *proto) WSP_SYMBOL(getservbyport);
struct protoent *getprotobyname(const char *name) WSP_SYMBOL(getprotobyname);
struct protoent *getprotobynumber(int number) WSP_SYMBOL(getprotobynumber);
unsigned int inet_addr(const char *str) WSP_SYMBOL(inet_addr);
char *inet_ntoa(struct in_addr addr) WSP_SYMBOL(inet_ntoa);

/* libc's, which do the same. */
unsigned int htonl(unsigned int host);
unsigned short htons(unsigned short host);
unsigned int ntohl(unsigned int net);
unsigned short ntohs(unsigned short net);

#ifdef WSP_COMPAT_GETHOSTNAME
#define gethostname	wsp_gethostname
#else
int gethostname(char *name, int namelen) WSP_SYMBOL(gethostname);
#endif

#ifdef __cplusplus
}
#endif

#include <wsp/compat/fdset.h>

#endif /* WSP_COMPAT_WINSOCK2_H */
