/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * gates.c - IDT, TSS and the hypervisor's own descriptors, for each processor
 *
 * Exceptions and interrupts come to ring 0 through interrupt gates. Two kinds of gates may be used
 * by software: 0x82 from ring 1, the hypercall, and the direct gates, which lead from ring 3 to the
 * guest kernel without entering ring 0 at all. Those belong to a vcpu and are exchanged at each
 * switch. A direct gate must be a trap gate: an interrupt gate would let ring 1 run with interrupts
 * off. It is allowed for the Linux system call vector 0x80 and for 0x20-0x2f (paper/mechanism.md).
 * Through a gate the processor looks at its segment's own privilege and not at the selector's (SDM
 * vol. 3, 6.12.1.1): one of our segments there would be ring 0 at an address of the guest's.
 */
#include "hv/include/lib.h"
#include "hv/include/mm.h"
#include "hv/include/arch/traps.h"

#define GATE_INTERRUPT 0x8e00u
#define GATE_TRAP      0x8f00u
#define GATE_TASK      0x8500u
#define GATE_DPL(n)    ((n) << 13)

#define RESERVED_INDEX(selector) (((selector)-RESERVED_GDT_BASE) >> 3)

bool handler_selector_allowed(uint16_t selector)
{
    return (selector & 4) || selector >> 3 < FIRST_RESERVED_GDT_ENTRY ||
           (selector & ~3) == (SEL_RING1_CODE & ~3);
}

static void set_gate(struct descriptor *gate, uint32_t attributes, uint16_t selector,
                     uint32_t offset)
{
    gate->low = (uint32_t)selector << 16 | (offset & 0xffff);
    gate->high = (offset & 0xffff0000u) | attributes;
}

static void set_segment(struct cpu *cpu, uint16_t selector, uint32_t base, uint32_t limit,
                        uint32_t attributes)
{
    struct descriptor *d = &cpu->gdt[RESERVED_INDEX(selector & ~7)];

    d->low = base << 16 | (limit & 0xffff);
    d->high = (base & 0xff000000u) | (limit & 0xf0000) | attributes | ((base >> 16) & 0xff);
}

#define FLAT_CODE(dpl) (0x00c09b00u | (dpl) << 13) /* 4 kB units, 32 bits, present, accessed */
#define FLAT_DATA(dpl) (0x00c09300u | (dpl) << 13)
#define TSS_AVAILABLE  0x00008900u

static void segments_init(struct cpu *cpu)
{
    uint32_t all = 0xfffff, guest = (GUEST_SEGMENT_END >> PAGE_SHIFT) - 1;

    set_segment(cpu, SEL_HV_CODE, 0, all, FLAT_CODE(0));
    set_segment(cpu, SEL_HV_DATA, 0, all, FLAT_DATA(0));
    set_segment(cpu, SEL_RING1_CODE, 0, guest, FLAT_CODE(1));
    set_segment(cpu, SEL_RING1_DATA, 0, guest, FLAT_DATA(1));
    set_segment(cpu, SEL_RING3_CODE, 0, guest, FLAT_CODE(3));
    set_segment(cpu, SEL_RING3_DATA, 0, guest, FLAT_DATA(3));
    set_segment(cpu, SEL_TSS, (uint32_t)(uintptr_t)&cpu->tss, sizeof(cpu->tss) - 1, TSS_AVAILABLE);
    set_segment(cpu, SEL_DF_TSS, (uint32_t)(uintptr_t)&cpu->double_fault_tss,
                sizeof(cpu->double_fault_tss) - 1, TSS_AVAILABLE);
}

static void tasks_init(struct cpu *cpu)
{
    static char double_fault_stack[MAX_CPUS][CPU_STACK_SIZE] ALIGNED(CPU_STACK_SIZE);
    uint32_t stack = (uint32_t)(uintptr_t)cpu_stacks + (cpu->id + 1) * CPU_STACK_SIZE;

    /* The four segment slots of struct cpu_user_regs lie above what the processor pushes. */
    cpu->tss.esp0 = stack - (R_SIZE - R_ES);
    cpu->tss.ss0 = SEL_HV_DATA;
    cpu->tss.io_bitmap = sizeof(cpu->tss);              /* none: ports need IOPL */
    *(unsigned *)double_fault_stack[cpu->id] = cpu->id; /* for this_cpu() */
    cpu->double_fault_tss = (struct tss){
        .cr3 = image_physical(hv_root),
        .eip = (uint32_t)(uintptr_t)double_fault_entry,
        .esp = (uint32_t)(uintptr_t)double_fault_stack[cpu->id + 1],
        .eflags = EFLAGS_MBS,
        .cs = SEL_HV_CODE,
        .ds = SEL_HV_DATA,
        .es = SEL_HV_DATA,
        .ss = SEL_HV_DATA,
        .io_bitmap = sizeof(struct tss),
    };
}

static void idt_init(struct cpu *cpu)
{
    for (unsigned v = 0; v < 256; v++)
        set_gate(&cpu->idt[v], GATE_INTERRUPT, SEL_HV_CODE, entry_table[v]);
    /* INT3 and INTO are for everybody; other vectors fault with #GP and are looked up there. */
    set_gate(&cpu->idt[TRAP_INT3], GATE_INTERRUPT | GATE_DPL(3), SEL_HV_CODE,
             entry_table[TRAP_INT3]);
    set_gate(&cpu->idt[TRAP_OVERFLOW], GATE_INTERRUPT | GATE_DPL(3), SEL_HV_CODE,
             entry_table[TRAP_OVERFLOW]);
    set_gate(&cpu->idt[TRAP_DOUBLE_FAULT], GATE_TASK, SEL_DF_TSS, 0);
    set_gate(&cpu->idt[HYPERCALL_VECTOR], GATE_INTERRUPT | GATE_DPL(1), SEL_HV_CODE,
             (uint32_t)(uintptr_t)hypercall_entry);
}

/* SYSENTER is open to all: its entry asks what the guest wants (SDM vol. 3, 5.8.7). */
static void sysenter_init(const struct cpu *cpu)
{
    write_msr(MSR_SYSENTER_CS, SEL_HV_CODE);
    write_msr(MSR_SYSENTER_ESP, cpu->tss.esp0);
    write_msr(MSR_SYSENTER_EIP, (uint32_t)(uintptr_t)sysenter_entry);
}

void gates_init(struct cpu *cpu)
{
    struct table_pointer gdt = {0xffff, DESC_VIRT_START + cpu->id * DESC_AREA_SIZE};
    struct table_pointer idt = {sizeof(cpu->idt) - 1, (uint32_t)(uintptr_t)cpu->idt};

    segments_init(cpu);
    tasks_init(cpu);
    idt_init(cpu);
    for (unsigned page = 0; page < DESC_PAGES_PER_CPU; page++)
        map_descriptor_page(cpu->id, page, zero_mfn, false);
    map_descriptor_page(cpu->id, RESERVED_GDT_PAGE, image_physical(cpu->gdt) >> PAGE_SHIFT, true);

    __asm__ volatile("lgdt %0\n\t"
                     "lidt %1\n\t"
                     "ljmp %2, $1f\n"
                     "1:\n\t"
                     "mov %3, %%ds\n\t"
                     "mov %3, %%es\n\t"
                     "mov %3, %%ss\n\t"
                     "mov %4, %%fs\n\t"
                     "mov %4, %%gs\n\t"
                     "ltr %w5\n\t"
                     "lldt %w4"
                     :
                     : "m"(gdt), "m"(idt), "i"(SEL_HV_CODE), "r"(SEL_HV_DATA), "r"(0), "r"(SEL_TSS)
                     : "memory");
    sysenter_init(cpu);
}

void gates_load_direct(struct cpu *cpu, const struct vcpu *vcpu)
{
    static const uint8_t vectors[] = {0x80, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27,
                                      0x28, 0x29, 0x2a, 0x2b, 0x2c, 0x2d, 0x2e, 0x2f};

    for (unsigned i = 0; i < ARRAY_SIZE(vectors); i++) {
        unsigned v = vectors[i];
        const struct trap_info *trap = &vcpu->traps[v];
        /* Only for ring 3, and only where the handler wants upcalls left as they are. */
        bool direct = trap->address && TI_GET_DPL(trap) == 3 && !TI_GET_IF(trap) &&
                      handler_selector_allowed(trap->cs);

        if (direct)
            set_gate(&cpu->idt[v], GATE_TRAP | GATE_DPL(3), trap->cs, trap->address);
        else
            set_gate(&cpu->idt[v], GATE_INTERRUPT, SEL_HV_CODE, entry_table[v]);
    }
}
