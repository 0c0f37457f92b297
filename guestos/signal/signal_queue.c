/* SPDX-License-Identifier: GPL-2.0-only */
/* signal_queue.c - see signal_queue.h */
#include "guestos/signal/signal_queue.h"
#include "guestos/kernel/errno.h"
#include "guestos/signal/signal.h"
#include "guestos/mm/heap.h"

#define RECORDS_LIMIT 1024u /* of all processes: a program must not fill the memory with them */

struct signal_record {
    struct signal_record *next;
    struct signal_info info;
};

static uint32_t records;

enum signal_info_kind signal_info_kind(const struct signal_info *info)
{
    if (info->code == CODE_TIMER)
        return INFO_TIMER;
    if (info->code <= 0 || info->code == CODE_KERNEL)
        return INFO_SENDER;
    switch (info->signal) {
    case SIGCHLD:
        return INFO_CHILD;
    case SIGILL:
    case SIGTRAP:
    case SIGBUS:
    case SIGFPE:
    case SIGSEGV:
        return INFO_FAULT;
    default:
        return INFO_SENDER;
    }
}

int signal_queue_add(struct signal_queue *queue, const struct signal_info *info)
{
    uint64_t bit = SIGNAL_BIT((unsigned)info->signal);
    bool every = info->signal >= SIGNAL_REALTIME;

    if (!every && queue->set & bit)
        return 0;
    struct signal_record *record = records < RECORDS_LIMIT ? heap_allocate(sizeof(*record)) : NULL,
                         **end = &queue->first;
    if (!record && every && info->code != CODE_USER)
        return -EAGAIN;
    queue->set |= bit;
    if (!record)
        return 0;
    records++;
    record->info = *info;
    while (*end)
        end = &(*end)->next;
    *end = record;
    return 0;
}

static void drop(struct signal_record **link)
{
    struct signal_record *record = *link;

    *link = record->next;
    heap_free(record);
    records--;
}

void signal_queue_take(struct signal_queue *queue, unsigned signal, struct signal_info *info)
{
    struct signal_record **link = &queue->first;

    *info = (struct signal_info){.signal = (int32_t)signal, .code = CODE_USER};
    queue->set &= ~SIGNAL_BIT(signal);
    while (*link && (*link)->info.signal != (int32_t)signal)
        link = &(*link)->next;
    if (!*link)
        return;
    *info = (*link)->info;
    drop(link);
    for (; *link; link = &(*link)->next)
        if ((*link)->info.signal == (int32_t)signal)
            queue->set |= SIGNAL_BIT(signal);
}

void signal_queue_forget(struct signal_queue *queue, uint64_t set)
{
    queue->set &= ~set;
    for (struct signal_record **link = &queue->first; *link;)
        if (set & SIGNAL_BIT((unsigned)(*link)->info.signal))
            drop(link);
        else
            link = &(*link)->next;
}

bool signal_queue_has_timer(const struct signal_queue *queue, unsigned signal, uint32_t timer)
{
    for (const struct signal_record *r = queue->first; r; r = r->next)
        if (r->info.signal == (int32_t)signal && r->info.code == CODE_TIMER &&
            r->info.data[0] == timer)
            return true;
    return false;
}
