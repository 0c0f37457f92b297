/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel.c - the domain builder without an operating system under it
 *
 * One kernel, two roles. As Domain 0 it links xl's loader, layout and builder, takes its first
 * module for a kernel (the test gives it its own file) and builds COPIES domains out of it, one of
 * them of a size that cannot be had; as one of those domains it checks what it was given and says
 * so. It says PASS or FAIL on the console. On real Xen:
 *
 *   k=build/tests/oracle/builder/kernel.elf
 *   tests/oracle/run-real-xen XEN $k 40 "domain0,$k"
 *
 * Foreign frames are mapped one hypercall each into a window of our own memory, whose frames are
 * lost thereby. That is slow and simple; the control program itself goes through its kernel.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "include/freestanding/format.h"
#include "workloads/dom0/xl/builder.h"
#include "workloads/dom0/xl/hypercall.h"
#include <xen/sched.h>

#define COPIES       3
#define GUEST_PAGES  2048u
#define COMMAND_LINE "role=guest -- one two"
#define WINDOW       512u
#define HEAP_BYTES   (5u << 18)
#define WRITABLE     0x3u
#define POLLS        2000000u

extern char hypercall_page[];
void kernel_main(struct start_info *info);

static uint8_t window[WINDOW][XL_PAGE_SIZE] __attribute__((aligned(XL_PAGE_SIZE)));
static uint8_t heap[HEAP_BYTES] __attribute__((aligned(16)));
static uint32_t heap_used;
static unsigned failures;

static long hypercall(unsigned number, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e)
{
    long result;

    __asm__ volatile("call *%1"
                     : "=a"(result), "+r"((uint32_t){(uint32_t)hypercall_page + number * 32}),
                       "+b"(a), "+c"(b), "+d"(c), "+S"(d), "+D"(e)
                     :
                     : "memory");
    return result;
}

/* ---- just enough of a C library for the builder ---------------------------------------------- */

FILE *stderr;

static void print(const char *text, uint32_t length)
{
    hypercall(__HYPERVISOR_console_io, 0, length, (uint32_t)text, 0, 0); /* CONSOLEIO_write */
}

int fprintf(FILE *file, const char *f, ...)
{
    char line[256];
    va_list arguments;

    (void)file;
    va_start(arguments, f);
    int n = format_list(line, sizeof(line), f, arguments);

    va_end(arguments);
    print(line, (uint32_t)strlen(line));
    return n;
}

int snprintf(char *out, size_t bytes, const char *f, ...)
{
    va_list arguments;

    va_start(arguments, f);
    int n = format_list(out, bytes, f, arguments);

    va_end(arguments);
    return n;
}

char *strerror(int error)
{
    static char text[32];

    snprintf(text, sizeof(text), "error %d", error);
    return text;
}

void *calloc(size_t count, size_t bytes)
{
    uint32_t at = (heap_used + 15) & ~15u;

    if (count * bytes > HEAP_BYTES - at)
        return NULL;
    heap_used = at + (uint32_t)(count * bytes);
    memset(heap + at, 0, count * bytes);
    return heap + at;
}

/* Everything at once: the builder frees all that it took before it returns. */
void free(void *memory)
{
    (void)memory;
    heap_used = 0;
}

char *strcpy(char *restrict to, const char *restrict from)
{
    return memcpy(to, from, strlen(from) + 1);
}

/* ---- hypercall.h, without a device in between ------------------------------------------------ */

long hypercall_domctl(struct xen_domctl *op)
{
    op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    return hypercall(__HYPERVISOR_domctl, (uint32_t)op, 0, 0, 0, 0);
}

long hypercall_populate(domid_t domain, uint32_t first, uint32_t count, uint32_t *machine)
{
    struct xen_memory_reservation r = {.nr_extents = count, .domid = domain};

    for (uint32_t i = 0; i < count; i++)
        machine[i] = first + i;
    set_xen_guest_handle(r.extent_start, (xen_pfn_t *)machine);
    long done = hypercall(__HYPERVISOR_memory_op, XENMEM_populate_physmap, (uint32_t)&r, 0, 0, 0);

    return done < 0 ? done : (uint32_t)done == count ? 0 : -12; /* ENOMEM */
}

long hypercall_alloc_unbound(domid_t domain, domid_t remote)
{
    struct evtchn_alloc_unbound op = {.dom = domain, .remote_dom = remote};
    long result =
        hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, (uint32_t)&op, 0, 0, 0);

    return result < 0 ? result : (long)op.port;
}

long hypercall_pin_l3(domid_t domain, uint32_t machine_frame)
{
    struct mmuext_op op = {.cmd = MMUEXT_PIN_L3_TABLE, .arg1 = {.mfn = machine_frame}};

    return hypercall(__HYPERVISOR_mmuext_op, (uint32_t)&op, 1, 0, domain, 0);
}

void *foreign_map(domid_t domain, const uint32_t *machine, uint32_t count, long *error)
{
    for (uint32_t i = 0; i < count; i++) {
        uint64_t entry = (uint64_t)machine[i] * XL_PAGE_SIZE | WRITABLE;

        *error = hypercall(__HYPERVISOR_update_va_mapping_otherdomain, (uint32_t)window[i],
                           (uint32_t)entry, (uint32_t)(entry >> 32), UVMF_INVLPG, domain);
        if (*error)
            return NULL;
    }
    return window;
}

void foreign_unmap(void *address, uint32_t count)
{
    (void)address;
    for (uint32_t i = 0; i < count; i++)
        hypercall(__HYPERVISOR_update_va_mapping, (uint32_t)window[i], 0, 0, UVMF_INVLPG, 0);
}

/* ---- the two roles --------------------------------------------------------------------------- */

static void check(bool good, const char *what)
{
    failures += !good;
    if (!good)
        fprintf(stderr, "FAIL builder: %s\n", what);
}

static void shut_down(void)
{
    struct sched_shutdown reason = {SHUTDOWN_poweroff};

    hypercall(__HYPERVISOR_sched_op, SCHEDOP_shutdown, (uint32_t)&reason, 0, 0, 0);
}

/* As a guest: everything that start-of-day promises. */
static void be_guest(const struct start_info *info)
{
    const uint32_t *list = (const uint32_t *)info->mfn_list;
    const uint32_t *physical = (const uint32_t *)HYPERVISOR_VIRT_START;
    bool known = true;

    for (uint32_t i = 0; i < info->nr_pages; i++)
        known &= physical[list[i]] == i;
    check(memcmp(info->cmd_line, COMMAND_LINE, sizeof(COMMAND_LINE)) == 0, "command line");
    check(info->nr_pages == GUEST_PAGES, "number of pages");
    check(known, "the machine-to-physical table does not know the frame list");
    check(info->mod_len > 0 && memcmp((void *)info->mod_start, "\177ELF", 4) == 0, "ramdisk");
    check(info->store_mfn && physical[info->store_mfn] < GUEST_PAGES && info->store_evtchn == 1,
          "store ring");
    check(info->console.domU.mfn && physical[info->console.domU.mfn] < GUEST_PAGES &&
              info->console.domU.evtchn == 2,
          "console ring");
    check(window[3][17] == 0 && heap[HEAP_BYTES - 1] == 0, "BSS is not zero");
    if (failures == 0)
        fprintf(stderr, "guest is well\n");
}

static bool has_ended(domid_t domain)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_getdomaininfo, .domain = domain};

    return hypercall_domctl(&op) == 0 && (op.u.getdomaininfo.flags & XEN_DOMINF_shutdown);
}

static void run_domain(domid_t domain)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_unpausedomain, .domain = domain};
    uint32_t polls = 0;

    check(hypercall_domctl(&op) == 0, "unpause");
    while (!has_ended(domain) && polls++ < POLLS)
        hypercall(__HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0, 0, 0);
    check(polls < POLLS, "a guest did not end");
    op = (struct xen_domctl){.cmd = XEN_DOMCTL_destroydomain, .domain = domain};
    check(hypercall_domctl(&op) == 0, "destroy");
}

static void be_domain0(const struct start_info *info)
{
    static struct kernel_image kernel;
    struct built_domain built;
    struct domain_plan plan = {.name = "copy", .pages = GUEST_PAGES, .kernel = &kernel};
    struct image_file file = image_in_memory((void *)info->mod_start, info->mod_len);
    const char *wrong = kernel_image_read(&file, KERNEL_OF_ANOTHER, &kernel);

    if (wrong) {
        fprintf(stderr, "FAIL builder: the module %s\n", wrong);
        return;
    }
    plan.kernel_file = plan.ramdisk = (const uint8_t *)info->mod_start;
    plan.ramdisk_bytes = info->mod_len;
    plan.command_line = COMMAND_LINE;
    for (unsigned i = 0; i < COPIES; i++) {
        int domain = builder_make_domain(&plan, &built);

        check(domain > 0, "a domain could not be built");
        if (domain > 0)
            run_domain((domid_t)domain);
    }
    plan.pages = 250000; /* 976 MB of the machine of 512 MB that we are in */
    check(builder_make_domain(&plan, &built) < 0, "an impossible domain was built");
    if (failures == 0)
        fprintf(stderr, "PASS builder\n");
}

void kernel_main(struct start_info *info)
{
    if (info->flags & SIF_INITDOMAIN)
        be_domain0(info);
    else
        be_guest(info);
    shut_down();
}
