/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * grant.h - grant tables, version 1 (essay: mm/grant.c)
 *
 * Everything here needs mm_lock. Results named `grant_status` are the interface's GNTST_* numbers.
 */
#ifndef HV_GRANT_H
#define HV_GRANT_H

#include "hv/include/public_headers.h"
#include <xen/grant_table.h>
#include "hv/include/domain.h"
#include "hv/include/arch/layout.h"

typedef int16_t grant_status;

#define GRANT_FRAMES_DEFAULT 64 /* shared frames that a domain may have, unless its builder says */
#define GRANT_FRAMES_MAX     64
#define GRANTS_A_FRAME       (PAGE_SIZE / sizeof(struct grant_entry_v1))

/* What one pin is for. A mapping may make two: for the processor and for a device. */
enum grant_use { GRANT_HOST_WRITE, GRANT_HOST_READ, GRANT_DEVICE_WRITE, GRANT_DEVICE_READ };
#define GRANT_USES          4
#define GRANT_USE_LIMIT     0x80 /* of one kind, on one entry */
#define GRANT_WRITES(use)   ((use) == GRANT_HOST_WRITE || (use) == GRANT_DEVICE_WRITE)
#define GRANT_HOST(flags)   ((flags)&GNTMAP_readonly ? GRANT_HOST_READ : GRANT_HOST_WRITE)
#define GRANT_DEVICE(flags) ((flags)&GNTMAP_readonly ? GRANT_DEVICE_READ : GRANT_DEVICE_WRITE)

/* The hypervisor's own record of an entry that is in use. */
struct active_grant {
    mfn frame;
    uint16_t domain; /* who uses it */
    uint8_t pins[GRANT_USES];
};

/* A mapping that its domain has made; its index is the handle. */
struct grant_mapping {
    uint32_t ref;    /* a free one: the next free handle */
    uint16_t domain; /* the granter */
    uint16_t flags;  /* GNTMAP_*, without the bits for the guest; 0: free, or unmapped */
};

#define ACTIVE_A_PAGE   (PAGE_SIZE / sizeof(struct active_grant))
#define ACTIVE_PAGES    ((GRANT_FRAMES_MAX * GRANTS_A_FRAME + ACTIVE_A_PAGE - 1) / ACTIVE_A_PAGE)
#define MAPPINGS_A_PAGE (PAGE_SIZE / sizeof(struct grant_mapping))
#define MAPPING_PAGES   512

/* One page, made when the domain first needs it. */
struct grant_table {
    struct grant_entry_v1 *shared[GRANT_FRAMES_MAX];
    struct active_grant *active[ACTIVE_PAGES];
    struct grant_mapping *mapping[MAPPING_PAGES];
    unsigned frames;      /* of shared[] */
    unsigned handles;     /* that exist, free or not */
    uint32_t free_handle; /* the first of the list, or its end (mm/grant.c) */
};

/*
 * --- mm/grant.c: tables, pins, handles ---------------------------------------------------------
 */

/* Makes the table have at least so many frames, one if 0. -ENOMEM; more than allowed: -EINVAL. */
status grant_table_grow(struct domain *domain, unsigned frames);
unsigned grant_frames(const struct domain *domain);
unsigned grant_entries(const struct domain *domain);

/* The entry that guests see; NULL if the table is not there yet, or shorter. */
struct grant_entry_v1 *grant_shared(const struct domain *domain, grant_ref_t ref);
/* Ours, likewise. */
struct active_grant *grant_active(const struct domain *domain, grant_ref_t ref);
bool grant_pinned(const struct active_grant *active);

/*
 * Takes one use of an entry for a domain, and tells its frame, on which the caller then takes what
 * counts it needs. whole_page: the granter must not have restricted it to a part.
 */
grant_status grant_pin(const struct domain *granter, grant_ref_t ref, uint16_t grantee,
                       enum grant_use use, bool whole_page, mfn *frame);
void grant_unpin(const struct domain *granter, grant_ref_t ref, enum grant_use use);

/* A free handle, false: there is none; and back. The mapping of one that exists, or NULL. */
bool grant_handle_get(struct domain *domain, uint32_t *handle);
void grant_handle_put(struct domain *domain, uint32_t handle);

/* One handle more, or less, names a domain as the granter; whether any does. */
void grant_handle_names(uint16_t granter, int change);
bool grant_handles_name(unsigned granter);
struct grant_mapping *grant_mapping(const struct domain *domain, uint32_t handle);

/* The table's frames are lent: whether nobody else uses them. */
bool grant_frames_unused(const struct domain *domain);
/* The domain's number is going to be free: others' mappings must not mean its successor. */
void grants_forget(struct domain *domain);

/*
 * --- mm/grant_map.c ----------------------------------------------------------------------------
 */

/*
 * GNTTABOP_map_grant_ref, one of them: the result is in op->status, the handle and the frame's
 * address in op.
 */
void grant_map(struct domain *self, struct gnttab_map_grant_ref *op);

/* An unmapping of any kind; addresses that are 0 are not looked at. */
struct grant_unmap {
    uint64_t host_addr, device_addr;
    uint64_t new_addr; /* its entry replaces the one of host_addr */
    uint32_t handle;
};
grant_status grant_unmap(struct domain *self, const struct grant_unmap *op);

/* A dying domain gives back what it pinned. Its page tables give back the frames. */
bool grants_release(struct domain *domain);

/*
 * --- mm/grant_copy.c ---------------------------------------------------------------------------
 */

/*
 * One operation each of GNTTABOP_copy, GNTTABOP_transfer and GNTTABOP_swap_grant_ref; what is
 * refused has changed nothing.
 */
grant_status grant_copy(struct domain *self, const struct gnttab_copy *op);
grant_status grant_transfer(struct domain *self, const struct gnttab_transfer *op);
grant_status grant_swap(struct domain *self, grant_ref_t a, grant_ref_t b);

/*
 * The parts of a transfer that are the receiver's: its entry is asked for, and if it accepts a
 * frame from this domain it is committed to it; the place that it names; and what it is told.
 */
bool grant_accepts(const struct domain *to, grant_ref_t ref, uint16_t from);
uint32_t grant_accepted_pfn(const struct domain *to, grant_ref_t ref);
void grant_complete(const struct domain *to, grant_ref_t ref, mfn number);

#endif
