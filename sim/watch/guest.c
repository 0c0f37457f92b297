/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/watch/guest.h"

#include <string.h>

enum { PAGE = 4096, TSS_ESP0 = 4, TSS_ESP1 = 12 };

bool guest_read(const struct machine *machine, unsigned cpu, uint32_t linear, void *to,
                size_t bytes)
{
    uint8_t *at = to;

    while (bytes) {
        size_t part = PAGE - linear % PAGE;
        uint32_t physical;

        part = part < bytes ? part : bytes;
        if (!cpu_translate(machine->cpu[cpu], linear, &physical) ||
            physical >= machine->config.ram_bytes)
            return false;
        memcpy(at, machine->ram + physical, part);
        at += part;
        linear += (uint32_t)part;
        bytes -= part;
    }
    return true;
}

bool guest_string(const struct machine *machine, unsigned cpu, uint32_t linear, char *text,
                  size_t bytes, bool *whole)
{
    for (size_t i = 0; i + 1 < bytes; i++) {
        if (!guest_read(machine, cpu, linear + (uint32_t)i, text + i, 1))
            return false;
        if (!text[i]) {
            *whole = true;
            return true;
        }
    }
    text[bytes - 1] = '\0';
    *whole = false;
    return true;
}

/* Base of the segment that TR names (SDM vol. 3, 3.4.5 and 8.2.2). */
static bool tss_base(const struct machine *machine, unsigned cpu, const struct cpu_registers *r,
                     uint32_t *base)
{
    uint8_t d[8];

    if (!(r->tr & ~7u) || (r->tr | 7u) > r->gdt_limit ||
        !guest_read(machine, cpu, r->gdt_base + (r->tr & ~7u), d, sizeof(d)))
        return false;
    *base = d[2] | (uint32_t)d[3] << 8 | (uint32_t)d[4] << 16 | (uint32_t)d[7] << 24;
    return true;
}

uint32_t guest_kernel_stack(const struct machine *machine, unsigned cpu,
                            const struct cpu_registers *r)
{
    uint32_t base, esp0 = 0, esp1 = 0;

    if (!tss_base(machine, cpu, r, &base) ||
        !guest_read(machine, cpu, base + TSS_ESP0, &esp0, sizeof(esp0)) ||
        !guest_read(machine, cpu, base + TSS_ESP1, &esp1, sizeof(esp1)))
        return 0;
    return esp1 ? esp1 : esp0;
}
