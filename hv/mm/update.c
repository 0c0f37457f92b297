/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * update.c - changes of single page-table entries
 *
 * The guest names an entry and its new value. Check: the uses that the new value makes are taken,
 * which may fail and then nothing has happened. Commit: the entry is written and the uses of the
 * old value are returned. An entry that keeps its frame and its RW bit needs neither.
 *
 * mmu_update names entries by machine address, in a page table of its own (or, Domain 0, of the
 * domain in the upper half of `foreigndom`); a frame that is not a page table is written plainly,
 * if it could be mapped writable. update_va_mapping names them by the virtual address they
 * translate.
 */
#include "hv/include/errors.h"
#include "hv/include/hypercall.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"
#include "hv/include/operation.h"
#include "hv/include/arch/percpu.h"
#include "hv/include/perfc.h"
#include "hv/include/arch/uaccess.h"

#define PREEMPT_EVERY 32

static bool same_uses(pte old, pte updated)
{
    return (old & PTE_PRESENT) && (updated & PTE_PRESENT) &&
           ((old ^ updated) & (PTE_MFN_MASK | PTE_RW)) == 0;
}

/* One L1 entry; data_owner owns the frame it may name. */
static status update_l1(pte *where, pte value, uint16_t table_owner, uint16_t data_owner,
                        bool keep_ad)
{
    pte old = *where;
    status result;

    perfc_count(pt_updates_l1);
    if (keep_ad)
        value |= old & (PTE_ACCESSED | PTE_DIRTY);
    if (same_uses(old, value)) {
        result = check_l1_bits(value);
        if (result)
            return result;
        write_pte(where, value);
        return 0;
    }
    result = l1_entry_get(value, data_owner, table_owner == 0);
    if (result)
        return result;
    if ((value & PTE_PRESENT) && data_owner != table_owner && frame_of(PTE_MFN(value)))
        frame_table[PTE_MFN(value)].flags |= FRAME_FOREIGN;
    write_pte(where, value);
    l1_entry_put(old);
    return 0;
}

status l1_entry_update(pte *where, pte value, uint16_t owner)
{
    status result = update_l1(where, value, owner, owner, false);

    if (result)
        perfc_count(pt_updates_refused);
    return result;
}

static status update_l2(mfn table, pte *where, pte value, uint16_t owner, unsigned slot)
{
    enum frame_type type = frame_table[table].type;
    pte old = *where;
    status result;

    perfc_count(pt_updates_l2);
    if (type == FRAME_L2_TOP && slot >= HV_L2_SLOT)
        return -EPERM;
    result = l2_entry_get(value, owner, table);
    if (result)
        return result;
    write_pte(where, value);
    l2_entry_put(old, table);
    return 0;
}

static status update_l3(mfn table, pte *where, pte value, uint16_t owner, unsigned slot)
{
    const struct domain *domain = domains[owner];
    pte old = *where;
    status result;

    perfc_count(pt_updates_l3);
    /*
     * The fourth entry shows the hypervisor and is looked at as long as the root is one: it stays.
     */
    if (slot >= TOP_ROOT_SLOT)
        return -EINVAL;
    result = l3_entry_get(value, owner, slot);
    if (result)
        return result;
    write_pte(where, l3_entry_clean(value));
    /*
     * The processor keeps copies of the root's entries until CR3 is loaded: before the old use
     * goes.
     */
    if (domain && domain->vcpu[0].root == table) {
        if (this_cpu()->loaded == &domain->vcpu[0])
            flush_local();
        else
            flush_domain(domain);
    }
    l3_entry_put(old);
    return 0;
}

/* An entry, or a plain word, at a machine address in a frame of table_owner's. */
static status update_at(uint64_t address, pte value, uint16_t table_owner, uint16_t data_owner,
                        bool keep_ad)
{
    mfn number = (mfn)(address >> PAGE_SHIFT);
    unsigned slot = (unsigned)(address & (PAGE_SIZE - 1)) / sizeof(pte);
    enum frame_type type;
    status result;
    pte *table;

    if (address >> 44 || frame_get(number, table_owner))
        return -EINVAL;
    type = frame_relied_on(&frame_table[number]);
    table = map_frame(number);
    if (type != FRAME_NONE && type != FRAME_WRITABLE &&
        !(frame_table[number].flags & FRAME_VALIDATED)) {
        result = -EINVAL;
    } else {
        switch (type) {
        case FRAME_L1:
            result = update_l1(&table[slot], value, table_owner, data_owner, keep_ad);
            break;
        case FRAME_L2:
        case FRAME_L2_TOP:
            result = update_l2(number, &table[slot], value, table_owner, slot);
            break;
        case FRAME_L3:
            result = update_l3(number, &table[slot], value, table_owner, slot);
            break;
        case FRAME_SEGDESC:
            result = -EINVAL;
            break;
        default:
            result = frame_get_type(number, FRAME_WRITABLE);
            if (!result) {
                write_pte(&table[slot], value);
                frame_put_type(number);
            }
            break;
        }
    }
    unmap_frame(table);
    frame_put(number);
    return result;
}

static status set_machine_to_physical(uint64_t address, uint64_t value, uint16_t owner)
{
    const struct frame *frame = frame_of((mfn)(address >> PAGE_SHIFT));

    if (address >> 44 || !frame || frame->owner != owner)
        return -EINVAL;
    m2p[address >> PAGE_SHIFT] = (uint32_t)value;
    return 0;
}

/*
 * The domain number that a foreign id means, if self may name it. -ESRCH, -EPERM. A number, as the
 * domain itself may go at any moment: who has none owns nothing.
 */
static status foreign(const struct domain *self, uint32_t id, uint16_t *result)
{
    if (id == DOMID_SELF || id == self->id) {
        *result = self->id;
        return 0;
    }
    if (id == DOMID_IO) {
        *result = self->id;
        return 0;
    }
    if (!self->privileged)
        return -EPERM;
    if (id == DOMID_XEN) {
        *result = DOMID_XEN;
        return 0;
    }
    if (!domain_by_id(self, id))
        return -ESRCH;
    *result = (uint16_t)id;
    return 0;
}

/* The same for tables, which belong to domains only, and are named by their numbers. */
static status foreign_tables(const struct domain *self, uint32_t id, uint16_t *result)
{
    if (id == DOMID_SELF || id >= MAX_DOMAINS)
        return -ESRCH;
    return foreign(self, id, result);
}

static status one_update(const struct mmu_update *request, uint16_t table_owner,
                         uint16_t data_owner)
{
    uint64_t address = request->ptr & ~(uint64_t)(sizeof(pte) - 1);

    operation_begin(__HYPERVISOR_mmu_update, request->ptr & 3);
    switch (request->ptr & 3) {
    case MMU_NORMAL_PT_UPDATE:
    case MMU_PT_UPDATE_NO_TRANSLATE:
        return update_at(address, request->val, table_owner, data_owner, false);
    case MMU_PT_UPDATE_PRESERVE_AD:
        return update_at(address, request->val, table_owner, data_owner, true);
    default:
        return set_machine_to_physical(request->ptr, request->val, data_owner);
    }
}

long do_mmu_update(const unsigned long *args)
{
    const struct mmu_update *list = (const void *)args[0];
    const struct domain *self = current_domain();
    uint16_t data_owner, table_owner = self->id;
    struct mmu_batch batch;
    long result = mmu_batch_begin(&batch, args, sizeof(*list));
    unsigned long i = 0;
    bool look = false;

    if (!result)
        result = foreign(self, args[3] & 0xffff, &data_owner);
    if (!result && args[3] >> 16)
        result = foreign_tables(self, (args[3] >> 16) - 1, &table_owner);
    if (result)
        return result;

    while (i < batch.count || tables_pending(domains[table_owner])) {
        struct mmu_update request;

        if (look && hypercall_should_yield())
            break;
        if (tables_pending(domains[table_owner])) {
            lock(&mm_lock);
            tables_release(domains[table_owner]);
            unlock(&mm_lock);
            look = true;
            continue;
        }
        if (copy_from_guest(&request, &list[i], sizeof(request))) {
            result = -EFAULT;
            break;
        }
        lock(&mm_lock);
        result = one_update(&request, table_owner, data_owner);
        unlock(&mm_lock);
        if (result) {
            perfc_count(pt_updates_refused);
            break;
        }
        look = ++i % PREEMPT_EVERY == 0;
    }
    return mmu_batch_end(&batch, i, result, tables_pending(domains[table_owner]));
}

bool find_l1(const struct vcpu *vcpu, uint32_t address, mfn *l1, unsigned *slot)
{
    const pte *table = map_frame(vcpu->root);
    pte entry = table[address >> L3_SHIFT];

    unmap_frame(table);
    if (!(entry & PTE_PRESENT) || address >= HV_VIRT_START)
        return false;
    table = map_frame(PTE_MFN(entry));
    entry = table[(address >> L2_SHIFT) & (TABLE_ENTRIES - 1)];
    unmap_frame(table);
    /* Through a linear map one meets tables of a higher level: those are not for L1 entries. */
    if (!(entry & PTE_PRESENT) || frame_relied_on(&frame_table[PTE_MFN(entry)]) != FRAME_L1)
        return false;
    *l1 = PTE_MFN(entry);
    *slot = (address >> PAGE_SHIFT) & (TABLE_ENTRIES - 1);
    return true;
}

/*
 * A guest has one processor, so "local", "all" and every mask mean this one, if the mask, where
 * there is one, can be read and names it.
 */
static status flush_for_guest(unsigned long flags, uint32_t address)
{
    unsigned long mask = 1;
    const unsigned long *mask_pointer = (const void *)(flags & ~(UVMF_FLUSHTYPE_MASK | UVMF_ALL));

    if (!(flags & UVMF_ALL) && mask_pointer && copy_from_guest(&mask, mask_pointer, sizeof(mask)))
        return -EFAULT;
    if (!(mask & 1))
        return 0;
    switch (flags & UVMF_FLUSHTYPE_MASK) {
    case UVMF_TLB_FLUSH:
        this_cpu()->flush_deferred = true;
        break;
    case UVMF_INVLPG:
        invlpg(address);
        break;
    default:
        break;
    }
    return 0;
}

static status update_va(uint32_t address, pte value, unsigned long flags, uint16_t data_owner)
{
    const struct domain *self = current_domain();
    unsigned slot = 0;
    status result = -EINVAL;
    mfn table;

    lock(&mm_lock);
    if (find_l1(&self->vcpu[0], address, &table, &slot)) {
        pte *l1 = map_frame(table);

        result = update_l1(&l1[slot], value, self->id, data_owner, false);
        unmap_frame(l1);
    }
    unlock(&mm_lock);
    if (result) {
        perfc_count(pt_updates_refused);
        return result;
    }
    return flush_for_guest(flags, address);
}

long do_update_va_mapping(const unsigned long *args)
{
    return update_va((uint32_t)args[0], args[1] | (uint64_t)args[2] << 32, args[3],
                     current_domain()->id);
}

long do_update_va_mapping_otherdomain(const unsigned long *args)
{
    uint16_t data_owner;
    status result = foreign(current_domain(), (uint32_t)args[4], &data_owner);

    if (result)
        return result;
    return update_va((uint32_t)args[0], args[1] | (uint64_t)args[2] << 32, args[3], data_owner);
}

void commit_root(struct vcpu *vcpu, mfn root)
{
    mfn old = vcpu->root;

    vcpu->root = root;
    if (this_cpu()->loaded == vcpu)
        tables_load(root << PAGE_SHIFT);
    if (old)
        frame_put_with_type(old);
}
