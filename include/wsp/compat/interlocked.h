/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Interlocked*(): full barriers all.  They take a pointer to any integer, since
 * the keyword long, which LONG is on Windows, has another size here.
 */
#ifndef WSP_COMPAT_INTERLOCKED_H
#define WSP_COMPAT_INTERLOCKED_H

#include <wsp/compat/windef.h>

/* In C++ functions, so that ::InterlockedIncrement() can be written. */
#ifdef __cplusplus
#define WSP_INTERLOCKED1(name, op) \
	template<class T> inline T name(T volatile *p) { return op(p, 1); }
#define WSP_INTERLOCKED2(name, op) \
	template<class T, class U> inline T name(T volatile *p, U v) { return op(p, (T)v); }

#define wsp_atomic_inc(p, v)	__atomic_add_fetch(p, v, __ATOMIC_SEQ_CST)
#define wsp_atomic_dec(p, v)	__atomic_sub_fetch(p, v, __ATOMIC_SEQ_CST)
#define wsp_atomic_xchg(p, v)	__atomic_exchange_n(p, v, __ATOMIC_SEQ_CST)
#define wsp_atomic_xadd(p, v)	__atomic_fetch_add(p, v, __ATOMIC_SEQ_CST)
#define wsp_atomic_and(p, v)	__atomic_fetch_and(p, v, __ATOMIC_SEQ_CST)
#define wsp_atomic_or(p, v)	__atomic_fetch_or(p, v, __ATOMIC_SEQ_CST)
#define wsp_atomic_xor(p, v)	__atomic_fetch_xor(p, v, __ATOMIC_SEQ_CST)

WSP_INTERLOCKED1(InterlockedIncrement, wsp_atomic_inc)
WSP_INTERLOCKED1(InterlockedDecrement, wsp_atomic_dec)
WSP_INTERLOCKED2(InterlockedExchange, wsp_atomic_xchg)
WSP_INTERLOCKED2(InterlockedExchangeAdd, wsp_atomic_xadd)
WSP_INTERLOCKED2(InterlockedAdd, wsp_atomic_inc)
WSP_INTERLOCKED2(InterlockedAnd, wsp_atomic_and)
WSP_INTERLOCKED2(InterlockedOr, wsp_atomic_or)
WSP_INTERLOCKED2(InterlockedXor, wsp_atomic_xor)

template<class T, class U, class V>
inline T InterlockedCompareExchange(T volatile *p, U v, V expected)
{
	return __sync_val_compare_and_swap(p, (T)expected, (T)v);
}
#else
#define InterlockedIncrement(p)		__atomic_add_fetch((p), 1, __ATOMIC_SEQ_CST)
#define InterlockedDecrement(p)		__atomic_sub_fetch((p), 1, __ATOMIC_SEQ_CST)
#define InterlockedExchange(p, v)	__atomic_exchange_n((p), (v), __ATOMIC_SEQ_CST)
#define InterlockedExchangeAdd(p, v)	__atomic_fetch_add((p), (v), __ATOMIC_SEQ_CST)
#define InterlockedAdd(p, v)		__atomic_add_fetch((p), (v), __ATOMIC_SEQ_CST)
#define InterlockedAnd(p, v)		__atomic_fetch_and((p), (v), __ATOMIC_SEQ_CST)
#define InterlockedOr(p, v)		__atomic_fetch_or((p), (v), __ATOMIC_SEQ_CST)
#define InterlockedXor(p, v)		__atomic_fetch_xor((p), (v), __ATOMIC_SEQ_CST)
#define InterlockedCompareExchange(p, v, expected) \
	__extension__ ({ __sync_val_compare_and_swap((p), (expected), (v)); })
#endif

#define InterlockedIncrement64		InterlockedIncrement
#define InterlockedDecrement64		InterlockedDecrement
#define InterlockedExchange64		InterlockedExchange
#define InterlockedExchangeAdd64	InterlockedExchangeAdd
#define InterlockedAdd64		InterlockedAdd
#define InterlockedAnd64		InterlockedAnd
#define InterlockedOr64			InterlockedOr
#define InterlockedXor64		InterlockedXor
#define InterlockedCompareExchange64	InterlockedCompareExchange
#define InterlockedExchangePointer	InterlockedExchange
#define InterlockedCompareExchangePointer	InterlockedCompareExchange

#define MemoryBarrier()		__atomic_thread_fence(__ATOMIC_SEQ_CST)
#define YieldProcessor()	__builtin_ia32_pause()

#endif /* WSP_COMPAT_INTERLOCKED_H */
