/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Domain 0 uses up the hypervisor's own memory, and its numbers for domains: created domains with
 * large grant tables, to the end. Whatever then needs a page is refused, and only that; when the
 * domains are gone all of it can be done again. Another hypervisor may have more than is asked for
 * here: then nothing is refused.
 */
#define __XEN_TOOLS__ 1
#include "tests/guest/kit/kit.h"
#include <xen/domctl.h>

#define NUMBERS 520 /* more than there are numbers for */
#define GREEDY  60  /* domains with grant tables of their full length */
#define FRAMES  64

static domid_t made[NUMBERS];
static unsigned count;

static long create(void)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_createdomain,
                            .interface_version = XEN_DOMCTL_INTERFACE_VERSION,
                            .u.createdomain = {.max_vcpus = 1,
                                               .max_evtchn_port = 1023,
                                               .max_grant_frames = FRAMES,
                                               .max_maptrack_frames = 1,
                                               .grant_opts = XEN_DOMCTL_GRANT_version(1)}};
    long result = HYPERCALL(domctl, &op);

    if (!result)
        made[count++] = op.domain;
    return result;
}

static void destroy(domid_t domain)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_destroydomain,
                            .interface_version = XEN_DOMCTL_INTERFACE_VERSION,
                            .domain = domain};

    expect(HYPERCALL(domctl, &op), 0);
}

static void destroy_all(void)
{
    while (count > 0)
        destroy(made[--count]);
}

/* Lengthens a domain's grant table: its status. */
static int grow(domid_t domain, unsigned frames)
{
    static xen_pfn_t list[FRAMES];
    struct gnttab_setup_table setup = {.dom = domain, .nr_frames = frames};

    set_xen_guest_handle(setup.frame_list, list);
    expect(HYPERCALL(grant_table_op, GNTTABOP_setup_table, &setup, 1), 0);
    return setup.status;
}

/* The first refusal, or success. */
static long create_many(unsigned most)
{
    long result = 0;

    while (!result && count < most)
        result = create();
    check(result == 0 || result == -ENOMEM, "the creation of domain %u gave %ld", count, result);
    return result;
}

/*
 * Takes pages until none is left; false if there are more. What one domain may have is limited, and
 * some is kept for each one's first pages: so in the end there are many that have little.
 */
static bool use_up(void)
{
    long result = 0;

    for (unsigned i = 0; i < count; i++)
        for (unsigned frames = 8; frames <= FRAMES; frames += 8)
            if (grow(made[i], frames))
                break;
    while (!result && count < NUMBERS) {
        result = create();
        if (!result)
            grow(made[count - 1], 1);
    }
    /* What was too little for a domain: a page for each of some. */
    for (unsigned i = count - 4; i < count; i++)
        grow(made[i], 2);
    check(result == 0 || result == -ENOMEM, "the creation of domain %u gave %ld", count, result);
    return result;
}

/* A port's page, queues of events, handles: without a page each says so. */
static void refused_without_memory(void)
{
    struct evtchn_init_control init = {.control_gfn = mfn_of(page_alloc())};
    domid_t self = own_domain();
    long port = 0;

    expect(create_many(count + 1), -ENOMEM);
    expect(grow(made[count - 1], FRAMES), GNTST_general_error);
    expect(event_op(EVTCHNOP_init_control, &init), -ENOMEM);
    for (unsigned i = 0; i < 1024 && !port; i++) {
        struct evtchn_alloc_unbound alloc = {.dom = self, .remote_dom = self};

        port = event_op(EVTCHNOP_alloc_unbound, &alloc);
    }
    expect(port, -ENOMEM);
    /* One domain less leaves room for one or two, and then a part of one. */
    destroy(made[--count]);
    expect(create_many(count + 8), -ENOMEM);
}

void test(void)
{
    if (!privileged) {
        expect(create(), -EPERM);
        return;
    }
    grant_table();
    if (!create_many(NUMBERS))
        check(count == NUMBERS, "%u domains", count);
    destroy_all();
    create_many(GREEDY);
    if (use_up())
        refused_without_memory();
    destroy_all();
    for (unsigned round = 0; round < 2; round++) {
        expect(create_many(8), 0);
        expect(grow(made[0], FRAMES), GNTST_okay);
        destroy_all();
    }
}
