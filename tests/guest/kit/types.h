/* SPDX-License-Identifier: GPL-2.0-only */
/* The fixed-width types that Xen's public headers expect, for code without a C library. */
#ifndef TESTS_GUEST_KIT_TYPES_H
#define TESTS_GUEST_KIT_TYPES_H

#include "include/freestanding/types.h"

#endif
