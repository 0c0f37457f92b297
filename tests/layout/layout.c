/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * layout.c - what unicorn_layout.def says of a version of libunicorn, against its source
 *
 * Compiled with the headers of that source (check). Prints every row that is wrong, and with an
 * argument every row's value: the column of a version that is new.
 */
#include "qemu/osdep.h"

#include "cpu.h"
#include "exec/exec-all.h"
#include "exec/memory.h"
#include "tcg/tcg.h"
#include "uc_priv.h"

#define NONE (-1)

#if UC_API_MAJOR == 2 && UC_API_MINOR == 0 && UC_API_PATCH == 1
#define COLUMN(v20001, v20101, v20104) v20001
#elif UC_API_MAJOR == 2 && UC_API_MINOR == 1 && UC_API_PATCH == 1
#define COLUMN(v20001, v20101, v20104) v20101
#else
#define COLUMN(v20001, v20101, v20104) v20104
#endif

#if UC_API_MAJOR == 2 && UC_API_MINOR == 0
#define SINCE_2_1(structure, member) NONE
#else
#define SINCE_2_1(structure, member) (long)offsetof(structure, member)
#endif

static bool all;

static int row(const char *name, long said, long is)
{
    if (all)
        printf("%s %ld\n", name, is);
    else if (said != is)
        printf("%s is %ld, not %ld\n", name, is, said);
    return said != is;
}

int main(int argc, char **argv)
{
    int wrong = 0;

    (void)argv;
    all = argc > 1;
#define OFFSET(name, v20001, v20101, v20104, structure, member)                                    \
    wrong += row(#name, COLUMN(v20001, v20101, v20104), (long)offsetof(structure, member));
#define OFFSET_2_1(name, v20001, v20101, v20104, structure, member)                                \
    wrong += row(#name, COLUMN(v20001, v20101, v20104), SINCE_2_1(structure, member));
#define VALUE(name, v20001, v20101, v20104, expression)                                            \
    wrong += row(#name, COLUMN(v20001, v20101, v20104), (long)(expression));
#include "unicorn_layout.def"
    return wrong && !all;
}
