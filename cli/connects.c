/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli/connects.h"
#include "lib/clock.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#ifndef SOL_MPTCP
#define SOL_MPTCP 284
#endif

/* The beginning of struct mptcp_info, include/uapi/linux/mptcp.h; Linux 5.16 and later. */
enum { INFO = 1, INFO_FALLBACK = 1 };
struct info {
	uint8_t counts[8];
	uint32_t flags;
};

/*
 * --- where to ----------------------------------------------------------------------------------
 */

static bool port_of(const char *text, in_port_t *port)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || !number || number > UINT16_MAX)
		return false;
	*port = htons((uint16_t)number);
	return true;
}

int connects_to(struct connects *connects, const char *address)
{
	const char *colon = strrchr(address, ':');
	bool brackets = *address == '[' && colon > address && colon[-1] == ']';
	size_t len = colon ? (size_t)(colon - address) - (brackets ? 2 : 0) : 0;
	struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
	struct sockaddr_in four = { .sin_family = AF_INET };
	char host[INET6_ADDRSTRLEN];

	*connects = (struct connects){ .fd = -1 };
	if (!colon || len >= sizeof(host))
		return -EINVAL;
	memcpy(host, address + brackets, len);
	host[len] = '\0';
	if (brackets && inet_pton(AF_INET6, host, &six.sin6_addr) == 1 &&
	    port_of(colon + 1, &six.sin6_port)) {
		connects->to_len = sizeof(six);
		memcpy(&connects->to, &six, sizeof(six));
	} else if (!brackets && inet_pton(AF_INET, host, &four.sin_addr) == 1 &&
		   port_of(colon + 1, &four.sin_port)) {
		connects->to_len = sizeof(four);
		memcpy(&connects->to, &four, sizeof(four));
	} else {
		return -EINVAL;
	}
	return 0;
}

/*
 * --- one connection ----------------------------------------------------------------------------
 */

static int open_socket(const struct connects *connects)
{
	return socket(connects->to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
		      IPPROTO_MPTCP);
}

/* One that fell back is plain TCP to the kernel, which has nothing to tell of it then. */
static bool fell_back(int fd)
{
	struct info info = { 0 };
	socklen_t len = sizeof(info);

	return getsockopt(fd, SOL_MPTCP, INFO, &info, &len) < 0 || info.flags & INFO_FALLBACK;
}

int connects_try(struct connects *connects)
{
	int fd = open_socket(connects);

	if (fd < 0)
		return -errno;
	/* A socket that has not connected has not fallen back either, if the kernel knows of it. */
	connects->fallback_known = !fell_back(fd);
	close(fd);
	return 0;
}

static void fail(struct connects *connects, struct connect_times *times, int error)
{
	times->failed++;
	times->error = -error;
	connects_stop(connects);
}

static void answered(struct connects *connects, struct connect_times *times, uint64_t us)
{
	times->fallback += connects->fallback_known && fell_back(connects->fd);
	if (times->answered < CONNECTS_MOST)
		times->answered_us[times->answered++] = (uint32_t)us;
	connects_stop(connects);
}

void connects_begin(struct connects *connects, struct connect_times *times)
{
	if (connects->fd >= 0)
		return;
	connects->fd = open_socket(connects);
	connects->begun_us = clock_now_us();
	if (connects->fd < 0 ||
	    (connect(connects->fd, (struct sockaddr *)&connects->to, connects->to_len) < 0 &&
	     errno != EINPROGRESS))
		fail(connects, times, errno);
}

void connects_step(struct connects *connects, struct connect_times *times)
{
	struct pollfd writable = { .fd = connects->fd, .events = POLLOUT };
	uint64_t past_us = clock_now_us() - connects->begun_us;
	socklen_t len = sizeof(int);
	int error = 0;

	if (connects->fd < 0)
		return;
	if (poll(&writable, 1, 0) <= 0) {
		if (past_us >= CONNECT_LIMIT_MS * UINT64_C(1000))
			fail(connects, times, ETIMEDOUT);
		return;
	}
	if (getsockopt(connects->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		error = errno;
	if (error)
		fail(connects, times, error);
	else
		answered(connects, times, past_us);
}

void connects_stop(struct connects *connects)
{
	if (connects->fd >= 0)
		close(connects->fd);
	connects->fd = -1;
}

/*
 * --- what they took ----------------------------------------------------------------------------
 */

static int compare(const void *a, const void *b)
{
	const uint32_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

bool connect_median_us(const struct connect_times *times, uint64_t *us)
{
	uint32_t sorted[CONNECTS_MOST];

	if (!times->answered)
		return false;
	memcpy(sorted, times->answered_us, sizeof(sorted));
	qsort(sorted, times->answered, sizeof(sorted[0]), compare);
	*us = sorted[(times->answered - 1) / 2];
	return true;
}
