// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * When a network event is recorded.
 *
 * An event is recorded once and then not again before the call that re-enables
 * it: a receive for FD_READ and FD_OOB, an accept for FD_ACCEPT, a send that
 * would have blocked for FD_WRITE.  Right after that call, and whenever the
 * kernel reports a change, the socket is looked at, so what still holds is
 * recorded before the call returns.
 */
#include <errno.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "block.h"
#include "netevent_record.h"
#include "ready.h"
#include "upcall.h"

#define NETEVENT_LEVEL	(FD_READ | FD_OOB | FD_ACCEPT)
/* What shows that there is a peer. */
#define NETEVENT_PEER	(WSP_READY_READ | WSP_READY_WRITE | WSP_READY_END | WSP_READY_RESET | \
			 WSP_READY_UNSURE)

static int netevent_option(int fd, int name)
{
	int val = 0;
	socklen_t len = sizeof(val);

	return getsockopt(fd, SOL_SOCKET, name, &val, &len) ? 0 : val;
}

/* The message's parameters are those of WSAAsyncSelect(). */
static void netevent_tell(struct wsp_netevent *ne, int32_t event, int code)
{
	if (ne->sel.event) {
		ne->recorded |= event;
		ne->error[__builtin_ctz(event)] = code;
		wsp_upcall_set_event(ne->sel.event);
		return;
	}
	wsp_callback_enter();
	wsp_upcall_post_message(ne->sel.wnd, ne->sel.msg, ne->fd, event | (LPARAM)code << 16);
	wsp_callback_leave();
}

/* Return: whether it was news. */
static bool netevent_record(struct wsp_netevent *ne, int32_t event, int code)
{
	if (!(ne->enabled & ne->sel.mask & event))
		return false;
	ne->enabled &= ~event;
	netevent_tell(ne, event, code);
	return true;
}

/*
 * The kernel goes on calling a socket connecting until connect() is called
 * again, and tells that call the outcome, where Winsock has WSAEISCONN or a new
 * attempt.  So that call is made here; an address this short is never used.
 */
static int netevent_finish_connect(int fd)
{
	struct sockaddr sa = { .sa_family = AF_INET };
	int errnum;

	if (!connect(fd, &sa, sizeof(sa.sa_family)) || errno == EISCONN)
		return 0;
	/* A security module may have refused the address. */
	errnum = errno == EINVAL ? netevent_option(fd, SO_ERROR) : errno;
	return errnum ? wsp_err_from_errno(errnum) : 0;
}

static bool netevent_look_connect(struct wsp_netevent *ne, const struct wsp_handle *h,
				  uint32_t ready)
{
	/* A call of the library waits for the outcome, and will tell. */
	if (wsp_handle_peek(ne->fd) & WSP_H_NONBLOCK_BELOW)
		return false;
	if (ready & WSP_READY_FAILED) {
		ne->so_error = netevent_finish_connect(ne->fd);
		netevent_record(ne, FD_CONNECT, ne->so_error);
		/* The next attempt may have an outcome before its hook is called. */
		ne->enabled |= FD_CONNECT;
		return true;
	}
	if (!(ready & NETEVENT_PEER))
		return false;
	if (!(ready & WSP_READY_RESET))
		netevent_finish_connect(ne->fd);
	ne->connected = true;
	ne->enabled |= NETEVENT_LEVEL | FD_WRITE | FD_CLOSE;
	wsp_handle_add(h, WSP_H_CONNECTED);
	return netevent_record(ne, FD_CONNECT, 0);
}

/* The kernel tells an error once; WSP_H_RESET remembers.  RC-3, EV-4 */
static int netevent_reset_code(struct wsp_netevent *ne, const struct wsp_handle *h)
{
	int errnum = netevent_option(ne->fd, SO_ERROR);

	wsp_handle_add(h, WSP_H_RESET);
	if (errnum)
		ne->so_error = wsp_err_from_errno(errnum);
	switch (errnum) {
	case 0:
	case ECONNRESET:
	case EPIPE:
		return WSAECONNRESET;
	case ENETDOWN:
		return WSAENETDOWN;
	default:
		return WSAECONNABORTED;
	}
}

static bool netevent_look_data(struct wsp_netevent *ne, const struct wsp_handle *h, uint32_t ready)
{
	bool news = false;

	if ((ready & WSP_READY_READ) && !(h->state & WSP_H_RECV_OFF))
		news |= netevent_record(ne, FD_READ, 0);
	if ((ready & WSP_READY_OOB) && !(h->state & WSP_H_RECV_OFF))
		news |= netevent_record(ne, FD_OOB, 0);
	if ((ready & WSP_READY_WRITE) && !(ready & WSP_READY_RESET) &&
	    !(h->state & WSP_H_SEND_OFF))
		news |= netevent_record(ne, FD_WRITE, 0);
	if (!(ne->enabled & ne->sel.mask & FD_CLOSE) || !ne->connected)
		return news;
	if (ready & WSP_READY_RESET)
		news |= netevent_record(ne, FD_CLOSE, netevent_reset_code(ne, h));
	else if (ready & WSP_READY_END)
		news |= netevent_record(ne, FD_CLOSE, 0);
	return news;
}

static bool netevent_is_stream(const struct wsp_handle *h)
{
	return !(h->state & WSP_H_DGRAM);
}

/* What may still be recorded; the rest is left out only where it disturbs. */
static uint32_t netevent_interest(const struct wsp_netevent *ne, const struct wsp_handle *h,
				  uint32_t ready)
{
	int32_t open = ne->enabled & ne->sel.mask;
	uint32_t want = EPOLLRDHUP;

	if (ready & WSP_READY_UNSURE)
		want |= EPOLLIN;
	if ((open & (FD_READ | FD_ACCEPT)) && !(h->state & WSP_H_RECV_OFF))
		want |= EPOLLIN;
	if (open & FD_OOB)
		want |= EPOLLPRI;
	if ((open & FD_WRITE) || (netevent_is_stream(h) && !ne->connected))
		want |= EPOLLOUT;
	return want;
}

/**
 * netevent_look() - record what holds
 * @ne: record, locked
 * @h: the socket
 * @woken: the kernel reported a change; then what it need not report again is
 *	left out
 *
 * Return: false if the socket cannot be watched.
 */
static bool netevent_look(struct wsp_netevent *ne, const struct wsp_handle *h, bool woken)
{
	uint32_t ready = wsp_ready_now(h), want;
	bool news = false;

	if (ne->listening && ((ready & WSP_READY_READ) || wsp_handle_has_deferred(h)))
		news |= netevent_record(ne, FD_ACCEPT, 0);
	if (!ne->listening && !ne->connected && netevent_is_stream(h))
		news |= netevent_look_connect(ne, h, ready);
	if (!ne->listening && (ne->connected || !netevent_is_stream(h)))
		news |= netevent_look_data(ne, h, ready);
	want = netevent_interest(ne, h, ready);
	if (ne->interest && !(want & ~ne->interest) && (!woken || news || want == ne->interest))
		return true;
	return wsp_netevent_watch(ne, want);
}

static bool netevent_has_peer(const struct wsp_handle *h)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	if (h->state & WSP_H_TCP)
		return wsp_tcp_state(h) >= WSP_TCP_OPEN;
	return !getpeername(h->fd, (struct sockaddr *)&ss, &len);
}

static void netevent_cancel(struct wsp_netevent *ne)
{
	pthread_mutex_lock(&ne->lock);
	if (!ne->dead)
		wsp_netevent_unwatch(ne);
	ne->dead = true;
	pthread_mutex_unlock(&ne->lock);
	wsp_netevent_put(ne);
}

/* Return: the record, locked, or NULL. */
static struct wsp_netevent *netevent_lock_new(const struct wsp_handle *h)
{
	for (;;) {
		struct wsp_netevent *ne = wsp_netevent_find_or_new(h);

		if (!ne)
			return NULL;
		pthread_mutex_lock(&ne->lock);
		if (!ne->dead)
			return ne;
		pthread_mutex_unlock(&ne->lock);
		wsp_netevent_put(ne);
	}
}

static void netevent_unlock(struct wsp_netevent *ne)
{
	pthread_mutex_unlock(&ne->lock);
	wsp_netevent_put(ne);
}

/* With an empty record: nothing of an earlier selection stays.  EV-5 */
static int netevent_begin(const struct wsp_handle *h, const struct wsp_selection *sel,
			  bool inherited)
{
	struct wsp_netevent *ne;
	int code = wsp_block_set_nonblocking(h, true);
	bool watched;

	if (code)
		return code;
	ne = netevent_lock_new(h);
	if (!ne)
		return WSAENOBUFS;
	wsp_handle_add(h, WSP_H_EVENTS);
	ne->sel = *sel;
	ne->recorded = 0;
	ne->enabled = NETEVENT_LEVEL | FD_CONNECT | FD_CLOSE;
	ne->listening = netevent_option(h->fd, SO_ACCEPTCONN);
	ne->connected = !ne->listening && netevent_has_peer(h);
	if (ne->connected || !netevent_is_stream(h))
		ne->enabled |= FD_WRITE;
	if (ne->connected && !inherited)
		netevent_record(ne, FD_CONNECT, 0);
	watched = netevent_look(ne, h, false);
	netevent_unlock(ne);
	if (watched)
		return 0;
	wsp_netevent_forget(h);
	return WSAENOBUFS;
}

/**
 * wsp_netevent_select() - WSAEventSelect() and WSAAsyncSelect()
 * @h: socket
 * @sel: what was asked for; a mask of 0 cancels
 *
 * Return: 0 or a WSA code.  EV-3, EV-5
 */
int wsp_netevent_select(const struct wsp_handle *h, const struct wsp_selection *sel)
{
	if (sel->mask)
		return netevent_begin(h, sel, false);
	wsp_netevent_forget(h);
	return 0;
}

/**
 * wsp_netevent_forget() - cancel the selection
 * @h: socket
 *
 * Nothing is set or posted once this returns.  CL-7
 */
void wsp_netevent_forget(const struct wsp_handle *h)
{
	struct wsp_netevent *ne = wsp_netevent_remove(h);

	wsp_handle_put(h, WSP_H_EVENTS, false);
	if (ne)
		netevent_cancel(ne);
}

/* Return: the socket's record, locked, or NULL. */
static struct wsp_netevent *netevent_lock(const struct wsp_handle *h)
{
	struct wsp_netevent *ne = wsp_netevent_find(h->fd);

	if (!ne)
		return NULL;
	pthread_mutex_lock(&ne->lock);
	if (ne->id == h->id && !ne->dead)
		return ne;
	netevent_unlock(ne);
	return NULL;
}

/**
 * wsp_netevent_selected() - is there a selection?
 * @h: socket
 *
 * Return: true if so; such a socket cannot be made blocking.
 */
bool wsp_netevent_selected(const struct wsp_handle *h)
{
	struct wsp_netevent *ne = netevent_lock(h);

	if (!ne)
		return false;
	netevent_unlock(ne);
	return true;
}

/**
 * wsp_netevent_take_error() - an error that was taken from the kernel
 * @h: socket
 *
 * Return: WSA code for WS_SO_ERROR, 0 if there is none; told once.
 */
int wsp_netevent_take_error(const struct wsp_handle *h)
{
	struct wsp_netevent *ne;
	int code;

	if (!(h->state & WSP_H_EVENTS))
		return 0;
	ne = netevent_lock(h);
	if (!ne)
		return 0;
	code = ne->so_error;
	ne->so_error = 0;
	netevent_unlock(ne);
	return code;
}

static struct wsp_netevent *netevent_lock_socket(SOCKET s, struct wsp_handle *h)
{
	return wsp_handle_get(s, h) ? NULL : netevent_lock(h);
}

/**
 * wsp_netevent_enable() - a call has been made that re-enables events
 * @s: socket
 * @events: which; 0 to look only
 */
void wsp_netevent_enable(SOCKET s, int32_t events)
{
	struct wsp_netevent *ne;
	struct wsp_handle h;

	ne = netevent_lock_socket(s, &h);
	if (!ne)
		return;
	ne->enabled |= events;
	if (!events && !ne->connected)
		ne->listening = netevent_option(h.fd, SO_ACCEPTCONN);
	netevent_look(ne, &h, false);
	netevent_unlock(ne);
}

/**
 * wsp_netevent_connected() - a connect call has returned, or completed
 * @h: socket
 * @code: 0, WSAEWOULDBLOCK while it is under way, or its WSA code
 */
void wsp_netevent_connected(const struct wsp_handle *h, int code)
{
	struct wsp_netevent *ne;

	if (code && code != WSAEWOULDBLOCK)
		return;
	ne = netevent_lock(h);
	if (!ne)
		return;
	if (!netevent_is_stream(h)) {
		ne->connected = true;
		ne->enabled |= FD_CONNECT | FD_WRITE;
		netevent_record(ne, FD_CONNECT, 0);
	}
	netevent_look(ne, h, false);
	netevent_unlock(ne);
}

/**
 * wsp_netevent_inherit() - an accepted socket takes over its listener's selection
 * @listener: listener
 * @fd: accepted socket
 */
void wsp_netevent_inherit(const struct wsp_handle *listener, int fd)
{
	struct wsp_netevent *ne = netevent_lock(listener);
	struct wsp_selection sel;
	struct wsp_handle h;

	if (!ne)
		return;
	sel = ne->sel;
	netevent_unlock(ne);
	if (!wsp_handle_get(fd, &h))
		netevent_begin(&h, &sel, true);
}

/**
 * wsp_netevent_replaced() - have the selection go on with another socket
 * @old: what was at the descriptor
 */
void wsp_netevent_replaced(const struct wsp_handle *old)
{
	struct wsp_netevent *ne = netevent_lock(old);
	struct wsp_selection sel;
	struct wsp_handle h;

	if (!ne)
		return;
	sel = ne->sel;
	netevent_unlock(ne);
	wsp_netevent_forget(old);
	if (!wsp_handle_get(old->fd, &h))
		netevent_begin(&h, &sel, true);
}

/**
 * wsp_netevent_happened() - the kernel reported a change
 * @fd: descriptor
 * @serial: the record's
 */
void wsp_netevent_happened(int fd, uint32_t serial)
{
	struct wsp_netevent *ne;
	struct wsp_handle h;

	ne = netevent_lock_socket(fd, &h);
	if (!ne)
		return;
	if (ne->serial == serial)
		netevent_look(ne, &h, true);
	netevent_unlock(ne);
}

static int netevent_give(struct wsp_netevent *ne, WSAEVENT event, LPWSANETWORKEVENTS out)
{
	WSANETWORKEVENTS old, new;

	if (!wsp_mem_read(&old, out, sizeof(old)))
		return WSAEFAULT;
	new = old;
	new.lNetworkEvents = ne ? ne->recorded : 0;
	for (int i = 0; ne && i < FD_MAX_EVENTS; i++)
		if (ne->recorded & 1 << i)
			new.iErrorCode[i] = ne->error[i];
	if (!wsp_mem_write(out, &new, sizeof(new)))
		return WSAEFAULT;
	if (event && !wsp_upcall_reset_event(event)) {
		wsp_mem_write(out, &old, sizeof(old));
		return WSAEINVAL;
	}
	if (ne)
		ne->recorded = 0;
	return 0;
}

/**
 * wsp_netevent_enum() - WSAEnumNetworkEvents()
 * @h: socket
 * @event: NULL, or to be reset in the same step
 * @out: the caller's; codes are written only for events that are there
 *
 * Return: 0 or a WSA code, and then nothing has changed.  EV-6
 */
int wsp_netevent_enum(const struct wsp_handle *h, WSAEVENT event, LPWSANETWORKEVENTS out)
{
	struct wsp_netevent *ne = netevent_lock(h);
	int code = netevent_give(ne, event, out);

	if (ne)
		netevent_unlock(ne);
	return code;
}
