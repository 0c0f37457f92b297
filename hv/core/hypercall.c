/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hypercall.c - `int $0x82`, and many calls in one
 *
 * EAX holds the number, EBX ECX EDX ESI EDI EBP the arguments; EAX returns the result. The table is
 * hypercalls.def. A long operation that ought to let go is repeated: the guest's EIP is set back
 * over the two bytes of the instruction and its registers hold what is left to do; or, of a call in
 * a multicall, its entry's arguments do and the registers hold the rest of the list.
 */
#include "hv/include/hypercall.h"
#include "hv/include/errors.h"
#include "hv/include/lib.h"
#include "hv/include/arch/layout.h"
#include "hv/include/mm.h"
#include "hv/include/perfc.h"
#include "hv/include/arch/percpu.h"
#include "hv/include/time.h"
#include "hv/include/arch/traps.h"
#include "hv/include/arch/uaccess.h"

#define INT_INSTRUCTION_BYTES 2
#define HYPERCALL_STUB_BYTES  32
#define LOOK_EVERY            MICROSECONDS(100)
#define CONTINUATION          (-0x7fffffffl) /* between handlers and hypercall(): not a result */

typedef long hypercall_function(const unsigned long *args);

static hypercall_function *const functions[] = {
#define HYPERCALL(number, name, arguments, function) [number] = function,
#define ABSENT(number, name)
#include "include/xenolith/hypercalls.def"
#undef HYPERCALL
#undef ABSENT
};

static const uint16_t counters[] = {
#define HYPERCALL(number, name, arguments, function) [number] = PERFC_hypercall_##name,
#define ABSENT(number, name)                         [number] = PERFC_hypercall_##name,
#include "include/xenolith/hypercalls.def"
#undef HYPERCALL
#undef ABSENT
};

status not_implemented(void)
{
    perfc_count(enosys);
    return -ENOSYS;
}

static long call(unsigned long number, const unsigned long *args)
{
    if (number < ARRAY_SIZE(counters) && counters[number])
        perfc_add_to(counters[number], 1);
    if (number >= ARRAY_SIZE(functions) || !functions[number])
        return not_implemented();
    return functions[number](args);
}

void hypercall(cpu_regs *regs)
{
    unsigned long number = regs->eax;
    unsigned long args[HYPERCALL_ARGUMENTS] = {regs->ebx, regs->ecx, regs->edx,
                                               regs->esi, regs->edi, regs->ebp};
    long result;

    perfc_count(hypercalls);
    this_cpu()->multicall_args = NULL; /* one that ended with its domain left it */
    result = call(number, args);
    if (result == CONTINUATION)
        regs->eip -= INT_INSTRUCTION_BYTES;
    else if (result != HYPERCALL_RESUMED)
        regs->eax = (uint32_t)result;
}

/* Whether there is something else to do, or something to tell the guest. */
static bool wanted_elsewhere(const struct cpu *cpu)
{
    const struct vcpu_info *info = cpu->current->vcpu_info;

    return cpu->reschedule || cpu->flush_wanted || cpu->unload_wanted ||
           (info->evtchn_upcall_pending && !info->evtchn_upcall_mask);
}

/*
 * Between short calls the clock need not be read: the timer's interrupt says what is due, and is
 * let in. What makes it wait is the call before, which looks at the clock itself if it is long.
 */
static bool interrupted(const struct cpu *cpu)
{
    take_interrupts();
    return wanted_elsewhere(cpu);
}

bool hypercall_should_yield(void)
{
    struct cpu *cpu = this_cpu();
    nanoseconds time = now();

    if (time - cpu->looked_at >= LOOK_EVERY) {
        cpu->looked_at = time;
        take_interrupts();
    }
    return wanted_elsewhere(cpu) || timers_due(time);
}

long hypercall_continue(const unsigned long *args, unsigned count)
{
    cpu_regs *regs = guest_regs();
    struct cpu *cpu = this_cpu();
    uint32_t *const registers[HYPERCALL_ARGUMENTS] = {&regs->ebx, &regs->ecx, &regs->edx,
                                                      &regs->esi, &regs->edi, &regs->ebp};

    perfc_count(continuations);
    for (unsigned i = 0; i < count; i++) {
        if (cpu->multicall_args)
            cpu->multicall_args[i] = args[i];
        else
            *registers[i] = (uint32_t)args[i];
    }
    return CONTINUATION;
}

long do_multicall(const unsigned long *args)
{
    struct multicall_entry *list = (struct multicall_entry *)args[0];
    struct cpu *cpu = this_cpu();
    unsigned long count = args[1], i;

    if (cpu->multicall_args)
        return -EINVAL;
    if (count > HV_VIRT_START / sizeof(*list))
        return -EFAULT;
    for (i = 0; i < count; i++) {
        struct multicall_entry entry;
        long result;

        if (i > 0 && interrupted(cpu)) {
            unsigned long rest[2] = {(unsigned long)(list + i), count - i};

            return hypercall_continue(rest, 2);
        }
        if (copy_from_guest(&entry, &list[i], sizeof(entry)))
            return -EFAULT;
        perfc_count(multicall_calls);
        cpu->multicall_args = entry.args;
        result = call(entry.op, entry.args);
        cpu->multicall_args = NULL;
        if (result == HYPERCALL_RESUMED)
            return result; /* the guest is elsewhere: the list ends here */
        if (result == CONTINUATION) {
            unsigned long rest[2] = {(unsigned long)(list + i), count - i};

            /*
             * What is left of a long call stands in its entry, where the guest could write it too.
             */
            if (copy_to_guest(&list[i].args, entry.args, sizeof(entry.args)))
                return -EFAULT;
            return hypercall_continue(rest, 2);
        }
        if (word_to_guest(cpu, &list[i].result, (uint32_t)result))
            return -EFAULT;
    }
    return 0;
}

void hypercall_page_write(uint8_t *page)
{
    memset(page, 0xcc, PAGE_SIZE);
    for (unsigned n = 0; n < PAGE_SIZE / HYPERCALL_STUB_BYTES; n++) {
        uint8_t *stub = page + n * HYPERCALL_STUB_BYTES;

        if (n == __HYPERVISOR_iret)
            *stub++ = 0x50; /* push %eax: part of the frame that iret takes back */
        stub[0] = 0xb8;     /* mov $n, %eax */
        stub[1] = (uint8_t)n;
        stub[2] = stub[3] = stub[4] = 0;
        stub[5] = 0xcd; /* int $0x82 */
        stub[6] = HYPERCALL_VECTOR;
        if (n != __HYPERVISOR_iret)
            stub[7] = 0xc3; /* ret */
    }
}

status hypercall_page_install(const struct domain *domain, mfn number)
{
    status result;

    lock(&mm_lock);
    result = frame_get(number, domain->id);
    if (!result && frame_get_type(number, FRAME_WRITABLE)) {
        frame_put(number);
        result = -EPERM;
    }
    if (!result) {
        uint8_t *page = map_frame(number);

        hypercall_page_write(page);
        unmap_frame(page);
        frame_put_with_type(number);
    }
    unlock(&mm_lock);
    return result;
}
