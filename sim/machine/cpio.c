/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/machine/cpio.h"

#include <string.h>

#define HEADER_BYTES 110 /* magic and 13 fields of 8 hexadecimal digits */

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

bool cpio_find(const struct file *archive, const char *name, struct file *member)
{
    size_t at = 0, length = strlen(name);

    while (archive->size - at >= HEADER_BYTES) {
        const uint8_t *header = archive->bytes + at;
        size_t name_bytes, file_bytes, data;

        if (memcmp(header, "070701", 6) != 0 || !field(header, FIELD_NAME_BYTES, &name_bytes) ||
            !field(header, FIELD_FILE_BYTES, &file_bytes))
            return false;
        data = padded(HEADER_BYTES + name_bytes);
        if (data > archive->size - at || file_bytes > archive->size - at - data)
            return false;
        if (name_bytes == length + 1 && !memcmp(header + HEADER_BYTES, name, length + 1)) {
            *member = (struct file){archive->path, header + data, file_bytes};
            return true;
        }
        if (padded(file_bytes) > archive->size - at - data)
            return false;
        at += data + padded(file_bytes);
    }
    return false;
}
