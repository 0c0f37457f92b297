/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * domain.h - a domain: what owns memory, grants and event channels (what runs: vcpu.h)
 *
 * A domain costs the hypervisor this structure, the shared_info page and one page of event
 * channels: DOMAIN_BASE_PAGES pages. It has one virtual processor, as in the paper.
 */
#ifndef HV_DOMAIN_H
#define HV_DOMAIN_H

#include "hv/include/errors.h"
#include "hv/include/public_headers.h"
#include "hv/include/arch/layout.h"
#include "hv/include/arch/spinlock.h"
#include "hv/include/arch/x86.h"
#include "hv/include/vcpu.h"
#include "include/xenolith/limits.h"

#define MAX_DOMAINS       XENOLITH_DOMAINS /* ids are 0..MAX_DOMAINS-1 */
#define DOMAIN_ANY        0xffff
#define DOMAIN_BASE_PAGES 3
#define DOMAIN_VCPUS      1

/* In the order of a life; the only way back is from SHUTDOWN (sched_resume). Changed under the
 * queue's lock of its vcpu. */
enum domain_state {
    DOMAIN_ALIVE,    /* its vcpu is on a run queue unless the domain is paused, or it blocked */
    DOMAIN_SHUTDOWN, /* asked to end, or was ended; keeps its memory */
    DOMAIN_DYING,    /* being destroyed */
};

/* One end of an event channel; the status is EVTCHNSTAT_*. */
struct event_channel {
    uint8_t status;
    uint8_t reserved;          /* interdomain: 0, or EVENT_CONSUMER_* for a device's slot */
    uint16_t remote_domain;    /* unbound, interdomain */
    uint16_t remote_port_virq; /* interdomain: port; virq: its number */
    uint16_t padding;
};

#define EVENT_CHANNELS        1024 /* 32 x 32, EVTCHN_2L_NR_CHANNELS */
#define EVENT_CHANNELS_A_PAGE (PAGE_SIZE / sizeof(struct event_channel))
#define EVENT_CHANNEL_PAGES   (EVENT_CHANNELS / EVENT_CHANNELS_A_PAGE)

#define WATCHDOGS 2 /* a domain may set so many (SCHEDOP_watchdog) */

struct grant_table;

struct domain {
    uint16_t id;
    bool privileged;
    enum domain_state state;
    bool paused;       /* by the control program */
    bool relinquished; /* dying, and holds nothing but what others map */
    uint32_t shutdown_reason;
    struct timer watchdog[WATCHDOGS];
    uint8_t watchdogs_used; /* a bit each */
    int64_t time_offset;    /* seconds that its wall clock differs */

    /* Memory. */
    struct {
        uint32_t handle;
        mfn frame;
    } ending;      /* how far its end has come (domain_destroy) */
    mfn releasing; /* the first of its tables without uses; 0: none (mm/release.c) */
    struct large_tree *large_tree; /* NULL: none is being taken or returned (mm/large_trees.c) */
    struct {
        struct domain *owner; /* NULL: none */
        mfn first, last;      /* of a list of extents; 0: none */
        uint16_t extents;     /* in the list, all but the last cleared */
        uint16_t cleared;     /* frames of the last */
        uint16_t leaving;
        uint8_t order;
    } fresh;            /* frames that it is having cleared (mm/fresh.c) */
    uint32_t pages;     /* frames it owns */
    uint32_t max_pages; /* and may own */
    uint32_t hv_pages;  /* what it costs the hypervisor */
    struct shared_info *shared;
    mfn shared_mfn;
    unsigned long vm_assist;
    struct e820_entry *memory_map; /* as its builder set it (core/memory_map.c); NULL: not set */
    uint8_t memory_map_entries;
    uint8_t tsc_mode; /* as the control program set it */

    /* Grants (mm/grant.c). */
    struct grant_table *grants; /* NULL: not needed yet */
    uint16_t max_grant_frames;
    struct {
        mfn frame;
        uint32_t ref;
    } search; /* for a grant of this frame, and how far it has come; frame 0: none (grant_ops.c) */

    /* Event channels. */
    struct event_channel *channels[EVENT_CHANNEL_PAGES];
    struct event_fifo *fifo; /* NULL: pending and mask words in shared_info */

    /* Console: a line is printed when it is complete. */
    uint8_t console_length;
    bool console_goes_on; /* the line's beginning has been printed */
    char console_line[127];

    xen_domain_handle_t handle;
    struct vcpu vcpu[DOMAIN_VCPUS];
};

extern struct domain *domains[MAX_DOMAINS];

/*
 * The domain that a guest's domid_t means (DOMID_SELF included), or NULL. Another than the current
 * one may be forgotten at any moment at which this processor holds neither mm_lock nor event_lock:
 * any processor may take the last mapping of its frames out. domain_hold keeps one, and one only a
 * processor, until domain_release. Both take mm_lock.
 */
struct domain *domain_by_id(const struct domain *self, uint32_t id);
struct domain *domain_hold(const struct domain *self, uint32_t id);
void domain_release(struct domain *domain);

/* Holds the domain that the current one names: itself, or any if it is privileged. -ESRCH,
 * -EPERM. */
status domain_hold_named(domid_t id, struct domain **result);

/*
 * A domain without memory, paused. id DOMAIN_ANY: one that is not in use. -ENOMEM, -EEXIST, or
 * -EINVAL for a number out of range. */
status domain_create(unsigned id, bool privileged, struct domain **result);

/* The domain costs the hypervisor so many pages more; the most of any is a counter. */
void domain_account(struct domain *domain, unsigned pages);

/*
 * Takes everything from a domain, a piece at a time. True: it has nothing any more; false: to be
 * called again. It is forgotten when nobody maps its frames any more: domain_try_forget, which
 * needs mm_lock, is called whenever that may have become true.
 */
bool domain_destroy(struct domain *domain);
void domain_try_forget(struct domain *domain);

/* Prints what the domain has written of a line that it has not ended. */
void console_end_line(struct domain *domain); /* core/console_io.c */

/* Stops the domain for good; Domain 0's end is the machine's. */
void domain_shutdown(struct domain *domain, unsigned reason);

/* Ends the running or another domain because of what it did; says so on the console. */
void domain_crash(struct domain *domain, const char *why);

/* Builds Domain 0 from the boot modules (core/dom0.c). Panics if it cannot. */
void dom0_build(void);

#endif
