/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * types.h - the fixed-width types, for code without a C library
 *
 * The unit tests compile some of these sources for the host; there the C library's own headers
 * define the same names.
 */
#ifndef HV_TYPES_H
#define HV_TYPES_H

#if __STDC_HOSTED__
#include <stdint.h>
#include <stddef.h>
#include <stdbool.h>
#include <stdarg.h>
#include <string.h>
#include <sys/types.h>
#else
typedef __INT8_TYPE__ int8_t;
typedef __INT16_TYPE__ int16_t;
typedef __INT32_TYPE__ int32_t;
typedef __INT64_TYPE__ int64_t;
typedef __UINT8_TYPE__ uint8_t;
typedef __UINT16_TYPE__ uint16_t;
typedef __UINT32_TYPE__ uint32_t;
typedef __UINT64_TYPE__ uint64_t;
typedef __SIZE_TYPE__ size_t;
typedef __UINTPTR_TYPE__ uintptr_t;
typedef __INTPTR_TYPE__ intptr_t;
#define NULL ((void *)0)
#define bool _Bool
#define true 1
#define false 0
#define offsetof(type, member) __builtin_offsetof(type, member)
typedef __builtin_va_list va_list;
#define va_start(list, last)   __builtin_va_start(list, last)
#define va_arg(list, type)     __builtin_va_arg(list, type)
#define va_end(list)           __builtin_va_end(list)
#endif

#define ARRAY_SIZE(a)  (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)      ((a) < (b) ? (a) : (b))
#define MAX(a, b)      ((a) > (b) ? (a) : (b))
#define PACKED         __attribute__((packed))
#define NORETURN       __attribute__((noreturn))
#define ALIGNED(bytes) __attribute__((aligned(bytes)))

#define container_of(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))

#define KB 1024u
#define MB (1024u * 1024u)

/* Nanoseconds since boot, and their multiples. */
typedef uint64_t nanoseconds;
#define MICROSECONDS(n) ((n)*1000ull)
#define MILLISECONDS(n) ((n)*1000000ull)
#define SECONDS(n)      ((n)*1000000000ull)

#endif
