/* SPDX-License-Identifier: GPL-2.0-only */
/* cpu_rings.c - the lab with paging of the processor's tests */
#include "tests/unit/cpu_rings.h"

#include <criterion/criterion.h>

enum { ROOT = 0x10000, PD = 0x11000, PT_WINDOW = 0x12000, PD_TOP = 0x13000, PT_TOP = 0x14000 };
enum { FRAME = 0x3f20, HANDLERS = 0x130000, HANDLER_BYTES = 16, REPORT = 0x40000 };

GUEST(rings_enter,
      LAB_TABLES "mov $0x620, %eax\n mov %eax, %cr4\n mov $0x10000, %eax\n mov %eax, %cr3\n"
                 "mov $0xc0000080, %ecx\n mov $0x800, %eax\n xor %edx, %edx\n wrmsr\n"
                 "mov $0x80010011, %eax\n mov %eax, %cr0\n"
                 "pushl 0x3f20\n pushl 0x3f24\n pushl 0x3f28\n pushl 0x3f2c\n pushl 0x3f30\n"
                 "mov 0x3f20, %eax\n mov %eax, %ds\n mov %eax, %es\n"
                 "xor %eax, %eax\n xor %ebx, %ebx\n xor %ecx, %ecx\n xor %edx, %edx\n"
                 "xor %esi, %esi\n xor %edi, %edi\n xor %ebp, %ebp\n iret");
/* One entry of 16 bytes for each of 32 vectors; then what is common to them. */
GUEST(rings_handlers,
      "vector = 0\n .rept 32\n .org guest_rings_handlers + 16 * vector, 0x90\n"
      " .if !(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17)\n pushl $0\n .endif\n"
      " pushl $vector\n jmp 1f\n vector = vector + 1\n .endr\n"
      "1: mov $0x10, %eax\n mov %eax, %ds\n popl 0x40000\n popl 0x40004\n popl 0x40008\n"
      "mov %cr2, %eax\n mov %eax, 0x4000c\n mov 4(%esp), %eax\n mov %eax, 0x40010\n out %al, "
      "$0x22\n 2: jmp 2b");

void rings_open(struct rings *rings, unsigned ring, enum cpu_timing timing, bool apart)
{
    struct lab *lab = &rings->lab;
    char why[256];

    cr_assert(costs_read(&rings->costs, "machines/xeon-2400.ini", why, sizeof(why)), "%s", why);
    rings->ring = ring;
    (apart ? lab_open_no_sharing : lab_open)(lab, 1, timing,
                                             timing == CPU_TIMING_UNIT ? NULL : &rings->costs);
    lab_tables(lab);
    lab_load(lab, LAB_CODE, GUEST_CODE(rings_enter));
    lab_load(lab, HANDLERS, GUEST_CODE(rings_handlers));
    for (unsigned vector = 0; vector < 32; vector++)
        lab_gate(lab, vector, LAB_CS0, HANDLERS + HANDLER_BYTES * vector, 0x8e);
    lab_write64(lab, ROOT, PD | 1);
    lab_write64(lab, ROOT + 24, PD_TOP | 1);
    lab_write64(lab, PD, 0x000000 | 0xe7);
    lab_write64(lab, PD + 8, 0x200000 | 0xe7);
    lab_write64(lab, PD + 16, PT_WINDOW | 7);
    lab_write64(lab, PD_TOP + 8 * 511, PT_TOP | 7);
}

void rings_close(struct rings *rings)
{
    lab_close(&rings->lab);
}

void rings_map(struct rings *rings, uint32_t linear, uint64_t entry)
{
    uint32_t table = linear >= (uint32_t)RINGS_TOP ? PT_TOP : PT_WINDOW;

    lab_write64(&rings->lab, table + 8 * (linear >> 12 & 0x1ff), entry);
}

uint16_t rings_cs(const struct rings *rings)
{
    static const uint16_t cs[] = {LAB_CS0, LAB_CS1, LAB_CS2, LAB_CS3};

    return cs[rings->ring];
}

uint16_t rings_ds(const struct rings *rings)
{
    static const uint16_t ds[] = {LAB_DS0, LAB_DS1, LAB_DS2, LAB_DS3};

    return ds[rings->ring];
}

struct rings_end rings_go(struct rings *rings, uint16_t cs, uint32_t eip, uint32_t esp)
{
    struct lab *lab = &rings->lab;
    const uint32_t frame[] = {rings_ds(rings), esp, 0x3202, cs, eip};
    struct rings_end end;
    uint64_t before;

    memcpy(lab->ram + FRAME, frame, sizeof(frame));
    lab_write32(lab, REPORT, RINGS_NO_VECTOR);
    lab->last_port = 0;
    cpu_settle(lab->cpu[0]);
    before = lab->tally[0][rings->ring].n[CPU_instructions];
    cpu_start_protected(lab->cpu[0], LAB_CODE, 0, 0);
    enum cpu_stop stop = lab_run(lab->cpu[0], cpu_clock(lab->cpu[0]) + 4000000);

    cr_assert_eq(stop, CPU_STOP_DEADLINE, "%s", cpu_refusal(lab->cpu[0]));
    cr_assert_eq(lab->last_port, 0x22, "the code did not end");
    lab_check_cycles(lab, 0);
    memcpy(&end, lab->ram + REPORT, 20);
    end.instructions = lab->tally[0][rings->ring].n[CPU_instructions] - before;
    return end;
}
