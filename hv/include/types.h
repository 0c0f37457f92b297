/* SPDX-License-Identifier: GPL-2.0-only */
/* types.h - basic types, and macros that everything uses */
#ifndef HV_TYPES_H
#define HV_TYPES_H

#include "include/freestanding/types.h"

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
