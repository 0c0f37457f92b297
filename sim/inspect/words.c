/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/inspect/words.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool word_fail(struct line *line, const char *what, const char *word)
{
    snprintf(line->why, line->why_bytes, "%s %s", what, word);
    return false;
}

bool word_number(const char *word, uint64_t *number)
{
    char *end;

    if (!isdigit((unsigned char)*word))
        return false;
    errno = 0;
    *number = strtoull(word, &end, 0);
    return !errno && !*end;
}

bool word_count(struct line *line, const char *word, uint64_t least, uint64_t most, uint64_t preset,
                uint64_t *count)
{
    *count = preset;
    if (!*word || (word_number(word, count) && *count >= least && *count <= most))
        return true;
    return word_fail(line, "no such count:", word);
}

bool word_address(struct line *line, const char *word, uint32_t *address)
{
    struct cpu_registers r;
    uint64_t number;

    if (!strcmp(word, "here")) {
        cpu_registers(line->inspect->machine->cpu[line->inspect->cpu], &r);
        *address = r.base[1] + r.eip;
        return true;
    }
    if (word_number(word, &number) && number <= UINT32_MAX) {
        *address = (uint32_t)number;
        return true;
    }
    return symbols_find(&line->inspect->symbols, word, address) ||
           word_fail(line, "neither an address nor a symbol:", word);
}

bool word_cycles(struct line *line, const char *word, uint64_t *cycles)
{
    static const struct {
        const char *name;
        uint64_t a_second;
    } units[] = {{"ns", 1000000000}, {"us", 1000000}, {"ms", 1000}, {"s", 1}};
    uint64_t hz = line->inspect->machine->config.costs->clock_hz;
    char *end;
    unsigned long long count = strtoull(word, &end, 10);

    for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
        if (isdigit((unsigned char)*word) && !strcmp(end, units[i].name) &&
            count < UINT64_C(1000000000)) {
            *cycles = (uint64_t)((unsigned __int128)count * hz / units[i].a_second);
            return true;
        }
    return word_fail(line, "no such time:", word);
}
