/* SPDX-License-Identifier: GPL-2.0-only */
/* start.h - programs without a C library: how they begin, end and call the kernel */
#ifndef XENOLITH_WORKLOADS_START_H
#define XENOLITH_WORKLOADS_START_H

#include <sys/syscall.h>

static inline long call(long number, long a, long b, long c)
{
    long result;

    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
    return result;
}

/*
 * Ends the file of a program, whose work is main_function(argc, argv) and returns its exit status.
 * The stack is as the kernel leaves it: a count, then as many pointers.
 */
#define PROGRAM(main_function)                                                                     \
    __attribute__((noreturn, used)) static void begin(long *stack)                                 \
    {                                                                                              \
        call(SYS_exit, main_function((int)stack[0], (char *const *)(void *)(stack + 1)), 0, 0);    \
        for (;;)                                                                                   \
            ;                                                                                      \
    }                                                                                              \
    __asm__(".globl _start\n"                                                                      \
            "_start:\n"                                                                            \
            "    mov %esp, %eax\n"                                                                 \
            "    push %eax\n"                                                                      \
            "    call begin\n");

#endif
