/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * process.h - processes and their threads, their life, and who runs
 *
 * Life: fork() makes a process by copying the caller; it runs or sleeps until exit or a fatal signal
 * makes it a zombie, which keeps only its number and status until the parent waits for it.
 * Orphans become children of init (process 1). When init ends, the machine is powered off.
 *
 * Threads: what is scheduled is a thread, and `struct process` is one thread. A process is its first
 * thread, the leader, whose number is the process's, and any others, which hang from the leader. What
 * belongs to the process as a whole (parent, status, alarms, signals sent to it) is in the leader's record
 * alone, and that stays until the process is waited for, be the leader's own thread still alive or not.
 * What threads share (space, descriptors, working directory, signal actions) are objects of their own with
 * a count of users, since clone() lets its caller choose what is shared. all_processes lists
 * leaders only.
 */
#ifndef GUESTOS_PROCESS_H
#define GUESTOS_PROCESS_H

#include "guestos/arch.h"
#include "guestos/signal/signal.h"

struct file;
struct file_table;
struct inode;
struct space;

enum process_state { PROCESS_RUNNABLE, PROCESS_SLEEPING, PROCESS_ZOMBIE };

struct wait_queue {
    struct process *first; /* linked by next_waiting */
};

#define NO_DEADLINE (~0ull)

/* Where paths begin, and what new files are denied: shared by CLONE_FS. */
struct fs_context {
    u32 users;
    struct inode *root, *cwd; /* root: of absolute paths, above which ".." does not lead (chroot) */
    u32 umask;
};

/* A parent that waits for its vfork()ed child to execute or end; on the parent's kernel stack. */
struct vfork_wait {
    struct process *parent;
    bool over;
};

#define PIN_LIMIT 8
#define PID_LIMIT 32768

/* What uname() says. A release that C libraries accept: they refuse kernels older than they were built for. */
#define SYSTEM_NAME    "Linux"
#define SYSTEM_NODE    "xenolith"
#define SYSTEM_RELEASE "4.19.0-xenolith"
#define SYSTEM_VERSION "#1 guestos"
#define SYSTEM_DOMAIN  "(none)"

enum { /* asm-generic/resource.h: RLIMIT_* */
       LIMIT_CPU,
       LIMIT_FILE_SIZE,
       LIMIT_DATA,
       LIMIT_STACK,
       LIMIT_PROCESSES = 6, /* of a user, threads among them */
       LIMIT_FILES = 7,
       LIMIT_ADDRESSES = 9,
       LIMIT_MESSAGES = 12, /* bytes in a user's message queues */
       LIMITS = 16
};
#define UNLIMITED 0xffffffffu
struct limit {
    u32 now, most;
};
void limits_reset(struct limit limits[LIMITS]);
/* The current process's. */
u32 limit_of(u32 resource);

#define FURTHER_GROUPS 32u

/* Users and groups: real, effective, saved, and those that files are made with. */
struct identity {
    u32 user[3], group[3], file_user, file_group;
    u32 further[FURTHER_GROUPS], further_groups;
    u32 personality;
    bool no_new_rights; /* set-user-ID bits of programs do nothing any more */
    /*
     * It has been, or read, what its user must not see: others of the same user may not look into
     * it. Linux: not dumpable.
     */
    bool hidden;
};

struct process {
    struct thread thread;
    struct space *space;                  /* NULL: idle, or ended */
    u32 pid;                              /* the thread's number; the leader's is the process's */
    char name[16];                        /* last part of the program's path */
    struct process *leader, *next_thread; /* next_thread: from the leader through all others */

    /* Scheduling: sched.c */
    enum process_state state;
    struct process *next_runnable;
    struct process *next_waiting;
    struct wait_queue *waits_in;
    u64 wake_at;    /* arch_clock() time; NO_DEADLINE */
    u64 wait_until; /* wait_deadline() */
    bool restarting;
    struct process *next_timed;
    u32 counter;    /* ticks left of this round's time */
    u32 nice_ticks; /* ticks given each round */
    s8 nice;        /* -20 .. 19 */
    u8 policy;
    u32 processors;     /* bits of those where it may run */
    unsigned processor; /* where it runs, or ran last */
    bool on_processor;
    u64 ticks_user, ticks_kernel;

    struct file_table *files;
    struct fs_context *fs;
    struct file *pinned[PIN_LIMIT]; /* in use by the running system call: files_get() */
    u32 pins;
    u32 group, session;  /* the same in all threads of a process */
    u32 clear_child_tid; /* set_tid_address(): zeroed and woken at its end */
    u32 robust_list;     /* set_robust_list() */
    bool memory_short;   /* a copy to or from the program failed for lack of memory */
    struct signals signals;

    /* In the leader alone: the process as a whole. */
    struct process *parent, *next; /* next: in the list of all processes */
    u32 alive;                     /* threads that have not ended */
    bool ending;                   /* all threads are to end, with exit_status */
    struct process *executing;     /* all threads but this one are to end */
    struct wait_queue thread_ended;
    int exit_status;         /* as wait4() reports it */
    u32 exit_signal;         /* to the parent; SIGCHLD but for some clone()s */
    u32 parent_death_signal; /* when the parent ends; 0: none */
    struct wait_queue child_ended;
    struct vfork_wait *vfork; /* runs in its parent's space, and the parent waits */
    struct inode *program;    /* the executable's inode, for /proc/self/exe */
    char *program_path;
    u64 started;                         /* arch_clock() time of its fork */
    struct signal_queue signals_pending; /* sent to the process: any thread may take them */
    unsigned stopped;                    /* by this signal; 0: not stopped */
    struct wait_queue resumed;           /* stopped threads */
    bool stop_reported, continued;       /* to and for wait4() */
    u64 alarm_at, alarm_interval; /* setitimer(ITIMER_REAL): arch_clock() time, NO_DEADLINE */
    struct {
        u32 left, interval; /* ticks; 0: not set */
    } cpu_alarm[2];         /* ITIMER_VIRTUAL, ITIMER_PROF */
    struct posix_timer *timers;
    struct identity identity;
    struct limit limits[LIMITS];
    u64 all_user, all_kernel;           /* ticks of all its threads, ended ones too */
    u64 children_user, children_kernel; /* of children that were waited for, and theirs */
};

extern struct process *init_process, *all_processes;

/* Whether all of it has ended and only its parent's wait() is missing. */
static inline bool process_ended(const struct process *process)
{
    return !process->leader->alive;
}

/* Whether this thread has to end, whatever it does. */
static inline bool thread_doomed(const struct process *thread)
{
    const struct process *leader = thread->leader;
    return leader->ending || (leader->executing && leader->executing != thread);
}

/* In each round t is another thread of the process that a thread is of, its leader first. */
#define FOR_EACH_THREAD(t, of) for (struct process *t = (of)->leader; t; t = t->next_thread)

/* clone()'s arguments; fork and vfork are special cases of it. */
struct clone_request {
    u32 flags; /* CLONE_*, and in the low byte the signal at the end */
    u32 stack; /* 0: the caller's */
    u32 parent_tid, child_tid, tls;
};

/* linux/sched.h */
#define CLONE_SIGNAL         0x000000ffu
#define CLONE_VM             0x00000100u
#define CLONE_FS             0x00000200u
#define CLONE_FILES          0x00000400u
#define CLONE_SIGHAND        0x00000800u
#define CLONE_VFORK          0x00004000u
#define CLONE_PARENT         0x00008000u
#define CLONE_THREAD         0x00010000u
#define CLONE_SYSVSEM        0x00040000u
#define CLONE_SETTLS         0x00080000u
#define CLONE_PARENT_SETTID  0x00100000u
#define CLONE_CHILD_CLEARTID 0x00200000u
#define CLONE_DETACHED       0x00400000u
#define CLONE_UNTRACED       0x00800000u
#define CLONE_CHILD_SETTID   0x01000000u
#define CLONE_IO             0x80000000u

/* A new process or thread that returns 0 from the same system call: its number, or -Exxx. */
int process_clone(const struct trap_frame *frame, const struct clone_request *request);
/* Makes process 1, which begins in init_begin(). */
void process_start_init(void);

/* The current process is process 1 on its way to ring 3: executes init. */
void init_begin(struct trap_frame *frame);

/* set_thread_area(): reads a struct user_desc, writes the entry it chose. 0 or -Exxx. */
int tls_set(struct thread *thread, u32 user_descriptor);

/* exit.c: ends the current process, all threads of it, with a wait status: code << 8, or a signal. */
void process_exit(int status) __attribute__((noreturn));
/* Makes another process end so, as soon as its threads come to it. */
void process_kill(struct process *process, int status);
/* Ends the current thread; with the last one ends the process. */
void thread_exit(int status) __attribute__((noreturn));
/* For exec: ends all other threads, and makes the current one the leader. 0, or -EAGAIN: the process
 * ends, or another thread does the same. */
int process_make_single(void);
/* The parent of a vforked process may go on. */
void vfork_over(struct process *process);
/* Frees ended threads, which could not free the stack they ran on. */
void threads_bury(void);
/* A record that is in no list, and all it holds but its space. */
void process_free(struct process *process);

/* wait4(): pid -1 any child, 0 and < -1 a group. pid, 0 (WNOHANG) or -Exxx. */
#define WAIT_NO_HANG   1u /* linux/wait.h */
#define WAIT_STOPPED   2u
#define WAIT_EXITED    4u
#define WAIT_CONTINUED 8u
#define WAIT_ONLY_LOOK 0x01000000u /* what was found can be waited for again */
#define WAIT_NO_THREAD 0x20000000u /* not those of other threads: all are everybody's here */
#define WAIT_ALL       0x40000000u /* children by clone() and others */
#define WAIT_CLONE     0x80000000u /* only children that send another signal than SIGCHLD */
struct wait_result {
    int status;
    u64 ticks_user, ticks_kernel; /* the child's and its children's */
};
int process_wait(int pid, struct wait_result *result, u32 options);

struct process *process_find(u32 pid); /* a leader, zombies too; NULL if there is none */
struct process *thread_find(u32 tid);  /* any thread */
/* Whether some process executes this file: nobody may write to it then. */
bool program_runs(const struct inode *program);

/* Replaces the program of the current process; `frame` becomes the new program's. */
int process_exec(struct trap_frame *frame, const char *path, char *const *argv, char *const *envp,
                 bool user_pointers);

/* ---- sched.c ------------------------------------------------------------------------------- */

/* Each processor, with interrupts off and the lock held, ends its start here and becomes idle. */
void scheduler_run(void) __attribute__((noreturn));
/* Called once per processor before that, on its idle stack. */
void scheduler_add_processor(unsigned processor, struct process *idle);

void scheduler_add(struct process *process); /* a new process becomes runnable */
/* A thread that sleeps is woken, one that runs on another processor enters the kernel soon. */
void scheduler_interrupt(struct process *thread);
/* `to` runs on as what `from`, the current thread, was. */
void scheduler_rename(struct process *from, struct process *to);
void scheduler_set_nice(struct process *thread, int nice);
/* Bits of the processors where it may run, at least one of which exists. */
void scheduler_set_processors(struct process *thread, u32 processors);
void schedule(void); /* gives the processor to whoever deserves it */
/* In long loops of system calls: lets interrupts in, and others run. True: a signal is waiting and the
 * caller should end with what it has done. */
bool breathe(void);
void yield(void);
bool reschedule_needed(void);
void scheduler_request(void); /* makes reschedule_needed() true here */

/* Sends SIGALRM to a process at a time (NO_DEADLINE: not any more). */
void scheduler_set_alarm(struct process *process, u64 at);

/* Asks the port for an interrupt not later than what is due next; after a change of timers. */
void scheduler_request_timer(void);

/* Timer interrupt: wakes sleepers whose time has come, charges who runs for the ticks since the last. */
void scheduler_tick(u64 now, bool user);
/* Charges the current process for what it has run so far; before somebody is told. */
void scheduler_charge(void);
/* And whoever runs on the other processors. */
void scheduler_charge_all(void);

/*
 * Sleeps in a queue until woken, until the clock reaches a deadline or until a signal arrives: 0.
 * Callers loop around their condition, which so counts more than a signal or deadline that came at
 * the same time. -EINTR,
 * -EAGAIN: a signal was waiting, or the deadline had passed, before; it has not slept.
 */
int wait_in(struct wait_queue *queue, u64 deadline);
/* The same, but signals do not end it (they may wake it early). */
void wait_regardless(struct wait_queue *queue);
/* The deadline of a system call that waits for a time. If the call is made again because a signal without
 * handler interrupted it, that is the deadline of the first time. */
u64 wait_deadline(u64 deadline);
void wake_all(struct wait_queue *queue);
void wake_process(struct process *process);
/* A dying process leaves the processor for the last time. */
void schedule_dead(void) __attribute__((noreturn));

/* ---- the big lock ----------------------------------------------------------------------------- */

void kernel_lock(void);
void kernel_unlock(void);
bool kernel_locked_here(void);
bool kernel_lock_wanted(void); /* whether the other processor waits for it */

#endif
