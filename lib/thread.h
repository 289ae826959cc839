/* SPDX-License-Identifier: MIT */
#ifndef LIB_THREAD_H
#define LIB_THREAD_H
#include <pthread.h>
#include <stdbool.h>

/*
 * Threads of ours, and how one of them is woken.
 */

/*
 * Signals are for the thread that began the process: this one has them all blocked. `name`, of at
 * most 15 octets, is for who looks at threads. Returns 0 or -errno.
 */
int thread_start(pthread_t *, const char *name, void *(*fn)(void *), void *arg);

/*
 * Waits for a thread to end by itself, and joins it. False after so many seconds: it goes on, and
 * whatever it holds stays its own.
 */
bool thread_joined(pthread_t, int seconds);

/*
 * A descriptor to poll() or select() for, readable from wake_up() to wake_taken(); the caller's to
 * close. Returns it, or -errno. It says no more than that something is new: whoever was woken looks
 * what, after it has taken it.
 */
int wake_new(void);
void wake_up(int fd);
void wake_taken(int fd);	/* also when nobody has woken */
#endif
