/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unicorn_flags.c - arithmetic flags of an instruction that faults halfway
 *
 * The library keeps the flags as operands and the operation that made them, and works them out when
 * somebody asks. For a fault it recalls the operation that was known when the instruction began.
 * Two kinds of instructions have replaced the operands by then:
 *
 *   - SETcc of memory has worked all flags out into one operand, for most conditions, and then
 *     stores. The operation to recall is "they are worked out" (CC_OP_EFLAGS), or the flags that
 *     the fault pushes are made of leftovers, even such as VM.
 *   - RCL and RCR of memory do the same before they load; after that their helper writes the new
 *     carry over the old one, and then they store. If the store faults, as on a page that is shared
 *     until it is written, the instruction is done again, and would rotate the new carry in.
 *
 * Which conditions work the flags out is the choice of the library, version 2.0.1.
 */
#include "cpu/engine/unicorn_private.h"

/* Its names of operations; of those of four sizes, the first and the last. */
enum flags_operation {
    CC_OP_DYNAMIC = 0,
    CC_OP_EFLAGS = 1,
    CC_OP_SUBB = 14,
    CC_OP_SUBQ = 17,
    CC_OP_ADOX = 47,
    CC_OP_ADCOX = 48,
    CC_OP_CLR = 49,
    CC_OP_POPCNT = 50
};

/* Conditions, the opcode's bits 3 to 1. */
enum condition { CONDITION_O, CONDITION_B, CONDITION_Z, CONDITION_BE, CONDITION_S, CONDITION_P };

enum kind { KIND_OTHER, KIND_SETCC, KIND_ROTATE };

#define LONGEST 15u /* bytes of an instruction */

static bool is_prefix(uint8_t byte)
{
    return byte == 0x66 || byte == 0x67 || byte == 0xf0 || byte == 0xf2 || byte == 0xf3 ||
           (byte & 0xe7) == 0x26 || (byte & 0xfe) == 0x64;
}

/* What the instruction at `eip` is; of SETcc its condition too. */
static enum kind kind_at(const struct cpu *cpu, uint32_t eip, unsigned *condition)
{
    uint32_t at = eip + (uint32_t)lib_segment(cpu, SEG_CS)->base;
    uint8_t opcode, second, modrm;
    unsigned prefixes = 0;

    while (prefixes < LONGEST && is_prefix(lib_code_byte(cpu, at + prefixes)))
        prefixes++;
    at += prefixes;
    opcode = lib_code_byte(cpu, at);
    second = lib_code_byte(cpu, at + 1);
    if (opcode == 0x0f && (second & 0xf0) == 0x90) {
        *condition = second >> 1 & 7;
        return lib_code_byte(cpu, at + 2) < 0xc0 ? KIND_SETCC : KIND_OTHER;
    }
    modrm = second;
    if (((opcode & 0xfc) == 0xd0 || (opcode & 0xfe) == 0xc0) && modrm < 0xc0 &&
        (modrm & 0x30) == 0x10)
        return KIND_ROTATE;
    return KIND_OTHER;
}

static bool works_flags_out(unsigned condition, int operation)
{
    bool subtracted = operation >= CC_OP_SUBB && operation <= CC_OP_SUBQ;

    switch (condition) {
    case CONDITION_O:
        return operation < CC_OP_ADOX || operation > CC_OP_POPCNT;
    case CONDITION_B:
        return false;
    case CONDITION_Z:
    case CONDITION_S:
        return operation == CC_OP_DYNAMIC;
    case CONDITION_P:
        return true;
    default: /* BE, L, LE */
        return !subtracted;
    }
}

void lib_flags_recall(struct cpu *cpu, const struct block_position *position)
{
    unsigned condition = CONDITION_P;
    enum kind kind = kind_at(cpu, position->eip, &condition);

    if (cpu->helper.before) { /* nothing was replaced yet */
        cpu->helper.before = false;
        return;
    }
    if (kind == KIND_ROTATE ||
        (kind == KIND_SETCC && works_flags_out(condition, position->flags_state)))
        FIELD(int, cpu->env, ENV_CC_OP) = CC_OP_EFLAGS;
}

void lib_flags_undo(struct cpu *cpu, uintptr_t ra, const struct block_position *position)
{
    const struct rotated *rotated = &cpu->helper.rotated;
    struct block_position helper;

    /* The store comes after the helper, in the host's code too; the load comes before it. */
    if (rotated->return_address && ra > rotated->return_address &&
        lib_position(*lib_block(cpu), rotated->return_address, &helper) &&
        helper.completed == position->completed)
        FIELD(uint64_t, cpu->env, ENV_CC_SRC) = rotated->flags;
    cpu->helper.rotated.return_address = 0;
}

static void note_rotation(uintptr_t ra)
{
    lib_cpu->helper.rotated = (struct rotated){ra, FIELD(uint64_t, lib_cpu->env, ENV_CC_SRC)};
}

#define ROTATION(name)                                                                             \
    INTERPOSE(uint64_t, helper_##name##_x86_64, void *env, uint64_t value, uint64_t count)         \
    {                                                                                              \
        note_rotation(CALLER());                                                                   \
        return REAL(helper_##name##_x86_64)(env, value, count);                                    \
    }

ROTATION(rclb)
ROTATION(rclw)
ROTATION(rcll)
ROTATION(rcrb)
ROTATION(rcrw)
ROTATION(rcrl)
