/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kit of the guest tests.
 *
 * A test is one 32-bit PV kernel: a folder with a main.c that defines test(). The kit starts it
 * (PAE, virtual base 0xC0000000, events masked, a handler behind every exception), and when test()
 * returns it prints one line, `PASS name` or `FAIL name: reason`, and powers the domain off. A trap
 * that no test asked for is a FAIL as well, and so is a test that checked nothing. A test of what a
 * domain is ended for says `DIES name: how` last, and passes if the hypervisor then ends it by a
 * crash.
 *
 * The tests state what the public interface does, as Xen 4.17 does it for its Domain 0; what
 * depends on the domain's privilege asks `privileged`.
 */
#ifndef TESTS_GUEST_KIT_KIT_H
#define TESTS_GUEST_KIT_KIT_H

#include "tests/guest/kit/types.h"
#include "include/freestanding/format.h"
#include "include/freestanding/string.h"
#include <xen/xen.h>
#include <xen/sched.h>
#include <xen/memory.h>
#include <xen/version.h>
#include <xen/event_channel.h>
#include <xen/features.h>
#include <xen/vcpu.h>
#include <xen/callback.h>
#include <xen/physdev.h>
#include <xen/grant_table.h>
#include "tests/guest/kit/errno.h"
#include "tests/guest/kit/hypercall.h"

/* What the folder's main.c defines: the whole test. */
void test(void);

/*
 * ---- what the kit knows of the domain ----------------------------------------------------------
 */
extern struct start_info *start;   /* as handed over in ESI */
extern struct shared_info *shared; /* mapped by the kit */
extern bool privileged;            /* SIF_PRIVILEGED: this is Domain 0 */
extern const char test_name[];
struct entry_state { /* the machine as the first instruction found it */
    uint32_t esi, esp, eflags, cs, ds, es, fs, gs, ss;
};
extern struct entry_state at_entry;

extern struct vcpu_info *vcpu_record; /* where a test has moved it to; NULL: in shared */
static inline struct vcpu_info *vcpu(void)
{
    return vcpu_record ? vcpu_record : &shared->vcpu_info[0];
}

/*
 * ---- verdict.c ---------------------------------------------------------------------------------
 */
/* Notes a failure with its reason unless ok. Returns ok. */
bool check(bool ok, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Compares as check does, and says both values. */
bool check_equal(const char *what, long got, long want);
/*
 * The answer about a domain that does not exist: an unprivileged caller may be told -EPERM as
 * well.
 */
#define expect_no_domain(call) check_no_domain(#call, (long)(call))
bool check_no_domain(const char *what, long got);
#define expect(call, want) check_equal(#call, (long)(call), (long)(want))
/* Ends the domain with FAIL at once, for a state that cannot be gone on from. */
void give_up(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
/*
 * What follows must be the end of the domain, by a crash: prints `DIES name: how`, or FAIL for
 * earlier failures, and runs the code; should it come back or trap, the verdict is FAIL.
 */
void must_die(const char *how, void (*code)(void *), void *argument) __attribute__((noreturn));
/* counts.c: has the hypervisor print its counters if the command line asks for it. */
void counts_print(void);
/* Prints the verdict and powers off; kit_start calls it when test() returns. */
void verdict(void) __attribute__((noreturn));

/*
 * ---- console.c ---------------------------------------------------------------------------------
 */
/* Writes by console_io, at most 319 characters (include/freestanding/format.h). */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));

bool starts_with(const char *text, const char *prefix);

/*
 * ---- trap.c ------------------------------------------------------------------------------------
 */
/* Vectors beyond the 8-bit ones, for the two callbacks. */
#define VECTOR_EVENT    0x100
#define VECTOR_FAILSAFE 0x101

struct trap_frame {
    uint32_t edi, esi, ebp, unused, ebx, edx, ecx, eax;
    uint32_t gs, fs, es, ds;
    uint32_t vector; /* pushed by the kit's entry */
    uint32_t error;  /* pushed by the hypervisor where the vector has one; otherwise 0 by the kit */
    uint32_t eip;
    uint16_t cs;
    uint8_t saved_mask; /* the upcall mask before the trap */
    uint8_t pad;
    uint32_t eflags;
    uint32_t esp, ss; /* only from another ring */
};

/* The last trap that ended trapped() or user_run(). */
extern struct trap_frame trap;
extern uint32_t trap_cr2;    /* vcpu_info.arch.cr2 at that time */
extern uint32_t trap_bottom; /* address of the lowest word that the hypervisor pushed */
extern uint8_t trap_mask;    /* the upcall mask in the handler */
extern uint32_t trap_ring;   /* CS in the handler */

/*
 * Runs code(argument) in ring 1. True when a trap ended it (then `trap` says which), false when it
 * returned.
 */
bool trapped(void (*code)(void *), void *argument);
/* A hook sees each trap of its vector first; true means handled, and execution goes on by iret. */
typedef bool (*trap_hook)(struct trap_frame *frame);
extern trap_hook trap_hooks[256];
/* Sets the kit's trap table again, after a test has installed its own. */
long traps_install(void);
/* The stack of traps from ring 3, as given to stack_switch. */
extern char trap_stack_top[];

/* Upcalls: counted, pending flag cleared, then the hook runs with events masked. */
extern volatile unsigned upcalls;
extern trap_hook event_hook;
extern uint8_t event_mask_inside; /* the upcall mask that the last upcall found */
static inline void events_on(void)
{
    ((volatile struct vcpu_info *)vcpu())->evtchn_upcall_mask = 0;
    asm volatile("" ::: "memory");
}
static inline void events_off(void)
{
    ((volatile struct vcpu_info *)vcpu())->evtchn_upcall_mask = 1;
    asm volatile("" ::: "memory");
}
/*
 * The failsafe callback ends trapped() with vector VECTOR_FAILSAFE; its four selectors land here.
 */
extern uint32_t failsafe_segments[4]; /* ds, es, fs, gs */

/* event_channel_op with the command's structure; the interface's result. */
static inline long event_op(unsigned command, void *argument)
{
    return HYPERCALL(event_channel_op, command, argument);
}
/* Binds, and ends the test when that fails: the port. */
unsigned bind_virq(unsigned virq);
unsigned bind_ipi(void);
long event_send(unsigned port);
long event_unmask(unsigned port);
long event_close(unsigned port);
static inline bool event_pending(unsigned port)
{
    return ((volatile unsigned long *)shared->evtchn_pending)[port / 32] >> (port % 32) & 1;
}
void event_mask_set(unsigned port, bool masked);
/* Takes all marks of the port and the vcpu away. */
void event_clear(unsigned port);

/* Nanoseconds since boot by the hypervisor's time area. */
uint64_t now(void);
#define MS 1000000ULL

/* The entries that the callbacks and the trap table name. */
extern char event_entry[], failsafe_entry[];

/*
 * ---- memory.c ----------------------------------------------------------------------------------
 */
#define VIRT_BASE     0xC0000000UL
#define PAGE_SIZE     4096UL
#define PTE_P         0x001ULL
#define PTE_W         0x002ULL
#define PTE_U         0x004ULL
#define PTE_A         0x020ULL
#define PTE_D         0x040ULL
#define PTE_PSE       0x080ULL
#define PTE_G         0x100ULL
#define PTE_FRAME     0x000FFFFFFFFFF000ULL
#define MFN_PTE(m, f) (((uint64_t)(m) << 12) | (f))

extern unsigned long *p2m; /* start_info.mfn_list */

/*
 * A zeroed page of the kernel's own, mapped writable at its place in the kernel's range. Never
 * freed.
 */
void *page_alloc(void);
static inline unsigned long pfn_of(const void *address)
{
    return ((unsigned long)address - VIRT_BASE) / PAGE_SIZE;
}
static inline unsigned long mfn_of(const void *address)
{
    return p2m[pfn_of(address)];
}
static inline uint64_t machine_of(const void *address)
{
    return ((uint64_t)mfn_of(address) << 12) | ((unsigned long)address & (PAGE_SIZE - 1));
}
/* Where the kernel maps one of its own machine frames. */
static inline void *virtual_of(unsigned long mfn)
{
    return (void *)(VIRT_BASE + machine_to_phys_mapping[mfn] * PAGE_SIZE);
}
static inline uint64_t *base_table(void)
{
    return (uint64_t *)start->pt_base;
}
/* The entries of the current tables that map address; NULL where a level above is absent. */
uint64_t *l2_entry(unsigned long address);
uint64_t *l1_entry(unsigned long address);

/* update_va_mapping of one page with INVLPG; the interface's result. */
long map(const void *address, uint64_t entry);
/* One mmu_update request (command in the low bits of machine) for DOMID_SELF. */
long pte_write(uint64_t machine, uint64_t value);
/* One mmuext_op for DOMID_SELF. */
long mmuext(unsigned command, unsigned long arg1, unsigned long arg2);
/* Maps one of our pages read-only, or writable again; must succeed. */
void make_readonly(const void *page);
void make_writable(const void *page);
/* Contents of a page as a table: 512 entries. */
static inline uint64_t *table(void *page)
{
    return (uint64_t *)page;
}

/*
 * A complete second address space: tables of its own that map the kernel as the current ones do.
 * The four pages below the kernel's are made read-only and ready to pin; nothing is pinned.
 * Returns the L3 page.
 */
uint64_t *address_space_build(void);

/*
 * ---- grant.c -----------------------------------------------------------------------------------
 */
/* The domain's number, which start_info does not tell. */
domid_t own_domain(void);
/* Our table's first frame, made and mapped when first asked for. */
struct grant_entry_v1 *grant_table(void);
/* Fills an entry of it; the flags last. */
void grant_give(grant_ref_t ref, domid_t to, const void *page, uint16_t flags);
/* One mapping, or unmapping: its own status is in the answer. */
struct gnttab_map_grant_ref grant_map(const void *at, unsigned flags, domid_t from,
                                      grant_ref_t ref);
int grant_unmap(const void *at, grant_handle_t handle);
/* An address of the kernel's range where nothing is mapped; its frame stays ours. */
void *page_unmapped(void);
/* Whether the first word at an address can be read; be written (then 0x77 is there). */
bool can_read(void *at);
bool can_write(void *at);

/*
 * ---- peer.c: a test in two domains, by run-created.sh, if its folder has a file `pair` ---------
 */
extern domid_t peer; /* the other one */
/* Runs one of the two, as the command line says: "giver N" or "taker N". Alone nobody grants. */
void pair_run(void (*give)(void), void (*take)(void));
/* Maps what the other one grants for writing, as soon as it does. */
struct gnttab_map_grant_ref pair_map(const void *at, grant_ref_t ref);

/*
 * ---- child.c: a domain that Domain 0 makes -----------------------------------------------------
 */
#define CHILD_BASE    VIRT_BASE                /* one page of code, read-only */
#define CHILD_DATA_AT (CHILD_BASE + PAGE_SIZE) /* one of data, its stack's at first */
/* The last one, of zeros, is mapped nowhere: for descriptors. */
enum { CHILD_L3, CHILD_L2, CHILD_L1, CHILD_CODE, CHILD_DATA, CHILD_GDT, CHILD_PAGES };
struct child {
    domid_t id;
    unsigned long frame[CHILD_PAGES];
};
/* A domain without memory; and one with pages, the code copied there and a context ready to set. */
void child_create(struct child *child);
void child_make(struct child *child, const void *from, const void *to);
/* The context that child_make prepared; the interface's result of setting it. */
struct vcpu_guest_context *child_context(void);
long child_set_context(const struct child *child);
/* Unpauses it and waits for its end: the reason that it gave. */
unsigned child_run(const struct child *child);
void child_destroy(const struct child *child);
/* A frame of its shown writable, or by PTE_ flags at an address (the interface's result). */
void *child_window(const struct child *child, unsigned page);
long child_map(const void *at, domid_t id, unsigned long frame, unsigned flags);
unsigned long child_shared_frame(const struct child *child);

/*
 * ---- large_tree.c ------------------------------------------------------------------------------
 */
struct large_tree {
    uint64_t *root, *l2[3];
    unsigned tables;
};
#define LARGE_TREE_MOST (3 * 512)
/* Of at most so many tables, if the domain's memory allows, each with so many entries. */
void large_tree_build(struct large_tree *tree, unsigned most, unsigned each);
/* The frame of its table number i; and new contents for a frame that is mapped nowhere. */
unsigned long large_tree_table(unsigned i);
void large_tree_fill(unsigned long frame, const uint64_t *from);
/* All of its pages become ordinary ones, which must succeed. */
void large_tree_unbuild(const struct large_tree *tree);

/*
 * ---- user.c: ring 3 ----------------------------------------------------------------------------
 */
#define USER_BASE  0x00400000UL           /* 2 MB window that ring 3 can use; page 0 holds code */
#define USER_STACK (USER_BASE + 0x2000UL) /* top of the stack page, page 1 */

struct user_state {
    uint32_t eip, cs, eflags, esp, ss;
    uint32_t ds, es, fs, gs;
    uint32_t eax, ebx, ecx, edx, esi, edi, ebp;
};
/* Flat ring-3 selectors, code at USER_BASE, stack at USER_STACK. */
struct user_state user_state(void);
/*
 * Copies [from, to) to USER_BASE, and runs it in ring 3 until a trap that no hook handles; `trap`
 * has it.
 */
void user_run(const void *from, const void *to, struct user_state *state);
/* Maps a page of ours (or any entry) at USER_BASE + index pages. */
long user_map(unsigned index, uint64_t entry);
#define USER_ENTRY(page) MFN_PTE(mfn_of(page), PTE_P | PTE_W | PTE_U | PTE_A | PTE_D)

/*
 * Position-independent code for either ring: CODE(name, "instructions") defines name[], its end
 * by the suffix _end, and lets the instructions define, by _at, where the trap is expected.
 */
#define CODE(name, text)                                                                           \
    asm(".section .rodata\n.balign 4\n.global " #name "\n" #name ":\n" text "\n.global " #name     \
        "_end\n" #name "_end:\n.text\n");                                                          \
    extern const char name[], name##_end[], name##_at[]

/* Label of the expected EIP inside CODE(). */
#define AT(name) ".global " #name "_at\n" #name "_at:\n"

/*
 * ---- expect.c: one trap and everything about its frame ----------------------------------------
 */
struct trap_case {
    const char *what;
    const char *from, *to, *at; /* the code, and the EIP that the frame must hold */
    unsigned vector;
    uint32_t error; /* 0 for vectors without an error code */
};
#define TRAP_CASE(name, vector, error)                                                             \
    &(struct trap_case)                                                                            \
    {                                                                                              \
#name, name, name##_end, name##_at, vector, error                                          \
    }
/*
 * Runs the code in ring 1 or ring 3 and checks vector, error code, EIP, CS, SS, ESP, flags, saved
 * mask, and how many words were pushed where. Returns true if all is as wanted; `trap` has the
 * frame.
 */
bool expect_in_ring1(const struct trap_case *wanted);
bool expect_in_ring3(const struct trap_case *wanted);
bool expect_in_both_rings(const struct trap_case *wanted);

/*
 * ---- descriptors (Intel SDM 3A 3.4.5)
 * -----------------------------------------------------------
 */
#define DESC_CODE(dpl) (0x9bU | (dpl) << 5) /* execute, read, accessed */
#define DESC_DATA(dpl) (0x93U | (dpl) << 5) /* read, write, accessed */
#define DESC_PRESENT   0x80U
static inline uint64_t descriptor(uint32_t base, uint32_t limit, uint32_t access, uint32_t flags)
{
    return (limit & 0xffff) | (uint64_t)(base & 0xffffff) << 16 | (uint64_t)access << 40 |
           (uint64_t)(limit >> 16 & 15) << 48 | (uint64_t)(flags & 15) << 52 |
           (uint64_t)(base >> 24) << 56;
}
/* 4 GB, 32-bit */
static inline uint64_t flat(uint32_t access)
{
    return descriptor(0, 0xfffff, access, 0xc);
}
#define GATE_CALL      0x0cU
#define GATE_INTERRUPT 0x0eU
/* A 32-bit gate of the given type to selector:offset */
static inline uint64_t gate(uint32_t type, uint32_t dpl, uint32_t selector, uint32_t offset)
{
    return (offset & 0xffff) | (uint64_t)selector << 16 | (uint64_t)(0x80 | dpl << 5 | type) << 40 |
           (uint64_t)(offset >> 16) << 48;
}

#endif
