/* SPDX-License-Identifier: GPL-2.0-only */
/* registers.c - between a trap frame and ptrace()'s registers */
#include "guestos/trace/registers.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/trace/trace.h"

/* What a program may set of EFLAGS: CF PF AF ZF SF TF DF OF AC. */
#define PROGRAM_FLAGS 0x00040dd5u

/* Where each register is in a frame; fs and gs lie apart. */
#define IN_FRAME(name) offsetof(struct trap_frame, name) / 4
static const uint8_t place[REGISTERS] = {
    [REG_EBX] = IN_FRAME(ebx),       [REG_ECX] = IN_FRAME(ecx), [REG_EDX] = IN_FRAME(edx),
    [REG_ESI] = IN_FRAME(esi),       [REG_EDI] = IN_FRAME(edi), [REG_EBP] = IN_FRAME(ebp),
    [REG_EAX] = IN_FRAME(eax),       [REG_DS] = IN_FRAME(ds),   [REG_ES] = IN_FRAME(es),
    [REG_CALL] = IN_FRAME(error),    [REG_EIP] = IN_FRAME(eip), [REG_CS] = IN_FRAME(cs),
    [REG_EFLAGS] = IN_FRAME(eflags), [REG_ESP] = IN_FRAME(esp), [REG_SS] = IN_FRAME(ss),
};

static bool is_selector(unsigned i)
{
    return i == REG_DS || i == REG_ES || i == REG_CS || i == REG_SS;
}

void registers_get(struct thread *thread, struct registers *r)
{
    const struct trap_frame *frame = trace_frame(thread);

    for (unsigned i = 0; i < REGISTERS; i++) {
        uint32_t value = ((const uint32_t *)frame)[place[i]];

        r->word[i] = is_selector(i) ? value & 0xffff : value;
    }
    r->word[REG_FS] = thread->machine.fs;
    r->word[REG_GS] = thread->machine.gs;
    if (frame->vector != VECTOR_SYSTEM_CALL)
        r->word[REG_CALL] = ~0u;
}

/* Ring 3's, or for data none at all. */
static bool selector_ok(uint32_t value, bool may_be_null)
{
    value &= 0xffff;
    return (value & 3) == 3 || (may_be_null && value < 4);
}

int registers_set(struct thread *thread, const struct registers *r)
{
    struct trap_frame *frame = trace_frame(thread);
    uint32_t *words = (uint32_t *)frame, flags = frame->eflags, call = frame->error;

    for (unsigned i = REG_DS; i <= REG_GS; i++)
        if (!selector_ok(r->word[i], true))
            return -EIO;
    if (!selector_ok(r->word[REG_CS], false) || !selector_ok(r->word[REG_SS], false))
        return -EIO;
    for (unsigned i = 0; i < REGISTERS; i++)
        if (i != REG_FS && i != REG_GS)
            words[place[i]] = is_selector(i) ? r->word[i] & 0xffff : r->word[i];
    frame->eflags = (flags & ~PROGRAM_FLAGS) | (r->word[REG_EFLAGS] & PROGRAM_FLAGS);
    if (frame->vector != VECTOR_SYSTEM_CALL)
        frame->error = call;
    thread->machine.fs = (uint16_t)r->word[REG_FS];
    thread->machine.gs = (uint16_t)r->word[REG_GS];
    return 0;
}

void registers_fx(struct thread *thread, uint8_t *state)
{
    const uint8_t *kept = fpu_state(&thread->machine);

    memset(state, 0, FX_BYTES);
    if (kept)
        memcpy(state, kept, FX_BYTES);
    else {
        *(uint16_t *)state = 0x037f; /* as after FNINIT */
        *(uint32_t *)(state + 24) = 0x1f80;
    }
}
