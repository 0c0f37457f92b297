/* SPDX-License-Identifier: GPL-2.0-only */
/* Checks and the one line that sums them up. Compiled once for each test, with its name. */
#include "tests/guest/kit/kit.h"

const char test_name[] = TEST_NAME;

static unsigned checks, failures;
static char first_reason[160];

static void note_failure(const char *format, va_list list)
{
    char reason[sizeof(first_reason)];

    format_list(reason, sizeof(reason), format, list);
    if (failures++ == 0)
        memcpy(first_reason, reason, sizeof(reason));
    else if (failures <= 12)
        print("also: %s\n", reason);
}

static void end(void) __attribute__((noreturn));

static void end(void)
{
    if (failures)
        print("FAIL %s: %s\n", test_name, first_reason);
    else if (checks == 0)
        print("FAIL %s: nothing was checked\n", test_name);
    else
        print("PASS %s\n", test_name);
    counts_print();
    struct sched_shutdown shutdown = {.reason = SHUTDOWN_poweroff};
    for (;;)
        HYPERCALL(sched_op, SCHEDOP_shutdown, &shutdown);
}

bool check(bool ok, const char *format, ...)
{
    checks++;
    if (ok)
        return true;
    va_list list;
    va_start(list, format);
    note_failure(format, list);
    va_end(list);
    return false;
}

bool check_equal(const char *what, long got, long want)
{
    if (got < -4095 || got > 4095 || want < -4095 || want > 4095)
        return check(got == want, "%s gave 0x%lx, not 0x%lx", what, got, want);
    return check(got == want, "%s gave %ld, not %ld", what, got, want);
}

bool check_no_domain(const char *what, long got)
{
    return check(got == -ESRCH || (got == -EPERM && !privileged), "%s gave %ld, not %d", what, got,
                 -ESRCH);
}

void give_up(const char *format, ...)
{
    va_list list;

    va_start(list, format);
    note_failure(format, list);
    va_end(list);
    end();
}

void must_die(const char *how, void (*code)(void *), void *argument)
{
    if (failures)
        end();
    print("DIES %s: %s\n", test_name, how);
    bool stopped = trapped(code, argument);
    give_up("it lived on, %s %u", stopped ? "by trap" : "without a trap",
            stopped ? trap.vector : 0);
}

void verdict(void)
{
    end();
}
