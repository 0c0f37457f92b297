/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/state/request.h"

#include "sim/load/sha256.h"

#include <inttypes.h>
#include <stdlib.h>

/* ---- what the machine is --------------------------------------------------------------------- */

static void parameter(void *context, const char *key, const char *value, const char *unit)
{
    (void)unit;
    fprintf(context, "%s=%s\n", key, value);
}

static void image(FILE *out, const char *what, const struct boot_item *item)
{
    char digest[SHA256_TEXT];

    sha256_text(&item->file, digest);
    fprintf(out, "%s=%s\narguments=%s\n", what, digest, item->arguments);
}

static void disk(FILE *out, const struct image *disk)
{
    fprintf(out, "disk=%" PRIu64 " sectors, changed at %lld.%09ld\n", disk->sectors,
            (long long)disk->opened.st_mtim.tv_sec, disk->opened.st_mtim.tv_nsec);
}

static void clients(FILE *out, const struct network_config *network)
{
    for (unsigned i = 0; i < network->clients; i++) {
        const struct client_order *order = &network->client[i];

        fprintf(out, "client=%u %08x:%u %s from %" PRIu64 " every %" PRIu64 ", %" PRIu64 "\n",
                order->host, order->ip, order->port, order->path, order->from, order->every,
                order->count);
    }
    for (unsigned i = 0; i < network->loads; i++) {
        const struct load_order *order = &network->load[i];

        fprintf(out, "load=%u %08x:%u %u %u from %" PRIu64 " for %" PRIu64 ", %" PRIu64 "\n",
                order->host, order->ip, order->port, order->connections, order->directories,
                order->from, order->warm, order->measure);
    }
}

static void describe(FILE *out, const struct result_request *request, const char *more)
{
    const struct setup *setup = request->setup;
    const struct machine_config *machine = &setup->machine;

    fprintf(out, "--cpus=%u\n--timing=%s\nbytes of memory=%u\ncycles of a quantum=%" PRIu64 "\n",
            machine->processors, timing_name(machine->timing), machine->ram_bytes,
            machine->quantum);
    fprintf(out, "date=%" PRId64 "\nnetwork=%d\nframes lost and late=%u %u\n", machine->date,
            (int)machine->network.peer, machine->network.faults.lost, machine->network.faults.late);
    fprintf(out, "hosts=%u at %" PRIu64 " %" PRIu64 " %" PRIu64 "\n%s", machine->network.hosts,
            machine->network.rate, machine->network.latency, machine->network.queue, more);
    clients(out, &machine->network);
    description_visit(&setup->costs, &machine->devices, parameter, out);
    for (unsigned i = 0; i < DISKS_MAX; i++)
        if (machine->disk[i])
            disk(out, machine->disk[i]);
    image(out, "kernel", &request->images->kernel);
    for (unsigned i = 0; i < request->images->modules; i++)
        image(out, "module", &request->images->module[i]);
}

/* ---- options --------------------------------------------------------------------------------- */

/* Found out before the run: a file of that name can be there. */
static bool can_write(const char *path, char *why)
{
    struct result_file file;
    bool good = result_file_open(&file, path, why, SETUP_WHY_BYTES);

    if (good)
        result_file_drop(&file);
    return good;
}

bool state_request_open(struct state_request *state, const struct result_request *request,
                        const char *more, char *why)
{
    const char *at = option_value(request->options, OPT_AT);
    uint64_t nanoseconds = 0;
    size_t bytes;
    FILE *out;

    *state = (struct state_request){.save = option_value(request->options, OPT_SAVE),
                                    .load = option_value(request->options, OPT_LOAD),
                                    .at = EVENT_NEVER};
    if (option_given(request->options, OPT_SCREENSHOT))
        at = ""; /* it is the picture's */
    if (!*state->save != !*at) {
        snprintf(why, SETUP_WHY_BYTES, "--save and --at belong together");
        return false;
    }
    if (*at && !parse_time(at, &nanoseconds)) {
        snprintf(why, SETUP_WHY_BYTES, "--at %s: must be a time, as in 400ms", at);
        return false;
    }
    if (*at && !can_write(state->save, why))
        return false;
    if (*at)
        state->at = setup_cycles(request->setup, nanoseconds);
    if (!*state->save && !*state->load)
        return true;
    out = open_memstream(&state->identity, &bytes);
    if (out)
        describe(out, request, more);
    if (out && fclose(out) == 0)
        return true;
    snprintf(why, SETUP_WHY_BYTES, "no memory to say what the machine is");
    return false;
}

void state_request_close(struct state_request *state)
{
    free(state->identity);
    state->identity = NULL;
}

bool state_request_end(struct state_request *state)
{
    if (state->at != EVENT_NEVER)
        say("the run ended before the time of --at: %s was not written", state->save);
    return !state->failed && state->at == EVENT_NEVER;
}

/* ---- loading --------------------------------------------------------------------------------- */

bool state_request_boot(struct state_request *state, struct machine *machine,
                        const struct boot_images *images, char *why)
{
    if (!*state->load)
        return machine_boot(machine, images, why, SETUP_WHY_BYTES);
    if (!state_load_machine(&state->archive, state->load, state->identity, machine, why))
        return false;
    machine->kernel = images->kernel.file;
    return true;
}

bool state_request_account(struct state_request *state, struct account *account, char *why)
{
    return !*state->load || state_load_account(&state->archive, account, why);
}

bool state_request_begin(struct state_request *state, struct account *account)
{
    char why[SETUP_WHY_BYTES];

    if (!state_request_account(state, account, why)) {
        say("%s", why);
        return false;
    }
    if (*state->load)
        console_resume(&account->machine->console);
    return true;
}

/* ---- saving ---------------------------------------------------------------------------------- */

void state_request_look(struct state_request *state, struct account *account)
{
    char why[SAVED_WHY_BYTES];

    if (state->at > machine_clock_min(account->machine))
        return;
    state->at = EVENT_NEVER;
    if (state_save(state->save, state->identity, account->machine, account, why))
        return;
    state->failed = true;
    say("%s", why);
}

enum machine_end state_request_run(struct state_request *state, struct account *account,
                                   uint64_t until)
{
    struct machine *machine = account->machine;
    enum machine_end end;
    bool ours;

    do {
        machine_stop_at(machine, state->at);
        end = machine_run(machine, until);
        ours =
            end == MACHINE_STOPPED && machine->stop_at == EVENT_NEVER && state->at != EVENT_NEVER;
        machine_stop_at(machine, EVENT_NEVER);
        if (ours || end == MACHINE_TIME)
            state_request_look(state, account);
    } while (ours);
    return end;
}
