/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * guest_write.h - an instruction of a guest's that writes memory, carried out on a copy
 * (arch/guest_write.c)
 */
#ifndef HV_GUEST_WRITE_H
#define HV_GUEST_WRITE_H

#include "hv/include/public_headers.h"
#include "hv/include/types.h"

enum write_action {
    WRITE_SET,
    WRITE_AND,
    WRITE_OR,
    WRITE_XOR,
    WRITE_BITS_SET,
    WRITE_BITS_CLEAR,
    WRITE_BITS_FLIP,
    WRITE_EXCHANGE,
    WRITE_COMPARE
};

struct guest_write {
    enum write_action action;
    unsigned length; /* of the instruction */
    unsigned bytes;  /* written: 1, 4, or 8 (CMPXCHG8B) */
    uint32_t value;  /* the other operand; of the bit instructions the bit's number */
    unsigned reg;    /* EXCHANGE: whose old contents are the value */
};

/* Decodes the instruction at EIP; `code` holds MAX_INSTRUCTION bytes. False: it is none of ours. */
#define MAX_INSTRUCTION 19 /* 15, and what may be looked at behind them */
bool guest_write_decode(const cpu_regs *regs, const uint8_t *code, struct guest_write *w);

/*
 * What eight aligned bytes become by a write at offset `at`. False: a comparison failed, nothing is
 * written.
 */
bool guest_write_result(const cpu_regs *regs, const struct guest_write *w, uint64_t old,
                        unsigned at, uint64_t *result);

/* What the instruction leaves in registers and flags, EIP behind it. */
void guest_write_finish(cpu_regs *regs, const struct guest_write *w, uint64_t old, unsigned at,
                        bool written);

#endif
