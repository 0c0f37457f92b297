/* SPDX-License-Identifier: GPL-2.0-only */
/* trap.c - what to do about each entry into the kernel */
#include "guestos/arch/x86/port.h"
#include "guestos/kernel/counters.h"
#include "guestos/kernel/lib.h"
#include "guestos/kernel/process.h"
#include "guestos/kernel/syscall.h"
#include "guestos/mm/shortage.h"
#include "guestos/mm/space.h"

#define EXCEPTIONS 32

/* What a program gets for an exception (Linux's choice of signals), and how the console calls it. */
static const struct {
    const char *name;
    u8 signal;
} exception[EXCEPTIONS] = {
    [0] = {"division error", SIGFPE},
    [1] = {"debug trap", SIGTRAP},
    [3] = {"breakpoint", SIGTRAP},
    [4] = {"overflow", SIGSEGV},
    [5] = {"bound check", SIGSEGV},
    [6] = {"invalid instruction", SIGILL},
    [10] = {"invalid task segment", SIGSEGV},
    [11] = {"segment not present", SIGBUS},
    [12] = {"stack fault", SIGBUS},
    [13] = {"general protection", SIGSEGV},
    [14] = {"page fault", SIGSEGV},
    [16] = {"floating-point error", SIGFPE},
    [17] = {"alignment check", SIGBUS},
    [19] = {"SIMD floating-point error", SIGFPE},
};

static const char *exception_name(u32 vector)
{
    return vector < EXCEPTIONS && exception[vector].name ? exception[vector].name : "exception";
}

/* The kernel itself faulted: where an access to program memory may, it goes on at its fix-up. */
static void fault_in_kernel(struct trap_frame *frame, u32 address)
{
    struct fixup {
        u32 at, to;
    };
    extern const struct fixup exceptions_start[], exceptions_end[];
    for (const struct fixup *f = exceptions_start; f < exceptions_end; f++)
        if (f->at == frame->eip) {
            frame->eip = f->to;
            return;
        }
    kprintf("eax %08x ebx %08x ecx %08x edx %08x esi %08x edi %08x ebp %08x\n", frame->eax,
            frame->ebx, frame->ecx, frame->edx, frame->esi, frame->edi, frame->ebp);
    panic("%s (vector %u, error %x) in the kernel at eip %x, address %x, frame %p, %s[%u]",
          exception_name(frame->vector), frame->vector, frame->error, frame->eip, address,
          (void *)frame, current_process()->name, current_process()->pid);
}

static void kill(const struct trap_frame *frame, unsigned signal, const char *why, u32 address)
{
    const struct process *me = current_process();
    if (signal_fault(signal, frame->vector == VECTOR_PAGE_FAULT ? address : frame->eip))
        return;
    kprintf("%s[%u]: killed by %s at eip %x: %s %x\n", me->name, me->pid,
            exception_name(frame->vector), frame->eip, why, address);
    process_exit((int)signal);
}

static void page_fault(struct trap_frame *frame)
{
    static const struct {
        const char *why;
        u8 signal;
    } failure[] = {
        [FAULT_NO_AREA] = {"nothing is mapped at", SIGSEGV},
        [FAULT_NO_RIGHT] = {"no right to access", SIGSEGV},
        [FAULT_NO_FILE] = {"beyond the end of the file at", SIGBUS},
    };
    u32 address = port_fault_address();
    struct space *space = current_process()->space;
    enum fault_result result = FAULT_NO_AREA;
    count(COUNT_page_faults);
    if (frame_from_user(frame) && !memory_for_programs())
        result = FAULT_NO_MEMORY;
    else if (space && address < KERNEL_BASE)
        result = space_fault(space, address, frame->error & FAULT_WRITE);
    if (result == FAULT_DONE)
        return;
    if (result == FAULT_NO_MEMORY && frame_from_user(frame)) {
        memory_make_room(); /* and then the program touches it again */
        return;
    }
    current_process()->memory_short |= result == FAULT_NO_MEMORY;
    if (frame_from_user(frame))
        kill(frame, failure[result].signal, failure[result].why, address);
    else
        fault_in_kernel(frame, address);
}

static void dispatch(struct trap_frame *frame)
{
    switch (frame->vector) {
    case VECTOR_SYSTEM_CALL:
        syscall(frame);
        break;
    case VECTOR_PAGE_FAULT:
        page_fault(frame);
        break;
    case VECTOR_NO_FPU:
        if (frame_from_user(frame))
            fpu_restore();
        else
            fault_in_kernel(frame, 0);
        break;
    default:
        if (frame->vector >= EXCEPTIONS)
            port_interrupt(frame);
        else if (frame_from_user(frame))
            kill(frame, exception[frame->vector].signal ? exception[frame->vector].signal : SIGKILL,
                 "error code", frame->error);
        else
            fault_in_kernel(frame, 0);
    }
}

/* Before ring 3 runs again: signals first, since they may end the process, then the scheduler. */
static void leave(struct trap_frame *frame)
{
    const struct process *me = current_process();
    for (;;) {
        threads_bury();
        signal_wait_if_stopped();
        if (signal_waiting(me))
            signal_deliver(frame);
        else if (reschedule_needed())
            schedule();
        else
            break;
    }
    kernel_unlock();
}

void trap_enter(struct trap_frame *frame)
{
    bool nested = kernel_locked_here();
    if (!nested)
        kernel_lock();
    dispatch(frame);
    if (frame_from_user(frame))
        leave(frame);
    else if (!nested)
        kernel_unlock();
}

void thread_leave(struct trap_frame *frame)
{
    thread_begin(frame);
    leave(frame);
}

void bad_return(void)
{
    kernel_lock();
    kprintf("%s[%u]: killed: its segment registers cannot be loaded\n", current_process()->name,
            current_process()->pid);
    process_exit(SIGSEGV);
}
