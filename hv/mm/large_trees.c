/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * large_trees.c - trees of page tables that are too large to be taken in one go
 *
 * A tree can have two thousand tables of 512 entries each. To validate all of that takes tens of
 * milliseconds, in which this processor hears nothing and the other one waits for mm_lock. So
 * pinning and loading such a tree, or giving it to a new vcpu, is done in pieces: after each the
 * lock is let go of, and the hypercall too, to be repeated, if there is something else to do.
 * Returning a tree is release.c's.
 *
 *   1. To take a tree is tried at once, with a budget of tables to validate. If that does not
 *      suffice it is as if nothing had been done (validation is all or nothing), and the tree's L1
 *      tables are *held* one by one: each gets a use of its type, and so is validated. When all are
 *      held, the whole tree is taken: that is quick now, as no L1 table is new any more. Then the
 *      holds are given up, which is quick as well.
 *   2. Nothing is believed between the pieces. A hold is an ordinary use, legal for any table of
 *      the domain's. Whatever the guest does to its tables meanwhile, the operation itself is
 *      checked as always, as a whole. A guest that begins something else has its holds given up
 *      first: the tree that is being taken is known by its top, by what that is said to be, and by
 *      whose it is. An operation that differs in one of them, or takes nothing, is another one,
 *      though it names the same table.
 *
 * An operation that has been done counts as done, and what it leaves behind is finished before the
 * next, and before the guest is told. A refusal is kept while its holds are given up; if the guest
 * does something else meanwhile, the refused operation is tried, and refused, again.
 */
#include "hv/include/errors.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"

#define BUDGET      16 /* L1 tables validated in one go: less than half a millisecond */
#define PIECE       8  /* between two looks at what else is to be done: a fifth of a millisecond */
#define FIRST_LIST  1017
#define SECOND_LIST (PAGE_SIZE / sizeof(mfn))

struct large_tree {
    mfn taken; /* the tree whose tables are being held; 0: none */
    uint16_t next, count;
    uint16_t owner;  /* of `taken`, or of `subject` */
    bool root;       /* `taken` is said to be an L3 table */
    uint8_t command; /* whose refusal is kept; 0: none */
    mfn subject;
    status result;
    mfn *second;
    mfn first[FIRST_LIST];
};

/* A root's directories are full but for the hypervisor's part of the last. */
_Static_assert(FIRST_LIST + SECOND_LIST >= 3 * TABLE_ENTRIES + HV_L2_SLOT,
               "all of a tree's tables");
#if !__STDC_HOSTED__
_Static_assert(sizeof(struct large_tree) <= PAGE_SIZE, "a page of the heap");
#endif

static mfn *held(struct large_tree *tree, unsigned i)
{
    return i < FIRST_LIST ? &tree->first[i] : &tree->second[i - FIRST_LIST];
}

/* --- trees ------------------------------------------------------------------------------------ */

/* The directory that holds entry number `index` of a tree, counted through all of them. False:
 * there is none. */
static bool directory(mfn top, bool root, unsigned index, uint16_t owner, mfn *result)
{
    const struct frame *frame;
    const pte *table;
    pte entry;

    *result = top;
    if (!root)
        return index < TABLE_ENTRIES;
    table = map_frame(top);
    entry = table[index / TABLE_ENTRIES];
    unmap_frame(table);
    frame = frame_of(PTE_MFN(entry));
    *result = PTE_MFN(entry);
    return (entry & PTE_PRESENT) && frame && frame->owner == owner;
}

static unsigned entries_of(bool root)
{
    return root ? 3 * TABLE_ENTRIES + HV_L2_SLOT : TABLE_ENTRIES;
}

/* Holds one table, if it is one, or can be. True: that may have cost a validation. */
static bool hold(struct large_tree *tree, mfn top, bool root, unsigned index, uint16_t owner)
{
    const pte *table;
    mfn number;
    pte entry;

    if (!directory(top, root, index, owner, &number))
        return false;
    table = map_frame(number);
    entry = table[index % TABLE_ENTRIES];
    unmap_frame(table);
    if (!(entry & PTE_PRESENT) || frame_get_with_type(PTE_MFN(entry), owner, FRAME_L1))
        return false;
    *held(tree, tree->count++) = PTE_MFN(entry);
    return true;
}

/* --- holds ------------------------------------------------------------------------------------ */

static struct large_tree *tree_make(struct domain *self)
{
    struct large_tree *tree = self->large_tree;

    if (tree)
        return tree;
    tree = heap_page_for(self);
    if (!tree)
        return NULL;
    tree->second = heap_page_for(self);
    if (!tree->second) {
        heap_free(tree);
        self->hv_pages--;
        return NULL;
    }
    self->large_tree = tree;
    return tree;
}

static void tree_free(struct domain *self)
{
    heap_free(self->large_tree->second);
    heap_free(self->large_tree);
    self->large_tree = NULL;
    self->hv_pages -= 2;
}

/* Gives up holds, some at a time. False: there are more. */
static bool give_up(struct large_tree *tree)
{
    for (unsigned done = 0; tree->count > 0 && done < PIECE; done++)
        frame_put_with_type(*held(tree, --tree->count));
    return tree->count == 0;
}

/* What an operation that has been done, or given up, leaves behind. False: as above. */
static bool finish(struct large_tree *tree)
{
    tree->taken = 0;
    tree->next = 0;
    return give_up(tree);
}

/* Holds a tree's tables, likewise. */
static bool take(struct large_tree *tree, const struct tree_operation *op)
{
    unsigned done = 0;

    tree->taken = op->top;
    tree->root = op->root;
    tree->owner = op->owner;
    while (tree->next < entries_of(op->root) && done < PIECE)
        done += hold(tree, op->top, op->root, tree->next++, op->owner);
    return tree->next == entries_of(op->root);
}

/* Whether the tables that are held are this operation's. */
static bool takes_already(const struct large_tree *tree, const struct tree_operation *op)
{
    return tree && tree->taken && op->takes && tree->taken == op->top && tree->root == op->root &&
           tree->owner == op->owner;
}

/* Whether the refusal that is kept is this operation's. */
static bool refused_already(const struct large_tree *tree, const struct tree_operation *op)
{
    return tree && tree->command == op->command && tree->subject == op->top &&
           tree->owner == op->owner;
}

/*
 * --- operations --------------------------------------------------------------------------------
 */

static status try_with_budget(struct domain *self, const struct tree_operation *op)
{
    status result;

    validation_budget = BUDGET;
    result = op->run(self, op);
    validation_budget = 0;
    return result;
}

/* The operation itself. AGAIN: its tree is large, and not all held yet. */
static status run(struct domain *self, const struct tree_operation *op)
{
    const struct frame *frame = frame_of(op->top);
    struct large_tree *tree = self->large_tree;
    status result;

    if (!op->takes)
        return op->run(self, op);
    if (!takes_already(tree, op)) {
        result = try_with_budget(self, op);
        if (result != -EAGAIN)
            return result;
        tree = tree_make(self);
    }
    if (tree && frame && frame->owner == op->owner && !take(tree, op))
        return AGAIN;
    return op->run(self, op);
}

/* The refusal that was kept while its holds are given up; or as above. */
static status refused(struct domain *self)
{
    struct large_tree *tree = self->large_tree;
    status result = tree->result;

    if (!finish(tree))
        return AGAIN;
    tree_free(self);
    return result;
}

status tree_operation(struct domain *self, const struct tree_operation *op)
{
    struct large_tree *tree = self->large_tree;
    status result;

    if (refused_already(tree, op))
        return refused(self);
    if (tree && !takes_already(tree, op) && !tree_finish(self))
        return AGAIN;
    result = run(self, op);
    tree = self->large_tree;
    if (result == AGAIN || !tree)
        return result;
    tree->taken = 0;
    if (!result)
        return 0;
    tree->command = (uint8_t)op->command;
    tree->subject = op->top;
    tree->owner = op->owner;
    tree->result = result;
    return refused(self);
}

bool tree_left_behind(const struct domain *self)
{
    return !self->large_tree->taken && !self->large_tree->command;
}

bool tree_finish(struct domain *self)
{
    if (!self->large_tree)
        return true;
    self->large_tree->command = 0;
    if (!finish(self->large_tree))
        return false;
    tree_free(self);
    return true;
}

void large_tree_release(struct domain *domain)
{
    struct large_tree *tree = domain->large_tree;

    if (!tree)
        return;
    while (tree->count > 0)
        frame_put_with_type(*held(tree, --tree->count));
    tree_free(domain);
}

bool large_tree_use(const struct domain *domain, unsigned i, mfn *table)
{
    struct large_tree *tree = domain->large_tree;

    if (!tree || i >= tree->count)
        return false;
    *table = *held(tree, i);
    return true;
}
