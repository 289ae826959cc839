/* SPDX-License-Identifier: MIT */
#ifndef CLI_COMPLAIN_H
#define CLI_COMPLAIN_H
#include <stddef.h>

#define PROGRAM "mptcp-wan"

/* One line on stderr, after the program's name. What is not printable in it becomes a ?. */
__attribute__((format(printf, 1, 2))) void complain(const char *format, ...);

/* From now on the latest one is kept here, without the name; NULL: they go to stderr again. */
void complain_into(char *line, size_t size);
#endif
