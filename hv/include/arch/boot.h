/* SPDX-License-Identifier: GPL-2.0-only */
/* boot.h - what boot.S and the C code that continues it share */
#ifndef HV_BOOT_H
#define HV_BOOT_H

#define TRAMPOLINE 0x8000 /* where other processors start, below 1 MB, a page of its own */
#define BOOT_CODE  0x08
#define BOOT_DATA  0x10

/* Slot of IMAGE_VIRT_START in the top quarter's L2 table. */
#define IMAGE_L2_SLOT 496

#define MULTIBOOT_LOADED 0x2BADB002 /* EAX at entry (Multiboot 1, 3.2) */

#ifndef __ASSEMBLER__
#include "hv/include/arch/x86.h"

extern pte hv_root[512], hv_top_l2[512], boot_low_l2[512];
extern char cpu_stacks[];
extern char image_start[], image_end[];
extern char trampoline_start[], trampoline_end[];
extern uint32_t secondary_stack;

/* Entered from boot.S on the first processor; never returns. */
NORETURN void hv_main(uint32_t magic, uint32_t information);

/* Entered on each other processor, on its own stack. */
NORETURN void secondary_main(void);

/* A module that the boot loader left in memory; addresses are physical. */
struct boot_module {
    uint32_t start, end;
    char command_line[1024];
};

struct memory_region {
    uint64_t start, end;
};

#define MAX_MODULES 4
#define MAX_REGIONS 16

/* What Multiboot said, copied out of the loader's memory. */
struct boot_information {
    char command_line[1024];
    struct memory_region region[MAX_REGIONS]; /* usable RAM, as given */
    unsigned regions;
    struct boot_module module[MAX_MODULES];
    unsigned modules;
};

extern struct boot_information boot_information;

/* Reads Multiboot's information at this physical address, below 4 MB, into boot_information. */
void multiboot_read(uint32_t magic, uint32_t information);

/*
 * An option NAME=VALUE, or bare NAME, of the hypervisor's command line. Returns false if it is
 * absent, else copies VALUE ("" if bare).
 */
bool option(const char *name, char *value, size_t size);
#endif

#endif
