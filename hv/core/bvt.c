/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bvt.c - Borrowed Virtual Time
 *
 * Every domain has an actual virtual time, avt, which advances while it runs by mcu_advance for
 * each minimum charging unit (MCU, 100 us) begun: twice the mcu_advance, half the processor. It has
 * a fraction, so that any weight has its inverse. The runnable domain with the least effective
 * virtual time, evt, runs. evt is avt, less the domain's warp while it borrows from its own future
 * to be dispatched sooner.
 *
 *   pick    the least evt; among equals the one earliest in the queue. The one that ran goes to the
 *           tail, so equals take turns.
 *   slice   with two or more runnable exactly the context-switch allowance; ten of them alone.
 *           Xen 1.0 adds (evt2 - evt1) / mcu_advance, a count of MCUs, as nanoseconds; that is
 *           below any timer's resolution, and left out here.
 *   svt     the least avt of the runnable. Sleeping earns nothing: a domain wakes at
 *           max(avt, svt), at the head of the queue.
 *   wake    does not preempt at once: the running domain keeps the processor until it has had
 *           one context-switch allowance.
 *   warp    only while warpback holds, for at most warpl at a stretch, and not sooner than warpu
 *           after the last one. warp, warpl and warpu are 0 unless somebody sets them.
 *
 * Source: paper/mechanism.md, "Scheduler".
 */
#include "hv/include/bvt.h"
#include "include/freestanding/divide.h"

void bvt_queue_init(struct bvt_queue *queue)
{
    queue->head.next = queue->head.previous = &queue->head;
    queue->runnable = 0;
    queue->svt = 0;
}

void bvt_entity_init(const struct bvt_queue *queue, struct bvt_entity *entity)
{
    *entity = (struct bvt_entity){
        .mcu_advance = BVT_DEFAULT_ADVANCE, .avt = queue->svt, .evt = queue->svt};
}

static void insert_before(struct bvt_entity *place, struct bvt_entity *entity)
{
    entity->next = place;
    entity->previous = place->previous;
    place->previous->next = entity;
    place->previous = entity;
}

static void take_out(struct bvt_entity *entity)
{
    entity->previous->next = entity->next;
    entity->next->previous = entity->previous;
    entity->next = entity->previous = NULL;
}

static void update_evt(struct bvt_entity *entity, nanoseconds now)
{
    bool warping = entity->warpback && entity->warp > 0;

    if (warping && entity->warpl > 0 && now - entity->warped >= entity->warpl) {
        entity->warpback = false;
        entity->unwarped = now;
        warping = false;
    }
    if (warping)
        entity->evt = entity->avt > entity->warp ? entity->avt - entity->warp : 0;
    else
        entity->evt = entity->avt;
}

void bvt_wake(struct bvt_queue *queue, struct bvt_entity *entity, nanoseconds now)
{
    if (entity->next)
        return;
    if (entity->avt < queue->svt)
        entity->avt = queue->svt;
    if (!entity->warpback && now - entity->unwarped >= entity->warpu) {
        entity->warpback = true;
        entity->warped = now;
    }
    update_evt(entity, now);
    insert_before(queue->head.next, entity);
    queue->runnable++;
}

void bvt_sleep(struct bvt_queue *queue, struct bvt_entity *entity)
{
    if (!entity->next)
        return;
    take_out(entity);
    queue->runnable--;
}

static void advance(struct bvt_entity *entity, uint64_t units)
{
    uint64_t parts = units * entity->advance_fraction + entity->avt_fraction;

    entity->avt += units * entity->mcu_advance + (parts >> 16);
    entity->avt_fraction = (uint16_t)parts;
}

void bvt_charge(struct bvt_entity *entity, nanoseconds now)
{
    uint32_t rest;

    advance(entity, divide(now - entity->started + BVT_MCU - 1, BVT_MCU, &rest));
    entity->started = now;
    update_evt(entity, now);
}

void bvt_bill(struct bvt_entity *entity, nanoseconds time)
{
    uint64_t before = entity->avt;
    uint32_t rest;

    advance(entity, divide(entity->billed + time, BVT_MCU, &rest));
    entity->billed = rest;
    entity->evt += entity->avt - before; /* how far it warps is looked at when it is charged */
}

void bvt_weigh(const struct bvt_queue *queue, struct bvt_entity *entity, uint32_t mcu_advance,
               uint16_t fraction)
{
    uint32_t before = entity->mcu_advance << 16 | entity->advance_fraction;
    uint32_t after = mcu_advance << 16 | fraction, rest, rest_of_rest;
    uint64_t lead = entity->avt > queue->svt ? entity->avt - queue->svt : 0;
    uint64_t whole = divide(lead, before, &rest);

    entity->mcu_advance = mcu_advance;
    entity->advance_fraction = fraction;
    if (lead)
        entity->avt =
            queue->svt + whole * after + divide((uint64_t)rest * after, before, &rest_of_rest);
    entity->evt = entity->avt;
}

struct bvt_entity *bvt_pick(struct bvt_queue *queue, struct bvt_entity *ran, nanoseconds ctx_allow,
                            nanoseconds now, nanoseconds *slice)
{
    struct bvt_entity *head = &queue->head, *best = NULL;
    uint64_t least_avt = ~0ull;

    if (ran && ran->next) {
        take_out(ran);
        insert_before(head, ran);
    }
    for (struct bvt_entity *e = head->next; e != head; e = e->next) {
        if (!best || e->evt < best->evt)
            best = e;
        if (e->avt < least_avt)
            least_avt = e->avt;
    }
    if (!best)
        return NULL;
    queue->svt = least_avt;
    best->started = now;
    *slice = queue->runnable > 1 ? ctx_allow : BVT_ALONE_SLICE_FACTOR * ctx_allow;
    return best;
}

nanoseconds bvt_preempt_at(const struct bvt_entity *current, nanoseconds ctx_allow,
                           nanoseconds deadline, nanoseconds now)
{
    nanoseconds earliest = current->started + ctx_allow;

    if (earliest <= now)
        return now;
    if (deadline > earliest + BVT_TIME_SLOP)
        return earliest;
    return deadline;
}
