/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * 320 functions of 1 kB each: sixteen cache lines, each with a little arithmetic and a branch that
 * depends on the value, so that every line is at least two blocks.
 */
        .text
        .balign 4096
        .global code_functions
code_functions:
        .set    function, 0
        .rept   320
        .balign 1024
        .set    line, 0
        .rept   16
        .balign 64
        add     $(function * 16 + line + 0x1234567), %eax
        rol     $5, %eax
        test    $(1 << (line & 7)), %eax
        jz      1f
        xor     $(0x9e3779b9 + function), %eax
        lea     3(%eax, %eax, 2), %eax
1:      sub     $(line * 77 + 1), %eax
        .if     line == 15
        ret
        .else
        jmp     1f
        .endif
        .balign 64
1:
        .set    line, line + 1
        .endr
        .set    function, function + 1
        .endr

        .section .note.GNU-stack, "", @progbits
