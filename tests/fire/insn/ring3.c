/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ring3 COUNT SEED: the cases of generate.h in ring 3; exceptions come as signals, on a stack of
 * their own. FS and GS are null, since what they lead to is the C library's. Each report is a line
 * `insn INSTRUCTIONS HASH`, the same on the bare kernel and in a domain, in every timing.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "tests/fire/insn/generate.h"

#define CODE  ((uint8_t *)0x10000000) /* 4 pages, and nothing behind */
#define DATA  ((uint8_t *)0x10010000)
#define STACK ((uint8_t *)0x10100000) /* 64 KB each way */

enum { STACK_BYTES = 0x20000, TRAP_FLAG = 0x100, REPORT = 1024 };

struct start {
    uint32_t reg[8], flags, eip, esp, cs;
};

/* What the assembly below uses. */
struct start insn_start;
uint32_t insn_saved_esp;
void insn_enter(void);
extern char insn_back[];

asm(".text\n.globl insn_enter\n.globl insn_back\n"
    "insn_enter: pusha\n push %ds\n push %es\n push %fs\n push %gs\n mov %esp, insn_saved_esp\n"
    "  fninit\n mov insn_start+40, %esp\n pushl insn_start+32\n pushl insn_start+44\n"
    "  pushl insn_start+36\n xor %eax, %eax\n mov %eax, %fs\n mov %eax, %gs\n mov insn_start, "
    "%eax\n mov insn_start+4, %ecx\n"
    "  mov insn_start+8, %edx\n mov insn_start+12, %ebx\n mov insn_start+20, %ebp\n"
    "  mov insn_start+24, %esi\n mov insn_start+28, %edi\n iret\n"
    "insn_back: pop %gs\n pop %fs\n pop %es\n pop %ds\n cld\n popa\n ret\n");

static struct insn_outcome outcome;

static void caught(int signal, siginfo_t *info, void *context)
{
    greg_t *g = ((ucontext_t *)context)->uc_mcontext.gregs;
    unsigned stack;

    (void)signal, (void)info;
    outcome = (struct insn_outcome){.vector = (uint32_t)g[REG_TRAPNO],
                                    .error = (uint32_t)g[REG_ERR],
                                    .address = ((ucontext_t *)context)->uc_mcontext.cr2,
                                    .eip = (uint32_t)g[REG_EIP],
                                    .flags = (uint32_t)g[REG_EFL],
                                    .reg = {(uint32_t)g[REG_EAX], (uint32_t)g[REG_ECX],
                                            (uint32_t)g[REG_EDX], (uint32_t)g[REG_EBX], 0,
                                            (uint32_t)g[REG_EBP], (uint32_t)g[REG_ESI],
                                            (uint32_t)g[REG_EDI]}};
    asm("mov %%ss, %0" : "=r"(stack));
    g[REG_DS] = g[REG_ES] = (greg_t)stack;
    g[REG_EIP] = (greg_t)(uintptr_t)insn_back;
    g[REG_ESP] = (greg_t)insn_saved_esp;
    g[REG_EFL] = 0x202;
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

int main(int count_of, char **argument)
{
    struct insn_random source = {.window = (uint32_t)(uintptr_t)DATA};
    uint32_t count = count_of > 1 ? (uint32_t)strtoul(argument[1], NULL, 10) : 100000;
    uint32_t seed = count_of > 2 ? (uint32_t)strtoul(argument[2], NULL, 10) : 1;
    uint32_t hash = 2166136261u, cs;
    struct insn_case c;

    setvbuf(stdout, NULL, _IOLBF, 4096);
    map_at(CODE, 0x4000);
    map_at(DATA, INSN_WINDOW);
    map_at(STACK, STACK_BYTES);
    catch_all();
    asm("mov %%cs, %0" : "=r"(cs));
    source.state = seed * 2654435761u | 1;
    for (uint32_t done = 0, cases = 0; done < count; cases++) {
        if (cases % 64 == 0)
            insn_fill(&source, DATA);
        insn_generate(&source, CODE, &c);
        for (unsigned i = 0; i < 8; i++)
            insn_start.reg[i] = c.reg[i];
        insn_start.flags = 0x202 | (c.single ? TRAP_FLAG : 0);
        insn_start.eip = (uint32_t)(uintptr_t)CODE;
        insn_start.esp = (uint32_t)(uintptr_t)STACK + STACK_BYTES / 2;
        insn_start.cs = cs;
        insn_enter();
        if (c.comparable)
            hash = insn_hash_outcome(hash, &outcome);
        else
            insn_fill(&source, DATA);
        done += c.single || outcome.eip - insn_start.eip < c.bytes ? 1 : c.instructions;
        if (count_of > 3) /* all cases, to find the first that differs */
            printf(
                "case %u: %02x %02x %02x %02x %02x %02x, %u: vector %u error %x at %x eip %x %x\n",
                cases, CODE[0], CODE[1], CODE[2], CODE[3], CODE[4], CODE[5], c.instructions,
                outcome.vector, outcome.error, outcome.address, outcome.eip, hash);
        if (cases % REPORT == 0 || done >= count) {
            printf("insn %u %x\n", done, hash);
        }
    }
    return 0;
}
