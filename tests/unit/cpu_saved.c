/* SPDX-License-Identifier: GPL-2.0-only */
/* cpu_saved.c - processors that are saved and loaded: every member, every block, every refusal */
#include "cpu/saved/processor.h"
#include "tests/unit/cpu_lab.h"
#include "tests/unit/saved_tables.h"

Test(cpu_saved, tables_name_every_member_and_bring_back_every_byte)
{
    saved_expect_tables(lib_saved_tables);
    saved_expect_tables(cpu_saved_tables);
    saved_expect_tables(timing_saved_tables);
}
