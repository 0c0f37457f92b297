/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/load/cpio.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_BYTES 110 /* magic and 13 fields of 8 hexadecimal digits */
#define TRAILER      "TRAILER!!!"

enum { FIELD_FILE_BYTES = 6, FIELD_NAME_BYTES = 11 };

static bool field(const uint8_t *header, unsigned number, size_t *value)
{
    *value = 0;
    for (unsigned i = 0; i < 8; i++) {
        const char *digits = "0123456789abcdef0123456789ABCDEF";
        uint8_t digit = header[6 + 8 * number + i];
        const char *found = digit ? strchr(digits, digit) : NULL;

        if (!found)
            return false;
        *value = *value << 4 | (size_t)((found - digits) & 15);
    }
    return true;
}

static size_t padded(size_t bytes)
{
    return (bytes + 3) & ~(size_t)3;
}

enum walk { WALK_MEMBER, WALK_END, WALK_BROKEN };

struct entry {
    const char *name; /* name_bytes with its NUL */
    size_t name_bytes;
    const uint8_t *content;
    size_t bytes;
};

/* The entry at *at, which moves on to the next. WALK_END: that was the trailer, and *at is where it
 * begins. */
static enum walk next_entry(const struct file *archive, size_t *at, struct entry *entry)
{
    const uint8_t *header = archive->bytes + *at;
    size_t left = archive->size - *at, data;

    if (left < HEADER_BYTES || memcmp(header, "070701", 6) != 0 ||
        !field(header, FIELD_NAME_BYTES, &entry->name_bytes) ||
        !field(header, FIELD_FILE_BYTES, &entry->bytes))
        return WALK_BROKEN;
    data = padded(HEADER_BYTES + entry->name_bytes);
    if (!entry->name_bytes || data > left || entry->bytes > left - data ||
        header[HEADER_BYTES + entry->name_bytes - 1])
        return WALK_BROKEN;
    entry->name = (const char *)header + HEADER_BYTES;
    entry->content = header + data;
    if (!strcmp(entry->name, TRAILER))
        return WALK_END;
    if (padded(entry->bytes) > left - data)
        return WALK_BROKEN;
    *at += data + padded(entry->bytes);
    return WALK_MEMBER;
}

bool cpio_find(const struct file *archive, const char *name, struct file *member)
{
    struct entry entry;
    size_t at = 0;

    while (next_entry(archive, &at, &entry) == WALK_MEMBER)
        if (!strcmp(entry.name, name)) {
            *member = (struct file){archive->path, entry.content, entry.bytes};
            return true;
        }
    return false;
}

/* ---- adding ---------------------------------------------------------------------------------- */

/* Inode numbers of what is added; those of the archive count up from 0 or 1. */
#define INODE_BASE 0x70000000u

static size_t entry_bytes(const char *name, size_t bytes)
{
    return padded(HEADER_BYTES + strlen(name) + 1) + padded(bytes);
}

static uint8_t *put_entry(uint8_t *to, unsigned number, const struct cpio_member *member)
{
    char header[HEADER_BYTES + 1];
    size_t name_bytes = strlen(member->name) + 1, head = padded(HEADER_BYTES + name_bytes);

    /* inode, mode, owner, group, links, time, size, device (2), special device (2), name, check */
    snprintf(header, sizeof(header), "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x",
             number, member->mode, 0, 0, 1, 0, (unsigned)member->content.size, 0, 0, 0, 0,
             (unsigned)name_bytes, 0);
    memcpy(to, header, HEADER_BYTES);
    memcpy(to + HEADER_BYTES, member->name, name_bytes);
    if (member->content.size)
        memcpy(to + head, member->content.bytes, member->content.size);
    return to + entry_bytes(member->name, member->content.size);
}

bool cpio_extend(const struct file *archive, const struct cpio_member *members, unsigned count,
                 struct file *extended, char *why, size_t why_bytes)
{
    static const struct cpio_member trailer = {.name = TRAILER};
    struct entry entry;
    struct file there;
    enum walk walk;
    size_t at = 0, size;
    uint8_t *bytes, *to;

    while ((walk = next_entry(archive, &at, &entry)) == WALK_MEMBER)
        ;
    if (walk != WALK_END && archive->size != 0) {
        snprintf(why, why_bytes, "%s is not a root image: no cpio archive at byte %zu",
                 archive->path, at);
        return false;
    }
    size = at + entry_bytes(TRAILER, 0);
    for (unsigned i = 0; i < count; i++) {
        if (cpio_find(archive, members[i].name, &there)) {
            snprintf(why, why_bytes, "%s has a /%s already", archive->path, members[i].name);
            return false;
        }
        for (unsigned j = 0; j < i; j++)
            if (!strcmp(members[j].name, members[i].name)) {
                snprintf(why, why_bytes, "two files for /%s", members[i].name);
                return false;
            }
        size += entry_bytes(members[i].name, members[i].content.size);
    }
    bytes = calloc(1, size);
    if (!bytes) {
        snprintf(why, why_bytes, "no memory for a root image of %zu bytes", size);
        return false;
    }
    memcpy(bytes, archive->bytes, at);
    to = bytes + at;
    for (unsigned i = 0; i < count; i++)
        to = put_entry(to, INODE_BASE + i, &members[i]);
    put_entry(to, 0, &trailer);
    *extended = (struct file){archive->path, bytes, size};
    return true;
}
