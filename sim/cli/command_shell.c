/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * command_shell.c - `xenolith shell`: a command, or a terminal, on the root file system
 *
 * The root image is extended in memory: by the files of --add and by /sbin/command, a script that
 * holds the command. init runs it and reports its output and status (sim/cli/session.h). Where:
 *
 *   native           the bare kernel, with --memory of memory
 *   xen              Domain 0, with --memory of memory, and xl to make other domains
 *   xen --guest      an ordinary domain that Domain 0 creates; the root image lies in Domain 0's
 *
 * With --volume the root file system is an ext2 volume that stays in memory; what is added follows
 * it as an archive, which the kernel unpacks into it.
 */
#include "sim/cli/commands.h"
#include "sim/cli/disks.h"
#include "sim/cli/network.h"
#include "sim/cli/outputs.h"
#include "sim/load/cpio.h"
#include "sim/load/places.h"
#include "sim/cli/session.h"
#include "sim/cli/terminal.h"
#include "sim/state/request.h"
#include "sim/watch/watch.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MEMORY_MIN (UINT64_C(4) << 20)
/*
 * What the hypervisor takes beside its domains, and Domain 0 beside root images where it only
 * serves.
 */
#define HYPERVISOR_BYTES (UINT64_C(64) << 20)
#define DOMAIN_0_BYTES   (UINT64_C(64) << 20)

#define KERNEL_BYTES (UINT64_C(2) << 20) /* which it needs for itself and a shell */

#define ROOT_NAME_MAX 15

#define SCRIPT      "sbin/command"
#define GUEST_IMAGE "boot/session.cpio"
#define MEMBERS_MAX (OPTIONS_MAX + 8)

struct additions {
    struct cpio_member member[MEMBERS_MAX];
    unsigned count;
};

struct request {
    struct setup setup;
    struct boot_images images;
    struct result_request result;
    uint64_t memory;
    bool xen, guest, volume;
    const char *disk_root; /* "": the root file system is on no disk */
    struct disk_files disks;
    struct network_files network;
    struct state_request state;
    const char *command; /* NULL: a terminal */
    struct file root;    /* extended */
    char hv_arguments[64], kernel_arguments[512];
    const char *volume_after; /* "": not wanted */
    char given_name[MEMBERS_MAX][256];
};

/* Images that come with the program; the paths must outlive the files. */
static char paths[8][4096];

static bool open_own(struct file *file, unsigned slot, const char *name, char *why)
{
    place_find(paths[slot], sizeof(paths[slot]), name);
    return file_open(file, paths[slot], why, SETUP_WHY_BYTES);
}

/* ---- what was asked -------------------------------------------------------------------------- */

static bool read_request(struct request *request, const struct options *options, char *why)
{
    const char *system = option_value(options, OPT_SHELL_SYSTEM);
    const char *memory = option_value(options, OPT_SHELL_MEMORY);

    request->xen = !strcmp(system, "xen");
    request->guest = option_given(options, OPT_GUEST);
    request->volume = option_given(options, OPT_VOLUME);
    request->disk_root = option_value(options, OPT_ROOT);
    request->volume_after = option_value(options, OPT_VOLUME_AFTER);
    request->command =
        option_given(options, OPT_COMMAND) ? option_value(options, OPT_COMMAND) : NULL;
    request->result = (struct result_request){.command = "shell",
                                              .system = system,
                                              .domains = 0,
                                              .images = &request->images,
                                              .setup = &request->setup,
                                              .options = options};
    if (!request->xen && strcmp(system, "native") != 0)
        snprintf(why, SETUP_WHY_BYTES, "--system %s: must be xen or native", system);
    else if (request->guest && !request->xen)
        snprintf(why, SETUP_WHY_BYTES, "--guest is a domain: it needs --system xen");
    else if (request->guest && !request->command)
        snprintf(why, SETUP_WHY_BYTES, "--guest needs --command: the terminal is Domain 0's");
    else if (*request->volume_after && !request->volume)
        snprintf(why, SETUP_WHY_BYTES,
                 "--volume-after needs --volume: there is no volume without it");
    else if (request->volume && option_given(options, OPT_SHELL_RAMDISK))
        snprintf(why, SETUP_WHY_BYTES, "--volume and --ramdisk are two root file systems");
    else if (*request->disk_root && (request->volume || option_given(options, OPT_SHELL_RAMDISK)))
        snprintf(why, SETUP_WHY_BYTES, "--root and --%s are two root file systems",
                 request->volume ? "volume" : "ramdisk");
    else if (*request->disk_root && (request->xen || !option_given(options, OPT_DISK)))
        snprintf(why, SETUP_WHY_BYTES, "--root needs --system native and --disk");
    else if (strlen(request->disk_root) > ROOT_NAME_MAX)
        snprintf(why, SETUP_WHY_BYTES, "--root %s: no disk has so long a name", request->disk_root);
    else if (!parse_size(memory, &request->memory) || request->memory < MEMORY_MIN ||
             request->memory % (UINT64_C(1) << 20) || request->memory > MACHINE_RAM_DEFAULT)
        snprintf(why, SETUP_WHY_BYTES, "--memory %s: must be whole megabytes from 4M to 2G, as 64M",
                 memory);
    else
        return true;
    return false;
}

/* ---- files ----------------------------------------------------------------------------------- */

/* "FILE" becomes /BASENAME; "FILE=/NAME" says where. */
static bool add_given(struct additions *add, char name[256], const char *word, char *why)
{
    static char path[MEMBERS_MAX][4096];
    struct cpio_member *member = &add->member[add->count];
    const char *place = strstr(word, "=/"), *slash = strrchr(word, '/');
    char *from = path[add->count];
    struct stat status;

    snprintf(from, sizeof(path[0]), "%.*s", place ? (int)(place - word) : (int)strlen(word), word);
    snprintf(name, 256, "%s", place ? place + 2 : slash ? slash + 1 : word);
    if (!*name) {
        snprintf(why, SETUP_WHY_BYTES, "--add %s: names no file", word);
        return false;
    }
    if (!file_open(&member->content, from, why, SETUP_WHY_BYTES))
        return false;
    member->name = name;
    member->mode = S_IFREG | (stat(from, &status) == 0 && status.st_mode & 0111 ? 0755 : 0644);
    add->count++;
    return true;
}

static void add_member(struct additions *add, const char *name, struct file content)
{
    add->member[add->count++] = (struct cpio_member){name, S_IFREG | 0755, content};
}

static bool adds_folder(const struct additions *add, const char *name)
{
    for (unsigned i = 0; i < add->count; i++)
        if (S_ISDIR(add->member[i].mode) && !strcmp(add->member[i].name, name))
            return true;
    return false;
}

/* Every folder of a new name must be in the image. */
static bool folders_exist(const struct file *root, const struct additions *add, char *why)
{
    for (unsigned i = 0; i < add->count; i++) {
        const char *name = add->member[i].name, *slash = strrchr(name, '/');
        struct file found;
        char folder[256];

        if (!slash)
            continue;
        snprintf(folder, sizeof(folder), "%.*s", (int)(slash - name), name);
        if (!cpio_find(root, folder, &found) && !adds_folder(add, folder)) {
            snprintf(why, SETUP_WHY_BYTES, "there is no folder /%s for /%s", folder, name);
            return false;
        }
    }
    return true;
}

/* Domain 0's tools, and what they make domains from. `root` is NULL if it is no archive. */
static bool add_control(struct additions *add, const struct file *root, char *why)
{
    static const struct cpio_member folder = {.name = "boot", .mode = S_IFDIR | 0755};
    struct file xl, xend, kernel, there;

    if (!open_own(&xl, 2, "workloads/bin/xl", why) ||
        !open_own(&xend, 5, "workloads/bin/xend", why) ||
        !open_own(&kernel, 3, "workloads/kernel-xen.elf", why))
        return false;
    if (!root || !cpio_find(root, folder.name, &there))
        add->member[add->count++] = folder;
    add_member(add, "sbin/xl", xl);
    add_member(add, "sbin/xend", xend);
    add_member(add, "boot/kernel-xen.elf", kernel);
    return true;
}

static bool open_base(struct file *base, const struct request *request,
                      const struct options *options, char *why)
{
    const char *given = option_value(options, request->volume ? OPT_VOLUME : OPT_SHELL_RAMDISK);

    if (*given)
        return file_open(base, given, why, SETUP_WHY_BYTES);
    if (open_own(base, 4, "root/root.cpio", why))
        return true;
    snprintf(why, SETUP_WHY_BYTES, "there is no root file system yet: make root");
    return false;
}

static bool make_root(struct request *request, const struct options *options, char *why)
{
    static struct additions add;
    static char script[65536];
    struct file base, added = {.path = "what is added"};

    bool is_volume = request->volume || *request->disk_root;

    if (!*request->disk_root && !open_base(&base, request, options, why))
        return false;
    if (request->xen && !request->guest && !add_control(&add, is_volume ? NULL : &base, why))
        return false;
    for (unsigned i = 0; i < options->count; i++)
        if (options->given[i].option == OPT_ADD &&
            !add_given(&add, request->given_name[add.count], options->given[i].value, why))
            return false;
        else if (options->given[i].option == OPT_WORD) {
            snprintf(why, SETUP_WHY_BYTES, "the word %s belongs to nothing",
                     options->given[i].value);
            return false;
        }
    if (!is_volume && !folders_exist(&base, &add, why))
        return false;
    if (request->command) {
        int length = snprintf(script, sizeof(script), "%s\n", request->command);

        if (length >= (int)sizeof(script)) {
            snprintf(why, SETUP_WHY_BYTES, "the command is longer than %zu bytes",
                     sizeof(script) - 2);
            return false;
        }
        add_member(&add, SCRIPT, (struct file){"command", (const uint8_t *)script, (size_t)length});
    }
    if (*request->disk_root)
        return cpio_extend(&added, add.member, add.count, &request->root, why, SETUP_WHY_BYTES);
    if (!request->volume)
        return cpio_extend(&base, add.member, add.count, &request->root, why, SETUP_WHY_BYTES);
    return cpio_extend(&added, add.member, add.count, &added, why, SETUP_WHY_BYTES) &&
           file_join(&base, &added, &request->root, why, SETUP_WHY_BYTES);
}

/*
 * The kernel holds a root image and the files in it at one time; a volume stays where it is. Beside
 * them it needs little more than its own size to run a shell.
 */
static bool root_fits(const struct request *request, char *why)
{
    uint64_t copies = request->volume || *request->disk_root ? 1 : 2;
    uint64_t needed = copies * request->root.size + KERNEL_BYTES;

    if (request->memory >= needed)
        return true;
    snprintf(why, SETUP_WHY_BYTES,
             "--memory %" PRIu64 "M is short: a root file system of %zu kB needs %" PRIu64 "M",
             request->memory >> 20, request->root.size >> 10, (needed + (1 << 20) - 1) >> 20);
    return false;
}

static const char *root_option(const struct request *request)
{
    static char word[8 + ROOT_NAME_MAX];

    if (*request->disk_root)
        snprintf(word, sizeof(word), " root=%s", request->disk_root);
    return *request->disk_root ? word : request->volume ? " root=ram0" : "";
}

/* ---- the machine ----------------------------------------------------------------------------- */

/* What init does: the command, or a terminal of our own terminal's size. */
static const char *session_words(const struct request *request)
{
    static char words[128];
    unsigned rows, columns;
    size_t used = 0;

    if (request->command)
        return "report /bin/sh /" SCRIPT;
    if (terminal_size(&rows, &columns))
        used = (size_t)snprintf(words, sizeof(words), "window %u %u ; ", rows, columns);
    snprintf(words + used, sizeof(words) - used, "%sterminal /bin/sh -l",
             request->xen ? "xend ; " : "");
    return words;
}

static bool images_native(struct request *request, char *why)
{
    struct boot_images *images = &request->images;

    snprintf(request->kernel_arguments, sizeof(request->kernel_arguments),
             "quiet init=/sbin/init%s%s -- %s", root_option(request),
             network_words(request->result.options), session_words(request));
    images->kernel.arguments = request->kernel_arguments;
    images->module[0] = (struct boot_item){request->root, ""};
    images->modules = 1;
    request->setup.machine.ram_bytes = (uint32_t)request->memory;
    return open_own(&images->kernel.file, 0, "guestos/kernel-native.elf", why);
}

static bool images_xen(struct request *request, char *why)
{
    struct boot_images *images = &request->images;
    struct boot_item *kernel = &images->module[0], *ramdisk = &images->module[1];
    uint64_t domain_0 = request->memory, others = 0;
    size_t bytes = sizeof(request->kernel_arguments);

    if (request->guest) {
        struct cpio_member member[2] = {{GUEST_IMAGE, S_IFREG | 0644, request->root},
                                        {.name = "sbin/xend", .mode = S_IFREG | 0755}};
        bool wired = option_given(request->result.options, OPT_NET); /* by the store */
        struct file base;

        if (!open_own(&base, 4, "workloads/domain0.cpio", why) ||
            (wired && !open_own(&member[1].content, 5, "workloads/bin/xend", why)) ||
            !cpio_extend(&base, member, wired ? 2 : 1, &ramdisk->file, why, SETUP_WHY_BYTES))
            return false;
        /* As a module, as a file, and read by xl */
        domain_0 = DOMAIN_0_BYTES + (3 * (uint64_t)ramdisk->file.size & ~UINT64_C(0xfffff));
        others = request->memory;
        snprintf(request->kernel_arguments, bytes,
                 "quiet init=/sbin/init -- %s name=session memory=%" PRIu64
                 "%s kernel=/boot/kernel-xen.elf ramdisk=/" GUEST_IMAGE
                 " extra=quiet extra=init=/sbin/init%s%s%s extra=-- extra=report extra=/bin/sh "
                 "extra=/" SCRIPT " ; sleep 1000000",
                 wired ? "xend ; xl create -c -F" : "xl create", request->memory >> 20,
                 wired ? " vif=ip=10.0.2.15" : "", request->volume ? " extra=root=ram0" : "",
                 wired ? " extra=" : "", network_words(request->result.options) + wired);
    } else {
        ramdisk->file = request->root;
        others = UINT64_C(256) << 20;
        snprintf(request->kernel_arguments, bytes, "quiet init=/sbin/init%s%s -- %s",
                 root_option(request), network_words(request->result.options),
                 session_words(request));
    }
    snprintf(request->hv_arguments, sizeof(request->hv_arguments), "dom0_mem=%" PRIu64 "M",
             domain_0 >> 20);
    request->setup.machine.ram_bytes = (uint32_t)(HYPERVISOR_BYTES + domain_0 + others);
    images->kernel.arguments = request->hv_arguments;
    kernel->arguments = request->kernel_arguments;
    ramdisk->arguments = "";
    images->modules = 2;
    return open_own(&images->kernel.file, 0, "hv/hv.elf", why) &&
           open_own(&kernel->file, 1, "guestos/kernel-xen.elf", why);
}

/* ---- the run --------------------------------------------------------------------------------- */

/* A guest's Domain 0 has nothing more to do; others switch themselves off. */
static void told(void *machine)
{
    machine_stop(machine);
}

/* At a terminal `poweroff` is an end as good as the shell's own. */
static bool switched_off_by_hand(const struct machine *machine, const struct session *session)
{
    return session->terminal && machine->end == MACHINE_POWER_OFF && machine->exit_value == 0;
}

static int finish(struct request *request, struct machine *machine, struct account *account,
                  const struct session *session, struct outputs *outputs)
{
    struct checks checks;

    account_settle(account);
    checks_make(&checks, account, request->xen);
    if (machine->left) { /* by the key, at a terminal */
        request->result.partial = true;
        return outputs_write(outputs, &(struct result){&request->result, account, &checks})
                   ? 0
                   : EXIT_NO_STATUS;
    }
    if (!session->ended && !switched_off_by_hand(machine, session)) {
        if (machine->end == MACHINE_RUNNING)
            say("%s did not end within %s of simulated time",
                session->terminal ? "the session" : "the command",
                option_value(request->result.options, OPT_FOR));
        else if (machine->end == MACHINE_POWER_OFF && machine->exit_value == 0)
            say("the machine was switched off before the command had ended");
        else
            result_explain_end(machine, &request->images);
        return EXIT_NO_STATUS;
    }
    if (checks_failed(&checks)) {
        result_say_check(checks_failed(&checks));
        return EXIT_NO_STATUS;
    }
    if (!outputs_write(outputs, &(struct result){&request->result, account, &checks}))
        return EXIT_NO_STATUS;
    return (int)session->status;
}

static int run(struct request *request, struct machine *machine, struct session *session,
               struct outputs *outputs)
{
    const struct setup *setup = &request->setup;
    struct account *account = calloc(1, sizeof(*account));
    char why[SETUP_WHY_BYTES];
    bool kept;
    int status;

    if (!account) {
        say("no memory for the counts");
        return EXIT_NO_STATUS;
    }
    account_attach(account, machine, 0);
    if (!state_request_begin(&request->state, account) || !watch_begin(account, &request->images)) {
        account_free(account);
        free(account);
        return EXIT_NO_STATUS;
    }
    session->told = request->guest ? told : NULL;
    session->owner = machine;
    state_request_run(&request->state, account,
                      setup->for_ns ? setup_cycles(setup, setup->for_ns) : EVENT_NEVER);
    fflush(stdout);
    terminal_restore();
    status = finish(request, machine, account, session, outputs);
    kept = state_request_end(&request->state);
    kept &= watch_end();
    kept &= disk_files_end(&request->disks, machine, kept && status != EXIT_NO_STATUS);
    if (network_files_matter(machine))
        network_files_report(machine, stderr, "xenolith: ");
    kept &= network_files_end(&request->network);
    if (*request->volume_after &&
        !ramdisk_save(&account->ramdisk, machine, request->volume_after, why, sizeof(why))) {
        say("%s", why);
        kept = false;
    }
    account_free(account);
    free(account);
    return kept ? status : EXIT_NO_STATUS;
}

int command_shell(const struct options *options)
{
    static const struct setup_defaults defaults = {1, CPU_TIMING_FAST};
    static struct request request;
    struct session session = {.out = stdout, .err = stderr};
    struct outputs outputs = {0};
    struct machine *machine = NULL;
    FILE *dropped = NULL, *console = NULL;
    char why[SETUP_WHY_BYTES] = "";
    int status = EXIT_BAD_INPUT;

    if (read_request(&request, options, why) &&
        setup_machine(&request.setup, options, &defaults, why) &&
        make_root(&request, options, why) && root_fits(&request, why) &&
        (request.xen ? images_xen(&request, why) : images_native(&request, why)) &&
        disk_files_open(&request.disks, &request.setup.machine, options, why) &&
        network_files_open(&request.network, &request.setup.machine, options, why) &&
        state_request_open(&request.state, &request.result, "", why) &&
        outputs_open(&outputs, options, why)) {
        session.terminal = !request.command;
        dropped = fopen("/dev/null", "w");
        session.log = option_given(options, OPT_CONSOLE) || !dropped ? stderr : dropped;
        console = session_stream(&session);
        request.setup.machine.console_out = console;
        /* Somebody may be watching through a pipe. */
        setvbuf(stdout, NULL, session.terminal ? _IONBF : _IOLBF, 0);
        if (session.terminal) {
            request.setup.machine.console_in = STDIN_FILENO;
            request.setup.machine.live = isatty(STDIN_FILENO);
            if (request.setup.machine.live)
                request.setup.machine.console_escape = TERMINAL_ESCAPE;
            else
                request.setup.machine.console_end = TERMINAL_END;
        }
        machine = machine_open(&request.setup.machine, why, sizeof(why));
    }
    if (machine && state_request_boot(&request.state, machine, &request.images, why)) {
        if (session.terminal)
            terminal_raw();
        status = run(&request, machine, &session, &outputs);
    } else {
        say("%s", why);
    }
    outputs_drop(&outputs);
    machine_close(machine);
    state_request_close(&request.state);
    disk_files_close(&request.disks);
    if (console)
        fclose(console);
    if (dropped)
        fclose(dropped);
    return status;
}
