/* SPDX-License-Identifier: GPL-2.0-only */
/* sched_op.c - what a domain says to the scheduler: yield, block, poll, shut down, watchdogs */
#include "hv/include/errors.h"
#include "hv/include/event.h"
#include "hv/include/hypercall.h"
#include "hv/include/operation.h"
#include "hv/include/sched.h"
#include "hv/include/time.h"
#include "hv/include/arch/uaccess.h"

static void yield(void)
{
    this_cpu()->reschedule = true;
}

/*
 * Blocks until one of the ports is pending (they may be masked), an upcall can be made, or the
 * timeout.
 */
static status poll(void *guest)
{
    struct vcpu *vcpu = current_vcpu();
    struct sched_poll op;
    bool pending;

    if (copy_from_guest(&op, guest, sizeof(op)))
        return -EFAULT;
    if (op.nr_ports > POLL_PORTS)
        return -EINVAL;
    for (unsigned i = 0; i < op.nr_ports; i++) {
        evtchn_port_t port;

        if (copy_from_guest(&port, op.ports.p + i, sizeof(port)))
            return -EFAULT;
        if (port >= EVENT_CHANNELS)
            return -EINVAL;
        vcpu->poll_port[i] = (uint16_t)port;
    }
    vcpu->poll_ports = op.nr_ports;
    vcpu->polling = true;
    lock(&event_lock);
    lock(&this_cpu()->queue_lock);
    vcpu->blocked = vcpu->domain->state == DOMAIN_ALIVE; /* not shut down by another meanwhile */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    pending = vcpu->vcpu_info->evtchn_upcall_pending && !vcpu->vcpu_info->evtchn_upcall_mask;
    for (unsigned i = 0; i < op.nr_ports; i++)
        pending |= event_port_pending(vcpu->domain, vcpu->poll_port[i]);
    if (pending)
        vcpu->blocked = false;
    unlock(&this_cpu()->queue_lock);
    unlock(&event_lock);
    timer_set(vcpu, &vcpu->poll_timer, vcpu->blocked ? op.timeout : 0);
    yield();
    return 0;
}

static status shutdown_self(unsigned reason)
{
    if (reason > SHUTDOWN_MAX)
        return -EINVAL;
    domain_shutdown(current_domain(), reason);
    return 0;
}

/*
 * Sets a watchdog anew, or for 0 seconds stops it; number 0: a free one, whose number is returned.
 */
static long watchdog(struct domain *domain, const void *guest)
{
    struct sched_watchdog op;
    nanoseconds due;
    unsigned index;

    if (copy_from_guest(&op, guest, sizeof(op)))
        return -EFAULT;
    if (op.id > WATCHDOGS)
        return -EINVAL;
    due = now() + (nanoseconds)op.timeout * SECONDS(1);
    if (op.id == 0) {
        for (index = 0; index < WATCHDOGS && (domain->watchdogs_used >> index & 1); index++)
            ;
        if (index == WATCHDOGS)
            return -ENOSPC;
        domain->watchdogs_used |= (uint8_t)(1u << index);
        timer_set(&domain->vcpu[0], &domain->watchdog[index], due);
        return (long)index + 1;
    }
    index = op.id - 1;
    if (!(domain->watchdogs_used >> index & 1))
        return -EINVAL;
    if (op.timeout == 0)
        domain->watchdogs_used &= (uint8_t) ~(1u << index);
    timer_set(&domain->vcpu[0], &domain->watchdog[index], op.timeout ? due : 0);
    return 0;
}

long do_sched_op(const unsigned long *args)
{
    struct sched_shutdown shutdown;
    struct sched_remote_shutdown remote;
    struct domain *other;

    if (!operation_begin(__HYPERVISOR_sched_op, args[0]))
        return not_implemented();
    switch (args[0]) {
    case SCHEDOP_yield:
        yield();
        return 0;
    case SCHEDOP_block:
        sched_block();
        return 0;
    case SCHEDOP_shutdown:
        if (copy_from_guest(&shutdown, (void *)args[1], sizeof(shutdown)))
            return -EFAULT;
        return shutdown_self(shutdown.reason);
    case SCHEDOP_shutdown_code:
        if (copy_from_guest(&shutdown, (void *)args[1], sizeof(shutdown)))
            return -EFAULT;
        current_domain()->shutdown_reason = (uint8_t)shutdown.reason;
        return 0;
    case SCHEDOP_poll:
        return poll((void *)args[1]);
    case SCHEDOP_watchdog:
        return watchdog(current_domain(), (void *)args[1]);
    case SCHEDOP_remote_shutdown:
        if (copy_from_guest(&remote, (void *)args[1], sizeof(remote)))
            return -EFAULT;
        if (!current_domain()->privileged)
            return -EPERM;
        other = domain_hold(current_domain(), remote.domain_id);
        if (!other)
            return -ESRCH;
        domain_shutdown(other, (uint8_t)remote.reason);
        domain_release(other);
        return 0;
    default:
        return not_implemented();
    }
}

/* The form before interface 3.1.1: the reason is the argument itself. */
long do_sched_op_compat(const unsigned long *args)
{
    switch (args[0]) {
    case SCHEDOP_yield:
        yield();
        return 0;
    case SCHEDOP_block:
        sched_block();
        return 0;
    case SCHEDOP_shutdown:
        return shutdown_self((unsigned)args[1]);
    default:
        return not_implemented();
    }
}
