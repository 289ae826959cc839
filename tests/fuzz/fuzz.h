/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H
#include <stddef.h>
#include <stdint.h>

/*
 * What libFuzzer finds out about whoever reads foreign octets: one file a target, a function in
 * each, and its line in the table of fuzz.c. An input is what is read, or its first octet chooses
 * who reads the rest. A target does not only look for a crash: what must hold of any input whatever
 * is said with must(). How to run them, and add one: doc/fuzzing.md.
 */
typedef void fuzz_fn(const void *bytes, size_t len);

fuzz_fn fuzz_alarms, fuzz_anonymize, fuzz_capture, fuzz_config, fuzz_connections, fuzz_life,
	fuzz_links, fuzz_mib, fuzz_path_manager, fuzz_proc, fuzz_settings, fuzz_state, fuzz_status,
	fuzz_subflows;

/* Ends the process as a crash does, naming what does not hold. */
#define must(holds) ((holds) ? (void)0 : fuzz_broken(#holds, __FILE__, __LINE__))
_Noreturn void fuzz_broken(const char *what, const char *file, int line);

/* A copy ended by a NUL, for the caller to free. */
char *fuzz_text(const void *bytes, size_t len);

/* A regular file in memory that holds it; valid until the next call. */
const char *fuzz_file(const void *bytes, size_t len);

/* The reason that a user is given: one line that ends within `size` octets. */
void fuzz_reason(const char *why, size_t size);

/*
 * Each message of a datagram, in memory of exactly its length; stops where a walk of ours would.
 * What fn returns must be an answer of lib/parse.h.
 */
struct nlmsghdr;
void fuzz_messages(const void *bytes, size_t len, int (*fn)(const struct nlmsghdr *));
#endif
