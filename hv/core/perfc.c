/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * perfc.c - the counter table and the announcements
 *
 * The table has the form that include/xenolith/announce.h asks for, so that the simulator reads the
 * very words that the hypervisor counts in. The image is contiguous in physical memory, and so is
 * the table.
 */
#include "hv/include/perfc.h"
#include "hv/include/arch/layout.h"
#include "hv/include/arch/x86.h"

_Static_assert(offsetof(struct perfc_table, counter) == sizeof(struct announced_counters),
               "announce.h");

struct perfc_table perfc_table = {
    .magic = ANNOUNCE_COUNTERS_MAGIC,
    .count = PERFC_COUNT,
    .counter =
        {
#define PERFC(identifier, text) [PERFC_##identifier] = {.name = text},
#include "hv/include/perfc.def"
#undef PERFC
#define HYPERCALL(number, name_, arguments, function)                                              \
    [PERFC_hypercall_##name_] = {.name = "hypercall." #name_},
#define ABSENT(number, name_) [PERFC_hypercall_##name_] = {.name = "hypercall." #name_},
#include "include/xenolith/hypercalls.def"
#undef HYPERCALL
#undef ABSENT
#define OPERATION(hypercall, command, name_)                                                       \
    [PERFC_op_##hypercall##_##name_] = {.name = "op." #hypercall "." #name_},
#define OPERATION_ABSENT(hypercall, command, name_) OPERATION(hypercall, command, name_)
#define OPERATION_UNHEARD(hypercall, command)
#include "include/xenolith/operations.def"
#undef OPERATION
#undef OPERATION_ABSENT
#undef OPERATION_UNHEARD
        },
};

static bool announcing;

void announce_init(void)
{
    uint32_t a, b, c, d;

    cpuid(ANNOUNCE_LEAF_SIGNATURE, &a, &b, &c, &d);
    if (b != ANNOUNCE_SIGNATURE_EBX || c != ANNOUNCE_SIGNATURE_ECX || d != ANNOUNCE_SIGNATURE_EDX)
        return;
    announcing = true;
    announce_guest_limit();
    __asm__ volatile("cpuid"
                     : "=a"(a), "=b"(b), "=c"(c), "=d"(d)
                     : "a"(ANNOUNCE_LEAF_COUNTERS), "c"(&perfc_table)
                     : "memory");
}

void announce_guest_limit(void)
{
    if (announcing)
        write_msr(ANNOUNCE_MSR_OUTER_LIMIT, GUEST_SEGMENT_END);
}

void announce_context(unsigned context)
{
    if (announcing)
        write_msr(ANNOUNCE_MSR_CONTEXT, context);
}

void announce_context_end(unsigned context)
{
    if (announcing)
        write_msr(ANNOUNCE_MSR_CONTEXT_END, context);
}

void announce_panic(uint32_t eip, uint32_t esp)
{
    if (announcing)
        write_msr(ANNOUNCE_MSR_PANIC, (uint64_t)eip << 32 | esp);
}
