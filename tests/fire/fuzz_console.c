/* SPDX-License-Identifier: GPL-2.0-only */
/* What a machine prints: the reader of init's marks. The first byte says whether on a terminal. */
#include "sim/cli/session.h"
#include "tests/fire/fuzz.h"

static unsigned endings;

static void told(void *owner)
{
    (void)owner;
    endings++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static FILE *nowhere;
    struct session session;

    if (!nowhere)
        nowhere = fopen("/dev/null", "w");
    if (size < 1)
        return 0;
    endings = 0;
    session = (struct session){
        .out = nowhere, .err = nowhere, .log = nowhere, .terminal = data[0] & 1, .told = told};
    for (size_t i = 1; i < size; i++)
        session_byte(&session, data[i]);
    fuzz_promise(endings <= 1 && session.status <= 255, "a session ends once");
    return 0;
}
