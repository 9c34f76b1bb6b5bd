/* SPDX-License-Identifier: GPL-2.0 */
/* <net/rps.h> was part of <net/sock.h> once. */
#include <net/sock.h>
