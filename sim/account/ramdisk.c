/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ramdisk.c - the ramdisk that a guest keeps in its memory (include/xenolith/announce.h)
 *
 * Where its pages are is looked up when it is announced, so that it can be read however the run
 * ends: a machine that is cut off in the middle of writing no longer says where anything is.
 */
#include "sim/account/account.h"
#include "sim/account/result.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_BYTES 4096u

bool ramdisk_take(struct ramdisk *ramdisk, const struct machine *machine, unsigned cpu,
                  uint32_t linear)
{
    struct announced_ramdisk guest;
    struct ramdisk taken = {0};
    uint32_t physical;
    const struct cpu *by = machine->cpu[cpu];

    if (linear % PAGE_BYTES > PAGE_BYTES - sizeof(guest) || !cpu_translate(by, linear, &physical) ||
        physical > machine->config.ram_bytes - sizeof(guest))
        return false;
    memcpy(&guest, machine->ram + physical, sizeof(guest));
    if (guest.magic != ANNOUNCE_RAMDISK_MAGIC || guest.address % PAGE_BYTES || guest.bytes == 0 ||
        guest.bytes > machine->config.ram_bytes || guest.address + guest.bytes < guest.address)
        return false;
    taken.bytes = guest.bytes;
    taken.page = calloc((guest.bytes - 1) / PAGE_BYTES + 1, sizeof(*taken.page));
    if (!taken.page)
        return false;
    for (uint32_t at = 0; at < guest.bytes; at += PAGE_BYTES) {
        if (!cpu_translate(by, guest.address + at, &physical) ||
            physical > machine->config.ram_bytes - PAGE_BYTES) {
            free(taken.page);
            return false;
        }
        taken.page[at / PAGE_BYTES] = physical;
    }
    free(ramdisk->page);
    *ramdisk = taken;
    return true;
}

bool ramdisk_save(const struct ramdisk *ramdisk, const struct machine *machine, const char *path,
                  char *why, size_t why_bytes)
{
    struct result_file file;

    if (!ramdisk->page) {
        snprintf(why, why_bytes, "%s: no kernel said that it has a ramdisk", path);
        return false;
    }
    if (!result_file_open(&file, path, why, why_bytes))
        return false;
    for (uint32_t at = 0; at < ramdisk->bytes; at += PAGE_BYTES) {
        uint32_t left = ramdisk->bytes - at, bytes = left < PAGE_BYTES ? left : PAGE_BYTES;

        fwrite(machine->ram + ramdisk->page[at / PAGE_BYTES], 1, bytes, file.out);
    }
    return result_file_keep(&file, why, why_bytes);
}

void ramdisk_free(struct ramdisk *ramdisk)
{
    free(ramdisk->page);
    *ramdisk = (struct ramdisk){0};
}
