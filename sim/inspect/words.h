/* SPDX-License-Identifier: GPL-2.0-only */
/* words.h - the words of a command, and what they can mean */
#ifndef XENOLITH_SIM_INSPECT_WORDS_H
#define XENOLITH_SIM_INSPECT_WORDS_H

#include "sim/inspect/inspect.h"

enum { WORDS = 12 };

struct line {
    struct inspect *inspect;
    FILE *out;
    char *word[WORDS]; /* "" where there is none */
    char *why;
    size_t why_bytes;
};

/* ---- words.c: what a word means; false, but for the first with a sentence in `why` ----------- */

/* A number, in C's bases. */
bool word_number(const char *word, uint64_t *number);
/* Puts the sentence there; false. */
bool word_fail(struct line *line, const char *what, const char *word);
/* A number in bounds; `preset` if there is no word. */
bool word_count(struct line *line, const char *word, uint64_t least, uint64_t most, uint64_t preset,
                uint64_t *count);
/* A symbol's address, or a number; "here" is the code that is about to run. */
bool word_address(struct line *line, const char *word, uint32_t *address);
/* "10ms" as cycles of the machine. */
bool word_cycles(struct line *line, const char *word, uint64_t *cycles);

/* ---- script_breaks.c: commands that set and take out breakpoints and watches --- */

bool script_break(struct line *line);
bool script_clear(struct line *line);
bool script_watch(struct line *line);
bool script_unwatch(struct line *line);

#endif
