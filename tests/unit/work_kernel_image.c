/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The domain builder reads kernels that somebody else made. Each case below damages one field of a
 * good kernel; after that, every byte of it is damaged in turn, and every truncation tried: the
 * reader may refuse or accept, but what it accepts must be safe to load.
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <xen/elfnote.h>

#include "workloads/dom0/xl/guest_memory.h"
#include "workloads/dom0/xl/kernel_image.h"

#define VIRT_BASE 0xC0000000u
#define TEXT      0xC0100000u

/* A small kernel: two segments and a note segment. */
struct kernel_file {
    Elf32_Ehdr header;
    Elf32_Phdr program[3];
    struct {
        Elf32_Nhdr header;
        char name[4];
        uint32_t value;
    } number[3];
    struct {
        Elf32_Nhdr header;
        char name[4];
        char value[8];
    } text[3];
    uint8_t code[2 * XL_PAGE_SIZE];
    uint8_t data[64];
};

#define NOTES_START offsetof(struct kernel_file, number)
#define NOTES_BYTES (offsetof(struct kernel_file, code) - NOTES_START)

static struct kernel_file good_kernel(void)
{
    static const struct {
        uint32_t type, value;
    } numbers[3] = {{XEN_ELFNOTE_VIRT_BASE, VIRT_BASE},
                    {XEN_ELFNOTE_ENTRY, TEXT + 16},
                    {XEN_ELFNOTE_HYPERCALL_PAGE, TEXT + XL_PAGE_SIZE}};
    static const struct {
        uint32_t type;
        char value[8];
    } texts[3] = {{XEN_ELFNOTE_XEN_VERSION, "xen-3.0"},
                  {XEN_ELFNOTE_PAE_MODE, "yes"},
                  {XEN_ELFNOTE_FEATURES, ""}};
    struct kernel_file f = {
        .header = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32, ELFDATA2LSB, 1},
                   .e_type = ET_EXEC,
                   .e_machine = EM_386,
                   .e_version = 1,
                   .e_entry = TEXT,
                   .e_phoff = offsetof(struct kernel_file, program),
                   .e_ehsize = sizeof(Elf32_Ehdr),
                   .e_phentsize = sizeof(Elf32_Phdr),
                   .e_phnum = 3},
        .program = {{PT_LOAD, offsetof(struct kernel_file, code), TEXT, TEXT - VIRT_BASE,
                     sizeof(f.code), sizeof(f.code), PF_R | PF_X, 4},
                    {PT_LOAD, offsetof(struct kernel_file, data), TEXT + 0x4000,
                     TEXT + 0x4000 - VIRT_BASE, sizeof(f.data), 0x3000, PF_R | PF_W, 4},
                    {PT_NOTE, NOTES_START, 0, 0, NOTES_BYTES, NOTES_BYTES, PF_R, 4}},
    };

    for (int i = 0; i < 3; i++) {
        f.number[i].header = (Elf32_Nhdr){4, 4, numbers[i].type};
        memcpy(f.number[i].name, "Xen", 4);
        f.number[i].value = numbers[i].value;
        f.text[i].header = (Elf32_Nhdr){4, sizeof(f.text[i].value), texts[i].type};
        memcpy(f.text[i].name, "Xen", 4);
        memcpy(f.text[i].value, texts[i].value, sizeof(f.text[i].value));
    }
    return f;
}

Test(work_kernel_image, good_kernel_is_read)
{
    struct kernel_file f = good_kernel();
    struct kernel_image k;

    cr_assert_null(kernel_image_read(&f, sizeof(f), &k));
    cr_expect_eq(k.virt_base, VIRT_BASE);
    cr_expect_eq(k.entry, TEXT + 16);
    cr_expect_eq(k.hypercall_page, TEXT + XL_PAGE_SIZE);
    cr_expect_eq(k.segment_count, 2u);
    cr_expect_eq(k.start, TEXT);
    cr_expect_eq(k.end, TEXT + 0x7000);
}

Test(work_kernel_image, physical_offset_moves_segments)
{
    struct kernel_file f = good_kernel();
    struct kernel_image k;

    f.number[2].header.n_type = XEN_ELFNOTE_PADDR_OFFSET; /* instead of the hypercall page */
    f.number[2].value = VIRT_BASE;
    f.program[0].p_paddr += VIRT_BASE;
    f.program[1].p_paddr += VIRT_BASE;
    cr_assert_null(kernel_image_read(&f, sizeof(f), &k));
    cr_expect_eq(k.start, TEXT);
    cr_expect_eq(k.hypercall_page, NO_HYPERCALL_PAGE);
}

Test(work_kernel_image, notes_are_found_in_sections_too)
{
    static struct {
        struct kernel_file f;
        Elf32_Shdr section;
    } file;
    struct kernel_image k;

    file.f = good_kernel();
    file.f.program[2].p_type = PT_NULL;
    file.section =
        (Elf32_Shdr){.sh_type = SHT_NOTE, .sh_offset = NOTES_START, .sh_size = NOTES_BYTES};
    file.f.header.e_shoff = sizeof(file.f);
    file.f.header.e_shentsize = sizeof(Elf32_Shdr);
    file.f.header.e_shnum = 1;
    cr_assert_null(kernel_image_read(&file, sizeof(file), &k));
    cr_expect_eq(k.virt_base, VIRT_BASE);
}

/* One damage each: a field, its new value, and a word of the sentence. */
struct damage {
    size_t offset, bytes;
    uint32_t value;
    char reason[48];
};

#define FIELD(field, value, reason)                                                                \
    {                                                                                              \
        offsetof(struct kernel_file, field), sizeof(((struct kernel_file *)0)->field), value,      \
            reason                                                                                 \
    }

ParameterizedTestParameters(work_kernel_image, damaged_field_is_refused)
{
    static struct damage damages[] = {
        FIELD(header.e_ident[0], 0x7e, "not an ELF"),
        FIELD(header.e_ident[EI_CLASS], ELFCLASS64, "32-bit i386"),
        FIELD(header.e_machine, EM_X86_64, "32-bit i386"),
        FIELD(header.e_type, ET_DYN, "32-bit i386"),
        FIELD(header.e_phnum, 0, "program header"),
        FIELD(header.e_phnum, 0xffff, "program header"),
        FIELD(header.e_phoff, 0xfffffff0, "program header"),
        FIELD(program[2].p_type, PT_NULL, "no Xen notes"),
        FIELD(program[2].p_offset, 0xfffff000, "truncated"),
        FIELD(number[0].header.n_namesz, 0xfffffffd, "does not fit"),
        FIELD(number[0].header.n_descsz, 0x10000, "32-bit one"),
        FIELD(number[0].header.n_descsz, 3, "not a 32-bit one"),
        FIELD(number[0].value, 0xC0000800, "VIRT_BASE"),
        FIELD(number[0].value, 0xF5800000, "VIRT_BASE"),
        FIELD(number[1].value, 0x1000, "entry point"),
        FIELD(number[1].value, TEXT + 0x7000, "entry point"),
        FIELD(number[2].value, TEXT + 8, "page aligned"),
        FIELD(number[2].value, TEXT + 0x7000, "hypercall page outside"),
        FIELD(number[2].value, TEXT + 0x2000, "hypercall page outside"),
        FIELD(text[0].value[4], '4', "xen-3.0"),
        FIELD(text[1].value[0], 'n', "PAE"),
        FIELD(text[2].value[0], '!', "requires a feature"),
        FIELD(program[0].p_offset, 0xffffff00, "truncated"),
        FIELD(program[0].p_filesz, 0x00ffffff, "truncated"),
        FIELD(program[0].p_memsz, 16, "larger in the file"),
        FIELD(program[0].p_memsz, 0xffffffff, "hypervisor's range"),
        FIELD(program[0].p_paddr, 0x35800000, "hypervisor's range"),
        FIELD(program[0].p_paddr, 0xfffff000, "hypervisor's range"),
        FIELD(program[1].p_paddr, TEXT - VIRT_BASE + 0x1fff, "overlap"),
    };

    return cr_make_param_array(struct damage, damages, sizeof(damages) / sizeof(damages[0]));
}

ParameterizedTest(struct damage *d, work_kernel_image, damaged_field_is_refused)
{
    struct kernel_file f = good_kernel();
    struct kernel_image k;

    memcpy((char *)&f + d->offset, &d->value, d->bytes);
    const char *wrong = kernel_image_read(&f, sizeof(f), &k);

    cr_assert_not_null(wrong, "accepted offset %zu = %x", d->offset, d->value);
    cr_expect(strstr(wrong, d->reason), "'%s' does not speak of '%s'", wrong, d->reason);
}

/* What the builder relies on when it copies. */
static void expect_safe(const struct kernel_image *k, size_t size)
{
    for (unsigned i = 0; i < k->segment_count; i++) {
        const struct kernel_segment *s = &k->segment[i];

        cr_assert((uint64_t)s->file_offset + s->file_bytes <= size);
        cr_assert(s->file_bytes <= s->memory_bytes);
        cr_assert(s->address >= k->virt_base);
        cr_assert((uint64_t)s->address + s->memory_bytes <= XL_HOLE_START);
        cr_assert(s->address >= k->start && s->address + s->memory_bytes <= k->end);
    }
    cr_assert(k->entry >= k->start && k->entry < k->end);
    if (k->hypercall_page != NO_HYPERCALL_PAGE)
        cr_assert(k->hypercall_page >= k->start && k->hypercall_page + XL_PAGE_SIZE <= k->end);
}

Test(work_kernel_image, every_truncation_is_survived)
{
    struct kernel_file f = good_kernel();
    struct kernel_image k;

    for (size_t size = 0; size < sizeof(f); size++) {
        uint8_t *exact = malloc(size ? size : 1); /* a sanitizer sees any byte beyond */

        memcpy(exact, &f, size);
        cr_assert_not_null(kernel_image_read(exact, size, &k), "accepted %zu bytes", size);
        free(exact);
    }
}

Test(work_kernel_image, every_damaged_byte_is_survived)
{
    static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    struct kernel_file good = good_kernel();
    struct kernel_image k;

    for (size_t at = 0; at < NOTES_START + NOTES_BYTES; at++)
        for (size_t v = 0; v < sizeof(values); v++) {
            struct kernel_file f = good;

            ((uint8_t *)&f)[at] = values[v];
            if (!kernel_image_read(&f, sizeof(f), &k))
                expect_safe(&k, sizeof(f));
        }
}
