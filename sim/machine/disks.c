/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/machine/disks.h"

#include "sim/machine/wiring.h"

#define ISA_LINE 14 /* of the first channel */

static void failed(void *owner, const char *sentence)
{
    machine_end_run(owner, MACHINE_REFUSED, sentence);
}

static void tell(struct machine *machine, const struct machine_request *request)
{
    if (machine->observer.request)
        machine->observer.request(machine->observer.owner, request);
}

static void began(void *owner, unsigned disk, uint8_t command, uint64_t sector, uint64_t count)
{
    tell(owner, &(struct machine_request){REQUEST_DISK, disk, command, false, sector, count});
}

static void ended(void *owner, unsigned disk, bool error)
{
    tell(owner, &(struct machine_request){.kind = REQUEST_DISK_END, .unit = disk, .failed = error});
}

bool disks_present(const struct machine *machine)
{
    return machine->config.disk[0] != NULL;
}

bool disks_busy(const struct machine *machine)
{
    for (unsigned i = 0; i < IDE_CHANNELS; i++)
        if (event_pending(&machine->disks.ide.channel[i].done))
            return true;
    return false;
}

void disks_open(struct machine *machine, const struct device_world *world,
                void (*set)(void *owner, unsigned line, bool level))
{
    struct ide *ide = &machine->disks.ide;

    if (!disks_present(machine))
        return;
    ide->world = *world;
    ide->failed = failed;
    ide->began = began;
    ide->ended = ended;
    for (unsigned i = 0; i < IDE_CHANNELS; i++)
        ide->channel[i].irq = (struct irq_line){set, machine, ISA_LINE + i};
    for (unsigned i = 0; i < DISKS_MAX; i++) {
        ide->channel[0].disk[i].image = machine->config.disk[i];
        ide->channel[0].disk[i].mechanics =
            (struct mechanics){.costs = &machine->config.devices, .hz = world->hz};
    }
    ide_open(ide, &machine->slots.pci, 1, 1);
}
