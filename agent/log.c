/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include "agent/log.h"

static const char *program_name = "mptcp-wan-agent";
static bool to_stderr = true;

void log_open(const char *program, bool foreground)
{
	program_name = program;
	to_stderr = foreground;
	if (!foreground)
		openlog(program, LOG_PID, LOG_DAEMON);
}

void log_line(int priority, const char *format, ...)
{
	char line[512];
	va_list args;

	va_start(args, format);
	if (to_stderr) {
		/* One write a line: two threads never mix theirs. */
		vsnprintf(line, sizeof(line), format, args);
		fprintf(stderr, "%s: %s\n", program_name, line);
	} else {
		vsyslog(priority, format, args);
	}
	va_end(args);
}
