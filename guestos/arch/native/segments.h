/* SPDX-License-Identifier: GPL-2.0-only */
/* segments.h - the global descriptor table, one a processor; TLS at 6-8 as Linux has it */
#ifndef GUESTOS_SEGMENTS_H
#define GUESTOS_SEGMENTS_H

#define GDT_ENTRIES 17
#define KERNEL_CS   0x60
#define KERNEL_DS   0x68
#define USER_CS     0x73
#define USER_DS     0x7b
#define TSS_SEGMENT 0x80

#endif
