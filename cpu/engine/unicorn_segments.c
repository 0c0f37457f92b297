/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unicorn_segments.c - limits and types of data segments
 *
 * The library adds a segment's base to an offset and asks no more. Nearly all segments are flat:
 * present, writable, growing up, and as long as their ring's part of the address space, so nothing
 * is to be asked. Which are not is kept in the mode bits, a part of each block's key:
 *
 *     HF_LIMITED   one of CS, DS, ES and SS is not: each instruction with memory is checked
 *     HF_LIMITED_FS, HF_LIMITED_GS   only the instructions with that prefix are
 *
 * A program's GS stays while its kernel runs, null in some programs and flat in others; kernels
 * hardly use it. So GS is no part of the key in rings 0 to 2, where each use of it is checked:
 * else a kernel would be translated twice.
 * and what goes through CS by a prefix always is, since nobody may write there. So flat segments
 * cost nothing. Loads of CS, DS, ES and SS end a block; after one of FS or GS, an instruction with
 * such a prefix begins a new one (unicorn_extent.c).
 *
 * A check is a call before the instruction. Its operands are decoded when the block is translated
 * and stand in a table, equal ones once, as long as any block may name them. When the table is full
 * the instruction is decoded each time.
 */
#include <stdlib.h>
#include <string.h>

#include "cpu/engine/unicorn_care.h"
#include "cpu/x86/descriptor.h"
#include "cpu/x86/operand.h"
#include "cpu/x86/registers.h"
#include "cpu/x86/segment.h"

enum { TABLE_MOST = 1 << 16, SLOTS = 1 << 18 };
enum { PREFIX_CS = 0x2e, PREFIX_FS = 0x64, PREFIX_GS = 0x65 };

static struct {
    struct operands *entry; /* [TABLE_MOST]; 0 is not used: it stands for "decode" */
    uint32_t *slot;         /* [SLOTS] of a hash table: index of an entry, or 0 */
    uint32_t used;
} table;

static uint32_t block_flags; /* of the block that is being translated */

void lib_note_segments(struct cpu *cpu)
{
    uint32_t mode = *lib_hflags(cpu) & ~(HF_LIMITED | HF_LIMITED_FS | HF_LIMITED_GS);
    bool code = !segment_is_flat(cpu, SEG_CS), all = code;

    if ((lib_cr(cpu)[0] & CR0_PE) && !(*lib_raw_eflags(cpu) & EFLAGS_VM)) {
        all = all || !segment_is_flat(cpu, SEG_DS) || !segment_is_flat(cpu, SEG_ES) ||
              !segment_is_flat(cpu, SEG_SS);
        mode |= segment_is_flat(cpu, SEG_FS) ? 0 : HF_LIMITED_FS;
        mode |= lib_ring(cpu) < 3 || segment_is_flat(cpu, SEG_GS) ? 0 : HF_LIMITED_GS;
    }
    *lib_hflags(cpu) = mode | (all ? HF_LIMITED : 0);
}

void lib_segments_block(uint32_t flags)
{
    block_flags = flags;
}

bool lib_segments_wanted(const struct opcode *op)
{
    return (block_flags & HF_LIMITED) || op->segment == PREFIX_CS ||
           (op->segment == PREFIX_FS && (block_flags & HF_LIMITED_FS)) ||
           (op->segment == PREFIX_GS &&
            ((block_flags & HF_LIMITED_GS) || (block_flags & HF_CPL) < 3));
}

static uint32_t hash(const struct operands *operands)
{
    const uint8_t *byte = (const void *)operands;
    uint32_t value = 2166136261u; /* FNV-1a */

    for (unsigned i = 0; i < sizeof(*operands); i++)
        value = (value ^ byte[i]) * 16777619u;
    return value;
}

/* The entry with these operands, made if it is new; 0: there is no room. */
static uint32_t find(const struct operands *operands)
{
    if (!table.entry) {
        table.entry = malloc(TABLE_MOST * sizeof(*table.entry));
        table.slot = calloc(SLOTS, sizeof(*table.slot));
        table.used = 1;
    }
    if (!table.entry || !table.slot)
        return 0;
    for (uint32_t at = hash(operands);; at++) {
        uint32_t *slot = &table.slot[at % SLOTS];

        if (*slot && memcmp(&table.entry[*slot], operands, sizeof(*operands)) == 0)
            return *slot;
        if (*slot)
            continue;
        if (table.used == TABLE_MOST)
            return 0;
        *slot = table.used++;
        table.entry[*slot] = *operands;
        return *slot;
    }
}

bool lib_segments_check(const uint8_t *bytes, unsigned count, uint32_t *entry)
{
    struct operands operands;

    operands_read(bytes, count, *lib_hflags(lib_cpu) & HF_CS32, &operands);
    *entry = find(&operands);
    return operands.count > 0;
}

void lib_segments_run(struct cpu *cpu, uint32_t entry)
{
    if (entry)
        segment_check(cpu, &table.entry[entry]);
    else
        segment_check_here(cpu);
}
