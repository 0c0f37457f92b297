/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * segments.c - accesses through segments that are not flat: a line each, to be compared between
 * processors
 *
 * Each kind of segment that set_thread_area(2) makes is loaded into FS, GS, ES or DS in turn, and
 * each access tried at its edges: what it said, and whether memory changed. Linear addresses are
 * all mapped, so that the segment alone decides.
 */
#define _GNU_SOURCE
#include <asm/ldt.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define AREA 0x20000000u /* 128 kB of memory, the base in its middle */
#define HALF 0x10000u

extern volatile uint32_t offset, selector;
volatile uint32_t offset, selector, resume, error, trapped, stack;

static void handler(int number, siginfo_t *info, void *context)
{
    greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
    uint32_t flat;

    (void)number, (void)info;
    __asm__ volatile("mov %%ss, %0\n\tmov %0, %%ds\n\tmov %0, %%es" : "=r"(flat));
    trapped = (uint32_t)r[REG_TRAPNO];
    error = (uint32_t)r[REG_ERR];
    r[REG_EIP] = (greg_t)resume;
    r[REG_DS] = r[REG_ES] = r[REG_SS];
}

/* load: into which register; try: the access, with the offset in ESI and EDI, ECX as it says. */
#define ACCESS(name, load, try)                                                                    \
    static void name(void)                                                                         \
    {                                                                                              \
        __asm__ volatile(                                                                          \
            "pusha\n\tpush %%fs\n\tmov selector, %%eax\n\tmov offset, %%esi\n\t"                   \
            "mov %%esi, %%edi\n\tmovl $1f, resume\n\tmovl $0, trapped\n\tmov %%esp, stack\n\t"     \
            "mov $1, %%ecx\n\tmov $0x5a5a5a5a, %%edx\n\t" load "\n\t"                              \
            "mov $0x77777777, %%eax\n\t" try                                                       \
            "\n1:\tmov %%ss, %%eax\n\tmov %%eax, %%ds\n\tmov %%eax, %%es\n\t"                      \
            "mov stack, %%esp\n\tpop %%fs\n\tpopa" ::                                              \
                : "memory", "cc");                                                                 \
    }
#define IN_FS "mov %%eax, %%fs"
#define IN_DS "mov %%eax, %%ds"
#define IN_ES "mov %%eax, %%es"

ACCESS(read_1, IN_FS, "movb %%fs:(%%esi), %%dl")
ACCESS(read_4, IN_FS, "movl %%fs:(%%esi), %%edx")
ACCESS(read_8, IN_FS, "fldl %%fs:(%%esi)\n\tfstp %%st(0)")
ACCESS(read_16, IN_FS, "movups %%fs:(%%esi), %%xmm0")
ACCESS(write_1, IN_FS, "movb %%dl, %%fs:(%%esi)")
ACCESS(write_4, IN_FS, "movl %%edx, %%fs:(%%esi)")
ACCESS(modify_4, IN_FS, "addl %%edx, %%fs:(%%esi)")
ACCESS(compare_4, IN_FS, "cmpl %%edx, %%fs:(%%esi)")
ACCESS(locked_8, IN_FS, "mov %%edx, %%eax\n\tlock cmpxchg8b %%fs:(%%esi)")
ACCESS(push_4, IN_FS, "push %%fs:(%%esi)\n\tpop %%edx")
ACCESS(pop_4, IN_FS, "push %%edx\n\tpop %%fs:(%%esi)")
ACCESS(indexed_4, IN_FS, "movl %%fs:-4(%%esi,%%ecx,4), %%edx")
ACCESS(test_bit, IN_FS, "mov $-32, %%ecx\n\tbtl %%ecx, %%fs:4(%%esi)")
ACCESS(address, IN_FS, "lea (%%esi), %%edx\n\tprefetcht0 %%fs:(%%esi)")
ACCESS(data_read, IN_DS, "movl (%%esi), %%edx")
ACCESS(data_write, IN_DS, "movl %%edx, (%%esi)")
ACCESS(stack_read, IN_DS, "mov %%esp, %%ebp\n\tmovl (%%ebp), %%edx\n\tmovl (%%esp), %%edx")
ACCESS(store_string, IN_ES, "stosl")
ACCESS(no_string, IN_ES, "xor %%ecx, %%ecx\n\trep stosl")
ACCESS(strings, IN_ES, "mov $3, %%ecx\n\trep stosl")
ACCESS(move_from, IN_FS,
       "mov $area + 0x10000, %%edi\n\tmov $2, %%ecx\n\trep movsl %%fs:(%%esi), %%es:(%%edi)")
ACCESS(scan, IN_ES, "scasb")
ACCESS(save_512, IN_FS, "and $-16, %%esi\n\tfxsave %%fs:(%%esi)")
ACCESS(store_fpu, IN_FS, "fldz\n\tfstpl %%fs:(%%esi)")
ACCESS(store_int, IN_FS, "fldz\n\tfistpl %%fs:(%%esi)")
ACCESS(store_10, IN_FS, "fldz\n\tfstpt %%fs:(%%esi)")
ACCESS(store_bcd, IN_FS, "fldz\n\tfbstp %%fs:(%%esi)")
ACCESS(control_word, IN_FS, "fnstcw %%fs:(%%esi)")
ACCESS(status_word, IN_FS, "fninit\n\tfnstsw %%fs:(%%esi)")
ACCESS(save_28, IN_FS, "fnstenv %%fs:(%%esi)")
ACCESS(save_108, IN_FS, "fnsave %%fs:(%%esi)")
ACCESS(mxcsr, IN_FS, "stmxcsr %%fs:(%%esi)")
ACCESS(set_byte, IN_FS, "cmp %%edx, %%edx\n\tsete %%fs:(%%esi)")
ACCESS(store_16, IN_FS, "movups %%xmm0, %%fs:(%%esi)")
ACCESS(store_half, IN_FS, "movlps %%xmm0, %%fs:(%%esi)")
ACCESS(store_past, IN_FS, "movnti %%edx, %%fs:(%%esi)")
ACCESS(store_mmx, IN_FS, "movd %%mm0, %%fs:(%%esi)\n\temms")
ACCESS(exchange, IN_FS, "xchg %%edx, %%fs:(%%esi)")
ACCESS(add_exchange, IN_FS, "lock xadd %%edx, %%fs:(%%esi)")
ACCESS(compare_exchange, IN_FS, "lock cmpxchg %%edx, %%fs:(%%esi)")
ACCESS(set_bit, IN_FS, "btsl $3, %%fs:(%%esi)")
ACCESS(shift, IN_FS, "shldl $4, %%edx, %%fs:(%%esi)")
ACCESS(negate, IN_FS, "negl %%fs:(%%esi)")
ACCESS(rotate, IN_FS, "rcll $1, %%fs:(%%esi)")
ACCESS(store_moffs, IN_FS, "movl %%eax, %%fs:0xffc")
ACCESS(load_moffs, IN_FS, "movl %%fs:0xffd, %%eax")
ACCESS(bound_pair, IN_FS, "mov $0x11111111, %%edx\n\tbound %%edx, %%fs:(%%esi)")
ACCESS(narrow, IN_FS, "addr16 movl %%fs:(%%si), %%edx")
ACCESS(through_cs, "",
       "lea area + 0x10000, %%esi\n\tmovl %%cs:(%%esi), %%edx\n\tmovl %%edx, %%cs:(%%esi)")

static const struct {
    const char *name;
    void (*try)(void);
} accesses[] = {
    {"read-1", read_1},
    {"read-4", read_4},
    {"read-8", read_8},
    {"read-16", read_16},
    {"write-1", write_1},
    {"write-4", write_4},
    {"modify-4", modify_4},
    {"compare-4", compare_4},
    {"locked-8", locked_8},
    {"push-4", push_4},
    {"pop-4", pop_4},
    {"indexed-4", indexed_4},
    {"test-bit", test_bit},
    {"address", address},
    {"data-read", data_read},
    {"data-write", data_write},
    {"stack-read", stack_read},
    {"store-string", store_string},
    {"no-string", no_string},
    {"strings", strings},
    {"move-from", move_from},
    {"scan", scan},
    {"save-512", save_512},
    {"store-fpu", store_fpu},
    {"store-int", store_int},
    {"store-10", store_10},
    {"store-bcd", store_bcd},
    {"control-word", control_word},
    {"status-word", status_word},
    {"save-28", save_28},
    {"save-108", save_108},
    {"mxcsr", mxcsr},
    {"set-byte", set_byte},
    {"store-16", store_16},
    {"store-half", store_half},
    {"store-past", store_past},
    {"store-mmx", store_mmx},
    {"exchange", exchange},
    {"add-exchange", add_exchange},
    {"compare-exchange", compare_exchange},
    {"set-bit", set_bit},
    {"shift", shift},
    {"negate", negate},
    {"rotate", rotate},

    {"store-moffs", store_moffs},
    {"load-moffs", load_moffs},
    {"bound-pair", bound_pair},
    {"narrow", narrow},
    {"through-cs", through_cs},
};

__asm__(".globl area\n.set area, 0x20000000");

static const struct {
    const char *name;
    uint32_t limit;
    unsigned pages, contents, read_only;
    uint32_t offsets[6];
} kinds[] = {
    {"bytes", 0xfff, 0, 0, 0, {0, 0xff0, 0xffc, 0xffd, 0xfff, 0x1000}},
    {"pages", 1, 1, 0, 0, {0, 0x1ff0, 0x1ffc, 0x1ffd, 0x1fff, 0x2000}},
    {"one-byte", 0, 0, 0, 0, {0, 1, 4, 0xffffffff, 0xffffff00, 0x80}},
    {"down", 0xfff, 0, 1, 0, {0, 0xfff, 0x1000, 0x1004, 0xfff0, 0xfffffffc}},
    {"read-only", 0xfff, 0, 0, 1, {0, 0xff0, 0xffc, 0xffd, 0xfff, 0x1000}},
    {"flat-read-only", 0xfffff, 1, 0, 1, {0, 0x1000, 0xffffff00, 0xfff0, 4, 8}},
};

static void report(const char *kind, unsigned access)
{
    uint32_t *area = (uint32_t *)(AREA + HALF), sum = 0;

    memset((void *)AREA, 0x11, 2 * HALF);
    accesses[access].try();
    for (unsigned i = 0; i < HALF / 4; i++)
        sum = sum * 31 + area[i] + ((uint32_t *)AREA)[i];
    if (strncmp(accesses[access].name, "save", 4) == 0 && !trapped)
        sum = 0; /* what is stored differs */
    printf("%s %s %x: trap %x error %x memory %x\n", kind, accesses[access].name, offset, trapped,
           error, sum);
    error = 0;
}

int main(void)
{
    static char other[16384];
    stack_t alternate = {.ss_sp = other, .ss_size = sizeof(other)};
    unsigned entry = (unsigned)-1; /* any */
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK};

    mmap((void *)AREA, 2 * HALF, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
         -1, 0);
    sigaltstack(&alternate, NULL);
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
    for (unsigned k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        struct user_desc d = {.entry_number = entry,
                              .base_addr = AREA + HALF,
                              .limit = kinds[k].limit,
                              .seg_32bit = 1,
                              .contents = kinds[k].contents,
                              .read_exec_only = kinds[k].read_only,
                              .limit_in_pages = kinds[k].pages,
                              .useable = 1};

        if (syscall(SYS_set_thread_area, &d)) {
            printf("%s: no such segment\n", kinds[k].name);
            continue;
        }
        entry = d.entry_number;
        selector = entry * 8 | 3;
        for (unsigned o = 0; o < 6; o++)
            for (unsigned a = 0; a < sizeof(accesses) / sizeof(accesses[0]); a++) {
                offset = kinds[k].offsets[o];
                report(kinds[k].name, a);
            }
    }
    selector = 0;
    offset = 0x1000;
    for (unsigned a = 0; a < sizeof(accesses) / sizeof(accesses[0]); a++)
        report("null", a);
    return 0;
}
