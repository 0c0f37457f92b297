/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * backend.h - the back ends of virtual devices, as the store has them
 *
 * The hypervisor serves the rings (hv/io); here is who decides and who talks: each disk or
 * interface of a domain has a folder below /local/domain/0/backend, whose "state" follows that of
 * the front end.
 */
#ifndef XENOLITH_XEND_BACKEND_H
#define XENOLITH_XEND_BACKEND_H

#include <stdbool.h>
#include <stdint.h>

#include "workloads/dom0/xend/store/store.h"

#define DEVICE_PATH_BYTES  128
#define DEVICE_VALUE_BYTES 64

struct device {
    const struct device_kind *kind;
    unsigned domain, number;
    char back[DEVICE_PATH_BYTES], front[DEVICE_PATH_BYTES]; /* folders */
};

struct device_kind {
    const char *name; /* of its folders: "vbd" */
    void (*publish)(const struct device *device);
    /* Connects it with what the front end has written, and publishes what follows from it. NULL, or
     * why not. */
    const char *(*connect)(const struct device *device);
    unsigned disconnect; /* the command of include/xenolith/io.h */
};

extern const struct device_kind vbd_kind, vif_kind; /* vbd.c, vif.c */

/* ---- for the kinds: nodes of a folder ------------------------------------------------------- */

bool node_get(const char *folder, const char *name, char value[DEVICE_VALUE_BYTES]);
unsigned node_number(const char *folder, const char *name); /* 0: it is not there */
void node_set(const char *folder, const char *name, const char *value);
void node_set_number(const char *folder, const char *name, unsigned long long number);

/* ---- for xend ------------------------------------------------------------------------------- */

bool backends_open(struct store *store); /* false: no memory */

/* After anything may have changed in the store: looks at all devices. True: look again soon. */
bool backends_work(void);

/* The domain is gone: so are its devices. */
void backends_gone(uint16_t domain);

#endif
