/* SPDX-License-Identifier: GPL-2.0-only */
/* opcode.h - the head of an instruction, and what kinds need more care; see opcode.c */
#ifndef XENOLITH_CPU_OPCODE_H
#define XENOLITH_CPU_OPCODE_H

#include <stdbool.h>
#include <stdint.h>

enum { OPCODE_MOST_BYTES = 15, OPCODE_NO_REGISTER = 8 };

struct opcode {
    bool twofold; /* 0F comes first */
    uint8_t code, modrm;
    bool wide;       /* operands of 32 bits */
    uint8_t repeat;  /* F2, F3 or 0 */
    bool size;       /* 66 is there */
    uint8_t segment; /* the prefix, or 0 */
};

/* How many bytes more are looked at when an instruction is translated, by its byte at `last`: one
 * after a prefix; after 0F the opcode and ModRM; of loads of segments and group 3 the ModRM. */
unsigned opcode_goes_on(const uint8_t *bytes, unsigned last);

/* Reads the head of an instruction from `count` bytes; false: they are too few. `wide`: as the code
 * segment says. */
bool opcode_read(const uint8_t *bytes, unsigned count, bool wide, struct opcode *out);

/* Where the ModRM of F6 /1 or F7 /1 stands: a test, as with /0 (SDM vol. 2, table A-6 leaves it
 * out). 0: it is another instruction. */
unsigned opcode_second_test(const uint8_t *bytes, unsigned count);

/* Whether a memory operand is read and then written. */
bool opcode_modifies(const struct opcode *op);

/* Whether a memory operand is written, and not read before; string instructions aside. */
bool opcode_stores(const struct opcode *op);

/* Whether the memory operand has 16 bytes that must be aligned (SDM vol. 2, 2.7, types 1 to 4). */
bool opcode_wants_alignment(const struct opcode *op);

/* Whether the instruction may be one of MMX, and so an MMX register's. */
bool opcode_is_mmx(const struct opcode *op);

/* The MMX register that the instruction writes, or OPCODE_NO_REGISTER. */
unsigned opcode_mmx_target(const struct opcode *op);

/* Bytes that ins or outs moves; 0: it is another instruction. */
unsigned opcode_string_port(const struct opcode *op);

/* Whether there is no such control register, in whatever ring. */
bool opcode_is_undefined(const struct opcode *op);

/* Whether the instruction loads FS or GS; whether it has their prefix. */
bool opcode_loads_fs_gs(const struct opcode *op);
bool opcode_uses_fs_gs(const struct opcode *op);

#endif
