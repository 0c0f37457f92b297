/* SPDX-License-Identifier: GPL-2.0-only */
/* A panic of the kernel's code is a failure of the test. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/guestos_support.h"

void panic(const char *text, ...)
{
    va_list list;

    va_start(list, text);
    vfprintf(stderr, text, list);
    va_end(list);
    abort();
}
