/* SPDX-License-Identifier: GPL-2.0-only */
/* vcpu_op.c - the virtual processor: its timers, its records in the guest's memory */
#include "hv/include/errors.h"
#include "hv/include/event.h"
#include "hv/include/hypercall.h"
#include "hv/include/operation.h"
#include "hv/include/sched.h"
#include "hv/include/time.h"
#include "hv/include/arch/uaccess.h"

long do_set_timer_op(const unsigned long *args)
{
    nanoseconds timeout = args[0] | (uint64_t)args[1] << 32;

    timer_set(current_vcpu(), &current_vcpu()->oneshot, timeout);
    return 0;
}

#define LONGEST_PERIOD (~0ull >> 2) /* as there; a date plus this must not wrap around */

static status set_periodic(struct vcpu *vcpu, void *guest)
{
    struct vcpu_set_periodic_timer op;

    if (copy_from_guest(&op, guest, sizeof(op)))
        return -EFAULT;
    if (op.period_ns < MILLISECONDS(1) || op.period_ns > LONGEST_PERIOD)
        return -EINVAL;
    vcpu->last_tick = now();
    vcpu->period = op.period_ns;
    timers_program();
    return 0;
}

static status set_singleshot(struct vcpu *vcpu, void *guest)
{
    struct vcpu_set_singleshot_timer op;

    if (copy_from_guest(&op, guest, sizeof(op)))
        return -EFAULT;
    if ((op.flags & VCPU_SSHOTTMR_future) && op.timeout_abs_ns < now())
        return -ETIME;
    timer_set(vcpu, &vcpu->oneshot, op.timeout_abs_ns ? op.timeout_abs_ns : 1);
    return 0;
}

static status get_runstate(const struct vcpu *vcpu, void *guest)
{
    struct vcpu_runstate_info info = vcpu->runstate;

    info.time[info.state] += now() - info.state_entry_time;
    return copy_to_guest(guest, &info, sizeof(info)) ? -EFAULT : 0;
}

/* A copy in the guest's own memory, written now and at each switch to it. */
static status register_runstate(struct vcpu *vcpu, const void *guest)
{
    struct vcpu_register_runstate_memory_area op;

    if (copy_from_guest(&op, guest, sizeof(op)))
        return -EFAULT;
    if (!guest_range((uint32_t)(uintptr_t)op.addr.v, sizeof(*op.addr.v)))
        return -EFAULT;
    vcpu->runstate_area = op.addr.v;
    runstate_publish(vcpu);
    return 0;
}

/* The time of vcpu_info in the guest's own memory, written now and at each switch to it. */
static status register_time(struct vcpu *vcpu, const void *guest)
{
    struct vcpu_register_time_memory_area op;

    if (copy_from_guest(&op, guest, sizeof(op)))
        return -EFAULT;
    if (!guest_range((uint32_t)(uintptr_t)op.addr.v, sizeof(*op.addr.v)))
        return -EFAULT;
    vcpu->time_area = op.addr.v;
    time_publish(vcpu);
    return 0;
}

/* Only the domain that drives the machine is told: its processor is always the same. */
static status get_physid(const struct vcpu *vcpu, void *guest)
{
    struct vcpu_get_physid op;

    if (vcpu->domain->id != 0)
        return -EINVAL;
    op.phys_id = cpus[vcpu->cpu].apic_id | (uint64_t)vcpu->cpu << 32;
    return copy_to_guest(guest, &op, sizeof(op)) ? -EFAULT : 0;
}

/* It is, whatever the guest says; but that must be readable. */
static status initialise(const char *guest)
{
    char part[sizeof(struct vcpu_guest_context) / 8];

    for (unsigned at = 0; at < sizeof(struct vcpu_guest_context); at += sizeof(part))
        if (copy_from_guest(part, guest + at, sizeof(part)))
            return -EFAULT;
    return -EEXIST;
}

long do_vcpu_op(const unsigned long *args)
{
    struct vcpu *vcpu = current_vcpu();
    void *guest = (void *)args[2];

    if (args[1] != 0)
        return -ENOENT;
    if (!operation_begin(__HYPERVISOR_vcpu_op, args[0]))
        return not_implemented();
    switch (args[0]) {
    case VCPUOP_is_up:
        return 1;
    case VCPUOP_up:
        return 0;
    case VCPUOP_get_runstate_info:
        return get_runstate(vcpu, guest);
    case VCPUOP_register_runstate_memory_area:
        return register_runstate(vcpu, guest);
    case VCPUOP_register_vcpu_time_memory_area:
        return register_time(vcpu, guest);
    case VCPUOP_down: /* the last one up: nothing will ever wake the domain */
        domain_shutdown(vcpu->domain, SHUTDOWN_poweroff);
        return 0;
    case VCPUOP_get_physid:
        return get_physid(vcpu, guest);
    case VCPUOP_initialise:
        return initialise(guest);
    case VCPUOP_set_periodic_timer:
        return set_periodic(vcpu, guest);
    case VCPUOP_stop_periodic_timer:
        vcpu->period = timer_events;
        return 0;
    case VCPUOP_set_singleshot_timer:
        return set_singleshot(vcpu, guest);
    case VCPUOP_register_vcpu_info:
        return vcpu_info_register(vcpu, guest);
    case VCPUOP_send_nmi:
        if (guest)
            return -EINVAL;
        vcpu->nmi_pending = true;
        return 0;
    case VCPUOP_stop_singleshot_timer:
        timer_set(vcpu, &vcpu->oneshot, 0);
        return 0;
    default:
        return not_implemented();
    }
}
