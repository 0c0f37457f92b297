/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ipc.c - System V's shared memory, semaphores and messages, as tests/guestos/battery tries others
 */
#include "tests/guestos/verdict.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NOBODY 65534
#define KEY    0x58656e6f
#define PAGE   4096

union argument { /* semctl(2): programs define it */
    int value;
    struct semid_ds *status;
    unsigned short *values;
};

static bool fails(int result, int error)
{
    return result == -1 && errno == error;
}

static int wait_for(pid_t pid)
{
    int status = -1;

    return waitpid(pid, &status, 0) == pid ? status : -1;
}

static void pass_time(void)
{
    struct timespec t = {0, 30000000};

    nanosleep(&t, NULL);
}

static unsigned long free_kb(void)
{
    struct sysinfo info;

    sysinfo(&info);
    return info.freeram / 1024;
}

/* ---- memory ---------------------------------------------------------------------------------- */

static int attached(int id)
{
    struct shmid_ds s;

    return shmctl(id, IPC_STAT, &s) ? -1 : (int)s.shm_nattch;
}

static const char *test_shared_memory(void)
{
    struct shmid_ds s;
    int id = shmget(KEY, 3 * PAGE + 1, IPC_CREAT | 0640);

    if (id < 0 || shmget(KEY, 0, 0) != id || shmget(KEY, 3 * PAGE + 1, IPC_CREAT) != id)
        return "a key does not lead to its segment";
    if (!fails(shmget(KEY, 1, IPC_CREAT | IPC_EXCL), EEXIST) ||
        !fails(shmget(KEY, 3 * PAGE + 2, 0), EINVAL) || !fails(shmget(KEY + 1, 1, 0), ENOENT) ||
        !fails(shmget(IPC_PRIVATE, 0, 0600), EINVAL))
        return "shmget() does not refuse what it should";
    char *p = shmat(id, NULL, 0), *q = shmat(id, NULL, SHM_RDONLY);
    if (p == (char *)-1 || q == (char *)-1 || p == q)
        return "cannot attach it twice";
    strcpy(p + 3 * PAGE, "end");
    if (strcmp(q + 3 * PAGE, "end") || attached(id) != 2)
        return "what is written at one place is not at the other";
    if (!fails(mprotect(q, PAGE, PROT_READ | PROT_WRITE), EACCES))
        return "a segment attached for reading becomes writable";
    pid_t pid = fork();
    if (!pid) {
        strcpy(p, "child");
        _exit(attached(id) != 4);
    }
    if (wait_for(pid) || strcmp(q, "child") || attached(id) != 2)
        return "a child does not share it, or not for its life";
    if (shmctl(id, IPC_STAT, &s) || s.shm_segsz != 3 * PAGE + 1 || s.shm_cpid != getpid() ||
        s.shm_lpid != pid || (s.shm_perm.mode & 0777) != 0640 || s.shm_perm.__key != KEY ||
        !s.shm_atime || !s.shm_dtime || !s.shm_ctime)
        return "its status is wrong";
    if (!fails(shmdt(p + PAGE), EINVAL) || shmdt(p) || attached(id) != 1 ||
        !fails(shmdt(p), EINVAL))
        return "detaching is wrong";
    return shmdt(q) || shmctl(id, IPC_RMID, NULL) ? "it cannot be removed" : NULL;
}

static const char *test_shared_memory_place(void)
{
    int id = shmget(IPC_PRIVATE, 2 * PAGE, 0600);
    char *hole = mmap(NULL, 4 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (!fails((int)shmat(id, hole, 0), EINVAL) || !fails((int)shmat(id, NULL, SHM_REMAP), EINVAL))
        return "a segment is attached over something";
    if (shmat(id, hole + PAGE, SHM_REMAP) != hole + PAGE || shmdt(hole + PAGE))
        return "a segment is not attached over something if that is asked for";
    munmap(hole, 4 * PAGE);
    if (!fails((int)shmat(id, hole + 1, 0), EINVAL) || shmat(id, hole + 1, SHM_RND) != hole)
        return "an address is not rounded if and only if that is asked for";
    munmap(hole, PAGE); /* what is left begins one page later and is still that mapping's */
    if (shmdt(hole) || !fails(shmdt(hole), EINVAL))
        return "what is left of a mapping cannot be detached";
    shmctl(id, IPC_RMID, NULL);
    return NULL;
}

static const char *test_shared_memory_removed(void)
{
    enum { BYTES = 1 << 20 };
    unsigned long before = free_kb();
    int id = shmget(KEY, BYTES, IPC_CREAT | 0600);
    char *p = shmat(id, NULL, 0);

    memset(p, 1, BYTES);
    if (shmctl(id, IPC_RMID, NULL) || !fails(shmget(KEY, 0, 0), ENOENT))
        return "its key still leads to it";
    struct shmid_ds s;
    if (shmctl(id, IPC_STAT, &s) || !(s.shm_perm.mode & SHM_DEST) || s.shm_nattch != 1)
        return "it does not stay while it is attached";
    pid_t pid = fork(); /* inherits it, and is the last to have it */
    if (!pid) {
        pass_time();
        _exit(p[BYTES - 1] != 1 || attached(id) != 1);
    }
    shmdt(p);
    if (wait_for(pid))
        return "it goes before the last detaches it";
    int again = shmget(IPC_PRIVATE, PAGE, 0600); /* perhaps at the same place */
    bool gone = shmctl(id, IPC_STAT, &s) == -1 && (errno == EIDRM || errno == EINVAL);
    shmctl(again, IPC_RMID, NULL);
    if (!gone)
        return "its number still means something";
    return free_kb() + 64 < before ? "its memory is lost" : NULL;
}

/* ---- semaphores ------------------------------------------------------------------------------ */

static int operate(int id, int n, int change, int flags)
{
    struct sembuf o = {(unsigned short)n, (short)change, (short)flags};

    return semop(id, &o, 1);
}

static int value(int id, int n)
{
    return semctl(id, n, GETVAL);
}

static const char *test_semaphores(void)
{
    unsigned short values[3] = {1, 2, 3};
    int id = semget(KEY, 3, IPC_CREAT | 0600);

    if (id < 0 || semget(KEY, 0, 0) != id || !fails(semget(KEY, 4, 0), EINVAL))
        return "a key does not lead to its set";
    if (semctl(id, 0, SETALL, (union argument){.values = values}) || value(id, 2) != 3)
        return "values cannot be set";
    struct sembuf both[2] = {{0, -1, IPC_NOWAIT}, {1, -3, IPC_NOWAIT}};
    if (!fails(semop(id, both, 2), EAGAIN) || value(id, 0) != 1 || value(id, 1) != 2)
        return "half of an operation is done";
    both[1].sem_op = -2;
    if (semop(id, both, 2) || value(id, 0) || value(id, 1) || semctl(id, 1, GETPID) != getpid())
        return "both halves are not done";
    if (!fails(operate(id, 3, 1, 0), EFBIG) || !fails(operate(id, 2, 32767, 0), ERANGE) ||
        !fails(semctl(id, 0, SETVAL, (union argument){.value = 32768}), ERANGE) ||
        !fails(operate(id, 2, 0, IPC_NOWAIT), EAGAIN) || !fails(semop(id, both, 0), EINVAL))
        return "semop() does not refuse what it should";
    struct timespec soon = {0, 20000000};
    struct sembuf take = {0, -1, 0};
    if (!fails(semtimedop(id, &take, 1, &soon), EAGAIN))
        return "a time does not end the waiting";
    struct semid_ds s;
    if (semctl(id, 0, IPC_STAT, (union argument){.status = &s}) || s.sem_nsems != 3 || !s.sem_otime)
        return "its status is wrong";
    return semctl(id, 0, IPC_RMID) || !fails(value(id, 0), EINVAL) ? "it cannot be removed" : NULL;
}

static void nothing(int signal)
{
    (void)signal;
}

static const char *test_semaphores_wait(void)
{
    int id = semget(IPC_PRIVATE, 2, 0600);
    pid_t pid = fork();

    if (!pid) /* a turn each way, by two semaphores */
        _exit(operate(id, 0, -1, 0) || operate(id, 1, 1, 0) || operate(id, 1, 0, 0) ||
              !fails(operate(id, 0, -1, 0), EIDRM));
    pass_time();
    if (semctl(id, 0, GETNCNT) != 1 || semctl(id, 0, GETZCNT) != 0)
        return "who waits is not counted";
    operate(id, 0, 1, 0);
    pass_time();
    if (value(id, 0) || value(id, 1) != 1 || semctl(id, 1, GETZCNT) != 1)
        return "who waits is not woken, or does not wait for zero";
    operate(id, 1, -1, 0);
    pass_time();
    semctl(id, 0, IPC_RMID);
    if (wait_for(pid))
        return "who waits does not hear that the set is removed";
    id = semget(IPC_PRIVATE, 1, 0600);
    pid = fork();
    if (!pid) {
        sigaction(SIGALRM, &(struct sigaction){.sa_handler = nothing, .sa_flags = SA_RESTART},
                  NULL);
        ualarm(20000, 0);
        _exit(!fails(operate(id, 0, -1, 0), EINTR));
    }
    int status = wait_for(pid);
    semctl(id, 0, IPC_RMID);
    return status ? "a signal does not end the waiting" : NULL;
}

/* A child waits in one operation on semaphore 0 of a new set, and exits with 1 if that fails. */
static pid_t waiting_child(int id, int start, int change)
{
    semctl(id, 0, SETVAL, (union argument){.value = start});
    pid_t pid = fork();
    if (!pid)
        _exit(operate(id, 0, change, 0) != 0);
    pass_time();
    return pid;
}

/* Who waits has what it waits for when the value allows it, whatever comes before it runs. */
static const char *test_semaphores_completed(void)
{
    int id = semget(IPC_PRIVATE, 1, 0600);
    pid_t pid = waiting_child(id, 1, 0);

    operate(id, 0, -1, 0);
    if (operate(id, 0, 1, 0) || semctl(id, 0, GETZCNT) || wait_for(pid) || value(id, 0) != 1)
        return "who waits for zero misses it";
    pid = waiting_child(id, 0, -1);
    operate(id, 0, 1, 0);
    if (!fails(operate(id, 0, -1, IPC_NOWAIT), EAGAIN) || semctl(id, 0, GETNCNT) || wait_for(pid))
        return "what somebody waits for is taken by another";
    pid = waiting_child(id, 0, -1);
    semctl(id, 0, SETVAL, (union argument){.value = 1});
    if (value(id, 0) || semctl(id, 0, GETPID) != pid || wait_for(pid))
        return "a value that is set is not taken at once by who waits";
    pid = waiting_child(id, 0, -2);
    pid_t first = waiting_child(id, 0, -1); /* the later one, but the first that can go on */
    operate(id, 0, 1, 0);
    if (semctl(id, 0, GETNCNT) != 1 || wait_for(first))
        return "who waits for more stands in the way";
    kill(pid, SIGKILL);
    wait_for(pid);
    pid = waiting_child(id, 1, 0);
    operate(id, 0, -1, 0);
    semctl(id, 0, IPC_RMID);
    return wait_for(pid) ? "the removal undoes what has been completed" : NULL;
}

/* One operation makes several waiters' possible, each by the one that came after it. */
static const char *test_semaphores_chain(void)
{
    enum { LINKS = 5 };
    int id = semget(IPC_PRIVATE, LINKS + 1, 0600), status = 0;
    pid_t pid[LINKS];

    for (int i = LINKS - 1; i >= 0; i--) {
        struct sembuf pass[2] = {{(unsigned short)i, -1, 0}, {(unsigned short)(i + 1), 1, 0}};

        if (!(pid[i] = fork()))
            _exit(semop(id, pass, 2) != 0);
        pass_time();
    }
    operate(id, 0, 1, 0);
    int end = value(id, LINKS), waiting = 0;
    for (int i = 0; i < LINKS; i++)
        waiting += semctl(id, i, GETNCNT) + value(id, i);
    semctl(id, 0, IPC_RMID);
    for (int i = 0; i < LINKS; i++)
        status |= wait_for(pid[i]);
    return end != 1 || waiting || status ? "not all of it happens at once" : NULL;
}

static const char *test_semaphores_undone(void)
{
    int id = semget(IPC_PRIVATE, 2, 0600);

    semctl(id, 0, SETVAL, (union argument){.value = 5});
    pid_t pid = fork();
    if (!pid) {
        operate(id, 0, -2, SEM_UNDO);
        operate(id, 0, -1, SEM_UNDO);
        operate(id, 1, 4, SEM_UNDO);
        operate(id, 1, -1, 0);
        if (!fork()) /* does not inherit it */
            _exit(0);
        wait(NULL);
        _exit(value(id, 0) != 2 || value(id, 1) != 3);
    }
    if (wait_for(pid) || value(id, 0) != 5 || value(id, 1) != 0)
        return "what a process did is not undone at its end";
    pid = fork();
    if (!pid) {
        operate(id, 0, -3, SEM_UNDO);
        semctl(id, 0, SETVAL, (union argument){.value = 7});
        _exit(0);
    }
    wait_for(pid);
    bool kept = value(id, 0) == 7;
    semctl(id, 0, IPC_RMID);
    return kept ? NULL : "what was set is undone";
}

/* ---- messages -------------------------------------------------------------------------------- */

struct message {
    long type;
    char text[100];
};

static int put(int id, long type, const char *text, int flags)
{
    struct message m = {.type = type};

    strcpy(m.text, text);
    return msgsnd(id, &m, strlen(text), flags);
}

/* Whether the next of a type is this. */
static bool next_is(int id, long type, int flags, const char *text)
{
    struct message m = {0};

    return msgrcv(id, &m, sizeof(m.text), type, flags | IPC_NOWAIT) == (ssize_t)strlen(text) &&
           !memcmp(m.text, text, strlen(text));
}

static const char *test_messages(void)
{
    struct message m;
    int id = msgget(KEY, IPC_CREAT | 0600);

    if (id < 0 || msgget(KEY, 0) != id || !fails(msgget(KEY, IPC_CREAT | IPC_EXCL), EEXIST))
        return "a key does not lead to its queue";
    if (put(id, 5, "five", 0) || put(id, 2, "two", 0) || put(id, 9, "nine", 0) ||
        put(id, 2, "second", 0) || put(id, 1, "", 0))
        return "cannot send";
    if (!next_is(id, 9, 0, "nine") || !next_is(id, -4, 0, "") || !next_is(id, -4, 0, "two") ||
        !next_is(id, 5, MSG_EXCEPT, "second") || !next_is(id, 0, 0, "five"))
        return "messages are not chosen by type";
    if (!fails((int)msgrcv(id, &m, 100, 0, IPC_NOWAIT), ENOMSG) ||
        !fails(put(id, 0, "", 0), EINVAL) || !fails(msgsnd(id, &m, 8193, 0), EINVAL))
        return "msgsnd() or msgrcv() does not refuse what it should";
    put(id, 1, "too long", 0);
    if (!fails((int)msgrcv(id, &m, 3, 0, 0), E2BIG) || msgrcv(id, &m, 3, 0, MSG_NOERROR) != 3 ||
        memcmp(m.text, "too", 3))
        return "a long message is not kept, or not cut if that is asked for";
    struct msqid_ds s;
    int sent = 0;
    while (!put(id, 1, "0123456789012345678901234567890123456789", IPC_NOWAIT))
        sent++;
    if (errno != EAGAIN || sent != 16384 / 40 || msgctl(id, IPC_STAT, &s) ||
        s.msg_qnum != (msgqnum_t)sent || s.msg_qbytes != 16384 || s.msg_lspid != getpid())
        return "a full queue is not one";
    return msgctl(id, IPC_RMID, NULL) || !fails(put(id, 1, "", 0), EINVAL) ? "it cannot be removed"
                                                                           : NULL;
}

static const char *test_messages_wait(void)
{
    struct message m;
    int id = msgget(IPC_PRIVATE, 0600);
    pid_t pid = fork();

    if (!pid)
        _exit(msgrcv(id, &m, 100, 7, 0) != 5 || !fails((int)msgrcv(id, &m, 100, 7, 0), EIDRM));
    pass_time();
    put(id, 6, "other", 0);
    put(id, 7, "right", 0);
    pass_time();
    if (!next_is(id, 0, 0, "other"))
        return "who waits takes a message of another type";
    msgctl(id, IPC_RMID, NULL);
    return wait_for(pid) ? "who waits is not woken, or not by the removal" : NULL;
}

static pid_t receiving_child(int id, long type, size_t bytes, ssize_t wanted)
{
    struct message m;
    pid_t pid = fork();

    if (!pid)
        _exit(msgrcv(id, &m, bytes, type, 0) != wanted);
    pass_time();
    return pid;
}

/* A message goes to who waits for it, and what a sender waits to send goes where room is made. */
static const char *test_messages_completed(void)
{
    struct msqid_ds s;
    struct message m;
    int id = msgget(IPC_PRIVATE, 0600);
    pid_t cut = receiving_child(id, 3, 2, -1), pid = receiving_child(id, 3, 100, 5);

    put(id, 3, "three", 0);
    if (msgctl(id, IPC_STAT, &s) || s.msg_qnum || s.msg_lrpid != pid ||
        !fails((int)msgrcv(id, &m, 100, 0, IPC_NOWAIT), ENOMSG))
        return "a message does not go to who waits for it";
    if (wait_for(cut) || wait_for(pid))
        return "it goes to the wrong one";
    s.msg_qbytes = 10;
    if (msgctl(id, IPC_SET, &s) || put(id, 1, "0123456789", 0))
        return "the room cannot be set";
    pid = fork();
    if (!pid)
        _exit(put(id, 2, "next", 0) != 0);
    pass_time();
    bool taken = next_is(id, 1, 0, "0123456789");
    pass_time(); /* Linux leaves it to the sender */
    if (!taken || msgctl(id, IPC_STAT, &s) || s.msg_qnum != 1 || s.msg_lspid != pid ||
        !next_is(id, 2, 0, "next") || wait_for(pid))
        return "who waits to send does not send when there is room";
    pid = receiving_child(id, 0, 100, 4);
    put(id, 4, "last", 0);
    msgctl(id, IPC_RMID, NULL);
    return wait_for(pid) ? "the removal takes a message away" : NULL;
}

/* ---- rights ---------------------------------------------------------------------------------- */

static bool denied(int shm, int sem, int msg)
{
    struct shmid_ds s;
    struct message m;

    return fails((int)shmat(shm, NULL, 0), EACCES) && shmat(shm, NULL, SHM_RDONLY) != (void *)-1 &&
           fails(shmget(KEY, 0, 0600), EACCES) && shmget(KEY, 0, 0400) == shm &&
           fails(shmctl(shm, IPC_RMID, NULL), EPERM) && !shmctl(shm, IPC_STAT, &s) &&
           fails(operate(sem, 0, 1, 0), EACCES) && value(sem, 0) == 0 &&
           fails(semctl(sem, 0, IPC_RMID), EPERM) && fails(put(msg, 1, "", 0), EACCES) &&
           fails((int)msgrcv(msg, &m, 1, 0, IPC_NOWAIT), ENOMSG) &&
           fails(msgctl(msg, IPC_RMID, NULL), EPERM);
}

static const char *test_rights(void)
{
    int shm = shmget(KEY, PAGE, IPC_CREAT | 0644), sem = semget(KEY, 1, IPC_CREAT | 0644),
        msg = msgget(KEY, IPC_CREAT | 0644);
    pid_t pid = fork();

    if (!pid)
        _exit(setgid(NOBODY) || setuid(NOBODY) || !denied(shm, sem, msg));
    if (wait_for(pid))
        return "others may do too much or too little";
    struct shmid_ds s;
    shmctl(shm, IPC_STAT, &s);
    s.shm_perm.uid = NOBODY;
    if (shmctl(shm, IPC_SET, &s))
        return "cannot give it away";
    pid = fork();
    if (!pid)
        _exit(setgid(NOBODY) || setuid(NOBODY) || shmctl(shm, IPC_RMID, NULL));
    bool removed = !wait_for(pid);
    semctl(sem, 0, IPC_RMID);
    msgctl(msg, IPC_RMID, NULL);
    return removed ? NULL : "the new owner cannot remove it";
}

static const struct test tests[] = {
    {"shared memory", test_shared_memory},
    {"where shared memory is attached", test_shared_memory_place},
    {"shared memory that is removed", test_shared_memory_removed},
    {"semaphores", test_semaphores},
    {"waiting for semaphores", test_semaphores_wait},
    {"semaphores completed by others", test_semaphores_completed},
    {"semaphores in a chain", test_semaphores_chain},
    {"semaphores undone", test_semaphores_undone},
    {"messages", test_messages},
    {"waiting for messages", test_messages_wait},
    {"messages completed by others", test_messages_completed},
    {"rights", test_rights},
};

int main(void)
{
    return conclude("ipc", run_tests(tests, sizeof(tests) / sizeof(tests[0]), NULL));
}
