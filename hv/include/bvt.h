/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bvt.h - Borrowed Virtual Time, as pure arithmetic over a queue (essay: core/bvt.c)
 *
 * Nothing here knows of processors, timers or domains; core/sched.c does, and the unit tests
 * compile this for the host. Virtual times are in MCU times mcu_advance; real times in ns.
 */
#ifndef HV_BVT_H
#define HV_BVT_H

#include "hv/include/types.h"

/* Constants of Xen 1.0 (paper/mechanism.md, "Scheduler"). */
#define BVT_MCU                MICROSECONDS(100)
#define BVT_DEFAULT_ADVANCE    10
#define BVT_DEFAULT_CTX_ALLOW  MILLISECONDS(5)
#define BVT_TIME_SLOP          MICROSECONDS(50)
#define BVT_ALONE_SLICE_FACTOR 10 /* a domain alone runs this many allowances */
#define BVT_LEAST_CTX_ALLOW    BVT_MCU

struct bvt_entity {
    struct bvt_entity *next, *previous; /* in the run queue; NULL while not runnable */
    uint32_t mcu_advance;               /* inverse of weight */
    uint16_t advance_fraction;          /* and so many parts in 65536 */
    uint16_t avt_fraction;              /* likewise, of avt */
    uint64_t avt;                       /* actual virtual time */
    uint64_t evt;                       /* effective: avt, less the warp while warped */
    bool warpback;                      /* may borrow */
    uint32_t warp;                      /* how much, in units of avt */
    nanoseconds warpl;                  /* longest run while warped; 0: no limit */
    nanoseconds warpu;                  /* shortest time between two warps */
    nanoseconds warped;                 /* when the present warp began */
    nanoseconds unwarped;               /* when the last warp ended */
    nanoseconds started;                /* when it was last given the processor */
    nanoseconds billed;                 /* of others' time that was its own, less than an MCU */
};

struct bvt_queue {
    struct bvt_entity head; /* of the runnable entities, the running one among them */
    unsigned runnable;
    uint64_t svt; /* scheduler virtual time: least avt of the runnable */
};

/* No entity, svt 0. */
void bvt_queue_init(struct bvt_queue *queue);

/* A new entity starts at the queue's svt, so that it neither owes nor is owed. */
void bvt_entity_init(const struct bvt_queue *queue, struct bvt_entity *entity);

/* Becomes runnable: avt = max(avt, svt), and goes to the head. */
void bvt_wake(struct bvt_queue *queue, struct bvt_entity *entity, nanoseconds now);

/* Is no longer runnable. Does nothing if it was not. */
void bvt_sleep(struct bvt_queue *queue, struct bvt_entity *entity);

/* Charges the entity for its run since `started`, and starts a new run now. */
void bvt_charge(struct bvt_entity *entity, nanoseconds now);

/* Another one had the processor for so long, but it was used for this entity, which may not run. */
void bvt_bill(struct bvt_entity *entity, nanoseconds time);

/*
 * Another advance, with its fraction, not both 0. What the entity is ahead of the queue by has been
 * run for already: it keeps its length in real time. One that runs has just been charged.
 */
void bvt_weigh(const struct bvt_queue *queue, struct bvt_entity *entity, uint32_t mcu_advance,
               uint16_t fraction);

/*
 * The entity to run from now, and for how long at most: *slice. `ran`, if not NULL, has just been
 * charged and goes behind its equals. NULL if none is runnable.
 */
struct bvt_entity *bvt_pick(struct bvt_queue *queue, struct bvt_entity *ran, nanoseconds ctx_allow,
                            nanoseconds now, nanoseconds *slice);

/*
 * When a wake-up may preempt `current`, which runs until `deadline`: at once (returns now), or when
 * it has had its allowance, or not earlier than its deadline (returns the deadline).
 */
nanoseconds bvt_preempt_at(const struct bvt_entity *current, nanoseconds ctx_allow,
                           nanoseconds deadline, nanoseconds now);

#endif
