/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * stale.S - a kernel that changes a page-table entry and flushes nothing
 *
 * It reads a word, has the page's entry name another frame, and reads the word twenty million times
 * more. The exit status is what it read last: 0, of the old frame, as long as the translation stays
 * where it was; 7 if it was made again. Stopping, saving and loading must change nothing of that.
 */
#define DIRECTORY 0x200000
#define TABLE     0x201000
#define OLD       0x300000
#define NEW       0x301000
#define FLAGS     7 /* present, writable, for all rings */

    .code32
    .text
    .long 0x1badb002, 3, -(0x1badb002 + 3) /* Multiboot: whole pages, memory map */
    .globl _start
_start:
    cld
    mov $DIRECTORY, %edi
    xor %eax, %eax
    mov $1024, %ecx
    rep stosl
    movl $TABLE + FLAGS, DIRECTORY
    mov $TABLE, %edi
    mov $FLAGS, %eax
    mov $1024, %ecx
1:  stosl
    add $4096, %eax
    loop 1b
    movl $0, OLD
    movl $7, NEW
    mov $DIRECTORY, %eax
    mov %eax, %cr3
    mov %cr0, %eax
    or $0x80000000, %eax
    mov %eax, %cr0

    mov OLD, %ebx
    movl $NEW + FLAGS, TABLE + (OLD >> 12) * 4
    mov $20000000, %ecx
2:  mov OLD, %ebx
    dec %ecx
    jnz 2b
    mov %bl, %al
    mov $0xf4, %dx
    out %al, %dx
3:  hlt
    jmp 3b
