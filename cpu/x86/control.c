/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * control.c - control registers, MSRs, CPUID, the time-stamp counter, ports
 *
 * The processor is the Xeon of the paper's machine: 2.4 GHz, family 15 model 2, up to SSE2. Of
 * later processors it has NX alone, which paravirtual kernels want to find. An MSR that neither it
 * nor the machine knows raises #GP(0), as reads and writes of reserved bits of control registers
 * do.
 */
#include "include/xenolith/announce.h"
#include "cpu/x86/mmu.h"
#include "cpu/engine/unicorn.h"
#include "cpu/x86/vectors.h"
#include "cpu/engine/engine_calls.h"

/* ---- control registers ----------------------------------------------------------------------- */

#define CR0_KNOWN                                                                                  \
    (CR0_PE | CR0_MP | CR0_EM | CR0_TS | CR0_ET | CR0_NE | CR0_WP | CR0_AM | CR0_NW | CR0_CD |     \
     CR0_PG)
#define CR4_KNOWN                                                                                  \
    (CR4_VME | CR4_PVI | CR4_TSD | CR4_DE | CR4_PSE | CR4_PAE | CR4_MCE | CR4_PGE | CR4_PCE |      \
     CR4_OSFXSR | CR4_OSXMMEXCPT)

#define CR4_PAGING (CR4_PSE | CR4_PAE | CR4_PGE)

static void dropped_translations(struct cpu *cpu)
{
    const struct cpu_model *model = cpu->engine->model;

    cpu->large_low = UINT32_MAX;
    cpu->large_high = 0;
    cpu->outer_filled = false;
    meter_count(&cpu->meter, CPU_tlb_flushes, 1);
    if (model->flushed)
        model->flushed(cpu);
}

/* The PAE root is read again by loads of CR3 and by what switches PAE paging on. */
static bool reads_root(const struct cpu *cpu, unsigned number, uint32_t value)
{
    const uint64_t *cr = lib_cr(cpu);

    switch (number) {
    case 0:
        return (value & CR0_PG) && !(cr[0] & CR0_PG) && (cr[4] & CR4_PAE);
    case 3:
        return (cr[0] & CR0_PG) && (cr[4] & CR4_PAE);
    case 4:
        return (cr[0] & CR0_PG) && (value & CR4_PAE) && ((value ^ cr[4]) & CR4_PAGING);
    default:
        return false;
    }
}

static bool read_root(const struct cpu *cpu, unsigned number, uint32_t value, uint64_t *root)
{
    struct mmu_view view = mmu_view(cpu);

    return mmu_load_root(&view, number == 3 ? value : view.cr3, root);
}

bool control_allows_cr(const struct cpu *cpu, unsigned number, uint32_t value)
{
    uint64_t root[PAE_ROOTS];

    if (number == 0 &&
        (((value & CR0_PG) && !(value & CR0_PE)) || ((value & CR0_NW) && !(value & CR0_CD))))
        return false;
    if (number == 4 && (value & ~CR4_KNOWN))
        return false;
    return !reads_root(cpu, number, value) || read_root(cpu, number, value, root);
}

void control_set_cr(struct cpu *cpu, unsigned number, uint32_t value)
{
    uint64_t *cr = lib_cr(cpu);
    bool drops = false;

    if (reads_root(cpu, number, value))
        read_root(cpu, number, value, cpu->root);
    switch (number) {
    case 0:
        drops = (value ^ cr[0]) & (CR0_PE | CR0_PG | CR0_WP);
        lib_set_cr0(cpu, value & CR0_KNOWN);
        break;
    case 3:
        cr[3] = value;
        drops = cr[0] & CR0_PG;
        if (drops)
            lib_tlb_flush(cpu);
        break;
    case 4:
        drops = (value ^ cr[4]) & CR4_PAGING;
        lib_set_cr4(cpu, value);
        break;
    default: /* CR2 */
        cr[number] = value;
        break;
    }
    if (drops)
        dropped_translations(cpu);
}

void control_write_cr(struct cpu *cpu, unsigned number, uint32_t value)
{
    const struct machine_costs *costs = cpu->meter.costs;

    if (!control_allows_cr(cpu, number, value))
        lib_raise(cpu, VECTOR_GP, 0);
    control_set_cr(cpu, number, value);
    if (number == 3)
        meter_charge(&cpu->meter, CPU_cycles_cr3, costs->cost_cr3_load + costs->cost_tlb_flush);
    else
        meter_charge(&cpu->meter, CPU_cycles_control, costs->cost_cr_write);
}

void control_invlpg(struct cpu *cpu, uint32_t linear)
{
    const struct cpu_model *model = cpu->engine->model;

    /* A large page is in the software TLB in pieces; all of it goes. */
    if (linear >= cpu->large_low && linear <= cpu->large_high)
        lib_tlb_flush(cpu);
    else
        lib_tlb_flush_page(cpu, linear);
    meter_count(&cpu->meter, CPU_invlpgs, 1);
    meter_charge(&cpu->meter, CPU_cycles_control, cpu->meter.costs->cost_invlpg);
    if (model->flushed_page)
        model->flushed_page(cpu, linear);
}

/* ---- CPUID ----------------------------------------------------------------------------------- */

static const struct {
    uint32_t leaf, eax, ebx, ecx, edx;
} cpuid_leaves[] = {
    {0, 2, 0x756e6547, 0x6c65746e, 0x49656e69}, /* "GenuineIntel" */
    /* Family 15, model 2, stepping 9; lines of 64 bytes for clflush. FPU DE PSE TSC MSR PAE CX8
     * APIC SEP PGE CMOV PAT PSE-36 CLFLUSH MMX FXSR SSE SSE2. */
    {1, 0x00000f29, 0x00000800, 0, 0x078bab7d},
    /* Descriptors (SDM vol. 2, CPUID, table 3-12): 64-entry TLBs, 8 KB L1D, 12 K micro-ops of
     * trace cache, 512 KB L2 in 8 ways of 64 bytes, no L3. */
    {2, 0x665b5001, 0, 0, 0x007b7040},
    {0x80000000, 0x80000004, 0, 0, 0},
    {0x80000001, 0, 0, 0, 0x00100000}, /* NX */
};

static const char brand[48] = "Intel(R) Xeon(TM) CPU 2.40GHz";

void control_cpuid(struct cpu *cpu, uint32_t regs[4])
{
    const struct cpu_bus *bus = &cpu->engine->config.bus;
    uint32_t leaf = regs[0];

    if (leaf >= ANNOUNCE_LEAF_SIGNATURE && leaf <= ANNOUNCE_LEAF_LAST && bus->announce) {
        *lib_clock(cpu) -= cpu->engine->config.timing == CPU_TIMING_UNIT;
        bus->announce(bus->machine, cpu->index, regs);
        return;
    }
    regs[0] = regs[1] = regs[2] = regs[3] = 0;
    for (unsigned i = 0; i < sizeof(cpuid_leaves) / sizeof(cpuid_leaves[0]); i++)
        if (cpuid_leaves[i].leaf == leaf) {
            regs[0] = cpuid_leaves[i].eax;
            regs[1] = cpuid_leaves[i].ebx;
            regs[2] = cpuid_leaves[i].ecx;
            regs[3] = cpuid_leaves[i].edx;
        }
    if (leaf >= 0x80000002 && leaf <= 0x80000004)
        __builtin_memcpy(regs, brand + 16 * (leaf - 0x80000002), 16);
    if (leaf == 1)
        regs[1] |= cpu->index << 24; /* local APIC's identity */
    meter_charge(&cpu->meter, CPU_cycles_control, cpu->meter.costs->cost_cpuid);
}

/* ---- MSRs ------------------------------------------------------------------------------------ */

enum {
    MSR_TSC = 0x10,
    MSR_SYSENTER_CS = 0x174,
    MSR_SYSENTER_ESP = 0x175,
    MSR_SYSENTER_EIP = 0x176,
    MSR_PAT = 0x277,
};
#define MSR_EFER 0xc0000080u

static uint64_t tsc(const struct cpu *cpu)
{
    return cpu_clock(cpu) + cpu->tsc_offset;
}

void control_rdtsc(struct cpu *cpu)
{
    if ((lib_cr(cpu)[4] & CR4_TSD) && lib_ring(cpu) != 0)
        lib_raise(cpu, VECTOR_GP, 0);
    lib_gpr(cpu)[EAX] = (uint32_t)tsc(cpu);
    lib_gpr(cpu)[EDX] = tsc(cpu) >> 32;
}

/* There is no counter, so whichever ECX names is one that the processor does not have: #GP(0). */
void control_rdpmc(struct cpu *cpu)
{
    lib_raise(cpu, VECTOR_GP, 0);
}

void control_rdmsr(struct cpu *cpu)
{
    const struct cpu_bus *bus = &cpu->engine->config.bus;
    uint32_t msr = (uint32_t)lib_gpr(cpu)[ECX];
    uint64_t value = 0;

    switch (msr) {
    case MSR_TSC:
        value = tsc(cpu);
        break;
    case MSR_SYSENTER_CS:
        value = *lib_sysenter_cs(cpu);
        break;
    case MSR_SYSENTER_ESP:
        value = *lib_sysenter_esp(cpu);
        break;
    case MSR_SYSENTER_EIP:
        value = *lib_sysenter_eip(cpu);
        break;
    case MSR_PAT:
        value = cpu->pat;
        break;
    case MSR_EFER:
        value = *lib_efer(cpu);
        break;
    default:
        if (!bus->msr_read || !bus->msr_read(bus->machine, cpu->index, msr, &value))
            lib_raise(cpu, VECTOR_GP, 0);
    }
    lib_gpr(cpu)[EAX] = (uint32_t)value;
    lib_gpr(cpu)[EDX] = value >> 32;
    meter_charge(&cpu->meter, CPU_cycles_control, cpu->meter.costs->cost_rdmsr);
}

static bool announcement(uint32_t msr)
{
    return msr >= ANNOUNCE_MSR_CONTEXT && msr <= ANNOUNCE_MSR_CONTEXT_END;
}

void control_wrmsr(struct cpu *cpu)
{
    const struct cpu_bus *bus = &cpu->engine->config.bus;
    uint32_t msr = (uint32_t)lib_gpr(cpu)[ECX];
    uint64_t value = (uint32_t)lib_gpr(cpu)[EAX] | lib_gpr(cpu)[EDX] << 32;

    switch (msr) {
    case MSR_TSC:
        cpu->tsc_offset = value - cpu_clock(cpu);
        break;
    case MSR_SYSENTER_CS:
        *lib_sysenter_cs(cpu) = value & 0xffff;
        break;
    case MSR_SYSENTER_ESP:
        *lib_sysenter_esp(cpu) = (uint32_t)value;
        break;
    case MSR_SYSENTER_EIP:
        *lib_sysenter_eip(cpu) = (uint32_t)value;
        break;
    case MSR_PAT:
        cpu->pat = value; /* all memory is write-back here */
        break;
    case MSR_EFER:
        if (value & ~(uint64_t)EFER_NXE)
            lib_raise(cpu, VECTOR_GP, 0);
        if (*lib_efer(cpu) != value) {
            *lib_efer(cpu) = value;
            lib_tlb_flush(cpu);
        }
        break;
    default:
        if (announcement(msr))
            *lib_clock(cpu) -= cpu->engine->config.timing == CPU_TIMING_UNIT;
        if (!bus->msr_write || !bus->msr_write(bus->machine, cpu->index, msr, value))
            lib_raise(cpu, VECTOR_GP, 0);
        if (announcement(msr))
            return;
    }
    meter_charge(&cpu->meter, CPU_cycles_control, cpu->meter.costs->cost_wrmsr);
}

/* ---- ports and device memory ----------------------------------------------------------------- */

/*
 * Ports belong to rings up to IOPL; beyond, the TSS's bitmap says which are allowed (SDM vol. 1,
 * 18.5.2): two bytes are read at the word it names, so an access may not end at the very limit.
 */
void control_check_port(struct cpu *cpu, uint16_t port, unsigned bytes)
{
    const struct lib_segment *tss = lib_tr(cpu);
    unsigned iopl = *lib_raw_eflags(cpu) >> 12 & 3;
    enum { TSS_BITMAP = 0x66, TSS_32_BIT = 8 << 8, TSS_PRESENT = 1 << 15 };

    if (!(lib_cr(cpu)[0] & CR0_PE) || lib_ring(cpu) <= iopl)
        return;
    if (!(tss->flags & TSS_PRESENT) || !(tss->flags & TSS_32_BIT) || tss->limit < TSS_BITMAP + 1)
        lib_raise(cpu, VECTOR_GP, 0);
    uint32_t at = lib_read16(cpu, ACCESS_RING0, (uint32_t)tss->base + TSS_BITMAP) + port / 8u;

    if (at + 1 > tss->limit)
        lib_raise(cpu, VECTOR_GP, 0);
    unsigned bits = lib_read16(cpu, ACCESS_RING0, (uint32_t)tss->base + at) >> (port & 7);

    if (bits & ((1u << bytes) - 1))
        lib_raise(cpu, VECTOR_GP, 0);
}

uint32_t control_in(struct cpu *cpu, uint16_t port, unsigned bytes)
{
    const struct cpu_bus *bus = &cpu->engine->config.bus;

    control_check_port(cpu, port, bytes);
    meter_count(&cpu->meter, CPU_io_accesses, 1);
    return bus->port_read(bus->machine, cpu->index, port, bytes);
}

void control_out(struct cpu *cpu, uint16_t port, unsigned bytes, uint32_t value)
{
    const struct cpu_bus *bus = &cpu->engine->config.bus;

    control_check_port(cpu, port, bytes);
    meter_count(&cpu->meter, CPU_io_accesses, 1);
    bus->port_write(bus->machine, cpu->index, port, bytes, value);
}

static bool count_device(struct cpu *cpu, uint64_t physical)
{
    if (physical < cpu->engine->config.mmio_base || physical >> 32)
        return false;
    meter_count(&cpu->meter, CPU_mmio_accesses, 1);
    return true;
}

uint32_t control_mmio_read(struct cpu *cpu, uint64_t physical, unsigned bytes)
{
    const struct cpu_bus *bus = &cpu->engine->config.bus;

    if (!count_device(cpu, physical))
        return UINT32_MAX;
    return bus->mmio_read(bus->machine, cpu->index, (uint32_t)physical, bytes);
}

void control_mmio_write(struct cpu *cpu, uint64_t physical, unsigned bytes, uint32_t value)
{
    const struct cpu_bus *bus = &cpu->engine->config.bus;

    if (count_device(cpu, physical))
        bus->mmio_write(bus->machine, cpu->index, (uint32_t)physical, bytes, value);
}
