/* SPDX-License-Identifier: GPL-2.0-only */
/* syscalls.c - names of the system calls of i386 Linux, from its own header (sim/build.mk) */
#include "sim/account/account.h"

static const char *const names[SYSCALL_MAX] = {
#define SYSCALL(number, name) [number] = #name,
#include "sim/syscalls.def"
#undef SYSCALL
};

void syscall_name(unsigned number, char *name, size_t bytes)
{
    if (number == SYSCALL_MAX - 1)
        snprintf(name, bytes, "others");
    else if (names[number])
        snprintf(name, bytes, "%s", names[number]);
    else
        snprintf(name, bytes, "syscall_%u", number);
}
