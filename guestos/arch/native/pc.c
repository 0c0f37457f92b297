/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pc.c - what include/pc/ does, for this kernel: the PC's screen and keyboard, if there are some,
 * and the machine's end
 *
 * Physical memory beyond the linear map (ACPI's tables lie at the end of memory) is shown through
 * two large pages between the map's end and the hypervisor's part on Xen, which is free here.
 */
#include "guestos/arch/native/native.h"
#include "guestos/kernel/lib.h"
#include "include/pc/keyboard.h"
#include "include/pc/power.h"
#include "include/pc/vga.h"

#define WINDOW      KERNEL_TOP
#define LARGE_SHIFT 21
#define LARGE_PAGE  (1u << LARGE_SHIFT)
#define LARGE_ENTRY 0x0e3u /* present, writable, accessed, dirty, large */

extern uint64_t kernel_directory[512];

static uint32_t port_in(uint16_t port, unsigned bytes)
{
    return bytes == 1 ? in8(port) : bytes == 2 ? in16(port) : in32(port);
}

static void port_out(uint16_t port, uint32_t value, unsigned bytes)
{
    if (bytes == 1)
        out8(port, (uint8_t)value);
    else if (bytes == 2)
        out16(port, (uint16_t)value);
    else
        out32(port, value);
}

static bool read_physical(uint32_t at, void *to, size_t bytes)
{
    uint32_t slot = (WINDOW - KERNEL_BASE) >> LARGE_SHIFT, base = at & ~(LARGE_PAGE - 1);

    if (bytes > LARGE_PAGE)
        return false;
    for (uint32_t i = 0; i < 2; i++) {
        kernel_directory[slot + i] = (base + i * LARGE_PAGE) | LARGE_ENTRY;
        __asm__ volatile("invlpg (%0)" : : "r"(WINDOW + i * LARGE_PAGE) : "memory");
    }
    memcpy(to, (const void *)(WINDOW + (at - base)), bytes);
    return true;
}

static struct pc_access pc = {
    .in = port_in, .out = port_out, .read = read_physical, .low = (uint8_t *)KERNEL_BASE};
static struct vga screen;
static struct keyboard keyboard;

const struct pc_access *pc_access(void)
{
    return &pc;
}

void pc_init(void)
{
    vga_open(&screen, &pc);
    keyboard_open(&keyboard, &pc);
}

void pc_write(const char *text, size_t bytes)
{
    vga_write(&screen, text, bytes);
}

void pc_show_cursor(void)
{
    vga_show_cursor(&screen);
}

bool pc_has_keyboard(void)
{
    return keyboard.pc;
}

bool pc_read(char *character)
{
    return keyboard_read(&keyboard, character);
}

void arch_power_off(enum power how)
{
    if (how == POWER_REBOOT)
        pc_restart(&pc);
    else
        pc_power_off(&pc, how == POWER_CRASH ? 3 : 0);
    kprintf("It is now safe to switch off the machine.\n");
    for (;;)
        __asm__ volatile("cli\n\thlt");
}
