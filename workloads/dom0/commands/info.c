/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * info.c - xl info, vcpu-list and uptime: what the hypervisor says of the machine and of processors
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "workloads/dom0/commands/commands.h"
#include "workloads/dom0/xl/domains.h"
#include "workloads/dom0/xl/hypercall.h"

#include <xen/version.h>

#include "include/xenolith/bvt.h"

static void row(const char *name, const char *value)
{
    printf("%-23s: %s\n", name, value);
}

static void row_number(const char *name, unsigned long value)
{
    printf("%-23s: %lu\n", name, value);
}

static void show_kernel(void)
{
    struct utsname us;

    if (uname(&us) < 0)
        return;
    row("host", us.nodename);
    row("release", us.release);
    row("version", us.version);
    row("machine", us.machine);
}

static bool show_machine(void)
{
    struct xen_sysctl op = {.cmd = XEN_SYSCTL_physinfo};
    const struct xen_sysctl_physinfo *p = &op.u.physinfo;
    long result = hypercall_sysctl(&op);

    if (result < 0) {
        fprintf(stderr, "xl: the hypervisor does not describe the machine: %s\n",
                strerror((int)-result));
        return false;
    }
    row_number("nr_cpus", p->nr_cpus);
    row_number("max_cpu_id", p->max_cpu_id);
    row_number("nr_nodes", p->nr_nodes);
    row_number("cores_per_socket", p->cores_per_socket);
    row_number("threads_per_core", p->threads_per_core);
    printf("%-23s: %u.%03u\n", "cpu_mhz", p->cpu_khz / 1000, p->cpu_khz % 1000);
    row("virt_caps", p->capabilities & XEN_SYSCTL_PHYSCAP_pv ? "pv" : "");
    row_number("total_memory", (unsigned long)(p->total_pages >> 8));
    row_number("free_memory", (unsigned long)(p->free_pages >> 8));
    return true;
}

/* The scheduler by name; Xen's own numbers are in public/domctl.h. */
static const char *scheduler(void)
{
    static const struct {
        uint32_t id;
        const char *name;
    } known[] = {
        {XEN_SCHEDULER_BVT, "bvt"},         {XEN_SCHEDULER_CREDIT, "credit"},
        {XEN_SCHEDULER_CREDIT2, "credit2"}, {XEN_SCHEDULER_RTDS, "rtds"},
        {XEN_SCHEDULER_NULL, "null"},
    };
    struct xen_sysctl op = {.cmd = XEN_SYSCTL_sched_id};

    if (hypercall_sysctl(&op) < 0)
        return "-";
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (known[i].id == op.u.sched_id.sched_id)
            return known[i].name;
    return "?";
}

static void show_hypervisor(void)
{
    static union {
        xen_extraversion_t extra;
        xen_capabilities_info_t caps;
        xen_commandline_t line;
        struct xen_compile_info compile;
        xen_platform_parameters_t platform;
        char bytes[2048];
    } u;
    long version = hypercall_version(XENVER_version, NULL);
    char text[48];

    memset(&u, 0, sizeof(u)); /* present, for the hypervisor to write to */
    if (version < 0 || hypercall_version(XENVER_extraversion, &u.extra) < 0)
        return;
    row_number("xen_major", (unsigned long)version >> 16);
    row_number("xen_minor", (unsigned long)version & 0xffff);
    row("xen_extra", u.extra);
    snprintf(text, sizeof(text), "%ld.%ld%.15s", version >> 16, version & 0xffff, u.extra);
    row("xen_version", text);
    if (hypercall_version(XENVER_capabilities, &u.caps) >= 0)
        row("xen_caps", u.caps);
    row("xen_scheduler", scheduler());
    row_number("xen_pagesize", (unsigned long)hypercall_version(XENVER_pagesize, NULL));
    if (hypercall_version(XENVER_platform_parameters, &u.platform) >= 0)
        printf("%-23s: virt_start=0x%lx\n", "platform_params",
               (unsigned long)u.platform.virt_start);
    memset(&u, 0, sizeof(u));
    if (hypercall_version(XENVER_commandline, &u.line) >= 0)
        row("xen_commandline", u.line);
    memset(&u, 0, sizeof(u));
    if (hypercall_version(XENVER_compile_info, &u.compile) >= 0) {
        row("cc_compiler", u.compile.compiler);
        row("cc_compile_by", u.compile.compile_by);
        row("cc_compile_domain", u.compile.compile_domain);
        row("cc_compile_date", u.compile.compile_date);
    }
}

int command_info(int count, char **words)
{
    (void)words;
    if (count != 0)
        return 2;
    show_kernel();
    if (!show_machine())
        return 1;
    show_hypervisor();
    return 0;
}

/* ---- virtual processors ---------------------------------------------------------------------- */

static bool list_processors(const struct xen_domctl_getdomaininfo *info, void *context)
{
    char name[17];

    (void)context;
    domains_name(info, name);
    for (uint32_t vcpu = 0; vcpu <= info->max_vcpu_id; vcpu++) {
        struct xen_domctl op = {.cmd = XEN_DOMCTL_getvcpuinfo, .domain = info->domain};
        const struct xen_domctl_getvcpuinfo *v = &op.u.getvcpuinfo;

        op.u.getvcpuinfo.vcpu = vcpu;
        if (hypercall_domctl(&op) < 0)
            continue;
        unsigned long tenths = (unsigned long)(v->cpu_time / 100000000u);
        char cpu[12] = "-";

        if (v->online)
            snprintf(cpu, sizeof(cpu), "%u", v->cpu);
        printf("%-16s %5u %5u %4s   %c%c%c %9lu.%lu  %s / %s\n", name, info->domain, vcpu, cpu,
               v->running ? 'r' : '-', v->blocked ? 'b' : '-', v->online ? '-' : 'p', tenths / 10,
               tenths % 10, cpu, "all");
    }
    return true;
}

int command_vcpu_list(int count, char **words)
{
    printf("%-16s %5s %5s %4s %5s %11s  %s\n", "Name", "ID", "VCPU", "CPU", "State", "Time(s)",
           "Affinity (Hard / Soft)");
    return for_each_named(count, words, list_processors, NULL);
}

/* ---- how long ago ---------------------------------------------------------------------------- */

static void print_duration(unsigned long seconds)
{
    unsigned long days = seconds / 86400;

    if (days)
        printf("%lu day%s, ", days, days == 1 ? "" : "s");
    printf("%2lu:%02lu:%02lu\n", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
}

/* Domain 0 is as old as its kernel; of others the store knows when they were introduced. */
static bool show_uptime(const struct xen_domctl_getdomaininfo *info, void *context)
{
    char name[17], start[24];
    struct timespec now;

    (void)context;
    domains_name(info, name);
    printf("%-32s %5u ", name, info->domain);
    if (info->domain == 0) {
        clock_gettime(CLOCK_BOOTTIME, &now);
        print_duration((unsigned long)now.tv_sec);
        return true;
    }
    if (!store_of_vm(info->domain, "start_time", start, sizeof(start))) {
        puts("  - (no xend wrote down when it began)");
        return true;
    }
    clock_gettime(CLOCK_REALTIME, &now);
    long began = atol(start);

    print_duration(now.tv_sec > began ? (unsigned long)(now.tv_sec - began) : 0);
    return true;
}

int command_uptime(int count, char **words)
{
    printf("%-32s %5s %s\n", "Name", "ID", "Uptime");
    return for_each_named(count, words, show_uptime, NULL);
}
