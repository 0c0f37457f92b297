/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nic.c - a kernel that finds an 82540EM by PCI and talks to 10.0.2.2 by it
 *
 * It knows nothing of the simulator: on any PC with that card and a host at 10.0.2.2 that answers
 * ARP and pings it prints the same lines. The word `udp` makes it use the echo port
 * and what QEMU's card has not;
 * `hostile` makes it do what no driver should, and then print only that the machine still answers.
 *
 * Sources: PCI 2.3, 3.2.2.3 and 6; Intel 317453; RFC 826, 791, 792, 768.
 */
#include "tests/bench/ports.h"
#include "tests/nic/bytes.h"

#define CARD    0xfeb40000u
#define RING    8
#define BUFFER  2048
#define IP_AT   14
#define ICMP_AT 34

enum { CTRL = 0, STATUS = 0x8, EECD = 0x10, EERD = 0x14, MDIC = 0x20, ICR = 0xc0, IMC = 0xd8 };
enum { RCTL = 0x100, TCTL = 0x400, RDBAL = 0x2800, RDLEN = 0x2808, RDH = 0x2810, RDT = 0x2818 };
enum { TDBAL = 0x3800, TDLEN = 0x3808, TDH = 0x3810, TDT = 0x3818, RAL = 0x5400, MTA = 0x5200 };
enum { GPRC = 0x4074, GPTC = 0x4080 };

struct descriptor {
    uint32_t address, address_high;
    uint32_t low, high;
};

static struct descriptor receive[RING] __attribute__((aligned(128)));
static struct descriptor transmit[RING] __attribute__((aligned(128)));
static uint8_t in[RING][BUFFER] __attribute__((aligned(4096))), out[BUFFER];
static uint32_t card_function, next_in, next_out, causes;
static unsigned patience = 8; /* seconds until an answer is given up */
static uint8_t mac[6], gateway[6];
static const uint8_t own_ip[4] = {10, 0, 2, 15}, gateway_ip[4] = {10, 0, 2, 2};

static uint32_t card_in(uint32_t at)
{
    return *(volatile uint32_t *)(CARD + at);
}

static void card_out(uint32_t at, uint32_t value)
{
    *(volatile uint32_t *)(CARD + at) = value;
}

/* ---- the card -------------------------------------------------------------------------------- */

static void find_card(void)
{
    for (uint32_t function = 0; function < 256 && !card_function; function++) {
        uint32_t address = 0x80000000 | function << 8;

        if (config_in(address) != 0xffffffff && config_in(address + 8) >> 16 == 0x0200)
            card_function = address;
    }
    if (!card_function) {
        put("no Ethernet card\n");
        power_off(1);
    }
    say("card at function", card_function >> 8 & 0xff);
    say("vendor and device", config_in(card_function));
    config_out(card_function + 4, 0);
    config_out(card_function + 0x10, 0xffffffff);
    say("bytes of registers", 0 - (config_in(card_function + 0x10) & ~15u));
    config_out(card_function + 0x14, 0xffffffff);
    say("ports", 0 - (config_in(card_function + 0x14) & ~3u));
    config_out(card_function + 0x10, CARD);
    config_out(card_function + 4, 6);
    say("command", config_in(card_function + 4) & 0xffff);
}

static uint16_t eeprom_by_register(uint32_t word)
{
    card_out(EERD, word << 8 | 1);
    while (!(card_in(EERD) & 0x10))
        ;
    return (uint16_t)(card_in(EERD) >> 16);
}

/* A clock of the Microwire chip: data in, up, data out, down. */
static bool clock_bit(bool bit)
{
    uint32_t lines = 0x42u | (bit ? 4u : 0);
    bool said;

    card_out(EECD, lines);
    card_out(EECD, lines | 1);
    said = card_in(EECD) & 8;
    card_out(EECD, lines);
    return said;
}

static uint16_t eeprom_by_wire(uint32_t word)
{
    uint32_t command = 6u << 6 | word;
    uint16_t value = 0;

    card_out(EECD, 0x40);
    while (!(card_in(EECD) & 0x80))
        ;
    card_out(EECD, 0x42);
    for (int i = 8; i >= 0; i--)
        clock_bit(command >> i & 1);
    for (int i = 0; i < 16; i++)
        value = (uint16_t)(value << 1 | clock_bit(false));
    card_out(EECD, 0x40);
    card_out(EECD, 0);
    return value;
}

static uint32_t phy(uint32_t number)
{
    card_out(MDIC, 2u << 26 | 1u << 21 | number << 16);
    while (!(card_in(MDIC) & 1u << 28))
        ;
    return card_in(MDIC) & 0xffff;
}

static void read_identity(void)
{
    uint16_t sum = 0, differ = 0;

    card_out(CTRL, 1u << 26);
    for (volatile int i = 0; i < 10000; i++)
        ;
    card_out(IMC, 0xffffffff);
    for (uint32_t i = 0; i < 64; i++) {
        uint16_t word = eeprom_by_register(i);

        sum = (uint16_t)(sum + word);
        differ += word != eeprom_by_wire(i);
    }
    say("the EEPROM's sum", sum);
    say("words that differ by wire", differ);
    for (unsigned i = 0; i < 6; i++)
        mac[i] = (uint8_t)(eeprom_by_register(i / 2) >> (i & 1 ? 8 : 0));
    say("low address", card_in(RAL));
    say("high address", card_in(RAL + 4));
    say("address of the EEPROM", mac[0] | mac[1] << 8 | mac[2] << 16 | (uint64_t)mac[3] << 24 |
                                     (uint64_t)mac[4] << 32 | (uint64_t)mac[5] << 40);
    say("PHY", (uint64_t)phy(2) << 16 | phy(3));
    say("link of the PHY", phy(1) >> 2 & 1);
    say("a PHY that is not there", (card_out(MDIC, 2u << 26 | 3u << 21), card_in(MDIC) >> 30 & 1));
}

static void set_up(void)
{
    card_out(CTRL, card_in(CTRL) | 1u << 6);
    say("link", card_in(STATUS) >> 1 & 1);
    for (uint32_t i = 0; i < 128; i++)
        card_out(MTA + 4 * i, 0);
    for (uint32_t i = 0; i < RING; i++)
        receive[i] = (struct descriptor){.address = (uint32_t)in[i]};
    card_out(RDBAL, (uint32_t)receive);
    card_out(RDBAL + 4, 0);
    card_out(RDLEN, sizeof(receive));
    card_out(RDH, 0);
    card_out(RDT, RING - 1);
    card_out(RCTL, 1u << 1 | 1u << 15 | 1u << 26);
    card_out(TDBAL, (uint32_t)transmit);
    card_out(TDBAL + 4, 0);
    card_out(TDLEN, sizeof(transmit));
    card_out(TDH, 0);
    card_out(TDT, 0);
    card_out(TCTL, 1u << 1 | 1u << 3 | 0x0f << 4 | 0x40 << 12);
}

/* ---- frames ---------------------------------------------------------------------------------- */

static uint8_t second(void)
{
    out8(0x70, 0); /* of the clock chip */
    return in8(0x71);
}

/*
 * Whether a descriptor comes back in time. An emulator may need the processor's time for the card's
 * work, and QEMU's card receives nothing in its first second.
 */
static bool comes_back(const volatile struct descriptor *d)
{
    uint8_t last = second();
    unsigned passed = 0;

    do {
        for (unsigned i = 0; i < 10000 && !(d->high & 1); i++)
            __asm__ volatile("pause");
        if (second() != last) {
            last = second();
            passed++;
        }
    } while (!(d->high & 1) && passed < patience);
    return d->high & 1;
}

/* Hands one descriptor to the card and waits until it is written back. */
static void hand_over(uint32_t low, uint32_t high, uint32_t address)
{
    volatile struct descriptor *d = &transmit[next_out];

    d->address = address;
    d->address_high = 0;
    d->low = low;
    d->high = high;
    next_out = (next_out + 1) % RING;
    card_out(TDT, next_out);
    if (!comes_back(d))
        put("a descriptor did not come back\n");
    causes |= card_in(ICR);
}

/* End of packet, frame check, report: legacy. */
static void send(uint32_t bytes)
{
    hand_over(bytes | 0x0b000000, 0, (uint32_t)out);
}

/* The length of what came into *frame; 0: nothing did in a while. */
static uint32_t wait_for_frame(uint8_t **frame)
{
    volatile struct descriptor *d = &receive[next_in];
    uint32_t bytes = 0;

    if (comes_back(d))
        bytes = d->low & 0xffff;
    causes |= card_in(ICR);
    *frame = in[next_in];
    return bytes;
}

static void give_back(void)
{
    receive[next_in].high = receive[next_in].low = 0;
    card_out(RDT, next_in);
    next_in = (next_in + 1) % RING;
}

static void ethernet(const uint8_t *to, uint32_t type)
{
    copy(out, to, 6);
    copy(out + 6, mac, 6);
    put16(out + 12, type);
}

static void resolve(void)
{
    static const uint8_t everybody[6] = {255, 255, 255, 255, 255, 255};
    static const uint8_t request[8] = {0, 1, 8, 0, 6, 4, 0, 1};
    uint8_t *frame;
    bool found = false;

    ethernet(everybody, 0x0806);
    copy(out + 14, request, 8);
    copy(out + 22, mac, 6);
    copy(out + 28, own_ip, 4);
    copy(out + 32, (const uint8_t *)"\0\0\0\0\0\0", 6);
    copy(out + 38, gateway_ip, 4);
    for (unsigned tries = 0; !found && tries < 5; tries++) {
        send(42);
        while (!found && wait_for_frame(&frame)) {
            found =
                get16(frame + 12) == 0x0806 && frame[21] == 2 && same(frame + 28, gateway_ip, 4);
            copy(gateway, frame + 22, 6);
            give_back();
        }
    }
    say("gateway answers", found);
    say("with address",
        get16(gateway) * 0x100000000ull + get16(gateway + 2) * 0x10000u + get16(gateway + 4));
}

/* An IP header for `bytes` of payload; its sum is left out for the card to fill in. */
static void internet(uint32_t protocol, uint32_t bytes, uint32_t id, bool sum)
{
    static const uint8_t zero[20];

    ethernet(gateway, 0x0800);
    copy(out + IP_AT, zero, 20);
    out[IP_AT] = 0x45;
    put16(out + IP_AT + 2, 20 + bytes);
    put16(out + IP_AT + 4, id);
    out[IP_AT + 8] = 64;
    out[IP_AT + 9] = (uint8_t)protocol;
    copy(out + IP_AT + 12, own_ip, 4);
    copy(out + IP_AT + 16, gateway_ip, 4);
    if (sum)
        put16(out + IP_AT + 10, ~sum_of(out + IP_AT, 20));
}

static void echo_request(uint32_t bytes, uint32_t sequence, bool sum)
{
    uint8_t *icmp = out + ICMP_AT;

    internet(1, 8 + bytes, sequence, sum);
    copy(icmp, (const uint8_t *)"\x08\0\0\0\x12\x34", 6);
    put16(icmp + 6, sequence);
    for (uint32_t i = 0; i < bytes; i++)
        icmp[8 + i] = (uint8_t)(i * 7 + sequence);
    if (sum)
        put16(icmp + 2, ~sum_of(icmp, 8 + bytes));
}

/* Whether the answer to the last request comes, with right sums and the same data. */
static bool echo_reply(uint32_t bytes, uint32_t sequence)
{
    bool right = false, found = false;
    uint8_t *frame;

    while (!found && wait_for_frame(&frame)) {
        found = get16(frame + 12) == 0x0800 && frame[23] == 1 && frame[ICMP_AT] == 0;
        right = found && sum_of(frame + IP_AT, 20) == 0xffff &&
                sum_of(frame + ICMP_AT, 8 + bytes) == 0xffff &&
                get16(frame + ICMP_AT + 6) == sequence &&
                same(frame + ICMP_AT + 8, out + ICMP_AT + 8, bytes) && same(frame, mac, 6);
        give_back();
    }
    return right;
}

static void ping(void)
{
    static const uint32_t sizes[] = {0, 1, 17, 18, 19, 56, 1000, 1471, 1472};
    uint32_t right = 0;

    for (uint32_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        echo_request(sizes[i], i, true);
        send(ICMP_AT + 8 + sizes[i]);
        right += echo_reply(sizes[i], i);
    }
    say("pings of odd sizes answered", right);
    for (uint32_t i = 0; i < 200; i++) {
        echo_request(56, 100 + i, true);
        send(ICMP_AT + 64);
        right += echo_reply(56, 100 + i);
    }
    say("pings around the rings answered", right);
}

/* The card fills in IP's sums, by a context descriptor and a data descriptor. */
static void offload(void)
{
    uint32_t right = 0;

    for (uint32_t i = 0; i < 10; i++) {
        echo_request(100, 1000 + i, true);
        put16(out + IP_AT + 10, 0);
        /* Context: IP from 14 to 33, its sum at 24; of the ICMP message from 34, at 36. */
        transmit[next_out] = (struct descriptor){.address = 14 | 24 << 8 | 33 << 16,
                                                 .address_high = 34 | 36 << 8,
                                                 .low = 0x2a000000,
                                                 .high = 0};
        hand_over(0x2a000000, 0, 14 | 24 << 8 | 33 << 16);
        hand_over((ICMP_AT + 108) | 1u << 20 | 0x2b000000, 0x0100, (uint32_t)out);
        right += echo_reply(100, 1000 + i);
    }
    say("pings with the card's sums answered", right);
}

/* ICMP's by a legacy descriptor's numbers (317453, 3.3.3), which QEMU 7.2 passes over. */
static void legacy_sums(void)
{
    uint32_t right = 0;

    for (uint32_t i = 0; i < 10; i++) {
        echo_request(100, 2000 + i, true);
        put16(out + ICMP_AT + 2, 0);
        hand_over((ICMP_AT + 108) | 36u << 16 | 0x0f000000, ICMP_AT << 8, (uint32_t)out);
        right += echo_reply(100, 2000 + i);
    }
    say("pings with sums by legacy descriptors answered", right);
}

static void udp(void)
{
    uint32_t right = 0;

    for (uint32_t i = 0; i < 20; i++) {
        uint8_t *frame;

        internet(17, 8 + 60, i, true);
        put16(out + ICMP_AT, 5000 + i);
        put16(out + ICMP_AT + 2, 7);
        put16(out + ICMP_AT + 4, 68);
        put16(out + ICMP_AT + 6, 0);
        for (uint32_t k = 0; k < 60; k++)
            out[ICMP_AT + 8 + k] = (uint8_t)(k + i);
        send(ICMP_AT + 68);
        if (wait_for_frame(&frame)) {
            right += get16(frame + ICMP_AT + 2) == 5000 + i && get16(frame + ICMP_AT) == 7 &&
                     same(frame + ICMP_AT + 8, out + ICMP_AT + 8, 60);
            give_back();
        }
    }
    say("datagrams that came back", right);
}

/* ---- what no driver should do ---------------------------------------------------------------- */

static void hostile(void)
{
    static const uint32_t wild[] = {0,          0xfffffff0, 0xbffffff0, 0xc0000000,
                                    0xfee00000, CARD,       0x80000000};

    patience = 0;
    for (uint32_t i = 0; i < sizeof(wild) / sizeof(*wild); i++) {
        /* Buffers, then rings, that are not RAM; lengths of every kind. */
        for (uint32_t length = 0; length < 0x110000; length += 0x7fff)
            for (uint32_t kind = 0; kind < 4; kind++) {
                transmit[next_out] = (struct descriptor){
                    wild[i], kind & 1, (length & 0xfffff) | (kind & 2 ? 0x24100000 : 0), 0xffff};
                next_out = (next_out + 1) % RING;
                card_out(TDT, next_out);
            }
        card_out(TDBAL, wild[i]);
        card_out(TDLEN, 0xfffff);
        card_out(TDT, 0xffff);
        card_out(TDBAL + 4, i);
        card_out(TDT, i);
        card_out(RDBAL, wild[i]);
        card_out(RDLEN, i * 128);
        card_out(RDT, 0xffff);
        resolve();
    }
    for (uint32_t at = 0; at < 0x20000; at += 4) {
        if (at != CTRL)
            card_out(at, at * 2654435761u);
        card_in(at);
    }
    card_out(CTRL, 1u << 26);
    next_in = next_out = 0;
    for (uint32_t i = 0; i < RING; i++)
        receive[i].high = transmit[i].high = 0;
    patience = 8;
    set_up();
    put("after all that:\n");
    resolve();
    ping();
}

static bool has_word(const char *text, char first)
{
    for (; *text; text++)
        if (*text == ' ' && text[1] == first)
            return true;
    return false;
}

void kernel_main(const struct multiboot_info *info)
{
    const char *words = info->flags & 4 ? (const char *)info->cmdline : "";

    kernel_start();
    find_card();
    read_identity();
    set_up();
    resolve();
    ping();
    offload();
    say("causes", causes & 0x81);
    say("sent well", card_in(GPTC) >= 220);
    say("received well", card_in(GPRC) >= 220);
    if (has_word(words, 'u')) {
        legacy_sums();
        udp();
    }
    if (has_word(words, 'h'))
        hostile();
    put("done\n");
    power_off(0);
}
