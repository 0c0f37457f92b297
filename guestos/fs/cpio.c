/* SPDX-License-Identifier: GPL-2.0-only */
/* cpio.c - see cpio.h; pure, so that the host tests it with broken archives */
#include "guestos/fs/cpio.h"
#include "guestos/kernel/lib.h"

#define HEADER_BYTES 110
#define NAME_BYTES   4096

/* The 13 numbers after the magic, 8 digits each. */
enum {
    INODE,
    MODE,
    UID,
    GID,
    LINKS,
    TIME,
    SIZE,
    MAJOR,
    MINOR,
    RMAJOR,
    RMINOR,
    NAME,
    CHECK,
    FIELDS
};

static bool number(const uint8_t *digits, uint32_t *value)
{
    *value = 0;
    for (int i = 0; i < 8; i++) {
        uint8_t c = digits[i];
        uint32_t digit = c >= '0' && c <= '9'   ? c - '0' + 0u
                         : c >= 'a' && c <= 'f' ? c - 'a' + 10u
                         : c >= 'A' && c <= 'F' ? c - 'A' + 10u
                                                : 16u;

        if (digit > 15)
            return false;
        *value = *value << 4 | digit;
    }
    return true;
}

enum cpio_result cpio_next(struct cpio *cpio, struct cpio_entry *entry)
{
    const uint8_t *at = cpio->at;
    uint32_t left = (uint32_t)(cpio->end - at), field[FIELDS];

    if (left < HEADER_BYTES || memcmp(at, "070701", 6))
        return CPIO_BROKEN;
    for (int i = 0; i < FIELDS; i++)
        if (!number(at + 6 + i * 8, &field[i]))
            return CPIO_BROKEN;
    /* Sizes are compared before they are added: sums could wrap. */
    if (!field[NAME] || field[NAME] > NAME_BYTES || field[NAME] > left - HEADER_BYTES ||
        at[HEADER_BYTES + field[NAME] - 1])
        return CPIO_BROKEN;
    uint32_t data = (HEADER_BYTES + field[NAME] + 3) & ~3u;
    if (data > left || field[SIZE] > left - data)
        return CPIO_BROKEN;
    const char *name = (const char *)at + HEADER_BYTES;
    if (!strcmp(name, "TRAILER!!!"))
        return CPIO_END;
    while (name[0] == '/' || (name[0] == '.' && (name[1] == '/' || !name[1])))
        name++;
    *entry = (struct cpio_entry){
        .name = name,
        .mode = field[MODE],
        .inode = field[INODE],
        .links = field[LINKS],
        .device = (field[RMAJOR] & 0xff) << 8 | (field[RMINOR] & 0xff),
        .modified = field[TIME],
        .data = at + data,
        .bytes = field[SIZE],
    };
    uint32_t next = (data + field[SIZE] + 3) & ~3u;
    cpio->at += MIN(next, left);
    return CPIO_ENTRY;
}
