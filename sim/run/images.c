/* SPDX-License-Identifier: GPL-2.0-only */
/* images.c - the images of a run: kernels, root images with the copies' program, command lines */
#include "sim/load/cpio.h"
#include "sim/load/elf.h"
#include "sim/load/places.h"
#include "sim/run/request.h"

#include <inttypes.h>
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

bool request_fits(const struct request *request, char *why)
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

/* A workload's /bin/NAME and arguments: its part, and the copy's number; for xl each in extra=. */
static void workload_words(char *words, size_t bytes, const char *workload, bool xen)
{
    const char *extra = xen ? "extra=" : "";
    int name = (int)strcspn(workload, "/");
    const char *part = workload[name] ? workload + name + 1 : "";

    snprintf(words, bytes, "/bin/%.*s%s%s%s%s %s--start %s%%n", name, workload,
             xen ? " extra=--" : "", *part ? " " : "", *part ? extra : "", part, extra, extra);
}

/* What init does to make the copies, on the kernels' command lines. */
static void write_arguments(struct request *request, const char *network)
{
    const struct result_request *result = &request->result;
    size_t bytes = sizeof(request->kernel_arguments);
    unsigned long long when = (unsigned long long)request->setup.machine.date + request->start_s;
    char words[128], placement[40] = "";

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
        snprintf(request->hv_arguments, sizeof(request->hv_arguments),
                 "ctx_allow=%" PRIu64 "us dom0_mem=%" PRIu64 "M", result->slice_ns / 1000,
                 64 + (request->more_bytes >> 20));
        snprintf(request->kernel_arguments, bytes,
                 "init=/sbin/init%s -- xl create -p -n %" PRIu64 " memory=%" PRIu64
                 " kernel=/boot/kernel-xen.elf ramdisk=/%s%s extra=init=%s"
                 " ; xl unpause all ; sleep 1000000",
                 network, result->domains, result->domain_memory >> 20,
                 request->own ? COPIES_IMAGE : "boot/guest.cpio", placement, words);
    } else {
        snprintf(request->kernel_arguments, bytes,
                 "%sinit=/sbin/init%s -- repeat %" PRIu64 " %s ; %s", placement, network,
                 result->domains, words, request->own ? "sleep 1000000" : "wait");
    }
}

bool request_images(struct request *request, const struct options *options, char *why)
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
    write_arguments(request, network_words(options));
    images->kernel.arguments = request->hv_arguments;
    if (!request->xen) {
        request->result.slice_ns = 0; /* the bare kernel has its own */
        request->result.domain_memory = 0;
    }
    kernel->arguments = request->kernel_arguments;
    return true;
}
