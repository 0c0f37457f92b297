/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * judge.c - what the library of Xen's tools says about the cases
 *
 *     judge FOLDER    makes each case's file in the folder; a line for each: its name, what
 *                     cases.c says of Domain 0 and of others, and what the library says of others
 *
 * libxenguest builds a domain in plain memory when it has no number; no hypervisor is needed.
 */
#include <stdio.h>
#include <string.h>

#include <xenctrl.h>
#include <xenguest.h>

#include "tests/images/image.h"

#define MEGABYTES 64
#undef HYPERVISOR_VIRT_START
#define HYPERVISOR_VIRT_START 0xF5800000u /* of 32-bit domains */

/* In place of the library's: the pages of a domain without a number are clear already. */
int xc_clear_domain_pages(xc_interface *xc, uint32_t domain, unsigned long first, int count)
{
    (void)xc, (void)domain, (void)first, (void)count;
    return 0;
}

/* The steps of the toolstack up to a filled memory, and the hypercall page's frame. */
static bool library_takes(xc_interface *xc, const uint8_t *file, size_t bytes)
{
    struct xc_dom_image *dom = xc_dom_allocate(xc, "", "");
    bool taken = false;

    if (!dom)
        return false;
    strcpy(dom->xen_caps, "xen-3.0-x86_64 xen-3.0-x86_32p ");
    if (xc_dom_kernel_mem(dom, file, bytes) == 0 && xc_dom_parse_image(dom) == 0 &&
        xc_dom_mem_init(dom, MEGABYTES) == 0) {
        static xen_pfn_t frames[MEGABYTES << 8];

        dom->p2m_size = dom->total_pages;
        dom->pv_p2m = frames;
        taken = xc_dom_build_image(dom) == 0;
    }
    if (taken && xc_dom_virt_hypercall(dom) != UINT64_MAX)
        taken = (xc_dom_virt_hypercall(dom) - xc_dom_virt_base(dom)) / 4096 < dom->total_pages;
    if (taken && dom->virt_pgtab_end > HYPERVISOR_VIRT_START) /* refused when it is pinned */
        taken = false;
    xc_dom_release(dom);
    return taken;
}

int main(int count, char **words)
{
    xc_interface *xc = xc_interface_open(NULL, NULL, XC_OPENFLAG_DUMMY);
    static uint8_t file[IMAGE_MOST];

    if (count != 2 || !xc)
        return 2;
    for (unsigned i = 0; i < image_case_count; i++) {
        const struct image_case *c = &image_cases[i];
        size_t bytes = image_make(c->change, file);
        char path[512];

        snprintf(path, sizeof(path), "%s/%s.elf", words[1], c->name);
        FILE *out = fopen(path, "wb");

        if (!out || fwrite(file, 1, bytes, out) != bytes || fclose(out) != 0)
            return 2;
        printf("%s %d %d %d\n", c->name, c->domain0, c->other, library_takes(xc, file, bytes));
    }
    xc_interface_close(xc);
    return 0;
}
