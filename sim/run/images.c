/* SPDX-License-Identifier: GPL-2.0-only */
/* images.c - the images of a run: kernels, root images with the copies' program, command lines */
#include "sim/load/cpio.h"
#include "sim/load/elf.h"
#include "sim/load/places.h"
#include "sim/run/request.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

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

#define XL_WEIGHT   256 /* everybody's, in xl's descriptions */
#define SEEDS_APART 1000003

bool request_fits(const struct request *request, char *why)
{
    const struct result_request *result = &request->result;
    uint64_t memory = request->setup.machine.ram_bytes;
    uint64_t each = request->xen ? request->memory + DOMAIN_RESERVE : PROCESS_BYTES;
    uint64_t reserve = (request->xen ? XEN_RESERVE : NATIVE_RESERVE) + request->more_bytes;
    uint64_t room = memory > reserve ? memory - reserve : 0;
    uint64_t wanted = request->xen ? kinds_memory(&request->kinds, request->memory, DOMAIN_RESERVE)
                                   : result->domains * each;

    if (wanted <= room)
        return true;
    if (request->kinds.named)
        snprintf(why, SETUP_WHY_BYTES,
                 "%" PRIu64 " MB of domains do not fit into %" PRIu64
                 " MB of memory, which has %" PRIu64 " for them",
                 wanted >> 20, memory >> 20, room >> 20);
    else
        snprintf(why, SETUP_WHY_BYTES,
                 "%" PRIu64 " %s do not fit into %" PRIu64 " MB of memory, which holds %" PRIu64,
                 result->domains, request->xen ? "domains" : "processes", memory >> 20,
                 room / each);
    return false;
}

static bool open_item(struct boot_item *item, char *path, size_t bytes, const char *given,
                      const char *preset, char *why)
{
    if (*given)
        snprintf(path, bytes, "%s", given);
    else
        place_find(path, bytes, preset);
    item->arguments = "";
    return file_open(&item->file, path, why, SETUP_WHY_BYTES);
}

/* Whether the copies' root image, which for domains lies within Domain 0's, holds the workload. */
static bool has_workload(const struct request *request, const struct file *ramdisk, char *why)
{
    static const char part_letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    struct file root = *ramdisk, program;
    char name[256];

    if (request->xen && !cpio_find(ramdisk, "boot/guest.cpio", &root)) {
        snprintf(why, SETUP_WHY_BYTES, "%s is not a root image for Domain 0: no boot/guest.cpio",
                 ramdisk->path);
        return false;
    }
    size_t length = strcspn(request->result.workload, "/");
    const char *part = request->result.workload + length;

    snprintf(name, sizeof(name), "bin/%.*s", (int)length, request->result.workload);
    if (*part && (!part[1] || part[1 + strspn(part + 1, part_letters)] || strlen(part) > 32)) {
        snprintf(why, SETUP_WHY_BYTES, "--workload %s: a part has 1 to 31 letters, digits or -",
                 request->result.workload);
        return false;
    }
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

/* When copies of --program begin, in seconds since 1970. */
static unsigned long long start_time(const struct request *request)
{
    return (unsigned long long)request->setup.machine.date + request->start_s;
}

/* xl's description of one kind, /boot/NAME in Domain 0. */
static bool describe_kind(struct request *request, const struct kind *kind,
                          struct cpio_member *member, char *why)
{
    uint64_t memory = kind->memory ? kind->memory : request->memory;
    char *text = NULL, *name = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    if (!out || asprintf(&name, "boot/%s", kind->name) < 0) {
        snprintf(why, SETUP_WHY_BYTES, "no memory for the domains' descriptions");
        return false;
    }
    fprintf(out, "name = \"%s\"\nmemory = %" PRIu64 "\nkernel = \"/boot/kernel-xen.elf\"\n",
            kind->name, memory >> 20);
    fprintf(out, "ramdisk = \"/" COPIES_IMAGE "\"\n");
    if (kind->weight)
        fprintf(out, "cpu_weight = %" PRIu64 "\n",
                (kind->weight * XL_WEIGHT + EVERYBODYS_WEIGHT / 2) / EVERYBODYS_WEIGHT);
    if (*kind->disk)
        fprintf(out, "disk = [ '%s' ]\n", kind->disk);
    if (*kind->vif)
        fprintf(out, "vif = [ '%s' ]\n", kind->vif);
    fprintf(out, "extra = \"");
    /* Seeds of kinds differ: %n begins at 0 in each. */
    if (request->placement)
        fprintf(out, "placement=%" PRIu64 ".%%n ", request->placement + kind->first * SEEDS_APART);
    fprintf(out, "init=/sbin/init -- copy %" PRIu64 "+%%n %llu%s\"\n", kind->first,
            start_time(request), request->repeat ? " repeat" : "");
    if (fclose(out) != 0) {
        snprintf(why, SETUP_WHY_BYTES, "no memory for the domains' descriptions");
        return false;
    }
    *member = (struct cpio_member){name, S_IFREG | 0644, {"description", (uint8_t *)text, bytes}};
    return true;
}

/* Puts the programs into the copies' root image, and that, for domains, into Domain 0's. */
static bool put_programs(struct request *request, struct file *ramdisk,
                         const struct options *options, char *why)
{
    struct file base = *ramdisk, root;
    struct cpio_member added[1 + KINDS_MAX] = {{.name = COPIES_IMAGE, .mode = S_IFREG | 0644}};
    static struct root_files files;
    unsigned count = 1;

    if (request->xen && !cpio_find(ramdisk, "boot/guest.cpio", &base)) {
        snprintf(why, SETUP_WHY_BYTES, "%s is not a root image for Domain 0: no boot/guest.cpio",
                 ramdisk->path);
        return false;
    }
    if (!root_files_begin(&files, option_value(options, OPT_FILES), why))
        return false;
    for (unsigned i = 0; i < request->kinds.count; i++)
        if (!root_files_program(&files, &request->kinds.kind[i].program,
                                request->kinds.kind[i].first, why))
            return false;
    if (!root_files_end(&files, &base, &root, why))
        return false;
    if (!option_given(options, OPT_MEMORY))
        request->memory = DOMAIN_BYTES + unpacked(root.size);
    added[0].content = root;
    for (unsigned i = 0; request->kinds.named && request->xen && i < request->kinds.count; i++)
        if (!describe_kind(request, &request->kinds.kind[i], &added[count++], why))
            return false;
    if (!request->xen)
        *ramdisk = root;
    else if (!cpio_extend(ramdisk, added, count, ramdisk, why, SETUP_WHY_BYTES))
        return false;
    request->more_bytes = unpacked(ramdisk->size);
    return true;
}

/* A workload's /bin/NAME and arguments: its part, and the copy's number; for xl each in extra=. */
static void workload_words(char *words, size_t bytes, const char *workload, bool xen)
{
    const char *extra = xen ? "extra=" : "";
    int name = (int)strcspn(workload, "/");
    const char *part = workload[name] ? workload + name + 1 : "";

    snprintf(words, bytes, "/bin/%.*s%s%s%s%s %s--start %s%%n", name, workload,
             xen ? " extra=--" : "", *part ? " " : "", *part ? extra : "", part, extra, extra);
}

/* Domain 0's commands that make the domains; `words` is what each runs. */
static void write_creation(const struct request *request, const char *placement, const char *words,
                           char *commands, size_t bytes)
{
    int used = 0;

    if (!request->kinds.named) {
        snprintf(commands, bytes,
                 "xl create -p -n %" PRIu64 " memory=%" PRIu64
                 " kernel=/boot/kernel-xen.elf ramdisk=/%s%s extra=init=%s ; ",
                 request->result.domains, request->memory >> 20,
                 request->own ? COPIES_IMAGE : "boot/guest.cpio", placement, words);
        return;
    }
    for (unsigned i = 0; i < request->kinds.count && (size_t)used < bytes; i++)
        used += snprintf(commands + used, bytes - (size_t)used,
                         "xl create -p -n %" PRIu64 " /boot/%s ; ", request->kinds.kind[i].count,
                         request->kinds.kind[i].name);
}

/* What init does to make the copies, on the kernels' command lines. */
static void write_arguments(struct request *request, const char *network)
{
    const struct result_request *result = &request->result;
    size_t bytes = sizeof(request->kernel_arguments);
    unsigned long long when = start_time(request);
    char words[128], placement[40] = "", events[40] = "", commands[900];

    if (request->own && request->xen)
        snprintf(words, sizeof(words), "/sbin/init extra=-- extra=copy extra=%%n extra=%llu%s",
                 when, request->repeat ? " extra=repeat" : "");
    else if (request->own)
        snprintf(words, sizeof(words), "/sbin/init copy %%n %llu%s", when,
                 request->repeat ? " repeat" : "");
    else
        workload_words(words, sizeof(words), result->workload, request->xen);
    if (request->placement)
        snprintf(placement, sizeof(placement),
                 request->xen ? " extra=placement=%" PRIu64 ".%%n" : "placement=%" PRIu64 " ",
                 request->placement);
    if (request->xen) {
        write_creation(request, placement, words, commands, sizeof(commands));
        if (request->timer_events_ns)
            snprintf(events, sizeof(events), "timer_events=%" PRIu64 "us ",
                     request->timer_events_ns / 1000);
        snprintf(request->hv_arguments, sizeof(request->hv_arguments),
                 "%sctx_allow=%" PRIu64 "us dom0_mem=%" PRIu64 "M", events, result->slice_ns / 1000,
                 64 + (request->more_bytes >> 20));
        snprintf(request->kernel_arguments, bytes,
                 "init=/sbin/init%s -- %sxl unpause all ; sleep 1000000", network, commands);
    } else {
        snprintf(request->kernel_arguments, bytes,
                 "%sinit=/sbin/init%s -- repeat %" PRIu64 " %s ; %s", placement, network,
                 result->domains, words, request->own ? "sleep 1000000" : "wait");
    }
}

/* What the result says of memory: one value for all domains, or one a kind. */
static void tell_memory(struct request *request)
{
    struct result_request *result = &request->result;

    result->domain_memory = request->xen && !request->kinds.named ? request->memory : 0;
    for (unsigned i = 0; request->xen && i < result->groups; i++)
        request->group[i].memory =
            request->kinds.kind[i].memory ? request->kinds.kind[i].memory : request->memory;
}

bool request_images(struct request *request, const struct options *options, char *why)
{
    struct boot_images *images = &request->images;
    struct boot_item *kernel = request->xen ? &images->module[0] : &images->kernel;
    struct boot_item *ramdisk = &images->module[request->xen ? 1 : 0];

    images->modules = request->xen ? 2 : 1;
    request->memory = request->result.domain_memory;
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
    if (request->own ? !put_programs(request, &ramdisk->file, options, why)
                     : !has_workload(request, &ramdisk->file, why))
        return false;
    write_arguments(request, network_words(options));
    tell_memory(request);
    images->kernel.arguments = request->hv_arguments;
    if (!request->xen)
        request->result.slice_ns = 0; /* the bare kernel has its own */
    kernel->arguments = request->kernel_arguments;
    return true;
}
