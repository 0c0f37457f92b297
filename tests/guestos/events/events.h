/* SPDX-License-Identifier: GPL-2.0-only */
/* events.h - what programs wait for, signals, users and limits */
#ifndef GUESTOS_TESTS_EVENTS_H
#define GUESTOS_TESTS_EVENTS_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>
#include <utime.h>

#define NOBODY 65534

int wait_for(pid_t pid); /* the status of a child that has ended; -1 */
/* Runs a function in a child as another user; its verdict. */
bool as_nobody(bool (*body)(void));
double now(void); /* seconds */
void pass_time(double seconds);

/* waiting.c */
int ready(int set); /* how many files of an epoll set are, now */
bool watch(int set, int operation, int fd, uint32_t events); /* epoll_ctl() */
const char *test_epoll(void);
const char *test_epoll_nested(void);
const char *test_eventfd(void);
const char *test_timerfd(void);

/* trace.c */
const char *test_trace_calls(void);
const char *test_trace_signals(void);
const char *test_trace_steps(void);
const char *test_trace_children(void);
const char *test_trace_attach(void);

/* signals.c */
const char *test_sender(void);
const char *test_queued(void);
const char *test_awaited_and_signal(void);
const char *test_child_told(void);
const char *test_fault_told(void);
const char *test_signalfd(void);
const char *test_timer(void);
const char *test_sleep_goes_on(void);
const char *test_cpu_timers(void);

/* descriptors.c */
const char *test_locks(void);
const char *test_deadlock(void);
const char *test_vectors(void);

/* async.c */
const char *test_async(void);
const char *test_async_rights(void);
const char *test_ioctl(void);

/* users.c */
const char *test_users(void);
const char *test_looking(void);
const char *test_limits(void);
const char *test_process_limit(void);
const char *test_many_descriptors(void);
const char *test_priority(void);

/* asked.c */
const char *test_process_clocks(void);
const char *test_fault_count(void);
const char *test_real_time(void);
const char *test_old_signal(void);

#endif
