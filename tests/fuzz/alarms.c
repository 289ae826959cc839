/* SPDX-License-Identifier: MIT */
/* The alarms known from before: all of a file or nothing, and what was read reads the same again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "lib/alarm.h"
#include "tests/fuzz/fuzz.h"

/* What is saved by whom has loaded that text. */
static char *saved(const char *text, int *error)
{
	struct alarms *alarms = alarms_new(1);
	char *out;

	must(alarms);
	*error = alarms_load(alarms, text);
	out = alarms_save(alarms);
	must(out);
	alarms_free(alarms);
	return out;
}

void fuzz_alarms(const void *bytes, size_t len)
{
	char *text = fuzz_text(bytes, len), *first, *second;
	int error, failed;

	first = saved(text, &error);
	if (error) {
		must(error == -EBADMSG);
		second = saved("", &failed);
	} else {
		second = saved(first, &failed);
		must(!failed);
	}
	must(!strcmp(first, second));
	free(first);
	free(second);
	free(text);
}
