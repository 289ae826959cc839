/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "agent/service.h"

enum { INTERVALS = 3, MESSAGE_LEN = 96 };

/* Who does not take it at once misses it: a poll waits for nobody. */
static void tell(const char *message)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = getenv("NOTIFY_SOCKET");
	size_t len = path ? strlen(path) : 0;
	int fd;

	if (!len || len >= sizeof(address.sun_path) || !strchr("/@", *path))
		return;
	memcpy(address.sun_path, path, len);
	if (*path == '@')
		address.sun_path[0] = '\0'; /* an abstract one */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void)sendto(fd, message, strlen(message), MSG_DONTWAIT | MSG_NOSIGNAL,
		     (struct sockaddr *)&address,
		     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
	close(fd);
}

/* What the manager waits for, or 0: it does not. */
static uint64_t watchdog_us(void)
{
	const char *us = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");

	if (!us || (pid && strtol(pid, NULL, 10) != getpid()))
		return 0;
	return strtoull(us, NULL, 10);
}

void service_ready(void)
{
	tell("READY=1");
}

void service_stopping(void)
{
	tell("STOPPING=1");
}

void service_polled(uint32_t interval_ms)
{
	uint64_t unit_us = watchdog_us(), needed_us = (uint64_t)interval_ms * 1000 * INTERVALS;
	char message[MESSAGE_LEN];

	if (!unit_us)
		return;
	/* Both each time: a datagram may be lost. */
	snprintf(message, sizeof(message), "WATCHDOG=1\nWATCHDOG_USEC=%" PRIu64,
		 needed_us > unit_us ? needed_us : unit_us);
	tell(message);
}
