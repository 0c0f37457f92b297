/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sys_poll.c - waiting for several files: poll and select in their variants
 *
 * Whoever waits is in one queue. When some file's readiness may have changed, all of them look
 * again; with the handful of waiting processes a system of this size has, that is cheaper than
 * to keep a queue for each file.
 */
#include "guestos/signal/async.h"
#include "guestos/fs/file.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/sys/poll.h"
#include "guestos/process/process.h"
#include "guestos/sys/syscall.h"
#include "guestos/time/time.h"
#include "guestos/sys/user.h"
#include "guestos/mm/allocate.h"

/* So many files are waited for without memory from the heap. */
#define FEW        64u
#define SELECT_FEW 256u /* of descriptors in select's bitmaps */

struct poll_entry { /* struct pollfd */
    int32_t descriptor;
    uint16_t wanted, ready;
};

static struct wait_queue waiting;
static uint32_t uncounted; /* changes of which nobody said which file they concern */

void poll_changed(uint32_t *changes)
{
    ++*(changes ? changes : &uncounted);
    wake_all(&waiting);
    async_changed(changes);
}

/* Files without a poll operation are always ready, as regular files are. */
uint32_t poll_ready(struct file *file)
{
    uint32_t ready = file->ops->poll ? file->ops->poll(file) : POLLIN | POLLOUT;

    return ready | (ready & POLLIN ? POLLRDNORM : 0) | (ready & POLLOUT ? POLLWRNORM : 0);
}

uint32_t poll_changes(struct file *file)
{
    return uncounted + (file->ops->changes ? *file->ops->changes(file) : 0);
}

int poll_wait(uint64_t deadline)
{
    return wait_in(&waiting, deadline);
}

/* Fills in what is ready; the number of entries with something. */
static int look(struct poll_entry *entries, uint32_t n)
{
    int ready = 0;

    for (uint32_t i = 0; i < n; i++) {
        struct file *file = files_peek(entries[i].descriptor);
        uint32_t now = file && file->ops != &place_ops
                           ? poll_ready(file) & (entries[i].wanted | POLLERR | POLLHUP)
                           : POLLNVAL;

        entries[i].ready = entries[i].descriptor < 0 ? 0 : (uint16_t)now;
        ready += entries[i].ready != 0;
    }
    return ready;
}

static int wait_for(struct poll_entry *entries, uint32_t n, uint64_t deadline)
{
    deadline = wait_deadline(deadline);
    for (;;) {
        int ready = look(entries, n);

        if (ready)
            return ready;
        int error = poll_wait(deadline);
        if (error)
            return error == -EAGAIN ? 0 : error;
    }
}

static int do_poll(uint32_t address, uint32_t n, uint64_t deadline)
{
    struct poll_entry few[FEW], *entries = few;
    int ready = -EFAULT;

    if (n > files_limit())
        return -EINVAL;
    if (n > FEW && !(entries = heap_allocate(n * sizeof(entries[0]))))
        return -ENOMEM;
    if (!copy_from_user(entries, (void *)address, n * sizeof(entries[0])))
        ready = wait_for(entries, n, deadline);
    if (ready >= 0 && copy_to_user((void *)address, entries, n * sizeof(entries[0])))
        ready = -EFAULT;
    if (entries != few)
        heap_free(entries);
    return ready;
}

int sys_poll(uint32_t address, uint32_t n, uint32_t milliseconds)
{
    int32_t timeout = (int32_t)milliseconds;

    return do_poll(address, n,
                   timeout < 0 ? NO_DEADLINE : arch_clock() + (uint64_t)timeout * 1000000);
}

/* ---- select: bitmaps of descriptors ---------------------------------------------------------- */

enum { READABLE, WRITABLE, EXCEPTIONAL, SETS };

struct selection {
    uint32_t n, words;      /* of descriptors; of each bitmap */
    uint32_t *wanted[SETS]; /* what is asked for */
    uint32_t *found[SETS];  /* what of it is ready */
};

/* One word of the three sets: how many of its bits are ready, or -EBADF. */
static int look_at_word(const struct selection *selection, uint32_t word)
{
    uint32_t readable = selection->wanted[READABLE][word],
             writable = selection->wanted[WRITABLE][word], found[2] = {0, 0};
    uint32_t left = readable | writable | selection->wanted[EXCEPTIONAL][word];
    int ready = 0;

    while (left) {
        uint32_t bit = left & -left;
        struct file *file = files_peek((int)(word * 32) + __builtin_ctz(left));

        left &= ~bit;
        if (!file || file->ops == &place_ops)
            return -EBADF;
        uint32_t now = poll_ready(file);
        if (readable & bit && now & (POLLIN | POLLHUP | POLLERR)) {
            found[READABLE] |= bit;
            ready++;
        }
        if (writable & bit && now & (POLLOUT | POLLERR)) {
            found[WRITABLE] |= bit;
            ready++;
        }
    }
    selection->found[READABLE][word] = found[READABLE];
    selection->found[WRITABLE][word] = found[WRITABLE];
    return ready;
}

/*
 * Nothing is ever exceptional: there is no out-of-band data. How many bits are ready; 0: none until
 * the deadline; -Exxx.
 */
static int select_wait(const struct selection *selection, uint64_t deadline)
{
    deadline = wait_deadline(deadline);
    for (;;) {
        int ready = 0;

        for (uint32_t word = 0; word < selection->words; word++) {
            int more = look_at_word(selection, word);

            if (more < 0)
                return more;
            ready += more;
        }
        if (ready)
            return ready;
        int error = poll_wait(deadline);
        if (error)
            return error == -EAGAIN ? 0 : error;
    }
}

static int select_with(const struct selection *selection, const uint32_t address[SETS],
                       uint64_t deadline)
{
    uint32_t bytes = selection->words * sizeof(uint32_t), last = selection->n % 32;

    for (int i = 0; i < SETS; i++) {
        if (address[i] && copy_from_user(selection->wanted[i], (void *)address[i], bytes))
            return -EFAULT;
        if (last) /* bits from n on are not asked for */
            selection->wanted[i][selection->words - 1] &= (1u << last) - 1;
    }
    int ready = select_wait(selection, deadline);
    if (ready < 0)
        return ready;
    for (int i = 0; i < SETS; i++)
        if (address[i] && copy_to_user((void *)address[i], selection->found[i], bytes))
            return -EFAULT;
    return ready;
}

/*
 * Beyond the end of the process's table nothing is open, and nobody looks (select(2),
 * core_sys_select).
 */
static int do_select(uint32_t n, const uint32_t address[SETS], uint64_t deadline)
{
    uint32_t few[2 * SETS * SELECT_FEW / 32], *memory = few;
    struct selection selection;

    if ((int32_t)n < 0)
        return -EINVAL;
    n = MIN(n, current_thread()->files->slots);
    selection = (struct selection){.n = n, .words = (n + 31) / 32};
    uint32_t bytes = 2 * SETS * selection.words * sizeof(uint32_t);
    if (bytes > sizeof(few) && !(memory = heap_allocate(bytes)))
        return -ENOMEM;
    memset(memory, 0, bytes);
    for (uint32_t i = 0; i < SETS; i++) {
        selection.wanted[i] = memory + i * selection.words;
        selection.found[i] = memory + (SETS + i) * selection.words;
    }
    int ready = select_with(&selection, address, deadline);
    if (memory != few)
        heap_free(memory);
    return ready;
}

int sys__newselect(uint32_t n, uint32_t readable, uint32_t writable, uint32_t exceptional,
                   uint32_t timeout)
{
    struct {
        int32_t seconds, microseconds;
    } t;
    uint64_t deadline = NO_DEADLINE;

    if (timeout) {
        if (take_user(t, timeout))
            return -EFAULT;
        if (t.seconds < 0 || t.microseconds < 0)
            return -EINVAL;
        deadline = arch_clock() + (uint64_t)(uint32_t)t.seconds * NANOSECONDS +
                   (uint64_t)(uint32_t)t.microseconds * 1000;
    }
    return do_select(n, (uint32_t[]){readable, writable, exceptional}, deadline);
}

/* ---- with a signal mask and a timespec ------------------------------------------------------- */

int poll_deadline(uint64_t *deadline, uint32_t address, bool wide)
{
    int64_t seconds;
    int32_t t[4];

    *deadline = NO_DEADLINE;
    if (!address)
        return 0;
    if (copy_from_user(t, (void *)address, wide ? 16 : 8))
        return -EFAULT;
    seconds = wide ? (int64_t)((uint64_t)(uint32_t)t[1] << 32 | (uint32_t)t[0]) : t[0];
    uint32_t nanoseconds = (uint32_t)(wide ? t[2] : t[1]);
    if (seconds < 0 || nanoseconds >= NANOSECONDS)
        return -EINVAL;
    *deadline = arch_clock() + (uint64_t)MIN(seconds, 0xffffffffll) * NANOSECONDS + nanoseconds;
    return 0;
}

int poll_swap_mask(uint32_t address)
{
    struct signals *signals = &current_thread()->signals;
    uint64_t mask;

    if (!address)
        return 0;
    if (take_user(mask, address))
        return -EFAULT;
    signals->suspended = signals->blocked;
    signals->blocked = mask;
    signals->is_suspended = true;
    return 0;
}

int poll_restore_mask(int result)
{
    struct signals *signals = &current_thread()->signals;

    if (result != -EINTR && signals->is_suspended) {
        signals->blocked = signals->suspended;
        signals->is_suspended = false;
    }
    return result;
}

static int ppoll(uint32_t address, uint32_t n, uint32_t timeout, uint32_t mask, bool wide)
{
    uint64_t deadline;
    int error = poll_deadline(&deadline, timeout, wide);

    if (!error)
        error = poll_swap_mask(mask);
    return error ? error : poll_restore_mask(do_poll(address, n, deadline));
}

int sys_ppoll(uint32_t address, uint32_t n, uint32_t timeout, uint32_t mask)
{
    return ppoll(address, n, timeout, mask, false);
}

int sys_ppoll_time64(uint32_t address, uint32_t n, uint32_t timeout, uint32_t mask)
{
    return ppoll(address, n, timeout, mask, true);
}

static int pselect(uint32_t n, const uint32_t sets[3], uint32_t timeout, uint32_t mask_pointer,
                   bool wide)
{
    uint32_t mask[2] = {0, 0};
    uint64_t deadline;
    int error = poll_deadline(&deadline, timeout, wide);

    if (!error && mask_pointer)
        error = take_user(mask, mask_pointer);
    if (!error)
        error = poll_swap_mask(mask[0]);
    return error ? error : poll_restore_mask(do_select(n, sets, deadline));
}

int sys_pselect6(uint32_t n, uint32_t readable, uint32_t writable, uint32_t exceptional,
                 uint32_t timeout, uint32_t mask)
{
    return pselect(n, (uint32_t[]){readable, writable, exceptional}, timeout, mask, false);
}

int sys_pselect6_time64(uint32_t n, uint32_t readable, uint32_t writable, uint32_t exceptional,
                        uint32_t timeout, uint32_t mask)
{
    return pselect(n, (uint32_t[]){readable, writable, exceptional}, timeout, mask, true);
}
