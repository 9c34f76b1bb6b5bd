/* SPDX-License-Identifier: GPL-2.0 */
/* What every target here has: one function, and a way to say that it is wrong. */
#ifndef FUZZ_TARGET_H
#define FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Returns 0; libFuzzer calls it with inputs of its own making, replay.c with files. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Aborts, which both take for a finding. */
#define target_check(what) \
	do { \
		if (!(what)) { \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what); \
			abort(); \
		} \
	} while (0)

#endif /* FUZZ_TARGET_H */
