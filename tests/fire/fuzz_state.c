/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Saved states, behind the check sum: a machine of two processors, caches, a disk and a card saves
 * itself once; each input is changes to what it saved, four bytes a change: where (three bytes) and
 * what is added. A state that is taken runs on for a while: whatever it says, the simulator stands.
 */
#include "sim/account/account.h"
#include "sim/state/parts.h"
#include "sim/state/state.h"
#include "tests/fire/fuzz.h"

#include <stdlib.h>
#include <string.h>

enum { RAM_BYTES = 4 << 20, CODE = 0x8000, STATE_MOST = 4 << 20, LONGER = 200000 };

/* Stores, loads, ports, page tables of 4 MB pages and an interrupt gate that nobody uses. */
static const uint8_t program[] = {
    0xb8, 0x83, 0x00, 0x00, 0x00,                /* mov $0x83, %eax: a page of 4 MB */
    0xa3, 0x00, 0x10, 0x00, 0x00,                /* mov %eax, 0x1000 */
    0x0f, 0x20, 0xe0, 0x83, 0xc8, 0x10,          /* CR4.PSE */
    0x0f, 0x22, 0xe0,                            /* */
    0xb8, 0x00, 0x10, 0x00, 0x00,                /* mov $0x1000, %eax */
    0x0f, 0x22, 0xd8,                            /* CR3 */
    0x0f, 0x20, 0xc0, 0x0d, 0,    0,    0, 0x80, /* CR0.PG */
    0x0f, 0x22, 0xc0,                            /* */
    0xff, 0x83, 0x00, 0x00, 0x10, 0x00,          /* 1: incl 0x100000(%ebx) */
    0x8b, 0x93, 0x40, 0x00, 0x20, 0x00,          /* mov 0x200040(%ebx), %edx */
    0x83, 0xc3, 0x44,                            /* add $0x44, %ebx */
    0x81, 0xe3, 0xff, 0xff, 0x0f, 0x00,          /* and $0xfffff, %ebx */
    0xe4, 0x61,                                  /* in $0x61, %al */
    0xd9, 0xe8, 0xde, 0xc1,                      /* fld1; faddp */
    0xeb, 0xe3,                                  /* jmp 1b */
};

static struct machine_costs costs;
static struct device_costs devices;
static struct image disk;
static uint8_t state[STATE_MOST];
static size_t state_bytes;

struct stream {
    uint8_t *bytes;
    size_t used, most;
};

static bool take(void *owner, void *bytes, size_t count, char *why)
{
    struct stream *stream = owner;

    (void)why;
    fuzz_promise(count <= stream->most - stream->used, "the state fits");
    memcpy(stream->bytes + stream->used, bytes, count);
    stream->used += count;
    return true;
}

static bool give(void *owner, void *bytes, size_t count, char *why)
{
    struct stream *stream = owner;

    if (count > stream->most - stream->used) {
        snprintf(why, SAVED_WHY_BYTES, "it ends early");
        return false;
    }
    memcpy(bytes, stream->bytes + stream->used, count);
    stream->used += count;
    return true;
}

static struct machine *open_machine(void)
{
    struct machine_config config = {.processors = 2,
                                    .ram_bytes = RAM_BYTES,
                                    .timing = CPU_TIMING_FULL,
                                    .costs = &costs,
                                    .devices = devices,
                                    .quantum = 1000,
                                    .disk = {&disk},
                                    .network = {.peer = NETWORK_HOST},
                                    .console_in = -1};
    char why[1024];
    struct machine *machine = machine_open(&config, why, sizeof(why));

    fuzz_promise(machine != NULL, "a machine opens");
    return machine;
}

static void save(void)
{
    static uint8_t sectors[64 * SECTOR_BYTES];
    struct stream stream = {state, 0, sizeof(state)};
    struct saved saved = {.move = take, .owner = &stream};
    struct account *account = fuzz_allocate(sizeof(*account));
    struct machine *machine;
    char why[1024] = "";

    fuzz_promise(description_read(&costs, &devices, "machines/xeon-2400.ini", why, sizeof(why)) &&
                     image_open(&disk, fuzz_file(sectors, sizeof(sectors)), why, sizeof(why)),
                 why);
    machine = open_machine();
    account_attach(account, machine, 0);
    memcpy(machine->ram + CODE, program, sizeof(program));
    cpu_start_protected(machine->cpu[0], CODE, 0, 0);
    machine_stop_at(machine, 100000);
    machine_run(machine, LONGER);
    state_machine_saved(&saved, "a fuzzed machine\n", machine);
    account_saved(account, &saved);
    fuzz_promise(saved_good(&saved), saved.why);
    state_bytes = stream.used;
    account_free(account);
    free(account);
    machine_close(machine);
}

static void load(uint8_t *changed)
{
    struct stream stream = {changed, 0, state_bytes};
    struct saved saved = {.loading = true, .move = give, .owner = &stream};
    struct account *account = fuzz_allocate(sizeof(*account));
    struct machine *machine = open_machine();

    state_machine_saved(&saved, "a fuzzed machine\n", machine);
    if (saved_good(&saved)) {
        account_attach(account, machine, 0);
        account_saved(account, &saved);
    }
    fuzz_promise(saved_good(&saved) || saved.why[0], "a refusal says why");
    if (saved_good(&saved)) {
        machine_run(machine, machine_clock_max(machine) + LONGER);
        account_settle(account);
    }
    account_free(account);
    free(account);
    machine_close(machine);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *changed;

    if (!state_bytes)
        save();
    changed = fuzz_allocate(state_bytes);
    memcpy(changed, state, state_bytes);
    for (; size >= 4; data += 4, size -= 4) {
        size_t at = (size_t)data[0] << 16 | (size_t)data[1] << 8 | data[2];

        changed[at % state_bytes] = (uint8_t)(changed[at % state_bytes] + data[3]);
    }
    load(changed);
    free(changed);
    return 0;
}
