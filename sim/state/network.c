/* SPDX-License-Identifier: GPL-2.0-only */
/* network.c - tables of the card, the wire and the host at its other end */
#include "sim/dev/nic/nic.h"
#include "sim/net/host.h"
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

/* ---- the wire and its end -------------------------------------------------------------------- */

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

#define SAVED_TYPE struct net_host
static const struct saved_field net_host_fields[] = {
    SAVED_NOT(wire),
    SAVED_NOT(mac),
    SAVED_NOT(ip),
    SAVED_NOT(thinks),
    SAVED_ARRAY(answer, event_table),
    SAVED_NOT(first), /* answers follow */
    SAVED_NOT(last),
    SAVED_NOT(count),
    SAVED(answered),
    SAVED(ignored),
    SAVED(lost),
    SAVED(neighbour),
    SAVED_UP_TO(neighbours, unsigned, HOST_NEIGHBOURS),
    SAVED_NOT(connections), /* a host that has any is not saved */
    SAVED_NOT(open),
    SAVED(next_port),
    SAVED(sequence),
    SAVED_NOT(bucket),
    SAVED_NOT(now),
    SAVED(accepted),
    SAVED(segments),
    SAVED(bytes_in),
    SAVED(bytes_out),
};
SAVED_TABLE(net_host)
#undef SAVED_TYPE

const struct saved_table *const network_tables[] = {
    &nic_delay_table,   &nic_ring_table,   &nic_context_table, &nic_transmit_table,
    &nic_receive_table, &nic_eeprom_table, &nic_table,         &link_end_table,
    &link_faults_table, &link_table,       &net_host_table,    NULL};

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

static void answer_saved(struct net_host *host, struct net_answer **answer, struct saved *saved)
{
    uint64_t when = *answer ? (*answer)->when : 0, bytes = *answer ? (*answer)->bytes : 0;

    saved_number(saved, "when", &when, UINT64_MAX);
    saved_number(saved, "bytes", &bytes, LINK_FRAME_MAX);
    if (saved->loading && saved_good(saved)) {
        *answer = net_host_append(host, when, (uint32_t)bytes);
        if (!*answer)
            saved_refuse(saved, "no memory for a frame");
    }
    if (saved_good(saved))
        saved_move(saved, (*answer)->frame, bytes);
}

static void answers_saved(struct net_host *host, struct saved *saved)
{
    uint64_t count = host->count;
    struct net_answer *answer = host->first;

    saved_number(saved, "answers", &count, HOST_QUEUE);
    if (saved->loading && saved_good(saved) && !count != !event_pending(&host->answer))
        saved_refuse(saved, "the saved state is damaged: an answer is never sent");
    for (; saved_good(saved) && count; count--) {
        answer_saved(host, &answer, saved);
        if (!saved->loading)
            answer = answer->next;
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

void network_saved(struct machine *machine, struct saved *saved)
{
    struct network *network = &machine->network;

    if (!network_present(machine))
        return;
    if (machine->config.network.clients || machine->config.network.loads ||
        network->host[0].connections)
        saved_refuse(saved, "the host at the wire's other end has TCP connections, of which no "
                            "table says what is saved");
    if (machine->config.network.peer == NETWORK_OUTSIDE)
        saved_refuse(saved, "the network is not simulated, and goes on meanwhile");
    if (machine->config.network.hosts)
        saved_refuse(saved, "there is a switch with hosts, of which no table says what is saved");
    saved_struct(saved, &nic_table, &network->nic);
    if (saved->loading && saved_good(saved) && !fifo_good(&network->nic.receive))
        saved_refuse(saved, "the saved state is damaged: frames in the card's memory are none");
    saved_struct(saved, &link_table, &network->link);
    for (unsigned i = 0; i < 2; i++)
        frames_saved(&network->link.end[i], saved);
    saved_struct(saved, &net_host_table, &network->host[0]);
    answers_saved(&network->host[0], saved);
}
