/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/cli/disks.h"

#include <inttypes.h>

static bool same_file(const struct image *a, const struct image *b)
{
    return a->opened.st_dev == b->opened.st_dev && a->opened.st_ino == b->opened.st_ino;
}

static bool add(struct disk_files *files, struct machine_config *config, const char *path,
                char *why)
{
    struct image *image = &files->image[files->count];

    if (files->count == DISKS_MAX) {
        snprintf(why, SETUP_WHY_BYTES, "more than %d disks", DISKS_MAX);
        return false;
    }
    if (!image_open(image, path, why, SETUP_WHY_BYTES))
        return false;
    image->cut.kept = files->cut;
    config->disk[files->count++] = image;
    if (!files->save)
        return true;
    if (files->count == 2 && same_file(&files->image[0], image)) {
        snprintf(why, SETUP_WHY_BYTES, "%s cannot write %s as two disks",
                 files->cut ? "--disk-cut" : "--disk-write", path);
        return false;
    }
    return image_can_save(image, why, SETUP_WHY_BYTES);
}

bool disk_files_open(struct disk_files *files, struct machine_config *config,
                     const struct options *options, char *why)
{
    files->cut = option_given(options, OPT_DISK_CUT);
    files->save = files->cut || option_given(options, OPT_DISK_WRITE);
    for (unsigned i = 0; i < options->count; i++)
        if (options->given[i].option == OPT_DISK &&
            !add(files, config, options->given[i].value, why))
            return false;
    if (!files->save || files->count)
        return true;
    snprintf(why, SETUP_WHY_BYTES, "--disk-write and --disk-cut need a --disk");
    return false;
}

bool disk_files_end(struct disk_files *files, const struct machine *machine, bool good)
{
    char why[SETUP_WHY_BYTES];
    bool all = true;

    for (unsigned i = 0; (good || files->cut) && i < files->count; i++) {
        struct image *image = &files->image[i];

        if (files->cut)
            cut_power(image, machine_clock_max(machine));

        if (image_unchanged(image, why, sizeof(why)) &&
            (!files->save || image_save(image, why, sizeof(why))))
            continue;
        say("%s", why);
        all = false;
    }
    return all;
}

void disk_files_close(struct disk_files *files)
{
    while (files->count)
        image_close(&files->image[--files->count]);
}

void disk_files_report(const struct machine *machine, FILE *out, const char *prefix)
{
    const struct pci *pci = &machine->slots.pci;

    for (unsigned i = 0; i < pci->count; i++) {
        const struct pci_function *function = pci->function[i];

        fprintf(out, "%sPCI 00:%02x.%u %04x:%04x %s\n", prefix, function->device,
                function->function, function->vendor, function->id, function->name);
    }
    for (unsigned i = 0; i < DISKS_MAX; i++) {
        const struct ide_disk *disk = &machine->disks.ide.channel[0].disk[i];
        const struct mechanics_counts *times = &disk->mechanics.counts;
        double ms = 1e3 / (double)machine->config.costs->clock_hz;

        if (!disk->image)
            continue;
        fprintf(out,
                "%sdisk %s: %" PRIu64 " commands (%" PRIu64 " failed), %" PRIu64
                " sectors read, %" PRIu64 " written, %" PRIu64 " buffer hits, %" PRIu64
                " seeks; %.3f ms of seeks, %.3f of rotation, %.3f of transfer\n",
                prefix, disk->image->path, disk->counts.commands, disk->counts.errors,
                disk->counts.sectors_read, disk->counts.sectors_written, times->buffer_hits,
                times->seeks, (double)times->cycles_seek * ms, (double)times->cycles_rotation * ms,
                (double)times->cycles_transfer * ms);
    }
}
