// SPDX-License-Identifier: LGPL-2.1-or-later
/* IN-7: every errno has a WSA code. */
#include <errno.h>
#include <kselftest_harness.h>

#include "internal.h"

/* Above the largest errno of any architecture, below what the kernel reserves. */
#define ERRNO_END	4096

static const int documented[] = {
	WSAEINTR, WSAEBADF, WSAEACCES, WSAEFAULT, WSAEINVAL, WSAEMFILE, WSAEWOULDBLOCK,
	WSAEINPROGRESS, WSAEALREADY, WSAENOTSOCK, WSAEDESTADDRREQ, WSAEMSGSIZE, WSAEPROTOTYPE,
	WSAENOPROTOOPT, WSAEPROTONOSUPPORT, WSAESOCKTNOSUPPORT, WSAEOPNOTSUPP, WSAEPFNOSUPPORT,
	WSAEAFNOSUPPORT, WSAEADDRINUSE, WSAEADDRNOTAVAIL, WSAENETDOWN, WSAENETUNREACH,
	WSAENETRESET, WSAECONNABORTED, WSAECONNRESET, WSAENOBUFS, WSAEISCONN, WSAENOTCONN,
	WSAESHUTDOWN, WSAETIMEDOUT, WSAECONNREFUSED, WSAEHOSTUNREACH, WSAEPROCLIM,
	WSA_OPERATION_ABORTED, WSASYSCALLFAILURE,
};

static bool is_documented(int code)
{
	for (size_t i = 0; i < ARRAY_SIZE(documented); i++)
		if (documented[i] == code)
			return true;
	return false;
}

TEST(IN_7_every_errno_has_a_documented_code)
{
	for (int e = -1; e < ERRNO_END; e++) {
		EXPECT_TRUE(is_documented(wsp_err_from_errno(e))) {
			TH_LOG("errno %d gives %d", e, wsp_err_from_errno(e));
		}
	}
}

TEST(IN_7_what_is_unknown_is_a_system_call_failure)
{
	EXPECT_EQ(WSASYSCALLFAILURE, wsp_err_from_errno(0));
	EXPECT_EQ(WSASYSCALLFAILURE, wsp_err_from_errno(-EFAULT));
	EXPECT_EQ(WSASYSCALLFAILURE, wsp_err_from_errno(ENOTTY));
	EXPECT_EQ(WSASYSCALLFAILURE, wsp_err_from_errno(ERRNO_END));
}

TEST(IN_7_codes_of_the_disconnect_calls)
{
	EXPECT_EQ(WSAENOTCONN, wsp_err_from_errno(ENOTCONN));
	EXPECT_EQ(WSAENOPROTOOPT, wsp_err_from_errno(ENOPROTOOPT));
	EXPECT_EQ(WSAEMSGSIZE, wsp_err_from_errno(EMSGSIZE));
	EXPECT_EQ(WSAESHUTDOWN, wsp_err_from_errno(ESHUTDOWN));
	EXPECT_EQ(WSAEFAULT, wsp_err_from_errno(EFAULT));
	EXPECT_EQ(WSAENOBUFS, wsp_err_from_errno(ENOBUFS));
	EXPECT_EQ(WSAENOTSOCK, wsp_err_from_errno(EBADF));
	EXPECT_EQ(WSAEWOULDBLOCK, wsp_err_from_errno(EAGAIN));
	EXPECT_EQ(WSAENETDOWN, wsp_err_from_errno(ENETDOWN));
}

TEST(failure_code_may_go_nowhere_but_is_never_0)
{
	int err = -1;

	EXPECT_EQ(SOCKET_ERROR, wsp_err_fail(NULL, WSAEINVAL));
	EXPECT_EQ(SOCKET_ERROR, wsp_err_fail(&err, 0));
	EXPECT_EQ(WSASYSCALLFAILURE, err);
	EXPECT_EQ(0, wsp_err_ok(&err));
	EXPECT_EQ(0, err);
}

TEST_HARNESS_MAIN
