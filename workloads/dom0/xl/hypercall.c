/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hypercall.c - privcmd: two ioctls, in Linux's layout
 *
 * PRIVCMD_HYPERCALL    number and five arguments; the result of the ioctl is the hypercall's, as an
 *                      errno if negative.
 * PRIVCMD_MMAPBATCH_V2 fills a range that was mmap()ed from the device with the frames in an array,
 *                      one error code for each.
 *
 * A hypercall reads our memory through the kernel's current page tables and cannot take a page
 * fault for us. Every buffer that is passed has therefore just been written, which makes it
 * present.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "workloads/dom0/xl/hypercall.h"

struct privcmd_hypercall {
    uint64_t op;
    uint64_t arg[5];
};

struct privcmd_mmapbatch_v2 {
    unsigned int num;
    domid_t dom;
    uint64_t addr;
    const xen_pfn_t *arr;
    int *err;
};

#define PRIVCMD_HYPERCALL    _IOC(_IOC_NONE, 'P', 0, sizeof(struct privcmd_hypercall))
#define PRIVCMD_MMAPBATCH_V2 _IOC(_IOC_NONE, 'P', 4, sizeof(struct privcmd_mmapbatch_v2))

#define POPULATE_BATCH 1024u /* frames in one hypercall */
#define MAP_MOST       512u  /* frames in one foreign_map */

static int device = -1;

int hypercall_open(void)
{
    static const char *const names[] = {"/proc/xen/privcmd", "/dev/xen/privcmd"};

    for (unsigned i = 0; i < 2 && device < 0; i++)
        device = open(names[i], O_RDWR | O_CLOEXEC);
    return device < 0 ? -errno : 0;
}

static long hypercall(unsigned number, uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d)
{
    struct privcmd_hypercall call = {number, {a, b, c, d, 0}};
    long result = ioctl(device, PRIVCMD_HYPERCALL, &call);

    return result < 0 ? -errno : result;
}

long hypercall_domctl(struct xen_domctl *op)
{
    op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    return hypercall(__HYPERVISOR_domctl, (uintptr_t)op, 0, 0, 0);
}

long hypercall_sysctl(struct xen_sysctl *op)
{
    op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    return hypercall(__HYPERVISOR_sysctl, (uintptr_t)op, 0, 0, 0);
}

long hypercall_version(int command, void *buffer)
{
    return hypercall(__HYPERVISOR_xen_version, (uintptr_t)command, (uintptr_t)buffer, 0, 0);
}

long hypercall_io(struct xenolith_io_op *op)
{
    return hypercall(XENOLITH_IO_HYPERCALL, (uintptr_t)op, 0, 0, 0);
}

long hypercall_populate(domid_t domain, uint32_t first, uint32_t count, uint32_t *machine)
{
    static xen_pfn_t frames[POPULATE_BATCH];

    for (uint32_t done = 0; done < count;) {
        uint32_t batch = count - done < POPULATE_BATCH ? count - done : POPULATE_BATCH;
        struct xen_memory_reservation r = {.nr_extents = batch, .domid = domain};

        for (uint32_t i = 0; i < batch; i++)
            frames[i] = first + done + i;
        set_xen_guest_handle(r.extent_start, frames);
        long result =
            hypercall(__HYPERVISOR_memory_op, XENMEM_populate_physmap, (uintptr_t)&r, 0, 0);

        if (result < 0)
            return result;
        if ((uint32_t)result != batch)
            return -ENOMEM;
        for (uint32_t i = 0; i < batch; i++)
            machine[done + i] = (uint32_t)frames[i];
        done += batch;
    }
    return 0;
}

long hypercall_alloc_unbound(domid_t domain, domid_t remote)
{
    struct evtchn_alloc_unbound op = {.dom = domain, .remote_dom = remote};
    long result =
        hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, (uintptr_t)&op, 0, 0);

    return result < 0 ? result : (long)op.port;
}

long hypercall_pin_l3(domid_t domain, uint32_t machine_frame)
{
    struct mmuext_op op = {.cmd = MMUEXT_PIN_L3_TABLE, .arg1 = {.mfn = machine_frame}};

    return hypercall(__HYPERVISOR_mmuext_op, (uintptr_t)&op, 1, 0, domain);
}

void *foreign_map(domid_t domain, const uint32_t *machine, uint32_t count, long *error)
{
    static xen_pfn_t frames[MAP_MOST];
    static int errors[MAP_MOST];

    if (count > MAP_MOST) {
        *error = -E2BIG;
        return NULL;
    }
    void *address = mmap(NULL, count * XL_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, device, 0);

    if (address == MAP_FAILED) {
        *error = -errno;
        return NULL;
    }
    for (uint32_t i = 0; i < count; i++) {
        frames[i] = machine[i];
        errors[i] = 0;
    }
    struct privcmd_mmapbatch_v2 batch = {count, domain, (uintptr_t)address, frames, errors};

    *error = ioctl(device, PRIVCMD_MMAPBATCH_V2, &batch) < 0 ? -errno : 0;
    for (uint32_t i = 0; i < count && *error == 0; i++)
        *error = errors[i];
    if (*error == 0)
        return address;
    foreign_unmap(address, count);
    return NULL;
}

void foreign_unmap(void *address, uint32_t count)
{
    munmap(address, count * XL_PAGE_SIZE);
}
