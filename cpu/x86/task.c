/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * task.c - into another task, through a task gate
 *
 * The one use that is left of hardware tasks is the double fault: whatever is wrong with the stack
 * or the page tables, the handler's come from a TSS.
 *
 * Rules (SDM vol. 3, 7.2 and 7.3)
 *   - The gate names an available 32-bit TSS in the GDT. The processor's state is stored in the TSS
 *     that TR names, and loaded from the new one: CR3, EIP, EFLAGS, general registers, LDT,
 *     segments.
 *   - The new task is nested: its TSS keeps the old one's selector and NT is set. Its descriptor
 *     becomes busy, the old one stays so. CR0.TS is set.
 *   - What is wrong with the new task's segments is a #TS with their selector.
 *
 * All is read and checked before anything changes, but for what the old TSS is given, which no
 * fault is seen through. Not simulated, and said: 16-bit tasks; tasks that begin with arithmetic
 * flags or DF set; the debug trap bit. I/O bitmaps are not looked at (ports need IOPL).
 */
#include "cpu/x86/descriptor.h"
#include "cpu/x86/mmu.h"
#include "cpu/engine/unicorn.h"
#include "cpu/x86/vectors.h"
#include "cpu/engine/engine_calls.h"

enum { TYPE_MASK = 0x1f00, TSS_AVAILABLE_32 = 9 << 8, TSS_BUSY = 2 << 8, LDT_TYPE = 2 << 8 };
#define EFLAGS_LAZY (EFLAGS_ARITHMETIC | EFLAGS_DF)
enum { TSS_LEAST = 0x67, TSS_LINK = 0, TSS_CR3 = 0x1c, TSS_EIP = 0x20, TSS_EFLAGS = 0x24 };
enum { TSS_GENERAL = 0x28, TSS_SEGMENTS = 0x48, TSS_LDT = 0x60 };

/* In the order of a TSS. */
static const enum segment_register order[6] = {SEG_ES, SEG_CS, SEG_SS, SEG_DS, SEG_FS, SEG_GS};

struct task {
    struct lib_segment tss, ldt;
    uint32_t cr3, eip, eflags, general[8];
    uint16_t selector[6];
    struct descriptor segment[6];
};

static uint32_t field(struct cpu *cpu, const struct task *task, uint32_t offset)
{
    return lib_read32(cpu, ACCESS_RING0, (uint32_t)task->tss.base + offset);
}

static struct lib_segment as_segment(uint16_t selector, struct descriptor d)
{
    return (struct lib_segment){.selector = selector,
                                .base = descriptor_base(d),
                                .limit = descriptor_limit(d),
                                .flags = d.high};
}

static void find_tss(struct cpu *cpu, struct task *task, uint16_t selector, unsigned ext)
{
    uint32_t code = (selector & ~3u) | ext;
    struct descriptor d;

    if ((selector & 4) || !descriptor_read(cpu, selector, &d) ||
        (d.high & TYPE_MASK) != TSS_AVAILABLE_32)
        lib_raise(cpu, VECTOR_GP, code);
    if (!(d.high & DESCRIPTOR_PRESENT))
        lib_raise(cpu, VECTOR_NP, code);
    task->tss = as_segment(selector, d);
    if (task->tss.limit < TSS_LEAST || lib_tr(cpu)->limit < TSS_LEAST)
        lib_raise(cpu, VECTOR_TS, code);
}

static void read_task(struct cpu *cpu, struct task *task, unsigned ext)
{
    uint16_t ldt = (uint16_t)field(cpu, task, TSS_LDT);
    struct descriptor d;

    task->cr3 = field(cpu, task, TSS_CR3);
    task->eip = field(cpu, task, TSS_EIP);
    task->eflags = field(cpu, task, TSS_EFLAGS);
    for (unsigned i = 0; i < 8; i++)
        task->general[i] = field(cpu, task, TSS_GENERAL + 4 * i);
    for (unsigned i = 0; i < 6; i++)
        task->selector[i] = (uint16_t)field(cpu, task, TSS_SEGMENTS + 4 * i);
    if (task->eflags & EFLAGS_LAZY) {
        cpu_refuse(cpu, "a task begins with eflags 0x%x, which is not simulated", task->eflags);
        lib_abandon(cpu);
    }
    task->ldt = (struct lib_segment){.selector = ldt};
    if (ldt & ~3u) {
        if ((ldt & 4) || !descriptor_read(cpu, ldt, &d) || (d.high & TYPE_MASK) != LDT_TYPE ||
            !(d.high & DESCRIPTOR_PRESENT))
            lib_raise(cpu, VECTOR_TS, (ldt & ~3u) | ext);
        task->ldt = as_segment(ldt, d);
    }
    for (unsigned i = 0; i < 6; i++) {
        uint16_t selector = task->selector[i];
        unsigned ring = task->selector[1] & 3;
        bool null = !(selector & ~3u);

        if (null && order[i] != SEG_CS && order[i] != SEG_SS)
            continue;
        /* The hypervisors that we know keep all of it in the GDT. */
        if (null || (selector & 4) || !descriptor_read(cpu, selector, &task->segment[i]) ||
            !descriptor_suits(order[i], selector, task->segment[i], ring))
            lib_raise(cpu, VECTOR_TS, (selector & ~3u) | ext);
    }
}

static void save_task(struct cpu *cpu, uint32_t return_eip)
{
    uint32_t at = (uint32_t)lib_tr(cpu)->base;

    lib_write32(cpu, ACCESS_RING0, at + TSS_EIP, return_eip);
    lib_write32(cpu, ACCESS_RING0, at + TSS_EFLAGS, lib_eflags(cpu));
    for (unsigned i = 0; i < 8; i++)
        lib_write32(cpu, ACCESS_RING0, at + TSS_GENERAL + 4 * i, (uint32_t)lib_gpr(cpu)[i]);
    for (unsigned i = 0; i < 6; i++)
        lib_write16(cpu, ACCESS_RING0, at + TSS_SEGMENTS + 4 * i,
                    (uint16_t)lib_segment(cpu, order[i])->selector);
}

static void load_segments(struct cpu *cpu, const struct task *task)
{
    static const uint8_t sequence[6] = {2, 1, 0, 3, 4, 5}; /* SS, then CS: they say the ring */

    for (unsigned n = 0; n < 6; n++) {
        unsigned i = sequence[n];
        bool null = !(task->selector[i] & ~3u);

        lib_load_segment(
            cpu, order[i], task->selector[i], null ? 0 : descriptor_base(task->segment[i]),
            null ? 0 : descriptor_limit(task->segment[i]), null ? 0 : task->segment[i].high);
    }
}

void task_enter(struct cpu *cpu, uint16_t selector, unsigned ext, uint32_t return_eip)
{
    struct lib_segment *tr = lib_tr(cpu);
    struct task task;
    uint32_t descriptor;

    find_tss(cpu, &task, selector, ext);
    read_task(cpu, &task, ext);
    save_task(cpu, return_eip);
    descriptor = (uint32_t)lib_gdt(cpu)->base + (selector & ~7u) + 4;
    lib_write32(cpu, ACCESS_RING0, descriptor, task.tss.flags | TSS_BUSY);
    lib_write16(cpu, ACCESS_RING0, (uint32_t)task.tss.base + TSS_LINK, (uint16_t)tr->selector);

    task.tss.flags |= TSS_BUSY;
    *tr = task.tss;
    *lib_ldt(cpu) = task.ldt;
    control_write_cr(cpu, 0, (uint32_t)lib_cr(cpu)[0] | CR0_TS);
    control_write_cr(cpu, 3, task.cr3);
    for (unsigned i = 0; i < 8; i++)
        lib_gpr(cpu)[i] = task.general[i];
    load_segments(cpu, &task);
    *lib_eip(cpu) = task.eip;
    *lib_raw_eflags(cpu) = task.eflags | EFLAGS_NT | 2;
}
