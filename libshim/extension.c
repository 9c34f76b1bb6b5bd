// SPDX-License-Identifier: LGPL-2.1-or-later
/* Functions outside the procedure table, by identifier. */
#include <string.h>

#include "extension.h"
#include "internal.h"

static const struct {
	GUID id;
	void (*fn)(void);
} extension_table[] = {
	{ { 0 }, NULL },
};

/**
 * wsp_extension_find() - SIO_GET_EXTENSION_FUNCTION_POINTER
 * @id: identifier, readable
 *
 * Return: the function's address, or NULL.
 */
void *wsp_extension_find(const GUID *id)
{
	for (size_t i = 0; i < ARRAY_SIZE(extension_table); i++)
		if (extension_table[i].fn && !memcmp(&extension_table[i].id, id, sizeof(*id)))
			return (void *)extension_table[i].fn;
	return NULL;
}
