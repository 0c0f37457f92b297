/* SPDX-License-Identifier: GPL-2.0-only */
/* types.h - basic types, pages, and macros that everything uses */
#ifndef GUESTOS_TYPES_H
#define GUESTOS_TYPES_H

#include "include/freestanding/string.h"
#include "include/freestanding/types.h"

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
