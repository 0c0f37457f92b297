/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unicorn_filter.c - memory accesses in translated code, for the full timing model
 *
 * For each guest access the library emits a look-up in its software TLB: index by some bits of the
 * address, compare the rest with the entry's tag, add the entry's addend, access; on a mismatch
 * call a helper. We give it another address and another table, and the same instructions become
 * the test whether the model must be notified (filter.h):
 *
 *     address  a  ->  ((a | 63) << 6) + (a & 63)   a "page" of 4096 is now a line of 64 bytes
 *     mode     m  ->  m | 8                        whose tables lie in slots R8-R13 of the state
 *
 * After the access, inline or not, the entry's third tag (which serves fetches and so is free here)
 * receives the model's clock plus the number of the access in its block: the line's last use. The
 * block's prologue moves the model's clock on and stores it as the last use of the lines of code it
 * lies on; one that the model must be notified of sends it down the slow path (fetch.c).
 *
 * Translations are made for one processor, since they name its filter: a spare bit of the mode
 * that the library compares when it looks up a block tells the processors apart.
 *
 * The stock library looks after each access whether a hook wanted to stop the run, and would then
 * start the block again. Nobody stops the run there, so the test is left out in every timing mode.
 */
#include "cpu/model/filter.h"
#include "cpu/model/full.h"
#include "cpu/engine/unicorn_care.h"
#include "cpu/engine/unicorn_tcg.h"

/* Tables of the software TLB lie 16 bytes apart below the state: mode 8 is slot R8. */
enum { FILTERED = 8 };

static unsigned accesses; /* in the block under translation so far */

void lib_filter_attach(struct cpu *cpu, struct filter *filter)
{
    for (unsigned table = 0; table < FILTER_TABLES; table++) {
        uint8_t *fast = cpu->env + SLOT_FILTERS + table * TLB_FAST_BYTES;

        FIELD(uint64_t, fast, TLB_FAST_MASK) = (uint64_t)(FILTER_SLOTS - 1) << TLB_ENTRY_BITS;
        FIELD(void *, fast, TLB_FAST_TABLE) = filter->entry[table];
    }
}

void lib_filter_begin(void)
{
    accesses = 0;
}

static int64_t *recency_of(const struct block *block, uint32_t line)
{
    return timing_recency(lib_cpu->timing, timing_first_line(block) + line);
}

void lib_filter_check(struct tcg_place at, const struct block *block, tcg_value left)
{
    tcg_value recency = tcg_temporary(at.tcg);

    for (uint32_t i = 0; i < timing_lines(block); i++) {
        tcg_put(at, TCG_OP_MOVI_I64, recency, (uintptr_t)recency_of(block, i), 0);
        tcg_put(at, TCG_OP_LD_I64, recency, recency, 0);
        tcg_put(at, TCG_OP_OR_I64, left, left, recency);
    }
    tcg_release(at.tcg, recency);
}

void lib_filter_use(struct tcg_place at, const struct block *block)
{
    tcg_value env = FIELD(uintptr_t, at.tcg, TCG_CPU_ENV);
    tcg_value clock = tcg_temporary(at.tcg), other = tcg_temporary(at.tcg);

    tcg_put(at, TCG_OP_LD_I64, clock, env, SLOT_MODEL_CLOCK);
    tcg_put(at, TCG_OP_MOVI_I64, other, SEQUENCE_STEP, 0);
    tcg_put(at, TCG_OP_ADD_I64, clock, clock, other);
    tcg_put(at, TCG_OP_ST_I64, clock, env, SLOT_MODEL_CLOCK);
    for (uint32_t i = 0; i < timing_lines(block); i++) {
        if (i) {
            tcg_put(at, TCG_OP_MOVI_I64, other, 1, 0);
            tcg_put(at, TCG_OP_ADD_I64, clock, clock, other);
        }
        tcg_put(at, TCG_OP_MOVI_I64, other, (uintptr_t)recency_of(block, i), 0);
        tcg_put(at, TCG_OP_ST_I64, clock, other, 0);
    }
    tcg_release(at.tcg, clock);
    tcg_release(at.tcg, other);
}

static tcg_value line_address(void *tcg, tcg_value address)
{
    tcg_value line = tcg_temporary(tcg), offset = tcg_temporary(tcg);

    tcg_gen_ori_i64_x86_64(tcg, line, address, COSTS_LINE_BYTES - 1);
    tcg_gen_shli_i64_x86_64(tcg, line, line, 12 - COSTS_LINE_BITS);
    tcg_gen_andi_i64_x86_64(tcg, offset, address, COSTS_LINE_BYTES - 1);
    tcg_add(tcg, line, line, offset);
    tcg_release(tcg, offset);
    return line;
}

static void stamp(void *tcg, tcg_value line, unsigned mode)
{
    struct filter *filter = lib_cpu->timing->filter;
    tcg_value entry = tcg_temporary(tcg), clock = tcg_temporary(tcg);

    tcg_gen_shri_i64_x86_64(tcg, entry, line, 12 - TLB_ENTRY_BITS);
    tcg_gen_andi_i64_x86_64(tcg, entry, entry, (FILTER_SLOTS - 1) << TLB_ENTRY_BITS);
    tcg_load(tcg, clock, FIELD(uintptr_t, tcg, TCG_CPU_ENV), SLOT_MODEL_CLOCK);
    tcg_gen_addi_i64_x86_64(tcg, clock, clock, ++accesses);
    tcg_store(tcg, clock, entry, (uintptr_t)&filter->entry[mode][0].stamp);
    tcg_release(tcg, entry);
    tcg_release(tcg, clock);
}

/* Emits an access by `emit`, which uses `at` and `mode`. */
#define EMIT_ACCESS(tcg, address, emit)                                                            \
    do {                                                                                           \
        uint8_t *no_exit = &FIELD(uint8_t, lib_engine->uc, UC_NO_EXIT_REQUEST), before = *no_exit; \
        *no_exit = 1;                                                                              \
        if (lib_cpu->timing) {                                                                     \
            tcg_value at = line_address(tcg, address);                                             \
            uint64_t mode = index | FILTERED;                                                      \
            emit;                                                                                  \
            stamp(tcg, at, (unsigned)index);                                                       \
            tcg_release(tcg, at);                                                                  \
        } else {                                                                                   \
            tcg_value at = address;                                                                \
            uint64_t mode = index;                                                                 \
            emit;                                                                                  \
        }                                                                                          \
        *no_exit = before;                                                                         \
    } while (0)

#define PLAIN(symbol)                                                                              \
    INTERPOSE(void, symbol, void *tcg, tcg_value value, tcg_value address, uint64_t index,         \
              unsigned memop)                                                                      \
    {                                                                                              \
        memop = lib_care_access(memop);                                                            \
        EMIT_ACCESS(tcg, address, REAL(symbol)(tcg, value, at, mode, memop));                      \
    }

PLAIN(tcg_gen_qemu_ld_i32_x86_64)
PLAIN(tcg_gen_qemu_ld_i64_x86_64)
PLAIN(tcg_gen_qemu_st_i32_x86_64)
PLAIN(tcg_gen_qemu_st_i64_x86_64)

/* Locked operations: with one thread the library makes them a load and a store. */
#define LOCKED(symbol)                                                                             \
    INTERPOSE(void, symbol, void *tcg, tcg_value result, tcg_value address, tcg_value operand,     \
              uint64_t index, unsigned memop)                                                      \
    {                                                                                              \
        memop = lib_care_access(memop);                                                            \
        EMIT_ACCESS(tcg, address, REAL(symbol)(tcg, result, at, operand, mode, memop));            \
    }

LOCKED(tcg_gen_atomic_add_fetch_i64_x86_64)
LOCKED(tcg_gen_atomic_and_fetch_i64_x86_64)
LOCKED(tcg_gen_atomic_or_fetch_i64_x86_64)
LOCKED(tcg_gen_atomic_xor_fetch_i64_x86_64)
LOCKED(tcg_gen_atomic_fetch_add_i64_x86_64)
LOCKED(tcg_gen_atomic_fetch_and_i64_x86_64)
LOCKED(tcg_gen_atomic_fetch_or_i64_x86_64)
LOCKED(tcg_gen_atomic_fetch_xor_i64_x86_64)
LOCKED(tcg_gen_atomic_xchg_i64_x86_64)

INTERPOSE(void, tcg_gen_atomic_cmpxchg_i64_x86_64, void *tcg, tcg_value result, tcg_value address,
          tcg_value expected, tcg_value wanted, uint64_t index, unsigned memop)
{
    memop = lib_care_access(memop);
    EMIT_ACCESS(
        tcg, address,
        REAL(tcg_gen_atomic_cmpxchg_i64_x86_64)(tcg, result, at, expected, wanted, mode, memop));
}

/* unicorn_hooks.c */
_Bool __wrap_x86_cpu_tlb_fill_x86_64(void *object, uint64_t linear, int bytes, int kind, int mode,
                                     _Bool probe, uintptr_t ra);

/* ---- the slow path --------------------------------------------------------------------------- */

static const struct soft_entry *soft_entry(const void *env, unsigned mode, uint32_t linear)
{
    const uint8_t *fast =
        (const uint8_t *)env - OBJECT_ENV + OBJECT_TLB_FAST + mode * TLB_FAST_BYTES;
    uint64_t mask = FIELD(uint64_t, fast, TLB_FAST_MASK);
    const uint8_t *table = FIELD(const uint8_t *, fast, TLB_FAST_TABLE);

    return (const void *)(table + ((uint64_t)linear >> (12 - TLB_ENTRY_BITS) & mask));
}

/* Ring 0 may borrow the table of rings 1 and 2, which must not find what it left there. */
static inline bool may_admit(const struct cpu *cpu, unsigned mode)
{
    return (mode != ACCESS_RING12 || lib_ring(cpu) != 0) && !cpu->timing->no_filter;
}

/*
 * Notifies of an access within a line, made through an entry of the software TLB that is one of
 * RAM.
 */
static inline __attribute__((always_inline)) void notify_ram(struct cpu *cpu,
                                                             const struct soft_entry *entry,
                                                             unsigned mode, uint32_t linear,
                                                             bool write)
{
    uintptr_t host = linear + entry->addend;
    struct filter_site site = {.host = host & ~(uintptr_t)(COSTS_LINE_BYTES - 1),
                               .table = mode,
                               .inline_stores = entry->tag[ACCESS_WRITE] == (linear & ~0xfffu)};

    timing_access(cpu->timing, linear, (uint32_t)(host - (uintptr_t)cpu->engine->config.ram), write,
                  site);
}

/* The access was made through the software TLB, which therefore knows its page. */
static void notify_line(struct cpu *cpu, unsigned mode, uint32_t linear, bool write)
{
    struct timing *t = cpu->timing;
    const struct cpu_config *config = &cpu->engine->config;
    const struct soft_entry *entry = soft_entry(cpu->env, mode, linear);
    uint64_t wrapped = entry->tag[ACCESS_READ] & UINT64_C(1) << 32; /* unicorn_tlb.c */
    uintptr_t physical = wrapped + linear + entry->addend - (uintptr_t)config->ram;

    if (physical < config->ram_bytes && entry->tag[ACCESS_READ] == (linear & ~0xfffu) &&
        may_admit(cpu, mode)) {
        notify_ram(cpu, entry, mode, linear, write);
        return;
    }
    if (physical < config->ram_bytes)
        timing_access(t, linear, (uint32_t)physical, write, (struct filter_site){0});
    else
        timing_access_device(t, linear);
    filter_vacate(t, linear >> COSTS_LINE_BITS, mode);
}

void lib_filter_notify(struct cpu *cpu, unsigned mode, uint32_t linear, unsigned bytes, bool write)
{
    uint32_t last = linear + bytes - 1;

    if (linear >> COSTS_LINE_BITS != last >> COSTS_LINE_BITS)
        notify_line(cpu, mode, last & ~(COSTS_LINE_BYTES - 1), write);
    notify_line(cpu, mode, linear, write);
}

/*
 * What the helpers below are called for most: an access within a page of RAM, which the software
 * TLB has with the right or gets here, so that nothing can fail any more. NULL: the library's way.
 * A fault leaves by an exception.
 */
static inline const struct soft_entry *at_hand(const struct cpu *cpu, unsigned mode,
                                               uint32_t linear, unsigned bytes,
                                               enum access_kind kind, uintptr_t ra)
{
    const struct soft_entry *entry = soft_entry(cpu->env, mode, linear);
    uint32_t page = linear & ~0xfffu;

    if ((linear & 0xfff) + bytes > 0x1000)
        return NULL;
    if (__builtin_expect((entry->tag[kind] & (~UINT64_C(0xfff) | TLB_INVALID)) != page, 0))
        __wrap_x86_cpu_tlb_fill_x86_64(cpu->object, linear, (int)bytes, kind, (int)mode, false, ra);
    return entry->tag[kind] == page && entry->tag[ACCESS_READ] == page ? entry : NULL;
}

/* Whether an access that is made so is one notification: it is within a line. */
static inline bool is_plain(const struct cpu *cpu, unsigned mode, uint32_t linear, unsigned bytes)
{
    return (linear & (COSTS_LINE_BYTES - 1)) + bytes <= COSTS_LINE_BYTES && may_admit(cpu, mode);
}

/* The model is notified before a load, while the host fetches the data. */
#define LOAD(symbol, type)                                                                         \
    INTERPOSE(uint64_t, symbol, void *env, uint64_t address, uint32_t oi, uintptr_t ra)            \
    {                                                                                              \
        struct cpu *cpu = lib_cpu;                                                                 \
        bool filtered = oi & FILTERED;                                                             \
        unsigned mode = oi & (FILTERED - 1);                                                       \
        uint32_t linear = filtered ? filter_linear(address) : (uint32_t)address;                   \
        if (__builtin_expect(oi & CARE_ALIGNED, 0))                                                \
            oi = lib_care_aligned(linear, oi, ra);                                                 \
        const struct soft_entry *entry =                                                           \
            at_hand(cpu, mode, linear, sizeof(type), ACCESS_READ, ra);                             \
        if (entry && (!filtered || is_plain(cpu, mode, linear, sizeof(type)))) {                   \
            const type *host = (const type *)(uintptr_t)(linear + entry->addend);                  \
            __builtin_prefetch(host);                                                              \
            if (filtered)                                                                          \
                notify_ram(cpu, entry, mode, linear, false);                                       \
            return *host;                                                                          \
        }                                                                                          \
        uint64_t value = REAL(symbol)(env, linear, oi & ~(uint32_t)FILTERED, ra);                  \
        if (filtered)                                                                              \
            lib_filter_notify(cpu, mode, linear, sizeof(type), false);                             \
        return value;                                                                              \
    }

/*
 * Translated code enters a store's helper by pushing the return address and a jump. A return from
 * there would find the host's stack of predicted returns out of step, each time; an indirect jump
 * is predicted by where it went before.
 */
#define STORE(symbol, type)                                                                        \
    __asm__(".pushsection .text\n.global __wrap_" #symbol "\n.type __wrap_" #symbol                \
            ", @function\n__wrap_" #symbol ":\n\tsub $8, %rsp\n\tcall notified_" #symbol           \
            "\n\tadd $8, %rsp\n\tpop %rcx\n\tjmp *%rcx\n.popsection");                             \
    void REAL(symbol)(void *env, uint64_t address, type value, uint32_t oi, uintptr_t ra);         \
    void notified_##symbol(void *env, uint64_t address, type value, uint32_t oi, uintptr_t ra);    \
    void notified_##symbol(void *env, uint64_t address, type value, uint32_t oi, uintptr_t ra)     \
    {                                                                                              \
        struct cpu *cpu = lib_cpu;                                                                 \
        bool filtered = oi & FILTERED;                                                             \
        unsigned mode = oi & (FILTERED - 1);                                                       \
        uint32_t linear = filtered ? filter_linear(address) : (uint32_t)address;                   \
        if (__builtin_expect(oi & CARE_ALIGNED, 0))                                                \
            oi = lib_care_aligned(linear, oi, ra);                                                 \
        const struct soft_entry *entry =                                                           \
            at_hand(cpu, mode, linear, sizeof(type), ACCESS_WRITE, ra);                            \
        if (entry && (!filtered || is_plain(cpu, mode, linear, sizeof(type)))) {                   \
            *(type *)(uintptr_t)(linear + entry->addend) = value;                                  \
            if (filtered)                                                                          \
                notify_ram(cpu, entry, mode, linear, true);                                        \
            return;                                                                                \
        }                                                                                          \
        REAL(symbol)(env, linear, value, oi & ~(uint32_t)FILTERED, ra);                            \
        if (filtered)                                                                              \
            lib_filter_notify(cpu, mode, linear, sizeof(type), true);                              \
    }

typedef uint16_t unaligned16 __attribute__((aligned(1), may_alias));
typedef uint32_t unaligned32 __attribute__((aligned(1), may_alias));
typedef uint64_t unaligned64 __attribute__((aligned(1), may_alias));

LOAD(helper_ret_ldub_mmu_x86_64, uint8_t)
LOAD(helper_le_lduw_mmu_x86_64, unaligned16)
LOAD(helper_le_ldul_mmu_x86_64, unaligned32)
LOAD(helper_le_ldq_mmu_x86_64, unaligned64)
STORE(helper_ret_stb_mmu_x86_64, uint8_t)
STORE(helper_le_stw_mmu_x86_64, unaligned16)
STORE(helper_le_stl_mmu_x86_64, unaligned32)
STORE(helper_le_stq_mmu_x86_64, unaligned64)

/* ---- accesses that helpers make: x87 and SSE state, cmpxchg8b, bound ------------------------- */

static unsigned own_mode(const struct cpu *cpu)
{
    unsigned ring = lib_ring(cpu);

    return ring == 0 ? ACCESS_RING0 : ring == 3 ? ACCESS_RING3 : ACCESS_RING12;
}

#define HELPER_LOAD(symbol, type, returned)                                                        \
    INTERPOSE(returned, symbol, void *env, uint64_t linear, uintptr_t ra)                          \
    {                                                                                              \
        returned value = REAL(symbol)(env, linear, ra);                                            \
        if (lib_cpu->timing)                                                                       \
            lib_filter_notify(lib_cpu, own_mode(lib_cpu), (uint32_t)linear, sizeof(type), false);  \
        return value;                                                                              \
    }

#define HELPER_STORE(symbol, type, passed)                                                         \
    INTERPOSE(void, symbol, void *env, uint64_t linear, passed value, uintptr_t ra)                \
    {                                                                                              \
        REAL(symbol)(env, linear, value, ra);                                                      \
        if (lib_cpu->timing)                                                                       \
            lib_filter_notify(lib_cpu, own_mode(lib_cpu), (uint32_t)linear, sizeof(type), true);   \
    }

HELPER_LOAD(cpu_ldub_data_ra_x86_64, uint8_t, uint32_t)
HELPER_LOAD(cpu_lduw_data_ra_x86_64, uint16_t, uint32_t)
HELPER_LOAD(cpu_ldsw_data_ra_x86_64, int16_t, int)
HELPER_LOAD(cpu_ldl_data_ra_x86_64, uint32_t, uint32_t)
HELPER_LOAD(cpu_ldq_data_ra_x86_64, uint64_t, uint64_t)
HELPER_STORE(cpu_stb_data_ra_x86_64, uint8_t, uint32_t)
HELPER_STORE(cpu_stw_data_ra_x86_64, uint16_t, uint32_t)
HELPER_STORE(cpu_stl_data_ra_x86_64, uint32_t, uint32_t)
HELPER_STORE(cpu_stq_data_ra_x86_64, uint64_t, uint64_t)
