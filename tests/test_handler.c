/* SPDX-License-Identifier: MIT */
/* A row of the alarm log as the variables of a notification, each of its type in SNMP. */
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include "agent/handler.h"
#include "agent/mib.h"
#include "tests/tap.h"

enum { COLUMNS = 18 };
#define SEQUENCE UINT32_C(4000000000)

static const oid root[] = { MIB_ROOT };

/* The i-th variable; 0: snmpTrapOID. */
static const netsnmp_variable_list *variable(const netsnmp_variable_list *list, size_t i)
{
	while (list && i--)
		list = list->next_variable;
	return list;
}

static void is_number(const netsnmp_variable_list *list, size_t i, u_char type, long want,
		      const char *what)
{
	const netsnmp_variable_list *var = variable(list, i);

	ok(var->type == type && (uint32_t)*var->val.integer == (uint32_t)want,
	   "%s: type %d, value %ld", what, var->type, *var->val.integer);
}

static void is_octets(const netsnmp_variable_list *list, size_t i, const void *want, size_t len,
		      const char *what)
{
	const netsnmp_variable_list *var = variable(list, i);

	ok(var->type == ASN_OCTET_STR && var->val_len == len && !memcmp(var->val.string, want, len),
	   "%s: %zu octets", what, var->val_len);
}

static struct alarm_record a_record(void)
{
	struct alarm_record record = { .sequence = SEQUENCE,
				       .epoch = 1800000000,
				       .transition = ALARM_RAISED,
				       .time_s = 1800000000,
				       .wan_index = 5,
				       .ifindex = 7,
				       .type = ALARM_UP_BUT_IDLE,
				       .cause = CAUSE_SUBFLOW_LIMIT,
				       .severity = SEVERITY_MAJOR,
				       .state = WAN_UNJOINED,
				       .share_in = { true, 0 },
				       .share_out = { false, 0 },
				       .wans_carrying = 4,
				       .wans_joined = 4,
				       .wans_configured = 6,
				       .wan_name = "wan5",
				       .wan_label = "Starlink" };

	memset(record.text, 'x', 1000);
	return record;
}

static uint64_t notification_of(const struct alarm_record *record)
{
	netsnmp_variable_list *list = NULL;
	unsigned long number = 99;

	if (handler_varbinds(&list, record) &&
	    list->val_len == (OID_LENGTH(root) + 2) * sizeof(oid) &&
	    !memcmp(list->val.objid, root, sizeof(root)) && !list->val.objid[OID_LENGTH(root)])
		number = list->val.objid[OID_LENGTH(root) + 1];
	snmp_free_varbind(list);
	return number;
}

static void the_name_of_the_notification(void)
{
	static const oid trap_oid[] = { 1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0 };
	struct alarm_record record = a_record();
	netsnmp_variable_list *list = NULL;

	handler_varbinds(&list, &record);
	ok(!snmp_oid_compare(list->name, list->name_length, trap_oid, OID_LENGTH(trap_oid)) &&
		   list->type == ASN_OBJECT_ID,
	   "comes first");
	snmp_free_varbind(list);
	is_u64(notification_of(&record), MIB_ALARM_RAISED, "raised");
	record.transition = ALARM_WORSENED;
	is_u64(notification_of(&record), MIB_ALARM_RAISED, "worsened is raised");
	record.transition = ALARM_CLEARED;
	is_u64(notification_of(&record), MIB_ALARM_CLEARED, "cleared");
}

static void the_columns_in_their_order(void)
{
	/* 2027-01-15 08:00:00 UTC */
	static const u_char date[] = { 0x07, 0xEB, 1, 15, 8, 0, 0, 0, '+', 0, 0 };
	struct alarm_record record = a_record();
	netsnmp_variable_list *list = NULL;
	char text[1001];

	memset(text, 'x', 1000);
	is_u64(handler_varbinds(&list, &record), 1 + COLUMNS, "all of them");
	is_number(list, 1, ASN_GAUGE, 1800000000, "epoch");
	is_number(list, 2, ASN_GAUGE, SEQUENCE, "sequence");
	is_number(list, 3, ASN_INTEGER, ALARM_RAISED, "transition");
	is_octets(list, 4, date, sizeof(date), "time");
	is_number(list, 5, ASN_INTEGER, ALARM_UP_BUT_IDLE, "type");
	is_number(list, 6, ASN_INTEGER, CAUSE_SUBFLOW_LIMIT, "cause");
	is_number(list, 7, ASN_INTEGER, SEVERITY_MAJOR, "severity");
	is_octets(list, 8, "wan5", 4, "WAN");
	is_octets(list, 9, "Starlink", 8, "label");
	is_number(list, 10, ASN_INTEGER, 7, "ifIndex");
	is_number(list, 11, ASN_INTEGER, WAN_UNJOINED, "state");
	is_number(list, 12, ASN_GAUGE, 0, "subflows");
	is_number(list, 13, ASN_GAUGE, 0, "a share of nothing");
	is_number(list, 14, ASN_GAUGE, 65535, "a share that nobody knew");
	is_number(list, 15, ASN_GAUGE, 4, "carrying");
	is_number(list, 16, ASN_GAUGE, 4, "joined");
	is_number(list, 17, ASN_GAUGE, 6, "configured");
	is_octets(list, 18, text, 1000, "a long text");
	ok(!variable(list, 19), "and nothing else");
	snmp_free_varbind(list);
}

/* root.1.7.1.COLUMN.SEQUENCE, so that the row of the log can be asked for. */
static void each_names_its_row(void)
{
	struct alarm_record record = a_record();
	netsnmp_variable_list *list = NULL, *var;
	size_t wrong = 0, count = 0;

	handler_varbinds(&list, &record);
	for (var = list->next_variable; var; var = var->next_variable) {
		const oid *below = var->name + OID_LENGTH(root);

		count++;
		wrong += var->name_length != OID_LENGTH(root) + 5 ||
			 memcmp(var->name, root, sizeof(root)) || below[0] != MIB_OBJECTS ||
			 below[1] != metric_tables[TABLE_ALARM_LOG].arc || below[2] != 1 ||
			 below[3] != 1 + count || below[4] != SEQUENCE;
	}
	is_u64(wrong, 0, "%zu of them", count);
	snmp_free_varbind(list);
}

static void what_the_list_had_stays(void)
{
	static const oid other[] = { 1, 3, 6, 1, 2, 1, 1, 3, 0 };
	struct alarm_record record = a_record();
	netsnmp_variable_list *list = NULL;
	u_long ticks = 5;
	size_t count = 0;

	snmp_varlist_add_variable(&list, other, OID_LENGTH(other), ASN_TIMETICKS, &ticks,
				  sizeof(ticks));
	is_u64(handler_varbinds(&list, &record), 1 + COLUMNS, "so many were appended");
	for (const netsnmp_variable_list *var = list; var; var = var->next_variable)
		count++;
	is_u64(count, 2 + COLUMNS, "so many are there");
	is_number(list, 0, ASN_TIMETICKS, 5, "the first is what it was");
	snmp_free_varbind(list);
}

static void a_clock_that_was_not_set(void)
{
	static const u_char unknown[8];
	struct alarm_record record = a_record();
	netsnmp_variable_list *list = NULL;

	record.time_s = 0;
	is_u64(handler_varbinds(&list, &record), 1 + COLUMNS, "the time is there all the same");
	is_octets(list, 4, unknown, sizeof(unknown), "as a DateAndTime that tells nothing");
	snmp_free_varbind(list);
}

int main(void)
{
	the_name_of_the_notification();
	the_columns_in_their_order();
	each_names_its_row();
	what_the_list_had_stays();
	a_clock_that_was_not_set();
	return tap_done();
}
