/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Under the writable_pagetables assist an instruction that writes an entry does what it does to
 * plain memory: the same result, registers and flags, of one byte, four or eight, whatever its
 * form. Each form is run on both.
 */
#include "tests/guest/kit/kit.h"

#define FLAGS     0x8c5U /* CF, PF, ZF, SF, OF; AF means nothing after logic */
#define CARRY     0x001U /* all that the instructions on bits define */
#define AVAILABLE 0xe00U /* the bits of an entry that are changed here: the kernel's own */

struct state {
    uint64_t *at;
    uint32_t a, b, c, d, flags;
};

#define FORM(name, text)                                                                           \
    static void name(void *argument)                                                               \
    {                                                                                              \
        struct state *s = argument;                                                                \
        asm volatile(text "\n\tpushf\n\tpop %%esi"                                                 \
                     : "+a"(s->a), "+d"(s->d), "=S"(s->flags)                                      \
                     : "b"(s->b), "c"(s->c), "D"(s->at)                                            \
                     : "cc", "memory");                                                            \
    }
/*
 * EAX and EDX begin as the entry, EBX and ECX as the entry with a bit changed; but for bit numbers.
 */
FORM(or_byte, "orb $2, 1(%%edi)")
FORM(and_byte, "lock andb $0xfb, 1(%%edi)")
FORM(and_byte_patched, "ds andb $0xf7, 1(%%edi)")
FORM(xor_byte, "xorb $8, 1(%%edi)")
FORM(or_register, "orl %%ebx, (%%edi)")
FORM(and_register_byte, "andb %%bh, 1(%%edi)")
FORM(xor_long, "xorl $0x600, (%%edi)")
FORM(bit_set, "lock btsl $9, (%%edi)")
FORM(bit_clear, "btrl $10, (%%edi)")
FORM(bit_flip, "btcl $11, (%%edi)")
FORM(bit_set_register, "mov $11, %%edx\n\tbtsl %%edx, (%%edi)")
FORM(bit_clear_register, "mov $9, %%edx\n\tlock btrl %%edx, (%%edi)")
FORM(move, "movl %%ebx, (%%edi)")
FORM(move_byte, "movb %%bh, 1(%%edi)")
FORM(exchange, "xchgl %%ebx, (%%edi)\n\tmov %%ebx, %%edx")
FORM(exchange_byte, "mov %%ebx, %%edx\n\txchgb %%dh, 1(%%edi)")
FORM(compare_equal, "lock cmpxchgl %%ebx, (%%edi)")
FORM(compare_unequal, "mov $0x12345678, %%eax\n\tcmpxchgl %%ebx, (%%edi)")
FORM(compare_byte, "mov %%ah, %%al\n\tmov %%bh, %%bl\n\tcmpxchgb %%bl, 1(%%edi)")

static const struct {
    const char *name;
    void (*run)(void *);
    uint32_t flags;
} forms[] = {
#define ONE(name)                                                                                  \
    {                                                                                              \
#name, name, FLAGS                                                                         \
    }
#define BIT(name)                                                                                  \
    {                                                                                              \
#name, name, CARRY                                                                         \
    }
    ONE(or_byte),
    ONE(and_byte),
    ONE(and_byte_patched),
    ONE(xor_byte),
    ONE(or_register),
    ONE(and_register_byte),
    ONE(xor_long),
    ONE(move),
    ONE(move_byte),
    ONE(exchange),
    ONE(exchange_byte),
    ONE(compare_equal),
    ONE(compare_unequal),
    ONE(compare_byte),
    BIT(bit_set),
    BIT(bit_clear),
    BIT(bit_flip),
    BIT(bit_set_register),
    BIT(bit_clear_register),
};

static struct state begin(uint64_t *at, uint32_t low)
{
    return (struct state){.at = at, .a = low, .b = low ^ 0x400, .c = low ^ 0x400, .d = low};
}

/* Each form from each of the eight values that the free bits can have. */
void test(void)
{
    void *window = page_alloc();
    uint64_t *entry = l1_entry((unsigned long)window), *plain = page_alloc();
    uint64_t clean = MFN_PTE(mfn_of(window), PTE_P | PTE_W | PTE_A | PTE_D);

    expect(HYPERCALL(vm_assist, VMASST_CMD_enable, VMASST_TYPE_writable_pagetables), 0);
    for (unsigned i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        for (uint32_t free = 0; free <= AVAILABLE; free += 0x200) {
            struct state there = begin(entry, (uint32_t)clean | free), here = there;

            expect(pte_write(machine_of(entry), clean | free), 0);
            *plain = clean | free;
            here.at = plain;
            forms[i].run(&here);
            if (!check(!trapped(forms[i].run, &there), "%s: vector %u", forms[i].name, trap.vector))
                break;
            check(*entry == *plain, "%s of %x: %llx instead of %llx", forms[i].name, free, *entry,
                  *plain);
            check(there.a == here.a && there.d == here.d, "%s of %x: registers %x %x, not %x %x",
                  forms[i].name, free, there.a, there.d, here.a, here.d);
            check(!((there.flags ^ here.flags) & forms[i].flags), "%s of %x: flags %x, not %x",
                  forms[i].name, free, there.flags, here.flags);
        }
    expect(pte_write(machine_of(entry), clean), 0);
}
