/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include "lib/ceiling.h"
#include "lib/netlink.h"
#include "lib/parse.h"

enum { PM_VERSION = 1, PM_CMD_SET_LIMITS = 5, PM_CMD_GET_LIMITS = 6 };
enum { PM_ATTR_SUBFLOWS = 3 };
enum { REQUEST_LEN = 128, ANSWER_S = 1 };
static const char PM_FAMILY[] = "mptcp_pm";

/* What is asked of the kernel, one request at a time, and what it answered. */
struct talk {
	struct mnl_socket *nl;
	uint32_t seq;
	_Alignas(struct nlmsghdr) char answer[8192];
	const struct nlmsghdr *data;  /* its last message that is none of control, or NULL */
	const struct nlmsghdr *error; /* the NLMSG_ERROR that ended it */
};

/* Both extensions only say more: a kernel that has neither is asked all the same. */
static int talk_open(struct talk *talk)
{
	struct timeval patience = { .tv_sec = ANSWER_S };
	int on = 1;

	talk->nl = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!talk->nl || mnl_socket_bind(talk->nl, 0, MNL_SOCKET_AUTOPID))
		return -errno;
	mnl_socket_setsockopt(talk->nl, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(talk->nl, NETLINK_CAP_ACK, &on, sizeof(on));
	if (setsockopt(mnl_socket_get_fd(talk->nl), SOL_SOCKET, SO_RCVTIMEO, &patience,
		       sizeof(patience)))
		return -errno;
	return 0;
}

static void talk_close(struct talk *talk)
{
	if (talk->nl)
		mnl_socket_close(talk->nl);
}

static struct nlmsghdr *request(char *buf, uint16_t family, uint8_t command)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));

	nlh->nlmsg_type = family;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	genl->cmd = command;
	genl->version = PM_VERSION;
	return nlh;
}

/* Takes in one datagram. Returns 1 to go on, else what talk_ask() returns. */
static int take(struct talk *talk, size_t at, size_t len)
{
	const struct nlmsghdr *nlh;
	const int *code;
	int error = 0;
	size_t end = at + len;

	while ((nlh = netlink_next(talk->answer, end, &at, &error))) {
		if (nlh->nlmsg_seq != talk->seq)
			return -EBADMSG;
		if (nlh->nlmsg_type != NLMSG_ERROR) {
			talk->data = nlh;
			continue;
		}
		talk->error = nlh;
		code = netlink_header(nlh, sizeof(*code));
		return code && *code <= 0 ? *code : -EBADMSG;
	}
	return error ? error : 1;
}

/* Each request is acknowledged, behind its data. 0, or the -errno of the kernel or the socket. */
static int talk_ask(struct talk *talk, struct nlmsghdr *nlh)
{
	size_t len = 0;
	int result = 1;

	talk->data = talk->error = NULL;
	nlh->nlmsg_seq = ++talk->seq;
	if (mnl_socket_sendto(talk->nl, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	while (result > 0) {
		ssize_t more = mnl_socket_recvfrom(talk->nl, talk->answer + len,
						   sizeof(talk->answer) - len);

		if (more <= 0)
			return !more ? -EBADMSG : errno == EAGAIN ? -ETIMEDOUT : -errno;
		result = take(talk, len, (size_t)more);
		len += NLMSG_ALIGN((size_t)more);
		if (len >= sizeof(talk->answer))
			return -EBADMSG;
	}
	return result;
}

static int find_family(struct talk *talk, uint16_t *id)
{
	_Alignas(struct nlmsghdr) char buf[REQUEST_LEN];
	struct nlmsghdr *nlh = request(buf, GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
	struct family_row family;
	int error;

	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, PM_FAMILY);
	error = talk_ask(talk, nlh);
	if (error)
		return error;
	if (!talk->data || parse_family(talk->data, "", &family) <= 0)
		return -EBADMSG;
	*id = family.id;
	return 0;
}

static int get_limits(struct talk *talk, uint16_t family, struct limits_row *limits)
{
	_Alignas(struct nlmsghdr) char buf[REQUEST_LEN];
	int error = talk_ask(talk, request(buf, family, PM_CMD_GET_LIMITS));

	if (error)
		return error;
	if (!talk->data || parse_limits(talk->data, limits) <= 0 || !limits->subflows.known)
		return -EBADMSG;
	return 0;
}

/* A limit that is not named stays as it is. */
static int set_subflow_limit(struct talk *talk, uint16_t family, uint32_t subflows)
{
	_Alignas(struct nlmsghdr) char buf[REQUEST_LEN];
	struct nlmsghdr *nlh = request(buf, family, PM_CMD_SET_LIMITS);

	mnl_attr_put_u32(nlh, PM_ATTR_SUBFLOWS, subflows);
	return talk_ask(talk, nlh);
}

static int ask_maximum(struct talk *talk, uint16_t family, uint32_t *maximum)
{
	struct limits_row before;
	int error = get_limits(talk, family, &before);

	/* Nobody dares who could not put it back. */
	if (error)
		return error;
	error = set_subflow_limit(talk, family, UINT32_MAX);
	if (!error) {
		error = set_subflow_limit(talk, family, before.subflows.value);
		return error ? error : -EDOM;
	}
	/* The kernel's words for too high; any other is about something else. */
	if (!talk->error || (error != -EINVAL && error != -ERANGE))
		return error;
	error = parse_limit_refusal(talk->error, maximum);
	return error > 0 ? 0 : error ? error : -ENODATA;
}

int ceiling_ask(uint32_t *maximum)
{
	struct talk talk = { 0 };
	uint16_t family = 0;
	int error = talk_open(&talk);

	if (!error)
		error = find_family(&talk, &family);
	if (!error)
		error = ask_maximum(&talk, family, maximum);
	talk_close(&talk);
	return error;
}
