/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * machine_thread.h - the machine's part of a thread: kernel stack, registers, TLS, FPU
 *
 * Lock: the kernel's is held and interrupts are off. fpu_restore() may end the process, for lack of
 * memory; nothing else sleeps but arch_switch(), which is what sleeping is made of.
 */
#ifndef GUESTOS_ARCH_MACHINE_THREAD_H
#define GUESTOS_ARCH_MACHINE_THREAD_H

#include "guestos/arch/trap.h"

struct thread;

#define KERNEL_STACK_ORDER 1
#define KERNEL_STACK_BYTES (PAGE_SIZE << KERNEL_STACK_ORDER)

/* The thread whose kernel stack this is: its address lies at the stack's lowest word. */
static inline struct thread *current_thread(void)
{
    uint32_t esp;

    __asm__("movl %%esp, %0" : "=r"(esp));
    return *(struct thread **)(esp & ~(KERNEL_STACK_BYTES - 1));
}

#define TLS_ENTRIES 3 /* GDT entries 6, 7 and 8, as Linux has them on i386 */
#define TLS_FIRST   6

/* The machine's part of a thread: struct thread has it as `machine`. */
struct machine_thread {
    uint32_t esp;    /* of the kernel stack while it does not run */
    uint32_t stack;  /* lowest address of the kernel stack */
    uint16_t fs, gs; /* ring 3's; the kernel uses neither */
    uint64_t tls[TLS_ENTRIES];
    bool fpu_live; /* the program's FPU state is in the registers now */
    uint8_t *fpu;  /* FXSAVE area, 512 bytes, 16-byte aligned; allocated at first use */
};

/* Runs `next`: kernel stack, page table, TLS, FPU left for later. Returns when prev runs again. */
void arch_switch(struct thread *prev, struct thread *next);

/* Prepares a fresh thread to leave for ring 3 through `frame`, which is copied. */
void arch_thread_init(struct machine_thread *thread, const struct trap_frame *frame);

/* Loads ring 3's fs and gs; what cannot be loaded becomes null. */
void arch_load_segments(uint32_t fs, uint32_t gs);

/* Installs current's TLS descriptors, after set_thread_area() changed them. */
void arch_load_tls(const struct machine_thread *thread);
/* exec: no TLS, null fs and gs. */
void arch_drop_tls(struct machine_thread *thread);

int fpu_copy(struct machine_thread *to, struct machine_thread *from); /* fork; 0 or -ENOMEM */
void fpu_reset(struct machine_thread *thread); /* exec: the current one begins anew */
void fpu_free(struct machine_thread *thread);  /* a thread that never runs again */
/* For signal frames: the 512 bytes of current state (NULL: none yet), and setting them. */
const uint8_t *fpu_state(struct machine_thread *thread);
int fpu_set_state(struct machine_thread *thread, const uint8_t *state); /* 0 or -ENOMEM */
void fpu_restore(void); /* the program touched it: VECTOR_NO_FPU */

#endif
