/* SPDX-License-Identifier: MIT */
/*
 *	pingpong server PORT
 *	pingpong client ADDRESS PORT MILLISECONDS
 *
 * A small question and its answer over plain TCP (IPv4), again and again: what other traffic feels.
 * A server answers one client after the other until it is ended. A client prints how many round
 *trips there were, and their median, 99th and 99.9th percentile in microseconds.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "tests/bench/measure.h"

enum { TIMES_MOST = 1000000 };

static double times_us[TIMES_MOST];
static char message[64];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int open_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0)
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on,
		   sizeof(on)); /* what is accepted has it, too */
	return fd;
}

static void serve(struct sockaddr_in *at)
{
	int listener = open_socket();

	if (bind(listener, (struct sockaddr *)at, sizeof(*at)) < 0 || listen(listener, 8) < 0)
		die("listen");
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd < 0)
			die("accept");
		while (recv(fd, message, sizeof(message), MSG_WAITALL) == sizeof(message))
			if (send(fd, message, sizeof(message), MSG_NOSIGNAL) != sizeof(message))
				break;
		close(fd);
	}
}

static void ask(const struct sockaddr_in *to, double milliseconds)
{
	double end_us = now_us() + milliseconds * 1000, begun_us;
	size_t count = 0;
	int fd = open_socket();

	if (connect(fd, (const struct sockaddr *)to, sizeof(*to)) < 0)
		die("connect");
	while ((begun_us = now_us()) < end_us && count < TIMES_MOST) {
		if (send(fd, message, sizeof(message), MSG_NOSIGNAL) != sizeof(message) ||
		    recv(fd, message, sizeof(message), MSG_WAITALL) != sizeof(message))
			die("round trip");
		times_us[count++] = now_us() - begun_us;
	}
	if (!count)
		die("no round trip");
	printf("%zu %.1f %.1f %.1f\n", count, measure_median(times_us, count),
	       measure_percentile(times_us, count, 99), measure_percentile(times_us, count, 99.9));
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET };

	signal(SIGPIPE, SIG_IGN);
	if (argc == 3 && !strcmp(argv[1], "server")) {
		address.sin_port = htons((uint16_t)strtoul(argv[2], NULL, 10));
		serve(&address);
	}
	if (argc != 5 || strcmp(argv[1], "client") != 0 ||
	    inet_pton(AF_INET, argv[2], &address.sin_addr) != 1) {
		fputs("usage: pingpong server PORT | client ADDRESS PORT MILLISECONDS\n", stderr);
		return 2;
	}
	address.sin_port = htons((uint16_t)strtoul(argv[3], NULL, 10));
	ask(&address, strtod(argv[4], NULL));
	return 0;
}
