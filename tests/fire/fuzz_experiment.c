/* SPDX-License-Identifier: GPL-2.0-only */
/* Descriptions of experiments, experiments/NAME.ini. */
#include "sim/lab/experiment.h"
#include "tests/fire/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct experiment experiment;
    char why[512];

    if (experiment_read(&experiment, fuzz_file(data, size), why, sizeof(why))) {
        fuzz_promise(experiment.count >= 1 && experiment.count <= EXPERIMENT_SERIES_MAX,
                     "there are series");
        for (size_t i = 0; i < experiment.count; i++) {
            const struct series *series = &experiment.series[i];

            fuzz_promise(!strchr(series->name, '/') && *series->name != '.',
                         "names stay in their folder");
            for (size_t k = 0; k < series->settings; k++)
                fuzz_promise(series->setting[k].values >= 1 &&
                                 series->setting[k].values <= EXPERIMENT_VALUES_MAX,
                             "a setting has values");
        }
    }
    experiment_free(&experiment);
    return 0;
}
