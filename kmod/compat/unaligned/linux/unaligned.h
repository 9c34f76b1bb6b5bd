/* SPDX-License-Identifier: GPL-2.0 */
/* <linux/unaligned.h> was <asm/unaligned.h> once. */
#include <asm/unaligned.h>
