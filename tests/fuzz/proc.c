/* SPDX-License-Identifier: MIT */
/* The texts of /proc: counters, sysctls, load. */
#include <errno.h>
#include <string.h>
#include "lib/parse.h"
#include "tests/fuzz/fuzz.h"

struct heard {
	const char *text;
	size_t len;
	int count;
};

static void counter(const char *name, size_t name_len, uint64_t value, void *arg)
{
	struct heard *heard = arg;

	(void)value;
	must(name >= heard->text && name_len && name_len <= heard->len);
	must((size_t)(name - heard->text) <= heard->len - name_len);
	heard->count++;
}

void fuzz_proc(const void *bytes, size_t len)
{
	struct heard heard = { bytes, len, 0 };
	struct load_row load = { 0 };
	struct sysctl_row sysctls;
	int found = parse_counters(bytes, len, counter, &heard);

	must(found == heard.count || found == -EBADMSG);
	memset(&sysctls, 0xa5, sizeof(sysctls));
	found = parse_sysctls(bytes, len, &sysctls);
	must(found == 1 || found == -EBADMSG);
	must(memchr(sysctls.scheduler, '\0', sizeof(sysctls.scheduler)));
	must(memchr(sysctls.path_manager, '\0', sizeof(sysctls.path_manager)));
	found = parse_load(bytes, len, &load);
	must(found == 1 || found == -EBADMSG);
	must(load.cores <= CORES_MOST);
}
