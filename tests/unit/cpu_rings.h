/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cpu_rings.h - a lab with paging whose code runs in any ring and in any timing mode
 *
 * The page tables map the first 4 MB onto themselves for all rings. Tests fill two more tables: of
 * the window at 4 MB, and of the last 2 MB below 4 GB. Every exception is reported and ends the
 * run; so does `out %al, $0x22`.
 */
#ifndef XENOLITH_TESTS_CPU_RINGS_H
#define XENOLITH_TESTS_CPU_RINGS_H

#include "cpu/costs/costs.h"
#include "tests/unit/cpu_lab.h"

enum {
    RINGS_WINDOW = 0x400000,
    RINGS_TOP = 0xffe00000,
    RINGS_CODE = 0x110000,
    RINGS_DATA = 0x118000, /* a page that tests may use */
    RINGS_STACK = 0x88000,
    RINGS_NO_VECTOR = 0xff, /* the code ended by itself */
};

struct rings {
    struct lab lab;
    struct machine_costs costs;
    unsigned ring;
};

/* What a run ended with. */
struct rings_end {
    uint32_t vector, error_code, eip, cr2, eflags;
    uint64_t instructions; /* of the ring, with the one that faulted if it is counted */
};

/* Opens a lab for code of a ring; without translations shared by frames of equal content if
 * `apart`. Fails the test on any error, as all of these do. */
void rings_open(struct rings *rings, unsigned ring, enum cpu_timing timing, bool apart);
void rings_close(struct rings *rings);

/* Maps a page of the window or of the top: `entry` is a page table entry. */
void rings_map(struct rings *rings, uint32_t linear, uint64_t entry);

/* Selectors of the ring's own segments. */
uint16_t rings_cs(const struct rings *rings);
uint16_t rings_ds(const struct rings *rings);

/* Enters the ring at CS:EIP with an ESP and runs until the end. */
struct rings_end rings_go(struct rings *rings, uint16_t cs, uint32_t eip, uint32_t esp);

/* The rings and timing modes, for tests that go through all. */
#define RINGS_EACH(ring, timing)                                                                   \
    for (unsigned ring = 0; ring < 4; ring += ring ? 2 : 1)                                        \
        for (enum cpu_timing timing = CPU_TIMING_UNIT; timing <= CPU_TIMING_FULL; timing++)

#endif
