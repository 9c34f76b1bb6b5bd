/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Windows' basic types, for sources that come from there.  As on 64-bit
 * Windows in size: LONG and DWORD have 32 bits, but the keyword long has 64.
 */
#ifndef WSP_COMPAT_WINDEF_H
#define WSP_COMPAT_WINDEF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* <wsp/types.h> leaves to <winsock2.h> what Windows programs have otherwise. */
#ifndef WSP_COMPAT
#define WSP_COMPAT
#endif
#include <wsp/consts.h>
#include <wsp/types.h>

/* x86-64 has one calling convention. */
#define WINAPI
#define WINAPIV
#define APIENTRY
#define CALLBACK
#define PASCAL
#define __stdcall
#define __cdecl
#define _cdecl
#define _stdcall
#define __fastcall
#define FAR
#define NEAR
#define CONST		const
#define VOID		void
#define FORCEINLINE	static inline __attribute__((always_inline))
#define __forceinline	inline __attribute__((always_inline))
#define __int64		long long
#define DECLSPEC_NORETURN	__attribute__((noreturn))
#define DECLSPEC_ALIGN(n)	__attribute__((aligned(n)))

#ifndef __declspec
#define __declspec(x)	wsp_declspec_##x
#define wsp_declspec_dllexport	__attribute__((visibility("default")))
#define wsp_declspec_dllimport
#define wsp_declspec_selectany	__attribute__((weak))
#define wsp_declspec_noreturn	__attribute__((noreturn))
#define wsp_declspec_thread	__thread
#define wsp_declspec_align(n)	__attribute__((aligned(n)))
#endif

#define IN
#define OUT
#define OPTIONAL
#define _In_
#define _In_opt_
#define _In_z_
#define _Out_
#define _Out_opt_
#define _Inout_
#define _Inout_opt_
#define _In_reads_bytes_(n)
#define _Out_writes_bytes_(n)

#define TRUE		1
#define FALSE		0
#ifndef NULL
#define NULL		((void *)0)
#endif
#define MAX_PATH	260
#define MAXDWORD	0xffffffff
#define UNREFERENCED_PARAMETER(p)	((void)(p))

typedef char CHAR, CCHAR, *PCHAR, *LPCH, *PSTR, *LPSTR;
typedef const char *PCSTR, *LPCSTR;
typedef WCHAR *PWCHAR, *PWSTR, *LPWSTR;
typedef const WCHAR *PCWSTR, *LPCWSTR;
typedef short SHORT, *PSHORT;
typedef int INT, *PINT, *LPINT;
typedef unsigned char UCHAR, *PUCHAR, BOOLEAN, *PBOOLEAN;
typedef unsigned short USHORT, *PUSHORT;
typedef unsigned int UINT, *PUINT, *LPUINT;
typedef float FLOAT;
typedef BOOL *PBOOL, *LPBOOL;
typedef BYTE *PBYTE, *LPBYTE;
typedef WORD *PWORD, *LPWORD, ATOM;
typedef DWORD *PDWORD, *LPDWORD, *PDWORD32, DWORD32;
typedef LONG *PLONG, *LPLONG, HRESULT;
typedef ULONG *PULONG;
typedef void *PVOID, *LPVOID, **PPVOID;
typedef const void *PCVOID, *LPCVOID;
typedef HANDLE *PHANDLE, *LPHANDLE;
typedef HANDLE HINSTANCE, HMODULE, HLOCAL, HGLOBAL, HKEY;

typedef int8_t INT8, *PINT8;
typedef int16_t INT16, *PINT16;
typedef int32_t INT32, *PINT32, LONG32;
typedef uint8_t UINT8, *PUINT8;
typedef uint16_t UINT16, *PUINT16;
typedef uint32_t UINT32, *PUINT32, ULONG32;
/* The same type as __int64, which int64_t is not here. */
typedef long long LONGLONG, *PLONGLONG, LONG64, *PLONG64, INT64, *PINT64;
typedef unsigned long long ULONGLONG, *PULONGLONG, ULONG64, *PULONG64, UINT64, *PUINT64,
	DWORDLONG, *PDWORDLONG, DWORD64, *PDWORD64;
typedef intptr_t INT_PTR, *PINT_PTR, LONG_PTR, *PLONG_PTR, LRESULT, SSIZE_T;
typedef uintptr_t UINT_PTR, *PUINT_PTR;
typedef ULONG_PTR *PULONG_PTR, SIZE_T, *PSIZE_T;
typedef DWORD_PTR *PDWORD_PTR;

typedef union wsp_large_integer {
	__extension__ struct {
		DWORD LowPart;
		LONG HighPart;
	};
	struct {
		DWORD LowPart;
		LONG HighPart;
	} u;
	LONGLONG QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER;

typedef union wsp_ularge_integer {
	__extension__ struct {
		DWORD LowPart;
		DWORD HighPart;
	};
	struct {
		DWORD LowPart;
		DWORD HighPart;
	} u;
	ULONGLONG QuadPart;
} ULARGE_INTEGER, *PULARGE_INTEGER;

typedef struct wsp_filetime {
	DWORD dwLowDateTime;
	DWORD dwHighDateTime;
} FILETIME, *PFILETIME, *LPFILETIME;

typedef GUID *LPGUID, IID, CLSID;
typedef const GUID *LPCGUID;

/* L"" has 32-bit characters unless the compiler was told -fshort-wchar. */
#ifdef UNICODE
typedef WCHAR TCHAR, *PTCHAR;
typedef LPWSTR LPTSTR, PTSTR;
typedef LPCWSTR LPCTSTR, PCTSTR;
#if __SIZEOF_WCHAR_T__ == 2
#define WSP_TEXT(quote)	L##quote
#else
#define WSP_TEXT(quote)	u##quote
#endif
#else
typedef char TCHAR, *PTCHAR;
typedef LPSTR LPTSTR, PTSTR;
typedef LPCSTR LPCTSTR, PCTSTR;
#define WSP_TEXT(quote)	quote
#endif
#define TEXT(quote)	WSP_TEXT(quote)

#define LOBYTE(w)	((BYTE)((DWORD_PTR)(w) & 0xff))
#define HIBYTE(w)	((BYTE)(((DWORD_PTR)(w) >> 8) & 0xff))
#define LOWORD(l)	((WORD)((DWORD_PTR)(l) & 0xffff))
#define HIWORD(l)	((WORD)(((DWORD_PTR)(l) >> 16) & 0xffff))
#define MAKELONG(low, high) \
	((LONG)((DWORD)(WORD)(low) | ((DWORD)(WORD)(high) << 16)))
#define MAKELPARAM(low, high)	((LPARAM)(DWORD)MAKELONG(low, high))

#if !defined(NOMINMAX) && !defined(__cplusplus)
#ifndef max
#define max(a, b)	((a) > (b) ? (a) : (b))
#endif
#ifndef min
#define min(a, b)	((a) < (b) ? (a) : (b))
#endif
#endif

/* Bases of C++ classes have no offsetof() without a warning. */
#ifdef __cplusplus
#define CONTAINING_RECORD(address, type, field) \
	((type *)((char *)(address) - (ULONG_PTR)&((type *)0)->field))
#else
#define CONTAINING_RECORD(address, type, field) \
	((type *)((char *)(address) - offsetof(type, field)))
#endif
#define FIELD_OFFSET(type, field)	((LONG)offsetof(type, field))
#ifndef ARRAYSIZE
#define ARRAYSIZE(a)	(sizeof(a) / sizeof((a)[0]))
#endif

#define ZeroMemory(dst, len)		memset((dst), 0, (len))
#define FillMemory(dst, len, byte)	memset((dst), (byte), (len))
#define CopyMemory(dst, src, len)	memcpy((dst), (src), (len))
#define MoveMemory(dst, src, len)	memmove((dst), (src), (len))
#define RtlZeroMemory		ZeroMemory
#define RtlCopyMemory		CopyMemory
#define RtlMoveMemory		MoveMemory

#endif /* WSP_COMPAT_WINDEF_H */
