/* SPDX-License-Identifier: GPL-2.0-only */
/* views.c - the machine as text: registers, code, the crossing, domains, counters, the stack */
#include "sim/inspect/inspect.h"

#include <capstone/capstone.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { INSTRUCTION_BYTES = 15 };

static void read_registers(const struct inspect *inspect, struct cpu_registers *r)
{
    cpu_registers(inspect->machine->cpu[inspect->cpu], r);
}

void view_where(const struct inspect *inspect, FILE *out)
{
    char name[SYMBOL_BYTES], who[64];
    struct cpu_registers r;

    read_registers(inspect, &r);
    inspect_context(inspect, inspect->context[inspect->cpu], who, sizeof(who));
    fprintf(out, "instruction %" PRIu64 ", cycle %" PRIu64 ", processor %u, ring %u, %s, %s\n",
            inspect_position(inspect).instructions, cpu_clock(inspect->machine->cpu[inspect->cpu]),
            inspect->cpu, r.ring, who,
            symbols_name(&inspect->symbols, r.ring, r.base[1] + r.eip, name));
}

/* One register; a star behind it if it has changed since the last stop. */
static void show(FILE *out, const char *name, uint32_t now, uint32_t before, const char *end)
{
    fprintf(out, "%-6s %08x%s%s", name, now, now == before ? " " : "*", end);
}

void view_registers(const struct inspect *inspect, FILE *out)
{
    static const char *const gpr[] = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};
    static const char *const segments[] = {"es", "cs", "ss", "ds", "fs", "gs"};
    static const struct {
        uint32_t bit;
        const char *name;
    } flags[] = {{1, "CF"},    {4, "PF"},       {16, "AF"},      {64, "ZF"},
                 {128, "SF"},  {256, "TF"},     {512, "IF"},     {1024, "DF"},
                 {2048, "OF"}, {1 << 14, "NT"}, {1 << 16, "RF"}, {1 << 18, "AC"}};
    const struct cpu_registers *b = &inspect->before;
    struct cpu_registers r;

    read_registers(inspect, &r);
    for (unsigned i = 0; i < 8; i++)
        show(out, gpr[i], r.gpr[i], b->gpr[i], i % 4 == 3 ? "\n" : "  ");
    show(out, "eip", r.eip, b->eip, "  ");
    show(out, "eflags", r.eflags, b->eflags, " ");
    for (unsigned i = 0; i < sizeof(flags) / sizeof(*flags); i++)
        if (r.eflags & flags[i].bit)
            fprintf(out, " %s", flags[i].name);
    fprintf(out, " IOPL %u\n", r.eflags >> 12 & 3);
    for (unsigned i = 0; i < 6; i++)
        fprintf(out, "%s %04x%s ", segments[i], r.selector[i],
                r.selector[i] == b->selector[i] ? " " : "*");
    fprintf(out, "ring %u%s\n", r.ring, r.ring == b->ring ? "" : "*");
    show(out, "cr0", r.cr0, b->cr0, "  ");
    show(out, "cr2", r.cr2, b->cr2, "  ");
    show(out, "cr3", r.cr3, b->cr3, "  ");
    show(out, "cr4", r.cr4, b->cr4, "\n");
}

/* ---- code ------------------------------------------------------------------------------------ */

static void show_instruction(const struct inspect *inspect, unsigned ring, const cs_insn *insn,
                             FILE *out)
{
    char name[SYMBOL_BYTES], target[SYMBOL_BYTES + 4] = "";
    uint32_t address = (uint32_t)insn->address, to;
    char bytes[3 * INSTRUCTION_BYTES + 1] = "";

    for (unsigned i = 0; i < insn->size; i++)
        snprintf(bytes + 2 * i, 3, "%02x", insn->bytes[i]);
    if ((insn->mnemonic[0] == 'j' || !strcmp(insn->mnemonic, "call")) &&
        sscanf(insn->op_str, "0x%x", &to) == 1)
        snprintf(target, sizeof(target), "  ; %s", symbols_name(&inspect->symbols, ring, to, name));
    fprintf(out, "  %08x %-28s %-20s %s %s%s\n", address,
            symbols_name(&inspect->symbols, ring, address, name), bytes, insn->mnemonic,
            insn->op_str, target);
}

/* The line of source code, where another begins. */
static void show_source(const struct inspect *inspect, unsigned ring, uint32_t address,
                        struct source *shown, FILE *out)
{
    struct source source;

    if (!symbols_line(&inspect->symbols, ring, address, &source) ||
        (shown->file && source.line == shown->line && !strcmp(source.file, shown->file)))
        return;
    *shown = source;
    fprintf(out, "  %s:%d\n", source.file, source.line);
}

/* One instruction at an address; NULL: there is none, or no memory. */
static cs_insn *decode(const struct inspect *inspect, csh decoder, uint32_t address, bool *memory)
{
    uint8_t bytes[INSTRUCTION_BYTES];
    size_t have = sizeof(bytes);
    cs_insn *insn;

    while (have && !inspect_read(inspect, address, bytes, have))
        have--;
    *memory = have != 0;
    return have && cs_disasm(decoder, bytes, have, address, 1, &insn) == 1 ? insn : NULL;
}

void view_disassembly(const struct inspect *inspect, uint32_t address, unsigned count, FILE *out)
{
    struct source shown = {.file = NULL};
    struct cpu_registers r;
    csh decoder;

    read_registers(inspect, &r);
    if (cs_open(CS_ARCH_X86, r.cr0 & 1 ? CS_MODE_32 : CS_MODE_16, &decoder) != CS_ERR_OK)
        return;
    for (unsigned i = 0; i < count; i++) {
        bool memory;
        cs_insn *insn = decode(inspect, decoder, address, &memory);

        if (!insn) {
            fprintf(out, "  %08x %s\n", address, memory ? "no instruction" : "no memory");
            break;
        }
        show_source(inspect, r.ring, address, &shown, out);
        show_instruction(inspect, r.ring, insn, out);
        address += insn->size;
        cs_free(insn, 1);
    }
    cs_close(&decoder);
}

bool view_behind_call(const struct inspect *inspect, uint32_t address, uint32_t *behind)
{
    bool memory, calls = false;
    csh decoder;
    cs_insn *insn;

    if (cs_open(CS_ARCH_X86, CS_MODE_32, &decoder) != CS_ERR_OK)
        return false;
    insn = decode(inspect, decoder, address, &memory);
    if (insn) {
        calls = !strcmp(insn->mnemonic, "call") || !strcmp(insn->mnemonic, "lcall") ||
                !strcmp(insn->mnemonic, "int");
        *behind = address + insn->size;
        cs_free(insn, 1);
    }
    cs_close(&decoder);
    return calls;
}

/* ---- the crossing ---------------------------------------------------------------------------- */

static void show_gate(const struct inspect *inspect, const struct cpu_registers *r, unsigned vector,
                      FILE *out)
{
    static const char *const types[16] = {
        [5] = "task gate", [14] = "interrupt gate", [15] = "trap gate"};
    uint32_t gate[2], code[2], selector;
    const char *type;

    if (!inspect_read(inspect, r->idt_base + 8 * vector, gate, sizeof(gate)))
        return;
    selector = gate[0] >> 16;
    type = types[gate[1] >> 8 & 15];
    fprintf(out, "  gate 0x%x: %s, selector %04x, offset %08x, DPL %u, %s\n", vector,
            type ? type : "other type", selector, (gate[1] & 0xffff0000) | (gate[0] & 0xffff),
            gate[1] >> 13 & 3, gate[1] & 0x8000 ? "present" : "absent");
    if (!(selector & 4) && (selector | 7) <= r->gdt_limit &&
        inspect_read(inspect, r->gdt_base + (selector & ~7u), code, sizeof(code)))
        fprintf(out, "  descriptor %04x: base %08x, limit %05x%s, DPL %u\n", selector,
                (code[0] >> 16) | (code[1] & 0xff) << 16 | (code[1] & 0xff000000),
                (code[1] & 0xf0000) | (code[0] & 0xffff), code[1] & 1 << 23 ? " pages" : " bytes",
                code[1] >> 13 & 3);
}

/* SDM vol. 3, figure 7-2: of each ring below 3, ESP and SS. */
static void show_tss(const struct inspect *inspect, const struct cpu_registers *r, FILE *out)
{
    uint32_t tss[2], base, stack[2];

    if (r->ring > 2 || !inspect_read(inspect, r->gdt_base + (r->tr & ~7u), tss, sizeof(tss)))
        return;
    base = (tss[0] >> 16) | (tss[1] & 0xff) << 16 | (tss[1] & 0xff000000);
    if (inspect_read(inspect, base + 4 + 8 * r->ring, stack, sizeof(stack)))
        fprintf(out, "  TSS %04x at %08x: ring %u's stack is %04x:%08x\n", r->tr, base, r->ring,
                stack[1] & 0xffff, stack[0]);
}

static bool has_error_code(const struct cpu_crossing *c)
{
    return c->kind == CPU_GATE_EXCEPTION &&
           (c->vector == 8 || (c->vector >= 10 && c->vector <= 14) || c->vector == 17);
}

/* What is on the stack of the inner ring: behind an entry what was pushed, behind an iret what was
 * popped and is still there below. */
static void show_frame(const struct inspect *inspect, const struct cpu_registers *r, FILE *out)
{
    static const char *const names[] = {"eip", "cs", "eflags", "esp", "ss"};
    const struct cpu_crossing *c = &inspect->crossing;
    unsigned words = c->from == c->to ? 3 : 5;
    uint32_t at = r->base[2] + r->gpr[4], word;

    if (has_error_code(c)) {
        if (inspect_read(inspect, at, &word, sizeof(word)))
            fprintf(out, "  %08x error code %08x\n", at, word);
        at += 4;
    }
    for (unsigned i = 0; i < words; i++, at += 4)
        if (inspect_read(inspect, at, &word, sizeof(word)))
            fprintf(out, "  %08x old %-6s %08x\n", at, names[i], word);
}

void view_crossing(const struct inspect *inspect, FILE *out)
{
    const struct cpu_crossing *c = &inspect->crossing;
    struct cpu_registers r;
    char text[INSPECT_SENTENCE];

    if (!inspect->at_crossing) {
        fprintf(out, "the last stop is not behind a crossing\n");
        return;
    }
    read_registers(inspect, &r);
    inspect_describe(inspect, text, sizeof(text));
    fprintf(out, "%s\n", text);
    if (c->kind > CPU_GATE_INTERRUPT) {
        fprintf(out, "  now %04x:%08x, stack %04x:%08x, eflags %08x\n", r.selector[1], r.eip,
                r.selector[2], r.gpr[4], r.eflags);
        return;
    }
    show_gate(inspect, &r, c->vector, out);
    if (c->from != c->to)
        show_tss(inspect, &r, out);
    show_frame(inspect, &r, out);
}

/* ---- domains, counters, stack ---------------------------------------------------------------- */

void view_domains(const struct inspect *inspect, FILE *out)
{
    const struct account *account = inspect->account;
    char name[64];

    for (const struct context *c = context_from(account, 0); c;
         c = context_from(account, c->id + 1)) {
        uint64_t cycles = 0, ring[4] = {0};

        inspect_context(inspect, c->id, name, sizeof(name));
        for (unsigned i = 0; i < account->machine->config.processors; i++) {
            cycles += context_cycles(c, i, SPAN_ALL);
            for (unsigned k = 0; k < 4; k++)
                ring[k] += tally_cycles(&c->now.tally[i][k]);
        }
        fprintf(out, "  %-14s %14" PRIu64 " cycles; ring 0 %" PRIu64 ", 1 %" PRIu64 ", 3 %" PRIu64,
                name, cycles, ring[0], ring[1], ring[3]);
        for (unsigned i = 0; i < account->machine->config.processors; i++)
            if (inspect->context[i] == c->id)
                fprintf(out, "; on processor %u", i);
        fprintf(out, "%s\n", c->ended ? "; ended" : "");
    }
}

void view_counters(const struct inspect *inspect, FILE *out)
{
    fprintf(out, "  %-34s %16s %16s\n", "", "since the stop", "in all");
    fprintf(out, "  %-34s %16" PRIu64 " %16" PRIu64 "\n", "clock",
            inspect->clock - inspect->clock_before, inspect->clock);
    for (enum cpu_event event = 0; event < CPU_NR_EVENTS; event++)
        if (inspect->total.n[event] && cpu_models(inspect->machine->engine, event))
            fprintf(out, "  %-34s %16" PRIu64 " %16" PRIu64 "\n", event_names[event],
                    inspect->total.n[event] - inspect->total_before.n[event],
                    inspect->total.n[event]);
}

void view_stack(const struct inspect *inspect, unsigned words, FILE *out)
{
    char name[SYMBOL_BYTES];
    struct cpu_registers r;
    uint32_t word;

    read_registers(inspect, &r);
    for (uint32_t i = 0, at = r.base[2] + r.gpr[4]; i < words; i++, at += 4) {
        if (!inspect_read(inspect, at, &word, sizeof(word))) {
            fprintf(out, "  %08x no memory\n", at);
            return;
        }
        fprintf(out, "  %08x %08x %s\n", at, word,
                symbols_name(&inspect->symbols, r.ring, word, name));
    }
}
