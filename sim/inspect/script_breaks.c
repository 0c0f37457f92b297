/* SPDX-License-Identifier: GPL-2.0-only */
/* script_breaks.c - breakpoints and watches, and the conditions under which they stop */
#include "sim/inspect/words.h"

#include <string.h>

static bool relation_of(struct line *line, const char *word, enum inspect_relation *relation)
{
    static const struct {
        const char *name;
        enum inspect_relation relation;
    } relations[] = {{"is", INSPECT_IS},   {"==", INSPECT_IS},   {"isnt", INSPECT_ISNT},
                     {"!=", INSPECT_ISNT}, {"<", INSPECT_BELOW}, {">", INSPECT_ABOVE}};

    for (size_t i = 0; i < sizeof(relations) / sizeof(*relations); i++)
        if (!strcmp(word, relations[i].name)) {
            *relation = relations[i].relation;
            return true;
        }
    return word_fail(line, "a register is, isnt, < or > a value:", word);
}

/* "[domain N] [if REGISTER RELATION VALUE]" from word `i` on. */
static bool when_of(struct line *line, unsigned i, struct inspect_when *when)
{
    static const char *const gpr[] = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};
    uint64_t number;

    *when = (struct inspect_when){.context = INSPECT_ANYBODY, .reg = -1};
    if (!strcmp(line->word[i], "domain") || !strcmp(line->word[i], "process")) {
        if (!word_number(line->word[i + 1], &number) || number > ANNOUNCE_CONTEXT_MAX)
            return word_fail(line, "no such number:", line->word[i + 1]);
        when->context = (uint32_t)number;
        i += 2;
    }
    if (!*line->word[i])
        return true;
    if (strcmp(line->word[i], "if") != 0)
        return word_fail(line, "neither domain nor if:", line->word[i]);
    for (unsigned k = 0; k < sizeof(gpr) / sizeof(*gpr); k++)
        if (!strcmp(line->word[i + 1], gpr[k]))
            when->reg = (int)k;
    if (when->reg < 0)
        return word_fail(line, "no such register:", line->word[i + 1]);
    return relation_of(line, line->word[i + 2], &when->relation) &&
           word_address(line, line->word[i + 3], &when->value);
}

bool script_break(struct line *line)
{
    struct inspect_when when;
    uint32_t address;

    if (!word_address(line, line->word[1], &address) || !when_of(line, 2, &when))
        return false;
    if (!inspect_break(line->inspect, address, true))
        return word_fail(line, "no room for a breakpoint at", line->word[1]);
    inspect_break_when(line->inspect, address, &when);
    return true;
}

bool script_watch(struct line *line)
{
    uint64_t bytes = 4;
    struct inspect_when when;
    uint32_t address;
    unsigned next = 2;
    bool reads;

    if (!word_address(line, line->word[1], &address))
        return false;
    if (word_number(line->word[next], &bytes))
        next++;
    reads = !strcmp(line->word[next], "reads");
    if (!when_of(line, next + reads, &when))
        return false;
    return (bytes && bytes <= 4096 &&
            inspect_watch(line->inspect, address, (uint32_t)bytes, reads, &when)) ||
           word_fail(line, "no room for a watch at", line->word[1]);
}

bool script_unwatch(struct line *line)
{
    uint32_t address;

    if (!word_address(line, line->word[1], &address))
        return false;
    inspect_unwatch(line->inspect, address);
    return true;
}

bool script_clear(struct line *line)
{
    uint32_t address;

    return word_address(line, line->word[1], &address) &&
           inspect_break(line->inspect, address, false);
}
