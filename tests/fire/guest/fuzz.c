/* SPDX-License-Identifier: GPL-2.0-only */
/* The fuzzer's main loop: `seed=N calls=N` on the command line. */
#include "tests/fire/guest/fuzz.h"

#define RESTORE_EVERY 48 /* steps */

static uint32_t parameter(const char *name, uint32_t preset)
{
    const char *at = (const char *)start->cmd_line;
    uint32_t value = 0;

    while (*at && !starts_with(at, name))
        at++;
    if (!*at)
        return preset;
    while (*at != '=')
        at++;
    for (at++; *at >= '0' && *at <= '9'; at++)
        value = value * 10 + *at - '0';
    return value;
}

static struct call call;
static uint32_t made;
static long result;

static void make_call(void *unused)
{
    (void)unused;
    result = hypercall(call.number, call.args[0], call.args[1], call.args[2], call.args[3],
                       call.args[4]);
}

/* Calls that leave us unable to take a trap or an upcall are followed by putting things right. */
static bool touches_us(unsigned number)
{
    switch (number) {
    case __HYPERVISOR_set_trap_table:
    case __HYPERVISOR_stack_switch:
    case __HYPERVISOR_set_callbacks:
    case __HYPERVISOR_callback_op:
    case __HYPERVISOR_set_gdt:
    case __HYPERVISOR_multicall:
        return true;
    default:
        return false;
    }
}

/* A trap outside of a call: a call has taken away the ground that we stand on. */
static bool lost(struct trap_frame *frame)
{
    extern volatile uint32_t probe_armed;
    struct sched_shutdown shutdown = {.reason = SHUTDOWN_crash};

    if (probe_armed)
        return false;
    print("fuzz: lost at %x, vector %u, address %lx, after %u calls\n", frame->eip, frame->vector,
          vcpu()->arch.cr2, made);
    for (;;)
        HYPERCALL(sched_op, SCHEDOP_shutdown, &shutdown);
}

void test(void)
{
    uint32_t seed = parameter("seed=", 1), calls = parameter("calls=", 20000);
    uint32_t accepted = 0, traps = 0, sum = 0;

    for (unsigned vector = 0; vector < 32; vector++)
        trap_hooks[vector] = lost;
    random_seed(seed);
    values_name(own_domain());
    arena_build();
    HYPERCALL(vcpu_op, VCPUOP_stop_periodic_timer, 0, NULL);
    for (uint32_t step = 0; made < calls; step++) {
        if (step % RESTORE_EVERY == 0)
            arena_restore();
        if (once_in(8)) {
            traps += trapped(instruction, NULL);
            continue;
        }
        memset(&call, 0, sizeof(call));
        if (!operation_choose(&call, false))
            continue;
        traps += trapped(make_call, NULL);
        made++;
        accepted += result >= 0;
        sum = (sum << 3 | sum >> 29) ^ (uint32_t)result;
        if (touches_us(call.number))
            arena_restore();
    }
    arena_restore();
    print("fuzz: seed %u, %u calls, %u accepted, %u traps, sum %08x\n", seed, made, accepted, traps,
          sum);
    struct sched_shutdown finished = {.reason = FINISHED};
    for (;;)
        HYPERCALL(sched_op, SCHEDOP_shutdown, &finished);
}
