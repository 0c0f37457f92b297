/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * announce.h - what guest software may tell the simulator
 *
 * A real processor has nothing of this. A kernel or a program that wants to be accounted for by
 * name finds the simulator by CPUID leaf 0x40000000 (as one finds any hypervisor) and then speaks
 * through unused CPUID leaves (any ring) and unused MSRs (ring 0). Elsewhere - on QEMU, Bochs, real
 * Xen, a real PC - the signature is absent and nothing is said.
 *
 * Rules
 *   - Announcements change what is *recorded*, never what *happens*; the one exception is
 *     ANNOUNCE_MSR_OUTER_LIMIT, which stands in for a segment limit that the execution engine
 *     cannot check by itself.
 *   - They cost no simulated time beyond the surrounding instructions: CPUID and WRMSR with one of
 *     these numbers are charged zero cycles.
 *   - Nothing announced is trusted: an address is translated and bounds-checked, a name is printed
 *     only where it is printable.
 *
 * Programs of one's own include this header and call the functions at its end, which do nothing on
 * other machines:
 *
 *     announce_begin("solve");    what follows is counted by this name, too
 *     announce_end("solve");
 *     announce_unit("step");      a unit of work is done
 *     announce_done(100);         so many more units are done, in the result's `work`
 *
 * This header is shared by the simulator, the hypervisor, the kernel and the workloads; it must
 * stay free of other headers and compile for 32-bit freestanding code and for assembly.
 */
#ifndef XENOLITH_ANNOUNCE_H
#define XENOLITH_ANNOUNCE_H

/* CPUID leaves. Input in EAX (the leaf) and ECX (the argument). */
#define ANNOUNCE_LEAF_SIGNATURE 0x40000000 /* EAX = highest leaf; EBX, ECX, EDX = signature */
#define ANNOUNCE_LEAF_WORK      0x40000001 /* ECX = units of work finished since the last call */
#define ANNOUNCE_LEAF_COUNTERS                                                                     \
    0x40000002 /* ECX = virtual address of a counter table, 0 to withdraw */
#define ANNOUNCE_LEAF_RAMDISK                                                                      \
    0x40000003 /* ECX = virtual address of a struct announced_ramdisk; from rings 0 and 1 */
/*
 * A copy of a program that is measured (`xenolith run --program`): said by what starts it. Copies
 * are numbered from 0.
 */
#define ANNOUNCE_LEAF_COPY_READY 0x40000004 /* ECX = number: whoever says so will start it */
#define ANNOUNCE_LEAF_COPY_BEGIN 0x40000005 /* ECX = number: this context becomes the program */
#define ANNOUNCE_LEAF_COPY_END                                                                     \
    0x40000006 /* ECX = number, and its wait status (as of wait4) in the high half */
#define ANNOUNCE_LEAF_REGION                                                                       \
    0x40000007 /* ECX = virtual address of a struct announced_region, from any ring */
#define ANNOUNCE_LEAF_LAST 0x40000007

/* "XenolithSim\0" in the order EBX, ECX, EDX. */
#define ANNOUNCE_SIGNATURE_EBX 0x6f6e6558 /* Xeno */
#define ANNOUNCE_SIGNATURE_ECX 0x6874696c /* lith */
#define ANNOUNCE_SIGNATURE_EDX 0x006d6953 /* Sim  */

/* MSRs, written in ring 0 only. The high half of the value must be zero but where said. */
#define ANNOUNCE_MSR_CONTEXT 0x4b580000 /* who runs from now on: domain id, or process id */
#define ANNOUNCE_MSR_OUTER_LIMIT                                                                   \
    0x4b580001 /* rings 1-3 get #GP(0) at and above this; 0: no limit */
#define ANNOUNCE_MSR_CONTEXT_END 0x4b580002 /* this context will not run again */
#define ANNOUNCE_MSR_PANIC                                                                         \
    0x4b580003 /* the supervisor cannot go on: where, EIP in the high half and ESP in the low */

/* Context of a processor that waits for work; of one that boots, before anybody spoke. */
#define ANNOUNCE_CONTEXT_IDLE 0xffff
#define ANNOUNCE_CONTEXT_BOOT 0xfffe
#define ANNOUNCE_CONTEXT_MAX  0xffff /* contexts are 0..0xffff */

/*
 * The counter table. The hypervisor (or the bare kernel), announcing from ring 0, owns the
 * machine's "supervisor" table, which must be physically contiguous. A kernel in ring 1 owns the
 * table of its context, which must lie within one page. Values only grow.
 */
#define ANNOUNCE_COUNTERS_MAGIC 0x544e4358 /* "XCNT" */
#define ANNOUNCE_NAME_BYTES     40
#define ANNOUNCE_COUNTERS_MAX   512

#ifndef __ASSEMBLER__
struct announced_counter {
    char name[ANNOUNCE_NAME_BYTES]; /* NUL-terminated, [a-z0-9_.] */
    unsigned long long value;
};

struct announced_counters {
    unsigned int magic;
    unsigned int count;
    struct announced_counter counter[];
};

/*
 * A ramdisk: memory that serves as a disk, of which a user may want a copy after the run, however
 * that ended. Its pages are looked up once, when it is announced.
 */
#define ANNOUNCE_RAMDISK_MAGIC 0x4b534458 /* "XDSK" */

struct announced_ramdisk {
    unsigned int magic;
    unsigned int address; /* virtual, of the first byte; page-aligned */
    unsigned int bytes;
};

/*
 * A region: a stretch of a program, or of everything that a machine does, that is counted by name
 * beside all else. It may begin again within itself; the outermost end counts. In a region of its
 * own a program (with what its kernel does for it) or a domain is counted. A shared one is for
 * begins and ends by different processes: it counts the domain, or on a bare kernel the machine.
 */
#define ANNOUNCE_REGION_MAGIC  0x4e475258 /* "XRGN" */
#define ANNOUNCE_REGION_BEGIN  0
#define ANNOUNCE_REGION_END    1
#define ANNOUNCE_REGION_UNIT   2 /* nothing is counted but that it happened; one unit of work */
#define ANNOUNCE_REGION_SHARED 0x100
#define ANNOUNCE_REGIONS_MAX   256 /* of a run */

struct announced_region {
    unsigned int magic;
    unsigned int what;              /* one of the above, and perhaps ANNOUNCE_REGION_SHARED */
    char name[ANNOUNCE_NAME_BYTES]; /* NUL-terminated; letters, digits and _ . : / + - */
};

/* Says `argument` to the simulator by a CPUID leaf, if one is there and knows the leaf. */
static inline void announce_by_leaf(unsigned int leaf, unsigned int argument)
{
#if defined(__i386__)
    unsigned int a = ANNOUNCE_LEAF_SIGNATURE, b, c = 0, d;

    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    if (b != ANNOUNCE_SIGNATURE_EBX || c != ANNOUNCE_SIGNATURE_ECX || d != ANNOUNCE_SIGNATURE_EDX ||
        a < leaf)
        return;
    a = leaf;
    c = argument;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d) : : "memory");
#else
    (void)leaf;
    (void)argument;
#endif
}

/* So many units of work are finished, of the context that runs. */
static inline void announce_done(unsigned int units)
{
    announce_by_leaf(ANNOUNCE_LEAF_WORK, units);
}

/* Tells of a region; `what` as above. A name is cut after ANNOUNCE_NAME_BYTES - 1. */
static inline void announce_region(unsigned int what, const char *name)
{
    struct announced_region region = {ANNOUNCE_REGION_MAGIC, what, {0}};

    for (int i = 0; name[i] && i < ANNOUNCE_NAME_BYTES - 1; i++)
        region.name[i] = name[i];
    announce_by_leaf(ANNOUNCE_LEAF_REGION, (unsigned int)(unsigned long)&region);
}

static inline void announce_begin(const char *name)
{
    announce_region(ANNOUNCE_REGION_BEGIN, name);
}

static inline void announce_end(const char *name)
{
    announce_region(ANNOUNCE_REGION_END, name);
}

static inline void announce_unit(const char *name)
{
    announce_region(ANNOUNCE_REGION_UNIT, name);
}
#endif

#endif
