/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vectors.h - exceptions and interrupts of the architecture (SDM vol. 3, table 6-1)
 *
 * The columns: mnemonic, number, whether an error code is pushed, the manual's sign, and the name
 * that results give it. Numbers up to 31 are Intel's; those without a row are reserved.
 */
#ifndef XENOLITH_CPU_VECTORS_H
#define XENOLITH_CPU_VECTORS_H

#define ARCHITECTURE_VECTORS(X)                                                                    \
    X(DE, 0, 0, "#DE", "divide_error")                                                             \
    X(DB, 1, 0, "#DB", "debug")                                                                    \
    X(NMI, 2, 0, "NMI", "nmi")                                                                     \
    X(BP, 3, 0, "#BP", "breakpoint")                                                               \
    X(OF, 4, 0, "#OF", "overflow")                                                                 \
    X(BR, 5, 0, "#BR", "bound_range")                                                              \
    X(UD, 6, 0, "#UD", "invalid_opcode")                                                           \
    X(NM, 7, 0, "#NM", "device_not_available")                                                     \
    X(DF, 8, 1, "#DF", "double_fault")                                                             \
    X(TS, 10, 1, "#TS", "invalid_tss")                                                             \
    X(NP, 11, 1, "#NP", "segment_not_present")                                                     \
    X(SS, 12, 1, "#SS", "stack_fault")                                                             \
    X(GP, 13, 1, "#GP", "general_protection")                                                      \
    X(PF, 14, 1, "#PF", "page_fault")                                                              \
    X(MF, 16, 0, "#MF", "x87_error")                                                               \
    X(AC, 17, 1, "#AC", "alignment_check")                                                         \
    X(MC, 18, 0, "#MC", "machine_check")                                                           \
    X(XM, 19, 0, "#XM", "simd_error")

enum {
#define VECTOR(mnemonic, number, code, sign, name) VECTOR_##mnemonic = number,
    ARCHITECTURE_VECTORS(VECTOR)
#undef VECTOR
        VECTORS_OF_ARCHITECTURE = 32
};

#endif
