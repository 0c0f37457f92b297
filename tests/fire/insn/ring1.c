/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The cases of generate.h in ring 1, as a guest kernel; exceptions come by its trap table. The
 * command line is `COUNT seed=N`. Each report is a line `insn INSTRUCTIONS HASH`, the same in every
 * timing. What such code may end is this domain, and nothing else.
 */
#include "tests/fire/insn/generate.h"
#include "tests/guest/kit/kit.h"

enum { CODE_PAGE = 2, DATA_PAGE = 6, STACK_PAGE = 9, STACK_PAGES = 8, REFILL = 64, REPORT = 1024 };

/* void insn_enter(void *state): struct user_state, in ring 1, on the stack that it names. */
void insn_enter(void *state);
asm(".text\n.globl insn_enter\n"
    "insn_enter: mov 4(%esp), %eax\n mov 12(%eax), %esp\n push 8(%eax)\n push 4(%eax)\n"
    "  push 0(%eax)\n mov 40(%eax), %ebx\n mov 44(%eax), %ecx\n mov 48(%eax), %edx\n"
    "  mov 52(%eax), %esi\n mov 56(%eax), %edi\n mov 60(%eax), %ebp\n mov 36(%eax), %eax\n iret\n");

static struct insn_random source = {.ring1 = true};
static uint32_t hash = 2166136261u;
static uint8_t fpu[INSN_FPU] __attribute__((aligned(16)));

static uint32_t number(const char *text)
{
    uint32_t n = 0;

    for (; *text >= '0' && *text <= '9'; text++)
        n = n * 10 + (uint32_t)(*text - '0');
    return n;
}

static uint32_t seed_of(const char *line)
{
    for (; *line; line++)
        if (starts_with(line, "seed="))
            return number(line + 5);
    return 1;
}

static void run(const struct insn_case *c)
{
    struct user_state state = user_state();

    state.cs = FLAT_RING1_CS;
    state.eip = USER_BASE + CODE_PAGE * PAGE_SIZE;
    state.esp = USER_BASE + (STACK_PAGE + STACK_PAGES / 2) * PAGE_SIZE;
    state.eflags |= c->single ? 0x100 : 0;
    state.eax = c->reg[0];
    state.ecx = c->reg[1];
    state.edx = c->reg[2];
    state.ebx = c->reg[3];
    state.ebp = c->reg[5];
    state.esi = c->reg[6];
    state.edi = c->reg[7];
    asm volatile("fxrstor %0" : : "m"(fpu));
    if (!trapped(insn_enter, &state))
        give_up("the code came back without a trap");
}

/*
 * Forgets what a case has left whose outcome depends on the time, and breakpoints: while one is
 * armed, the simulator looks for it at each instruction.
 */
static void forget(void)
{
    expect(HYPERCALL(set_debugreg, 7, 0), 0);
    insn_fill(&source, (uint8_t *)(USER_BASE + DATA_PAGE * PAGE_SIZE));
    memset((uint8_t *)(USER_BASE + STACK_PAGE * PAGE_SIZE), 0, STACK_PAGES * PAGE_SIZE);
}

static void note(const struct insn_case *c)
{
    struct insn_outcome o = {
        .vector = trap.vector,
        .error = trap.error,
        .address = trap_cr2,
        .eip = trap.eip,
        .flags = trap.eflags,
        .reg = {trap.eax, trap.ecx, trap.edx, trap.ebx, 0, trap.ebp, trap.esi, trap.edi}};

    static uint8_t image[INSN_FPU] __attribute__((aligned(16)));

    if (!c->comparable) {
        forget();
        return;
    }
    asm volatile("fxsave %0" : "=m"(image));
    hash = insn_hash_fpu(insn_hash_outcome(hash, &o), image);
}

void test(void)
{
    uint8_t *code = (uint8_t *)(USER_BASE + CODE_PAGE * PAGE_SIZE);
    uint8_t *data = (uint8_t *)(USER_BASE + DATA_PAGE * PAGE_SIZE);
    uint32_t count = number((const char *)start->cmd_line);
    struct insn_case c;

    for (unsigned i = CODE_PAGE; i < STACK_PAGE + STACK_PAGES; i++)
        expect(user_map(i, USER_ENTRY(page_alloc())), 0);
    source.window = (uint32_t)data;
    source.state = seed_of((const char *)start->cmd_line) * 2654435761u | 1;
    for (uint32_t done = 0, cases = 0; done < count; cases++) {
        if (cases % REFILL == 0) {
            hash = insn_hash_bytes(hash, data, INSN_WINDOW);
            insn_fill(&source, data);
            insn_fill_fpu(&source, fpu);
        }
        insn_generate(&source, code, &c);
        run(&c);
        note(&c);
        done += c.single ? 1 : trap.eip - (uint32_t)code < c.bytes ? 1 : c.instructions;
        if (cases % REPORT == 0 || done >= count)
            print("insn %u %x\n", done, hash);
    }
    expect(HYPERCALL(xen_version, XENVER_pagesize, NULL), PAGE_SIZE);
}
