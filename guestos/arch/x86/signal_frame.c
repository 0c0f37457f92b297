/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * signal_frame.c - the frames in which a handler finds what it interrupted (Linux i386 ABI)
 *
 * On the program's stack, from below: the return address (the program's restorer, or a few bytes of
 * code in the frame), the signal number, then either the registers alone or, for SA_SIGINFO,
 * pointers to siginfo and ucontext and both. The FPU state lies above. When the handler returns,
 * the restorer calls sigreturn or rt_sigreturn with the stack pointer just above what was popped,
 * so the kernel finds the frame again. Everything in it is the program's to change, and is checked
 * as such.
 */
#include "guestos/arch/x86/port.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"
#include "guestos/sys/user.h"

#define FPU_BYTES    512
#define LEGACY_BYTES 112 /* an FSAVE image, of which only the mark "FXSAVE follows" is set: zero */
#define USER_FLAGS   0x00050dd5 /* AC RF OF DF TF SF ZF AF PF CF */
#define FIXED_FLAGS  0x00000202 /* IF, and the bit that is always 1 */

struct context { /* struct sigcontext of asm/sigcontext.h */
    uint32_t gs, fs, es, ds;
    uint32_t edi, esi, ebp, esp, ebx, edx, ecx, eax;
    uint32_t vector, error, eip, cs, eflags, esp_again, ss;
    uint32_t fpu, old_mask, fault_address;
};

struct plain_frame {
    uint32_t return_to, signal;
    struct context context;
    uint32_t high_mask;
    uint8_t code[8];
};

struct info_frame {
    uint32_t return_to, signal, info_address, context_address;
    uint32_t info[32]; /* struct siginfo: signo, errno, code, then address or sender */
    uint32_t flags, link;
    struct signal_stack stack;
    struct context context;
    uint64_t mask;
    uint8_t code[8];
};

static const uint8_t plain_code[8] = {0x58, 0xb8, 119,  0,
                                      0,    0,    0xcd, 0x80};        /* pop eax; sigreturn */
static const uint8_t info_code[8] = {0xb8, 173, 0, 0, 0, 0xcd, 0x80}; /* rt_sigreturn */

static void fill_context(struct context *c, const struct trap_frame *frame, uint64_t mask,
                         uint32_t fpu)
{
    uint16_t fs, gs;

    __asm__("movw %%fs, %0" : "=m"(fs));
    __asm__("movw %%gs, %0" : "=m"(gs));
    *c = (struct context){
        .gs = gs,
        .fs = fs,
        .es = frame->es & 0xffff,
        .ds = frame->ds & 0xffff,
        .edi = frame->edi,
        .esi = frame->esi,
        .ebp = frame->ebp,
        .esp = frame->esp,
        .ebx = frame->ebx,
        .edx = frame->edx,
        .ecx = frame->ecx,
        .eax = frame->eax,
        .vector = current_thread()->signals.fault_vector,
        .error = current_thread()->signals.fault_error,
        .eip = frame->eip,
        .cs = frame->cs & 0xffff,
        .eflags = frame->eflags,
        .esp_again = frame->esp,
        .ss = frame->ss & 0xffff,
        .fpu = fpu,
        .old_mask = (uint32_t)mask,
        .fault_address = current_thread()->signals.fault_address,
    };
}

/* Copies the FPU state below *stack. Its address, 0 if there is none, or -EFAULT in *error. */
static uint32_t push_fpu(uint32_t *stack, int *error)
{
    static const uint8_t legacy[LEGACY_BYTES];
    const uint8_t *state = fpu_state(&current_thread()->machine);

    *error = 0;
    if (!state)
        return 0;
    *stack = (*stack - LEGACY_BYTES - FPU_BYTES) & ~15u;
    if (copy_to_user((void *)*stack, legacy, LEGACY_BYTES) ||
        copy_to_user((void *)(*stack + LEGACY_BYTES), state, FPU_BYTES))
        *error = -EFAULT;
    return *stack;
}

static uint32_t stack_for(const struct trap_frame *frame, const struct signal_action *action)
{
    const struct signal_stack *other = &current_thread()->signals.stack;
    bool on_it = other->bytes && frame->esp - other->address < other->bytes;

    if (action->flags & ACTION_ON_STACK && other->bytes && !on_it)
        return other->address + other->bytes;
    return frame->esp;
}

int signal_enter_handler(struct trap_frame *frame, const struct signal_info *info,
                         const struct signal_action *action, uint64_t mask)
{
    int error;
    uint32_t signal = (uint32_t)info->signal;
    uint32_t stack = stack_for(frame, action), fpu = push_fpu(&stack, &error);
    bool with_info = action->flags & ACTION_INFO;
    uint32_t size = with_info ? sizeof(struct info_frame) : sizeof(struct plain_frame);

    if (error)
        return error;
    /* As after a call: the stack pointer plus 4 is a multiple of 16. */
    stack = ((stack - size + 4) & ~15u) - 4;
    if (with_info) {
        struct info_frame f = {
            .signal = signal,
            .info_address = stack + offsetof(struct info_frame, info),
            .context_address = stack + offsetof(struct info_frame, flags),
            .stack = current_thread()->signals.stack,
            .mask = mask,
        };

        memcpy(f.info, info, sizeof(*info));
        f.return_to = action->flags & ACTION_RESTORER ? action->restorer
                                                      : stack + offsetof(struct info_frame, code);
        fill_context(&f.context, frame, mask, fpu);
        memcpy(f.code, info_code, sizeof(f.code));
        error = give_user(stack, f);
        frame->edx = f.info_address;
        frame->ecx = f.context_address;
    } else {
        struct plain_frame f = {.signal = signal, .high_mask = (uint32_t)(mask >> 32)};

        f.return_to = action->flags & ACTION_RESTORER ? action->restorer
                                                      : stack + offsetof(struct plain_frame, code);
        fill_context(&f.context, frame, mask, fpu);
        memcpy(f.code, plain_code, sizeof(f.code));
        error = give_user(stack, f);
        frame->edx = frame->ecx = 0;
    }
    struct trap_frame fresh;
    arch_user_selectors(&fresh);
    frame->cs = fresh.cs;
    frame->ss = fresh.ss;
    frame->ds = frame->es = fresh.ds;
    frame->esp = stack;
    frame->eip = action->handler;
    frame->eax = signal;
    frame->eflags &= ~0x00000500u; /* TF and DF */
    frame->error = ~0u;
    return error;
}

int signal_leave_handler(struct trap_frame *frame, bool with_info)
{
    struct thread *me = current_thread();
    struct context c;
    uint64_t mask;

    if (with_info) {
        struct info_frame f;

        if (take_user(f, frame->esp - 4))
            return -EFAULT;
        c = f.context;
        mask = f.mask;
    } else {
        struct plain_frame f;

        if (take_user(f, frame->esp - 8))
            return -EFAULT;
        c = f.context;
        mask = (uint64_t)f.high_mask << 32 | c.old_mask;
    }
    if (c.fpu) {
        uint8_t state[FPU_BYTES];

        if (copy_from_user(state, (void *)(c.fpu + LEGACY_BYTES), sizeof(state)) ||
            fpu_set_state(&me->machine, state))
            return -EFAULT;
    }
    me->signals.blocked = mask;
    frame->edi = c.edi;
    frame->esi = c.esi;
    frame->ebp = c.ebp;
    frame->esp = c.esp;
    frame->ebx = c.ebx;
    frame->edx = c.edx;
    frame->ecx = c.ecx;
    frame->eax = c.eax;
    frame->eip = c.eip;
    frame->eflags = (frame->eflags & ~USER_FLAGS) | (c.eflags & USER_FLAGS) | FIXED_FLAGS;
    /* Ring 3 in any case; what is no segment of the program's faults on the way out. */
    frame->cs = (c.cs & 0xffff) | 3;
    frame->ss = (c.ss & 0xffff) | 3;
    frame->ds = c.ds & 0xffff;
    frame->es = c.es & 0xffff;
    arch_load_segments(c.fs & 0xffff, c.gs & 0xffff);
    frame->error = ~0u; /* no restart of what had been interrupted */
    return 0;
}
