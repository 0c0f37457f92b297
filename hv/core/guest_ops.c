/* SPDX-License-Identifier: GPL-2.0-only */
/* guest_ops.c - small hypercalls: version, console, scheduling, timers, virtual processor */
#include "hv/include/console.h"
#include "hv/include/errors.h"
#include "hv/include/event.h"
#include "hv/include/hypercall.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"
#include "hv/include/operation.h"
#include "hv/include/percpu.h"
#include "hv/include/perfc.h"
#include "hv/include/sched.h"
#include "hv/include/time.h"
#include "hv/include/traps.h"
#include "hv/include/uaccess.h"

/* --- xen_version ----------------------------------------------------------------------------- */

#define FEATURES                                                                                   \
    (1u << XENFEAT_pae_pgdir_above_4gb | 1u << XENFEAT_mmu_pt_update_preserve_ad |                 \
     1u << XENFEAT_highmem_assist | 1u << XENFEAT_direct_mapped)

static long copy_text(void *to, const char *text, uint32_t size)
{
    uint32_t bytes = (uint32_t)strlen(text) + 1;

    return copy_to_guest(to, text, MIN(bytes, size)) ? -EFAULT : 0;
}

static long get_features(const struct domain *domain, void *guest)
{
    struct xen_feature_info info;

    if (copy_from_guest(&info, guest, sizeof(info)))
        return -EFAULT;
    if (info.submap_idx >= XENFEAT_NR_SUBMAPS)
        return -EINVAL;
    info.submap = FEATURES | (domain->privileged ? 1u << XENFEAT_dom0 : 0);
    return copy_to_guest(guest, &info, sizeof(info)) ? -EFAULT : 0;
}

long do_xen_version(const unsigned long *args)
{
    static const struct xen_compile_info compile_info = {.compiler = "gcc",
                                                         .compile_by = "xenolith"};
    static const struct xen_platform_parameters parameters = {.virt_start = HV_VIRT_START};
    void *guest = (void *)args[1];

    if (!operation_begin(__HYPERVISOR_xen_version, args[0]))
        return not_implemented();
    switch (args[0]) {
    case XENVER_version:
        return INTERFACE_VERSION;
    case XENVER_extraversion:
        return copy_text(guest, "-xenolith", XEN_EXTRAVERSION_LEN);
    case XENVER_compile_info:
        return copy_to_guest(guest, &compile_info, sizeof(compile_info)) ? -EFAULT : 0;
    case XENVER_capabilities:
        return copy_text(guest, "xen-3.0-x86_32p ", XEN_CAPABILITIES_INFO_LEN);
    case XENVER_changeset:
        return copy_text(guest, "unavailable", XEN_CHANGESET_INFO_LEN);
    case XENVER_platform_parameters:
        return copy_to_guest(guest, &parameters, sizeof(parameters)) ? -EFAULT : 0;
    case XENVER_get_features:
        return get_features(current_domain(), guest);
    case XENVER_pagesize:
        return PAGE_SIZE;
    case XENVER_guest_handle:
        return copy_to_guest(guest, current_domain()->handle, sizeof(xen_domain_handle_t)) ? -EFAULT
                                                                                           : 0;
    case XENVER_commandline:
        if (!current_domain()->privileged)
            return copy_text(guest, "<denied>", sizeof(xen_commandline_t));
        return copy_text(guest, boot_information.command_line, sizeof(xen_commandline_t));
    default:
        return not_implemented();
    }
}

/* --- console_io ------------------------------------------------------------------------------ */

/*
 * Domain 0's text goes out as it comes. The others' is collected into lines, so that they do not
 * mix, and told apart by a prefix: "(dN) ", or "(dN)+" where the line goes on that was too long to be
 * kept whole. What is not printable is dropped.
 */
static void console_line(struct domain *domain)
{
    char line[sizeof(domain->console_line) + 16];
    int length =
        format(line, sizeof(line), "(d%u)%c", domain->id, domain->console_goes_on ? '+' : ' ');

    memcpy(line + length, domain->console_line, domain->console_length);
    length += domain->console_length;
    domain->console_goes_on = line[length - 1] != '\n';
    if (domain->console_goes_on)
        line[length++] = '\n';
    console_write(line, (size_t)length);
    domain->console_length = 0;
}

void console_end_line(struct domain *domain)
{
    if (domain->console_length > 0)
        console_line(domain);
}

static void console_from(struct domain *domain, const char *text, unsigned length)
{
    if (domain->id == 0) {
        console_write(text, length);
        return;
    }
    for (unsigned i = 0; i < length; i++) {
        char c = text[i];

        if (c != '\n' && c != '\t' && (c < ' ' || c > '~'))
            continue;
        domain->console_line[domain->console_length++] = c;
        if (c == '\n' || domain->console_length == sizeof(domain->console_line))
            console_line(domain);
    }
}

long do_console_io(const unsigned long *args)
{
    struct domain *domain = current_domain();
    unsigned long count = args[1], done;
    char *guest = (char *)args[2];
    char buffer[128];

    if (!operation_begin(__HYPERVISOR_console_io, args[0]))
        return not_implemented();
    switch (args[0]) {
    case CONSOLEIO_write:
        if (count > 0x7fffffff)
            return -EINVAL;
        for (done = 0; done < count;) {
            unsigned part = (unsigned)MIN(count - done, sizeof(buffer));

            if (copy_from_guest(buffer, guest + done, part))
                return -EFAULT;
            console_from(domain, buffer, part);
            done += part;
            if (done < count && hypercall_should_yield()) {
                unsigned long rest[3] = {args[0], count - done, (unsigned long)guest + done};

                return hypercall_continue(rest, 3);
            }
        }
        return 0;
    case CONSOLEIO_read:
        if (!domain->privileged)
            return -EPERM;
        for (done = 0; done < count; done++) {
            int c = console_read();
            char byte = (char)c;

            if (c < 0)
                break;
            if (copy_to_guest(guest + done, &byte, 1))
                return -EFAULT;
        }
        return (long)done;
    default:
        return not_implemented();
    }
}

/* --- sched_op -------------------------------------------------------------------------------- */

static void yield(void)
{
    this_cpu()->reschedule = true;
}

/* Blocks until one of the ports is pending (they may be masked), an upcall, or the timeout. */
static long poll(void *guest)
{
    struct domain *domain = current_domain();
    struct sched_poll op;
    bool pending;

    if (copy_from_guest(&op, guest, sizeof(op)))
        return -EFAULT;
    if (op.nr_ports > ARRAY_SIZE(domain->poll_port))
        return op.nr_ports > 128 ? -EINVAL : -E2BIG;
    if (copy_from_guest(domain->poll_port, op.ports.p, op.nr_ports * sizeof(uint32_t)))
        return -EFAULT;
    for (unsigned i = 0; i < op.nr_ports; i++) {
        if (domain->poll_port[i] >= EVENT_CHANNELS)
            return -EINVAL;
    }
    domain->poll_ports = op.nr_ports;
    lock(&event_lock);
    lock(&this_cpu()->queue_lock);
    if (domain->state == DOMAIN_RUNNABLE) /* not shut down by another meanwhile */
        domain->state = DOMAIN_BLOCKED;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    pending = domain->vcpu_info->evtchn_upcall_pending;
    for (unsigned i = 0; i < op.nr_ports; i++)
        pending |= event_port_pending(domain, domain->poll_port[i]);
    if (pending && domain->state == DOMAIN_BLOCKED)
        domain->state = DOMAIN_RUNNABLE;
    unlock(&this_cpu()->queue_lock);
    unlock(&event_lock);
    if (op.timeout && domain->state == DOMAIN_BLOCKED)
        timer_set(domain, &domain->poll_timer, op.timeout);
    yield();
    return 0;
}

static long shutdown_self(unsigned reason)
{
    if (reason > SHUTDOWN_MAX)
        return -EINVAL;
    domain_shutdown(current_domain(), reason);
    return 0;
}

/* Sets a watchdog anew, or for 0 seconds stops it; number 0: a free one, whose number is returned. */
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
        timer_set(domain, &domain->watchdog[index], due);
        return (long)index + 1;
    }
    index = op.id - 1;
    if (!(domain->watchdogs_used >> index & 1))
        return -EINVAL;
    if (op.timeout == 0)
        domain->watchdogs_used &= (uint8_t) ~(1u << index);
    timer_set(domain, &domain->watchdog[index], op.timeout ? due : 0);
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
        other = domain_by_id(current_domain(), remote.domain_id);
        if (!other)
            return -ESRCH;
        domain_shutdown(other, (uint8_t)remote.reason);
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

/* --- timers and the virtual processor -------------------------------------------------------- */

long do_set_timer_op(const unsigned long *args)
{
    nanoseconds timeout = args[0] | (uint64_t)args[1] << 32;

    timer_set(current_domain(), &current_domain()->oneshot, timeout);
    return 0;
}

#define LONGEST_PERIOD (~0ull >> 2) /* as there; a date plus this must not wrap around */

static long set_periodic(struct domain *domain, void *guest)
{
    struct vcpu_set_periodic_timer op;

    if (copy_from_guest(&op, guest, sizeof(op)))
        return -EFAULT;
    if (op.period_ns < MILLISECONDS(1) || op.period_ns > LONGEST_PERIOD)
        return -EINVAL;
    domain->last_tick = now();
    domain->period = op.period_ns;
    timers_program();
    return 0;
}

static long set_singleshot(struct domain *domain, void *guest)
{
    struct vcpu_set_singleshot_timer op;

    if (copy_from_guest(&op, guest, sizeof(op)))
        return -EFAULT;
    if ((op.flags & VCPU_SSHOTTMR_future) && op.timeout_abs_ns < now())
        return -ETIME;
    timer_set(domain, &domain->oneshot, op.timeout_abs_ns ? op.timeout_abs_ns : 1);
    return 0;
}

static long get_runstate(const struct domain *domain, void *guest)
{
    struct vcpu_runstate_info info = domain->runstate;

    info.time[info.state] += now() - info.state_entry_time;
    return copy_to_guest(guest, &info, sizeof(info)) ? -EFAULT : 0;
}

/* A copy in the guest's own memory, written now and at each switch to it. */
static long register_runstate(struct domain *domain, const void *guest)
{
    struct vcpu_register_runstate_memory_area op;

    if (copy_from_guest(&op, guest, sizeof(op)))
        return -EFAULT;
    if (!guest_range((uint32_t)(uintptr_t)op.addr.v, sizeof(*op.addr.v)))
        return -EFAULT;
    domain->runstate_area = op.addr.v;
    runstate_publish(domain);
    return 0;
}

/* The time of vcpu_info in the guest's own memory, written now and at each switch to it. */
static long register_time(struct domain *domain, const void *guest)
{
    struct vcpu_register_time_memory_area op;

    if (copy_from_guest(&op, guest, sizeof(op)))
        return -EFAULT;
    if (!guest_range((uint32_t)(uintptr_t)op.addr.v, sizeof(*op.addr.v)))
        return -EFAULT;
    domain->time_area = op.addr.v;
    time_publish(domain);
    return 0;
}

/* Only the domain that drives the machine is told: its processor is always the same. */
static long get_physid(const struct domain *domain, void *guest)
{
    struct vcpu_get_physid op;

    if (domain->id != 0)
        return -EINVAL;
    op.phys_id = cpus[domain->cpu].apic_id | (uint64_t)domain->cpu << 32;
    return copy_to_guest(guest, &op, sizeof(op)) ? -EFAULT : 0;
}

long do_vcpu_op(const unsigned long *args)
{
    struct domain *domain = current_domain();
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
        return get_runstate(domain, guest);
    case VCPUOP_register_runstate_memory_area:
        return register_runstate(domain, guest);
    case VCPUOP_register_vcpu_time_memory_area:
        return register_time(domain, guest);
    case VCPUOP_down: /* the last one up: nothing will ever wake the domain */
        domain_shutdown(domain, SHUTDOWN_poweroff);
        return 0;
    case VCPUOP_get_physid:
        return get_physid(domain, guest);
    case VCPUOP_initialise: /* it is, whatever the guest says */
        return guest_range((uint32_t)(uintptr_t)guest, 1) && guest ? -EEXIST : -EFAULT;
    case VCPUOP_set_periodic_timer:
        return set_periodic(domain, guest);
    case VCPUOP_stop_periodic_timer:
        domain->period = 0;
        return 0;
    case VCPUOP_set_singleshot_timer:
        return set_singleshot(domain, guest);
    case VCPUOP_register_vcpu_info:
        return vcpu_info_register(domain, guest);
    case VCPUOP_send_nmi:
        if (guest)
            return -EINVAL;
        domain->nmi_pending = true;
        return 0;
    case VCPUOP_stop_singleshot_timer:
        timer_set(domain, &domain->oneshot, 0);
        return 0;
    default:
        return not_implemented();
    }
}

long do_vm_assist(const unsigned long *args)
{
    struct domain *domain = current_domain();

    /*
     * No frame lies above 4 GB, so pae_extended_cr3 changes nothing; and of 4gb_segments Xen
     * accepts the request, as we do, though a limit that is cut stays cut. runstate_update_flag
     * marks an update that a domain's other processors might meet half done: there is none.
     */
    if (args[1] > VMASST_TYPE_runstate_update_flag)
        return -EINVAL;
    if (!operation_begin(__HYPERVISOR_vm_assist, args[1]))
        return not_implemented();
    if (args[0] == VMASST_CMD_enable)
        domain->vm_assist |= 1ul << args[1];
    else if (args[0] == VMASST_CMD_disable)
        domain->vm_assist &= ~(1ul << args[1]);
    else
        return -ENOSYS;
    return 0;
}

long do_physdev_op(const unsigned long *args)
{
    struct domain *domain = current_domain();
    struct physdev_set_iopl op;
    struct physdev_set_iobitmap bitmap;

    if (!operation_begin(__HYPERVISOR_physdev_op, args[0]))
        return not_implemented();
    switch (args[0]) {
    case PHYSDEVOP_set_iopl:
        if (copy_from_guest(&op, (void *)args[1], sizeof(op)))
            return -EFAULT;
        if (op.iopl > 3)
            return -EINVAL;
        /* The processor's own IOPL stays 0; this one is emulated (arch/emulate.c). */
        domain->iopl = (uint8_t)op.iopl;
        return 0;
    case PHYSDEVOP_set_iobitmap:
        if (copy_from_guest(&bitmap, (void *)args[1], sizeof(bitmap)))
            return -EFAULT;
        if (bitmap.nr_ports > PORTS)
            return -EINVAL;
        domain->port_bitmap = (uint32_t)(uintptr_t)bitmap.bitmap.p;
        domain->port_bitmap_ports = bitmap.nr_ports;
        return 0;
    default:
        return not_implemented();
    }
}

/* The old form: the command inside the structure, before the same operands. */
long do_physdev_op_compat(const unsigned long *args)
{
    unsigned long modern[2] = {0, args[0] + offsetof(struct physdev_op, u)};
    uint32_t command;

    if (copy_from_guest(&command, (void *)args[0], sizeof(command)))
        return -EFAULT;
    modern[0] = command;
    return do_physdev_op(modern);
}
