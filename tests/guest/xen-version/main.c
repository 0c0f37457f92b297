/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xen_version: every sub-command's answer has the documented shape; unknown ones -ENOSYS, bad
 * buffers -EFAULT.
 */
#include "tests/guest/kit/kit.h"

static bool terminated(const char *text, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        if (!text[i])
            return true;
    return false;
}

void test(void)
{
    char text[1024];
    void *nowhere = (void *)0xF5800000; /* read-only for us, and the hypervisor's */

    long version = HYPERCALL(xen_version, XENVER_version, NULL);
    check(version >> 16 >= 3 && version >> 16 < 64, "version %lx", version);

    memset(text, 'x', sizeof(text));
    expect(HYPERCALL(xen_version, XENVER_extraversion, text), 0);
    check(terminated(text, XEN_EXTRAVERSION_LEN), "extraversion has no end");
    expect(HYPERCALL(xen_version, XENVER_extraversion, nowhere), -EFAULT);

    struct xen_compile_info compiled;
    memset(&compiled, 'x', sizeof(compiled));
    expect(HYPERCALL(xen_version, XENVER_compile_info, &compiled), 0);
    check(terminated(compiled.compiler, sizeof(compiled.compiler)), "compiler has no end");

    memset(text, 'x', sizeof(text));
    expect(HYPERCALL(xen_version, XENVER_capabilities, text), 0);
    check(terminated(text, sizeof(xen_capabilities_info_t)), "capabilities have no end");
    bool listed = false;
    for (const char *at = text; *at; at++)
        listed |= starts_with(at, "xen-3.0-x86_32p");
    check(listed, "capabilities are '%s'", text);

    memset(text, 'x', sizeof(text));
    expect(HYPERCALL(xen_version, XENVER_changeset, text), 0);
    check(terminated(text, sizeof(xen_changeset_info_t)), "changeset has no end");

    struct xen_platform_parameters platform = {0};
    expect(HYPERCALL(xen_version, XENVER_platform_parameters, &platform), 0);
    expect(platform.virt_start, HYPERVISOR_VIRT_START);
    expect(HYPERCALL(xen_version, XENVER_platform_parameters, nowhere), -EFAULT);

    struct xen_feature_info features = {.submap_idx = 0};
    expect(HYPERCALL(xen_version, XENVER_get_features, &features), 0);
    check(features.submap & 1U << XENFEAT_mmu_pt_update_preserve_ad, "features %x",
          features.submap);
    check(!(features.submap & 1U << XENFEAT_auto_translated_physmap), "features %x",
          features.submap);
    check(!(features.submap & 1U << XENFEAT_dom0) == !privileged, "features %x", features.submap);
    check(features.submap & 1U << XENFEAT_gnttab_map_avail_bits, "features %x", features.submap);
    check(features.submap & 1U << XENFEAT_memory_op_vnode_supported, "features %x",
          features.submap);
    features.submap_idx = XENFEAT_NR_SUBMAPS;
    features.submap = ~0U;
    expect(HYPERCALL(xen_version, XENVER_get_features, &features), -EINVAL);

    expect(HYPERCALL(xen_version, XENVER_pagesize, NULL), 4096);
    xen_domain_handle_t handle;
    memset(handle, 'x', sizeof(handle));
    expect(HYPERCALL(xen_version, XENVER_guest_handle, handle), 0);
    if (privileged)
        for (unsigned i = 0; i < sizeof(handle); i++)
            check(handle[i] == 0, "handle byte %u is %x", i, handle[i]);
    expect(HYPERCALL(xen_version, XENVER_commandline, text), 0);

    /* A hypervisor may have been linked without one. */
    long length = HYPERCALL(xen_version, XENVER_build_id, NULL);
    check(length == -ENODATA || length > 0, "the build's number: %ld", length);

    expect(HYPERCALL(xen_version, 999, text), -ENOSYS);
}
