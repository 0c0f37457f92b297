/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * emulate.c - privileged instructions of a guest kernel
 *
 * A paravirtual kernel calls the hypervisor; a few instructions are kept working for code that is
 * not worth changing: HLT, which blocks, and those of system registers (emulate_system.c). What
 * IOPL governs (CLI, STI, IN, OUT) works in the rings that the guest's own IOPL lets use it; ports
 * lead somewhere for Domain 0 only. INS and OUTS are not emulated. All else is the guest's own #GP.
 *
 * An emulated instruction ends like any other: with #DB if it was stepped (EFLAGS.TF) or if a
 * breakpoint of the guest's lies on its port.
 */
#include "hv/include/hypercall.h"
#include "hv/include/lib.h"
#include "hv/include/perfc.h"
#include "hv/include/sched.h"
#include "hv/include/arch/traps.h"
#include "hv/include/arch/uaccess.h"
#include "include/pc/port.h"

/* --- IOPL-sensitive instructions ------------------------------------------------------------- */

/*
 * The guest's own IOPL against the ring that it believes to run in: its kernel counts as ring 1, or
 * as ring 0 once it asked for the architectural rule (VMASST_TYPE_architectural_iopl, xen/xen.h).
 */
static bool iopl_allows(const struct vcpu *vcpu, const cpu_regs *regs)
{
    unsigned ring = RING_OF(regs);

    if (ring == 1 && (vcpu->domain->vm_assist & 1ul << VMASST_TYPE_architectural_iopl))
        ring = 0;
    return ring <= vcpu->iopl;
}

/*
 * What IOPL does not allow, the guest's bitmap may (PHYSDEVOP_set_iobitmap); it is read when asked.
 */
static bool bitmap_allows(const struct vcpu *vcpu, unsigned port, unsigned bytes)
{
    if (port + bytes > vcpu->port_bitmap_ports)
        return false;
    for (unsigned i = port; i < port + bytes; i++) {
        uint8_t bits;

        if (copy_from_guest(&bits, (char *)(uintptr_t)vcpu->port_bitmap + i / 8, 1) ||
            (bits >> (i % 8) & 1))
            return false;
    }
    return true;
}

/* What drives this hypervisor's own clock, interrupts, console and power is nobody else's. */
static const struct {
    uint16_t first, last;
} own_ports[] = {{0x20, 0x21}, {0x40, 0x43},   {0x61, 0x61},
                 {0xa0, 0xa1}, {0x3f8, 0x3ff}, {0xf4, 0xf4}};

static bool port_granted(const struct domain *domain, unsigned port, unsigned bytes)
{
    if (!domain->privileged || port + bytes > PORTS)
        return false;
    for (unsigned i = 0; i < ARRAY_SIZE(own_ports); i++)
        if (port <= own_ports[i].last && port + bytes > own_ports[i].first)
            return false;
    return true;
}

static uint32_t port_read(uint16_t port, unsigned bytes)
{
    if (bytes == 1)
        return in8(port);
    if (bytes == 2)
        return in16(port);
    return in32(port);
}

/*
 * The clock chip's registers are behind two ports. Nobody takes its interrupts, so the bits that
 * enable them (MC146818, register B: PIE, AIE, UIE) stay clear, whatever Domain 0 writes.
 */
enum { CLOCK_B = 0x0b, CLOCK_B_ENABLES = 0x70, CLOCK_INDEX_MASK = 0x7f };

static uint8_t clock_byte(uint16_t port, uint8_t value)
{
    static uint8_t index; /* the register that Domain 0 chose last */

    if (port == CMOS_INDEX)
        index = value & CLOCK_INDEX_MASK;
    return port == CMOS_DATA && index == CLOCK_B ? value & (uint8_t)~CLOCK_B_ENABLES : value;
}

/* Wide accesses that reach the clock chip are made byte by byte, in ascending order. */
static void port_write(uint16_t port, uint32_t value, unsigned bytes)
{
    bool clock = port <= CMOS_DATA && port + bytes > CMOS_INDEX;

    if (bytes == 1 || clock)
        for (unsigned i = 0; i < bytes; i++)
            out8((uint16_t)(port + i), clock_byte((uint16_t)(port + i), (uint8_t)(value >> 8 * i)));
    else if (bytes == 2)
        out16(port, (uint16_t)value);
    else
        out32(port, value);
}

/* How much an IN or OUT moves. */
static unsigned port_bytes(uint8_t opcode, bool narrow)
{
    if (!(opcode & 0x01))
        return 1;
    return narrow ? 2 : 4;
}

/* IN and OUT. A port that a domain was not given swallows what is written and reads as ones. */
static bool emulate_port(cpu_regs *regs, uint8_t opcode, uint8_t immediate, bool narrow)
{
    uint16_t port = opcode & 0x08 ? (uint16_t)regs->edx : immediate;
    unsigned bytes = port_bytes(opcode, narrow);
    uint32_t mask = bytes == 4 ? ~0u : (1u << 8 * bytes) - 1;
    bool granted = port_granted(current_domain(), port, bytes);

    if (!iopl_allows(current_vcpu(), regs) && !bitmap_allows(current_vcpu(), port, bytes))
        return false;
    if (!(opcode & 0x02))
        regs->eax = (regs->eax & ~mask) | (granted ? port_read(port, bytes) & mask : mask);
    else if (granted)
        port_write(port, regs->eax & mask, bytes);
    regs->eip += (narrow ? 1 : 0) + (opcode & 0x08 ? 1 : 2);
    debug_port_accessed(current_vcpu(), port, bytes);
    return true;
}

/* CLI and STI do nothing: a guest masks its events in shared memory. */
static bool emulate_sensitive(cpu_regs *regs, const uint8_t *code)
{
    bool narrow = code[0] == 0x66;
    uint8_t opcode = code[narrow];

    if ((opcode & 0xf4) == 0xe4) /* e4-e7: immediate port; ec-ef: port in dx */
        return emulate_port(regs, opcode, code[narrow + 1], narrow);
    if (narrow || (opcode != 0xfa && opcode != 0xfb) || !iopl_allows(current_vcpu(), regs))
        return false;
    regs->eip++;
    return true;
}

static bool emulate(cpu_regs *regs)
{
    uint8_t code[3] = {0};

    for (unsigned i = 0; i < sizeof(code); i++) {
        if (copy_from_guest(&code[i], (char *)(uintptr_t)regs->eip + i, 1))
            break;
    }
    if (RING_OF(regs) == 1 && code[0] == 0x0f)
        return emulate_system(regs, code[1], code[2]);
    if (RING_OF(regs) == 1 && code[0] == 0xf4) { /* hlt */
        regs->eip++;
        sched_block();
        return true;
    }
    return emulate_sensitive(regs, code);
}

bool emulate_privileged(cpu_regs *regs)
{
    bool stepped = regs->eflags & EFLAGS_TF;

    if (!emulate(regs))
        return false;
    debug_emulated(regs, stepped);
    return true;
}
