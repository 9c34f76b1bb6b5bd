/* SPDX-License-Identifier: GPL-2.0 */
/* No-operations around the measured loops, for plugin.c to recognise. */
#ifndef BENCH_MARK_H
#define BENCH_MARK_H

/* nopl MARK(%rax,%rax,1) */
#define MARK_CODE	"\x0f\x1f\x84\x00"
#define MARK_BEGIN	0x57530001
#define MARK_END	0x57530002

static inline void mark_begin(void)
{
	asm volatile("nopl %c0(%%rax,%%rax,1)" : : "i" (MARK_BEGIN));
}

static inline void mark_end(void)
{
	asm volatile("nopl %c0(%%rax,%%rax,1)" : : "i" (MARK_END));
}

#endif /* BENCH_MARK_H */
