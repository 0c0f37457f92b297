/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cases.c - kernels that Xen 4.17 takes, and others
 *
 * `make oracle` asks real Xen (Domain 0) and its tools' library (other domains) about each.
 */
#include "tests/images/image.h"

#define TEXT_GOOD                                                                                  \
    "GUEST_OS=t,XEN_VER=xen-3.0,PAE=yes,LOADER=generic,VIRT_BASE=0xC0000000,ELF_PADDR_OFFSET=0"

const struct image_case image_cases[] = {
    {"good", "", true, true},
    /* loader and system */
    {"no-loader", "-LOADER", false, false},
    {"no-loader-but-linux", "-LOADER GUEST_OS=linux", true, true},
    {"other-loader", "LOADER=special", false, false},
    {"generic-and-more", "LOADER=generic-1", true, true},
    {"version-2", "XEN_VERSION=xen-2.0", false, false},
    {"version-3-and-more", "XEN_VERSION=xen-3.0-x86_32p", true, true},
    {"no-version", "-XEN_VERSION", false, false},
    {"pae-no", "PAE_MODE=no", false, false},
    {"pae-begins-with-yes", "PAE_MODE=yes[extended-cr3]", false, false},
    {"pae-bimodal", "PAE_MODE=bimodal", true, true},
    /* features */
    {"feature-unknown", "FEATURES=nonsense|writable_page_tables", true, true},
    {"feature-required-unknown", "FEATURES=!nonsense", false, false},
    {"feature-required-later", "FEATURES=writable_page_tables|!nonsense", false, false},
    {"feature-required-known", "FEATURES=!hvm_callback_vector", true, true},
    {"feature-required-writable", "FEATURES=!writable_page_tables|pae_pgdir_above_4gb", true, true},
    {"feature-required-supervisor", "FEATURES=!supervisor_mode_kernel", false, true},
    {"feature-required-dom0", "FEATURES=!dom0", true, false},
    {"supports-not-dom0", "SUPPORTED_FEATURES:1", false, true},
    {"supports-dom0", "SUPPORTED_FEATURES:801", true, true},
    {"supports-dom0-by-name", "SUPPORTED_FEATURES:0 FEATURES=dom0", true, true},
    {"supports-in-3-bytes", "SUPPORTED_FEATURES/3:801", false, true},
    /* addresses */
    {"p2m-inside", "INIT_P2M:C0100000", false, false},
    {"p2m-behind", "INIT_P2M:C0104000", true, true},
    {"p2m-far", "INIT_P2M:E0000000", true, true},
    {"offset-without-base", "-VIRT_BASE ENTRY:100000", false, false},
    {"no-base", "-VIRT_BASE -PADDR_OFFSET ENTRY:100000", true, true},
    {"no-offset", "-PADDR_OFFSET", true, true},
    {"offset-is-base", "PADDR_OFFSET:C0000000 @phys:C0100000", true, true},
    {"base-of-8-bytes", "VIRT_BASE/8:C0000000", true, true},
    {"base-of-3-bytes", "VIRT_BASE/3:C00000", false, false},
    {"entry-of-8-bytes", "ENTRY/8:1C0100000", false, false},
    {"entry-before", "ENTRY:C00FFFFF", false, false},
    {"entry-behind", "ENTRY:C0104001", false, false},
    {"entry-note", "ENTRY:C0100001", true, true},
    {"below-base", "VIRT_BASE:C0000000 PADDR_OFFSET:200000", false, false},
    {"too-high", "VIRT_BASE:F5700000 ENTRY:F5800000", false, false},
    {"hypervisor-high", "HV_START_LOW:F5800001", false, true},
    {"hypervisor-here", "HV_START_LOW:F5800000", true, true},
    {"inside-a-page", "@phys:100010 ENTRY:C0100010", true, false},
    /* the hypercall page */
    {"hypercall-page", "HYPERCALL_PAGE:C0102000", true, true},
    {"hypercall-page-behind", "HYPERCALL_PAGE:C0180000", true, true},
    {"hypercall-page-unaligned", "HYPERCALL_PAGE:C0102008", true, true},
    {"hypercall-page-below", "HYPERCALL_PAGE:BFFFF000", false, false},
    {"hypercall-page-far", "HYPERCALL_PAGE:F0000000", false, false},
    /* the file */
    {"shared-object", "@type:3", true, true},
    {"not-for-the-386", "@machine:28", false, false},
    {"no-rights", "@flags:0", false, false},
    {"sections-outside", "@shoff:FFFFFF00", false, false},
    {"symbols", "BSD_SYMTAB=yes @symbols:2", true, true},
    {"symbols-not-there", "BSD_SYMTAB=yes", true, true},
    {"symbols-of-none", "BSD_SYMTAB=yes @symbols:0", true, true},
    /* the text of older kernels */
    {"text", "TEXT " TEXT_GOOD, true, true},
    {"text-no-loader",
     "TEXT GUEST_OS=t,XEN_VER=xen-3.0,PAE=yes,VIRT_BASE=0xC0000000,ELF_PADDR_OFFSET=0", false,
     false},
    {"text-decimal",
     "TEXT XEN_VER=xen-3.0,PAE=yes,LOADER=generic,VIRT_BASE=3221225472,ELF_PADDR_OFFSET=0", true,
     true},
    {"text-octal",
     "TEXT XEN_VER=xen-3.0,PAE=yes,LOADER=generic,VIRT_BASE=030000000000,ELF_PADDR_OFFSET=0x0",
     true, true},
    {"text-no-number",
     "TEXT XEN_VER=xen-3.0,PAE=yes,LOADER=generic,VIRT_BASE=here,ELF_PADDR_OFFSET=0", false, false},
    {"text-offset-is-base",
     "@phys:C0100000 TEXT XEN_VER=xen-3.0,PAE=yes,LOADER=generic,VIRT_BASE=0xC0000000", true, true},
    {"text-pae-extended",
     "TEXT "
     "XEN_VER=xen-3.0,PAE=yes[extended-cr3],LOADER=generic,VIRT_BASE=0xC0000000,ELF_PADDR_OFFSET=0",
     true, true},
    {"text-no-pae", "TEXT XEN_VER=xen-3.0,LOADER=generic,VIRT_BASE=0xC0000000,ELF_PADDR_OFFSET=0",
     false, false},
    {"text-feature-unknown", "TEXT " TEXT_GOOD ",FEATURES=!nonsense", true, true},
    {"text-feature-ends-it", "TEXT FEATURES=!nonsense," TEXT_GOOD, false, false},
    {"text-feature-dom0", "TEXT " TEXT_GOOD ",FEATURES=!dom0", true, false},
    {"text-hypercall-page", "TEXT " TEXT_GOOD ",HYPERCALL_PAGE=0x102", true, true},
    {"text-hypercall-page-far", "TEXT " TEXT_GOOD ",HYPERCALL_PAGE=0x30000", false, false},
    {"text-entry-outside", "TEXT " TEXT_GOOD ",VIRT_ENTRY=0xC0200000", false, false},
    {"text-symbols", "@symbols:2 TEXT " TEXT_GOOD ",BSD_SYMTAB=yes", true, true},
};

const unsigned image_case_count = sizeof(image_cases) / sizeof(image_cases[0]);
