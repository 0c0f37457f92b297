/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who gets a trap: the vector's hook, else the probe that trapped() armed, else the verdict is
 * FAIL.
 */
#include "tests/guest/kit/kit.h"

struct trap_frame trap;
struct vcpu_info *vcpu_record;
uint32_t trap_cr2, trap_bottom, trap_ring;
uint8_t trap_mask;
trap_hook trap_hooks[256], event_hook;
volatile unsigned upcalls;
uint8_t event_mask_inside;
uint32_t failsafe_segments[4];

extern char trap_entries[];
extern volatile uint32_t probe_armed;
void probe_end(void) __attribute__((noreturn));
void trap_entered(struct trap_frame *frame);

static void event_entered(struct trap_frame *frame)
{
    volatile struct vcpu_info *info = vcpu();

    event_mask_inside = info->evtchn_upcall_mask;
    info->evtchn_upcall_pending = 0;
    upcalls++;
    if (event_hook)
        event_hook(frame);
    info->evtchn_upcall_mask = frame->saved_mask;
}

static bool has_error_code(uint32_t vector)
{
    return vector == 8 || (vector >= 10 && vector <= 14) || vector == 17;
}

void trap_entered(struct trap_frame *frame)
{
    if (frame->vector == VECTOR_EVENT) {
        event_entered(frame);
        return;
    }
    if (frame->vector < 256 && trap_hooks[frame->vector] && trap_hooks[frame->vector](frame))
        return;
    if (!probe_armed)
        give_up("trap %u at %04x:%08x error %x cr2 %08lx", frame->vector, frame->cs, frame->eip,
                frame->error, vcpu()->arch.cr2);
    trap = *frame;
    trap_cr2 = vcpu()->arch.cr2;
    asm("mov %%cs, %0" : "=r"(trap_ring));
    trap_mask = vcpu()->evtchn_upcall_mask;
    trap_bottom = has_error_code(frame->vector) ? (uint32_t)&frame->error : (uint32_t)&frame->eip;
    probe_end();
}

long traps_install(void)
{
    static const struct {
        uint8_t vector, flags;
    } wanted[] = {{0, 0},  {1, 0},  {3, 3},  {4, 3},    {5, 0},   {6, 0},
                  {7, 0},  {10, 0}, {11, 0}, {12, 0},   {13, 0},  {14, 0},
                  {16, 0}, {17, 0}, {19, 0}, {0x80, 3}, {0x81, 1}};
    struct trap_info traps[sizeof(wanted) / sizeof(wanted[0]) + 1] = {0};

    for (unsigned i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
        traps[i] = (struct trap_info){
            .vector = wanted[i].vector,
            .flags = wanted[i].flags,
            .cs = FLAT_RING1_CS,
            .address = (unsigned long)trap_entries + wanted[i].vector * 16,
        };
    return HYPERCALL(set_trap_table, traps);
}
