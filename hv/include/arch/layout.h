/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * layout.h - the hypervisor's part of every address space
 *
 * The top of every address space, guest's or own, looks the same (F5800000 and F6800000 are the
 * interface's, arch-x86/xen-x86_32.h; the rest is ours):
 *
 *   F5800000  machine-to-physical table, read-only; guests in ring 1 may read it
 *   F6800000  heap window: the same table writable, the frame table, the heap. 2 MB pages
 *   FE000000  image window: physical 0-4 MB: the PC's low memory and this program. 2 MB pages
 *   FE400000  descriptor tables: for each processor 64 kB of GDT and 64 kB of LDT. 4 kB pages
 *   FE800000  fixed mappings of devices
 *   FEA00000  for each domain the frame that it gave for its vcpu_info. 4 kB pages
 *   FEC00000  map cache: for each processor 256 slots, each showing one frame. 8 MB
 *
 * Guests' segments end at F6800000 (rule: descriptor.c), so that ring 1, which paging counts as
 * supervisor, cannot reach anything but the read-only table.
 */
#ifndef HV_LAYOUT_H
#define HV_LAYOUT_H

#define PAGE_SHIFT 12
#define PAGE_SIZE  (1 << PAGE_SHIFT)
#define PAGE_MASK  (~(PAGE_SIZE - 1))

#define L2_SHIFT      21
#define L3_SHIFT      30
#define TABLE_ENTRIES 512
#define ROOT_ENTRIES  4

#define HV_VIRT_START     0xF5800000 /* guests map nothing at or above this */
#define M2P_VIRT_START    0xF5800000
#define M2P_VIRT_END      0xF6800000
#define GUEST_SEGMENT_END M2P_VIRT_END
#define HEAP_VIRT_START   0xF6800000
#define HEAP_VIRT_END     0xFE000000
#define IMAGE_VIRT_START  0xFE000000
#define IMAGE_WINDOW_SIZE 0x00400000
#define DESC_VIRT_START   0xFE400000
#define FIX_VIRT_START    0xFE800000
#define FIX_APIC          FIX_VIRT_START
#define VCPU_INFO_START   0xFEA00000
#define MAP_VIRT_START    0xFEC00000

#define HV_L2_SLOT    ((HV_VIRT_START >> L2_SHIFT) & (TABLE_ENTRIES - 1))
#define TOP_ROOT_SLOT 3 /* the quarter of the address space that holds us */

#define MAX_CPUS       8
#define CPU_STACK_SIZE 8192
#define MAP_SLOTS      256 /* a processor */

/* Descriptor area of one processor: GDT pages 0-15, LDT pages 16-31. */
#define DESC_PAGES_PER_CPU 32
#define DESC_AREA_SIZE     (DESC_PAGES_PER_CPU * PAGE_SIZE)
#define LDT_AREA_OFFSET    (16 * PAGE_SIZE)

/* Guest GDT: pages 0-13 are the guest's, page 14 is ours (FIRST_RESERVED_GDT_PAGE). */
#define GUEST_GDT_PAGES   14
#define RESERVED_GDT_PAGE 14
#define RESERVED_GDT_BASE 0xe000

#define SEL_HV_CODE    0xe008
#define SEL_HV_DATA    0xe010
#define SEL_RING1_CODE 0xe019 /* 19, 21, 2b, 33: the interface's flat segments */
#define SEL_RING1_DATA 0xe021
#define SEL_RING3_CODE 0xe02b
#define SEL_RING3_DATA 0xe033
#define SEL_TSS        0xe038
#define SEL_LDT        0xe040
#define SEL_DF_TSS     0xe048

#define HYPERCALL_VECTOR  0x82
#define VECTOR_DEVICE     0xd0 /* and the pin of the I/O APIC */
#define DEVICE_VECTORS    24
#define VECTOR_TIMER      0xf0
#define VECTOR_CROSS_CALL 0xf1
#define VECTOR_SPURIOUS   0xff

/* Byte offsets in struct cpu_user_regs, for entry.S; traps.c asserts them. */
#define R_EBX    0
#define R_EAX    24
#define R_ERROR  28
#define R_VECTOR 30
#define R_EIP    32
#define R_CS     36
#define R_EFLAGS 40
#define R_ESP    44
#define R_SS     48
#define R_ES     52
#define R_DS     56
#define R_FS     60
#define R_GS     64
#define R_SIZE   68

#endif
