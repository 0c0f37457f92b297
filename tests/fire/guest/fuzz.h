/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fuzz.h - the hypercall fuzzer: a kernel that calls with what is almost right
 *
 * A seed decides everything. Each step takes one operation from a table (operations.c, memory.c),
 * whose generator fills the arguments with values that are right, nearly right, somebody else's, or
 * nonsense (values.c), and calls. What the fuzzer needs to go on itself - its own code, stacks and
 * their page tables - is not among the targets but for a rare exception; the rest is the arena:
 * data pages, tables of every level, a grant table. Every few steps the arena is put right again as
 * far as the hypervisor lets us (arena.c), so that neither a refused nor an accepted call ends the
 * run. Should a call end the domain, Domain 0 starts another with the next seed.
 */
#ifndef TESTS_FIRE_GUEST_FUZZ_H
#define TESTS_FIRE_GUEST_FUZZ_H

#include "tests/guest/kit/kit.h"

/*
 * The reason with which a domain shuts down that has made all its calls; no call does it with this
 * one.
 */
#define FINISHED SHUTDOWN_soft_reset

/* ---- values.c -------------------------------------------------------------------------------- */

void random_seed(uint32_t seed);
/* Notes which frames are the kernel's own. */
void values_protect(void);
uint32_t random(void);
/* 0..count-1 */
uint32_t below(uint32_t count);
/* True once in `times`. */
bool once_in(uint32_t times);

uint32_t any_word(void);     /* anything at all, with a taste for edges */
unsigned long any_mfn(void); /* mostly the arena's, of every type; else others', edges, nonsense */
domid_t any_domain(void);    /* mostly DOMID_SELF */
domid_t any_peer(void);      /* Domain 0, the neighbour, or who was created about when we were */
void values_name(domid_t own); /* tells who we are */
void *any_buffer(void);        /* where the hypervisor may read and write; or edges, or nonsense */
unsigned any_port(void);
/*
 * Elements of a list: 1 to `usual`, seldom to `most`, so that calls are long enough to be
 * interrupted.
 */
unsigned any_count(unsigned usual, unsigned most);
/* The same as an argument: as it is, or as a continuation has it, or anything. */
unsigned long repeated(unsigned long count);
unsigned any_handle(void);        /* of a grant, a reference, a small number */
uint64_t any_entry(void);         /* of an L1 table */
uint64_t any_table_entry(void);   /* of an L2 or L3 table */
uint64_t any_entry_address(void); /* machine address of an entry that may be written */
void *any_page(void);             /* virtual, of the arena's */

/* ---- arena.c --------------------------------------------------------------------------------- */

#define DATA_PAGES    16
#define TABLE_PAGES   12
#define SCRATCH_PAGES 8
#define WINDOW        0x40000000UL /* addresses that the arena's tables map, when they are linked */

struct arena {
    void *data[DATA_PAGES];
    uint64_t *table[TABLE_PAGES];  /* read-only to us; L1, L2, L3 by what the calls make of them */
    uint64_t *root;                /* of a second address space that maps the kernel too */
    void *scratch;                 /* arguments lie here; never a target */
    struct grant_entry_v1 *grants; /* NULL: there is no grant table */
    uint64_t entry[DATA_PAGES];    /* machine addresses of the L1 entries that map the data pages */
    bool queues;                   /* events may go through queues */
};
extern struct arena arena;

void arena_build(void);
/* Puts right what can be: tables, mappings, descriptors, traps, callbacks, stacks. */
void arena_restore(void);

/* ---- operations.c, memory.c ------------------------------------------------------------------ */

struct call {
    unsigned number;
    unsigned long args[6];
};

/* Fills in one call; false: nothing to be done this time. `nested`: it is one of a multicall. */
bool operation_choose(struct call *call, bool nested);

/* The ones with structures of their own, for the table. */
bool make_mmu_update(struct call *call);
bool make_mmuext_op(struct call *call);
bool make_update_va_mapping(struct call *call);
bool make_update_va_mapping_other(struct call *call);
bool make_memory_op(struct call *call);
bool make_update_descriptor(struct call *call);
bool make_set_gdt(struct call *call);
bool make_grant_table_op(struct call *call);

/* An instruction rather than a call: stores to tables, privileged instructions. */
void instruction(void *unused);

/* A fresh piece of the scratch pages for a structure; zeroed. */
void *scratch(unsigned bytes);

#endif
