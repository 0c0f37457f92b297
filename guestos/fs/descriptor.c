/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * descriptor.c - the table of a process's open files
 *
 * It begins small, as most programs have four files and the table is copied at every fork, and
 * doubles when a descriptor beyond its end is asked for. Threads look into a table that one of them
 * makes grow: whoever has waited since must ask again (files_get() keeps the file, not its place).
 */
#include "guestos/fs/file.h"
#include "guestos/fs/lock.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"
#include "guestos/mm/heap.h"

#define FIRST_SLOTS 32u

static bool reserve(struct file_table *table, uint32_t slots)
{
    struct file **file = heap_allocate(slots * sizeof(file[0]));
    uint32_t *close_on_exec = heap_allocate(slots / 8);

    if (!file || !close_on_exec) {
        heap_free(file);
        heap_free(close_on_exec);
        return false;
    }
    memcpy(file, table->file, table->slots * sizeof(file[0]));
    memcpy(close_on_exec, table->close_on_exec, table->slots / 8);
    heap_free(table->file);
    heap_free(table->close_on_exec);
    table->file = file;
    table->close_on_exec = close_on_exec;
    table->slots = slots;
    return true;
}

/* Room for this descriptor; 0, -EMFILE or -ENOMEM. */
static int reach(struct file_table *table, uint32_t descriptor)
{
    uint32_t slots = table->slots;

    if (descriptor >= DESCRIPTORS)
        return -EMFILE;
    while (slots <= descriptor)
        slots *= 2;
    return slots == table->slots || reserve(table, slots) ? 0 : -ENOMEM;
}

static struct file_table *create(uint32_t slots)
{
    struct file_table *table = heap_allocate(sizeof(*table));

    if (table && !reserve(table, slots)) {
        heap_free(table);
        return NULL;
    }
    if (table)
        table->users = 1;
    return table;
}

struct file_table *files_create(void)
{
    return create(FIRST_SLOTS);
}

void files_share(struct file_table *table)
{
    table->users++;
}

struct file_table *files_clone(const struct file_table *from)
{
    uint32_t used = from->slots, slots = FIRST_SLOTS;

    while (used && !from->file[used - 1])
        used--;
    while (slots < used)
        slots *= 2;
    struct file_table *table = create(slots);
    if (!table)
        return NULL;
    memcpy(table->close_on_exec, from->close_on_exec, slots / 8);
    for (uint32_t i = 0; i < used; i++) {
        table->file[i] = from->file[i];
        if (table->file[i])
            file_hold(table->file[i]);
    }
    return table;
}

static void drop(struct file_table *table, uint32_t descriptor)
{
    struct file *file = table->file[descriptor];

    locks_drop_process(file->inode, table);
    table->file[descriptor] = NULL;
    table->close_on_exec[descriptor / 32] &= ~(1u << (descriptor % 32));
    file_release(file);
}

void files_release(struct file_table *table)
{
    if (--table->users)
        return;
    for (uint32_t i = 0; i < table->slots; i++)
        if (table->file[i])
            drop(table, i);
    heap_free(table->file);
    heap_free(table->close_on_exec);
    heap_free(table);
}

void files_close_on_exec(struct file_table *table)
{
    for (uint32_t i = 0; i < table->slots; i++)
        if (table->file[i] && files_closes_on_exec(table, i))
            drop(table, i);
}

struct file *files_at(const struct file_table *table, uint32_t descriptor)
{
    return table && descriptor < table->slots ? table->file[descriptor] : NULL;
}

bool files_closes_on_exec(const struct file_table *table, uint32_t descriptor)
{
    return table->close_on_exec[descriptor / 32] >> (descriptor % 32) & 1;
}

void files_set_close_on_exec(struct file_table *table, uint32_t descriptor, bool close)
{
    uint32_t bit = 1u << (descriptor % 32), *word = &table->close_on_exec[descriptor / 32];

    *word = close ? *word | bit : *word & ~bit;
}

struct file *files_get_any(int descriptor)
{
    struct thread *me = current_thread();
    struct file *file = files_peek(descriptor);

    if (!file || me->files->users == 1)
        return file;
    for (uint32_t i = 0; i < me->pins; i++)
        if (me->pinned[i] == file)
            return file;
    if (me->pins == PIN_LIMIT)
        return NULL;
    file_hold(file);
    return me->pinned[me->pins++] = file;
}

struct file *files_get(int descriptor)
{
    struct file *file = files_get_any(descriptor);

    return file && file->ops != &place_ops ? file : NULL;
}

void files_unpin(void)
{
    struct thread *me = current_thread();

    while (me->pins)
        file_release(me->pinned[--me->pins]);
}

struct file *files_peek(int descriptor)
{
    return files_at(current_thread()->files, (uint32_t)descriptor);
}

uint32_t files_limit(void)
{
    return MIN(limit_of(LIMIT_FILES), (uint32_t)DESCRIPTORS);
}

int files_install(struct file *file, int lowest, bool close_on_exec)
{
    struct file_table *table = current_thread()->files;
    uint32_t place = (uint32_t)lowest;

    while (files_at(table, place))
        place++;
    if (place >= files_limit())
        return -EMFILE;
    int error = reach(table, place);
    if (error)
        return error;
    table->file[place] = file;
    files_set_close_on_exec(table, place, close_on_exec);
    return (int)place;
}

int files_give(struct file *file, bool close_on_exec)
{
    int descriptor = files_install(file, 0, close_on_exec);

    if (descriptor < 0)
        file_release(file);
    return descriptor;
}

int files_close(int descriptor)
{
    if (!files_peek(descriptor))
        return -EBADF;
    drop(current_thread()->files, (uint32_t)descriptor);
    return 0;
}
