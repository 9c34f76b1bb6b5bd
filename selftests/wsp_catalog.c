// SPDX-License-Identifier: GPL-2.0
/* Disconnect data is in the catalogue exactly while the module is loaded. */
#include <kselftest_harness.h>

#include "reg_module.h"
#include "wsp_level.h"

#define MAX_ENTRIES	32

/* Entries that support disconnect data, or -1. */
static int catalog_disc(void)
{
	WSAPROTOCOL_INFOW list[MAX_ENTRIES];
	DWORD len = sizeof(list);
	int i, n = WSAEnumProtocolsW(NULL, list, &len), found = 0;

	for (i = 0; i < n; i++)
		found += !!(list[i].dwServiceFlags1 & XP1_DISCONNECT_DATA);
	return n < 0 ? -1 : found;
}

TEST(IN_4_disconnect_data_comes_and_goes_with_the_module)
{
	SOCKET s;

	ASSERT_EQ(0, wt_lib_start());
	EXPECT_EQ(2, catalog_disc());
	ASSERT_TRUE(reg_module_idle());
	ASSERT_EQ(0, reg_module_unload_soon());
	EXPECT_EQ(0, catalog_disc());
	/* What is made now is plain, and keeps nothing loaded. */
	s = wsp_socket(AF_INET, SOCK_STREAM, 0);
	EXPECT_NE(INVALID_SOCKET, s);
	ASSERT_EQ(0, reg_module_load());
	EXPECT_EQ(2, catalog_disc());
	EXPECT_EQ(0, closesocket(s));
	s = wsp_socket(AF_INET, SOCK_STREAM, 0);
	EXPECT_EQ(EAGAIN, reg_module_unload());
	EXPECT_EQ(0, closesocket(s));
	EXPECT_EQ(0, reg_module_unload_soon());
	EXPECT_EQ(0, catalog_disc());
}

TEST_HARNESS_MAIN
