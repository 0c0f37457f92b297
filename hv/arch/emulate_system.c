/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * emulate_system.c - a guest kernel's instructions on system registers
 *
 * Control registers: of CR0 a guest has TS, of CR4 TSD and DE, as its own; the other bits are the
 * processor's, shown as they are. A CR0 with another bit changed is refused (#GP), as software that
 * needs one would go wrong without it; other bits of CR4 are left out in silence, for kernels write
 * back what they read with what they would like added. CR2 is the word in shared memory, and a CR3
 * is a base pointer like that of MMUEXT_NEW_BASEPTR, with the frame number encoded as
 * arch-x86/xen-x86_32.h says.
 *
 * Model-specific registers: those that describe the processor to a kernel that looks, with values
 * that promise nothing: no machine-check banks, no microcode, no branch records. All others are
 * #GP, the answer that such code is ready for.
 *
 * Source: SDM vol. 3, 2.5 and 15.3; vol. 4, table 2-2. What is let through is what Xen lets
 * through.
 */
#include "hv/include/hypercall.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"
#include "hv/include/arch/traps.h"

#define MSR_P5_MC_ADDR 0x000u
#define MSR_P5_MC_TYPE 0x001u
#define MSR_TSC        0x010u
#define MSR_UCODE_REV  0x08bu
#define MSR_MCG_CAP    0x179u
#define MSR_MCG_STATUS 0x17au
#define MSR_DEBUGCTL   0x1d9u
#define MSR_PAT        0x277u

#define APIC_BASE_OF_ONE 0xfee00900u /* enabled, the bootstrap processor's */
#define CPUID_PAT        (1u << 16)

#define CR4_GUEST (CR4_TSD | CR4_DE)

enum outcome { REFUSED, DONE, REPEATED };

static uint32_t *general_register(cpu_regs *regs, unsigned number)
{
    uint32_t *const registers[8] = {&regs->eax, &regs->ecx, &regs->edx, &regs->ebx,
                                    &regs->esp, &regs->ebp, &regs->esi, &regs->edi};

    return registers[number & 7];
}

/* --- control registers ----------------------------------------------------------------------- */

static bool control_get(const struct vcpu *vcpu, unsigned number, uint32_t *value)
{
    switch (number) {
    case 0:
        *value = (read_cr0() & ~CR0_TS) | (vcpu->virtual_ts ? CR0_TS : 0);
        return true;
    case 2:
        *value = vcpu->vcpu_info->arch.cr2;
        return true;
    case 3:
        *value = xen_pfn_to_cr3(vcpu->root);
        return true;
    case 4:
        *value = (read_cr4() & ~(CR4_PGE | CR4_GUEST)) | vcpu->cr4;
        return true;
    default:
        return false;
    }
}

static void set_tsd(uint32_t before, uint32_t after)
{
    if ((before ^ after) & CR4_TSD)
        write_cr4((read_cr4() & ~CR4_TSD) | (after & CR4_TSD));
}

void control_registers_load(const struct vcpu *from, const struct vcpu *to)
{
    set_tsd(from ? from->cr4 : 0, to ? to->cr4 : 0);
}

/*
 * A base pointer's tree may be too large for one go: until it is there the instruction is repeated.
 */
static enum outcome load_root(struct vcpu *vcpu, uint32_t value)
{
    status result;

    do {
        lock(&mm_lock);
        result = tree_load(vcpu, xen_cr3_to_pfn(value));
        unlock(&mm_lock);
    } while (result == AGAIN && !hypercall_should_yield());
    if (result == AGAIN)
        return REPEATED;
    return result ? REFUSED : DONE;
}

static enum outcome control_set(struct vcpu *vcpu, unsigned number, uint32_t value)
{

    switch (number) {
    case 0:
        if ((value ^ read_cr0()) & ~CR0_TS)
            return REFUSED;
        fpu_set_virtual_ts(vcpu, value & CR0_TS);
        return DONE;
    case 2:
        vcpu->vcpu_info->arch.cr2 = value;
        return DONE;
    case 3:
        return load_root(vcpu, value);
    case 4:
        set_tsd(vcpu->cr4, value);
        vcpu->cr4 = value & CR4_GUEST;
        return DONE;
    default:
        return REFUSED;
    }
}

/* --- model-specific registers ---------------------------------------------------------------- */

static bool have_pat(void)
{
    uint32_t a, b, c, d;

    cpuid(1, &a, &b, &c, &d);
    return d & CPUID_PAT;
}

static bool msr_get(uint32_t msr, uint64_t *value)
{
    switch (msr) {
    case MSR_P5_MC_ADDR:
    case MSR_P5_MC_TYPE:
    case MSR_UCODE_REV:
    case MSR_MCG_CAP:
    case MSR_MCG_STATUS:
    case MSR_DEBUGCTL:
    case MSR_HYPERCALL_PAGE:
        *value = 0;
        return true;
    case MSR_TSC:
        *value = read_tsc();
        return true;
    case MSR_APIC_BASE:
        *value = APIC_BASE_OF_ONE;
        return true;
    case MSR_EFER:
        *value = read_msr(MSR_EFER);
        return true;
    case MSR_PAT:
        if (!have_pat())
            return false;
        *value = read_msr(MSR_PAT);
        return true;
    default:
        return false;
    }
}

/* The frame in the upper bits; the lower ones say which page, of one. */
static bool install_hypercall_page(const struct domain *domain, uint64_t value)
{
    return !(value & (PAGE_SIZE - 1)) && !(value >> 32 >> PAGE_SHIFT) &&
           !hypercall_page_install(domain, (mfn)(value >> PAGE_SHIFT));
}

static bool msr_set(uint32_t msr, uint64_t value)
{
    switch (msr) {
    case MSR_UCODE_REV: /* how its value is asked for: write a zero, CPUID, read */
        return true;
    case MSR_EFER: /* what it holds may be written back */
        return value == read_msr(MSR_EFER);
    case MSR_HYPERCALL_PAGE:
        return install_hypercall_page(current_domain(), value);
    default:
        return false;
    }
}

/* --- instructions ---------------------------------------------------------------------------- */

static bool emulate_msr(cpu_regs *regs, uint8_t opcode)
{
    uint64_t value;

    if (opcode == 0x30) {
        if (!msr_set(regs->ecx, regs->eax | (uint64_t)regs->edx << 32))
            return false;
    } else {
        if (opcode == 0x31) /* rdtsc, under the guest's own CR4.TSD */
            value = read_tsc();
        else if (!msr_get(regs->ecx, &value))
            return false;
        regs->eax = (uint32_t)value;
        regs->edx = value >> 32;
    }
    regs->eip += 2;
    return true;
}

static bool emulate_move(cpu_regs *regs, uint8_t opcode, uint8_t modrm)
{
    struct vcpu *vcpu = current_vcpu();
    uint32_t *general = general_register(regs, modrm);
    unsigned number = modrm >> 3 & 7;
    enum outcome done;

    switch (opcode) {
    case 0x20:
        done = control_get(vcpu, number, general);
        break;
    case 0x21:
        done = debug_register_read(vcpu, number, general);
        break;
    case 0x22:
        done = control_set(vcpu, number, *general);
        break;
    default:
        done = !debug_register_set(vcpu, number, *general);
    }
    if (done == DONE)
        regs->eip += 3;
    return done != REFUSED;
}

bool emulate_system(cpu_regs *regs, uint8_t opcode, uint8_t modrm)
{
    switch (opcode) {
    case 0x06: /* clts */
        fpu_set_virtual_ts(current_vcpu(), false);
        regs->eip += 2;
        return true;
    case 0x08: /* invd */
    case 0x09: /* wbinvd */
        regs->eip += 2;
        return true;
    case 0x20: /* mov between general and control or debug registers; the mode bits mean nothing */
    case 0x21:
    case 0x22:
    case 0x23:
        return emulate_move(regs, opcode, modrm);
    case 0x30:
    case 0x31:
    case 0x32:
        return emulate_msr(regs, opcode);
    default:
        return false;
    }
}
