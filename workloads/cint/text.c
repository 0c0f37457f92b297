/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * text.c - English text of any length, the same on every machine
 *
 * The one real text that every copy of this project carries is its licence. It lies in the
 * executable; longer inputs are made by joining its phrases in another order, which keeps the
 * letter and word statistics that compressors live on.
 */
#include <stdbool.h>

#include "workloads/cint/program.h"
#include "workloads/cint/text.h"

__asm__(".pushsection .rodata\n"
        "licence_start: .incbin \"LICENSE\"\n"
        "licence_end:\n"
        ".popsection");
extern const uint8_t licence_start[], licence_end[];

#define PHRASE_SHORTEST 40
#define PHRASE_SPREAD                                                                              \
    256 /* phrases are SHORTEST..SHORTEST+SPREAD-1 bytes, then to the next space */

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\n';
}

void text_fill(uint8_t *out, size_t bytes, uint32_t seed)
{
    size_t length = (size_t)(licence_end - licence_start);
    size_t filled = 0;

    while (filled < bytes) {
        size_t at = random_next(&seed) % length;
        size_t want = PHRASE_SHORTEST + random_next(&seed) % PHRASE_SPREAD;

        while (!is_space(licence_start[at]))
            at = (at + 1) % length;
        for (size_t i = 0; filled < bytes; i++) {
            uint8_t c = licence_start[(at + i) % length];

            if (i >= want && is_space(c))
                break;
            out[filled++] = c;
        }
    }
}
