/* SPDX-License-Identifier: GPL-2.0-only */
/* generate.c - see generate.h */
#include "tests/fire/insn/generate.h"

/*
 * What follows an opcode (SDM volume 2, appendix A): m ModRM; b, w, z an immediate of 1, 2, 2 or 4
 * bytes; B, Z both; F, G ModRM and an immediate for /0 and /1; o an address; p a far pointer; e
 * three bytes; P is a prefix, 0 the escape.
 */
static const char one_byte[] = "mmmmbz  mmmmbz 0"
                               "mmmmbz  mmmmbz  "
                               "mmmmbzP mmmmbzP "
                               "mmmmbzP mmmmbzP "
                               "                "
                               "                "
                               "  mmPPPPzZbB    "
                               "bbbbbbbbbbbbbbbb"
                               "BZBBmmmmmmmmmmmm"
                               "          p     "
                               "oooo    bz      "
                               "bbbbbbbbzzzzzzzz"
                               "BBw mmBZe w  b  "
                               "mmmmbb  mmmmmmmm"
                               "bbbbbbbbzzpb    "
                               "P PP  FG      mm";
static const char two_byte[] = "mmmm            "
                               "mmmmmmmmmmmmmmmm"
                               "mmmmmmmmmmmmmmmm"
                               "        m B     "
                               "mmmmmmmmmmmmmmmm"
                               "mmmmmmmmmmmmmmmm"
                               "mmmmmmmmmmmmmmmm"
                               "BBBBmmm mmmmmmmm"
                               "zzzzzzzzzzzzzzzz"
                               "mmmmmmmmmmmmmmmm"
                               "   mBm     mBmmm"
                               "mmmmmmmmmmBmmmmm"
                               "mmBmBBBm        "
                               "mmmmmmmmmmmmmmmm"
                               "mmmmmmmmmmmmmmmm"
                               "mmmmmmmmmmmmmmmm";
_Static_assert(sizeof(one_byte) == 257 && sizeof(two_byte) == 257, "256 opcodes each");

uint32_t insn_random(struct insn_random *r)
{
    r->state ^= r->state << 13;
    r->state ^= r->state >> 17;
    r->state ^= r->state << 5;
    return r->state;
}

static bool one_in(struct insn_random *r, unsigned n)
{
    return insn_random(r) % n == 0;
}

uint32_t insn_hash(uint32_t hash, uint32_t word)
{
    for (unsigned i = 0; i < 4; i++, word >>= 8)
        hash = (hash ^ (word & 0xff)) * 16777619u; /* FNV-1a */
    return hash;
}

uint32_t insn_hash_bytes(uint32_t hash, const uint8_t *bytes, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        hash = (hash ^ bytes[i]) * 16777619u;
    return hash;
}

uint32_t insn_hash_outcome(uint32_t hash, const struct insn_outcome *o)
{
    bool kernels = o->vector == 12 || (o->vector == 14 && o->address >= 0xc0000000u);

    hash = insn_hash(hash, kernels ? 13 : o->vector);
    hash = insn_hash(hash, kernels ? 0 : o->error);
    hash = insn_hash(hash, o->eip);
    hash = insn_hash(hash, o->flags & 0x8d5);
    for (unsigned i = 0; i < 8; i++)
        if (i != 4)
            hash = insn_hash(hash, o->reg[i]);
    return hash;
}

void insn_fill(struct insn_random *r, uint8_t *window)
{
    for (unsigned i = 0; i < INSN_WINDOW; i++)
        window[i] = (uint8_t)(insn_random(r) >> 8);
}

/* SDM vol. 1, table 10-2. */
enum { FPU_FCW = 0, FPU_FTW = 4, FPU_POINTERS = 8, FPU_MXCSR = 24, FPU_ST = 32, FPU_XMM_END = 288 };

void insn_fill_fpu(struct insn_random *r, uint8_t *image)
{
    for (unsigned i = 0; i < INSN_FPU; i++)
        image[i] = 0;
    for (unsigned i = FPU_ST; i < FPU_XMM_END; i++)
        image[i] = (uint8_t)(insn_random(r) >> 8);
    image[FPU_FCW] = 0x7f;
    image[FPU_FCW + 1] = 0x03;
    image[FPU_FTW] = one_in(r, 2) ? 0xff : 0;
    image[FPU_MXCSR] = 0x80;
    image[FPU_MXCSR + 1] = 0x1f;
}

uint32_t insn_hash_fpu(uint32_t hash, const uint8_t *image)
{
    hash = insn_hash_bytes(hash, image, FPU_POINTERS);
    hash = insn_hash_bytes(hash, image + FPU_MXCSR, 4);
    return insn_hash_bytes(hash, image + FPU_ST, FPU_XMM_END - FPU_ST);
}

/* ---- one instruction ------------------------------------------------------------------------- */

struct instruction {
    uint8_t code[INSN_LONGEST + 8];
    unsigned bytes;
    bool leaves;     /* for another address, or may */
    bool comparable; /* see generate.h */
};

/* Anywhere but in the program: its image lies low, its stack below the kernel. */
static uint32_t elsewhere(struct insn_random *r)
{
    uint32_t address = insn_random(r);

    return address - 0x08000000u < 0x18000000u || address - 0xbf000000u < 0x01000000u
               ? address + 0x20000000u
               : address;
}

/* An address, a displacement or a register's value: in the window, small, or where nothing is. */
static uint32_t value(struct insn_random *r)
{
    switch (insn_random(r) % 8) {
    case 0:
        return insn_random(r) % 256;
    case 1:
        return 0u - insn_random(r) % 256;
    case 2:
        return 0x20000000u + insn_random(r) % 0x10000000u;
    case 3:
        return r->ring1 ? 0xfff00000u : elsewhere(r);
    default:
        return r->window + 0x400 + insn_random(r) % (INSN_WINDOW - 0x800);
    }
}

static void put(struct instruction *i, uint32_t bytes, unsigned count)
{
    for (; count; count--, bytes >>= 8)
        i->code[i->bytes++] = (uint8_t)bytes;
}

static void put_modrm(struct insn_random *r, struct instruction *i, bool short_address)
{
    uint8_t modrm = (uint8_t)insn_random(r);
    unsigned mod = modrm >> 6, rm = modrm & 7;

    if (r->ring1 && (modrm >> 3 & 7) == 4)
        modrm ^= 0x08; /* spare the stack */
    if (r->ring1 && mod == 3 && rm == 4)
        modrm ^= 0x01;
    put(i, modrm, 1);
    rm = modrm & 7;
    if (mod == 3)
        return;
    if (short_address) {
        if (mod == 2 || (mod == 0 && rm == 6))
            put(i, insn_random(r), 2);
        else if (mod == 1)
            put(i, insn_random(r), 1);
        return;
    }
    if (rm == 4) {
        uint8_t sib = (uint8_t)insn_random(r);

        put(i, sib, 1);
        if (mod == 0 && (sib & 7) == 5)
            put(i, value(r), 4);
    }
    if (mod == 2 || (mod == 0 && rm == 5))
        put(i, value(r), 4);
    else if (mod == 1)
        put(i, insn_random(r), 1);
}

/* Whether a one-byte instruction may go elsewhere; `reg` is of its ModRM. */
static bool leaves_one(uint8_t opcode, unsigned reg)
{
    return (opcode & 0xf0) == 0x70 || opcode == 0x9a || opcode == 0xc2 || opcode == 0xc3 ||
           (opcode >= 0xca && opcode <= 0xcf) || (opcode >= 0xe0 && opcode <= 0xe3) ||
           (opcode >= 0xe8 && opcode <= 0xeb) || opcode == 0xf1 ||
           (opcode == 0xff && reg >= 2 && reg <= 5);
}

/* Whether what it does depends on selectors (FNSTENV and FNSAVE store two), ports, IF. */
static bool depends_one(uint8_t opcode, uint8_t modrm)
{
    unsigned reg = modrm >> 3 & 7;
    static const uint8_t list[] = {0x06, 0x07, 0x0e, 0x16, 0x17, 0x1e, 0x1f, 0x63, 0x6c,
                                   0x6d, 0x6e, 0x6f, 0x8c, 0x8e, 0x9a, 0x9c, 0x9d, 0xc4,
                                   0xc5, 0xca, 0xcb, 0xcd, 0xcf, 0xe4, 0xe5, 0xe6, 0xe7,
                                   0xea, 0xec, 0xed, 0xee, 0xef, 0xf4, 0xfa, 0xfb};

    for (unsigned i = 0; i < sizeof(list); i++)
        if (list[i] == opcode)
            return true;
    return (opcode == 0xff && (reg == 3 || reg == 5)) ||
           ((opcode == 0xd9 || opcode == 0xdd) && reg == 6 && modrm < 0xc0);
}

/*
 * Whether it moves the stack, which in ring 1 is the kernel's: by a little in runs, or to anywhere.
 */
static bool moves_stack(uint8_t opcode, unsigned reg)
{
    return (opcode >= 0x50 && opcode <= 0x61) || opcode == 0x68 || opcode == 0x6a ||
           opcode == 0x8f || opcode == 0x9c || opcode == 0x9d || (opcode == 0xff && reg == 6) ||
           (opcode < 0x20 && (opcode & 7) >= 6) || opcode == 0x44 || opcode == 0x4c;
}

/* Or it waits for an interrupt, of which there are none. */
static bool loads_stack(uint8_t opcode)
{
    return opcode == 0xf4 || opcode == 0xc2 || opcode == 0xca || opcode == 0x5c || opcode == 0xbc ||
           opcode == 0x94 || opcode == 0xc8 || opcode == 0xc9;
}

static bool depends_two(uint8_t opcode)
{
    return opcode <= 0x09 || (opcode >= 0x20 && opcode <= 0x27) ||
           (opcode >= 0x30 && opcode <= 0x37) || (opcode >= 0xa0 && opcode <= 0xa2) ||
           (opcode >= 0xa8 && opcode <= 0xaa) || opcode == 0xb2 || opcode == 0xb4 ||
           opcode == 0xb5 || opcode == 0xae;
}

static void put_operands(struct insn_random *r, struct instruction *i, char kind, bool words,
                         bool short_address)
{
    unsigned opcode_at = i->bytes;
    unsigned wide = words ? 2 : 4;

    if (kind == 'm' || kind == 'B' || kind == 'Z' || kind == 'F' || kind == 'G')
        put_modrm(r, i, short_address);
    bool test = (kind == 'F' || kind == 'G') && (i->code[opcode_at] >> 3 & 7) < 2;

    if (kind == 'b' || kind == 'B' || (kind == 'F' && test))
        put(i, insn_random(r), 1);
    else if (kind == 'w')
        put(i, insn_random(r), 2);
    else if (kind == 'z' || kind == 'Z' || (kind == 'G' && test))
        put(i, value(r), wide);
    else if (kind == 'o')
        put(i, value(r), short_address ? 2 : 4);
    else if (kind == 'e')
        put(i, insn_random(r) & 0xff00ff, 3);
    else if (kind == 'p') {
        put(i, value(r), wide);
        put(i, insn_random(r), 2);
    }
}

static void make(struct insn_random *r, struct instruction *i)
{
    static const uint8_t prefixes[] = {0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x26,
                                       0x2e, 0x36, 0x3e, 0x64, 0x65};
    bool words = false, short_address = false, segments = false;

    *i = (struct instruction){.comparable = true};
    while (i->bytes < 4 && one_in(r, 4)) {
        uint8_t prefix = prefixes[insn_random(r) % sizeof(prefixes)];

        words |= prefix == 0x66;
        short_address |= prefix == 0x67;
        segments |= prefix == 0x2e || prefix == 0x64 ||
                    prefix == 0x65; /* of CS: read-only; FS and GS: the system's */
        put(i, prefix, 1);
    }
    if (one_in(r, 2)) {
        uint8_t opcode = (uint8_t)insn_random(r);

        /*
         * LSS, BSWAP ESP, MOV of CR or DR to ESP; SYSENTER is a system call of some systems, with a
         * way back of its own.
         */
        while (r->ring1 ? opcode == 0xb2 || opcode == 0xcc || (opcode & 0xfe) == 0x20
                        : opcode == 0x34)
            opcode = (uint8_t)insn_random(r);
        put(i, 0x0f, 1);
        put(i, opcode, 1);
        if (opcode == 0x38 || opcode == 0x3a)
            put(i, insn_random(r), 1);
        put_operands(r, i, two_byte[opcode], words, short_address);
        i->leaves = (opcode & 0xf0) == 0x80 || opcode == 0x05 || opcode == 0x07 || opcode == 0x34 ||
                    opcode == 0x35 || opcode == 0x01 || (r->ring1 && (opcode & 0xf6) == 0xa0);
        i->comparable = !depends_two(opcode);
    } else {
        uint8_t opcode = (uint8_t)insn_random(r);

        while (one_byte[opcode] == 'P' || one_byte[opcode] == '0' ||
               (r->ring1 && loads_stack(opcode)))
            opcode = (uint8_t)insn_random(r);
        put(i, opcode, 1);
        unsigned at = i->bytes;

        put_operands(r, i, one_byte[opcode], words, short_address);
        i->leaves = leaves_one(opcode, i->code[at] >> 3 & 7) ||
                    (r->ring1 && moves_stack(opcode, i->code[at] >> 3 & 7));
        i->comparable = !depends_one(opcode, i->code[at]);
    }
    if (segments)
        i->comparable = false;
    if (i->bytes > INSN_LONGEST) /* too long on purpose is #GP; and so it ends there */
        i->bytes = INSN_LONGEST;
}

/* ---- cases ----------------------------------------------------------------------------------- */

static void append(uint8_t *code, struct insn_case *out, const struct instruction *i)
{
    for (unsigned k = 0; k < i->bytes; k++)
        code[out->bytes++] = i->code[k];
    out->instructions++;
    out->comparable = out->comparable && i->comparable;
}

void insn_generate(struct insn_random *r, uint8_t *code, struct insn_case *out)
{
    unsigned kind = insn_random(r) % 64, length = 1;
    struct instruction i;

    *out = (struct insn_case){.comparable = true, .single = kind >= 2};
    for (unsigned k = 0; k < 8; k++)
        out->reg[k] = value(r);
    if (one_in(r, 4))
        out->reg[0] = insn_random(r);
    out->reg[1] = one_in(r, 8) ? out->reg[1] : insn_random(r) % 64; /* rep, loop, shifts */
    if (!out->single)
        length = one_in(r, 4) ? INSN_RUN : 1 + insn_random(r) % (INSN_RUN - 1);
    do
        make(r, &i);
    while (i.leaves && !out->single);
    for (unsigned k = 0; k < length; k++) {
        if (kind == 1 && k > 0)
            do
                make(r, &i);
            while (i.leaves);
        append(code, out, &i);
    }
    /* A system call, whichever it is, is none that there is. */
    if (out->single && !i.comparable)
        out->reg[0] = 0x00ffffff;
    for (unsigned k = 0; k < 16; k++)
        code[out->bytes + k] = k & 1 ? 0x0b : 0x0f;
}
