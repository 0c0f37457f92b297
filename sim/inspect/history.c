/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/inspect/history.h"
#include "sim/inspect/run.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MARGIN_LEAST UINT64_C(10000) /* cycles that are walked, at about ten million a second */

static bool move_whole(int fd, void *bytes, size_t count, bool writing)
{
    size_t done = 0;

    while (done < count) {
        ssize_t moved = writing ? write(fd, (uint8_t *)bytes + done, count - done)
                                : read(fd, (uint8_t *)bytes + done, count - done);

        if (moved > 0)
            done += (size_t)moved;
        else if (moved == 0 || errno != EINTR)
            return false;
    }
    return true;
}

/* ---- snapshots ------------------------------------------------------------------------------- */

/* Forgets a snapshot, and ends it. */
static void drop(struct history *history, unsigned index)
{
    struct snapshot *snapshot = &history->snapshot[index];

    kill(snapshot->pid, SIGKILL);
    close(snapshot->wake);
    memmove(snapshot, snapshot + 1, (history->count - index - 1) * sizeof(*snapshot));
    history->count--;
}

/* Every second of the older half; the first stays. */
static void thin(struct history *history)
{
    for (unsigned i = 1; i < HISTORY_SNAPSHOTS / 4; i++)
        drop(history, i);
}

/* A snapshot's life. Returns only in an engine that it makes. */
static void sleep_until_woken(struct history *history, int wake)
{
    for (;;) {
        struct pollfd waits[2] = {{.fd = wake, .events = POLLIN},
                                  {.fd = history->life, .events = POLLIN}};

        if (poll(waits, 2, -1) < 0 && errno != EINTR)
            _exit(0);
        if (waits[1].revents)
            _exit(0);
        if (!waits[0].revents)
            continue;
        if (!move_whole(wake, &history->job, sizeof(history->job), false))
            _exit(0);
        if (fork() == 0)
            return;
    }
}

/* In the engine that a snapshot made: the session is that of who woke it, the run that was under
 * way when the snapshot was taken is none of ours. */
static _Noreturn void begin_again(struct history *history, int wake)
{
    struct inspect *inspect = history->inspect;

    close(wake);
    inspect_abandon(inspect);
    inspect->machine->console.shown = history->job.shown;
    inspect->machine->network.capture.shown = history->job.captured;
    history->woken = true;
    longjmp(*history->top, 1);
}

static bool take_snapshot(struct history *history)
{
    struct snapshot *snapshot;
    int wake[2], pid;

    if (history->count == HISTORY_SNAPSHOTS)
        thin(history);
    snapshot = &history->snapshot[history->count];
    if (pipe(wake) < 0)
        return false;
    snapshot->at = inspect_position(history->inspect);
    snapshot->wake = wake[1];
    history->count++; /* a snapshot knows itself */
    fflush(NULL);
    pid = fork();
    if (pid == 0) {
        snapshot->pid = getpid();
        sleep_until_woken(history, wake[0]);
        begin_again(history, wake[0]);
    }
    close(wake[0]);
    snapshot->pid = pid;
    if (pid > 0)
        return true;
    close(wake[1]);
    history->count--;
    return false;
}

bool history_open(struct history *history, struct inspect *inspect, jmp_buf *top, int life,
                  char *why, size_t why_bytes)
{
    *history =
        (struct history){.inspect = inspect, .top = top, .life = life, .spacing = HISTORY_SPACING};
    signal(SIGCHLD, SIG_IGN); /* nobody waits for them */
    signal(SIGPIPE, SIG_IGN);
    inspect->history = history;
    if (!take_snapshot(history)) {
        snprintf(why, why_bytes, "no process for the run's history: %s", strerror(errno));
        return false;
    }
    history->next = machine_clock_min(inspect->machine) + HISTORY_SPACING;
    return true;
}

void history_close(struct history *history)
{
    while (history->count)
        drop(history, history->count - 1);
    history->inspect->history = NULL;
}

/* ---- forwards -------------------------------------------------------------------------------- */

/* Whether the commands' giver has gone. */
static void look_for_life(const struct history *history)
{
    struct pollfd life = {.fd = history->life, .events = POLLIN};

    if (poll(&life, 1, 0) > 0) {
        for (unsigned i = 0; i < history->count; i++)
            kill(history->snapshot[i].pid, SIGKILL);
        _exit(0);
    }
}

/* Seconds of the host's processor that this process has had. */
static double processor_time(void)
{
    struct timespec time;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* A fork takes the longer the more memory the machine has, so time decides how many there are. */
static void choose_spacing(struct history *history)
{
    double now = processor_time(), took = now - history->looked;

    history->looked = now;
    if (took < HISTORY_SECONDS / 2 && history->spacing < HISTORY_SPACING_MOST)
        history->spacing *= 2;
    else if (took > HISTORY_SECONDS && history->spacing > HISTORY_SPACING)
        history->spacing /= 2;
}

/* On the way back snapshots lie close before the place, and nowhere closer. */
void history_look(struct history *history)
{
    const struct machine *machine = history->inspect->machine;
    uint64_t now = machine_clock_min(machine), bound = history->job.bound.clock_min;
    uint64_t left = history->woken && now < bound ? bound - now : 0;

    look_for_life(history);
    choose_spacing(history);
    take_snapshot(history); /* without one, going back takes longer */
    history->next = now + history->spacing;
    if (left > HISTORY_SPACING && left - HISTORY_SPACING < history->spacing)
        history->next = bound - HISTORY_SPACING;
    else if (left && left <= HISTORY_SPACING)
        history->next = now + HISTORY_DENSE;
}

/* ---- back ------------------------------------------------------------------------------------ */

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

bool history_wake(struct history *history, struct history_job *job, char *why, size_t why_bytes)
{
    const struct inspect_position *before =
        job->aim == HISTORY_POSITION ? &job->target : &job->bound;
    struct inspect *inspect = history->inspect;
    const struct console *console = &inspect->machine->console;
    const struct capture *capture = &inspect->machine->network.capture;
    unsigned chosen;

    fflush(NULL);
    job->shown = later(console->count, console->shown);
    job->captured = later(capture->frames, capture->shown);
    for (chosen = history->count; chosen-- > 0;) {
        const struct snapshot *snapshot = &history->snapshot[chosen];
        bool early = job->aim != HISTORY_STEPS || chosen == 0 ||
                     snapshot->at.clock_min + job->margin <= job->bound.clock_min;

        if (!early || !inspect_before(&snapshot->at, before))
            continue;
        for (unsigned i = history->count; i-- > chosen + 1;)
            drop(history, i);
        if (move_whole(snapshot->wake, job, sizeof(*job), true))
            _exit(0);
        drop(history, chosen); /* it has ended */
    }
    snprintf(why, why_bytes, "this is where the run's history begins");
    return false;
}

/*
 * An engine that finds nothing here wakes an earlier snapshot: by level the one before its own,
 * which is the last that it knows, by steps one from which more can be counted. False: there is
 * none.
 */
static bool look_further_back(struct history *history, struct history_job job)
{
    char why[INSPECT_SENTENCE];

    if (job.aim == HISTORY_LEVEL)
        job.bound = history->snapshot[history->count - 1].at;
    else if (job.margin >= job.bound.clock_min)
        return false;
    else
        job.margin *= 8;
    return history_wake(history, &job, why, sizeof(why));
}

/* Counts in a child, which runs beyond the place where we are to stop. UINT64_MAX: it was lost. */
static uint64_t count_ahead(struct history *history,
                            uint64_t (*count)(struct inspect *inspect,
                                              const struct history_job *job))
{
    uint64_t counted = UINT64_MAX;
    int answer[2], pid;

    if (pipe(answer) < 0)
        return UINT64_MAX;
    pid = fork();
    if (pid == 0) {
        history->inspect->history = NULL;
        counted = count(history->inspect, &history->job);
        move_whole(answer[1], &counted, sizeof(counted), true);
        _exit(0);
    }
    close(answer[1]);
    if (pid < 0 || !move_whole(answer[0], &counted, sizeof(counted), false))
        counted = UINT64_MAX;
    close(answer[0]);
    return counted;
}

static uint64_t count_stops(struct inspect *inspect, const struct history_job *job)
{
    return inspect_count(inspect, job->level, job->number, &job->bound);
}

static uint64_t count_steps(struct inspect *inspect, const struct history_job *job)
{
    return inspect_walk_to(inspect, &job->bound);
}

static void refuse(struct inspect *inspect, const char *sentence)
{
    snprintf(inspect->sentence, sizeof(inspect->sentence), "%s", sentence);
}

static void go_by_level(struct history *history)
{
    struct inspect *inspect = history->inspect;
    const struct history_job *job = &history->job;
    uint64_t stops = count_ahead(history, count_stops);

    if ((stops == 0 || stops == UINT64_MAX) && !look_further_back(history, *job)) {
        inspect_go_to(inspect, &job->origin);
        refuse(inspect, "there was none before");
        return;
    }
    inspect_pass(inspect, job->level, job->number, stops - 1);
    inspect_run(inspect, job->level, job->number);
}

static void go_by_steps(struct history *history)
{
    struct inspect *inspect = history->inspect;
    const struct history_job *job = &history->job;
    uint64_t steps;

    if (job->bound.clock_min > job->margin)
        inspect_run_to(inspect, job->bound.clock_min - job->margin);
    steps = count_ahead(history, count_steps);
    if (steps == UINT64_MAX) {
        refuse(inspect, "the place where we were was not found again");
        return;
    }
    if (steps < job->steps && look_further_back(history, *job))
        return;
    if (steps > job->steps)
        inspect_step_silently(inspect, steps - job->steps);
    inspect_say_back(inspect, steps < job->steps ? steps : job->steps);
}

void history_obey(struct history *history)
{
    struct inspect *inspect = history->inspect;

    inspect->session.kept_count = 0;
    inspect->until = 0;
    if (history->job.aim == HISTORY_LEVEL && history->job.level == INSPECT_END) {
        inspect->session = history->job.session; /* back to a breakpoint */
        inspect_set_breaks(inspect, true);
    }
    if (history->job.margin < MARGIN_LEAST)
        history->job.margin = MARGIN_LEAST;
    history->next = machine_clock_min(inspect->machine) + HISTORY_DENSE;
    switch (history->job.aim) {
    case HISTORY_POSITION:
        inspect_go_to(inspect, &history->job.target);
        break;
    case HISTORY_STEPS:
        go_by_steps(history);
        break;
    case HISTORY_LEVEL:
        go_by_level(history);
        break;
    }
    inspect->session = history->job.session;
    inspect_set_breaks(inspect, true);
    history->woken = false;
}
