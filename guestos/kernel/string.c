/* SPDX-License-Identifier: GPL-2.0-only */
/* string.c - the C library functions that the compiler and the kernel expect */
#include "guestos/kernel/lib.h"

/* The string instructions: whole words first, then what is left. */
void *memcpy(void *to, const void *from, size_t n)
{
    void *d = to;
    size_t words = n >> 2;
    __asm__ volatile("rep movsl\n\tmovl %3, %%ecx\n\trep movsb"
                     : "+D"(d), "+S"(from), "+c"(words)
                     : "r"(n & 3)
                     : "memory");
    return to;
}

void *memmove(void *to, const void *from, size_t n)
{
    if ((uintptr_t)to - (uintptr_t)from >= n)
        return memcpy(to, from, n);
    char *d = to;
    const char *s = from;
    while (n--)
        d[n] = s[n];
    return to;
}

void *memset(void *to, int byte, size_t n)
{
    void *d = to;
    size_t words = n >> 2;
    __asm__ volatile("rep stosl\n\tmovl %3, %%ecx\n\trep stosb"
                     : "+D"(d), "+c"(words)
                     : "a"((u8)byte * 0x01010101u), "r"(n & 3)
                     : "memory");
    return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const u8 *x = a, *y = b;
    for (; n; n--, x++, y++)
        if (*x != *y)
            return *x - *y;
    return 0;
}

size_t strlen(const char *s)
{
    const char *end = s;
    while (*end)
        end++;
    return (size_t)(end - s);
}

int strncmp(const char *a, const char *b, size_t n)
{
    for (; n; n--, a++, b++)
        if (*a != *b || !*a)
            return (u8)*a - (u8)*b;
    return 0;
}

int strcmp(const char *a, const char *b)
{
    return strncmp(a, b, (size_t)-1);
}

char *strchr(const char *s, int c)
{
    for (;; s++) {
        if (*s == (char)c)
            return (char *)s;
        if (!*s)
            return NULL;
    }
}

size_t copy_string(char *to, const char *from, size_t size)
{
    size_t length = strlen(from), n = MIN(length, size - 1);
    memcpy(to, from, n);
    to[n] = '\0';
    return length;
}
