/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * random.h - numbers for programs that ask for random ones
 *
 * Two runs of the machine must be the same to the byte, so this is a fixed-seed generator
 * (xorshift64*, Vigna 2016) and no secret. Nothing in the kernel depends on it being one.
 *
 * Lock: the kernel's, at every call. random_to_user() lets others run (breathe()).
 */
#ifndef GUESTOS_RANDOM_H
#define GUESTOS_RANDOM_H

#include "guestos/kernel/types.h"

uint32_t random_u32(void);
/* Bytes written or -EFAULT. */
int random_to_user(void *to, uint32_t bytes);

#endif
