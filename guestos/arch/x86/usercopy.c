/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * usercopy.c - access to program memory from the kernel
 *
 * The copy simply runs; a missing page faults like any access and is brought in. If it cannot be,
 * the fault handler finds the instruction in the `exceptions` table and continues at the fix-up,
 * which reports how much is left.
 */
#include "guestos/arch.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"

static bool in_program(const void *address, size_t n)
{
    return (uint32_t)address < KERNEL_BASE && n <= KERNEL_BASE - (uint32_t)address;
}

/* Words, then bytes; after a fault in the words part ecx counts words. */
static size_t copy(void *to, const void *from, size_t n)
{
    size_t left = n >> 2;

    __asm__ volatile("1: rep movsl\n\t"
                     "movl %3, %%ecx\n"
                     "2: rep movsb\n"
                     "3:\n"
                     ".pushsection .fixup, \"ax\"\n"
                     "4: leal (%3, %%ecx, 4), %%ecx\n\t"
                     "jmp 3b\n"
                     ".popsection\n"
                     ".pushsection exceptions, \"a\"\n"
                     ".long 1b, 4b, 2b, 3b\n"
                     ".popsection"
                     : "+D"(to), "+S"(from), "+c"(left)
                     : "r"(n & 3)
                     : "memory");
    return left;
}

size_t copy_from_user(void *to, const void *from, size_t n)
{
    return in_program(from, n) ? copy(to, from, n) : n;
}

size_t copy_to_user(void *to, const void *from, size_t n)
{
    return in_program(to, n) ? copy(to, from, n) : n;
}

size_t clear_user(void *to, size_t n)
{
    static const uint8_t zeros[256];

    if (!in_program(to, n))
        return n;
    while (n) {
        size_t part = MIN(n, sizeof(zeros)), left = copy(to, zeros, part);

        to = (char *)to + part;
        n -= part - left;
        if (left)
            break;
    }
    return n;
}

#define PIECE 64u

int copy_string_from_user(char *to, const char *from, size_t size)
{
    /* By pieces that end where a line does: most are short, and the next page need not exist. */
    for (size_t done = 0; done < size;) {
        size_t part = MIN(size - done, PIECE - (uint32_t)(from + done) % PIECE);
        size_t got = part - copy_from_user(to + done, from + done, part);

        for (size_t i = 0; i < got; i++)
            if (!to[done + i])
                return (int)(done + i);
        if (got < part)
            return -EFAULT;
        done += part;
    }
    return -ENAMETOOLONG;
}
