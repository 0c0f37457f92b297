/* SPDX-License-Identifier: GPL-2.0-only */
/* trail.c - the last crossings, and the names of what is on a stack */
#include "sim/machine/trail.h"

#include "sim/load/elf.h"
#include "sim/machine/machine.h"

#include <inttypes.h>
#include <stdio.h>

#define STACK_BYTES 8192u /* looked through at most */
#define CALLS_SHOWN 24

/* ---- names ----------------------------------------------------------------------------------- */

/* "name+0x12", or "" where the file has none. */
static const char *name_of(const struct elf *elf, uint32_t address, char *text, size_t bytes)
{
    uint32_t offset = 0;
    const char *symbol = elf ? elf_symbol(elf, address, &offset) : NULL;

    if (!symbol)
        return "";
    snprintf(text, bytes, " %.60s+0x%x", symbol, offset);
    return text;
}

/* What the kernel's file holds at an address in its code. False: it is none. */
static bool code_at(const struct elf *elf, uint32_t address, const uint8_t **bytes,
                    uint32_t *before)
{
    char why[256];

    for (unsigned i = 0; i < elf->header.e_phnum; i++) {
        Elf32_Phdr segment;

        if (elf_segment(elf, i, &segment, why, sizeof(why)) && segment.p_type == PT_LOAD &&
            (segment.p_flags & PF_X) && address - segment.p_vaddr < segment.p_filesz) {
            *before = address - segment.p_vaddr;
            *bytes = elf->file->bytes + segment.p_offset + *before;
            return true;
        }
    }
    return false;
}

/* CALL rel32, or FF /2 with any operand, right before (SDM vol. 2, CALL). */
static bool is_return_address(const struct elf *elf, uint32_t address)
{
    const uint8_t *at;
    uint32_t before;

    if (!code_at(elf, address, &at, &before) || before < 7)
        return false;
    if (at[-5] == 0xe8)
        return true;
    for (int length = 2; length <= 7; length++)
        if (at[-length] == 0xff && (at[1 - length] >> 3 & 7) == 2)
            return true;
    return false;
}

static bool read_word(const struct machine *machine, unsigned cpu, uint32_t linear, uint32_t *word)
{
    uint32_t physical;

    if (!cpu_translate(machine->cpu[cpu], linear, &physical) ||
        physical > machine->config.ram_bytes - sizeof(*word))
        return false;
    __builtin_memcpy(word, machine->ram + physical, sizeof(*word));
    return true;
}

static void print_stack(const struct machine *machine, unsigned cpu, const struct elf *elf,
                        uint32_t eip, uint32_t esp)
{
    char name[96];
    unsigned shown = 0;

    fprintf(stderr, "xenolith:   at   %08x%s\n", eip, name_of(elf, eip, name, sizeof(name)));
    for (uint32_t at = 0; elf && at < STACK_BYTES && shown < CALLS_SHOWN; at += 4) {
        uint32_t word;

        if (!read_word(machine, cpu, (esp & ~3u) + at, &word))
            break;
        if (!is_return_address(elf, word))
            continue;
        fprintf(stderr, "xenolith:   from %08x%s\n", word,
                name_of(elf, word - 1, name, sizeof(name)));
        shown++;
    }
}

/* ---- events ---------------------------------------------------------------------------------- */

static void print_event(const struct trail_event *e, const struct elf *elf)
{
    static const char *const kinds[] = {
        [CPU_GATE_EXCEPTION] = "exception", [CPU_GATE_SOFTWARE] = "int",
        [CPU_GATE_INTERRUPT] = "interrupt", [CPU_GATE_IRET] = "iret",
        [CPU_GATE_FAR_CALL] = "far call",   [CPU_GATE_FAR_RETURN] = "far return",
        [CPU_GATE_SYSENTER] = "sysenter",   [CPU_GATE_SYSEXIT] = "sysexit"};
    const struct cpu_crossing *c = &e->crossing;
    char name[96], detail[96] = "";

    if (c->kind == CPU_GATE_EXCEPTION)
        snprintf(detail, sizeof(detail), " %u error %x cr2 %08x", c->vector, c->error_code,
                 c->address);
    else if (c->kind == CPU_GATE_SOFTWARE)
        snprintf(detail, sizeof(detail), " 0x%x eax %x", c->vector, c->eax);
    else if (c->kind == CPU_GATE_INTERRUPT)
        snprintf(detail, sizeof(detail), " 0x%x", c->vector);
    fprintf(stderr, "xenolith:   %14" PRIu64 " cpu%u context %u %u>%u %s%s at %08x%s\n", e->clock,
            e->cpu, e->context, c->from, c->to, kinds[c->kind], detail, c->eip,
            c->from == 0 ? name_of(elf, c->eip, name, sizeof(name)) : "");
}

static void print_events(const struct machine *machine, const struct elf *elf)
{
    const struct trail *trail = &machine->trail;
    uint64_t kept = trail->count < TRAIL_EVENTS ? trail->count : TRAIL_EVENTS;

    fprintf(stderr, "xenolith: the last %" PRIu64 " of %" PRIu64 " events, oldest first:\n", kept,
            trail->count);
    for (uint64_t i = trail->count - kept; i < trail->count; i++)
        print_event(&trail->event[i % TRAIL_EVENTS], elf);
}

static const struct elf *open_kernel(const struct machine *machine, struct elf *elf)
{
    char why[256];

    return machine->kernel.bytes && elf_open(elf, &machine->kernel, why, sizeof(why)) ? elf : NULL;
}

void trail_print(const struct machine *machine)
{
    struct elf file;

    print_events(machine, open_kernel(machine, &file));
}

void trail_post_mortem(const struct machine *machine, unsigned cpu, const char *what, uint32_t eip,
                       uint32_t esp)
{
    struct elf file;
    const struct elf *elf = open_kernel(machine, &file);

    fprintf(stderr, "xenolith: %s on processor %u; its stack:\n", what, cpu);
    print_stack(machine, cpu, elf, eip, esp);
    print_events(machine, elf);
}
