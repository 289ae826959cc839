/* SPDX-License-Identifier: MIT */
#ifndef LIB_FILE_H
#define LIB_FILE_H
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Whole files: each function returns 0 or -errno.
 */

/*
 * A file of at most `most` octets (-EFBIG: it is longer), with a NUL behind it, for the caller to
 * free; *text is NULL when it fails. Nobody is waited for: a FIFO without a writer is empty.
 */
int file_read(const char *path, size_t most, char **text, size_t *len);

/* Likewise its first octets, as many as there is room for: their number, or -errno. */
ssize_t file_read_start(const char *path, void *text, size_t room);

/*
 * Writes a file in dir and renames it into place, mode `mode`. With sync it survives a power cut.
 */
int file_replace(const char *dir, const char *name, const void *text, size_t len, unsigned int mode,
		 bool sync);

/* mkdir -p of an absolute path, new folders with 0755. */
int folder_make(const char *path);
#endif
