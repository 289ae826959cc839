/* SPDX-License-Identifier: MIT */
/* The agent's status.json, read; then told and read once more. */
#include <stdlib.h>
#include <string.h>
#include "cli/status_read.h"
#include "lib/status.h"
#include "tests/fuzz/fuzz.h"

void fuzz_status(const void *bytes, size_t len)
{
	char why[STATUS_WHY_LEN] = "", *text;
	struct status status;

	if (status_read(fuzz_file(bytes, len), &status, why)) {
		fuzz_reason(why, sizeof(why));
		return;
	}
	text = status_json(&status.snapshot);
	must(text);
	status_free(&status);
	must(!status_parse("status.json", text, strlen(text), &status, why));
	status_free(&status);
	free(text);
}
