/* SPDX-License-Identifier: GPL-2.0-only */
/* The fixed-width types that Xen's public headers expect, for code without a C library. */
#ifndef TESTS_GUEST_KIT_TYPES_H
#define TESTS_GUEST_KIT_TYPES_H

typedef unsigned char uint8_t;
typedef unsigned short uint16_t;
typedef unsigned int uint32_t;
typedef unsigned long long uint64_t;
typedef signed char int8_t;
typedef short int16_t;
typedef int int32_t;
typedef long long int64_t;
typedef uint32_t uintptr_t;
typedef unsigned int size_t;
typedef _Bool bool;

#define NULL ((void *)0)
#define true 1
#define false 0
#define offsetof(t, m) __builtin_offsetof(t, m)

typedef __builtin_va_list va_list;
#define va_start(list, last) __builtin_va_start(list, last)
#define va_arg(list, type)   __builtin_va_arg(list, type)
#define va_end(list)         __builtin_va_end(list)

#endif
