/* SPDX-License-Identifier: MIT */
/*
 * send_v2trap() would not do: it sends to a session that may be gone, and keeps the answer to
 * itself. The Notify PDU is the same as its.
 */
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <errno.h>
#include <time.h>
#include "agent/handler.h"
#include "agent/log.h"
#include "agent/notify.h"
#include "lib/clock.h"
#include "lib/version.h"

enum {
	AGENTX_NOTIFY = 12,		/* RFC 2741, 6.1: net-snmp's header for it is not installed */
	ANSWER_S = 5,			/* a busy master; one that hangs is noticed by the ping */
	AGAIN_MS = 5000,		/* after an answer that was an error, or none */
	REFUSALS_MOST = 5		/* so often refused, it blocks the others no longer */
};

enum purpose { DELIVER, ANNOUNCE, TEST };

static struct {
	struct collector *collector;
	struct alarms *alarms;
	netsnmp_session *master;	/* NULL while detached */
	uintptr_t sent;			/* numbers them, so that a late answer is told apart */
	bool flying;			/* the last one sent is not answered yet */
	enum purpose purpose;		/* ... what it is for, and which row it is */
	uint32_t sequence;
	unsigned int refusals;		/* ... and how often an answer has refused it */
	uint64_t again_ms;		/* not before that */
	bool announcing;
	uint32_t announced_to, announce_until;	/* sequences */
	bool trouble_told;
	int test;			/* as notify_test() returns it */
} notify;

/*
 * --- one notification and its answer -----------------------------------------------------------
 */

static void move_on(void)
{
	switch (notify.purpose) {
	case DELIVER:
		alarms_delivered(notify.alarms, notify.sequence);
		break;
	case ANNOUNCE:
		notify.announced_to = notify.sequence;
		break;
	case TEST:
		notify.test = 0;
		break;
	}
}

static void taken(void)
{
	if (notify.trouble_told)
		log_line(LOG_NOTICE, "the AgentX master takes notifications again");
	notify.trouble_told = false;
	move_on();
}

static void not_taken(int error, const char *why)
{
	notify.again_ms = clock_now_ms() + AGAIN_MS;
	if (notify.purpose == TEST)
		notify.test = -error;
	else if (!notify.trouble_told)
		log_line(LOG_WARNING, "notification of alarm record %u: %s; trying again",
			 notify.sequence, why);
	notify.trouble_told = true;
}

/* What he has refused so often he will refuse for ever, and with it whatever comes after. */
static void refused(long errstat)
{
	char why[64];

	snprintf(why, sizeof(why), "the AgentX master refuses it, error %ld", errstat);
	if (notify.purpose == TEST || ++notify.refusals < REFUSALS_MOST) {
		not_taken(EPROTO, why);
		return;
	}
	log_line(LOG_ERR, "notification of alarm record %u: %s; passed over after %d tries",
		 notify.sequence, why, REFUSALS_MOST);
	move_on();
}

static int on_answer(int operation, netsnmp_session *master, int request, netsnmp_pdu *pdu,
		     void *magic)
{
	(void)request;
	/* One of a session that is gone is no answer, and its row is sent again. */
	if (!notify.flying || (uintptr_t)magic != notify.sent || master != notify.master)
		return 1;
	notify.flying = false;
	if (operation != NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE)
		not_taken(ETIMEDOUT, "the AgentX master does not answer");
	else if (pdu->errstat)
		refused(pdu->errstat);
	else
		taken();
	return 1;
}

/* sysUpTime.0 is the master's, and it puts it first. */
static netsnmp_pdu *make_pdu(const struct alarm_record *row)
{
	netsnmp_pdu *pdu = snmp_pdu_create(AGENTX_NOTIFY);

	if (!pdu)
		return NULL;
	pdu->version = notify.master->version;
	pdu->sessid = notify.master->sessid;
	pdu->flags |= UCD_MSG_FLAG_PDU_TIMEOUT;
	pdu->time = ANSWER_S;
	if (handler_varbinds(&pdu->variables, row))
		return pdu;
	snmp_free_pdu(pdu);
	return NULL;
}

static void send_row(const struct alarm_record *row, enum purpose purpose)
{
	netsnmp_pdu *pdu = make_pdu(row);

	if (purpose != notify.purpose || row->sequence != notify.sequence)
		notify.refusals = 0;
	notify.purpose = purpose;
	notify.sequence = row->sequence;
	notify.flying = true;
	notify.sent++;
	if (pdu && snmp_async_send(notify.master, pdu, on_answer, (void *)notify.sent))
		return;
	notify.flying = false;
	if (!pdu) {
		not_taken(ENOMEM, "no memory");
		return;
	}
	snmp_free_pdu(pdu);
	not_taken(notify.master->s_errno ? notify.master->s_errno : EIO, "cannot be sent");
}

/*
 * --- what is next ------------------------------------------------------------------------------
 */

/* The row of that sequence, or the first after it: older ones may have been overwritten. */
static const struct alarm_record *row_from(const struct alarm_log *log, uint32_t sequence)
{
	size_t i;

	if (!log || !log->count)
		return NULL;
	i = sequence > log->rows[0].sequence ? sequence - log->rows[0].sequence : 0;
	return i < log->count ? &log->rows[i] : NULL;
}

/* The alarm that was raised first of those which are active and were not announced yet. */
static const struct alarm *to_announce(const struct snapshot *snapshot)
{
	const struct alarm *first = NULL;

	for (size_t i = 0; i < snapshot->alarm_count; i++) {
		const struct alarm *alarm = &snapshot->alarms[i];

		if (alarm->sequence > notify.announced_to &&
		    alarm->sequence <= notify.announce_until &&
		    (!first || alarm->sequence < first->sequence))
			first = alarm;
	}
	return first;
}

/*
 * By the row that raised it. What stands for long outlives that: then by what the alarm itself
 * knows, and the rest is not known.
 */
static void announce(const struct snapshot *snapshot, const struct alarm *alarm)
{
	const struct alarm_record *row = row_from(snapshot->alarm_log, alarm->sequence);
	struct alarm_record known = {
		.sequence = alarm->sequence,
		.epoch = snapshot->host.alarm_epoch,
		.transition = ALARM_RAISED,
		.time_s = alarm->raised_s,
		.wan_index = alarm->wan_index,
		.type = alarm->type,
		.cause = alarm->cause,
		.severity = alarm->severity,
		.state = WAN_UNKNOWN,
		.raised_by = alarm->sequence,
	};

	memcpy(known.wan_name, alarm->wan_name, sizeof(known.wan_name));
	memcpy(known.text, alarm->text, sizeof(known.text));
	send_row(row && row->sequence == alarm->sequence ? row : &known, ANNOUNCE);
}

static void send_next(const struct snapshot *snapshot)
{
	const struct alarm *alarm = notify.announcing ? to_announce(snapshot) : NULL;
	const struct alarm_record *row;

	if (alarm) {
		announce(snapshot, alarm);
		return;
	}
	notify.announcing = false;
	row = row_from(snapshot->alarm_log, alarms_delivered_to(notify.alarms) + 1);
	if (row)
		send_row(row, DELIVER);
}

void notify_begin(struct collector *collector, struct alarms *alarms)
{
	notify.collector = collector;
	notify.alarms = alarms;
}

void notify_attached(struct snmp_session *master, bool announce)
{
	notify.master = master;
	notify.flying = false;
	notify.again_ms = 0;
	notify.announcing = announce;
	notify.announced_to = 0;
	/* Those after it will be told in any case. */
	notify.announce_until = announce ? alarms_delivered_to(notify.alarms) : 0;
}

void notify_detached(void)
{
	notify.master = NULL;
	notify.flying = false;
}

void notify_run(void)
{
	const struct snapshot *snapshot;

	if (!notify.master || notify.flying || clock_now_ms() < notify.again_ms)
		return;
	snapshot = collector_latest(notify.collector);
	if (snapshot)
		send_next(snapshot);
	snapshot_release(snapshot);
}

/*
 * --- the test ----------------------------------------------------------------------------------
 */

/* Sequence 0 is no row of any log. */
static void send_test(void)
{
	struct alarm_record row = {
		.transition = ALARM_RAISED,
		.time_s = (uint64_t)time(NULL),
		.type = ALARM_UP_BUT_IDLE,
		.cause = CAUSE_NONE,
		.severity = SEVERITY_INFO,
		.state = WAN_UNKNOWN,
		.text = "This is a test of mptcp-wan-agent " MPTCP_WAN_VERSION ", no alarm",
	};

	notify.test = -EAGAIN;
	send_row(&row, TEST);
}

int notify_test(void)
{
	if (!notify.master)
		return -ENOTCONN;
	if (!notify.sent)
		send_test();
	return notify.test;
}
