/* SPDX-License-Identifier: GPL-2.0 */
/* "SHA-256 COUNT" of a byte stream, as the demo's programs exchange it. */
#ifndef DEMO_DIGEST_H
#define DEMO_DIGEST_H

#include <stddef.h>

#define DIGEST_TEXT	96	/* room for digest_finish(), with its NUL */

struct digest {
	void *sha;
	unsigned long long bytes;
};

void digest_start(struct digest *d);
void digest_add(struct digest *d, const void *data, size_t len);
void digest_finish(struct digest *d, char text[DIGEST_TEXT]);

#endif
