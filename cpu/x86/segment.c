/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * segment.c - which segment an access went through, and whether it allows it
 *
 * The engine adds a segment's base to an offset and forgets the segment; it does not look at
 * limits. Where an access is about to fault anyway, the processor would have looked at the limit
 * first (SDM vol. 3, 5.3): beyond it the exception is #SS(0) for a stack segment and #GP(0) for
 * others, whatever the page tables hold. So then the instruction is decoded, and its operand that
 * leads to the address says which segment it was.
 *
 * Rules
 *   - An operand's segment is the prefix's; without one, SS if the base is EBP or ESP, else DS.
 *     String instructions write through ES, which no prefix changes: Capstone names it.
 *   - What no operand of the instruction leads to is its stack: push, call, ret, enter and their
 *     like.
 *   - An offset is refused above the limit; in a data segment that expands down, up to the limit.
 *   - A null selector allows nothing; the engine keeps one as a segment of limit 0.
 *   - A segment that ends where the outer rings' part of the address space does (cpu_outer_limit)
 *     was cut there, to keep that part. What lies below its base, and is reached by offsets that
 *     wrap around, as C libraries reach their threads' variables, stays allowed, as under a
 *     hypervisor that need not cut.
 *
 * Accesses that page tables allow are not looked at (docs/limits.md).
 */
#include "cpu/x86/segment.h"

#include <capstone/capstone.h>

#include "cpu/x86/descriptor.h"
#include "cpu/x86/mmu.h"
#include "cpu/x86/opcode.h"
#include "cpu/engine/unicorn.h"
#include "cpu/x86/vectors.h"

enum { OPERAND_BYTES = 512 /* fxsave */ };
enum { CUT_BYTES = 4096 }; /* limits are cut in pages, wherever the base lies */

#define EXPANDS_DOWN DESCRIPTOR_CONFORMING /* the same bit, of data */

static uint32_t register_value(const struct cpu *cpu, unsigned name)
{
    static const struct {
        uint8_t wide, narrow, number;
    } names[] = {{X86_REG_EAX, X86_REG_AX, EAX}, {X86_REG_ECX, X86_REG_CX, ECX},
                 {X86_REG_EDX, X86_REG_DX, EDX}, {X86_REG_EBX, X86_REG_BX, EBX},
                 {X86_REG_ESP, X86_REG_SP, ESP}, {X86_REG_EBP, X86_REG_BP, EBP},
                 {X86_REG_ESI, X86_REG_SI, ESI}, {X86_REG_EDI, X86_REG_DI, EDI}};

    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].wide == name || names[i].narrow == name)
            return (uint32_t)lib_gpr(cpu)[names[i].number] &
                   (names[i].wide == name ? UINT32_MAX : UINT16_MAX);
    return 0;
}

static enum segment_register operand_segment(const x86_op_mem *memory)
{
    switch (memory->segment) {
    case X86_REG_ES:
        return SEG_ES;
    case X86_REG_CS:
        return SEG_CS;
    case X86_REG_SS:
        return SEG_SS;
    case X86_REG_DS:
        return SEG_DS;
    case X86_REG_FS:
        return SEG_FS;
    case X86_REG_GS:
        return SEG_GS;
    default:
        return memory->base == X86_REG_EBP || memory->base == X86_REG_ESP ||
                       memory->base == X86_REG_BP
                   ? SEG_SS
                   : SEG_DS;
    }
}

static bool leads_to(const struct cpu *cpu, const cs_x86 *instruction, const x86_op_mem *memory,
                     uint32_t linear)
{
    uint32_t offset = register_value(cpu, memory->base) +
                      register_value(cpu, memory->index) * (uint32_t)memory->scale +
                      (uint32_t)memory->disp;

    if (instruction->addr_size == 2)
        offset &= UINT16_MAX;
    offset += (uint32_t)lib_segment(cpu, operand_segment(memory))->base;
    return linear - offset < OPERAND_BYTES;
}

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

/* The segment of the access to `linear` by the instruction under way; false if it is not known. */
static bool find_segment(const struct cpu *cpu, uint32_t linear, enum segment_register *segment)
{
    uint8_t code[OPCODE_MOST_BYTES];
    unsigned bytes = read_instruction(cpu, code);
    cs_insn *instruction = NULL;
    csh handle;
    bool found = false;

    if (!bytes || cs_open(CS_ARCH_X86, *lib_hflags(cpu) & HF_CS32 ? CS_MODE_32 : CS_MODE_16,
                          &handle) != CS_ERR_OK)
        return false;
    cs_option(handle, CS_OPT_DETAIL, CS_OPT_ON);
    if (cs_disasm(handle, code, bytes, 0, 1, &instruction) == 1) {
        const cs_x86 *x86 = &instruction->detail->x86;

        *segment = SEG_SS;
        for (unsigned i = 0; i < x86->op_count && !found; i++)
            if (x86->operands[i].type == X86_OP_MEM &&
                leads_to(cpu, x86, &x86->operands[i].mem, linear)) {
                *segment = operand_segment(&x86->operands[i].mem);
                found = true;
            }
        found = found || cs_reg_read(handle, instruction, X86_REG_ESP) ||
                cs_reg_write(handle, instruction, X86_REG_ESP);
        cs_free(instruction, 1);
    }
    cs_close(&handle);
    return found;
}

static bool allows(const struct cpu *cpu, enum segment_register number, uint32_t linear)
{
    const struct lib_segment *segment = lib_segment(cpu, number);
    uint32_t base = (uint32_t)segment->base, offset = linear - base;

    if (cpu->outer_limit && cpu->outer_limit - 1 - (base + segment->limit) < CUT_BYTES)
        return linear < cpu->outer_limit;
    if (!(segment->flags & DESCRIPTOR_CODE) && (segment->flags & EXPANDS_DOWN))
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
