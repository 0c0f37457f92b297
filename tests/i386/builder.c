/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * builder.c - the domain builder against a hypervisor of a hundred lines
 *
 * The stand-in below answers the calls of workloads/dom0/xl/hypercall.h, keeps one domain, and
 * enforces the rules of the interface: limits before memory, no writable mapping left when tables
 * are pinned, tables that lead only to the domain's frames and map themselves read-only, registers
 * last. The finished domain is then inspected from the outside, and every call is made to fail
 * once: whatever fails, nothing of the domain may stay.
 *
 * A 32-bit program, because the interface's structures are; user-mode emulation runs it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "workloads/dom0/xl/builder.h"
#include "workloads/dom0/xl/hypercall.h"

#define FRAMES      2048u
#define FIRST_FRAME 0x400u
#define STRIDE      3u /* machine frames are FIRST, FIRST+3, ...: nothing may assume they adjoin */
#define DOMAIN      7
#define SHARED      0x99999u
#define VIRT_BASE   0xC0000000u
#define ENTRIES     512

static struct {
    bool exists, wide, limited, pinned, started, stubs;
    uint32_t frames, mappings, ports;
    uint32_t root;
    unsigned calls, fail_at;
    uint8_t memory[FRAMES][XL_PAGE_SIZE];
    struct shared_info shared;
    struct vcpu_guest_context context;
} hv;

static struct mapping {
    void *address;
    uint32_t frames[512], count;
} mapping;

static unsigned failures;

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            printf("FAIL line %d: %s\n", __LINE__, #condition);                                    \
            failures++;                                                                            \
        }                                                                                          \
    } while (0)

static bool must_fail(void)
{
    return ++hv.calls == hv.fail_at;
}

/* The memory of a machine frame of the domain; NULL if it is not its own. */
static uint8_t *frame(uint32_t machine)
{
    uint32_t i = (machine - FIRST_FRAME) / STRIDE;

    return machine >= FIRST_FRAME && i < hv.frames && (machine - FIRST_FRAME) % STRIDE == 0
               ? hv.memory[i]
               : NULL;
}

/* ---- the calls ------------------------------------------------------------------------------- */

int hypercall_open(void)
{
    return 0;
}

long hypercall_sysctl(struct xen_sysctl *op)
{
    (void)op;
    return -ENOSYS;
}

static long set_context(const struct xen_domctl *op)
{
    hv.context = *op->u.vcpucontext.ctxt.p;
    hv.started = true;
    return hv.pinned && xen_cr3_to_pfn(hv.context.ctrlreg[3]) == hv.root ? 0 : -EINVAL;
}

long hypercall_domctl(struct xen_domctl *op)
{
    if (op->cmd == XEN_DOMCTL_destroydomain) {
        CHECK(hv.exists && hv.mappings == 0);
        hv.exists = false;
        return 0;
    }
    if (must_fail())
        return -ENOMEM;
    if (op->cmd == XEN_DOMCTL_createdomain) {
        CHECK(!hv.exists && op->u.createdomain.max_vcpus == 1);
        hv.exists = true;
        op->domain = DOMAIN;
        return 0;
    }
    CHECK(hv.exists && op->domain == DOMAIN && !hv.started);
    switch (op->cmd) {
    case XEN_DOMCTL_max_vcpus:
        return op->u.max_vcpus.max == 1 ? 0 : -EINVAL;
    case XEN_DOMCTL_set_address_size:
        hv.wide = op->u.address_size.size == 32;
        return hv.frames ? -EEXIST : 0;
    case XEN_DOMCTL_max_mem:
        hv.limited = op->u.max_mem.max_memkb == FRAMES * 4;
        return 0;
    case XEN_DOMCTL_getdomaininfo:
        op->u.getdomaininfo.shared_info_frame = SHARED;
        return 0;
    case XEN_DOMCTL_hypercall_init:
        hv.stubs = frame((uint32_t)op->u.hypercall_init.gmfn) != NULL;
        return hv.stubs ? 0 : -EINVAL;
    case XEN_DOMCTL_setvcpucontext:
        return set_context(op);
    default:
        return -ENOSYS;
    }
}

long hypercall_populate(domid_t domain, uint32_t first, uint32_t count, uint32_t *machine)
{
    CHECK(domain == DOMAIN && hv.wide && hv.limited && first == 0 && count == FRAMES);
    if (must_fail())
        return -ENOMEM;
    for (uint32_t i = 0; i < count; i++)
        machine[i] = FIRST_FRAME + i * STRIDE;
    hv.frames = count;
    return 0;
}

static void copy_mapping(bool in)
{
    for (uint32_t i = 0; i < mapping.count; i++) {
        uint8_t *here = (uint8_t *)mapping.address + i * XL_PAGE_SIZE;
        bool shared = mapping.frames[i] == SHARED;
        uint8_t *there = shared ? (uint8_t *)&hv.shared : frame(mapping.frames[i]);

        memcpy(in ? here : there, in ? there : here, shared ? sizeof(hv.shared) : XL_PAGE_SIZE);
    }
}

void *foreign_map(domid_t domain, const uint32_t *machine, uint32_t count, long *error)
{
    CHECK(domain == DOMAIN && count > 0 && count <= 512 && hv.mappings == 0);
    *error = -EINVAL;
    if (must_fail())
        return NULL;
    for (uint32_t i = 0; i < count; i++)
        if (machine[i] != SHARED && !frame(machine[i]))
            return NULL;
    mapping.address = malloc(count * XL_PAGE_SIZE);
    mapping.count = count;
    memcpy(mapping.frames, machine, count * sizeof(machine[0]));
    copy_mapping(true);
    hv.mappings++;
    return mapping.address;
}

void foreign_unmap(void *address, uint32_t count)
{
    CHECK(address == mapping.address && count == mapping.count);
    copy_mapping(false);
    free(mapping.address);
    hv.mappings--;
}

long hypercall_alloc_unbound(domid_t domain, domid_t remote)
{
    CHECK(domain == DOMAIN && remote == 0);
    return must_fail() ? -ENOSPC : (long)++hv.ports;
}

long hypercall_pin_l3(domid_t domain, uint32_t machine_frame)
{
    CHECK(domain == DOMAIN && hv.mappings == 0);
    if (must_fail())
        return -EINVAL;
    hv.root = machine_frame;
    hv.pinned = true;
    return frame(machine_frame) ? 0 : -EINVAL;
}

/* ---- the finished domain, as it will see itself ---------------------------------------------- */

static uint64_t entry_of(uint32_t machine, uint32_t index)
{
    uint64_t entry = 0;
    uint8_t *table = frame(machine);

    if (table)
        memcpy(&entry, table + index * sizeof(entry), sizeof(entry));
    return entry;
}

/* The L1 entry of a virtual address; 0: not mapped. */
static uint64_t walk(uint32_t address)
{
    uint64_t l3 = entry_of(hv.root, address >> 30);
    uint64_t l2 = l3 & 1 ? entry_of((uint32_t)(l3 >> 12), address >> 21 & 511) : 0;

    return l2 & 1 ? entry_of((uint32_t)(l2 >> 12), address >> 12 & 511) : 0;
}

static void read_virtual(uint32_t address, void *to, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i++) {
        uint8_t *page = frame((uint32_t)(walk(address + i) >> 12));

        ((uint8_t *)to)[i] = page ? page[(address + i) % XL_PAGE_SIZE] : 0xdd;
    }
}

static void inspect(const struct domain_plan *plan, const struct built_domain *built)
{
    const struct cpu_user_regs *r = &hv.context.user_regs;
    const struct kernel_segment *s = &plan->kernel->segment[0];
    struct start_info info;
    uint8_t *bytes = malloc(plan->ramdisk_bytes);
    uint32_t list[FRAMES];

    read_virtual(r->esi, &info, sizeof(info));
    CHECK(strcmp(info.magic, "xen-3.0-x86_32p") == 0);
    CHECK(info.nr_pages == FRAMES && info.flags == 0);
    CHECK(info.shared_info == SHARED * XL_PAGE_SIZE);
    CHECK(strcmp((char *)info.cmd_line, plan->command_line) == 0);
    CHECK(walk(info.pt_base) >> 12 == hv.root);
    CHECK(info.store_evtchn == 1 && info.console.domU.evtchn == 2);
    CHECK(info.store_mfn == walk(r->esi + XL_PAGE_SIZE) >> 12);
    CHECK(info.console.domU.mfn == walk(r->esi + 2 * XL_PAGE_SIZE) >> 12);
    CHECK((walk(r->esi + XL_PAGE_SIZE) & walk(r->esi + 2 * XL_PAGE_SIZE) & 3) == 3);
    CHECK(built->domain == DOMAIN);
    CHECK(built->store.frame == info.store_mfn && built->store.port == info.store_evtchn);
    CHECK(built->console.frame == info.console.domU.mfn);
    CHECK(built->console.port == info.console.domU.evtchn);
    for (uint32_t i = 0; i < info.nr_pt_frames; i++)
        CHECK((walk(info.pt_base + i * XL_PAGE_SIZE) & 3) == 1); /* present, not writable */

    read_virtual(info.mfn_list, list, sizeof(list));
    for (uint32_t i = 0; i < FRAMES; i++)
        CHECK(list[i] == FIRST_FRAME + i * STRIDE);
    CHECK(info.mod_len == plan->ramdisk_bytes);
    read_virtual(info.mod_start, bytes, plan->ramdisk_bytes);
    CHECK(memcmp(bytes, plan->ramdisk, plan->ramdisk_bytes) == 0);
    read_virtual(s->address, bytes, s->memory_bytes);
    CHECK(memcmp(bytes, plan->kernel_file + s->file_offset, s->file_bytes) == 0);
    for (uint32_t i = s->file_bytes; i < s->memory_bytes; i++)
        CHECK(bytes[i] == 0);

    CHECK(r->eip == plan->kernel->entry && (r->cs & 3) == 1 && (r->ss & 3) == 1);
    CHECK((walk(r->esp - 4) & 3) == 3);
    CHECK(hv.context.kernel_sp == r->esp);
    for (unsigned i = 0; i < XEN_LEGACY_MAX_VCPUS; i++)
        CHECK(hv.shared.vcpu_info[i].evtchn_upcall_mask == 1);
    CHECK(hv.stubs);
    free(bytes);
}

static void reset(unsigned fail_at)
{
    memset(&hv, 0, sizeof(hv));
    memset(hv.memory, 0, sizeof(hv.memory)); /* the hypervisor clears what it hands out */
    hv.fail_at = fail_at;
}

int main(void)
{
    static uint8_t file[3 * XL_PAGE_SIZE], ramdisk[300 * XL_PAGE_SIZE + 17];
    struct kernel_image kernel = {.virt_base = VIRT_BASE,
                                  .start = VIRT_BASE + 0x100000,
                                  .end = VIRT_BASE + 0x106000,
                                  .entry = VIRT_BASE + 0x100010,
                                  .hypercall_page = VIRT_BASE + 0x101000,
                                  .segment_count = 1,
                                  .segment = {{VIRT_BASE + 0x100000, 100, 0x2345, 0x6000}}};
    struct built_domain built;
    struct domain_plan plan = {.name = "test",
                               .pages = FRAMES,
                               .kernel = &kernel,
                               .kernel_file = file,
                               .ramdisk = ramdisk,
                               .ramdisk_bytes = sizeof(ramdisk),
                               .command_line = "init=/bin/cint"};

    for (uint32_t i = 0; i < sizeof(file); i++)
        file[i] = (uint8_t)(i * 7 + i / 251);
    for (uint32_t i = 0; i < sizeof(ramdisk); i++)
        ramdisk[i] = (uint8_t)(i * 13 + i / 241);
    reset(0);
    CHECK(builder_make_domain(&plan, &built) == DOMAIN);
    CHECK(hv.exists && hv.pinned && hv.started && hv.mappings == 0);
    inspect(&plan, &built);

    unsigned calls = hv.calls;

    CHECK(freopen("/dev/null", "w", stderr) != NULL); /* the sentences that follow are wanted */
    for (unsigned i = 1; i <= calls; i++) {
        reset(i);
        CHECK(builder_make_domain(&plan, &built) == -1);
        CHECK(!hv.exists && hv.mappings == 0);
    }
    plan.pages = 256; /* too small: refused before the hypervisor hears of it */
    reset(0);
    CHECK(builder_make_domain(&plan, &built) == -1 && hv.calls == 0);
    if (failures == 0)
        printf("PASS builder: %u calls, each failed once\n", calls);
    return failures != 0;
}
