/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * memory_map.c - memory as the PC's BIOS would describe it
 *
 * A kernel asks for the map of its own memory when it starts. Who built the domain may have said
 * what that is; otherwise it is one piece of RAM from 0, as large as the domain may become, as
 * Xen's tools say it. Domain 0 has no such map: the machine's own is for it, as it drives the
 * devices.
 *
 * Source: xen/memory.h; ACPI specification, 15 (the entries' form).
 */
#include "hv/include/memory_map.h"
#include "hv/include/arch/boot.h"
#include "hv/include/errors.h"
#include "hv/include/mm.h"
#include "hv/include/arch/percpu.h"
#include "hv/include/arch/uaccess.h"

struct PACKED e820_entry {
    uint64_t start, size;
    uint32_t type;
};
#define E820_RAM    1
#define E820_A_PAGE (PAGE_SIZE / sizeof(struct e820_entry))
_Static_assert(E820_A_PAGE <= 255, "domain.h counts them in a byte");

static status simple_map(const struct domain *domain, struct xen_memory_map *map)
{
    struct e820_entry entry = {.size = (uint64_t)domain->max_pages << PAGE_SHIFT, .type = E820_RAM};

    if (map->nr_entries < 1)
        return -EINVAL;
    map->nr_entries = 1;
    return copy_to_guest(map->buffer.p, &entry, sizeof(entry)) ? -EFAULT : 0;
}

status memory_map(void *guest)
{
    const struct domain *domain = current_domain();
    struct xen_memory_map map;
    status result = 0;

    if (copy_from_guest(&map, guest, sizeof(map)))
        return -EFAULT;
    lock(&mm_lock); /* it may be given another one */
    if (domain->memory_map_entries) {
        map.nr_entries = MIN(map.nr_entries, domain->memory_map_entries);
        if (copy_to_guest(map.buffer.p, domain->memory_map,
                          map.nr_entries * sizeof(struct e820_entry)))
            result = -EFAULT;
    } else {
        result = domain->privileged ? -ENOSYS : simple_map(domain, &map);
    }
    unlock(&mm_lock);
    if (!result && copy_to_guest(guest, &map, sizeof(map)))
        result = -EFAULT;
    return result;
}

static status set_map(struct domain *domain, const struct xen_memory_map *map)
{
    struct e820_entry *fresh, *old;

    if (map->nr_entries > E820_A_PAGE)
        return -EINVAL;
    fresh = heap_page_for(domain);
    if (!fresh)
        return -ENOMEM;
    if (copy_from_guest(fresh, map->buffer.p, map->nr_entries * sizeof(*fresh))) {
        heap_free(fresh);
        domain->hv_pages--;
        return -EFAULT;
    }
    lock(&mm_lock);
    old = domain->memory_map;
    domain->memory_map = fresh;
    domain->memory_map_entries = (uint8_t)map->nr_entries;
    unlock(&mm_lock);
    if (old)
        domain->hv_pages--;
    heap_free(old);
    return 0;
}

status memory_map_set(const void *guest)
{
    struct xen_foreign_memory_map op;
    struct domain *domain;
    status result;

    if (copy_from_guest(&op, guest, sizeof(op)))
        return -EFAULT;
    result = domain_hold_named(op.domid, &domain);
    if (result)
        return result;
    result = set_map(domain, &op.map);
    domain_release(domain);
    return result;
}

/*
 * What the boot loader said, however it is used: a kernel looks here for addresses that it may give
 * to nothing else.
 */
status machine_memory_map(void *guest)
{
    struct xen_memory_map map;

    if (!current_domain()->privileged)
        return -EPERM;
    if (copy_from_guest(&map, guest, sizeof(map)))
        return -EFAULT;
    if (map.nr_entries < boot_information.regions)
        return -EINVAL;
    map.nr_entries = boot_information.regions;
    for (unsigned i = 0; i < map.nr_entries; i++) {
        const struct memory_region *region = &boot_information.region[i];
        struct e820_entry entry = {region->start, region->end - region->start, E820_RAM};

        if (copy_to_guest((struct e820_entry *)map.buffer.p + i, &entry, sizeof(entry)))
            return -EFAULT;
    }
    return copy_to_guest(guest, &map, sizeof(map)) ? -EFAULT : 0;
}
