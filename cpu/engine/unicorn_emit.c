/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unicorn_emit.c - block records, the accounting that translated code carries, the code buffer
 *
 * Every block begins with a prologue that we emit as TCG operations. In C it would read
 *
 *     if ((int64_t)((slots.limit - slots.clock) | recency of its lines...) < 0)
 *         goto slow;
 *     slots.block = block;
 *     slots.clock += block->cost;
 *     slots.instructions += block->instructions;
 *     ... for the full timing model, see unicorn_filter.c
 *   body:
 *     ...
 *   slow:
 *     lib_block_slow(block);
 *     goto body;
 *
 * so a whole block is charged as it begins, and what rarely happens lies behind it. Two corrections
 * keep that exact. A block that is not run after all (deadline, interrupt) is not charged by the
 * slow path, which makes the library leave the loop at the start of the body; a block that is left
 * in the middle (a fault, a store into itself) loses its tail in cpu_block_left(). How far it got
 * follows from the return address: the translator stores, behind each block's host code, where the
 * code of each guest instruction ends.
 *
 * What a block costs and where it lies is known only when all of it has been read, but operations
 * can be put before others. So the place is marked when the library calls uc_add_inline_hook to
 * emit the call of the block hook, and the prologue is put there when gen_intermediate_code has
 * returned and before host code is made. A branch ends what TCG calls a basic block, where
 * temporaries lose their values: they are loaded again behind it.
 *
 * The code buffer. The stock library reuses the buffer after its first overflow without dropping
 * the blocks in it, because its start-up leaves the region counter one too low; and it forgets
 * jump caches of other processor objects. tcg_region_reset_all is replaced to set right both.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/model/full.h"
#include "cpu/engine/unicorn_tcg.h"
#include "cpu/x86/vectors.h"

enum { DEFAULT_CODE_BYTES = 1 << 30 };
enum { RECORD_CHUNK = 4096, CODE_SLACK = 1024, RETURN_ADJUSTMENT = 2 };

/* Records are handed out of chunks, which are used again when all code was dropped. */
struct chunk {
    struct chunk *next;
    struct block records[RECORD_CHUNK];
};

static struct chunk *first_chunk, *chunk;
static unsigned chunk_used;
static struct block *pending; /* record of the block under translation */
static void *mark;            /* the operation before which its prologue is put */
static bool call_known;       /* the generator knows lib_block_slow() */

static _Noreturn void no_memory(void)
{
    fprintf(stderr, "xenolith: no memory for what is known of translated code\n");
    abort();
}

static struct block *new_record(void)
{
    if (!chunk || chunk_used == RECORD_CHUNK) {
        struct chunk **link = chunk ? &chunk->next : &first_chunk;

        if (!*link)
            *link = calloc(1, sizeof(**link));
        if (!*link)
            no_memory();
        chunk = *link;
        chunk_used = 0;
    }
    struct block *block = &chunk->records[chunk_used++];

    free(block->table);
    memset(block, 0, sizeof(*block));
    return block;
}

/* ---- records --------------------------------------------------------------------------------- */

/* Copies the block's code, of which there are at most two pages. False: it does not lie in RAM. */
static bool copy_code(const struct cpu_engine *engine, const struct block *block, uint8_t *code)
{
    uint32_t offset = block->pc & 0xfff;
    unsigned first = 0x1000 - offset < block->bytes ? 0x1000 - offset : block->bytes;

    if (block->frame[0] >= engine->config.ram_bytes || block->instructions == 0)
        return false;
    memcpy(code, engine->config.ram + block->frame[0] + offset, first);
    if (first == block->bytes)
        return true;
    if (block->frame[1] >= engine->config.ram_bytes)
        return false;
    memcpy(code + first, engine->config.ram + block->frame[1], block->bytes - first);
    return true;
}

/* Where each instruction ends, from the marks that the translator left where each begins. */
static void note_ends(struct block *block)
{
    unsigned i = 0;

    for (void *op = FIELD(void *, mark, TCG_OP_NEXT); op && i < block->instructions;
         op = FIELD(void *, op, TCG_OP_NEXT)) {
        if (FIELD(uint8_t, op, TCG_OP_CODE) != TCG_OP_INSN_START)
            continue;
        if (i > 0)
            block->table[i - 1].end = (FIELD(uint32_t, op, TCG_OP_ARGUMENTS) - block->pc) & 0x7fff;
        i++;
    }
    block->table[block->instructions - 1].end = block->bytes & 0x7fff;
}

/*
 * What the bytes of a block say: its price, and whether it may run. The translator lets some
 * encodings pass that are no instructions (CMP with LOCK, a far call of a register), and the code
 * generator gives up on what it makes of them; so these are looked for when nothing has a price,
 * too.
 */
static void read_code(struct cpu_engine *engine, struct block *block)
{
    unsigned instructions = (unsigned)block->instructions;
    uint8_t code[8192];

    if (!copy_code(engine, block, code))
        return;
    block->table = calloc(instructions, sizeof(*block->table));
    if (!block->table)
        no_memory();
    note_ends(block);
    int cycles =
        decode_block(engine->decoder, code, instructions, block->flags & HF_CS32, block->table);

    if (cycles < 0)
        block->raises = cycles == DECODE_ABSENT ? VECTOR_UD : VECTOR_DB;
    if (engine->config.timing == CPU_TIMING_UNIT) {
        free(block->table);
        block->table = NULL;
    } else if (cycles >= 0) {
        block->cost = (uint64_t)cycles;
        block->unpriced = (uint16_t)decoded_unpriced(block->table, instructions);
    }
}

/* Fills in the record of a block that has just been read. */
static void describe(struct cpu_engine *engine, struct block *block, const void *tb)
{
    uint32_t last;

    block->pc = (uint32_t)FIELD(uint64_t, tb, TB_PC);
    block->flags = FIELD(uint32_t, tb, TB_FLAGS);
    block->bytes = FIELD(uint16_t, tb, TB_BYTES);
    block->instructions = FIELD(uint16_t, tb, TB_INSTRUCTIONS);
    last = block->pc + (block->bytes ? block->bytes - 1u : 0);
    if ((last ^ block->pc) >> 12)
        get_page_addr_code_x86_64(lib_cpu->env, last & ~0xfffu); /* where it lies is noted */
    lib_code_place(lib_cpu, block);
    block->cost = block->instructions;
    read_code(engine, block);
    if (engine->model->translated)
        engine->model->translated(lib_cpu, block);
}

/* ---- emitting -------------------------------------------------------------------------------- */

static void emit_add(struct tcg_place at, uintptr_t slot, uint64_t amount)
{
    tcg_value env = FIELD(uintptr_t, at.tcg, TCG_CPU_ENV);
    tcg_value sum = tcg_temporary(at.tcg), term = tcg_temporary(at.tcg);

    tcg_put(at, TCG_OP_MOVI_I64, term, amount, 0);
    tcg_put(at, TCG_OP_LD_I64, sum, env, slot);
    tcg_put(at, TCG_OP_ADD_I64, sum, sum, term);
    tcg_put(at, TCG_OP_ST_I64, sum, env, slot);
    tcg_release(at.tcg, sum);
    tcg_release(at.tcg, term);
}

/* Goes to `slow` when the block may not simply run. */
static void emit_check(struct tcg_place at, const struct block *block, void *slow)
{
    tcg_value env = FIELD(uintptr_t, at.tcg, TCG_CPU_ENV);
    tcg_value left = tcg_temporary(at.tcg), other = tcg_temporary(at.tcg);

    tcg_put(at, TCG_OP_LD_I64, left, env, SLOT_LIMIT);
    tcg_put(at, TCG_OP_LD_I64, other, env, SLOT_CLOCK);
    tcg_put(at, TCG_OP_SUB_I64, left, left, other);
    if (lib_cpu->timing)
        lib_filter_check(at, block, left);
    tcg_put(at, TCG_OP_MOVI_I64, other, 0, 0);
    tcg_put_branch(at, TCG_COND_LT, left, other, slow);
    tcg_release(at.tcg, left);
    tcg_release(at.tcg, other);
}

/*
 * Takes out all that was translated, so that no code is made of it. The marks of where each
 * instruction begins stay: the generator counts them.
 */
static void drop_body(void *tcg, const struct block *block)
{
    uint64_t begun = 0;

    for (void *op = FIELD(void *, mark, TCG_OP_NEXT), *next; op; op = next) {
        next = FIELD(void *, op, TCG_OP_NEXT);
        if (FIELD(uint8_t, op, TCG_OP_CODE) == TCG_OP_INSN_START)
            begun++;
        else
            tcg_op_remove_x86_64(tcg, op);
    }
    if (begun != block->instructions)
        abort(); /* unicorn_layout.h describes another version of the library */
}

static void emit_prologue(struct tcg_place at, const struct block *block, void *slow, void *body)
{
    tcg_value env = FIELD(uintptr_t, at.tcg, TCG_CPU_ENV), record;

    if (block->raises) { /* the slow path ends in an exception or a single step */
        tcg_put_jump(at, slow);
        return;
    }
    if (block->unpriced || (block->flags & HF_LIMITED) ||
        (lib_cpu->timing && lib_engine->config.no_filter)) {
        tcg_put_jump(at, slow);
    } else {
        emit_check(at, block, slow);
        record = tcg_temporary(at.tcg);
        tcg_put(at, TCG_OP_MOVI_I64, record, (uintptr_t)block, 0);
        tcg_put(at, TCG_OP_ST_I64, record, env, SLOT_BLOCK);
        tcg_release(at.tcg, record);
        emit_add(at, SLOT_CLOCK, block->cost);
        emit_add(at, SLOT_INSTRUCTIONS, block->instructions);
        if (lib_cpu->timing)
            lib_filter_use(at, block);
    }
    tcg_put_label(at, body);
}

void REAL(uc_add_inline_hook_x86_64)(void *uc, void *hook, void **arguments, int count);

/* The call of lib_block_slow(), behind the block. */
static void emit_slow_call(void *tcg, void *tb, struct block *block, void *slow, void *body)
{
    tcg_value passed = tcg_temporary(tcg);
    void *address = (void *)tcg_argument(tcg, passed);
    struct tcg_place end = {tcg, NULL};

    tcg_put_label(end, slow);
    tcg_put(end, TCG_OP_MOVI_I64, passed, (uintptr_t)block, 0);
    /* The original also registers the function with the generator, every time anew. */
    if (call_known)
        tcg_gen_callN_x86_64(tcg, (void *)lib_block_slow, NULL, 1, &address);
    else
        REAL(uc_add_inline_hook_x86_64)(lib_engine->uc, lib_engine->block_hook, &address, 1);
    call_known = true;
    if (block->raises)
        tcg_gen_exit_tb_x86_64(tcg, tb, TB_EXIT_REQUESTED);
    else
        tcg_put_jump(end, body);
    tcg_release(tcg, passed);
}

INTERPOSE(void, uc_add_inline_hook_x86_64, void *uc, void *hook, void **arguments, int count)
{
    if (hook != lib_engine->block_hook) {
        REAL(uc_add_inline_hook_x86_64)(uc, hook, arguments, count);
        return;
    }
    void *tcg = FIELD(void *, uc, UC_TCG_CONTEXT);
    tcg_value nothing = tcg_temporary(tcg);

    mark = tcg_put((struct tcg_place){tcg, NULL}, TCG_OP_DISCARD, nothing, 0, 0);
    tcg_release(tcg, nothing);
    lib_filter_begin();
}

INTERPOSE(void, gen_intermediate_code_x86_64, void *object, void *tb, int most)
{
    void *tcg = FIELD(void *, lib_engine->uc, UC_TCG_CONTEXT);

    mark = NULL;
    lib_read_block(object, tb, most);
    if (!mark)
        abort(); /* unicorn_check.c would have found that */
    pending = new_record();
    describe(lib_engine, pending, tb);
    if (pending->raises)
        drop_body(tcg, pending);
    else
        lib_leave_inline(tcg, mark);

    void *slow = gen_new_label_x86_64(tcg), *body = gen_new_label_x86_64(tcg);

    emit_prologue((struct tcg_place){tcg, mark}, pending, slow, body);
    emit_slow_call(tcg, tb, pending, slow, body);
    if (!pending->raises)
        lib_leave_end(tcg, tb);
}

INTERPOSE(void *, tb_gen_code_x86_64, void *object, uint64_t pc, uint64_t cs_base, uint32_t flags,
          int cflags)
{
    void *tb = REAL(tb_gen_code_x86_64)(object, pc, cs_base, flags, cflags);

    pending->tb = tb;
    lib_engine->figures.blocks_translated++;
    return tb;
}

void lib_block_slow(struct block *block)
{
    struct cpu *cpu = lib_cpu;

    cpu->engine->figures.slow_blocks++;
    *lib_block(cpu) = block;
    cpu_block_entry(cpu, block);
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
            uint64_t next = out->completed + 1 < count
                                ? pc + (uint64_t)table_number(&table)
                                : FIELD(uint64_t, tb, TB_PC) + FIELD(uint16_t, tb, TB_BYTES);

            out->eip = (uint32_t)(pc - FIELD(uint64_t, tb, TB_CS_BASE));
            out->next_eip = (uint32_t)(next - FIELD(uint64_t, tb, TB_CS_BASE));
            return true;
        }
    }
    return false;
}

/* ---- the code buffer ------------------------------------------------------------------------- */

void lib_code_begin(void)
{
    call_known = false;
}

INTERPOSE(void, tcg_exec_init_x86_64, void *uc, unsigned long bytes)
{
    size_t room = lib_engine->config.code_bytes;

    (void)bytes;
    REAL(tcg_exec_init_x86_64)(uc, room ? room : DEFAULT_CODE_BYTES);
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
    lib_code_dropped(engine);
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

void lib_code_release(void)
{
    while (first_chunk) {
        struct chunk *next = first_chunk->next;

        for (unsigned i = 0; i < RECORD_CHUNK; i++) {
            free(first_chunk->records[i].table);
        }
        free(first_chunk);
        first_chunk = next;
    }
    chunk = NULL;
}
