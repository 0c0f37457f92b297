/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * guest_write.c - instructions that write memory, for those who carry one out in a guest's place
 *
 * A page fault tells which address is written: its handler needs the instruction's length and
 * its other operand only. Known are the forms that compilers and kernels use on an entry of a page
 * table, of one and four bytes, with 32-bit addresses: MOV, XCHG, CMPXCHG, CMPXCHG8B, AND, OR, XOR,
 * BTS, BTR, BTC. LOCK and segment prefixes are passed over: kernels for one processor overwrite the
 * former by the latter.
 *
 * Source: SDM vol. 2, 2.1 and the instructions' pages.
 */
#include "hv/include/arch/guest_write.h"
#include "hv/include/lib.h"
#include "hv/include/arch/x86.h"

#define EFLAGS_CF 0x001u
#define EFLAGS_PF 0x004u
#define EFLAGS_AF 0x010u
#define EFLAGS_SF 0x080u
#define EFLAGS_OF 0x800u

static uint32_t *reg(cpu_regs *regs, unsigned number)
{
    uint32_t *const registers[8] = {&regs->eax, &regs->ecx, &regs->edx, &regs->ebx,
                                    &regs->esp, &regs->ebp, &regs->esi, &regs->edi};

    return registers[number & 7];
}

/* Byte registers 4-7 are the second bytes of the first four. */
static uint32_t reg_value(const cpu_regs *regs, unsigned number, unsigned bytes)
{
    cpu_regs *mine = (cpu_regs *)(uintptr_t)regs; /* only read */

    if (bytes > 1)
        return *reg(mine, number);
    return *reg(mine, number & 3) >> (number & 4 ? 8 : 0) & 0xff;
}

/* ---- decoding -------------------------------------------------------------------------------- */

static bool is_passed_over(uint8_t prefix)
{
    switch (prefix) {
    case 0xf0: /* lock */
    case 0x26:
    case 0x2e:
    case 0x36:
    case 0x3e:
    case 0x64:
    case 0x65:
        return true;
    default:
        return false;
    }
}

/* Bytes of ModRM, SIB and displacement, 32-bit addressing. 0: a register operand. */
static unsigned operand_length(const uint8_t *modrm)
{
    unsigned mod = modrm[0] >> 6, rm = modrm[0] & 7, length = 1;

    if (mod == 3)
        return 0;
    if (rm == 4) {
        length++;
        if (mod == 0 && (modrm[1] & 7) == 5)
            length += 4;
    } else if (mod == 0 && rm == 5) {
        length += 4;
    }
    if (mod == 1)
        return length + 1;
    return mod == 2 ? length + 4 : length;
}

static uint32_t immediate(const uint8_t *from, unsigned bytes)
{
    return bytes == 1 ? from[0] : from[0] | from[1] << 8 | from[2] << 16 | (uint32_t)from[3] << 24;
}

/* The eight operations of one opcode's group, or of the opcodes 00-3f. */
static bool arithmetic(unsigned number, enum write_action *action)
{
    switch (number) {
    case 1:
        *action = WRITE_OR;
        return true;
    case 4:
        *action = WRITE_AND;
        return true;
    case 6:
        *action = WRITE_XOR;
        return true;
    default:
        return false;
    }
}

static bool bits(unsigned number, enum write_action *action)
{
    static const enum write_action actions[] = {WRITE_BITS_SET, WRITE_BITS_CLEAR, WRITE_BITS_FLIP};

    if (number < 5)
        return false;
    *action = actions[number - 5];
    return true;
}

/* 0f opcode, its operand at modrm; w->value is the register's. */
static bool decode_two_bytes(uint8_t opcode, const uint8_t *modrm, unsigned operand,
                             struct guest_write *w)
{
    unsigned group = modrm[0] >> 3 & 7;

    switch (opcode) {
    case 0xab: /* bts, btr, btc: the bit in a register */
    case 0xb3:
    case 0xbb:
        return bits(opcode >> 3 & 7, &w->action);
    case 0xba:
        w->value = modrm[operand];
        w->length += 1;
        return bits(group, &w->action);
    case 0xb0:
    case 0xb1:
        w->action = WRITE_COMPARE;
        return true;
    case 0xc7:
        w->action = WRITE_COMPARE;
        w->bytes = 8;
        return group == 1;
    default:
        return false;
    }
}

static bool decode_one_byte(uint8_t opcode, const uint8_t *modrm, unsigned operand,
                            struct guest_write *w)
{
    unsigned group = modrm[0] >> 3 & 7;

    switch (opcode & 0xfe) {
    case 0x86:
        w->action = WRITE_EXCHANGE;
        return true;
    case 0x88:
        return true;
    case 0xc6:
        w->value = immediate(modrm + operand, w->bytes);
        w->length += w->bytes;
        return group == 0;
    case 0x80:
        w->value = immediate(modrm + operand, w->bytes);
        w->length += w->bytes;
        return arithmetic(group, &w->action);
    case 0x82: /* 83 alone: a byte, extended by its sign */
        w->value = (uint32_t)(int8_t)modrm[operand];
        w->length += 1;
        return opcode == 0x83 && arithmetic(group, &w->action);
    default:
        return opcode < 0x40 && !(opcode & 6) && arithmetic(opcode >> 3, &w->action);
    }
}

bool guest_write_decode(const cpu_regs *regs, const uint8_t *code, struct guest_write *w)
{
    unsigned at = 0, operand;
    const uint8_t *modrm;
    bool two_bytes;
    uint8_t opcode;

    while (at < 4 && is_passed_over(code[at]))
        at++;
    two_bytes = code[at] == 0x0f;
    at += two_bytes;
    opcode = code[at++];
    /* The lowest bit of an opcode is its size; those on bits have one size. */
    *w = (struct guest_write){.action = WRITE_SET,
                              .bytes = opcode & 1 || (two_bytes && opcode == 0xba) ? 4 : 1};
    if (!two_bytes && (opcode & 0xfe) == 0xa2) { /* mov from the accumulator to an address */
        w->value = reg_value(regs, 0, w->bytes);
        w->length = at + 4;
        return true;
    }
    modrm = &code[at];
    operand = operand_length(modrm);
    if (operand == 0)
        return false;
    w->length = at + operand;
    w->reg = modrm[0] >> 3 & 7;
    w->value = reg_value(regs, w->reg, w->bytes);
    return two_bytes ? decode_two_bytes(opcode, modrm, operand, w)
                     : decode_one_byte(opcode, modrm, operand, w);
}

/* ---- carrying out ---------------------------------------------------------------------------- */

static uint32_t part(const struct guest_write *w, uint64_t whole, unsigned at)
{
    uint32_t value = (uint32_t)(whole >> 8 * at);

    return w->bytes == 1 ? value & 0xff : value;
}

static uint32_t apply(const struct guest_write *w, uint32_t old)
{
    switch (w->action) {
    case WRITE_AND:
        return old & w->value;
    case WRITE_OR:
        return old | w->value;
    case WRITE_XOR:
        return old ^ w->value;
    case WRITE_BITS_SET:
        return old | 1u << (w->value & 31);
    case WRITE_BITS_CLEAR:
        return old & ~(1u << (w->value & 31));
    case WRITE_BITS_FLIP:
        return old ^ 1u << (w->value & 31);
    default:
        return w->value;
    }
}

bool guest_write_result(const cpu_regs *regs, const struct guest_write *w, uint64_t old,
                        unsigned at, uint64_t *result)
{
    uint64_t mask = (w->bytes == 1 ? 0xffull : 0xffffffffull) << 8 * at;
    uint32_t before = part(w, old, at);

    if (w->bytes == 8) {
        *result = regs->ebx | (uint64_t)regs->ecx << 32;
        return old == (regs->eax | (uint64_t)regs->edx << 32);
    }
    *result = (old & ~mask) | ((uint64_t)apply(w, before) << 8 * at & mask);
    return w->action != WRITE_COMPARE || before == reg_value(regs, 0, w->bytes);
}

static void set_register(cpu_regs *regs, unsigned number, unsigned bytes, uint32_t value)
{
    uint32_t *to = reg(regs, bytes > 1 ? number : number & 3);
    unsigned shift = bytes == 1 && number & 4 ? 8 : 0;

    *to = bytes > 1 ? value : (*to & ~(0xffu << shift)) | value << shift;
}

/* AND, OR, XOR: carry and overflow are clear, the others say what the result is. */
static void logic_flags(cpu_regs *regs, uint32_t result, unsigned bytes)
{
    uint32_t flags = 0;

    if (result == 0)
        flags |= EFLAGS_ZF;
    if (result >> (8 * bytes - 1) & 1)
        flags |= EFLAGS_SF;
    if (!__builtin_parity(result & 0xff))
        flags |= EFLAGS_PF;
    regs->eflags &= ~(EFLAGS_CF | EFLAGS_PF | EFLAGS_AF | EFLAGS_ZF | EFLAGS_SF | EFLAGS_OF);
    regs->eflags |= flags;
}

static void compare_flags(cpu_regs *regs, uint32_t a, uint32_t b, unsigned bytes)
{
    uint32_t difference = bytes == 1 ? (a - b) & 0xff : a - b;

    logic_flags(regs, difference, bytes);
    if (a < b)
        regs->eflags |= EFLAGS_CF;
    if ((a ^ b ^ difference) & 0x10)
        regs->eflags |= EFLAGS_AF;
    if (((a ^ b) & (a ^ difference)) >> (8 * bytes - 1) & 1)
        regs->eflags |= EFLAGS_OF;
}

void guest_write_finish(cpu_regs *regs, const struct guest_write *w, uint64_t old, unsigned at,
                        bool written)
{
    uint32_t before = part(w, old, at);

    regs->eip += w->length;
    switch (w->action) {
    case WRITE_SET:
        break;
    case WRITE_EXCHANGE:
        set_register(regs, w->reg, w->bytes, before);
        break;
    case WRITE_COMPARE:
        if (w->bytes == 8)
            regs->eflags = written ? regs->eflags | EFLAGS_ZF : regs->eflags & ~EFLAGS_ZF;
        else
            compare_flags(regs, reg_value(regs, 0, w->bytes), before, w->bytes);
        if (!written)
            set_register(regs, 0, w->bytes, w->bytes == 8 ? (uint32_t)old : before);
        if (!written && w->bytes == 8)
            regs->edx = (uint32_t)(old >> 32);
        break;
    case WRITE_BITS_SET:
    case WRITE_BITS_CLEAR:
    case WRITE_BITS_FLIP:
        regs->eflags = (regs->eflags & ~EFLAGS_CF) | (before >> (w->value & 31) & 1);
        break;
    default:
        logic_flags(regs, apply(w, before), w->bytes);
    }
}
