/* SPDX-License-Identifier: MIT */
#ifndef LIB_MODEL_H
#define LIB_MODEL_H
#include <stdbool.h>
#include <stdint.h>

/*
 * What the house talks about: data only, filled by the layers below a snapshot and read by those
 * above it. Octets are payload octets, times are monotonic milliseconds unless a name says
 * otherwise.
 */

enum {
	WANS_MAX = 64,		/* WANs that are told apart; what does not fit is unattributed */
	IFNAME_LEN = 16,	/* IFNAMSIZ */
	WAN_NAME_LEN = 32,
	LABEL_LEN = 64,
	WORD_LEN = 32,		/* a scheduler, a path manager, a counter's name */
	REASON_LEN = 160,
	SENTENCE_LEN = 256,	/* what a finding says, and each part of its advice */
	STORY_LEN = 1024,	/* all of that in one text; also the SIZE of MptcpWanText */
	UNATTRIBUTED = WANS_MAX	/* the slot of what fits no WAN */
};

/* 2020, in seconds since 1970: a clock that tells less has not been set yet. */
#define CLOCK_SET_S UINT64_C(1577836800)

/* Absent is not zero: a value this kernel, mode or moment does not give has known == false. */
struct maybe_bool { bool known, value; };
struct maybe_u32 { bool known; uint32_t value; };
struct maybe_u64 { bool known; uint64_t value; };

/*
 * A network address; family is AF_INET, AF_INET6 or 0 for none. IPv4-mapped IPv6 is kept as
 * AF_INET.
 */
struct address {
	uint8_t family;
	uint8_t bytes[16];	/* network order; the first 4 for AF_INET, the rest zero */
};

/* Local and remote end of a subflow; ports in host order. Both addresses are of one family. */
struct tuple {
	struct address local, remote;
	uint16_t local_port, remote_port;
};

/* A TCP socket, as the kernel is asked for one: where it is, and the life it is in. */
struct socket_id {
	uint64_t cookie;
	struct tuple tuple;
	uint32_t bound_ifindex;	/* 0: none */
};

/* The questions of a poll, and what became of each. */
enum question {
	Q_LINKS,
	Q_ADDRESSES,
	Q_LIMITS,
	Q_ENDPOINTS,
	Q_CONNECTIONS,
	Q_SUBFLOWS,
	Q_COUNTERS,
	Q_SYSCTLS,
	Q_LOAD,			/* how busy the host is: nothing rests on it */
	QUESTIONS
};

struct answer {
	int error;		/* 0, or the -errno of source_ask(): never an empty success */
	uint32_t rows;		/* what the parser made of it */
};

/* From the worst to the best: what may be said about the bytes. The order is the MIB's. */
enum accounting {
	ACCOUNTING_UNAVAILABLE = 1,
	ACCOUNTING_SAMPLED,
	ACCOUNTING_EVENTS,
	ACCOUNTING_EXACT
};

enum wan_state {
	WAN_UNKNOWN = 1,	/* a source failed, or too early to say */
	WAN_ABSENT,		/* no such interface */
	WAN_DOWN,		/* no carrier, no address, or its endpoint was withdrawn */
	WAN_DETACHED,		/* no usable endpoint was ever seen, and no subflow */
	WAN_STANDBY,		/* backup role */
	WAN_QUIET,		/* nothing can be said against it */
	WAN_UNJOINED,		/* connections exist, none has a subflow here */
	WAN_IDLE,		/* joined and silent while the others are under pressure */
	WAN_CARRYING		/* payload above the floor */
};

enum { WAN_STATES = WAN_CARRYING + 1 };	/* for what is kept by state */

enum wan_role { ROLE_ACTIVE = 1, ROLE_BACKUP };

/* Who opens the connections: we (a router), or the far end (an aggregator: the VPS). */
enum host_role { ROLE_ROUTER = 1, ROLE_AGGREGATOR };

/* Rising: what is greater is worse. */
enum severity {
	SEVERITY_NONE = 1,
	SEVERITY_INFO,		/* worth knowing; no alarm */
	SEVERITY_WARNING,
	SEVERITY_MINOR,
	SEVERITY_MAJOR,
	SEVERITY_CRITICAL
};

/*
 * Why. The numbers are the MIB's and are never used again for anything else; words, kinds and
 * severities are in finding.c.
 */
enum cause {
	CAUSE_NONE,

	/* They stop bonding as a whole: alarms of the host, which silence the lines'. */
	CAUSE_MPTCP_DISABLED,
	CAUSE_USERSPACE_PM,	    /* ... without a daemon */
	CAUSE_NO_ENDPOINTS,	    /* there were some, all are gone */
	CAUSE_FALLBACK,		    /* the far end, or the path, does not speak MPTCP (any more) */
	CAUSE_BLACKHOLE,	    /* the kernel has switched MPTCP off for a while */
	CAUSE_FAR_END_SILENT,	    /* data waits on the joined lines, nothing is acknowledged */
	CAUSE_CONNECT_UNANSWERED,   /* new connections get no SYN/ACK */
	CAUSE_CONNECT_REFUSED,	    /* new connections get a RST */
	CAUSE_SOURCE_UNREADABLE,    /* the kernel does not tell what we must know */
	CAUSE_DRIFT,		    /* limits, scheduler or path manager are not as expected */

	/* A line is down. */
	CAUSE_LINK_DOWN = 20,	    /* no carrier */
	CAUSE_ADMIN_DOWN,	    /* switched off: wanted, no alarm */
	CAUSE_NO_ADDRESS,
	CAUSE_ENDPOINT_WITHDRAWN,   /* a tracker holds the line for dead */
	CAUSE_BASE_DOWN,	    /* the line that its tunnel runs over */
	CAUSE_INTERFACE_ABSENT,

	/* They explain a line that is up but idle. */
	CAUSE_SUBFLOW_LIMIT = 40,
	CAUSE_ENDPOINT_TABLE_FULL,
	CAUSE_ADD_ADDR_LIMIT,
	CAUSE_SERVER_REFUSES_JOINS,
	CAUSE_DUPLICATE_PATHS,	    /* fullmesh x several far addresses */
	CAUSE_NO_ENDPOINT,
	CAUSE_ENDPOINT_NOT_SUBFLOW, /* its flags let nobody join */
	CAUSE_STALE_ENDPOINT,	    /* an address or an interface index that is gone */
	CAUSE_JOIN_STRIPPED,	    /* a box on the path removes the MPTCP option */
	CAUSE_JOIN_UNANSWERED,
	CAUSE_JOIN_REFUSED,
	CAUSE_BIND_OR_ROUTE_ERROR,
	CAUSE_NO_ROUTE_FROM_LINE,
	CAUSE_MISSING_ON_OLD_CONNECTIONS,
	CAUSE_LIMITS_RAISED_OLD_CONNECTIONS,
	CAUSE_DUPLICATE_ADDRESS,
	CAUSE_SCHEDULER_AVOIDS,
	CAUSE_BACKUP_NOT_READY,
	CAUSE_BACKUP_IN_USE,
	CAUSE_UNEXPLAINED,

	/* Worth knowing. */
	CAUSE_NO_MPTCP_TRAFFIC = 70,
	CAUSE_NOT_MPTCP_TRAFFIC,
	CAUSE_CPU_BOUND,
	CAUSE_ACCOUNTING_DEGRADED,
	CAUSE_EVENTS_LOST,
	CAUSES
};

/* Alarm types of a WAN; those of the host are 10 + the cause that they are named after. */
enum alarm_type { ALARM_UP_BUT_IDLE = 1, ALARM_LINE_DOWN, ALARM_HOST = 10 };

/* What holds of a thing that may be looked for in vain: "no" takes contrary evidence. */
enum verdict { VERDICT_UNKNOWN, VERDICT_NO, VERDICT_YES };

/* Totals of one WAN since the ledger began; they only grow. */
struct tally {
	uint64_t in_octets;		/* tcpi_bytes_received */
	uint64_t out_octets;		/* tcpi_bytes_sent - tcpi_bytes_retrans */
	uint64_t retrans_octets;	/* tcpi_bytes_retrans */
	uint64_t plain_in_octets, plain_out_octets; /* ... of connections in fallback, as far as seen */
	uint64_t opened;		/* subflows that reached ESTABLISHED while we watched */
	uint64_t closed;		/* subflows that ended, also of those older than we are */
	uint64_t joins_attempted;	/* MP_JOIN SYNs of ours, one a subflow */
	uint64_t joins_unanswered;	/* ... that got no SYN/ACK */
	uint64_t joins_refused;		/* ... that got a RST in place of a SYN/ACK */
	uint64_t joins_reset;		/* ... answered, then reset before the join was complete */
	uint64_t joins_stripped;	/* of those reset: the SYN/ACK was without the MPTCP option */
	uint64_t joins_abandoned;	/* ... whose connection ended first */
	uint64_t joins_established;	/* ... that the far end has confirmed */
	uint64_t connects_unanswered;	/* first SYNs of ours that got no SYN/ACK */
	uint64_t connects_refused;	/* ... that got a RST */
};

/* What is alive on one WAN at the moment of the last complete dump. */
struct gauge {
	uint32_t subflows;	/* established, without those of connections in fallback */
	uint32_t attempted;	/* waiting for a SYN/ACK */
	uint32_t backup;	/* of subflows: with the backup flag of either side */
	uint32_t v4, v6;	/* of subflows */
	uint32_t min_rtt_us;	/* least of tcpi_min_rtt; 0 for none */
	uint64_t rtt_sum_us;	/* sum of tcpi_rtt over subflows */
};

struct wan {
	uint8_t slot;			/* in the registry and the ledger */
	uint32_t index;			/* stable over restarts; 1 and up */
	char name[WAN_NAME_LEN];	/* its identity */
	char label[LABEL_LEN];		/* configured, else the interface's alias */
	uint32_t ifindex;		/* 0 while it has no interface */
	char ifname[IFNAME_LEN];	/* "" while it has no interface */
	uint32_t role;			/* enum wan_role */
	uint32_t state;			/* enum wan_state */
	uint64_t since_ms;		/* when it entered that state */
	uint64_t state_ms[WAN_STATES];	/* in each state since the start; state_s: the same in seconds */
	uint64_t state_s[WAN_STATES];
	uint32_t cause;			/* enum cause, of the finding that explains it */
	const char *cause_text;		/* the whole story of it, "" for none; owned by the snapshot */
	bool alarm;			/* an alarm of it is active */
	uint32_t alarm_severity;	/* enum severity, of the worst active one */
	bool pressed;			/* the others are under pressure that it could relieve */
	uint64_t pressed_ms;		/* ... for so long since the poll before */
	struct maybe_u32 rate_in_kbps, rate_out_kbps;	/* configured */
	uint32_t endpoints_v4, endpoints_v6;
	uint32_t endpoints_stale;	/* whose address or interface is gone */
	uint32_t endpoints_unusable;	/* whose flags let nobody join; implicit ones aside */
	char rival[IFNAME_LEN];		/* an interface with one of its addresses, or "" */
	bool usable_endpoint;		/* one of them may be used for joins */
	bool ever_usable_endpoint;	/* now or at any time before */
	bool ever_joined;
	bool configured;		/* somebody said that it is a WAN */
	uint64_t attached_ms;		/* since when it is up with a usable endpoint; 0: is not */
	bool up;			/* the interface is up, has carrier and an address */
	bool admin_up, carrier;		/* IFF_UP; as link_row.up */
	uint32_t addresses;		/* usable ones, not link-local */
	struct address address;		/* one of them, IPv4 if it has one */
	char base[WAN_NAME_LEN];	/* the WAN that it runs over, or "" */
	uint32_t connections;		/* with an established subflow here */
	uint32_t connections_eligible;	/* that ought to have one */
	uint32_t subflows, subflows_attempted, subflows_backup, subflows_v4, subflows_v6;
	uint64_t subflows_opened, subflows_closed;
	uint64_t connects_unanswered, connects_refused;	/* first SYNs, see struct tally */
	struct maybe_u64 joins_attempted, joins_failed, joins_unanswered, joins_refused,
		joins_reset, joins_stripped, joins_abandoned, joins_established;
	uint64_t in_octets, out_octets, retrans_octets;
	uint64_t plain_in_octets, plain_out_octets; /* of them: of connections in fallback */
	struct maybe_u32 in_kbps, out_kbps;	/* between this poll and the one before */
	struct maybe_u32 share_in, share_out;	/* 1/100 % of all WANs over the state window */
	struct maybe_u64 if_in_octets, if_out_octets;
	struct maybe_u32 rtt_us, min_rtt_us;
	struct maybe_u32 retrans_ratio; /* 1/100 % of the octets sent over the state window */
	struct maybe_u32
		route_ifindex; /* of an unjoined WAN: where a join from it would leave; 0: no way */
	uint64_t carried_ms;		/* last poll at which it was carrying; 0 for never */
};

/* MPTCP_PM_ADDR_FLAG_*, include/uapi/linux/mptcp_pm.h */
enum endpoint_flag {
	ENDPOINT_SIGNAL = 1, ENDPOINT_SUBFLOW = 2, ENDPOINT_BACKUP = 4, ENDPOINT_FULLMESH = 8,
	ENDPOINT_IMPLICIT = 16, ENDPOINT_LAMINAR = 32
};

struct endpoint {
	uint32_t id;		/* the kernel's; unique, and new each time the endpoint is added */
	struct address address;
	uint32_t port;		/* 0 for none */
	uint32_t flags;		/* enum endpoint_flag */
	uint32_t ifindex;	/* as configured; 0 for none */
	uint32_t wan_index;	/* 0 for none */
	char wan_name[WAN_NAME_LEN];
	uint64_t first_ms;		/* when it was first seen */
	bool stale;			/* its address or interface is gone; wan_index: whose it was */
	bool usable;			/* a join may begin from it: flags, address and interface allow it */
};

/* Address families of connections that we have begun. */
enum family_flag { FAMILY_V4 = 1, FAMILY_V6 = 2 };

/* One of the kernel's MPTcpExt counters. */
struct counter {
	uint32_t number;	/* fixed for a known name, from 1000 for one that we do not know */
	char name[WORD_LEN];
	uint64_t value;
};

/* One diagnosed fact, with the numbers it rests on and what to do about it. */
struct finding {
	uint32_t wan_index;		/* 0: of the host */
	uint32_t cause;			/* enum cause; at most one finding a subject and cause */
	uint32_t severity;		/* enum severity */
	char wan_name[WAN_NAME_LEN];	/* "" for the host */
	uint64_t since_ms;		/* when it was first found, and has held since */
	char text[SENTENCE_LEN];	/* what is so: one sentence, without a full stop */
	/* The four parts of the advice, each a sentence without a full stop, or "". */
	char now[SENTENCE_LEN];		/* the command */
	char for_good[SENTENCE_LEN];	/* where it is configured */
	char far_end[SENTENCE_LEN];
	char restart[SENTENCE_LEN];	/* existing connections do not heal */
};

/* An alarm that is active now: a state of a resource, with a beginning and an end. */
struct alarm {
	uint32_t wan_index;		/* 0: of the host */
	uint32_t type;			/* enum alarm_type; one alarm a resource and type */
	char wan_name[WAN_NAME_LEN];	/* "" for the host */
	uint32_t cause, severity;	/* as found last */
	uint32_t sequence;		/* of the log row that raised it */
	uint64_t raised_s;		/* seconds since 1970; 0: the clock was not set */
	bool flapping;			/* held because it came and went */
	char text[STORY_LEN];
};

enum transition { ALARM_RAISED = 1, ALARM_WORSENED, ALARM_CLEARED };

/* A row of the alarm log: everything fixed at the moment of the transition. */
struct alarm_record {
	uint32_t sequence;		/* 1 and up within the epoch; also the row's index */
	uint32_t epoch;			/* of the numbering; with the sequence it names the row for ever */
	uint32_t transition;		/* enum transition */
	uint64_t time_s;		/* seconds since 1970; 0: the clock was not set */
	uint32_t wan_index, ifindex;	/* 0: of the host; 0: no interface */
	uint32_t type, cause, severity, state;	/* state: enum wan_state, WAN_UNKNOWN for the host */
	uint32_t raised_by;		/* sequence of the row that raised the alarm */
	uint32_t subflows;		/* of the WAN; of all for the host */
	struct maybe_u32 share_in, share_out;
	uint32_t wans_carrying, wans_joined, wans_configured;
	char wan_name[WAN_NAME_LEN], wan_label[LABEL_LEN];
	char text[STORY_LEN];
};

struct host {
	struct maybe_bool enabled;		/* net.mptcp.enabled */
	char path_manager[WORD_LEN], scheduler[WORD_LEN];
	struct maybe_u32 subflow_limit, add_addr_limit;
	struct maybe_u32 endpoints;		/* all of the table, implicit ones too */
	struct maybe_u32 connections;		/* without those in fallback */
	struct maybe_u32 fallback_connections;
	struct maybe_u32 connections_at_limit;	/* extra subflows == the limit in force */
	struct maybe_u32 subflows, subflows_attempted;
	uint64_t in_octets, out_octets, retrans_octets;	/* all WANs and unattributed */
	uint64_t unattrib_in_octets, unattrib_out_octets;
	uint32_t wans_configured, wans_up, wans_joined, wans_carrying;
	uint32_t role;				/* enum host_role */
	uint32_t worst_severity;		/* enum severity, of the active alarms */
	uint32_t wans_in_alarm;
	bool alarm;				/* an alarm of the host itself is active */
	/* The lines that carry are under pressure; wan.pressed is of those that could help them. */
	bool pressed_out, pressed_in;
	struct maybe_u32 subflows_needed;	/* the limit that lets every line join */
	struct maybe_u32 add_addr_needed;
	uint32_t ceiling;			/* the greatest limit that the kernel takes, as far as known */
	bool ceiling_assumed;			/* nobody has configured it */
	uint32_t endpoint_ceiling;		/* places in the kernel's table of endpoints, as far as known */
	struct maybe_u32 far_addresses;		/* of the far end, that connections use, the first included */
	uint32_t families;			/* enum family_flag, that subflows of connections use */
	struct maybe_u32 subflows_per_connection;	/* in hundredths */
	struct maybe_u32 tcp_memory_kib;	/* of all TCP sockets of the host */
	struct maybe_u32 cpu_busiest;		/* 1/100 % of the busiest core between polls */
	uint32_t alarm_epoch, alarm_sequence;	/* of the newest row of the alarm log */
	uint32_t notifications_pending;		/* rows that no master has taken yet */
	uint64_t notifications_lost;		/* rows that were overwritten before one did */
	uint32_t accounting;			/* enum accounting */
	char accounting_reason[REASON_LEN];	/* why it is not exact; "" when it is */
	uint64_t truncated_subflows; /* ended with less than their final counters known */
	uint64_t events_lost;
	uint32_t interval_ms;			/* between polls */
	uint64_t complete_ms; /* when a poll last had every answer; its age is derived */
	uint32_t poll_duration_us;
	uint64_t polls, poll_errors;
	char last_error[REASON_LEN];
	uint64_t since_ms;			/* when the totals began */
	uint64_t since_s; /* seconds since 1970; once told it stays; 0 until the clock was set */
	char version[WORD_LEN];
};
#endif
