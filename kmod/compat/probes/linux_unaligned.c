// SPDX-License-Identifier: GPL-2.0
#include <linux/unaligned.h>

int probe(const void *p);
int probe(const void *p)
{
	return get_unaligned_be16(p);
}
