/* SPDX-License-Identifier: MIT */
/*
 *	ask ADDRESS SECONDS REPETITIONS [SCHEDSTAT]...
 *
 * How fast an SNMP agent answers (v2c, public): walks the tree of MPTCP-WAN-MIB by GETBULK, over
 * and over, with GETs of one object between two pauses: each object in its turn, and after each
 * sysUpTime, which the master knows by itself. Prints the wall time in microseconds of the GETs of
 * ours, their number, median and 99th percentile; the same without what this program and the threads
 * of the SCHEDSTATs (files of /proc) waited for a core meanwhile; of sysUpTime, both; of the walks; and
 * how many objects the last walk saw. A request that is not answered, or with an error, ends it.
 */
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "tests/bench/measure.h"

enum {
	OBJECTS_MOST = 4096,
	TIMES_MOST = 100000,
	GETS_A_WALK = 100,
	PAUSE_NS = 2000000,
	WAITERS_MOST = 8
};

static const oid root[] = { 1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 262 };

struct name {
	oid oid[MAX_OID_LEN];
	size_t len;
};
static const struct name uptime = { { 1, 3, 6, 1, 2, 1, 1, 3, 0 }, 9 };
static struct name names[OBJECTS_MOST];

static struct times {
	size_t count;
	double us[TIMES_MOST];
} gets, gets_on_core, uptimes, uptimes_on_core, walks;

static int waiters[WAITERS_MOST];	/* open files */
static size_t waiters_count;

static netsnmp_session *session;
static size_t objects;

static void die(const char *what)
{
	fprintf(stderr, "ask: %s\n", what);
	exit(1);
}

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void took(struct times *times, double us)
{
	if (times->count < TIMES_MOST)
		times->us[times->count++] = us;
}

static void add_waiter(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || waiters_count == WAITERS_MOST)
		die(path);
	waiters[waiters_count++] = fd;
}

/* What all of them together ever waited for a core: the second number. */
static double waited_us(void)
{
	double us = 0;

	for (size_t i = 0; i < waiters_count; i++) {
		char text[128];
		ssize_t len = pread(waiters[i], text, sizeof(text) - 1, 0);
		unsigned long long ns;

		if (len < 0)
			die("a thread has ended");
		text[len] = '\0';
		if (sscanf(text, "%*u %llu", &ns) != 1)
			die("no schedstat");
		us += (double)ns / 1e3;
	}
	return us;
}

static netsnmp_pdu *ask(netsnmp_pdu *request)
{
	netsnmp_pdu *response;

	if (snmp_synch_response(session, request, &response) != STAT_SUCCESS ||
	    response->errstat != SNMP_ERR_NOERROR)
		die("no answer, or an error");
	return response;
}

/* Notes what is in the tree; false at its end. */
static bool take(const netsnmp_pdu *response)
{
	for (const netsnmp_variable_list *var = response->variables; var;
	     var = var->next_variable) {
		if (var->type == SNMP_ENDOFMIBVIEW ||
		    snmp_oidtree_compare(root, OID_LENGTH(root), var->name, var->name_length))
			return false;
		if (objects == OBJECTS_MOST)
			die("too many objects");
		names[objects].len = var->name_length;
		memcpy(names[objects++].oid, var->name, var->name_length * sizeof(oid));
	}
	return true;
}

static void walk(long repetitions)
{
	double begun_us = now_us();
	bool goes_on = true;

	objects = 0;
	while (goes_on) {
		netsnmp_pdu *request = snmp_pdu_create(SNMP_MSG_GETBULK), *response;

		request->non_repeaters = 0;
		request->max_repetitions = repetitions;
		if (objects)
			snmp_add_null_var(request, names[objects - 1].oid, names[objects - 1].len);
		else
			snmp_add_null_var(request, root, OID_LENGTH(root));
		response = ask(request);
		goes_on = take(response);
		snmp_free_pdu(response);
	}
	took(&walks, now_us() - begun_us);
}

static void get(const struct name *name, struct times *times, struct times *on_core)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };
	netsnmp_pdu *request = snmp_pdu_create(SNMP_MSG_GET);
	double waited_before_us = waited_us(), begun_us = now_us(), us;

	snmp_add_null_var(request, name->oid, name->len);
	snmp_free_pdu(ask(request));
	us = now_us() - begun_us;
	took(times, us);
	took(on_core, us - (waited_us() - waited_before_us));
	nanosleep(&pause, NULL);
}

static void print(const char *what, struct times *times)
{
	printf("%s %zu median %.0f p99 %.0f\n", what, times->count,
	       measure_median(times->us, times->count),
	       measure_percentile(times->us, times->count, 99));
}

int main(int argc, char **argv)
{
	netsnmp_session wanted;
	double end_us;
	long repetitions;

	if (argc < 4) {
		fputs("usage: ask ADDRESS SECONDS REPETITIONS [SCHEDSTAT]...\n", stderr);
		return 2;
	}
	repetitions = strtol(argv[3], NULL, 10);
	add_waiter("/proc/thread-self/schedstat");
	for (int i = 4; i < argc; i++)
		add_waiter(argv[i]);
	init_snmp("ask");
	snmp_sess_init(&wanted);
	wanted.version = SNMP_VERSION_2c;
	wanted.peername = argv[1];
	wanted.community = (u_char *)"public";
	wanted.community_len = strlen("public");
	wanted.timeout = 10000000;
	wanted.retries = 0;
	session = snmp_open(&wanted);
	if (!session)
		die("no session");
	end_us = now_us() + strtod(argv[2], NULL) * 1e6;
	for (size_t i = 0; now_us() < end_us;) {
		walk(repetitions);
		if (!objects)
			die("the tree is empty");
		for (int k = 0; k < GETS_A_WALK; k++, i++) {
			get(&names[i % objects], &gets, &gets_on_core);
			get(&uptime, &uptimes, &uptimes_on_core);
		}
	}
	print("gets", &gets);
	print("gets_on_core", &gets_on_core);
	print("uptimes", &uptimes);
	print("uptimes_on_core", &uptimes_on_core);
	print("walks", &walks);
	printf("objects %zu\n", objects);
	snmp_close(session);
	return 0;
}
