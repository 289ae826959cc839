/* SPDX-License-Identifier: MIT */
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <sys/socket.h>
#include <time.h>
#include "agent/handler.h"
#include "agent/mib.h"
#include "lib/clock.h"

static const oid root[] = { MIB_ROOT };
static unsigned long requests_answered;

/*
 * --- values as SNMP types ----------------------------------------------------------------------
 */

static void put_number(netsnmp_variable_list *var, u_char type, uint64_t number)
{
	unsigned long clamped = number > UINT32_MAX ? UINT32_MAX : (unsigned long)number;

	snmp_set_var_typed_value(var, type, &clamped, sizeof(clamped));
}

static void put_integer(netsnmp_variable_list *var, uint64_t number)
{
	long value = number > INT32_MAX ? INT32_MAX : (long)number;

	snmp_set_var_typed_value(var, ASN_INTEGER, &value, sizeof(value));
}

static void put_counter(netsnmp_variable_list *var, uint64_t number)
{
	struct counter64 counter = { .high = number >> 32, .low = number & UINT32_MAX };

	snmp_set_var_typed_value(var, ASN_COUNTER64, &counter, sizeof(counter));
}

/* DateAndTime (RFC 2579), in UTC. A moment that nobody knows is all zeros, as in RFC 6933. */
static void put_date(netsnmp_variable_list *var, uint64_t wall_s)
{
	static const u_char unknown[8];
	time_t seconds = (time_t)wall_s;
	struct tm utc;
	u_char date[11];

	if (!wall_s) {
		snmp_set_var_typed_value(var, ASN_OCTET_STR, unknown, sizeof(unknown));
		return;
	}
	gmtime_r(&seconds, &utc);
	date[0] = (u_char)((utc.tm_year + 1900) >> 8);
	date[1] = (u_char)(utc.tm_year + 1900);
	date[2] = (u_char)(utc.tm_mon + 1);
	date[3] = (u_char)utc.tm_mday;
	date[4] = (u_char)utc.tm_hour;
	date[5] = (u_char)utc.tm_min;
	date[6] = (u_char)(utc.tm_sec > 59 ? 59 : utc.tm_sec);
	date[7] = 0;
	date[8] = '+';
	date[9] = date[10] = 0;
	snmp_set_var_typed_value(var, ASN_OCTET_STR, date, sizeof(date));
}

/*
 * When sysUpTime was 0, by our clock. sysUpTime is the master's: net-snmp sets its copy at each
 * answer of the master's, some milliseconds late. Managers take any change of a stamp for a reset,
 * so the first reading stands until the master has begun anew. Differences are modulo 2^32 ticks,
 * for sysUpTime wraps.
 */
static int64_t uptime_began_ms(void)
{
	enum { LATE_MOST_TICKS = 200 };
	static int64_t began_ms;
	static bool known;
	int64_t now_began_ms = (int64_t)clock_now_ms() - (int64_t)netsnmp_get_agent_uptime() * 10;
	int32_t moved = (int32_t)(uint32_t)((now_began_ms - began_ms) / 10);

	if (!known || moved > LATE_MOST_TICKS || moved < -LATE_MOST_TICKS)
		began_ms = now_began_ms;
	known = true;
	return began_ms;
}

/* A moment before the master's own start reads 0. */
static void put_stamp(netsnmp_variable_list *var, uint64_t moment_ms)
{
	int64_t uptime_ms = (int64_t)moment_ms - uptime_began_ms();

	/* Ticks wrap after 497 days, as sysUpTime does. */
	put_number(var, ASN_TIMETICKS, uptime_ms > 0 ? (uint32_t)(uptime_ms / 10) : 0);
}

enum { INET_UNKNOWN, INET_IPV4, INET_IPV6 };	/* InetAddressType, RFC 4001 */

static void put_address_type(netsnmp_variable_list *var, const struct address *address)
{
	put_integer(var, address->family == AF_INET    ? INET_IPV4
			 : address->family == AF_INET6 ? INET_IPV6
						       : INET_UNKNOWN);
}

static void put_address(netsnmp_variable_list *var, const struct address *address)
{
	size_t len = address->family == AF_INET ? 4 : address->family == AF_INET6 ? 16 : 0;

	snmp_set_var_typed_value(var, ASN_OCTET_STR, address->bytes, len);
}

/* BITS: the first bit is the highest of the first octet. */
static void put_flags(netsnmp_variable_list *var, uint64_t flags)
{
	u_char bits = 0;

	for (unsigned int bit = 0; bit < 8; bit++)
		if (flags & 1u << bit)
			bits |= (u_char)(0x80 >> bit);
	snmp_set_var_typed_value(var, ASN_OCTET_STR, &bits, 1);
}

static void put_cell(netsnmp_variable_list *var, const struct snapshot *snapshot,
		     const struct mib_cell *cell)
{
	const struct metric_value *value = &cell->value;

	switch (cell->metric->meaning) {
	case GAUGE:
	case ROW:
	case PORT:
		put_number(var, ASN_GAUGE, value->number);	/* Unsigned32 is the same to BER */
		break;
	case COUNTER:
		put_counter(var, value->number);
		break;
	case TEXT:
		snmp_set_var_typed_value(var, ASN_OCTET_STR, value->text, strlen(value->text));
		break;
	case TRUTH:
		put_integer(var, value->number ? 1 : 2);
		break;
	case ENUM:
	case IFINDEX:
		put_integer(var, value->number);
		break;
	case DATE:
		put_date(var, snapshot_wall_s(snapshot, value->number));
		break;
	case WALL_DATE:
		put_date(var, value->number);
		break;
	case STAMP:
		put_stamp(var, value->number);
		break;
	case AGE:
		put_number(var, ASN_GAUGE, (clock_now_ms() - value->number) / 1000);
		break;
	case ADDRESS_TYPE:
		put_address_type(var, value->address);
		break;
	case ADDRESS:
		put_address(var, value->address);
		break;
	case FLAGS:
		put_flags(var, value->number);
		break;
	}
}

/*
 * --- requests ----------------------------------------------------------------------------------
 */

/* The whole OID of what is `len` below the root; returns its length. */
static size_t whole_oid(const unsigned long *below, size_t len, oid *out)
{
	memcpy(out, root, sizeof(root));
	memcpy(out + OID_LENGTH(root), below, len * sizeof(oid));
	return OID_LENGTH(root) + len;
}

/* The part of a request's OID below the root; what lies before the root is an empty one. */
static const oid *below_root(const netsnmp_variable_list *var, size_t *len)
{
	if (var->name_length <= OID_LENGTH(root) ||
	    snmp_oid_compare(var->name, OID_LENGTH(root), root, OID_LENGTH(root)) < 0) {
		*len = 0;
		return var->name;
	}
	*len = var->name_length - OID_LENGTH(root);
	return var->name + OID_LENGTH(root);
}

static void answer_get(netsnmp_agent_request_info *info, netsnmp_request_info *request,
		       const struct snapshot *snapshot)
{
	struct mib_cell cell;
	enum mib_found found;
	size_t len;
	const oid *name = below_root(request->requestvb, &len);

	found = mib_get(snapshot, name, len, &cell);
	if (found == MIB_FOUND)
		put_cell(request->requestvb, snapshot, &cell);
	else
		netsnmp_set_request_error(info, request,
					  found == MIB_NO_OBJECT ? SNMP_NOSUCHOBJECT
								 : SNMP_NOSUCHINSTANCE);
}

static void answer_getnext(netsnmp_request_info *request, const struct snapshot *snapshot)
{
	oid name[OID_LENGTH(root) + MIB_OID_MOST];
	struct mib_cell cell;
	size_t len, name_len;
	const oid *after = below_root(request->requestvb, &len);
	bool found;

	/*
	 * AgentX may ask for "this one or the next"; what the loop below finds must then be allowed
	 * to be itself.
	 */
	found = request->inclusive && mib_get(snapshot, after, len, &cell) == MIB_FOUND;
	if (!found && !mib_next(snapshot, after, len, &cell))
		return;
	name_len = whole_oid(cell.oid, cell.oid_len, name);
	snmp_set_var_objid(request->requestvb, name, name_len);
	put_cell(request->requestvb, snapshot, &cell);
}

static int handle(netsnmp_mib_handler *handler, netsnmp_handler_registration *reginfo,
		  netsnmp_agent_request_info *info, netsnmp_request_info *requests)
{
	const struct snapshot *snapshot = collector_latest(reginfo->my_reg_void);

	(void)handler;
	requests_answered++;
	/* One snapshot for all of a PDU. Before the first poll there is nothing to name. */
	for (netsnmp_request_info *request = requests; request; request = request->next) {
		if (request->processed)
			continue;
		if (info->mode == MODE_GETNEXT && snapshot)
			answer_getnext(request, snapshot);
		else if (info->mode == MODE_GET && snapshot)
			answer_get(info, request, snapshot);
		else if (info->mode == MODE_GET)
			netsnmp_set_request_error(info, request, SNMP_NOSUCHINSTANCE);
	}
	snapshot_release(snapshot);
	return SNMP_ERR_NOERROR;
}

bool handler_register(struct collector *collector, int priority)
{
	netsnmp_handler_registration *registration = netsnmp_create_handler_registration(
		"mptcpWan", handle, root, OID_LENGTH(root), HANDLER_CAN_RONLY);

	if (!registration)
		return false;
	registration->my_reg_void = collector;
	registration->priority = priority;
	return netsnmp_register_handler(registration) == MIB_REGISTERED_OK;
}

/*
 * --- notifications -----------------------------------------------------------------------------
 */

static bool append_trap_oid(netsnmp_variable_list **list, const struct alarm_record *record)
{
	static const oid trap_oid[] = { 1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0 };	/* snmpTrapOID.0 */
	const unsigned long below[] = { MIB_NOTIFICATIONS, record->transition == ALARM_CLEARED
								   ? MIB_ALARM_CLEARED
								   : MIB_ALARM_RAISED };
	oid name[OID_LENGTH(root) + OID_LENGTH(below)];
	size_t len = whole_oid(below, OID_LENGTH(below), name);

	return snmp_varlist_add_variable(list, trap_oid, OID_LENGTH(trap_oid), ASN_OBJECT_ID, name,
					 len * sizeof(oid));
}

static bool append_cell(netsnmp_variable_list **list, const struct metric *metric,
			const struct alarm_record *record)
{
	oid name[OID_LENGTH(root) + MIB_OID_MOST];
	netsnmp_variable_list *var;
	struct mib_cell cell;
	size_t len;

	if (!mib_cell(&metric_tables[TABLE_ALARM_LOG], metric, record, &cell))
		return false;
	len = whole_oid(cell.oid, cell.oid_len, name);
	var = snmp_varlist_add_variable(list, name, len, ASN_NULL, NULL, 0);
	if (!var)
		return false;
	put_cell(var, NULL, &cell);
	return var->type != ASN_NULL;
}

size_t handler_varbinds(netsnmp_variable_list **list, const struct alarm_record *record)
{
	const struct metric_table *table = &metric_tables[TABLE_ALARM_LOG];
	netsnmp_variable_list *added = NULL, **end = list;
	bool good = append_trap_oid(&added, record);
	size_t count = 1;

	for (size_t i = 0; i < table->count && good; i++)
		if (table->metrics[i].notify) {
			good = append_cell(&added, &table->metrics[i], record);
			count++;
		}
	if (!good) {
		snmp_free_varbind(added);
		return 0;
	}
	while (*end)
		end = &(*end)->next_variable;
	*end = added;
	return count;
}

unsigned long handler_requests(void)
{
	return requests_answered;
}
