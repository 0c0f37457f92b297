/* SPDX-License-Identifier: GPL-2.0-only */
/* Arguments, from right to nonsense. */
#include "tests/fire/guest/fuzz.h"

static uint32_t state;

void random_seed(uint32_t seed)
{
    state = seed * 2654435761u | 1;
}

uint32_t random(void)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

uint32_t below(uint32_t count)
{
    return (uint32_t)((uint64_t)random() * count >> 32);
}

bool once_in(uint32_t times)
{
    return below(times) == 0;
}

uint32_t any_word(void)
{
    static const uint32_t edges[] = {0,          1,          0x7fffffff, 0x80000000, 0xffffffff,
                                     0xf5800000, 0xf57fffff, 0xf6800000, 0xfe000000, 0xfffff000,
                                     0xc0000000, 0x1000,     0xfff,      1024,       4096};

    switch (below(4)) {
    case 0:
        return edges[below(sizeof(edges) / sizeof(edges[0]))];
    case 1:
        return below(40);
    case 2:
        return 1u << below(32);
    default:
        return random();
    }
}

void *any_page(void)
{
    return once_in(4) ? (void *)arena.table[below(TABLE_PAGES)] : arena.data[below(DATA_PAGES)];
}

#define FRAMES 0x20000u /* of 512 MB */

static uint32_t ground[FRAMES / 32]; /* frames that we stand on */

void values_protect(void)
{
    for (unsigned long pfn = 0; pfn < start->nr_pages; pfn++)
        if (p2m[pfn] < FRAMES)
            ground[p2m[pfn] / 32] |= 1u << p2m[pfn] % 32;
}

/* Somebody's frame, or nobody's; seldom one that we stand on. */
static unsigned long foreign_mfn(void)
{
    unsigned long mfn = once_in(2) ? below(FRAMES) : any_word();

    while (mfn < FRAMES && ground[mfn / 32] >> mfn % 32 & 1 && !once_in(500))
        mfn = below(FRAMES);
    return mfn;
}

unsigned long any_mfn(void)
{
    switch (below(16)) {
    case 0:
    case 1:
        return foreign_mfn();
    case 2:
        return start->shared_info >> 12;
    case 3:
        return mfn_of(arena.root);
    case 4:
    case 5:
    case 6:
    case 7:
    case 8:
        return mfn_of(arena.table[below(TABLE_PAGES)]);
    default:
        return mfn_of(arena.data[below(DATA_PAGES)]);
    }
}

static domid_t self;

void values_name(domid_t own)
{
    self = own;
}

domid_t any_peer(void)
{
    return once_in(6) ? below(2) : self + below(9) - 4;
}

domid_t any_domain(void)
{
    if (!once_in(8))
        return DOMID_SELF;
    return once_in(4) ? 0x7ff0 + below(16) : any_peer();
}

unsigned any_count(unsigned usual, unsigned most)
{
    return once_in(24) ? 1 + below(most) : 1 + below(usual);
}

unsigned long repeated(unsigned long count)
{
    return once_in(40) ? any_word() : once_in(12) ? count | 0x80000000u : count;
}

void *any_buffer(void)
{
    switch (below(12)) {
    case 0:
        return (void *)any_word();
    case 1:
        return (char *)arena.table[below(TABLE_PAGES)] + below(PAGE_SIZE);
    case 2:
        return (void *)(0xF5800000 - 1 - below(64));
    case 3:
        return (void *)(0xF5800000 + below(0x1000000));
    case 4:
        return (void *)(WINDOW + below(0x400000));
    case 5:
        return (char *)arena.data[below(DATA_PAGES)] + PAGE_SIZE - below(32);
    default:
        return (char *)arena.data[below(DATA_PAGES)] + (below(PAGE_SIZE) & ~15u);
    }
}

unsigned any_port(void)
{
    return once_in(10) ? any_word() : below(24);
}

unsigned any_handle(void)
{
    return once_in(10) ? any_word() : below(32);
}

uint64_t any_entry(void)
{
    static const uint16_t flags[] = {0x61, 0x63, 0x65, 0x67, 0x01, 0x21, 0x23, 0x27};
    uint64_t entry = MFN_PTE(any_mfn(), flags[below(8)]);

    if (once_in(6))
        return 0;
    if (once_in(10))
        entry ^= 1ULL << below(12);
    if (once_in(30))
        entry ^= 1ULL << (32 + below(32));
    return entry;
}

uint64_t any_table_entry(void)
{
    uint64_t entry = MFN_PTE(mfn_of(arena.table[below(TABLE_PAGES)]), once_in(2) ? 0x01 : 0x63);

    if (once_in(4))
        return 0;
    return once_in(6) ? any_entry() : entry;
}

uint64_t any_entry_address(void)
{
    uint64_t *table = arena.table[below(TABLE_PAGES)];
    unsigned slot = once_in(3) ? below(512) : below(6);

    switch (below(12)) {
    case 0: /* the one in use: not the quarter that the kernel is in */
        return machine_of(&base_table()[below(3)]);
    case 1: /* of a page of the arena, in the kernel's own table */
        return arena.entry[below(DATA_PAGES)];
    case 2:
        return machine_of(arena.data[below(DATA_PAGES)]) + 8 * slot;
    case 3:
        return machine_of(&arena.root[below(8)]);
    case 4:
        return (uint64_t)any_mfn() << 12 | (once_in(4) ? below(4096) : 8 * slot);
    default:
        return machine_of(&table[slot]);
    }
}
