/* SPDX-License-Identifier: GPL-2.0-only */
/* The Multiboot loader against good, truncated and hostile images. */
#include "sim/load/elf.h"
#include "sim/load/multiboot.h"
#include "sim/load/cpio.h"
#include "sim/load/mptable.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define RAM   (16u << 20)
#define MAGIC 0x1badb002u

static uint8_t *ram;
static char why[256];

/* An ELF image with one segment and a Multiboot header in it, loaded at 1 MB, linked at 3 GB. */
struct image {
    Elf32_Ehdr ehdr;
    Elf32_Phdr phdr;
    uint32_t multiboot[8];
    uint8_t code[64];
};

static struct image good_image(void)
{
    struct image image = {
        .ehdr = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB, 1},
                 .e_type = ET_EXEC,
                 .e_machine = EM_386,
                 .e_version = 1,
                 .e_entry = 0xc0100020,
                 .e_phoff = offsetof(struct image, phdr),
                 .e_phentsize = sizeof(Elf32_Phdr),
                 .e_phnum = 1},
        .phdr = {.p_type = PT_LOAD,
                 .p_offset = offsetof(struct image, multiboot),
                 .p_vaddr = 0xc0100000,
                 .p_paddr = 0x100000,
                 .p_filesz = 96,
                 .p_memsz = 8192},
        .multiboot = {MAGIC, 3, -(MAGIC + 3)},
    };

    memset(image.code, 0x90, sizeof(image.code));
    return image;
}

static bool load(const void *bytes, size_t size, struct boot_entry *entry)
{
    struct boot_images images = {
        .kernel = {{"kernel", bytes, size}, "one two"},
        .module = {{{"folder/first", (const uint8_t *)"abcdef", 6}, "x=1"},
                   {{"second", (const uint8_t *)"", 0}, ""}},
        .modules = 2,
    };

    free(ram);
    ram = calloc(1, RAM);
    why[0] = 0;
    return multiboot_load(ram, RAM, &images, entry, why, sizeof(why));
}

static uint32_t word(uint32_t address)
{
    uint32_t value;

    memcpy(&value, ram + address, sizeof(value));
    return value;
}

Test(sim_multiboot, loads_elf_and_tells_about_it)
{
    struct image image = good_image();
    struct boot_entry entry;
    uint32_t info, modules;

    cr_assert(load(&image, sizeof(image), &entry), "%s", why);
    cr_assert_eq(entry.eip, 0x100020, "a high entry is moved with its segment");
    cr_assert_eq(word(0x100000), MAGIC);
    cr_assert_eq(ram[0x100020], 0x90);
    cr_assert_eq(ram[0x100000 + 96], 0);
    info = entry.info;
    cr_assert_eq(word(info + 4), 639);
    cr_assert_eq(word(info + 8), 15 * 1024);
    cr_assert_str_eq((char *)ram + word(info + 16), "kernel one two");
    cr_assert_eq(word(info + 20), 2);
    modules = word(info + 24);
    cr_assert_eq(word(modules), 0x102000, "on a page of its own, after the bss");
    cr_assert_eq(word(modules + 4), 0x102006);
    cr_assert_arr_eq(ram + 0x102000, "abcdef", 6);
    cr_assert_str_eq((char *)ram + word(modules + 8), "first x=1");
    cr_assert_eq(word(modules + 16), 0x103000);
    cr_assert_eq(word(info + 44), 4 * 24, "four entries in the memory map");
}

struct bad_case {
    const char *what;
    size_t offset; /* of a 32-bit word in the image */
    uint32_t value;
    const char *expect; /* part of the sentence */
};

#define AT(field) offsetof(struct image, field)

Test(sim_multiboot, refuses_hostile_headers)
{
    static const struct bad_case cases[] = {
        {"no magic", AT(multiboot), 0, "no Multiboot header"},
        {"bad checksum", AT(multiboot) + 8, 0, "no Multiboot header"},
        {"segment past the file", AT(phdr.p_offset), 0xfffff000, "truncated"},
        {"size past the file", AT(phdr.p_filesz), 0x7fffffff, "truncated"},
        {"file larger than memory", AT(phdr.p_memsz), 16, "larger in the file"},
        {"beyond memory", AT(phdr.p_paddr), 0xfffff000, "wants memory"},
        {"wraps around", AT(phdr.p_memsz), 0xffffffff, "wants memory"},
        {"over the firmware", AT(phdr.p_paddr), 0x9f000, "belongs to"},
        {"over the information", AT(phdr.p_paddr), 0x8000, "belongs to"},
        {"program headers outside", AT(ehdr.e_phoff), 0xffffff00, "truncated"},
        {"entry nowhere", AT(ehdr.e_entry), 0x80000000, "entry point"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct image image = good_image();
        struct boot_entry entry;

        memcpy((char *)&image + cases[i].offset, &cases[i].value, sizeof(cases[i].value));
        cr_expect_not(load(&image, sizeof(image), &entry), "%s", cases[i].what);
        cr_expect(strstr(why, cases[i].expect), "%s: %s", cases[i].what, why);
    }
}

Test(sim_multiboot, refuses_every_truncation)
{
    struct image image = good_image();
    struct boot_entry entry;

    for (size_t size = 0; size < AT(code) + 64; size++) {
        void *copy = malloc(size ? size : 1); /* exact, so that a sanitizer sees every overrun */

        memcpy(copy, &image, size);
        cr_expect_not(load(copy, size, &entry), "%zu bytes", size);
        cr_expect_neq(why[0], 0);
        free(copy);
    }
}

Test(sim_multiboot, refuses_what_is_not_a_kernel)
{
    struct boot_entry entry;
    struct image image = good_image();

    cr_assert_not(load("hello, this is text", 19, &entry));
    cr_assert(strstr(why, "neither an ELF file nor a Multiboot image"), "%s", why);
    image.ehdr.e_machine = EM_X86_64;
    cr_assert_not(load(&image, sizeof(image), &entry));
    cr_assert(strstr(why, "i386"), "%s", why);
    image = good_image();
    image.multiboot[1] = 0x7;
    image.multiboot[2] = -(MAGIC + 7);
    cr_assert_not(load(&image, sizeof(image), &entry));
    cr_assert(strstr(why, "video"), "%s", why);
}

/* The header's own addresses: header_addr, load_addr, load_end_addr, bss_end_addr, entry_addr. */
Test(sim_multiboot, header_addresses)
{
    static const struct {
        uint32_t header, load, load_end, bss_end, entry;
        bool good;
    } cases[] = {
        {0x100000, 0x100000, 0x100080, 0x101000, 0x100020, true},
        {0x100000, 0x100000, 0, 0, 0x100020, true},
        {0x100004, 0x100000, 0, 0, 0x100020, false},          /* header before the file */
        {0x100000, 0x100004, 0, 0, 0x100020, false},          /* load above the header */
        {0x100000, 0x100000, 0x100400, 0, 0x100020, false},   /* more than the file has */
        {0x100000, 0x100000, 0xff000, 0, 0x100020, false},    /* ends before it begins */
        {0x100000, 0x100000, 0x100080, 0x100040, 0, false},   /* bss before data */
        {0x100000, 0x100000, 0x100080, 0xfffffff0, 0, false}, /* bss beyond memory */
        {0x1000, 0x1000, 0x1080, 0x20000, 0x1020, false},     /* over the information */
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        uint32_t bytes[64] = {MAGIC, 0x10003, -(MAGIC + 0x10003)};
        struct boot_entry entry;

        memcpy(bytes + 3, &cases[i], 5 * sizeof(*bytes));
        cr_expect_eq(load(bytes, sizeof(bytes), &entry), cases[i].good, "case %zu: %s", i, why);
        if (cases[i].good)
            cr_expect_eq(entry.eip, cases[i].entry);
    }
}

Test(sim_multiboot, module_must_fit)
{
    struct image image = good_image();
    struct boot_images images = {.kernel = {{"kernel", (uint8_t *)&image, sizeof(image)}, ""},
                                 .modules = 1};
    struct boot_entry entry;

    images.module[0] = (struct boot_item){{"big", (uint8_t *)&image, RAM}, ""};
    free(ram);
    ram = calloc(1, RAM);
    cr_assert_not(multiboot_load(ram, RAM, &images, &entry, why, sizeof(why)));
    cr_assert(strstr(why, "does not fit"), "%s", why);
}

Test(sim_elf, finds_xen_notes)
{
    struct {
        struct image image;
        uint32_t note[5];
    } file = {good_image(), {4, 4, 5, 0x6e6558, 7}};
    struct file as_file = {"kernel", (uint8_t *)&file, sizeof(file)};
    struct elf elf;

    cr_assert(elf_open(&elf, &as_file, why, sizeof(why)));
    cr_assert_not(elf_has_xen_notes(&elf));
    file.image.phdr.p_type = PT_NOTE;
    file.image.phdr.p_offset = sizeof(file.image);
    file.image.phdr.p_filesz = sizeof(file.note);
    cr_assert(elf_open(&elf, &as_file, why, sizeof(why)));
    cr_assert(elf_has_xen_notes(&elf));
    file.note[0] = 0xfffffff0; /* a name longer than the file */
    cr_assert_not(elf_has_xen_notes(&elf));
}

Test(sim_cpio, finds_members_within_bounds)
{
    static const char archive[] = "070701"
                                  "00000000"
                                  "000081a4"
                                  "00000000"
                                  "00000000"
                                  "00000001"
                                  "00000000"
                                  "00000005"
                                  "00000000"
                                  "00000000"
                                  "00000000"
                                  "00000000"
                                  "00000009"
                                  "00000000"
                                  "bin/cint\0\0hello\0\0\0";
    struct file file = {"image", (const uint8_t *)archive, 110 + 10 + 8}, member;

    cr_assert(cpio_find(&file, "bin/cint", &member));
    cr_assert_eq(member.size, 5);
    cr_assert_arr_eq(member.bytes, "hello", 5);
    cr_assert_not(cpio_find(&file, "bin/cin", &member));
    for (size_t size = 0; size < 110 + 10 + 5; size++) {
        file.size = size;
        cr_assert_not(cpio_find(&file, "bin/cint", &member));
    }
}

/* The table that firmware left; the sums of it and of its pointer are checked on the way. */
static const uint8_t *find_table(const uint8_t *memory)
{
    uint32_t pointer = 0, table;
    uint16_t segment, length;
    uint8_t sum = 0;

    memcpy(&segment, memory + 0x40e, 2);
    for (uint32_t at = (uint32_t)segment << 4; at < ((uint32_t)segment << 4) + 1024; at += 16)
        if (!memcmp(memory + at, "_MP_", 4))
            pointer = at;
    cr_assert_neq(pointer, 0);
    for (unsigned i = 0; i < 16; i++)
        sum += memory[pointer + i];
    cr_assert_eq(sum, 0);
    memcpy(&table, memory + pointer + 4, 4);
    cr_assert_arr_eq(memory + table, "PCMP", 4);
    memcpy(&length, memory + table + 4, 2);
    for (unsigned i = 0; i < length; i++)
        sum += memory[table + i];
    cr_assert_eq(sum, 0);
    return memory + table;
}

Test(sim_mptable, sums_to_zero)
{
    uint8_t *memory = calloc(1, 1 << 20);

    mptable_write(memory, 2, 0);
    find_table(memory);
    free(memory);
}

Test(sim_mptable, lists_lines_of_pci_devices_that_are_there)
{
    uint8_t *memory = calloc(1, 1 << 20);
    unsigned pci_lines = 0, isa_lines = 0;
    const uint8_t *table, *entry;

    mptable_write(memory, 1, 1u << 3 | 1u << 31);
    table = find_table(memory);
    entry = table + 44 + 20; /* behind the header and the processor */
    cr_assert_arr_eq(entry, "\1\0PCI   ", 8);
    cr_assert_arr_eq(entry + 8, "\1\1ISA   ", 8);
    for (entry += 24; entry[0] == 3; entry += 8) {
        isa_lines += entry[4] == 1;
        if (entry[4] != 0)
            continue;
        cr_expect_eq(entry[2], 0x0d, "active high, level");
        cr_expect(entry[5] >> 2 == 3 || entry[5] >> 2 == 31);
        cr_expect_eq(entry[7], 16 + ((entry[5] >> 2) + (entry[5] & 3)) % 4);
        pci_lines++;
    }
    cr_expect_eq(pci_lines, 8);
    cr_expect_eq(isa_lines, 15);
    free(memory);
}
