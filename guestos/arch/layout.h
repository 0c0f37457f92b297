/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * layout.h - where programs and the kernel lie in an address space
 */
#ifndef GUESTOS_ARCH_LAYOUT_H
#define GUESTOS_ARCH_LAYOUT_H

#include "guestos/kernel/types.h"

#define KERNEL_BASE 0xC0000000u /* programs live below, the kernel above */
#define KERNEL_TOP  0xF5400000u /* end of the linear map: what Xen leaves, less a 4 MB window */

#endif
