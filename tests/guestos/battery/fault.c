/* SPDX-License-Identifier: GPL-2.0-only */
/* fault.c - what ends a program that does what it may not */
#include "tests/guestos/battery/battery.h"

static void write_to_null(void)
{
    *(volatile int *)8 = 1;
}

static void write_to_text(void)
{
    *(volatile char *)(uintptr_t)&write_to_text = 0;
}

static void touch_kernel(void)
{
    *(volatile int *)0xC0100000 = 1;
}

static void divide_by_zero(void)
{
    __asm__ volatile("xorl %%ecx, %%ecx; movl $1, %%eax; cltd; idivl %%ecx"
                     :
                     :
                     : "eax", "ecx", "edx");
}

static void privileged(void)
{
    __asm__ volatile("cli; hlt");
}

static void invalid(void)
{
    __asm__ volatile("ud2");
}

static void bad_selector(void)
{
    __asm__ volatile("movw %w0, %%ds" : : "r"(0x1234));
}

/*
 * Linux promises SYSENTER only behind AT_SYSINFO, which this kernel does not pass. So there is no
 * entry (#GP), whatever EBP says; Linux's own would return EFAULT to the vsyscall page.
 */
static void system_enter(void)
{
    __asm__ volatile("movl $0x30000000, %%ebp; sysenter" : : "a"(20) : "ecx", "edx", "memory");
}

static void no_access(void)
{
    char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    p[0] = 1;
    mprotect(p, PAGE, PROT_READ);
    if (p[0] != 1)
        _exit(1);
    p[0] = 2;
}

/* ---- error codes ----------------------------------------------------------------------------- */

/* SDM vol. 3, 4.7: present, write, user, fetch. */
enum { CODE_P = 1, CODE_W = 2, CODE_U = 4, CODE_I = 16 };

static sigjmp_buf behind_fault;
static volatile long code;

static void note_code(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)info;
    code = ((ucontext_t *)context)->uc_mcontext.gregs[REG_ERR];
    siglongjmp(behind_fault, 1);
}

static long code_of(void (*touch)(volatile char *at), volatile char *at)
{
    code = -1;
    if (!sigsetjmp(behind_fault, 1))
        touch(at);
    return code;
}

static void read_it(volatile char *at)
{
    (void)*at;
}

static void write_it(volatile char *at)
{
    *at = 0;
}

static void call_it(volatile char *at)
{
    ((void (*)(void))(uintptr_t)at)();
}

/* A handler finds the same on both systems. */
const char *test_fault_codes(void)
{
    char *page = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *absent = page + PAGE;
    const struct {
        void (*touch)(volatile char *at);
        char *at;
        long code;
        const char *failure;
    } cases[] = {
        {read_it, absent, CODE_U, "a read of what is not mapped"},
        {write_it, absent, CODE_U | CODE_W, "a write there"},
        {call_it, absent, CODE_U | CODE_I, "a jump there"},
        {write_it, page, CODE_U | CODE_W | CODE_P, "a write to a page for reading"},
    };
    struct sigaction action = {.sa_sigaction = note_code, .sa_flags = SA_SIGINFO | SA_NODEFER}, old;
    unsigned i = 0;

    munmap(absent, PAGE);
    read_it(page);
    sigaction(SIGSEGV, &action, &old);
    while (i < sizeof(cases) / sizeof(cases[0]) &&
           code_of(cases[i].touch, cases[i].at) == cases[i].code)
        i++;
    sigaction(SIGSEGV, &old, NULL);
    munmap(page, PAGE);
    return i < sizeof(cases) / sizeof(cases[0]) ? cases[i].failure : NULL;
}

const char *test_kill_by_fault(void)
{
    static const struct {
        void (*body)(void);
        int signal;
        const char *failure;
    } cases[] = {
        {write_to_null, SIGSEGV, "a write to address 8"},
        {write_to_text, SIGSEGV, "a write to program text"},
        {touch_kernel, SIGSEGV, "a write to the kernel"},
        {divide_by_zero, SIGFPE, "a division by zero"},
        {privileged, SIGSEGV, "cli in ring 3"},
        {invalid, SIGILL, "an invalid instruction"},
        {bad_selector, SIGSEGV, "a bad selector"},
        {system_enter, SIGSEGV, "sysenter"},
        {no_access, SIGSEGV, "a write after mprotect"},
        {abort, SIGABRT, "abort"},
    };

    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int status = run_and_reap(cases[i].body);

        if (!WIFSIGNALED(status) || WTERMSIG(status) != cases[i].signal)
            return cases[i].failure;
    }
    return NULL;
}
