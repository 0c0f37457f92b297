/* SPDX-License-Identifier: GPL-2.0-only */
/* options.c - see options.h */
#include "guestos/kernel/lib.h"
#include "guestos/kernel/options.h"

/* Returns the next word and its length, or NULL at the end of the line. */
static const char *next_word(const char *at, size_t *length)
{
    while (*at == ' ')
        at++;
    size_t n = 0;
    while (at[n] && at[n] != ' ')
        n++;
    *length = n;
    return n ? at : NULL;
}

const char *option_value(const char *line, const char *name)
{
    size_t length, wanted = strlen(name);

    for (const char *word = next_word(line, &length); word;
         word = next_word(word + length, &length)) {
        if (length == 2 && !memcmp(word, "--", 2))
            return NULL;
        if (length > wanted && !memcmp(word, name, wanted) && word[wanted] == '=')
            return word + wanted + 1;
    }
    return NULL;
}

void option_copy(char *to, const char *value, size_t size)
{
    size_t n = 0;

    for (; n + 1 < size && value[n] && value[n] != ' '; n++)
        to[n] = value[n];
    to[n] = '\0';
}

uint64_t option_size(const char *value)
{
    uint64_t size = 0;

    for (; *value >= '0' && *value <= '9'; value++)
        size = size * 10 + (uint64_t)(*value - '0');
    switch (*value) {
    case 'G':
    case 'g':
        return size << 30;
    case 'M':
    case 'm':
        return size << 20;
    case 'K':
    case 'k':
        return size << 10;
    }
    return size;
}

uint32_t option_seed(const char *value)
{
    uint32_t seed = (uint32_t)option_size(value), copy = 0;

    while (*value >= '0' && *value <= '9')
        value++;
    if (*value == '.')
        copy = (uint32_t)option_size(value + 1);
    return seed ? (seed * 2654435761u ^ copy * 2246822519u) | 1 : 0;
}

char *option_init_words(char *line)
{
    size_t length;

    for (const char *word = next_word(line, &length); word;
         word = next_word(word + length, &length))
        if (length == 2 && !memcmp(word, "--", 2)) {
            const char *rest = next_word(word + 2, &length);

            return rest ? line + (rest - line) : NULL;
        }
    return NULL;
}
