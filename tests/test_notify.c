/* SPDX-License-Identifier: MIT */
/*
 * Which notifications go to the master, in which order, and what an answer of his makes of the
 * next. The master is a script: what is sent ends here, and is answered as told.
 */
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <stdlib.h>
#include <unistd.h>
#include "agent/log.h"
#include "agent/notify.h"
#include "tests/tap.h"

enum { EPOCH = 1800000000, SEQUENCE = 2, TIME = 4, STATE = 11, SHARE = 13, TEXT = 18, VARIABLES };

static netsnmp_session master;
static struct alarms *alarms;
static struct snapshot snapshot;
static char log_file[] = "/tmp/test_notify.XXXXXX";

static unsigned int sent_count;

/* What was sent last. */
static struct {
	netsnmp_callback answer;
	void *magic;
	size_t variables;
	long numbers[VARIABLES];	/* of those that are numbers */
	size_t lengths[VARIABLES];
	char text[STORY_LEN];
} sent;

__attribute__((visibility("default"))) int __wrap_snmp_async_send(netsnmp_session *session,
								  netsnmp_pdu *pdu,
								  netsnmp_callback answer,
								  void *magic);
const struct snapshot *__wrap_collector_latest(struct collector *collector);

int __wrap_snmp_async_send(netsnmp_session *session, netsnmp_pdu *pdu, netsnmp_callback answer,
			   void *magic)
{
	const netsnmp_variable_list *var = pdu->variables;

	(void)session;
	memset(&sent, 0, sizeof(sent));
	sent.answer = answer;
	sent.magic = magic;
	for (; var && sent.variables < VARIABLES; var = var->next_variable) {
		sent.lengths[sent.variables] = var->val_len;
		if (var->type != ASN_OCTET_STR && var->type != ASN_OBJECT_ID)
			sent.numbers[sent.variables] = *var->val.integer;
		else if (sent.variables == TEXT)
			memcpy(sent.text, var->val.string, var->val_len);
		sent.variables++;
	}
	snmp_free_pdu(pdu);
	sent_count++;
	return 1;
}

const struct snapshot *__wrap_collector_latest(struct collector *collector)
{
	(void)collector;
	return snapshot_hold(&snapshot);
}

/* The sequence of what is sent now; 0: nothing is. */
static uint64_t sends(void)
{
	unsigned int before = sent_count;

	notify_run();
	return sent_count != before ? (uint64_t)sent.numbers[SEQUENCE] : 0;
}

static void answered(int operation, long errstat)
{
	netsnmp_pdu pdu = { .errstat = errstat };

	sent.answer(operation, &master, 0, &pdu, sent.magic);
}

static void is_taken(void)
{
	answered(NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE, 0);
}

static void is_refused(void)
{
	answered(NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE, 268);	/* processingError */
}

static void is_not_answered(void)
{
	answered(NETSNMP_CALLBACK_OP_TIMED_OUT, 0);
}

/* A new session, which is also spared the wait after a failure. */
static void attach(bool announce)
{
	notify_detached();
	notify_attached(&master, announce);
}

static bool logged(const char *text)
{
	char lines[4096];
	FILE *file = fopen(log_file, "r");
	size_t len = file ? fread(lines, 1, sizeof(lines) - 1, file) : 0;

	if (file)
		fclose(file);
	lines[len] = '\0';
	return strstr(lines, text) != NULL;
}

/* An agent whose log has the rows first to last, of which the master was told `delivered`. */
static void begin(uint32_t first, uint32_t last, uint32_t delivered)
{
	static struct alarm_record rows[8];

	alarms_free(alarms);
	alarm_log_release(snapshot.alarm_log);
	free(snapshot.alarms);
	alarms = alarms_new(EPOCH);
	alarms_delivered(alarms, delivered);
	for (uint32_t i = 0; first + i <= last; i++)
		rows[i] = (struct alarm_record){ .sequence = first + i,
						 .epoch = EPOCH,
						 .transition = ALARM_RAISED,
						 .type = ALARM_LINE_DOWN,
						 .cause = CAUSE_LINK_DOWN,
						 .severity = SEVERITY_MAJOR,
						 .state = WAN_DOWN,
						 .text = "the row" };
	memset(&snapshot, 0, sizeof(snapshot));
	atomic_init(&snapshot.holders, 1);
	snapshot.host.alarm_epoch = EPOCH;
	snapshot.alarm_log = alarm_log_append(NULL, rows, last + 1 - first);
	if (!freopen(log_file, "w", stderr))
		exit(1);
	setvbuf(stderr, NULL, _IONBF, 0);
	notify_begin(NULL, alarms);
	attach(false);
}

/* Active alarms, raised by the rows of these sequences. */
static void active(const uint32_t *sequences, size_t count)
{
	snapshot.alarms = calloc(count, sizeof(*snapshot.alarms));
	snapshot.alarm_count = count;
	for (size_t i = 0; i < count; i++)
		snapshot.alarms[i] = (struct alarm){ .wan_index = (uint32_t)i + 1,
						     .type = ALARM_UP_BUT_IDLE,
						     .wan_name = "wan1",
						     .cause = CAUSE_SUBFLOW_LIMIT,
						     .severity = SEVERITY_MINOR,
						     .sequence = sequences[i],
						     .raised_s = 1700000123,
						     .text = "the alarm" };
}

static void they_go_one_by_one_in_order(void)
{
	begin(3, 5, 3);
	is_u64(sends(), 4, "the first that was not delivered");
	is_u64(sends(), 0, "no other one until it is answered");
	is_taken();
	is_u64(sends(), 5, "the next");
	is_taken();
	is_u64(sends(), 0, "and that was all");
	is_u64(alarms_delivered_to(alarms), 5, "all are delivered");
}

static void one_that_is_refused_again_and_again_is_passed_over(void)
{
	begin(1, 3, 0);
	for (int i = 1; i <= 4; i++) {
		attach(false);
		is_u64(sends(), 1, "try %d", i);
		is_refused();
		is_u64(sends(), 0, "not at once again");
		is_u64(alarms_delivered_to(alarms), 0, "refused is not delivered");
	}
	attach(false);
	is_u64(sends(), 1, "try 5");
	is_refused();
	ok(logged("notification of alarm record 1: the AgentX master refuses it, error 268; "
		  "passed over after 5 tries\n"),
	   "that is told");
	is_u64(sends(), 2, "the others go on");
	is_refused();
	ok(!logged("record 2: "), "one refusal is no reason to say so again");
	attach(false);
	is_u64(sends(), 2, "nor to pass over");
	is_taken();
	is_u64(sends(), 3, "the last one");
	is_taken();
	is_u64(alarms_delivered_to(alarms), 3, "the end");
}

static void one_that_is_not_answered_is_never_passed_over(void)
{
	begin(1, 2, 0);
	for (int i = 1; i <= 12; i++) {
		attach(false);
		is_u64(sends(), 1, "try %d", i);
		is_not_answered();
	}
	is_u64(alarms_delivered_to(alarms), 0, "it is not delivered");
}

static void an_announcement_that_is_refused_blocks_nobody(void)
{
	begin(1, 3, 2);
	active((const uint32_t[]){ 1, 2 }, 2);
	for (int i = 1; i <= 5; i++) {
		attach(true);
		is_u64(sends(), 1, "try %d", i);
		is_refused();
	}
	is_u64(sends(), 2, "the next alarm is announced");
	is_taken();
	is_u64(sends(), 3, "and what is new is told");
	is_taken();
	is_u64(sends(), 0, "once");
}

static void alarms_older_than_the_log_are_announced_all_the_same(void)
{
	begin(8, 10, 9);
	active((const uint32_t[]){ 8, 7, 3 }, 3);
	attach(true);
	is_u64(sends(), 3, "the oldest alarm, whose row is overwritten");
	is_u64(sent.variables, VARIABLES, "has all variables");
	is_u64((uint64_t)sent.numbers[1], EPOCH, "epoch");
	is_u64((uint64_t)sent.numbers[3], ALARM_RAISED, "raised");
	is_u64(sent.lengths[TIME], 11, "when");
	is_u64((uint64_t)sent.numbers[5], ALARM_UP_BUT_IDLE, "type");
	is_u64((uint64_t)sent.numbers[6], CAUSE_SUBFLOW_LIMIT, "cause");
	is_u64((uint64_t)sent.numbers[7], SEVERITY_MINOR, "severity");
	is_u64(sent.lengths[8], 4, "WAN");
	is_u64((uint64_t)sent.numbers[STATE], WAN_UNKNOWN, "the state of then is not known");
	is_u64((uint64_t)sent.numbers[SHARE], 65535, "nor is a share");
	is_text(sent.text, "the alarm", "text");
	is_taken();
	is_u64(sends(), 7, "the next one");
	is_taken();
	is_u64(sends(), 8, "and the one which the log still has");
	is_text(sent.text, "the row", "by its row");
	is_taken();
	is_u64(sends(), 10, "what is new comes after them");
	is_taken();
	is_u64(sends(), 0, "once");
}

int main(void)
{
	int fd = mkstemp(log_file);

	if (fd < 0)
		return 1;
	log_open("test", true);
	they_go_one_by_one_in_order();
	one_that_is_refused_again_and_again_is_passed_over();
	one_that_is_not_answered_is_never_passed_over();
	an_announcement_that_is_refused_blocks_nobody();
	alarms_older_than_the_log_are_announced_all_the_same();
	alarms_free(alarms);
	alarm_log_release(snapshot.alarm_log);
	free(snapshot.alarms);
	close(fd);
	unlink(log_file);
	return tap_done();
}
