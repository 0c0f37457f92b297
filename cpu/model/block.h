/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * block.h - what is known of one translated block
 *
 * The translator turns a straight stretch of guest code into host code once and runs it many
 * times. This record is made when a block is translated; the block's prologue adds `cost` and
 * `instructions`, which are final by then, to the processor's counters (unicorn_emit.c). A record
 * lives until all translated code is dropped.
 */
#ifndef XENOLITH_CPU_BLOCK_H
#define XENOLITH_CPU_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "cpu/costs/decode.h"

#define BLOCK_NO_FRAME UINT64_MAX

struct block {
    uint64_t cost;         /* issue cycles of the whole block */
    uint64_t instructions; /* as the translator took them */

    uint32_t pc;    /* linear address of the first byte */
    uint32_t flags; /* the mode it was translated for */
    uint16_t bytes; /* of guest code */
    /* Physical page address of its first and last byte, [1] may be BLOCK_NO_FRAME: as it was
     * translated, or when the model was last notified of its entry. */
    uint64_t frame[2];

    void *tb;                          /* the library's record of it */
    struct decoded_instruction *table; /* by instruction; NULL in the unit mode */
    uint16_t unpriced;                 /* how many of its instructions no class has */
    uint8_t raises;                    /* by an instruction in it that the translator gets wrong */
};

#endif
