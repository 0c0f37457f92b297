/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * walk.c - the page walk of an address, level by level, and what the hypervisor keeps of each frame
 *
 * Entries are read from the memory that CR3 names; nothing is set by looking. Behind a table's
 * entry stands what the hypervisor's frame table says of the frame that it names: owner, type and
 * both counts (hv/include/frame.h, whose layout struct frame_record repeats; tests/system/step.sh
 * fails if they part).
 */
#include "sim/inspect/inspect.h"

#include "cpu/x86/paging.h"
#include "cpu/x86/registers.h"

#include <inttypes.h>
#include <string.h>

struct frame_record {
    uint32_t count, type_count;
    uint8_t type, flags;
    uint16_t owner;
    uint32_t stamp;
};

static const char *const frame_types[] = {
    "none", "L1", "L2", "L2 of the top quarter", "L3", "descriptor table", "writable"};
static const struct {
    uint8_t bit;
    const char *name;
} frame_flags[] = {{1, "pinned"}, {2, "validated"}, {4, "the hypervisor's"}};

static void show_frame(const struct inspect *inspect, uint32_t mfn, FILE *out)
{
    uint32_t at, table, size;
    struct frame_record f;

    if (!inspect->hypervisor || !symbols_find(&inspect->symbols, "frame_table_size", &at) ||
        !inspect_read(inspect, at, &size, sizeof(size)) || mfn >= size ||
        !symbols_find(&inspect->symbols, "frame_table", &at) ||
        !inspect_read(inspect, at, &table, sizeof(table)) ||
        !inspect_read(inspect, table + mfn * (uint32_t)sizeof(f), &f, sizeof(f)) ||
        f.type >= sizeof(frame_types) / sizeof(*frame_types))
        return;
    fprintf(out, "         frame %05x: ", mfn);
    if (f.owner >= 0xfffe) /* OWNER_NONE, OWNER_HV */
        fprintf(out, "%s", f.owner == 0xfffe ? "the hypervisor's own" : "nobody's");
    else
        fprintf(out, "of domain %u", f.owner);
    fprintf(out, ", type %s, %u uses as it, %u in all", frame_types[f.type], f.type_count, f.count);
    for (size_t i = 0; i < sizeof(frame_flags) / sizeof(*frame_flags); i++)
        if (f.flags & frame_flags[i].bit)
            fprintf(out, ", %s", frame_flags[i].name);
    fputc('\n', out);
}

/* One entry; false: it is not present, or lies in no memory. */
static bool show_entry(const struct inspect *inspect, const char *level, uint64_t at,
                       unsigned bytes, uint64_t *entry, FILE *out)
{
    static const struct {
        uint64_t bit;
        const char *set, *clear;
    } bits[] = {{PTE_WRITABLE, "writable", "read-only"},
                {PTE_USER, "user", "supervisor"},
                {PTE_ACCESSED, "accessed", NULL},
                {PTE_DIRTY, "dirty", NULL},
                {PTE_LARGE, "large", NULL},
                {PTE_GLOBAL, "global", NULL},
                {PTE_NX, "not executable", NULL}};
    const struct machine_config *config = &inspect->machine->config;

    *entry = 0;
    if (at + bytes > config->ram_bytes) {
        fprintf(out, "  %s at %08" PRIx64 ": beyond the memory\n", level, at);
        return false;
    }
    memcpy(entry, inspect->machine->ram + at, bytes);
    fprintf(out, "  %s at %08" PRIx64 ": %0*" PRIx64, level, at, (int)(2 * bytes), *entry);
    if (!(*entry & PTE_PRESENT)) {
        fprintf(out, ", not present\n");
        return false;
    }
    for (size_t i = 0; i < sizeof(bits) / sizeof(*bits); i++) {
        const char *word = *entry & bits[i].bit ? bits[i].set : bits[i].clear;

        if (word && strcmp(level, "L3") != 0) /* whose entries have no rights */
            fprintf(out, ", %s", word);
    }
    fputc('\n', out);
    show_frame(inspect, (uint32_t)((*entry & PTE_ADDRESS) >> 12), out);
    return true;
}

void view_walk(const struct inspect *inspect, uint32_t linear, FILE *out)
{
    struct cpu_registers r;
    uint32_t physical;
    uint64_t entry;
    bool pae;

    cpu_registers(inspect->machine->cpu[inspect->cpu], &r);
    fprintf(out, "walk of %08x, cr3 %08x\n", linear, r.cr3);
    if (!(r.cr0 & CR0_PG)) {
        fprintf(out, "  paging is off: physical %08x\n", linear);
        return;
    }
    pae = r.cr4 & CR4_PAE;
    show_frame(inspect, r.cr3 >> 12, out);
    entry = r.cr3;
    if (pae &&
        !show_entry(inspect, "L3", (r.cr3 & ~UINT64_C(31)) + 8 * (linear >> 30), 8, &entry, out))
        return;
    if (!show_entry(inspect, "L2", paging_directory_entry(entry & PTE_ADDRESS, linear, pae),
                    pae ? 8 : 4, &entry, out))
        return;
    if (!(entry & PTE_LARGE) &&
        !show_entry(inspect, "L1", paging_table_entry(entry & PTE_ADDRESS, linear, pae),
                    pae ? 8 : 4, &entry, out))
        return;
    if (cpu_translate(inspect->machine->cpu[inspect->cpu], linear, &physical))
        fprintf(out, "  physical %08x\n", physical);
}
