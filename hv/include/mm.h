/* SPDX-License-Identifier: GPL-2.0-only */
/* mm.h - memory: the allocators, the map cache, page tables, flushes */
#ifndef HV_MM_H
#define HV_MM_H

#include "hv/include/arch/boot.h"
#include "hv/include/domain.h"
#include "hv/include/frame.h"
#include "hv/include/arch/layout.h"
#include "hv/include/arch/spinlock.h"

extern struct spinlock mm_lock;
extern uint32_t *m2p; /* the machine-to-physical table, writable */
#define M2P_INVALID 0xffffffffu

extern mfn heap_first_frame, heap_frames;

/* --- mm/boot_memory.c, mm/heap.c, mm/alloc.c ------------------------------------------------- */

/* Sets aside the heap at the top of RAM, builds the frame table and the M2P. Panics. */
void memory_init(void);

/* Gives the frames of the boot modules to the allocator, once they are copied. */
void memory_free_modules(void);

/* For memory_init: the heap's pages; the allocator's bitmap, and frames for it. */
void heap_init(char *first, char *end);
void alloc_init(uint32_t *bitmap, mfn frames);
void alloc_add(mfn first, mfn end);

/* A zeroed page of the hypervisor's own, or NULL. Takes no lock of others. */
void *heap_page(void);
void heap_free(void *page);
uint32_t heap_pages_used(void);
uint32_t heap_pages_total(void);

/* The same on a domain's account; NULL also if it has its share already (mm/heap_share.c). */
void *heap_page_for(struct domain *domain);

/* The frame of a page of the heap. */
mfn heap_mfn(const void *page);

/*
 * 2^order contiguous frames, aligned to their number, for a domain: counted once, owned, cleared,
 * known to the M2P as `pfn` and those that follow (M2P_INVALID: none). -ENOMEM: there are none, or
 * the domain may not own so many. They are cleared in one go, so they are 2^FRESH_ORDER at the
 * most. Takes mm_lock.
 */
#define FRESH_ORDER 4
status frames_alloc(struct domain *domain, unsigned order, uint32_t pfn, mfn *result);

/*
 * The same in steps: takes them off the free list, on the domain's account, of what it owns
 * `leaving` not counted (false: -ENOMEM above); clears some; and makes them the domain's, which
 * cannot fail, or takes them back. The last needs mm_lock, the others take it.
 */
bool frames_reserve(struct domain *domain, unsigned order, unsigned leaving, mfn *result);
void frames_clear(mfn first, mfn end);
void frames_give_out(struct domain *domain, mfn first, unsigned order, uint32_t pfn);
void frames_take_back(struct domain *domain, mfn first, unsigned order);

/*
 * mm/fresh.c: extents for `owner`, cleared in pieces, kept in the calling domain until they are
 * given out. 0: as many as asked for are there; AGAIN: a piece has been done; -ENOMEM: as above,
 * and none is kept. `leaving` as above. Both take mm_lock.
 */
status fresh_prepare(struct domain *self, struct domain *owner, unsigned order, unsigned extents,
                     unsigned leaving);
mfn fresh_give_out(struct domain *self, uint32_t pfn); /* one that is there; its first frame */

/* Takes back what is kept for an owner, NULL for any. Needs mm_lock. */
void fresh_drop(struct domain *self, const struct domain *owner);

/* The last count of a frame has gone. Needs mm_lock. */
void frame_free(mfn number);

/*
 * A frame for a device of ours, owned by no domain, with whatever its last owner left in it. False:
 * there is none. It goes back; or to a domain, with one count, as its frame `pfn`, and then holds
 * nothing of anybody else's. All need mm_lock.
 */
bool frame_take(mfn *result);
void frame_return(mfn number);
void frame_hand_over(mfn number, struct domain *to, uint32_t pfn);

/* An allocated frame that nobody uses becomes another domain's. Needs mm_lock. */
void frame_give(mfn number, struct domain *from, struct domain *to);

/* Frames for domains that are free, and all of them; the number after the last frame of RAM. */
uint32_t frames_free_count(void);
mfn frames_total(void);
mfn max_frame(void);

/* --- mm/map.c -------------------------------------------------------------------------------- */

/* Enters the windows for frames, descriptors and devices into the tables that all address spaces
 * share, and takes the boot's mapping of low memory out. Once, before any map_frame(). */
void map_init(void);

/* Shows the page of a device's memory at this physical address, uncached, for good. Panics. */
void *map_device(uint32_t physical);

/*
 * Shows a frame at an address of this processor's. Each map needs its unmap; a handful may be
 * shown at a time.
 */
void *map_frame(mfn number);
void unmap_frame(const void *address);

/* A domain's frame for vcpu_info, seen by all processors until it is taken out; written by
 * map.c's rules. */
void *map_vcpu_info(unsigned id, mfn number);
void unmap_vcpu_info(unsigned id);

/* Sets the translation of one 4 kB page in the descriptor area, and forgets the old one. */
void map_descriptor_page(unsigned cpu, unsigned page, mfn number, bool writable);
extern mfn zero_mfn;

/* Physical address of something in the image. */
static inline uint32_t image_physical(const void *address)
{
    return (uint32_t)(uintptr_t)address - IMAGE_VIRT_START;
}

/* Physical memory below 4 MB, as seen in the image window. */
static inline void *low_memory(uint32_t physical)
{
    return (void *)(uintptr_t)(IMAGE_VIRT_START + physical);
}

/* --- mm/validate.c --------------------------------------------------------------------------- */

extern const struct frame_validator page_table_validator;

/*
 * One entry of each level: takes, or returns, the uses that it makes. `owner` owns the frames that
 * the entry may name; `may_map_io` lets an L1 entry name what is not RAM; `table` is the frame that
 * holds an L2 entry.
 */
status check_l1_bits(pte entry); /* whether a present entry's bits are allowed at all */
status l1_entry_get(pte entry, uint16_t owner, bool may_map_io);
void l1_entry_put(pte entry);
status l2_entry_get(pte entry, uint16_t owner, mfn table);
void l2_entry_put(pte entry, mfn table);
status l3_entry_get(pte entry, uint16_t owner, unsigned slot);
pte l3_entry_clean(pte entry); /* as the processor wants it */
void l3_entry_put(pte entry);

/* Writes an entry so that a walk by hardware never sees half of it. */
void write_pte(pte *where, pte value);

/* How many slots of a table of this type are the guest's. */
unsigned guest_slots(enum frame_type type);

/* Returns the uses that a table's entries make. */
void table_return_uses(mfn number, enum frame_type type);

/* --- mm/release.c: tables whose last use as a table has gone. All need mm_lock
 * ----------------- */

#define TABLES_A_PIECE                                                                             \
    8 /* between two looks at what else is to be done: a fifth of a millisecond */

/* For the validator: puts a table on its domain's list; takes it off as it was; or releases it. */
void table_release(mfn number, enum frame_type type);
void table_keep(mfn number);
void table_settle(mfn number); /* nothing, if it is not on the list */

/* Whether a domain, NULL for none, has tables to be released; and some of that. True: it has no
 * more. */
static inline bool tables_pending(const struct domain *domain)
{
    return domain && domain->releasing;
}

bool tables_release(struct domain *domain);

/* --- mm/update.c ----------------------------------------------------------------------------- */

/* The L1 entry that translates an address for a vcpu: its table and slot. False: none does. */
bool find_l1(const struct vcpu *vcpu, uint32_t address, mfn *l1, unsigned *slot);

/* Check and commit of one L1 entry in a table of this domain's own. Needs mm_lock. */
status l1_entry_update(pte *where, pte value, uint16_t owner);

/* --- mm/large_trees.c: pinning, unpinning and loading, in pieces if the tree is large
 * ---------- */

struct tree_operation {
    unsigned command; /* its number in the interface, not 0 */
    mfn top;
    uint16_t owner;
    bool root;              /* an L3 table, or an L2 */
    bool takes;             /* it may have to validate the tree */
    enum frame_type pin_as; /* for run's own use */
    status (*run)(struct domain *self, const struct tree_operation *op);
};

/* The operation's result, or AGAIN. Needs mm_lock. */
status tree_operation(struct domain *self, const struct tree_operation *op);

/* A new base pointer for callers that have no list; done again it is as if it had been
 * done once. */
status tree_load(struct vcpu *vcpu, mfn root);

/* Takes a use of a root of the domain's own, as one: what frame_get_with_type says, or AGAIN. */
status tree_get(struct domain *domain, mfn root);

/* Whether one that has been done left something to do; and a piece of that. True: it is
 * finished. Needs mm_lock. */
bool tree_left_behind(const struct domain *self); /* it has a large tree */
static inline bool tree_pending(const struct domain *self)
{
    return self->large_tree && tree_left_behind(self);
}

bool tree_finish(struct domain *self);

/* A dying domain's; and, for the audit, the uses of their types that trees in the making have:
 * false, no more. */
void large_tree_release(struct domain *domain);
bool large_tree_use(const struct domain *domain, unsigned i, mfn *table);

/* How many L1 tables may still be validated in one go, then -EAGAIN; 0: any number. Under
 * mm_lock. */
extern unsigned validation_budget;

/* --- mm/batch.c: the list of mmu_update and of mmuext_op -------------------------------------- */

struct mmu_batch {
    const unsigned long *args; /* list, count, where to count, domain */
    unsigned element_bytes;
    unsigned long count;
    uint32_t done_before;
};

/* Reads count and what was done before. -EFAULT; -EINVAL for a list that cannot be. */
status mmu_batch_begin(struct mmu_batch *batch, const unsigned long *args, unsigned element_bytes);

/* After so many elements: tells the guest, and repeats the hypercall if some are left, or more
 * is to do. */
long mmu_batch_end(const struct mmu_batch *batch, unsigned long done, long result, bool more);

/* --- mm/writable_tables.c: a guest's write to a page table, if it asked for the assist
 * --------- */
bool writable_table_fault(cpu_regs *regs, uint32_t address);

/*
 * Switches a vcpu to another root, of which its caller has taken a use as one; returns the use of
 * the old one. Needs mm_lock.
 */
void commit_root(struct vcpu *vcpu, mfn root);

/* --- mm/flush.c ------------------------------------------------------------------------------ */

/* Loads CR3, and tells the other processors that this one has flushed since. */
void tables_load(uint32_t cr3);
bool flushed_since(unsigned cpu, uint32_t stamp); /* of flush_clock_now() */
void flush_local(void);                           /* every translation that is not global */
void flush_other(unsigned cpu);                   /* the other processor, and waits for it */
void flush_domain(const struct domain *domain);   /* wherever it runs */
void flush_all(void);                             /* all processors, whatever runs */
void flush_users(const struct frame *frame);      /* processors with translations to it */

/* Which processors those are, a bit each; and a flush of those that have not flushed since
 * `stamp`. */
unsigned users_of(const struct frame *frame);
void flush_before_reuse(unsigned users, uint32_t stamp);

#endif
