/* SPDX-License-Identifier: MIT */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H
#include <stdbool.h>
#include <sys/types.h>

/* A command that is run for the user, with our terminal, environment and folder. */

/* Is there such a command, by its path or in PATH? 0, -ENOENT or -EACCES. */
int command_find(const char *name);

/*
 * Starts it; words end with NULL. Its output is ours, or our stderr where stdout is for something
 * else. 0 or -errno.
 */
int command_start(char *const *words, bool to_stderr, pid_t *pid);

/* Has it ended? Then wait_status says how, and the pid is no more. */
bool command_ended(pid_t, int *wait_status);

/* Its words with blanks between, as far as they fit; returns text. */
enum { COMMAND_LEN = 256 };
const char *command_text(char *const *words, char text[COMMAND_LEN]);
#endif
