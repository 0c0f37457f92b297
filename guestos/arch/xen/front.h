/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * front.h - what all front ends of the Xen port use: grants, and the store
 *
 * Lock: the kernel's, at every call. Nothing here sleeps; what waits, waits with SCHEDOP_poll for
 * one port, and other domains run meanwhile.
 */
#ifndef GUESTOS_FRONT_H
#define GUESTOS_FRONT_H

#include "guestos/arch/xen/domain.h"
#include "include/xenolith/io.h"

/* ---- grant.c ------------------------------------------------------------------------------- */

/* A free entry that lets a domain use the page at an address of the linear map; 0: none is left. */
uint32_t grant_give(uint16_t domain, const void *page, bool read_only);
/* False: the other end still uses it; the entry and the page stay given. */
bool grant_end(uint32_t ref);
/* Makes the table. False: the hypervisor has none for us. */
bool grant_init(void);

/* An entry for frames that a domain gives us, 0: none is left. It accepts one when it is asked to,
 * for the place of a page whose own frame has been given up. */
uint32_t grant_reserve(void);
void grant_accept(uint32_t ref, uint16_t domain, const void *page);
/* The frame that has come; 0: none has. The entry accepts nothing more. */
uint32_t grant_accepted(uint32_t ref);

/* ---- memory.c ------------------------------------------------------------------------------ */

/* From now on this is the frame of a page of the linear map, 0: it has none. */
void memory_set_frame(const void *page, uint32_t frame);

/* ---- xenbus.c ------------------------------------------------------------------------------ */

/* Whether there is a store that answers. May be asked again. */
bool xenbus_init(void);
/* The value of a node, with a NUL, into `value`; its length, or -Exxx. */
int xenbus_read(const char *directory, const char *name, char *value, uint32_t size);
int xenbus_write(const char *directory, const char *name, const char *value);
/* The same of numbers; one that is not there is 0. */
uint64_t xenbus_number(const char *directory, const char *name);
int xenbus_put_number(const char *directory, const char *name, uint32_t value);
/* The names below a node, one after the other, each with its NUL; the length of all. */
int xenbus_list(const char *directory, char *names, uint32_t size);
/* Waits with the domain blocked until the other end is connected; false: it never was, or goes. */
bool xenbus_wait_for_back(const char *back);

/* From now on look() is called when something at or below a path that is watched has changed. A
 * watch that is new counts as a change. False: it cannot be watched. */
bool xenbus_watch(const char *path);
void xenbus_listen(void (*look)(void));

/* ---- devices.c ----------------------------------------------------------------------------- */

#define STORED_DEVICES 16 /* of a kind */

struct stored_device {
    char name[16]; /* of its folder; "": none */
    char own[64], back[128];
    void *front; /* NULL: it is not used */
    bool gone;
};

/* Devices of a kind below device/ in the store. */
struct device_kind {
    const char *directory;
    /* Connects one: own is known; fills in back, and front if it goes well. */
    void (*open)(struct stored_device *device);
    void (*close)(struct stored_device *device); /* the other end goes */
    struct stored_device device[STORED_DEVICES];
};

extern struct device_kind disk_kind, network_kind; /* disks.c, networks.c */

/* Opens those of a kind that are new, closes those whose other end goes. */
void devices_look(struct device_kind *kind);
/* Does so from now on whenever there are others. */
void devices_watch(void);

/* Domain 0's hypercall for devices (include/xenolith/io.h). */
static inline int io_op(struct xenolith_io_op *op)
{
    return hypercall(XENOLITH_IO_HYPERCALL, (uint32_t)op, 0, 0, 0, 0);
}

#endif
