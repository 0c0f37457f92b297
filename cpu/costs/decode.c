/* SPDX-License-Identifier: GPL-2.0-only */
/* decode.c - instruction classes by Capstone, once for each translated block */
#include "cpu/costs/decode.h"

#include <capstone/capstone.h>
#include <stdlib.h>
#include <string.h>

enum kind {
    CLASS_none_of_ours, /* zero: an instruction that instructions.def does not list */
#define CLASS(name, eighths, memory) CLASS_##name,
#include "cpu/costs/instructions.def"
    NR_CLASSES
};

static const unsigned char kind_of[X86_INS_ENDING] = {
#define INSTRUCTION(name, class) [X86_INS_##name] = CLASS_##class,
#include "cpu/costs/instructions.def"
};

static const bool adds_memory[NR_CLASSES] = {
#define CLASS(name, eighths, memory) [CLASS_##name] = memory,
#include "cpu/costs/instructions.def"
};

struct decoder {
    csh handle[2]; /* 16-bit, 32-bit */
    cs_insn *instruction;
    uint64_t eighths[NR_CLASSES];
    uint64_t memory, lock;
};

struct decoder *decoder_open(const struct machine_costs *costs, char *why, size_t why_bytes)
{
    struct decoder *decoder = calloc(1, sizeof(*decoder));

    if (!decoder) {
        snprintf(why, why_bytes, "no memory for the decoder");
        return NULL;
    }
    if (cs_open(CS_ARCH_X86, CS_MODE_16, &decoder->handle[0]) != CS_ERR_OK ||
        cs_open(CS_ARCH_X86, CS_MODE_32, &decoder->handle[1]) != CS_ERR_OK ||
        !(decoder->instruction = cs_malloc(decoder->handle[1]))) {
        snprintf(why, why_bytes, "the disassembler library cannot be opened");
        decoder_close(decoder);
        return NULL;
    }
    const struct machine_costs *c = costs;
#define CLASS(name, cost, memory) decoder->eighths[CLASS_##name] = (cost);
#include "cpu/costs/instructions.def"
    decoder->memory = c->issue_memory;
    decoder->lock = c->issue_lock;
    return decoder;
}

void decoder_close(struct decoder *decoder)
{
    if (!decoder)
        return;
    if (decoder->instruction)
        cs_free(decoder->instruction, 1);
    for (int i = 0; i < 2; i++)
        if (decoder->handle[i])
            cs_close(&decoder->handle[i]);
    free(decoder);
}

/* The operand of a direct jump is printed as a number. */
static bool direct(const char *operands)
{
    return operands[0] >= '0' && operands[0] <= '9';
}

/* MOV between general and control or debug registers: 0F 20-23, SDM volume 2. */
static bool moves_control(const cs_insn *instruction)
{
    return instruction->bytes[0] == 0x0f && (instruction->bytes[1] & 0xfc) == 0x20;
}

/* SDM volume 2, 2.1.1. */
static bool is_prefix(uint8_t byte)
{
    return byte == 0xf0 || byte == 0xf2 || byte == 0xf3 || byte == 0x66 || byte == 0x67 ||
           byte == 0x64 || byte == 0x65 || (byte & 0xe7) == 0x26;
}

/* The opcode, behind the prefixes. */
static const uint8_t *opcode_of(const cs_insn *instruction)
{
    const uint8_t *code = instruction->bytes, *last = code + instruction->size - 1;

    while (code < last && is_prefix(*code))
        code++;
    return code;
}

/*
 * What Capstone's versions 4 and 5 call by different names: 4 has one for each comparison of SSE,
 * 5 takes cmpps for cmpsb and a far call or jump through memory for a near one.
 */
static enum kind class_by_bytes(const uint8_t *code)
{
    unsigned group = code[1] >> 3 & 7;

    if (code[0] == 0xff && (group == 3 || group == 5))
        return CLASS_crossing;
    return code[0] == 0x0f && code[1] == 0xc2 ? CLASS_simd : CLASS_none_of_ours;
}

/* The class of an instruction, where its name alone does not tell. */
static enum kind classify(const cs_insn *instruction)
{
    const char *operands = instruction->op_str;
    enum kind kind = class_by_bytes(opcode_of(instruction));

    if (kind != CLASS_none_of_ours)
        return kind;
    kind = kind_of[instruction->id];
    switch (instruction->id) {
    case X86_INS_JMP:
        return direct(operands) ? kind : CLASS_jump_indirect;
    case X86_INS_CALL:
        return direct(operands) ? kind : CLASS_call_indirect;
    case X86_INS_MOVSD:
        return strstr(operands, "xmm") ? CLASS_simd : kind;
    case X86_INS_MOV:
        if (!moves_control(instruction))
            return kind;
        return instruction->bytes[1] & 2 ? CLASS_system : CLASS_control_read;
    default:
        return kind;
    }
}

/* Extensions that came after this processor, which raises #UD for them (SDM volume 2). */
static const uint8_t later_extensions[] = {
    X86_GRP_VM,       X86_GRP_3DNOW, X86_GRP_AES,    X86_GRP_ADX,  X86_GRP_AVX,   X86_GRP_AVX2,
    X86_GRP_AVX512,   X86_GRP_BMI,   X86_GRP_BMI2,   X86_GRP_F16C, X86_GRP_FMA,   X86_GRP_FMA4,
    X86_GRP_FSGSBASE, X86_GRP_RTM,   X86_GRP_SHA,    X86_GRP_SSE3, X86_GRP_SSE41, X86_GRP_SSE42,
    X86_GRP_SSE4A,    X86_GRP_SSSE3, X86_GRP_PCLMUL, X86_GRP_XOP,  X86_GRP_CDI,   X86_GRP_ERI,
    X86_GRP_TBM,      X86_GRP_SGX,   X86_GRP_DQI,    X86_GRP_BWI,  X86_GRP_PFI,   X86_GRP_VLX,
    X86_GRP_SMAP};

/* And single instructions that Capstone puts into no group of the kind. */
static const uint16_t later_instructions[] = {
    X86_INS_SYSCALL, X86_INS_SYSRET, X86_INS_MONITOR, X86_INS_MWAIT,    X86_INS_RDTSCP,
    X86_INS_POPCNT,  X86_INS_MOVBE,  X86_INS_RDRAND,  X86_INS_RDSEED,   X86_INS_XGETBV,
    X86_INS_XSETBV,  X86_INS_XSAVE,  X86_INS_XRSTOR,  X86_INS_XSAVEOPT, X86_INS_INVPCID,
    X86_INS_FISTTP,  X86_INS_GETSEC, X86_INS_XSAVEC,  X86_INS_XSAVES,   X86_INS_XRSTORS,
    X86_INS_CLWB,    X86_INS_ENCLS,  X86_INS_ENCLU,   X86_INS_INVEPT,   X86_INS_INVVPID,
    X86_INS_FEMMS,   X86_INS_STAC,   X86_INS_XTEST,   X86_INS_CLAC,     X86_INS_SWAPGS,
    X86_INS_SKINIT,
#if CS_API_MAJOR < 5
    X86_INS_PCOMMIT,
#endif
};

static bool came_later(const struct decoder *decoder, bool code32, const cs_insn *instruction)
{
    csh handle = decoder->handle[code32];
    const uint8_t *code = opcode_of(instruction);
    cs_insn *detailed = NULL;
    bool later = false;

    if (code[0] == 0x0f && (code[1] == 0x38 || code[1] == 0x3a))
        return true; /* SSSE3 and what came after it, of which Capstone 5 has no group */
    for (size_t i = 0; i < sizeof(later_instructions) / sizeof(later_instructions[0]); i++)
        if (instruction->id == later_instructions[i])
            return true;
    cs_option(handle, CS_OPT_DETAIL, CS_OPT_ON);
    size_t decoded = cs_disasm(handle, instruction->bytes, instruction->size, 0, 1, &detailed);
    for (size_t i = 0; decoded && i < sizeof(later_extensions); i++)
        later = later || cs_insn_group(handle, detailed, later_extensions[i]);
    if (decoded)
        cs_free(detailed, decoded);
    cs_option(handle, CS_OPT_DETAIL, CS_OPT_OFF);
    return later;
}

static uint64_t cost_of(const struct decoder *decoder, const cs_insn *instruction, enum kind kind)
{
    uint64_t eighths = decoder->eighths[kind];

    if (adds_memory[kind] && instruction->id != X86_INS_LEA && strchr(instruction->op_str, '['))
        eighths += decoder->memory;
    if (!strncmp(instruction->mnemonic, "lock ", 5))
        eighths += decoder->lock;
    return eighths;
}

/* Opcodes that LOCK may stand before, if their operand is in memory; /n: that of the group. */
static bool lockable(uint8_t opcode, unsigned group)
{
    if (opcode < 0x38)
        return (opcode & 0x06) == 0; /* add or adc sbb and sub xor, to memory */
    switch (opcode) {
    case 0x80:
    case 0x81:
    case 0x82:
    case 0x83:
        return group != 7; /* all but cmp */
    case 0x86:
    case 0x87:
        return true; /* xchg */
    case 0xf6:
    case 0xf7:
        return group == 2 || group == 3; /* not, neg */
    case 0xfe:
    case 0xff:
        return group <= 1; /* inc, dec */
    default:
        return false;
    }
}

/* The same behind 0F. */
static bool lockable_two_byte(uint8_t opcode, unsigned group)
{
    switch (opcode) {
    case 0xab: /* bts, btr, btc */
    case 0xb3:
    case 0xbb:
    case 0xb0: /* cmpxchg */
    case 0xb1:
    case 0xc0: /* xadd */
    case 0xc1:
        return true;
    case 0xba:
        return group >= 5; /* bts, btr, btc */
    case 0xc7:
        return group == 1; /* cmpxchg8b */
    default:
        return false;
    }
}

/* POP and MOV to memory or registers are the first of their groups; no others are there: 8F, C6, C7
 * (SDM volume 2, table A-6). */
static bool is_beside_group(const uint8_t *code)
{
    return (code[0] == 0x8f || code[0] == 0xc6 || code[0] == 0xc7) && (code[1] >> 3 & 7) != 0;
}

/* LES, LDS or BOUND of a register: no instruction here; later ones of AVX or AVX-512 begin so. */
static bool is_vector_prefix(const uint8_t *code)
{
    return (code[0] == 0xc4 || code[0] == 0xc5 || code[0] == 0x62) && code[1] >= 0xc0;
}

/* Far calls and jumps take their target from memory: FF /3 and /5. */
static bool is_far_to_register(const uint8_t *code)
{
    unsigned group = code[1] >> 3 & 7;

    return code[0] == 0xff && code[1] >= 0xc0 && (group == 3 || group == 5);
}

/*
 * Encodings that raise #UD, by their bytes alone: those, and LOCK before what it may not stand
 * before (SDM volume 2, LOCK).
 */
static bool undefined_encoding(const uint8_t *code, size_t left)
{
    bool locked = false, two_bytes;

    while (left && is_prefix(*code)) {
        locked = locked || *code == 0xf0;
        code++, left--;
    }
    two_bytes = left && *code == 0x0f;
    code += two_bytes, left -= two_bytes;
    if (left >= 2 && !two_bytes &&
        (is_vector_prefix(code) || is_far_to_register(code) || is_beside_group(code)))
        return true;
    if (!locked || left == 0)
        return false;
    /* All that may be locked have an operand behind the opcode. */
    return left < 2 || code[1] >= 0xc0 ||
           !(two_bytes ? lockable_two_byte : lockable)(code[0], code[1] >> 3 & 7);
}

/* The kind of the instruction in code[0..bytes), which is in decoder->instruction if Capstone knows
 * it. */
static enum kind kind_at(struct decoder *decoder, const uint8_t *code, size_t bytes, bool code32)
{
    uint64_t address = 0;

    if (cs_disasm_iter(decoder->handle[code32], &code, &bytes, &address, decoder->instruction) &&
        bytes == 0)
        return classify(decoder->instruction);
    decoder->instruction->id = X86_INS_INVALID;
    return CLASS_none_of_ours;
}

int decode_block(struct decoder *decoder, const uint8_t *code, unsigned instructions, bool code32,
                 struct decoded_instruction *table)
{
    uint64_t eighths = 0;
    unsigned cycles = 1, start = 0;

    for (unsigned i = 0; i < instructions; i++) {
        unsigned bytes = table[i].end - start;
        enum kind kind = kind_at(decoder, code + start, bytes, code32);

        if (undefined_encoding(code + start, bytes) ||
            (kind == CLASS_none_of_ours && decoder->instruction->id != X86_INS_INVALID &&
             came_later(decoder, code32, decoder->instruction)))
            return DECODE_ABSENT;
        if (decoder->instruction->id == X86_INS_INT1)
            return DECODE_ICEBP;
        table[i].unpriced = kind == CLASS_none_of_ours;
        eighths += table[i].unpriced ? decoder->eighths[CLASS_unknown]
                                     : cost_of(decoder, decoder->instruction, kind);
        uint64_t rounded = (eighths + 7) / 8;
        cycles = rounded > UINT16_MAX ? UINT16_MAX : rounded ? (unsigned)rounded : 1;
        table[i].cycles = (uint16_t)cycles;
        start = table[i].end;
    }
    return (int)cycles;
}

unsigned decoded_unpriced(const struct decoded_instruction *table, unsigned instructions)
{
    unsigned count = 0;

    for (unsigned i = 0; i < instructions; i++)
        count += table[i].unpriced;
    return count;
}

unsigned decoded_before(const struct decoded_instruction *table, unsigned instructions,
                        unsigned offset, unsigned *cycles)
{
    unsigned low = 0, high = instructions;

    while (low < high) {
        unsigned middle = (low + high) / 2;

        if (table[middle].end <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    if (cycles)
        *cycles = low ? table[low - 1].cycles : 0;
    return low;
}
