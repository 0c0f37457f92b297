/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch.h - what the kernel asks of the machine below it; by subject in the headers of guestos/arch/
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
 *     sleeps. So there is no preemption inside the kernel, and one big lock (kernel_lock(), free on
 *     a single processor) is all that two processors need: programs run in parallel, the kernel
 *     does not. The lock is taken on entry from ring 3 or from idle, and given back on return.
 *   - Memory is numbered by page frame number (pfn) from 0; frame n is visible to the kernel at
 *     KERNEL_BASE + n * 4096, all of it, always. On Xen that is pseudo-physical memory, and
 *     only arch/xen knows machine frames.
 *   - A page table is built while "not live": then writing an entry is a plain store on both ports.
 *     pagetable_activate() makes it live: on Xen its pages become read-only, are pinned (validated
 *     as a whole), and every later change is queued until pagetable_flush(). A live table is
 *     changed only by a processor that runs on it, or that flushes it before it changes another; if
 *     others run on it, pagetable_flush() sees to those too.
 */
#ifndef GUESTOS_ARCH_H
#define GUESTOS_ARCH_H

#include "guestos/arch/announce.h"
#include "guestos/arch/boot.h"
#include "guestos/arch/clock.h"
#include "guestos/arch/console.h"
#include "guestos/arch/layout.h"
#include "guestos/arch/machine_thread.h"
#include "guestos/arch/pagetable.h"
#include "guestos/arch/processor.h"
#include "guestos/arch/trap.h"
#include "guestos/arch/user_memory.h"

#endif
