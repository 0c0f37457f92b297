/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unicorn_tlb.c - the library's software TLB, and memory accesses made through it
 *
 * The software TLB finds host memory for a linear address in a few inline instructions. Its tables
 * have a fixed size here (the library would resize them by the time of day).
 *
 * What depends on what it holds. Nothing, for a guest that flushes what it changes: filling sets
 * accessed bits, and is charged nothing. A guest that changes an entry of its page tables and does
 * not flush goes on with what is held, as it may on a processor (SDM vol. 3, 4.10.4), until an
 * entry for another page takes the place or the processor flushes. When that is, is a function of
 * the guest's own accesses: the same in each run, however it is stopped, stepped or watched. It is
 * not when the modelled TLBs (cpu/model) lose the page: these are far smaller, and count and cost
 * only. So what is held here is a part of the machine's state.
 *
 * A table has 2048 entries of 32 bytes for each of three modes; wiping them all at every CR3 load
 * would cost 5 us. So we note which entries are filled and wipe those.
 *
 * Linear addresses of 33 bits. The library adds in 64 bits: the second half of an access that wraps
 * around at 4 GB is at 1 << 32 for it, and so it asks for a translation, looks for it, and
 * subtracts the addend. So the entry is made for that address. It is marked as invalid, for which
 * the library uses it once: whether the segment allows the next one is seen then, and INVLPG need
 * not know it.
 *
 * Ring 0 uses mode 0, rings 1 and 2 mode 2, ring 3 mode 1. The library chooses mode 0 over mode 2
 * when SMAP is on in its mode bits, so lib_load_segment() sets that bit exactly in ring 0. The
 * guest's own SMAP does not exist: the processor is older.
 */
#include <stdlib.h>
#include <string.h>

#include "cpu/engine/unicorn_private.h"
#include "cpu/x86/registers.h"
#include "cpu/engine/engine_calls.h"

enum { TLB_ENTRIES = 2048, MEMORY_ATTRIBUTES = 1 /* "unspecified" */ };
enum { RIGHT_READ = 1, RIGHT_WRITE = 2, RIGHT_EXECUTE = 4 };

_Static_assert(sizeof(struct soft_entry) == TLB_ENTRY_BYTES, "software TLB layout");
_Static_assert(offsetof(struct soft_entry, addend) == TLB_ENTRY_ADDEND, "software TLB layout");
_Static_assert(SOFT_TLB_MODES == (int)TLB_MODES &&
                   LIB_TLB_SLOTS == (int)TLB_MODES * (int)TLB_ENTRIES,
               "software TLB layout");

static struct soft_entry *table(const uint8_t *object, unsigned mode)
{
    return FIELD(struct soft_entry *, object,
                 OBJECT_TLB_FAST + mode * TLB_FAST_BYTES + TLB_FAST_TABLE);
}

static uint8_t *description(uint8_t *object, unsigned mode)
{
    return object + OBJECT_TLB_DESC + mode * TLB_DESC_BYTES;
}

bool lib_tlb_prepare(uint8_t *object)
{
    for (unsigned mode = 0; mode < TLB_MODES; mode++) {
        uint8_t *fast = object + OBJECT_TLB_FAST + mode * TLB_FAST_BYTES;
        uint8_t *desc = description(object, mode);
        void *entries = malloc(TLB_ENTRIES * TLB_ENTRY_BYTES);
        void *iotlb = calloc(TLB_ENTRIES, TLB_IOTLB_ENTRY_BYTES);

        if (!entries || !iotlb) {
            free(entries);
            free(iotlb);
            return false;
        }
        memset(entries, 0xff, TLB_ENTRIES * TLB_ENTRY_BYTES);
        FIELD(uint64_t, fast, TLB_FAST_MASK) = (uint64_t)(TLB_ENTRIES - 1) << TLB_ENTRY_BITS;
        FIELD(void *, fast, TLB_FAST_TABLE) = entries;
        memset(desc, 0, TLB_DESC_BYTES);
        memset(desc, 0xff, 16); /* no large page */
        FIELD(int64_t, desc, TLB_DESC_WINDOW_BEGIN) = INT64_MAX / 2;
        memset(desc + TLB_DESC_VICTIMS, 0xff, TLB_DESC_VICTIM_SLOTS * TLB_ENTRY_BYTES);
        FIELD(void *, desc, TLB_DESC_IOTLB) = iotlb;
    }
    return true;
}

void lib_tlb_release(uint8_t *object)
{
    for (unsigned mode = 0; mode < TLB_MODES; mode++) {
        free(table(object, mode));
        free(FIELD(void *, description(object, mode), TLB_DESC_IOTLB));
    }
}

static void wipe(struct cpu *cpu, unsigned mode)
{
    struct soft_entry *entries = table(cpu->object, mode);
    unsigned count = cpu->soft_tlb[mode].count;

    if (count == 0)
        return;
    if (count > SOFT_TLB_NOTED)
        memset(entries, 0xff, TLB_ENTRIES * TLB_ENTRY_BYTES);
    else
        for (unsigned i = 0; i < count; i++)
            memset(&entries[cpu->soft_tlb[mode].index[i]], 0xff, TLB_ENTRY_BYTES);
    cpu->soft_tlb[mode].count = 0;

    uint8_t *desc = description(cpu->object, mode);

    memset(desc + TLB_DESC_VICTIMS, 0xff, TLB_DESC_VICTIM_SLOTS * TLB_ENTRY_BYTES);
    FIELD(uint64_t, desc, TLB_DESC_USED) = 0;
}

/*
 * The library's jump cache remembers blocks by their linear address: 64 slots for the page, mixed
 * from two parts of its number. A block gets there only after its page was entered as executable,
 * so only the slots of such pages are wiped.
 */
enum { JUMP_GROUP_BYTES = OBJECT_JUMP_CACHE_SLOTS / 64 * sizeof(void *) };

static void note_jumps(struct cpu *cpu, uint32_t linear)
{
    cpu->jump_groups |= UINT64_C(1) << ((linear >> 12 ^ linear >> 18) & 63);
}

void lib_forget_jumps(struct cpu *cpu)
{
    for (uint64_t left = cpu->jump_groups; left; left &= left - 1)
        memset(cpu->object + OBJECT_JUMP_CACHE + __builtin_ctzll(left) * JUMP_GROUP_BYTES, 0,
               JUMP_GROUP_BYTES);
}

void lib_tlb_flush(struct cpu *cpu)
{
    if (cpu->timing)
        timing_empty_filter(cpu->timing);
    for (unsigned mode = 0; mode < TLB_MODES; mode++)
        wipe(cpu, mode);
    lib_forget_jumps(cpu);
    cpu->jump_groups = 0;
}

void lib_tlb_flush_outer(struct cpu *cpu)
{
    wipe(cpu, ACCESS_RING12);
    lib_forget_jumps(cpu);
}

/* The library flushes when CR0 or CR4 change and when a processor is reset. */
INTERPOSE(void, tlb_flush_x86_64, void *object)
{
    for (unsigned i = 0; i < CPU_MAX; i++)
        if (lib_engine->cpu[i].object == object)
            lib_tlb_flush(&lib_engine->cpu[i]);
}

void tlb_flush_page_x86_64(void *object, uint64_t linear);

void lib_tlb_flush_page(struct cpu *cpu, uint32_t linear)
{
    tlb_flush_page_x86_64(cpu->object, linear);
}

/* What the library notes of a page beside its entry, for its slow path. */
struct io_entry {
    uint64_t address; /* where its RAM is, less the linear address */
    uint32_t attributes;
    uint32_t device; /* ours: the physical page of one that is not RAM */
};
_Static_assert(sizeof(struct io_entry) == TLB_IOTLB_ENTRY_BYTES, "software TLB layout");

/* Enters a page the library's way, which allows for everything, devices too. What it evicts goes to
 * a few more slots, which are not used here: they would have to be searched at every entry. */
static void enter_any(struct cpu *cpu, enum access_mode mode, uint64_t page, uint64_t physical,
                      int rights)
{
    if (physical >> 32)
        physical = cpu->engine->nowhere;
    tlb_set_page_with_attrs_x86_64(cpu->object, page, physical, MEMORY_ATTRIBUTES, rights, mode,
                                   0x1000);
    memset(description(cpu->object, mode) + TLB_DESC_VICTIMS, 0xff,
           TLB_DESC_VICTIM_SLOTS * TLB_ENTRY_BYTES);
    /* It grows the table when many entries are used. */
    FIELD(uint64_t, description(cpu->object, mode), TLB_DESC_USED) = 0;
    FIELD(struct io_entry *, description(cpu->object, mode), TLB_DESC_IOTLB)
    [page >> 12 & (TLB_ENTRIES - 1)].device = (uint32_t)(physical >> 12);
}

/* Enters a page of RAM. */
static void enter_ram(struct cpu *cpu, struct soft_entry *entry, struct io_entry *io, uint64_t page,
                      uint32_t physical, int rights)
{
    const uint64_t none = UINT64_MAX;

    entry->tag[ACCESS_READ] = rights & RIGHT_READ ? page : none;
    entry->tag[ACCESS_WRITE] = rights & RIGHT_WRITE ? page : none;
    entry->tag[ACCESS_FETCH] = rights & RIGHT_EXECUTE ? page : none;
    entry->addend = (uintptr_t)cpu->engine->config.ram + physical - page;
#if LIB_VERSION >= 20100
    entry->physical = physical;
#endif
    io->address = (uint64_t)physical - page;
    io->attributes = MEMORY_ATTRIBUTES;
}

/* Ring 0 with EFLAGS.AC set fetches, too, in the mode of rings 1 and 2. */
static enum access_mode fetch_mode(const struct cpu *cpu)
{
    unsigned ring = lib_ring(cpu);

    if (ring == 3)
        return ACCESS_RING3;
    return ring != 0 || (*lib_raw_eflags(cpu) & EFLAGS_AC) ? ACCESS_RING12 : ACCESS_RING0;
}

bool lib_may_fetch(struct cpu *cpu, uint32_t linear)
{
    enum access_mode mode = fetch_mode(cpu);
    const struct soft_entry *entry = &table(cpu->object, mode)[linear >> 12 & (TLB_ENTRIES - 1)];

    return entry->tag[ACCESS_FETCH] == (linear & ~0xfffu) ||
           mmu_fill(cpu, linear, ACCESS_FETCH, mode, true);
}

void lib_tlb_enter(struct cpu *cpu, enum access_mode mode, uint64_t linear, uint64_t physical,
                   bool readable, bool writable, bool executable)
{
    struct cpu_engine *engine = cpu->engine;
    int rights = (readable ? RIGHT_READ : 0) | (writable ? RIGHT_WRITE : 0) |
                 (executable ? RIGHT_EXECUTE : 0);
    unsigned index = (unsigned)(linear >> 12) & (TLB_ENTRIES - 1);
    struct soft_entry *entry = &table(cpu->object, mode)[index];
    uint64_t page = linear & ~UINT64_C(0xfff);

    physical &= ~UINT64_C(0xfff);
    if (physical < engine->config.ram_bytes) {
        struct io_entry *io =
            FIELD(struct io_entry *, description(cpu->object, mode), TLB_DESC_IOTLB);

        enter_ram(cpu, entry, &io[index], page, (uint32_t)physical, rights);
        /* Stores must be seen where there is code. */
        if (writable && engine->code_frames[physical >> 12])
            entry->tag[ACCESS_WRITE] |= TLB_NOTDIRTY;
    } else {
        enter_any(cpu, mode, page, physical, rights & ~RIGHT_EXECUTE);
    }
    if (executable)
        note_jumps(cpu, (uint32_t)linear);
    if (breakpoint_watches_page(cpu, (uint32_t)linear))
        for (enum access_kind kind = ACCESS_READ; kind <= ACCESS_WRITE; kind++)
            entry->tag[kind] |= TLB_WATCHED;
    if (__builtin_expect(linear >> 32 != 0, 0))
        for (enum access_kind kind = ACCESS_READ; kind <= ACCESS_FETCH; kind++)
            entry->tag[kind] |= TLB_INVALID;

    unsigned count = cpu->soft_tlb[mode].count;

    if (count < SOFT_TLB_NOTED)
        cpu->soft_tlb[mode].index[count] = (uint16_t)index;
    if (count <= SOFT_TLB_NOTED)
        cpu->soft_tlb[mode].count = count + 1;
    engine->figures.softmmu_fills++;
}

bool lib_tlb_entry(struct cpu *cpu, unsigned slot, uint32_t *mode, uint64_t *linear,
                   uint64_t *physical, uint32_t *rights)
{
    unsigned index = slot % TLB_ENTRIES;
    const struct soft_entry *entry;
    uint64_t any = UINT64_MAX;
    bool device = false;

    *mode = slot / TLB_ENTRIES;
    *rights = 0;
    entry = &table(cpu->object, *mode)[index];
    for (enum access_kind kind = ACCESS_READ; kind <= ACCESS_FETCH; kind++)
        if (entry->tag[kind] != UINT64_MAX) {
            any = entry->tag[kind] & ~UINT64_C(0xfff);
            device = device || entry->tag[kind] & TLB_MMIO;
            *rights |= 1u << kind;
        }
    *linear = any;
    *physical = any + entry->addend - (uintptr_t)cpu->engine->config.ram;
    if (device)
        *physical = (uint64_t)FIELD(struct io_entry *, description(cpu->object, *mode),
                                    TLB_DESC_IOTLB)[index]
                        .device
                    << 12;
    return *rights != 0;
}

/* ---- stores to frames that hold code --------------------------------------------------------- */

/* Sets TLB_NOTDIRTY in the write tags of one mode that lead to a frame, or clears it. */
static void mark_stores(struct cpu *cpu, unsigned mode, uint32_t frame, bool watched)
{
    uintptr_t host = (uintptr_t)cpu->engine->config.ram + ((uintptr_t)frame << 12);
    unsigned noted = cpu->soft_tlb[mode].count;
    unsigned count = noted <= SOFT_TLB_NOTED ? noted : TLB_ENTRIES;

    for (unsigned i = 0; i < count + TLB_DESC_VICTIM_SLOTS; i++) {
        struct soft_entry *entry =
            i >= count
                ? &FIELD(struct soft_entry, description(cpu->object, mode),
                         TLB_DESC_VICTIMS + (i - count) * TLB_ENTRY_BYTES)
                : &table(cpu->object, mode)[count == noted ? cpu->soft_tlb[mode].index[i] : i];
        uint64_t *tag = &entry->tag[ACCESS_WRITE];

        if ((*tag & (TLB_INVALID | TLB_MMIO)) || (*tag & ~UINT64_C(0xfff)) + entry->addend != host)
            continue;
        *tag = watched ? *tag | TLB_NOTDIRTY : *tag & ~(uint64_t)TLB_NOTDIRTY;
    }
}

void lib_tlb_watch_stores(struct cpu *cpu, uint32_t frame)
{
    for (unsigned mode = 0; mode < TLB_MODES; mode++)
        mark_stores(cpu, mode, frame, true);
}

void lib_tlb_free_stores(struct cpu *cpu, uint32_t frame)
{
    for (unsigned mode = 0; mode < TLB_MODES; mode++)
        mark_stores(cpu, mode, frame, false);
}

/* ---- watched pages --------------------------------------------------------------------------- */

static void watch_entry(struct soft_entry *entry, uint32_t page)
{
    for (enum access_kind kind = ACCESS_READ; kind <= ACCESS_WRITE; kind++)
        if (entry->tag[kind] != UINT64_MAX && (entry->tag[kind] & 0xfffff000u) == page)
            entry->tag[kind] |= TLB_WATCHED;
}

void lib_tlb_watch_page(struct cpu *cpu, uint32_t linear)
{
    uint32_t page = linear & ~0xfffu;

    for (unsigned mode = 0; mode < TLB_MODES; mode++) {
        watch_entry(&table(cpu->object, mode)[linear >> 12 & (TLB_ENTRIES - 1)], page);
        for (unsigned i = 0; i < TLB_DESC_VICTIM_SLOTS; i++)
            watch_entry(&FIELD(struct soft_entry, description(cpu->object, mode),
                               TLB_DESC_VICTIMS + i * TLB_ENTRY_BYTES),
                        page);
    }
}

/* ---- accesses by the processor itself -------------------------------------------------------- */

/* Host address of `bytes` at a linear address if the software TLB has them at hand. */
static uint8_t *at_hand(struct cpu *cpu, enum access_mode mode, uint32_t linear, unsigned bytes,
                        enum access_kind kind)
{
    const struct soft_entry *entry = &table(cpu->object, mode)[linear >> 12 & (TLB_ENTRIES - 1)];

    if (entry->tag[kind] != (linear & ~0xfffu) || (linear & 0xfff) + bytes > 0x1000)
        return NULL;
    return (uint8_t *)((uintptr_t)linear + entry->addend);
}

static void notify_model(struct cpu *cpu, enum access_mode mode, uint32_t linear, unsigned bytes,
                         bool write)
{
    const struct cpu_model *model = cpu->engine->model;
    const struct soft_entry *entry = &table(cpu->object, mode)[linear >> 12 & (TLB_ENTRIES - 1)];

    if (model->accessed && (entry->tag[ACCESS_READ] & ~UINT64_C(0xfff)) == (linear & ~0xfffu))
        model->accessed(cpu, mode, linear, bytes, write);
}

uint16_t lib_read16(struct cpu *cpu, enum access_mode mode, uint32_t linear)
{
    const uint8_t *host = at_hand(cpu, mode, linear, 2, ACCESS_READ);
    uint16_t value;

    if (host)
        memcpy(&value, host, sizeof(value));
    else
        value = (uint16_t)REAL(cpu_lduw_mmuidx_ra_x86_64)(cpu->env, linear, mode, 0);
    notify_model(cpu, mode, linear, 2, false);
    return value;
}

uint32_t lib_read32(struct cpu *cpu, enum access_mode mode, uint32_t linear)
{
    const uint8_t *host = at_hand(cpu, mode, linear, 4, ACCESS_READ);
    uint32_t value;

    if (host)
        memcpy(&value, host, sizeof(value));
    else
        value = REAL(cpu_ldl_mmuidx_ra_x86_64)(cpu->env, linear, mode, 0);
    notify_model(cpu, mode, linear, 4, false);
    return value;
}

void lib_write16(struct cpu *cpu, enum access_mode mode, uint32_t linear, uint16_t value)
{
    uint8_t *host = at_hand(cpu, mode, linear, 2, ACCESS_WRITE);

    if (host)
        memcpy(host, &value, sizeof(value));
    else
        REAL(cpu_stw_mmuidx_ra_x86_64)(cpu->env, linear, value, mode, 0);
    notify_model(cpu, mode, linear, 2, true);
}

void lib_write32(struct cpu *cpu, enum access_mode mode, uint32_t linear, uint32_t value)
{
    uint8_t *host = at_hand(cpu, mode, linear, 4, ACCESS_WRITE);

    if (host)
        memcpy(host, &value, sizeof(value));
    else
        REAL(cpu_stl_mmuidx_ra_x86_64)(cpu->env, linear, value, mode, 0);
    notify_model(cpu, mode, linear, 4, true);
}
