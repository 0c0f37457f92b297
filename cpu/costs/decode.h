/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * decode.h - what the instructions of a translated block cost to issue
 *
 * Each instruction belongs to a class (instructions.def); each class has a cost in eighths of a
 * cycle (costs.def, [issue]). A block costs the sum of its instructions, rounded up to a whole
 * cycle, and at least one. Memory stalls, crossings and the like are not in it: the models charge
 * them when they happen.
 */
#ifndef XENOLITH_CPU_DECODE_H
#define XENOLITH_CPU_DECODE_H

#include "cpu/costs/costs.h"

struct decoder;

/*
 * Where an instruction of a block ends, and what the block has cost by then. A fault inside a
 * block takes back what lies behind the faulting instruction: find it by its offset.
 */
struct decoded_instruction {
    uint16_t end : 15;     /* bytes from the block's start */
    uint16_t unpriced : 1; /* no class has it: its price is that of CLASS(unknown) */
    uint16_t cycles;       /* of the block up to here, rounded up; saturates */
};

/* Returns the decoder, or NULL with one sentence. `costs` outlives it; zero costs are allowed. */
struct decoder *decoder_open(const struct machine_costs *costs, char *why, size_t why_bytes);
void decoder_close(struct decoder *decoder);

enum { DECODE_ABSENT = -1, DECODE_ICEBP = -2 };

/*
 * Decodes `instructions` instructions of 32-bit or 16-bit code; table[i].end says where each ends,
 * as the translator took them, and the rest of the table is filled. Returns the cycles of the whole
 * block. Returns DECODE_ABSENT if there is one that raises #UD: of an extension that this processor
 * does not have, with a LOCK prefix that it may not have, a far call of a register; the block must
 * not run beyond it; DECODE_ICEBP if there is one that raises #DB behind itself. What else has no
 * class, because Capstone does not know it or it is of another maker, is marked as unpriced.
 */
int decode_block(struct decoder *decoder, const uint8_t *code, unsigned instructions, bool code32,
                 struct decoded_instruction *table);

/* How many of the first `instructions` have no class. */
unsigned decoded_unpriced(const struct decoded_instruction *table, unsigned instructions);

/*
 * For a fault at `offset` bytes into a block: how many of its instructions were completed, and,
 * unless cycles is NULL, what those cost.
 */
unsigned decoded_before(const struct decoded_instruction *table, unsigned instructions,
                        unsigned offset, unsigned *cycles);

#endif
