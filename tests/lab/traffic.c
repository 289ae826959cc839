/* SPDX-License-Identifier: MIT */

/*
 * Makes load over MPTCP (or plain TCP) and counts exactly what the applications wrote and read.
 *
 * A connection begins with a header of the client: how much goes up, how much down, how fast, and
 * who closes first. Then both sides send at once; who has sent and received all closes, or waits
 * for the end of the stream. Both sides are the same small machine, struct conn, in one epoll loop.
 *
 * The payload is a pattern with a prime period which starts elsewhere in each connection and is
 * compared when read: lost, repeated or mixed up data is a failed connection.
 *
 * At the end one line: connections= (ended in order), failed=, unfinished= (cut off by --for or a
 * signal), wrote=, read= (headers included). The exit status is 0 if all ended in order.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE	/* accept4 */
#endif
#include <endian.h>
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

#define PERIOD 131071		/* prime, so that no loss of whole segments or pages fits it */
#define CHUNK 65536		/* most that is read or written at once */
#define MAX_CONNS 4096
#define TICK_MS 10		/* how often paced connections and new ones are looked at */
#define MAGIC 0x6d777472
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum closer { CLOSE_CLIENT, CLOSE_SERVER, CLOSE_ALTERNATE };

struct header {			/* all in network byte order */
	uint32_t magic;
	uint32_t closer;	/* enum closer, never CLOSE_ALTERNATE */
	uint32_t number;	/* of the connection; where its pattern starts */
	uint32_t rate_kbit;	/* of each direction, 0: unlimited */
	uint64_t up_bytes;	/* without this header */
	uint64_t down_bytes;
};

struct conn {
	int fd;
	uint32_t events;	/* what epoll watches */
	bool started;		/* client: connected; server: header complete */
	bool closes_first;
	uint32_t number;
	uint32_t rate_kbit;
	uint64_t start_ms;
	uint64_t out_total, out_done;	/* payload */
	uint64_t in_total, in_done;
	struct header header;
	size_t header_done;	/* bytes of it which were sent or received */
	unsigned int slot;	/* in traffic.conns */
};

enum outcome { GOES_ON, ENDED, FAILED };

static struct options {
	bool server, plain;
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
	uint64_t opened, ended, failed, unfinished, wrote, read;
} traffic = { .listener = -1 };

static unsigned char pattern[PERIOD + CHUNK];
static unsigned char buffer[CHUNK];

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
	       traffic.unfinished, traffic.wrote, traffic.read);
	fflush(stdout);
}

static void pattern_fill(void)
{
	uint32_t x = 1;

	for (size_t i = 0; i < PERIOD; i++) {
		x = x * 1664525 + 1013904223;
		pattern[i] = (unsigned char)(x >> 24);
	}
	memcpy(pattern + PERIOD, pattern, CHUNK);
}

/* Where in the pattern byte `done` of connection `number` is. */
static const unsigned char *pattern_at(uint32_t number, uint64_t done)
{
	return pattern + (number * UINT64_C(7919) + done) % PERIOD;
}

/* ---- one connection ---- */

static struct conn *conn_new(int fd, uint32_t events)
{
	struct conn *conn = calloc(1, sizeof(*conn));
	struct epoll_event event = { .events = events, .data.ptr = conn };

	if (!conn)
		die("memory");
	conn->fd = fd;
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
	close(conn->fd);
	free(conn);
}

/* Takes over what the header says; `client`: whose side we are. */
static void conn_start(struct conn *conn, bool client)
{
	uint64_t up_bytes = be64toh(conn->header.up_bytes);
	uint64_t down_bytes = be64toh(conn->header.down_bytes);

	conn->number = be32toh(conn->header.number);
	conn->rate_kbit = be32toh(conn->header.rate_kbit);
	conn->closes_first = client == (be32toh(conn->header.closer) == CLOSE_CLIENT);
	conn->out_total = client ? up_bytes : down_bytes;
	conn->in_total = client ? down_bytes : up_bytes;
	conn->start_ms = now_ms();
	conn->started = true;
}

/* What may be written now: all that is left, or less at a limited rate. */
static uint64_t conn_allowance(const struct conn *conn)
{
	uint64_t left = conn->out_total - conn->out_done;
	uint64_t due;

	if (!conn->rate_kbit)
		return left;
	due = (now_ms() - conn->start_ms + TICK_MS) * conn->rate_kbit / 8;
	due = due > conn->out_done ? due - conn->out_done : 0;
	return due < left ? due : left;
}

static bool conn_complete(const struct conn *conn)
{
	return conn->started && conn->in_done == conn->in_total &&
	       conn->out_done == conn->out_total;
}

static enum outcome conn_connected(struct conn *conn)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(conn->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0 || error)
		return FAILED;
	/* Nothing was sent before: it fits, or the connection is of no use. */
	if (send(conn->fd, &conn->header, sizeof(conn->header), MSG_NOSIGNAL) !=
	    (ssize_t)sizeof(conn->header))
		return errno == EAGAIN ? GOES_ON : FAILED;
	conn->header_done = sizeof(conn->header);
	traffic.wrote += sizeof(conn->header);
	conn_start(conn, true);
	return GOES_ON;
}

static enum outcome conn_read_header(struct conn *conn)
{
	ssize_t n = recv(conn->fd, (char *)&conn->header + conn->header_done,
			 sizeof(conn->header) - conn->header_done, 0);

	if (n <= 0)
		return n < 0 && errno == EAGAIN ? GOES_ON : FAILED;
	traffic.read += (uint64_t)n;
	conn->header_done += (size_t)n;
	if (conn->header_done < sizeof(conn->header))
		return GOES_ON;
	if (be32toh(conn->header.magic) != MAGIC)
		return FAILED;
	conn_start(conn, false);
	return GOES_ON;
}

static enum outcome conn_write(struct conn *conn)
{
	uint64_t allowed = conn_allowance(conn);
	ssize_t n;

	if (!allowed)
		return GOES_ON;
	n = send(conn->fd, pattern_at(conn->number, conn->out_done),
		 allowed < CHUNK ? allowed : CHUNK, MSG_NOSIGNAL);
	if (n < 0)
		return errno == EAGAIN ? GOES_ON : FAILED;
	conn->out_done += (uint64_t)n;
	traffic.wrote += (uint64_t)n;
	return GOES_ON;
}

static enum outcome conn_read(struct conn *conn)
{
	ssize_t n = recv(conn->fd, buffer, sizeof(buffer), 0);

	if (n < 0)
		return errno == EAGAIN ? GOES_ON : FAILED;
	if (n == 0)
		return conn_complete(conn) && !conn->closes_first ? ENDED : FAILED;
	traffic.read += (uint64_t)n;
	if ((uint64_t)n > conn->in_total - conn->in_done ||
	    memcmp(buffer, pattern_at(conn->number, conn->in_done), (size_t)n)) {
		fprintf(stderr, "traffic: connection %u: wrong data within %zd bytes from byte %"
			PRIu64 "\n", conn->number, n, conn->in_done);
		return FAILED;
	}
	conn->in_done += (uint64_t)n;
	return GOES_ON;
}

/* A paced connection does not ask for EPOLLOUT, which would always fire: the tick drives it. */
static void conn_watch(struct conn *conn)
{
	uint32_t events = EPOLLIN;
	struct epoll_event event = { .data.ptr = conn };

	if (!conn->started)
		events = options.server ? EPOLLIN : EPOLLOUT;
	else if (conn->out_done < conn->out_total && !conn->rate_kbit)
		events |= EPOLLOUT;
	if (events == conn->events)
		return;
	event.events = conn->events = events;
	if (epoll_ctl(traffic.epoll, EPOLL_CTL_MOD, conn->fd, &event) < 0)
		die("epoll");
}

static enum outcome conn_step(struct conn *conn, uint32_t events)
{
	enum outcome outcome = GOES_ON;

	if (!conn->started)
		outcome = options.server ? conn_read_header(conn) : conn_connected(conn);
	else if (events & (EPOLLIN | EPOLLERR | EPOLLHUP))
		outcome = conn_read(conn);
	if (outcome == GOES_ON && conn->started)
		outcome = conn_write(conn);
	if (outcome == GOES_ON && conn_complete(conn) && conn->closes_first)
		outcome = ENDED;
	return outcome;
}

static void conn_drive(struct conn *conn, uint32_t events)
{
	enum outcome outcome = conn_step(conn, events);

	if (outcome == GOES_ON) {
		conn_watch(conn);
		return;
	}
	traffic.ended += outcome == ENDED;
	traffic.failed += outcome == FAILED;
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
	conn->header = (struct header){
		.magic = htobe32(MAGIC),
		.closer = htobe32(options.closer == CLOSE_ALTERNATE ? number % 2 : options.closer),
		.number = htobe32(number),
		.rate_kbit = htobe32((uint32_t)options.rate_kbit),
		.up_bytes = htobe64(options.up_bytes),
		.down_bytes = htobe64(options.down_bytes),
	};
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
		if (traffic.conns[i]->rate_kbit)
			conn_drive(traffic.conns[i], 0);
}

/* Handles what epoll has; returns true if a signal asks to end. */
static bool drive_ready(void)
{
	struct epoll_event events[256];
	int n = epoll_wait(traffic.epoll, events, 256, TICK_MS);
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
		if (run_ms >= tick_ms + TICK_MS) {
			tick_ms = run_ms;
			drive_paced();
		}
		ends = ends || (options.for_s && run_ms >= options.for_s * 1000);
	}
}

static void cut_off(void)
{
	traffic.unfinished = traffic.n_conns;
	while (traffic.n_conns)
		conn_free(traffic.conns[0]);
	if (traffic.unfinished)
		fprintf(stderr, "traffic: closed %" PRIu64 " connections before their end\n",
			traffic.unfinished);
	if (!options.server && traffic.opened < options.count)
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
	pattern_fill();
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

	if (argc < 2 || (strcmp(argv[1], "server") && strcmp(argv[1], "client")))
		usage();
	options.server = !strcmp(argv[1], "server");
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
	run();
	cut_off();
	report();
	return traffic.failed || traffic.unfinished ||
	       (!options.server && traffic.ended < options.count);
}
