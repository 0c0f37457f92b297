/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * operand.c - which memory an instruction will access, and through which segments
 *
 * Capstone decodes; a few things it does not say are added here:
 *
 *   - The stack's accesses of push, pop, call, ret and their kind, which are no operands.
 *   - Instructions that name memory and access none (lea, nop, prefetches).
 *   - Which operands are written: it knows it of few, the opcode tells the rest (opcode.c).
 *   - A bit's number in a register moves the access of bt and its kind (SDM vol. 2, BT).
 *
 * Not said by anybody: xlat, maskmovq, and the frames that enter copies.
 */
#include "cpu/x86/operand.h"

#include <string.h>

#include <capstone/capstone.h>

#include "cpu/engine/unicorn.h"
#include "cpu/x86/opcode.h"

static const struct {
    uint8_t name, number, narrow;
} registers[] = {
    {X86_REG_EAX, EAX, 0}, {X86_REG_ECX, ECX, 0}, {X86_REG_EDX, EDX, 0}, {X86_REG_EBX, EBX, 0},
    {X86_REG_ESP, ESP, 0}, {X86_REG_EBP, EBP, 0}, {X86_REG_ESI, ESI, 0}, {X86_REG_EDI, EDI, 0},
    {X86_REG_AX, EAX, 1},  {X86_REG_CX, ECX, 1},  {X86_REG_DX, EDX, 1},  {X86_REG_BX, EBX, 1},
    {X86_REG_SP, ESP, 1},  {X86_REG_BP, EBP, 1},  {X86_REG_SI, ESI, 1},  {X86_REG_DI, EDI, 1}};

static uint8_t register_number(unsigned name)
{
    for (unsigned i = 0; i < sizeof(registers) / sizeof(registers[0]); i++)
        if (registers[i].name == name)
            return registers[i].number;
    return OPERAND_NONE;
}

static uint8_t segment_of(const x86_op_mem *memory)
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

static bool accesses_nothing(unsigned id)
{
    switch (id) {
    case X86_INS_LEA:
    case X86_INS_NOP:
    case X86_INS_PREFETCH:
    case X86_INS_PREFETCHNTA:
    case X86_INS_PREFETCHT0:
    case X86_INS_PREFETCHT1:
    case X86_INS_PREFETCHT2:
    case X86_INS_PREFETCHW:
    case X86_INS_INVLPG:
        return true;
    default:
        return false;
    }
}

static bool tests_bits(unsigned id)
{
    return id == X86_INS_BT || id == X86_INS_BTS || id == X86_INS_BTR || id == X86_INS_BTC;
}

/* Words that the instruction pushes (positive) or pops (negative). */
static int stack_words(unsigned id)
{
    switch (id) {
    case X86_INS_PUSH:
    case X86_INS_PUSHF:
    case X86_INS_PUSHFD:
    case X86_INS_CALL:
    case X86_INS_ENTER:
        return 1;
    case X86_INS_LCALL:
        return 2;
    case X86_INS_PUSHAW:
    case X86_INS_PUSHAL:
        return 8;
    case X86_INS_POP:
    case X86_INS_POPF:
    case X86_INS_POPFD:
    case X86_INS_RET:
    case X86_INS_LEAVE:
        return -1;
    case X86_INS_RETF:
        return -2;
    case X86_INS_IRET:
    case X86_INS_IRETD:
        return -3;
    case X86_INS_POPAW:
    case X86_INS_POPAL:
        return -8;
    default:
        return 0;
    }
}

static struct operand *add(struct operands *out)
{
    struct operand *o = &out->operand[out->count];

    if (out->count < OPERANDS_MOST - 1) /* more than two no instruction has */
        out->count++;
    *o = (struct operand){.base = OPERAND_NONE, .index = OPERAND_NONE};
    return o;
}

/* Capstone's sizes have 8 bits, and it knows none for some (SDM vol. 1, 8.1.10 and 10.5). */
static uint16_t bytes_of(const cs_insn *instruction, const cs_x86_op *op, bool wide)
{
    switch (instruction->id) {
    case X86_INS_FXSAVE:
    case X86_INS_FXRSTOR:
        return 512;
    case X86_INS_FNSAVE:
    case X86_INS_FRSTOR:
        return wide ? 108 : 94;
    case X86_INS_FNSTENV:
    case X86_INS_FLDENV:
        return wide ? 28 : 14;
    case X86_INS_FNSTCW:
    case X86_INS_FNSTSW:
    case X86_INS_FLDCW:
    case X86_INS_SLDT:
    case X86_INS_STR:
    case X86_INS_SMSW:
        return 2;
    default:
        return op->size ? op->size : 1;
    }
}

static void add_memory(struct operands *out, const cs_insn *instruction, const cs_x86_op *op,
                       bool wide)
{
    const cs_x86 *x86 = &instruction->detail->x86;
    struct operand *o = add(out);

    o->segment = segment_of(&op->mem);
    o->base = register_number(op->mem.base);
    o->index = register_number(op->mem.index);
    o->scale = (uint8_t)op->mem.scale;
    o->displacement = (int32_t)op->mem.disp;
    o->narrow = x86->addr_size == 2 ? OPERAND_16 : 0;
    o->bytes = bytes_of(instruction, op, wide);
    o->write = (op->access & CS_AC_WRITE) != 0;
}

static void add_stack(struct operands *out, int words, unsigned word_bytes, bool leave)
{
    struct operand *o = add(out);
    unsigned bytes = (unsigned)(words < 0 ? -words : words) * word_bytes;

    o->segment = SEG_SS;
    o->base = leave ? EBP : ESP;
    o->displacement = words > 0 ? -(int32_t)bytes : 0;
    o->narrow = OPERAND_STACK;
    o->bytes = (uint16_t)bytes;
    o->write = words > 0;
}

static void take(const cs_insn *instruction, bool wide, struct operands *out)
{
    const cs_x86 *x86 = &instruction->detail->x86;
    unsigned word = wide != (x86->prefix[2] == 0x66) ? 4 : 2;
    int words = stack_words(instruction->id);

    for (unsigned i = 0; i < x86->op_count; i++)
        if (x86->operands[i].type == X86_OP_MEM && !accesses_nothing(instruction->id))
            add_memory(out, instruction, &x86->operands[i], word == 4);
    if (words)
        add_stack(out, words, word, instruction->id == X86_INS_LEAVE);
    out->repeated = x86->prefix[0] == 0xf2 || x86->prefix[0] == 0xf3;
    if (tests_bits(instruction->id) && x86->operands[1].type == X86_OP_REG && out->count)
        out->bits = register_number(x86->operands[1].reg);
}

void operands_read(const uint8_t *bytes, unsigned count, bool wide, struct operands *out)
{
    cs_insn *instruction = NULL;
    struct opcode op;
    csh handle;

    memset(out, 0, sizeof(*out));
    out->bits = OPERAND_NONE;
    if (cs_open(CS_ARCH_X86, wide ? CS_MODE_32 : CS_MODE_16, &handle) != CS_ERR_OK)
        return;
    cs_option(handle, CS_OPT_DETAIL, CS_OPT_ON);
    if (cs_disasm(handle, bytes, count, 0, 1, &instruction) == 1) {
        take(instruction, wide, out);
        cs_free(instruction, 1);
    }
    cs_close(&handle);
    if (opcode_read(bytes, count, wide, &op) && (opcode_modifies(&op) || opcode_stores(&op)))
        out->operand[0].write = true;
}

bool operands_use(const struct operands *operands, unsigned segments)
{
    for (unsigned i = 0; i < operands->count; i++)
        if (segments >> operands->operand[i].segment & 1)
            return true;
    return false;
}

static uint32_t register_value(const struct cpu *cpu, unsigned number)
{
    return number == OPERAND_NONE ? 0 : (uint32_t)lib_gpr(cpu)[number];
}

uint32_t operand_offset(const struct cpu *cpu, const struct operands *operands, unsigned i)
{
    const struct operand *o = &operands->operand[i];
    uint32_t offset = register_value(cpu, o->base) + register_value(cpu, o->index) * o->scale +
                      (uint32_t)o->displacement;
    bool narrow =
        o->narrow == OPERAND_16 || (o->narrow == OPERAND_STACK && !(*lib_hflags(cpu) & HF_SS32));

    if (i == 0 && operands->bits != OPERAND_NONE) {
        int32_t bit = (int32_t)register_value(cpu, operands->bits);

        offset += o->bytes == 2 ? (uint32_t)((int16_t)bit >> 4) * 2 : (uint32_t)(bit >> 5) * 4;
    }
    return narrow ? offset & UINT16_MAX : offset;
}
