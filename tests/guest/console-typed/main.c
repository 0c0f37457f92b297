/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is typed at the machine's console comes to Domain 0 by VIRQ_CONSOLE: it blocks, is woken,
 * and reads until there is nothing more. The text, of which run.sh types the file `typed`, is
 * longer than the UART's FIFO and than what the hypervisor keeps. It begins with `#`: the UART is
 * reset when the hypervisor starts, and drops some. Others may bind, and hear nothing.
 */
#include "tests/guest/kit/kit.h"

#define LINES      64
#define LINE_BYTES 8 /* "line NN\n" */
#define ALL        (LINES * LINE_BYTES)

static char text[ALL + 64];
static unsigned port, length, rounds;

static long read(void *to, unsigned bytes)
{
    return HYPERCALL(console_io, CONSOLEIO_read, bytes, to);
}

/* Takes all that there is, in small parts. */
static bool read_all(struct trap_frame *frame)
{
    long count;

    (void)frame;
    rounds++;
    event_clear(port);
    while (length < ALL && (count = read(text + length, 7)) > 0) {
        length += (unsigned)count;
        while (length > 0 && text[0] == '#')
            memmove(text, text + 1, --length);
    }
    return true;
}

static void expect_lines(void)
{
    for (unsigned i = 0; i < LINES; i++) {
        char line[LINE_BYTES + 1];

        format(line, sizeof(line), "line %02u\n", i);
        if (!check(memcmp(text + i * LINE_BYTES, line, LINE_BYTES) == 0, "line %u is not as typed",
                   i))
            return;
    }
}

void test(void)
{
    struct evtchn_bind_virq again = {.virq = VIRQ_CONSOLE};

    port = bind_virq(VIRQ_CONSOLE);
    expect(event_op(EVTCHNOP_bind_virq, &again), -EEXIST);
    if (!privileged || !starts_with((const char *)start->cmd_line, "typed")) {
        expect(read(text, sizeof(text)), privileged ? 0 : -EPERM);
        return;
    }
    event_hook = read_all;
    event_mask_set(port, false);
    read_all(NULL); /* what came before anybody listened */
    while (length < ALL) {
        HYPERCALL(sched_op, SCHEDOP_block, NULL);
        events_off();
    }
    expect_lines();
    check(rounds > 4, "%u events for %u characters", rounds, length);
    expect(read(text, sizeof(text)), 0);
}
