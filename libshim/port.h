/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Completion ports. */
#ifndef WSP_PORT_H
#define WSP_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wsp/iocp.h>
#include <wsp/types.h>

struct wsp_port;

/**
 * struct wsp_packet - what a port is told
 * @next: in the port's queue
 * @key: of the socket, or as posted
 * @ov: the operation's, or as posted
 * @count: bytes
 * @status: as in WSAOVERLAPPED.Internal
 *
 * From malloc() or wsp_packet_alloc(); whoever takes it out frees it.
 */
struct wsp_packet {
	struct wsp_packet *next;
	ULONG_PTR key;
	LPWSAOVERLAPPED ov;
	DWORD count;
	uint32_t status;
};

void *wsp_packet_alloc(size_t size);
void wsp_packet_free(struct wsp_packet *p);

void wsp_port_get(struct wsp_port *port);
void wsp_port_put(struct wsp_port *port);
void wsp_port_push(struct wsp_port *port, struct wsp_packet *packet);
/* Between these, the calling thread's pushes wake nobody. */
void wsp_port_hold_wakes(void);
void wsp_port_send_wakes(void);
HANDLE wsp_port_create(DWORD threads);
struct wsp_port *wsp_port_find(HANDLE handle);
int wsp_port_wait(struct wsp_port *port, LPOVERLAPPED_ENTRY entries, unsigned int max,
		  unsigned int *n, int64_t deadline, bool alertable);
bool wsp_port_take_again(HANDLE handle, LPOVERLAPPED_ENTRY entry);
void wsp_port_fork_child(void);

#endif /* WSP_PORT_H */
