/* SPDX-License-Identifier: GPL-2.0-only */
/* callers.c - a program whose functions are known to call each other (profile.sh) */
#include <stdio.h>
#include <unistd.h>

__attribute__((noinline)) static unsigned leaf(unsigned value)
{
    for (unsigned i = 0; i < 1000; i++)
        value = value * 1103515245u + 12345u;
    return value;
}

__attribute__((noinline)) static unsigned middle(unsigned value)
{
    return leaf(value) ^ 1;
}

int main(void)
{
    unsigned value = 1;

    for (unsigned i = 0; i < 100; i++)
        value = middle(value) + (unsigned)getppid();
    printf("%u\n", value);
    return 0;
}
