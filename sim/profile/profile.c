/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * profile.c - whose the time is
 *
 * Whatever the clock has moved since the last look belongs to the node that ran then. Looks are
 * before each block, at each crossing and at each switch of contexts, so that rings and domains get
 * what the accounting gives them, to the cycle.
 *
 * A gate into an inner ring begins that ring's stack below the function that it interrupted. A
 * hypervisor that was entered from ring 3 and leaves to ring 1 hands a fault on: ring 1's stack
 * begins below the program's function, too. Between a switch of contexts and the next gate, a stack
 * is still that of the context before; functions are then shown right below the new one.
 */
#include "sim/profile/profile.h"

#include <stdlib.h>
#include <string.h>

enum { SYS_EXIT = 1, SYS_EXECVE = 11, SYS_EXIT_GROUP = 252 }; /* asm/unistd_32.h */

const char *profile_function(const struct profile *profile, uint32_t function)
{
    return profile->code.function[function].name;
}

uint64_t *profile_inclusive(const struct profile *profile)
{
    const struct tree *tree = &profile->tree;
    uint64_t *sum = calloc(tree->count, sizeof(*sum));

    if (!sum)
        return NULL;
    for (uint32_t i = tree->count; i-- > 0;) {
        sum[i] += tree->node[i].cycles;
        if (i != TREE_ROOT)
            sum[tree->node[i].parent] += sum[i];
    }
    return sum;
}

/* ---- time ------------------------------------------------------------------------------------ */

static void charge(struct profile *profile, struct profile_cpu *at, uint64_t clock)
{
    uint64_t cycles = clock - at->clock;

    if (!cycles)
        return;
    at->clock = clock;
    profile->tree.node[at->node].cycles += cycles;
    if (!code_spend(&profile->code, at->function, at->pc, cycles))
        profile->lost = true;
}

/* Whether the code is that of the function that was looked up last. */
static bool is_same(const struct profile *profile, const struct profile_cpu *at,
                    const struct cpu_place *place)
{
    const struct function *function = &profile->code.function[at->function];

    return at->function && at->ring == place->ring && place->pc >= function->address &&
           place->pc < function->end && (place->ring < 3 || place->cr3 == at->cr3);
}

static void show(void *owner, unsigned cpu, const struct cpu_place *place)
{
    struct profile *profile = owner;
    struct profile_cpu *at = &profile->cpu[cpu];
    uint32_t from_pc = at->pc;

    charge(profile, at, place->clock);
    at->stack = stacks_find(&profile->stacks, &profile->tree, at->context, place, at->stack);
    if (!at->stack ||
        (!is_same(profile, at, place) && !code_function(&profile->code, profile->machine, cpu,
                                                        at->context, place, &at->function))) {
        profile->lost = true;
        return;
    }
    if (at->entered)
        stack_begin(at->stack, at->context, at->from);
    at->entered = false;
    at->pc = place->pc;
    at->ring = place->ring;
    at->cr3 = place->cr3;
    if (at->stack->context == at->context)
        at->node = stack_move(at->stack, &profile->tree, place, at->function, from_pc);
    else
        at->node =
            tree_child(&profile->tree, tree_context(&profile->tree, at->context), at->function);
}

/* ---- what is observed ------------------------------------------------------------------------ */

/* The address space is about to hold another program, or none. */
static void note_syscall(struct profile *profile, unsigned cpu, const struct cpu_crossing *c)
{
    struct cpu_registers r;

    if (c->kind != CPU_GATE_SOFTWARE || c->vector != SYSCALL_VECTOR || c->from != 3 ||
        (c->eax != SYS_EXECVE && c->eax != SYS_EXIT && c->eax != SYS_EXIT_GROUP))
        return;
    cpu_registers(profile->machine->cpu[cpu], &r);
    code_forget(&profile->code, profile->cpu[cpu].context, r.cr3);
}

static void crossed(void *owner, unsigned cpu, const struct cpu_crossing *c)
{
    struct profile *profile = owner;
    struct profile_cpu *at = &profile->cpu[cpu];
    uint32_t *interrupted = &profile->interrupted[at->context];

    charge(profile, at, cpu_clock(profile->machine->cpu[cpu]));
    if (c->from > c->to) {
        at->entered = true;
        at->from = at->node;
    }
    if (c->to == 0 && c->from)
        *interrupted = c->from == 3 ? at->node + 1 : 0;
    if (c->from == 0 && c->to == 1 && *interrupted) {
        at->entered = true;
        at->from = *interrupted - 1;
        *interrupted = 0;
    }
    note_syscall(profile, cpu, c);
    profile->inner.crossed(profile->inner.owner, cpu, c);
}

static void context(void *owner, unsigned cpu, uint32_t id)
{
    struct profile *profile = owner;
    struct profile_cpu *at = &profile->cpu[cpu];

    charge(profile, at, cpu_clock(profile->machine->cpu[cpu]));
    if (id != at->context) {
        at->context = id;
        at->ring = UINT8_MAX; /* a program of the same address is another's */
        at->node = tree_child(&profile->tree, tree_context(&profile->tree, id), at->function);
    }
    profile->inner.context(profile->inner.owner, cpu, id);
}

static void context_ended(void *owner, unsigned cpu, uint32_t id)
{
    struct profile *profile = owner;

    profile->inner.context_ended(profile->inner.owner, cpu, id);
}

static void announce(void *owner, unsigned cpu, uint32_t leaf, uint32_t argument)
{
    struct profile *profile = owner;

    profile->inner.announce(profile->inner.owner, cpu, leaf, argument);
}

static void masked(void *owner, unsigned cpu)
{
    struct profile *profile = owner;

    profile->inner.masked(profile->inner.owner, cpu);
}

/* ---- the watcher ----------------------------------------------------------------------------- */

static bool is_hypervisor(const struct binary *image)
{
    for (unsigned i = 0; i < image->names.count; i++)
        if (!strcmp(image->names.name[i].text, "do_mmu_update"))
            return true;
    return false;
}

bool profile_begin(void *owner, struct account *account, const struct boot_images *images,
                   char *why, size_t why_bytes)
{
    struct profile *profile = owner;
    struct machine *machine = account->machine;

    profile->machine = machine;
    profile->account = account;
    profile->interrupted = calloc(ANNOUNCE_CONTEXT_MAX + 1, sizeof(*profile->interrupted));
    if (!profile->interrupted || !code_open(&profile->code, images) || !tree_open(&profile->tree) ||
        !stacks_open(&profile->stacks)) {
        snprintf(why, why_bytes, "no memory for a profile");
        return false;
    }
    profile->hypervisor = is_hypervisor(&profile->code.image[0]);
    profile->inner = machine->observer;
    machine->observer = (struct machine_observer){.owner = profile,
                                                  .announce = announce,
                                                  .context = context,
                                                  .context_ended = context_ended,
                                                  .crossed = crossed,
                                                  .masked = masked};
    for (unsigned i = 0; i < machine->config.processors; i++) {
        struct profile_cpu *at = &profile->cpu[i];

        at->context = account->cpu[i].context->id;
        at->node = tree_context(&profile->tree, at->context);
        at->clock = cpu_clock(machine->cpu[i]);
        cpu_show_places(machine->cpu[i], profile->grain, show, profile);
    }
    return true;
}

bool profile_end(void *owner, char *why, size_t why_bytes)
{
    struct profile *profile = owner;
    struct machine *machine = profile->machine;
    bool good = !profile->lost;

    for (unsigned i = 0; i < machine->config.processors; i++) {
        charge(profile, &profile->cpu[i], cpu_clock(machine->cpu[i]));
        cpu_show_places(machine->cpu[i], CPU_GRAIN_NONE, NULL, NULL);
    }
    machine->observer = profile->inner;
    profile->form->write(profile, profile->out);
    if (!good)
        snprintf(why, why_bytes, "memory was short: the profile is not whole");
    if (profile->file.out)
        good = result_file_keep(&profile->file, why, why_bytes) && good;
    code_close(&profile->code);
    tree_close(&profile->tree);
    stacks_close(&profile->stacks);
    free(profile->interrupted);
    return good;
}
