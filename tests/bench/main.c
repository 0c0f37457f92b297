/* SPDX-License-Identifier: GPL-2.0-only */
/* main.c - runs an image's work between two readings of the TSC and prints the lines of bench.h */
#include "tests/bench/bench.h"

/* The last word of the command line, a decimal number; 1 if there is none. */
static uint32_t scale_from(const struct multiboot_info *info)
{
    uint32_t scale = 0;
    const char *text = info->flags & 4 ? (const char *)info->cmdline : "";

    for (; *text; text++)
        scale = *text == ' '                   ? 0
                : *text >= '0' && *text <= '9' ? scale * 10 + (*text - '0')
                                               : scale;
    return scale ? scale : 1;
}

void kernel_main(const struct multiboot_info *info)
{
    uint32_t scale = scale_from(info), check;
    uint64_t begin, end;

    kernel_start();
    bench_prepare();
    bench_work(1); /* what an emulator does once for each piece of code is none of the work */
    put(bench_name);
    put(" begins\n");
    begin = read_tsc();
    check = bench_work(scale);
    end = read_tsc();
    put(bench_name);
    put(" scale=");
    put_number(scale);
    put(" work=");
    put_number(bench_units(scale));
    put(" tsc=");
    put_number(end - begin);
    put(" check=");
    put_number(check);
    put("\n");
    power_off(0);
}
