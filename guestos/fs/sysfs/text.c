/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * text.c - what the files in /sys say
 *
 * Processors are packages of one core with one thread each. Their caches are those that CPUID has:
 * by leaf 4 where there is one, else by the descriptors of leaf 2 (SDM 2A, CPUID, table 3-12), of
 * which the table below has those of the simulated machine's family and of QEMU.
 */
#include "guestos/fs/sysfs/text.h"
#include "guestos/arch.h"
#include "guestos/kernel/lib.h"
#include "guestos/mm/pages.h"

#define add(t, ...)                                                                                \
    ((t)->used += (uint32_t)format((t)->at + (t)->used, sizeof((t)->at) - (t)->used, __VA_ARGS__))

enum { CACHE_DATA = 1, CACHE_CODE, CACHE_UNIFIED }; /* as leaf 4 has them */

struct cache {
    uint8_t level, type, ways;
    uint16_t line;
    uint32_t bytes;
};

static const struct {
    uint8_t descriptor;
    struct cache cache;
} by_descriptor[] = {
    {0x2c, {1, CACHE_DATA, 8, 64, 32 << 10}},     {0x30, {1, CACHE_CODE, 8, 64, 32 << 10}},
    {0x66, {1, CACHE_DATA, 4, 64, 8 << 10}},      {0x67, {1, CACHE_DATA, 4, 64, 16 << 10}},
    {0x68, {1, CACHE_DATA, 4, 64, 32 << 10}},     {0x79, {2, CACHE_UNIFIED, 8, 64, 128 << 10}},
    {0x7a, {2, CACHE_UNIFIED, 8, 64, 256 << 10}}, {0x7b, {2, CACHE_UNIFIED, 8, 64, 512 << 10}},
    {0x7c, {2, CACHE_UNIFIED, 8, 64, 1 << 20}},   {0x7d, {2, CACHE_UNIFIED, 8, 64, 2 << 20}},
};

static void cpuid(uint32_t leaf, uint32_t subleaf, uint32_t r[4])
{
    __asm__ volatile("cpuid"
                     : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3])
                     : "a"(leaf), "c"(subleaf));
}

/* Leaf 2: four registers of descriptors, the first byte of all is a count of 1. */
static bool find_by_descriptor(unsigned index, struct cache *cache)
{
    uint32_t r[4];

    cpuid(2, 0, r);
    for (unsigned byte = 1; byte < 16; byte++) {
        if (r[byte / 4] >> 31)
            continue; /* holds none */
        uint8_t descriptor = (uint8_t)(r[byte / 4] >> byte % 4 * 8);

        for (unsigned i = 0; i < ARRAY_LENGTH(by_descriptor); i++)
            if (by_descriptor[i].descriptor == descriptor && index-- == 0) {
                *cache = by_descriptor[i].cache;
                return true;
            }
    }
    return false;
}

static bool find_cache(unsigned index, struct cache *cache)
{
    uint32_t r[4];

    cpuid(0, 0, r);
    if (r[0] < 2)
        return false;
    if (r[0] < 4)
        return find_by_descriptor(index, cache);
    cpuid(4, index, r);
    if (!(r[0] & 31))
        return false;
    cache->level = (uint8_t)(r[0] >> 5 & 7);
    cache->type = (uint8_t)(r[0] & 31);
    cache->line = (uint16_t)((r[1] & 0xfff) + 1);
    cache->ways = (uint8_t)((r[1] >> 22) + 1);
    cache->bytes = cache->line * cache->ways * ((r[1] >> 12 & 0x3ff) + 1) * (r[2] + 1);
    return true;
}

uint32_t sys_caches(void)
{
    struct cache cache;
    uint32_t n = 0;

    while (n < 8 && find_cache(n, &cache))
        n++;
    return n;
}

static struct cache cache_of(const struct sys_text *t)
{
    struct cache cache = {.line = 1, .ways = 1};

    find_cache(t->cache, &cache);
    return cache;
}

/* ---- processors ------------------------------------------------------------------------------ */

void sys_text_all(struct sys_text *t)
{
    if (arch_processors() == 1)
        add(t, "0\n");
    else
        add(t, "0-%u\n", arch_processors() - 1);
}

void sys_text_all_mask(struct sys_text *t)
{
    add(t, "%x\n", (1u << arch_processors()) - 1);
}

void sys_text_none(struct sys_text *t)
{
    add(t, "\n");
}

void sys_text_last(struct sys_text *t)
{
    add(t, "%u\n", arch_processors() - 1);
}

void sys_text_zero(struct sys_text *t)
{
    add(t, "0\n");
}

void sys_text_one(struct sys_text *t)
{
    add(t, "1\n");
}

void sys_text_number(struct sys_text *t)
{
    add(t, "%u\n", t->processor);
}

void sys_text_mask(struct sys_text *t)
{
    add(t, "%x\n", 1u << t->processor);
}

/* ---- caches ---------------------------------------------------------------------------------- */

void sys_text_level(struct sys_text *t)
{
    add(t, "%u\n", cache_of(t).level);
}

void sys_text_type(struct sys_text *t)
{
    static const char *const names[] = {"", "Data", "Instruction", "Unified"};

    add(t, "%s\n", names[cache_of(t).type & 3]);
}

void sys_text_size(struct sys_text *t)
{
    add(t, "%uK\n", cache_of(t).bytes >> 10);
}

void sys_text_line(struct sys_text *t)
{
    add(t, "%u\n", cache_of(t).line);
}

void sys_text_ways(struct sys_text *t)
{
    add(t, "%u\n", cache_of(t).ways);
}

void sys_text_sets(struct sys_text *t)
{
    struct cache cache = cache_of(t);

    add(t, "%u\n", cache.bytes / (uint32_t)(cache.line * cache.ways));
}

/* ---- memory, and what is below --------------------------------------------------------------- */

void sys_text_distance(struct sys_text *t)
{
    add(t, "10\n");
}

void sys_text_node_memory(struct sys_text *t)
{
    add(t, "Node 0 MemTotal: %u kB\nNode 0 MemFree: %u kB\n", pages_total() * (PAGE_SIZE / 1024),
        pages_free() * (PAGE_SIZE / 1024));
}

void sys_text_hypervisor(struct sys_text *t)
{
    add(t, "xen\n");
}
