/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * disks.h - what a user says about a domain's disks, after xl-disk-configuration(5)
 */
#ifndef XENOLITH_XL_DISKS_H
#define XENOLITH_XL_DISKS_H

#include <stdbool.h>
#include <stdint.h>

#define DISKS_MOST        8
#define DISK_TARGET_BYTES 64

struct disk_config {
    char target[DISK_TARGET_BYTES]; /* of Domain 0: "hda2" */
    char name[16];                  /* as the domain calls it: "xvda" */
    uint32_t number;                /* of that: major << 8 | minor */
    bool writable;
};

/*
 * Reads one disk: TARGET,[raw],VDEV,[ACCESS], or words target=, vdev=, access=, format= in any
 * order. The target is a disk or partition of Domain 0, perhaps with "phy:" and "/dev/" before it;
 * or "volume:" and a volume's name. NULL, or what is wrong.
 */
const char *disk_parse(const char *text, struct disk_config *disk);

/*
 * Reads a list as in a configuration file: ['a,b,c', "d,e,f"]; or one disk without brackets.
 * Appends to disks[*count], of DISKS_MOST. NULL, or what is wrong.
 */
const char *disks_parse(const char *text, struct disk_config *disks, unsigned *count);

#endif
