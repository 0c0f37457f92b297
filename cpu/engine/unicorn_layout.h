/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unicorn_layout.h - where libunicorn 2.0.1 (amd64, x86 target) keeps what we need
 *
 * Byte offsets into the library's private structures, read off the structures of that version and
 * checked at every start by writing through the public interface and reading here
 * (unicorn_check.c). Nothing but unicorn*.c and unicorn.h may include this.
 */
#ifndef XENOLITH_CPU_UNICORN_LAYOUT_H
#define XENOLITH_CPU_UNICORN_LAYOUT_H

/* uc_struct: one engine */
#define UC_CPU             384 /* the processor object that runs */
#define UC_TCG_CONTEXT     704
#define UC_NO_EXIT_REQUEST 1930 /* u8: while set, accesses are emitted without a test for exit */

/* struct hook, whose address is the public uc_hook */
#define HOOK_CALLBACK 40
#define HOOK_DATA     48

/* Bits of a processor object's interrupt request. */
#define INTERRUPT_HARD   2u
#define INTERRUPT_UNLINK 4u /* the block that ran last is not linked to the next one */

/* CPUState, the head of a processor object */
#define OBJECT_BYTES             42176
#define OBJECT_NEXT_FLAGS        24 /* u32: how the next block is translated, ~0: as ever */
#define OBJECT_INTERRUPT_REQUEST 28 /* u32, bit 1: external interrupt */
#define OBJECT_ENV_POINTER       296
#define OBJECT_COUNTER_POINTER   304
#define OBJECT_JUMP_CACHE        312
#define OBJECT_JUMP_CACHE_SLOTS  4096
#define OBJECT_BREAKPOINTS       33096
#define OBJECT_WATCHPOINTS       33112
#define OBJECT_IO_RETURN         33144 /* u64: return address of the device access under way */
#define OBJECT_INDEX             33168
#define OBJECT_HALTED            33176
#define OBJECT_EXCEPTION         33184 /* s32, -1: none */
#define OBJECT_UC                33192

/* its software TLB: a description and a table for each of three translation modes */
#define OBJECT_TLB_DESC       33248
#define TLB_DESC_BYTES        440
#define TLB_DESC_WINDOW_BEGIN 16
#define TLB_DESC_USED         32
#define TLB_DESC_VICTIMS      48 /* 8 entries */
#define TLB_DESC_VICTIM_SLOTS 8
#define TLB_DESC_IOTLB        432
#define TLB_IOTLB_ENTRY_BYTES 16
#define OBJECT_TLB_FAST       34576
#define TLB_FAST_BYTES        16
#define TLB_FAST_MASK         0
#define TLB_FAST_TABLE        8
#define TLB_ENTRY_BITS        5
#define TLB_ENTRY_BYTES       (1u << TLB_ENTRY_BITS)
#define TLB_MODES             3
#define TLB_WATCHED           0x100u
#define TLB_MMIO              0x200u
#define TLB_NOTDIRTY          0x400u
#define TLB_INVALID           0x800u

#define OBJECT_COUNTER 34624 /* s32; its high half set to -1 ends the chain of blocks */
#define OBJECT_ENV     34640

/* CPUX86State */
#define ENV_GPR              0 /* 16 x u64 */
#define ENV_EIP              128
#define ENV_EFLAGS           136
#define ENV_CC_DST           144
#define ENV_CC_SRC           152
#define ENV_CC_OP            168
#define ENV_DF               172
#define ENV_HFLAGS           176
#define ENV_SEGMENTS         184 /* 6 of: selector u32, base u64 at 8, limit u32 at 16, flags u32 */
#define ENV_SEGMENT_BYTES    24
#define ENV_LDT              328
#define ENV_TR               352
#define ENV_GDT              376
#define ENV_IDT              400
#define ENV_CR               424 /* 5 x u64 */
#define ENV_EFER             560
#define ENV_FPU_TOP          572 /* u32 */
#define ENV_FPU_STATUS       576 /* u16, without the top */
#define ENV_FPU_CONTROL      578 /* u16 */
#define ENV_FPU_EMPTY        580 /* 8 x u8 */
#define ENV_FPU_REGISTERS    592 /* 8 of 10 bytes, 16 apart */
#define ENV_FPU_CS           722 /* u16 */
#define ENV_FPU_DS           724 /* u16 */
#define ENV_FPU_IP           728
#define ENV_FPU_DP           736
#define ENV_MXCSR            784
#define ENV_XMM              792 /* 8 of 64 bytes */
#define ENV_XMM_BYTES        64
#define ENV_SYSENTER_CS      4768
#define ENV_SYSENTER_ESP     4776
#define ENV_SYSENTER_EIP     4784
#define ENV_PERF_COUNTERS    4960 /* 18 x u64 that the library never uses */
#define ENV_DR               5368 /* 8 x u64 */
#define ENV_ERROR_CODE       5352
#define ENV_EXCEPTION_IS_INT 5356
#define ENV_OLD_EXCEPTION    5464
#define ENV_FEATURES         5600 /* u64 each: 1.edx, 1.ecx, 7.ebx, ...; [6] = 80000001.edx */
#define FEATURE_1_EDX        0
#define FEATURE_1_ECX        1
#define FEATURE_7_EBX        2
#define FEATURE_81_EDX       6
#define FEATURE_81_ECX       7

/*
 * Slots of the state that a 32-bit guest can never reach: R8-R15 and the performance counters.
 * Translated code keeps its accounting there, a displacement away from its one base register.
 */
#define SLOT_FILTERS      64  /* R8-R13: the full timing model's filter tables */
#define SLOT_CLOCK        112 /* R14 */
#define SLOT_MODEL_CLOCK  120 /* R15: the full timing model's order of accesses */
#define SLOT_BLOCK        (ENV_PERF_COUNTERS + 0) /* record of the block that runs */
#define SLOT_LIMIT        (ENV_PERF_COUNTERS + 8) /* clock above this: leave the fast path */
#define SLOT_INSTRUCTIONS (ENV_PERF_COUNTERS + 16)
#define SLOT_MMX          (ENV_PERF_COUNTERS + 24) /* the MMX register that is written next */

#define TB_EXIT_REQUESTED 3 /* a block that was entered and left at once */

/* hflags */
#define HF_CPL         0x3u
#define HF_INHIBIT_IRQ 0x8u
#define HF_CS32        0x10u
#define HF_SS32        0x20u
#define HF_ADDSEG      0x40u
#define HF_PE          0x80u
#define HF_SMAP        0x800000u
/* ours, unused by the library */
#define HF_LIMITED   0x8000000u /* a code segment whose limit is looked at, see unicorn_extent.c */
#define HF_PROCESSOR 28         /* the first of three bits: whose translations, see unicorn.c */

/* TranslationBlock */
#define TB_PC           0
#define TB_CS_BASE      8
#define TB_FLAGS        16
#define TB_BYTES        20 /* u16 */
#define TB_INSTRUCTIONS 22 /* u16 */
#define TB_HOW          24 /* u32: how it was translated; the most instructions in its low bits */
#define TB_HOW_MOST     0x7fffu
#define TB_CODE         32
#define TB_CODE_BYTES   40
#define TB_FRAME        72 /* 2 x u64: physical page of its first and last byte; -1: no second */

/* TCGContext */
#define TCG_TEMPORARIES  48 /* s32, in use */
#define TCG_BUFFER       160
#define TCG_BUFFER_BYTES 184
#define TCG_POINTER      192
#define TCG_HIGH_WATER   208
#define TCG_CPU_ENV      39152
#define TCG_REGION_START 39160
#define TCG_REGION_END   39176
#define TCG_REGION_NOW   39208
#define TCG_REGION_FULL  39216
#define TCG_TREE         39224
#define TCG_PC_START     42576 /* u64: linear address of the instruction that is being read */

/* TCG operations and conditions */
#define TCG_TYPE_I64      1
#define TCG_COND_LT       2
#define TCG_OP_DISCARD    0
#define TCG_OP_SET_LABEL  1
#define TCG_OP_BR         3
#define TCG_OP_MOVI_I64   64
#define TCG_OP_LD_I64     73
#define TCG_OP_ST_I64     77
#define TCG_OP_ADD_I64    78
#define TCG_OP_SUB_I64    79
#define TCG_OP_OR_I64     88
#define TCG_OP_BRCOND_I64 103
#define TCG_OP_INSN_START 129

/* TCGOp, TCGLabel */
#define TCG_OP_CODE      0 /* u8 */
#define TCG_OP_NEXT      8
#define TCG_OP_ARGUMENTS 24
#define TCG_LABEL_PLACED 0 /* u16, bit 0 */
#define TCG_LABEL_USES   2 /* u16 */

#endif
