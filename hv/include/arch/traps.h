/* SPDX-License-Identifier: GPL-2.0-only */
/* traps.h - exceptions, gates, frames on guests' stacks, descriptors */
#ifndef HV_TRAPS_H
#define HV_TRAPS_H

#include "hv/include/domain.h"
#include "hv/include/frame.h"
#include "hv/include/arch/percpu.h"

/* --- entry.S --------------------------------------------------------------------------------- */
extern const uint32_t entry_table[256];
void hypercall_entry(void);
void sysenter_entry(void);
void double_fault_entry(void);
extern char exit_restore[], exit_iret[];
extern const uint32_t ex_table_start[][2], ex_table_end[][2];
NORETURN void leave_to_guest(cpu_regs *frame);
bool load_fs_gs(uint32_t fs, uint32_t gs);

/* --- C entered from entry.S ------------------------------------------------------------------ */
void exception(cpu_regs *regs);
void interrupt(cpu_regs *regs);
void hypercall(cpu_regs *regs);
void sysenter(cpu_regs *regs);
void guest_exit(cpu_regs *regs);
NORETURN void double_fault(void);

/* --- arch/panic.c ---------------------------------------------------------------------------- */

/* The end, for what was interrupted in ring 0. */
NORETURN void panic_at(const cpu_regs *regs, const char *why);

/* --- arch/gates.c ---------------------------------------------------------------------------- */

/* The IDT, GDT page, TSS of this processor, and its registers. */
void gates_init(struct cpu *cpu);

/* Gates that lead from ring 3 straight to this vcpu's ring 1. */
void gates_load_direct(struct cpu *cpu, const struct vcpu *vcpu);

/* Of the hypervisor's part of the GDT a handler may be in the flat segment only. */
bool handler_selector_allowed(uint16_t selector);

/* --- arch/guest_frame.c ---------------------------------------------------------------------- */

#define BOUNCE_ERROR_CODE 1 /* push the error code */
#define BOUNCE_MASK       2 /* mask upcalls in the handler */
#define BOUNCE_FAILSAFE   4 /* push the segment registers */

/*
 * Makes the guest continue in a handler, with a frame on its ring-1 stack. Crashes the domain and
 * returns false if the stack cannot take it.
 */
bool guest_bounce(cpu_regs *regs, uint16_t cs, uint32_t eip, unsigned flags, uint32_t error_code);

/* Hands an exception to the guest's trap table. */
void guest_exception(cpu_regs *regs, unsigned vector, bool has_code, uint32_t error_code);

/* An NMI that somebody sent (VCPUOP_send_nmi); the next one waits for the iret hypercall. */
void guest_nmi(cpu_regs *regs);

/* The failsafe callback: the guest's segments or frame cannot be restored. */
void guest_failsafe(cpu_regs *regs);

/* The guest's iret hypercall: continues with the frame on its stack. */
void guest_iret(cpu_regs *regs);

/*
 * --- arch/emulate.c, emulate_system.c
 * --------------------------------------------------------------------------
 */

#define PORTS 0x10000u

/*
 * A privileged instruction that the interface allows this guest in this ring. False: it does not.
 */
bool emulate_privileged(cpu_regs *regs);

/* Instruction 0f OPCODE MODRM of ring 1, on system registers. False: a guest has no such thing. */
bool emulate_system(cpu_regs *regs, uint8_t opcode, uint8_t modrm);

/* Exchanges the bits of CR4 that guests have of their own; either may be NULL. */
void control_registers_load(const struct vcpu *from, const struct vcpu *to);

/* Writing a frame number there makes the frame a hypercall page (arch-x86/cpuid.h). */
#define MSR_HYPERCALL_PAGE 0x40000000u

/* CPUID behind the interface's prefix, with the interface's leaves. False: it is not that. */
bool emulate_prefixed_cpuid(cpu_regs *regs);

/* --- arch/descriptor.c ----------------------------------------------------------------------- */

/*
 * Whether a guest may have this descriptor, after its segment's limit has been cut to end below the
 * hypervisor. The rules are stated there.
 */
bool descriptor_cut(struct descriptor *d);

/* --- arch/gdt.c ------------------------------------------------------------------------------ */

/* Shows the vcpu's GDT and LDT in this processor's descriptor area. */
void descriptors_load(struct cpu *cpu, struct vcpu *vcpu);
void descriptors_unload(struct cpu *cpu);

/* Loads a page of the LDT on first use. False if there is none there. */
bool ldt_page_fault(struct vcpu *vcpu, uint32_t offset);

/*
 * Takes a use of each frame of a GDT: -EINVAL if one is not its owner's or does not conform. Puts
 * it in the place of the old one, whose uses it returns. No entries: none. Both need mm_lock.
 */
status gdt_get(const mfn *frames, unsigned entries, uint16_t owner);
void commit_gdt(struct vcpu *vcpu, const mfn *frames, unsigned entries);

/* A new LDT, or none, whose pages are checked when they are first used. Needs mm_lock. */
void commit_ldt(struct vcpu *vcpu, uint32_t base, unsigned entries);
void descriptors_release(struct vcpu *vcpu);

/* Contents of a descriptor table: each descriptor checked, limits cut. */
status descriptor_table_validate(mfn number);

/* --- arch/debugreg.c ------------------------------------------------------------------------- */

/* A guest's view of its debug registers; -EPERM, -ENODEV. False: there is none of that number. */
status debug_register_set(struct vcpu *vcpu, unsigned number, uint32_t value);
bool debug_register_read(const struct vcpu *vcpu, unsigned number, uint32_t *value);

/*
 * An emulated instruction accessed a port; and it is done, which may be an event to its debugger.
 */
void debug_port_accessed(struct vcpu *vcpu, unsigned port, unsigned bytes);
void debug_emulated(cpu_regs *regs, bool stepped);

/* Exchanges the breakpoints; either may be NULL. */
void debug_registers_load(const struct vcpu *from, const struct vcpu *to);
void debug_exception(cpu_regs *regs);
void debug_exception_ignore(void);

/* --- arch/fpu.c ------------------------------------------------------------------------------ */
#define FXSAVE_MXCSR 24 /* where the image of FXSAVE has it */
void fpu_init(void);
void fpu_device_not_available(cpu_regs *regs);
/* The running guest's own CR0.TS. */
void fpu_set_virtual_ts(struct vcpu *vcpu, bool set);
void fpu_switch(struct cpu *cpu, struct vcpu *from);

#endif
