/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * registers.h - bits of EFLAGS and of the control registers (SDM vol. 3, 2.3 and 2.5; EFER: 2.2.1)
 */
#ifndef XENOLITH_CPU_REGISTERS_H
#define XENOLITH_CPU_REGISTERS_H

#include <stdint.h>

#define EFLAGS_FIXED      UINT32_C(0x2)   /* reads as one */
#define EFLAGS_ARITHMETIC UINT32_C(0x8d5) /* CF PF AF ZF SF OF */
#define EFLAGS_TF         (UINT32_C(1) << 8)
#define EFLAGS_IF         (UINT32_C(1) << 9)
#define EFLAGS_DF         (UINT32_C(1) << 10)
#define EFLAGS_IOPL       (UINT32_C(3) << 12)
#define EFLAGS_NT         (UINT32_C(1) << 14)
#define EFLAGS_RF         (UINT32_C(1) << 16)
#define EFLAGS_VM         (UINT32_C(1) << 17)
#define EFLAGS_AC         (UINT32_C(1) << 18)
#define EFLAGS_ID         (UINT32_C(1) << 21)

#define CR0_PE (UINT32_C(1) << 0)
#define CR0_MP (UINT32_C(1) << 1)
#define CR0_EM (UINT32_C(1) << 2)
#define CR0_TS (UINT32_C(1) << 3)
#define CR0_ET (UINT32_C(1) << 4)
#define CR0_NE (UINT32_C(1) << 5)
#define CR0_WP (UINT32_C(1) << 16)
#define CR0_AM (UINT32_C(1) << 18)
#define CR0_NW (UINT32_C(1) << 29)
#define CR0_CD (UINT32_C(1) << 30)
#define CR0_PG (UINT32_C(1) << 31)

#define CR4_VME        (UINT32_C(1) << 0)
#define CR4_PVI        (UINT32_C(1) << 1)
#define CR4_TSD        (UINT32_C(1) << 2)
#define CR4_DE         (UINT32_C(1) << 3)
#define CR4_PSE        (UINT32_C(1) << 4)
#define CR4_PAE        (UINT32_C(1) << 5)
#define CR4_MCE        (UINT32_C(1) << 6)
#define CR4_PGE        (UINT32_C(1) << 7)
#define CR4_PCE        (UINT32_C(1) << 8)
#define CR4_OSFXSR     (UINT32_C(1) << 9)
#define CR4_OSXMMEXCPT (UINT32_C(1) << 10)

#define EFER_NXE (UINT32_C(1) << 11)

#endif
