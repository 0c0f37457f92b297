/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * port.h - what arch/x86, shared by both ports, asks of each
 *
 * The x86 parts that are the same in ring 0 and in ring 1 (walking page tables, the order of a
 * context switch, the FPU, fix-ups) are written once in arch/x86 above these few hooks.
 *
 * Lock: trap_enter(), thread_leave() and bad_return() take the kernel's themselves; all else has
 * it. thread_begin() sleeps where init's start does; the port's hooks do not.
 */
#ifndef GUESTOS_PORT_H
#define GUESTOS_PORT_H

#include "guestos/arch.h"

/* Between frame numbers in page-table entries and the kernel's own. native: the same number. */
uint64_t port_frame(uint32_t pfn);
uint32_t port_pfn(uint64_t frame);

/* Changes one entry of a live table; `address` is what it maps (leaf entries). native: a store, and
 * the old translation is noted as stale; xen: queued. */
void port_store(uint64_t *entry, uint64_t value, uint32_t address);
/* The same for an entry that links a new table: its page is made a table first, and the link is in
 * force on return. `root`: the entry is in the root. */
void port_link(uint64_t *entry, uint64_t value, uint32_t table, bool root);
void port_flush(const struct pagetable *table);

/* Fills in the kernel's part of a new root, which is zeroed. -ENOMEM. */
int port_root(uint64_t *root);
/* Every table page of a tree becomes one (xen: read-only, pinned), or ordinary memory again. */
void port_activate(struct pagetable *table);
void port_deactivate(struct pagetable *table);
/* Gives back what port_root() allocated. */
void port_root_free(uint64_t *root);

/* Page table, kernel stack and TLS of `next`; FPU access is to trap if fpu_off. */
struct thread;
void port_switch(const struct thread *next, bool fpu_off);
void port_fpu_on(void); /* allow FPU instructions (the trap's way in has not already done so) */

/* Vectors that arch/x86 does not know: timer, other processors, event upcall. */
void port_interrupt(struct trap_frame *frame);
uint32_t port_fault_address(void);

/* ---- shared code ----------------------------------------------------------------------------- */

/* entry.S: where each vector begins, VECTOR_STUB bytes apart. */
#define VECTOR_STUB 16
extern char vector_stubs[];

void trap_enter(struct trap_frame *frame);       /* called by entry.S with a complete frame */
void thread_begin(struct trap_frame *frame);     /* first work of a new thread, lock held */
void thread_leave(struct trap_frame *frame);     /* ... and its way out to ring 3 */
void bad_return(void) __attribute__((noreturn)); /* the program's registers cannot be loaded */
void switch_stacks(uint32_t *save, uint32_t load);

/* Calls visit(pfn) for each table page of the program part, root last (the kernel's not). */
void pagetable_each(const struct pagetable *table, void (*visit)(uint32_t pfn));

#endif
