/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * alignment.c - accesses with EFLAGS.AC, aligned and not: a line each, to be compared between
 * processors. Linux sets CR0.AM, so ring 3 gets #AC as SIGBUS.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>

static uint8_t memory[64] __attribute__((aligned(64)));
volatile uint32_t place, resume, error, trapped, stack;

static void handler(int number, siginfo_t *info, void *context)
{
    greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;

    (void)number, (void)info;
    trapped = (uint32_t)r[REG_TRAPNO];
    error = (uint32_t)r[REG_ERR];
    r[REG_EIP] = (greg_t)resume;
    r[REG_EFL] &= ~0x40000;
}

#define ACCESS(name, try)                                                                          \
    static void name(void)                                                                         \
    {                                                                                              \
        __asm__ volatile("pusha\n\tmov place, %%esi\n\tmov %%esi, %%edi\n\tmovl $1f, resume\n\t"   \
                         "movl $0, trapped\n\tmov %%esp, stack\n\tmov $1, %%ecx\n\tpushf\n\t"      \
                         "orl $0x40000, (%%esp)\n\tpopf\n\t" try                                   \
                         "\n1:\tmov stack, %%esp\n\tpushf\n\tandl $~0x40000, (%%esp)\n\tpopf\n\t"  \
                         "popa" ::                                                                 \
                             : "memory", "cc");                                                    \
    }

ACCESS(byte, "movb (%%esi), %%dl")
ACCESS(read_2, "movw (%%esi), %%dx")
ACCESS(read_4, "movl (%%esi), %%edx")
ACCESS(write_2, "movw %%dx, (%%esi)")
ACCESS(write_4, "movl %%edx, (%%esi)")
ACCESS(modify_4, "addl $1, (%%esi)")
ACCESS(exchange, "xchgl %%edx, (%%esi)")
ACCESS(push_4, "lea 16(%%esi), %%esp\n\tpush %%eax")
ACCESS(pop_4, "mov %%esi, %%esp\n\tpop %%eax")
ACCESS(strings, "rep stosl")
ACCESS(strings_2, "rep stosw")
ACCESS(float_4, "flds (%%esi)\n\tfstp %%st(0)")
ACCESS(float_8, "fldl (%%esi)\n\tfstp %%st(0)")
ACCESS(mmx, "movq (%%esi), %%mm0\n\temms")
ACCESS(sse_8, "movlps (%%esi), %%xmm0")
ACCESS(scalar, "movss (%%esi), %%xmm0")
ACCESS(bits, "btl $1, (%%esi)")
ACCESS(extend, "movzwl (%%esi), %%edx")
ACCESS(lock_8, "lock cmpxchg8b (%%esi)")

static const struct {
    const char *name;
    void (*try)(void);
} accesses[] = {
    {"byte", byte},       {"read-2", read_2},     {"read-4", read_4},       {"write-2", write_2},
    {"write-4", write_4}, {"modify-4", modify_4}, {"exchange", exchange},   {"push-4", push_4},
    {"pop-4", pop_4},     {"strings", strings},   {"strings-2", strings_2}, {"float-4", float_4},
    {"float-8", float_8}, {"mmx", mmx},           {"sse-8", sse_8},         {"scalar", scalar},
    {"bits", bits},       {"extend", extend},     {"lock-8", lock_8}};

int main(void)
{
    static char other[16384];
    stack_t alternate = {.ss_sp = other, .ss_size = sizeof(other)};
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK};

    sigaltstack(&alternate, NULL);
    sigaction(SIGBUS, &action, NULL);
    sigaction(SIGSEGV, &action, NULL);
    for (unsigned offset = 0; offset < 9; offset++)
        for (unsigned i = 0; i < sizeof(accesses) / sizeof(accesses[0]); i++) {
            place = (uint32_t)(uintptr_t)(memory + 16 + offset);
            memset(memory, 0, sizeof(memory));
            accesses[i].try();
            printf("%s %u: trap %x error %x\n", accesses[i].name, offset, trapped, error);
            error = 0;
        }
    return 0;
}
