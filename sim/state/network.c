/* SPDX-License-Identifier: GPL-2.0-only */
/* network.c - tables of the card and of wires, and the frames on them */
#include "sim/dev/nic/nic.h"
#include "sim/state/parts.h"

#include <stdlib.h>
#include <string.h>

/* ---- the card -------------------------------------------------------------------------------- */

#define SAVED_TYPE struct nic_delay
static const struct saved_field nic_delay_fields[] = {
    SAVED(delay), SAVED(absolute), SAVED_ARRAY(packet, event_table),
    SAVED_ARRAY(limit, event_table), SAVED(cause)};
SAVED_TABLE(nic_delay)
#undef SAVED_TYPE

#define SAVED_TYPE struct nic_ring
static const struct saved_field nic_ring_fields[] = {
    SAVED(base_low), SAVED(base_high), SAVED(bytes), SAVED(control), SAVED(head), SAVED(tail)};
SAVED_TABLE(nic_ring)
#undef SAVED_TYPE

#define SAVED_TYPE struct nic_context
static const struct saved_field nic_context_fields[] = {
    SAVED(ip_start), SAVED(ip_offset), SAVED(tu_start), SAVED(tu_offset), SAVED(header),
    SAVED(command),  SAVED(ip_end),    SAVED(tu_end),   SAVED(segment),   SAVED(payload)};
SAVED_TABLE(nic_context)
#undef SAVED_TYPE

#define SAVED_TYPE struct nic_transmit
static const struct saved_field nic_transmit_fields[] = {
    SAVED_ARRAY(ring, nic_ring_table),
    SAVED_ARRAY(checksum, nic_context_table),
    SAVED_ARRAY(segmentation, nic_context_table),
    SAVED_ARRAY(next, event_table),
    SAVED(frame),
    SAVED_UP_TO(bytes, uint32_t, NIC_PACKET_MAX),
    SAVED_FLAG(begun),
    SAVED_FLAG(broken),
    SAVED_FLAG(segments),
    SAVED(options),
};
SAVED_TABLE(nic_transmit)
#undef SAVED_TYPE

#define SAVED_TYPE struct nic_receive
static const struct saved_field nic_receive_fields[] = {
    SAVED_ARRAY(ring, nic_ring_table), SAVED(fifo), SAVED_UP_TO(used, uint32_t, NIC_FIFO_BYTES),
    SAVED_ARRAY(next, event_table)};
SAVED_TABLE(nic_receive)
#undef SAVED_TYPE

#define SAVED_TYPE struct nic_eeprom
static const struct saved_field nic_eeprom_fields[] = {SAVED(word), SAVED(lines), SAVED(in),
                                                       SAVED(bits), SAVED(control)};
SAVED_TABLE(nic_eeprom)
#undef SAVED_TYPE

#define SAVED_TYPE struct nic
static const struct saved_field nic_fields[] = {
    SAVED_ARRAY(function, pci_function_table),
    SAVED_NOT(world),
    SAVED_NOT(costs),
    SAVED_NOT(wire),
    SAVED_NOT(mac),
    SAVED(ctrl),
    SAVED(ctrl_ext),
    SAVED(mdic),
    SAVED(fc),
    SAVED(rctl),
    SAVED(tctl),
    SAVED(tipg),
    SAVED(pba),
    SAVED(rxcsum),
    SAVED(wuc),
    SAVED(led),
    SAVED(txdctl),
    SAVED(rxdctl),
    SAVED(icr),
    SAVED(ims),
    SAVED(itr),
    SAVED(phy),
    SAVED_ARRAY(eeprom, nic_eeprom_table),
    SAVED(address),
    SAVED(hash),
    SAVED(vlan),
    SAVED(statistics),
    SAVED(io_address),
    SAVED_FLAG(asserted),
    SAVED(asserted_at),
    SAVED_ARRAY(throttle, event_table),
    SAVED_ARRAY(receive_delay, nic_delay_table),
    SAVED_ARRAY(transmit_delay, nic_delay_table),
    SAVED_ARRAY(transmit, nic_transmit_table),
    SAVED_ARRAY(receive, nic_receive_table),
    SAVED(counts),
};
SAVED_TABLE(nic)
#undef SAVED_TYPE

/* ---- wires ----------------------------------------------------------------------------------- */

#define SAVED_TYPE struct link_end
static const struct saved_field link_end_fields[] = {
    SAVED_NOT(link),   SAVED_NOT(other), SAVED_NOT(receive), SAVED_NOT(owner),
    SAVED(free_at),    SAVED_NOT(first), SAVED_NOT(last),    SAVED_ARRAY(arrival, event_table),
    SAVED(frames),     SAVED(bytes),     SAVED(lost),        SAVED(faulty_lost),
    SAVED(faulty_late)};
SAVED_TABLE(link_end)
#undef SAVED_TYPE

#define SAVED_TYPE struct link_faults
static const struct saved_field link_faults_fields[] = {SAVED_NOT(lost), SAVED_NOT(late),
                                                        SAVED(seed)};
SAVED_TABLE(link_faults)
#undef SAVED_TYPE

#define SAVED_TYPE struct link
static const struct saved_field link_fields[] = {SAVED_NOT(events),
                                                 SAVED_NOT(hz),
                                                 SAVED_NOT(rate),
                                                 SAVED_NOT(latency),
                                                 SAVED_ARRAY(faults, link_faults_table),
                                                 SAVED_NOT(tap),
                                                 SAVED_NOT(tap_owner),
                                                 SAVED_NOT(passed),
                                                 SAVED_NOT(passed_owner),
                                                 SAVED_ARRAY(end, link_end_table)};
SAVED_TABLE(link)
#undef SAVED_TYPE

const struct saved_table *const network_tables[] = {&nic_delay_table,
                                                    &nic_ring_table,
                                                    &nic_context_table,
                                                    &nic_transmit_table,
                                                    &nic_receive_table,
                                                    &nic_eeprom_table,
                                                    &nic_table,
                                                    &link_end_table,
                                                    &link_faults_table,
                                                    &link_table,
                                                    NULL};

static void frame_saved(struct link_end *end, struct link_frame **frame, struct saved *saved)
{
    uint64_t arrives = *frame ? (*frame)->arrives : 0, bytes = *frame ? (*frame)->bytes : 0;

    saved_number(saved, "arrives", &arrives, UINT64_MAX);
    saved_number(saved, "bytes", &bytes, LINK_FRAME_MAX);
    if (saved->loading && saved_good(saved)) {
        *frame = link_append(end, arrives, (uint32_t)bytes);
        if (!*frame)
            saved_refuse(saved, "the saved state is damaged: a frame has %u bytes",
                         (unsigned)bytes);
    }
    if (saved_good(saved))
        saved_move(saved, (*frame)->data, bytes);
}

static void frames_saved(struct link_end *end, struct saved *saved)
{
    uint64_t count = 0;
    struct link_frame *frame = end->first;

    for (const struct link_frame *at = end->first; !saved->loading && at; at = at->next)
        count++;
    saved_number(saved, "frames", &count, UINT32_MAX);
    if (saved->loading && saved_good(saved) && !count != !event_pending(&end->arrival))
        saved_refuse(saved, "the saved state is damaged: a frame on its way never arrives");
    for (; saved_good(saved) && count; count--) {
        frame_saved(end, &frame, saved);
        if (!saved->loading)
            frame = frame->next;
    }
}

/* Whether the frames that have come fill the card's memory as its count says. */
static bool fifo_good(const struct nic_receive *receive)
{
    uint32_t at = 0, bytes;

    while (at < receive->used) {
        if (receive->used - at < sizeof(bytes))
            return false;
        memcpy(&bytes, receive->fifo + at, sizeof(bytes));
        if (bytes < LINK_FRAME_MIN || bytes > LINK_FRAME_MAX ||
            bytes > receive->used - at - sizeof(bytes))
            return false;
        at += (uint32_t)sizeof(bytes) + bytes;
    }
    return true;
}

static void wire_saved(struct link *link, struct saved *saved)
{
    saved_struct(saved, &link_table, link);
    for (unsigned i = 0; i < 2; i++)
        frames_saved(&link->end[i], saved);
}

void network_saved(struct machine *machine, struct saved *saved)
{
    struct network *network = &machine->network;

    if (!network_present(machine))
        return;
    if (machine->config.network.peer == NETWORK_OUTSIDE)
        saved_refuse(saved, "the network is not simulated, and goes on meanwhile");
    saved_struct(saved, &nic_table, &network->nic);
    if (saved->loading && saved_good(saved) && !fifo_good(&network->nic.receive))
        saved_refuse(saved, "the saved state is damaged: frames in the card's memory are none");
    wire_saved(&network->link, saved);
    for (unsigned i = 0; i < machine->config.network.hosts; i++)
        wire_saved(&network->branch[i], saved);
    hosts_saved(machine, saved);
}

static void wire_events(struct link *link, event_visit *visit, void *context)
{
    for (unsigned i = 0; i < 2; i++)
        visit(context, &link->end[i].arrival);
}

void network_events(struct machine *machine, event_visit *visit, void *context)
{
    struct network *network = &machine->network;
    struct nic *nic = &network->nic;

    visit(context, &nic->throttle);
    visit(context, &nic->receive_delay.packet);
    visit(context, &nic->receive_delay.limit);
    visit(context, &nic->transmit_delay.packet);
    visit(context, &nic->transmit_delay.limit);
    visit(context, &nic->transmit.next);
    visit(context, &nic->receive.next);
    wire_events(&network->link, visit, context);
    for (unsigned i = 0; i < machine->config.network.hosts; i++)
        wire_events(&network->branch[i], visit, context);
    hosts_events(machine, visit, context);
}
