/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unicorn_leave.c - whether a block is to be left at once
 *
 * Older versions of the library begin each block with a test of a counter, whose sign an interrupt
 * or a stop sets. 2.1.4 calls a function instead, and before it stores EIP for a hook of blocks,
 * which ours does not read. On integer code that is 6 % of the speed. So the call is taken out and
 * the test of the older versions put in its place.
 */
#include <stdlib.h>

#include "cpu/engine/unicorn_tcg.h"

#if LIB_VERSION >= 20104
static void *leave; /* the label of the block under translation */

/* The operations in front of the block are constants and stores of them. */
static void drop_store_of_eip(void *tcg, void *mark)
{
    for (uint8_t *link = FIELD(uint8_t *, mark, TCG_OP_NEXT + 8);;
         link = FIELD(uint8_t *, link, 8)) {
        void *op = link - TCG_OP_NEXT;
        int code = FIELD(uint8_t, op, TCG_OP_CODE);

        if (code == TCG_OP_ST_I64 && FIELD(uintptr_t, op, TCG_OP_ARGUMENTS + 16) == ENV_EIP)
            tcg_op_remove_x86_64(tcg, op);
        if (code != TCG_OP_MOVI_I64 && code != TCG_OP_MOVI_I32)
            return;
    }
}

/* The first call after the mark, in front of the first instruction. */
static void *question(void *mark)
{
    for (void *op = FIELD(void *, mark, TCG_OP_NEXT); op; op = FIELD(void *, op, TCG_OP_NEXT)) {
        if (FIELD(uint8_t, op, TCG_OP_CODE) == TCG_OP_CALL)
            return op;
        if (FIELD(uint8_t, op, TCG_OP_CODE) == TCG_OP_INSN_START)
            break;
    }
    abort(); /* unicorn_layout.def describes another version of the library */
}

void lib_leave_inline(void *tcg, void *mark)
{
    struct tcg_place at = {tcg, question(mark)};
    tcg_value count = tcg_temporary32(tcg), zero = tcg_temporary32(tcg);
    uintptr_t *argument;

    drop_store_of_eip(tcg, mark);
    leave = gen_new_label_x86_64(tcg);
    argument = tcg_put_raw(at, TCG_OP_LD_I32);
    argument[0] = tcg_argument(tcg, count);
    argument[1] = tcg_argument(tcg, FIELD(uintptr_t, tcg, TCG_CPU_ENV));
    argument[2] = (uintptr_t)OBJECT_COUNTER - OBJECT_ENV;
    argument = tcg_put_raw(at, TCG_OP_MOVI_I32);
    argument[0] = tcg_argument(tcg, zero);
    argument[1] = 0;
    argument = tcg_put_raw(at, TCG_OP_BRCOND_I32);
    argument[0] = tcg_argument(tcg, count);
    argument[1] = tcg_argument(tcg, zero);
    argument[2] = TCG_COND_LT;
    argument[3] = (uintptr_t)leave;
    FIELD(uint16_t, leave, TCG_LABEL_USES)++;
    tcg_release(tcg, count);
    tcg_release(tcg, zero);
    tcg_op_remove_x86_64(tcg, at.before);
}

void lib_leave_end(void *tcg, void *tb)
{
    tcg_put_label((struct tcg_place){tcg, NULL}, leave);
    tcg_gen_exit_tb_x86_64(tcg, tb, TB_EXIT_REQUESTED);
}
#endif
