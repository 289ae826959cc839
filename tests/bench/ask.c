/* SPDX-License-Identifier: MIT */
/*
 *	ask ADDRESS SECONDS REPETITIONS
 *
 * How fast an SNMP agent answers (v2c, public): walks the tree of MPTCP-WAN-MIB by GETBULK, over
 * and over, with a GET of one object between two pauses, each object in its turn. Prints the wall
 *time in microseconds of the GETs, their number, median and 99th percentile; of the walks, the
 *same, and how many objects the last one saw. A request that is not answered, or with an error,
 *ends it.
 */
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "tests/bench/measure.h"

enum { OBJECTS_MOST = 4096, TIMES_MOST = 100000, GETS_A_WALK = 100, PAUSE_NS = 2000000 };

static const oid root[] = { 1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 262 };

static struct name {
	oid oid[MAX_OID_LEN];
	size_t len;
} names[OBJECTS_MOST];

static struct times {
	size_t count;
	double us[TIMES_MOST];
} gets, walks;

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

static void took(struct times *times, double begun_us)
{
	if (times->count < TIMES_MOST)
		times->us[times->count++] = now_us() - begun_us;
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
	took(&walks, begun_us);
}

static void get(const struct name *name)
{
	netsnmp_pdu *request = snmp_pdu_create(SNMP_MSG_GET);
	double begun_us = now_us();

	snmp_add_null_var(request, name->oid, name->len);
	snmp_free_pdu(ask(request));
	took(&gets, begun_us);
}

static void print(const char *what, struct times *times)
{
	printf("%s %zu median %.0f p99 %.0f\n", what, times->count,
	       measure_median(times->us, times->count),
	       measure_percentile(times->us, times->count, 99));
}

int main(int argc, char **argv)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };
	netsnmp_session wanted;
	double end_us;
	long repetitions;

	if (argc != 4) {
		fputs("usage: ask ADDRESS SECONDS REPETITIONS\n", stderr);
		return 2;
	}
	repetitions = strtol(argv[3], NULL, 10);
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
			get(&names[i % objects]);
			nanosleep(&pause, NULL);
		}
	}
	print("gets", &gets);
	print("walks", &walks);
	printf("objects %zu\n", objects);
	snmp_close(session);
	return 0;
}
