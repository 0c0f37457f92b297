/* SPDX-License-Identifier: GPL-2.0-only */
/* features.c - why a volume is refused, in words; the names are those of mke2fs */
#include "guestos/fs/ext2/ext2.h"
#include "guestos/kernel/lib.h"
#include "guestos/mm/allocate.h"

struct feature {
    uint32_t bit;
    const char *name;
};

static const struct feature incompatible[] = {
    {0x1, "compression"},    {0x4, "needs_recovery"}, {0x8, "journal_dev"},  {0x10, "meta_bg"},
    {0x40, "extent"},        {0x80, "64bit"},         {0x100, "mmp"},        {0x200, "flex_bg"},
    {0x400, "ea_inode"},     {0x1000, "dirdata"},     {0x2000, "csum_seed"}, {0x4000, "large_dir"},
    {0x8000, "inline_data"}, {0x10000, "encrypt"},    {0x20000, "casefold"},
};

static const struct feature read_only_compatible[] = {
    {0x8, "huge_file"},  {0x10, "uninit_bg"}, {0x20, "dir_nlink"},      {0x40, "extra_isize"},
    {0x100, "quota"},    {0x200, "bigalloc"}, {0x400, "metadata_csum"}, {0x1000, "read-only"},
    {0x2000, "project"}, {0x8000, "verity"},  {0x10000, "orphan_file"},
};

static void name_features(const char *device, uint32_t unknown, const struct feature *known,
                          uint32_t count, const char *consequence)
{
    for (uint32_t i = 0; i < count; i++) {
        if (unknown & known[i].bit)
            kprintf("%s: a volume with the feature %s %s\n", device, known[i].name, consequence);
        unknown &= ~known[i].bit;
    }
    if (unknown)
        kprintf("%s: a volume with features of bits %x %s\n", device, unknown, consequence);
}

void ext2_explain_refusal(struct block_device *device)
{
    const char *name = device->name;
    struct ext2_super *s = heap_allocate(EXT2_SUPER_BYTES);

    if (!s ||
        block_read(device, EXT2_SUPER_OFFSET / SECTOR_BYTES, EXT2_SUPER_BYTES / SECTOR_BYTES, s))
        kprintf("%s: its superblock cannot be read\n", name);
    else if (s->magic != EXT2_MAGIC)
        kprintf("%s: no ext2 volume\n", name);
    else if (s->block_shift > EXT2_LARGEST_SHIFT)
        kprintf("%s: blocks of more than %u bytes cannot be had\n", name,
                1024u << EXT2_LARGEST_SHIFT);
    else if (s->revision) {
        name_features(name, s->incompatible & ~EXT2_KNOWN_INCOMPATIBLE, incompatible,
                      ARRAY_LENGTH(incompatible), "cannot be mounted");
        name_features(name, s->read_only_compatible & ~EXT2_KNOWN_READ_ONLY, read_only_compatible,
                      ARRAY_LENGTH(read_only_compatible), "can be mounted for reading only");
    }
    heap_free(s);
}
