/* SPDX-License-Identifier: MIT */
/*
 * Answers that are none, on a real netlink socket: of another question or another socket, cut off, too
 * long, ended by an error, or never ended. A peer of NETLINK_USERSOCK plays the kernel: it answers while
 * the question is being sent.
 */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "lib/source_netlink.h"
#include "tests/tap.h"

enum { DATA = NLMSG_MIN_TYPE, REPLIES_MOST = 4, MESSAGE_MOST = 40000, EVENTS = 1000 };

/* One message of an answer, each in a datagram of its own unless `joined` to the one before. */
struct reply {
	uint16_t type, flags;
	int seq_off, pid_off;	/* what is wrong with them */
	uint32_t len_is;	/* in its header, if not 0 */
	size_t payload;		/* octets; the first four are `code` */
	int code;
	bool joined;
};

static const struct row {
	const char *name;
	struct reply replies[REPLIES_MOST];
	size_t count;
	int result;
	unsigned int data;	/* datagrams with data that are handed on */
	int fn_result;		/* of who is handed them */
} rows[] = {
	{ "data and its end", { { DATA, .payload = 8 }, { NLMSG_DONE, .payload = 4, .joined = true } }, 2, 0, 1, 0 },
	{ "data in two datagrams", { { DATA, .payload = 8 }, { DATA, .payload = 8 }, { NLMSG_DONE, .payload = 4 } },
	  3, 0, 2, 0 },
	{ "an end that is empty, of an old kernel", { { NLMSG_DONE, .payload = 0 } }, 1, 0, 0, 0 },
	{ "a receipt", { { NLMSG_ERROR, .payload = 20 } }, 1, 0, 0, 0 },
	{ "nothing, then the end", { { NLMSG_NOOP, .payload = 0 }, { NLMSG_DONE, .payload = 4 } }, 2, 0, 0, 0 },
	{ "of the question before", { { DATA, .payload = 8, .seq_off = -1 } }, 1, -EBADMSG, 0, 0 },
	{ "of another question, after the right beginning",
	  { { DATA, .payload = 8 }, { DATA, .payload = 8, .seq_off = 1 } }, 2, -EBADMSG, 1, 0 },
	{ "an end of another question", { { NLMSG_DONE, .payload = 4, .seq_off = 7 } }, 1, -EBADMSG, 0, 0 },
	{ "for another socket", { { DATA, .payload = 8, .pid_off = 1 } }, 1, -EBADMSG, 0, 0 },
	{ "half of a datagram for another socket",
	  { { DATA, .payload = 8 }, { DATA, .payload = 8, .pid_off = 1, .joined = true } }, 2, -EBADMSG, 0, 0 },
	{ "an event, as it has neither", { { DATA, .payload = 8, .seq_off = -1, .pid_off = -1 } }, 1, -EBADMSG, 0, 0 },
	{ "an end with an error", { { DATA, .payload = 8 }, { NLMSG_DONE, .payload = 4, .code = -EBUSY } },
	  2, -EBUSY, 1, 0 },
	{ "an error in the datagram of the data",
	  { { DATA, .payload = 8 }, { NLMSG_DONE, .payload = 4, .code = -ENOMEM, .joined = true } }, 2, -ENOMEM, 0, 0 },
	{ "an error", { { NLMSG_ERROR, .payload = 20, .code = -ENOENT } }, 1, -ENOENT, 0, 0 },
	{ "an error without a number", { { NLMSG_ERROR, .payload = 0 } }, 1, -EBADMSG, 0, 0 },
	{ "an overrun", { { NLMSG_OVERRUN, .payload = 4 } }, 1, -EBADMSG, 0, 0 },
	{ "a dump that was interrupted", { { DATA, .flags = NLM_F_DUMP_INTR, .payload = 8 }, { NLMSG_DONE, .payload = 4 } },
	  2, -EINTR, 1, 0 },
	{ "a message that is longer than its datagram", { { DATA, .payload = 8, .len_is = 4096 } }, 1, -EBADMSG, 0, 0 },
	{ "one that is longer than any", { { DATA, .payload = 8, .len_is = UINT32_MAX } }, 1, -EBADMSG, 0, 0 },
	{ "one that is shorter than its header", { { DATA, .payload = 8, .len_is = 8 } }, 1, -EBADMSG, 0, 0 },
	{ "a datagram that is longer than we take", { { DATA, .payload = 39000 } }, 1, -EBADMSG, 0, 0 },
	{ "data that whoever asks cannot use", { { DATA, .payload = 8 }, { NLMSG_DONE, .payload = 4 } }, 2, -EPROTO, 1,
	  -EPROTO },
	{ "an answer that does not end", { { DATA, .payload = 8 } }, 1, -ETIMEDOUT, 1, 0 },
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static int peer = -1;
static const struct row *now;	/* what the peer answers */

/* --- the peer --- */

static size_t message_put(char *to, const struct reply *reply, uint32_t seq, uint32_t port)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)to;
	size_t len = NLMSG_ALIGN(sizeof(*nlh) + reply->payload);

	memset(to, 0, len);
	*nlh = (struct nlmsghdr){ .nlmsg_len = (uint32_t)(sizeof(*nlh) + reply->payload),
				  .nlmsg_type = reply->type,
				  .nlmsg_flags = reply->flags,
				  .nlmsg_seq = seq + (uint32_t)reply->seq_off,
				  .nlmsg_pid = port + (uint32_t)reply->pid_off };
	if (reply->payload >= sizeof(reply->code))
		memcpy(nlh + 1, &reply->code, sizeof(reply->code));
	if (reply->len_is)
		nlh->nlmsg_len = reply->len_is;
	return len;
}

ssize_t __wrap_mnl_socket_sendto(const struct mnl_socket *nl, const void *request, size_t len);

/* The question never leaves: all of the answer waits at the asker's socket when it was "sent". */
ssize_t __wrap_mnl_socket_sendto(const struct mnl_socket *nl, const void *request, size_t len)
{
	static _Alignas(struct nlmsghdr) char datagram[2 * MESSAGE_MOST];
	const struct nlmsghdr *asked = request;
	struct sockaddr_nl to = { .nl_family = AF_NETLINK, .nl_pid = mnl_socket_get_portid(nl) };

	for (size_t i = 0, used = 0; i < now->count; i++) {
		used += message_put(datagram + used, &now->replies[i], asked->nlmsg_seq, to.nl_pid);
		if (i + 1 < now->count && now->replies[i + 1].joined)
			continue;
		if (sendto(peer, datagram, used, 0, (struct sockaddr *)&to, sizeof(to)) != (ssize_t)used)
			return -1;
		used = 0;
	}
	return (ssize_t)len;
}

/* --- the asker --- */

static int take(const void *buf, size_t len, void *arg)
{
	unsigned int *data = arg;
	size_t offset = 0;
	int error = 0;

	while (netlink_next(buf, len, &offset, &error))
		continue;
	*data += !error && len;
	return now->fn_result;
}

static int ask(struct asker *asker, const struct row *row, unsigned int *data)
{
	static struct netlink_buffer buffer;
	struct nlmsghdr request = { .nlmsg_len = sizeof(request), .nlmsg_type = DATA };

	now = row;
	*data = 0;
	return asker_ask(asker, &request, &buffer, take, data);
}

static void is_told_as_it_is(const struct row *row)
{
	struct asker asker = { .protocol = NETLINK_USERSOCK };
	unsigned int data;

	is_u64((uint64_t)-ask(&asker, row, &data), (uint64_t)-row->result, "%s: the error", row->name);
	is_u64(data, row->data, "%s: so much of it is handed on", row->name);
	ok(!asker.nl == (row->result && row->result != -EINTR), "%s: what is left of it goes", row->name);
	is_u64((uint64_t)-ask(&asker, &rows[1], &data), 0, "%s: the next question is answered", row->name);
	is_u64(data, rows[1].data, "%s: by its own answer", row->name);
	asker_close(&asker);
}

/* --- a stream --- */

static int count_one(const void *buf, size_t len, void *arg)
{
	unsigned int *count = arg;

	(void)buf;
	*count += len != 0;
	return 0;
}

static void tell(unsigned int events)
{
	const struct sockaddr_nl group = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	char datagram[64];

	while (events--) {
		message_put(datagram, &(struct reply){ DATA, .payload = 40 }, 0, 0);
		sendto(peer, datagram, sizeof(datagram), 0, (const struct sockaddr *)&group, sizeof(group));
	}
}

/* Whoever may not force a large buffer has what the kernel gives: here the least there is. */
static void events_that_find_no_room_are_told_as_lost(void)
{
	static struct netlink_buffer buffer;
	const unsigned int group = 1;
	struct mnl_socket *nl = netlink_stream_open(NETLINK_USERSOCK, &group, 1);
	unsigned int count = 0;
	int least = 1, losses;

	if (!nl) {
		ok(true, "a stream # SKIP only root may join a group: %s", strerror(errno));
		return;
	}
	setsockopt(mnl_socket_get_fd(nl), SOL_SOCKET, SO_RCVBUF, &least, sizeof(least));
	tell(EVENTS);
	losses = netlink_stream_drain(nl, &buffer, count_one, &count);
	ok(losses > 0, "%d events and little room: a loss is told", EVENTS);
	ok(count > 0 && count < EVENTS, "what found room is handed on");
	count = 0;
	tell(1);
	is_u64((uint64_t)netlink_stream_drain(nl, &buffer, count_one, &count), 0, "the next one is not lost");
	is_u64(count, 1, "and handed on");
	mnl_socket_close(nl);
}

int main(void)
{
	/* Groups are a namespace's: nobody else is told of what we tell. Without the right to it we tell nobody. */
	(void)unshare(CLONE_NEWNET);
	peer = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_USERSOCK);
	if (peer < 0) {
		printf("1..0 # SKIP no NETLINK_USERSOCK: %s\n", strerror(errno));
		return 0;
	}
	for (size_t i = 0; i < ROWS; i++)
		is_told_as_it_is(&rows[i]);
	events_that_find_no_room_are_told_as_lost();
	close(peer);
	return tap_done();
}
