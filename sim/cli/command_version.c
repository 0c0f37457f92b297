/* SPDX-License-Identifier: GPL-2.0-only */
/* command_version.c - `xenolith version`: what a report of a fault should quote */
#include "cpu/cpu.h"
#include "sim/account/result.h"
#include "sim/cli/commands.h"

#include <bzlib.h>
#include <jansson.h>
#include <lz4.h>
#include <lzma.h>
#include <sqlite3.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

void command_version(FILE *out)
{
    fprintf(out, "xenolith %s\n", XENOLITH_VERSION);
    fprintf(out, "revision   %s\n", *xenolith_revision ? xenolith_revision : "not known (no git)");
    fprintf(out, "processor  %s\n", cpu_libraries());
    fprintf(out, "results    jansson %s, SQLite %s\n", jansson_version_str(), sqlite3_libversion());
    fprintf(out, "images     zlib %s, liblzma %s, bzip2 %.*s, zstd %s, lz4 %s\n", zlibVersion(),
            lzma_version_string(), (int)strcspn(BZ2_bzlibVersion(), ","), BZ2_bzlibVersion(),
            ZSTD_versionString(), LZ4_versionString());
    fprintf(out, "licence    GPL-2.0-only\n");
}
