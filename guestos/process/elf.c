/* SPDX-License-Identifier: GPL-2.0-only */
/* elf.c - see elf.h */
#include "guestos/process/elf.h"
#include "guestos/kernel/lib.h"

#define MACHINE_386 3

bool elf_header_ok(const struct elf_header *header, uint32_t file_bytes)
{
    static const uint8_t ident[7] = {0x7f,           'E',         'L', 'F',
                                     1 /* 32-bit */, 1 /* LSB */, 1 /* version */};

    return !memcmp(header->ident, ident, sizeof(ident)) && header->machine == MACHINE_386 &&
           (header->type == ELF_EXECUTABLE || header->type == ELF_SHARED) &&
           header->phentsize == sizeof(struct elf_segment) && header->phnum &&
           header->phnum <= ELF_SEGMENTS && header->phoff <= file_bytes &&
           header->phnum * sizeof(struct elf_segment) <= file_bytes - header->phoff;
}

bool elf_plan(const struct elf_header *header, const struct elf_segment *segments,
              uint32_t file_bytes, uint32_t low_limit, uint32_t high_limit, struct elf_plan *plan)
{
    *plan = (struct elf_plan){.interpreter = -1};
    uint32_t end = 0;
    bool any = false;
    for (uint32_t i = 0; i < header->phnum; i++) {
        const struct elf_segment *s = &segments[i];

        if (s->type == ELF_INTERPRETER && plan->interpreter < 0)
            plan->interpreter = (int)i;
        if (s->type != ELF_LOAD || !s->memsz)
            continue;
        if (s->filesz > s->memsz || s->offset > file_bytes || s->filesz > file_bytes - s->offset ||
            ((s->offset ^ s->vaddr) & ~PAGE_MASK) || s->vaddr > high_limit ||
            s->memsz > high_limit - s->vaddr || s->vaddr < low_limit)
            return false;
        if (any && PAGE_DOWN(s->vaddr) < end)
            return false;
        if (!any)
            plan->low = PAGE_DOWN(s->vaddr);
        any = true;
        end = PAGE_UP(s->vaddr + s->memsz);
        if (header->phoff >= s->offset && header->phoff - s->offset < s->filesz)
            plan->headers = s->vaddr + (header->phoff - s->offset);
    }
    plan->high = end;
    return any;
}
