/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unicorn_emit.c - block records, the accounting that translated code carries, the code buffer
 *
 * Every block begins with a prologue that we emit as TCG operations. In C it would read
 *
 *     slots.block = block;
 *     if ((int64_t)((slots.limit - slots.clock) | block->attention) < 0)
 *         lib_block_slow(uc, pc, bytes, block);
 *     slots.clock += block->cost;
 *     slots.instructions += block->instructions;
 *
 * so a whole block is charged as it begins. Two corrections keep that exact. A block that is not
 * run after all (deadline, interrupt) is taken off beforehand by the slow path; a block that is
 * left in the middle (a fault, a store into itself) loses its tail in cpu_block_left(). How far it
 * got follows from the return address: the translator stores, behind each block's host code, where
 * the code of each guest instruction ends.
 *
 * The library calls uc_add_inline_hook to emit a call of the block hook. That is the one place
 * where we can emit into a block, so we take its place; the original emits the slow path's call.
 * A branch ends what TCG calls a basic block, where temporaries lose their values: they are loaded
 * again behind it.
 *
 * The code buffer. The stock library reuses the buffer after its first overflow without dropping
 * the blocks in it, because its start-up leaves the region counter one too low; and it forgets
 * jump caches of other processor objects. tcg_region_reset_all is replaced to set right both.
 */
#include <stdlib.h>
#include <string.h>

#include "cpu/full.h"
#include "cpu/unicorn_tcg.h"

enum { RECORD_CHUNK = 4096, CODE_SLACK = 1024, RETURN_ADJUSTMENT = 2 };

/* Records are handed out of chunks, which are used again when all code was dropped. */
struct chunk {
    struct chunk *next;
    struct block records[RECORD_CHUNK];
};

static struct chunk *first_chunk, *chunk;
static unsigned chunk_used;
static struct block *pending; /* record of the block under translation */
static size_t code_room;
static bool call_known; /* the generator knows lib_block_slow() */

static struct block *new_record(void)
{
    if (!chunk || chunk_used == RECORD_CHUNK) {
        struct chunk **link = chunk ? &chunk->next : &first_chunk;

        if (!*link)
            *link = calloc(1, sizeof(**link));
        if (!*link)
            abort();
        chunk = *link;
        chunk_used = 0;
    }
    struct block *block = &chunk->records[chunk_used++];

    free(block->table);
    free(block->refusal);
    memset(block, 0, sizeof(*block));
    return block;
}

/* ---- emitting ------------------------------------------------------------------------------- */

static void emit_add(void *tcg, tcg_value record, uintptr_t slot, uintptr_t field)
{
    tcg_value env = FIELD(uintptr_t, tcg, TCG_CPU_ENV);
    tcg_value amount = tcg_temporary(tcg), sum = tcg_temporary(tcg);

    tcg_load(tcg, amount, record, field);
    tcg_load(tcg, sum, env, slot);
    tcg_add(tcg, sum, sum, amount);
    tcg_store(tcg, sum, env, slot);
    tcg_release(tcg, amount);
    tcg_release(tcg, sum);
}

/* Negative when the block may not simply run: limit - clock | attention. */
static tcg_value emit_left(void *tcg, tcg_value record)
{
    tcg_value env = FIELD(uintptr_t, tcg, TCG_CPU_ENV);
    tcg_value left = tcg_temporary(tcg), other = tcg_temporary(tcg);

    tcg_load(tcg, left, env, SLOT_LIMIT);
    tcg_load(tcg, other, env, SLOT_CLOCK);
    tcg_gen_op3_x86_64(tcg, TCG_OP_SUB_I64, tcg_argument(tcg, left), tcg_argument(tcg, left),
                       tcg_argument(tcg, other));
    tcg_load(tcg, other, record, offsetof(struct block, attention));
    tcg_gen_op3_x86_64(tcg, TCG_OP_OR_I64, tcg_argument(tcg, left), tcg_argument(tcg, left),
                       tcg_argument(tcg, other));
    tcg_release(tcg, other);
    return left;
}

void REAL(uc_add_inline_hook_x86_64)(void *uc, void *hook, void **arguments, int count);

/* The call of lib_block_slow(). Its arguments must be made behind the branch. */
static void emit_slow_call(void *tcg, void *uc, void *hook, struct block *block)
{
    const uint64_t values[4] = {(uintptr_t)uc, 0, 0, (uintptr_t)block};
    tcg_value passed[4];
    void *addresses[4];

    for (unsigned i = 0; i < 4; i++) {
        passed[i] = tcg_temporary(tcg);
        tcg_constant(tcg, passed[i], values[i]);
        addresses[i] = (void *)tcg_argument(tcg, passed[i]);
    }
    /* The original also registers the function with the generator, every time anew. */
    if (call_known)
        tcg_gen_callN_x86_64(tcg, (void *)lib_block_slow, NULL, 4, addresses);
    else
        REAL(uc_add_inline_hook_x86_64)(uc, hook, addresses, 4);
    call_known = true;
    for (unsigned i = 0; i < 4; i++)
        tcg_release(tcg, passed[i]);
}

INTERPOSE(void, uc_add_inline_hook_x86_64, void *uc, void *hook, void **arguments, int count)
{
    if (hook != lib_engine->block_hook) {
        REAL(uc_add_inline_hook_x86_64)(uc, hook, arguments, count);
        return;
    }
    void *tcg = FIELD(void *, uc, UC_TCG_CONTEXT);
    void *fast = gen_new_label_x86_64(tcg);
    tcg_value record = tcg_temporary(tcg);

    pending = new_record();
    tcg_constant(tcg, record, (uintptr_t)pending);
    tcg_store(tcg, record, FIELD(uintptr_t, tcg, TCG_CPU_ENV), SLOT_BLOCK);

    tcg_value left = emit_left(tcg, record);

    tcg_gen_brcondi_i64_x86_64(tcg, TCG_COND_GE, left, 0, fast);
    tcg_release(tcg, left);
    emit_slow_call(tcg, uc, hook, pending);
    tcg_place_label(tcg, fast);

    tcg_constant(tcg, record, (uintptr_t)pending);
    emit_add(tcg, record, SLOT_CLOCK, offsetof(struct block, cost));
    emit_add(tcg, record, SLOT_INSTRUCTIONS, offsetof(struct block, instructions));
    if (lib_cpu->timing)
        lib_filter_prologue(tcg, pending);
    tcg_release(tcg, record);
}

/* ---- records -------------------------------------------------------------------------------- */

static void price(struct cpu_engine *engine, struct block *block)
{
    char why[256];
    uint8_t code[8192];
    uint32_t offset = block->pc & 0xfff;
    unsigned first = 0x1000 - offset < block->bytes ? 0x1000 - offset : block->bytes;

    if (block->frame[0] + 0x1000 > engine->config.ram_bytes || block->instructions == 0)
        return;
    memcpy(code, engine->config.ram + block->frame[0] + offset, first);
    if (first < block->bytes && block->frame[1] + 0x1000 <= engine->config.ram_bytes)
        memcpy(code + first, engine->config.ram + block->frame[1], block->bytes - first);
    block->table = malloc(block->instructions * sizeof(*block->table));
    if (!block->table)
        abort();
    int cycles = decode_block(engine->decoder, code, block->bytes, (unsigned)block->instructions,
                              block->flags & HF_CS32, block->table, why, sizeof(why));
    if (cycles < 0) {
        block->refusal = strdup(why);
        block->attention = UINT64_MAX;
    } else {
        block->cost = (uint64_t)cycles;
    }
}

INTERPOSE(void *, tb_gen_code_x86_64, void *object, uint64_t pc, uint64_t cs_base, uint32_t flags,
          int cflags)
{
    struct cpu_engine *engine = lib_engine;
    void *tb = REAL(tb_gen_code_x86_64)(object, pc, cs_base, flags, cflags);
    struct block *block = pending;

    block->tb = tb;
    block->pc = (uint32_t)pc;
    block->flags = flags;
    block->bytes = FIELD(uint16_t, tb, TB_BYTES);
    block->instructions = FIELD(uint16_t, tb, TB_INSTRUCTIONS);
    block->frame[0] = FIELD(uint64_t, tb, TB_FRAME);
    block->frame[1] = FIELD(uint64_t, tb, TB_FRAME + 8);
    block->cost = block->instructions;
    if (engine->decoder)
        price(engine, block);
    if (engine->model->translated)
        engine->model->translated(lib_cpu->index, block);
    engine->figures.blocks_translated++;
    return tb;
}

void lib_block_slow(uc_engine *uc, uint64_t address, uint32_t bytes, void *data)
{
    struct block *block = data;
    struct cpu *cpu = lib_cpu;

    (void)uc, (void)address, (void)bytes;
    cpu->engine->figures.slow_blocks++;
    if (!cpu_block_entry(cpu, block)) {
        *lib_clock(cpu) -= block->cost;
        *lib_instructions(cpu) -= block->instructions;
    }
}

/* The translator's table: for each instruction the growth of its address, of one more word, and of
 * the end of its host code, each a signed number of base 128, low digits first. */
static int64_t table_number(const uint8_t **at)
{
    const uint8_t *p = *at;
    uint64_t value = 0;
    unsigned shift = 0;

    do {
        value |= (uint64_t)(*p & 0x7f) << shift;
        shift += 7;
    } while (*p++ & 0x80);
    if (shift < 64 && (p[-1] & 0x40))
        value |= ~UINT64_C(0) << shift;
    *at = p;
    return (int64_t)value;
}

bool lib_position(const struct block *block, uintptr_t ra, struct block_position *out)
{
    const void *tb = block->tb;

    if (!tb || ra - FIELD(uintptr_t, tb, TB_CODE) >= FIELD(size_t, tb, TB_CODE_BYTES))
        return false;
    unsigned count = FIELD(uint16_t, tb, TB_INSTRUCTIONS);
    uintptr_t end = FIELD(uintptr_t, tb, TB_CODE);
    const uint8_t *table = (const uint8_t *)end + FIELD(size_t, tb, TB_CODE_BYTES);
    uint64_t pc = FIELD(uint64_t, tb, TB_PC);

    out->flags_state = 0;
    for (out->completed = 0; out->completed < count; out->completed++) {
        pc += (uint64_t)table_number(&table);
        out->flags_state += (int)table_number(&table);
        end += (uintptr_t)table_number(&table);
        if (end > ra - RETURN_ADJUSTMENT) {
            out->eip = (uint32_t)(pc - FIELD(uint64_t, tb, TB_CS_BASE));
            return true;
        }
    }
    return false;
}

/* ---- the code buffer ------------------------------------------------------------------------ */

void lib_code_room(size_t bytes)
{
    code_room = bytes;
    call_known = false;
}

INTERPOSE(void, tcg_exec_init_x86_64, void *uc, unsigned long bytes)
{
    REAL(tcg_exec_init_x86_64)(uc, code_room ? code_room : bytes);
}

INTERPOSE(void, tcg_region_reset_all_x86_64, void *context)
{
    struct cpu_engine *engine = lib_engine;
    uint8_t *start = FIELD(uint8_t *, context, TCG_REGION_START);
    uint8_t *end = FIELD(uint8_t *, context, TCG_REGION_END);

    for (unsigned i = 0; i < engine->config.processors; i++)
        if (engine->cpu[i].object)
            memset(engine->cpu[i].object + OBJECT_JUMP_CACHE, 0,
                   OBJECT_JUMP_CACHE_SLOTS * sizeof(void *));
    FIELD(uint8_t *, context, TCG_BUFFER) = start;
    FIELD(uint8_t *, context, TCG_POINTER) = start;
    FIELD(size_t, context, TCG_BUFFER_BYTES) = (size_t)(end - start);
    FIELD(uint8_t *, context, TCG_HIGH_WATER) = end - CODE_SLACK;
    FIELD(uint64_t, context, TCG_REGION_NOW) = 1;
    FIELD(uint64_t, context, TCG_REGION_FULL) = 0;
    /* A reference keeps the emptied tree. */
    g_tree_ref(FIELD(void *, context, TCG_TREE));
    g_tree_destroy(FIELD(void *, context, TCG_TREE));

    chunk = first_chunk;
    chunk_used = 0;
    engine->figures.code_flushes++;
    if (engine->model->dropped)
        engine->model->dropped();
}

void lib_code_ready(struct cpu_engine *engine)
{
    __wrap_tcg_region_reset_all_x86_64(FIELD(void *, engine->uc, UC_TCG_CONTEXT));
    engine->figures.code_flushes = 0;
}

uint64_t lib_code_bytes_used(const struct cpu_engine *engine)
{
    void *context = FIELD(void *, engine->uc, UC_TCG_CONTEXT);

    return (uint64_t)(FIELD(uint8_t *, context, TCG_POINTER) -
                      FIELD(uint8_t *, context, TCG_BUFFER));
}

void lib_code_invalidate(struct cpu_engine *engine, uint32_t physical, uint32_t bytes)
{
    uint64_t end = (uint64_t)physical + bytes;

    if (end > engine->config.ram_bytes)
        end = engine->config.ram_bytes;
    for (uint64_t page = physical & ~UINT64_C(0xfff); page < end; page += 0x1000)
        if (engine->code_frames[page >> 12]) {
            uint64_t from = page > physical ? page : physical;
            uint64_t to = page + 0x1000 < end ? page + 0x1000 : end;

            tb_invalidate_phys_range_x86_64(engine->uc, from, to);
        }
}

void lib_code_release(void)
{
    while (first_chunk) {
        struct chunk *next = first_chunk->next;

        for (unsigned i = 0; i < RECORD_CHUNK; i++) {
            free(first_chunk->records[i].table);
            free(first_chunk->records[i].refusal);
        }
        free(first_chunk);
        first_chunk = next;
    }
    chunk = NULL;
}
