/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unicorn_layout.h - where libunicorn (amd64, x86 target) keeps what we need
 *
 * Byte offsets into the library's private structures. Its headers tell which version it is, for it
 * is linked statically, and the version chooses a column of unicorn_layout.def. What the build has
 * is checked at every start by writing through the public interface and reading here
 * (unicorn_check.c). A version is admitted once the whole suite has passed with it. Nothing but
 * unicorn*.c and unicorn.h may include this.
 */
#ifndef XENOLITH_CPU_UNICORN_LAYOUT_H
#define XENOLITH_CPU_UNICORN_LAYOUT_H

#include "cpu/model/soft_entry.h"

#if LIB_VERSION == 20001 /* Debian 12, Ubuntu 24.04 */
#define COLUMN(v20001, v20101, v20104) v20001
#elif LIB_VERSION == 20101 /* Debian 13, Ubuntu 25.10 */
#define COLUMN(v20001, v20101, v20104) v20101
#elif LIB_VERSION == 20104 /* Debian sid, Ubuntu 26.04 */
#define COLUMN(v20001, v20101, v20104) v20104
#else
#error "libunicorn must be 2.0.1, 2.1.1 or 2.1.4: others have no column in unicorn_layout.def"
#endif

enum {
    NONE = -1,
#define OFFSET(name, v20001, v20101, v20104, structure, member)                                    \
    name = COLUMN(v20001, v20101, v20104),
#define OFFSET_2_1                                      OFFSET
#define VALUE(name, v20001, v20101, v20104, expression) name = COLUMN(v20001, v20101, v20104),
#include "cpu/engine/unicorn_layout.def"
};

/* Bits of a processor object's interrupt request. */
#define INTERRUPT_HARD   2u
#define INTERRUPT_UNLINK 4u /* the block that ran last is not linked to the next one */

/* In the low bits of a tag of the software TLB. */
#define TLB_ENTRY_BYTES (1u << TLB_ENTRY_BITS)
#define TLB_WATCHED     0x100u
#define TLB_MMIO        0x200u
#define TLB_NOTDIRTY    0x400u
#define TLB_INVALID     0x800u

/*
 * Slots of the state that a 32-bit guest can never reach: R8-R15 and the performance counters.
 * Translated code keeps its accounting there, a displacement away from its one base register.
 */
#define SLOT_FILTERS      64  /* R8-R13: the full timing model's filter tables */
#define SLOT_CLOCK        112 /* R14 */
#define SLOT_MODEL_CLOCK  120 /* R15: the full timing model's order of accesses */
#define SLOT_BLOCK        (ENV_PERF_COUNTERS + 0) /* record of the block that runs */
#define SLOT_LIMIT        (ENV_PERF_COUNTERS + 8) /* clock above this: leave the fast path */
#define SLOT_INSTRUCTIONS (ENV_PERF_COUNTERS + 16)
#define SLOT_MMX          (ENV_PERF_COUNTERS + 24) /* the MMX register that is written next */

#define TB_EXIT_REQUESTED 3 /* a block that was entered and left at once */

/* hflags */
#define HF_CPL         0x3u
#define HF_INHIBIT_IRQ 0x8u
#define HF_CS32        0x10u
#define HF_SS32        0x20u
#define HF_ADDSEG      0x40u
#define HF_PE          0x80u
#define HF_SMAP        0x800000u
/* ours, unused by the library */
#define HF_LIMITED    0x8000000u /* segments that are looked at, see unicorn_segments.c */
#define HF_LIMITED_FS 0x4000000u
#define HF_LIMITED_GS 0x80000000u
#define HF_PROCESSOR  28 /* the first of three bits: whose translations, see unicorn.c */

#define TB_HOW_MOST 0x7fffu /* in TB_HOW */

/* TCGOp, TCGLabel */
#define TCG_OP_CODE      0 /* u8 */
#define TCG_LABEL_PLACED 0 /* u16, bit 0 */
#define TCG_LABEL_USES   2 /* u16 */

#endif
