/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unicorn_tcg.h - emitting operations of the library's code generator (TCG)
 *
 * A TCG value is its temporary's distance from the context; as an argument of an operation it is
 * the temporary's address. Temporaries lose their values at labels and branches.
 */
#ifndef XENOLITH_CPU_UNICORN_TCG_H
#define XENOLITH_CPU_UNICORN_TCG_H

#include "cpu/unicorn_private.h"

typedef uintptr_t tcg_value;

void *tcg_temp_new_internal_x86_64(void *context, int type, int local);
void tcg_temp_free_internal_x86_64(void *context, void *temporary);
void tcg_gen_op1_x86_64(void *context, int op, uintptr_t a);
void tcg_gen_op2_x86_64(void *context, int op, uintptr_t a, uintptr_t b);
void tcg_gen_op3_x86_64(void *context, int op, uintptr_t a, uintptr_t b, uintptr_t c);
void tcg_gen_andi_i64_x86_64(void *context, tcg_value to, tcg_value a, int64_t b);
void tcg_gen_ori_i64_x86_64(void *context, tcg_value to, tcg_value a, int64_t b);
void tcg_gen_addi_i64_x86_64(void *context, tcg_value to, tcg_value a, int64_t b);
void tcg_gen_shli_i64_x86_64(void *context, tcg_value to, tcg_value a, int64_t b);
void tcg_gen_shri_i64_x86_64(void *context, tcg_value to, tcg_value a, int64_t b);
void tcg_gen_brcondi_i64_x86_64(void *context, int condition, tcg_value a, int64_t b, void *label);
void *gen_new_label_x86_64(void *context);
void tcg_gen_callN_x86_64(void *context, void *function, void *result, int count, void **arguments);

static inline uintptr_t tcg_argument(void *tcg, tcg_value value)
{
    return (uintptr_t)tcg + value;
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

static inline void tcg_constant(void *tcg, tcg_value to, uint64_t value)
{
    tcg_gen_op2_x86_64(tcg, TCG_OP_MOVI_I64, tcg_argument(tcg, to), value);
}

/* A label counts as placed when its first bit is set. */
static inline void tcg_place_label(void *tcg, void *label)
{
    *(uint32_t *)label |= 1;
    tcg_gen_op1_x86_64(tcg, TCG_OP_SET_LABEL, (uintptr_t)label);
}

/* The host's instruction takes offsets of 31 bits. */
static inline void tcg_store(void *tcg, tcg_value value, tcg_value base, uintptr_t offset)
{
    tcg_gen_op3_x86_64(tcg, TCG_OP_ST_I64, tcg_argument(tcg, value), tcg_argument(tcg, base),
                       offset);
}

#endif
