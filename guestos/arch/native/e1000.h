/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * e1000.h - registers and descriptors of Intel's 82540EM, as far as e1000.c uses them
 *
 * Names and numbers are those of Intel 317453, PCI/PCI-X Family of Gigabit Ethernet Controllers
 * Software Developer's Manual, chapters 3 and 13.
 */
#ifndef GUESTOS_NATIVE_E1000_H
#define GUESTOS_NATIVE_E1000_H

#include "guestos/kernel/types.h"

enum { CTRL = 0, STATUS = 0x8, ICR = 0xc0, ITR = 0xc4, ICS = 0xc8, IMS = 0xd0, IMC = 0xd8 };
enum { RCTL = 0x100, TCTL = 0x400, TIPG = 0x410, RDBAL = 0x2800, RDBAH = 0x2804, RDLEN = 0x2808 };
enum { RDH = 0x2810, RDT = 0x2818, RDTR = 0x2820, RADV = 0x282c, TDBAL = 0x3800, TDBAH = 0x3804 };
enum { TDLEN = 0x3808, TDH = 0x3810, TDT = 0x3818, TIDV = 0x3820, TADV = 0x382c };
enum { RXCSUM = 0x5000, MTA = 0x5200, RAL = 0x5400, RAH = 0x5404 };
#define REGISTERS_BYTES 0x20000u
#define MTA_WORDS       128u

enum { CTRL_SLU = 1 << 6, CTRL_RST = 1 << 26, STATUS_LU = 1 << 1 };
enum { CAUSE_SENT = 0x01, CAUSE_LINK = 0x04, CAUSE_FEW = 0x10, CAUSE_LOST = 0x40 };
enum { CAUSE_RECEIVED = 0x80 };
/* Broadcasts are accepted, buffers have 2048 bytes, the frame's check is left out. */
enum { RCTL_EN = 1 << 1, RCTL_UPE = 1 << 3, RCTL_MPE = 1 << 4, RCTL_BAM = 1 << 15 };
enum { RCTL_SECRC = 1 << 26 };
enum { TCTL_EN = 1 << 1, TCTL_PSP = 1 << 3, TCTL_COLLISIONS = 0x0f << 4 | 0x40 << 12 };
enum { RXCSUM_IP = 1 << 8, RXCSUM_TU = 1 << 9 };
#define TIPG_COPPER   0x00602006u
#define ADDRESS_VALID 0x80000000u /* of RAH */

struct descriptor {
    uint32_t address, address_high;
    uint32_t low, high;
};

/* A receive descriptor's low: length; high: status, errors. */
enum { IN_DONE = 1, IN_END = 2, IN_NO_SUM = 4, IN_SUM_TU = 0x20 };
#define IN_SUM_WRONG 0x6000u /* of IP, of TCP or UDP */
#define IN_WRONG     0x9700u /* of the wire */

/* A transmit descriptor's low: length, type, command; high: status, options. */
enum { OUT_DONE = 1 };
#define OUT_CONTEXT 0x20000000u /* DEXT */
#define OUT_DATA    0x20100000u
#define OUT_TCP     0x01000000u /* in a context: TCP, else UDP */
#define OUT_LAST    0x8b000000u /* delayed report, frame check, end of packet */
#define OUT_SUM     0x200u      /* put in the context's sum */

#endif
