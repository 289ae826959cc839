/* SPDX-License-Identifier: MIT */
/*
 * Debian's libraries are compiled with _FORTIFY_SOURCE: they call these, which glibc has and musl
 * has not. `room` is what the compiler knows of the target's size. A function that is missing here
 * is an error when the program is linked.
 */
#define _GNU_SOURCE /* vasprintf */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

int __fprintf_chk(FILE *file, int flag, const char *format, ...);
int __snprintf_chk(char *text, size_t size, int flag, size_t room, const char *format, ...);
char *__strcat_chk(char *text, const char *more, size_t room);
int __vasprintf_chk(char **text, int flag, const char *format, va_list args);
int __vfprintf_chk(FILE *file, int flag, const char *format, va_list args);
int __vsnprintf_chk(char *, size_t, int flag, size_t room, const char *format, va_list args);
void __vsyslog_chk(int priority, int flag, const char *format, va_list args);

int __vfprintf_chk(FILE *file, int flag, const char *format, va_list args)
{
	(void)flag;
	return vfprintf(file, format, args);
}

int __fprintf_chk(FILE *file, int flag, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = __vfprintf_chk(file, flag, format, args);
	va_end(args);
	return len;
}

int __vsnprintf_chk(char *text, size_t size, int flag, size_t room, const char *format,
		    va_list args)
{
	(void)flag;
	if (size > room)
		abort();
	return vsnprintf(text, size, format, args);
}

int __snprintf_chk(char *text, size_t size, int flag, size_t room, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = __vsnprintf_chk(text, size, flag, room, format, args);
	va_end(args);
	return len;
}

int __vasprintf_chk(char **text, int flag, const char *format, va_list args)
{
	(void)flag;
	return vasprintf(text, format, args);
}

char *__strcat_chk(char *text, const char *more, size_t room)
{
	if (strlen(text) + strlen(more) >= room)
		abort();
	return strcat(text, more);
}

void __vsyslog_chk(int priority, int flag, const char *format, va_list args)
{
	(void)flag;
	vsyslog(priority, format, args);
}
