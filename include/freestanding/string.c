/* SPDX-License-Identifier: GPL-2.0-only */
/* string.c - see string.h. Blocks of memory move by the string instructions, whole words first. */
#include "include/freestanding/string.h"

#if !__STDC_HOSTED__
void *memcpy(void *to, const void *from, size_t bytes)
{
    void *target = to;
    size_t words = bytes / 4;

    __asm__ volatile("rep movsl\n\t"
                     "mov %3, %%ecx\n\t"
                     "rep movsb"
                     : "+D"(target), "+S"(from), "+c"(words)
                     : "g"(bytes & 3)
                     : "memory");
    return to;
}

/* Forward is right unless `to` lies within the source: then the end goes first. */
void *memmove(void *to, const void *from, size_t bytes)
{
    char *target = to;
    const char *source = from;

    if ((uintptr_t)to - (uintptr_t)from >= bytes)
        return memcpy(to, from, bytes);
    while (bytes-- > 0)
        target[bytes] = source[bytes];
    return to;
}

void *memset(void *to, int value, size_t bytes)
{
    void *target = to;
    size_t words = bytes / 4;
    uint32_t pattern = 0x01010101u * (uint8_t)value;

    __asm__ volatile("rep stosl\n\t"
                     "mov %3, %%ecx\n\t"
                     "rep stosb"
                     : "+D"(target), "+c"(words)
                     : "a"(pattern), "g"(bytes & 3)
                     : "memory");
    return to;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
    const uint8_t *x = a, *y = b;

    for (; bytes > 0; bytes--, x++, y++) {
        if (*x != *y)
            return *x - *y;
    }
    return 0;
}

size_t strlen(const char *text)
{
    const char *end = text;

    while (*end)
        end++;
    return (size_t)(end - text);
}

int strncmp(const char *a, const char *b, size_t bytes)
{
    for (; bytes > 0; bytes--, a++, b++) {
        if (*a != *b || !*a)
            return (uint8_t)*a - (uint8_t)*b;
    }
    return 0;
}

int strcmp(const char *a, const char *b)
{
    return strncmp(a, b, ~(size_t)0);
}

char *strchr(const char *text, int wanted)
{
    for (;; text++) {
        if (*text == (char)wanted)
            return (char *)text;
        if (!*text)
            return NULL;
    }
}

char *strstr(const char *text, const char *part)
{
    size_t length = strlen(part);

    for (;; text++) {
        if (strncmp(text, part, length) == 0)
            return (char *)text;
        if (!*text)
            return NULL;
    }
}
#endif

size_t copy_string(char *to, const char *from, size_t size)
{
    size_t length = 0;

    while (length + 1 < size && from[length])
        length++;
    memcpy(to, from, length);
    to[length] = '\0';
    return length;
}
