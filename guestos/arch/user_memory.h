/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * user_memory.h - the current program's memory
 *
 * Lock: the kernel's is held. A copy may bring in pages, for which it may read a device and give up
 * clean pages of files. It does not sleep: without memory it copies less and marks the thread
 * (memory_short).
 */
#ifndef GUESTOS_ARCH_USER_MEMORY_H
#define GUESTOS_ARCH_USER_MEMORY_H

#include "guestos/kernel/types.h"

/* Copy to and from the current program's memory; return the number of bytes NOT copied. Pages are
 * brought in as by any access; addresses at or above KERNEL_BASE copy nothing. */
size_t copy_from_user(void *to, const void *from, size_t n);
size_t copy_to_user(void *to, const void *from, size_t n);
size_t clear_user(void *to, size_t n);
/* Length without NUL; -EFAULT; -ENAMETOOLONG if no NUL within size. */
int copy_string_from_user(char *to, const char *from, size_t size);

#endif
