/* SPDX-License-Identifier: GPL-2.0-only */
/* trace.c - ptrace() as strace uses it, and the memory of other processes */
#include "tests/guestos/events/events.h"
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>

static volatile int word = 1234;

static long request(int what, pid_t pid, unsigned long address, unsigned long data)
{
    return ptrace(what, pid, (void *)address, (void *)data);
}

/* Waits for a stop of this kind (a signal, an event above it), and nothing else. */
static bool stops(pid_t pid, int with)
{
    int status = 0;

    return waitpid(pid, &status, __WALL) == pid && (status & 0xff) == 0x7f && status >> 8 == with;
}

static bool ends(pid_t pid, int with)
{
    int status = 0;

    return waitpid(pid, &status, __WALL) == pid && status == with;
}

/* A child that is traced and stands at its SIGSTOP. */
static pid_t traced_child(void (*run)(void), int options)
{
    pid_t pid = fork();

    if (!pid) {
        if (request(PTRACE_TRACEME, 0, 0, 0))
            _exit(99);
        raise(SIGSTOP);
        run();
        _exit(7);
    }
    if (!stops(pid, SIGSTOP) || request(PTRACE_SETOPTIONS, pid, 0, (unsigned long)options))
        return -1;
    return pid;
}

static void one_call(void)
{
    syscall(SYS_getpriority, 11, 22);
}

const char *test_trace_calls(void)
{
    pid_t pid = traced_child(one_call, PTRACE_O_TRACESYSGOOD);
    struct user_regs_struct r;

    do { /* raise()'s own calls come first */
        if (request(PTRACE_SYSCALL, pid, 0, 0) || !stops(pid, SIGTRAP | 0x80) ||
            request(PTRACE_GETREGS, pid, 0, (unsigned long)&r))
            return "stops at calls";
    } while (r.orig_eax != SYS_getpriority);
    if (r.ebx != 11 || r.ecx != 22 || r.eax != -ENOSYS)
        return "registers at the beginning of a call";
    r.orig_eax = SYS_getpid;
    if (request(PTRACE_SETREGS, pid, 0, (unsigned long)&r) || request(PTRACE_SYSCALL, pid, 0, 0) ||
        !stops(pid, SIGTRAP | 0x80))
        return "the end of a call";
    errno = 0;
    if (request(PTRACE_PEEKUSER, pid, offsetof(struct user_regs_struct, eax), 0) != pid)
        return "another call was made than asked for";
    struct user_regs_struct bad = r;
    bad.xcs = 0x8;
    if (request(PTRACE_SETREGS, pid, 0, (unsigned long)&bad) != -1)
        return "a selector that is the kernel's";
    if (request(PTRACE_PEEKDATA, pid, (unsigned long)&word, 0) != 1234 ||
        request(PTRACE_POKEDATA, pid, (unsigned long)&word, 99) ||
        request(PTRACE_PEEKDATA, pid, (unsigned long)&word, 0) != 99 || word != 1234)
        return "memory";
    errno = 0;
    if (request(PTRACE_PEEKDATA, pid, 16, 0) != -1 || errno != EIO)
        return "memory that is not there";
    if (request(PTRACE_CONT, pid, 0, 0) || !ends(pid, 7 << 8))
        return "its end";
    return request(PTRACE_CONT, getppid(), 0, 0) == -1 && errno == ESRCH ? NULL : "a stranger";
}

static volatile sig_atomic_t caught;

static void catch (int signal)
{
    caught = signal;
}

static void two_signals(void)
{
    signal(SIGUSR1, catch);
    signal(SIGUSR2, catch);
    raise(SIGUSR1);
    if (caught)
        _exit(1);
    raise(SIGUSR1);
    _exit(caught == SIGUSR2 ? 8 : 2);
}

const char *test_trace_signals(void)
{
    pid_t pid = traced_child(two_signals, 0);
    siginfo_t info;

    if (request(PTRACE_CONT, pid, 0, 0) || !stops(pid, SIGUSR1) ||
        request(PTRACE_GETSIGINFO, pid, 0, (unsigned long)&info) || info.si_signo != SIGUSR1 ||
        info.si_pid != pid)
        return "a signal, and what it tells";
    if (request(PTRACE_CONT, pid, 0, 0) || !stops(pid, SIGUSR1))
        return "dropped, and another";
    if (request(PTRACE_CONT, pid, 0, SIGUSR2) || !ends(pid, 8 << 8))
        return "another one is delivered";
    pid = traced_child(two_signals, 0);
    if (request(PTRACE_CONT, pid, 0, 0) || !stops(pid, SIGUSR1) || kill(pid, SIGKILL) ||
        !ends(pid, SIGKILL))
        return "SIGKILL";
    return NULL;
}

static void crash(void)
{
    signal(SIGTRAP, SIG_IGN);
    __asm__ volatile("int3\n nop");
    word = 5;
    *(volatile int *)16 = 1;
}

const char *test_trace_steps(void)
{
    pid_t pid = traced_child(crash, 0);
    struct user_regs_struct r, next;

    if (request(PTRACE_CONT, pid, 0, 0) || !stops(pid, SIGTRAP) ||
        request(PTRACE_GETREGS, pid, 0, (unsigned long)&r) || (r.orig_eax != -1))
        return "a breakpoint";
    if (request(PTRACE_SINGLESTEP, pid, 0, 0) || !stops(pid, SIGTRAP) ||
        request(PTRACE_GETREGS, pid, 0, (unsigned long)&next) || next.eip != r.eip + 1 ||
        next.eflags & 0x100)
        return "one instruction";
    /* The text is the file's, and others run it too: the tracee gets a copy. */
    long text = request(PTRACE_PEEKTEXT, pid, (unsigned long)next.eip, 0);
    if (request(PTRACE_POKETEXT, pid, (unsigned long)next.eip,
                (unsigned long)((text & ~0xff) | 0xcc)) ||
        *(volatile long *)next.eip != text)
        return "text";
    if (request(PTRACE_CONT, pid, 0, 0) || !stops(pid, SIGTRAP) ||
        request(PTRACE_GETREGS, pid, 0, (unsigned long)&r) || r.eip != next.eip + 1)
        return "a breakpoint that was set";
    r.eip--;
    if (request(PTRACE_POKETEXT, pid, (unsigned long)next.eip, (unsigned long)text) ||
        request(PTRACE_SETREGS, pid, 0, (unsigned long)&r) || request(PTRACE_CONT, pid, 0, 0) ||
        !stops(pid, SIGSEGV))
        return "on after it, to a fault";
    return request(PTRACE_CONT, pid, 0, SIGSEGV) || !ends(pid, SIGSEGV) ? "its end" : NULL;
}

static void two_children(void)
{
    pid_t pid = fork();

    if (!pid)
        _exit(3);
    waitpid(pid, NULL, 0);
    pid = vfork();
    if (!pid)
        _exit(4);
    _exit(waitpid(pid, NULL, 0) != pid);
}

const char *test_trace_children(void)
{
    unsigned long child = 0;
    pid_t pid = traced_child(two_children, PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                                               PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL);

    for (int event = PTRACE_EVENT_FORK; event <= PTRACE_EVENT_VFORK; event++) {
        if (request(PTRACE_CONT, pid, 0, 0) || !stops(pid, SIGTRAP | event << 8) ||
            request(PTRACE_GETEVENTMSG, pid, 0, (unsigned long)&child) || !child)
            return "the event of a child";
        if (!stops((pid_t)child, SIGSTOP) || request(PTRACE_CONT, (pid_t)child, 0, 0) ||
            request(PTRACE_CONT, pid, 0, 0))
            return "a child that is traced";
        if (!stops((pid_t)child, SIGTRAP | PTRACE_EVENT_EXIT << 8) ||
            request(PTRACE_CONT, (pid_t)child, 0, 0) || !ends((pid_t)child, (event + 2) << 8))
            return "a child's end";
        if (event == PTRACE_EVENT_FORK && !stops(pid, SIGCHLD))
            return "its parent is told";
    }
    if (!stops(pid, SIGCHLD) || request(PTRACE_CONT, pid, 0, 0) ||
        !stops(pid, SIGTRAP | PTRACE_EVENT_EXIT << 8) ||
        request(PTRACE_GETEVENTMSG, pid, 0, (unsigned long)&child) || child != 0 ||
        request(PTRACE_CONT, pid, 0, 0) || !ends(pid, 0))
        return "the end";
    return NULL;
}

/* Somebody who runs is attached to, looked into and let go. */
const char *test_trace_attach(void)
{
    pid_t pid = fork();

    if (!pid)
        for (;;)
            pause();
    usleep(20000);
    if (request(PTRACE_ATTACH, pid, 0, 0) || !stops(pid, SIGSTOP))
        return "attach";
    pid_t other = fork();
    if (!other)
        _exit(request(PTRACE_ATTACH, pid, 0, 0) != -1 || errno != EPERM);
    if (!ends(other, 0))
        return "two tracers";
    int here = 0;
    struct iovec to = {&here, sizeof(here)}, from = {(void *)&word, sizeof(word)};
    if (process_vm_readv(pid, &to, 1, &from, 1, 0) != sizeof(word) || here != 1234)
        return "process_vm_readv";
    here = 77;
    if (process_vm_writev(pid, &to, 1, &from, 1, 0) != sizeof(word) ||
        request(PTRACE_PEEKDATA, pid, (unsigned long)&word, 0) != 77)
        return "process_vm_writev";
    from.iov_base = (void *)16;
    if (process_vm_readv(pid, &to, 1, &from, 1, 0) != -1 || errno != EFAULT)
        return "memory that is not there";
    if (request(PTRACE_DETACH, pid, 0, 0) || request(PTRACE_DETACH, pid, 0, 0) != -1 ||
        errno != ESRCH)
        return "detach";
    other = fork();
    if (!other)
        _exit(setuid(1) || request(PTRACE_ATTACH, pid, 0, 0) != -1 || errno != EPERM ||
              process_vm_readv(pid, &to, 1, &from, 1, 0) != -1 || errno != EPERM);
    if (!ends(other, 0))
        return "who may not";
    /* A tracer that ends lets go; one that asked for it takes what it traces along. */
    other = fork();
    if (!other)
        _exit(request(PTRACE_ATTACH, pid, 0, 0) || !stops(pid, SIGSTOP) ||
              request(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_EXITKILL));
    return ends(other, 0) && ends(pid, SIGKILL) ? NULL : "PTRACE_O_EXITKILL";
}
