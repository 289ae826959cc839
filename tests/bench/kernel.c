/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/mptcp.h>
#include <linux/sock_diag.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "lib/bpf/subflow.h"
#include "lib/netlink.h"
#include "tests/bench/kernel.h"
#include "tests/fake_source.h"

enum { TCP_INFO_LEN = 280, MPTCP_INFO_LEN = 96 }; /* of Linux 6.18 */

/* Offsets in struct tcp_info and struct mptcp_info. */
enum { RTT = 68, BYTES_ACKED = 120, BYTES_RECEIVED = 128, MIN_RTT = 148, BYTES_SENT = 200 };
enum { MSK_SUBFLOWS = 0, MSK_TOKEN = 12 };

static uint32_t token_of(size_t connection)
{
	return (uint32_t)connection * 2654435761U + 1;
}

static void put_message(char *to)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(to);
	struct inet_diag_msg *msg = mnl_nlmsg_put_extra_header(nlh, sizeof(*msg));

	nlh->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	nlh->nlmsg_flags = NLM_F_MULTI;
	msg->idiag_family = AF_INET;
	msg->idiag_state = 1;
	msg->id.idiag_dport = htons(443);
	msg->id.idiag_dst[0] = htonl(0xc0000201U);
	mnl_attr_put_u8(nlh, INET_DIAG_SHUTDOWN, 0);
	mnl_attr_put_u32(nlh, INET_DIAG_MARK, 0);
	mnl_attr_put_u64(nlh, INET_DIAG_CGROUP_ID, 1);
	mnl_attr_put_u16(nlh, INET_DIAG_SOCKOPT, 0);
}

/* The attributes of a subflow, in the order in which Linux 6.18 writes them. */
static void put_subflow(struct kernel *kernel, char *to)
{
	static const char info[TCP_INFO_LEN];
	struct nlmsghdr *nlh = (struct nlmsghdr *)to;
	struct nlattr *ulp, *mptcp;

	put_message(to);
	kernel->info_at = nlh->nlmsg_len + MNL_ATTR_HDRLEN;
	mnl_attr_put(nlh, INET_DIAG_INFO, sizeof(info), info);
	ulp = mnl_attr_nest_start(nlh, INET_DIAG_ULP_INFO);
	mnl_attr_put_strz(nlh, INET_ULP_INFO_NAME, "mptcp");
	mptcp = mnl_attr_nest_start(nlh, INET_ULP_INFO_MPTCP);
	mnl_attr_put_u32(nlh, MPTCP_SUBFLOW_ATTR_TOKEN_REM, 1);
	kernel->token_at = nlh->nlmsg_len + MNL_ATTR_HDRLEN;
	mnl_attr_put_u32(nlh, MPTCP_SUBFLOW_ATTR_TOKEN_LOC, 1);
	mnl_attr_put_u32(nlh, MPTCP_SUBFLOW_ATTR_FLAGS, MPTCP_SUBFLOW_FLAG_JOIN_LOC);
	mnl_attr_put_u8(nlh, MPTCP_SUBFLOW_ATTR_ID_REM, 0);
	mnl_attr_put_u8(nlh, MPTCP_SUBFLOW_ATTR_ID_LOC, 1);
	mnl_attr_put_u32(nlh, MPTCP_SUBFLOW_ATTR_RELWRITE_SEQ, 1);
	mnl_attr_put_u64(nlh, MPTCP_SUBFLOW_ATTR_MAP_SEQ, 1);
	mnl_attr_put_u32(nlh, MPTCP_SUBFLOW_ATTR_MAP_SFSEQ, 1);
	mnl_attr_put_u32(nlh, MPTCP_SUBFLOW_ATTR_SSN_OFFSET, 1);
	mnl_attr_put_u16(nlh, MPTCP_SUBFLOW_ATTR_MAP_DATALEN, 1);
	mnl_attr_nest_end(nlh, mptcp);
	mnl_attr_nest_end(nlh, ulp);
}

static void put_connection(struct kernel *kernel, char *to)
{
	static const char info[MPTCP_INFO_LEN] = { [MSK_SUBFLOWS] = KERNEL_LINES - 1 };
	struct nlmsghdr *nlh = (struct nlmsghdr *)to;

	put_message(to);
	kernel->msk_token_at = nlh->nlmsg_len + MNL_ATTR_HDRLEN + MSK_TOKEN;
	mnl_attr_put(nlh, INET_DIAG_INFO, sizeof(info), info);
}

/* A dump comes in the order of a hash table; they were first seen in the order they began. */
static size_t subflow_at(const struct kernel *kernel, size_t place)
{
	const size_t prime = 7919;

	return kernel->polls > 1 ? place * prime % kernel->subflows : place;
}

static void write_subflow(const struct kernel *kernel, char *row, size_t number)
{
	const uint64_t sent = kernel->polls * KERNEL_STEP_OUT,
		       received = kernel->polls * KERNEL_STEP_IN;
	const uint64_t acked = sent + 1; /* and the SYN */
	const uint32_t rtt_us[2] = { 30000, 20000 }, token = token_of(number / KERNEL_LINES);
	struct inet_diag_msg *msg = (struct inet_diag_msg *)(row + NLMSG_HDRLEN);
	char *info = row + kernel->info_at;

	msg->id.idiag_sport = htons((uint16_t)(1024 + number / KERNEL_LINES % 64000));
	msg->id.idiag_src[0] = htonl(0x0a000001U + (uint32_t)(number % KERNEL_LINES));
	msg->id.idiag_cookie[0] = (uint32_t)number + 1;
	memcpy(info + RTT, &rtt_us[0], sizeof(rtt_us[0]));
	memcpy(info + MIN_RTT, &rtt_us[1], sizeof(rtt_us[1]));
	memcpy(info + BYTES_ACKED, &acked, sizeof(acked));
	memcpy(info + BYTES_RECEIVED, &received, sizeof(received));
	memcpy(info + BYTES_SENT, &sent, sizeof(sent));
	memcpy(row + kernel->token_at, &token, sizeof(token));
}

static void write_connection(const struct kernel *kernel, char *row, size_t number)
{
	const uint32_t token = token_of(number);

	memcpy(row + kernel->msk_token_at, &token, sizeof(token));
}

static int kernel_ask(struct source *source, enum question question, datagram_fn fn, void *arg)
{
	struct kernel *kernel = (struct kernel *)source;
	const bool subflows = question == Q_SUBFLOWS;
	const size_t len = subflows ? KERNEL_SUBFLOW_ROW : KERNEL_CONNECTION_ROW;
	const size_t most = sizeof(kernel->rows) / len;
	const size_t count = subflows ? kernel->subflows : kernel->subflows / KERNEL_LINES;
	int error = 0;

	if (!subflows && question != Q_CONNECTIONS)
		return source_ask(kernel->small, question, fn, arg);
	for (size_t done = 0, n; done < count && !error; done += n) {
		n = count - done < most ? count - done : most;
		for (size_t i = 0; i < n; i++) {
			if (subflows)
				write_subflow(kernel, kernel->rows + i * len,
					      subflow_at(kernel, done + i));
			else
				write_connection(kernel, kernel->connections + i * len, done + i);
		}
		error = fn(subflows ? kernel->rows : kernel->connections, n * len, arg);
	}
	return error;
}

static void write_record(const struct kernel *kernel, struct subflow_record *record, size_t number)
{
	struct life_record *socket = &record->socket;

	socket->cookie = number + 1;
	socket->bytes_sent = kernel->polls * KERNEL_STEP_OUT;
	socket->bytes_received = kernel->polls * KERNEL_STEP_IN;
	socket->bytes_acked = socket->bytes_sent + 1; /* and the SYN */
	socket->token = token_of(number / KERNEL_LINES);
	socket->local_port = htons((uint16_t)(1024 + number / KERNEL_LINES % 64000));
	socket->local[3] = (uint8_t)(1 + number % KERNEL_LINES);
}

static int kernel_walk(struct source *source, datagram_fn fn, void *arg)
{
	static const struct subflow_record common = {
		.socket = { .family = AF_INET,
			    .remote_port = 0xbb01, /* 443 */
			    .flags = LIFE_JOIN | LIFE_OURS,
			    .local = { 10 },
			    .remote = { 192, 0, 2, 1 } },
		.state = 1,
		.rtt_us = 30000,
		.min_rtt_us = 20000,
	};
	struct kernel *kernel = (struct kernel *)source;
	struct subflow_record *records = (struct subflow_record *)kernel->rows;
	const size_t most = sizeof(kernel->rows) / sizeof(*records);
	int error = 0;

	if (kernel->no_walk)
		return -ENOSYS;
	for (size_t i = 0; i < most; i++)
		records[i] = common;
	for (size_t done = 0, n; done < kernel->subflows && !error; done += n) {
		n = kernel->subflows - done < most ? kernel->subflows - done : most;
		for (size_t i = 0; i < n; i++)
			write_record(kernel, &records[i], subflow_at(kernel, done + i));
		error = fn(records, n * sizeof(*records), arg);
	}
	return error;
}

static int kernel_open(struct source *source, enum stream stream)
{
	(void)source, (void)stream;
	return 0;
}

/* A thousand begin, then they end, and so on. */
static int kernel_drain(struct source *source, enum stream stream, datagram_fn fn, void *arg)
{
	enum { AT_ONCE = 1000 };
	struct kernel *kernel = (struct kernel *)source;
	struct life_record record = { .family = AF_INET,
				      .remote_port = htons(443),
				      .remote = { 192, 0, 2, 1 } };

	if (stream != STREAM_LIFE)
		return 0;
	for (size_t i = 0; i < 2 * kernel->lives; i++) {
		const size_t life = i / (2 * AT_ONCE) * AT_ONCE + i % AT_ONCE;
		const bool ends = i / AT_ONCE % 2;

		record.step = ends ? LIFE_ENDING : LIFE_BIRTH;
		record.flags = LIFE_JOIN | LIFE_JOINED | LIFE_OURS | (ends ? LIFE_COMPLETE : 0);
		record.cookie = kernel->cookie + life;
		record.local_port = htons((uint16_t)(1024 + life % 64000));
		memcpy(record.local,
		       (const uint8_t[]){ 10, 0, 0, (uint8_t)(1 + life % KERNEL_LINES) }, 4);
		record.bytes_sent = ends ? KERNEL_STEP_OUT : 0;
		record.bytes_acked = record.bytes_sent + 1;
		record.bytes_received = ends ? KERNEL_STEP_IN : 0;
		fn(&record, sizeof(record), arg);
	}
	return 0;
}

static int kernel_fd(struct source *source, enum stream stream)
{
	(void)source, (void)stream;
	return -1;
}

static uint64_t kernel_now_us(struct source *source)
{
	return source_now_us(((struct kernel *)source)->small);
}

static uint64_t kernel_wall_ms(struct source *source)
{
	return source_wall_ms(((struct kernel *)source)->small);
}

static void kernel_close(struct source *source)
{
	source_close(((struct kernel *)source)->small);
	free(source);
}

static const struct source_ops kernel_ops = {
	.ask = kernel_ask,
	.walk = kernel_walk,
	.open = kernel_open,
	.drain = kernel_drain,
	.fd = kernel_fd,
	.now_us = kernel_now_us,
	.wall_ms = kernel_wall_ms,
	.close = kernel_close,
};

/* A router with wan1 to wan6 (10.0.0.1 to .6) and endpoints on all of them. */
static struct source *router(void)
{
	struct fake *fake = fake_new();

	if (!fake)
		return NULL;
	for (uint8_t k = 1; k <= KERNEL_LINES; k++) {
		const char name[] = { 'w', 'a', 'n', (char)('0' + k), '\0' };

		fake_link(fake, k, name);
		fake_address(fake, k, k);
		fake_endpoint(fake, k, k, ENDPOINT_SUBFLOW);
	}
	fake_limits(fake, 8, 8);
	fake_text(fake, Q_SYSCTLS, "enabled=1\npath_manager=kernel\nscheduler=default\n");
	fake_text(fake, Q_COUNTERS, "MPTcpExt: MPJoinSynTx\nMPTcpExt: 7\n");
	return &fake->source;
}

struct kernel *kernel_new(size_t subflows)
{
	struct kernel *kernel = calloc(1, sizeof(*kernel));

	if (!kernel)
		return NULL;
	kernel->small = router();
	if (!kernel->small) {
		free(kernel);
		return NULL;
	}
	kernel->source.ops = &kernel_ops;
	kernel->subflows = subflows;
	for (size_t i = 0; i < sizeof(kernel->rows) / KERNEL_SUBFLOW_ROW; i++)
		put_subflow(kernel, kernel->rows + i * KERNEL_SUBFLOW_ROW);
	for (size_t i = 0; i < sizeof(kernel->connections) / KERNEL_CONNECTION_ROW; i++)
		put_connection(kernel, kernel->connections + i * KERNEL_CONNECTION_ROW);
	return kernel;
}
