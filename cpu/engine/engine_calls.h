/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * engine_calls.h - what the library asks of us
 *
 * The functions of the library that are interposed (unicorn.c) answer by these, which know the
 * architecture (cpu/x86) and nothing of the library. All are called inside of the loop, with the
 * processor switched in. Those that may raise an exception do so by lib_raise(), which does not
 * return; before, nothing of the processor has changed. Addresses are linear unless said; clocks
 * and cycles as in cpu.h.
 */
#ifndef XENOLITH_CPU_ENGINE_CALLS_H
#define XENOLITH_CPU_ENGINE_CALLS_H

#include "cpu/engine/unicorn.h"

/*
 * mmu.c: translate, and lib_tlb_enter() or raise. False only for a probe that would fault.
 * `address` is linear, but of a part beyond 4 GB of an access that wraps around (unicorn_tlb.c).
 */
bool mmu_fill(struct cpu *cpu, uint64_t address, enum access_kind kind, enum access_mode mode,
              bool probe);

/* deliver.c: an exception or software interrupt is pending; deliver it. */
void deliver_pending(struct cpu *cpu, unsigned vector);
/* deliver.c: INTR and EFLAGS.IF; false when there was nothing to deliver after all. */
bool deliver_interrupt(struct cpu *cpu);
/* deliver.c: bookkeeping around a far transfer that the library carries out. */
void deliver_far_done(struct cpu *cpu, enum cpu_gate_kind kind, unsigned from, uint32_t eip);
void deliver_sysenter(struct cpu *cpu);
void deliver_sysexit(struct cpu *cpu);

/* breakpoint.c */
void breakpoint_write(struct cpu *cpu, unsigned number, uint32_t value);
void breakpoint_reset(struct cpu *cpu);
/* The registers were set from a saved state. */
void breakpoint_loaded(struct cpu *cpu);
bool breakpoint_watches_page(const struct cpu *cpu, uint32_t linear);
void breakpoint_accessed(struct cpu *cpu, uint32_t linear, unsigned bytes, bool write);
/* Before a block: raises #DB for data that the instruction before it touched. */
void breakpoint_trap_data(struct cpu *cpu, uint32_t pc);
/* The same for a breakpoint on the instruction at `pc`. */
void breakpoint_trap_execution(struct cpu *cpu, uint32_t pc);
/* Before a block: raises #DB, or false if another block is run in its place. */
bool breakpoint_may_run(struct cpu *cpu, const struct block *block);

/* control.c */
void control_write_cr(struct cpu *cpu, unsigned number, uint32_t value);
/* Whether the write would raise nothing; the write itself, which costs nothing (registers.c). */
bool control_allows_cr(const struct cpu *cpu, unsigned number, uint32_t value);
void control_set_cr(struct cpu *cpu, unsigned number, uint32_t value);
void control_invlpg(struct cpu *cpu, uint32_t linear);
void control_cpuid(struct cpu *cpu, uint32_t regs[4]);
void control_rdmsr(struct cpu *cpu);
void control_wrmsr(struct cpu *cpu);
void control_rdtsc(struct cpu *cpu);
void control_rdpmc(struct cpu *cpu);
/* Raises #GP(0) if the ring may not use the port. */
void control_check_port(struct cpu *cpu, uint16_t port, unsigned bytes);
uint32_t control_in(struct cpu *cpu, uint16_t port, unsigned bytes);
void control_out(struct cpu *cpu, uint16_t port, unsigned bytes, uint32_t value);
uint32_t control_mmio_read(struct cpu *cpu, uint64_t physical, unsigned bytes);
void control_mmio_write(struct cpu *cpu, uint64_t physical, unsigned bytes, uint32_t value);

#endif
