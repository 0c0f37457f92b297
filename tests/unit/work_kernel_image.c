/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Both builders of domains read kernels that somebody else made, by the same sources. Which kernels
 * are taken is Xen's decision (tests/images/cases.c); then every byte of a good one is damaged in
 * turn, and every truncation tried: the reader may refuse or accept, but what it accepts must be
 * safe to load.
 */
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "include/image/kernel_image.h"
#include "tests/images/image.h"

#define BASE 0xC0000000u
#define CODE 0xC0100000u
#define END  0xC0104000u

static const char *read_case(const char *change, enum kernel_role role, struct kernel_image *image)
{
    static uint8_t bytes[IMAGE_MOST];
    struct image_file file = image_in_memory(bytes, (uint32_t)image_make(change, bytes));

    return kernel_image_read(&file, role, image);
}

Test(work_kernel_image, what_xen_takes_is_taken)
{
    struct kernel_image image;

    cr_assert_gt(image_case_count, 60u);
    for (unsigned i = 0; i < image_case_count; i++) {
        const struct image_case *c = &image_cases[i];
        const char *domain0 = read_case(c->change, KERNEL_OF_DOMAIN_0, &image);
        const char *other = read_case(c->change, KERNEL_OF_ANOTHER, &image);

        /* Where memory ends, only the builders know: they refuse this one. */
        if (strstr(c->name, "hypercall-page-far")) {
            cr_expect(!domain0 && image.hypercall_page >= 0xF0000000u, "%s", c->name);
            continue;
        }
        cr_expect_eq(!domain0, c->domain0, "%s, Domain 0: %s", c->name,
                     domain0 ? domain0 : "taken");
        cr_expect_eq(!other, c->other, "%s, another: %s", c->name, other ? other : "taken");
    }
}

Test(work_kernel_image, a_good_kernel_lies_where_it_says)
{
    struct kernel_image k;

    cr_assert_null(read_case("HYPERCALL_PAGE:C0102008 ENTRY:C0100001", KERNEL_OF_ANOTHER, &k));
    cr_expect_eq(k.virt_base, BASE);
    cr_expect_eq(k.entry, CODE + 1);
    cr_expect_eq(k.hypercall_page, CODE + 0x2000); /* the tools ask for its frame */
    cr_expect_eq(k.segment_count, 1u);
    cr_expect_eq(k.start, CODE);
    cr_expect_eq(k.end, END);
    cr_expect_eq(k.symbols_at, 0u);
    cr_assert_null(read_case("HYPERCALL_PAGE:C0102008", KERNEL_OF_DOMAIN_0, &k));
    cr_expect_eq(k.hypercall_page, CODE + 0x2008);
    cr_assert_null(read_case("", KERNEL_OF_DOMAIN_0, &k));
    cr_expect_eq(k.hypercall_page, NO_HYPERCALL_PAGE);
}

Test(work_kernel_image, symbols_lie_as_xen_puts_them)
{
    static const char *const asked[] = {"BSD_SYMTAB=yes @symbols:2",
                                        "@symbols:2 TEXT XEN_VER=xen-3.0,PAE=yes,LOADER=generic,"
                                        "VIRT_BASE=0xC0000000,ELF_PADDR_OFFSET=0,BSD_SYMTAB=no"};
    struct kernel_image k;

    for (unsigned i = 0; i < 2; i++) {
        cr_assert_null(read_case(asked[i], KERNEL_OF_ANOTHER, &k));
        cr_assert_eq(k.segment_count, 3u);
        cr_expect_eq(k.symbols_at, END);
        cr_expect_eq(k.symbols.header.shoff, 64u);
        cr_expect_eq(k.symbols.section[1].offset, 256u);
        cr_expect_eq(k.segment[1].address, END + 4 + 256);
        cr_expect_eq(k.segment[1].memory_bytes, 32u);
        cr_expect_eq(k.symbols.section[2].offset, 256u + 32);
        cr_expect_eq(k.segment[2].address, END + 4 + 256 + 32);
        cr_expect_eq(k.end, END + 4 + k.symbols.bytes);
        cr_expect_eq(k.symbols.bytes, 256u + 32 + k.segment[2].memory_bytes);
    }
}

/* Ours to refuse: see kernel_image.c. */
Test(work_kernel_image, what_lies_outside_is_refused)
{
    static const struct {
        const char *change, *reason;
    } cases[] = {{"@memory:20", "larger in the file"},
                 {"@memory:FFFFFFFF", "hypervisor's range"},
                 {"VIRT_BASE:C0000800 ENTRY:C0100800", "inside a page"},
                 {"@phys:35800000 ENTRY:F5800000", "hypervisor's range"}};
    struct kernel_image k;

    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *wrong = read_case(cases[i].change, KERNEL_OF_DOMAIN_0, &k);

        cr_expect(wrong && strstr(wrong, cases[i].reason), "%s: %s", cases[i].change,
                  wrong ? wrong : "taken");
    }
}

/* What the builders rely on when they copy. */
static void expect_safe(const struct kernel_image *k, size_t size)
{
    for (unsigned i = 0; i < k->segment_count; i++) {
        const struct kernel_segment *s = &k->segment[i];

        cr_assert((uint64_t)s->file_offset + s->file_bytes <= size);
        cr_assert(s->file_bytes <= s->memory_bytes);
        cr_assert(s->address >= k->start && (uint64_t)s->address + s->memory_bytes <= k->end);
    }
    cr_assert(k->virt_base % KERNEL_PAGE_SIZE == 0 && k->virt_base <= k->start);
    cr_assert(k->end <= KERNEL_SPACE_END);
    cr_assert(k->hypercall_page == NO_HYPERCALL_PAGE || k->hypercall_page >= k->virt_base);
}

static const char *const all_of_it[] = {"HYPERCALL_PAGE:C0102000 BSD_SYMTAB=yes @symbols:2",
                                        "@symbols:2 TEXT XEN_VER=xen-3.0,PAE=yes,LOADER=generic,"
                                        "VIRT_BASE=0xC0000000,ELF_PADDR_OFFSET=0,BSD_SYMTAB=yes,"
                                        "HYPERCALL_PAGE=0x102,FEATURES=a|!dom0"};

Test(work_kernel_image, every_truncation_is_survived)
{
    static uint8_t whole[IMAGE_MOST];
    struct kernel_image k;

    for (unsigned i = 0; i < 2; i++) {
        size_t all = image_make(all_of_it[i], whole);

        for (size_t size = 0; size < all; size++) {
            uint8_t *exact = malloc(size ? size : 1); /* a sanitizer sees any byte beyond */
            struct image_file file = image_in_memory(exact, (uint32_t)size);

            memcpy(exact, whole, size);
            cr_assert_not_null(kernel_image_read(&file, KERNEL_OF_DOMAIN_0, &k),
                               "accepted %zu bytes", size);
            free(exact);
        }
    }
}

Test(work_kernel_image, every_damaged_byte_is_survived)
{
    static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    static uint8_t bytes[IMAGE_MOST];
    struct kernel_image k;

    for (unsigned i = 0; i < 2; i++) {
        size_t all = image_make(all_of_it[i], bytes);
        struct image_file file = image_in_memory(bytes, (uint32_t)all);

        for (size_t at = 0; at < 0x1000; at++)
            for (size_t v = 0; v < sizeof(values); v++) {
                uint8_t good = bytes[at];

                bytes[at] = values[v];
                if (!kernel_image_read(&file, KERNEL_OF_DOMAIN_0, &k))
                    expect_safe(&k, all);
                if (!kernel_image_read(&file, KERNEL_OF_ANOTHER, &k))
                    expect_safe(&k, all);
                bytes[at] = good;
            }
    }
}
