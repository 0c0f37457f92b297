/* SPDX-License-Identifier: GPL-2.0-only */
/* battery.h - what the battery's tests share */
#ifndef GUESTOS_TESTS_BATTERY_H
#define GUESTOS_TESTS_BATTERY_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#define PAGE 4096

/* NULL: passed; otherwise what was wrong. */
#define TEST(name, function) const char *function(void);
#include "tests/guestos/battery/tests.def"
#undef TEST

/* The status of a child that has ended; -1. */
int wait_for(pid_t pid);
/* Runs a function in a child and waits for that. */
int run_and_reap(void (*body)(void));
/* Whether /proc says that this program's file is this one (process.c). */
bool was_started_from(const char *path);
/* Seconds. */
double now(void);
void sleep_ms(int milliseconds);

#endif
