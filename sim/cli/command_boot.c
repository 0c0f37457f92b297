/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * command_boot.c - `xenolith boot`: any Multiboot image, its serial port on the terminal; and
 * `xenolith step` and `view`, the same under somebody who stops it and looks at it (sim/step)
 */
#include "sim/cli/commands.h"
#include "sim/cli/disks.h"
#include "sim/cli/network.h"
#include "sim/cli/outputs.h"
#include "sim/inspect/engine.h"
#include "sim/load/elf.h"
#include "sim/load/kernel_file.h"
#include "sim/load/multiboot.h"
#include "sim/state/request.h"
#include "sim/step/step.h"
#include "sim/watch/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* KERNEL ["ARGUMENTS"], and after each --module FILE the word that follows. */
static bool read_images(struct boot_images *images, const struct options *options, char *why)
{
    struct boot_item *last = NULL;
    bool kernel = false;

    for (unsigned i = 0; i < options->count; i++) {
        const struct given *given = &options->given[i];

        if (given->option == OPT_MODULE && images->modules == BOOT_MODULES_MAX) {
            snprintf(why, SETUP_WHY_BYTES, "more than %d modules", BOOT_MODULES_MAX);
            return false;
        }
        if (given->option == OPT_MODULE || (given->option == OPT_WORD && !last && !kernel)) {
            last =
                given->option == OPT_MODULE ? &images->module[images->modules++] : &images->kernel;
            kernel = kernel || last == &images->kernel;
            last->arguments = "";
            if (!file_open(&last->file, given->value, why, SETUP_WHY_BYTES))
                return false;
        } else if (given->option == OPT_WORD && last) {
            last->arguments = given->value;
            last = NULL;
        } else if (given->option == OPT_WORD) {
            snprintf(why, SETUP_WHY_BYTES, "the word %s belongs to nothing", given->value);
            return false;
        } else {
            last = NULL;
        }
    }
    if (!kernel)
        snprintf(why, SETUP_WHY_BYTES, "boot needs a kernel, before any module");
    return kernel;
}

/*
 * Boot loaders expand what is compressed. Of modules only the first is, if it is a hypervisor's
 * first kernel; a ramdisk, which it is where there is no hypervisor, kernels expand for themselves.
 */
static bool expand_images(struct boot_images *images, size_t ram_bytes, char *why)
{
    struct file *first = &images->module[0].file;

    return kernel_expand(&images->kernel.file, ram_bytes, multiboot_has_header, why,
                         SETUP_WHY_BYTES) &&
           (images->modules == 0 || !kernel_is_packed(first, elf_has_magic) ||
            kernel_expand(first, ram_bytes, elf_has_magic, why, SETUP_WHY_BYTES));
}

/* A terminal gives what was typed; a file all its bytes; a pipe nothing, for its timing would
 * decide the run. */
static bool open_input(struct machine_config *config, const struct options *options, char *why)
{
    const char *path = option_value(options, OPT_INPUT);
    struct stat status;

    config->console_in = isatty(STDIN_FILENO) ? STDIN_FILENO : -1;
    if (!*path)
        return true;
    config->console_in = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (config->console_in < 0 || fstat(config->console_in, &status)) {
        snprintf(why, SETUP_WHY_BYTES, "cannot read %s: %s", path, strerror(errno));
        return false;
    }
    if (S_ISREG(status.st_mode) || S_ISCHR(status.st_mode))
        return true;
    snprintf(why, SETUP_WHY_BYTES, "cannot read %s: it is neither a file nor a terminal", path);
    return false;
}

static int exit_status(const struct machine *machine, const struct boot_images *images,
                       enum machine_end end)
{
    switch (end) {
    case MACHINE_POWER_OFF:
        return (int)(machine->exit_value & 0xff);
    case MACHINE_TIME:
        return 0;
    default:
        say("%s", machine->sentence);
        result_where(machine, images);
        return EXIT_RUN_FAILED;
    }
}

/* Until --for, or the machine ends. Returns the exit status. */
static int let_run(struct account *account, const struct result_request *request,
                   struct state_request *state)
{
    const struct setup *setup = request->setup;
    uint64_t until = setup->for_ns ? setup_cycles(setup, setup->for_ns) : EVENT_NEVER;
    int status =
        exit_status(account->machine, request->images, state_request_run(state, account, until));

    return state_request_end(state) ? status : EXIT_RUN_FAILED;
}

static int run(struct machine *machine, struct disk_files *disks, struct network_files *network,
               const struct result_request *request, struct state_request *state,
               struct outputs *outputs, const struct stepper *stepper)
{
    struct account *account = calloc(1, sizeof(*account));
    struct checks checks;
    char why[SETUP_WHY_BYTES];
    double start = host_time();
    bool good;
    int status;

    if (!account) {
        say("no memory for the counts");
        return EXIT_BAD_INPUT;
    }
    account_attach(account, machine, 0);
    if (!state_request_account(state, account, why)) {
        say("%s", why);
        account_free(account);
        free(account);
        return EXIT_BAD_INPUT;
    }
    if (!watch_begin(account, request->images)) {
        account_free(account);
        free(account);
        return EXIT_BAD_INPUT;
    }
    if (stepper && !step_machine(stepper, account, request->images, &status)) {
        account_free(account);
        free(account);
        return status;
    }
    if (!stepper)
        status = let_run(account, request, state);
    good = machine->end == MACHINE_POWER_OFF ||
           (machine->end == MACHINE_RUNNING && !stepper); /* --for is over */
    if (!watch_end())
        status = EXIT_RUN_FAILED;
    account_settle(account);
    machine_report_unclaimed(machine, stderr, "xenolith: ");
    disk_files_report(machine, stderr, "xenolith: ");
    network_files_report(machine, stderr, "xenolith: ");
    result_host_speed(account, host_time() - start);
    checks_make(&checks, account, true);
    if (checks_failed(&checks)) {
        result_say_check(checks_failed(&checks));
        status = EXIT_RUN_FAILED;
    }
    if (!disk_files_end(disks, machine, good))
        status = EXIT_RUN_FAILED;
    if (!network_files_end(network))
        status = EXIT_RUN_FAILED;
    if (!outputs_write(outputs, &(struct result){request, account, &checks}))
        status = EXIT_RUN_FAILED;
    account_free(account);
    free(account);
    return status;
}

static int boot(const struct options *options, const char *command, const struct stepper *stepper)
{
    static const struct setup_defaults defaults = {1, CPU_TIMING_FAST};
    static struct setup setup;
    static struct disk_files disks;
    static struct network_files network;
    static struct boot_images images;
    struct result_request request = {
        .command = command, .images = &images, .setup = &setup, .options = options};
    struct state_request state = {.save = ""};
    struct outputs outputs = {0};
    struct machine *machine = NULL;
    char why[SETUP_WHY_BYTES];
    int status = EXIT_BAD_INPUT;

    if (setup_machine(&setup, options, &defaults, why) && read_images(&images, options, why) &&
        expand_images(&images, setup.machine.ram_bytes, why) &&
        open_input(&setup.machine, options, why) &&
        disk_files_open(&disks, &setup.machine, options, why) &&
        network_files_open(&network, &setup.machine, options, why) &&
        state_request_open(&state, &request, "", why) && outputs_open(&outputs, options, why)) {
        setup.machine.console_out = stdout;
        if (stepper)
            setup.machine.console_out = option_given(options, OPT_CONSOLE) ? stderr : NULL;
        machine = machine_open(&setup.machine, why, sizeof(why));
    }
    if (machine && state_request_boot(&state, machine, &images, why))
        status = run(machine, &disks, &network, &request, &state, &outputs, stepper);
    else
        say("%s", why);
    outputs_drop(&outputs);
    state_request_close(&state);
    machine_close(machine);
    network_files_end(&network);
    disk_files_close(&disks);
    return status;
}

int command_boot(const struct options *options)
{
    return boot(options, "boot", NULL);
}

static int step(const struct options *options, const char *command, const char *face)
{
    char why[SETUP_WHY_BYTES];
    struct stepper stepper;
    int status;

    if (!step_open(&stepper, options, face, why)) {
        say("%s", why);
        return EXIT_BAD_INPUT;
    }
    status = boot(options, command, &stepper);
    engine_leave(status);
    step_close(&stepper);
    return status;
}

int command_step(const struct options *options)
{
    return step(options, "step", "terminal");
}

int command_view(const struct options *options)
{
    return step(options, "view", "window");
}
