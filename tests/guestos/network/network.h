/* SPDX-License-Identifier: GPL-2.0-only */
/* network.h - sockets of both families, and what goes with messages */
#ifndef GUESTOS_TESTS_NETWORK_H
#define GUESTOS_TESTS_NETWORK_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

struct sockaddr_in local(int port); /* 127.0.0.1 */
int bind_to(int s, int port);       /* as bind() and connect() */
int connect_to(int s, int port);
int listen_at(int port); /* a listening socket; -1 */
/*
 * A child sends a megabyte, which is read and compared here. Closes the writer. NULL, or what was
 * wrong.
 */
const char *check_bulk(int reader, int writer);

/* unix.c */
const char *test_pair(void);
const char *test_broken_pipe(void);
const char *test_unix_names(void);
const char *test_unix_datagrams(void);

/* inet.c */
const char *test_udp(void);
const char *test_tcp(void);
const char *test_tcp_bulk(void);
const char *test_tcp_many(void);
const char *test_tcp_refused(void);
const char *test_tcp_reset(void);
const char *test_shared_port(void);

/* calls.c */
const char *test_poll(void);
const char *test_waiting(void);
const char *test_vectors(void);
const char *test_refusals(void);
const char *test_permissions(void);
const char *test_half_closed(void);
const char *test_terminal(void);

/* parcels.c */
const char *test_rights(void);
const char *test_credentials(void);
const char *test_circles(void);
const char *test_chain(void);
const char *test_crowd(void);

#endif
