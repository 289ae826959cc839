/* SPDX-License-Identifier: MIT */
#ifndef CLI_WAITING_H
#define CLI_WAITING_H

/*
 * For who waits at a terminal: one line on stderr, written over and over, as wide as the terminal
 * at most. Nothing is written where stderr is none.
 */
__attribute__((format(printf, 1, 2))) void waiting_tell(const char *format, ...);

/* Leaves no trace of it. */
void waiting_over(void);
#endif
