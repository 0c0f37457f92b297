/* SPDX-License-Identifier: GPL-2.0-only */
/* domain.c - the life of a domain */
#include "hv/dev/pc.h"
#include "hv/include/domain.h"
#include "hv/include/audit.h"
#include "hv/include/console.h"
#include "hv/include/errors.h"
#include "hv/include/event.h"
#include "hv/include/grant.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"
#include "hv/include/perfc.h"
#include "hv/include/sched.h"
#include "hv/include/arch/smp.h"
#include "hv/include/time.h"
#include "hv/io/vbd.h"
#include "hv/io/vif.h"
#include "hv/include/arch/traps.h"

/* What a piece of a domain's end may cost, in arbitrary units: a tenth of a millisecond at the
 * most. */
enum { EFFORT_LOOK = 1, EFFORT_FREE = 16, EFFORT_A_PIECE = 8192 };

_Static_assert(sizeof(struct domain) <= PAGE_SIZE, "a domain is one page");

struct domain *domains[MAX_DOMAINS];

struct domain *domain_by_id(const struct domain *self, uint32_t id)
{
    if (id == DOMID_SELF)
        id = self->id;
    return id < MAX_DOMAINS ? domains[id] : NULL;
}

/* Its domain has not set it anew for too long. */
static void first_watchdog_fired(struct timer *timer)
{
    domain_shutdown(container_of(timer, struct domain, watchdog[0]), SHUTDOWN_watchdog);
}

static void second_watchdog_fired(struct timer *timer)
{
    domain_shutdown(container_of(timer, struct domain, watchdog[1]), SHUTDOWN_watchdog);
}

/* The page is the hypervisor's, lent to the domain: it may map it but never frees it. */
static void lend_page(struct domain *domain, mfn number)
{
    frame_table[number] = (struct frame){.count = 1,
                                         .type = FRAME_WRITABLE,
                                         .type_count = 1,
                                         .flags = FRAME_RAM | FRAME_HV,
                                         .owner = domain->id};
    m2p[number] = M2P_INVALID;
}

void domain_account(struct domain *domain, unsigned pages)
{
    unsigned long long *most = &perfc_table.counter[PERFC_bytes_per_domain].value;

    domain->hv_pages += pages;
    *most = MAX(*most, (unsigned long long)domain->hv_pages * PAGE_SIZE);
}

/* The next number that nobody has: numbers come back only when all have been used. False:
 * there is none. */
static bool unused_id(unsigned *result)
{
    static unsigned last;

    for (unsigned i = 1; i < MAX_DOMAINS; i++) {
        unsigned id = (last + i - 1) % (MAX_DOMAINS - 1) + 1;

        if (!domains[id] && !grant_handles_name(id)) {
            *result = last = id;
            return true;
        }
    }
    return false;
}

status domain_create(unsigned id, bool privileged, struct domain **result)
{
    struct domain *domain;

    if (id == DOMAIN_ANY && !unused_id(&id))
        return -ENOMEM;
    if (id >= MAX_DOMAINS)
        return -EINVAL;
    if (domains[id] || grant_handles_name(id))
        return -EEXIST;
    domain = heap_page();
    if (!domain)
        return -ENOMEM;
    domain->shared = heap_page();
    domain->channels[0] = heap_page();
    if (!domain->shared || !domain->channels[0]) {
        heap_free(domain->shared);
        heap_free(domain->channels[0]);
        heap_free(domain);
        return -ENOMEM;
    }
    domain->id = (uint16_t)id;
    domain->privileged = privileged;
    domain->state = DOMAIN_ALIVE;
    domain->paused = true;
    domain->hv_pages = DOMAIN_BASE_PAGES;
    domain->max_grant_frames = GRANT_FRAMES_DEFAULT;
    domain->shared_mfn = heap_mfn(domain->shared);
    domain->watchdog[0].fire = first_watchdog_fired;
    domain->watchdog[1].fire = second_watchdog_fired;
    for (unsigned i = 0; i < ARRAY_SIZE(domain->shared->evtchn_mask); i++)
        domain->shared->evtchn_mask[i] = ~0ul;
    lock(&mm_lock);
    lend_page(domain, domain->shared_mfn);
    unlock(&mm_lock);
    vcpu_init(&domain->vcpu[0], domain);
    wall_clock_publish(domain);
    __atomic_store_n(&domains[id], domain, __ATOMIC_RELEASE);
    perfc_count(domains_created);
    domain_account(domain, 0);
    *result = domain;
    return 0;
}

/* Domain 0's end is everybody's. */
static NORETURN void end_machine(unsigned reason)
{
    char value[4];

    if (option("audit", value, sizeof(value)) && audit_frames() > 0)
        panic("the audit failed");
    panic_test();
    if (reason == SHUTDOWN_reboot)
        restart();
    power_off(reason == SHUTDOWN_crash ? 3 : 0);
}

/* Whole in every stack that is printed, not in the parts that the compiler would make of it. */
__attribute__((noinline)) void domain_shutdown(struct domain *domain, unsigned reason)
{
    static const char *const names[] = {"poweroff", "reboot",   "suspend",
                                        "crash",    "watchdog", "soft reset"};

    if (!sched_end(domain, DOMAIN_SHUTDOWN))
        return;
    domain->shutdown_reason = reason;
    console_end_line(domain);
    print("d%u: shut down, %s\n", domain->id, names[reason < ARRAY_SIZE(names) ? reason : 3]);
    if (domain->id == 0)
        end_machine(reason);
    if (domain->vcpu[0].running)
        kick_processor(domain->vcpu[0].cpu);
    if (domains[0])
        event_virq(&domains[0]->vcpu[0], VIRQ_DOM_EXC);
}

void domain_crash(struct domain *domain, const char *why)
{
    const struct vcpu *vcpu = &domain->vcpu[0];
    const cpu_regs *regs = vcpu->running ? guest_regs() : &vcpu->regs;

    console_end_line(domain);
    print("d%u: ended: %s; %x:%08x, stack %x:%08x\n", domain->id, why, regs->cs,
          (unsigned)regs->eip, regs->ss, (unsigned)regs->esp);
    perfc_count(domains_crashed);
    domain_shutdown(domain, SHUTDOWN_crash);
}

/* A page's count for being allocated, and its pin, if the domain still holds them. */
static void give_up_frame(mfn number)
{
    struct frame *frame = &frame_table[number];

    if (frame->flags & FRAME_PINNED)
        frame_unpin(number, frame->owner);
    if (frame->flags & FRAME_ALLOCATED) {
        frame->flags &= ~FRAME_ALLOCATED;
        frame_put(number);
    }
}

static void stop_for_good(struct domain *domain)
{
    sched_pause(domain);
    sched_end(domain, DOMAIN_DYING);
    for (unsigned i = 0; i < WATCHDOGS; i++)
        timer_cancel(&domain->vcpu[0], &domain->watchdog[i]);
    vcpu_stop_for_good(&domain->vcpu[0]);
    /* While its memory, and the counters in it, are still there. */
    announce_context_end(domain->id);
    vbds_end(domain);
    vifs_end(domain);
    events_release(domain);
}

/* Gives up frames, as many as there is effort for. True: there are no more. Needs mm_lock. */
static bool give_up_frames(struct domain *domain)
{
    unsigned effort = 0;

    while (domain->ending.frame < frame_table_size && effort < EFFORT_A_PIECE) {
        mfn n = domain->ending.frame++;

        effort += EFFORT_LOOK;
        if (frame_table[n].owner == domain->id && (frame_table[n].flags & FRAME_RAM) &&
            !(frame_table[n].flags & FRAME_HV)) {
            give_up_frame(n);
            effort += EFFORT_FREE;
        }
    }
    return domain->ending.frame == frame_table_size;
}

/* A piece of what a domain that has been stopped still has. True: there is no more. Needs
 * mm_lock. */
static bool relinquish(struct domain *domain)
{
    if (!grants_release(domain) || !tables_release(domain))
        return false;
    vcpu_release(&domain->vcpu[0]);
    large_tree_release(domain);
    fresh_drop(domain, NULL);
    fresh_drop(current_domain(), domain); /* nobody else has been filling it */
    return give_up_frames(domain) && !tables_pending(domain);
}

bool domain_destroy(struct domain *domain)
{
    bool done;

    if (domain->state != DOMAIN_DYING)
        stop_for_good(domain);
    lock(&mm_lock);
    done = relinquish(domain);
    if (done) {
        domain->relinquished = true;
        domain_try_forget(domain);
    }
    unlock(&mm_lock);
    /* Programs of Domain 0 that map its frames hear of it, and let go. */
    if (done && domains[0])
        event_virq(&domains[0]->vcpu[0], VIRQ_DOM_EXC);
    return done;
}

struct domain *domain_hold(const struct domain *self, uint32_t id)
{
    struct domain *domain;

    lock(&mm_lock);
    domain = domain_by_id(self, id);
    this_cpu()->held = domain;
    unlock(&mm_lock);
    return domain;
}

void domain_release(struct domain *domain)
{
    if (!domain)
        return;
    lock(&mm_lock);
    this_cpu()->held = NULL;
    domain_try_forget(domain);
    unlock(&mm_lock);
}

status domain_hold_named(domid_t id, struct domain **result)
{
    struct domain *self = current_domain(), *domain = domain_hold(self, id);

    if (!domain)
        return -ESRCH;
    if (domain != self && !self->privileged) {
        domain_release(domain);
        return -EPERM;
    }
    *result = domain;
    return 0;
}

static bool is_held(const struct domain *domain)
{
    for (unsigned i = 0; i < cpu_count; i++) {
        if (cpus[i].held == domain)
            return true;
    }
    return false;
}

/* What is left of a dying domain are frames that others map, its own and those lent to it. */
void domain_try_forget(struct domain *domain)
{
    if (!domain->relinquished || domain->pages > 0 || frame_table[domain->shared_mfn].count > 1 ||
        !grant_frames_unused(domain) || is_held(domain))
        return;
    /* The lent pages are mapped no more, but translations to them may be left: from now on they
     * are ours. */
    flush_all();
    grants_forget(domain);
    events_forget(domain);
    frame_table[domain->shared_mfn] = (struct frame){.owner = OWNER_HV};
    heap_free(domain->memory_map);
    heap_free(domain->shared);
    heap_free(domain);
}
