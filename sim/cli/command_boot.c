/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * command_boot.c - `xenolith boot`: any Multiboot image, its serial port on the terminal; and
 * `xenolith step`, the same under a script, or gdb, that stops it and looks at it
 */
#include "sim/cli/commands.h"
#include "sim/cli/disks.h"
#include "sim/cli/network.h"
#include "sim/cli/outputs.h"
#include "sim/gdb/server.h"
#include "sim/inspect/inspect.h"
#include "sim/load/elf.h"
#include "sim/load/kernel_file.h"
#include "sim/load/multiboot.h"
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

/* Who steps: a script, or gdb. */
struct face {
    FILE *script;
    int gdb; /* descriptor on which it is waited for, or -1 */
};

/* The run as its face has it. Returns the exit status: whether the face could be obeyed. */
static int step(struct account *account, const struct boot_images *images, const struct face *face)
{
    struct inspect inspect;
    char why[SETUP_WHY_BYTES];
    bool good;

    if (!inspect_open(&inspect, account, images)) {
        say("no memory to look at the machine");
        return EXIT_BAD_INPUT;
    }
    good = face->gdb < 0 ? inspect_script(&inspect, face->script, stdout, why, sizeof(why))
                         : gdb_serve(&inspect, face->gdb, why, sizeof(why));
    if (!good)
        say("%s", why);
    account->machine->observer = inspect.inner;
    inspect_close(&inspect);
    return good ? 0 : face->gdb < 0 ? EXIT_BAD_INPUT : EXIT_RUN_FAILED;
}

static int run(struct machine *machine, struct disk_files *disks, struct network_files *network,
               const struct result_request *request, struct outputs *outputs,
               const struct face *face)
{
    const struct setup *setup = request->setup;
    struct account *account = calloc(1, sizeof(*account));
    struct checks checks;
    double start = host_time();
    enum machine_end end;
    int status;

    if (!account) {
        say("no memory for the counts");
        return EXIT_BAD_INPUT;
    }
    account_attach(account, machine, 0);
    if (!watch_begin(account, request->images)) {
        account_free(account);
        free(account);
        return EXIT_BAD_INPUT;
    }
    if (face) {
        status = step(account, request->images, face);
        end = machine->end;
    } else {
        end =
            machine_run(machine, setup->for_ns ? setup_cycles(setup, setup->for_ns) : EVENT_NEVER);
        status = exit_status(machine, request->images, end);
    }
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
    if (!disk_files_end(disks, end == MACHINE_POWER_OFF || end == MACHINE_TIME))
        status = EXIT_RUN_FAILED;
    if (!network_files_end(network))
        status = EXIT_RUN_FAILED;
    if (!outputs_write(outputs, &(struct result){request, account, &checks}))
        status = EXIT_RUN_FAILED;
    account_free(account);
    free(account);
    return status;
}

/* The face of `step`. False with one sentence in `why`. */
static bool open_face(struct face *face, const struct options *options, char *why)
{
    const char *path = option_value(options, OPT_SCRIPT);
    bool gdb = option_given(options, OPT_GDB);

    *face = (struct face){.gdb = -1};
    if (!*path == !gdb) {
        snprintf(why, SETUP_WHY_BYTES, "step needs a --script, or --gdb");
        return false;
    }
    if (gdb)
        return (face->gdb = gdb_listen(option_value(options, OPT_GDB), why, SETUP_WHY_BYTES)) >= 0;
    face->script = fopen(path, "re");
    if (!face->script)
        snprintf(why, SETUP_WHY_BYTES, "cannot read %s: %s", path, strerror(errno));
    return face->script != NULL;
}

static int boot(const struct options *options, const char *command, const struct face *face)
{
    static const struct setup_defaults defaults = {1, CPU_TIMING_FAST};
    static struct setup setup;
    static struct disk_files disks;
    static struct network_files network;
    static struct boot_images images;
    struct result_request request = {
        .command = command, .images = &images, .setup = &setup, .options = options};
    struct outputs outputs = {0};
    struct machine *machine = NULL;
    char why[SETUP_WHY_BYTES];
    int status = EXIT_BAD_INPUT;

    if (setup_machine(&setup, options, &defaults, why) && read_images(&images, options, why) &&
        expand_images(&images, setup.machine.ram_bytes, why) &&
        open_input(&setup.machine, options, why) &&
        disk_files_open(&disks, &setup.machine, options, why) &&
        network_files_open(&network, &setup.machine, options, why) &&
        outputs_open(&outputs, options, why)) {
        setup.machine.console_out = stdout;
        if (face)
            setup.machine.console_out = option_given(options, OPT_CONSOLE) ? stderr : NULL;
        machine = machine_open(&setup.machine, why, sizeof(why));
    }
    if (machine && machine_boot(machine, &images, why, sizeof(why)))
        status = run(machine, &disks, &network, &request, &outputs, face);
    else
        say("%s", why);
    outputs_drop(&outputs);
    machine_close(machine);
    network_files_end(&network);
    disk_files_close(&disks);
    return status;
}

int command_boot(const struct options *options)
{
    return boot(options, "boot", NULL);
}

int command_step(const struct options *options)
{
    char why[SETUP_WHY_BYTES];
    struct face face;
    int status;

    if (!open_face(&face, options, why)) {
        say("%s", why);
        return EXIT_BAD_INPUT;
    }
    status = boot(options, "step", &face);
    if (face.script)
        fclose(face.script);
    return status;
}
