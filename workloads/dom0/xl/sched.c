/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sched.c - parameters of the Borrowed Virtual Time scheduler
 *
 * Without arguments the command prints them. -d and -w weigh one domain: its virtual time advances
 * by mcu_advance for each unit it runs, so the advance is the inverse of the share; weight 10 is
 * everybody's default (advance 10), weight 20 gets twice as much (advance 5, which is shown without
 * its fraction). -s sets the machine's context switch allowance, which is the length of a slice.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workloads/dom0/xl/domains.h"
#include "workloads/dom0/xl/hypercall.h"
#include "workloads/dom0/xl/sched.h"
#include "include/xenolith/bvt.h"

#define EVERYBODYS     10  /* weight of BVT */
#define EVERYBODYS_CPU 256 /* the same as cpu_weight */

static long domain_parameters(uint32_t command, domid_t domain, struct xen_domctl_sched_bvt *bvt)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_scheduler_op, .domain = domain};

    op.u.scheduler_op.sched_id = XEN_SCHEDULER_BVT;
    op.u.scheduler_op.cmd = command;
    memcpy(&op.u.scheduler_op.u, bvt, sizeof(*bvt));
    long result = hypercall_domctl(&op);

    memcpy(bvt, &op.u.scheduler_op.u, sizeof(*bvt));
    return result;
}

static long machine_parameters(uint32_t command, struct xen_sysctl_bvt_schedule *bvt)
{
    struct xen_sysctl op = {.cmd = XEN_SYSCTL_scheduler_op};

    op.u.scheduler_op.sched_id = XEN_SCHEDULER_BVT;
    op.u.scheduler_op.cmd = command;
    memcpy(&op.u.scheduler_op.u, bvt, sizeof(*bvt));
    long result = hypercall_sysctl(&op);

    memcpy(bvt, &op.u.scheduler_op.u, sizeof(*bvt));
    return result;
}

_Static_assert(sizeof(struct xen_domctl_sched_bvt) <=
                   sizeof(((struct xen_domctl *)0)->u) -
                       offsetof(struct xen_domctl_scheduler_op, u),
               "fits the padding of domctl");

static int fail(const char *what, long error)
{
    fprintf(stderr, "xl: %s: %s\n", what, strerror((int)-error));
    return 1;
}

static bool print_one(const struct xen_domctl_getdomaininfo *info, void *context)
{
    struct xen_domctl_sched_bvt bvt = {0};
    long result = domain_parameters(XEN_DOMCTL_SCHEDOP_getinfo, info->domain, &bvt);
    char name[17];

    (void)context;
    if (result < 0)
        return !fail("its parameters cannot be read", result);
    domains_name(info, name);
    printf("%-16s %5u %11u %8u %8d %8ld %8ld\n", name, info->domain, bvt.mcu_advance, bvt.warpback,
           bvt.warpvalue, (long)(bvt.warpl / 1000), (long)(bvt.warpu / 1000));
    return true;
}

static int print_all(void)
{
    struct xen_sysctl_bvt_schedule machine = {0};
    long result = machine_parameters(XEN_SYSCTL_SCHEDOP_getinfo, &machine);

    if (result < 0)
        return fail("the scheduler is not BVT", result);
    printf("context switch allowance: %u us\n", machine.ctx_allow);
    printf("%-16s %5s %11s %8s %8s %8s %8s\n", "Name", "ID", "mcu_advance", "warpback", "warp",
           "warpl_us", "warpu_us");
    return !domains_each(0, print_one, NULL);
}

static bool parse_positive(const char *text, uint32_t *value)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);

    *value = (uint32_t)n;
    return isdigit((unsigned char)*text) && *end == '\0' && n > 0 && n <= 1000000000;
}

static int weigh(domid_t domain, uint32_t weight)
{
    struct xen_domctl_sched_bvt bvt = {0};
    long result = domain_parameters(XEN_DOMCTL_SCHEDOP_getinfo, domain, &bvt);

    bvt.weight = weight;
    if (result >= 0)
        result = domain_parameters(XEN_DOMCTL_SCHEDOP_putinfo, domain, &bvt);
    return result < 0 ? fail("the domain cannot be weighed", result) : 0;
}

int sched_weigh(unsigned domain, uint32_t cpu_weight)
{
    uint32_t weight = (cpu_weight * EVERYBODYS + EVERYBODYS_CPU / 2) / EVERYBODYS_CPU;

    return weigh((domid_t)domain, weight ? weight : 1);
}

static int weigh_named(const char *word, uint32_t weight)
{
    int domain = domains_find(word);

    return domain < 0 ? 1 : weigh((domid_t)domain, weight);
}

static int set_allowance(uint32_t microseconds)
{
    struct xen_sysctl_bvt_schedule machine = {microseconds};
    long result = machine_parameters(XEN_SYSCTL_SCHEDOP_putinfo, &machine);

    return result < 0 ? fail("the context switch allowance cannot be set", result) : 0;
}

int command_sched_bvt(int count, char **words)
{
    const char *domain = NULL;
    uint32_t weight = 0, allowance = 0;

    if (count == 0)
        return print_all();
    for (int i = 0; i < count; i += 2) {
        if (i + 1 == count)
            return 2;
        if (strcmp(words[i], "-d") == 0)
            domain = words[i + 1];
        else if (!(strcmp(words[i], "-w") == 0 && parse_positive(words[i + 1], &weight)) &&
                 !(strcmp(words[i], "-s") == 0 && parse_positive(words[i + 1], &allowance)))
            return 2;
    }
    if (!domain != !weight) /* one without the other */
        return 2;
    if (allowance && set_allowance(allowance))
        return 1;
    return domain ? weigh_named(domain, weight) : 0;
}
