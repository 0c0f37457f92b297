/* SPDX-License-Identifier: GPL-2.0-only */
/* Who runs when: the machine over processors that only count. */
#include "tests/unit/sim_fake_machine.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- what devices have not ------------------------------------------------------------------- */

/* Interrupts of the clock chip, half a register of the local APIC, pins and modes that none has. */
static void ask_for_the_absent(void)
{
    const struct cpu_bus *bus = &fake_engine->config.bus;

    bus->port_write(bus->machine, 0, 0x70, 1, 0x0b);
    bus->port_write(bus->machine, 0, 0x71, 1, 0x72);
    bus->port_write(bus->machine, 0, 0x43, 1, 0x33);
    bus->port_write(bus->machine, 0, 0x20, 1, 0x80);
    bus->mmio_write(bus->machine, 0, 0xfee00081, 2, 1);
    bus->mmio_read(bus->machine, 0, 0xfee00081, 2);
    bus->mmio_write(bus->machine, 0, 0xfec00004, 4, 1);
}

Test(sim_machine, only_ring_0_ends_the_run_by_what_a_device_has_not)
{
    struct machine *machine = machine_new(1);

    for (unsigned ring = 3; ring > 0; ring--) {
        fake_engine->cpu[0].registers.ring = (uint8_t)ring;
        ask_for_the_absent();
        cr_expect_eq(machine_run(machine, 1000 * (4 - ring)), MACHINE_TIME, "ring %u", ring);
    }
    fake_engine->cpu[0].registers.ring = 0;
    ask_for_the_absent();
    cr_expect_eq(machine_run(machine, 9000), MACHINE_REFUSED);
    machine_close(machine);
}

/* ---- turns ----------------------------------------------------------------------------------- */

Test(sim_machine, processors_take_turns_by_the_quantum)
{
    struct machine *machine = machine_new(2);

    cr_assert_eq(machine_run(machine, 2500), MACHINE_TIME);
    cr_assert_str_eq(fake_journal, "run 0 0 1000\nrun 1 0 1000\n"
                                   "run 0 1000 2000\nrun 1 1000 2000\n"
                                   "run 0 2000 2500\nrun 1 2000 2500\n");
}

static uint64_t fired_at;

static void note_fired(void *owner, uint64_t when)
{
    (void)owner;
    (void)when;
    fired_at = machine_clock_min(owner);
}

Test(sim_machine, never_runs_past_an_event)
{
    struct machine *machine = machine_new(2);
    struct event event = {.fire = note_fired, .owner = machine};

    event_schedule(&machine->events, &event, 1300);
    machine_run(machine, 2000);
    cr_assert_eq(fired_at, 1300);
    cr_assert(strstr(fake_journal, "run 0 1000 1300\nrun 1 1000 1300\nrun 0 1300 2000\n"), "%s",
              fake_journal);
}

Test(sim_machine, halted_processor_follows_the_other)
{
    struct machine *machine = machine_new(2);

    fake_engine->cpu[1].halted = true;
    machine_run(machine, 2000);
    cr_assert_str_eq(fake_journal,
                     "run 0 0 1000\nskip 1 0 1000\nrun 0 1000 2000\nskip 1 1000 2000\n");
}

Test(sim_machine, all_halted_skip_to_the_next_event)
{
    struct machine *machine = machine_new(2);
    struct event event = {.fire = note_fired, .owner = machine};

    fake_engine->cpu[0].halted = fake_engine->cpu[1].halted = true;
    machine->pic.chip[0].mask &= (uint8_t)~1; /* something that may wake them, later */
    event_schedule(&machine->events, &event, 7777);
    machine_run(machine, 7777);
    cr_assert_eq(fired_at, 7777);
    cr_assert_str_eq(fake_journal, "skip 0 0 7777\nskip 1 0 7777\n");
}

static enum cpu_stop halt_deaf(struct cpu *cpu)
{
    cpu->halted = true;
    cpu->registers.eflags = 2;
    fake_spend(cpu, 0, 10);
    return CPU_STOP_HALT;
}

Test(sim_machine, says_when_nothing_can_wake_it)
{
    struct machine *machine = machine_new(1);

    fake_engine->cpu[0].script = halt_deaf;
    machine->pic.chip[0].mask &= (uint8_t)~1;
    cr_assert_eq(machine_run(machine, 1000000), MACHINE_DEAD);
    cr_assert(strstr(machine->sentence, "interrupts disabled"), "%s", machine->sentence);
}

static enum cpu_stop halt_listening(struct cpu *cpu)
{
    cpu->halted = true;
    cpu->registers.eflags = 0x202;
    fake_spend(cpu, 0, 10);
    return CPU_STOP_HALT;
}

Test(sim_machine, says_when_no_device_will_wake_it)
{
    struct machine *machine = machine_new(1);

    /* The timer ticks, but its line is masked everywhere. */
    fake_engine->cpu[0].script = halt_listening;
    cr_assert_eq(machine_run(machine, 1000000), MACHINE_DEAD);
    cr_assert(strstr(machine->sentence, "no device"), "%s", machine->sentence);
}

static enum cpu_stop spin(struct cpu *cpu)
{
    fake_spend(cpu, 0, 10);
    return CPU_STOP_PAUSE;
}

Test(sim_machine, spinning_processor_lets_the_other_run_ahead_but_not_far)
{
    struct machine *machine = machine_new(2);

    fake_engine->cpu[1].script = spin;
    machine_run(machine, 1000);
    cr_assert_eq(fake_engine->cpu[0].clock, 1000);
    fake_journal_clear();
    machine_run(machine, 20000);
    cr_assert(strstr(fake_journal, "run 0 "), "the other ran");
    cr_assert_geq(fake_engine->cpu[1].clock, 20000);
    cr_assert_leq(fake_engine->cpu[0].clock, 20000);
}

Test(sim_machine, turns_of_four)
{
    struct machine *machine = machine_new(4);

    fake_engine->cpu[2].halted = true;
    machine_run(machine, 1000);
    cr_assert_str_eq(fake_journal, "run 0 0 1000\nrun 1 0 1000\nrun 3 0 1000\nskip 2 0 1000\n");
    fake_journal_clear();
    machine_run(machine, 1500);
    cr_assert_str_eq(fake_journal,
                     "run 0 1000 1500\nrun 1 1000 1500\nrun 3 1000 1500\nskip 2 1000 1500\n");
}

Test(sim_machine, who_spins_waits_for_the_one_furthest_behind)
{
    struct machine *machine = machine_new(4);

    fake_engine->cpu[0].clock = 100;
    fake_engine->cpu[1].clock = 300;
    fake_engine->cpu[2].clock = 200;
    fake_engine->cpu[3].clock = 5000; /* too far ahead to run on */
    fake_engine->cpu[0].script = spin;
    machine_run(machine, 250);
    cr_assert_str_eq(fake_journal, "run 0 100 110\nrun 2 200 250\nrun 0 110 120\nrun 0 120 130\n"
                                   "run 0 130 140\nrun 0 140 150\nrun 0 150 160\n"
                                   "run 0 160 170\nrun 0 170 180\nrun 0 180 190\n"
                                   "run 0 190 200\nrun 0 200 210\nrun 0 210 220\n"
                                   "run 0 220 230\nrun 0 230 240\nrun 0 240 250\n");
}

/* ---- stops ----------------------------------------------------------------------------------- */

static const char turns_to_2500[] = "run 0 0 1000\nrun 1 0 1000\nrun 2 0 1000\n"
                                    "run 0 1000 2000\nrun 1 1000 2000\nrun 2 1000 2000\n"
                                    "run 0 2000 2500\nrun 1 2000 2500\nrun 2 2000 2500\n";

/* The journal with runs of a processor that follow each other made one. */
static void join_runs(char *joined)
{
    unsigned last = CPU_MAX, cpu;
    unsigned long long from, to, first = 0, end = 0;
    int used = 0;

    *joined = 0;
    for (const char *line = fake_journal; *line; line = strchr(line, '\n') + 1) {
        cr_assert_eq(sscanf(line, "run %u %llu %llu\n", &cpu, &from, &to), 3);
        if (cpu != last || from != end) {
            if (last != CPU_MAX)
                used += sprintf(joined + used, "run %u %llu %llu\n", last, first, end);
            first = from;
        }
        last = cpu;
        end = to;
    }
    sprintf(joined + used, "run %u %llu %llu\n", last, first, end);
}

Test(sim_machine, a_stop_within_a_turn_changes_nothing)
{
    static char joined[sizeof(fake_journal)];

    for (uint64_t step = 50; step < 2600; step += 49) {
        struct machine *machine = machine_new(3);
        unsigned stops = 0;

        machine_stop_at(machine, step);
        while (machine_run(machine, 2500) == MACHINE_STOPPED) {
            cr_assert_geq(machine_clock_min(machine), step * (stops + 1));
            stops++;
            machine_stop_at(machine, step * (stops + 1));
        }
        cr_assert_eq(machine_clock_max(machine), 2500);
        cr_assert_eq(stops, 2500 / step, "step %lu", (unsigned long)step);
        join_runs(joined);
        cr_assert_str_eq(joined, turns_to_2500, "step %lu", (unsigned long)step);
        machine_close(machine);
    }
}

static struct machine *to_stop;

static enum cpu_stop ask_for_a_stop(struct cpu *cpu)
{
    if (cpu->clock < 400 && cpu->deadline > 400) {
        fake_spend(cpu, 0, 400 - cpu->clock);
        machine_stop(to_stop);
    } else {
        fake_spend(cpu, 0, cpu->deadline - cpu->clock);
    }
    return CPU_STOP_DEADLINE;
}

Test(sim_machine, an_observers_stop_leaves_the_turn_open)
{
    struct machine *machine = machine_new(2);

    to_stop = machine;
    fake_engine->cpu[0].script = ask_for_a_stop;
    cr_assert_eq(machine_run(machine, 2000), MACHINE_STOPPED);
    cr_assert(machine->schedule.turn.open);
    cr_assert_eq(machine->schedule.turn.until, 1000);
    cr_assert_eq(machine_run(machine, 2000), MACHINE_TIME);
    cr_assert_str_eq(fake_journal, "run 0 0 400\nrun 0 400 1000\nrun 1 0 1000\n"
                                   "run 0 1000 2000\nrun 1 1000 2000\n");
}

static enum cpu_stop send_ipi_at_100(struct cpu *cpu)
{
    const struct cpu_bus *bus = &cpu->engine->config.bus;

    if (cpu->clock == 0) {
        fake_spend(cpu, 0, 100);
        bus->mmio_write(bus->machine, 0, LAPIC_BASE + 0x310, 4, 1u << 24);
        bus->mmio_write(bus->machine, 0, LAPIC_BASE + 0x300, 4, 0x40f3);
    } else {
        fake_spend(cpu, 0, cpu->deadline - cpu->clock);
    }
    if (cpu->deadline > cpu->clock)
        fake_spend(cpu, 0, cpu->deadline - cpu->clock);
    return CPU_STOP_DEADLINE;
}

static uint64_t woken_at;

static enum cpu_stop take_interrupt(struct cpu *cpu)
{
    const struct cpu_bus *bus = &cpu->engine->config.bus;

    if (cpu->interrupt && bus->acknowledge(bus->machine, 1) == 0xf3)
        woken_at = cpu->clock;
    fake_spend(cpu, 0, cpu->deadline - cpu->clock);
    return CPU_STOP_DEADLINE;
}

Test(sim_machine, message_arrives_when_it_was_sent)
{
    struct machine *machine = machine_new(2);

    machine->lapics.lapic[1].svr |= 0x100;
    fake_engine->cpu[0].script = send_ipi_at_100;
    fake_engine->cpu[1].script = take_interrupt;
    fake_engine->cpu[1].halted = true;
    machine_run(machine, 3000);
    cr_assert_eq(woken_at, 100, "%s", fake_journal);
}

static enum cpu_stop power_off(struct cpu *cpu)
{
    const struct cpu_bus *bus = &cpu->engine->config.bus;

    fake_spend(cpu, 0, 5);
    bus->port_write(bus->machine, 0, 0xf4, 1, 3);
    return CPU_STOP_DEADLINE;
}

Test(sim_machine, port_f4_switches_off)
{
    struct machine *machine = machine_new(1);

    fake_engine->cpu[0].script = power_off;
    cr_assert_eq(machine_run(machine, 1000), MACHINE_POWER_OFF);
    cr_assert_eq(machine->exit_value, 3);
}

/* Two in one read, though nobody in the machine reads; one is the machine's. */
Test(sim_machine, two_escapes_stop_it)
{
    static const char *const typed[] = {"a\x1d\x1d", "\x1d"
                                                     "b\x1d"};

    for (int stops = 1; stops >= 0; stops--) {
        struct machine *machine = machine_new(1);
        const char *text = typed[!stops];
        int ends[2];

        cr_assert_eq(pipe(ends), 0);
        cr_assert_eq(write(ends[1], text, strlen(text)), (ssize_t)strlen(text));
        machine->config.console_in = ends[0];
        machine->config.console_escape = 0x1d;
        machine_run(machine, fake_costs.clock_hz / 10);
        cr_expect_eq(machine->left, stops);
        close(ends[0]);
        close(ends[1]);
        machine_close(machine);
    }
}

/* After the input its end is typed, on a line of its own, until somebody takes it. */
Test(sim_machine, types_the_end)
{
    struct machine *machine = machine_new(1);
    struct access access = {.bytes = 1, .address = 0x3f8};
    int ends[2];

    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(write(ends[1], "a", 1), 1);
    close(ends[1]);
    machine->config.console_in = ends[0];
    machine->config.console_end = 4;
    machine->uart.fcr = 1;
    machine->uart.mcr = 1;
    machine_run(machine, fake_costs.clock_hz);
    cr_expect_eq(bus_port_read(&machine->bus, &access), 'a');
    cr_expect_eq(bus_port_read(&machine->bus, &access), '\r');
    cr_expect_eq(bus_port_read(&machine->bus, &access), 4);
    machine_run(machine, 3 * fake_costs.clock_hz);
    cr_expect_eq(bus_port_read(&machine->bus, &access), 4, "and again");
}

Test(sim_machine, takes_input_at_the_same_cycle_every_time)
{
    struct machine *machine = machine_new(1);
    struct access access = {.bytes = 1, .address = 0x3f8};
    int ends[2];

    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(write(ends[1], "ab", 2), 2);
    close(ends[1]);
    machine->config.console_in = ends[0];
    machine->uart.fcr = 1; /* FIFOs: both at once */
    machine_run(machine, fake_costs.clock_hz / 10);
    cr_assert_eq(machine->uart.count, 0, "a line that nobody has set up takes nothing");
    machine->uart.mcr = 1; /* DTR */
    machine_run(machine, fake_costs.clock_hz / 5);
    cr_assert_eq(bus_port_read(&machine->bus, &access), 'a');
    cr_assert_eq(bus_port_read(&machine->bus, &access), 'b');
    machine_run(machine, fake_costs.clock_hz); /* comes to the end of the input and stays quiet */
    cr_assert_eq(machine->config.console_in, -1);
    cr_assert_eq(uart_room(&machine->uart), UART_FIFO);
}
