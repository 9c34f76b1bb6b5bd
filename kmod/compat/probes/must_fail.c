// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>

int probe(void);
int probe(void)
{
	return wsp_no_kernel_has_this_function();
}
