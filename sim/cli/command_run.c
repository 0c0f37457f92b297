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
#include "sim/cli/outputs.h"
#include "sim/load/cpio.h"
#include "sim/load/elf.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define DOMAINS_MAX 1000
/*
 * Memory that the hypervisor, Domain 0 (64 MB of it) and each domain's bookkeeping take beside the
 * domains'.
 */
#define XEN_RESERVE    (UINT64_C(96) << 20)
#define DOMAIN_RESERVE (UINT64_C(64) << 10)
/* The bare kernel and its root image; what a process is certain to need. */
#define NATIVE_RESERVE (UINT64_C(32) << 20)
#define PROCESS_BYTES  (UINT64_C(2) << 20)

struct request {
    struct setup setup;
    struct boot_images images;
    struct result_request result;
    char hv[4096], kernel[4096], ramdisk[4096];
    char hv_arguments[128], kernel_arguments[512];
    uint64_t warmup_ns;
    bool xen;
};

static bool bad(char *why, const char *option, const char *value, const char *must)
{
    snprintf(why, SETUP_WHY_BYTES, "--%s %s: must be %s", option, value, must);
    return false;
}

/* ---- what was asked -------------------------------------------------------------------------- */

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
    if (!parse_number(word, 1, DOMAINS_MAX, &result->domains))
        return bad(why, "domains", word, "a number from 1 to 1000");
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
    return true;
}

static bool fits(const struct request *request, char *why)
{
    const struct result_request *result = &request->result;
    uint64_t memory = request->setup.machine.ram_bytes;
    uint64_t each = request->xen ? result->domain_memory + DOMAIN_RESERVE : PROCESS_BYTES;
    uint64_t reserve = request->xen ? XEN_RESERVE : NATIVE_RESERVE;
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

static bool open_images(struct request *request, const struct options *options, char *why)
{
    struct boot_images *images = &request->images;
    struct boot_item *kernel = request->xen ? &images->module[0] : &images->kernel;
    struct boot_item *ramdisk = &images->module[request->xen ? 1 : 0];
    const struct result_request *result = &request->result;

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
    if ((request->xen && !has_notes(&kernel->file, why)) ||
        !has_workload(request, &ramdisk->file, why))
        return false;
    if (request->xen) {
        snprintf(request->hv_arguments, sizeof(request->hv_arguments),
                 "ctx_allow=%" PRIu64 "us dom0_mem=64M", result->slice_ns / 1000);
        snprintf(request->kernel_arguments, sizeof(request->kernel_arguments),
                 "init=/sbin/init -- xl create -p -n %" PRIu64 " memory=%" PRIu64
                 " kernel=/boot/kernel-xen.elf ramdisk=/boot/guest.cpio extra=init=/bin/%s "
                 "extra=-- extra=--start extra=%%n ; xl unpause all ; sleep 1000000",
                 result->domains, result->domain_memory >> 20, result->workload);
        images->kernel.arguments = request->hv_arguments;
    } else {
        snprintf(request->kernel_arguments, sizeof(request->kernel_arguments),
                 "init=/sbin/init -- repeat %" PRIu64 " /bin/%s --start %%n ; wait",
                 result->domains, result->workload);
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
    enum machine_end end = machine_run(machine, setup_cycles(&request->setup, request->warmup_ns));

    if (end == MACHINE_STOPPED && account->working >= account->expected)
        return run_until(machine, machine_clock_max(machine));
    if (end == MACHINE_TIME)
        say("after %s of simulated time only %u of %u copies have done any work",
            option_value(request->result.options, OPT_WARMUP), account->working, account->expected);
    return false;
}

static int finish(struct request *request, struct account *account, struct outputs *outputs)
{
    struct checks checks;
    int status = 0;

    account_settle(account);
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
    if (!outputs_write(outputs, &(struct result){&request->result, account, &checks}))
        status = EXIT_RUN_FAILED;
    return status;
}

static int measure(struct request *request, struct machine *machine, struct outputs *outputs)
{
    struct account *account = calloc(1, sizeof(*account));
    uint64_t window = setup_cycles(&request->setup, request->setup.for_ns);
    double start = host_time();
    int status = EXIT_RUN_FAILED;

    if (!account) {
        say("no memory for the counts");
        return EXIT_RUN_FAILED;
    }
    account_attach(account, machine, (unsigned)request->result.domains);
    if (warm_up(request, machine, account)) {
        account_start_window(account);
        if (run_until(machine, machine_clock_max(machine) + window))
            status = finish(request, account, outputs);
        else
            result_explain_end(machine, &request->images);
    } else {
        result_explain_end(machine, &request->images);
    }
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
        setup_machine(&request.setup, options, &defaults, why) && fits(&request, why) &&
        open_images(&request, options, why) && outputs_open(&outputs, options, why)) {
        if (!request.setup.for_ns)
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
    return status;
}
