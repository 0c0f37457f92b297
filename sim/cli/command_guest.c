/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * command_guest.c - `xenolith guest`: a paravirtual kernel as an ordinary domain
 *
 * Domain 0's root image is extended by the kernel, its ramdisk and a description of the domain.
 * Domain 0 starts the store and the consoles (xend), and xl creates the domain in the foreground:
 * the console's text is xl's output, which init passes on (workloads/dom0/init/report.h), and xl's
 * exit status says how the domain ended. What the domain says by console_io is on the serial line.
 * Both become one text (sim/cli/guest_console.h).
 *
 * What comes on standard input is typed on the guest's console, if standard input is a terminal, a
 * file or a pipe. A terminal's and a pipe's timing decides when it comes; with anything else, runs
 * are equal.
 */
#include "sim/cli/commands.h"
#include "sim/cli/disks.h"
#include "sim/cli/network.h"
#include "sim/cli/outputs.h"
#include "sim/cli/guest_console.h"
#include "sim/load/kernel_file.h"
#include "sim/load/places.h"
#include "sim/load/cpio.h"
#include "sim/load/elf.h"
#include "sim/cli/session.h"
#include "sim/cli/terminal.h"
#include "sim/state/request.h"
#include "sim/watch/watch.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MEMORY_MIN       (UINT64_C(1) << 20)
#define MEMORY_MAX       (UINT64_C(2) << 30)
#define HYPERVISOR_BYTES (UINT64_C(64) << 20)
#define DOMAIN_0_BYTES   (UINT64_C(64) << 20) /* beside the images that it holds */
#define COMMAND_LINE_MAX 1023                 /* start_info has so much, xl's configuration too */

#define KERNEL      "boot/guest"
#define RAMDISK     "boot/guest.ramdisk"
#define DESCRIPTION "etc/xen/guest.cfg"

struct request {
    struct setup setup;
    struct boot_images images;
    struct result_request result;
    uint64_t memory;
    struct file kernel, ramdisk, description;
    struct disk_files disks;
    struct state_request state;
    struct network_files network;
    char text[2048]; /* of the description */
    char hv_arguments[64], kernel_arguments[256];
    bool input;
};

/* Images that come with the program; the paths must outlive the files. */
static char paths[4][4096];

static bool open_own(struct file *file, unsigned slot, const char *name, char *why)
{
    place_find(paths[slot], sizeof(paths[slot]), name);
    return file_open(file, paths[slot], why, SETUP_WHY_BYTES);
}

/* ---- what was asked -------------------------------------------------------------------------- */

static bool read_files(struct request *request, const struct options *options, char *why)
{
    const char *ramdisk = option_value(options, OPT_GUEST_RAMDISK), *kernel = NULL;
    struct elf elf;

    for (unsigned i = 0; i < options->count; i++)
        if (options->given[i].option == OPT_WORD && kernel) {
            snprintf(why, SETUP_WHY_BYTES, "the word %s belongs to nothing",
                     options->given[i].value);
            return false;
        } else if (options->given[i].option == OPT_WORD) {
            kernel = options->given[i].value;
        }
    if (!kernel) {
        snprintf(why, SETUP_WHY_BYTES, "guest needs a kernel");
        return false;
    }
    return file_open(&request->kernel, kernel, why, SETUP_WHY_BYTES) &&
           kernel_expand(&request->kernel, request->memory, elf_has_magic, why, SETUP_WHY_BYTES) &&
           elf_open(&elf, &request->kernel, why, SETUP_WHY_BYTES) &&
           (!*ramdisk || file_open(&request->ramdisk, ramdisk, why, SETUP_WHY_BYTES));
}

/* The machine's disks are the guest's, whole, under the names that Xen's tools give. */
static const char *disk_lines(const struct options *options)
{
    static const char *const lines[DISKS_MAX + 1] = {
        "", "disk = ['phy:hda,xvda,w']\n", "disk = ['phy:hda,xvda,w', 'phy:hdb,xvdb,w']\n"};
    unsigned disks = 0;

    for (unsigned i = 0; i < options->count; i++)
        disks += options->given[i].option == OPT_DISK && disks < DISKS_MAX;
    return lines[disks];
}

static bool read_request(struct request *request, const struct options *options, char *why)
{
    const char *memory = option_value(options, OPT_GUEST_MEMORY);
    const char *extra = option_value(options, OPT_EXTRA);
    int length;

    request->result = (struct result_request){.command = "guest",
                                              .system = "xen",
                                              .domains = 1,
                                              .images = &request->images,
                                              .setup = &request->setup,
                                              .options = options};
    if (!parse_size(memory, &request->memory) || request->memory < MEMORY_MIN ||
        request->memory > MEMORY_MAX || request->memory % (UINT64_C(1) << 20)) {
        snprintf(why, SETUP_WHY_BYTES, "--memory %s: must be whole megabytes from 1M to 2G, as 64M",
                 memory);
        return false;
    }
    if (strlen(extra) > COMMAND_LINE_MAX || strchr(extra, '\n')) {
        snprintf(why, SETUP_WHY_BYTES, "--extra: must be one line of at most %d bytes",
                 COMMAND_LINE_MAX);
        return false;
    }
    if (!read_files(request, options, why))
        return false;
    length =
        snprintf(request->text, sizeof(request->text),
                 "name = guest\nmemory = %" PRIu64 "\nkernel = /" KERNEL "\n%s%s%sextra = '%s'\n",
                 request->memory >> 20, request->ramdisk.size ? "ramdisk = /" RAMDISK "\n" : "",
                 disk_lines(options), option_given(options, OPT_NET) ? "vif = ['']\n" : "", extra);
    request->description =
        (struct file){"description", (const uint8_t *)request->text, (size_t)length};
    return true;
}

/* ---- the machine ----------------------------------------------------------------------------- */

static bool has_input(void)
{
    struct stat status;

    return isatty(STDIN_FILENO) || (fstat(STDIN_FILENO, &status) == 0 &&
                                    (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode) ||
                                     (S_ISREG(status.st_mode) && status.st_size > 0)));
}

static bool make_images(struct request *request, char *why)
{
    struct boot_images *images = &request->images;
    struct boot_item *kernel = &images->module[0], *root = &images->module[1];
    struct file base, xend;
    struct cpio_member member[4];
    uint64_t domain_0;
    unsigned count = 0;

    if (!open_own(&images->kernel.file, 0, "hv/hv.elf", why) ||
        !open_own(&kernel->file, 1, "guestos/kernel-xen.elf", why) ||
        !open_own(&base, 2, "workloads/domain0.cpio", why) ||
        !open_own(&xend, 3, "workloads/bin/xend", why))
        return false;
    member[count++] = (struct cpio_member){"sbin/xend", S_IFREG | 0755, xend};
    member[count++] = (struct cpio_member){KERNEL, S_IFREG | 0644, request->kernel};
    member[count++] = (struct cpio_member){DESCRIPTION, S_IFREG | 0644, request->description};
    if (request->ramdisk.size)
        member[count++] = (struct cpio_member){RAMDISK, S_IFREG | 0644, request->ramdisk};
    if (!cpio_extend(&base, member, count, &root->file, why, SETUP_WHY_BYTES))
        return false;
    /* As a module, as files, and read by xl */
    domain_0 = DOMAIN_0_BYTES + (3 * (uint64_t)root->file.size & ~UINT64_C(0xfffff));
    if (HYPERVISOR_BYTES + domain_0 + request->memory > MACHINE_RAM_MAX) {
        snprintf(why, SETUP_WHY_BYTES, "the images and %" PRIu64 " MB do not fit into a machine",
                 request->memory >> 20);
        return false;
    }
    request->input = has_input();
    snprintf(request->hv_arguments, sizeof(request->hv_arguments), "dom0_mem=%" PRIu64 "M",
             domain_0 >> 20);
    snprintf(request->kernel_arguments, sizeof(request->kernel_arguments),
             "quiet init=/sbin/init -- xend ; %s xl create -c -F /" DESCRIPTION,
             request->input ? "attend" : "report");
    images->kernel.arguments = request->hv_arguments;
    kernel->arguments = request->kernel_arguments;
    root->arguments = "";
    images->modules = 2;
    request->setup.machine.ram_bytes = (uint32_t)(HYPERVISOR_BYTES + domain_0 + request->memory);
    return true;
}

/* What the user sees of the guest. */
struct user {
    struct guest_console console;
    struct machine *machine;
};

/* ---- the run --------------------------------------------------------------------------------- */

static ssize_t ring_write(void *console, const char *bytes, size_t count)
{
    guest_console_ring(console, bytes, count);
    return (ssize_t)count;
}

static void io_line(void *user, const char *text, size_t length)
{
    guest_console_line(&((struct user *)user)->console, text, length);
}

/* Not before: what comes while the machine boots would be lost. */
static void begin_input(void *user)
{
    struct machine_config *config = &((struct user *)user)->machine->config;

    config->console_in = STDIN_FILENO;
    config->console_hold = false;
}

static int finish(struct request *request, struct machine *machine, struct account *account,
                  const struct session *session, struct outputs *outputs)
{
    struct checks checks;

    account_settle(account);
    checks_make(&checks, account, true);
    if (machine->left) { /* by the key, at a terminal */
        request->result.partial = true;
        return outputs_write(outputs, &(struct result){&request->result, account, &checks})
                   ? 0
                   : EXIT_RUN_FAILED;
    }
    if (!session->ended) {
        if (machine->end == MACHINE_RUNNING || machine->end == MACHINE_TIME) {
            say("the guest did not end within %s of simulated time",
                option_value(request->result.options, OPT_FOR));
            request->result.partial = true;
            outputs_write(outputs, &(struct result){&request->result, account, &checks});
        } else if (machine->end == MACHINE_DEAD)
            say("the guest waits for an event that nothing can send any more");
        else
            result_explain_end(machine, &request->images);
        return EXIT_RUN_FAILED;
    }
    if (checks_failed(&checks)) {
        result_say_check(checks_failed(&checks));
        return EXIT_RUN_FAILED;
    }
    if (!outputs_write(outputs, &(struct result){&request->result, account, &checks}))
        return EXIT_RUN_FAILED;
    return (int)session->status;
}

static int run(struct request *request, struct machine *machine, struct session *session,
               struct user *user, struct outputs *outputs)
{
    const struct setup *setup = &request->setup;
    struct account *account = calloc(1, sizeof(*account));
    bool kept;
    int status;

    if (!account) {
        say("no memory for the counts");
        return EXIT_RUN_FAILED;
    }
    account_attach(account, machine, 0);
    if (!state_request_begin(&request->state, account) || !watch_begin(account, &request->images)) {
        account_free(account);
        free(account);
        return EXIT_RUN_FAILED;
    }
    state_request_run(&request->state, account,
                      setup->for_ns ? setup_cycles(setup, setup->for_ns) : EVENT_NEVER);
    terminal_restore();
    session_end(session);
    guest_console_end(&user->console);
    status = finish(request, machine, account, session, outputs);
    kept = state_request_end(&request->state);
    if (!watch_end() || !kept)
        status = EXIT_RUN_FAILED;
    if (!disk_files_end(&request->disks, machine, session->ended))
        status = EXIT_RUN_FAILED;
    if (network_files_matter(machine))
        network_files_report(machine, stderr, "xenolith: ");
    if (!network_files_end(&request->network))
        status = EXIT_RUN_FAILED;
    account_free(account);
    free(account);
    return status;
}

int command_guest(const struct options *options)
{
    static const struct setup_defaults defaults = {1, CPU_TIMING_FAST};
    static const cookie_io_functions_t to_ring = {.write = ring_write};
    static struct request request;
    static struct user user;
    static struct session session;
    struct outputs outputs = {0};
    struct machine *machine = NULL;
    FILE *dropped = NULL, *serial = NULL;
    char why[SETUP_WHY_BYTES] = "";
    int status = EXIT_BAD_INPUT;

    if (read_request(&request, options, why) &&
        setup_machine(&request.setup, options, &defaults, why) && make_images(&request, why) &&
        disk_files_open(&request.disks, &request.setup.machine, options, why) &&
        network_files_open(&request.network, &request.setup.machine, options, why) &&
        state_request_open(&request.state, &request.result, "", why) &&
        outputs_open(&outputs, options, why)) {
        user.console.out = stdout;
        session.out = fopencookie(&user.console, "w", to_ring);
        session.err = stderr;
        dropped = fopen("/dev/null", "w");
        session.log = option_given(options, OPT_CONSOLE) || !dropped ? stderr : dropped;
        session.guest_line = io_line;
        session.input = begin_input;
        session.owner = &user;
        serial = session.out ? session_stream(&session) : NULL;
        if (serial)
            setvbuf(session.out, NULL, _IONBF, 0);
        request.setup.machine.console_out = serial;
        if (isatty(STDIN_FILENO)) {
            request.setup.machine.console_in = STDIN_FILENO;
            request.setup.machine.console_escape = TERMINAL_ESCAPE;
            request.setup.machine.console_hold = true;
        }
        machine = machine_open(&request.setup.machine, why, sizeof(why));
    }
    if (machine && state_request_boot(&request.state, machine, &request.images, why)) {
        user.console.terminal = terminal_raw() && isatty(STDOUT_FILENO);
        user.machine = machine;
        status = run(&request, machine, &session, &user, &outputs);
    } else {
        say("%s", why);
    }
    outputs_drop(&outputs);
    machine_close(machine);
    state_request_close(&request.state);
    disk_files_close(&request.disks);
    if (serial)
        fclose(serial);
    if (session.out)
        fclose(session.out);
    if (dropped)
        fclose(dropped);
    return status;
}
