/* SPDX-License-Identifier: MIT */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H
/*
 * Test Anything Protocol, the little of it that we need. Each check is a line; a failed one tells
 * file and line, and what it got and wanted. A test ends with `return tap_done();`.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static struct { unsigned int count, failed; } tap;

static inline bool tap_line(bool good, const char *file, int line, const char *format, va_list args)
{
	tap.count++;
	tap.failed += !good;
	printf("%s %u - ", good ? "ok" : "not ok", tap.count);
	vprintf(format, args);
	putchar('\n');
	if (!good)
		printf("# at %s:%d\n", file, line);
	fflush(stdout);
	return good;
}

__attribute__((format(printf, 4, 5))) static inline bool tap_ok(bool good, const char *file,
								int line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tap_line(good, file, line, format, args);
	va_end(args);
	return good;
}

__attribute__((format(printf, 5, 6))) static inline bool tap_u64(uint64_t got, uint64_t want,
								 const char *file, int line,
								 const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (!tap_line(got == want, file, line, format, args))
		printf("# got %" PRIu64 ", want %" PRIu64 "\n", got, want);
	va_end(args);
	return got == want;
}

__attribute__((format(printf, 5, 6))) static inline bool tap_text(const char *got, const char *want,
								  const char *file, int line,
								  const char *format, ...)
{
	bool good = got && want ? !strcmp(got, want) : got == want;
	va_list args;

	va_start(args, format);
	if (!tap_line(good, file, line, format, args))
		printf("# got '%s', want '%s'\n", got ? got : "(null)", want ? want : "(null)");
	va_end(args);
	return good;
}

#define ok(good, ...) tap_ok((good), __FILE__, __LINE__, __VA_ARGS__)
#define is_u64(got, want, ...) tap_u64((got), (want), __FILE__, __LINE__, __VA_ARGS__)
#define is_text(got, want, ...) tap_text((got), (want), __FILE__, __LINE__, __VA_ARGS__)

/* The plan, and the exit status. */
static inline int tap_done(void)
{
	printf("1..%u\n", tap.count);
	return tap.failed != 0;
}
#endif
