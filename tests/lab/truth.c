/* SPDX-License-Identifier: MIT */

/*
 * truth [--netns NAME]... [--ready-file FILE]
 *
 * Reads the kernel's final counters of MPTCP subflows, and shares no code with the product: no
 * events, no dumps; the kernel adds up, and this program prints the sums at SIGUSR1 and at its end
 * (SIGTERM, SIGINT). The hook, sock_ops, is one of the product's as well; that it misses nothing is
 * what the first three equations show, for they rest on other counters and on the applications. The
 * file appears when counting has begun. Needs root and cgroup2.
 *
 * Once all sockets are closed this holds to the byte (here: one side, there: the other; each line
 * summed over all addresses or connections; plain: connections that the server had to take as TCP):
 *
 *	connections.sent + plain.acked		= what the applications wrote
 *	connections.received + plain.received	= what the applications read
 *	acked + plain.acked here		= received - fins + plain.received there
 *	sent			= queued - unsent + refused
 *	queued			= wrote + reinjected + sent again at the end of a subflow + probes
 *	received - fins		= read + duplicates
 *
 * So `sent`, which is bytes_sent - bytes_retrans, is more than what was sent, by
 *	refused: __tcp_transmit_skb() counts a segment before the queue of the line refuses it;
 *	with a short queue at the sender that was a tenth of all, and half of one line's
 * and more than what the applications wrote, by
 *	reinjected: __mptcp_retrans(), in msk->bytes_retrans and by MPTcpExtMPTCPRetrans;
 *	again: when a subflow ends while MPTCP still has unacknowledged data, on whichever subflow,
 *	__mptcp_retransmit_pending_data() sends all of it again. mptcp_update_post_push() takes that
 *	into no counter; with short connections it was half of all;
 *	probes: a byte for each MPTcpExtWinProbe, from mptcp_sendmsg_frag().
 * `acked` has none of the first kind. It may be less than `received` there only if the last
 * acknowledgement was lost.
 *
 *	clang -g -O2 -target bpf -I/usr/include/$(uname -m)-linux-gnu -c truth.bpf.c -o truth.bpf.o
 *	bpftool gen skeleton truth.bpf.o name truth_bpf >truth.skel.h
 *	cc -std=gnu11 -I. -o truth truth.c -lbpf
 */

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "truth.h"
#include "truth.skel.h"

#define MAX_NETNS 16

static struct { const char *name; __u32 inum; } netns[MAX_NETNS];
static unsigned int n_netns;

static void die(const char *what, int error)
{
	fprintf(stderr, "truth: %s: %s\n", what, strerror(error));
	exit(1);
}

static void add_netns(const char *name)
{
	char path[256];
	struct stat st;

	if (n_netns == MAX_NETNS)
		die("too many namespaces", E2BIG);
	snprintf(path, sizeof(path), "/run/netns/%s", name);
	if (stat(path, &st) < 0)
		die(path, errno);
	netns[n_netns].name = name;
	netns[n_netns++].inum = (__u32)st.st_ino;
}

static void print_address(const struct address_key *key, const struct address_sums *sums,
			  const char *name)
{
	static const __u8 mapped[12] = { [10] = 0xff, [11] = 0xff };
	bool v4 = !memcmp(key->address, mapped, sizeof(mapped));
	char text[INET6_ADDRSTRLEN];

	inet_ntop(v4 ? AF_INET : AF_INET6, key->address + (v4 ? 12 : 0), text, sizeof(text));
	printf("subflows netns=%s local=%s initial=%llu joined=%llu sent=%llu received=%llu"
	       " fins=%llu attempts=%llu queued=%llu unsent=%llu refused=%llu acked=%llu\n", name, text,
	       sums->initial, sums->joined, sums->sent, sums->received, sums->fins, sums->attempts,
	       sums->queued, sums->unsent, sums->refused, sums->acked);
}

static void add(struct address_sums *total, const struct address_sums *sums)
{
	total->initial += sums->initial;
	total->joined += sums->joined;
	total->attempts += sums->attempts;
	total->sent += sums->sent;
	total->received += sums->received;
	total->fins += sums->fins;
	total->queued += sums->queued;
	total->unsent += sums->unsent;
	total->refused += sums->refused;
	total->acked += sums->acked;
}

static void print_netns(struct truth_bpf *skel, const char *name, __u32 inum)
{
	int addresses = bpf_map__fd(skel->maps.addresses);
	struct connection_sums connections = { 0 };
	struct plain_sums plain = { 0 };
	struct address_sums total = { 0 }, sums;
	struct address_key key, *previous = NULL;

	for (; !bpf_map_get_next_key(addresses, previous, &key); previous = &key) {
		if (key.netns != inum || bpf_map_lookup_elem(addresses, &key, &sums) < 0)
			continue;
		print_address(&key, &sums, name);
		add(&total, &sums);
	}
	printf("total netns=%s subflows=%llu sent=%llu received=%llu fins=%llu attempts=%llu"
	       " queued=%llu unsent=%llu refused=%llu acked=%llu\n", name,
	       total.initial + total.joined, total.sent, total.received, total.fins, total.attempts,
	       total.queued, total.unsent, total.refused, total.acked);
	/* Absent: nothing has ended there yet, all zero. */
	bpf_map_lookup_elem(bpf_map__fd(skel->maps.connections), &inum, &connections);
	bpf_map_lookup_elem(bpf_map__fd(skel->maps.plains), &inum, &plain);
	printf("connections netns=%s count=%llu sent=%llu reinjected=%llu received=%llu\n", name,
	       connections.count, connections.sent, connections.reinjected, connections.received);
	printf("plain netns=%s count=%llu acked=%llu received=%llu\n", name, plain.count, plain.acked,
	       plain.received);
}

static void print_all(struct truth_bpf *skel)
{
	for (unsigned int i = 0; i < n_netns; i++)
		print_netns(skel, netns[i].name, netns[i].inum);
	fflush(stdout);
}

static void parse(int argc, char **argv, const char **ready_file)
{
	for (int i = 1; i < argc; i += 2) {
		if (i + 1 < argc && !strcmp(argv[i], "--netns")) {
			add_netns(argv[i + 1]);
		} else if (i + 1 < argc && !strcmp(argv[i], "--ready-file")) {
			*ready_file = argv[i + 1];
		} else {
			fputs("usage: truth [--netns NAME]... [--ready-file FILE]\n", stderr);
			exit(2);
		}
	}
}

static void touch(const char *path)
{
	FILE *file = fopen(path, "w");

	if (!file || fclose(file))
		die(path, errno);
}

/* Whoever shares our namespace is meant when none is named. */
static void add_own_netns(void)
{
	struct stat st;

	if (stat("/proc/self/ns/net", &st) < 0)
		die("/proc/self/ns/net", errno);
	netns[n_netns].name = "self";
	netns[n_netns++].inum = (__u32)st.st_ino;
}

/* Every socket belongs to the root of the cgroup tree, subflows that the kernel opens included. */
static struct bpf_link *attach(struct truth_bpf *skel)
{
	FILE *mounts = setmntent("/proc/self/mounts", "r");
	struct mntent *mount;
	struct bpf_link *link;
	int root = -1;

	while (mounts && root < 0 && (mount = getmntent(mounts)))
		if (!strcmp(mount->mnt_type, "cgroup2"))
			root = open(mount->mnt_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (mounts)
		endmntent(mounts);
	if (root < 0)
		die("no cgroup2 mounted", ENOENT);
	link = bpf_program__attach_cgroup(skel->progs.truth, root);
	if (!link)
		die("cannot attach to the root cgroup", errno);
	close(root);
	return link;
}

int main(int argc, char **argv)
{
	const char *ready_file = NULL;
	struct truth_bpf *skel;
	sigset_t set;
	struct bpf_link *link;
	int got = 0;

	parse(argc, argv, &ready_file);
	if (!n_netns)
		add_own_netns();
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);

	skel = truth_bpf__open_and_load();
	if (!skel)
		die("cannot load the program", errno);
	link = attach(skel);
	if (ready_file)
		touch(ready_file);
	do {
		sigwait(&set, &got);
		print_all(skel);
	} while (got == SIGUSR1);
	bpf_link__destroy(link);
	truth_bpf__destroy(skel);
	return 0;
}
