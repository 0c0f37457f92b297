/* SPDX-License-Identifier: GPL-2.0-only */
/* What the guest kernel's pure parts need to run on the host. */
#ifndef TESTS_GUESTOS_SUPPORT_H
#define TESTS_GUESTOS_SUPPORT_H

#include "guestos/kernel/lib.h"

#endif
