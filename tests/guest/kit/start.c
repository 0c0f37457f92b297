/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From the first C instruction to test(): the domain's particulars, traps, callbacks, the shared
 * page.
 */
#include "tests/guest/kit/kit.h"

struct start_info *start;
struct shared_info *shared;
bool privileged;
struct entry_state at_entry;
unsigned long *p2m;

static char shared_page[PAGE_SIZE] __attribute__((aligned(4096)));

void kit_start(struct start_info *info);

void kit_start(struct start_info *info)
{
    start = info;
    p2m = (unsigned long *)info->mfn_list;
    privileged = info->flags & SIF_PRIVILEGED;

    if (map(shared_page, info->shared_info | PTE_P | PTE_W | PTE_A | PTE_D))
        give_up("the shared page cannot be mapped");
    shared = (struct shared_info *)shared_page;
    if (traps_install())
        give_up("the trap table was refused");
    if (HYPERCALL(stack_switch, FLAT_RING1_SS, trap_stack_top))
        give_up("the trap stack was refused");
    if (HYPERCALL(set_callbacks, FLAT_RING1_CS, event_entry, FLAT_RING1_CS, failsafe_entry))
        give_up("the callbacks were refused");
    test();
    verdict();
}
