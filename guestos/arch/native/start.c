/* SPDX-License-Identifier: GPL-2.0-only */
/* start.c - from the boot loader's information to kernel_main(), and the other processors */
#include "guestos/arch/native/native.h"
#include "guestos/arch/x86/port.h"
#include "guestos/kernel/counters.h"
#include "guestos/kernel/lib.h"
#include "guestos/kernel/options.h"
#include "guestos/mm/heap.h"
#include "guestos/mm/pages.h"
#include "guestos/mm/space.h"

#define LOADER_MAGIC    0x2BADB002u /* Multiboot 0.6.96, 3.2 and 3.3 */
#define INFO_MEMORY     1u
#define INFO_COMMAND    4u
#define INFO_MODULES    8u
#define FIRST_MEGABYTE  0x100000u
#define CR4_FXSR        0x600u /* FXSAVE and unmasked SSE exceptions */
#define CR4_GLOBAL      0x080u
#define CPUID_NEEDED    0x03002060u /* SSE, FXSR, PGE, PAE, MSR (leaf 1, EDX): bits 25 24 13 6 5 */
#define TRAMPOLINE      0x8000u
#define COMMAND_INIT    0x4500u /* level asserted, INIT */
#define COMMAND_STARTUP 0x4600u
#define COMMAND_FIXED   0x4000u

struct multiboot_info {
    uint32_t flags, lower_kb, upper_kb, boot_device, command_line, modules, module_list;
};

struct multiboot_module {
    uint32_t start, end, text, reserved;
};

extern char kernel_start[], kernel_end[], boot_stack[], trampoline[], trampoline_end[];
extern uint64_t kernel_root[];

static struct boot_info boot;
static unsigned processor_count = 1;
static uint8_t apic_ids[CPU_LIMIT];
static volatile unsigned started = 1;
static struct thread other_idle[CPU_LIMIT];
uint32_t start_stack; /* of the processor that is being started */

/* ---- memory ---------------------------------------------------------------------------------- */

static const void *low(uint32_t address)
{
    if (address >= KERNEL_TOP - KERNEL_BASE)
        panic("the boot loader's information lies at %x, beyond the linear map", address);
    return (const void *)(KERNEL_BASE + address);
}

/* All memory from 1 MB up, but for the kernel, the ramdisk and the frame records themselves. */
static void init_memory(const struct multiboot_info *info)
{
    uint32_t first = PAGE_UP(physical(kernel_end)), module_start = 0, module_end = 0;
    uint64_t top = FIRST_MEGABYTE + (uint64_t)info->upper_kb * 1024;
    const char *wanted = option_value(boot.command_line, "mem");

    if (wanted && option_size(wanted))
        top = MIN(top, option_size(wanted));
    uint32_t end = (uint32_t)MIN(top, (uint64_t)(KERNEL_TOP - KERNEL_BASE)) >> PAGE_SHIFT;
    if (info->flags & INFO_MODULES && info->modules) {
        const struct multiboot_module *module = low(info->module_list);

        if (module->end < module->start || module->end > end << PAGE_SHIFT)
            panic("the ramdisk lies at %x-%x, beyond the memory's end %x", module->start,
                  module->end, end << PAGE_SHIFT);
        boot.ramdisk = (uint8_t *)low(module->start);
        boot.ramdisk_bytes = module->end - module->start;
        module_start = PAGE_DOWN(module->start);
        module_end = PAGE_UP(module->end);
    }
    uint32_t map = first, map_bytes = PAGE_UP(end * sizeof(struct page));
    if (map < module_end && map + map_bytes > module_start)
        map = module_end;
    if (map + map_bytes > end << PAGE_SHIFT)
        panic("%u kB of memory are too little", end * 4);
    pages_init((struct page *)(KERNEL_BASE + map), end);
    if (option_value(boot.command_line, "placement"))
        pages_scatter(option_seed(option_value(boot.command_line, "placement")));
    /* Free whatever lies between the reserved ranges. */
    for (uint32_t at = first; at < end << PAGE_SHIFT;) {
        uint32_t next = end << PAGE_SHIFT;

        if (at >= module_start && at < module_end) {
            at = module_end;
        } else if (at >= map && at < map + map_bytes) {
            at = map + map_bytes;
        } else {
            if (module_start > at)
                next = MIN(next, module_start);
            if (map > at)
                next = MIN(next, map);
            pages_add(at >> PAGE_SHIFT, next >> PAGE_SHIFT);
            at = next;
        }
    }
}

/* ---- processors ------------------------------------------------------------------------------ */

/* Kernel page table, global pages, FPU rules; the boot root and its low alias are left behind. */
static void init_processor(unsigned processor, uint32_t stack_top)
{
    uint32_t cr0, cr4;

    pagetable_use(&kernel_pagetable);
    __asm__ volatile("movl %%cr4, %0" : "=r"(cr4));
    __asm__ volatile("movl %0, %%cr4" : : "r"(cr4 | CR4_GLOBAL | CR4_FXSR));
    __asm__ volatile("movl %%cr0, %0" : "=r"(cr0));
    __asm__ volatile("movl %0, %%cr0" : : "r"((cr0 & ~4u) | 8u)); /* no emulation, TS set */
    segments_init(processor, stack_top);
    interrupts_load();
    apic_init();
}

bool arch_is_guest(void)
{
    return false;
}

unsigned arch_processors(void)
{
    return started;
}

void native_start_other(void)
{
    struct thread *me = current_thread();

    init_processor(me->processor, (uint32_t)me->machine.stack + KERNEL_STACK_BYTES);
    started = me->processor + 1;
    kernel_lock(); /* until the first processor has finished booting */
    apic_start_timer();
    scheduler_run();
}

/*
 * INIT, then START-UP with the page of the trampoline (MP specification, B.4). Returns whether it
 * runs.
 */
static bool start_other(unsigned processor)
{
    struct thread *idle = &other_idle[processor];
    uint32_t stack = pages_allocate(KERNEL_STACK_ORDER);

    ASSERT(stack != PFN_NONE);
    idle->machine.stack = (uint32_t)page_address(stack);
    *(struct thread **)idle->machine.stack = idle;
    start_stack = idle->machine.stack + KERNEL_STACK_BYTES;
    memcpy((void *)(KERNEL_BASE + TRAMPOLINE), trampoline, (uint32_t)(trampoline_end - trampoline));
    scheduler_add_processor(processor, idle);
    apic_send(apic_ids[processor], COMMAND_INIT);
    clock_delay(10000);
    for (int attempt = 0; attempt < 2 && started <= processor; attempt++) {
        apic_send(apic_ids[processor], COMMAND_STARTUP | TRAMPOLINE >> PAGE_SHIFT);
        for (int wait = 0; wait < 100 && started <= processor; wait++)
            clock_delay(100);
    }
    kprintf("processor %u (APIC %u) %s\n", processor, apic_ids[processor],
            started > processor ? "runs" : "does not answer");
    return started > processor;
}

void arch_start_processors(void)
{
    /* One that does not answer may do so later: no other may get its number. */
    for (unsigned i = 1; i < processor_count && start_other(i);)
        i++;
    apic_start_timer();
}

void arch_kick(unsigned processor)
{
    apic_send(apic_ids[processor], COMMAND_FIXED | VECTOR_KICK);
}

void arch_idle(void)
{
    __asm__ volatile("sti\n\thlt\n\tcli" : : : "memory");
}

/* sti takes effect after the next instruction (SDM 2B). */
void arch_accept_interrupts(void)
{
    __asm__ volatile("sti\n\tnop\n\tcli" : : : "memory");
}

void arch_find_disks(void)
{
    ide_find_disks();
}

void arch_find_interfaces(void)
{
    e1000_find();
}

void arch_add_devices(void)
{
}

/* ---- hooks of arch/x86 ----------------------------------------------------------------------- */

void port_switch(const struct thread *next, bool fpu_off)
{
    unsigned me = next->processor;

    segments_use_stack(me, next->machine.stack + KERNEL_STACK_BYTES);
    segments_load_tls(me, next->machine.tls);
    const struct space *space = next->process->space;
    pagetable_use(space ? &space->table : &kernel_pagetable);
    if (fpu_off) {
        uint32_t cr0;

        __asm__ volatile("movl %%cr0, %0" : "=r"(cr0));
        __asm__ volatile("movl %0, %%cr0" : : "r"(cr0 | 8u));
    }
}

void arch_load_tls(const struct machine_thread *thread)
{
    segments_load_tls(arch_this_processor(), thread->tls);
}

void port_fpu_on(void)
{
    __asm__ volatile("clts");
}

uint32_t port_fault_address(void)
{
    uint32_t address;

    __asm__ volatile("movl %%cr2, %0" : "=r"(address));
    return address;
}

void port_interrupt(struct trap_frame *frame)
{
    count(COUNT_interrupts);
    switch (frame->vector) {
    case VECTOR_TIMER:
        count(COUNT_ticks);
        apic_end_of_interrupt();
        scheduler_tick(arch_clock(), frame_from_user(frame));
        break;
    case VECTOR_SERIAL:
        apic_end_of_interrupt();
        serial_interrupt();
        break;
    case VECTOR_DISK: /* who waits for the disk looks when it is woken */
    case VECTOR_DISK + 1:
        apic_end_of_interrupt();
        break;
    case VECTOR_NIC: /* its line is one by level: first the card takes it back */
        e1000_interrupt();
        apic_end_of_interrupt();
        break;
    case VECTOR_KEYBOARD:
        apic_end_of_interrupt();
        keyboard_interrupt();
        break;
    case VECTOR_KICK: /* the way out looks at the scheduler's wish */
        apic_end_of_interrupt();
        break;
    case VECTOR_SPURIOUS:
        break;
    default:
        panic("interrupt %x, which nothing was told to send", frame->vector);
    }
}

/* ---- the beginning --------------------------------------------------------------------------- */

static void check_processor(void)
{
    uint32_t eax = 1, ebx, ecx, edx;

    __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "=c"(ecx), "=d"(edx));
    if ((edx & CPUID_NEEDED) != CPUID_NEEDED)
        panic("this processor lacks one of SSE, FXSAVE, global pages, PAE, MSRs: CPUID 1 EDX %x",
              edx);
}

static struct thread starting = {.process = &idle_process};

void native_start(uint32_t magic, uint32_t info_address)
{
    *(struct thread **)boot_stack = &starting;
    console_init();
    if (magic != LOADER_MAGIC)
        panic("not started by a Multiboot 1 loader (eax %x)", magic);
    const struct multiboot_info *info = low(info_address);
    if (!(info->flags & INFO_MEMORY))
        panic("the boot loader does not say how much memory there is");
    if (info->flags & INFO_COMMAND)
        copy_string(boot.command_line, low(info->command_line), sizeof(boot.command_line));
    check_processor();
    kernel_pagetable = (struct pagetable){.root = physical(kernel_root) >> PAGE_SHIFT};
    init_memory(info);
    announce_init();
    apic_map();
    interrupts_init();
    init_processor(0, (uint32_t)boot_stack + KERNEL_STACK_BYTES);
    out8(0x21, 0xff); /* both 8259s masked: device interrupts come by the I/O APIC */
    out8(0xa1, 0xff);
    clock_init();
    processor_count = mp_find(apic_ids);
    kernel_main(&boot);
}
