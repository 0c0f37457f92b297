/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a trap's frame must be. From ring 1 the handler continues on the same stack: EIP, CS,
 * EFLAGS, and below them the error code if the vector has one. From ring 3 the frame is on the
 * stack that stack_switch named, and SS and ESP come before. CS's upper half carries the upcall
 * mask, and EFLAGS.IF its opposite. No trap of the kit's table asks for events to be masked, so
 * the mask in the handler is the mask before.
 */
#include "tests/guest/kit/kit.h"

static bool has_error_code(unsigned vector)
{
    return vector == 8 || (vector >= 10 && vector <= 14) || vector == 17;
}

static bool expect_frame(const struct trap_case *wanted, const char *ring, uint32_t eip)
{
    if (!check(trap.vector == wanted->vector, "%s in %s: vector %u, not %u (error %x, eip %x)",
               wanted->what, ring, trap.vector, wanted->vector, trap.error, trap.eip))
        return false;
    bool good = check(trap.error == wanted->error, "%s in %s: error code %x, not %x", wanted->what,
                      ring, trap.error, wanted->error);
    good &= check(trap.eip == eip, "%s in %s: eip %x, not %x", wanted->what, ring, trap.eip, eip);
    /*
     * int $0x80 may go through a gate straight to ring 1, and then it is the processor that makes
     * the frame.
     */
    if (wanted->vector == 0x80)
        return good;
    good &= check(trap.saved_mask == trap_mask, "%s in %s: saved mask %x, mask %x", wanted->what,
                  ring, trap.saved_mask, trap_mask);
    good &= check(!(trap.eflags & 0x200) == !!trap.saved_mask, "%s in %s: eflags %x with mask %x",
                  wanted->what, ring, trap.eflags, trap.saved_mask);
    good &= check(!(trap.eflags & 0x27000), "%s in %s: eflags %x", wanted->what, ring, trap.eflags);
    return good;
}

static uint32_t stack_before; /* ESP when the code in ring 1 began, less its return address */

static void ring1_enter(void *code)
{
    asm volatile("mov %%esp, %0\n\tcall *%1"
                 : "=m"(stack_before)
                 : "r"(code)
                 : "eax", "ecx", "edx", "memory", "cc");
}

bool expect_in_ring1(const struct trap_case *wanted)
{
    const char *what = wanted->what;

    if (!check(trapped(ring1_enter, (void *)wanted->from), "%s in ring 1: no trap", what))
        return false;
    bool good = expect_frame(wanted, "ring 1", (uint32_t)wanted->at);
    good &= check(trap.cs == FLAT_RING1_CS, "%s in ring 1: cs %x", what, trap.cs);
    uint32_t bottom = stack_before - 4 - (has_error_code(wanted->vector) ? 16 : 12);
    good &= check(trap_bottom == bottom, "%s in ring 1: frame at %x, not %x", what, trap_bottom,
                  bottom);
    return good;
}

bool expect_in_ring3(const struct trap_case *wanted)
{
    const char *what = wanted->what;
    struct user_state state = user_state();

    user_run(wanted->from, wanted->to, &state);
    bool good = expect_frame(wanted, "ring 3", USER_BASE + (wanted->at - wanted->from));
    good &= check(trap.cs == FLAT_RING3_CS, "%s in ring 3: cs %x", what, trap.cs);
    good &= check((trap.ss & 0xffff) == FLAT_RING3_SS, "%s in ring 3: ss %x", what, trap.ss);
    good &= check(trap.esp == USER_STACK, "%s in ring 3: esp %x", what, trap.esp);
    uint32_t bottom = (uint32_t)trap_stack_top - (has_error_code(wanted->vector) ? 24 : 20);
    good &= check(trap_bottom == bottom, "%s in ring 3: frame at %x, not %x", what, trap_bottom,
                  bottom);
    return good;
}

bool expect_in_both_rings(const struct trap_case *wanted)
{
    bool good = expect_in_ring1(wanted);

    return expect_in_ring3(wanted) && good;
}
