/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * profile.h - cycles by function and by line, over all rings and domains
 *
 * The processor shows where it is before each block or instruction (cpu_show_places()); what the
 * clock has moved since the last time belongs to the code that ran. Every cycle has an owner, and
 * the sum is the clocks'. stacks.c follows calls, tree.c keeps them, code.c and lines.c know names,
 * lines and which program runs, and a writer (write_*.c) shows it all at the end.
 */
#ifndef XENOLITH_SIM_PROFILE_H
#define XENOLITH_SIM_PROFILE_H

#include "sim/account/account.h"
#include "sim/account/result.h"
#include "sim/load/names.h"
#include "sim/watch/watch.h"

#define PROFILE_IMAGES    16 /* ring 0's, that of rings 1 and 2, programs */
#define PROFILE_FUNCTIONS (1u << 20)

/* ---- code.c: whose code an address is -------------------------------------------------------- */

struct binary {
    const char *name; /* without folders; NULL: there is none */
    struct file file; /* of programs; the others' belong to the command */
    struct names names;
    uint32_t entry;
    void *lines, *elf; /* of libdw, or NULL */
};

struct function {
    unsigned image;
    uint32_t address, end; /* the whole range is its */
    const char *name;
};

/* Which program runs in an address space. */
struct space {
    uint32_t context, cr3;
    bool known;
    uint8_t image; /* 0: none that was given */
};

/* Cycles of code at an address. */
struct spent {
    uint64_t cycles;
    uint32_t function, pc;
};

struct code {
    struct binary image[PROFILE_IMAGES];
    unsigned images;
    struct function *function; /* [0] is code that nobody knows: "(unknown)" */
    uint32_t functions, function_room;
    uint32_t *by_address; /* hash of numbers, plus one */
    uint32_t address_slots;
    struct space *space; /* hash */
    uint32_t spaces, space_slots;
    struct spent *spent; /* hash */
    uint32_t spents, spent_slots;
};

bool code_open(struct code *code, const struct boot_images *images);
void code_close(struct code *code);
/* A program's file. False with one sentence in `why`. */
bool code_add_program(struct code *code, const char *path, char *why, size_t why_bytes);
/* The function at a place, by its ring and address space; 0 is unknown. False: no memory. */
bool code_function(struct code *code, const struct machine *machine, unsigned cpu, uint32_t context,
                   const struct cpu_place *place, uint32_t *function);
/* A process calls execve or exit: what its address space holds is not known any more. */
void code_forget(struct code *code, uint32_t context, uint32_t cr3);
bool code_spend(struct code *code, uint32_t function, uint32_t pc, uint64_t cycles);
/* "file.c" and line; false: not known. `file` is libdw's. */
bool code_line(struct code *code, uint32_t function, uint32_t pc, const char **file, int *line);

void lines_close(struct code *code);

/* ---- tree.c: calls within calls -------------------------------------------------------------- */

#define TREE_ROOT  0
#define TREE_MOST  (1u << 22) /* nodes; beyond it callers get their callees' cycles */
#define NO_CONTEXT UINT32_MAX

struct node {
    uint64_t cycles, calls; /* exclusive */
    uint32_t parent, function;
    uint32_t context; /* of the roots of domains, else NO_CONTEXT */
    uint32_t call_pc; /* where it was first called */
};

struct tree {
    struct node *node;
    uint32_t count, room;
    uint32_t *slot; /* hash of numbers, plus one */
    uint32_t slots;
    bool full;
};

bool tree_open(struct tree *tree);
void tree_close(struct tree *tree);
/* The node of a domain, or process of a bare kernel. */
uint32_t tree_context(struct tree *tree, uint32_t context);
/* `function` below `parent`, which is made if it is new; `parent` if there is no room. */
uint32_t tree_child(struct tree *tree, uint32_t parent, uint32_t function);
/* The same, and a call counts. `call_pc`: from where. */
uint32_t tree_call(struct tree *tree, uint32_t parent, uint32_t function, uint32_t call_pc);

/* ---- stacks.c: who was called by whom -------------------------------------------------------- */

#define STACK_DEPTH 256

struct frame {
    uint32_t esp; /* at its entry */
    uint32_t node, function;
};

struct stack {
    uint64_t key;
    uint32_t context; /* for which it began */
    uint32_t base;    /* node under which it began */
    unsigned depth;
    struct frame frame[STACK_DEPTH];
};

struct stacks {
    struct stack **slot; /* hash */
    uint32_t count, slots;
};

bool stacks_open(struct stacks *stacks);
void stacks_close(struct stacks *stacks);
/* The stack that a processor uses; it may be `last`. A new one begins below its context's node.
 * NULL: no memory. */
struct stack *stacks_find(struct stacks *stacks, struct tree *tree, uint32_t context,
                          const struct cpu_place *place, struct stack *last);
/* It is empty again, and begins below `base`, of a context. */
void stack_begin(struct stack *stack, uint32_t context, uint32_t base);
/* A processor is to run `function` on it: calls and returns since the last time are made. Returns
 * the node. */
uint32_t stack_move(struct stack *stack, struct tree *tree, const struct cpu_place *place,
                    uint32_t function, uint32_t call_pc);
/* ---- profile.c ------------------------------------------------------------------------------- */

struct profile;

struct profile_form {
    const char *name;
    void (*write)(struct profile *profile, FILE *out);
};

extern const struct profile_form profile_table, profile_folded, profile_callgrind;

/* What a processor did last. */
struct profile_cpu {
    uint64_t clock; /* up to which everything is somebody's */
    uint32_t node, function, pc, context, cr3;
    uint8_t ring;
    struct stack *stack;
    bool entered;  /* a gate led into an inner ring, whose stack begins below `from` */
    uint32_t from; /* node */
};

struct profile {
    const struct profile_form *form;
    enum cpu_grain grain;
    struct result_file file;
    FILE *out;

    struct machine *machine;
    struct account *account;
    struct machine_observer inner;
    bool hypervisor;
    struct code code;
    struct tree tree;
    struct stacks stacks;
    struct profile_cpu cpu[CPU_MAX];
    uint32_t *interrupted; /* by context: node of ring 3 from which ring 0 was entered, plus one */
    bool lost;             /* memory was short */
};

bool profile_begin(void *owner, struct account *account, const struct boot_images *images,
                   char *why, size_t why_bytes);
bool profile_end(void *owner, char *why, size_t why_bytes);

/* "do_mmu_update", or for code that nobody knows "(unknown)". */
const char *profile_function(const struct profile *profile, uint32_t function);
/* Cycles of each node and of all below it: an array of tree.count, to be freed; NULL: no memory. */
uint64_t *profile_inclusive(const struct profile *profile);

#endif
