/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * types.h - the fixed-width types, for code without a C library
 *
 * The hypervisor, the kernel and the guest tests run without a C library and share this folder.
 * Unit tests compile some of their sources for the host, where its own headers define these names.
 */
#ifndef FREESTANDING_TYPES_H
#define FREESTANDING_TYPES_H

#if __STDC_HOSTED__
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
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
#define bool _Bool
#define true 1
#define false 0
#define NULL                   ((void *)0)
#define offsetof(type, member) __builtin_offsetof(type, member)

typedef __builtin_va_list va_list;
#ifndef va_start /* else the compiler's own <stdarg.h> was here */
#define va_start(list, last) __builtin_va_start(list, last)
#define va_arg(list, type)   __builtin_va_arg(list, type)
#define va_end(list)         __builtin_va_end(list)
#endif
#endif

#endif
