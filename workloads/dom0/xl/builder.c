/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * builder.c - the domain builder
 *
 * Building starts with an empty domain and ends with one that is ready to run. The order is the
 * hypervisor's rules turned into steps:
 *
 *   create    a domain of 32-bit address size with one virtual processor and a limit on its memory.
 *             The address size comes before the memory, because it decides which frames are good.
 *   populate  frames from the hypervisor; which machine frames they are, we are told.
 *   fill      kernel, ramdisk, frame list, start_info and page tables, through writable mappings of
 *             the foreign frames, in batches. Frames that are not written are zero already: the
 *             hypervisor clears what it hands out.
 *   unmap     all of them, before the next step: a frame that anybody maps writable cannot become a
 *             page table.
 *   pin       the L3, whereby the hypervisor validates the whole tree, once.
 *   start     hypercall page, event mask, first registers.
 *
 * Two pages of the domain's own memory are rings to services of Domain 0: the store
 * (<xen/io/xs_wire.h>) and the console (<xen/io/console.h>). start_info tells the domain their
 * frames and event channels; whoever serves them maps the frames and binds the channels. With
 * nobody there, they stay silent.
 *
 * Everything that can be refused for a reason of ours is refused before the domain exists.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workloads/dom0/xl/boot_layout.h"
#include "workloads/dom0/xl/builder.h"
#include "workloads/dom0/xl/hypercall.h"

#define MAP_BATCH      256u /* frames mapped at a time */
#define EVENT_CHANNELS 1023u
#define EFLAGS_IF      0x200u
#define MAGIC          "xen-3.0-x86_32p"

struct build {
    const struct domain_plan *plan;
    struct boot_layout layout;
    domid_t domain;
    uint32_t *machine;               /* of each pseudo-physical frame */
    uint64_t (*tables)[PAE_ENTRIES]; /* as they will be in the domain */
    struct start_info start_info;
    uint32_t shared_info; /* machine frame */
    struct built_domain *built;
};

static int say(const struct build *b, const char *what, long error)
{
    fprintf(stderr, "xl: domain '%s': %s: %s\n", b->plan->name, what, strerror((int)-error));
    return -1;
}

static int domctl(struct build *b, uint32_t command, struct xen_domctl *op, const char *what)
{
    op->cmd = command;
    op->domain = b->domain;
    long result = hypercall_domctl(op);

    return result < 0 ? say(b, what, result) : 0;
}

/* ---- create and populate --------------------------------------------------------------------- */

static int create(struct build *b)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_createdomain};
    struct xen_domctl_createdomain *c = &op.u.createdomain;

    memcpy(c->handle, b->plan->name, sizeof(c->handle));
    c->max_vcpus = 1;
    c->max_evtchn_port = EVENT_CHANNELS;
    c->max_grant_frames = -1; /* the hypervisor's default */
    c->max_maptrack_frames = -1;
    c->grant_opts = XEN_DOMCTL_GRANT_version(1);
    long result = hypercall_domctl(&op);

    if (result < 0)
        return say(b, "cannot be created", result);
    b->domain = op.domain;
    return 0;
}

static int set_limits(struct build *b)
{
    struct xen_domctl vcpus = {.u.max_vcpus = {1}};
    struct xen_domctl size = {.u.address_size = {32}};
    struct xen_domctl memory = {.u.max_mem = {(uint64_t)b->layout.pages * 4}};

    if (domctl(b, XEN_DOMCTL_max_vcpus, &vcpus, "cannot have a virtual processor") ||
        domctl(b, XEN_DOMCTL_set_address_size, &size, "cannot be a 32-bit domain") ||
        domctl(b, XEN_DOMCTL_max_mem, &memory, "cannot have that much memory"))
        return -1;
    return 0;
}

static int populate(struct build *b)
{
    long result = hypercall_populate(b->domain, 0, b->layout.pages, b->machine);

    if (result < 0) {
        fprintf(stderr, "xl: domain '%s': there are not %u MB of free memory: %s\n", b->plan->name,
                b->layout.pages >> 8, strerror((int)-result));
        return -1;
    }
    return 0;
}

/* The store's channel first: both get the lowest free ports, as the tools of Xen have them. */
static int make_channels(struct build *b)
{
    long store = hypercall_alloc_unbound(b->domain, 0), console;

    if (store < 0)
        return say(b, "cannot have an event channel for the store", store);
    console = hypercall_alloc_unbound(b->domain, 0);
    if (console < 0)
        return say(b, "cannot have an event channel for its console", console);
    b->built->store = (struct shared_ring){b->machine[b->layout.store.first], (uint32_t)store};
    b->built->console =
        (struct shared_ring){b->machine[b->layout.console.first], (uint32_t)console};
    return 0;
}

/* ---- fill ------------------------------------------------------------------------------------ */

/* Copies bytes to pseudo-physical address `to`, or clears them if from is NULL. */
static int write_bytes(struct build *b, uint32_t to, const void *from, uint32_t bytes)
{
    const uint8_t *source = from;

    while (bytes > 0) {
        uint32_t frame = to / XL_PAGE_SIZE, offset = to % XL_PAGE_SIZE;
        uint32_t frames = XL_PAGES(offset + (uint64_t)bytes);
        long error;

        frames = frames < MAP_BATCH ? frames : MAP_BATCH;
        uint32_t now = frames * XL_PAGE_SIZE - offset;
        uint8_t *mapped = foreign_map(b->domain, b->machine + frame, frames, &error);

        if (!mapped)
            return say(b, "its memory cannot be mapped", error);
        now = now < bytes ? now : bytes;
        if (source) {
            memcpy(mapped + offset, source, now);
            source += now;
        } else {
            memset(mapped + offset, 0, now);
        }
        foreign_unmap(mapped, frames);
        to += now;
        bytes -= now;
    }
    return 0;
}

static int load_kernel(struct build *b)
{
    const struct kernel_image *k = b->plan->kernel;

    for (unsigned i = 0; i < k->segment_count; i++) {
        const struct kernel_segment *s = &k->segment[i];
        uint32_t to = s->address - k->virt_base;

        if (write_bytes(b, to, b->plan->kernel_file + s->file_offset, s->file_bytes) ||
            write_bytes(b, to + s->file_bytes, NULL, s->memory_bytes - s->file_bytes))
            return -1;
    }
    return k->symbols_at
               ? write_bytes(b, k->symbols_at - k->virt_base, &k->symbols, sizeof(k->symbols))
               : 0;
}

/* The shared page: every virtual processor starts with its events masked. */
static int fill_shared_info(struct build *b)
{
    struct xen_domctl op = {.u = {{0}}};
    long error;

    if (domctl(b, XEN_DOMCTL_getdomaininfo, &op, "does not tell about itself"))
        return -1;
    b->shared_info = (uint32_t)op.u.getdomaininfo.shared_info_frame;
    struct shared_info *shared = foreign_map(b->domain, &b->shared_info, 1, &error);

    if (!shared)
        return say(b, "its shared page cannot be mapped", error);
    for (unsigned i = 0; i < XEN_LEGACY_MAX_VCPUS; i++)
        shared->vcpu_info[i].evtchn_upcall_mask = 1;
    foreign_unmap(shared, 1);
    return 0;
}

static int fill_start_info(struct build *b)
{
    const struct boot_layout *l = &b->layout;
    struct start_info *s = &b->start_info;

    strcpy(s->magic, MAGIC);
    s->nr_pages = l->pages;
    s->shared_info = b->shared_info * XL_PAGE_SIZE;
    s->pt_base = boot_layout_address(l, l->tables.first);
    s->nr_pt_frames = l->tables.count;
    s->mfn_list = boot_layout_address(l, l->frame_list.first);
    s->store_mfn = b->built->store.frame;
    s->store_evtchn = b->built->store.port;
    s->console.domU.mfn = b->built->console.frame;
    s->console.domU.evtchn = b->built->console.port;
    s->first_p2m_pfn = l->frame_list.first;
    s->nr_p2m_frames = l->frame_list.count;
    if (b->plan->ramdisk_bytes) {
        s->mod_start = boot_layout_address(l, l->ramdisk.first);
        s->mod_len = b->plan->ramdisk_bytes;
    }
    snprintf((char *)s->cmd_line, sizeof(s->cmd_line), "%s", b->plan->command_line);
    return write_bytes(b, l->start_info.first * XL_PAGE_SIZE, s, sizeof(*s));
}

static int fill(struct build *b)
{
    const struct boot_layout *l = &b->layout;

    boot_layout_tables(l, b->machine, b->tables);
    if (load_kernel(b) ||
        write_bytes(b, l->ramdisk.first * XL_PAGE_SIZE, b->plan->ramdisk, b->plan->ramdisk_bytes) ||
        write_bytes(b, l->frame_list.first * XL_PAGE_SIZE, b->machine,
                    l->pages * (uint32_t)sizeof(uint32_t)) ||
        write_bytes(b, l->tables.first * XL_PAGE_SIZE, b->tables, l->tables.count * XL_PAGE_SIZE) ||
        fill_shared_info(b) || fill_start_info(b))
        return -1;
    return 0;
}

/* ---- pin and start --------------------------------------------------------------------------- */

static int pin_tables(struct build *b)
{
    long result = hypercall_pin_l3(b->domain, b->machine[b->layout.tables.first]);

    return result < 0 ? say(b, "its page tables were refused", result) : 0;
}

static int make_hypercall_page(struct build *b)
{
    const struct kernel_image *k = b->plan->kernel;
    struct xen_domctl op = {.u = {{0}}};

    if (k->hypercall_page == NO_HYPERCALL_PAGE)
        return 0;
    op.u.hypercall_init.gmfn = b->machine[(k->hypercall_page - k->virt_base) / XL_PAGE_SIZE];
    return domctl(b, XEN_DOMCTL_hypercall_init, &op, "cannot have its hypercall page");
}

/* Registers at start: ring 1, flat segments, stack at the top of its page, ESI = start_info. */
static int set_registers(struct build *b)
{
    static struct vcpu_guest_context context;
    const struct boot_layout *l = &b->layout;
    struct xen_domctl op = {.u.vcpucontext = {.vcpu = 0}};
    struct cpu_user_regs *r = &context.user_regs;

    memset(&context, 0, sizeof(context));
    context.flags = VGCF_in_kernel | VGCF_online;
    r->cs = FLAT_KERNEL_CS;
    r->ds = r->es = r->fs = r->gs = FLAT_KERNEL_DS;
    r->ss = FLAT_KERNEL_SS;
    r->eip = b->plan->kernel->entry;
    r->esp = boot_layout_address(l, l->stack.first + l->stack.count);
    r->esi = boot_layout_address(l, l->start_info.first);
    r->eflags = EFLAGS_IF;
    context.kernel_ss = r->ss;
    context.kernel_sp = r->esp;
    context.ctrlreg[3] = xen_pfn_to_cr3(b->machine[l->tables.first]);
    set_xen_guest_handle(op.u.vcpucontext.ctxt, &context);
    return domctl(b, XEN_DOMCTL_setvcpucontext, &op, "its first registers were refused");
}

static void destroy(struct build *b)
{
    struct xen_domctl op = {.u = {{0}}};

    domctl(b, XEN_DOMCTL_destroydomain, &op, "cannot be destroyed");
}

static int build(struct build *b)
{
    if (create(b))
        return -1;
    if (set_limits(b) || populate(b) || make_channels(b) || fill(b) || pin_tables(b) ||
        make_hypercall_page(b) || set_registers(b)) {
        destroy(b);
        return -1;
    }
    b->built->domain = b->domain;
    return b->domain;
}

static int refuse(const struct domain_plan *plan, const char *wrong)
{
    uint32_t least = boot_layout_least(plan->kernel, plan->ramdisk_bytes);

    if (least > plan->pages >> 8)
        fprintf(stderr, "xl: domain '%s' %s: %u MB, and its kernel and ramdisk take %u\n",
                plan->name, wrong, plan->pages >> 8, least);
    else
        fprintf(stderr, "xl: domain '%s' %s\n", plan->name, wrong);
    return -1;
}

int builder_make_domain(const struct domain_plan *plan, struct built_domain *built)
{
    struct build b = {.plan = plan, .built = built};
    const char *wrong = boot_layout_make(plan->kernel, plan->ramdisk_bytes, plan->pages, &b.layout);

    if (!wrong && strlen(plan->command_line) >= sizeof(b.start_info.cmd_line))
        wrong = "has a command line of more than 1023 bytes";
    if (!wrong && plan->kernel->hypercall_page != NO_HYPERCALL_PAGE &&
        (plan->kernel->hypercall_page - plan->kernel->virt_base) / XL_PAGE_SIZE >= plan->pages)
        wrong = "has a kernel whose hypercall page lies outside its memory";
    if (wrong)
        return refuse(plan, wrong);
    b.machine = calloc(plan->pages, sizeof(b.machine[0]));
    b.tables = calloc(b.layout.tables.count, sizeof(b.tables[0]));

    int domain = b.machine && b.tables ? build(&b) : say(&b, "no memory to build it in", -ENOMEM);

    free(b.machine);
    free(b.tables);
    return domain;
}
