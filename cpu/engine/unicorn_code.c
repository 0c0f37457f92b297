/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unicorn_code.c - translations and the frames they were made from; code that is written to
 *
 * The library files a translation under the physical address of its code, and asks for that
 * address by get_page_addr_code() whenever it looks for one. We answer with an address above all
 * memory, made of the number of the frame's text (twins.c), so that frames of equal content find
 * the same translations. Frames that are left alone answer with their own address; all the
 * library does about stores into code then works as it always did. For the others it is ours:
 *
 *   - When a frame gets a text, stores to it are sent to the slow path on every processor.
 *   - When such a store comes, the frame leaves its text before the store is done. Translations
 *     stay, they are the text's. But the processors must not find them by this frame any more: not
 *     by the jump caches, which go by linear address and are emptied; not by the jumps that link
 *     blocks of a page, which is why the block under way is the last before a new look-up
 *     (cpu->look_again) and gets no link to what is found then; all other ways ask for the address.
 *   - A store into the very block that runs: the rest of it may be stale. The block is left before
 *     the store, which is done again in a block of one instruction. The library does the same, so
 *     blocks are cut alike whether frames have twins or not. So stores to the frame that a block
 *     runs in are watched until one comes from elsewhere, though it has left its text.
 *
 * Linked jumps lead from a block to one on the same linear page, and a block is entered when its
 * pages were found to have its texts, so while it runs they do; a change of mapping ends a block
 * and empties the jump caches. That is why links are valid in every frame of a text.
 *
 * Which frame a linear page was last fetched from is kept by processor and ring: it says where a
 * block lies, for the caches of the timing model and for the test above.
 */
#include <stdlib.h>
#include <string.h>

#include "cpu/engine/twins.h"
#include "cpu/engine/unicorn_private.h"
#include "cpu/walk.h"

#define TEXT_ADDRESS (UINT64_C(1) << 32) /* of text 0; physical addresses of memory lie below */
#define NO_PAGE      UINT64_MAX          /* no block lies there */

enum { LINEAR_PAGES = 1 << 20, RINGS_APART = 3 };

bool lib_code_open(struct cpu *cpu)
{
    for (unsigned i = 0; i < RINGS_APART; i++) {
        cpu->fetched[i] = calloc(LINEAR_PAGES, sizeof(*cpu->fetched[i])); /* touched where used */
        if (!cpu->fetched[i])
            return false;
    }
    return true;
}

void lib_code_close(struct cpu *cpu)
{
    for (unsigned i = 0; i < RINGS_APART; i++)
        free(cpu->fetched[i]);
}

/* ---- where code lies ------------------------------------------------------------------------- */

static uint32_t *fetched(const struct cpu *cpu, unsigned ring, uint32_t linear)
{
    return &cpu->fetched[ring == 0 ? 0 : ring == 3 ? 2 : 1][linear >> 12];
}

static void note_fetch(struct cpu *cpu, uint32_t linear, uint32_t frame)
{
    *fetched(cpu, lib_ring(cpu), linear) = frame + 1;
}

uint8_t lib_code_byte(const struct cpu *cpu, uint32_t linear)
{
    uint64_t frame = *fetched(cpu, lib_ring(cpu), linear), at;

    at = (frame - 1) << 12 | (linear & 0xfff);
    return frame && at < cpu->engine->config.ram_bytes ? cpu->engine->config.ram[at] : 0;
}

void lib_code_place(const struct cpu *cpu, struct block *block)
{
    unsigned ring = block->flags & HF_CPL;
    uint32_t last = block->pc + (block->bytes ? block->bytes - 1u : 0);

    block->frame[0] = (uint64_t)(*fetched(cpu, ring, block->pc) - 1) << 12;
    block->frame[1] = last >> 12 == block->pc >> 12
                          ? BLOCK_NO_FRAME
                          : (uint64_t)(*fetched(cpu, ring, last) - 1) << 12;
}

/* ---- frames that hold code ------------------------------------------------------------------- */

static void watch(struct cpu_engine *engine, uint32_t frame)
{
    if (engine->code_frames[frame])
        return;
    engine->code_frames[frame] = 1;
    for (unsigned i = 0; i < engine->config.processors; i++)
        lib_tlb_watch_stores(&engine->cpu[i], frame);
    if (engine->model->code_frame)
        engine->model->code_frame(engine, frame << 12);
}

INTERPOSE(uint64_t, get_page_addr_code_x86_64, void *env, uint64_t linear)
{
    struct cpu_engine *engine = lib_engine;

    if (!lib_begin_lookup(lib_cpu, linear))
        return NO_PAGE;
    uint64_t physical = REAL(get_page_addr_code_x86_64)(env, (uint32_t)linear);

    if (physical >= engine->config.ram_bytes)
        return physical;

    uint32_t frame = (uint32_t)(physical >> 12), text = twins_text(engine->twins, frame);

    note_fetch(lib_cpu, (uint32_t)linear, frame);
    if (engine->config.no_sharing)
        return physical;
    if (text == TWINS_NONE) {
        text = twins_join(engine->twins, frame);
        if (text != TWINS_ALONE)
            watch(engine, frame);
    }
    if (text == TWINS_ALONE)
        return physical;
    return TEXT_ADDRESS + ((uint64_t)text << 12) + (physical & 0xfff);
}

/* The first translation was made from a page, or the last one is gone. Of texts we know. */
INTERPOSE(void, tlb_protect_code_x86_64, void *uc, uint64_t address)
{
    (void)uc;
    if (address < TEXT_ADDRESS)
        watch(lib_engine, (uint32_t)(address >> 12));
}

INTERPOSE(void, tlb_unprotect_code_x86_64, void *uc, uint64_t address)
{
    (void)uc;
    if (address < TEXT_ADDRESS) {
        lib_engine->code_frames[address >> 12] = 0;
        twins_settle(lib_engine->twins, (uint32_t)(address >> 12));
    }
}

void lib_code_dropped(struct cpu_engine *engine)
{
    twins_forget(engine->twins);
    memset(engine->code_frames, 0, engine->config.ram_bytes >> 12);
}

/* ---- stores ---------------------------------------------------------------------------------- */

static void leave_text(struct cpu_engine *engine, uint32_t frame)
{
    twins_leave(engine->twins, frame);
    for (unsigned i = 0; i < engine->config.processors; i++)
        lib_forget_jumps(&engine->cpu[i]);
    FIELD(uint32_t, lib_cpu->object, OBJECT_INTERRUPT_REQUEST) |= INTERRUPT_UNLINK;
    lib_cpu->look_again = true;
    cpu_update_limit(lib_cpu);
}

/* Nobody needs to see stores to a frame without text, but the block that runs in it. */
static void unwatch(struct cpu_engine *engine, uint32_t frame)
{
    engine->code_frames[frame] = 0;
    for (unsigned i = 0; i < engine->config.processors; i++)
        lib_tlb_free_stores(&engine->cpu[i], frame);
}

static bool shares_text(const struct cpu_engine *engine, uint64_t physical)
{
    uint32_t text = twins_text(engine->twins, (uint32_t)(physical >> 12));

    return text != TWINS_NONE && text != TWINS_ALONE;
}

static bool lies_in(const struct block *block, uint32_t frame)
{
    return block->frame[0] >> 12 == frame || block->frame[1] >> 12 == frame;
}

/* Whether a block has bytes in a range that lies in one frame. */
static bool holds(const struct block *block, uint64_t start, unsigned bytes)
{
    uint64_t first = block->frame[0] + (block->pc & 0xfff), end = first + block->bytes;
    uint64_t page_end = block->frame[0] + 0x1000;

    if (start < (end < page_end ? end : page_end) && start + bytes > first)
        return true;
    return block->frame[1] != BLOCK_NO_FRAME && start < block->frame[1] + (end - page_end) &&
           start + bytes > block->frame[1];
}

static _Noreturn void leave_block(struct cpu *cpu, const struct block_position *position)
{
    cpu_block_left(cpu, *lib_block(cpu), position->completed);
    FIELD(uint32_t, cpu->object, OBJECT_NEXT_FLAGS) = 1; /* one instruction */
    cpu->look_again = false;                             /* that block must be entered */
    cpu_update_limit(cpu);
    lib_cpu->helper.return_address = 0;
    walk_again(cpu, position->eip + (uint32_t)lib_segment(cpu, SEG_CS)->base);
    __real_cpu_loop_exit_noexc_x86_64(cpu->object);
}

static _Noreturn void leave_before_store(struct cpu *cpu, void *pages, uintptr_t ra,
                                         struct block_position *position)
{
    lib_restore(cpu, ra, position);
    page_collection_unlock_x86_64(pages);
    leave_block(cpu, position);
}

/* A frame alone: if a store hits the very block that stores, the library leaves it through
 * cpu_loop_exit_noexc and does the store again in a block of one instruction. */
INTERPOSE(void, tb_invalidate_phys_page_fast_x86_64, void *uc, void *pages, uint64_t start,
          int bytes, uintptr_t ra)
{
    struct cpu *cpu = lib_cpu;
    struct block *block = *lib_block(cpu);
    struct block_position position;

    uint32_t frame = (uint32_t)(start >> 12);

    if (cpu->engine->config.no_sharing || twins_text(cpu->engine->twins, frame) == TWINS_ALONE) {
        cpu->helper.storing = ra;
        REAL(tb_invalidate_phys_page_fast_x86_64)(uc, pages, start, bytes, ra);
        cpu->helper.storing = 0;
        /* The library does not see that the store's block is a part of one that is walked. */
        if (cpu->walk.inside && lib_position(block, ra, &position)) {
            lib_code_place(cpu, &cpu->walk.whole);
            if (holds(&cpu->walk.whole, start, (unsigned)bytes))
                leave_before_store(cpu, pages, ra, &position);
        }
        return;
    }
    if (shares_text(cpu->engine, start))
        leave_text(cpu->engine, frame);

    bool in_block = lib_position(block, ra, &position), walked = cpu->walk.inside;

    if (walked)
        block = &cpu->walk.whole;
    if (in_block)
        lib_code_place(cpu, block);
    if (!in_block || !lies_in(block, frame)) {
        unwatch(cpu->engine, frame);
        return;
    }
    if (holds(block, start, (unsigned)bytes) &&
        (walked || (FIELD(uint32_t, block->tb, TB_HOW) & TB_HOW_MOST) != 1))
        leave_before_store(cpu, pages, ra, &position);
}

INTERPOSE(void, cpu_loop_exit_noexc_x86_64, void *object)
{
    struct block_position position;

    if (lib_cpu->helper.storing &&
        lib_position(*lib_block(lib_cpu), lib_cpu->helper.storing, &position)) {
        cpu_block_left(lib_cpu, *lib_block(lib_cpu), position.completed);
        walk_again(lib_cpu, position.eip + (uint32_t)lib_segment(lib_cpu, SEG_CS)->base);
    }
    lib_cpu->helper.storing = 0;
    lib_cpu->helper.return_address = 0;
    REAL(cpu_loop_exit_noexc_x86_64)(object);
}

void lib_code_invalidate(struct cpu_engine *engine, uint32_t physical, uint32_t bytes)
{
    uint64_t end = (uint64_t)physical + bytes;

    if (end > engine->config.ram_bytes)
        end = engine->config.ram_bytes;
    for (uint64_t page = physical & ~UINT64_C(0xfff); page < end; page += 0x1000) {
        if (shares_text(engine, page)) {
            leave_text(engine, (uint32_t)(page >> 12));
        } else if (engine->code_frames[page >> 12]) {
            uint64_t from = page > physical ? page : physical;
            uint64_t to = page + 0x1000 < end ? page + 0x1000 : end;

            tb_invalidate_phys_range_x86_64(engine->uc, from, to);
        }
    }
}
