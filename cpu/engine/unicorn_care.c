/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unicorn_care.c - instructions that the library takes too lightly
 *
 * What it forgets is added when a block is translated, for the instructions that need it alone.
 *
 *   - ins and outs ask for the port's permission first, even if nothing is moved.
 *   - Control registers that do not exist are #UD before the ring is looked at.
 *   - MMX instructions set the exponent of the register that they write to ones.
 *   - Operands of 16 bytes are aligned, else #GP(0). In ring 3 with EFLAGS.AC every access is
 *     looked at, for #AC(0) if CR0.AM is set (SDM vol. 3, 6.15).
 *   - Segments that are not flat are asked (unicorn_segments.c).
 *
 * The first two and the last are a call before the instruction. The library generates none of its
 * calls of helper_check_iob(), so that name is theirs. Alignment costs nothing: the inline look-up
 * of the software TLB compares the low bits of the address with the tag's, and the slow path looks
 * which it was. Accesses by helpers (x87 of 10 bytes, far transfers) are not looked at.
 */
#include "cpu/engine/unicorn_care.h"
#include "cpu/engine/unicorn_tcg.h"
#include "cpu/engine/unicorn_x87.h"
#include "cpu/engine/engine_calls.h"
#include "cpu/x86/registers.h"
#include "cpu/x86/vectors.h"

/* How the library describes an access: the operation from bit 4 on, and there the size's logarithm
 * in 2 bits and the alignment's, all ones for that of the size, from bit 4 on. */
enum { MEMOP_SIZE = 3, MEMOP_ALIGN = 7 << 4, MEMOP_ALIGN_16 = 4 << 4, OI_MEMOP = 4 };

/* With bytes, CARE_PORT; with an entry of the table of checks, CARE_SEGMENTS. */
enum care { CARE_PORT = 8, CARE_UNDEFINED = 16, CARE_SEGMENTS = 32, CARE_ENTRY = 8 };

static struct {
    bool aligned;   /* the next access of 8 bytes is the first half of 16 aligned ones */
    bool check_all; /* ring 3 with EFLAGS.AC */
} care;

void __wrap_helper_check_iob_x86_64(void *env, uint32_t what);

static void emit_check(uint32_t what)
{
    void *tcg = FIELD(void *, lib_engine->uc, UC_TCG_CONTEXT);
    tcg_value constant = tcg_temporary(tcg);
    void *arguments[] = {(void *)tcg_argument(tcg, FIELD(uintptr_t, tcg, TCG_CPU_ENV)),
                         (void *)tcg_argument(tcg, constant)};

    tcg_put((struct tcg_place){tcg, NULL}, TCG_OP_MOVI_I64, constant, what, 0);
    tcg_gen_callN_x86_64(tcg, (void *)__wrap_helper_check_iob_x86_64, NULL, 2, arguments);
    tcg_release(tcg, constant);
}

INTERPOSE(void, helper_check_iob_x86_64, void *env, uint32_t what)
{
    struct cpu *cpu = lib_cpu;

    (void)env;
    cpu->helper.return_address = CALLER();
    cpu->helper.before = true;
    if (what & CARE_UNDEFINED)
        lib_raise(cpu, VECTOR_UD, 0);
    if (what & CARE_PORT)
        control_check_port(cpu, (uint16_t)lib_gpr(cpu)[EDX], what & 7);
    if (what & CARE_SEGMENTS)
        lib_segments_run(cpu, what >> CARE_ENTRY);
    cpu->helper.before = false;
    cpu->helper.return_address = 0;
}

/* Notes, when the instruction runs, which register it writes. */
static void emit_mmx(unsigned target)
{
    struct tcg_place end = {FIELD(void *, lib_engine->uc, UC_TCG_CONTEXT), NULL};
    tcg_value constant = tcg_temporary(end.tcg);

    tcg_put(end, TCG_OP_MOVI_I64, constant, target, 0);
    tcg_put(end, TCG_OP_ST_I64, constant, FIELD(uintptr_t, end.tcg, TCG_CPU_ENV), SLOT_MMX);
    tcg_release(end.tcg, constant);
}

/* Comes first in each MMX instruction: the stack's top is 0 and no register is empty. */
INTERPOSE(void, helper_enter_mmx_x86_64, void *env)
{
    uint64_t target = FIELD(uint64_t, env, SLOT_MMX);

    x87_begin(env, CALLER());
    REAL(helper_enter_mmx_x86_64)(env);
    if (target < OPCODE_NO_REGISTER)
        x87_st(env, (unsigned)target)->top = 0xffff;
}

INTERPOSE(void, helper_emms_x86_64, void *env)
{
    x87_begin(env, CALLER());
    REAL(helper_emms_x86_64)(env);
}

void lib_care_block(uint32_t flags)
{
    care.check_all = (flags & EFLAGS_AC) && (flags & HF_CPL) == 3;
    care.aligned = false;
}

void lib_care_begin(const struct opcode *op)
{
    unsigned port = opcode_string_port(op);

    care.aligned = opcode_wants_alignment(op);
    if (port)
        emit_check(CARE_PORT | port);
    else if (opcode_is_undefined(op))
        emit_check(CARE_UNDEFINED);
    else if (opcode_is_mmx(op))
        emit_mmx(opcode_mmx_target(op));
}

void lib_care_segments(const uint8_t *bytes, unsigned count)
{
    uint32_t entry;

    if (lib_segments_check(bytes, count, &entry))
        emit_check(CARE_SEGMENTS | entry << CARE_ENTRY);
}

unsigned lib_care_access(unsigned memop)
{
    if (care.aligned && (memop & MEMOP_SIZE) == 3) {
        care.aligned = false;
        return memop | MEMOP_ALIGN_16;
    }
    return care.check_all && (memop & MEMOP_SIZE) ? memop | MEMOP_ALIGN : memop;
}

uint32_t lib_care_aligned(uint32_t linear, uint32_t oi, uintptr_t ra)
{
    struct cpu *cpu = lib_cpu;
    unsigned memop = oi >> OI_MEMOP, alignment = memop & MEMOP_ALIGN;
    bool sixteen = alignment == MEMOP_ALIGN_16;
    uint32_t bytes = sixteen ? 16 : 1u << (memop & MEMOP_SIZE);

    if (linear & (bytes - 1)) {
        bool looked_at = (lib_cr(cpu)[0] & CR0_AM) && (*lib_raw_eflags(cpu) & EFLAGS_AC);

        if (sixteen || (looked_at && lib_ring(cpu) == 3)) {
            cpu->helper.return_address = ra;
            lib_raise(cpu, sixteen ? VECTOR_GP : VECTOR_AC, 0);
        }
    }
    return oi & ~(uint32_t)(MEMOP_ALIGN << OI_MEMOP);
}

void lib_care_of_eight(uint32_t linear, uintptr_t ra)
{
    lib_care_aligned(linear, 3 << OI_MEMOP, ra);
}
