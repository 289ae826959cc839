/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "agent/log.h"

enum { LINE_LEN = 1536 }; /* the text of an alarm, and what comes before it */

static const char *program_name = "mptcp-wan-agent";
static bool to_stderr = true, to_journal;

void log_open(const char *program, bool foreground)
{
	program_name = program;
	to_stderr = foreground;
	to_journal = foreground && getenv("JOURNAL_STREAM");
	/* On stderr as well: who starts a daemon sees it until that lets go of his terminal. */
	if (!foreground)
		openlog(program, LOG_PID | LOG_PERROR, LOG_DAEMON);
}

void log_line(int priority, const char *format, ...)
{
	char line[LINE_LEN];
	va_list args;

	va_start(args, format);
	if (to_stderr) {
		/* One write a line: two threads never mix theirs. */
		vsnprintf(line, sizeof(line), format, args);
		if (to_journal) /* sd-daemon(3): else all of it has one priority there */
			fprintf(stderr, "<%d>%s\n", priority, line);
		else
			fprintf(stderr, "%s: %s\n", program_name, line);
	} else {
		vsyslog(priority, format, args);
	}
	va_end(args);
}
