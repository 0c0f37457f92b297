/* SPDX-License-Identifier: GPL-2.0-only */
/* trap.c - what to do about each entry into the kernel */
#include "guestos/arch/x86/port.h"
#include "guestos/kernel/counters.h"
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"
#include "guestos/sys/syscall.h"
#include "guestos/mm/shortage.h"
#include "guestos/mm/space.h"

#define EXCEPTIONS 32

/* asm-generic/siginfo.h: si_code of signals by faults */
enum {
    FPE_DIVIDE_INTEGER = 1,
    FPE_DIVIDE = 3,
    FPE_OVERFLOW,
    FPE_UNDERFLOW,
    FPE_INEXACT,
    FPE_INVALID,
    ILL_OPERAND = 2,
    SEGV_NO_AREA = 1,
    SEGV_NO_RIGHT,
    BUS_ALIGNMENT = 1,
    BUS_NO_FILE,
    TRAP_STEP = 2,
    BY_STATE = 0 /* ours: the FPU's registers tell */
};

/*
 * What a program gets for an exception (Linux's choice of signals), and how the console calls it.
 */
static const struct {
    const char *name;
    uint8_t signal, code;
} exception[EXCEPTIONS] = {
    [0] = {"division error", SIGFPE, FPE_DIVIDE_INTEGER},
    [1] = {"debug trap", SIGTRAP, TRAP_STEP},
    [3] = {"breakpoint", SIGTRAP, CODE_KERNEL},
    [4] = {"overflow", SIGSEGV, CODE_KERNEL},
    [5] = {"bound check", SIGSEGV, CODE_KERNEL},
    [6] = {"invalid instruction", SIGILL, ILL_OPERAND},
    [10] = {"invalid task segment", SIGSEGV, CODE_KERNEL},
    [11] = {"segment not present", SIGBUS, CODE_KERNEL},
    [12] = {"stack fault", SIGBUS, CODE_KERNEL},
    [13] = {"general protection", SIGSEGV, CODE_KERNEL},
    [14] = {"page fault", SIGSEGV},
    [16] = {"floating-point error", SIGFPE, BY_STATE},
    [17] = {"alignment check", SIGBUS, BUS_ALIGNMENT},
    [19] = {"SIMD floating-point error", SIGFPE, BY_STATE},
};

static const char *exception_name(uint32_t vector)
{
    return vector < EXCEPTIONS && exception[vector].name ? exception[vector].name : "exception";
}

/* The kernel itself faulted: where an access to program memory may, it goes on at its fix-up. */
static void fault_in_kernel(struct trap_frame *frame, uint32_t address)
{
    struct fixup {
        uint32_t at, to;
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
          (void *)frame, current_thread()->name, current_thread()->tid);
}

/* Which floating-point exception it was, by the status and the masks in an FXSAVE image. */
static int32_t floating_point_code(uint32_t vector, const uint8_t *state)
{
    static const uint8_t code[6] = {FPE_INVALID,  FPE_UNDERFLOW, FPE_DIVIDE,
                                    FPE_OVERFLOW, FPE_UNDERFLOW, FPE_INEXACT};
    uint32_t mxcsr = *(const uint32_t *)(state + 24);
    uint32_t raised = vector == 16 ? *(const uint16_t *)(state + 2) & ~*(const uint16_t *)state
                                   : mxcsr & ~(mxcsr >> 7);

    for (int i = 0; i < 6; i++)
        if (raised & 1u << i)
            return code[i];
    return 0;
}

static void kill(const struct trap_frame *frame, unsigned signal, int32_t code, const char *why,
                 uint32_t address)
{
    struct thread *me = current_thread();
    uint32_t at = frame->vector == VECTOR_PAGE_FAULT ? address
                  : code == CODE_KERNEL              ? 0
                                                     : frame->eip;

    if (code == BY_STATE)
        code = floating_point_code(frame->vector, fpu_state(&me->machine));
    if (signal_fault(frame, signal, code, at))
        return;
    kprintf("%s[%u]: killed by %s at eip %x: %s %x\n", me->name, me->tid,
            exception_name(frame->vector), frame->eip, why, address);
    process_exit((int)signal);
}

static void page_fault(struct trap_frame *frame)
{
    static const struct {
        const char *why;
        uint8_t signal, code;
    } failure[] = {
        [FAULT_NO_AREA] = {"nothing is mapped at", SIGSEGV, SEGV_NO_AREA},
        [FAULT_NO_RIGHT] = {"no right to access", SIGSEGV, SEGV_NO_RIGHT},
        [FAULT_NO_FILE] = {"beyond the end of the file at", SIGBUS, BUS_NO_FILE},
    };
    uint32_t address = port_fault_address();
    struct space *space = current_process()->space;
    enum fault_result result = FAULT_NO_AREA;

    count(COUNT_page_faults);
    if (frame_from_user(frame) && !memory_for_programs())
        result = FAULT_NO_MEMORY;
    else if (space && address < KERNEL_BASE)
        result = space_fault(space, address, frame->error & FAULT_WRITE);
    if (result == FAULT_DONE) {
        current_thread()->faults++;
        current_process()->all_faults++;
        return;
    }
    if (result == FAULT_NO_MEMORY && frame_from_user(frame)) {
        memory_make_room(); /* and then the program touches it again */
        return;
    }
    current_thread()->memory_short |= result == FAULT_NO_MEMORY;
    if (frame_from_user(frame))
        kill(frame, failure[result].signal, failure[result].code, failure[result].why, address);
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
                 exception[frame->vector].code, "error code", frame->error);
        else
            fault_in_kernel(frame, 0);
    }
}

/* Before ring 3 runs again: signals first, since they may end the process, then the scheduler. */
static void leave(struct trap_frame *frame)
{
    const struct thread *me = current_thread();

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
    kprintf("%s[%u]: killed: its segment registers cannot be loaded\n", current_thread()->name,
            current_thread()->tid);
    process_exit(SIGSEGV);
}
