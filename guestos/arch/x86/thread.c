/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * thread.c - context switch, first steps of a thread, FPU
 *
 * The FPU is saved and restored lazily, as in the paper's Linux: a switch only forbids its use
 * (CR0.TS), having saved the registers if the leaving process used them since it came; the first
 * FPU instruction of the next process traps (#NM) and loads its state. Programs that never compute
 * in floating point never pay. State is never left in another processor's registers.
 */
#include "guestos/arch/x86/port.h"
#include "guestos/kernel/counters.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"
#include "guestos/mm/heap.h"

#define FPU_BYTES 512 /* FXSAVE, SDM 1 10.5 */

unsigned arch_this_processor(void)
{
    return current_thread()->processor;
}

/* ---- FPU ------------------------------------------------------------------------------------- */

/* State after FNINIT with SSE exceptions masked (SDM 1 10.5.1): control word and MXCSR. */
static void fpu_initial(uint8_t *fpu)
{
    memset(fpu, 0, FPU_BYTES);
    *(uint16_t *)fpu = 0x037f;
    *(uint32_t *)(fpu + 24) = 0x1f80;
}

static void fpu_save(struct machine_thread *thread)
{
    if (thread->fpu_live)
        __asm__ volatile("fxsave (%0)" : : "r"(thread->fpu) : "memory");
    thread->fpu_live = false;
}

void fpu_restore(void)
{
    struct machine_thread *thread = &current_thread()->machine;

    port_fpu_on();
    if (!thread->fpu) {
        thread->fpu = heap_allocate(FPU_BYTES);
        if (!thread->fpu) {
            kprintf("%s[%u]: killed: no memory for FPU state\n", current_thread()->name,
                    current_thread()->tid);
            process_exit(SIGKILL);
        }
        fpu_initial(thread->fpu);
    }
    __asm__ volatile("fxrstor (%0)" : : "r"(thread->fpu) : "memory");
    thread->fpu_live = true;
    count(COUNT_fpu_restores);
}

const uint8_t *fpu_state(struct machine_thread *thread)
{
    if (thread->fpu_live)
        __asm__ volatile("fxsave (%0)" : : "r"(thread->fpu) : "memory");
    return thread->fpu;
}

int fpu_set_state(struct machine_thread *thread, const uint8_t *state)
{
    if (!thread->fpu && !(thread->fpu = heap_allocate(FPU_BYTES)))
        return -ENOMEM;
    memcpy(thread->fpu, state, FPU_BYTES);
    *(uint32_t *)(thread->fpu + 24) &= 0xffbf; /* MXCSR: reserved bits would fault in FXRSTOR */
    if (thread->fpu_live)
        __asm__ volatile("fxrstor (%0)" : : "r"(thread->fpu) : "memory");
    return 0;
}

int fpu_copy(struct machine_thread *to, struct machine_thread *from)
{
    if (!from->fpu)
        return 0;
    to->fpu = heap_allocate(FPU_BYTES);
    if (!to->fpu)
        return -ENOMEM;
    if (from->fpu_live)
        __asm__ volatile("fxsave (%0)" : : "r"(from->fpu) : "memory");
    memcpy(to->fpu, from->fpu, FPU_BYTES);
    return 0;
}

void fpu_reset(struct machine_thread *thread)
{
    if (!thread->fpu)
        return;
    fpu_initial(thread->fpu);
    if (thread->fpu_live)
        __asm__ volatile("fxrstor (%0)" : : "r"(thread->fpu) : "memory");
}

void fpu_free(struct machine_thread *thread)
{
    heap_free(thread->fpu);
    thread->fpu = NULL;
}

/* ---- switching ------------------------------------------------------------------------------- */

/* A selector that is no longer valid becomes the null selector. */
#define LOAD_SEGMENT(name, value)                                                                  \
    __asm__ volatile("1: movw %w0, %%" #name "\n2:\n"                                              \
                     ".pushsection .fixup, \"ax\"\n"                                               \
                     "3: xorl %0, %0\n jmp 1b\n"                                                   \
                     ".popsection\n"                                                               \
                     ".pushsection exceptions, \"a\"\n .long 1b, 3b\n .popsection"                 \
                     : "+r"(value))

/* No selector may name a TLS descriptor while the descriptors change: whoever returns to us (the
 * hypervisor, after any hypercall) has to be able to load fs and gs again. */
static void clear_segments(void)
{
    uint32_t fs = 0, gs = 0;

    LOAD_SEGMENT(fs, fs);
    LOAD_SEGMENT(gs, gs);
}

void arch_load_segments(uint32_t fs, uint32_t gs)
{
    LOAD_SEGMENT(fs, fs);
    LOAD_SEGMENT(gs, gs);
}

void arch_switch(struct thread *prev, struct thread *next)
{
    struct machine_thread *from = &prev->machine;
    uint32_t fs = next->machine.fs, gs = next->machine.gs;
    bool fpu_off = from->fpu_live;

    __asm__("movw %%fs, %0" : "=m"(from->fs));
    __asm__("movw %%gs, %0" : "=m"(from->gs));
    fpu_save(from);
    if (from->fs | from->gs)
        clear_segments();
    port_switch(next, fpu_off);
    if (fs)
        LOAD_SEGMENT(fs, fs);
    if (gs)
        LOAD_SEGMENT(gs, gs);
    switch_stacks(&from->esp, next->machine.esp);
}

void arch_drop_tls(struct machine_thread *thread)
{
    clear_segments();
    memset(thread->tls, 0, sizeof(thread->tls));
    arch_load_tls(thread);
}

void thread_begin(struct trap_frame *frame)
{
    if (!current_process()->space)
        init_begin(frame);
}

void arch_thread_init(struct machine_thread *thread, const struct trap_frame *frame)
{
    extern void thread_entry(void);
    uint32_t *stack = (uint32_t *)(thread->stack + KERNEL_STACK_BYTES - sizeof(*frame));
    memcpy(stack, frame, sizeof(*frame));
    *--stack = (uint32_t)thread_entry;
    stack -= 4; /* ebx, esi, edi, ebp as switch_stacks() pops them */
    memset(stack, 0, 4 * sizeof(*stack));
    thread->esp = (uint32_t)stack;
}

void arch_user_selectors(struct trap_frame *frame)
{
    extern const uint32_t user_code_selector, user_data_selector;

    frame->cs = user_code_selector;
    frame->ss = frame->ds = frame->es = user_data_selector;
}

void arch_start_frame(struct trap_frame *frame, uint32_t eip, uint32_t esp)
{
    memset(frame, 0, sizeof(*frame));
    frame->eip = eip;
    frame->esp = esp;
    arch_user_selectors(frame);
    frame->eflags = 0x202; /* IF and the bit that is always 1 */
}
