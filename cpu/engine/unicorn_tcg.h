/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unicorn_tcg.h - emitting operations of the library's code generator (TCG)
 *
 * A TCG value is its temporary's distance from the context; as an argument of an operation it is
 * the temporary's address. Temporaries lose their values at labels and branches.
 */
#ifndef XENOLITH_CPU_UNICORN_TCG_H
#define XENOLITH_CPU_UNICORN_TCG_H

#include "cpu/engine/unicorn_private.h"

typedef uintptr_t tcg_value;

void *tcg_temp_new_internal_x86_64(void *context, int type, int local);
void tcg_temp_free_internal_x86_64(void *context, void *temporary);
void tcg_gen_op3_x86_64(void *context, int op, uintptr_t a, uintptr_t b, uintptr_t c);
void tcg_gen_andi_i64_x86_64(void *context, tcg_value to, tcg_value a, int64_t b);
void tcg_gen_ori_i64_x86_64(void *context, tcg_value to, tcg_value a, int64_t b);
void tcg_gen_addi_i64_x86_64(void *context, tcg_value to, tcg_value a, int64_t b);
void tcg_gen_shli_i64_x86_64(void *context, tcg_value to, tcg_value a, int64_t b);
void tcg_gen_shri_i64_x86_64(void *context, tcg_value to, tcg_value a, int64_t b);
void *tcg_emit_op_x86_64(void *context, int op);
void *tcg_op_insert_before_x86_64(void *context, void *before, int op);
void *gen_new_label_x86_64(void *context);
void tcg_op_remove_x86_64(void *context, void *op);
void tcg_gen_exit_tb_x86_64(void *context, void *tb, unsigned how);
void tcg_gen_callN_x86_64(void *context, void *function, void *result, int count, void **arguments);

static inline uintptr_t tcg_argument(void *tcg, tcg_value value)
{
    return (uintptr_t)tcg + value;
}

enum { TCG_TYPE_I32 = 0 };

static inline tcg_value tcg_temporary32(void *tcg)
{
    return (uintptr_t)tcg_temp_new_internal_x86_64(tcg, TCG_TYPE_I32, 0) - (uintptr_t)tcg;
}

static inline tcg_value tcg_temporary(void *tcg)
{
    return (uintptr_t)tcg_temp_new_internal_x86_64(tcg, TCG_TYPE_I64, 0) - (uintptr_t)tcg;
}

static inline void tcg_release(void *tcg, tcg_value value)
{
    tcg_temp_free_internal_x86_64(tcg, (void *)tcg_argument(tcg, value));
}

static inline void tcg_add(void *tcg, tcg_value to, tcg_value a, tcg_value b)
{
    tcg_gen_op3_x86_64(tcg, TCG_OP_ADD_I64, tcg_argument(tcg, to), tcg_argument(tcg, a),
                       tcg_argument(tcg, b));
}

static inline void tcg_load(void *tcg, tcg_value to, tcg_value base, uintptr_t offset)
{
    tcg_gen_op3_x86_64(tcg, TCG_OP_LD_I64, tcg_argument(tcg, to), tcg_argument(tcg, base), offset);
}

/* The host's instruction takes offsets of 31 bits. */
static inline void tcg_store(void *tcg, tcg_value value, tcg_value base, uintptr_t offset)
{
    tcg_gen_op3_x86_64(tcg, TCG_OP_ST_I64, tcg_argument(tcg, value), tcg_argument(tcg, base),
                       offset);
}

/* ---- operations put before others ------------------------------------------------------------ */

/* Where operations go: before one that was emitted earlier; NULL: at the end. */
struct tcg_place {
    void *tcg, *before;
};

static inline uintptr_t *tcg_put_raw(struct tcg_place at, int op)
{
    void *made = at.before ? tcg_op_insert_before_x86_64(at.tcg, at.before, op)
                           : tcg_emit_op_x86_64(at.tcg, op);

    return &FIELD(uintptr_t, made, TCG_OP_ARGUMENTS);
}

/* DISCARD a; MOVI a, constant b; LD and ST a, base b, offset c; ADD, SUB, OR a, b, c. Returns the
 * operation. */
static inline void *tcg_put(struct tcg_place at, int op, tcg_value a, uintptr_t b, uintptr_t c)
{
    uintptr_t *argument = tcg_put_raw(at, op);
    bool constant_b = op == TCG_OP_MOVI_I64 || op == TCG_OP_DISCARD;
    bool constant_c = op != TCG_OP_ADD_I64 && op != TCG_OP_SUB_I64 && op != TCG_OP_OR_I64;

    argument[0] = tcg_argument(at.tcg, a);
    argument[1] = constant_b ? b : tcg_argument(at.tcg, b);
    argument[2] = constant_c ? c : tcg_argument(at.tcg, c);
    return (uint8_t *)argument - TCG_OP_ARGUMENTS;
}

/* A label counts as placed when its first bit is set. */
static inline void tcg_put_label(struct tcg_place at, void *label)
{
    FIELD(uint16_t, label, TCG_LABEL_PLACED) |= 1;
    tcg_put_raw(at, TCG_OP_SET_LABEL)[0] = (uintptr_t)label;
}

static inline void tcg_put_jump(struct tcg_place at, void *label)
{
    FIELD(uint16_t, label, TCG_LABEL_USES)++;
    tcg_put_raw(at, TCG_OP_BR)[0] = (uintptr_t)label;
}

static inline void tcg_put_branch(struct tcg_place at, int condition, tcg_value a, tcg_value b,
                                  void *label)
{
    uintptr_t *argument = tcg_put_raw(at, TCG_OP_BRCOND_I64);

    FIELD(uint16_t, label, TCG_LABEL_USES)++;
    argument[0] = tcg_argument(at.tcg, a);
    argument[1] = tcg_argument(at.tcg, b);
    argument[2] = (uintptr_t)condition;
    argument[3] = (uintptr_t)label;
}

/* ---- unicorn_leave.c: whether to leave the loop ---------------------------------------------- */

#if LIB_VERSION >= 20104
/* Replaces the library's question in a block that begins after `mark`. */
void lib_leave_inline(void *tcg, void *mark);
/* Emits where that block goes when it is to be left, behind everything else. */
void lib_leave_end(void *tcg, void *tb);
#else
static inline void lib_leave_inline(void *tcg, void *mark)
{
    (void)tcg, (void)mark;
}
static inline void lib_leave_end(void *tcg, void *tb)
{
    (void)tcg, (void)tb;
}
#endif

/* ---- unicorn_filter.c: the full timing model's part of a prologue ---------------------------- */

/* A block's translation begins. */
void lib_filter_begin(void);
/* Makes `left` negative when the model must be notified of the block. */
void lib_filter_check(struct tcg_place at, const struct block *block, tcg_value left);
/* The block runs on the fast path: leaves its last use. */
void lib_filter_use(struct tcg_place at, const struct block *block);

#endif
