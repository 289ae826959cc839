/* SPDX-License-Identifier: MIT */
#ifndef TESTS_RECORDING_H
#define TESTS_RECORDING_H
#include "lib/source.h"

/*
 * Twelve polls of a scripted kernel with all that may happen to them, recorded to a file, and what
 * comes of a replay. All return all values of all polls as text, for the caller to free.
 */
char *recorded(const char *path, int *error);	/* *error: what the recorder says in the end */
char *recorded_walks(const char *path, int *error);	/* by BPF, a walk a poll but for one that fails */
char *replayed(const char *path, struct replay_fault *);
#endif
