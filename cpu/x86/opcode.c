/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * opcode.c - the head of an instruction: prefixes, opcode, ModRM
 *
 * The engine decodes for itself. Where it departs from the manual, we look at the bytes, too: once
 * when they are translated, or when an access is about to fault. Numbers are the opcode map's (SDM
 * vol. 2, appendix A).
 */
#include "cpu/x86/opcode.h"

/* A set of opcodes, a bit each. */
struct set {
    uint64_t bits[4];
};

static bool has(const struct set *set, uint8_t code)
{
    return set->bits[code >> 6] >> (code & 63) & 1;
}

static bool is_prefix(uint8_t byte, struct opcode *op)
{
    switch (byte) {
    case 0x66:
        op->size = true;
        return true;
    case 0xf2:
    case 0xf3:
        op->repeat = byte;
        return true;
    case 0x26:
    case 0x2e:
    case 0x36:
    case 0x3e:
    case 0x64:
    case 0x65:
        op->segment = byte;
        return true;
    default:
        return byte == 0x67 || byte == 0xf0;
    }
}

unsigned opcode_goes_on(const uint8_t *bytes, unsigned last)
{
    struct opcode ignored = {0};

    if (is_prefix(bytes[last], &ignored))
        return 1;
    if (last && bytes[last - 1] == 0x0f)
        return 0;
    return bytes[last] == 0x0f ? 2 : bytes[last] == 0x8e || (bytes[last] & 0xfe) == 0xf6;
}

unsigned opcode_second_test(const uint8_t *bytes, unsigned count)
{
    struct opcode ignored = {0};
    unsigned at = 0;

    while (at < count && is_prefix(bytes[at], &ignored))
        at++;
    return at + 1 < count && (bytes[at] & 0xfe) == 0xf6 && (bytes[at + 1] >> 3 & 7) == 1 ? at + 1
                                                                                         : 0;
}

bool opcode_read(const uint8_t *bytes, unsigned count, bool wide, struct opcode *out)
{
    unsigned at = 0;

    *out = (struct opcode){0};
    while (at < count && is_prefix(bytes[at], out))
        at++;
    out->twofold = at < count && bytes[at] == 0x0f;
    at += out->twofold;
    if (at >= count)
        return false;
    out->code = bytes[at];
    out->modrm = at + 1 < count ? bytes[at + 1] : 0;
    out->wide = wide != out->size;
    return true;
}

static unsigned digit(const struct opcode *op)
{
    return op->modrm >> 3 & 7;
}

static bool names_memory(const struct opcode *op)
{
    return op->modrm >> 6 != 3;
}

static bool modifies_one(const struct opcode *op)
{
    if (op->code < 0x38) /* add or adc sbb and sub xor, to memory */
        return (op->code & 7) < 2;
    switch (op->code) {
    case 0x80: /* the same with constants, but cmp */
    case 0x81:
    case 0x82:
    case 0x83:
        return digit(op) != 7;
    case 0x86: /* xchg, shifts */
    case 0x87:
    case 0xc0:
    case 0xc1:
    case 0xd0:
    case 0xd1:
    case 0xd2:
    case 0xd3:
        return true;
    case 0xf6: /* not, neg */
    case 0xf7:
        return digit(op) == 2 || digit(op) == 3;
    case 0xfe: /* inc, dec */
    case 0xff:
        return digit(op) < 2;
    default:
        return false;
    }
}

bool opcode_modifies(const struct opcode *op)
{
    if (!names_memory(op))
        return false;
    if (!op->twofold)
        return modifies_one(op);
    switch (op->code) {
    case 0xa4: /* shld, shrd */
    case 0xa5:
    case 0xac:
    case 0xad:
    case 0xab: /* bts, btr, btc */
    case 0xb3:
    case 0xbb:
    case 0xb0: /* cmpxchg, xadd */
    case 0xb1:
    case 0xc0:
    case 0xc1:
        return true;
    case 0xba: /* bts, btr, btc by a constant */
        return digit(op) >= 5;
    case 0xc7: /* cmpxchg8b */
        return digit(op) == 1;
    default:
        return false;
    }
}

/*
 * By prefix: which opcodes after 0F take 16 aligned bytes. Without a prefix these are the packed
 * single ones, movaps and movntps; with 66 the packed double ones, movapd, movntpd, movdqa, movntdq
 * and all of MMX's on XMM registers. Moves that allow any address (10, 11) and parts of a register
 * (12, 13, 16, 17, 6E, 7E, C4, D6, 5A of single ones, E6) are absent.
 */
static const struct set aligned_plain = {
    {[0] = UINT64_C(1) << 0x14 | UINT64_C(1) << 0x15 | UINT64_C(3) << 0x28 | UINT64_C(1) << 0x2b,
     /* 51-5F but 5A */
     [1] = UINT64_C(0xfbfe) << (0x50 - 0x40),
     [3] = UINT64_C(1) << (0xc2 - 0xc0) | UINT64_C(1) << (0xc6 - 0xc0)}};
static const struct set aligned_size = {
    {[0] = UINT64_C(1) << 0x14 | UINT64_C(1) << 0x15 | UINT64_C(3) << 0x28 | UINT64_C(1) << 0x2b,
     /* 51-5F, 60-6D, 6F, 70, 74-76, 7F */
     [1] = UINT64_C(0xfffe) << (0x50 - 0x40) | UINT64_C(0xbfff) << (0x60 - 0x40) |
           UINT64_C(0x8071) << (0x70 - 0x40),
     /* C2, C6; D1-D5, D8-DF; E0-E5, E7-EF; F1-F6, F8-FE */
     [3] = UINT64_C(1) << (0xc2 - 0xc0) | UINT64_C(1) << (0xc6 - 0xc0) |
           UINT64_C(0xff3e) << (0xd0 - 0xc0) | UINT64_C(0xffbf) << (0xe0 - 0xc0) |
           UINT64_C(0x7f7e) << (0xf0 - 0xc0)}};
/* With F3 and F2: pshufhw, pshuflw, cvttps2dq, cvtpd2dq. */
static bool aligned_repeat(const struct opcode *op)
{
    return op->code == 0x70 || (op->repeat == 0xf3 ? op->code == 0x5b : op->code == 0xe6);
}

bool opcode_wants_alignment(const struct opcode *op)
{
    if (!op->twofold || !names_memory(op))
        return false;
    if (op->repeat)
        return aligned_repeat(op);
    if (op->size && op->code == 0xe6) /* cvttpd2dq */
        return true;
    if (!op->size && op->code == 0x5b) /* cvtdq2ps */
        return true;
    return has(op->size ? &aligned_size : &aligned_plain, op->code);
}

/* 2A, 2C, 2D: conversions; C4, C5: words; the rest: moves and arithmetic. */
bool opcode_is_mmx(const struct opcode *op)
{
    if (!op->twofold)
        return false;
    if (op->code == 0x2a || op->code == 0x2c || op->code == 0x2d)
        return !op->repeat;
    if (op->code == 0xd6)
        return op->repeat;
    return !op->size && !op->repeat &&
           ((op->code >= 0x60 && op->code < 0x80) || op->code >= 0xd0 || op->code == 0xc4 ||
            op->code == 0xc5);
}

/* Stores and moves out of the unit write no register of it. */
unsigned opcode_mmx_target(const struct opcode *op)
{
    bool to_operand = op->code == 0x7f || (op->code >= 0x71 && op->code <= 0x73);

    if (!op->twofold)
        return OPCODE_NO_REGISTER;
    switch (op->code) {
    case 0x2a: /* cvtpi2ps, cvtpi2pd */
    case 0x7e: /* movd to elsewhere */
    case 0xc5: /* pextrw */
    case 0xd7: /* pmovmskb */
    case 0xe7: /* movntq */
    case 0xf7: /* maskmovq */
        return OPCODE_NO_REGISTER;
    case 0xd6: /* movdq2q writes one, movq2dq none */
        return op->repeat == 0xf2 ? digit(op) : OPCODE_NO_REGISTER;
    default:
        if (!to_operand)
            return digit(op);
        return names_memory(op) ? OPCODE_NO_REGISTER : op->modrm & 7u;
    }
}

unsigned opcode_string_port(const struct opcode *op)
{
    if (op->twofold || op->code < 0x6c || op->code > 0x6f)
        return 0;
    return !(op->code & 1) ? 1 : op->wide ? 4 : 2;
}

bool opcode_is_undefined(const struct opcode *op)
{
    return op->twofold && (op->code == 0x20 || op->code == 0x22) &&
           (digit(op) == 1 || digit(op) > 4);
}

bool opcode_loads_fs_gs(const struct opcode *op)
{
    if (op->twofold) /* pop; lfs, lgs */
        return op->code == 0xa1 || op->code == 0xa9 || op->code == 0xb4 || op->code == 0xb5;
    return op->code == 0x8e && (digit(op) == 4 || digit(op) == 5);
}

bool opcode_uses_fs_gs(const struct opcode *op)
{
    return op->segment == 0x64 || op->segment == 0x65;
}

static bool stores_one(const struct opcode *op)
{
    static const uint8_t x87[8] = {0, 0xcc, 0, 0x8e, 0, 0xce, 0, 0xce}; /* by digits, D8 to DF */

    switch (op->code) {
    case 0x88: /* mov, pop */
    case 0x89:
    case 0x8c:
    case 0x8f:
    case 0xc6:
    case 0xc7:
        return names_memory(op);
    case 0xa2:
    case 0xa3:
        return true;
    default:
        return op->code >= 0xd8 && op->code < 0xe0 && names_memory(op) &&
               x87[op->code & 7] >> digit(op) & 1;
    }
}

bool opcode_stores(const struct opcode *op)
{
    if (!op->twofold)
        return stores_one(op);
    if (!names_memory(op))
        return false;
    switch (op->code) {
    case 0x00: /* sldt, str */
        return digit(op) < 2;
    case 0x01: /* sgdt, sidt, smsw */
        return digit(op) < 2 || digit(op) == 4;
    case 0x11: /* mov of all kinds */
    case 0x13:
    case 0x17:
    case 0x29:
    case 0x2b:
    case 0x7f:
    case 0xc3:
    case 0xd6:
    case 0xe7:
        return true;
    case 0x7e: /* F3 makes it a load */
        return op->repeat != 0xf3;
    case 0xae: /* fxsave, stmxcsr */
        return digit(op) == 0 || digit(op) == 3;
    default: /* setcc */
        return op->code >= 0x90 && op->code < 0xa0;
    }
}
