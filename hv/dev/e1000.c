/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * e1000.c - Intel's 82540EM: two rings of descriptors in memory, and registers in memory
 *
 * What the card has sent it says in the descriptor of a packet's end; what has come, in the one
 * whose buffer it filled. Buffers are frames of nobody (mm/alloc.c): one that the packet's
 * receiver keeps is replaced; without a replacement no receiver may keep any.
 *
 * Work is bounded. The throttle keeps interrupts apart. One of them, or one poll, takes BATCH
 * packets; if there are more, the card's interrupts stay masked and the rest is left to polls, with
 * time for everybody in between. So a flood from outside costs a share of the processor and ends in
 * the card's own buffer. Interrupts come back when nothing is left.
 *
 * Source: Intel 317453, PCI/PCI-X Family of Gigabit Ethernet Controllers Software Developer's
 * Manual ("SDM" below).
 */
#include "hv/dev/ioapic.h"
#include "hv/dev/nic.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"
#include "hv/include/perfc.h"
#include "hv/include/time.h"
#include "include/pc/pci.h"

#define CLASS_ETHERNET 0x0200
#define IDENTITY       0x100e8086u /* the only one whose registers are tried */

/* Registers, by their names in the SDM, 13.4. */
enum { CTRL = 0, STATUS = 0x8, EERD = 0x14, ICR = 0xc0, ITR = 0xc4, IMS = 0xd0, IMC = 0xd8 };
enum { RCTL = 0x100, TCTL = 0x400, TIPG = 0x410, RDBAL = 0x2800, RDLEN = 0x2808, RDH = 0x2810 };
enum { RDT = 0x2818, TDBAL = 0x3800, TDLEN = 0x3808, TDH = 0x3810, TDT = 0x3818 };
enum { RXCSUM = 0x5000, MTA = 0x5200 };
#define REGISTER_PAGES 6

#define CTRL_LINK_UP   (1u << 6)
#define CTRL_RESET     (1u << 26)
#define CAUSES         0xd7u       /* sent, link, few descriptors, lost, received */
#define RCTL_SETTING   0x0400801au /* on, all addresses, broadcasts, 2048 bytes, no frame check */
#define TCTL_SETTING   0x0003f0fau /* on, short ones padded, collisions as the SDM has them */
#define TIPG_SETTING   0x00602006u /* gaps that the SDM has for copper, 13.4.34 */
#define RXCSUM_SETTING 0x300u      /* of IP, and of TCP and UDP */
#define THROTTLE       250u        /* of 256 ns: 64 us between interrupts */
#define EERD_START     1u
#define EERD_DONE      0x10u

#define DONE            0x01u       /* status */
#define RECEIVED_END    0x02u       /* the packet ends here */
#define RECEIVED_NO_SUM 0x04u       /* the card did not look at sums */
#define RECEIVED_SUM_TU 0x20u       /* it did at TCP's or UDP's */
#define RECEIVED_WRONG  0xffu       /* errors of every kind */
#define SEND_CONTEXT    0x20000000u /* DEXT, and what it is in 20-23 */
#define SEND_DATA       0x20100000u
#define SEND_LAST       0x0b000000u /* end of packet, frame check, report */
#define SEND_TCP        0x01000000u /* in a context: TCP, else UDP */
#define SEND_SUM        0x200u      /* in the second half: put in TCP's or UDP's sum */

#define RING       256
#define BUFFERS    128
#define BATCH      64
#define RESET_TIME MICROSECONDS(10)

struct nic_descriptor {
    uint32_t address, address_high, low, high;
};

_Static_assert(RING * sizeof(struct nic_descriptor) <= PAGE_SIZE, "a ring is one page");
_Static_assert(RING > 2 * (NIC_PARTS + 1), "there is room for more than one packet");

struct spinlock net_lock;

static volatile char *registers[REGISTER_PAGES]; /* [0] NULL: there is no card */
static uint8_t address[6];

static volatile struct nic_descriptor *out;
static struct nic_packet *sent_by[RING]; /* at a packet's last descriptor */
static unsigned out_head, out_tail;      /* out_head: the first that is not known to be sent */
static unsigned load;
static uint16_t sum_known; /* what the last context descriptor said */
static bool sum_known_udp;

static volatile struct nic_descriptor *in;
static mfn buffer[BUFFERS], spare; /* 0: none */
static unsigned in_next;
static bool masked;

static uint32_t get(unsigned at)
{
    return *(volatile uint32_t *)(registers[at / PAGE_SIZE] + at % PAGE_SIZE);
}

static void set(unsigned at, uint32_t value)
{
    *(volatile uint32_t *)(registers[at / PAGE_SIZE] + at % PAGE_SIZE) = value;
}

const uint8_t *nic_address(void)
{
    return registers[0] ? address : NULL;
}

unsigned nic_load(void)
{
    return load;
}

/* --- sending ---------------------------------------------------------------------------------- */

bool nic_has_room(void)
{
    unsigned used = (out_tail - out_head) % RING;

    return registers[0] && used + NIC_PARTS + 1 < RING; /* one stays empty; one is for a context */
}

static volatile struct nic_descriptor *next_out(void)
{
    volatile struct nic_descriptor *d = &out[out_tail];

    out_tail = (out_tail + 1) % RING;
    return d;
}

/* What the sums of the packets that follow are (SDM 3.3.6): from a byte to the end. */
static void describe_sum(const struct nic_packet *packet)
{
    volatile struct nic_descriptor *d;
    uint16_t wanted = (uint16_t)(packet->sum_start | packet->sum_at << 8);

    if (wanted == sum_known && packet->sum_udp == sum_known_udp)
        return;
    sum_known = wanted;
    sum_known_udp = packet->sum_udp;
    d = next_out();
    d->address = 0;
    d->address_high = wanted;
    d->low = SEND_CONTEXT | (packet->sum_udp ? 0 : SEND_TCP);
    d->high = 0;
}

void nic_send(struct nic_packet *packet)
{
    uint32_t sum = packet->sum_at ? SEND_SUM : 0;
    unsigned last = 0;

    ASSERT(nic_has_room() && packet->parts > 0 && packet->parts <= NIC_PARTS);
    if (sum)
        describe_sum(packet);
    for (unsigned i = 0; i < packet->parts; i++) {
        const struct nic_part *part = &packet->part[i];
        volatile struct nic_descriptor *d;

        last = out_tail;
        d = next_out();
        d->address = (part->frame << PAGE_SHIFT) + part->offset;
        d->address_high = part->frame >> (32 - PAGE_SHIFT);
        d->low = SEND_DATA | part->bytes | (i + 1 == packet->parts ? SEND_LAST : 0);
        d->high = sum;
    }
    sent_by[last] = packet;
    load++;
    perfc_count(nic_sent);
    barrier();
    set(TDT, out_tail);
}

static void take_back_sent(void)
{
    while (out_head != out_tail) {
        unsigned end = out_head;
        struct nic_packet *packet;

        while (!sent_by[end])
            end = (end + 1) % RING;
        if (!(out[end].high & DONE))
            return;
        packet = sent_by[end];
        sent_by[end] = NULL;
        out_head = (end + 1) % RING;
        load--;
        packet->done(packet);
    }
}

/* --- receiving -------------------------------------------------------------------------------- */

static void offer(unsigned slot)
{
    in[slot].address = buffer[slot] << PAGE_SHIFT;
    in[slot].address_high = buffer[slot] >> (32 - PAGE_SHIFT);
    in[slot].low = in[slot].high = 0;
}

/* The packet's receiver may keep its frame if there is another one to put in its place. How much
 * was done. */
static unsigned pass_on(unsigned slot, uint32_t bytes, uint32_t said)
{
    bool checked = (said & (RECEIVED_NO_SUM | RECEIVED_SUM_TU)) == RECEIVED_SUM_TU;
    unsigned done;

    if (!spare) {
        lock(&mm_lock);
        frame_take(&spare);
        unlock(&mm_lock);
    }
    if (nic_arrived(buffer[slot], bytes, checked, spare != 0, &done)) {
        buffer[slot] = spare;
        spare = 0;
    }
    return done;
}

/* True: there are more. */
static bool take_received(void)
{
    unsigned done = 0, slot = BUFFERS;

    while (done < BATCH && in[in_next].high & DONE) {
        uint32_t bytes = in[in_next].low & 0xffff, high = in[in_next].high;

        slot = in_next;
        done++;
        perfc_count(nic_received);
        if ((high & RECEIVED_END) && !(high >> 8 & RECEIVED_WRONG) && bytes <= NIC_LONGEST)
            done += pass_on(slot, bytes, high);
        else
            perfc_count(nic_lost);
        offer(slot);
        in_next = (in_next + 1) % BUFFERS;
    }
    barrier();
    if (slot < BUFFERS)
        set(RDT, slot);
    return done >= BATCH;
}

bool nic_poll(void)
{
    bool more;

    take_back_sent();
    more = take_received();
    if (more != masked)
        set(more ? IMC : IMS, CAUSES);
    masked = more;
    return more;
}

static void interrupt_here(void *context)
{
    (void)context;
    lock(&net_lock);
    if (get(ICR) & CAUSES) { /* takes the interrupt back */
        perfc_count(nic_interrupts);
        nic_idle(nic_poll());
    }
    unlock(&net_lock);
}

/* --- finding the card ------------------------------------------------------------------------- */

static bool read_address(void)
{
    for (unsigned i = 0; i < 3; i++) {
        nanoseconds end = now() + MILLISECONDS(10);
        uint32_t answer;

        set(EERD, i << 8 | EERD_START);
        do
            answer = get(EERD);
        while (!(answer & EERD_DONE) && now() < end);
        if (!(answer & EERD_DONE))
            return false;
        address[2 * i] = (uint8_t)(answer >> 16);
        address[2 * i + 1] = (uint8_t)(answer >> 24);
    }
    return !(address[0] & 1);
}

static bool make_rings(void)
{
    bool all;

    out = heap_page();
    in = heap_page();
    all = out && in;
    lock(&mm_lock);
    for (unsigned i = 0; all && i < BUFFERS; i++)
        all = frame_take(&buffer[i]);
    for (unsigned i = 0; !all && i < BUFFERS && buffer[i]; i++)
        frame_return(buffer[i]);
    unlock(&mm_lock);
    return all;
}

static void set_up(void)
{
    for (unsigned i = 0; i < 128; i++)
        set(MTA + 4 * i, 0);
    for (unsigned i = 0; i < BUFFERS; i++)
        offer(i);
    set(CTRL, get(CTRL) | CTRL_LINK_UP);
    set(ITR, THROTTLE);
    set(RDBAL, heap_mfn((const void *)in) << PAGE_SHIFT);
    set(RDBAL + 4, 0);
    set(RDLEN, BUFFERS * sizeof(struct nic_descriptor));
    set(RDH, 0);
    set(RDT, BUFFERS - 1);
    set(RXCSUM, RXCSUM_SETTING);
    set(TDBAL, heap_mfn((const void *)out) << PAGE_SHIFT);
    set(TDBAL + 4, 0);
    set(TDLEN, RING * sizeof(struct nic_descriptor));
    set(TDH, 0);
    set(TDT, 0);
    set(TIPG, TIPG_SETTING);
    set(TCTL, TCTL_SETTING);
    set(RCTL, RCTL_SETTING);
    set(IMS, CAUSES);
}

static bool find_line(uint32_t function, struct irq_listener *listener)
{
    uint32_t device = function >> 11 & 31, lines = pci_read(function, PCI_INTERRUPT);
    struct mp_interrupt where;

    return mp_pci_interrupt(0, device, (lines >> 8 & 0xff) - 1, &where) &&
           ioapic_listen(&where, listener);
}

void nic_init(void)
{
    static struct irq_listener listener = {.handle = interrupt_here};
    uint32_t function = mp_has_pci() ? pci_next(0, CLASS_ETHERNET) : 0, base;

    if (!function || pci_read(function, 0) != IDENTITY)
        return;
    base = pci_read(function, PCI_BAR(0));
    if ((base & 7) || !base)
        return;
    pci_enable(function, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    for (unsigned i = 0; i < REGISTER_PAGES; i++)
        registers[i] = map_device((base & PAGE_MASK) + i * PAGE_SIZE);
    set(IMC, ~0u);
    set(CTRL, get(CTRL) | CTRL_RESET);
    delay(RESET_TIME);
    set(IMC, ~0u);
    if (!read_address() || !make_rings() || !find_line(function, &listener)) {
        registers[0] = NULL;
        print("the network card cannot be used\n");
        return;
    }
    set_up();
    print("network card %02x:%02x:%02x:%02x:%02x:%02x\n", address[0], address[1], address[2],
          address[3], address[4], address[5]);
}
