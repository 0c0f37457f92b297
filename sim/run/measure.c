/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * measure.c - a run's phases: until the window begins, the window, what is left of it
 *
 * Copies of a workload are warm when each has finished a unit of work; those of --program begin
 * together. A signal of the user's ends either phase, and what was counted is kept.
 */
#include "sim/cli/commands.h"
#include "sim/run/request.h"
#include "sim/watch/watch.h"

#include <inttypes.h>
#include <stdlib.h>

/* True if the machine did what a measurement needs until `until`. */
static bool run_until(struct machine *machine, uint64_t until)
{
    return machine_run(machine, until) == MACHINE_TIME;
}

static bool warm_up(struct request *request, struct machine *machine, struct account *account)
{
    uint64_t most = setup_cycles(&request->setup, request->warmup_ns);
    enum machine_end end = progress_run(&request->progress, most, "warming up", EVENT_NEVER);

    if (end == MACHINE_STOPPED && account->working >= account->expected)
        return run_until(machine, machine_clock_max(machine));
    if (end == MACHINE_TIME)
        say("after %s of simulated time only %u of %u copies have done any work",
            option_value(request->result.options, OPT_WARMUP), account->working, account->expected);
    return false;
}

/* Until copies of --program have begun, all together. */
static bool begin_copies(struct request *request, struct account *account)
{
    uint64_t most =
        setup_cycles(&request->setup, request->warmup_ns + request->start_s * 1000000000);
    uint64_t start = setup_cycles(&request->setup, request->start_s * 1000000000);
    enum machine_end end = progress_run(&request->progress, most, "starting", start);
    const struct copies *copies = &account->copies;

    if (end == MACHINE_TIME)
        say("after %" PRIu64 " s of simulated time no copy has begun",
            request->warmup_ns / 1000000000 + request->start_s);
    if (end != MACHINE_STOPPED || progress_signal())
        return false;
    for (unsigned i = 0; i < copies->expected; i++)
        if (!copies->copy[i].starter) {
            say("copy %u was not ready after %" PRIu64 " s, when others began: say a later --start",
                i, request->start_s);
            return false;
        }
    return true;
}

/* The clock of the processor that was furthest ahead when the window began. */
static uint64_t window_start(const struct account *account)
{
    uint64_t start = 0;

    for (unsigned i = 0; i < account->machine->config.processors; i++)
        if (account->cpu[i].start_clock > start)
            start = account->cpu[i].start_clock;
    return start;
}

/* The window: for a time, or until the last copy has ended. */
static bool run_window(struct request *request, struct machine *machine, struct account *account)
{
    bool whole = request->own && !request->repeat;
    uint64_t window =
        setup_cycles(&request->setup, whole ? request->setup.for_ns : request->result.window_ns);
    uint64_t until = window ? window_start(account) + window : EVENT_NEVER;
    enum machine_end end = progress_run(&request->progress, until, "measuring", until);

    if (end == MACHINE_STOPPED && !progress_signal() && account->copies.ended)
        return run_until(machine, machine_clock_max(machine));
    return end == MACHINE_TIME;
}

/* False, after saying which was the first copy of --program that failed, and how. */
static bool copies_say(const struct account *account)
{
    const struct copies *copies = &account->copies;

    for (unsigned i = 0; i < copies->expected; i++) {
        const struct copy *copy = &copies->copy[i];

        if (!copy->lost && (!copy->ended || copy->status == 0))
            continue;
        if (copy->lost)
            say("copy %u was lost: what ran it ended before the program did", i);
        else if (copy->status & 0x7f)
            say("copy %u was ended by signal %d", i, copy->status & 0x7f);
        else
            say("copy %u ended with exit status %d", i, copy->status >> 8);
        console_tail(&account->machine->console, stderr, "  | ", 6);
        return false;
    }
    return true;
}

static int finish(struct request *request, struct account *account, struct outputs *outputs)
{
    struct checks checks;
    int status = 0;

    account_settle(account);
    copies_settle(account);
    regions_settle(account);
    checks_make(&checks, account, request->xen);
    result_summary(stdout, &request->result, account, &checks);
    machine_report_unclaimed(account->machine, stderr, "xenolith: ");
    if (account->tables_refused)
        say("%" PRIu64 " counter tables announced by guests were malformed",
            account->tables_refused);
    if (checks_failed(&checks)) {
        result_say_check(checks_failed(&checks));
        status = EXIT_RUN_FAILED;
    }
    if (!copies_say(account))
        status = EXIT_RUN_FAILED;
    if (!state_request_end(&request->state))
        status = EXIT_RUN_FAILED;
    request->result.partial = progress_signal() != 0;
    if (request->result.partial) {
        say("interrupted by signal %d: the result is partial", progress_signal());
        status = 128 + progress_signal();
    }
    disk_files_report(account->machine, stdout, "  ");
    if (!disk_files_end(&request->disks, account->machine, true))
        status = EXIT_RUN_FAILED;
    network_files_report(account->machine, stdout, "  ");
    if (!network_files_end(&request->network))
        status = EXIT_RUN_FAILED;
    if (!outputs_write(outputs, &(struct result){&request->result, account, &checks}))
        status = EXIT_RUN_FAILED;
    return status;
}

/* Until the window begins; at once if it has, in the state that was loaded. */
static bool begin_window(struct request *request, struct machine *machine, struct account *account)
{
    bool whole = request->own && !request->repeat, good;

    if (account->window)
        return true;
    good = whole ? begin_copies(request, account) : warm_up(request, machine, account);
    if (good)
        account_start_window(account);
    return good;
}

/* The counts of a machine that is about to run; NULL after saying why. */
static struct account *open_account(struct request *request, struct machine *machine)
{
    struct account *account = calloc(1, sizeof(*account));
    unsigned copies = (unsigned)request->result.domains;
    char why[SETUP_WHY_BYTES] = "no memory for the counts";

    if (!account) {
        say("%s", why);
        return NULL;
    }
    account_attach(account, machine, request->own && !request->repeat ? 0 : copies);
    if ((!request->own || copies_expect(account, copies, request->repeat)) &&
        state_request_account(&request->state, account, why))
        return account;
    say("%s", why);
    account_free(account);
    free(account);
    return NULL;
}

int request_measure(struct request *request, struct machine *machine, struct outputs *outputs)
{
    struct account *account = open_account(request, machine);
    double start = host_time();
    int status = EXIT_RUN_FAILED;
    bool good, watched;

    if (!account)
        return EXIT_RUN_FAILED;
    if (!watch_begin(account, &request->images)) {
        account_free(account);
        free(account);
        return EXIT_RUN_FAILED;
    }
    progress_begin(&request->progress, account, &request->state, !machine->config.console_out);
    good = begin_window(request, machine, account) && run_window(request, machine, account);
    watched = watch_end();
    if (good || (progress_signal() && machine->end == MACHINE_STOPPED))
        status = finish(request, account, outputs);
    else if (account->window || copies_say(account))
        result_explain_end(machine, &request->images);
    if (!watched)
        status = EXIT_RUN_FAILED;
    progress_end();
    result_host_speed(account, host_time() - start);
    account_free(account);
    free(account);
    return status;
}
