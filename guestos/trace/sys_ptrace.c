/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sys_ptrace.c - ptrace(2)'s requests, and the memory of other processes
 *
 * What is absent: PTRACE_SEIZE and what goes with it (strace does without), i387 registers in their
 * old format, debug registers (they read as 0), and stepping over system calls.
 */
#include "guestos/fs/permission.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/mm/heap.h"
#include "guestos/mm/reach.h"
#include "guestos/sys/syscall.h"
#include "guestos/sys/user.h"
#include "guestos/trace/registers.h"
#include "guestos/trace/trace.h"

enum { /* linux/ptrace.h, asm/ptrace-abi.h: PTRACE_* */
       TRACE_ME,
       PEEK_TEXT,
       PEEK_DATA,
       PEEK_USER,
       POKE_TEXT,
       POKE_DATA,
       POKE_USER,
       CONTINUE,
       KILL,
       SINGLE_STEP,
       GET_REGISTERS = 12,
       SET_REGISTERS,
       ATTACH = 16,
       DETACH,
       GET_FX_REGISTERS,
       SET_FX_REGISTERS,
       SYSTEM_CALL = 24,
       SET_OPTIONS = 0x4200,
       GET_MESSAGE,
       GET_INFO,
       SET_INFO,
       GET_SET,
       SET_SET,
};
#define SET_GENERAL 1u /* linux/elf.h: NT_PRSTATUS */

/* ---- beginning and end ----------------------------------------------------------------------- */

static int trace_me(void)
{
    struct thread *me = current_thread();

    if (me->trace || me->process == init_process)
        return -EPERM;
    return trace_begin(me, me->process->parent, 0);
}

static int attach(uint32_t tid)
{
    struct thread *thread = thread_find(tid);
    const struct signal_info stop = {.signal = SIGSTOP, .code = CODE_USER};

    if (!thread)
        return -ESRCH;
    if (thread->process == current_process() || thread->process == init_process ||
        !thread->process->space || thread->state == THREAD_ZOMBIE || thread->trace ||
        !may_look_into_real(thread->process))
        return -EPERM;
    int error = trace_begin(thread, current_process(), 0);
    return error ? error : signal_send_thread(thread, &stop);
}

static int go_on(struct thread *thread, uint32_t request, uint32_t signal)
{
    if (signal > SIGNALS)
        return -EIO;
    thread->trace->calls = request == SYSTEM_CALL;
    thread->trace->step = request == SINGLE_STEP;
    if (request == DETACH)
        trace_end(thread, signal);
    else
        trace_resume(thread, signal);
    return 0;
}

/* ---- memory and registers -------------------------------------------------------------------- */

static int peek(struct thread *thread, uint32_t address, uint32_t data)
{
    uint32_t word;

    if (space_reach(thread->process->space, address, &word, sizeof(word), REACH_READ) !=
        sizeof(word))
        return -EIO;
    return give_user(data, word);
}

static int poke(struct thread *thread, uint32_t address, uint32_t word)
{
    uint32_t done =
        space_reach(thread->process->space, address, &word, sizeof(word), REACH_FORCE_WRITE);

    return done == sizeof(word) ? 0 : -EIO;
}

static int peek_user(struct thread *thread, uint32_t offset, uint32_t data)
{
    uint32_t word = 0;

    if (offset & 3 || offset >= USER_BYTES)
        return -EIO;
    if (offset < sizeof(struct registers)) {
        struct registers r;

        registers_get(thread, &r);
        word = r.word[offset / 4];
    }
    return give_user(data, word);
}

static int poke_user(struct thread *thread, uint32_t offset, uint32_t word)
{
    struct registers r;

    if (offset & 3 || offset >= sizeof(r))
        return -EIO;
    registers_get(thread, &r);
    r.word[offset / 4] = word;
    return registers_set(thread, &r);
}

static int get_registers(struct thread *thread, uint32_t to)
{
    struct registers r;

    registers_get(thread, &r);
    return give_user(to, r);
}

static int set_registers(struct thread *thread, uint32_t from)
{
    struct registers r;

    return take_user(r, from) ? -EFAULT : registers_set(thread, &r);
}

/* PTRACE_GETREGSET: `vector` is a struct iovec, whose length becomes what there is. */
static int register_set(struct thread *thread, uint32_t kind, uint32_t vector, bool set)
{
    struct registers r;
    uint32_t part[2];

    if (kind != SET_GENERAL)
        return -EINVAL;
    if (take_user(part, vector))
        return -EFAULT;
    part[1] = MIN(part[1], sizeof(r));
    registers_get(thread, &r);
    if (set ? copy_from_user(&r, (const void *)part[0], part[1])
            : copy_to_user((void *)part[0], &r, part[1]))
        return -EFAULT;
    int error = set ? registers_set(thread, &r) : 0;
    return error ? error : give_user(vector, part);
}

static int fx_registers(struct thread *thread, uint32_t address, bool set)
{
    uint8_t *state = heap_allocate(FX_BYTES);
    int error = state ? 0 : -ENOMEM;

    if (!error && set)
        error = copy_from_user(state, (const void *)address, FX_BYTES)
                    ? -EFAULT
                    : fpu_set_state(&thread->machine, state);
    else if (!error) {
        registers_fx(thread, state);
        error = copy_to_user((void *)address, state, FX_BYTES) ? -EFAULT : 0;
    }
    heap_free(state);
    return error;
}

static int signal_information(struct thread *thread, uint32_t address, bool set)
{
    uint8_t whole[128] = {0}; /* siginfo_t */
    struct signal_info *info = &thread->trace->info;

    if (!info->signal)
        return -EINVAL;
    if (set)
        return take_user(*info, address);
    memcpy(whole, info, sizeof(*info));
    return give_user(address, whole);
}

/* ---- the call -------------------------------------------------------------------------------- */

static int request_of(struct thread *thread, uint32_t request, uint32_t address, uint32_t data)
{
    switch (request) {
    case PEEK_TEXT:
    case PEEK_DATA:
        return peek(thread, address, data);
    case PEEK_USER:
        return peek_user(thread, address, data);
    case POKE_TEXT:
    case POKE_DATA:
        return poke(thread, address, data);
    case POKE_USER:
        return poke_user(thread, address, data);
    case CONTINUE:
    case SINGLE_STEP:
    case SYSTEM_CALL:
    case DETACH:
        return go_on(thread, request, data);
    case GET_REGISTERS:
        return get_registers(thread, data);
    case SET_REGISTERS:
        return set_registers(thread, data);
    case GET_FX_REGISTERS:
    case SET_FX_REGISTERS:
        return fx_registers(thread, data, request == SET_FX_REGISTERS);
    case SET_OPTIONS:
        if (data & ~TRACE_OPTIONS)
            return -EINVAL;
        thread->trace->options = data;
        return 0;
    case GET_MESSAGE:
        return give_user(data, thread->trace->message);
    case GET_INFO:
    case SET_INFO:
        return signal_information(thread, data, request == SET_INFO);
    case GET_SET:
    case SET_SET:
        return register_set(thread, address, data, request == SET_SET);
    default:
        return -EIO;
    }
}

int sys_ptrace(uint32_t request, uint32_t tid, uint32_t address, uint32_t data)
{
    if (request == TRACE_ME)
        return trace_me();
    if (request == ATTACH)
        return attach(tid);
    struct thread *thread = thread_find(tid);
    if (!thread || !thread->trace || thread->trace->tracer != current_process())
        return -ESRCH;
    if (request == KILL) {
        signal_send(thread->process, SIGKILL);
        return 0;
    }
    if (!thread->trace->status || !thread->process->space)
        return -ESRCH;
    return request_of(thread, request, address, data);
}

/* ---- process_vm_readv(2) --------------------------------------------------------------------- */

#define VECTOR_LIMIT 1024u
struct io_vector {
    uint32_t base, bytes;
};

/* One list of pieces of memory, and how much of the first one is done. */
struct pieces {
    uint32_t vector, left, done;
    struct io_vector at;
};

/* The rest of the piece that is next: false at the end of the list; *fault: it cannot be read. */
static bool next_piece(struct pieces *p, bool *fault)
{
    while (p->done == p->at.bytes && p->left) {
        if (take_user(p->at, p->vector)) {
            *fault = true;
            return false;
        }
        p->vector += sizeof(p->at);
        p->left--;
        p->done = 0;
    }
    return p->done < p->at.bytes;
}

/* Between the caller's pieces and the other's, through a page of the kernel's. */
static int transfer(struct space *space, struct pieces *mine, struct pieces *theirs, bool write)
{
    char *page = heap_allocate(PAGE_SIZE);
    int total = 0;
    bool fault = false;

    if (!page)
        return -ENOMEM;
    while (next_piece(mine, &fault) && next_piece(theirs, &fault)) {
        uint32_t here = mine->at.base + mine->done, there = theirs->at.base + theirs->done;
        uint32_t n = MIN(mine->at.bytes - mine->done, theirs->at.bytes - theirs->done);

        n = MIN(n, PAGE_SIZE - (there & ~PAGE_MASK));
        if (write)
            fault = copy_from_user(page, (const void *)here, n);
        uint32_t done =
            fault ? 0 : space_reach(space, there, page, n, write ? REACH_WRITE : REACH_READ);
        if (!write && done)
            done -= copy_to_user((void *)here, page, done);
        total += (int)done;
        mine->done += done;
        theirs->done += done;
        if (done < n) {
            fault = true;
            break;
        }
    }
    heap_free(page);
    return !total && fault ? -EFAULT : total;
}

static int between(uint32_t pid, struct pieces mine, struct pieces theirs, uint32_t flags,
                   bool write)
{
    if (flags || mine.left > VECTOR_LIMIT || theirs.left > VECTOR_LIMIT)
        return -EINVAL;
    const struct thread *thread = thread_find(pid);
    if (!thread || !thread->process->space)
        return -ESRCH;
    if (!may_look_into_real(thread->process))
        return -EPERM;
    return transfer(thread->process->space, &mine, &theirs, write);
}

int sys_process_vm_readv(uint32_t pid, uint32_t here, uint32_t pieces, uint32_t there,
                         uint32_t their_pieces, uint32_t flags)
{
    return between(pid, (struct pieces){.vector = here, .left = pieces},
                   (struct pieces){.vector = there, .left = their_pieces}, flags, false);
}

int sys_process_vm_writev(uint32_t pid, uint32_t here, uint32_t pieces, uint32_t there,
                          uint32_t their_pieces, uint32_t flags)
{
    return between(pid, (struct pieces){.vector = here, .left = pieces},
                   (struct pieces){.vector = there, .left = their_pieces}, flags, true);
}
