/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unicorn_extent.c - where blocks end
 *
 * The library translates instructions until one jumps, 512 were taken, or enough operations were
 * made of them. Three more things must end a block, each before an instruction that it would
 * otherwise have taken. All are found as the translator reads code, which it does through us.
 *
 *   - The code generator has 512 temporaries, 44 of which are registers of the guest. It does not
 *     look whether one is left, and many instructions (x87, SSE, AAM) give none back. So no
 *     instruction begins when more than MOST_TEMPORARIES are in use; no single one takes as many as
 *     are left then.
 *   - The next byte cannot be fetched: its page does not translate, or it lies beyond the limit of
 *     the code segment. What comes before must run first. An instruction that begins a block reads
 *     on and raises the fault, so EIP is its own.
 *   - EIP would wrap around. The translator counts on beyond 32 bits.
 *
 * The first follows from the bytes of a block alone. The translation is begun again with a smaller
 * count, and stands for ever; so it is where FS or GS is used after it was loaded. The others
 * follow from what may change while the translation stands. So the loop is left and the block
 * looked up with that count, which is a part of its key; who looks for the whole block later does
 * not find it.
 *
 * Linear addresses. The library adds the base to EIP in 64 bits. Sums of 33 bits it may keep as the
 * name of a block; whatever is read or looked up by them is addressed by the lower 32.
 *
 * Limits of code segments. Those of 4 GB, and those that end where the outer rings' part of the
 * address space does, are not looked at when blocks run: there mmu_fill() refuses. Any other sets
 * HF_LIMITED in the mode bits (unicorn_segments.c). Blocks of that mode ask each time they are
 * entered, since the segment may be another one by then. A near jump out of the segment faults at
 * its target.
 */
#include <setjmp.h>

#include "cpu/engine/unicorn_care.h"
#include "cpu/x86/vectors.h"
#include "cpu/engine/engine_calls.h"

enum { MOST_TEMPORARIES = 400 };
#define NOWHERE UINT64_MAX

static struct {
    jmp_buf again;
    volatile int most; /* instructions that the block may take */
    int begun;         /* instructions that it took, with the one that is being read */
    bool loaded;       /* one of them loaded FS or GS */
    uint64_t alias;    /* a ModRM that the library does not know with this digit, but with 0 */
    uint32_t page;     /* linear address of its first page */
} reading;

_Noreturn static void leave_loop(struct cpu *cpu)
{
    lib_cpu->helper.return_address = 0;
    __real_cpu_loop_exit_noexc_x86_64(cpu->object);
}

/* ---- limits of code segments ----------------------------------------------------------------- */

static bool beyond_limit(const struct cpu *cpu, uint64_t offset)
{
    return (*lib_hflags(cpu) & HF_LIMITED) && offset > lib_segment(cpu, SEG_CS)->limit;
}

bool lib_within_limit(const struct cpu *cpu, const struct block *block)
{
    uint32_t offset = block->pc - (uint32_t)lib_segment(cpu, SEG_CS)->base;

    return !beyond_limit(cpu, (uint64_t)offset + block->bytes - 1);
}

/* ---- reading code ---------------------------------------------------------------------------- */

uint32_t REAL(cpu_ldub_code_x86_64)(void *env, uint64_t address);
void REAL(gen_intermediate_code_x86_64)(void *object, void *tb, int most);
void tcg_func_start_x86_64(void *tcg);

void lib_read_block(void *object, void *tb, int most)
{
    reading.most = most;
    reading.page = (uint32_t)FIELD(uint64_t, tb, TB_PC) & ~0xfffu;
    if (setjmp(reading.again))
        tcg_func_start_x86_64(FIELD(void *, lib_engine->uc, UC_TCG_CONTEXT));
    reading.begun = 0;
    reading.loaded = false;
    reading.alias = NOWHERE;
    lib_care_block(FIELD(uint32_t, tb, TB_FLAGS));
    lib_segments_block(FIELD(uint32_t, tb, TB_FLAGS));
    REAL(gen_intermediate_code_x86_64)(object, tb, reading.most);
}

/* Has the block end before the instruction that begins. */
static _Noreturn void end_before(void)
{
    reading.most = reading.begun - 1;
    longjmp(reading.again, 1);
}

static void begin_instruction(const void *tcg)
{
    reading.begun++;
    if (reading.begun > 1 && FIELD(int, tcg, TCG_TEMPORARIES) > MOST_TEMPORARIES)
        end_before();
}

/* Whether bytes of the block can be fetched, the last of them at `last`. */
static bool fetchable(struct cpu *cpu, uint64_t last)
{
    uint64_t offset = last - lib_segment(cpu, SEG_CS)->base;

    if (beyond_limit(cpu, offset) || offset >> 32)
        return false;
    return ((uint32_t)last & ~0xfffu) == reading.page || lib_may_fetch(cpu, (uint32_t)last);
}

/* Looks at the bytes of the instruction that begins, as far as they can be fetched. */
static void examine(struct cpu *cpu, uint64_t address)
{
    uint8_t bytes[OPCODE_MOST_BYTES];
    struct opcode op;
    unsigned count = 0, wanted = 1;

    while (count < wanted && count < sizeof(bytes) && fetchable(cpu, address + count)) {
        bytes[count] = (uint8_t)REAL(cpu_ldub_code_x86_64)(cpu->env, (uint32_t)(address + count));
        wanted += opcode_goes_on(bytes, count);
        count++;
    }
    if (!opcode_read(bytes, count, *lib_hflags(cpu) & HF_CS32, &op))
        op = (struct opcode){0};
    unsigned second = opcode_second_test(bytes, count);

    reading.alias = second ? address + second : NOWHERE;
    if (reading.loaded && opcode_uses_fs_gs(&op))
        end_before(); /* whether these are flat is in the next block's key */
    reading.loaded = reading.loaded || opcode_loads_fs_gs(&op);
    lib_care_begin(&op);
    if (!lib_segments_wanted(&op))
        return;
    for (; count < sizeof(bytes) && fetchable(cpu, address + count); count++)
        bytes[count] = (uint8_t)REAL(cpu_ldub_code_x86_64)(cpu->env, (uint32_t)(address + count));
    lib_care_segments(bytes, count);
}

/* The translator is about to read `bytes` at `address`. May leave by a jump or an exception. */
static void begin_read(uint64_t address, unsigned bytes)
{
    const void *tcg = FIELD(void *, lib_engine->uc, UC_TCG_CONTEXT);
    struct cpu *cpu = lib_cpu;
    uint64_t last = address + bytes - 1;
    bool begins = false;

    if (address == FIELD(uint64_t, tcg, TCG_PC_START)) {
        begin_instruction(tcg);
        begins = true;
    }
    if (reading.begun > 1) {
        if (fetchable(cpu, last)) {
            if (begins)
                examine(cpu, address);
            return;
        }
        FIELD(uint32_t, cpu->object, OBJECT_NEXT_FLAGS) = (uint32_t)reading.begun - 1;
        leave_loop(cpu);
    }
    if (beyond_limit(cpu, last - lib_segment(cpu, SEG_CS)->base)) {
        cpu_fetch_faults(cpu);
        lib_raise(cpu, VECTOR_GP, 0);
    }
    if (begins && fetchable(cpu, last))
        examine(cpu, address);
}

/* Bytes that may lie on two pages, the second of which need not follow the first in 64 bits. */
static uint32_t read_bytes(void *env, uint64_t address, unsigned bytes)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < bytes; i++)
        value |= REAL(cpu_ldub_code_x86_64)(env, (uint32_t)(address + i)) << 8 * i;
    return value;
}

#define CODE_READ(symbol, bytes)                                                                   \
    INTERPOSE(uint32_t, symbol, void *env, uint64_t address)                                       \
    {                                                                                              \
        begin_read(address, bytes);                                                                \
        if (address == reading.alias)                                                              \
            return REAL(symbol)(env, (uint32_t)address) & ~8u;                                     \
        if ((address & 0xfff) + (bytes) > 0x1000)                                                  \
            return read_bytes(env, address, bytes);                                                \
        return REAL(symbol)(env, (uint32_t)address);                                               \
    }

CODE_READ(cpu_ldub_code_x86_64, 1)
CODE_READ(cpu_lduw_code_x86_64, 2)
CODE_READ(cpu_ldl_code_x86_64, 4)

/* ---- looking up blocks ----------------------------------------------------------------------- */

bool lib_begin_lookup(struct cpu *cpu, uint64_t linear)
{
    uint64_t eip = *lib_eip(cpu);

    /* The second page of a block that was found, which serves if the page is what it was. */
    if (linear != eip + lib_segment(cpu, SEG_CS)->base)
        return lib_may_fetch(cpu, (uint32_t)linear);
    if (eip >> 32) {
        *lib_eip(cpu) = (uint32_t)eip;
        leave_loop(cpu);
    }
    if (beyond_limit(cpu, eip)) {
        cpu_fetch_faults(cpu);
        lib_raise(cpu, VECTOR_GP, 0);
    }
    return true;
}
