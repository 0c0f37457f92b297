/* SPDX-License-Identifier: GPL-2.0-only */
/* pc.c - what include/pc/ does, for this kernel */
#include "hv/dev/pc.h"
#include "hv/dev/ioapic.h"
#include "hv/include/console.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"
#include "hv/include/arch/layout.h"
#include "hv/include/arch/x86.h"
#include "include/pc/keyboard.h"
#include "include/pc/port.h"
#include "include/pc/power.h"
#include "include/pc/vga.h"

#define KEYBOARD_LINE 1 /* of ISA */

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

static bool read_physical(uint32_t physical, void *to, size_t bytes)
{
    while (bytes > 0) {
        uint32_t offset = physical % PAGE_SIZE;
        size_t part = MIN(bytes, PAGE_SIZE - offset);
        const char *frame;

        if (physical < PAGE_SIZE) /* no table begins in the interrupt vectors' frame */
            return false;
        frame = map_frame(physical >> PAGE_SHIFT);
        memcpy(to, frame + offset, part);
        unmap_frame(frame);
        to = (char *)to + part;
        physical += (uint32_t)part;
        bytes -= part;
    }
    return true;
}

static struct pc_access pc = {.in = port_in, .out = port_out, .read = read_physical};
static struct vga screen;
static struct keyboard keyboard;

const struct pc_access *pc_access(void)
{
    return &pc;
}

void pc_init(void)
{
    pc.low = low_memory(0);
    vga_open(&screen, &pc);
    keyboard_open(&keyboard, &pc);
}

void pc_write(const char *text, size_t length)
{
    vga_write(&screen, text, length);
}

void pc_show_cursor(void)
{
    vga_show_cursor(&screen);
}

bool pc_read(char *character)
{
    return keyboard_read(&keyboard, character);
}

void pc_listen(struct irq_listener *listener)
{
    struct mp_interrupt where;

    if (keyboard.pc && mp_isa_interrupt(KEYBOARD_LINE, &where))
        ioapic_listen(&where, listener);
}

static NORETURN void stop(void)
{
    print("It is now safe to switch off the machine.\n");
    for (;;)
        __asm__ volatile("cli; hlt");
}

void power_off(unsigned value)
{
    pc_power_off(&pc, value);
    stop();
}

void restart(void)
{
    pc_restart(&pc);
    stop();
}
