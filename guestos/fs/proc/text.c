/* SPDX-License-Identifier: GPL-2.0-only */
/* text.c - the texts of the files in /proc, in the formats of proc(5) */
#include "guestos/fs/proc/text.h"
#include "guestos/drivers/tty.h"
#include "guestos/fs/file.h"
#include "guestos/fs/filesystem.h"
#include "guestos/kernel/counters.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/kernel/load.h"
#include "guestos/process/process.h"
#include "guestos/time/time.h"
#include "guestos/mm/heap.h"
#include "guestos/mm/pages.h"
#include "guestos/mm/space.h"
#include "guestos/trace/trace.h"

#define add text_add

static uint32_t clock_ticks(uint64_t nanoseconds)
{
    return (uint32_t)divide(nanoseconds, NANOSECONDS / TICK_HZ, NULL);
}

/* ---- of the system --------------------------------------------------------------------------- */

void text_uptime(struct text *t, const struct process *p)
{
    (void)p;
    uint32_t hundredths = clock_ticks(arch_clock());
    uint32_t idle = 0;
    scheduler_charge_all();
    for (unsigned i = 0; i < arch_processors(); i++)
        idle += (uint32_t)processor_time(i).idle;
    add(t, "%u.%02u %u.%02u\n", hundredths / TICK_HZ, hundredths % TICK_HZ, idle / TICK_HZ,
        idle % TICK_HZ);
}

void text_loadavg(struct text *t, const struct process *self)
{
    uint32_t running = 0, all = 0, average[LOADS];

    for (const struct process *p = all_processes; p; p = p->next)
        FOR_EACH_THREAD (thread, p) {
            running += thread->state == THREAD_RUNNABLE;
            all++;
        }
    scheduler_charge_all();
    load_averages(average);
    for (int i = 0; i < LOADS; i++) {
        uint32_t hundredths = (average[i] * 100 + (1u << 15)) >> 16;

        add(t, "%u.%02u ", hundredths / 100, hundredths % 100);
    }
    add(t, "%u/%u %u\n", running, all, self ? self->pid : all_processes->pid);
}

void text_meminfo(struct text *t, const struct process *p)
{
    (void)p;
    const struct {
        const char *name;
        uint32_t pages;
    } lines[] = {{"MemTotal:", pages_total()},
                 {"MemFree:", pages_free()},
                 {"MemAvailable:", pages_free() + file_pages.device - file_pages.dirty},
                 {"Buffers:", 0}, /* a few blocks, in the kernel's heap */
                 {"Cached:", file_pages.memory + file_pages.device},
                 {"SwapCached:", 0},
                 {"SwapTotal:", 0},
                 {"SwapFree:", 0},
                 {"Dirty:", file_pages.dirty},
                 {"Shmem:", file_pages.memory},
                 {"SReclaimable:", 0}};
    for (uint32_t i = 0; i < ARRAY_LENGTH(lines); i++)
        add(t, "%-15s %8u kB\n", lines[i].name, lines[i].pages * (PAGE_SIZE / 1024));
}

void text_mounts(struct text *t, const struct process *p)
{
    (void)p;
    char *path = heap_allocate(PATH_LIMIT);
    for (const struct mount *m = mounts; path && m; m = m->next)
        if (mount_path(m, path, PATH_LIMIT) > 0 && path[0] == '/')
            add(t, "%s %s %s %s 0 0\n", m->source, path, m->type, m->read_only ? "ro" : "rw");
    heap_free(path);
}

/* A mount's number is its device's; above the root's parent, which is none, is the root itself. */
void text_mountinfo(struct text *t, const struct process *p)
{
    (void)p;
    char *path = heap_allocate(PATH_LIMIT);
    for (const struct mount *m = mounts; path && m; m = m->next) {
        const char *how = m->read_only ? "ro" : "rw";

        if (mount_path(m, path, PATH_LIMIT) > 0 && path[0] == '/')
            add(t, "%u %u 0:%u / %s %s - %s %s %s\n", m->device,
                m->covered ? m->covered->mount->device : 0, m->device, path, how, m->type,
                m->source, how);
    }
    heap_free(path);
}

void text_filesystems(struct text *t, const struct process *p)
{
    (void)p;
    add(t, "nodev\ttmpfs\nnodev\tproc\nnodev\tsysfs\n\text2\n\text3\n");
}

void text_version(struct text *t, const struct process *p)
{
    (void)p;
    add(t, SYSTEM_NAME " version " SYSTEM_RELEASE " (guestos) " SYSTEM_VERSION "\n");
}

static uint64_t counted(enum counter which)
{
    return counters.value[which].value;
}

static void add_time(struct text *t, const char *name, struct processor_time time)
{
    add(t, "%s %llu 0 %llu %llu 0 0 0 %llu 0 0\n", name, time.user, time.kernel, time.idle,
        time.stolen);
}

void text_system_stat(struct text *t, const struct process *self)
{
    (void)self;
    struct processor_time all = {0};
    char name[12];
    uint32_t running = 0;
    scheduler_charge_all();
    for (unsigned i = 0; i < arch_processors(); i++) {
        struct processor_time one = processor_time(i);

        all.user += one.user;
        all.kernel += one.kernel;
        all.idle += one.idle;
        all.stolen += one.stolen;
    }
    add_time(t, "cpu ", all);
    for (unsigned i = 0; i < arch_processors(); i++) {
        format(name, sizeof(name), "cpu%u", i);
        add_time(t, name, processor_time(i));
    }
    for (const struct process *p = all_processes; p; p = p->next)
        FOR_EACH_THREAD (thread, p)
            running += thread->state == THREAD_RUNNABLE;
    add(t, "intr %llu\nctxt %llu\nbtime %u\nprocesses %llu\n", counted(COUNT_interrupts),
        counted(COUNT_context_switches),
        (uint32_t)divide(time_wall() - arch_clock() + NANOSECONDS / 2, NANOSECONDS, NULL),
        counted(COUNT_forks) + counted(COUNT_threads));
    add(t, "procs_running %u\nprocs_blocked 0\n", running);
}

static void cpuid(uint32_t leaf, uint32_t r[4])
{
    __asm__ volatile("cpuid" : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3]) : "a"(leaf), "c"(0));
}

static void text_processor(struct text *t, unsigned number)
{
    /* CPUID 1, EDX: SDM 2A, as Linux calls them; those a program may ask for. */
    static const struct {
        uint8_t bit;
        const char *name;
    } features[] = {{0, "fpu"},  {4, "tsc"},   {8, "cx8"},  {15, "cmov"},
                    {23, "mmx"}, {24, "fxsr"}, {25, "sse"}, {26, "sse2"}};
    uint32_t r[4], vendor[3];

    cpuid(0, r);
    vendor[0] = r[1];
    vendor[1] = r[3];
    vendor[2] = r[2];
    cpuid(1, r);
    uint32_t family = r[0] >> 8 & 15, model = r[0] >> 4 & 15;
    if (family == 15)
        family += r[0] >> 20 & 0xff;
    if (family == 6 || family >= 15)
        model |= r[0] >> 12 & 0xf0;
    char name[13];
    memcpy(name, vendor, 12);
    name[12] = '\0';
    add(t, "processor\t: %u\nvendor_id\t: %s\ncpu family\t: %u\nmodel\t\t: %u\n", number, name,
        family, model);
    add(t, "model name\t: i686\nstepping\t: %u\nflags\t\t:", r[0] & 15);
    for (uint32_t i = 0; i < ARRAY_LENGTH(features); i++)
        if (r[3] & 1u << features[i].bit)
            add(t, " %s", features[i].name);
    add(t, "\n\n");
}

void text_cpuinfo(struct text *t, const struct process *p)
{
    (void)p;
    for (unsigned i = 0; i < arch_processors(); i++)
        text_processor(t, i);
}

/* What the kernel counts of itself (kernel/counters.def), in the format of Linux's file. */
void text_vmstat(struct text *t, const struct process *p)
{
    (void)p;
    add(t, "nr_free_pages %u\n", pages_free());
    for (uint32_t i = 0; i < COUNTERS; i++)
        add(t, "%s %llu\n", counters.value[i].name, (uint64_t)counters.value[i].value);
}

/* The kernel's objects by size: what has been made and not given back. */
void text_slabinfo(struct text *t, const struct process *p)
{
    (void)p;
    add(t, "slabinfo - version: 2.1\n# name <active_objs> <num_objs> <objsize>\n");
    for (uint32_t i = HEAP_SMALLEST; i <= HEAP_LARGEST; i++)
        add(t, "kmalloc-%u %u %u %u\n", 1u << i, heap_usage[i].used, heap_usage[i].cut, 1u << i);
}

/* ---- of a process ---------------------------------------------------------------------------- */

static const char *state_word(char letter)
{
    return letter == 'Z'   ? "zombie"
           : letter == 'T' ? "stopped"
           : letter == 't' ? "tracing stop"
           : letter == 'S' ? "sleeping"
                           : "running";
}

static bool stands(const struct process *p)
{
    return p->threads->trace && p->threads->trace->status;
}

static char state_letter(const struct process *p)
{
    return process_ended(p)                       ? 'Z'
           : p->stopped                           ? 'T'
           : stands(p)                            ? 't'
           : p->threads->state == THREAD_SLEEPING ? 'S'
                                                  : 'R';
}

static uint32_t virtual_bytes(const struct process *p)
{
    uint32_t bytes = 0;

    for (const struct area *a = p->space ? p->space->areas : NULL; a; a = a->next)
        bytes += a->end - a->start;
    return bytes;
}

static uint32_t resident_pages(const struct process *p)
{
    uint32_t pages = 0, at = 0;
    pte_t entry;

    if (p->space)
        for (; pagetable_next(&p->space->table, &at, KERNEL_BASE, &entry); at += PAGE_SIZE)
            pages++;
    return pages;
}

void text_stat(struct text *t, const struct process *p)
{
    add(t, "%u (%s) %c %u %u %u %u -1 0 %u %u 0 0 ", p->pid, p->threads->name, state_letter(p),
        p->parent ? p->parent->pid : 0, p->group, p->session, tty_of_session(p->session),
        p->all_faults, p->children_faults);
    add(t, "%u %u %u %u %d %d %u 0 %u %u %u 4294967295", (uint32_t)p->all_user,
        (uint32_t)p->all_kernel, (uint32_t)p->children_user, (uint32_t)p->children_kernel,
        20 + p->threads->nice, p->threads->nice, p->alive, clock_ticks(p->started),
        virtual_bytes(p), resident_pages(p));
    for (int i = 0; i < 27; i++)
        add(t, " 0");
    add(t, "\n");
}

void text_statm(struct text *t, const struct process *p)
{
    add(t, "%u %u 0 0 0 0 0\n", virtual_bytes(p) / PAGE_SIZE, resident_pages(p));
}

static void add_signals(struct text *t, const struct process *p)
{
    uint64_t ignored = 0, caught = 0;

    for (unsigned i = 1; p->actions && i <= SIGNALS; i++) {
        uint32_t handler = p->actions->action[i - 1].handler;

        *(handler == HANDLER_IGNORE ? &ignored : &caught) |=
            handler == HANDLER_DEFAULT ? 0 : SIGNAL_BIT(i);
    }
    add(t, "SigPnd:\t%016llx\nShdPnd:\t%016llx\nSigBlk:\t%016llx\n",
        p->threads->signals.pending.set, p->signals_pending.set, p->threads->signals.blocked);
    add(t, "SigIgn:\t%016llx\nSigCgt:\t%016llx\n", ignored, caught);
}

void text_status(struct text *t, const struct process *p)
{
    char letter = state_letter(p);

    add(t, "Name:\t%s\nState:\t%c (%s)\nTgid:\t%u\nPid:\t%u\nPPid:\t%u\nTracerPid:\t%u\n",
        p->threads->name, letter, state_word(letter), p->pid, p->pid,
        p->parent ? p->parent->pid : 0, p->threads->trace ? p->threads->trace->tracer->pid : 0);
    const struct identity *who = &p->identity;
    add(t, "Uid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\n", who->user[0], who->user[1], who->user[2],
        who->file_user, who->group[0], who->group[1], who->group[2], who->file_group);
    add(t, "FDSize:\t%u\nGroups:\t", p->threads->files ? p->threads->files->slots : 0);
    for (uint32_t i = 0; i < who->further_groups; i++)
        add(t, "%u ", who->further[i]);
    add(t, "\n");
    add(t, "VmSize:\t%8u kB\nVmRSS:\t%8u kB\nThreads:\t%u\n", virtual_bytes(p) / 1024,
        resident_pages(p) * (PAGE_SIZE / 1024), p->alive);
    add_signals(t, p);
}

/* The arguments as they lie on the program's stack now: a program may have changed them. */
void text_cmdline(struct text *t, const struct process *p)
{
    for (uint32_t at = p->space ? p->space->arguments_start : 0;
         p->space && at < p->space->arguments_end && t->used < TEXT_BYTES - 1; at++) {
        pte_t entry = pagetable_get(&p->space->table, at);

        if (!(entry & PTE_PRESENT) || entry & PTE_FOREIGN)
            break;
        t->at[t->used++] = ((const char *)page_address(pte_pfn(entry)))[at & ~PAGE_MASK];
    }
}

void text_comm(struct text *t, const struct process *p)
{
    add(t, "%s\n", p->threads->name);
}

/* What a program looks for: its own file, its heap and its first stack. */
static const char *area_name(const struct process *p, const struct area *a)
{
    if (a->file && a->file == p->program)
        return p->program_path;
    if (a->flags & AREA_GROWS && a->end == STACK_TOP)
        return "[stack]";
    return !a->file && a->start < p->space->break_end && a->end > p->space->break_start ? "[heap]"
                                                                                        : "";
}

void text_maps(struct text *t, const struct process *p)
{
    for (const struct area *a = p->space ? p->space->areas : NULL; a; a = a->next)
        add(t, "%08x-%08x %c%c%c%c %08x 00:01 %-10u %s\n", a->start, a->end,
            a->protection & PROT_READ ? 'r' : '-', a->protection & PROT_WRITE ? 'w' : '-',
            a->protection & PROT_EXEC ? 'x' : '-', a->flags & AREA_SHARED ? 's' : 'p',
            a->file_page << PAGE_SHIFT, a->file ? a->file->number : 0, area_name(p, a));
}

void text_limits(struct text *t, const struct process *p)
{
    static const struct {
        const char *name, *unit;
    } lines[LIMITS] = {{"Max cpu time", "seconds"},     {"Max file size", "bytes"},
                       {"Max data size", "bytes"},      {"Max stack size", "bytes"},
                       {"Max core file size", "bytes"}, {"Max resident set", "bytes"},
                       {"Max processes", "processes"},  {"Max open files", "files"},
                       {"Max locked memory", "bytes"},  {"Max address space", "bytes"},
                       {"Max file locks", "locks"},     {"Max pending signals", "signals"},
                       {"Max msgqueue size", "bytes"},  {"Max nice priority", ""},
                       {"Max realtime priority", ""},   {"Max realtime timeout", "us"}};

    add(t, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit", "Hard Limit", "Units");
    for (uint32_t i = 0; i < LIMITS; i++) {
        const uint32_t value[2] = {p->limits[i].now, p->limits[i].most};
        char text[2][12];

        for (int k = 0; k < 2; k++)
            if (value[k] == UNLIMITED)
                copy_string(text[k], "unlimited", sizeof(text[k]));
            else
                format(text[k], sizeof(text[k]), "%u", value[k]);
        add(t, "%-25s %-20s %-20s %-10s\n", lines[i].name, text[0], text[1], lines[i].unit);
    }
}

/* ---- what programs look up below /proc/sys --------------------------------------------------- */

void text_number(struct text *t, uint32_t number)
{
    add(t, "%u\n", number);
}

void text_word(struct text *t, const char *word)
{
    add(t, "%s\n", word);
}
