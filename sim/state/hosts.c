/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hosts.c - a switch, hosts, their connections, and the clients and users on these
 *
 * A connection's rings are 256 kB, of which little is in use: what was written and is not
 * acknowledged, what has come and is not read, and pieces that came early. These bytes are saved
 * where they are. What is read decides which bytes of a ring are sent and where others are put, so
 * its numbers are looked at before any byte is.
 */
#include "sim/net/host_tcp.h"
#include "sim/state/parts.h"

#include <stdlib.h>

/* ---- tables ---------------------------------------------------------------------------------- */

#define SAVED_TYPE struct switch_port
static const struct saved_field switch_port_fields[] = {
    SAVED_NOT(owner), SAVED_NOT(wire), SAVED(forwarded), SAVED(flooded), SAVED(lost)};
SAVED_TABLE(switch_port)
#undef SAVED_TYPE

#define SAVED_TYPE struct net_switch
static const struct saved_field net_switch_fields[] = {
    SAVED_ARRAY(port, switch_port_table), SAVED_NOT(ports), SAVED_NOT(queue), SAVED(address),
    SAVED_UP_TO(addresses, unsigned, SWITCH_ADDRESSES)};
SAVED_TABLE(net_switch)
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
    SAVED_NOT(connections), /* and these */
    SAVED_NOT(bucket),
    SAVED_NOT(open),
    SAVED(next_port),
    SAVED(sequence),
    SAVED_NOT(now),
    SAVED(accepted),
    SAVED(segments),
    SAVED(bytes_in),
    SAVED(bytes_out),
};
SAVED_TABLE(net_host)
#undef SAVED_TYPE

#define SAVED_TYPE struct tcp
static const struct saved_field tcp_fields[] = {
    SAVED_UP_TO(state, enum tcp_state, TCP_TIME_WAIT),
    SAVED(error),
    SAVED_NOT(send),
    SAVED_UP_TO(mss, uint16_t, HOST_SEGMENT_BYTES),
    SAVED_UP_TO(announced_mss, uint16_t, HOST_SEGMENT_BYTES),
    SAVED_FLAG(no_delay),
    SAVED_FLAG(cork),
    SAVED(now),
    SAVED_NOT(out),
    SAVED_NOT(out_size),
    SAVED_UP_TO(out_first, uint32_t, TCP_RING_LIMIT - 1),
    SAVED_UP_TO(out_bytes, uint32_t, TCP_RING_LIMIT),
    SAVED(iss),
    SAVED(snd_una),
    SAVED(snd_nxt),
    SAVED(snd_max),
    SAVED(snd_wnd),
    SAVED(snd_wl1),
    SAVED(snd_wl2),
    SAVED_UP_TO(snd_scale, uint8_t, 14),
    SAVED_FLAG(finish),
    SAVED_NOT(in),
    SAVED_NOT(in_size),
    SAVED_UP_TO(in_first, uint32_t, TCP_RING_LIMIT - 1),
    SAVED_UP_TO(in_bytes, uint32_t, TCP_RING_LIMIT),
    SAVED(in_taken),
    SAVED(rcv_nxt),
    SAVED(rcv_adv),
    SAVED(rcv_acked),
    SAVED(rcv_mss),
    SAVED(quick),
    SAVED_UP_TO(rcv_scale, uint8_t, 14),
    SAVED_FLAG(stamps),
    SAVED(ts_recent),
    SAVED(range),
    SAVED_FLAG(finish_known),
    SAVED_FLAG(finished),
    SAVED(finish_sequence),
    SAVED(resend_at),
    SAVED(end_at),
    SAVED(ack_at),
    SAVED(cork_at),
    SAVED(rto),
    SAVED(srtt),
    SAVED(rttvar),
    SAVED(attempts),
    SAVED_FLAG(timing),
    SAVED(timed_sequence),
    SAVED(timed_at),
    SAVED(cwnd),
    SAVED(ssthresh),
    SAVED(dup_acks),
    SAVED(recover),
    SAVED_FLAG(recovering),
};
SAVED_TABLE(tcp)
#undef SAVED_TYPE

#define SAVED_TYPE struct host_connection
static const struct saved_field host_connection_fields[] = {
    SAVED_NOT(next),
    SAVED_NOT(chain),
    SAVED_ARRAY(tcp, tcp_table),
    SAVED_ARRAY(tick, event_table),
    SAVED_NOT(host),
    SAVED_NOT(remote), /* before all others, as these name it */
    SAVED_NOT(local_port),
    SAVED_NOT(remote_port),
    SAVED_NOT(rings), /* what is in use of them follows, and whose it is */
    SAVED_NOT(serve),
    SAVED_NOT(ended),
    SAVED_NOT(owner),
    SAVED(written),
};
SAVED_TABLE(host_connection)
#undef SAVED_TYPE

#define SAVED_TYPE struct client_request
static const struct saved_field client_request_fields[] = {
    SAVED_NOT(client),  SAVED(began),
    SAVED_FLAG(sent),   SAVED_FLAG(in_body),
    SAVED_FLAG(judged), SAVED_FLAG(differs),
    SAVED(head),        SAVED_UP_TO(head_bytes, size_t, CLIENT_HEAD_MAX),
    SAVED(length),      SAVED_UP_TO(got, size_t, SIZE_MAX / 2)};
SAVED_TABLE(client_request)
#undef SAVED_TYPE

#define SAVED_TYPE struct client
static const struct saved_field client_fields[] = {
    SAVED_NOT(order), SAVED_NOT(host), SAVED_ARRAY(next, event_table),
    SAVED(begun),     SAVED(right),    SAVED(wrong),
    SAVED(failed),    SAVED(bytes),    SAVED(waited),
    SAVED(waited_max)};
SAVED_TABLE(client)
#undef SAVED_TYPE

#define SAVED_TYPE struct web99_file
static const struct saved_field web99_file_fields[] = {
    SAVED_UP_TO(directory, unsigned, WEB99_DIRECTORIES - 1),
    SAVED_UP_TO(class, unsigned, WEB99_CLASSES - 1),
    SAVED_UP_TO(number, unsigned, WEB99_FILES - 1)};
SAVED_TABLE(web99_file)
#undef SAVED_TYPE

#define SAVED_TYPE struct web99_request
static const struct saved_field web99_request_fields[] = {
    SAVED_UP_TO(kind, enum web99_kind, WEB99_KINDS - 1), SAVED_ARRAY(file, web99_file_table),
    SAVED(user), SAVED(last_ad)};
SAVED_TABLE(web99_request)
#undef SAVED_TYPE

#define SAVED_TYPE struct web99_mix
static const struct saved_field web99_mix_fields[] = {SAVED(seed), SAVED_NOT(directories),
                                                      SAVED_NOT(directory), SAVED_NOT(file)};
SAVED_TABLE(web99_mix)
#undef SAVED_TYPE

#define SAVED_TYPE struct load_user
static const struct saved_field load_user_fields[] = {
    SAVED_NOT(load),
    SAVED_ARRAY(wake, event_table),
    SAVED_NOT(connection), /* which names its user */
    SAVED_NOT(number),
    SAVED(left),
    SAVED(began),
    SAVED_ARRAY(request, web99_request_table),
    SAVED_FLAG(sent),
    SAVED_FLAG(in_body),
    SAVED_FLAG(differs),
    SAVED(head),
    SAVED_UP_TO(head_bytes, uint32_t, LOAD_HEAD_MAX),
    SAVED(length),
    SAVED_UP_TO(got, uint32_t, INT32_MAX),
    SAVED(ended),
    SAVED(errors),
    SAVED(bytes),
    SAVED(time),
};
SAVED_TABLE(load_user)
#undef SAVED_TYPE

#define SAVED_TYPE struct load
static const struct saved_field load_fields[] = {
    SAVED_NOT(order),
    SAVED_NOT(host),
    SAVED_NOT(user), /* they follow */
    SAVED_ARRAY(mix, web99_mix_table),
    SAVED_ARRAY(finish, event_table),
    SAVED_NOT(warm_end),
    SAVED_NOT(end),
    SAVED(requests),
    SAVED(right),
    SAVED(wrong),
    SAVED(failed),
    SAVED(bytes),
    SAVED(waited),
    SAVED(waited_max),
    SAVED(kinds),
};
SAVED_TABLE(load)
#undef SAVED_TYPE

const struct saved_table *const hosts_tables[] = {&switch_port_table,
                                                  &net_switch_table,
                                                  &net_host_table,
                                                  &tcp_table,
                                                  &host_connection_table,
                                                  &client_table,
                                                  &web99_file_table,
                                                  &client_request_table,
                                                  &web99_request_table,
                                                  &web99_mix_table,
                                                  &load_user_table,
                                                  &load_table,
                                                  NULL};

/* ---- answers that wait to be sent ------------------------------------------------------------ */

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

/* ---- connections ----------------------------------------------------------------------------- */

/* Whether what is to be sent, what has come and what came early lie in their rings; the numbers
 * that SYN and FIN have are not among the bytes. */
static bool tcp_good(const struct tcp *tcp)
{
    uint32_t room = tcp->in_size - tcp->in_bytes;
    bool good = tcp->mss && tcp->announced_mss && (tcp->cwnd || tcp->state < TCP_ESTABLISHED) &&
                tcp->snd_max - tcp->snd_una <= tcp->out_bytes + 2 &&
                tcp->snd_nxt - tcp->snd_una <= tcp->snd_max - tcp->snd_una;

    for (unsigned i = 0; i < TCP_RANGES; i++) {
        uint32_t start = tcp->range[i].start - tcp->rcv_nxt, end = tcp->range[i].end - tcp->rcv_nxt;

        good = good && (tcp->range[i].start == tcp->range[i].end || (start < end && end <= room));
    }
    return good;
}

/* Bytes of a ring of the limit's size, from `first` on, around its end. */
static void ring_saved(struct saved *saved, uint8_t *ring, uint32_t first, uint32_t bytes)
{
    uint32_t at = first % TCP_RING_LIMIT, left = TCP_RING_LIMIT - at;

    saved_move(saved, ring + at, bytes < left ? bytes : left);
    if (bytes > left)
        saved_move(saved, ring, bytes - left);
}

static void rings_saved(struct tcp *tcp, struct saved *saved)
{
    uint32_t next = tcp->in_first + tcp->in_bytes;

    ring_saved(saved, tcp->out, tcp->out_first, tcp->out_bytes);
    ring_saved(saved, tcp->in, tcp->in_first, tcp->in_bytes);
    for (unsigned i = 0; i < TCP_RANGES; i++)
        ring_saved(saved, tcp->in, next + (tcp->range[i].start - tcp->rcv_nxt),
                   tcp->range[i].end - tcp->range[i].start);
}

/* Whose a connection is. Behind the services come a client's, with its request, a user's, and one
 * that a user has left. */
enum { OF_CLIENT = HOST_SERVICES, OF_USER, OF_NOBODY };

struct owner {
    uint64_t kind, which, user;
};

static struct owner owner_of(const struct network *network, const struct host_connection *c)
{
    const struct client_request *request = client_request_of(c);
    const struct load_user *user = load_has(c) ? c->owner : NULL;

    if (request)
        return (struct owner){OF_CLIENT, (uint64_t)(request->client - network->client), 0};
    if (user)
        return (struct owner){OF_USER, (uint64_t)(user->load - network->load), user->number};
    return (struct owner){load_has(c) ? OF_NOBODY : host_tcp_service(c), 0, 0};
}

static void request_loaded(struct client *client, struct host_connection *c, struct saved *saved)
{
    struct client_request *request = calloc(1, sizeof(*request));

    if (!request) {
        saved_refuse(saved, "no memory for a request");
        return;
    }
    saved_struct(saved, &client_request_table, request);
    request->head[CLIENT_HEAD_MAX] = '\0';
    request->client = client;
    if (saved_good(saved))
        client_resume(request, c);
    else
        free(request);
}

static void owner_loaded(struct machine *machine, struct host_connection *c, struct owner owner,
                         struct saved *saved)
{
    const struct network_config *config = &machine->config.network;
    struct network *network = &machine->network;
    struct load_user *user = NULL;

    if (owner.kind < HOST_SERVICES) {
        host_tcp_set_service(c, (unsigned)owner.kind);
    } else if (owner.kind == OF_CLIENT && owner.which < config->clients) {
        request_loaded(&network->client[owner.which], c, saved);
    } else if (owner.kind == OF_NOBODY) {
        load_resume(NULL, c);
    } else if (owner.kind == OF_USER && owner.which < config->loads &&
               owner.user < config->load[owner.which].connections &&
               network->load[owner.which].host == c->host) {
        user = &network->load[owner.which].user[owner.user];
        if (user->connection)
            saved_refuse(saved, "the saved state is damaged: a user has two connections");
        else
            load_resume(user, c);
    } else {
        saved_refuse(saved, "the saved state is damaged: a connection is nobody's");
    }
}

static void connection_saved(struct machine *machine, struct net_host *host,
                             struct host_connection *c, struct saved *saved)
{
    uint64_t remote = c ? c->remote : 0, local_port = c ? c->local_port : 0,
             remote_port = c ? c->remote_port : 0;
    struct owner owner = c ? owner_of(&machine->network, c) : (struct owner){0, 0, 0};

    saved_number(saved, "remote", &remote, UINT32_MAX);
    saved_number(saved, "local_port", &local_port, UINT16_MAX);
    saved_number(saved, "remote_port", &remote_port, UINT16_MAX);
    if (saved->loading && saved_good(saved)) {
        c = host_tcp_append(host, (uint32_t)remote, (uint16_t)remote_port, (uint16_t)local_port);
        if (!c)
            saved_refuse(saved, "the saved state is damaged: a connection cannot be");
    }
    if (!c || !saved_good(saved))
        return;
    saved_struct(saved, &host_connection_table, c);
    if (saved->loading && saved_good(saved) && !tcp_good(&c->tcp))
        saved_refuse(saved, "the saved state is damaged: a connection's numbers do not fit");
    if (saved_good(saved))
        rings_saved(&c->tcp, saved);
    saved_number(saved, "owner's kind", &owner.kind, OF_NOBODY);
    saved_number(saved, "owner", &owner.which, UINT32_MAX);
    saved_number(saved, "user", &owner.user, UINT32_MAX);
    if (saved_good(saved) && saved->loading)
        owner_loaded(machine, c, owner, saved);
    else if (saved_good(saved) && owner.kind == OF_CLIENT)
        saved_struct(saved, &client_request_table, c->owner);
}

static void connections_saved(struct machine *machine, struct net_host *host, struct saved *saved)
{
    struct host_connection *c = host->connections;
    uint64_t count = host->open;

    saved_number(saved, "connections", &count, HOST_CONNECTIONS);
    for (; saved_good(saved) && count; count--) {
        connection_saved(machine, host, saved->loading ? NULL : c, saved);
        if (!saved->loading)
            c = c->next;
    }
}

/* ---- all of them ----------------------------------------------------------------------------- */

static void load_saved(struct load *load, struct saved *saved)
{
    if (!load->user) {
        saved_refuse(saved, "there was no memory for the users of a load");
        return;
    }
    saved_struct(saved, &load_table, load);
    for (unsigned i = 0; i < load->order->connections; i++) {
        saved_struct(saved, &load_user_table, &load->user[i]);
        load->user[i].head[LOAD_HEAD_MAX] = '\0';
    }
}

void hosts_saved(struct machine *machine, struct saved *saved)
{
    const struct network_config *config = &machine->config.network;
    struct network *network = &machine->network;

    if (config->hosts)
        saved_struct(saved, &net_switch_table, &network->net_switch);
    for (unsigned i = 0; i < config->clients; i++)
        saved_struct(saved, &client_table, &network->client[i]);
    for (unsigned i = 0; i < config->loads; i++)
        load_saved(&network->load[i], saved);
    for (unsigned i = 0; i < network_hosts(machine); i++) {
        saved_struct(saved, &net_host_table, &network->host[i]);
        answers_saved(&network->host[i], saved);
        connections_saved(machine, &network->host[i], saved);
    }
}

static void load_events(struct load *load, event_visit *visit, void *context)
{
    visit(context, &load->finish);
    for (unsigned i = 0; load->user && i < load->order->connections; i++)
        visit(context, &load->user[i].wake);
}

void hosts_events(struct machine *machine, event_visit *visit, void *context)
{
    const struct network_config *config = &machine->config.network;
    struct network *network = &machine->network;

    for (unsigned i = 0; i < config->clients; i++)
        visit(context, &network->client[i].next);
    for (unsigned i = 0; i < config->loads; i++)
        load_events(&network->load[i], visit, context);
    for (unsigned i = 0; i < HOSTS_MAX; i++) {
        visit(context, &network->host[i].answer);
        for (struct host_connection *c = network->host[i].connections; c; c = c->next)
            visit(context, &c->tick);
    }
}
