/* SPDX-License-Identifier: MIT */
/* Texts of /proc to structs; each in memory of exactly its size, so that a sanitizer sees more. */
#include <errno.h>
#include <stdlib.h>
#include "lib/parse.h"
#include "tests/tap.h"

static struct {
	size_t count;
	uint64_t last;
	char name[64];
} told;

static void on_counter(const char *name, size_t name_len, uint64_t value, void *arg)
{
	(void)arg;
	told.count++;
	told.last = value;
	snprintf(told.name, sizeof(told.name), "%.*s", (int)name_len, name);
}

static int counters_of(const char *text)
{
	size_t len = strlen(text);
	char *copy = malloc(len ? len : 1);
	int found;

	memset(&told, 0, sizeof(told));
	memcpy(copy, text, len);
	found = parse_counters(copy, len, on_counter, NULL);
	free(copy);
	return found;
}

static void counters(void)
{
	is_u64(counters_of("TcpExt: A B\nTcpExt: 1 2\n"
			   "MPTcpExt: MPJoinSynTx RmAddr\nMPTcpExt: 7 18446744073709551615\n"),
	       2, "two counters");
	ok(told.count == 2 && told.last == UINT64_MAX, "64 bits wide");
	is_text(told.name, "RmAddr", "names");
	is_u64(counters_of("TcpExt: A\nTcpExt: 1\n"), 0, "a kernel without MPTCP");
	is_u64(counters_of(""), 0, "nothing");
	is_u64(counters_of("MPTcpExt: A\nMPTcpExt: 4"), 1, "no newline at the end");
	ok(counters_of("MPTcpExt: A B\nMPTcpExt: 1\n") == -EBADMSG, "a value is missing");
	ok(counters_of("MPTcpExt: A\nMPTcpExt: 1 2\n") == -EBADMSG, "a value too many");
	ok(counters_of("MPTcpExt: A\n") == -EBADMSG, "the values are missing");
	ok(counters_of("MPTcpExt: A\nMPTcpExt: x\n") == -EBADMSG, "no number");
	ok(counters_of("MPTcpExt: A\nMPTcpExt: 18446744073709551616\n") == -EBADMSG, "too large");
}

static int sysctls_of(const char *text, struct sysctl_row *row)
{
	size_t len = strlen(text);
	char *copy = malloc(len ? len : 1);
	int found;

	memcpy(copy, text, len);
	found = parse_sysctls(copy, len, row);
	free(copy);
	return found;
}

static void sysctls(void)
{
	struct sysctl_row row;

	is_u64(sysctls_of("enabled=1\npath_manager=kernel\npm_type=1\nscheduler=default\nnew=7\n",
			  &row),
	       1, "sysctls");
	ok(row.enabled.known && row.enabled.value, "enabled");
	is_text(row.path_manager, "kernel", "the name wins over the number");
	is_text(row.scheduler, "default", "scheduler");
	sysctls_of("pm_type=1\npath_manager=bpf\n", &row);
	is_text(row.path_manager, "bpf", "in whatever order");
	ok(!row.enabled.known && !row.scheduler[0], "what is not told is not known");
	sysctls_of("pm_type=1\n", &row);
	is_text(row.path_manager, "userspace", "a kernel before 6.15: userspace");
	sysctls_of("pm_type=0\n", &row);
	is_text(row.path_manager, "kernel", "... kernel");
	sysctls_of("scheduler=a_name_that_is_longer_than_any_scheduler_may_be\n", &row);
	is_u64(strlen(row.scheduler), WORD_LEN - 1, "a word too long is cut");
	ok(!row.blackhole_timeout_s.known, "a kernel before 6.12 has no blackhole timeout");
	sysctls_of("blackhole_timeout=0\n", &row);
	ok(row.blackhole_timeout_s.known && !row.blackhole_timeout_s.value, "switched off");
	sysctls_of("blackhole_timeout=3600\n", &row);
	is_u64(row.blackhole_timeout_s.value, 3600, "an hour");
	ok(sysctls_of("blackhole_timeout=-1\n", &row) == -EBADMSG, "no time");
	ok(sysctls_of("blackhole_timeout=4294967296\n", &row) == -EBADMSG, "nor 0 by overflow");
	ok(sysctls_of("enabled\n", &row) == -EBADMSG, "no value");
	ok(sysctls_of("enabled=yes\n", &row) == -EBADMSG, "no number");
	ok(sysctls_of("", &row) == 1 && !row.enabled.known, "none at all");
}

static int load_of(const char *text, struct load_row *row)
{
	size_t len = strlen(text);
	char *copy = malloc(len ? len : 1);
	int found;

	memcpy(copy, text, len);
	found = parse_load(copy, len, row);
	free(copy);
	return found;
}

static void load(void)
{
	static const char stat[] = "cpu  9 9 9 9 9 9 9 9 0 0\n"
				   "cpu0 1 2 3 40 50 6 7 8 0 0\n"
				   "cpu1 10 0 0 90\n"
				   "intr 5 cpu\nctxt 7\n";
	struct load_row row = { 0 };
	char many[100 * 16] = "cpu  1 1 1 1\n", core[16];
	bool good = true;
	int found;

	is_u64(load_of(stat, &row), 1, "/proc/stat");
	is_u64(row.cores, 2, "cores, not their sum");
	ok(row.busy[0] == 27 && row.ticks[0] == 117, "waiting for a disk is idle");
	ok(row.busy[1] == 10 && row.ticks[1] == 100, "an old kernel has fewer columns");
	ok(!row.softnet_dropped.known && !row.tcp_pages.known, "the rest is not in it");
	ok(load_of("sockets: used 9\nTCP: inuse 5 orphan 0 tw 2 alloc 9 mem 33\n"
		   "UDP: inuse 1 mem 99\n",
		   &row) == 1 &&
		   row.tcp_pages.known && row.tcp_pages.value == 33 && row.tcp_time_wait.known &&
		   row.tcp_time_wait.value == 2,
	   "/proc/net/sockstat");
	ok(load_of("TCP6: inuse 7\nUDP6: inuse 3\n", &row) == 1 && row.tcp_sockets.known &&
		   row.tcp_sockets.value == 12 && row.tcp_pages.value == 33,
	   "/proc/net/sockstat6: sockets of both families");
	ok(load_of("0000ffff 00000002 00000000 00000000\n00000001 0000000a 00000000\n", &row) == 1 &&
		   row.softnet_dropped.known && row.softnet_dropped.value == 12,
	   "/proc/net/softnet_stat, in hexadecimal, of all cores");
	is_u64(row.cores, 2, "each adds to the others");
	ok(load_of("0000ffff 00000002\ncpu0 x1p 00000002\n", &row) == -EBADMSG, "and of nothing else");
	for (int i = 0; i < 99; i++) {
		snprintf(core, sizeof(core), "cpu%d 1 1 1 1\n", i);
		strcat(many, core);
	}
	row = (struct load_row){ 0 };
	ok(load_of(many, &row) == 1 && row.cores == CORES_MOST, "many cores");
	ok(load_of("cpu99 1 x 3 4\n", &row) == 1, "more than that are not looked at");
	row = (struct load_row){ 0 };
	ok(load_of("cpu3 1 1 1 1\n", &row) == 1 && row.cores == 4 && row.ticks[3] == 4 && !row.ticks[2],
	   "each by its number: one that is offline has no line");
	ok(load_of("cpux 1 1 1 1\n", &row) == -EBADMSG, "which is a number");
	row = (struct load_row){ 0 };
	ok(load_of("cpu0 1 x 3 4\n", &row) == -EBADMSG, "no number");
	ok(load_of("sockets: used 9\nTCP: mem\n", &row) == -EBADMSG, "no value");
	ok(load_of("0000000 00000000\n", &row) == -EBADMSG, "no word of eight digits");
	ok(load_of("00000000 0000000g\n", &row) == -EBADMSG, "no digit");
	ok(load_of("", &row) == 1, "nothing");
	for (size_t len = 1; len < sizeof(stat); len++) {
		char cut[sizeof(stat)];

		snprintf(cut, len + 1, "%s", stat);
		row = (struct load_row){ 0 };
		found = load_of(cut, &row);
		good &= found == 1 || found == -EBADMSG;
	}
	ok(good, "cut at every length");
}

int main(void)
{
	counters();
	sysctls();
	load();
	return tap_done();
}
