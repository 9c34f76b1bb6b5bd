/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The catalogue: which protocols there are, who provides them, and sharing a
 * socket with another process.
 *
 * The WSC calls need no WSAStartup(); they leave their code in *err where they
 * have one.  What they change is kept in /etc/wsp/providers.conf, or in the file
 * that WSP_PROVIDERS in the environment names, and holds for processes that call
 * WSAStartup() afterwards, this one included.
 */
#ifndef WSP_CATALOG_H
#define WSP_CATALOG_H

#include <wsp/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WSANO_RECOVERY			11003

#define BASE_PROTOCOL			1
#define LAYERED_PROTOCOL		0

#define BIGENDIAN			0x0000
#define LITTLEENDIAN			0x0001
#define SECURITY_PROTOCOL_NONE		0x0000

#define PFL_MULTIPLE_PROTO_ENTRIES	0x00000001
#define PFL_RECOMMENDED_PROTO_ENTRY	0x00000002
#define PFL_HIDDEN			0x00000004
#define PFL_MATCHES_PROTOCOL_ZERO	0x00000008

/**
 * WSAEnumProtocolsW() - the protocols an application can have
 * @protocols: NULL, or numbers as of IPPROTO_TCP, the last one 0
 * @buf: room for the entries
 * @len: in: size of @buf in bytes, out: the size needed if that was too small
 *
 * Disconnect data over TCP is an entry of its own, there while the kernel has
 * the module.  Layers that are no protocol of their own and hidden entries are
 * left out.  IN-3, IN-4
 *
 * Return: how many entries were put at @buf, or SOCKET_ERROR.
 *
 * Errors: WSAENOBUFS (@buf NULL or too small), WSAEFAULT.
 */
int WSAEnumProtocolsW(int *protocols, LPWSAPROTOCOL_INFOW buf, DWORD *len);

/**
 * WSAEnumProtocolsA() - WSAEnumProtocolsW() with names in UTF-8
 * @protocols: as there
 * @buf: as there
 * @len: as there
 *
 * Return: as there.
 */
int WSAEnumProtocolsA(int *protocols, LPWSAPROTOCOL_INFOA buf, DWORD *len);

/**
 * WSCEnumProtocols() - all entries, in the catalogue's order
 * @protocols: as for WSAEnumProtocolsW()
 * @buf: as there
 * @len: as there
 * @err: out: the code
 *
 * Return: how many entries were put at @buf, or SOCKET_ERROR.
 *
 * Errors: WSAENOBUFS, WSAEFAULT.
 */
int WSCEnumProtocols(int *protocols, LPWSAPROTOCOL_INFOW buf, DWORD *len, int *err);

/**
 * WSCInstallProvider() - enter a provider and its protocols in the catalogue
 * @id: the provider's own number
 * @path: absolute path of the shared object, which exports WSPStartup()
 * @infos: its protocols.  The catalogue numbers of the entries are given out
 *	here; a protocol chain names its parts by theirs
 * @n: how many
 * @err: out: the code
 *
 * The entries go behind all others; see WSCWriteProviderOrder().
 *
 * Errors: WSAEFAULT, WSAEINVAL (a relative path, no protocol or a bad one, or
 * @id is installed already), WSANO_RECOVERY (the file could not be read or
 * written), WSAENOBUFS.
 *
 * Return: 0, or SOCKET_ERROR.
 */
int WSCInstallProvider(GUID *id, const WCHAR *path, const LPWSAPROTOCOL_INFOW infos, DWORD n,
		       int *err);

/**
 * WSCDeinstallProvider() - take a provider out of the catalogue
 * @id: its number
 * @err: out: the code
 *
 * Sockets it has made keep working.
 *
 * Errors: WSAEFAULT, WSAEINVAL (not installed, or built in), WSANO_RECOVERY.
 *
 * Return: 0, or SOCKET_ERROR.
 */
int WSCDeinstallProvider(GUID *id, int *err);

/**
 * WSCGetProviderPath() - where a provider's code is
 * @id: its number
 * @path: room for the path; the built-in provider's is this library's
 * @len: in: room in characters, out: those needed, the 0 included
 * @err: out: the code
 *
 * Errors: WSAEFAULT (too little room, too), WSAEINVAL (not installed).
 *
 * Return: 0, or SOCKET_ERROR.
 */
int WSCGetProviderPath(GUID *id, WCHAR *path, int *len, int *err);

/**
 * WSCWriteProviderOrder() - reorder the catalogue
 * @entries: catalogue numbers, first the one to be first; what is not among them
 *	follows in the order it had
 * @n: how many
 *
 * A socket that is asked for without a catalogue entry is made by the first
 * entry that fits.
 *
 * Return: 0, WSAEFAULT, WSAEINVAL (unknown or twice) or WSANO_RECOVERY.
 */
int WSCWriteProviderOrder(DWORD *entries, DWORD n);

/**
 * WSADuplicateSocketW() - let another process have this socket, too
 * @s: socket
 * @process_id: the other process, or this one
 * @info: out: to be passed, whole, to WSASocketW() there, with FROM_PROTOCOL_INFO
 *	for family, type and protocol
 *
 * Both are the same socket: its options, its blocking mode and the ends of its
 * directions are shared, and it is closed when both are (CL-4).  @s must be open
 * until the other process has made its own.
 *
 * Errors: WSAEINVAL (no such process), WSAEFAULT.  WSASocketW(): WSAEINVAL (@s
 * is another socket by now, or the process is gone), WSAEACCES (the kernel does
 * not let it), WSAEMFILE.
 *
 * Return: 0, or SOCKET_ERROR.
 */
int WSADuplicateSocketW(SOCKET s, DWORD process_id, LPWSAPROTOCOL_INFOW info);

/**
 * WSADuplicateSocketA() - WSADuplicateSocketW() for WSASocketA()
 * @s: as there
 * @process_id: as there
 * @info: as there
 *
 * Return: 0, or SOCKET_ERROR.
 */
int WSADuplicateSocketA(SOCKET s, DWORD process_id, LPWSAPROTOCOL_INFOA info);

#ifdef __cplusplus
}
#endif

#endif /* WSP_CATALOG_H */
