/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * machine.h - a simulated PC: memory, processors, devices, and the clock they share
 *
 * machine_open() builds it, machine_boot() puts images into it, machine_run() lets it live. What
 * happens on it is told to an observer (sim/account/), which may look but not touch.
 */
#ifndef XENOLITH_SIM_MACHINE_H
#define XENOLITH_SIM_MACHINE_H

#include "cpu/cpu.h"
#include "sim/dev/bus.h"
#include "sim/dev/ioapic.h"
#include "sim/dev/lapic.h"
#include "sim/dev/pic.h"
#include "sim/dev/pit.h"
#include "sim/dev/rtc.h"
#include "sim/dev/uart.h"
#include "sim/machine/console.h"
#include "sim/machine/description.h"
#include "sim/machine/disks.h"
#include "sim/machine/dma.h"
#include "sim/machine/event.h"
#include "sim/machine/network.h"
#include "sim/machine/schedule.h"
#include "sim/machine/slots.h"
#include "sim/load/multiboot.h"
#include "sim/machine/trail.h"
#include "sim/machine/typed.h"

#define MACHINE_MMIO_BASE   0xc0000000u /* devices have the last GB of the 4 */
#define MACHINE_RAM_MIN     (UINT64_C(4) << 20)
#define MACHINE_RAM_MAX     ((uint64_t)MACHINE_MMIO_BASE)
#define MACHINE_RAM_DEFAULT (UINT64_C(2) << 30)

struct machine_config {
    unsigned processors;
    uint32_t ram_bytes; /* MACHINE_RAM_MIN..MACHINE_RAM_MAX, whole pages */
    enum cpu_timing timing;
    const struct machine_costs *costs; /* its clock_hz is the machine's */
    struct device_costs devices;       /* not used by CPU_TIMING_UNIT */
    uint64_t quantum;                  /* cycles, at least 1 */
    bool no_filter;                    /* see struct cpu_config; changes no result */
    struct image *disk[DISKS_MAX];     /* NULL: none; outlive the machine */
    struct network_config network;
    int64_t date;           /* seconds since 1970 at cycle 0 */
    FILE *console_out;      /* serial output as it comes, or NULL */
    int console_in;         /* descriptor of bytes for the serial port, or -1 */
    uint8_t console_escape; /* two of these in sequence stop the machine; 0: nothing does */
    bool console_hold;      /* what is typed waits until this is false */
    uint8_t console_end;    /* sent each second after the end of console_in; 0: nothing is */
    bool live;              /* somebody is at the console: idle time takes as long on the host */
};

enum machine_end {
    MACHINE_RUNNING,
    MACHINE_TIME,      /* the limit was reached */
    MACHINE_POWER_OFF, /* port 0xf4 was written: see exit_value */
    MACHINE_DEAD,      /* every processor halted, and nothing can wake one */
    MACHINE_RESET,     /* triple fault */
    MACHINE_REFUSED,   /* the guest used something that is not implemented */
    MACHINE_STOPPED,   /* machine_stop(), machine_stop_at() */
};

struct machine;

/* What a device was given, or has done. */
struct machine_request {
    enum { REQUEST_DISK, REQUEST_DISK_END, REQUEST_FRAME } kind;
    unsigned unit;          /* of a disk */
    uint8_t command;        /* ATA's */
    bool failed;            /* it ended with an error */
    uint64_t sector, count; /* count: sectors, or bytes of the frame */
};

/*
 * Told of what processors do; all may be NULL. All are called from inside a run. What the machine
 * answers and how long it takes is the same whoever observes, and if nobody does.
 */
struct machine_observer {
    void *owner;
    void (*announce)(void *owner, unsigned cpu, uint32_t leaf, uint32_t argument);
    void (*context)(void *owner, unsigned cpu, uint32_t id);       /* runs from now on */
    void (*context_ended)(void *owner, unsigned cpu, uint32_t id); /* will not run again */
    void (*crossed)(void *owner, unsigned cpu, const struct cpu_crossing *crossing);
    void (*masked)(void *owner, unsigned cpu); /* see struct cpu_bus */
    /* Disks and the wire; the accounting takes no notice. */
    void (*request)(void *owner, const struct machine_request *request);
};

struct machine {
    struct machine_config config;
    struct machine_observer observer;
    struct cpu_engine *engine;
    struct cpu *cpu[CPU_MAX];
    uint8_t *ram;

    struct event_queue events;
    struct bus bus;
    struct dma dma;
    struct lapic_system lapics;
    struct ioapic ioapic;
    struct pic_pair pic;
    struct pit pit;
    struct uart uart;
    struct rtc rtc;
    struct slots slots;
    struct disks disks;
    struct network network;
    struct console console;
    struct event input; /* looks for bytes on console_in */
    struct typed typed; /* read from it, and not received yet */
    bool left;          /* stopped by console_escape */

    struct cpu *asking; /* whose access to a device is under way, or NULL */
    struct schedule schedule;
    uint64_t stop_at;       /* cycle of machine_stop_at(), or EVENT_NEVER */
    bool asserted[CPU_MAX]; /* level of each INTR line */

    struct trail trail;
    struct file kernel; /* of machine_boot()'s images, for names; outlives the machine */

    enum machine_end end;
    uint32_t exit_value;
    char sentence[1024]; /* why, for DEAD, RESET and REFUSED */
};

/* NULL with one sentence in `why`. `config->costs` must outlive the machine. */
struct machine *machine_open(const struct machine_config *config, char *why, size_t why_bytes);
void machine_close(struct machine *machine);

/* Loads `images` and sets processor 0 at their entry. False with one sentence in `why`. */
bool machine_boot(struct machine *machine, const struct boot_images *images, char *why,
                  size_t why_bytes);

/* Runs until every processor's clock has reached `until` or something ends the run. */
enum machine_end machine_run(struct machine *machine, uint64_t until);

/*
 * From an observer: makes machine_run() return soon with MACHINE_STOPPED, in a state between
 * blocks. The turn under way stays open: a run that goes on has the results of one that never
 * stopped.
 */
void machine_stop(struct machine *machine);

/*
 * The next machine_run() stops when every clock has reached `clock`, before events of that cycle.
 */
void machine_stop_at(struct machine *machine, uint64_t clock);

/*
 * The next machine_run() stops before the instruction behind so many, whichever processors run
 * them, or at a breakpoint (cpu_break_set()); the processor is that of the open turn. What is left
 * of them is in schedule.steps; SCHEDULE_NO_STEPS lets it run. Such a stop may be within a block;
 * it changes no result either (cpu/walk.c).
 */
void machine_stop_after(struct machine *machine, uint64_t instructions);

/* The clock of the processor that is furthest behind, and of the one that is furthest ahead. */
uint64_t machine_clock_min(const struct machine *machine);
uint64_t machine_clock_max(const struct machine *machine);

/* Names the addresses that nobody answered, one line each after `prefix`. */
void machine_report_unclaimed(const struct machine *machine, FILE *out, const char *prefix);

#endif
