/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The application interface.  Calls return SOCKET_ERROR (INVALID_SOCKET for
 * those that return a socket) on failure and leave the code for
 * WSAGetLastError().  Every call but WSAStartup(), WSAGetLastError() and
 * WSASetLastError() fails with WSANOTINITIALISED before a successful
 * WSAStartup(), with WSAENOTSOCK for a handle that is no socket or was closed,
 * and with WSAEINPROGRESS inside a provider callback of the same thread; the
 * comments below do not repeat this.
 *
 * Calls that share their Winsock name with libc are called wsp_*() here.
 */
#ifndef WSP_WINSOCK2_H
#define WSP_WINSOCK2_H

#include <wsp/consts.h>
#include <wsp/errors.h>
#include <wsp/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * WSAStartup() - start the library for this process
 * @version: highest version the caller can use, MAKEWORD(major, minor)
 * @data: out: the version agreed on, at most 2.2
 *
 * Each success needs one WSACleanup().
 *
 * Return: 0, WSAVERNOTSUPPORTED (@version below 1.0), WSAEFAULT (@data NULL)
 * or WSASYSNOTREADY; the code is returned, not set.  IN-1
 */
int WSAStartup(WORD version, LPWSADATA data);

/**
 * WSACleanup() - undo one WSAStartup()
 *
 * The last one closes every socket the library created, as a dying process
 * would: {1, 0} sockets are reset, all others close in the background.
 *
 * Errors: WSANOTINITIALISED.  IN-1
 *
 * Return: 0, or SOCKET_ERROR.
 */
int WSACleanup(void);

/**
 * WSAGetLastError() - this thread's last error
 *
 * Return: a WSA code, 0 before the first failure; works before WSAStartup().
 * IN-2
 */
int WSAGetLastError(void);

/**
 * WSASetLastError() - set what WSAGetLastError() returns in this thread
 * @error: any number
 */
void WSASetLastError(int error);

/**
 * WSASocketW() - create a socket
 * @af: AF_INET, WS_AF_INET6 or AF_INET6, or FROM_PROTOCOL_INFO with @info
 * @type: SOCK_STREAM or SOCK_DGRAM, 0 for what @protocol is, or
 *	FROM_PROTOCOL_INFO with @info
 * @protocol: 0, IPPROTO_TCP, IPPROTO_UDP, or FROM_PROTOCOL_INFO with @info
 * @info: a catalogue entry, what WSADuplicateSocketW() wrote, or NULL for the
 *	first entry that fits.  One without XP1_DISCONNECT_DATA among its flags
 *	asks for plain TCP; with NULL a TCP socket of the library's supports
 *	disconnect data wherever the kernel does
 * @g: ignored
 * @flags: WSA_FLAG_NO_HANDLE_INHERIT is accepted; without WSA_FLAG_OVERLAPPED,
 *	transfers on this socket, and on those it accepts, ignore an OVERLAPPED
 *
 * The descriptor is close-on-exec.  Names come back with the number for IPv6
 * that @af was given in.
 *
 * Errors: WSAEAFNOSUPPORT, WSAEPROTONOSUPPORT, WSAESOCKTNOSUPPORT,
 * WSAEPROTOTYPE, WSAEINVAL (other flags, or no such entry), WSAEFAULT,
 * WSAEMFILE, WSAENOBUFS; of another provider WSAEPROVIDERFAILEDINIT,
 * WSAEINVALIDPROVIDER (wrong version), WSAEINVALIDPROCTABLE.
 *
 * Return: the socket, or INVALID_SOCKET.
 */
SOCKET WSASocketW(int af, int type, int protocol, LPWSAPROTOCOL_INFOW info, GROUP g, DWORD flags);

/**
 * WSASocketA() - WSASocketW() with a WSAPROTOCOL_INFOA
 * @af: as there
 * @type: as there
 * @protocol: as there
 * @info: as there, with a name of single bytes
 * @g: as there
 * @flags: as there
 *
 * Return: the socket, or INVALID_SOCKET.
 */
SOCKET WSASocketA(int af, int type, int protocol, LPWSAPROTOCOL_INFOA info, GROUP g, DWORD flags);

/**
 * wsp_socket() - Winsock's socket(): WSASocketW() without a catalogue entry
 * @af: as there
 * @type: as there
 * @protocol: as there
 *
 * Return: the socket, or INVALID_SOCKET.
 */
SOCKET wsp_socket(int af, int type, int protocol);

/**
 * wsp_bind() - Winsock's bind()
 * @s: socket
 * @name: local address; family 23 and Linux's AF_INET6 both mean IPv6
 * @namelen: its size in bytes
 *
 * Errors: WSAEFAULT (@name not readable or too short), WSAEADDRINUSE,
 * WSAEADDRNOTAVAIL, WSAEACCES, WSAEINVAL (already bound), WSAEAFNOSUPPORT.
 *
 * Return: 0, or SOCKET_ERROR.
 */
int wsp_bind(SOCKET s, const struct sockaddr *name, int namelen);

/**
 * wsp_listen() - Winsock's listen()
 * @s: bound socket
 * @backlog: as for listen(2)
 *
 * Errors: WSAEINVAL (not bound), WSAEISCONN, WSAEOPNOTSUPP.
 *
 * Return: 0, or SOCKET_ERROR.
 */
int wsp_listen(SOCKET s, int backlog);

/**
 * WSAConnect() - connect
 * @s: socket
 * @name: peer's address
 * @namelen: its size in bytes
 * @caller_data: connect data is not offered: NULL or empty
 * @callee_data: NULL, or set to length 0 on success
 * @sqos: NULL
 * @gqos: NULL
 *
 * Errors: WSAEWOULDBLOCK (nonblocking, under way), WSAEALREADY, WSAEISCONN
 * (also after WSASendDisconnect(), SD-15), WSAECONNREFUSED, WSAETIMEDOUT,
 * WSAENETUNREACH, WSAEHOSTUNREACH, WSAEFAULT, WSAEINVAL (listening),
 * WSAEPROTONOSUPPORT (connect data), WSAEOPNOTSUPP (QOS).
 *
 * Return: 0, or SOCKET_ERROR.
 */
int WSAConnect(SOCKET s, const struct sockaddr *name, int namelen, LPWSABUF caller_data,
	       LPWSABUF callee_data, LPQOS sqos, LPQOS gqos);

/**
 * wsp_connect() - Winsock's connect(): WSAConnect() without the extras
 * @s: socket
 * @name: peer's address
 * @namelen: its size in bytes
 *
 * Return: 0, or SOCKET_ERROR.
 */
int wsp_connect(SOCKET s, const struct sockaddr *name, int namelen);

/**
 * WSAAccept() - accept a connection
 * @s: listening socket
 * @addr: NULL or room for the peer's address
 * @addrlen: in: room at @addr, out: size of the address
 * @condition: NULL, or asked whether to take the connection: CF_ACCEPT;
 *	CF_REJECT resets it; CF_DEFER keeps it for the next call
 * @callback_data: for @condition
 *
 * The accepted socket inherits linger and disconnect-data support (OP-5), and
 * whether it is nonblocking.  If @addr has too little room, the connection
 * stays for the next call.
 *
 * Errors: WSAEWOULDBLOCK, WSAEINVAL (not listening), WSAEFAULT, WSAEMFILE,
 * WSAEOPNOTSUPP, WSAECONNRESET, WSAECONNREFUSED (@condition refused),
 * WSATRY_AGAIN (@condition deferred).
 *
 * Return: the accepted socket, or INVALID_SOCKET.
 */
SOCKET WSAAccept(SOCKET s, struct sockaddr *addr, int *addrlen, LPCONDITIONPROC condition,
		 DWORD_PTR callback_data);

/**
 * wsp_accept() - Winsock's accept(): WSAAccept() without a condition
 * @s: listening socket
 * @addr: NULL or room for the peer's address
 * @addrlen: in: room at @addr, out: size of the address
 *
 * Return: the accepted socket, or INVALID_SOCKET.
 */
SOCKET wsp_accept(SOCKET s, struct sockaddr *addr, int *addrlen);

/**
 * WSASend() - send
 * @s: socket
 * @bufs: what to send; the array itself must be readable
 * @nbufs: how many
 * @count: out: bytes taken
 * @flags: WS_MSG_OOB, WS_MSG_DONTROUTE, WS_MSG_PARTIAL (more will follow)
 * @ov: NULL, or an overlapped operation, see <wsp/overlapped.h>; then @count may be
 *	NULL
 * @routine: NULL, or called at its end
 *
 * Errors: WSAEWOULDBLOCK, WSAETIMEDOUT (WS_SO_SNDTIMEO ran out), WSAESHUTDOWN
 * (SD-10), WSAECONNRESET, WSAECONNABORTED, WSAENOTCONN, WSAEFAULT,
 * WSAEMSGSIZE, WSAEINTR (the socket was closed meanwhile); with @ov WSA_IO_PENDING,
 * WSA_INVALID_HANDLE (no such event), WSAEINVAL (@routine, and the socket has a
 * completion port).  OV-1 to OV-8
 *
 * Return: 0, or SOCKET_ERROR; that, with WSA_IO_PENDING, also for one that goes on.
 */
int WSASend(SOCKET s, LPWSABUF bufs, DWORD nbufs, DWORD *count, DWORD flags, LPWSAOVERLAPPED ov,
	    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);

/**
 * WSASendTo() - WSASend() to an address
 * @s: socket
 * @bufs: as for WSASend()
 * @nbufs: as for WSASend()
 * @count: as for WSASend()
 * @flags: as for WSASend()
 * @to: the address; NULL means the connected peer
 * @tolen: its size in bytes
 * @ov: as there
 * @routine: as there
 *
 * Errors: those of WSASend(), and WSAEDESTADDRREQ.  After WSASendDisconnect()
 * on a datagram socket WSAESHUTDOWN (SD-20).
 *
 * Return: 0, or SOCKET_ERROR; that, with WSA_IO_PENDING, also for one that goes on.
 */
int WSASendTo(SOCKET s, LPWSABUF bufs, DWORD nbufs, DWORD *count, DWORD flags,
	      const struct sockaddr *to, int tolen, LPWSAOVERLAPPED ov,
	      LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);

/**
 * WSARecv() - receive
 * @s: socket
 * @bufs: where to; the array itself must be readable
 * @nbufs: how many
 * @count: out: bytes received, 0 at the end of a stream (RC-1)
 * @flags: in: WS_MSG_PEEK, WS_MSG_OOB, WS_MSG_WAITALL; out: 0
 * @ov: NULL, or an overlapped operation, see <wsp/overlapped.h>; then @count may be
 *	NULL
 * @routine: NULL, or called at its end
 *
 * Errors: WSAEWOULDBLOCK, WSAETIMEDOUT (WS_SO_RCVTIMEO ran out), WSAESHUTDOWN
 * (RD-10), WSAECONNRESET (and from then on, RC-3), WSAENOTCONN, WSAEFAULT,
 * WSAEMSGSIZE (a datagram was cut), WSAEINTR.
 *
 * Return: 0, or SOCKET_ERROR; that, with WSA_IO_PENDING, also for one that goes on.
 */
int WSARecv(SOCKET s, LPWSABUF bufs, DWORD nbufs, DWORD *count, DWORD *flags, LPWSAOVERLAPPED ov,
	    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);

/**
 * WSARecvFrom() - WSARecv() that also tells the sender
 * @s: socket
 * @bufs: as for WSARecv()
 * @nbufs: as for WSARecv()
 * @count: as for WSARecv()
 * @flags: as for WSARecv()
 * @from: NULL or room for the sender's address; a stream gives none
 * @fromlen: in: room at @from, out: size of the address
 * @ov: as there
 * @routine: as there
 *
 * Errors: those of WSARecv().  After WSARecvDisconnect() on a datagram socket
 * WSAESHUTDOWN, while datagrams are still taken (RD-13).
 *
 * Return: 0, or SOCKET_ERROR; that, with WSA_IO_PENDING, also for one that goes on.
 */
int WSARecvFrom(SOCKET s, LPWSABUF bufs, DWORD nbufs, DWORD *count, DWORD *flags,
		struct sockaddr *from, int *fromlen, LPWSAOVERLAPPED ov,
		LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);

/**
 * wsp_send() - Winsock's send(): WSASend() with one buffer
 * @s: socket
 * @buf: what to send
 * @len: bytes
 * @flags: as for WSASend()
 *
 * Return: bytes taken, or SOCKET_ERROR.
 */
int wsp_send(SOCKET s, const char *buf, int len, int flags);

/**
 * wsp_sendto() - Winsock's sendto(): WSASendTo() with one buffer
 * @s: socket
 * @buf: what to send
 * @len: bytes
 * @flags: as for WSASend()
 * @to: the address; NULL means the connected peer
 * @tolen: its size in bytes
 *
 * Return: bytes taken, or SOCKET_ERROR.
 */
int wsp_sendto(SOCKET s, const char *buf, int len, int flags, const struct sockaddr *to, int tolen);

/**
 * wsp_recv() - Winsock's recv(): WSARecv() with one buffer
 * @s: socket
 * @buf: where to
 * @len: room in bytes
 * @flags: as for WSARecv()
 *
 * Return: bytes received, 0 at the end of a stream, or SOCKET_ERROR.
 */
int wsp_recv(SOCKET s, char *buf, int len, int flags);

/**
 * wsp_recvfrom() - Winsock's recvfrom(): WSARecvFrom() with one buffer
 * @s: socket
 * @buf: where to
 * @len: room in bytes
 * @flags: as for WSARecv()
 * @from: NULL or room for the sender's address
 * @fromlen: in: room at @from, out: size of the address
 *
 * Return: bytes received, or SOCKET_ERROR.
 */
int wsp_recvfrom(SOCKET s, char *buf, int len, int flags, struct sockaddr *from, int *fromlen);

/**
 * WSASendDisconnect() - end sending, with disconnect data if given
 * @s: connected socket
 * @data: NULL or a buffer; with length 0 its address is never looked at
 *
 * Never blocks, whatever the linger setting or the send queue, and closes
 * nothing: the receive direction works until the peer closes, the handle until
 * closesocket().  Without data it succeeds again and again.  SD-1 to SD-23
 *
 * Errors: WSAEFAULT (@data or its bytes not readable; nothing changed),
 * WSAENOTCONN (never connected, connecting, listening, or reset),
 * WSAENOPROTOOPT (data, but the connection cannot carry it; still able to
 * send), WSAEMSGSIZE (over the limit), WSAESHUTDOWN (data, but sending has
 * ended already), WSAENOBUFS.
 *
 * Return: 0, or SOCKET_ERROR.
 */
int WSASendDisconnect(SOCKET s, LPWSABUF data);

/**
 * WSARecvDisconnect() - end receiving, and fetch the peer's disconnect data
 * @s: socket
 * @data: NULL or a buffer; its length is set to what was copied, 0 when there
 *	is none (yet).  On WSAEFAULT for lack of room it tells the size needed,
 *	the data is kept and receiving stays on
 *
 * Never blocks, closes nothing, leaves the connection below untouched.  May be
 * called again to get the same data.  RD-1 to RD-20
 *
 * Errors: WSAEFAULT, WSAENOTCONN, WSAENOPROTOOPT (room given, but the
 * connection cannot carry disconnect data).
 *
 * Return: 0, or SOCKET_ERROR.
 */
int WSARecvDisconnect(SOCKET s, LPWSABUF data);

/**
 * wsp_shutdown() - Winsock's shutdown()
 * @s: connected socket
 * @how: SD_RECEIVE, SD_SEND or SD_BOTH; a second call is no error
 *
 * SD_RECEIVE sends nothing to the peer and resets nothing; receiving then
 * fails with WSAESHUTDOWN.
 *
 * Errors: WSAEINVAL (bad @how), WSAENOTCONN (not connected or listening).  RC-4
 *
 * Return: 0, or SOCKET_ERROR.
 */
int wsp_shutdown(SOCKET s, int how);

/**
 * closesocket() - close
 * @s: socket
 *
 * What happens to unsent data follows WS_SO_LINGER: off, it goes out in the
 * background; {1, 0} resets at once; {1, t} waits up to t seconds on a blocking
 * socket, then resets (the value is 0 either way); on a nonblocking one it
 * fails while data is unacknowledged.  The number stays out of use for the
 * next 64 closes.  CL-1 to CL-17
 *
 * Errors: WSAEWOULDBLOCK (see above; nothing changed, the handle stays valid).
 *
 * Return: 0, or SOCKET_ERROR.
 */
int closesocket(SOCKET s);

/**
 * ioctlsocket() - control a socket's mode
 * @s: socket
 * @cmd: WS_FIONBIO, WS_FIONREAD or WS_SIOCATMARK; Linux's numbers will do
 * @arg: in or out
 *
 * Errors: WSAEFAULT, WSAEOPNOTSUPP (another @cmd).
 *
 * Return: 0, or SOCKET_ERROR.
 */
int ioctlsocket(SOCKET s, int32_t cmd, uint32_t *arg);

/**
 * WSAIoctl() - ioctlsocket() with separate buffers
 * @s: socket
 * @code: those of ioctlsocket(), SIO_GET_EXTENSION_FUNCTION_POINTER, and
 *	those in <wsp/ioctls.h>
 * @in: input
 * @inlen: its size in bytes
 * @out: output
 * @outlen: room there in bytes
 * @count: out: bytes put at @out; may be NULL with @ov
 * @ov: NULL, or completed before the call returns 0 (OV-3)
 * @routine: NULL or called at the end
 *
 * Errors: WSAEFAULT (bad pointer, or @inlen or @outlen too small), WSAEINVAL
 * (not for this kind of socket, or a value or identifier that is not known),
 * WSAEOPNOTSUPP (another @code).
 *
 * Return: 0, or SOCKET_ERROR.
 */
int WSAIoctl(SOCKET s, DWORD code, void *in, DWORD inlen, void *out, DWORD outlen, DWORD *count,
	     LPWSAOVERLAPPED ov, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);

/**
 * wsp_setsockopt() - Winsock's setsockopt()
 * @s: socket
 * @level: WS_SOL_SOCKET, IPPROTO_IP, IPPROTO_IPV6, IPPROTO_TCP or IPPROTO_UDP
 *	with the names in <wsp/consts.h> and <wsp/options.h> and Windows'
 *	layouts (timeouts are a DWORD of milliseconds), or Linux's SOL_SOCKET
 *	with Linux's
 * @optname: option
 * @optval: its value
 * @optlen: its size in bytes
 *
 * Errors: WSAEFAULT (@optval not readable, or @optlen too small),
 * WSAENOPROTOOPT (unknown here, or not for this kind of socket), WSAEINVAL.
 * OP-1 to OP-7
 *
 * Return: 0, or SOCKET_ERROR.
 */
int wsp_setsockopt(SOCKET s, int level, int optname, const char *optval, int optlen);

/**
 * wsp_getsockopt() - Winsock's getsockopt()
 * @s: socket
 * @level: as for wsp_setsockopt()
 * @optname: option; WS_SO_ERROR gives a WSA code
 * @optval: room for the value
 * @optlen: in: room at @optval, out: size of the value
 *
 * Errors: WSAEFAULT, WSAENOPROTOOPT, WSAEINVAL.  OP-1 to OP-4, OP-7
 *
 * Return: 0, or SOCKET_ERROR.
 */
int wsp_getsockopt(SOCKET s, int level, int optname, char *optval, int *optlen);

/**
 * wsp_getsockname() - Winsock's getsockname()
 * @s: socket
 * @name: room for its own address
 * @namelen: in: room at @name, out: size of the address
 *
 * Errors: WSAEINVAL (not bound), WSAEFAULT.
 *
 * Return: 0, or SOCKET_ERROR.
 */
int wsp_getsockname(SOCKET s, struct sockaddr *name, int *namelen);

/**
 * wsp_getpeername() - Winsock's getpeername()
 * @s: socket
 * @name: room for the peer's address
 * @namelen: in: room at @name, out: size of the address
 *
 * Errors: WSAENOTCONN, WSAEFAULT.
 *
 * Return: 0, or SOCKET_ERROR.
 */
int wsp_getpeername(SOCKET s, struct sockaddr *name, int *namelen);

#ifdef __cplusplus
}
#endif

#endif /* WSP_WINSOCK2_H */
