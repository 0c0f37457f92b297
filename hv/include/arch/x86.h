/* SPDX-License-Identifier: GPL-2.0-only */
/* x86.h - the processor's registers and instructions that C has no words for */
#ifndef HV_X86_H
#define HV_X86_H

#include "hv/include/types.h"

/* Page-table entry bits (SDM vol. 3, 4.4.2). */
#define PTE_PRESENT  0x001ull
#define PTE_RW       0x002ull
#define PTE_USER     0x004ull
#define PTE_PWT      0x008ull
#define PTE_PCD      0x010ull
#define PTE_ACCESSED 0x020ull
#define PTE_DIRTY    0x040ull
#define PTE_PSE      0x080ull /* in an L1 entry: PAT */
#define PTE_GLOBAL   0x100ull
#define PTE_AVAIL    0xe00ull
#define PTE_NX       (1ull << 63)
#define PTE_MFN_MASK 0x000ffffffffff000ull

typedef uint64_t pte;
typedef uint32_t mfn; /* machine frame number */

#define PTE_MFN(entry)         ((mfn)(((entry)&PTE_MFN_MASK) >> 12))
#define MAKE_PTE(frame, flags) (((uint64_t)(frame) << 12) | (flags))

#define CR0_PE 0x00000001u
#define CR0_MP 0x00000002u
#define CR0_TS 0x00000008u
#define CR0_NE 0x00000020u
#define CR0_WP 0x00010000u
#define CR0_PG 0x80000000u

#define CR4_TSD        0x004u
#define CR4_DE         0x008u
#define CR4_PAE        0x020u
#define CR4_PGE        0x080u
#define CR4_OSFXSR     0x200u
#define CR4_OSXMMEXCPT 0x400u

#define EFLAGS_MBS        0x00000002u /* must be set */
#define EFLAGS_ZF         0x00000040u
#define EFLAGS_TF         0x00000100u
#define EFLAGS_IF         0x00000200u
#define EFLAGS_DF         0x00000400u
#define EFLAGS_IOPL       0x00003000u
#define EFLAGS_IOPL_SHIFT 12
#define EFLAGS_NT         0x00004000u
#define EFLAGS_RF         0x00010000u
#define EFLAGS_VM         0x00020000u
#define EFLAGS_AC         0x00040000u
#define EFLAGS_VIF        0x00080000u
#define EFLAGS_VIP        0x00100000u

#define MSR_APIC_BASE    0x1bu
#define MSR_SYSENTER_CS  0x174u
#define MSR_SYSENTER_ESP 0x175u
#define MSR_SYSENTER_EIP 0x176u
#define MSR_EFER         0xc0000080u
#define EFER_NX          0x800u

#define TRAP_DIVIDE_ERROR 0
#define TRAP_DEBUG        1
#define TRAP_NMI          2
#define TRAP_INT3         3
#define TRAP_OVERFLOW     4
#define TRAP_BOUNDS       5
#define TRAP_INVALID_OP   6
#define TRAP_NO_DEVICE    7
#define TRAP_DOUBLE_FAULT 8
#define TRAP_INVALID_TSS  10
#define TRAP_NO_SEGMENT   11
#define TRAP_STACK        12
#define TRAP_GP           13
#define TRAP_PAGE_FAULT   14
#define TRAP_SPURIOUS     15
#define TRAP_FPU          16
#define TRAP_ALIGNMENT    17
#define TRAP_MACHINE      18
#define TRAP_SIMD         19

struct descriptor {
    uint32_t low, high;
};

struct PACKED table_pointer {
    uint16_t limit;
    uint32_t base;
};

/* The clock chip: which register, and what it holds. */
#define CMOS_INDEX 0x70
#define CMOS_DATA  0x71

static inline uint32_t read_cr0(void)
{
    uint32_t value;

    __asm__ volatile("mov %%cr0, %0" : "=r"(value));
    return value;
}

static inline void write_cr0(uint32_t value)
{
    __asm__ volatile("mov %0, %%cr0" : : "r"(value) : "memory");
}

static inline uint32_t read_cr2(void)
{
    uint32_t value;

    __asm__ volatile("mov %%cr2, %0" : "=r"(value));
    return value;
}

static inline uint32_t read_cr3(void)
{
    uint32_t value;

    __asm__ volatile("mov %%cr3, %0" : "=r"(value));
    return value;
}

static inline void write_cr3(uint32_t value)
{
    __asm__ volatile("mov %0, %%cr3" : : "r"(value) : "memory");
}

static inline uint32_t read_cr4(void)
{
    uint32_t value;

    __asm__ volatile("mov %%cr4, %0" : "=r"(value));
    return value;
}

static inline void write_cr4(uint32_t value)
{
    __asm__ volatile("mov %0, %%cr4" : : "r"(value) : "memory");
}

static inline void set_ts(void)
{
    write_cr0(read_cr0() | CR0_TS);
}

static inline void clear_ts(void)
{
    __asm__ volatile("clts" : : : "memory");
}

static inline void invlpg(uint32_t address)
{
    __asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}

static inline uint64_t read_tsc(void)
{
    uint64_t value;

    __asm__ volatile("rdtsc" : "=A"(value));
    return value;
}

static inline uint32_t read_fs(void)
{
    uint32_t value;

    __asm__ volatile("mov %%fs, %0" : "=r"(value));
    return value;
}

static inline uint32_t read_gs(void)
{
    uint32_t value;

    __asm__ volatile("mov %%gs, %0" : "=r"(value));
    return value;
}

static inline void write_msr(uint32_t msr, uint64_t value)
{
    __asm__ volatile("wrmsr" : : "c"(msr), "A"(value) : "memory");
}

static inline uint64_t read_msr(uint32_t msr)
{
    uint64_t value;

    __asm__ volatile("rdmsr" : "=A"(value) : "c"(msr));
    return value;
}

static inline void cpuid(uint32_t leaf, uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d)
{
    __asm__ volatile("cpuid" : "=a"(*a), "=b"(*b), "=c"(*c), "=d"(*d) : "a"(leaf), "c"(0));
}

static inline void pause(void)
{
    __asm__ volatile("pause" : : : "memory");
}

/* Waits for an interrupt; interrupts are enabled only during the wait. */
static inline void wait_for_interrupt(void)
{
    __asm__ volatile("sti; hlt; cli" : : : "memory");
}

/* Lets interrupts in that wait. `sti` holds them off for one instruction more (SDM vol. 2, STI). */
static inline void take_interrupts(void)
{
    __asm__ volatile("sti; nop; cli" : : : "memory");
}

static inline void barrier(void)
{
    __asm__ volatile("" : : : "memory");
}

#endif
