/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest kernel's load averages, against the definition: what e to the power of elapsed time
 * leaves.
 */
#include <criterion/criterion.h>
#include <math.h>

#include "guestos/kernel/load.h"
#include "tests/unit/guestos_support.h"

#define SECOND UINT64_C(1000000000)

static void assert_averages(const double wanted[LOADS])
{
    uint32_t average[LOADS];

    load_averages(average);
    for (int i = 0; i < LOADS; i++)
        cr_assert_float_eq(average[i] / 65536.0, wanted[i], 0.003, "average %d: %f and not %f", i,
                           average[i] / 65536.0, wanted[i]);
}

Test(guestos_load, averages_rise_and_fall)
{
    double after[LOADS], later[LOADS];

    for (int i = 0; i < LOADS; i++) {
        double minutes = (const double[]){1, 5, 15}[i];

        after[i] = 3 * (1 - exp(-2 / minutes));
        later[i] = after[i] * exp(-1 / minutes);
    }
    for (uint64_t t = 0; t <= 120 * SECOND; t += SECOND / 10)
        load_sample(t, 3);
    assert_averages(after);
    load_sample(180 * SECOND, 0); /* idle: nobody has looked at the clock for a minute */
    assert_averages(later);
}

Test(guestos_load, nothing_is_sampled_before_its_time)
{
    load_sample(5 * SECOND - 1, 100);
    assert_averages((const double[LOADS]){0, 0, 0});
    load_sample(5 * SECOND, 1);
    assert_averages(
        (const double[LOADS]){1 - exp(-1 / 12.0), 1 - exp(-1 / 60.0), 1 - exp(-1 / 180.0)});
    load_sample(5 * SECOND, 100);
    assert_averages(
        (const double[LOADS]){1 - exp(-1 / 12.0), 1 - exp(-1 / 60.0), 1 - exp(-1 / 180.0)});
}
