/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * device.h - a device of a domain, as the store has it: two folders
 *
 * Each end has a folder that is its own and that the other may read; xend and the domain's driver
 * do the rest (workloads/dom0/xend/backend.c). A device is taken by setting its "online" to 0: the
 * folders go when the back end has closed, whatever the domain does.
 */
#ifndef XENOLITH_XL_DEVICE_H
#define XENOLITH_XL_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#define DEVICE_PATH_BYTES  128
#define DEVICE_VALUE_BYTES 64

struct device_words {
    const char *folder; /* "vbd" */
    const char *noun;   /* "disk" */
};

struct device_node {
    const char *name, *value;
};

/*
 * Writes both folders in a transaction (0: none): what all devices have, and the lists, which end
 * with a name NULL. 0 or more, or -Exxx.
 */
int device_introduce(uint32_t transaction, const struct device_words *words, unsigned domain,
                     uint32_t number, const struct device_node *of_back,
                     const struct device_node *of_front);

void device_folders(const struct device_words *words, unsigned domain, uint32_t number,
                    char back[DEVICE_PATH_BYTES], char front[DEVICE_PATH_BYTES]);

/* A node's value, or "-". */
const char *device_value(const char *folder, const char *name, char value[DEVICE_VALUE_BYTES]);

/* Opens the store and finds a domain: its number, or -1 after saying what is wrong. */
int device_domain(const struct device_words *words, const char *name);
bool device_exists(const struct device_words *words, unsigned domain, uint32_t number);
void device_each(const struct device_words *words, unsigned domain,
                 void (*act)(unsigned domain, uint32_t number));

/* Takes it away and waits for that; the exit status. `name` is what the user calls it. */
int device_take(const struct device_words *words, unsigned domain, uint32_t number,
                const char *name);

#endif
