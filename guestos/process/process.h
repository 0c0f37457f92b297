/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * process.h - processes: their life, and what their threads have in common
 *
 * Life: fork() makes a process by copying the caller; it runs or sleeps until exit or a fatal
 * signal makes it a zombie, which keeps only its number and status until the parent waits for it.
 * Orphans become children of init (process 1). When init ends, the machine is powered off.
 *
 * Two structures. struct process is what its threads have in common: address space, signal actions,
 * identity, limits, parent and status. struct thread (thread.h) is what runs in it. The first
 * thread of a process, its leader, has the process's number. all_processes lists processes, the
 * youngest first; process->threads lists a process's threads, the leader first, ended ones only if
 * they lead.
 *
 * The address space and the actions are objects with a count of users, too: clone() may make
 * another process that shares them (vfork). They are given back when the last thread has ended, and
 * when the process is freed.
 *
 * Lock: every function needs the kernel's lock. process_wait() sleeps, process_make_single() and
 * process_clone() may (vfork), and so may process_exec() and init_begin(). process_exit() does not
 * return.
 */
#ifndef GUESTOS_PROCESS_H
#define GUESTOS_PROCESS_H

#include "guestos/process/thread.h"

struct file;
struct file_table;
struct inode;
struct posix_timer;
struct space;

/* Where paths begin, and what new files are denied: shared by CLONE_FS. */
struct fs_context {
    uint32_t users;
    struct inode *root, *cwd; /* root: of absolute paths, above which ".." does not lead (chroot) */
    uint32_t umask;
};

/* A parent that waits for its vfork()ed child to execute or end; on the parent's kernel stack. */
struct vfork_wait {
    struct thread *parent;
    bool over;
};

#define PID_LIMIT 32768

/*
 * What uname() says. A release that C libraries accept: they refuse kernels older than they were
 * built for.
 */
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
       LIMIT_MESSAGES = 12,  /* bytes in a user's message queues */
       LIMIT_REAL_TIME = 14, /* priority that who is not privileged may take */
       LIMITS = 16
};
#define UNLIMITED 0xffffffffu
struct limit {
    uint32_t now, most;
};
void limits_reset(struct limit limits[LIMITS]);
/* The current process's. */
uint32_t limit_of(uint32_t resource);

#define FURTHER_GROUPS 32u

/* Users and groups: real, effective, saved, and those that files are made with. */
struct identity {
    uint32_t user[3], group[3], file_user, file_group;
    uint32_t further[FURTHER_GROUPS], further_groups;
    uint32_t personality;
    bool no_new_rights; /* set-user-ID bits of programs do nothing any more */
    /*
     * It has been, or read, what its user must not see: others of the same user may not look into
     * it. Linux: not dumpable.
     */
    bool hidden;
};

struct process {
    uint32_t pid;
    uint32_t group, session;
    struct process *parent, *next; /* next: in all_processes */
    struct thread *threads;        /* the leader first; NULL only in idle_process */
    uint32_t alive;                /* threads that have not ended */

    /* What its threads run in, and as whom. */
    struct space *space;            /* NULL: idle, or the last thread has ended */
    struct signal_actions *actions; /* what each signal does */
    struct inode *program;          /* the executable's inode, for /proc/self/exe */
    char *program_path;
    struct identity identity;
    struct limit limits[LIMITS];

    /* Its end, and the end of its threads before exec. */
    bool ending;              /* all threads are to end, with exit_status */
    struct thread *executing; /* all threads but this one are to end */
    struct wait_queue thread_ended, child_ended;
    int exit_status;              /* as wait4() reports it */
    uint32_t exit_signal;         /* to the parent; SIGCHLD but for some clone()s */
    uint32_t parent_death_signal; /* when the parent ends; 0: none */
    struct vfork_wait *vfork;     /* runs in its parent's space, and the parent waits */

    /* Signals to the process, of which any thread may take one; and being stopped by one. */
    struct signal_queue signals_pending;
    unsigned stopped;              /* by this signal; 0: not stopped */
    struct wait_queue resumed;     /* stopped threads */
    bool stop_reported, continued; /* to and for wait4() */

    /* Its timers. */
    uint64_t alarm_at, alarm_interval; /* setitimer(ITIMER_REAL): arch_clock() time, NO_DEADLINE */
    struct {
        uint32_t left, interval; /* ticks; 0: not set */
    } cpu_alarm[2];              /* ITIMER_VIRTUAL, ITIMER_PROF */
    struct posix_timer *timers;

    /* What it has used. */
    uint64_t started;                        /* arch_clock() time of its fork */
    uint64_t all_user, all_kernel;           /* ticks of all its threads, ended ones too */
    uint64_t children_user, children_kernel; /* of children that were waited for, and theirs */
    uint32_t all_faults, children_faults;    /* as the ticks are: thread.faults */
};

extern struct process *init_process, *all_processes;
extern struct process idle_process; /* of idle threads, and of those that boot: all zero */

/* Whether all of it has ended and only its parent's wait() is missing. */
static inline bool process_ended(const struct process *process)
{
    return !process->alive;
}

/* Whether this thread has to end, whatever it does. */
static inline bool thread_doomed(const struct thread *thread)
{
    const struct process *process = thread->process;

    return process->ending || (process->executing && process->executing != thread);
}

/* The process of the thread that runs here. */
static inline struct process *current_process(void)
{
    return current_thread()->process;
}

/* The space that a thread runs in; NULL: none, or not any more. */
static inline const struct space *thread_space(const struct thread *thread)
{
    return thread->state == THREAD_ZOMBIE ? NULL : thread->process->space;
}

/* clone()'s arguments; fork and vfork are special cases of it. */
struct clone_request {
    uint32_t flags; /* CLONE_*, and in the low byte the signal at the end */
    uint32_t stack; /* 0: the caller's */
    uint32_t parent_tid, child_tid, tls;
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

/*
 * exit.c: ends the current process, all threads of it, with a wait status: code << 8, or a signal.
 */
void process_exit(int status) __attribute__((noreturn));
/* Makes another process end so, as soon as its threads come to it. */
void process_kill(struct process *process, int status);
/*
 * For exec: ends all other threads, and makes the current one the leader. 0, or -EAGAIN: the
 * process ends, or another thread does the same.
 */
int process_make_single(void);
/* The parent of a vforked process may go on. */
void vfork_over(struct process *process);
/* A thread's record that is in no list, its stack, and all it holds. */
void thread_free(struct thread *thread);
/* A process's record that is in no list, its threads', and all they hold but its space. */
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
    uint64_t ticks_user, ticks_kernel; /* the child's and its children's */
    uint32_t faults;
};
int process_wait(int pid, struct wait_result *result, uint32_t options);

struct process *process_find(uint32_t pid); /* zombies too; NULL if there is none */
/* Whether some process executes this file: nobody may write to it then. */
bool program_runs(const struct inode *program);

/* Replaces the program of the current process; `frame` becomes the new program's. */
int process_exec(struct trap_frame *frame, const char *path, char *const *argv, char *const *envp,
                 bool user_pointers);

#endif
