/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the test's files on the Winsock side offer to the one on libc's. */
#ifndef WSP_TEST_COMPAT_WIN_H
#define WSP_TEST_COMPAT_WIN_H

#ifdef __cplusplus
extern "C" {
#endif

/* Results: 0, or the line that went wrong. */
#define WIN_CHECK(cond) \
	do { \
		if (!(cond)) \
			return __LINE__; \
	} while (0)

typedef void (*win_function)(void);

win_function win_send(void);
int win_start(void);
int win_listen(unsigned short *port, unsigned long long *s);
int win_answer(unsigned long long s);
int win_members(void);
int win_modes(void);
int win_sets(void);
int win_interlocked(void);
int win_names(void);
int win_wide(void);
int win_late(void);
int win_cxx(void);
int win_cxx_modes(void);
int win_cxx_interlocked(void);

#ifdef __cplusplus
}
#endif

#endif /* WSP_TEST_COMPAT_WIN_H */
