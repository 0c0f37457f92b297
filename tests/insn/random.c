/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * random.c - integer instructions with operands and encodings by chance, to be compared between
 * processors
 *
 *     random SEED CASES          a line for each form: its name, its cases and a sum of all results
 *     random SEED CASES FORM     each case of that form: its bytes and what it left
 *
 * A case is one instruction, put between the loads of all registers and flags and their stores. Its
 * memory operand, of any addressing form of 32 bits, lies in a small area. What comes of it is all
 * registers, the flags, the area, and an exception. What the manual leaves undefined (SDM vol. 2)
 * is left out: flags by the form, and the few results that `undefined()` names.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#define CODE 0x10000000u
#define DATA 0x20000000u
#define AREA 256u
enum { CF = 1, PF = 4, AF = 0x10, ZF = 0x40, SF = 0x80, DF = 0x400, OF = 0x800 };
enum { ALL = CF | PF | AF | ZF | SF | OF, RESULT = SF | ZF | AF | PF };
enum { EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI };

enum kind {
    MODRM = 1,
    IMM8 = 2,
    IMMZ = 4,
    BYTE = 8,    /* operands of 8 bits: no prefix 66 */
    SHIFT = 16,  /* by a count */
    STRING = 32, /* ESI and EDI point into the area; ECX is small */
    NO_MEMORY = 64,
    WIDE = 128, /* no prefix 66 */
    MEMORY = 256,
};

struct form {
    const char *name;
    uint8_t length, byte[2],
        digit; /* digit 8: any; 9: the opcode's low three bits are a register */
    uint16_t kind, undefined;
};

#define ALU(name, at, digit, undefined)                                                            \
    {name "-mr8", 1, {at}, 8, MODRM | BYTE, undefined},                                            \
        {name "-mr", 1, {at + 1}, 8, MODRM, undefined},                                            \
        {name "-rm8", 1, {at + 2}, 8, MODRM | BYTE, undefined},                                    \
        {name "-rm", 1, {at + 3}, 8, MODRM, undefined},                                            \
        {name "-al", 1, {at + 4}, 0, IMM8 | BYTE, undefined},                                      \
        {name "-eax", 1, {at + 5}, 0, IMMZ, undefined},                                            \
        {name "-mi8", 1, {0x80}, digit, MODRM | IMM8 | BYTE, undefined},                           \
        {name "-mi", 1, {0x81}, digit, MODRM | IMMZ, undefined},                                   \
        {name "-ms", 1, {0x83}, digit, MODRM | IMM8, undefined},
#define SHIFTS(name, digit)                                                                        \
    {name "-1b", 1, {0xd0}, digit, MODRM | BYTE | SHIFT, 0},                                       \
        {name "-1", 1, {0xd1}, digit, MODRM | SHIFT, 0},                                           \
        {name "-clb", 1, {0xd2}, digit, MODRM | BYTE | SHIFT, 0},                                  \
        {name "-cl", 1, {0xd3}, digit, MODRM | SHIFT, 0},                                          \
        {name "-ib", 1, {0xc0}, digit, MODRM | IMM8 | BYTE | SHIFT, 0},                            \
        {name "-i", 1, {0xc1}, digit, MODRM | IMM8 | SHIFT, 0},
#define UNARY(name, digit, undefined)                                                              \
    {name "8", 1, {0xf6}, digit, MODRM | BYTE, undefined},                                         \
        {name, 1, {0xf7}, digit, MODRM, undefined},
#define BITS(name, code, digit)                                                                    \
    {name, 2, {0x0f, code}, 8, MODRM | NO_MEMORY, OF | SF | AF | PF},                              \
        {name "-i", 2, {0x0f, 0xba}, digit, MODRM | IMM8, OF | SF | AF | PF},
#define STRINGS(name, code)                                                                        \
    {name "b", 1, {code}, 0, STRING | BYTE, 0}, {name, 1, {code + 1}, 0, STRING, 0},

static const struct form forms[] = {
    ALU("add", 0x00, 0, 0) ALU("or", 0x08, 1, AF) ALU("adc", 0x10, 2, 0) ALU("sbb", 0x18, 3, 0) ALU(
        "and", 0x20, 4, AF) ALU("sub", 0x28, 5, 0) ALU("xor", 0x30, 6, AF) ALU("cmp", 0x38, 7, 0)
        SHIFTS("rol", 0) SHIFTS("ror", 1) SHIFTS("rcl", 2) SHIFTS("rcr", 3) SHIFTS("shl", 4)
            SHIFTS("shr", 5) SHIFTS("sal", 6) SHIFTS("sar", 7) UNARY("not", 2, 0) UNARY("neg", 3, 0)
                UNARY("mul", 4, RESULT) UNARY("imul", 5, RESULT) UNARY("div", 6, ALL)
                    UNARY("idiv", 7, ALL) BITS("bt", 0xa3, 4) BITS("bts", 0xab, 5)
                        BITS("btr", 0xb3, 6) BITS("btc", 0xbb, 7) STRINGS("movs", 0xa4)
                            STRINGS("cmps", 0xa6) STRINGS("stos", 0xaa) STRINGS("lods", 0xac)
                                STRINGS("scas", 0xae){"test-mr8", 1, {0x84}, 8, MODRM | BYTE, AF},
    {"test-mr", 1, {0x85}, 8, MODRM, AF},
    {"test-mi8", 1, {0xf6}, 0, MODRM | IMM8 | BYTE, AF},
    {"test-mi", 1, {0xf7}, 1, MODRM | IMMZ, AF},
    {"test-al", 1, {0xa8}, 0, IMM8 | BYTE, AF},
    {"test-eax", 1, {0xa9}, 0, IMMZ, AF},
    {"xchg8", 1, {0x86}, 8, MODRM | BYTE, 0},
    {"xchg", 1, {0x87}, 8, MODRM, 0},
    {"xchg-eax", 1, {0x90}, 9, 0, 0},
    {"mov-mr8", 1, {0x88}, 8, MODRM | BYTE, 0},
    {"mov-mr", 1, {0x89}, 8, MODRM, 0},
    {"mov-rm8", 1, {0x8a}, 8, MODRM | BYTE, 0},
    {"mov-rm", 1, {0x8b}, 8, MODRM, 0},
    {"mov-mi8", 1, {0xc6}, 0, MODRM | IMM8 | BYTE, 0},
    {"mov-mi", 1, {0xc7}, 0, MODRM | IMMZ, 0},
    {"mov-ri8", 1, {0xb0}, 9, IMM8 | BYTE, 0},
    {"mov-ri", 1, {0xb8}, 9, IMMZ, 0},
    {"lea", 1, {0x8d}, 8, MODRM | MEMORY, 0},
    {"imul-rmi", 1, {0x69}, 8, MODRM | IMMZ, RESULT},
    {"imul-rms", 1, {0x6b}, 8, MODRM | IMM8, RESULT},
    {"imul-rm", 2, {0x0f, 0xaf}, 8, MODRM, RESULT},
    {"inc8", 1, {0xfe}, 0, MODRM | BYTE, 0},
    {"dec8", 1, {0xfe}, 1, MODRM | BYTE, 0},
    {"inc", 1, {0xff}, 0, MODRM, 0},
    {"dec", 1, {0xff}, 1, MODRM, 0},
    {"inc-r", 1, {0x40}, 9, 0, 0},
    {"dec-r", 1, {0x48}, 9, 0, 0},
    {"cwde", 1, {0x98}, 0, 0, 0},
    {"cdq", 1, {0x99}, 0, 0, 0},
    {"sahf", 1, {0x9e}, 0, 0, 0},
    {"lahf", 1, {0x9f}, 0, 0, 0},
    {"cmc", 1, {0xf5}, 0, 0, 0},
    {"clc", 1, {0xf8}, 0, 0, 0},
    {"stc", 1, {0xf9}, 0, 0, 0},
    {"salc", 1, {0xd6}, 0, WIDE, 0},
    {"daa", 1, {0x27}, 0, WIDE, OF},
    {"das", 1, {0x2f}, 0, WIDE, OF},
    {"aaa", 1, {0x37}, 0, WIDE, OF | SF | ZF | PF},
    {"aas", 1, {0x3f}, 0, WIDE, OF | SF | ZF | PF},
    {"aam", 1, {0xd4}, 0, IMM8 | WIDE, OF | AF | CF},
    {"aad", 1, {0xd5}, 0, IMM8 | WIDE, OF | AF | CF},
    {"movzx8", 2, {0x0f, 0xb6}, 8, MODRM, 0},
    {"movzx", 2, {0x0f, 0xb7}, 8, MODRM, 0},
    {"movsx8", 2, {0x0f, 0xbe}, 8, MODRM, 0},
    {"movsx", 2, {0x0f, 0xbf}, 8, MODRM, 0},
    {"seto", 2, {0x0f, 0x90}, 0, MODRM | BYTE, 0},
    {"setb", 2, {0x0f, 0x92}, 0, MODRM | BYTE, 0},
    {"setbe", 2, {0x0f, 0x96}, 0, MODRM | BYTE, 0},
    {"setp", 2, {0x0f, 0x9a}, 0, MODRM | BYTE, 0},
    {"setle", 2, {0x0f, 0x9e}, 0, MODRM | BYTE, 0},
    {"cmovs", 2, {0x0f, 0x48}, 8, MODRM, 0},
    {"cmovnz", 2, {0x0f, 0x45}, 8, MODRM, 0},
    {"cmovl", 2, {0x0f, 0x4c}, 8, MODRM, 0},
    {"cmovg", 2, {0x0f, 0x4f}, 8, MODRM, 0},
    {"xadd8", 2, {0x0f, 0xc0}, 8, MODRM | BYTE, 0},
    {"xadd", 2, {0x0f, 0xc1}, 8, MODRM, 0},
    {"cmpxchg8", 2, {0x0f, 0xb0}, 8, MODRM | BYTE, 0},
    {"cmpxchg", 2, {0x0f, 0xb1}, 8, MODRM, 0},
    {"cmpxchg8b", 2, {0x0f, 0xc7}, 1, MODRM | MEMORY, 0},
    {"bswap", 2, {0x0f, 0xc8}, 9, WIDE, 0},
    {"bsf", 2, {0x0f, 0xbc}, 8, MODRM, CF | OF | SF | AF | PF},
    {"bsr", 2, {0x0f, 0xbd}, 8, MODRM, CF | OF | SF | AF | PF},
    {"shld-i", 2, {0x0f, 0xa4}, 8, MODRM | IMM8 | SHIFT, 0},
    {"shld", 2, {0x0f, 0xa5}, 8, MODRM | SHIFT, 0},
    {"shrd-i", 2, {0x0f, 0xac}, 8, MODRM | IMM8 | SHIFT, 0},
    {"shrd", 2, {0x0f, 0xad}, 8, MODRM | SHIFT, 0},
};

struct state {
    uint32_t r[8], flags;
};

static volatile struct state in, out;
static volatile uint32_t own_esp, end, trapped;
static uint64_t seed;

/* xorshift64* (Vigna): the same on all machines. */
static uint32_t dice(void)
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return (uint32_t)(seed * 2685821657736338717ull >> 32);
}

/* Numbers at the edges are likelier than others. */
static uint32_t number(void)
{
    static const uint32_t edges[] = {0,    1,    0xffffffff, 0x80000000, 0x7fffffff, 0x8000, 0x7fff,
                                     0x80, 0x7f, 0xff,       0xffff,     0x99,       0x9999};

    return dice() % 3 ? dice() : edges[dice() % (sizeof(edges) / sizeof(edges[0]))];
}

static void handler(int sign, siginfo_t *info, void *context)
{
    static const int names[8] = {REG_EAX, REG_ECX, REG_EDX, REG_EBX,
                                 REG_ESP, REG_EBP, REG_ESI, REG_EDI};
    greg_t *g = ((ucontext_t *)context)->uc_mcontext.gregs;

    (void)sign, (void)info;
    for (unsigned i = 0; i < 8; i++)
        out.r[i] = (uint32_t)g[names[i]];
    out.flags = 0;
    trapped = (uint32_t)g[REG_TRAPNO] + 1;
    g[REG_ESP] = (greg_t)own_esp;
    g[REG_EIP] = (greg_t)end;
    g[REG_EFL] &= ~DF;
}

/* ---- making a case --------------------------------------------------------------------------- */

static uint8_t insn[16];
static unsigned insn_bytes;

static void put(uint32_t value, unsigned bytes)
{
    memcpy(insn + insn_bytes, &value, bytes);
    insn_bytes += bytes;
}

/* ModRM, SIB and displacement of an operand in the area; registers are set so that it is. */
static void put_memory(unsigned digit)
{
    /* Not across a cache line: Linux punishes processes whose locked accesses are. */
    uint32_t target = DATA + dice() % (AREA / 64) * 64 + dice() % 57, mod = dice() % 3;
    uint32_t rm = dice() % 8;
    uint32_t base = rm, index = 4, scale = 0,
             displacement = mod == 1 ? (uint32_t)(int8_t)dice() : dice();

    if (rm == 4) {
        base = dice() % 8;
        do
            index = dice() % 8;
        while (index == base);
        scale = dice() % 4;
    }
    if (mod == 0)
        displacement = 0;
    uint32_t offset = index == 4 ? 0 : in.r[index] << scale;

    if (base == 5 && mod == 0)
        displacement = target - offset;
    else
        in.r[base] = target - offset - displacement;
    put(mod << 6 | digit << 3 | rm, 1);
    if (rm == 4)
        put(scale << 6 | index << 3 | base, 1);
    if (mod == 1)
        put(displacement, 1);
    else if (mod == 2 || (base == 5 && mod == 0))
        put(displacement, 4);
}

static void make(const struct form *f, bool *narrow, uint32_t *immediate)
{
    for (unsigned i = 0; i < 8; i++)
        in.r[i] = number();
    in.flags = 0x202 | (dice() & ALL);
    insn_bytes = 0;
    *narrow = !(f->kind & (BYTE | WIDE)) && dice() % 3 == 0;
    if (f->kind & STRING) {
        in.r[ESI] = DATA + 64 + dice() % 64;
        in.r[EDI] = DATA + 64 + dice() % 64;
        in.r[ECX] = dice() % 8;
        in.flags |= dice() & DF;
        if (dice() % 2)
            put(0xf2 + dice() % 2, 1);
    }
    if (f->kind & SHIFT)
        in.r[ECX] = (in.r[ECX] & ~0xffu) | (dice() % 2 ? dice() % 34 : (uint8_t)dice());
    if (*narrow)
        put(0x66, 1);
    for (unsigned i = 0; i < f->length; i++)
        put(f->byte[i] | (f->digit == 9 && i + 1 == f->length ? dice() % 8 : 0), 1);
    if (f->kind & MODRM) {
        unsigned digit = f->digit == 8 ? dice() % 8 : f->digit;

        if ((f->kind & NO_MEMORY) || (!(f->kind & MEMORY) && dice() % 2))
            put(0xc0 | digit << 3 | dice() % 8, 1);
        else
            put_memory(digit);
    }
    *immediate = f->kind & SHIFT && dice() % 2 ? dice() % 34 : number();
    if (f->kind & IMM8)
        put(*immediate, 1);
    else if (f->kind & IMMZ)
        put(*immediate, *narrow ? 2 : 4);
}

/* ---- running it ------------------------------------------------------------------------------ */

static uint8_t *code;

static void emit(const void *bytes, unsigned count)
{
    memcpy(code, bytes, count);
    code += count;
}

/* mov between a register and memory at an absolute address. */
static void emit_move(uint8_t opcode, unsigned reg, volatile const void *address)
{
    uint8_t head[2] = {opcode, (uint8_t)(reg << 3 | 5)};
    uint32_t at = (uint32_t)(uintptr_t)address;

    emit(head, 2);
    emit(&at, 4);
}

static void run(void)
{
    static const uint8_t save[] = {0x60}, flags[] = {0x9d}, store[] = {0x9c, 0x5b},
                         leave[] = {0xfc, 0x61, 0xc3};
    uint8_t push[2] = {0xff, 0x35};
    uint32_t at = (uint32_t)(uintptr_t)&in.flags;

    code = (uint8_t *)CODE;
    emit(save, 1); /* pusha */
    emit_move(0x89, ESP, &own_esp);
    emit(push, 2); /* push in.flags; popf */
    emit(&at, 4);
    emit(flags, 1);
    for (unsigned i = 0; i < 8; i++)
        if (i != ESP)
            emit_move(0x8b, i, &in.r[i]);
    emit_move(0x8b, ESP, &in.r[ESP]);
    emit(insn, insn_bytes);
    for (unsigned i = 0; i < 8; i++)
        emit_move(0x89, i, &out.r[i]);
    emit_move(0x8b, ESP, &own_esp);
    emit(store, 2); /* pushf; pop %ebx */
    emit_move(0x89, EBX, &out.flags);
    end = (uint32_t)(uintptr_t)code;
    emit(leave, 3); /* cld; popa; ret */
    trapped = 0;
    ((void (*)(void))(uintptr_t)CODE)();
}

/* Leaves out what is not defined. */
static void undefined(const struct form *f, bool narrow, uint32_t immediate)
{
    unsigned bits = f->kind & BYTE ? 8 : narrow ? 16 : 32;
    bool twofold = f->byte[0] == 0x0f, rotates = !twofold && f->digit < 4;
    uint32_t mask = f->undefined;

    if (trapped)
        mask = ~0u;
    if (f->kind & SHIFT) {
        uint32_t count = (f->kind & IMM8                             ? immediate
                          : f->byte[0] == 0xd0 || f->byte[0] == 0xd1 ? 1
                                                                     : in.r[ECX]) &
                         31;

        mask |= (count == 0   ? 0u
                 : count == 1 ? 0u
                              : (unsigned)OF) |
                (count && !rotates ? (unsigned)AF : 0u);
        if (!rotates && count >= bits) /* shl, shr beyond the size */
            mask |= CF;
        if (twofold && count > bits) {
            mask |= ALL;
            memset((void *)&out, 0, sizeof(out));
            memset((void *)DATA, 0, AREA);
        }
    }
    if (f->byte[0] == 0x0f && (f->byte[1] == 0xbc || f->byte[1] == 0xbd) && (out.flags & ZF))
        memset((void *)out.r, 0, sizeof(out.r)); /* bsf and bsr of 0 */
    out.flags &= (ALL | DF) & ~mask;
}

static uint32_t sum_of(uint32_t sum)
{
    const uint32_t *area = (const uint32_t *)DATA;

    for (unsigned i = 0; i < 8; i++)
        sum = (sum ^ out.r[i]) * 16777619u;
    sum = (sum ^ out.flags) * 16777619u;
    sum = (sum ^ trapped) * 16777619u;
    for (unsigned i = 0; i < AREA / 4; i++)
        sum = (sum ^ area[i]) * 16777619u;
    return sum;
}

static void show(uint32_t sum)
{
    for (unsigned i = 0; i < insn_bytes; i++)
        printf("%02x", insn[i]);
    printf(" in");
    for (unsigned i = 0; i < 8; i++)
        printf(" %x", in.r[i]);
    printf(" %x\n   ", in.flags);
    for (unsigned i = 0; i < 8; i++)
        printf(" %x", out.r[i]);
    printf(" flags %x trap %d sum %x\n", out.flags, (int)trapped - 1, sum);
}

int main(int count, char **words)
{
    static char other[16384];
    stack_t alternate = {.ss_sp = other, .ss_size = sizeof(other)};
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    unsigned cases = count > 2 ? (unsigned)atoi(words[2]) : 100;

    mmap((void *)CODE, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    mmap((void *)DATA, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
         0);
    sigaltstack(&alternate, NULL);
    sigaction(SIGFPE, &action, NULL);
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGILL, &action, NULL);
    for (unsigned f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
        uint32_t sum = 2166136261u;

        if (count > 3 && strcmp(words[3], forms[f].name) != 0)
            continue;
        seed = (count > 1 ? strtoull(words[1], NULL, 10) : 1) * 1000003 + f + 1;
        for (unsigned i = 0; i < cases; i++) {
            uint32_t immediate;
            bool narrow;

            for (unsigned k = 0; k < AREA / 4; k++)
                ((uint32_t *)DATA)[k] = number();
            make(&forms[f], &narrow, &immediate);
            run();
            undefined(&forms[f], narrow, immediate);
            sum = sum_of(sum);
            if (count > 3)
                show(sum);
        }
        printf("form %s %u %x\n", forms[f].name, cases, sum);
    }
    return 0;
}
