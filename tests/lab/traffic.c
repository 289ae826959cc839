/* SPDX-License-Identifier: MIT */

/*
 * Makes load over MPTCP (or plain TCP) and counts exactly what the applications wrote and read.
 * What a connection says is in stream.c, alike for both sides; here are the options, where
 * connections come from, and the one epoll loop that drives them all.
 *
 * At the end one line: connections= (ended in order), failed=, unfinished= (cut off by --for or a
 * signal), wrote=, read= (headers included). The exit status is 0 if all ended in order.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE	/* accept4 */
#endif
#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "tests/lab/stream.h"

#define MAX_CONNS 4096
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct conn {
	struct stream stream;
	uint32_t events;	/* what epoll watches */
	unsigned int slot;	/* in traffic.conns */
};

static struct options {
	bool server, udp, plain;
	const char *address, *port, *local, *close;
	uint64_t count, up_bytes, down_bytes, parallel, per_second, rate_kbit, for_s;
	enum closer closer;
} options = { .close = "client", .count = 1, .parallel = 64, .for_s = 60 };

static const struct {
	const char *name;
	const char **text;	/* either this */
	uint64_t *number, max;	/* or these */
} option_table[] = {
	{ "-a", .text = &options.address }, { "-b", .text = &options.local },
	{ "-p", .text = &options.port }, { "--close", .text = &options.close },
	{ "-n", .number = &options.count, .max = UINT32_MAX },
	{ "-j", .number = &options.parallel, .max = MAX_CONNS },
	{ "--up", .number = &options.up_bytes, .max = INT64_MAX },
	{ "--down", .number = &options.down_bytes, .max = INT64_MAX },
	{ "--kbit", .number = &options.rate_kbit, .max = UINT32_MAX },
	{ "--for", .number = &options.for_s, .max = UINT32_MAX },
	{ "--per-second", .number = &options.per_second, .max = 100000 },
};

static struct traffic {
	int epoll, listener, signals;
	struct addrinfo *to, *from;	/* client: the server, and the address to come from */
	struct conn *conns[MAX_CONNS];
	unsigned int n_conns;
	uint64_t opened, ended, failed, unfinished;
	struct stream_bytes bytes;
} traffic = { .listener = -1 };

static void die(const char *what)
{
	fprintf(stderr, "traffic: %s: %s\n", what, strerror(errno));
	exit(2);
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void report(void)
{
	printf("connections=%" PRIu64 " failed=%" PRIu64 " unfinished=%" PRIu64
	       " wrote=%" PRIu64 " read=%" PRIu64 "\n", traffic.ended, traffic.failed,
	       traffic.unfinished, traffic.bytes.wrote, traffic.bytes.read);
	fflush(stdout);
}

/* ---- connections ---- */

static struct conn *conn_new(int fd, uint32_t events)
{
	struct conn *conn = calloc(1, sizeof(*conn));
	struct epoll_event event = { .events = events, .data.ptr = conn };

	if (!conn)
		die("memory");
	conn->stream.fd = fd;
	conn->stream.client = !options.server;
	conn->events = events;
	conn->slot = traffic.n_conns;
	if (epoll_ctl(traffic.epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		die("epoll");
	traffic.conns[traffic.n_conns++] = conn;
	traffic.opened++;
	return conn;
}

static void conn_free(struct conn *conn)
{
	struct conn *last = traffic.conns[--traffic.n_conns];

	traffic.conns[conn->slot] = last;
	last->slot = conn->slot;
	close(conn->stream.fd);
	free(conn);
}

static void conn_watch(struct conn *conn)
{
	struct epoll_event event = { .events = stream_events(&conn->stream), .data.ptr = conn };

	if (event.events == conn->events)
		return;
	conn->events = event.events;
	if (epoll_ctl(traffic.epoll, EPOLL_CTL_MOD, conn->stream.fd, &event) < 0)
		die("epoll");
}

static void conn_drive(struct conn *conn, uint32_t events)
{
	enum stream_outcome outcome = stream_step(&conn->stream, events, now_ms(), &traffic.bytes);

	if (outcome == STREAM_GOES_ON) {
		conn_watch(conn);
		return;
	}
	traffic.ended += outcome == STREAM_ENDED;
	traffic.failed += outcome == STREAM_FAILED;
	conn_free(conn);
}

/* ---- where connections come from ---- */

static struct addrinfo *resolve(const char *host, const char *port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST };
	struct addrinfo *found;

	errno = EINVAL;
	if (getaddrinfo(host, port, &hints, &found))
		die(host);
	return found;
}

static int open_socket(int family)
{
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
			options.plain ? 0 : IPPROTO_MPTCP);

	if (fd < 0)
		die(options.plain ? "socket" : "MPTCP socket");
	return fd;
}

static void server_listen(void)
{
	struct sockaddr_in6 any = {
		.sin6_family = AF_INET6,
		.sin6_port = htons((uint16_t)strtoul(options.port, NULL, 10)),
	};
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = &traffic.listener };
	int on = 1, off = 0;
	int fd = open_socket(AF_INET6);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (bind(fd, (struct sockaddr *)&any, sizeof(any)) < 0 || listen(fd, MAX_CONNS) < 0)
		die(options.port);
	traffic.listener = fd;
	if (epoll_ctl(traffic.epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		die("epoll");
}

static void server_accept(void)
{
	/* The rest waits in the backlog; the listener stays readable. */
	while (traffic.n_conns < MAX_CONNS) {
		int fd = accept4(traffic.listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0)
			return;
		conn_new(fd, EPOLLIN);
	}
}

static void client_open(void)
{
	const struct addrinfo *to = traffic.to, *from = traffic.from;
	uint32_t number = (uint32_t)traffic.opened;
	int fd = open_socket(to->ai_family);
	struct conn *conn;
	int on = 1;

	/* A port of its own before connecting would use up the ports; not every kernel knows it. */
	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
	if (from && bind(fd, from->ai_addr, from->ai_addrlen) < 0)
		die(options.local);
	if (connect(fd, to->ai_addr, to->ai_addrlen) < 0 && errno != EINPROGRESS) {
		if (!traffic.failed++)
			fprintf(stderr, "traffic: %s: %s\n", options.address, strerror(errno));
		traffic.opened++;
		close(fd);
		return;
	}
	conn = conn_new(fd, EPOLLOUT);
	stream_ask(&conn->stream, number, options.closer, (uint32_t)options.rate_kbit,
		   options.up_bytes, options.down_bytes);
}

/* As many as the count, the parallel limit and the pace allow. */
static void client_open_due(uint64_t run_ms)
{
	uint64_t due = options.count;

	if (options.per_second && due > run_ms * options.per_second / 1000 + 1)
		due = run_ms * options.per_second / 1000 + 1;
	while (traffic.opened < due && traffic.n_conns < options.parallel)
		client_open();
}

/* ---- the loop ---- */

/* SIGUSR1 asks for the present line; the others end. */
static bool signal_ends(void)
{
	struct signalfd_siginfo info = { .ssi_signo = SIGUSR1 };

	if (read(traffic.signals, &info, sizeof(info)) > 0 && info.ssi_signo == SIGUSR1)
		report();
	return info.ssi_signo != SIGUSR1;
}

/* Backwards: the last one moves into the place of one that ends. */
static void drive_paced(void)
{
	for (unsigned int i = traffic.n_conns; i-- > 0;)
		if (traffic.conns[i]->stream.rate_kbit)
			conn_drive(traffic.conns[i], 0);
}

/* Handles what epoll has; returns true if a signal asks to end. */
static bool drive_ready(void)
{
	struct epoll_event events[256];
	int n = epoll_wait(traffic.epoll, events, 256, STREAM_TICK_MS);
	bool ends = false;

	if (n < 0 && errno != EINTR)
		die("epoll");
	for (int i = 0; i < n; i++) {
		if (events[i].data.ptr == &traffic.signals)
			ends = signal_ends();
		else if (events[i].data.ptr == &traffic.listener)
			server_accept();
		else
			conn_drive(events[i].data.ptr, events[i].events);
	}
	return ends;
}

static void run(void)
{
	uint64_t start_ms = now_ms(), run_ms = 0, tick_ms = 0;
	bool ends = false;

	while (!ends) {
		if (!options.server)
			client_open_due(run_ms);
		if (!options.server && !traffic.n_conns && traffic.opened >= options.count)
			return;
		ends = drive_ready();
		run_ms = now_ms() - start_ms;
		if (run_ms >= tick_ms + STREAM_TICK_MS) {
			tick_ms = run_ms;
			drive_paced();
		}
		ends = ends || (options.for_s && run_ms >= options.for_s * 1000);
	}
}

/* ---- datagrams ---- */

/* At the rate, to whom it may concern; nobody need listen, so nobody is connected. */
static void run_udp(void)
{
	static const char datagram[1200];
	uint64_t start_ms = now_ms(), run_ms = 0;
	int fd = socket(traffic.to->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || (traffic.from && bind(fd, traffic.from->ai_addr, traffic.from->ai_addrlen) < 0))
		die("UDP socket");
	while (!drive_ready() && (!options.for_s || run_ms < options.for_s * 1000)) {
		run_ms = now_ms() - start_ms;
		while (traffic.bytes.wrote < run_ms * options.rate_kbit / 8) {
			sendto(fd, datagram, sizeof(datagram), 0, traffic.to->ai_addr,
			       traffic.to->ai_addrlen);
			traffic.bytes.wrote += sizeof(datagram);
		}
	}
	close(fd);
}

static void cut_off(void)
{
	traffic.unfinished = traffic.n_conns;
	while (traffic.n_conns)
		conn_free(traffic.conns[0]);
	if (traffic.unfinished)
		fprintf(stderr, "traffic: closed %" PRIu64 " connections before their end\n",
			traffic.unfinished);
	if (!options.server && !options.udp && traffic.opened < options.count)
		fprintf(stderr, "traffic: opened only %" PRIu64 " of %" PRIu64 " connections\n",
			traffic.opened, options.count);
}

static void setup(void)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = &traffic.signals };
	struct rlimit files = { .rlim_cur = MAX_CONNS + 16, .rlim_max = MAX_CONNS + 16 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	traffic.signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	traffic.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (traffic.signals < 0 || traffic.epoll < 0 ||
	    epoll_ctl(traffic.epoll, EPOLL_CTL_ADD, traffic.signals, &event) < 0)
		die("setup");
	if (setrlimit(RLIMIT_NOFILE, &files) < 0)
		die("file descriptors");
	stream_setup();
	if (options.server)
		server_listen();
	else
		traffic.to = resolve(options.address, options.port);
	if (options.local)
		traffic.from = resolve(options.local, NULL);
}

static void usage(void)
{
	fputs("usage: traffic server -p PORT [--plain] [--for SECONDS]\n"
	      "       traffic client -a ADDR -p PORT [-b LOCALADDR] [--plain] [-n COUNT]\n"
	      "               [-j PARALLEL] [--per-second R] [--up BYTES] [--down BYTES]\n"
	      "               [--close client|server|alternate] [--kbit RATE] [--for SECONDS]\n"
	      "       traffic udp -a ADDR -p PORT [-b LOCALADDR] --kbit RATE [--for SECONDS]\n"
	      "A client ends after 60 s at the latest unless --for says otherwise; a server\n"
	      "serves until SIGTERM. SIGUSR1 prints the present numbers. Of --kbit, each connection and\n"
	      "direction has its own.\n", stderr);
	exit(2);
}

static uint64_t number(const char *text, uint64_t max)
{
	char *end;
	unsigned long long value = strtoull(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || value > max) {
		fprintf(stderr, "traffic: '%s' is not a number from 0 to %" PRIu64 "\n", text, max);
		exit(2);
	}
	return value;
}

static bool parse_option(const char *name, const char *value)
{
	size_t i = 0;

	while (i < COUNT(option_table) && strcmp(name, option_table[i].name))
		i++;
	if (i == COUNT(option_table) || !value)
		return false;
	if (option_table[i].text)
		*option_table[i].text = value;
	else
		*option_table[i].number = number(value, option_table[i].max);
	return true;
}

static void parse(int argc, char **argv)
{
	static const char *const closers[] = { "client", "server", "alternate" };

	if (argc < 2)
		usage();
	options.server = !strcmp(argv[1], "server");
	options.udp = !strcmp(argv[1], "udp");
	if (!options.server && !options.udp && strcmp(argv[1], "client"))
		usage();
	if (options.server)
		options.for_s = 0;
	for (int i = 2; i < argc; i++) {
		if (!strcmp(argv[i], "--plain"))
			options.plain = true;
		else if (!parse_option(argv[i], argv[i + 1]))
			usage();
		else
			i++;
	}
	while (strcmp(options.close, closers[options.closer]))
		if (++options.closer == COUNT(closers))
			usage();
	if (!options.port || !options.parallel || (!options.server && !options.address))
		usage();
}

int main(int argc, char **argv)
{
	parse(argc, argv);
	setup();
	if (options.udp)
		run_udp();
	else
		run();
	cut_off();
	report();
	return traffic.failed || traffic.unfinished ||
	       (!options.server && !options.udp && traffic.ended < options.count);
}
