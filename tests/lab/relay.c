/* SPDX-License-Identifier: MIT */

/*
 * A line with a length: two TUN devices, one in each of two network namespaces, and between them a
 * delay, a rate and a queue, for each direction on its own. What the kernel's netem would do, where
 * there is none. What leaves one end as an IP packet is first sent over the line at its rate, after
 * those before it, and then takes the delay to the other end; what finds the queue full is dropped.
 *
 * It says "ready" when both devices are there; they go with it. It ends at SIGTERM with a line a
 * direction: packets=, octets=, dropped=, late_us= (the greatest delay beyond the one asked for).
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE	/* setns */
#endif
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define PACKET_MOST 65536
#define AT_ONCE 64		/* packets read from one end before the other has its turn */
#define EARLY_NS 20000		/* a packet due so soon goes with those before it */
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct packet {
	struct packet *next;
	uint64_t due_ns;	/* when it is at the other end */
	size_t len;
	unsigned char octets[];
};

/* One direction: from the device of one end to that of the other. */
struct direction {
	int from, to;
	struct packet *first, **last;	/* by due_ns, for the delay is the same for all */
	uint64_t free_ns;		/* when the line has sent all that it was given */
	uint64_t held_octets;		/* of the packets in the list */
	uint64_t packets, octets, dropped, late_us;
};

static struct options {
	const char *ends[2];		/* NAMESPACE:DEVICE */
	uint64_t delay_us, rate_bps, queue_octets;
} options = { .queue_octets = 1 << 20 };

static struct direction directions[2];
static int epoll_fd, timer_fd, signal_fd;

static void die(const char *what)
{
	fprintf(stderr, "relay: %s: %s\n", what, strerror(errno));
	exit(2);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* ---- a direction ---- */

/* How many octets the line has still to send; a line without a rate holds what is on its way. */
static uint64_t backlog(const struct direction *direction, uint64_t now)
{
	if (!options.rate_bps)
		return direction->held_octets;
	return direction->free_ns > now
		       ? (direction->free_ns - now) / 8 * options.rate_bps / 1000000000 : 0;
}

static void accept_packet(struct direction *direction, const void *octets, size_t len)
{
	uint64_t now = now_ns();
	struct packet *packet;

	if (backlog(direction, now) + len > options.queue_octets) {
		direction->dropped++;
		return;
	}
	packet = malloc(sizeof(*packet) + len);
	if (!packet)
		die("memory");
	if (direction->free_ns < now)
		direction->free_ns = now;
	if (options.rate_bps)
		direction->free_ns += len * 8 * 1000000000 / options.rate_bps;
	packet->due_ns = direction->free_ns + options.delay_us * 1000;
	packet->len = len;
	packet->next = NULL;
	memcpy(packet->octets, octets, len);
	*direction->last = packet;
	direction->last = &packet->next;
	direction->held_octets += len;
}

/* A device that is switched off refuses what it is given: lost, as on a real line. */
static void deliver_due(struct direction *direction)
{
	struct packet *packet;
	uint64_t now = now_ns();

	while ((packet = direction->first) && packet->due_ns <= now + EARLY_NS) {
		if (now > packet->due_ns && (now - packet->due_ns) / 1000 > direction->late_us)
			direction->late_us = (now - packet->due_ns) / 1000;
		if (write(direction->to, packet->octets, packet->len) < 0) {
			direction->dropped++;
		} else {
			direction->packets++;
			direction->octets += packet->len;
		}
		direction->held_octets -= packet->len;
		direction->first = packet->next;
		if (!direction->first)
			direction->last = &direction->first;
		free(packet);
		now = now_ns();
	}
}

static void take_all(struct direction *direction)
{
	static unsigned char buffer[PACKET_MOST];

	for (int i = 0; i < AT_ONCE; i++) {
		ssize_t len = read(direction->from, buffer, sizeof(buffer));

		if (len > 0)
			accept_packet(direction, buffer, (size_t)len);
		else if (len < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		else
			die("the device is gone");
	}
}

static void report(const char *what, const struct direction *direction)
{
	printf("%s packets=%" PRIu64 " octets=%" PRIu64 " dropped=%" PRIu64 " late_us=%" PRIu64 "\n",
	       what, direction->packets, direction->octets, direction->dropped, direction->late_us);
}

/* ---- the loop ---- */

static void watch(int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
		die("epoll");
}

/* Zero would disarm it; what is due already is due in a nanosecond. */
static void set_timer(void)
{
	struct itimerspec when = { 0 };
	uint64_t next = UINT64_MAX;

	for (size_t i = 0; i < COUNT(directions); i++)
		if (directions[i].first && directions[i].first->due_ns < next)
			next = directions[i].first->due_ns;
	if (next != UINT64_MAX) {
		when.it_value.tv_sec = (time_t)(next / 1000000000);
		when.it_value.tv_nsec = (long)(next % 1000000000);
	}
	if (timerfd_settime(timer_fd, TFD_TIMER_ABSTIME, &when, NULL) < 0)
		die("timer");
}

static void run(void)
{
	struct epoll_event events[4];
	uint64_t fired;

	for (;;) {
		int n = epoll_wait(epoll_fd, events, COUNT(events), -1);

		if (n < 0 && errno != EINTR)
			die("epoll");
		for (int i = 0; i < n; i++) {
			int fd = events[i].data.fd;

			if (fd == signal_fd)
				return;
			if (fd == timer_fd)
				(void)!read(timer_fd, &fired, sizeof(fired));
			for (size_t d = 0; d < COUNT(directions); d++)
				if (fd == directions[d].from)
					take_all(&directions[d]);
		}
		for (size_t d = 0; d < COUNT(directions); d++)
			deliver_due(&directions[d]);
		set_timer();
	}
}

/* ---- building ---- */

/* A TUN device belongs to the namespace in which its file was opened. */
static int open_end(const char *end)
{
	struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	const char *colon = strchr(end, ':');
	char path[128];
	int namespace, fd;

	errno = EINVAL;
	if (!colon || !colon[1] || strlen(colon + 1) >= IFNAMSIZ)
		die(end);
	snprintf(path, sizeof(path), "/run/netns/%.*s", (int)(colon - end), end);
	strcpy(request.ifr_name, colon + 1);
	namespace = open(path, O_RDONLY | O_CLOEXEC);
	if (namespace < 0 || setns(namespace, CLONE_NEWNET) < 0)
		die(path);
	close(namespace);
	fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		die("/dev/net/tun");
	if (ioctl(fd, TUNSETIFF, &request) < 0)
		die(end);
	return fd;
}

static void setup(void)
{
	int ends[2];
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (signal_fd < 0 || timer_fd < 0 || epoll_fd < 0)
		die("setup");
	for (size_t i = 0; i < COUNT(ends); i++) {
		ends[i] = open_end(options.ends[i]);
		watch(ends[i]);
	}
	watch(timer_fd);
	watch(signal_fd);
	directions[0] = (struct direction){ .from = ends[0], .to = ends[1] };
	directions[1] = (struct direction){ .from = ends[1], .to = ends[0] };
	for (size_t i = 0; i < COUNT(directions); i++)
		directions[i].last = &directions[i].first;
	/* A line keeps its time also on a busy machine; not permitted is fine. */
	setpriority(PRIO_PROCESS, 0, -20);
	puts("ready");
	fflush(stdout);
}

static void usage(void)
{
	fputs("usage: relay -a NAMESPACE:DEVICE -b NAMESPACE:DEVICE [--delay 30ms|500us]\n"
	      "             [--rate 30mbit|500kbit] [--queue 500kb|2mb]\n"
	      "Each direction has the delay, the rate and the queue of its own.\n", stderr);
	exit(2);
}

/* A whole number and one of the units, which is what it is multiplied by. */
static uint64_t quantity(const char *text)
{
	static const struct { const char *name; uint64_t factor; } units[] = {
		{ "us", 1 }, { "ms", 1000 },
		{ "kbit", 1000 }, { "mbit", 1000 * 1000 },
		{ "kb", 1024 }, { "mb", 1024 * 1024 },
	};
	char *unit;
	uint64_t value = strtoull(text, &unit, 10);

	for (size_t i = 0; *text >= '0' && *text <= '9' && i < COUNT(units); i++)
		if (!strcmp(unit, units[i].name) && value < 1000000)
			return value * units[i].factor;
	errno = EINVAL;
	die(text);
	return 0;
}

static void parse(int argc, char **argv)
{
	for (int i = 1; i < argc; i += 2) {
		if (i + 1 == argc)
			usage();
		if (!strcmp(argv[i], "-a"))
			options.ends[0] = argv[i + 1];
		else if (!strcmp(argv[i], "-b"))
			options.ends[1] = argv[i + 1];
		else if (!strcmp(argv[i], "--delay"))
			options.delay_us = quantity(argv[i + 1]);
		else if (!strcmp(argv[i], "--rate"))
			options.rate_bps = quantity(argv[i + 1]);
		else if (!strcmp(argv[i], "--queue"))
			options.queue_octets = quantity(argv[i + 1]);
		else
			usage();
	}
	if (!options.ends[0] || !options.ends[1])
		usage();
}

int main(int argc, char **argv)
{
	parse(argc, argv);
	setup();
	run();
	report("a-to-b", &directions[0]);
	report("b-to-a", &directions[1]);
	return 0;
}
