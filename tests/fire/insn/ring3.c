/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ring3 COUNT SEED [all]: the cases of generate.h in ring 3. Exceptions come as signals, on a stack
 * of their own; the handler makes the next case and returns to it. So nothing of the system's, like
 * its selectors, is on the stack of a case. FS and GS are null, since what they lead to is the C
 * library's. Each report is a line `insn INSTRUCTIONS HASH`, the same on the bare kernel and in a
 * domain, in every timing.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "tests/fire/insn/generate.h"

#define CODE  ((uint8_t *)0x10000000) /* 4 pages, and nothing behind */
#define DATA  ((uint8_t *)0x10010000)
#define STACK ((uint8_t *)0x10100000) /* 64 KB each way */

enum {
    STACK_BYTES = 0x20000,
    STACK_NEAR = 256, /* bytes each way that one instruction writes at the most */
    ALWAYS_FLAGS = 0x202,
    TRAP_FLAG = 0x100,
    REFILL = 64, /* cases on the same data */
    REPORT = 1024,
    LEGACY_BYTES = 112, /* of a signal frame's state before FXSAVE's image */
};

static struct insn_random source = {.window = 0x10010000};
static uint32_t hash = 2166136261u, count = 100000, done, cases;
static struct insn_case current;
static uint8_t fpu[INSN_FPU];
static bool show_all;
static uint32_t own_cs, own_ss, own_gs;

/* ---- one outcome ----------------------------------------------------------------------------- */

/* Forgets what a case has left whose outcome depends on the system. */
static void forget(void)
{
    uint32_t near = current.single ? STACK_NEAR : STACK_BYTES / 2;

    insn_fill(&source, DATA);
    memset(STACK + STACK_BYTES / 2 - near, 0, 2 * near);
}

static void note(const ucontext_t *context)
{
    const greg_t *g = context->uc_mcontext.gregs;
    const uint8_t *image = (const uint8_t *)context->uc_mcontext.fpregs + LEGACY_BYTES;
    struct insn_outcome o = {.vector = (uint32_t)g[REG_TRAPNO],
                             .error = (uint32_t)g[REG_ERR],
                             .address = context->uc_mcontext.cr2,
                             .eip = (uint32_t)g[REG_EIP],
                             .flags = (uint32_t)g[REG_EFL],
                             .reg = {(uint32_t)g[REG_EAX], (uint32_t)g[REG_ECX],
                                     (uint32_t)g[REG_EDX], (uint32_t)g[REG_EBX], 0,
                                     (uint32_t)g[REG_EBP], (uint32_t)g[REG_ESI],
                                     (uint32_t)g[REG_EDI]}};

    if (current.comparable)
        hash = insn_hash_fpu(insn_hash_outcome(hash, &o), image);
    else
        forget();
    done += current.single || o.eip - (uint32_t)(uintptr_t)CODE < current.bytes
                ? 1
                : current.instructions;
    if (show_all) /* to find the first that differs */
        printf("case %u: %02x %02x %02x %02x %02x %02x, %u: vector %u error %x at %x eip %x %x\n",
               cases, CODE[0], CODE[1], CODE[2], CODE[3], CODE[4], CODE[5], current.instructions,
               o.vector, o.error, o.address, o.eip, hash);
    if (cases % REPORT == 0 || done >= count)
        printf("insn %u %x\n", done, hash);
    if (done >= count)
        exit(0);
    cases++;
}

/* ---- the next case --------------------------------------------------------------------------- */

static void prepare(ucontext_t *context)
{
    greg_t *g = context->uc_mcontext.gregs;

    if (cases % REFILL == 0) {
        hash = insn_hash_bytes(hash, DATA, INSN_WINDOW);
        insn_fill(&source, DATA);
        insn_fill_fpu(&source, fpu);
    }
    insn_generate(&source, CODE, &current);
    g[REG_EAX] = (greg_t)current.reg[0];
    g[REG_ECX] = (greg_t)current.reg[1];
    g[REG_EDX] = (greg_t)current.reg[2];
    g[REG_EBX] = (greg_t)current.reg[3];
    g[REG_EBP] = (greg_t)current.reg[5];
    g[REG_ESI] = (greg_t)current.reg[6];
    g[REG_EDI] = (greg_t)current.reg[7];
    g[REG_EFL] = ALWAYS_FLAGS | (current.single ? TRAP_FLAG : 0);
    g[REG_EIP] = (greg_t)(uintptr_t)CODE;
    g[REG_ESP] = (greg_t)(uintptr_t)(STACK + STACK_BYTES / 2);
    g[REG_CS] = (greg_t)own_cs;
    g[REG_SS] = g[REG_DS] = g[REG_ES] = (greg_t)own_ss;
    g[REG_FS] = g[REG_GS] = 0;
    memcpy((uint8_t *)context->uc_mcontext.fpregs + LEGACY_BYTES, fpu, sizeof(fpu));
}

/* A signal's return keeps NT, so that the handler has to clear what a case may have set. */
static void caught(int signal, siginfo_t *info, void *context)
{
    static bool started;

    (void)signal, (void)info;
    asm volatile("mov %0, %%gs\n pushl $0x202\n popf" : : "r"(own_gs) : "cc", "memory");
    if (started)
        note(context);
    started = true;
    prepare(context);
}

static void catch_all(void)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
    static char other[65536];
    stack_t stack = {.ss_sp = other, .ss_size = sizeof(other)};
    struct sigaction action = {.sa_sigaction = caught, .sa_flags = SA_SIGINFO | SA_ONSTACK};

    sigaltstack(&stack, NULL);
    for (unsigned i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        sigaction(signals[i], &action, NULL);
}

static void map_at(uint8_t *at, size_t bytes)
{
    if (mmap(at, bytes, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
             -1, 0) != at)
        exit(1);
}

int main(int argument_count, char **argument)
{
    uint32_t seed = argument_count > 2 ? (uint32_t)strtoul(argument[2], NULL, 10) : 1;

    if (argument_count > 1)
        count = (uint32_t)strtoul(argument[1], NULL, 10);
    show_all = argument_count > 3;
    setvbuf(stdout, NULL, _IOLBF, 4096);
    map_at(CODE, 0x4000);
    map_at(DATA, INSN_WINDOW);
    map_at(STACK, STACK_BYTES);
    catch_all();
    asm("mov %%cs, %0\n mov %%ss, %1\n mov %%gs, %2" : "=r"(own_cs), "=r"(own_ss), "=r"(own_gs));
    source.state = seed * 2654435761u | 1;
    asm volatile("fninit\n int3"); /* whose handler goes on with the cases, and never comes back */
    return 1;
}
