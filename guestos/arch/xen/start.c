/* SPDX-License-Identifier: GPL-2.0-only */
/* start.c - from start_info to kernel_main(), and the port's smaller parts */
#include "guestos/arch/x86/port.h"
#include "guestos/arch/xen/blkfront.h"
#include "guestos/arch/xen/netfront.h"
#include "guestos/arch/xen/domain.h"
#include "guestos/process/process.h"
#include "guestos/mm/heap.h"

#define GDT_ENTRIES       512u
#define EXCEPTION_VECTORS 20
#define MASKS_EVENTS      4u /* trap_info flags: bits 0-1 ring that may int n, bit 2 */
#define KERNEL_PAGE       (PTE_PRESENT | PTE_WRITE | PTE_ACCESSED | PTE_DIRTY)

extern uint64_t gdt_page[];
extern char boot_stack[], upcall[], failsafe[];

const uint32_t user_code_selector = XEN_USER_CS, user_data_selector = XEN_USER_DS;

struct start_info *start_info;

static struct boot_info boot;
static struct thread starting = {.process = &idle_process};

static void must(int result, const char *what)
{
    if (result)
        panic("%s: error %d", what, -result);
}

/* ---- entry points ---------------------------------------------------------------------------- */

static void init_traps(void)
{
    static struct trap_info table[EXCEPTION_VECTORS + 2];
    uint32_t n = 0;

    for (uint32_t vector = 0; vector < EXCEPTION_VECTORS; vector++) {
        uint32_t ring = vector == 3 || vector == 4 ? 3 : 0;

        table[n++] = (struct trap_info){.vector = (uint8_t)vector,
                                        .flags = (uint8_t)(ring | MASKS_EVENTS),
                                        .cs = XEN_KERNEL_CS,
                                        .address = (uint32_t)vector_stubs + vector * VECTOR_STUB};
    }
    /* Without the mask flag, so that it can be the direct gate from ring 3 to ring 1. */
    table[n++] =
        (struct trap_info){.vector = VECTOR_SYSTEM_CALL,
                           .flags = 3,
                           .cs = XEN_KERNEL_CS,
                           .address = (uint32_t)vector_stubs + VECTOR_SYSTEM_CALL * VECTOR_STUB};
    must(HYPERCALL_1(set_trap_table, table), "set_trap_table");
    must(HYPERCALL_4(set_callbacks, XEN_KERNEL_CS, upcall, XEN_KERNEL_CS, failsafe),
         "set_callbacks");
}

/* A GDT of our own for the TLS entries; flat segments stay the hypervisor's, at its end. */
static void init_gdt(void)
{
    xen_ulong_t frame = (xen_ulong_t)(machine_address(gdt_page) >> PAGE_SHIFT);

    map_page(gdt_page, machine_address(gdt_page) | (KERNEL_PAGE & ~PTE_WRITE));
    must(HYPERCALL_2(set_gdt, &frame, GDT_ENTRIES), "set_gdt");
}

void port_interrupt(struct trap_frame *frame)
{
    if (frame->vector != VECTOR_UPCALL)
        panic("entry by vector %x", frame->vector);
    events_handle(frame);
}

uint32_t port_fault_address(void)
{
    return (uint32_t)vcpu()->arch.cr2;
}

void port_fpu_on(void)
{
    /* The hypervisor has cleared CR0.TS before it sent the trap here. */
}

/* ---- processors: one ------------------------------------------------------------------------- */

bool arch_is_guest(void)
{
    return true;
}

unsigned arch_processors(void)
{
    return 1;
}

void arch_start_processors(void)
{
}

void arch_relax(void)
{
    __asm__ volatile("pause");
}

void arch_kick(unsigned processor)
{
    panic("there is no processor %u", processor);
}

/* ---- power, devices -------------------------------------------------------------------------- */

void arch_power_off(enum power how)
{
    struct sched_shutdown shutdown = {.reason = how == POWER_OFF      ? SHUTDOWN_poweroff
                                                : how == POWER_REBOOT ? SHUTDOWN_reboot
                                                                      : SHUTDOWN_crash};

    for (;;)
        HYPERCALL_2(sched_op, SCHEDOP_shutdown, &shutdown);
}

void arch_find_disks(void)
{
    disks_find();
}

void arch_find_interfaces(void)
{
    networks_find();
    if (!(start_info->flags & SIF_INITDOMAIN))
        devices_watch();
}

void arch_add_devices(void)
{
    if (!(start_info->flags & SIF_PRIVILEGED))
        return;
    privcmd_init();
    evtchn_init();
}

/* ---- announcements (include/xenolith/announce.h): counters, and the ramdisk ------------------ */

static void cpuid(uint32_t leaf, uint32_t argument, uint32_t result[4])
{
    __asm__ volatile("cpuid"
                     : "=a"(result[0]), "=b"(result[1]), "=c"(result[2]), "=d"(result[3])
                     : "0"(leaf), "2"(argument));
}

static void announce(uint32_t leaf, const void *what)
{
    uint32_t r[4];

    cpuid(ANNOUNCE_LEAF_SIGNATURE, 0, r);
    if (r[1] == ANNOUNCE_SIGNATURE_EBX && r[2] == ANNOUNCE_SIGNATURE_ECX &&
        r[3] == ANNOUNCE_SIGNATURE_EDX)
        cpuid(leaf, (uint32_t)what, r);
}

void arch_announce_counters(const void *table)
{
    announce(ANNOUNCE_LEAF_COUNTERS, table);
}

void arch_announce_ramdisk(const void *record)
{
    announce(ANNOUNCE_LEAF_RAMDISK, record);
}

void arch_announce_context(uint32_t pid)
{
    (void)pid; /* the domain is the context, and the hypervisor names it */
}

void arch_announce_end(uint32_t pid)
{
    (void)pid;
}

/* ---- the beginning --------------------------------------------------------------------------- */

void xen_start(struct start_info *info, uint32_t stack)
{
    *(struct thread **)boot_stack = &starting;
    start_info = info;
    copy_string(boot.command_line, (const char *)info->cmd_line, sizeof(boot.command_line));
    if (info->mod_len) {
        boot.ramdisk = (uint8_t *)info->mod_start;
        boot.ramdisk_bytes = (uint32_t)info->mod_len;
    }
    memory_init(stack, boot.command_line);
    map_page(&shared_page, info->shared_info | KERNEL_PAGE);
    init_traps();
    init_gdt();
    must(HYPERCALL_2(stack_switch, XEN_KERNEL_SS, boot_stack + KERNEL_STACK_BYTES), "stack_switch");
    must(HYPERCALL_1(fpu_taskswitch, 1), "fpu_taskswitch");
    events_init();
    console_init();
    kernel_main(&boot);
}
