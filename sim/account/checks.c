/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * checks.c - the same thing counted twice must come out the same
 *
 * A run can stop anywhere, so a count taken by software may lag behind the one taken by the
 * processor: between the delivery and the instruction that increments the counter. How many can be
 * under way at once is known exactly:
 *   - a hypercall or page fault, from its delivery to the increment in the entry path: at most one
 *     on each processor that is in ring 0 for that very reason;
 *   - a disk's command, from the moving of its data to the increment after its interrupt; a request
 *     in a ring, from the front end's increment to the response: as many as rings hold;
 *   - a fault forwarded to a guest, from the hypervisor's increment to the guest's: at most one a
 *     virtual processor, since its handler increments before it can fault again; here every context
 *     has one.
 */
#include "sim/account/result.h"
#include "cpu/x86/vectors.h"

static uint64_t cycles_of_processor(const struct account *account, unsigned cpu)
{
    const struct context *context;
    uint64_t sum = 0;

    for (uint32_t id = 0; (context = context_from(account, id)); id = context->id + 1)
        for (unsigned ring = 0; ring < 4; ring++)
            sum += tally_cycles(&context->now.tally[cpu][ring]);
    return sum;
}

static uint64_t reason_cycles(const struct account *account)
{
    const struct context *context;
    uint64_t sum = 0;

    for (uint32_t id = 0; (context = context_from(account, id)); id = context->id + 1)
        for (unsigned reason = 0; reason < REASON_COUNT; reason++)
            sum += context->now.reason[reason].cycles;
    return sum;
}

static uint64_t delivered(const struct account *account, unsigned first_ring, uint8_t vector)
{
    const struct machine *machine = account->machine;
    uint64_t sum = 0;

    for (unsigned cpu = 0; cpu < machine->config.processors; cpu++)
        for (unsigned ring = first_ring; ring < 4; ring++)
            sum += cpu_delivered(machine->cpu[cpu], ring, vector);
    return sum;
}

/* Processors whose last entry from an outer ring, or within ring 0, was of this kind. */
static uint64_t in_entry(const struct account *account, unsigned first, unsigned last)
{
    uint64_t count = 0;

    for (unsigned cpu = 0; cpu < account->machine->config.processors; cpu++) {
        const struct account_cpu *at = &account->cpu[cpu];
        unsigned reason = at->reason[at->depth];

        count += at->inside && reason >= first && reason <= last;
    }
    return count;
}

static struct check *add(struct checks *checks, const char *name, const char *left_name,
                         const char *right_name)
{
    struct check *check = &checks->check[checks->count++];

    *check = (struct check){.name = name, .left_name = left_name, .right_name = right_name};
    return check;
}

static void check_clock(struct checks *checks, const struct account *account)
{
    struct check *check = add(checks, "cycles", "clocks", "cycles charged");

    check->made = true;
    for (unsigned cpu = 0; cpu < account->machine->config.processors; cpu++) {
        check->left += cpu_clock(account->machine->cpu[cpu]);
        check->right += cycles_of_processor(account, cpu);
    }
}

static void check_reasons(struct checks *checks, const struct account *account)
{
    struct check *check =
        add(checks, "ring0_reasons", "clocks", "cycles outside ring 0 and in it by reason");

    check->made = true;
    check->right = reason_cycles(account);
    for (unsigned cpu = 0; cpu < account->machine->config.processors; cpu++) {
        check->left += cpu_clock(account->machine->cpu[cpu]);
        check->right += account->cpu[cpu].outside;
    }
}

/* A count of deliveries against the supervisor's counter of the same. */
static void check_supervisor(struct checks *checks, const struct account *account, const char *name,
                             uint64_t left, uint64_t in_flight)
{
    struct check *check = add(checks, name, "deliveries", "counted by the supervisor");

    check->left = left;
    check->in_flight = in_flight;
    check->made = counter_value(&account->supervisor, name, &check->right, NULL);
}

static void check_forwarded(struct checks *checks, const struct account *account)
{
    struct check *check =
        add(checks, "page_faults_forwarded", "counted by the supervisor", "counted by the guests");
    const struct context *context;

    check->made = counter_value(&account->supervisor, "page_faults_forwarded", &check->left, NULL);
    for (uint32_t id = 0; (context = context_from(account, id)); id = context->id + 1) {
        uint64_t faults;

        if (context->id >= ANNOUNCE_CONTEXT_BOOT)
            continue;
        check->in_flight++;
        if (counter_value(&context->table, "page_faults", &faults, NULL))
            check->right += faults;
        else /* a guest that does not count: nothing can be said */
            check->made = false;
    }
}

/* ---- disks ----------------------------------------------------------------------------------*/

#define COMMAND_SECTORS 256  /* that one command moves at most, as drivers here use them */
#define RING_REQUESTS   4096 /* 32 a ring, and 128 rings */

/* What disks have moved against what the driver's commands asked for, if all were done. */
static void check_disks(struct checks *checks, const struct account *account, const char *counter)
{
    struct check *check = add(checks, "disk_sectors", "moved by disks", "counted by the driver");

    check->in_flight = COMMAND_SECTORS;
    check->made = counter_value(&account->supervisor, counter, &check->right, NULL);
    for (unsigned i = 0; i < DISKS_MAX; i++) {
        const struct ide_counts *counts = &account->machine->disks.ide.channel[0].disk[i].counts;

        check->left += counts->sectors_read + counts->sectors_written;
        check->made = check->made && !counts->errors;
    }
}

/* Requests of front ends against those of the back end, and those against its responses. */
static void check_rings(struct checks *checks, const struct account *account)
{
    struct check *taken = add(checks, "vbd_requests", "counted by the guests", "taken from rings");
    struct check *answered = add(checks, "vbd_responses", "taken from rings", "answered");
    const struct context *context;

    answered->made = counter_value(&account->supervisor, "vbd.requests", &answered->left, NULL) &&
                     counter_value(&account->supervisor, "vbd.responses", &answered->right, NULL);
    taken->made = answered->made;
    taken->right = answered->left;
    taken->in_flight = answered->in_flight = RING_REQUESTS;
    for (uint32_t id = 0; (context = context_from(account, id)); id = context->id + 1) {
        uint64_t requests;

        if (context->id >= ANNOUNCE_CONTEXT_BOOT)
            continue;
        if (counter_value(&context->table, "disk_requests", &requests, NULL))
            taken->left += requests;
        else /* a guest that does not count */
            taken->made = false;
    }
}

/* ---- networks ------------------------------------------------------------------------------ */

#define CARD_RING     256 /* descriptors of either ring */
#define CARD_PACKETS  64  /* that the hypervisor has given to the card, each of 18 slots at most */
#define FRONT_PACKETS 64  /* that a front end has in a ring at once, as ours have */

/* What several of the supervisor's counters say together; false: one is not there. */
static bool counted(const struct account *account, const char *const *names, uint64_t *sum)
{
    *sum = 0;
    for (; *names; names++) {
        uint64_t value;

        if (!counter_value(&account->supervisor, *names, &value, NULL))
            return false;
        *sum += value;
    }
    return true;
}

/* The same of one counter of all guests; false: there is one that does not count. */
static bool counted_by_guests(const struct account *account, const char *name, uint64_t *sum)
{
    const struct context *context;

    *sum = 0;
    for (uint32_t id = 0; (context = context_from(account, id)); id = context->id + 1) {
        uint64_t value;

        if (context->id >= ANNOUNCE_CONTEXT_BOOT)
            continue;
        if (!counter_value(&context->table, name, &value, NULL))
            return false;
        *sum += value;
    }
    return true;
}

/* The card's own counts against its driver's: the hypervisor's, or the bare kernel's. */
static void check_card(struct checks *checks, const struct account *account)
{
    const struct nic_counts *counts = &account->machine->network.nic.counts;
    struct check *sent = add(checks, "nic_sent", "given to the card", "sent by it");
    struct check *received = add(checks, "nic_received", "received by the card", "taken from it");

    sent->in_flight = received->in_flight = CARD_RING;
    sent->right = counts->sent_packets;
    received->left = counts->received_packets;
    sent->made = counted(account, (const char *const[]){"nic.sent", NULL}, &sent->left) ||
                 counted(account, (const char *const[]){"net_frames_out", NULL}, &sent->left);
    received->made =
        counted(account, (const char *const[]){"nic.received", NULL}, &received->right) ||
        counted(account, (const char *const[]){"net_frames_in", NULL}, &received->right);
}

/* Packets on their ways through the hypervisor: none is lost that is not counted as lost. */
static void check_switch(struct checks *checks, const struct account *account)
{
    static const struct {
        const char *name, *left_name, *right_name;
        const char *left[4], *right[4];
        uint64_t in_flight;
    } rows[] = {
        {"vif_to_wire",
         "sent by interfaces",
         "given to the card",
         {"vif.to_wire"},
         {"nic.sent"},
         1},
        {"vif_from_wire",
         "taken from the card",
         "looked at, or lost",
         {"nic.received"},
         {"vif.from_wire", "nic.lost"},
         1},
        {"vif_buffers",
         "copied, exchanged, or offered in vain",
         "answered buffers",
         {"vif.copied", "vif.exchanged", "vif.bad_buffers"},
         {"vif.buffers"},
         1},
        {"vif_responses",
         "taken from rings",
         "answered",
         {"vif.requests"},
         {"vif.responses"},
         CARD_PACKETS * 18},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct check *check = add(checks, rows[i].name, rows[i].left_name, rows[i].right_name);
        bool left = counted(account, rows[i].left, &check->left);

        check->made = counted(account, rows[i].right, &check->right) && left;
        check->in_flight = rows[i].in_flight * account->machine->config.processors;
    }
}

/* Front ends against the back end. What is in a domain's rings when it ends is never taken. */
static void check_fronts(struct checks *checks, const struct account *account)
{
    struct check *taken = add(checks, "vif_requests", "counted by the guests", "taken from rings");
    struct check *exchanged = add(checks, "vif_exchanged", "given to guests", "taken by them");
    uint64_t domains = 0;
    bool both = counter_value(&account->supervisor, "domains_created", &domains, NULL);

    taken->in_flight = exchanged->in_flight = domains * FRONT_PACKETS;
    taken->made = both &&
                  counted(account, (const char *const[]){"vif.requests", NULL}, &taken->right) &&
                  counted_by_guests(account, "net_requests", &taken->left);
    exchanged->made =
        both && counted(account, (const char *const[]){"vif.exchanged", NULL}, &exchanged->left) &&
        counted_by_guests(account, "net_exchanged", &exchanged->right);
}

void checks_make(struct checks *checks, const struct account *account, bool hypervisor)
{
    checks->count = 0;
    check_clock(checks, account);
    check_reasons(checks, account);
    if (!account->supervisor.present)
        return;
    check_supervisor(checks, account, "page_faults", delivered(account, 0, VECTOR_PF),
                     in_entry(account, REASON_VECTOR + 14, REASON_VECTOR + 14));
    if (disks_present(account->machine))
        check_disks(checks, account, hypervisor ? "disk.sectors" : "disk_sectors");
    if (!hypervisor)
        return;
    if (disks_present(account->machine))
        check_rings(checks, account);
    if (network_present(account->machine)) {
        check_card(checks, account);
        check_switch(checks, account);
        check_fronts(checks, account);
    }
    check_supervisor(checks, account, "hypercalls", delivered(account, 1, HYPERCALL_VECTOR),
                     in_entry(account, REASON_HYPERCALL, REASON_COUNT - 1));
    check_forwarded(checks, account);
}

bool check_holds(const struct check *check)
{
    return !check->made ||
           (check->left >= check->right && check->left - check->right <= check->in_flight);
}

const struct check *checks_failed(const struct checks *checks)
{
    for (unsigned i = 0; i < checks->count; i++)
        if (!check_holds(&checks->check[i]))
            return &checks->check[i];
    return NULL;
}
