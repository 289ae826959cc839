/* SPDX-License-Identifier: MIT */
#ifndef LIB_METRICS_H
#define LIB_METRICS_H
#include "lib/snapshot.h"

/*
 * THE table: one row a metric. It drives the columns of the MIB, the keys of status.json and of the
 * command line, collectd's values, and the reference page. The C type of a field decides how it is
 * read (the compiler fills that in), the meaning what SNMP and others call it.
 */

/*
 * The one place in the code that says where our tree hangs: { netSnmpPlaypen 262 }, interim until
 * the project has an arc of its own; and what of it the tables are under, mptcpWanObjects.
 * mibs/MPTCP-WAN-MIB.txt says the same; tests/mib.sh compares them.
 */
#define MIB_ROOT 1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 262
enum { METRIC_OBJECTS = 1 };

/* How a field is stored. */
enum metric_kind {
	KIND_BOOL,
	KIND_U32,
	KIND_U64,
	KIND_TEXT,		/* an array of characters */
	KIND_STRING,		/* a const char *; NULL reads as "" */
	KIND_ADDRESS,
	KIND_MAYBE_BOOL,
	KIND_MAYBE_U32,
	KIND_MAYBE_U64
};

/* What it says. In parentheses: the type in the MIB. */
enum meaning {
	GAUGE,		/* (Gauge32) */
	COUNTER,	/* (Counter64) only grows while mptcpWanCountersSince stays; but
			   mptcpWanIfIn/OutOctets begin again with the interface, and
			   mptcpWanCounterValue with the network namespace */
	ENUM,		/* (INTEGER) one of `words`; subflow-limit is subflowLimit in the MIB */
	TEXT,		/* (DisplayString, SnmpAdminString or MptcpWanText) */
	TRUTH,		/* (TruthValue) */
	DATE,		/* (DateAndTime) a monotonic moment; absent while 0 */
	WALL_DATE,	/* (DateAndTime) seconds since 1970, which never move; absent while 0 */
	STAMP,		/* (TimeStamp) a monotonic moment, told in the master's sysUpTime */
	AGE,		/* (Gauge32) seconds since a monotonic moment, at the time of reading */
	IFINDEX,	/* (InterfaceIndexOrZero) */
	ROW,		/* (Unsigned32) a name in figures, nothing to draw a graph of; 0 for none */
	PORT,		/* (InetPortNumber) */
	ADDRESS_TYPE,	/* (InetAddressType) of an address */
	ADDRESS,	/* (InetAddress) */
	FLAGS		/* (BITS) bit 0 of the field is the first bit; `words` names them */
};

/* For their names see unit_name(). */
enum metric_unit {
	UNIT_NONE,
	UNIT_ADDRESSES,
	UNIT_ANSWERS,
	UNIT_CONNECTIONS,
	UNIT_ENDPOINTS,
	UNIT_EVENTS,
	UNIT_JOINS,
	UNIT_KIBIOCTETS,
	UNIT_KILOBITS,
	UNIT_MICROSECONDS,
	UNIT_MILLISECONDS,
	UNIT_OCTETS,
	UNIT_PERCENT,
	UNIT_PERCENT_HUNDREDTHS,
	UNIT_POLLS,
	UNIT_ROWS,
	UNIT_SECONDS,
	UNIT_SUBFLOWS,
	UNIT_SUBFLOW_HUNDREDTHS,
	UNIT_WANS
};

struct metric {
	const char *key;		/* in JSON and on the command line */
	const char *const *words;	/* ENUM: by value, from 0; FLAGS: by bit; ends with NULL */
	/*
	 * What collectd calls it, [PLACE/]TYPE[.SOURCE][-INSTANCE], or NULL: not there. PLACE is the
	 * plugin's instance; without one, the WAN's name or "host". Stock types only: a fleet's
	 * central server drops others. Of a type with two data sources, the other one is the next
	 * row of the table that has a value.
	 */
	const char *value;
	/*
	 * A variable of our notifications, which are in the order of the table. They must all be
	 * there, so in SNMP such a column always has an instance: `unsaid` stands for no value, and
	 * eight octets of zero for no moment.
	 */
	bool notify;
	uint8_t column;			/* in the MIB; never used again for anything else */
	enum meaning meaning : 8;
	enum metric_kind kind : 8;
	enum metric_unit unit : 8;
	uint16_t unsaid;
	uint16_t offset, size;		/* of the field, in octets */
};

/* What of it people read; the agent and the plugin do without. */
struct metric_manual {
	const char *name;		/* the MIB's object */
	const char *help;
};

/* A number by which rows are found; the MIB's object for it is not accessible. */
struct metric_index {
	size_t offset;			/* of the row's uint32_t */
	const char *name;		/* the MIB's object: column 1 for the first index, and so on */
	const char *key;		/* in JSON; NULL: a column tells it */
	const char *const *words;	/* as those of an ENUM; NULL: plain numbers */
};

enum { METRIC_INDEXES_MOST = 2 };

/* A table of the MIB under mptcpWanObjects; the host's scalars are a table of one row. */
struct metric_table {
	uint32_t arc;
	const char *name;		/* mptcpWanHost, mptcpWanTable ... */
	const char *key;
	bool scalar;
	const struct metric *metrics;	/* by column, rising */
	size_t count;
	size_t row_size;
	struct metric_index index[METRIC_INDEXES_MOST];
	size_t index_count;		/* 0: scalars */
	size_t newest;			/* so many of the last rows are in JSON; 0: all */
};

enum {
	TABLE_HOST,
	TABLE_WAN,
	TABLE_ENDPOINT,
	TABLE_FINDING,
	TABLE_ALARM,
	TABLE_ALARM_LOG,
	TABLE_COUNTER,
	METRIC_TABLES
};
extern const struct metric_table metric_tables[METRIC_TABLES];	/* by arc, rising */

/* The rows of a table in a snapshot, sorted by their indexes. */
const void *metric_rows(const struct snapshot *, const struct metric_table *, size_t *count);

/* A row's i-th index; 0 for scalars, whose instance it is. */
uint32_t metric_row_index(const struct metric_table *, const void *row, size_t i);

/*
 * A field as it is read: number for what is a number, text or address for what is not; valid as
 * long as the row.
 */
struct metric_value {
	uint64_t number;
	const char *text;
	const struct address *address;
};

/* False when the row has no such value: noSuchInstance, no dispatch, `-`. */
bool metric_read(const struct metric *, const void *row, struct metric_value *out);

/* Whether there are rows that have no such value. */
bool metric_may_be_absent(const struct metric *);

const struct metric_manual *metric_manual(const struct metric_table *, const struct metric *);

/* As in the MIB's UNITS; NULL for none. */
const char *unit_name(enum metric_unit);

/* metric->value taken apart. */
struct metric_value_name {
	char place[8];			/* "": none of its own */
	char type[24];
	char source[4];			/* "": the type's only one */
	const char *instance;		/* of the type; "" for none */
};
struct metric_value_name metric_value_name(const struct metric *);

/*
 * A number in the unit that a graph wants, in which collectd gets it: seconds, octets, percent. And
 * the name of that unit; NULL: the metric has none.
 */
double metric_scaled(const struct metric *, uint64_t number);
const char *metric_scaled_unit(const struct metric *);
#endif
