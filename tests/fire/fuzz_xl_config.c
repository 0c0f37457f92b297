/* SPDX-License-Identifier: GPL-2.0-only */
/* Descriptions of domains, as xl reads them. */
#include "tests/fire/fuzz.h"
#include "workloads/dom0/xl/config.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct domain_config config;

    config_init(&config);
    config_read(&config, fuzz_file(data, size));
    fuzz_promise(memchr(config.extra, 0, sizeof(config.extra)) &&
                     memchr(config.name, 0, sizeof(config.name)) &&
                     memchr(config.kernel, 0, sizeof(config.kernel)) &&
                     memchr(config.ramdisk, 0, sizeof(config.ramdisk)),
                 "every value ends");
    fuzz_promise(config.memory > 0, "a domain has memory");
    return 0;
}
