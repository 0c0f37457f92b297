/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest kernel's TCP on good networks and bad ones (guestos_tcp_lab.h). */
#include <criterion/criterion.h>

#include "guestos/kernel/errno.h"
#include "tests/unit/guestos_tcp_lab.h"

TestSuite(guestos_net_tcp, .init = tcp_lab_open, .fini = tcp_lab_close, .timeout = 30);

Test(guestos_net_tcp, a_life_without_trouble)
{
    tcp_lab_connect();
    cr_assert_eq(tcp_lab->end[0].tcp.mss, 1448); /* less a timestamp */
    tcp_lab_transfer(0, BULK, TCP_RING);
    tcp_lab_transfer(1, BULK, 100);
    cr_assert_lt(tcp_lab->end[0].segments + tcp_lab->end[1].segments, 12000);
    tcp_lab_finish();
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
            tcp_lab_close();
            tcp_lab_open();
            tcp_lab_connect();
            tcp_lab->seed = seed;
            tcp_lab->loss = cases[i].loss;
            tcp_lab->reorder = cases[i].reorder;
            tcp_lab->repeat = cases[i].repeat;
            tcp_lab_transfer(0, BULK / 4, TCP_RING);
            tcp_lab_transfer(1, BULK / 8, 700);
            tcp_lab->loss = 0;
            tcp_lab_finish();
        }
}

Test(guestos_net_tcp, lost_handshakes_are_repeated)
{
    tcp_lab->lose_next = 3; /* SYN, SYN again, and the answer to the third or its like */
    tcp_lab_connect();
    cr_assert_geq(tcp_lab->now, 3000 * MILLISECOND); /* 1 s, then 2 s (RFC 6298) */
    tcp_lab_transfer(0, 5000, 5000);
}

Test(guestos_net_tcp, a_lost_segment_is_resent_without_waiting_for_the_timer)
{
    tcp_lab_connect();
    tcp_lab_transfer(0, 50000, TCP_RING); /* opens the congestion window */
    uint64_t began = tcp_lab->now;
    tcp_lab->lose_next = 1;
    tcp_lab_transfer(0, 16000, TCP_RING);
    cr_assert_lt(tcp_lab->now - began, 100 * MILLISECOND);
}

/* All of it within a window of 100 kB: eight segments lost of it are resent one a round trip. */
Test(guestos_net_tcp, several_lost_segments_of_a_window_need_no_timer)
{
    uint32_t before_loss;

    for (int i = 0; i < 2; i++)
        tcp_lab->end[i].tcp.out_size = tcp_lab->end[i].tcp.in_size = TCP_RING_LIMIT;
    tcp_lab_connect();
    cr_assert_eq(tcp_lab->end[0].tcp.snd_scale, TCP_SCALE);
    tcp_lab_transfer(0, 2 * BULK, TCP_RING);
    cr_assert_gt(tcp_lab->end[0].tcp.snd_wnd, 0xffff, "a window of %u",
                 tcp_lab->end[0].tcp.snd_wnd);
    uint64_t began = tcp_lab->now;
    before_loss = tcp_lab->end[0].segments;
    tcp_lab->loss = 60;
    tcp_lab_transfer(0, BULK, TCP_RING);
    cr_assert_gt(tcp_lab->end[0].segments - before_loss, BULK / 1448 + 5, "nothing was resent");
    cr_assert_lt(tcp_lab->now - began, 600 * MILLISECOND);
}

Test(guestos_net_tcp, acknowledgements_are_of_two_segments)
{
    tcp_lab_connect();
    tcp_lab_transfer(0, BULK, TCP_RING);
    uint32_t sent = tcp_lab->end[0].segments, answered = tcp_lab->end[1].segments;
    tcp_lab_transfer(0, BULK, TCP_RING);
    sent = tcp_lab->end[0].segments - sent;
    answered = tcp_lab->end[1].segments - answered;
    cr_assert_leq(answered, sent / 2 + 4, "%u for %u segments", answered, sent);
}

Test(guestos_net_tcp, a_cork_holds_small_pieces_back_for_a_while)
{
    struct tcp *a = &tcp_lab->end[0].tcp, *b = &tcp_lab->end[1].tcp;

    tcp_lab_connect();
    a->cork = a->no_delay = true;
    uint32_t sent = tcp_lab->end[0].segments;
    for (int i = 0; i < 4; i++)
        tcp_write(a, "four", 4, tcp_lab->now);
    cr_assert_eq(tcp_lab->end[0].segments, sent);
    uint64_t began = tcp_lab->now;
    for (int i = 0; i < 20 && !b->in_bytes; i++)
        tcp_lab_step();
    cr_assert_eq(b->in_bytes, 16);
    cr_assert_geq(tcp_lab->now - began, 200 * MILLISECOND);
    tcp_write(a, "five", 4, tcp_lab->now);
    a->cork = false;
    tcp_push(a, tcp_lab->now);
    cr_assert_eq(tcp_lab->end[0].segments, sent + 2);
}

Test(guestos_net_tcp, a_segment_of_long_ago_is_known_by_its_timestamp)
{
    struct tcp *a = &tcp_lab->end[0].tcp;

    tcp_lab_connect();
    cr_assert(a->stamps);
    a->ts_recent = 1000;
    for (uint32_t stamp = 999; stamp <= 1000; stamp++) {
        struct tcp_segment s = {.seq = a->rcv_nxt,
                                .ack = a->snd_una,
                                .wnd = 1000,
                                .flags = TCP_ACK,
                                .stamped = true,
                                .stamp = stamp,
                                .data = (const uint8_t *)"x",
                                .bytes = 1};

        tcp_input(a, &s, tcp_lab->now);
        cr_assert_eq(a->in_bytes, stamp - 999);
    }
}

Test(guestos_net_tcp, a_shut_window_is_probed_and_opens)
{
    struct tcp *a = &tcp_lab->end[0].tcp, *b = &tcp_lab->end[1].tcp;
    static uint8_t data[TCP_RING], buffer[TCP_RING];

    tcp_lab_connect();
    cr_assert_eq(tcp_write(a, data, TCP_RING, tcp_lab->now), TCP_RING);
    for (int i = 0; i < 200 && b->in_bytes < TCP_RING; i++)
        tcp_lab_step();
    cr_assert_eq(b->in_bytes, TCP_RING);
    tcp_write(a, data, 100, tcp_lab->now);
    for (int i = 0; i < 20; i++) /* probes, however long it takes */
        tcp_lab_step();
    cr_assert_eq(a->snd_wnd, 0);
    cr_assert_eq(a->state, TCP_ESTABLISHED);
    tcp_lab->lose_next = 1; /* the announcement of the open window */
    cr_assert_eq(tcp_read(b, buffer, TCP_RING, false), TCP_RING);
    for (int i = 0; i < 20 && b->in_bytes < 100; i++)
        tcp_lab_step();
    cr_assert_eq(b->in_bytes, 100);
}

Test(guestos_net_tcp, a_silent_end_is_given_up)
{
    struct tcp *a = &tcp_lab->end[0].tcp;

    tcp_lab_connect();
    tcp_lab->loss = 1000;
    tcp_write(a, "x", 1, tcp_lab->now);
    uint64_t began = tcp_lab->now;
    while (a->state != TCP_CLOSED && tcp_lab_step())
        ;
    cr_assert_eq(a->error, ETIMEDOUT);
    cr_assert_geq(tcp_lab->now - began, 50000 * MILLISECOND);
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
        {{{2, 1}, {5, 1}, {8, 1}, {11, 1}}, 0, 4},                    /* with holes between */
        {{{2, 1}, {5, 1}, {8, 1}, {11, 1}, {14, 1}, {0, 15}}, 15, 0}, /* and one over all */
        {{{10, 5}, {0, 2}}, 2, 1},
    };

    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        tcp_lab_close();
        tcp_lab_open();
        tcp_lab_connect();
        struct tcp *a = &tcp_lab->end[0].tcp;
        uint32_t start = a->rcv_nxt, ranges = 0;
        char buffer[30];
        for (int p = 0; p < 7 && cases[i].piece[p].bytes; p++) {
            struct tcp_segment s = {.seq = start + cases[i].piece[p].from,
                                    .ack = a->snd_una,
                                    .wnd = 1000,
                                    .flags = TCP_ACK,
                                    .data = (const uint8_t *)text + cases[i].piece[p].from,
                                    .bytes = cases[i].piece[p].bytes};

            tcp_input(a, &s, tcp_lab->now);
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
    struct tcp *a = &tcp_lab->end[0].tcp, *b = &tcp_lab->end[1].tcp;

    tcp_lab_connect();
    struct tcp_segment wrong = {.seq = b->rcv_nxt + 5, .flags = TCP_RST};
    tcp_input(b, &wrong, tcp_lab->now);
    cr_assert_eq(b->state, TCP_ESTABLISHED, "a guessed reset is believed");
    tcp_abort(a);
    while (b->state != TCP_CLOSED && tcp_lab_step())
        ;
    cr_assert_eq(b->error, ECONNRESET);
}

Test(guestos_net_tcp, refusal)
{
    struct tcp *a = &tcp_lab->end[0].tcp;
    struct tcp_segment syn = {.seq = 1000, .flags = TCP_SYN}, answer;

    tcp_connect(a, 1000, tcp_lab->now);
    cr_assert(tcp_refusal(&answer, &syn));
    struct tcp_segment stale = {.flags = TCP_RST | TCP_ACK, .ack = 999};
    tcp_input(a, &stale, tcp_lab->now);
    cr_assert_eq(a->state, TCP_SYN_SENT);
    tcp_input(a, &answer, tcp_lab->now);
    cr_assert_eq(a->error, ECONNREFUSED);
    cr_assert_not(tcp_refusal(&syn, &answer), "a reset is answered");
}

Test(guestos_net_tcp, both_open_at_once)
{
    tcp_lab->accepts = false;
    tcp_connect(&tcp_lab->end[0].tcp, 1000, tcp_lab->now);
    tcp_connect(&tcp_lab->end[1].tcp, 2000, tcp_lab->now);
    for (int i = 0;
         i < 20 && tcp_lab->end[0].tcp.state + tcp_lab->end[1].tcp.state != 2 * TCP_ESTABLISHED;
         i++)
        tcp_lab_step();
    cr_assert_eq(tcp_lab->end[0].tcp.state, TCP_ESTABLISHED);
    cr_assert_eq(tcp_lab->end[1].tcp.state, TCP_ESTABLISHED);
    tcp_lab_transfer(0, 10000, 1000);
}

Test(guestos_net_tcp, both_close_at_once)
{
    struct tcp *a = &tcp_lab->end[0].tcp, *b = &tcp_lab->end[1].tcp;

    tcp_lab_connect();
    tcp_finish(a, tcp_lab->now);
    tcp_finish(b, tcp_lab->now);
    for (int i = 0; i < 4; i++)
        tcp_lab_step();
    cr_assert_eq(a->state, TCP_TIME_WAIT);
    cr_assert_eq(b->state, TCP_TIME_WAIT);
}

Test(guestos_net_tcp, random_segments_break_nothing)
{
    tcp_lab_connect();
    struct tcp *a = &tcp_lab->end[0].tcp;
    for (int i = 0; i < 200000; i++) {
        uint8_t data[64] = {0};
        struct tcp_segment s = {.seq = a->rcv_nxt + tcp_lab_chance() * 40 - 20000,
                                .ack = a->snd_una + tcp_lab_chance() % 50 - 25,
                                .wnd = (uint16_t)(tcp_lab_chance() * 60),
                                .flags =
                                    (uint8_t)(tcp_lab_chance() & (TCP_FIN | TCP_ACK | TCP_PSH)),
                                .data = data,
                                .bytes = tcp_lab_chance() % sizeof(data)};

        if (tcp_lab_chance() < 100)
            tcp_write(a, data, tcp_lab_chance() % 64, tcp_lab->now);
        tcp_input(a, &s, tcp_lab->now);
        cr_assert_leq(a->in_bytes, TCP_RING);
        cr_assert_leq(a->out_bytes, TCP_RING);
        cr_assert_leq(a->snd_max - a->snd_una, a->out_bytes + 1);
        memset(tcp_lab->wire, 0, sizeof(tcp_lab->wire));
        if (a->in_bytes > 8000)
            tcp_read(a, tcp_lab->end[1].in, 8000, false);
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
