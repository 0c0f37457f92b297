/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/unit/guestos_tcp_lab.h"

#include <criterion/criterion.h>
#include <stdlib.h>

struct tcp_lab *tcp_lab;

uint32_t tcp_lab_chance(void)
{
    tcp_lab->seed = tcp_lab->seed * 1664525 + 1013904223;
    return (tcp_lab->seed >> 8) % 1000;
}

static void put_on_wire(int to, const uint8_t *packet, uint32_t bytes)
{
    for (int i = 0; i < WIRE; i++) {
        struct flight *f = &tcp_lab->wire[i];

        if (f->at)
            continue;
        f->at = tcp_lab->now + ++tcp_lab->sent % 1000 + /* in the order of sending */
                MILLISECOND * (tcp_lab_chance() < tcp_lab->reorder ? 1 + tcp_lab_chance() % 9 : 1);
        f->to = to;
        f->bytes = bytes;
        memcpy(f->packet, packet, bytes);
        return;
    }
}

static void send(struct tcp *tcp, const struct tcp_segment *segment)
{
    int me = tcp == &tcp_lab->end[1].tcp;
    uint8_t packet[2000];
    uint32_t bytes = tcp_encode(segment, me ? B : A, me ? A : B, 1, 2, packet);

    tcp_lab->end[me].segments++;
    if (tcp_lab->lose_next > 0) {
        tcp_lab->lose_next--;
        return;
    }
    if (tcp_lab_chance() < tcp_lab->loss)
        return;
    put_on_wire(!me, packet, bytes);
    if (tcp_lab_chance() < tcp_lab->repeat)
        put_on_wire(!me, packet, bytes);
}

static void arrive(struct flight *f)
{
    struct tcp_segment segment;
    struct tcp *tcp = &tcp_lab->end[f->to].tcp;
    uint8_t packet[2000];

    memcpy(packet, f->packet, f->bytes);
    cr_assert(tcp_decode(&segment, f->to ? A : B, f->to ? B : A, packet, f->bytes));
    f->at = 0;
    if (tcp->state == TCP_CLOSED && f->to && tcp_lab->accepts && segment.flags == TCP_SYN) {
        tcp_lab->accepts = false;
        tcp_accept(tcp, &segment, 0xfffffff0, tcp_lab->now); /* numbers wrap soon */
    } else {
        tcp_input(tcp, &segment, tcp_lab->now);
    }
}

bool tcp_lab_step(void)
{
    uint64_t next = TCP_NEVER;
    struct flight *first = NULL;

    for (int i = 0; i < WIRE; i++)
        if (tcp_lab->wire[i].at && tcp_lab->wire[i].at < next) {
            first = &tcp_lab->wire[i];
            next = first->at;
        }
    for (int i = 0; i < 2; i++) {
        struct tcp *tcp = &tcp_lab->end[i].tcp;

        if (tcp->state != TCP_CLOSED && tcp_deadline(tcp) < next) {
            first = NULL;
            next = tcp_deadline(tcp);
        }
    }
    if (next == TCP_NEVER)
        return false;
    tcp_lab->now = next;
    if (first)
        arrive(first);
    else
        for (int i = 0; i < 2; i++)
            if (tcp_lab->end[i].tcp.state != TCP_CLOSED)
                tcp_tick(&tcp_lab->end[i].tcp, next);
    return true;
}

void tcp_lab_open(void)
{
    tcp_lab = calloc(1, sizeof(*tcp_lab));
    tcp_lab->now = 1;
    tcp_lab->seed = 1;
    tcp_lab->accepts = true;
    for (int i = 0; i < 2; i++) {
        tcp_lab->end[i].tcp.out = tcp_lab->end[i].out;
        tcp_lab->end[i].tcp.in = tcp_lab->end[i].in;
        tcp_lab->end[i].tcp.send = send;
        tcp_lab->end[i].tcp.out_size = tcp_lab->end[i].tcp.in_size = TCP_RING;
        tcp_lab->end[i].tcp.announced_mss = 1460;
    }
}

void tcp_lab_close(void)
{
    free(tcp_lab);
}

void tcp_lab_connect(void)
{
    tcp_connect(&tcp_lab->end[0].tcp, 1000, tcp_lab->now);
    for (int i = 0; i < 100 && tcp_lab->end[1].tcp.state != TCP_ESTABLISHED; i++)
        cr_assert(tcp_lab_step());
    cr_assert_eq(tcp_lab->end[0].tcp.state, TCP_ESTABLISHED);
    cr_assert_eq(tcp_lab->end[1].tcp.state, TCP_ESTABLISHED);
}

static uint8_t pattern(uint32_t i)
{
    return (uint8_t)(i * 31 + (i >> 8) * 7 + (i >> 16));
}

void tcp_lab_transfer(int from, uint32_t bytes, uint32_t piece)
{
    struct tcp *sender = &tcp_lab->end[from].tcp, *receiver = &tcp_lab->end[!from].tcp;
    uint32_t written = 0, got = 0;

    for (int steps = 0; got < bytes; steps++) {
        uint8_t buffer[TCP_RING_LIMIT];
        uint32_t n = MIN(bytes - written, tcp_room(sender));

        for (uint32_t i = 0; i < n; i++)
            buffer[i] = pattern(written + i);
        if (n)
            written += tcp_write(sender, buffer, n, tcp_lab->now);
        n = tcp_read(receiver, buffer, piece, false);
        for (uint32_t i = 0; i < n; i++)
            cr_assert_eq(buffer[i], pattern(got + i), "byte %u is wrong", got + i);
        got += n;
        if (!n)
            cr_assert(tcp_lab_step(), "it stands still at byte %u", got);
        cr_assert_lt(steps, 2000000);
    }
}

void tcp_lab_finish(void)
{
    struct tcp *a = &tcp_lab->end[0].tcp, *b = &tcp_lab->end[1].tcp;

    tcp_finish(a, tcp_lab->now);
    for (int i = 0; i < 1000 && !b->finished; i++)
        cr_assert(tcp_lab_step());
    cr_assert(b->state == TCP_CLOSE_WAIT, "state %d", b->state);
    tcp_finish(b, tcp_lab->now);
    for (int i = 0; i < 1000 && b->state != TCP_CLOSED; i++)
        cr_assert(tcp_lab_step());
    cr_assert_eq(b->error, 0);
    cr_assert_eq(a->state, TCP_TIME_WAIT);
    uint64_t began = tcp_lab->now;
    while (tcp_lab_step())
        ;
    cr_assert_eq(a->state, TCP_CLOSED);
    cr_assert_eq(a->error, 0);
    cr_assert_geq(tcp_lab->now - began + 20 * 60000 * MILLISECOND, TCP_2MSL);
}
