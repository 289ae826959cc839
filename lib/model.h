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
	QUESTIONS
};

struct answer {
	int error;		/* 0, or the -errno of source_ask(): never an empty success */
	uint32_t rows;		/* what the parser made of it */
	uint32_t retries;	/* dumps that the kernel interrupted */
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

enum wan_role { ROLE_ACTIVE = 1, ROLE_BACKUP };

/* Totals of one WAN since the ledger began; they only grow. */
struct tally {
	uint64_t in_octets;		/* tcpi_bytes_received */
	uint64_t out_octets;		/* tcpi_bytes_sent - tcpi_bytes_retrans */
	uint64_t retrans_octets;	/* tcpi_bytes_retrans */
	uint64_t opened;		/* subflows that reached ESTABLISHED while we watched */
	uint64_t closed;		/* subflows that ended, also of those older than we are */
	uint64_t joins_attempted;	/* MP_JOIN SYNs of ours, one a subflow */
	uint64_t joins_unanswered;	/* ... that got no SYN/ACK */
	uint64_t joins_refused;		/* ... that got a RST in place of a SYN/ACK */
	uint64_t joins_reset;		/* ... answered, then reset before the join was complete */
	uint64_t joins_abandoned;	/* ... whose connection ended first */
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
	uint32_t index;			/* stable over restarts; 1 and up */
	char name[WAN_NAME_LEN];	/* its identity */
	char label[LABEL_LEN];		/* configured, else the interface's alias */
	uint32_t ifindex;		/* 0 while it has no interface */
	char ifname[IFNAME_LEN];	/* "" while it has no interface */
	uint32_t role;			/* enum wan_role */
	uint32_t state;			/* enum wan_state */
	uint64_t since_ms;		/* when it entered that state */
	uint32_t endpoints_v4, endpoints_v6;
	bool usable_endpoint;		/* one of them may be used for joins or is announced */
	bool ever_usable_endpoint;	/* now or at any time before */
	bool ever_joined;
	uint64_t attached_ms; /* when first seen with address and endpoint; 0: never */
	bool up;			/* the interface is up, has carrier and an address */
	uint32_t subflows, subflows_attempted, subflows_backup, subflows_v4, subflows_v6;
	uint64_t subflows_opened, subflows_closed;
	struct maybe_u64 joins_attempted, joins_failed, joins_unanswered, joins_refused,
		joins_reset, joins_abandoned;
	uint64_t in_octets, out_octets, retrans_octets;
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
};

/* One of the kernel's MPTcpExt counters. */
struct counter {
	uint32_t number;	/* fixed for a known name, from 1000 for one that we do not know */
	char name[WORD_LEN];
	uint64_t value;
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
