/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * map.c - the hypervisor's own page tables, and the map cache
 *
 * hv_top_l2 holds every translation above HV_VIRT_START. It is complete before the first domain
 * exists and its L2 entries never change afterwards, so a guest's L2 of the top quarter gets a copy
 * of them when it is validated and stays right forever. What does change lies below, in L1 tables
 * that all share: descriptor pages (gdt.c), the map cache, and a page for each domain's vcpu_info.
 *
 * The map cache shows arbitrary frames at MAP_SLOTS addresses of each processor. A frame keeps its
 * slot until another needs it, so a table that is used again and again is translated once. A frame
 * goes to the slot of its number, or the first behind it that nobody uses.
 */
#include "hv/include/mm.h"
#include "hv/include/lib.h"
#include "hv/include/arch/percpu.h"

static pte descriptor_l1[TABLE_ENTRIES] ALIGNED(4096);
static pte map_l1[MAX_CPUS * MAP_SLOTS] ALIGNED(4096);
static pte fix_l1[TABLE_ENTRIES] ALIGNED(4096);
static pte vcpu_info_l1[TABLE_ENTRIES] ALIGNED(4096);

mfn zero_mfn;

#define SLOT_OF(address) (((address) >> L2_SHIFT) & (TABLE_ENTRIES - 1))
#define APIC_PHYSICAL    0xfee00000u

_Static_assert(SLOT_OF(IMAGE_VIRT_START) == IMAGE_L2_SLOT, "boot.h");
_Static_assert(MAX_CPUS *MAP_SLOTS % TABLE_ENTRIES == 0, "map cache is whole L1 tables");
_Static_assert(SLOT_OF(MAP_VIRT_START) + MAX_CPUS * MAP_SLOTS / TABLE_ENTRIES <= TABLE_ENTRIES,
               "map cache ends with the address space");
_Static_assert(MAX_DOMAINS <= TABLE_ENTRIES, "pages for vcpu_info are one L1 table");
_Static_assert(MAX_CPUS *DESC_PAGES_PER_CPU <= TABLE_ENTRIES, "descriptors are one L1 table");

void map_init(void)
{
    hv_top_l2[SLOT_OF(DESC_VIRT_START)] = image_physical(descriptor_l1) | PTE_PRESENT | PTE_RW;
    for (unsigned i = 0; i < MAX_CPUS * MAP_SLOTS; i += TABLE_ENTRIES)
        hv_top_l2[SLOT_OF(MAP_VIRT_START + i * PAGE_SIZE)] =
            image_physical(&map_l1[i]) | PTE_PRESENT | PTE_RW;
    hv_top_l2[SLOT_OF(FIX_VIRT_START)] = image_physical(fix_l1) | PTE_PRESENT | PTE_RW;
    hv_top_l2[SLOT_OF(VCPU_INFO_START)] = image_physical(vcpu_info_l1) | PTE_PRESENT | PTE_RW;
    fix_l1[0] = APIC_PHYSICAL | PTE_PRESENT | PTE_RW | PTE_PCD | PTE_GLOBAL;
    for (unsigned i = 0; i < 2; i++)
        hv_top_l2[IMAGE_L2_SLOT + i] |= PTE_GLOBAL;
    /* The boot's one-to-one mapping of low memory has served. */
    hv_root[0] = 0;
    write_cr3(read_cr3());
}

void *map_device(uint32_t physical)
{
    static unsigned next = 1; /* after the local APIC */
    unsigned slot = next++;

    if (slot == TABLE_ENTRIES)
        panic("no place to show a device at %x", physical);
    fix_l1[slot] = (physical & PAGE_MASK) | PTE_PRESENT | PTE_RW | PTE_PCD | PTE_GLOBAL;
    return (void *)(uintptr_t)(FIX_VIRT_START + slot * PAGE_SIZE + (physical & ~PAGE_MASK));
}

static void *slot_address(const struct cpu *cpu, unsigned slot)
{
    return (void *)(uintptr_t)(MAP_VIRT_START + (cpu->id * MAP_SLOTS + slot) * PAGE_SIZE);
}

/* For a frame that its number's slot does not show: the first slot from there on that does, or is
 * nobody's. */
static void *map_frame_anew(struct cpu *cpu, mfn number)
{
    for (unsigned i = 0; i < MAP_SLOTS; i++) {
        unsigned slot = (number + i) % MAP_SLOTS;
        struct map_slot *s = &cpu->map[slot];

        if (s->frame == number && number != 0) {
            s->users++;
            return slot_address(cpu, slot);
        }
        if (s->users > 0)
            continue;
        map_l1[cpu->id * MAP_SLOTS + slot] =
            MAKE_PTE(number, PTE_PRESENT | PTE_RW | PTE_ACCESSED | PTE_DIRTY);
        invlpg((uint32_t)(uintptr_t)slot_address(cpu, slot));
        s->frame = number;
        s->users = 1;
        return slot_address(cpu, slot);
    }
    panic("map cache full");
}

void *map_frame(mfn number)
{
    struct cpu *cpu = this_cpu();
    struct map_slot *first = &cpu->map[number % MAP_SLOTS];

    if (first->frame != number || number == 0)
        return map_frame_anew(cpu, number);
    first->users++;
    return slot_address(cpu, number % MAP_SLOTS);
}

void unmap_frame(const void *address)
{
    struct cpu *cpu = this_cpu();
    unsigned index = ((uint32_t)(uintptr_t)address - MAP_VIRT_START) / PAGE_SIZE;

    ASSERT(index / MAP_SLOTS == cpu->id && cpu->map[index % MAP_SLOTS].users > 0);
    cpu->map[index % MAP_SLOTS].users--;
}

void map_descriptor_page(unsigned cpu, unsigned page, mfn number, bool writable)
{
    pte entry = MAKE_PTE(number, PTE_PRESENT | PTE_ACCESSED | PTE_DIRTY | (writable ? PTE_RW : 0));
    unsigned slot = cpu * DESC_PAGES_PER_CPU + page;

    if (descriptor_l1[slot] == entry)
        return;
    descriptor_l1[slot] = entry;
    invlpg(DESC_VIRT_START + slot * PAGE_SIZE);
}

void *map_vcpu_info(unsigned id, mfn number)
{
    vcpu_info_l1[id] = MAKE_PTE(number, PTE_PRESENT | PTE_RW | PTE_ACCESSED | PTE_DIRTY);
    return (void *)(uintptr_t)(VCPU_INFO_START + id * PAGE_SIZE);
}

void unmap_vcpu_info(unsigned id)
{
    vcpu_info_l1[id] = 0;
    invlpg(VCPU_INFO_START + id * PAGE_SIZE);
    flush_all();
}

void write_pte(pte *where, pte value)
{
    volatile uint32_t *half = (volatile uint32_t *)where;

    if (half[1] == (uint32_t)(value >> 32)) {
        half[0] = (uint32_t)value;
        return;
    }
    half[0] = 0;
    half[1] = (uint32_t)(value >> 32);
    half[0] = (uint32_t)value;
}
