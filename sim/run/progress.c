/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/run/progress.h"

#include "sim/account/result.h"
#include "sim/cli/setup.h"

#include <signal.h>
#include <unistd.h>

#define STEPS_A_SECOND 500 /* of simulated time */
#define WRITE_SECONDS  0.2

static volatile sig_atomic_t came;

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

/* The second one is not waited for. */
static void take(int signal)
{
    if (came)
        result_file_signal(signal);
    came = signal;
}

int progress_signal(void)
{
    return came;
}

void progress_begin(struct progress *progress, struct account *account, struct state_request *state,
                    bool shown)
{
    struct sigaction action = {.sa_handler = take, .sa_flags = (int)SA_RESTART};

    *progress = (struct progress){.account = account,
                                  .state = state,
                                  .shown = shown && isatty(STDERR_FILENO),
                                  .started = host_time()};
    came = 0;
    for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
        struct sigaction old;

        /* What nohup has it ignore stays so. */
        if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL);
    }
}

void progress_end(void)
{
    for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
        struct sigaction old;

        if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler == take)
            signal(signals[i], result_file_signal);
    }
}

struct phase {
    const char *name;
    uint64_t from, expected; /* clocks */
    double started;
};

static void write_line(struct progress *progress, const struct phase *phase)
{
    const struct machine *machine = progress->account->machine;
    double hz = (double)machine->config.costs->clock_hz, now = host_time(), left;
    uint64_t clock = machine_clock_max(machine), instructions;

    if (!progress->shown || now - progress->written < WRITE_SECONDS)
        return;
    for (unsigned i = 0; i < machine->config.processors; i++)
        cpu_settle(machine->cpu[i]);
    instructions = total_event(progress->account, CPU_instructions, SPAN_ALL);
    if (progress->written > 0) {
        fprintf(stderr, "\r%s, %.3f s simulated, %.0f MIPS", phase->name, (double)clock / hz,
                (double)(instructions - progress->instructions) / 1e6 / (now - progress->written));
        if (phase->expected != EVENT_NEVER && clock > phase->from && clock < phase->expected) {
            left = (now - phase->started) * (double)(phase->expected - clock) /
                   (double)(clock - phase->from);
            fprintf(stderr, ", %.0f s left", left);
        }
        fputs("\033[K", stderr);
    }
    progress->instructions = instructions;
    progress->written = now;
}

enum machine_end progress_run(struct progress *progress, uint64_t until, const char *phase,
                              uint64_t expected)
{
    struct machine *machine = progress->account->machine;
    struct phase at = {phase, machine_clock_max(machine), expected, host_time()};
    uint64_t step = machine->config.costs->clock_hz / STEPS_A_SECOND;
    enum machine_end end;
    bool ours;

    do {
        uint64_t next = machine_clock_min(machine) + step, save = progress->state->at;

        machine_stop_at(machine, save < next ? save : next);
        end = machine_run(machine, until);
        ours = end == MACHINE_STOPPED && machine->stop_at == EVENT_NEVER;
        machine_stop_at(machine, EVENT_NEVER);
        if (ours || end == MACHINE_TIME)
            state_request_look(progress->state, progress->account);
        write_line(progress, &at);
    } while (ours && !came);
    if (progress->written > 0)
        fputs("\r\033[K", stderr);
    progress->written = 0;
    return end;
}
