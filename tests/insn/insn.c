/* SPDX-License-Identifier: GPL-2.0-only */
/* insn.c - i386 ring-3 instruction semantics: one line a case, to be compared between processors.
   gcc -m32 -static -O1 -fno-pie -no-pie -o insn insn.c */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <ucontext.h>
#include <sys/mman.h>
struct r {
    unsigned eax, ecx, edx, ebx, esi, edi;
    unsigned fl;
};
struct t {
    const char *name;
    void *code;
    unsigned mask;
    struct r in;
};
struct r rin, rout;
void *rcode;
unsigned saved_esp, saved_mxcsr = 0x1f80;
volatile int faulted;
static int sig, trap, err, code;
static unsigned feip, fcr2, fesp, ffl;
extern char after_fault[];
void go(void);
asm(".text\n.globl go\ngo: pusha; mov %ds,%eax; push %eax; push %es; push %fs; push %gs; mov %esp, "
    "saved_esp\n"
    "fninit; ldmxcsr saved_mxcsr; pushl rin+24; popf\n"
    "mov rin,%eax; mov rin+4,%ecx; mov rin+8,%edx; mov rin+12,%ebx; mov rin+16,%esi; mov "
    "rin+20,%edi; mov $0x10000800,%ebp\n"
    "call *rcode\n"
    "mov %eax,%ss:rout; mov %ss,%eax; mov %eax,%ds; mov %eax,%es; mov %ss:rout,%eax; mov "
    "%eax,rout; mov %ecx,rout+4; mov %edx,rout+8; mov %ebx,rout+12; mov %esi,rout+16; mov "
    "%edi,rout+20; pushf; popl rout+24\n"
    ".globl after_fault\nafter_fault: mov saved_esp,%esp; pop %gs; pop %fs; pop %es; pop %eax; mov "
    "%eax,%ds; cld; pushl $0x202; popf; popa; ret\n");
static void h(int s, siginfo_t *i, void *v)
{
    ucontext_t *u = v;
    greg_t *g = u->uc_mcontext.gregs;
    sig = s;
    trap = g[REG_TRAPNO];
    err = g[REG_ERR];
    code = i->si_code;
    feip = g[REG_EIP];
    fcr2 = u->uc_mcontext.cr2;
    ffl = g[REG_EFL];
    fesp = g[REG_ESP];
    rout.eax = g[REG_EAX];
    rout.ecx = g[REG_ECX];
    rout.edx = g[REG_EDX];
    rout.ebx = g[REG_EBX];
    rout.esi = g[REG_ESI];
    rout.edi = g[REG_EDI];
    rout.fl = ffl;
    faulted = 1;
    g[REG_EIP] = (greg_t)after_fault;
    g[REG_ESP] = saved_esp;
    g[REG_EFL] = 0x202;
    unsigned ss;
    asm("mov %%ss,%0" : "=r"(ss));
    g[REG_DS] = g[REG_ES] = ss;
}
#define M          "0x10000000"
#define CAT_(a, b) a##b
#define CAT(a, b)  CAT_(a, b)
#define S_(x)      #x
#define S(x)       S_(x)
#define A          0x8d5 /* all arithmetic flags */
#define T2(n, name, mask, a, c, d, b, si, di, fl, txt)                                             \
    asm(".pushsection .text.t,\"ax\"\n.globl tc" S(n) "\ntc" S(n) ":\n" txt "\nret\n.popsection"); \
    extern char CAT(tc, n)[];                                                                      \
    static struct t CAT(tt, n) = {name, CAT(tc, n), mask, {a, c, d, b, si, di, fl}};               \
    static __attribute__((constructor(1000 + n))) void CAT(k, n)(void)                             \
    {                                                                                              \
        add(&CAT(tt, n));                                                                          \
    }
#define T1(...) T2(__VA_ARGS__)
#define T(...)  T1(__COUNTER__, __VA_ARGS__)
static struct t *all[600];
static int count;
static void add(struct t *t)
{
    all[count++] = t;
}
#define R 0x11223344, 0x22334455, 0x33445566, 0x44556677, 0x10000100, 0x10000200, 0x202
#include "cases.h"
int main(int argc, char **argv)
{
    static char alt[65536];
    stack_t ss = {.ss_sp = alt, .ss_size = sizeof alt};
    sigaltstack(&ss, 0);
    struct sigaction sa = {.sa_sigaction = h, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    int sg[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
    for (int i = 0; i < 5; i++)
        sigaction(sg[i], &sa, 0);
    char *m = mmap((void *)0x10000000, 0x8000, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    mprotect(m + 0x2000, 0x1000, PROT_NONE);
    mprotect(m + 0x3000, 0x1000, PROT_READ);
    mprotect(m + 0x4000, 0x1000, PROT_READ | PROT_WRITE | PROT_EXEC);
    mprotect(m + 0x5000, 0x1000, PROT_NONE);
    void *low = mmap((void *)0x4000, 0x1000, PROT_READ | PROT_WRITE | PROT_EXEC,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    setvbuf(stdout, 0, _IOLBF, 4096);
    for (int i = 0; i < count; i++) {
        struct t *t = all[i];
        int skip = 0;
        for (int k = 1; k < argc; k++)
            skip |= !strcmp(t->name, argv[k]);
        if (skip) {
            printf("%s SKIPPED\n", t->name);
            continue;
        }
        for (int k = 0; k < 0x2000; k++)
            m[k] = k * 7 + (k >> 8);
        memset(m + 0x4000, 0x90, 0x1000);
        if (low == (void *)0x4000)
            for (int k = 0; k < 0x1000; k++)
                ((char *)low)[k] = k;
        else if (strstr(t->name, "a16"))
            continue;
        rin = t->in;
        rcode = t->code;
        faulted = 0;
        memset(&rout, 0, sizeof rout);
        go();
        unsigned crc = 0;
        for (int k = 0; k < 0x2000; k++)
            crc = crc * 31 + (unsigned char)m[k];
        if (strstr(t->name, "a16"))
            for (int k = 0; k < 0x1000; k++)
                crc = crc * 31 + ((unsigned char *)low)[k];
        printf("%-28s ", t->name);
        if (faulted) {
            printf("SIG%d trap%d err%x code%d ", sig, trap, err, code);
            if (feip - (unsigned)t->code < 4096)
                printf("eip+%x ", feip - (unsigned)t->code);
            else
                printf("eip%x ", feip);
            if (trap == 14)
                printf("cr2=%x ", fcr2);
            printf("esp%d ", (int)(fesp - saved_esp));
        }
        printf("%x %x %x %x %x %x f%x m%x\n", rout.eax, rout.ecx, rout.edx, rout.ebx, rout.esi,
               rout.edi, rout.fl & t->mask, crc);
    }
    printf("cases %d\n", count);
    return 0;
}
