/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * panic.c - the hypervisor's end, when it finds itself wrong
 *
 * It says why, shows the registers, and lists what on its stack looks like a return address: a word
 * that points into the text, right behind a CALL. Then the simulator, if there is one, is told
 * where, and adds names and the last events; and the machine is switched off with value 3.
 *
 * A double fault comes by a task gate: its stack and page tables are good whatever the others are.
 * What it interrupted stands in the processor's own TSS.
 *
 * With the option panic-test=panic|fault|stack the hypervisor ends so when Domain 0 ends, by a
 * call of panic(), a page fault, or a stack that is none: to see that all this works.
 */
#include "hv/dev/pc.h"
#include "hv/include/arch/boot.h"
#include "hv/include/console.h"
#include "hv/include/lib.h"
#include "hv/include/perfc.h"
#include "hv/include/arch/traps.h"

#define CALLS_SHOWN  24
#define CALLS_A_LINE 8

extern const char text_end[];

static bool is_text(uint32_t address)
{
    return address > (uint32_t)(uintptr_t)image_start + 8 &&
           address < (uint32_t)(uintptr_t)text_end;
}

/* CALL rel32, or FF /2 with any operand (SDM vol. 2, CALL). */
static bool follows_call(uint32_t address)
{
    const uint8_t *at = (const uint8_t *)(uintptr_t)address;

    if (at[-5] == 0xe8)
        return true;
    for (int length = 2; length <= 7; length++) {
        if (at[-length] == 0xff && (at[1 - length] >> 3 & 7) == 2)
            return true;
    }
    return false;
}

/* The stack of the processor from `esp` up, if that is a stack of ours. */
static void show_calls(uint32_t esp)
{
    uint32_t stacks = (uint32_t)(uintptr_t)cpu_stacks, end;
    unsigned shown = 0;

    if (esp < stacks || esp >= stacks + MAX_CPUS * CPU_STACK_SIZE) {
        print("esp %08x is on no stack of the hypervisor\n", esp);
        return;
    }
    end = (esp & ~(CPU_STACK_SIZE - 1)) + CPU_STACK_SIZE;
    for (esp &= ~3u; esp < end && shown < CALLS_SHOWN; esp += 4) {
        uint32_t word = *(const uint32_t *)(uintptr_t)esp;

        if (!is_text(word) || !follows_call(word))
            continue;
        print("%s %08x\n", shown == 0 ? "called from" : "           ", word);
        shown++;
    }
}

static NORETURN void end(uint32_t eip, uint32_t esp)
{
    show_calls(esp);
    announce_panic(eip, esp);
    power_off(3);
}

static void show_registers(const cpu_regs *regs)
{
    print("cpu%u eip %x:%08x eflags %08x vector %u error %x cr2 %08x cr3 %08x\n", this_cpu()->id,
          regs->cs, (unsigned)regs->eip, (unsigned)regs->eflags, regs->entry_vector,
          regs->error_code, read_cr2(), read_cr3());
    print("eax %08x ebx %08x ecx %08x edx %08x esi %08x edi %08x ebp %08x\n", (unsigned)regs->eax,
          (unsigned)regs->ebx, (unsigned)regs->ecx, (unsigned)regs->edx, (unsigned)regs->esi,
          (unsigned)regs->edi, (unsigned)regs->ebp);
}

void panic(const char *form, ...)
{
    uint32_t *frame = __builtin_frame_address(0);
    char line[200];
    va_list values;

    va_start(values, form);
    format_list(line, sizeof(line), form, values);
    va_end(values);
    console_break_lock();
    print("panic: %s\n", line);
    end(frame[1], (uint32_t)(uintptr_t)frame);
}

/* From ring 0 the processor pushes no stack pointer: it was where the frame ends. */
void panic_at(const cpu_regs *regs, const char *why)
{
    console_break_lock();
    print("panic: %s\n", why);
    show_registers(regs);
    end(regs->eip, (uint32_t)(uintptr_t)&regs->esp);
}

void double_fault(void)
{
    const struct cpu *cpu = this_cpu();
    const struct tss *tss = &cpu->tss;

    console_break_lock();
    print("panic: double fault\n");
    print("cpu%u eip %x:%08x eflags %08x cr2 %08x cr3 %08x\n", cpu->id, tss->cs, tss->eip,
          tss->eflags, read_cr2(), read_cr3());
    print("eax %08x ebx %08x ecx %08x edx %08x esi %08x edi %08x ebp %08x esp %x:%08x\n", tss->eax,
          tss->ebx, tss->ecx, tss->edx, tss->esi, tss->edi, tss->ebp, tss->ss, tss->esp);
    end(tss->eip, tss->esp);
}

void panic_test(void)
{
    char kind[8];

    if (!option("panic-test", kind, sizeof(kind)))
        return;
    if (strcmp(kind, "fault") == 0)
        *(volatile uint32_t *)(uintptr_t)0xfffff008 = 1; /* nothing is mapped there */
    if (strcmp(kind, "stack") == 0)
        __asm__ volatile("mov $0x1000, %%esp\n\tpush %%eax" : : : "memory");
    panic("as the option panic-test wants it");
}
