/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * code.c - which function an address is in, and how much was spent there
 *
 * Ring 0 runs the booted kernel, rings 1 and 2 the first module. Ring 3 runs programs, all at the
 * same addresses: which one an address space holds is found out by the bytes at the entry points of
 * the files that were given, when it is first seen and after each execve. What no file has is one
 * function, "(unknown)".
 */
#include "sim/profile/profile.h"

#include <stdlib.h>
#include <string.h>

#include "sim/watch/guest.h"

enum { FIRST_SLOTS = 4096, COMPARED = 32, FIRST_PROGRAM = 2 };

static uint32_t mix(uint64_t key)
{
    return (uint32_t)((key ^ key >> 31) * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

/* ---- images ---------------------------------------------------------------------------------- */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static bool open_image(struct binary *image, const struct file *file, const char *name)
{
    struct elf elf;
    char why[256];

    image->name = name;
    if (elf_has_magic(file) && elf_open(&elf, file, why, sizeof(why)))
        image->entry = elf.header.e_entry;
    image->file = *file;
    return names_open(&image->names, file);
}

bool code_open(struct code *code, const struct boot_images *images)
{
    static const struct file none;
    const struct file *module = images->modules ? &images->module[0].file : &none;

    code->address_slots = code->space_slots = code->spent_slots = FIRST_SLOTS;
    code->function_room = FIRST_SLOTS;
    code->function = calloc(code->function_room, sizeof(*code->function));
    code->by_address = calloc(code->address_slots, sizeof(*code->by_address));
    code->space = calloc(code->space_slots, sizeof(*code->space));
    code->spent = calloc(code->spent_slots, sizeof(*code->spent));
    if (!code->function || !code->by_address || !code->space || !code->spent)
        return false;
    code->function[code->functions++] = (struct function){.name = "(unknown)"};
    if (code->images < FIRST_PROGRAM)
        code->images = FIRST_PROGRAM;
    return open_image(&code->image[0], &images->kernel.file, "ring0") &&
           open_image(&code->image[1], module, "ring1");
}

bool code_add_program(struct code *code, const char *path, char *why, size_t why_bytes)
{
    struct binary *image;
    struct file file;

    if (code->images < FIRST_PROGRAM)
        code->images = FIRST_PROGRAM;
    image = &code->image[code->images];
    if (code->images == PROFILE_IMAGES) {
        snprintf(why, why_bytes, "more than %d programs with symbols",
                 PROFILE_IMAGES - FIRST_PROGRAM);
        return false;
    }
    if (!file_open(&file, path, why, why_bytes))
        return false;
    if (!open_image(image, &file, base_name(path)) || !image->names.count) {
        snprintf(why, why_bytes, "%s has no symbols of i386", path);
        return false;
    }
    code->images++;
    return true;
}

void code_close(struct code *code)
{
    for (unsigned i = 0; i < code->images; i++)
        names_close(&code->image[i].names);
    for (unsigned i = FIRST_PROGRAM; i < code->images; i++)
        file_close(&code->image[i].file);
    lines_close(code);
    free(code->function);
    free(code->by_address);
    free(code->space);
    free(code->spent);
}

/* ---- programs -------------------------------------------------------------------------------- */

/* Bytes of a file at an address, or NULL. */
static const uint8_t *bytes_at(const struct binary *image, uint32_t address)
{
    struct elf elf;
    char why[256];

    if (!elf_open(&elf, &image->file, why, sizeof(why)))
        return NULL;
    for (unsigned i = 0; i < elf.header.e_phnum; i++) {
        Elf32_Phdr segment;

        if (elf_segment(&elf, i, &segment, why, sizeof(why)) && segment.p_type == PT_LOAD &&
            address - segment.p_vaddr < segment.p_filesz &&
            segment.p_filesz - (address - segment.p_vaddr) >= COMPARED)
            return image->file.bytes + segment.p_offset + (address - segment.p_vaddr);
    }
    return NULL;
}

static uint8_t identify(const struct code *code, const struct machine *machine, unsigned cpu)
{
    for (unsigned i = FIRST_PROGRAM; i < code->images; i++) {
        const uint8_t *ours = bytes_at(&code->image[i], code->image[i].entry);
        uint8_t theirs[COMPARED];

        if (ours && guest_read(machine, cpu, code->image[i].entry, theirs, COMPARED) &&
            !memcmp(ours, theirs, COMPARED))
            return (uint8_t)i;
    }
    return 0;
}

static struct space *find_space(const struct code *code, uint32_t context, uint32_t cr3)
{
    uint32_t at = mix((uint64_t)context << 32 | cr3) & (code->space_slots - 1);

    while (code->space[at].cr3 &&
           (code->space[at].cr3 != cr3 || code->space[at].context != context))
        at = (at + 1) & (code->space_slots - 1);
    return &code->space[at];
}

static bool grow_spaces(struct code *code)
{
    struct code bigger = {.space_slots = 2 * code->space_slots};

    bigger.space = calloc(bigger.space_slots, sizeof(*bigger.space));
    if (!bigger.space)
        return false;
    for (uint32_t i = 0; i < code->space_slots; i++)
        if (code->space[i].cr3)
            *find_space(&bigger, code->space[i].context, code->space[i].cr3) = code->space[i];
    free(code->space);
    code->space = bigger.space;
    code->space_slots = bigger.space_slots;
    return true;
}

static unsigned program_of(struct code *code, const struct machine *machine, unsigned cpu,
                           uint32_t context, uint32_t cr3)
{
    struct space *space = find_space(code, context, cr3);

    if (!space->cr3) {
        if (code->spaces++ > code->space_slots / 2 && grow_spaces(code))
            space = find_space(code, context, cr3);
        *space = (struct space){.context = context, .cr3 = cr3};
    }
    if (!space->known) {
        space->image = identify(code, machine, cpu);
        space->known = true;
    }
    return space->image;
}

void code_forget(struct code *code, uint32_t context, uint32_t cr3)
{
    find_space(code, context, cr3)->known = false;
}

/* ---- functions ------------------------------------------------------------------------------- */

static uint32_t *find_function(const struct code *code, unsigned image, uint32_t address)
{
    uint32_t at = mix((uint64_t)image << 32 | address) & (code->address_slots - 1);

    while (code->by_address[at]) {
        const struct function *function = &code->function[code->by_address[at] - 1];

        if (function->image == image && function->address == address)
            break;
        at = (at + 1) & (code->address_slots - 1);
    }
    return &code->by_address[at];
}

static bool grow_functions(struct code *code)
{
    uint32_t room = 2 * code->function_room;
    struct function *function = realloc(code->function, room * sizeof(*function));
    uint32_t *slot = function ? calloc(4 * (size_t)room, sizeof(*slot)) : NULL;

    if (function)
        code->function = function;
    if (!slot)
        return false;
    free(code->by_address);
    code->by_address = slot;
    code->address_slots = 4 * room;
    code->function_room = room;
    for (uint32_t i = 1; i < code->functions; i++)
        *find_function(code, function[i].image, function[i].address) = i + 1;
    return true;
}

bool code_function(struct code *code, const struct machine *machine, unsigned cpu, uint32_t context,
                   const struct cpu_place *place, uint32_t *function)
{
    unsigned image = place->ring ? 1 : 0;
    const struct name *name;
    uint32_t *slot;

    *function = 0;
    if (place->ring == 3)
        image = program_of(code, machine, cpu, context, place->cr3);
    if (place->ring == 3 && !image)
        return true;
    name = names_find(&code->image[image].names, place->pc);
    if (!name)
        return true;
    slot = find_function(code, image, name->address);
    if (!*slot) {
        if (code->functions == code->function_room) {
            if (!grow_functions(code))
                return false;
            slot = find_function(code, image, name->address);
        }
        code->function[code->functions] = (struct function){
            .image = image, .address = name->address, .end = name->end, .name = name->text};
        *slot = ++code->functions;
    }
    *function = *slot - 1;
    return true;
}

/* ---- cycles by address ----------------------------------------------------------------------- */

static struct spent *find_spent(const struct code *code, uint32_t function, uint32_t pc)
{
    uint32_t at = mix((uint64_t)function << 32 | pc) & (code->spent_slots - 1);

    while (code->spent[at].cycles &&
           (code->spent[at].function != function || code->spent[at].pc != pc))
        at = (at + 1) & (code->spent_slots - 1);
    return &code->spent[at];
}

static bool grow_spent(struct code *code)
{
    struct code bigger = {.spent_slots = 2 * code->spent_slots};

    bigger.spent = calloc(bigger.spent_slots, sizeof(*bigger.spent));
    if (!bigger.spent)
        return false;
    for (uint32_t i = 0; i < code->spent_slots; i++)
        if (code->spent[i].cycles)
            *find_spent(&bigger, code->spent[i].function, code->spent[i].pc) = code->spent[i];
    free(code->spent);
    code->spent = bigger.spent;
    code->spent_slots = bigger.spent_slots;
    return true;
}

bool code_spend(struct code *code, uint32_t function, uint32_t pc, uint64_t cycles)
{
    struct spent *spent = find_spent(code, function, pc);

    if (!spent->cycles) {
        if (code->spents++ > code->spent_slots / 2) {
            if (!grow_spent(code))
                return false;
            spent = find_spent(code, function, pc);
        }
        spent->function = function;
        spent->pc = pc;
    }
    spent->cycles += cycles;
    return true;
}
