/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * segment.c - which segment an access goes through, and whether it allows it
 *
 * The engine adds a segment's base to an offset and forgets the segment. So who may be refused is
 * asked for it before (unicorn_segments.c): beyond the limit, and by the wrong type, the exception
 * is #SS(0) for a stack segment and #GP(0) for others, whatever the page tables hold (SDM vol. 3,
 * 5.3, 5.5). Where an access is about to fault, the limit is looked at once more, for the parts
 * that no operand tells of.
 *
 * Rules
 *   - An operand's segment is the prefix's; without one, SS if the base is EBP or ESP, else DS.
 *     String instructions write through ES, which no prefix changes.
 *   - An offset is refused above the limit; in a data segment that expands down, up to the limit.
 *   - Data is written if the segment is writable; code never is, and is read if it is readable.
 *   - A null selector allows nothing; the engine keeps one as a segment of limit 0.
 *   - A segment that ends where the outer rings' part of the address space does (cpu_outer_limit)
 *     was cut there, to keep that part. What lies below its base, and is reached by offsets that
 *     wrap around, as C libraries reach their threads' variables, stays allowed, as under a
 *     hypervisor that need not cut.
 *   - In real and virtual-8086 mode only code's limit is looked at.
 */
#include "cpu/x86/segment.h"

#include "cpu/x86/mmu.h"
#include "cpu/x86/opcode.h"
#include "cpu/x86/operand.h"
#include "cpu/x86/registers.h"
#include "cpu/engine/unicorn.h"
#include "cpu/x86/vectors.h"

enum { OPERAND_BYTES = 512 /* fxsave */ };

static unsigned read_instruction(const struct cpu *cpu, uint8_t code[OPCODE_MOST_BYTES])
{
    uint32_t at, physical;
    unsigned bytes = 0;

    if (!lib_instruction_address(cpu, &at))
        return 0;
    while (bytes < OPCODE_MOST_BYTES && cpu_translate(cpu, at + bytes, &physical) &&
           physical < cpu->engine->config.ram_bytes)
        code[bytes++] = cpu->engine->config.ram[physical];
    return bytes;
}

/* Reads the operands of the instruction under way; false: its code cannot be read. */
static bool read_operands(const struct cpu *cpu, struct operands *operands)
{
    uint8_t code[OPCODE_MOST_BYTES];
    unsigned bytes = read_instruction(cpu, code);

    if (bytes)
        operands_read(code, bytes, *lib_hflags(cpu) & HF_CS32, operands);
    return bytes > 0;
}

/* The segment of the access to `linear` by the instruction under way; false if it is not known. */
static bool find_segment(const struct cpu *cpu, uint32_t linear, enum segment_register *segment)
{
    struct operands operands;

    if (!read_operands(cpu, &operands))
        return false;
    for (unsigned i = 0; i < operands.count; i++) {
        *segment = operands.operand[i].segment;
        if (linear - operand_offset(cpu, &operands, i) -
                (uint32_t)lib_segment(cpu, *segment)->base <
            OPERAND_BYTES)
            return true;
    }
    *segment = SEG_SS;
    return operands.count > 0 && operands.operand[operands.count - 1].segment == SEG_SS;
}

static bool allows(const struct cpu *cpu, enum segment_register number, uint32_t linear)
{
    const struct lib_segment *segment = lib_segment(cpu, number);
    uint32_t base = (uint32_t)segment->base, offset = linear - base;

    if (segment_is_cut(cpu, segment))
        return linear < cpu->outer_limit;
    if (!(segment->flags & DESCRIPTOR_CODE) && (segment->flags & DESCRIPTOR_EXPANDS_DOWN))
        return offset > segment->limit && (segment->flags & DESCRIPTOR_BIG || offset <= UINT16_MAX);
    return offset <= segment->limit;
}

/* Decoding takes long; most faults cannot be the segment's whichever it was. */
static bool all_allow(const struct cpu *cpu, uint32_t linear)
{
    for (unsigned i = 0; i < SEG_COUNT; i++)
        if (lib_segment(cpu, (enum segment_register)i)->selector > 3 &&
            !allows(cpu, (enum segment_register)i, linear))
            return false;
    return true;
}

unsigned segment_refuses(const struct cpu *cpu, uint32_t linear)
{
    enum segment_register segment;

    if (cpu->delivering || all_allow(cpu, linear) || !find_segment(cpu, linear, &segment))
        return 0;
    if (allows(cpu, segment, linear))
        return 0;
    return segment == SEG_SS ? VECTOR_SS : VECTOR_GP;
}

bool segment_operand_modified(const struct cpu *cpu)
{
    uint8_t code[OPCODE_MOST_BYTES];
    struct opcode op;
    unsigned bytes = cpu->delivering ? 0 : read_instruction(cpu, code);

    return opcode_read(code, bytes, *lib_hflags(cpu) & HF_CS32, &op) && opcode_modifies(&op);
}

/* ---- before an instruction ------------------------------------------------------------------- */

static bool permits(const struct cpu *cpu, const struct operand *operand, uint32_t offset)
{
    const struct lib_segment *segment = lib_segment(cpu, operand->segment);
    bool code = segment->flags & DESCRIPTOR_CODE, bit = segment->flags & DESCRIPTOR_WRITABLE;
    uint64_t last = (uint64_t)offset + operand->bytes - 1;

    if (segment_is_null(segment) || (operand->write ? code || !bit : code && !bit))
        return false;
    if (segment_is_cut(cpu, segment))
        return true; /* mmu.c refuses what lies beyond */
    if (!code && (segment->flags & DESCRIPTOR_EXPANDS_DOWN))
        return offset > segment->limit &&
               last <= (segment->flags & DESCRIPTOR_BIG ? UINT32_MAX : UINT16_MAX);
    return segment->limit == UINT32_MAX || last <= segment->limit;
}

void segment_check(struct cpu *cpu, const struct operands *operands)
{
    if (!(lib_cr(cpu)[0] & CR0_PE) || (*lib_raw_eflags(cpu) & EFLAGS_VM))
        return;
    if (operands->repeated && !(uint32_t)lib_gpr(cpu)[ECX])
        return;
    for (unsigned i = 0; i < operands->count; i++)
        if (!permits(cpu, &operands->operand[i], operand_offset(cpu, operands, i)))
            lib_raise(cpu, operands->operand[i].segment == SEG_SS ? VECTOR_SS : VECTOR_GP, 0);
}

void segment_check_here(struct cpu *cpu)
{
    struct operands operands;

    if (read_operands(cpu, &operands))
        segment_check(cpu, &operands);
}
