/* SPDX-License-Identifier: MIT */
/* What `verify` runs and where it connects to: commands that are there, addresses that are some. */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include "cli/command.h"
#include "cli/connects.h"
#include "tests/tap.h"

static void where_to_connect(void)
{
	static const char *const bad[] = { "",
					   "192.0.2.1",
					   "192.0.2.1:",
					   "192.0.2.1:0",
					   "192.0.2.1:65536",
					   "192.0.2.256:1",
					   "::1:80",
					   "[::1]",
					   "[192.0.2.1]:80",
					   "example.net:80",
					   "]:1",
					   "[]:1",
					   "192.0.2.1:+1" };
	struct connects connects;
	struct sockaddr_in four;
	struct sockaddr_in6 six;

	is_u64((uint64_t)-connects_to(&connects, "192.0.2.1:443"), 0, "IPv4");
	memcpy(&four, &connects.to, sizeof(four));
	ok(four.sin_family == AF_INET && ntohs(four.sin_port) == 443, "with its port");
	is_u64((uint64_t)-connects_to(&connects, "[2001:db8::1]:80"), 0, "IPv6");
	memcpy(&six, &connects.to, sizeof(six));
	ok(six.sin6_family == AF_INET6 && ntohs(six.sin6_port) == 80, "in brackets");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(connects_to(&connects, bad[i]) == -EINVAL, "not '%s'", bad[i]);
}

static void the_median(void)
{
	struct connect_times times = { .answered_us = { 9000, 100, 300, 200 } };
	uint64_t us;

	ok(!connect_median_us(&times, &us), "none of none");
	times.answered = 3;
	ok(connect_median_us(&times, &us) && us == 300, "the one in the middle");
	times.answered = 4;
	ok(connect_median_us(&times, &us) && us == 200, "of four the second");
}

static void commands(void)
{
	char long_word[2 * COMMAND_LEN], *long_words[] = { long_word, long_word, NULL };
	char *words[] = { (char *)"ip", (char *)"mptcp", (char *)"limits", NULL };
	char text[COMMAND_LEN];

	is_u64((uint64_t)-command_find("sh"), 0, "in PATH");
	is_u64((uint64_t)-command_find("/bin/sh"), 0, "by its path");
	is_u64((uint64_t)-command_find("no-such-command"), ENOENT, "nowhere");
	is_u64((uint64_t)-command_find("/no/such/command"), ENOENT, "not there");
	is_u64((uint64_t)-command_find("/etc/passwd"), EACCES, "no program");
	is_u64((uint64_t)-command_find("/etc"), EACCES, "a folder");
	setenv("PATH", "/nowhere::/bin", 1);
	is_u64((uint64_t)-command_find("sh"), 0, "in the last of them");
	setenv("PATH", "/nowhere", 1);
	is_u64((uint64_t)-command_find("sh"), ENOENT, "in none");
	is_text(command_text(words, text), "ip mptcp limits", "its words");
	memset(long_word, 'x', sizeof(long_word) - 1);
	long_word[sizeof(long_word) - 1] = '\0';
	is_u64(strlen(command_text(long_words, text)), COMMAND_LEN - 1, "as far as they fit");
}

int main(void)
{
	where_to_connect();
	the_median();
	commands();
	return tap_done();
}
