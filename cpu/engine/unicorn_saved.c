/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unicorn_saved.c - what the library holds of a processor, by name
 *
 * Its state cannot be copied whole: it has pointers of this process, and much that is derived. So
 * registers go through a structure of their own, and the mode bits, which choose how code is
 * translated, are taken from a file only if they agree with the registers that they follow from.
 * Arithmetic flags are in EFLAGS while no run is under way.
 *
 * The software TLB is saved by what its entries mean: a linear page, where it leads, with which
 * rights. It has to be: a guest that changes a page table and flushes nothing goes on with the old
 * translation, here as on a real processor, and the next fill would set an accessed bit.
 */
#include <stdlib.h>
#include <string.h>

#include "cpu/engine/unicorn_private.h"
#include "cpu/saved/processor.h"
#include "cpu/x86/registers.h"

enum { XMM_SAVED = 16, FPU_SAVED = 16, XMM_COUNT = 8, FPU_COUNT = 8, DR_COUNT = 8 };

#define EFLAGS_SAVED                                                                               \
    (EFLAGS_FIXED | EFLAGS_ARITHMETIC | EFLAGS_TF | EFLAGS_IF | EFLAGS_DF | EFLAGS_IOPL |          \
     EFLAGS_NT | EFLAGS_RF | EFLAGS_VM | EFLAGS_AC | EFLAGS_ID | 3u << 19 /* VIF, VIP */)

/* Mode bits that this processor can have: no long mode, no virtual machines. */
#define HF_KNOWN                                                                                   \
    (HF_CPL | HF_INHIBIT_IRQ | HF_CS32 | HF_SS32 | HF_ADDSEG | HF_PE | HF_SMAP | HF_LIMITED |      \
     HF_LIMITED_FS | HF_LIMITED_GS | 7u << HF_PROCESSOR | 1u << 2 /* soft MMU */ | EFLAGS_TF |     \
     7u << 9 /* MP, EM, TS */ | EFLAGS_IOPL | EFLAGS_RF | EFLAGS_VM | EFLAGS_AC |                  \
     1u << 22 /* OSFXSR */)
#define HF_OF_FLAGS (EFLAGS_TF | EFLAGS_VM | EFLAGS_IOPL)

/* ---- registers ------------------------------------------------------------------------------- */

struct saved_segment {
    uint32_t selector, base, limit, flags;
};

struct saved_registers {
    uint32_t general[8], eip, eflags, mode;
    struct saved_segment segment[SEG_COUNT], ldt, tr, gdt, idt;
    uint32_t cr[5], efer;
    uint64_t dr[DR_COUNT];
    uint32_t sysenter_cs, sysenter_esp, sysenter_eip;
    uint32_t error_code, exception_is_int;
    int32_t old_exception;
    uint32_t fpu_top;
    uint16_t fpu_status, fpu_control, fpu_cs, fpu_ds;
    uint8_t fpu_empty[FPU_COUNT];
    uint8_t fpu[FPU_COUNT][FPU_SAVED];
    uint64_t fpu_ip, fpu_dp;
    uint32_t mxcsr;
    uint8_t xmm[XMM_COUNT][XMM_SAVED];
    uint64_t clock, model_clock, instructions;
    uint32_t halted, interrupt_request;
};

#define SAVED_TYPE struct saved_segment
static const struct saved_field segment_fields[] = {SAVED_UP_TO(selector, uint32_t, UINT16_MAX),
                                                    SAVED(base), SAVED(limit), SAVED(flags)};
SAVED_TABLE(segment)
#undef SAVED_TYPE

#define SAVED_TYPE struct saved_registers
static const struct saved_field registers_fields[] = {
    SAVED(general),
    SAVED(eip),
    SAVED(eflags),
    SAVED(mode),
    SAVED_ARRAY(segment, segment_table),
    SAVED_ARRAY(ldt, segment_table),
    SAVED_ARRAY(tr, segment_table),
    SAVED_ARRAY(gdt, segment_table),
    SAVED_ARRAY(idt, segment_table),
    SAVED(cr),
    SAVED_UP_TO(efer, uint32_t, EFER_NXE),
    SAVED_UP_TO(dr, uint64_t, UINT32_MAX),
    SAVED_UP_TO(sysenter_cs, uint32_t, UINT16_MAX),
    SAVED(sysenter_esp),
    SAVED(sysenter_eip),
    SAVED(error_code),
    SAVED(exception_is_int),
    SAVED(old_exception),
    SAVED_UP_TO(fpu_top, uint32_t, FPU_COUNT - 1),
    SAVED(fpu_status),
    SAVED(fpu_control),
    SAVED(fpu_cs),
    SAVED(fpu_ds),
    SAVED_UP_TO(fpu_empty, uint8_t, 1),
    SAVED(fpu),
    SAVED_UP_TO(fpu_ip, uint64_t, UINT32_MAX),
    SAVED_UP_TO(fpu_dp, uint64_t, UINT32_MAX),
    SAVED_UP_TO(mxcsr, uint32_t, UINT16_MAX),
    SAVED(xmm),
    SAVED(clock),
    SAVED(model_clock),
    SAVED(instructions),
    SAVED_UP_TO(halted, uint32_t, 1),
    SAVED(interrupt_request),
};
SAVED_TABLE(registers)
#undef SAVED_TYPE

/* Where the library has what is copied as it is. */
static const struct {
    size_t ours, bytes, theirs;
} copied[] = {
#define COPIED(member, offset)                                                                     \
    {                                                                                              \
        offsetof(struct saved_registers, member), sizeof(((struct saved_registers *)0)->member),   \
            offset                                                                                 \
    }
    COPIED(eflags, ENV_EFLAGS),
    COPIED(mode, ENV_HFLAGS),
    COPIED(dr, ENV_DR),
    COPIED(sysenter_cs, ENV_SYSENTER_CS),
    COPIED(sysenter_esp, ENV_SYSENTER_ESP),
    COPIED(sysenter_eip, ENV_SYSENTER_EIP),
    COPIED(error_code, ENV_ERROR_CODE),
    COPIED(exception_is_int, ENV_EXCEPTION_IS_INT),
    COPIED(old_exception, ENV_OLD_EXCEPTION),
    COPIED(fpu_top, ENV_FPU_TOP),
    COPIED(fpu_status, ENV_FPU_STATUS),
    COPIED(fpu_control, ENV_FPU_CONTROL),
    COPIED(fpu_cs, ENV_FPU_CS),
    COPIED(fpu_ds, ENV_FPU_DS),
    COPIED(fpu_empty, ENV_FPU_EMPTY),
    COPIED(fpu, ENV_FPU_REGISTERS),
    COPIED(fpu_ip, ENV_FPU_IP),
    COPIED(fpu_dp, ENV_FPU_DP),
    COPIED(mxcsr, ENV_MXCSR),
    COPIED(clock, SLOT_CLOCK),
    COPIED(model_clock, SLOT_MODEL_CLOCK),
    COPIED(instructions, SLOT_INSTRUCTIONS),
#undef COPIED
};

struct place {
    struct saved_segment *ours;
    struct lib_segment *theirs;
};

enum { PLACES = SEG_COUNT + 4 };

static void segments(const struct cpu *cpu, struct saved_registers *r, struct place place[PLACES])
{
    for (enum segment_register s = SEG_ES; s < SEG_COUNT; s++)
        place[s] = (struct place){&r->segment[s], lib_segment(cpu, s)};
    place[SEG_COUNT] = (struct place){&r->ldt, lib_ldt(cpu)};
    place[SEG_COUNT + 1] = (struct place){&r->tr, lib_tr(cpu)};
    place[SEG_COUNT + 2] = (struct place){&r->gdt, lib_gdt(cpu)};
    place[SEG_COUNT + 3] = (struct place){&r->idt, lib_idt(cpu)};
}

static void gather(const struct cpu *cpu, struct saved_registers *r)
{
    struct place place[PLACES];

    for (size_t i = 0; i < sizeof(copied) / sizeof(*copied); i++)
        memcpy((uint8_t *)r + copied[i].ours, cpu->env + copied[i].theirs, copied[i].bytes);
    for (unsigned i = 0; i < 8; i++)
        r->general[i] = (uint32_t)lib_gpr(cpu)[i];
    r->eip = (uint32_t)*lib_eip(cpu);
    for (unsigned i = 0; i < 5; i++)
        r->cr[i] = (uint32_t)lib_cr(cpu)[i];
    r->efer = (uint32_t)*lib_efer(cpu);
    for (unsigned i = 0; i < XMM_COUNT; i++)
        memcpy(r->xmm[i], cpu->env + ENV_XMM + i * ENV_XMM_BYTES, XMM_SAVED);
    segments(cpu, r, place);
    for (unsigned i = 0; i < PLACES; i++)
        *place[i].ours =
            (struct saved_segment){place[i].theirs->selector, (uint32_t)place[i].theirs->base,
                                   place[i].theirs->limit, place[i].theirs->flags};
    r->halted = FIELD(uint32_t, cpu->object, OBJECT_HALTED);
    r->interrupt_request = FIELD(uint32_t, cpu->object, OBJECT_INTERRUPT_REQUEST) & INTERRUPT_HARD;
}

static void scatter(struct cpu *cpu, struct saved_registers *r)
{
    struct place place[PLACES];

    for (size_t i = 0; i < sizeof(copied) / sizeof(*copied); i++)
        memcpy(cpu->env + copied[i].theirs, (uint8_t *)r + copied[i].ours, copied[i].bytes);
    for (unsigned i = 0; i < 8; i++)
        lib_gpr(cpu)[i] = r->general[i];
    *lib_eip(cpu) = r->eip;
    for (unsigned i = 0; i < 5; i++)
        lib_cr(cpu)[i] = r->cr[i];
    *lib_efer(cpu) = r->efer;
    for (unsigned i = 0; i < XMM_COUNT; i++)
        memcpy(cpu->env + ENV_XMM + i * ENV_XMM_BYTES, r->xmm[i], XMM_SAVED);
    segments(cpu, r, place);
    for (unsigned i = 0; i < PLACES; i++)
        *place[i].theirs = (struct lib_segment){.selector = place[i].ours->selector,
                                                .base = place[i].ours->base,
                                                .limit = place[i].ours->limit,
                                                .flags = place[i].ours->flags};
    FIELD(uint32_t, cpu->object, OBJECT_HALTED) = r->halted;
    FIELD(uint32_t, cpu->object, OBJECT_INTERRUPT_REQUEST) = r->interrupt_request;
    *lib_block(cpu) = NULL;
}

/* Whether the mode bits follow from the registers, where the library relies on it. */
static bool agrees(const struct cpu *cpu, const struct saved_registers *r)
{
    unsigned ring = r->mode & HF_CPL;

    return !(r->mode & ~HF_KNOWN) && (r->mode >> HF_PROCESSOR & 7) == cpu->index &&
           !(r->mode & HF_SMAP) == (ring != 0) && !(r->mode & HF_PE) == !(r->cr[0] & CR0_PE) &&
           ((r->mode ^ r->eflags) & HF_OF_FLAGS) == 0 && !(r->eflags & ~EFLAGS_SAVED) &&
           (ring == 0 || r->mode & HF_PE) && r->old_exception >= -1 && r->old_exception < 32 &&
           !(r->interrupt_request & ~INTERRUPT_HARD);
}

void lib_saved_registers(struct cpu *cpu, struct saved *saved)
{
    struct saved_registers r = {0};

    if (!saved->loading)
        gather(cpu, &r);
    saved_struct(saved, &registers_table, &r);
    if (saved->loading && saved_good(saved) && !agrees(cpu, &r))
        saved_refuse(saved,
                     "the saved state is damaged: registers of processor %u contradict "
                     "each other",
                     cpu->index);
    if (saved->loading && saved_good(saved))
        scatter(cpu, &r);
}

/* ---- the software TLB ------------------------------------------------------------------------ */

struct saved_page {
    uint64_t linear, physical;
    uint32_t mode, rights; /* a bit each: read, write, execute */
};

#define SAVED_TYPE struct saved_page
static const struct saved_field page_fields[] = {
    SAVED_UP_TO(linear, uint64_t, UINT64_C(0x1fffff000)), SAVED(physical),
    SAVED_UP_TO(mode, uint32_t, TLB_MODES - 1), SAVED_UP_TO(rights, uint32_t, 7)};
SAVED_TABLE(page)
#undef SAVED_TYPE

void lib_saved_tlb(struct cpu *cpu, struct saved *saved)
{
    struct saved_page page = {0};
    uint64_t count = 0;

    for (unsigned slot = 0; !saved->loading && slot < LIB_TLB_SLOTS; slot++)
        count += lib_tlb_entry(cpu, slot, &page.mode, &page.linear, &page.physical, &page.rights);
    saved_number(saved, "translations", &count, LIB_TLB_SLOTS);
    if (saved->loading)
        lib_tlb_flush(cpu);
    for (unsigned slot = 0; saved_good(saved) && count; slot++) {
        if (!saved->loading &&
            !lib_tlb_entry(cpu, slot, &page.mode, &page.linear, &page.physical, &page.rights))
            continue;
        saved_struct(saved, &page_table, &page);
        if (saved->loading && saved_good(saved))
            lib_tlb_enter(cpu, page.mode, page.linear, page.physical, page.rights & 1,
                          page.rights & 2, page.rights & 4);
        count--;
    }
}

const struct saved_table *const lib_saved_tables[] = {&segment_table, &registers_table, &page_table,
                                                      NULL};
