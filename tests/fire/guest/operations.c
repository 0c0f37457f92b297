/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of operations, and the calls with few arguments. */
#include "tests/fire/guest/fuzz.h"

static unsigned used;
static bool nesting; /* the call is one of a multicall */

void *scratch(unsigned bytes)
{
    void *piece;

    if (used + bytes > SCRATCH_PAGES * PAGE_SIZE)
        used = 0;
    piece = (char *)arena.scratch + used;
    used += (bytes + 7) & ~7u;
    return memset(piece, 0, bytes);
}

static bool any_arguments(struct call *call)
{
    for (unsigned i = 0; i < 6; i++)
        call->args[i] = once_in(3) ? (unsigned long)any_buffer() : any_word();
    return true;
}

static bool make_set_trap_table(struct call *call)
{
    struct trap_info *traps = scratch(5 * sizeof(*traps));

    /* Not the vectors that we live on, but rarely. */
    for (unsigned i = 0; i < 4; i++)
        traps[i] = (struct trap_info){
            .vector = once_in(2000) ? below(256) : 0x20 + below(0xe0),
            .flags = below(8),
            .cs = once_in(2) ? FLAT_RING1_CS : any_word(),
            .address = once_in(4) ? any_word() : (unsigned long)event_entry,
        };
    call->args[0] = once_in(10) ? (unsigned long)any_buffer() | 1 : (unsigned long)traps;
    return true;
}

static bool make_stack_switch(struct call *call)
{
    call->args[0] = once_in(2) ? FLAT_RING1_SS : any_word();
    call->args[1] = once_in(2) ? (unsigned long)trap_stack_top : any_word();
    return true;
}

static bool make_callbacks(struct call *call)
{
    for (unsigned i = 0; i < 4; i += 2) {
        call->args[i] = once_in(2) ? FLAT_RING1_CS : any_word();
        call->args[i + 1] = once_in(2) ? (unsigned long)event_entry : any_word();
    }
    return true;
}

/* Since boot, as the hypervisor says when asked: the shared page may say anything by now. */
static uint64_t system_time(void)
{
    struct vcpu_runstate_info info = {0};

    HYPERCALL(vcpu_op, VCPUOP_get_runstate_info, 0, &info);
    return info.state_entry_time;
}

/* Never off for good, but rarely; never asleep without a timer. */
static bool make_sched_op(struct call *call)
{
    struct sched_poll *poll = scratch(sizeof(*poll));
    unsigned *ports = scratch(16);
    struct sched_shutdown *shutdown = scratch(sizeof(*shutdown));
    struct sched_remote_shutdown *remote = scratch(sizeof(*remote));
    uint64_t soon = system_time() + MS / 50;

    for (unsigned i = 0; i < 4; i++)
        ports[i] = any_port();
    set_xen_guest_handle(poll->ports, once_in(10) ? any_buffer() : ports);
    poll->nr_ports = once_in(10) ? any_word() : below(5);
    poll->timeout = soon;
    shutdown->reason = 1 + below(4);
    remote->domain_id = any_domain();
    remote->reason = below(8);
    call->args[0] = below(9);
    call->args[1] = (unsigned long)poll;
    switch (call->args[0]) {
    case SCHEDOP_shutdown:
        if (!once_in(500))
            return false;
        call->args[1] = (unsigned long)shutdown;
        break;
    case SCHEDOP_shutdown_code:
        call->args[1] = (unsigned long)shutdown;
        break;
    case SCHEDOP_block:
        if (nesting || !once_in(40))
            return false;
        arena_restore();
        HYPERCALL(set_timer_op, soon, soon >> 32);
        break;
    case SCHEDOP_poll:
        if (once_in(10))
            call->args[1] = 0xF5800000 - below(16);
        return once_in(8);
    case SCHEDOP_remote_shutdown:
        call->args[1] = (unsigned long)remote;
        break;
    default:
        break;
    }
    return true;
}

static bool make_sched_op_compat(struct call *call)
{
    call->args[0] = below(5);
    call->args[1] = any_word();
    return call->args[0] != 1 && call->args[0] != SCHEDOP_shutdown;
}

static bool make_debug_register(struct call *call)
{
    call->args[0] = once_in(10) ? any_word() : below(8);
    call->args[1] =
        call->args[0] == 7 ? random() & once_in(2) * 0xffff00ff : (unsigned long)any_buffer();
    return true;
}

static bool make_event_op(struct call *call)
{
    uint32_t *op = scratch(32);

    op[0] = once_in(2) ? any_domain() | (uint32_t)any_peer() << 16 : any_port();
    op[1] = any_port();
    op[2] = any_port();
    call->args[0] = once_in(20) ? any_word() : below(14);
    switch (call->args[0]) {
    case EVTCHNOP_bind_interdomain:
        op[0] = any_peer();
        break;
    case EVTCHNOP_init_control: /* queues: a frame of 64 bits, where in it, whose */
    case EVTCHNOP_expand_array:
        op[0] = any_mfn();
        op[1] = once_in(10) ? any_word() : 0;
        op[2] = once_in(10) ? any_word() : 8 * below(505);
        op[3] = 0;
        arena.queues = true;
        break;
    default:
        break;
    }
    call->args[1] = once_in(15) ? (unsigned long)any_buffer() : (unsigned long)op;
    return true;
}

static bool make_event_op_compat(struct call *call)
{
    struct call modern = {0};

    make_event_op(&modern);
    call->args[0] = modern.args[1];
    return true;
}

static bool make_version(struct call *call)
{
    call->args[0] = once_in(10) ? any_word() : below(12);
    call->args[1] = (unsigned long)any_buffer();
    return true;
}

/* Silent: nothing is to be written but from where nothing can be read. */
static bool make_console_io(struct call *call)
{
    call->args[0] = once_in(4) ? any_word() : below(3);
    call->args[1] = once_in(2) ? 0 : any_word();
    call->args[2] = call->args[1] ? 0xF5800000 + below(4096) : (unsigned long)any_buffer();
    return true;
}

static bool make_vcpu_op(struct call *call)
{
    uint32_t *op = scratch(64);

    for (unsigned i = 0; i < 16; i++)
        op[i] = any_word();
    call->args[0] = once_in(10) ? any_word() : below(14);
    call->args[1] = once_in(10) ? any_word() : 0;
    call->args[2] = once_in(4) ? (unsigned long)any_buffer() : (unsigned long)op;
    /* The hypervisor keeps writing where this says: to the arena, or not at all. */
    if (call->args[0] == VCPUOP_register_runstate_memory_area ||
        call->args[0] == VCPUOP_register_vcpu_time_memory_area) {
        op[0] = once_in(4) ? 0xF5800000 - below(64)
                           : (unsigned long)arena.data[below(DATA_PAGES)] + below(PAGE_SIZE);
        call->args[2] = (unsigned long)op;
    }
    if (call->args[0] == VCPUOP_register_vcpu_info)
        return false; /* moves the words that mask our events */
    if (call->args[0] == VCPUOP_down)
        return once_in(500); /* of our only processor: the end */
    return true;
}

static bool make_callback_op(struct call *call)
{
    struct callback_register *op = scratch(sizeof(*op));

    op->type = below(9);
    op->flags = below(4);
    op->address.cs = once_in(2) ? FLAT_RING1_CS : any_word();
    op->address.eip = once_in(2) ? (unsigned long)event_entry : any_word();
    call->args[0] = below(3);
    call->args[1] = once_in(6) ? (unsigned long)any_buffer() : (unsigned long)op;
    return true;
}

static bool make_vm_assist(struct call *call)
{
    call->args[0] = below(3);
    call->args[1] = below(8);
    return true;
}

static bool make_physdev_op(struct call *call)
{
    uint32_t *op = scratch(32);

    op[0] = below(6);
    call->args[0] = once_in(4) ? any_word() : below(32);
    call->args[1] = (unsigned long)op;
    return true;
}

/* What only Domain 0 may: the right version number, any command. */
static bool make_control(struct call *call)
{
    uint32_t *op = scratch(128);

    for (unsigned i = 0; i < 32; i++)
        op[i] = any_word();
    op[0] = 1 + below(80);
    op[1] = once_in(2) ? 0x15 : any_word();
    op[2] = any_domain();
    call->args[0] = (unsigned long)op;
    return true;
}

static bool make_physdev_op_compat(struct call *call)
{
    uint32_t *op = scratch(32);

    op[0] = once_in(2) ? PHYSDEVOP_set_iopl : any_word();
    op[1] = below(6);
    call->args[0] = once_in(6) ? (unsigned long)any_buffer() : (unsigned long)op;
    return true;
}

static bool make_timer(struct call *call)
{
    uint64_t due = once_in(3) ? (uint64_t)random() << 32 | random() : system_time() + below(100000);

    call->args[0] = due;
    call->args[1] = due >> 32;
    return true;
}

static bool make_multicall(struct call *call)
{
    unsigned wanted = any_count(6, 24) - 1, count = 0;
    struct multicall_entry *list = scratch((wanted + 1) * sizeof(*list));

    for (unsigned i = 0; i < wanted; i++) {
        struct call one = {0};

        nesting = true;
        bool made = operation_choose(&one, true);
        nesting = false;
        if (!made)
            continue;
        list[count].op = one.number;
        for (unsigned n = 0; n < 6; n++)
            list[count].args[n] = one.args[n];
        count++;
    }
    call->args[0] = once_in(20) ? (unsigned long)any_buffer() : (unsigned long)list;
    /* Never a few more than there are: what lies behind would be calls, and they may end us. */
    call->args[1] = once_in(30) ? any_word() | 0x80000000u : count;
    return true;
}

static const struct operation {
    uint8_t number, weight;
    bool (*make)(struct call *call);
} operations[] = {
    {__HYPERVISOR_mmu_update, 40, make_mmu_update},
    {__HYPERVISOR_mmuext_op, 30, make_mmuext_op},
    {__HYPERVISOR_update_va_mapping, 20, make_update_va_mapping},
    {__HYPERVISOR_update_va_mapping_otherdomain, 4, make_update_va_mapping_other},
    {__HYPERVISOR_memory_op, 10, make_memory_op},
    {__HYPERVISOR_grant_table_op, 20, make_grant_table_op},
    {__HYPERVISOR_multicall, 10, make_multicall},
    {__HYPERVISOR_update_descriptor, 8, make_update_descriptor},
    {__HYPERVISOR_set_gdt, 4, make_set_gdt},
    {__HYPERVISOR_set_trap_table, 2, make_set_trap_table},
    {__HYPERVISOR_stack_switch, 2, make_stack_switch},
    {__HYPERVISOR_set_callbacks, 1, make_callbacks},
    {__HYPERVISOR_callback_op, 1, make_callback_op},
    {__HYPERVISOR_fpu_taskswitch, 1, any_arguments},
    {__HYPERVISOR_set_debugreg, 3, make_debug_register},
    {__HYPERVISOR_get_debugreg, 1, make_debug_register},
    {__HYPERVISOR_set_timer_op, 2, make_timer},
    {__HYPERVISOR_event_channel_op, 14, make_event_op},
    {__HYPERVISOR_event_channel_op_compat, 2, make_event_op_compat},
    {__HYPERVISOR_sched_op, 6, make_sched_op},
    {__HYPERVISOR_sched_op_compat, 1, make_sched_op_compat},
    {__HYPERVISOR_vcpu_op, 6, make_vcpu_op},
    {__HYPERVISOR_xen_version, 2, make_version},
    {__HYPERVISOR_console_io, 1, make_console_io},
    {__HYPERVISOR_vm_assist, 2, make_vm_assist},
    {__HYPERVISOR_physdev_op, 1, make_physdev_op},
    {__HYPERVISOR_physdev_op_compat, 1, make_physdev_op_compat},
    {__HYPERVISOR_domctl, 1, make_control},
    {__HYPERVISOR_sysctl, 1, make_control},
    {__HYPERVISOR_platform_op, 1, make_control},
    {__HYPERVISOR_nmi_op, 1, any_arguments},
    {__HYPERVISOR_hvm_op, 1, any_arguments},
    {__HYPERVISOR_set_segment_base, 1, any_arguments},
    {__HYPERVISOR_xenoprof_op, 1, any_arguments},
    {__HYPERVISOR_kexec_op, 1, any_arguments},
};

bool operation_choose(struct call *call, bool nested)
{
    unsigned sum = 0, chosen;

    for (unsigned i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
        sum += operations[i].weight;
    if (once_in(200)) { /* numbers that are none */
        call->number = 43 + below(20);
        return any_arguments(call);
    }
    chosen = below(sum);
    for (unsigned i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
        if (chosen < operations[i].weight) {
            call->number = operations[i].number;
            if (nested && call->number == __HYPERVISOR_multicall)
                return any_arguments(call); /* refused before it looks */
            return operations[i].make(call);
        }
        chosen -= operations[i].weight;
    }
    return false;
}

/*
 * The hypercall iret, to the instruction behind it, with flags and segments that are right, or
 * nearly. What it refuses is a trap there; what it lets go to an outer ring faults at the kernel's
 * code.
 */
static void return_by_call(void)
{
    static const uint32_t code[] = {FLAT_RING1_CS, FLAT_RING3_CS, 0xe01a, 0xe009, 0xe00b, 1};
    uint32_t flags = once_in(2) ? 0x202 : random(), cs = code[below(6)], ss = FLAT_RING3_SS;

    if (once_in(8))
        cs = any_word() | !once_in(500); /* ring 0 is the end */
    if (once_in(4))
        ss = any_word();
    flags &= ~0x100u; /* a step after each instruction would go on for ever */
    asm volatile("mov %%esp, %%edi\n\t"
                 "push %0\n\t"
                 "push %%edi\n\t"
                 "push %1\n\t"
                 "push %2\n\t"
                 "push $1f\n\t"
                 "push $0\n\t"
                 "mov %3, %%eax\n\t"
                 "int $0x82\n"
                 "1:\n\t"
                 "mov %%edi, %%esp\n\t"
                 "push $0x202\n\t"
                 "popf"
                 :
                 : "r"(ss), "r"(flags), "r"(cs), "i"(__HYPERVISOR_iret)
                 : "eax", "edi", "memory", "cc");
    events_off();
}

void instruction(void *unused)
{
    volatile uint64_t *entry =
        (uint64_t *)arena.table[below(TABLE_PAGES)] + (once_in(2) ? below(4) : below(512));
    uint32_t *half = (uint32_t *)entry + below(2), low, high;
    uint64_t value = any_entry();

    (void)unused;
    switch (below(12)) {
    case 10:
        return_by_call();
        break;
    case 0:
        *(volatile uint32_t *)half = value;
        break;
    case 1:
        asm volatile("xchg %0, %1" : "=r"(low), "+m"(*half) : "0"((uint32_t)value));
        break;
    case 2:
        low = *entry;
        high = *entry >> 32;
        asm volatile("lock cmpxchg8b %2"
                     : "+a"(low), "+d"(high), "+m"(*entry)
                     : "b"((uint32_t)value), "c"((uint32_t)(value >> 32)));
        break;
    case 3:
        asm volatile("lock andl %1, %0" : "+m"(*half) : "r"((uint32_t)value));
        break;
    case 4:
        asm volatile("orl %1, %0" : "+m"(*half) : "r"((uint32_t)value));
        break;
    case 5:
        asm volatile("mov %%cr4, %0\n\tmov %%cr3, %0\n\tclts" : "=r"(low));
        break;
    case 6:
        asm volatile("mov %0, %%dr1\n\tmov %%dr7, %0" : "=r"(low) : "0"(any_word()));
        break;
    case 7:
        asm volatile("mov %0, %%fs\n\tmov %0, %%gs" : : "r"(any_word()));
        break;
    case 8:
        if (arena.grants)
            arena.grants[below(32)] =
                (struct grant_entry_v1){.flags = once_in(8) ? random() : below(4) | below(2) << 2,
                                        .domid = any_peer(),
                                        .frame = any_mfn()};
        break;
    case 9: /* any word where data may lie: tables and descriptors grow out of it */
        *((volatile uint64_t *)arena.data[below(DATA_PAGES)] + below(512)) =
            once_in(2) ? 0 : any_table_entry();
        break;
    default:
        *((volatile unsigned long *)shared->evtchn_pending + below(32)) ^= 1u << below(32);
        *((volatile unsigned long *)shared->evtchn_mask + below(32)) ^= 1u << below(32);
        break;
    }
}
