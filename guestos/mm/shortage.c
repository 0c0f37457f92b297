/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * shortage.c - who has to go when memory runs out
 *
 * Programs are promised more memory than there is: fork() and mmap() promise, and only a touch
 * takes a frame. When a touch finds none, one program ends by SIGKILL, as if it had been told to.
 * The rule:
 *
 *   One whose end gives much back: each of its pages counts in proportion to those who hold it, so
 *   that a program which forked does not count its memory twice, and the text of a shell that runs
 *   ten times hardly at all; page tables, kernel stack and what the kernel keeps for its open files
 *   (pipes, what waits in sockets, files without a name) count too. If the largest holds a fair
 *   part of what all hold together, it is somebody who grows: of those that hold at least half as
 *   much, the youngest. Otherwise many have filled memory together, as a fork bomb's members do,
 *   and the largest may well be the shell that was there before them, which shares its pages with
 *   nobody: of those that hold at least half of the average, the youngest. Never process 1: its end
 *   would be the machine's.
 *
 * Touches by programs stop short of the last frames. Those are for the kernel: for touches on
 * behalf of system calls (which cannot be stopped in the middle; if they fail, the call is made
 * again), for page tables, for objects, and for what it takes to end a process. A system call that
 * leaves less than half of them makes room at its end, as a touch would: pipes and sockets fill
 * memory as well as pages do, and who holds it need not be who asks next.
 *
 * What is refused instead: a new process (-EAGAIN) already when there is no room for what it will
 * touch first, and others like it (else, where a program forks without end, each child would cost
 * somebody's life); and files in memory (-ENOSPC), which no killing would give back, earlier still.
 */
#include "guestos/fs/file.h"
#include "guestos/kernel/counters.h"
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"
#include "guestos/mm/pages.h"
#include "guestos/mm/shortage.h"
#include "guestos/mm/space.h"

#define RESERVE_SHARE 256u /* of all frames; and a few, as the smallest machines have 1600 */
#define RESERVE_LEAST 8u
#define PROCESS_ROOM                                                                               \
    24u /* frames: kernel stack, page tables, and the first pages that are written to */
#define PROCESS_SHARE 128u /* of all frames: that for those that have just been made */
#define FILE_SHARE    32u  /* of all frames, and as many; files in memory leave them */
#define HOG_SHARE     16u  /* of what all programs hold: who has that is large */

static bool more_free_than(uint32_t frames)
{
    return pages_free() > frames || (pages_reclaim() && pages_free() > frames);
}

static uint32_t reserve(void)
{
    return pages_total() / RESERVE_SHARE + RESERVE_LEAST;
}

bool memory_for_programs(void)
{
    return more_free_than(reserve());
}

bool memory_for_process(void)
{
    return more_free_than(reserve() + PROCESS_ROOM + pages_total() / PROCESS_SHARE);
}

bool memory_for_files(void)
{
    return more_free_than(pages_total() / FILE_SHARE + FILE_SHARE);
}

/* In 256ths of a frame: pages, page tables, and a kernel stack. */
static uint64_t weight(const struct space *space)
{
    uint32_t at = 0;
    pte_t entry;
    uint64_t sum = (pagetable_pages(&space->table) + (1u << KERNEL_STACK_ORDER)) * 256;

    for (const struct area *a = space->areas; a; a = a->next)
        sum += sizeof(*a) / (PAGE_SIZE / 256);
    for (; pagetable_next(&space->table, &at, KERNEL_BASE, &entry); at += PAGE_SIZE)
        if (!(entry & PTE_FOREIGN))
            sum += 256 / page_references(pte_pfn(entry));
    return sum;
}

static void end_all_users(const struct space *space)
{
    for (struct process *p = all_processes; p; p = p->next)
        if (p != init_process && p->space == space)
            process_kill(p, SIGKILL);
}

/* Somebody ends already, and has to run to do so. */
static bool is_ending(void)
{
    for (const struct process *p = all_processes; p; p = p->next)
        if (p->ending && p->space)
            return true;
    return false;
}

/*
 * What the kernel keeps for open files, in 256ths of a frame; a file's part for each reference to
 * it.
 */
static uint64_t weight_of_files(const struct process *process)
{
    const struct file_table *files = NULL;
    uint64_t sum = 0;

    FOR_EACH_THREAD (t, process)
        files = t->files ? t->files : files;
    for (uint32_t i = 0; files && i < files->slots; i++) {
        const struct file *file = files->file[i];

        if (file && file->ops->memory)
            sum += file->ops->memory(file) / (PAGE_SIZE / 256) / file->references;
    }
    return sum;
}

static uint64_t weight_of(const struct process *process)
{
    const struct space *space = process != init_process ? process->space : NULL;

    return space ? weight(space) + weight_of_files(process) : 0;
}

/* By the rule above; the list of processes begins with the youngest. */
static struct process *choose(void)
{
    uint64_t most = 0, all = 0;
    uint32_t n = 0;

    for (const struct process *p = all_processes; p; p = p->next) {
        uint64_t w = weight_of(p);

        most = MAX(most, w);
        all += w;
        n += w != 0;
    }
    uint64_t enough = (most * HOG_SHARE >= all ? most : divide(all, n, NULL)) / 2;
    for (struct process *p = all_processes; most && p; p = p->next)
        if (weight_of(p) >= MAX(enough, 1u))
            return p;
    return init_process; /* nothing else is left */
}

static void end_one(void)
{
    struct process *one = choose();

    kprintf("out of memory: %s[%u] is killed, which holds %u kB\n", one->threads->name, one->pid,
            (uint32_t)(weight_of(one) / 256) * (PAGE_SIZE / 1024));
    count(COUNT_memory_kills);
    if (one == init_process)
        process_kill(one, SIGKILL);
    else
        end_all_users(one->space);
}

static void make_room(void)
{
    if (!is_ending())
        end_one();
    if (!thread_doomed(current_thread()))
        yield();
}

void memory_make_room(void)
{
    if (!memory_for_programs())
        make_room();
}

void memory_after_call(void)
{
    if (!more_free_than(reserve() / 2))
        make_room();
}
