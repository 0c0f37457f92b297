/* SPDX-License-Identifier: GPL-2.0-only */
/* The same symbol table for a kernel that asks for it in the text of older kernels. */
#include "tests/guest/boot-symbols/main.c"
