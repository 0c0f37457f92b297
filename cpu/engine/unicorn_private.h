/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unicorn_private.h - what the unicorn*.c files share
 *
 * INTERPOSE(type, symbol, parameters) begins the definition of a function that takes the place of
 * the library's `symbol` wherever one of its object files calls it in another (the linker's
 * --wrap); REAL(symbol) is the library's own. UNICORN_WRAPPED in build.mk lists the same symbols.
 */
#ifndef XENOLITH_CPU_UNICORN_PRIVATE_H
#define XENOLITH_CPU_UNICORN_PRIVATE_H

#include <unicorn/unicorn.h>

#include "cpu/engine/unicorn.h"

#define REAL(symbol) __real_##symbol

#define INTERPOSE(type, symbol, ...)                                                               \
    type REAL(symbol)(__VA_ARGS__);                                                                \
    type __wrap_##symbol(__VA_ARGS__);                                                             \
    type __wrap_##symbol(__VA_ARGS__)

/* Return address of a helper, which tells the instruction of a block that called it. */
#define CALLER() ((uintptr_t)__builtin_return_address(0))

#define FIELD(type, base, offset) (*(type *)(void *)((uint8_t *)(base) + (offset)))

/*
 * What is global, because the library is: its functions do not say for whom they are called, and
 * there is one code generator. Nothing of it belongs to the state of a machine.
 *
 *   lib_engine, lib_cpu     the one engine of this process; the processor switched in, or NULL.
 *                           lib_run() sets it anew
 *   unicorn_emit.c          the block under translation, and records of what is translated
 *   unicorn_extent.c        the block that the translator reads, and how far
 *   unicorn_filter.c        accesses in the block under translation
 *
 * Translations are made again when they are missing, and none is under way between runs.
 */
extern struct cpu_engine *lib_engine;
extern struct cpu *lib_cpu;

/* The library's accessors of memory by mode, which take the slow path. */
uint32_t __real_cpu_lduw_mmuidx_ra_x86_64(void *env, uint64_t linear, int mode, uintptr_t ra);
uint32_t __real_cpu_ldl_mmuidx_ra_x86_64(void *env, uint64_t linear, int mode, uintptr_t ra);
void __real_cpu_stw_mmuidx_ra_x86_64(void *env, uint64_t linear, uint32_t value, int mode,
                                     uintptr_t ra);
void __real_cpu_stl_mmuidx_ra_x86_64(void *env, uint64_t linear, uint32_t value, int mode,
                                     uintptr_t ra);

/* unicorn_emit.c: a new code generator is about to be opened; before uc_open(). */
void lib_code_begin(void);
/* Repairs the first overflow of the code buffer, see there; once after the engine exists. */
void lib_code_ready(struct cpu_engine *engine);
void lib_code_release(void);
/* Where in a block a helper was called from: the instruction that returns to `ra`. */
struct block_position {
    unsigned completed; /* instructions before it */
    uint32_t eip, next_eip;
    int flags_state; /* how the library keeps the arithmetic flags there; 0: as it says itself */
};
/* False if `ra` is not in the block's host code. */
bool lib_position(const struct block *block, uintptr_t ra, struct block_position *out);
/* Sets EIP and flags to those before the instruction that returns to `ra`; false as above. */
bool lib_restore(struct cpu *cpu, uintptr_t ra, struct block_position *position);
/* Ends the instruction whose helper runs without what is left of it; does not return. */
_Noreturn void lib_skip(struct cpu *cpu);
/* The callback that blocks make when they leave the fast path. */
void lib_block_slow(struct block *block);

/* unicorn_flags.c */
/* After ENV_CC_OP was set for `position`: sets it to what holds within that instruction. */
void lib_flags_recall(struct cpu *cpu, const struct block_position *position);
/* The access that returns to `ra` faults: its instruction shall find the flags that it found. */
void lib_flags_undo(struct cpu *cpu, uintptr_t ra, const struct block_position *position);

/* unicorn_code.c */
/* A byte of the code that runs, by linear address; 0 where none was fetched. */
uint8_t lib_code_byte(const struct cpu *cpu, uint32_t linear);

/* unicorn_extent.c */
/* Has the library read a block of at most `most` instructions, and ends it where it must end. */
void lib_read_block(void *object, void *tb, int most);
/* A block is looked up: by the address of its first byte, EIP's, or of its second page. False: that
 * page cannot be fetched from. May leave the loop, or raise #GP. */
bool lib_begin_lookup(struct cpu *cpu, uint64_t linear);

/* unicorn_tlb.c */
/* Whether code can be fetched from memory at a linear address; raises nothing. */
bool lib_may_fetch(struct cpu *cpu, uint32_t linear);
bool lib_tlb_prepare(uint8_t *object); /* tables of our size; false: no memory */
void lib_tlb_release(uint8_t *object);
/* Stores to a frame take the slow path from now on, or need not any more. */
void lib_tlb_watch_stores(struct cpu *cpu, uint32_t frame);
void lib_tlb_free_stores(struct cpu *cpu, uint32_t frame);
/* Blocks are looked up again, not found by their linear address. */
void lib_forget_jumps(struct cpu *cpu);

/* unicorn_code.c. lib_code_open() returns false when there is no memory. */
bool lib_code_open(struct cpu *cpu);
void lib_code_close(struct cpu *cpu);
/* All translations were dropped. */
void lib_code_dropped(struct cpu_engine *engine);

/* unicorn_hooks.c: memory is mapped. */
void lib_regions_ready(struct cpu_engine *engine);

/* unicorn_check.c: false with a sentence when this is another build of the library. */
bool lib_check_layout(struct cpu_engine *engine, char *why, size_t why_bytes);
bool lib_check_blocks(struct cpu_engine *engine, char *why, size_t why_bytes);

/* Functions of the library that we call. */
void cpu_loop_exit_x86_64(void *object) __attribute__((noreturn));
void __real_cpu_loop_exit_noexc_x86_64(void *object) __attribute__((noreturn));
uint32_t cpu_cc_compute_all_x86_64(void *env, int op);
uint64_t get_page_addr_code_x86_64(void *env, uint64_t linear);
void do_cpu_init_x86_64(void *object);
void tb_flush_x86_64(void *object);
void tb_invalidate_phys_range_x86_64(void *uc, uint64_t start, uint64_t end);
void tlb_set_page_with_attrs_x86_64(void *object, uint64_t linear, uint64_t physical,
                                    uint32_t attributes, int rights, int mode, uint64_t bytes);
void page_collection_unlock_x86_64(void *pages);
void cpu_x86_update_cr0_x86_64(void *env, uint32_t value);
void cpu_x86_update_cr4_x86_64(void *env, uint32_t value);
void *probe_access_x86_64(void *env, uint64_t linear, int bytes, int kind, int mode, uintptr_t ra);
uint32_t cpu_ldub_data_ra_x86_64(void *env, uint64_t linear, uintptr_t ra);
uint32_t cpu_lduw_data_ra_x86_64(void *env, uint64_t linear, uintptr_t ra);
uint32_t cpu_ldl_data_ra_x86_64(void *env, uint64_t linear, uintptr_t ra);
uint64_t cpu_ldq_data_ra_x86_64(void *env, uint64_t linear, uintptr_t ra);
void cpu_stb_data_ra_x86_64(void *env, uint64_t linear, uint32_t value, uintptr_t ra);
void cpu_stw_data_ra_x86_64(void *env, uint64_t linear, uint32_t value, uintptr_t ra);
void cpu_stl_data_ra_x86_64(void *env, uint64_t linear, uint32_t value, uintptr_t ra);
void cpu_stq_data_ra_x86_64(void *env, uint64_t linear, uint64_t value, uintptr_t ra);
void g_tree_ref(void *tree);
void g_tree_destroy(void *tree);

#endif
