/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest kernel's TCP between two ends on a network that loses, reorders and repeats segments,
 * with a clock of its own. Every run is a function of its seed.
 */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "guestos/kernel/errno.h"
#include "guestos/net/tcp/tcp.h"
#include "tests/unit/guestos_support.h"

#define A           0x7f000001u
#define B           0x7f000002u
#define MILLISECOND 1000000ull
#define WIRE        512
#define BULK        200000u

struct flight {
    uint64_t at; /* arrival; 0: none */
    int to;
    uint32_t bytes;
    uint8_t packet[2000];
};

struct end {
    struct tcp tcp;
    uint8_t out[TCP_RING], in[TCP_RING];
    uint32_t segments;
};

struct network {
    struct end end[2];
    struct flight wire[WIRE];
    uint64_t now;
    uint32_t seed, loss, reorder, repeat; /* per 1000 */
    int lose_next;                        /* this many, whatever they are */
    bool accepts;
};

static struct network *net;

static uint32_t chance(void)
{
    net->seed = net->seed * 1664525 + 1013904223;
    return (net->seed >> 8) % 1000;
}

static void put_on_wire(int to, const uint8_t *packet, uint32_t bytes)
{
    for (int i = 0; i < WIRE; i++) {
        struct flight *f = &net->wire[i];

        if (f->at)
            continue;
        f->at = net->now + MILLISECOND * (chance() < net->reorder ? 1 + chance() % 9 : 1);
        f->to = to;
        f->bytes = bytes;
        memcpy(f->packet, packet, bytes);
        return;
    }
}

static void send(struct tcp *tcp, const struct tcp_segment *segment)
{
    int me = tcp == &net->end[1].tcp;
    uint8_t packet[2000];
    uint32_t bytes = tcp_encode(segment, me ? B : A, me ? A : B, 1, 2, packet);

    net->end[me].segments++;
    if (net->lose_next > 0) {
        net->lose_next--;
        return;
    }
    if (chance() < net->loss)
        return;
    put_on_wire(!me, packet, bytes);
    if (chance() < net->repeat)
        put_on_wire(!me, packet, bytes);
}

static void arrive(struct flight *f)
{
    struct tcp_segment segment;
    struct tcp *tcp = &net->end[f->to].tcp;
    uint8_t packet[2000];

    memcpy(packet, f->packet, f->bytes);
    cr_assert(tcp_decode(&segment, f->to ? A : B, f->to ? B : A, packet, f->bytes));
    f->at = 0;
    if (tcp->state == TCP_CLOSED && f->to && net->accepts && segment.flags == TCP_SYN) {
        net->accepts = false;
        tcp_accept(tcp, &segment, 0xfffffff0, net->now); /* numbers wrap soon */
    } else {
        tcp_input(tcp, &segment, net->now);
    }
}

/* The next thing that happens; false: nothing ever will. */
static bool step(void)
{
    uint64_t next = TCP_NEVER;
    struct flight *first = NULL;

    for (int i = 0; i < WIRE; i++)
        if (net->wire[i].at && net->wire[i].at < next) {
            first = &net->wire[i];
            next = first->at;
        }
    for (int i = 0; i < 2; i++) {
        struct tcp *tcp = &net->end[i].tcp;

        if (tcp->state != TCP_CLOSED && tcp_deadline(tcp) < next) {
            first = NULL;
            next = tcp_deadline(tcp);
        }
    }
    if (next == TCP_NEVER)
        return false;
    net->now = next;
    if (first)
        arrive(first);
    else
        for (int i = 0; i < 2; i++)
            if (net->end[i].tcp.state != TCP_CLOSED)
                tcp_tick(&net->end[i].tcp, next);
    return true;
}

static void setup(void)
{
    net = calloc(1, sizeof(*net));
    net->now = 1;
    net->seed = 1;
    net->accepts = true;
    for (int i = 0; i < 2; i++) {
        net->end[i].tcp.out = net->end[i].out;
        net->end[i].tcp.in = net->end[i].in;
        net->end[i].tcp.send = send;
        net->end[i].tcp.announced_mss = 1460;
    }
}

static void teardown(void)
{
    free(net);
}

static void open_both(void)
{
    tcp_connect(&net->end[0].tcp, 1000, net->now);
    for (int i = 0; i < 100 && net->end[1].tcp.state != TCP_ESTABLISHED; i++)
        cr_assert(step());
    cr_assert_eq(net->end[0].tcp.state, TCP_ESTABLISHED);
    cr_assert_eq(net->end[1].tcp.state, TCP_ESTABLISHED);
}

static uint8_t pattern(uint32_t i)
{
    return (uint8_t)(i * 31 + (i >> 8) * 7 + (i >> 16));
}

/* `bytes` from one end to the other, read in pieces of `piece`. */
static void transfer(int from, uint32_t bytes, uint32_t piece)
{
    struct tcp *sender = &net->end[from].tcp, *receiver = &net->end[!from].tcp;
    uint32_t written = 0, got = 0;

    for (int steps = 0; got < bytes; steps++) {
        uint8_t buffer[TCP_RING];
        uint32_t n = MIN(bytes - written, tcp_room(sender));

        for (uint32_t i = 0; i < n; i++)
            buffer[i] = pattern(written + i);
        if (n)
            written += tcp_write(sender, buffer, n, net->now);
        n = tcp_read(receiver, buffer, piece, false);
        for (uint32_t i = 0; i < n; i++)
            cr_assert_eq(buffer[i], pattern(got + i), "byte %u is wrong", got + i);
        got += n;
        if (!n)
            cr_assert(step(), "it stands still at byte %u", got);
        cr_assert_lt(steps, 2000000);
    }
}

static void close_both(void)
{
    struct tcp *a = &net->end[0].tcp, *b = &net->end[1].tcp;

    tcp_finish(a, net->now);
    for (int i = 0; i < 1000 && !b->finished; i++)
        cr_assert(step());
    cr_assert(b->state == TCP_CLOSE_WAIT, "state %d", b->state);
    tcp_finish(b, net->now);
    for (int i = 0; i < 1000 && b->state != TCP_CLOSED; i++)
        cr_assert(step());
    cr_assert_eq(b->error, 0);
    cr_assert_eq(a->state, TCP_TIME_WAIT);
    uint64_t began = net->now;
    while (step())
        ;
    cr_assert_eq(a->state, TCP_CLOSED);
    cr_assert_eq(a->error, 0);
    cr_assert_geq(net->now - began + 20 * 60000 * MILLISECOND, TCP_2MSL);
}

TestSuite(guestos_net_tcp, .init = setup, .fini = teardown, .timeout = 30);

Test(guestos_net_tcp, a_life_without_trouble)
{
    open_both();
    cr_assert_eq(net->end[0].tcp.mss, 1460);
    transfer(0, BULK, TCP_RING);
    transfer(1, BULK, 100);
    cr_assert_lt(net->end[0].segments + net->end[1].segments, 12000);
    close_both();
}

Test(guestos_net_tcp, bad_networks)
{
    static const struct {
        uint32_t loss, reorder, repeat;
        const char *what;
    } cases[] = {
        {50, 0, 0, "5 % lost"},    {200, 0, 0, "20 % lost"},     {0, 500, 0, "half reordered"},
        {0, 0, 300, "30 % twice"}, {100, 300, 100, "all of it"},
    };

    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++)
        for (uint32_t seed = 1; seed <= 20; seed++) {
            teardown();
            setup();
            open_both();
            net->seed = seed;
            net->loss = cases[i].loss;
            net->reorder = cases[i].reorder;
            net->repeat = cases[i].repeat;
            transfer(0, BULK / 4, TCP_RING);
            transfer(1, BULK / 8, 700);
            net->loss = 0;
            close_both();
        }
}

Test(guestos_net_tcp, lost_handshakes_are_repeated)
{
    net->lose_next = 3; /* SYN, SYN again, and the answer to the third or its like */
    open_both();
    cr_assert_geq(net->now, 3000 * MILLISECOND); /* 1 s, then 2 s (RFC 6298) */
    transfer(0, 5000, 5000);
}

Test(guestos_net_tcp, a_lost_segment_is_resent_without_waiting_for_the_timer)
{
    open_both();
    transfer(0, 50000, TCP_RING); /* opens the congestion window */
    uint64_t began = net->now;
    net->lose_next = 1;
    transfer(0, 16000, TCP_RING);
    cr_assert_lt(net->now - began, 100 * MILLISECOND);
}

Test(guestos_net_tcp, a_shut_window_is_probed_and_opens)
{
    struct tcp *a = &net->end[0].tcp, *b = &net->end[1].tcp;
    static uint8_t data[TCP_RING], buffer[TCP_RING];

    open_both();
    cr_assert_eq(tcp_write(a, data, TCP_RING, net->now), TCP_RING);
    for (int i = 0; i < 200 && b->in_bytes < TCP_RING; i++)
        step();
    cr_assert_eq(b->in_bytes, TCP_RING);
    tcp_write(a, data, 100, net->now);
    for (int i = 0; i < 20; i++) /* probes, however long it takes */
        step();
    cr_assert_eq(a->snd_wnd, 0);
    cr_assert_eq(a->state, TCP_ESTABLISHED);
    net->lose_next = 1; /* the announcement of the open window */
    cr_assert_eq(tcp_read(b, buffer, TCP_RING, false), TCP_RING);
    for (int i = 0; i < 20 && b->in_bytes < 100; i++)
        step();
    cr_assert_eq(b->in_bytes, 100);
}

Test(guestos_net_tcp, a_silent_end_is_given_up)
{
    struct tcp *a = &net->end[0].tcp;

    open_both();
    net->loss = 1000;
    tcp_write(a, "x", 1, net->now);
    uint64_t began = net->now;
    while (a->state != TCP_CLOSED && step())
        ;
    cr_assert_eq(a->error, ETIMEDOUT);
    cr_assert_geq(net->now - began, 50000 * MILLISECOND);
}

Test(guestos_net_tcp, pieces_in_any_order_and_overlapping)
{
    static const char text[] = "abcdefghijklmnopqrstuvwxyz";
    static const struct {
        struct {
            uint32_t from, bytes;
        } piece[7];
        uint32_t readable, ranges;
    } cases[] = {
        {{{0, 4}, {2, 6}}, 8, 0},                                     /* overlaps what was read */
        {{{0, 8}, {2, 3}}, 8, 0},                                     /* nothing new */
        {{{4, 4}, {0, 4}}, 8, 0},                                     /* the wrong way round */
        {{{4, 4}, {12, 2}, {7, 6}, {0, 5}}, 14, 0},                   /* joined by a third */
        {{{2, 1}, {5, 1}, {8, 1}, {11, 1}}, 0, 4},                    /* as many as are kept */
        {{{2, 1}, {5, 1}, {8, 1}, {11, 1}, {14, 1}, {0, 15}}, 15, 0}, /* one more is dropped */
        {{{10, 5}, {0, 2}}, 2, 1},
    };

    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        teardown();
        setup();
        open_both();
        struct tcp *a = &net->end[0].tcp;
        uint32_t start = a->rcv_nxt, ranges = 0;
        char buffer[30];
        for (int p = 0; p < 7 && cases[i].piece[p].bytes; p++) {
            struct tcp_segment s = {.seq = start + cases[i].piece[p].from,
                                    .ack = a->snd_una,
                                    .wnd = 1000,
                                    .flags = TCP_ACK,
                                    .data = (const uint8_t *)text + cases[i].piece[p].from,
                                    .bytes = cases[i].piece[p].bytes};

            tcp_input(a, &s, net->now);
        }
        for (int r = 0; r < TCP_RANGES; r++)
            ranges += a->range[r].start != a->range[r].end;
        cr_expect_eq(tcp_read(a, buffer, sizeof(buffer), false), cases[i].readable, "case %u", i);
        cr_expect_eq(memcmp(buffer, text, cases[i].readable), 0, "case %u", i);
        cr_expect_eq(ranges, cases[i].ranges, "case %u", i);
    }
}

Test(guestos_net_tcp, resets)
{
    struct tcp *a = &net->end[0].tcp, *b = &net->end[1].tcp;

    open_both();
    struct tcp_segment wrong = {.seq = b->rcv_nxt + 5, .flags = TCP_RST};
    tcp_input(b, &wrong, net->now);
    cr_assert_eq(b->state, TCP_ESTABLISHED, "a guessed reset is believed");
    tcp_abort(a);
    while (b->state != TCP_CLOSED && step())
        ;
    cr_assert_eq(b->error, ECONNRESET);
}

Test(guestos_net_tcp, refusal)
{
    struct tcp *a = &net->end[0].tcp;
    struct tcp_segment syn = {.seq = 1000, .flags = TCP_SYN}, answer;

    tcp_connect(a, 1000, net->now);
    cr_assert(tcp_refusal(&answer, &syn));
    struct tcp_segment stale = {.flags = TCP_RST | TCP_ACK, .ack = 999};
    tcp_input(a, &stale, net->now);
    cr_assert_eq(a->state, TCP_SYN_SENT);
    tcp_input(a, &answer, net->now);
    cr_assert_eq(a->error, ECONNREFUSED);
    cr_assert_not(tcp_refusal(&syn, &answer), "a reset is answered");
}

Test(guestos_net_tcp, both_open_at_once)
{
    net->accepts = false;
    tcp_connect(&net->end[0].tcp, 1000, net->now);
    tcp_connect(&net->end[1].tcp, 2000, net->now);
    for (int i = 0; i < 20 && net->end[0].tcp.state + net->end[1].tcp.state != 2 * TCP_ESTABLISHED;
         i++)
        step();
    cr_assert_eq(net->end[0].tcp.state, TCP_ESTABLISHED);
    cr_assert_eq(net->end[1].tcp.state, TCP_ESTABLISHED);
    transfer(0, 10000, 1000);
}

Test(guestos_net_tcp, both_close_at_once)
{
    struct tcp *a = &net->end[0].tcp, *b = &net->end[1].tcp;

    open_both();
    tcp_finish(a, net->now);
    tcp_finish(b, net->now);
    for (int i = 0; i < 4; i++)
        step();
    cr_assert_eq(a->state, TCP_TIME_WAIT);
    cr_assert_eq(b->state, TCP_TIME_WAIT);
}

Test(guestos_net_tcp, random_segments_break_nothing)
{
    open_both();
    struct tcp *a = &net->end[0].tcp;
    for (int i = 0; i < 200000; i++) {
        uint8_t data[64] = {0};
        struct tcp_segment s = {.seq = a->rcv_nxt + chance() * 40 - 20000,
                                .ack = a->snd_una + chance() % 50 - 25,
                                .wnd = (uint16_t)(chance() * 60),
                                .flags = (uint8_t)(chance() & (TCP_FIN | TCP_ACK | TCP_PSH)),
                                .data = data,
                                .bytes = chance() % sizeof(data)};

        if (chance() < 100)
            tcp_write(a, data, chance() % 64, net->now);
        tcp_input(a, &s, net->now);
        cr_assert_leq(a->in_bytes, TCP_RING);
        cr_assert_leq(a->out_bytes, TCP_RING);
        cr_assert_leq(a->snd_max - a->snd_una, a->out_bytes + 1);
        memset(net->wire, 0, sizeof(net->wire));
        if (a->in_bytes > 8000)
            tcp_read(a, net->end[1].in, 8000, false);
    }
}

Test(guestos_net_tcp, broken_headers_are_dropped)
{
    uint8_t packet[200], copy[200];
    struct tcp_segment s = {.flags = TCP_SYN,
                            .mss = 1460,
                            .data = (const uint8_t *)"hello",
                            .bytes = 5},
                       seen;
    uint32_t bytes = tcp_encode(&s, A, B, 1, 2, packet);

    cr_assert(tcp_decode(&seen, A, B, packet, bytes));
    cr_assert_eq(seen.mss, 1460);
    cr_assert_eq(seen.bytes, 5);
    for (uint32_t bit = 0; bit < bytes * 8; bit++) {
        memcpy(copy, packet, bytes);
        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
        cr_expect_not(tcp_decode(&seen, A, B, copy, bytes), "bit %u", bit);
    }
    for (uint32_t cut = 0; cut < bytes; cut++)
        cr_expect_not(tcp_decode(&seen, A, B, packet, cut), "cut at %u", cut);
    cr_expect_not(tcp_decode(&seen, A, B + 1, packet, bytes), "another machine's");
}
