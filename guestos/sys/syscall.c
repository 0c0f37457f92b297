/* SPDX-License-Identifier: GPL-2.0-only */
/* syscall.c - from a number to a handler */
#include "guestos/fs/file.h"
#include "guestos/kernel/counters.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"
#include "guestos/sys/syscall.h"
#include "guestos/mm/shortage.h"
#include "guestos/trace/trace.h"

#define NUMBERS 512

static int unknown(uint32_t number)
{
    static uint32_t reported[NUMBERS / 32];
    const struct thread *me = current_thread();

    count(COUNT_unknown_syscalls);
    if (number < NUMBERS && !(reported[number / 32] & 1u << (number % 32))) {
        reported[number / 32] |= 1u << (number % 32);
        kprintf("%s[%u]: system call %u is not implemented\n", me->name, me->tid, number);
    }
    return -ENOSYS;
}

#define ARGUMENTS_0(f)
#define ARGUMENTS_1(f)     f->ebx
#define ARGUMENTS_2(f)     f->ebx, f->ecx
#define ARGUMENTS_3(f)     f->ebx, f->ecx, f->edx
#define ARGUMENTS_4(f)     f->ebx, f->ecx, f->edx, f->esi
#define ARGUMENTS_5(f)     f->ebx, f->ecx, f->edx, f->esi, f->edi
#define ARGUMENTS_6(f)     f->ebx, f->ecx, f->edx, f->esi, f->edi, f->ebp
#define ARGUMENTS_FRAME(f) f

static int dispatch(struct trap_frame *frame)
{
    switch (frame->eax) {
#define SYSCALL(number, name, arguments)                                                           \
    case number:                                                                                   \
        return sys_##name(ARGUMENTS_##arguments(frame));
#include "guestos/sys/syscalls.def"
#undef SYSCALL
    case 386: /* rseq: absent, as on Linux before 4.18; every program's start asks for it */
        return -ENOSYS;
    default:
        return unknown(frame->eax);
    }
}

/* A copy to or from the program needed a page that was not there: the call is made again later. */
static void after_shortage(struct trap_frame *frame)
{
    current_thread()->memory_short = false;
    if (frame->eax == (uint32_t)-EFAULT && frame->error != ~0u) {
        frame->eip -= 2; /* int $0x80 */
        frame->eax = frame->error;
        frame->error = ~0u;
    }
    memory_make_room();
}

/* A tracer sees "not done yet" as the result, and may change the number. */
static void before_call(struct trap_frame *frame)
{
    frame->eax = (uint32_t)-ENOSYS;
    trace_call();
    if (frame->error != ~0u)
        frame->eax = frame->error;
}

void syscall(struct trap_frame *frame)
{
    count(COUNT_syscalls);
    frame->error = frame->eax; /* for a restart after a signal */
    if (current_thread()->trace)
        before_call(frame);
    if (frame->error != ~0u) /* a tracer may forbid it */
        frame->eax = (uint32_t)dispatch(frame);
    current_thread()->restarting = false;
    files_unpin();
    if (current_thread()->memory_short)
        after_shortage(frame);
    memory_after_call();
    if (current_thread()->trace)
        trace_call();
}
