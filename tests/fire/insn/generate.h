/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * generate.h - instruction bytes by a seed, for a kernel in ring 1 and a program in ring 3
 *
 * A case is one instruction, to be run under the trap flag; a straight run of one, up to 1,000
 * long; or a straight run of many. All one-byte and two-byte opcodes come equally often, with up to
 * four prefixes and any ModRM, SIB and operands; only jumps, calls, returns and interrupts stay out
 * of runs, whose end could not be told. Registers and displacements mostly lead into a window of
 * data.
 *
 * Both sides see the same cases for the same seed and the same window. What depends on the machine
 * rather than on the processor (selectors, descriptors, time, ports) is marked; its outcome is not
 * compared.
 */
#ifndef XENOLITH_TESTS_FIRE_INSN_GENERATE_H
#define XENOLITH_TESTS_FIRE_INSN_GENERATE_H

#ifndef TESTS_GUEST_KIT_TYPES_H /* a guest kernel has these from its kit */
#include <stdbool.h>
#include <stdint.h>
#endif

enum {
    INSN_LONGEST = 15,                        /* bytes of one instruction */
    INSN_RUN = 1000,                          /* instructions of the longest run */
    INSN_ROOM = INSN_RUN * INSN_LONGEST + 16, /* bytes of a case, with ud2 behind */
    INSN_WINDOW = 0x2000,                     /* bytes of data */
    INSN_FPU = 512,                           /* bytes of FXSAVE's image */
};

struct insn_random {
    uint32_t state, window; /* never 0; where the data begin */
    bool ring1;             /* spare the stack and the kernel */
};

struct insn_case {
    unsigned bytes, instructions;
    bool single;     /* to be run under the trap flag */
    bool comparable; /* the outcome does not depend on the machine */
    uint32_t reg[8]; /* EAX ECX EDX EBX ESP EBP ESI EDI; ESP is not used */
};

uint32_t insn_random(struct insn_random *r);

/* Fills code[0..INSN_ROOM) as far as needed, ud2 behind the case. */
void insn_generate(struct insn_random *r, uint8_t *code, struct insn_case *out);

/* Fills the window, from the random state alone. */
void insn_fill(struct insn_random *r, uint8_t *window);

/* Makes a state of x87 and SSE for FXRSTOR: no exception unmasked, the stack empty or full. */
void insn_fill_fpu(struct insn_random *r, uint8_t *image);

/* Adds what x87 and SSE hold, but for where the last instruction and its operand were. */
uint32_t insn_hash_fpu(uint32_t hash, const uint8_t *image);

/* Adds a word, or bytes, to a hash. */
uint32_t insn_hash(uint32_t hash, uint32_t word);
uint32_t insn_hash_bytes(uint32_t hash, const uint8_t *bytes, unsigned count);

/*
 * The hash of one outcome: vector, error code, address of a page fault, EIP, flags and seven
 * registers. A fault in the upper quarter, which belongs to kernels, is the same whatever kind it
 * is.
 */
struct insn_outcome {
    uint32_t vector, error, address, eip, flags, reg[8];
};
uint32_t insn_hash_outcome(uint32_t hash, const struct insn_outcome *outcome);

#endif
