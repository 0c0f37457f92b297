/* SPDX-License-Identifier: GPL-2.0-only */
/* Descriptions of experiments, experiments/NAME.ini. */
#include "sim/lab/experiment.h"
#include "tests/fire/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct experiment experiment;
    char why[512];

    if (!experiment_read(&experiment, fuzz_file(data, size), why, sizeof(why)))
        return 0;
    fuzz_promise(experiment.values >= 1 && experiment.values <= EXPERIMENT_VALUES_MAX &&
                     experiment.count >= 1 && experiment.count <= EXPERIMENT_SERIES_MAX,
                 "there are points and series");
    for (unsigned i = 0; i < experiment.count; i++) {
        const char *value = experiment_option(&experiment, &experiment.series[i], "domains");

        fuzz_promise(!value || strlen(value) < sizeof(experiment.series[i].option[0].value),
                     "a value ends");
    }
    return 0;
}
