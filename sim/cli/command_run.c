/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * command_run.c - `xenolith run`: n copies of a workload, measured
 *
 * Under the hypervisor Domain 0's init creates the domains paused and unpauses them together; on
 * the bare kernel init starts the processes. The measured window begins when the last copy has
 * finished its first unit of work and lasts for the time asked. Everything that can be wrong with
 * the request is found out before the machine starts.
 */
#include "sim/cli/commands.h"
#include "sim/cli/disks.h"
#include "sim/cli/outputs.h"
#include "sim/cli/program.h"
#include "sim/cli/progress.h"
#include "sim/load/cpio.h"
#include "sim/load/elf.h"
#include "include/xenolith/limits.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DOMAINS_MAX (XENOLITH_DOMAINS - 1) /* Domain 0 is one */
/*
 * Memory that the hypervisor, Domain 0 (64 MB of it) and each domain's bookkeeping take beside the
 * domains'.
 */
#define XEN_RESERVE    (UINT64_C(96) << 20)
#define DOMAIN_RESERVE (UINT64_C(64) << 10)
/* The bare kernel and its root image; what a process is certain to need. */
#define NATIVE_RESERVE (UINT64_C(32) << 20)
#define PROCESS_BYTES  (UINT64_C(2) << 20)
#define DOMAIN_BYTES   (UINT64_C(8) << 20)
#define COPIES_IMAGE   "boot/copies.cpio"

struct request {
    struct setup setup;
    struct boot_images images;
    struct result_request result;
    char hv[4096], kernel[4096], ramdisk[4096];
    char hv_arguments[128], kernel_arguments[512];
    uint64_t warmup_ns;
    bool xen;
    struct program program; /* of --program */
    bool own, repeat;       /* own: --program was given */
    uint64_t start_s;
    struct progress progress;
    struct disk_files disks;
    uint64_t more_bytes; /* that root images with the program take beside */
};

static bool bad(char *why, const char *option, const char *value, const char *must)
{
    snprintf(why, SETUP_WHY_BYTES, "--%s %s: must be %s", option, value, must);
    return false;
}

/* ---- what was asked -------------------------------------------------------------------------- */

/* Options that say how copies of --program run, and nothing without it. */
static const struct {
    enum option option;
    const char *name;
} of_program[] = {
    {OPT_ARGS, "args"}, {OPT_FILES, "files"}, {OPT_REPEAT, "repeat"}, {OPT_START, "start"}};

static bool read_program(struct request *request, const struct options *options, char *why)
{
    struct result_request *result = &request->result;
    const char *word = option_value(options, OPT_START);
    uint64_t start_ns;

    request->own = option_given(options, OPT_PROGRAM);
    request->repeat = option_given(options, OPT_REPEAT);
    for (size_t i = 0; !request->own && i < sizeof(of_program) / sizeof(*of_program); i++)
        if (option_given(options, of_program[i].option)) {
            snprintf(why, SETUP_WHY_BYTES, "--%s needs --program", of_program[i].name);
            return false;
        }
    if (!request->own)
        return true;
    if (option_given(options, OPT_WORKLOAD)) {
        snprintf(why, SETUP_WHY_BYTES, "--program and --workload are two programs");
        return false;
    }
    request->start_s = 2 + result->domains / 8;
    if (*word) {
        if (!parse_time(word, &start_ns) || !start_ns || start_ns % 1000000000 ||
            start_ns > UINT64_C(100000) * 1000000000)
            return bad(why, "start", word, "whole seconds from 1s to 100000s");
        request->start_s = start_ns / 1000000000;
    }
    return program_read(&request->program, options, why) &&
           (result->workload = request->program.name);
}

static bool read_request(struct request *request, const struct options *options, char *why)
{
    struct result_request *result = &request->result;
    const char *system = option_value(options, OPT_SYSTEM);
    const char *word;

    *result = (struct result_request){.command = "run",
                                      .system = system,
                                      .workload = option_value(options, OPT_WORKLOAD),
                                      .images = &request->images,
                                      .setup = &request->setup,
                                      .options = options};
    request->xen = !strcmp(system, "xen");
    if (!request->xen && strcmp(system, "native") != 0)
        return bad(why, "system", system, "xen or native");
    word = option_value(options, OPT_DOMAINS);
    if (!parse_number(word, 1, DOMAINS_MAX, &result->domains)) {
        snprintf(why, SETUP_WHY_BYTES, "--domains %s: must be a number from 1 to %d", word,
                 DOMAINS_MAX);
        return false;
    }
    word = option_value(options, OPT_SLICE);
    if (!parse_time(word, &result->slice_ns) || result->slice_ns < 100000 ||
        result->slice_ns > UINT64_C(10000000000) || result->slice_ns % 1000)
        return bad(why, "slice", word, "whole microseconds from 100us to 10s, as in 5ms");
    word = option_value(options, OPT_MEMORY);
    if (!parse_size(word, &result->domain_memory) || result->domain_memory < UINT64_C(4) << 20 ||
        result->domain_memory % (UINT64_C(1) << 20) || result->domain_memory > MACHINE_RAM_MAX)
        return bad(why, "memory", word, "whole megabytes, at least 4M, as in 8M");
    word = option_value(options, OPT_WARMUP);
    if (!parse_time(word, &request->warmup_ns) || !request->warmup_ns)
        return bad(why, "warmup", word, "a time above zero, as in 60s");
    for (unsigned i = 0; i < options->count; i++)
        if (options->given[i].option == OPT_WORD) {
            snprintf(why, SETUP_WHY_BYTES, "the word %s belongs to nothing",
                     options->given[i].value);
            return false;
        }
    return read_program(request, options, why);
}

static bool fits(const struct request *request, char *why)
{
    const struct result_request *result = &request->result;
    uint64_t memory = request->setup.machine.ram_bytes;
    uint64_t each = request->xen ? result->domain_memory + DOMAIN_RESERVE : PROCESS_BYTES;
    uint64_t reserve = (request->xen ? XEN_RESERVE : NATIVE_RESERVE) + request->more_bytes;
    uint64_t most = memory > reserve ? (memory - reserve) / each : 0;

    if (result->domains <= most)
        return true;
    snprintf(why, SETUP_WHY_BYTES,
             "%" PRIu64 " %s do not fit into %" PRIu64 " MB of memory, which holds %" PRIu64,
             result->domains, request->xen ? "domains" : "processes", memory >> 20, most);
    return false;
}

/* ---- files ----------------------------------------------------------------------------------- */

static bool open_item(struct boot_item *item, char *path, size_t bytes, const char *given,
                      const char *preset, char *why)
{
    if (*given)
        snprintf(path, bytes, "%s", given);
    else
        beside_program(path, bytes, preset);
    item->arguments = "";
    return file_open(&item->file, path, why, SETUP_WHY_BYTES);
}

/* Whether the copies' root image, which for domains lies within Domain 0's, holds the workload. */
static bool has_workload(const struct request *request, const struct file *ramdisk, char *why)
{
    struct file root = *ramdisk, program;
    char name[256];

    if (request->xen && !cpio_find(ramdisk, "boot/guest.cpio", &root)) {
        snprintf(why, SETUP_WHY_BYTES, "%s is not a root image for Domain 0: no boot/guest.cpio",
                 ramdisk->path);
        return false;
    }
    snprintf(name, sizeof(name), "bin/%s", request->result.workload);
    if (cpio_find(&root, name, &program))
        return true;
    snprintf(why, SETUP_WHY_BYTES, "unknown workload %s: there is no %s in %s",
             request->result.workload, name, ramdisk->path);
    return false;
}

static bool has_notes(const struct file *kernel, char *why)
{
    struct elf elf;

    if (!elf_open(&elf, kernel, why, SETUP_WHY_BYTES))
        return false;
    for (unsigned i = 0; i < elf.header.e_phnum; i++) {
        Elf32_Phdr segment;

        if (!elf_segment(&elf, i, &segment, why, SETUP_WHY_BYTES))
            return false;
    }
    if (elf_has_xen_notes(&elf))
        return true;
    snprintf(why, SETUP_WHY_BYTES, "%s has no Xen notes: it cannot run in a domain", kernel->path);
    return false;
}

/* A size and as much again for reading and unpacking it, in whole MB. */
static uint64_t unpacked(uint64_t bytes)
{
    return (3 * bytes + 0xfffff) & ~UINT64_C(0xfffff);
}

/* Puts the program into the copies' root image, and that, for domains, into Domain 0's. */
static bool put_program(struct request *request, struct file *ramdisk,
                        const struct options *options, char *why)
{
    struct file base = *ramdisk, root;
    struct cpio_member image = {.name = COPIES_IMAGE, .mode = S_IFREG | 0644};

    if (request->xen && !cpio_find(ramdisk, "boot/guest.cpio", &base)) {
        snprintf(why, SETUP_WHY_BYTES, "%s is not a root image for Domain 0: no boot/guest.cpio",
                 ramdisk->path);
        return false;
    }
    if (!program_add(&request->program, &base, &root, why))
        return false;
    image.content = root;
    if (!request->xen)
        *ramdisk = root;
    else if (!cpio_extend(ramdisk, &image, 1, ramdisk, why, SETUP_WHY_BYTES))
        return false;
    request->more_bytes = unpacked(ramdisk->size);
    if (!option_given(options, OPT_MEMORY))
        request->result.domain_memory = DOMAIN_BYTES + unpacked(root.size);
    return true;
}

/* What init does to make the copies, on the kernels' command lines. */
static void write_arguments(struct request *request)
{
    const struct result_request *result = &request->result;
    size_t bytes = sizeof(request->kernel_arguments);
    unsigned long long when = (unsigned long long)request->setup.machine.date + request->start_s;
    char words[128];

    if (request->xen) {
        snprintf(request->hv_arguments, sizeof(request->hv_arguments),
                 "ctx_allow=%" PRIu64 "us dom0_mem=%" PRIu64 "M", result->slice_ns / 1000,
                 64 + (request->more_bytes >> 20));
        if (request->own)
            snprintf(words, sizeof(words), "/sbin/init extra=-- extra=copy extra=%%n extra=%llu%s",
                     when, request->repeat ? " extra=repeat" : "");
        else
            snprintf(words, sizeof(words), "/bin/%s extra=-- extra=--start extra=%%n",
                     result->workload);
        snprintf(request->kernel_arguments, bytes,
                 "init=/sbin/init -- xl create -p -n %" PRIu64 " memory=%" PRIu64
                 " kernel=/boot/kernel-xen.elf ramdisk=/%s extra=init=%s"
                 " ; xl unpause all ; sleep 1000000",
                 result->domains, result->domain_memory >> 20,
                 request->own ? COPIES_IMAGE : "boot/guest.cpio", words);
    } else if (request->own) {
        snprintf(request->kernel_arguments, bytes,
                 "init=/sbin/init -- repeat %" PRIu64 " /sbin/init copy %%n %llu%s ; sleep 1000000",
                 result->domains, when, request->repeat ? " repeat" : "");
    } else {
        snprintf(request->kernel_arguments, bytes,
                 "init=/sbin/init -- repeat %" PRIu64 " /bin/%s --start %%n ; wait",
                 result->domains, result->workload);
    }
}

static bool open_images(struct request *request, const struct options *options, char *why)
{
    struct boot_images *images = &request->images;
    struct boot_item *kernel = request->xen ? &images->module[0] : &images->kernel;
    struct boot_item *ramdisk = &images->module[request->xen ? 1 : 0];

    images->modules = request->xen ? 2 : 1;
    if (request->xen && !open_item(&images->kernel, request->hv, sizeof(request->hv),
                                   option_value(options, OPT_HV), "hv/hv.elf", why))
        return false;
    if (!open_item(kernel, request->kernel, sizeof(request->kernel),
                   option_value(options, OPT_KERNEL),
                   request->xen ? "guestos/kernel-xen.elf" : "guestos/kernel-native.elf", why) ||
        !open_item(ramdisk, request->ramdisk, sizeof(request->ramdisk),
                   option_value(options, OPT_RAMDISK),
                   request->xen ? "workloads/domain0.cpio" : "workloads/native.cpio", why))
        return false;
    if (request->xen && !has_notes(&kernel->file, why))
        return false;
    if (request->own ? !put_program(request, &ramdisk->file, options, why)
                     : !has_workload(request, &ramdisk->file, why))
        return false;
    write_arguments(request);
    images->kernel.arguments = request->hv_arguments;
    if (!request->xen) {
        request->result.slice_ns = 0; /* the bare kernel has its own */
        request->result.domain_memory = 0;
    }
    kernel->arguments = request->kernel_arguments;
    return true;
}

/* ---- the run --------------------------------------------------------------------------------- */

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

/* The window: for a time, or until the last copy has ended. */
static bool run_window(struct request *request, struct machine *machine, struct account *account)
{
    uint64_t window = setup_cycles(&request->setup, request->setup.for_ns);
    uint64_t until = window ? machine_clock_max(machine) + window : EVENT_NEVER;
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
    request->result.partial = progress_signal() != 0;
    if (request->result.partial) {
        say("interrupted by signal %d: the result is partial", progress_signal());
        status = 128 + progress_signal();
    }
    disk_files_report(account->machine, stdout, "  ");
    if (!disk_files_end(&request->disks, true))
        status = EXIT_RUN_FAILED;
    if (!outputs_write(outputs, &(struct result){&request->result, account, &checks}))
        status = EXIT_RUN_FAILED;
    return status;
}

static int measure(struct request *request, struct machine *machine, struct outputs *outputs)
{
    struct account *account = calloc(1, sizeof(*account));
    unsigned copies = (unsigned)request->result.domains;
    bool whole = request->own && !request->repeat, good;
    double start = host_time();
    int status = EXIT_RUN_FAILED;

    if (account)
        account_attach(account, machine, whole ? 0 : copies);
    if (!account || (request->own && !copies_expect(account, copies, request->repeat))) {
        say("no memory for the counts");
        free(account);
        return EXIT_RUN_FAILED;
    }
    progress_begin(&request->progress, account, !machine->config.console_out);
    good = whole ? begin_copies(request, account) : warm_up(request, machine, account);
    if (good) {
        account_start_window(account);
        good = run_window(request, machine, account);
    }
    if (good || (progress_signal() && machine->end == MACHINE_STOPPED))
        status = finish(request, account, outputs);
    else if (account->window || copies_say(account))
        result_explain_end(machine, &request->images);
    progress_end();
    result_host_speed(account, host_time() - start);
    account_free(account);
    free(account);
    return status;
}

int command_run(const struct options *options)
{
    static const struct setup_defaults defaults = {2, CPU_TIMING_FULL};
    static struct request request;
    struct outputs outputs = {0};
    struct machine *machine = NULL;
    char why[SETUP_WHY_BYTES] = "";
    int status = EXIT_BAD_INPUT;

    if (read_request(&request, options, why) &&
        setup_machine(&request.setup, options, &defaults, why) &&
        open_images(&request, options, why) && fits(&request, why) &&
        disk_files_open(&request.disks, &request.setup.machine, options, why) &&
        outputs_open(&outputs, options, why)) {
        if (!request.setup.for_ns && !(request.own && !request.repeat))
            request.setup.for_ns = 400000000;
        if (option_given(options, OPT_CONSOLE))
            request.setup.machine.console_out = stderr;
        machine = machine_open(&request.setup.machine, why, sizeof(why));
    }
    if (machine && machine_boot(machine, &request.images, why, sizeof(why)))
        status = measure(&request, machine, &outputs);
    else
        say("%s", why);
    outputs_drop(&outputs);
    machine_close(machine);
    disk_files_close(&request.disks);
    return status;
}
