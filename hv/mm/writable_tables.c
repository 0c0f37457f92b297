/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * writable_tables.c - the assist "writable page tables"
 *
 * A guest that asked for it may write L1 entries with ordinary instructions, though it maps its
 * tables read-only: the write faults, the instruction is carried out here, and the new entry goes
 * through the same check and commit as an update by hypercall. What does not conform stays the
 * guest's page fault. Tables of higher levels are not written this way.
 *
 * The faulting address is that of the operand, so only the instruction's length and its other
 * operand have to be found. Known are the forms that compilers and kernels use on an entry: MOV, XCHG,
 * CMPXCHG, CMPXCHG8B, AND, OR, with or without LOCK.
 *
 * An entry is eight bytes and many instructions write four. An upper half that makes no sense yet
 * with the old lower one is taken with the present bit cleared: the guest will write the other half
 * next.
 *
 * Source: xen/xen.h, VMASST_TYPE_writable_pagetables; SDM vol. 2, 2.1.
 */
#include "hv/include/lib.h"
#include "hv/include/mm.h"
#include "hv/include/perfc.h"
#include "hv/include/percpu.h"
#include "hv/include/traps.h"
#include "hv/include/uaccess.h"

#define PREFIX_LOCK 0xf0
#define MAX_LENGTH  15

/* A write as decoded: what the four or eight bytes become, as a function of what they are. */
struct guest_write {
    unsigned length; /* of the instruction */
    bool wide;       /* CMPXCHG8B: eight bytes */
    enum { SET, AND, OR, EXCHANGE, COMPARE } action;
    uint32_t value;      /* the other operand */
    uint32_t *exchanged; /* EXCHANGE: the register that gets the old value */
};

static uint32_t *reg(cpu_regs *regs, unsigned number)
{
    uint32_t *const registers[8] = {&regs->eax, &regs->ecx, &regs->edx, &regs->ebx,
                                    &regs->esp, &regs->ebp, &regs->esi, &regs->edi};
    return registers[number & 7];
}

/* Bytes of ModRM, SIB and displacement, 32-bit addressing. 0: a register operand. */
static unsigned operand_length(const uint8_t *modrm)
{
    unsigned mod = modrm[0] >> 6, rm = modrm[0] & 7, length = 1;

    if (mod == 3)
        return 0;
    if (rm == 4) {
        length++;
        if (mod == 0 && (modrm[1] & 7) == 5)
            length += 4;
    } else if (mod == 0 && rm == 5) {
        length += 4;
    }
    return length + (mod == 1 ? 1 : mod == 2 ? 4 : 0);
}

static uint32_t immediate(const uint8_t *from)
{
    return from[0] | from[1] << 8 | from[2] << 16 | (uint32_t)from[3] << 24;
}

static bool decode(cpu_regs *regs, const uint8_t *code, struct guest_write *w)
{
    unsigned at = code[0] == PREFIX_LOCK, operand, group;
    const uint8_t *modrm;
    uint8_t opcode = code[at++];
    bool two_bytes = opcode == 0x0f;

    if (two_bytes)
        opcode = code[at++];
    *w = (struct guest_write){.action = SET};
    if (!two_bytes && opcode == 0xa3) { /* mov %eax, address */
        w->value = regs->eax;
        w->length = at + 4;
        return true;
    }
    modrm = &code[at];
    operand = operand_length(modrm);
    if (operand == 0)
        return false;
    group = modrm[0] >> 3 & 7;
    w->length = at + operand;
    w->value = *reg(regs, group);
    if (two_bytes) {
        w->action = COMPARE;
        w->wide = opcode == 0xc7;
        return opcode == 0xb1 || (opcode == 0xc7 && group == 1);
    }
    switch (opcode) {
    case 0x89: /* mov, xchg, or, and: register */
        return true;
    case 0x87:
        w->action = EXCHANGE;
        w->exchanged = reg(regs, group);
        return true;
    case 0x09:
        w->action = OR;
        return true;
    case 0x21:
        w->action = AND;
        return true;
    case 0xc7: /* mov, or, and: immediate */
        w->value = immediate(modrm + operand);
        w->length += 4;
        return group == 0;
    case 0x81:
        w->value = immediate(modrm + operand);
        w->length += 4;
        break;
    case 0x83:
        w->value = (uint32_t)(int8_t)modrm[operand];
        w->length += 1;
        break;
    default:
        return false;
    }
    w->action = group == 1 ? OR : AND;
    return group == 1 || group == 4;
}

/* The entry after the write. False: a comparison failed, and nothing is written. */
static bool new_entry(const cpu_regs *regs, const struct guest_write *w, pte old, bool upper,
                      pte *new)
{
    uint32_t half = (uint32_t)(upper ? old >> 32 : old), value = w->value;

    if (w->wide) {
        *new = regs->ebx | (uint64_t)regs->ecx << 32;
        return old == (regs->eax | (uint64_t)regs->edx << 32);
    }
    switch (w->action) {
    case AND:
        value &= half;
        break;
    case OR:
        value |= half;
        break;
    default:
        break;
    }
    *new = upper ? (old & 0xffffffffull) | (uint64_t)value << 32 : (old & ~0xffffffffull) | value;
    return w->action != COMPARE || half == (uint32_t)regs->eax;
}

/* What the instruction leaves in registers and flags. */
static void finish(cpu_regs *regs, const struct guest_write *w, pte old, bool upper, bool written)
{
    uint32_t half = (uint32_t)(upper ? old >> 32 : old);

    regs->eip += w->length;
    if (w->action == EXCHANGE)
        *w->exchanged = half;
    if (w->action != COMPARE)
        return;
    regs->eflags = written ? regs->eflags | EFLAGS_ZF : regs->eflags & ~EFLAGS_ZF;
    if (written)
        return;
    regs->eax = w->wide ? (uint32_t)old : half;
    if (w->wide)
        regs->edx = (uint32_t)(old >> 32);
}

/* Carries the write out on an entry of a table that has been found. */
static bool write_entry(cpu_regs *regs, const struct guest_write *w, uint32_t address, mfn table)
{
    struct domain *domain = current_domain();
    pte *l1 = map_frame(table), *entry = &l1[(address & (PAGE_SIZE - 1)) / sizeof(pte)];
    pte old = *entry, new;
    bool upper = address & 4, done = true, written;

    written = new_entry(regs, w, old, upper, &new);
    if (written && l1_entry_update(entry, new, domain->id)) {
        done = upper && !w->wide && w->action == SET && (new &PTE_PRESENT) &&
               !l1_entry_update(entry, new & ~PTE_PRESENT, domain->id);
    }
    unmap_frame(l1);
    if (done)
        finish(regs, w, old, upper, written);
    return done;
}

bool writable_table_fault(cpu_regs *regs, uint32_t address)
{
    struct domain *domain = current_domain();
    uint8_t code[MAX_LENGTH + 4] = {0};
    struct guest_write w;
    unsigned slot;
    bool done = false;
    mfn map, table = 0;

    for (unsigned i = 0; i < MAX_LENGTH; i++) {
        if (copy_from_guest(&code[i], (char *)(uintptr_t)regs->eip + i, 1))
            break;
    }
    if (!decode(regs, code, &w) || (address & (w.wide ? 7 : 3)))
        return false;
    lock(&mm_lock);
    map = find_l1(domain, address, &slot);
    if (map) {
        const pte *l1 = map_frame(map);

        table = l1[slot] & PTE_PRESENT ? PTE_MFN(l1[slot]) : 0;
        unmap_frame(l1);
    }
    if (table && frame_of(table) && frame_table[table].owner == domain->id &&
        frame_table[table].type == FRAME_L1 && frame_table[table].type_count > 0)
        done = write_entry(regs, &w, address, table);
    unlock(&mm_lock);
    return done;
}
