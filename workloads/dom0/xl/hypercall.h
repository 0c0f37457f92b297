/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hypercall.h - the control program's way to the hypervisor
 *
 * Every call goes through the kernel's privcmd device (/proc/xen/privcmd), which makes a hypercall
 * with our arguments or maps another domain's frames into our address space. Functions return 0 or
 * a result >= 0, or a negative error number of the hypervisor's interface (Linux's numbers).
 */
#ifndef XENOLITH_XL_HYPERCALL_H
#define XENOLITH_XL_HYPERCALL_H

#include "include/xenolith/io.h"
#include "workloads/dom0/xl/interface.h"

/* Opens the device. Returns 0, or minus errno. Must be the first call. */
int hypercall_open(void);

/* Fills in the interface version and makes the call. */
long hypercall_domctl(struct xen_domctl *op);
long hypercall_sysctl(struct xen_sysctl *op);
/* XENVER_... of public/version.h; a buffer must just have been written. */
long hypercall_version(int command, void *buffer);
/* The hypervisor's disks (include/xenolith/io.h). */
long hypercall_io(struct xenolith_io_op *op);

/*
 * Allocates count frames of 4 KB to a domain, as pseudo-physical frames first, first + 1, ...
 * Writes their machine frames to machine[0..count). Returns 0; -ENOMEM if not all could be had.
 */
long hypercall_populate(domid_t domain, uint32_t first, uint32_t count, uint32_t *machine);

/* An event channel of `domain` that `remote` may bind to. Returns its port. */
long hypercall_alloc_unbound(domid_t domain, domid_t remote);

/* Pins a validated L3 table of the domain. */
long hypercall_pin_l3(domid_t domain, uint32_t machine_frame);

/*
 * Maps count machine frames of a domain, writable, one after the other. Returns the address, or
 * NULL with *error set to minus an error number if any of them could not be mapped.
 */
void *foreign_map(domid_t domain, const uint32_t *machine, uint32_t count, long *error);
void foreign_unmap(void *address, uint32_t count);

#endif
