/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * stacks.c - calls and returns, as the stack pointer tells them
 *
 * Nothing is decoded. When a function is entered, ESP points at its return address, and it is never
 * higher while the function runs. So, whenever a processor is about to run code:
 *
 *   1. Functions that were entered with a lower ESP than there is now have returned.
 *   2. If the code is that of the function on top, it goes on (or calls itself: recursion is one
 *      frame).
 *   3. If ESP is that with which the top one was entered, the top one has jumped: a tail call.
 *   4. Otherwise the top one has called.
 *
 * A stack is known by the ring and the place: kernels have 8 KB for each thread, aligned; a program
 * has an address space, and its threads' stacks are megabytes apart. A kernel that switches threads
 * has another ESP, and so its other stack with what was called there.
 */
#include "sim/profile/profile.h"

#include <stdlib.h>

enum { FIRST_SLOTS = 1024, KERNEL_BITS = 13, PROGRAM_BITS = 20 };

bool stacks_open(struct stacks *stacks)
{
    *stacks = (struct stacks){.slots = FIRST_SLOTS};
    stacks->slot = calloc(stacks->slots, sizeof(struct stack *));
    return stacks->slot != NULL;
}

void stacks_close(struct stacks *stacks)
{
    for (uint32_t i = 0; i < stacks->slots; i++)
        free(stacks->slot[i]);
    free(stacks->slot);
    *stacks = (struct stacks){0};
}

static uint64_t mix(uint64_t key)
{
    return (key ^ key >> 29) * UINT64_C(0xbf58476d1ce4e5b9) >> 20;
}

static struct stack **find(const struct stacks *stacks, uint64_t key)
{
    uint64_t at = mix(key) & (stacks->slots - 1);

    while (stacks->slot[at] && stacks->slot[at]->key != key)
        at = (at + 1) & (stacks->slots - 1);
    return &stacks->slot[at];
}

static bool grow(struct stacks *stacks)
{
    struct stacks bigger = {.slots = 2 * stacks->slots, .count = stacks->count};

    bigger.slot = calloc(bigger.slots, sizeof(struct stack *));
    if (!bigger.slot)
        return false;
    for (uint32_t i = 0; i < stacks->slots; i++)
        if (stacks->slot[i])
            *find(&bigger, stacks->slot[i]->key) = stacks->slot[i];
    free(stacks->slot);
    *stacks = bigger;
    return true;
}

/* Ring 0's stacks are whoever's: the hypervisor's are the processors', a bare kernel has its
 * threads' mapped in all address spaces. */
static uint64_t key_of(uint32_t context, const struct cpu_place *place)
{
    uint64_t key = (uint64_t)(place->ring ? context : 0) << 2 | place->ring;

    if (place->ring < 3)
        return key << 44 | place->stack >> KERNEL_BITS;
    return key << 44 | (uint64_t)(place->cr3 >> 5) << 12 | place->stack >> PROGRAM_BITS;
}

struct stack *stacks_find(struct stacks *stacks, struct tree *tree, uint32_t context,
                          const struct cpu_place *place, struct stack *last)
{
    uint64_t key = key_of(context, place);
    struct stack **slot;

    if (last && last->key == key)
        return last;
    slot = find(stacks, key);
    if (*slot)
        return *slot;
    if (stacks->count > stacks->slots / 2 && !grow(stacks))
        return NULL;
    slot = find(stacks, key);
    *slot = calloc(1, sizeof(**slot));
    if (!*slot)
        return NULL;
    (*slot)->key = key;
    stack_begin(*slot, context, tree_context(tree, context));
    stacks->count++;
    return *slot;
}

void stack_begin(struct stack *stack, uint32_t context, uint32_t base)
{
    stack->context = context;
    stack->base = base;
    stack->depth = 0;
}

static uint32_t below(const struct stack *stack)
{
    return stack->depth ? stack->frame[stack->depth - 1].node : stack->base;
}

uint32_t stack_move(struct stack *stack, struct tree *tree, const struct cpu_place *place,
                    uint32_t function, uint32_t call_pc)
{
    struct frame *top;

    while (stack->depth && stack->frame[stack->depth - 1].esp < place->stack)
        stack->depth--;
    top = stack->depth ? &stack->frame[stack->depth - 1] : NULL;
    if (top && top->function == function)
        return top->node;
    if (top && top->esp == place->stack)
        stack->depth--;
    if (stack->depth == STACK_DEPTH)
        return below(stack);
    top = &stack->frame[stack->depth];
    *top = (struct frame){.esp = place->stack,
                          .node = tree_call(tree, below(stack), function, call_pc),
                          .function = function};
    stack->depth++;
    return top->node;
}
