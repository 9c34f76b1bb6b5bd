// SPDX-License-Identifier: LGPL-2.1-or-later
/* AcceptEx, ConnectEx, DisconnectEx, TransmitFile, messages. */
#include <fcntl.h>
#include <kselftest_harness.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "extension.h"
#include "overlapped.h"
#include "util.h"

#define NAME_ROOM	(sizeof(struct sockaddr_in) + 16)

static const GUID ext_connectex = WSAID_CONNECTEX;
static const GUID ext_disconnectex = WSAID_DISCONNECTEX;
static const GUID ext_recvmsg = WSAID_WSARECVMSG;

FIXTURE(ext)
{
	SOCKET listener;
	SOCKET s;
	struct sockaddr_storage ss;
	int len;
	WSAOVERLAPPED ov;
	char buf[256];
};

FIXTURE_SETUP(ext)
{
	util_start();
	memset(&self->ov, 0, sizeof(self->ov));
	ASSERT_TRUE(util_listen(AF_INET, &self->listener, &self->ss, &self->len));
	self->s = wsp_socket(AF_INET, SOCK_STREAM, 0);
	ASSERT_NE(INVALID_SOCKET, self->s);
}

FIXTURE_TEARDOWN(ext)
{
}

static int ext_error(BOOL ok)
{
	return ok ? 0 : WSAGetLastError();
}

static int ext_result(SOCKET s, WSAOVERLAPPED *ov)
{
	DWORD count, flags;

	return WSAGetOverlappedResult(s, ov, &count, 1, &flags) ? (int)count : -WSAGetLastError();
}

static SOCKET ext_connect(const struct sockaddr_storage *ss, int len)
{
	SOCKET s = wsp_socket(AF_INET, SOCK_STREAM, 0);

	return wsp_connect(s, (const struct sockaddr *)ss, len) ? INVALID_SOCKET : s;
}

TEST_F(ext, AcceptEx_pending_then_connected)
{
	struct sockaddr *local, *remote;
	int local_len, remote_len;
	SOCKET number = self->s, c;
	char byte;

	ASSERT_EQ(WSA_IO_PENDING, ext_error(AcceptEx(self->listener, self->s, self->buf, 0,
						     NAME_ROOM, NAME_ROOM, NULL, &self->ov)));
	c = ext_connect(&self->ss, self->len);
	ASSERT_NE(INVALID_SOCKET, c);
	EXPECT_EQ(0, ext_result(self->listener, &self->ov));
	EXPECT_EQ(0, wsp_setsockopt(number, WS_SOL_SOCKET, WS_SO_UPDATE_ACCEPT_CONTEXT,
				    (char *)&self->listener, sizeof(self->listener)));
	ASSERT_EQ(1, wsp_send(c, "x", 1, 0));
	ASSERT_EQ(1, wsp_recv(number, &byte, 1, 0));
	ASSERT_EQ(1, wsp_send(number, "y", 1, 0));
	ASSERT_EQ(1, wsp_recv(c, &byte, 1, 0));
	GetAcceptExSockaddrs(self->buf, 0, NAME_ROOM, NAME_ROOM, &local, &local_len, &remote,
			     &remote_len);
	EXPECT_EQ(sizeof(struct sockaddr_in), local_len);
	EXPECT_EQ(sizeof(struct sockaddr_in), remote_len);
	EXPECT_EQ(((struct sockaddr_in *)&self->ss)->sin_port,
		  ((struct sockaddr_in *)local)->sin_port);
	self->len = sizeof(self->ss);
	ASSERT_EQ(0, wsp_getsockname(c, (struct sockaddr *)&self->ss, &self->len));
	EXPECT_EQ(((struct sockaddr_in *)&self->ss)->sin_port,
		  ((struct sockaddr_in *)remote)->sin_port);
	EXPECT_EQ(0, closesocket(number));
	EXPECT_EQ(0, wsp_recv(c, &byte, 1, 0));
}

TEST_F(ext, AcceptEx_with_first_data_through_the_listener_s_port)
{
	HANDLE port = CreateIoCompletionPort((HANDLE)self->listener, NULL, 1, 0);
	LPWSAOVERLAPPED got;
	ULONG_PTR key = 0;
	DWORD count = 0;
	SOCKET c;

	ASSERT_EQ(port, CreateIoCompletionPort((HANDLE)self->s, port, 2, 0));
	ASSERT_EQ(WSA_IO_PENDING, ext_error(AcceptEx(self->listener, self->s, self->buf, 100,
						     NAME_ROOM, NAME_ROOM, &count, &self->ov)));
	c = ext_connect(&self->ss, self->len);
	EXPECT_FALSE(GetQueuedCompletionStatus(port, &count, &key, &got, 50));
	ASSERT_EQ(5, wsp_send(c, "hello", 5, 0));
	ASSERT_TRUE(GetQueuedCompletionStatus(port, &count, &key, &got, UTIL_SOON_MS));
	EXPECT_EQ(5, count);
	EXPECT_EQ(1, key);
	EXPECT_EQ(&self->ov, got);
	EXPECT_EQ(0, memcmp(self->buf, "hello", 5));
	/* The accepted socket has kept its own. */
	ASSERT_EQ(0, WSASend(self->s, &(WSABUF){ 1, "x" }, 1, NULL, 0, &self->ov, NULL));
	ASSERT_TRUE(GetQueuedCompletionStatus(port, &count, &key, &got, UTIL_SOON_MS));
	EXPECT_EQ(2, key);
}

TEST_F(ext, CL_6_AcceptEx_is_aborted_in_either_state)
{
	SOCKET s2 = wsp_socket(AF_INET, SOCK_STREAM, 0);
	WSAOVERLAPPED ov2 = { 0 };
	char buf2[256];
	SOCKET c;

	ASSERT_EQ(WSA_IO_PENDING, ext_error(AcceptEx(self->listener, self->s, self->buf, 100,
						     NAME_ROOM, NAME_ROOM, NULL, &self->ov)));
	ASSERT_EQ(WSA_IO_PENDING, ext_error(AcceptEx(self->listener, s2, buf2, 100, NAME_ROOM,
						     NAME_ROOM, NULL, &ov2)));
	c = ext_connect(&self->ss, self->len);
	ASSERT_NE(INVALID_SOCKET, c);
	/* Until the first one waits for data. */
	while (!wsp_chan_waiting(self->s, WSP_IN))
		usleep(1000);
	ASSERT_EQ(0, closesocket(self->listener));
	EXPECT_EQ(0xc0000120, (DWORD)self->ov.Internal);
	EXPECT_EQ(0xc0000120, (DWORD)ov2.Internal);
}

TEST_F(ext, AcceptEx_checks)
{
	WSAOVERLAPPED *ov = &self->ov;
	DWORD n;

	EXPECT_EQ(WSAENOTSOCK, ext_error(AcceptEx(INVALID_SOCKET, self->s, self->buf, 0, NAME_ROOM,
						  NAME_ROOM, &n, ov)));
	EXPECT_EQ(WSAENOTSOCK, ext_error(AcceptEx(self->listener, INVALID_SOCKET, self->buf, 0,
						  NAME_ROOM, NAME_ROOM, &n, ov)));
	EXPECT_EQ(WSAEINVAL, ext_error(AcceptEx(self->s, self->s, self->buf, 0, NAME_ROOM,
						NAME_ROOM, &n, ov)));
	EXPECT_EQ(WSAEINVAL, ext_error(AcceptEx(self->listener, self->listener, self->buf, 0,
						NAME_ROOM, NAME_ROOM, &n, ov)));
	EXPECT_EQ(WSAEFAULT, ext_error(AcceptEx(self->listener, self->s, self->buf, 0, NAME_ROOM,
						4, &n, ov)));
	EXPECT_EQ(WSA_INVALID_PARAMETER, ext_error(AcceptEx(self->listener, self->s, self->buf, 0,
							    NAME_ROOM, NAME_ROOM, &n, NULL)));
}

static void ext_bind_any(SOCKET s)
{
	struct sockaddr_in any = { .sin_family = AF_INET };

	wsp_bind(s, (struct sockaddr *)&any, sizeof(any));
}

TEST_F(ext, ConnectEx_sends_with_the_connection)
{
	LPFN_CONNECTEX connectex = wsp_extension_find(&ext_connectex);
	char byte[4];
	SOCKET c;
	int code;

	EXPECT_EQ(WSAEINVAL, ext_error(connectex(self->s, (struct sockaddr *)&self->ss, self->len,
						 NULL, 0, NULL, &self->ov)));
	ext_bind_any(self->s);
	code = ext_error(connectex(self->s, (struct sockaddr *)&self->ss, self->len, "data", 4,
				   NULL, &self->ov));
	EXPECT_TRUE(!code || code == WSA_IO_PENDING);
	EXPECT_EQ(4, ext_result(self->s, &self->ov));
	c = wsp_accept(self->listener, NULL, NULL);
	ASSERT_EQ(4, wsp_recv(c, byte, 4, 0));
	EXPECT_EQ(0, memcmp(byte, "data", 4));
	EXPECT_EQ(WSAEISCONN, ext_error(connectex(self->s, (struct sockaddr *)&self->ss, self->len,
						  NULL, 0, NULL, &self->ov)));
	/* Blocking again. */
	EXPECT_FALSE(fcntl((int)self->s, F_GETFL) & O_NONBLOCK);
	EXPECT_EQ(0, wsp_setsockopt(self->s, WS_SOL_SOCKET, WS_SO_UPDATE_CONNECT_CONTEXT, NULL,
				    0));
}

TEST_F(ext, ConnectEx_refused)
{
	LPFN_CONNECTEX connectex = wsp_extension_find(&ext_connectex);
	int code;

	ASSERT_EQ(0, closesocket(self->listener));
	ext_bind_any(self->s);
	code = ext_error(connectex(self->s, (struct sockaddr *)&self->ss, self->len, NULL, 0, NULL,
				   &self->ov));
	if (code == WSA_IO_PENDING)
		code = -ext_result(self->s, &self->ov);
	EXPECT_EQ(WSAECONNREFUSED, code);
}

TEST_F(ext, DisconnectEx_and_again)
{
	LPFN_DISCONNECTEX disconnectex = wsp_extension_find(&ext_disconnectex);
	LPFN_CONNECTEX connectex = wsp_extension_find(&ext_connectex);
	SOCKET c = ext_connect(&self->ss, self->len), s;
	char byte;
	int code;

	EXPECT_EQ(WSAENOTCONN, ext_error(disconnectex(self->s, &self->ov, 0, 0)));
	EXPECT_EQ(WSAEINVAL, ext_error(disconnectex(c, &self->ov, 1, 0)));
	s = wsp_accept(self->listener, NULL, NULL);
	ASSERT_EQ(WSA_IO_PENDING, ext_error(disconnectex(c, &self->ov, TF_REUSE_SOCKET, 0)));
	EXPECT_EQ(0, wsp_recv(s, &byte, 1, 0));
	EXPECT_FALSE(HasOverlappedIoCompleted(&self->ov));
	ASSERT_EQ(0, closesocket(s));
	EXPECT_EQ(0, ext_result(c, &self->ov));
	/* The same number, a new connection. */
	code = ext_error(connectex(c, (struct sockaddr *)&self->ss, self->len, "z", 1, NULL,
				   &self->ov));
	EXPECT_TRUE(!code || code == WSA_IO_PENDING);
	EXPECT_EQ(1, ext_result(c, &self->ov));
	s = wsp_accept(self->listener, NULL, NULL);
	EXPECT_EQ(1, wsp_recv(s, &byte, 1, 0));
	EXPECT_EQ('z', byte);
}

TEST_F(ext, TransmitFile_between_two_buffers_and_disconnect)
{
	enum { SIZE = 3 << 20 };
	TRANSMIT_FILE_BUFFERS bufs = { "head", 4, "tail", 4 };
	char path[] = "/tmp/wsp-transmit-XXXXXX";
	SOCKET c = ext_connect(&self->ss, self->len), s = wsp_accept(self->listener, NULL, NULL);
	char *data = malloc(SIZE), *in = malloc(SIZE + 8);
	size_t got = 0;
	int n, code, file = mkstemp(path);

	ASSERT_LE(0, file);
	unlink(path);
	for (int i = 0; i < SIZE; i++)
		data[i] = (char)(i * 13 + i / 509);
	ASSERT_EQ(SIZE, write(file, data, SIZE));
	self->ov.Offset = 1000;
	code = ext_error(TransmitFile(c, (HANDLE)(intptr_t)file, 0, 0, &self->ov, &bufs,
				      TF_DISCONNECT));
	ASSERT_TRUE(!code || code == WSA_IO_PENDING);
	EXPECT_EQ(0, close(file));
	while ((n = wsp_recv(s, in + got, (int)(SIZE + 8 - got), 0)) > 0)
		got += n;
	EXPECT_EQ(0, n);
	ASSERT_EQ(SIZE - 1000 + 8, got);
	EXPECT_EQ(0, memcmp(in, "head", 4));
	EXPECT_EQ(0, memcmp(in + 4, data + 1000, SIZE - 1000));
	EXPECT_EQ(0, memcmp(in + 4 + SIZE - 1000, "tail", 4));
	EXPECT_EQ(SIZE - 1000 + 8, ext_result(c, &self->ov));
	EXPECT_EQ(1000, self->ov.Offset);
	EXPECT_EQ(WSAESHUTDOWN, util_err(wsp_send(c, "x", 1, 0)));
	EXPECT_FALSE(fcntl((int)c, F_GETFL) & O_NONBLOCK);
}

TEST_F(ext, TransmitFile_at_the_current_position)
{
	char path[] = "/tmp/wsp-transmit-XXXXXX";
	SOCKET c = ext_connect(&self->ss, self->len), s = wsp_accept(self->listener, NULL, NULL);
	int file = mkstemp(path);
	int fds[2];

	ASSERT_LE(0, file);
	unlink(path);
	ASSERT_EQ(10, write(file, "0123456789", 10));
	ASSERT_EQ(2, lseek(file, 2, SEEK_SET));
	EXPECT_TRUE(TransmitFile(c, (HANDLE)(intptr_t)file, 5, 0, NULL, NULL, 0));
	EXPECT_EQ(7, lseek(file, 0, SEEK_CUR));
	ASSERT_EQ(5, wsp_recv(s, self->buf, sizeof(self->buf), 0));
	EXPECT_EQ(0, memcmp(self->buf, "23456", 5));
	ASSERT_EQ(0, pipe(fds));
	EXPECT_EQ(WSA_INVALID_HANDLE, ext_error(TransmitFile(c, (HANDLE)(intptr_t)fds[0], 5, 0,
							     NULL, NULL, 0)));
	EXPECT_EQ(WSAENOTCONN, ext_error(TransmitFile(self->s, NULL, 0, 0, NULL, NULL, 0)));
}

TEST_F(ext, messages_with_packet_information)
{
	LPFN_WSARECVMSG recvmsg_fn = wsp_extension_find(&ext_recvmsg);
	union {
		WSACMSGHDR align;
		char room[WSA_CMSG_SPACE(sizeof(struct ws_in_pktinfo))];
	} control;
	WSABUF wb = { sizeof(self->buf), self->buf };
	struct sockaddr_in from = { 0 };
	WSAMSG m = {
		.name = (struct sockaddr *)&from, .namelen = sizeof(from),
		.lpBuffers = &wb, .dwBufferCount = 1,
		.Control = { sizeof(control), (char *)&control },
	};
	struct ws_in_pktinfo info;
	struct util_pair p;
	LPWSACMSGHDR c;
	DWORD n;
	int on = 1;

	ASSERT_TRUE(util_udp_pair(&p));
	ASSERT_EQ(0, setsockopt((int)p.server, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)));
	ASSERT_EQ(SOCKET_ERROR, recvmsg_fn(p.server, &m, NULL, &self->ov, NULL));
	ASSERT_EQ(WSA_IO_PENDING, WSAGetLastError());
	/* From an address of the sender's choice. */
	c = (LPWSACMSGHDR)&control;
	{
		union {
			WSACMSGHDR align;
			char room[WSA_CMSG_SPACE(sizeof(struct ws_in_pktinfo))];
		} out = { 0 };
		WSAMSG o = {
			.lpBuffers = &(WSABUF){ 4, "dgrm" }, .dwBufferCount = 1,
			.Control = { sizeof(out), (char *)&out },
		};

		out.align.cmsg_len = WSA_CMSG_LEN(sizeof(info));
		out.align.cmsg_level = IPPROTO_IP;
		out.align.cmsg_type = 19;
		info = (struct ws_in_pktinfo){ htonl(0x7f000005), 0 };
		memcpy(WSA_CMSG_DATA(&out.align), &info, sizeof(info));
		ASSERT_EQ(0, WSASendMsg(p.client, &o, 0, &n, NULL, NULL));
		EXPECT_EQ(4, n);
		out.align.cmsg_type = 99;
		EXPECT_EQ(WSAEINVAL, util_err(WSASendMsg(p.client, &o, 0, &n, NULL, NULL)));
	}
	EXPECT_EQ(4, ext_result(p.server, &self->ov));
	c = WSA_CMSG_FIRSTHDR(&m);
	ASSERT_NE(NULL, c);
	EXPECT_EQ(IPPROTO_IP, c->cmsg_level);
	EXPECT_EQ(19, c->cmsg_type);
	memcpy(&info, WSA_CMSG_DATA(c), sizeof(info));
	EXPECT_EQ(htonl(INADDR_LOOPBACK), info.ipi_addr);
	EXPECT_EQ(NULL, WSA_CMSG_NXTHDR(&m, c));
	EXPECT_EQ(sizeof(from), m.namelen);
	/* Nonblocking and blocking without an OVERLAPPED. */
	ASSERT_TRUE(util_set_nonblocking(p.server, true));
	EXPECT_EQ(WSAEWOULDBLOCK, util_err(recvmsg_fn(p.server, &m, &n, NULL, NULL)));
	ASSERT_TRUE(util_set_nonblocking(p.server, false));
	wb.len = 2;
	ASSERT_EQ(4, wsp_send(p.client, "long", 4, 0));
	EXPECT_EQ(WSAEMSGSIZE, util_err(recvmsg_fn(p.server, &m, &n, NULL, NULL)));
	EXPECT_TRUE(m.dwFlags & WS_MSG_TRUNC);
}

TEST_F(ext, every_identifier_finds_its_function)
{
	static const GUID ids[] = {
		WSAID_ACCEPTEX, WSAID_GETACCEPTEXSOCKADDRS, WSAID_CONNECTEX, WSAID_DISCONNECTEX,
		WSAID_TRANSMITFILE, WSAID_WSASENDMSG, WSAID_WSARECVMSG,
	};
	GUID unknown = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		EXPECT_NE(NULL, wsp_extension_find(&ids[i]));
	EXPECT_EQ(NULL, wsp_extension_find(&unknown));
}

TEST_HARNESS_MAIN
