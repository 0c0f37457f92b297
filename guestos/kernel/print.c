/* SPDX-License-Identifier: GPL-2.0-only */
/* print.c - console messages, and the last message of all */
#include "guestos/arch.h"
#include "guestos/kernel/lib.h"
#include "guestos/kernel/log.h"

static void print_list(const char *text, __builtin_va_list list)
{
    char line[256];
    int length = format_list(line, sizeof(line), text, list);

    uint32_t bytes = MIN((uint32_t)length, (uint32_t)sizeof(line) - 1);

    log_add(line, bytes);
    arch_console_write(line, bytes);
}

void kprintf(const char *text, ...)
{
    __builtin_va_list list;

    __builtin_va_start(list, text);
    print_list(text, list);
    __builtin_va_end(list);
}

void panic(const char *text, ...)
{
    static bool panicking;

    if (!panicking) {
        panicking = true;
        __builtin_va_list list;
        __builtin_va_start(list, text);
        kprintf("kernel panic: ");
        print_list(text, list);
        kprintf("\n");
        __builtin_va_end(list);
    }
    arch_power_off(POWER_CRASH);
}
