/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * types.h - the kernel's own basic types
 *
 * Freestanding code has no <stdint.h>; the pure parts (archive reader, ELF checks, page allocator)
 * are also compiled for the host by their unit tests, and take the host's headers there.
 */
#ifndef GUESTOS_TYPES_H
#define GUESTOS_TYPES_H

#if __STDC_HOSTED__
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#else
typedef unsigned char uint8_t;
typedef unsigned short uint16_t;
typedef unsigned int uint32_t;
typedef unsigned long long uint64_t;
typedef signed char int8_t;
typedef short int16_t;
typedef int int32_t;
typedef long long int64_t;
typedef __SIZE_TYPE__ size_t;
typedef __UINTPTR_TYPE__ uintptr_t;
#define bool _Bool
#define true 1
#define false 0
#define NULL           ((void *)0)
#define offsetof(t, m) __builtin_offsetof(t, m)
#endif

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

#define PAGE_SHIFT         12
#define PAGE_SIZE          4096u
#define PAGE_MASK          (~(PAGE_SIZE - 1))
#define PAGE_UP(x)         (((x) + PAGE_SIZE - 1) & PAGE_MASK)
#define PAGE_DOWN(x)       ((x)&PAGE_MASK)
#define ARRAY_LENGTH(a)    (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)          ((a) < (b) ? (a) : (b))
#define MAX(a, b)          ((a) > (b) ? (a) : (b))
#define CONTAINER(p, t, m) ((t *)((char *)(p)-offsetof(t, m)))
#define PRINTF_LIKE(f, a)  __attribute__((format(printf, f, a)))

#endif
