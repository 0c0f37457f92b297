/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * gdt.c - a vcpu's GDT and LDT
 *
 * Each processor has one place for a GDT and one for an LDT in the descriptor area; at a switch the
 * frames of the next vcpu are put there. Places without a frame show a page of zeros, so that
 * a selector pointing there is a #GP like any other bad selector.
 *
 * LDT pages are named by an address of the guest and are found, checked and counted at the first
 * fault on them, one by one.
 */
#include "hv/include/errors.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"
#include "hv/include/perfc.h"
#include "hv/include/arch/traps.h"

#define DESCRIPTORS_A_PAGE (PAGE_SIZE / 8)
#define LDT_SYSTEM         0x00008200u /* present LDT descriptor */

status descriptor_table_validate(mfn number)
{
    struct descriptor *table = map_frame(number);
    status result = 0;

    for (unsigned i = 0; i < DESCRIPTORS_A_PAGE && !result; i++) {
        struct descriptor d = table[i];

        if (!descriptor_cut(&d))
            result = -EINVAL;
    }
    /* All may pass: only now the cut limits are written. */
    for (unsigned i = 0; i < DESCRIPTORS_A_PAGE && !result; i++)
        descriptor_cut(&table[i]);
    unmap_frame(table);
    return result;
}

static void load_ldt_register(struct cpu *cpu, const struct vcpu *vcpu)
{
    struct descriptor *d = &cpu->gdt[(SEL_LDT - RESERVED_GDT_BASE) >> 3];
    uint32_t base = DESC_VIRT_START + cpu->id * DESC_AREA_SIZE + LDT_AREA_OFFSET;
    uint32_t limit;

    if (!vcpu || vcpu->ldt_entries == 0) {
        __asm__ volatile("lldt %w0" : : "r"(0));
        return;
    }
    limit = vcpu->ldt_entries * 8 - 1;
    d->low = base << 16 | (limit & 0xffff);
    d->high = (base & 0xff000000u) | LDT_SYSTEM | ((base >> 16) & 0xff);
    __asm__ volatile("lldt %w0" : : "r"(SEL_LDT));
}

static bool shown_here(const struct vcpu *vcpu)
{
    return this_cpu()->loaded == vcpu;
}

void descriptors_load(struct cpu *cpu, struct vcpu *vcpu)
{
    for (unsigned page = 0; page < GUEST_GDT_PAGES; page++) {
        mfn frame = vcpu->gdt_frame[page];

        map_descriptor_page(cpu->id, page, frame ? frame : zero_mfn, frame != 0);
    }
    for (unsigned page = 0; page < LDT_PAGES; page++) {
        mfn frame = vcpu->ldt_frame[page];

        map_descriptor_page(cpu->id, 16 + page, frame ? frame : zero_mfn, frame != 0);
    }
    load_ldt_register(cpu, vcpu);
}

void descriptors_unload(struct cpu *cpu)
{
    for (unsigned page = 0; page < DESC_PAGES_PER_CPU; page++) {
        if (page != RESERVED_GDT_PAGE)
            map_descriptor_page(cpu->id, page, zero_mfn, false);
    }
    load_ldt_register(cpu, NULL);
}

static unsigned pages_of(unsigned entries)
{
    return (entries + DESCRIPTORS_A_PAGE - 1) / DESCRIPTORS_A_PAGE;
}

status gdt_get(const mfn *frames, unsigned entries, uint16_t owner)
{
    unsigned pages = pages_of(entries);

    if (pages > GUEST_GDT_PAGES)
        return -EINVAL;
    for (unsigned i = 0; i < pages; i++) {
        if (frame_get_with_type(frames[i], owner, FRAME_SEGDESC)) {
            while (i-- > 0)
                frame_put_with_type(frames[i]);
            return -EINVAL;
        }
    }
    return 0;
}

void commit_gdt(struct vcpu *vcpu, const mfn *frames, unsigned entries)
{
    unsigned pages = pages_of(entries), i;
    mfn old[GUEST_GDT_PAGES];

    memcpy(old, vcpu->gdt_frame, sizeof(old));
    for (i = 0; i < GUEST_GDT_PAGES; i++)
        vcpu->gdt_frame[i] = i < pages ? frames[i] : 0;
    vcpu->gdt_entries = (uint16_t)entries;
    perfc_add(validated_gdt, pages);
    if (shown_here(vcpu))
        descriptors_load(this_cpu(), vcpu);
    for (i = 0; i < GUEST_GDT_PAGES; i++) {
        if (old[i])
            frame_put_with_type(old[i]);
    }
}

static void release_ldt(struct vcpu *vcpu)
{
    for (unsigned i = 0; i < LDT_PAGES; i++) {
        mfn frame = vcpu->ldt_frame[i];

        vcpu->ldt_frame[i] = 0;
        if (!frame)
            continue;
        if (shown_here(vcpu))
            map_descriptor_page(this_cpu()->id, 16 + i, zero_mfn, false);
        frame_put_with_type(frame);
    }
}

void commit_ldt(struct vcpu *vcpu, uint32_t base, unsigned entries)
{
    release_ldt(vcpu);
    vcpu->ldt_base = base;
    vcpu->ldt_entries = (uint16_t)entries;
    if (shown_here(vcpu))
        load_ldt_register(this_cpu(), vcpu);
}

bool ldt_page_fault(struct vcpu *vcpu, uint32_t offset)
{
    unsigned page = offset >> PAGE_SHIFT, slot;
    mfn table, frame = 0;
    bool loaded = false;

    if (page >= LDT_PAGES || offset / 8 >= vcpu->ldt_entries || vcpu->ldt_frame[page])
        return false;
    lock(&mm_lock);
    if (find_l1(vcpu, vcpu->ldt_base + (page << PAGE_SHIFT), &table, &slot)) {
        pte *l1 = map_frame(table);

        if (l1[slot] & PTE_PRESENT)
            frame = PTE_MFN(l1[slot]);
        unmap_frame(l1);
    }
    if (frame && !frame_get_with_type(frame, vcpu->domain->id, FRAME_SEGDESC)) {
        vcpu->ldt_frame[page] = frame;
        map_descriptor_page(this_cpu()->id, 16 + page, frame, true);
        perfc_count(validated_ldt);
        loaded = true;
    }
    unlock(&mm_lock);
    return loaded;
}

void descriptors_release(struct vcpu *vcpu)
{
    release_ldt(vcpu);
    commit_gdt(vcpu, NULL, 0);
}
