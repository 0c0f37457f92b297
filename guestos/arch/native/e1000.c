/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * e1000.c - Intel's 82540EM: two rings of descriptors in memory, and registers in memory
 *
 *      out_clean          out_tail               in_next
 *     |  sent by the card | free |        | filled | given to the card |
 *
 * Out: a packet is one descriptor, its bytes stay where the stack has put them until the card says
 * that they have left. Before it may come a context, which says where a checksum goes; it holds
 * until another one. The tail is written once for many (interface.h, push).
 *
 * In: each descriptor has half a page. The stack reads the frame there, and the half page goes back
 * to the card at once; the tail is written once for a batch.
 *
 * Interrupts are kept apart by the card's throttle. One handles a batch of frames; if more are
 * there, it asks the card for another (ICS), which the throttle delays like any. Registers are slow
 * to read: an interrupt reads one, ICR.
 */
#include "guestos/arch/native/e1000.h"
#include "guestos/arch/native/native.h"
#include "guestos/kernel/counters.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/mm/heap.h"
#include "guestos/mm/pages.h"
#include "guestos/net/net.h"

#define CLASS_ETHERNET 0x0200
#define IDENTITY       0x100e8086u

#define RING       256u /* descriptors: a page */
#define BUFFER     2048u
#define THROTTLE   488u /* of 256 ns: 8000 interrupts a second, as Linux' driver has had it */
#define SENT_DELAY 300u /* of 1.024 us, for the report of what has been sent */
#define SENT_LIMIT 1000u
#define CAUSES     (CAUSE_SENT | CAUSE_LINK | CAUSE_FEW | CAUSE_LOST | CAUSE_RECEIVED)

struct e1000 {
    struct interface interface;
    uint32_t function, line;
    volatile uint8_t *registers;
    volatile struct descriptor *in, *out;
    uint8_t *buffer[RING / 2]; /* pages, two descriptors' each */
    struct packet *sent[RING]; /* by its descriptor; NULL: a context's */
    uint32_t in_next, out_clean, out_tail;
    uint32_t context; /* what the last one said; 0: none yet */
    bool middle;      /* of a frame that is too long and is dropped */
};

static struct e1000 *cards[2];

static uint32_t get(const struct e1000 *card, uint32_t at)
{
    return *(volatile uint32_t *)(card->registers + at);
}

static void set(const struct e1000 *card, uint32_t at, uint32_t value)
{
    *(volatile uint32_t *)(card->registers + at) = value;
}

static struct e1000 *card_of(struct interface *interface)
{
    return CONTAINER(interface, struct e1000, interface);
}

/* ---- out ------------------------------------------------------------------------------------- */

static uint32_t next(uint32_t index)
{
    return (index + 1) % RING;
}

static uint32_t room(const struct e1000 *card)
{
    return (card->out_clean - card->out_tail - 1) % RING;
}

/* What has left is freed. Contexts have no report: the packet behind one speaks for it. */
static void clean(struct e1000 *card)
{
    for (uint32_t at = card->out_clean; at != card->out_tail; at = next(at)) {
        if (!card->sent[at])
            continue;
        if (!(card->out[at].high & OUT_DONE))
            break;
        packet_free(card->sent[at]);
        card->sent[at] = NULL;
        card->out_clean = next(at);
    }
}

static volatile struct descriptor *next_out(struct e1000 *card)
{
    volatile struct descriptor *d = &card->out[card->out_tail];

    card->out_tail = next(card->out_tail);
    return d;
}

/* From which byte to the end sums go, and where they are put. */
static void describe_sum(struct e1000 *card, const struct packet *packet)
{
    uint32_t context = packet->sum_start | (uint32_t)(packet->sum_start + packet->sum_at) << 8;
    bool udp = packet->sum_at == 6;

    if (context == card->context)
        return;
    volatile struct descriptor *d = next_out(card);
    card->context = context;
    d->address = 0;
    d->address_high = context;
    d->low = OUT_CONTEXT | (udp ? 0 : OUT_TCP);
    d->high = 0;
}

static int e1000_transmit(struct interface *interface, struct packet *packet)
{
    struct e1000 *card = card_of(interface);
    bool sum = packet->sum_open;

    if (room(card) < RING / 2)
        clean(card);
    if (room(card) < 2)
        return -ENOBUFS;
    if (sum)
        describe_sum(card, packet);
    card->sent[card->out_tail] = packet;
    volatile struct descriptor *d = next_out(card);
    d->address = physical(packet->data);
    d->address_high = 0;
    d->low = packet->bytes | OUT_DATA | OUT_LAST;
    d->high = sum ? OUT_SUM : 0;
    return 0;
}

static void e1000_push(struct interface *interface)
{
    struct e1000 *card = card_of(interface);

    set(card, TDT, card->out_tail);
    count(COUNT_net_notifications);
}

/* ---- in -------------------------------------------------------------------------------------- */

static uint8_t *buffer_of(const struct e1000 *card, uint32_t index)
{
    return card->buffer[index / 2] + index % 2 * BUFFER;
}

static void take(struct e1000 *card, uint32_t index)
{
    uint32_t said = card->in[index].high, bytes = card->in[index].low & 0xffff;
    bool whole = said & IN_END && !card->middle;

    card->middle = !(said & IN_END);
    if (!whole || said & IN_WRONG) {
        card->interface.in.errors += said & IN_END;
        return;
    }
    bool good = !(said & IN_NO_SUM) && said & IN_SUM_TU && !(said & IN_SUM_WRONG);
    interface_receive(&card->interface, buffer_of(card, index), bytes,
                      good ? SUM_GOOD : SUM_UNKNOWN);
}

/* At most a batch; whether more have come. */
static bool receive(struct e1000 *card)
{
    uint32_t n = 0;

    for (; n < INTERFACE_BATCH && card->in[card->in_next].high & IN_DONE; n++) {
        take(card, card->in_next);
        card->in[card->in_next].high = 0;
        card->in_next = next(card->in_next);
    }
    if (n) /* all but one are the card's: equal head and tail would mean none */
        set(card, RDT, (card->in_next - 1) % RING);
    return card->in[card->in_next].high & IN_DONE;
}

static void show_link(struct e1000 *card)
{
    bool up = get(card, STATUS) & STATUS_LU;

    card->interface.flags =
        (card->interface.flags & ~INTERFACE_RUNNING) | (up ? INTERFACE_RUNNING : 0);
}

void e1000_interrupt(void)
{
    for (uint32_t i = 0; i < ARRAY_LENGTH(cards); i++) {
        struct e1000 *card = cards[i];
        uint32_t causes = card && interface_is_up(&card->interface) ? get(card, ICR) : 0;

        if (!causes)
            continue;
        count(COUNT_net_interrupts);
        if (causes & CAUSE_LINK)
            show_link(card);
        clean(card);
        interface_ready(&card->interface);
        if (receive(card))
            set(card, ICS, CAUSE_RECEIVED);
    }
    net_run();
}

/* ---- up and down ----------------------------------------------------------------------------- */

static void release(struct e1000 *card)
{
    for (uint32_t i = 0; i < RING; i++) {
        packet_free(card->sent[i]);
        card->sent[i] = NULL;
    }
    for (uint32_t i = 0; i < RING / 2; i++) {
        heap_free(card->buffer[i]);
        card->buffer[i] = NULL;
    }
    heap_free((void *)card->in);
    heap_free((void *)card->out);
    card->in = card->out = NULL;
}

static int provide(struct e1000 *card)
{
    bool all = true;

    card->in = heap_allocate(RING * sizeof(*card->in));
    card->out = heap_allocate(RING * sizeof(*card->out));
    for (uint32_t i = 0; i < RING / 2; i++) {
        card->buffer[i] = heap_allocate(PAGE_SIZE);
        all = all && card->buffer[i];
    }
    if (!all || !card->in || !card->out) {
        release(card);
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < RING; i++)
        card->in[i].address = physical(buffer_of(card, i));
    card->in_next = card->out_clean = card->out_tail = card->context = 0;
    card->middle = false;
    return 0;
}

static void e1000_filter(struct interface *interface)
{
    const struct e1000 *card = card_of(interface);
    const uint8_t *mac = interface->mac;
    uint32_t all = interface->flags & INTERFACE_ALL ? RCTL_UPE | RCTL_MPE : 0;

    set(card, RAL, mac[0] | mac[1] << 8 | mac[2] << 16 | (uint32_t)mac[3] << 24);
    set(card, RAH, mac[4] | mac[5] << 8 | ADDRESS_VALID);
    set(card, RCTL, RCTL_EN | RCTL_BAM | RCTL_SECRC | all);
}

/* CTRL_RST ends by itself; until then nothing else may be written (SDM 14.3). */
static void reset(const struct e1000 *card)
{
    set(card, IMC, ~0u);
    set(card, CTRL, CTRL_RST);
    clock_delay(1000);
    set(card, IMC, ~0u);
    get(card, ICR);
}

static int e1000_open(struct interface *interface)
{
    struct e1000 *card = card_of(interface);
    int error = provide(card);

    if (error)
        return error;
    reset(card);
    set(card, CTRL, get(card, CTRL) | CTRL_SLU);
    for (uint32_t i = 0; i < MTA_WORDS; i++)
        set(card, MTA + 4 * i, 0);
    set(card, RDBAL, physical((void *)card->in));
    set(card, RDBAH, 0);
    set(card, RDLEN, RING * sizeof(*card->in));
    set(card, RDH, 0);
    set(card, RDT, RING - 1);
    set(card, RXCSUM, RXCSUM_IP | RXCSUM_TU);
    set(card, TDBAL, physical((void *)card->out));
    set(card, TDBAH, 0);
    set(card, TDLEN, RING * sizeof(*card->out));
    set(card, TDH, 0);
    set(card, TDT, 0);
    set(card, TIPG, TIPG_COPPER);
    set(card, TIDV, SENT_DELAY);
    set(card, TADV, SENT_LIMIT);
    set(card, TCTL, TCTL_EN | TCTL_PSP | TCTL_COLLISIONS);
    set(card, ITR, THROTTLE);
    e1000_filter(interface);
    show_link(card);
    set(card, IMS, CAUSES);
    return 0;
}

static void e1000_close(struct interface *interface)
{
    struct e1000 *card = card_of(interface);

    reset(card); /* and with it all transfers end */
    interface->flags &= ~INTERFACE_RUNNING;
    release(card);
}

static const struct interface_ops ops = {
    .open = e1000_open,
    .close = e1000_close,
    .transmit = e1000_transmit,
    .push = e1000_push,
    .filter = e1000_filter,
};

/* ---- finding cards --------------------------------------------------------------------------- */

static void read_mac(struct e1000 *card)
{
    uint32_t low = get(card, RAL), high = get(card, RAH);

    for (uint32_t i = 0; i < MAC_BYTES; i++)
        card->interface.mac[i] = (uint8_t)(i < 4 ? low >> 8 * i : high >> 8 * (i - 4));
}

static bool add_card(uint32_t number, uint32_t function)
{
    uint32_t base = pci_read(function, PCI_BAR(0));
    struct mp_line line;

    if (base & 1 || !(base & ~0xfu) || !mp_pci_line(function, &line)) {
        kprintf("a network card has no memory or no interrupt: it is not used\n");
        return false;
    }
    struct e1000 *card = heap_allocate(sizeof(*card));
    if (!card)
        return false;
    pci_enable(function, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    card->function = function;
    card->registers = io_map(base & ~0xfu, REGISTERS_BYTES);
    card->interface = (struct interface){
        .ops = &ops,
        .pattern = "eth%u",
        .kind = KIND_ETHERNET,
        .flags = INTERFACE_BROADCAST | INTERFACE_MULTICAST,
        .mtu = ETHERNET_MTU,
        .mtu_limit = ETHERNET_MTU,
        .sums = true,
    };
    reset(card);
    read_mac(card);
    cards[number] = card;
    ioapic_route_line(&line, VECTOR_NIC, apic_id());
    interface_add(&card->interface);
    const uint8_t *mac = card->interface.mac;
    kprintf("%s: 82540EM, %02x:%02x:%02x:%02x:%02x:%02x\n", card->interface.name, mac[0], mac[1],
            mac[2], mac[3], mac[4], mac[5]);
    return true;
}

void e1000_find(void)
{
    uint32_t number = 0;

    for (uint32_t f = 0;
         mp_has_pci() && number < ARRAY_LENGTH(cards) && (f = pci_next(f, CLASS_ETHERNET));)
        if (pci_read(f, 0) == IDENTITY)
            number += add_card(number, f);
}
