/* SPDX-License-Identifier: GPL-2.0-only */
/* operand.h - which memory an instruction will access, and through which segments; see operand.c */
#ifndef XENOLITH_CPU_OPERAND_H
#define XENOLITH_CPU_OPERAND_H

#include "cpu/state.h"

enum { OPERANDS_MOST = 3 };

/* One access, as its instruction says it; registers are read when it is made. */
struct operand {
    int32_t displacement;
    uint16_t bytes;
    uint8_t segment;     /* enum segment_register */
    uint8_t base, index; /* enum general_register, or OPERAND_NONE */
    uint8_t scale;
    uint8_t
        narrow; /* OPERAND_16: the offset is one of 16 bits; OPERAND_STACK: if the stack's are */
    uint8_t write;
};

enum { OPERAND_NONE = 8, OPERAND_16 = 1, OPERAND_STACK = 2 };

/* All of an instruction. */
struct operands {
    uint8_t count;
    bool repeated; /* not if (E)CX is 0 */
    uint8_t bits;  /* register that holds a bit's number, from which the address goes on */
    struct operand operand[OPERANDS_MOST];
};

/* Reads them from an instruction of at most `count` bytes. `wide`: as the code segment says. */
void operands_read(const uint8_t *bytes, unsigned count, bool wide, struct operands *out);

/* Whether the access goes through one of these segments (a bit each). */
bool operands_use(const struct operands *operands, unsigned segments);

/* The offset of an access in its segment, now. */
uint32_t operand_offset(const struct cpu *cpu, const struct operands *operands, unsigned i);

#endif
