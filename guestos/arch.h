/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch.h - what the kernel asks of the machine below it
 *
 * The kernel proper (kernel/, mm/, fs/, drivers/) is written once. What differs between a bare PC
 * and a Xen domain is behind this header, and there are exactly two implementations: arch/native
 * and arch/xen, with arch/x86 holding what both share (page-table walks, context switch, FPU,
 * exception fix-ups). Beside each function stands what the two ports do.
 *
 *                      native (ring 0)                 xen (ring 1)
 *   entering the kernel IDT, interrupt gates            trap table; int 0x80 by a direct gate
 *   "interrupts off"    EFLAGS.IF clear                 the upcall mask set
 *   page-table entry    frame number is physical        frame number is machine; tables read-only,
 *                       and a store suffices            changes queued and sent as batches
 *   time                TSC against PIT, APIC timer     shared_info's time, set_timer_op
 *   waiting             hlt                             sched_op block
 *   console             UART                            the console's ring, or console_io
 *
 * Rules that the rest of the kernel lives by
 *   - The kernel runs with interrupts off, except while idle. A system call is short; what waits,
 *     sleeps. So there is no preemption inside the kernel, and one big lock (kernel_lock(), free
 *     on a single processor) is all that two processors need: programs run in parallel, the
 *     kernel does not. The lock is taken on entry from ring 3 or from idle, and given back on return.
 *   - Memory is numbered by page frame number (pfn) from 0; frame n is visible to the kernel at
 *     KERNEL_BASE + n * 4096, all of it, always. On Xen that is pseudo-physical memory, and
 *     only arch/xen knows machine frames.
 *   - A page table is built while "not live": then writing an entry is a plain store on both
 *     ports. pagetable_activate() makes it live: on Xen its pages become read-only, are
 *     pinned (validated as a whole), and every later change is queued until pagetable_flush().
 *     A live table is changed only by a processor that runs on it, or that flushes it before it changes
 *     another; if others run on it, pagetable_flush() sees to those too.
 */
#ifndef GUESTOS_ARCH_H
#define GUESTOS_ARCH_H

#include "guestos/kernel/types.h"

#define KERNEL_BASE 0xC0000000u /* programs live below, the kernel above */
#define KERNEL_TOP  0xF5400000u /* end of the linear map: what Xen leaves, less a 4 MB window */

#define CPU_LIMIT 2
#define TICK_HZ   100

/* ---- entering and leaving ------------------------------------------------------------------- */

/* What the entry code leaves on the kernel stack; esp and ss only when ring 3 was interrupted. */
struct trap_frame {
    u32 ebx, ecx, edx, esi, edi, ebp, eax, es, ds;
    u32 vector;
    u32 error; /* error code; for system calls the number, kept apart from the result in eax */
    u32 eip, cs, eflags, esp, ss;
};

#define VECTOR_DEBUG       1
#define VECTOR_NO_FPU      7
#define VECTOR_PAGE_FAULT  14
#define VECTOR_SYSTEM_CALL 0x80
#define FAULT_PRESENT      1u /* page-fault error code (SDM 3A 4.7) */
#define FAULT_WRITE        2u
#define FAULT_USER         4u

static inline bool frame_from_user(const struct trap_frame *frame)
{
    return (frame->cs & 3) == 3;
}

/* Ring-3 registers of a program that begins at eip with this stack; everything else is zero. */
void arch_start_frame(struct trap_frame *frame, u32 eip, u32 esp);
/* Only cs, ss, ds and es, as a program has them. */
void arch_user_selectors(struct trap_frame *frame);

/* ---- processors and processes ---------------------------------------------------------------- */

struct process;

#define KERNEL_STACK_ORDER 1
#define KERNEL_STACK_BYTES (PAGE_SIZE << KERNEL_STACK_ORDER)

/* The process whose kernel stack this is: its address lies at the stack's lowest word. */
static inline struct process *current_process(void)
{
    u32 esp;
    __asm__("movl %%esp, %0" : "=r"(esp));
    return *(struct process **)(esp & ~(KERNEL_STACK_BYTES - 1));
}

#define TLS_ENTRIES 3 /* GDT entries 6, 7 and 8, as Linux has them on i386 */
#define TLS_FIRST   6

/* The machine's part of a process. */
struct thread {
    u32 esp;    /* of the kernel stack while it does not run */
    u32 stack;  /* lowest address of the kernel stack */
    u16 fs, gs; /* ring 3's; the kernel uses neither */
    u64 tls[TLS_ENTRIES];
    bool fpu_live; /* the program's FPU state is in the registers now */
    u8 *fpu;       /* FXSAVE area, 512 bytes, 16-byte aligned; allocated at first use */
};

/* Runs `next`: kernel stack, page table, TLS, FPU left for later. Returns when prev runs again. */
void arch_switch(struct process *prev, struct process *next);

/* Prepares a fresh thread to leave for ring 3 through `frame`, which is copied. */
void arch_thread_init(struct thread *thread, const struct trap_frame *frame);

/* Loads ring 3's fs and gs; what cannot be loaded becomes null. */
void arch_load_segments(u32 fs, u32 gs);

/* Installs current's TLS descriptors, after set_thread_area() changed them. */
void arch_load_tls(const struct thread *thread);
/* exec: no TLS, null fs and gs. */
void arch_drop_tls(struct thread *thread);

int fpu_copy(struct thread *to, struct thread *from); /* fork; 0 or -ENOMEM */
void fpu_reset(struct thread *thread);                /* exec: the current one begins anew */
void fpu_free(struct thread *thread);                 /* a thread that never runs again */
/* For signal frames: the 512 bytes of current state (NULL: none yet), and setting them. */
const u8 *fpu_state(struct thread *thread);
int fpu_set_state(struct thread *thread, const u8 *state); /* 0 or -ENOMEM */
void fpu_restore(void); /* the program touched it: VECTOR_NO_FPU */

unsigned arch_processors(void);     /* how many run the scheduler */
unsigned arch_this_processor(void); /* 0 .. arch_processors() - 1 */
void arch_start_processors(void);   /* native: the others begin in scheduler_run() */
void arch_kick(unsigned processor); /* makes it look soon whether another thread should run */
void arch_idle(void); /* waits, interrupts on, for an interrupt; returns with them off */
void arch_accept_interrupts(void); /* handles what is pending, in the middle of a system call */
void arch_relax(void);             /* in the loop that waits for the kernel's lock */

/* Names the process that runs from now on to a simulator that listens; free otherwise. */
void arch_announce_context(u32 pid);
void arch_announce_end(u32 pid);
void arch_announce_counters(const void *table);
void arch_announce_ramdisk(const void *record); /* struct announced_ramdisk */

/* ---- time and power -------------------------------------------------------------------------- */

u64 arch_clock(void);      /* nanoseconds since boot, never backwards */
u64 arch_wall_clock(void); /* nanoseconds since 1970 at the moment of boot */

/* scheduler_tick() will be called not later than this arch_clock() time (~0: when you like).
 * native: the APIC timer ticks anyway, this does nothing. xen: set_timer_op if it is earlier. */
void arch_timer_request(u64 deadline);

enum power { POWER_OFF, POWER_REBOOT, POWER_CRASH };
void arch_power_off(enum power how) __attribute__((noreturn));

/* Text for the console: each newline gets a carriage return before it. */
void arch_console_write(const char *text, size_t length);
/* The same without carriage returns (xen: the hypervisor's console always has them). */
void arch_console_write_raw(const char *text, size_t length);
/* From now on what is typed goes to tty_input(). False: nobody can type here (xen: a domain whose
 * console ring nobody serves). native: the UART's interrupt; xen: the ring's event, or, in Domain 0,
 * console_io read, 50 times a second. */
bool arch_console_listen(void);

/* The machine's own device files (xen: /dev/xen/privcmd and evtchn), made at boot. */
void arch_add_devices(void);

/* ---- page tables ----------------------------------------------------------------------------- */

typedef u64 pte_t;

#define PTE_PRESENT  0x001ull
#define PTE_WRITE    0x002ull
#define PTE_USER     0x004ull
#define PTE_ACCESSED 0x020ull
#define PTE_DIRTY    0x040ull
#define PTE_LARGE    0x080ull
#define PTE_GLOBAL   0x100ull
#define PTE_FOREIGN  0x200ull /* software: not a frame of ours, do not count it */
#define PTE_HIDDEN   0x400ull /* software, if not present: pte_hide() */
#define PTE_ADDRESS  0x000ffffffffff000ull

struct pagetable {
    u32 root;   /* pfn of the page-directory-pointer table */
    u32 tables; /* the program part's other tables, linked by page_link() */
    bool live;
};

extern struct pagetable kernel_pagetable; /* the kernel's part only; for idle processors */

/* An empty program part, the kernel's part shared. Not live. -ENOMEM. */
int pagetable_create(struct pagetable *table);
void pagetable_activate(struct pagetable *table);

/* It is not in use by any processor, nor will be again: entries may still be read, to give back what they
 * hold, but need not be cleared one by one. */
void pagetable_retire(struct pagetable *table);
void pagetable_destroy(struct pagetable *table); /* frees the tables of a retired one */

pte_t pagetable_get(const struct pagetable *table, u32 address);
/* Sets one entry of the program part, making tables as needed: -ENOMEM, nothing changed. */
int pagetable_set(struct pagetable *table, u32 address, pte_t entry);
/* Finds the first entry at or after *address, below end, that is present or hidden. False: none. */
bool pagetable_next(const struct pagetable *table, u32 *address, u32 end, pte_t *entry);
u32 pagetable_pages(const struct pagetable *table); /* that its tables take */
/* Sends queued changes and forgets translations that they made stale. */
void pagetable_flush(struct pagetable *table);
void pagetable_use(const struct pagetable *table); /* from now on, on this processor */

pte_t pte_make(u32 pfn, pte_t flags);
u32 pte_pfn(pte_t entry); /* only of an entry that pagetable_next() finds, and not PTE_FOREIGN */

/* A page that nobody may access, but which keeps its contents (PROT_NONE): its entry is not present, as the
 * kernel, too, could access a present one. The frame number is inverted, so that a processor
 * which speculates past "not present" finds no memory there (and Xen, which sees to that, no fault). */
static inline bool pte_used(pte_t entry)
{
    return entry & (PTE_PRESENT | PTE_HIDDEN);
}
static inline pte_t pte_hide(pte_t entry)
{
    return entry & PTE_PRESENT ? (entry ^ PTE_ADDRESS ^ PTE_PRESENT) | PTE_HIDDEN : entry;
}
static inline pte_t pte_show(pte_t entry)
{
    return entry & PTE_HIDDEN ? (entry ^ PTE_ADDRESS ^ PTE_HIDDEN) | PTE_PRESENT : entry;
}

/* ---- program memory -------------------------------------------------------------------------- */

/* Copy to and from the current program's memory; return the number of bytes NOT copied. Pages are
 * brought in as by any access; addresses at or above KERNEL_BASE copy nothing. */
size_t copy_from_user(void *to, const void *from, size_t n);
size_t copy_to_user(void *to, const void *from, size_t n);
size_t clear_user(void *to, size_t n);
/* Length without NUL; -EFAULT; -ENAMETOOLONG if no NUL within size. */
int copy_string_from_user(char *to, const char *from, size_t size);

/* ---- boot ------------------------------------------------------------------------------------ */

struct boot_info {
    char command_line[1024];
    u8 *ramdisk; /* NULL: none */
    u32 ramdisk_bytes;
};

/* The port calls this on the boot stack, with memory handed to mm/pages.h and interrupts off. */
void kernel_main(struct boot_info *boot) __attribute__((noreturn));

#endif
