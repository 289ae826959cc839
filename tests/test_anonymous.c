/* SPDX-License-Identifier: MIT */
/*
 * What the lab recorded, seen with other addresses: at each poll the monitor says the same as
 * before, octet by octet, but for the addresses in it; and a capture of that has none of the true
 * ones.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include "lib/anonymize.h"
#include "lib/status.h"
#include "tests/replay_poll.h"
#include "tests/tap.h"

static const struct anonymizer ours = { { UINT64_C(0x5eed), UINT64_C(0xfeed) } };
static char folder[] = "/tmp/test_anonymous.XXXXXX";
static char plain_path[64], other_path[64];

/*
 * --- replaying ---------------------------------------------------------------------------------
 */

/* Words KEY=VALUE. */
static bool configure(const char *scenario, struct settings *settings)
{
	char path[512], words[4096], why[WHY_LEN];
	FILE *file;
	bool good = true;

	settings_default(settings);
	snprintf(path, sizeof(path), "%s/settings", scenario);
	file = fopen(path, "r");
	if (!file)
		return false;
	words[fread(words, 1, sizeof(words) - 1, file)] = '\0';
	fclose(file);
	for (char *word = strtok(words, " \n"); word; word = strtok(NULL, " \n")) {
		char *value = strchr(word, '=');

		*value++ = '\0';
		good &= !settings_set(settings, word, value, why);
	}
	return good;
}

/* All that is said at each poll, of a replay and what is around it. */
static char *said(struct source *replay, struct source *around, const struct settings *settings)
{
	static struct registry registry;
	struct monitor *monitor;
	const struct snapshot *snapshot;
	char *text = NULL, *json;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	registry_init(&registry);
	monitor = monitor_new(around, settings, &registry);
	while ((snapshot = replay_poll(replay, monitor))) {
		json = status_json(snapshot);
		fputs(json, out);
		free(json);
		snapshot_release(snapshot);
	}
	monitor_free(monitor);
	fclose(out);
	return text;
}

static char *said_plainly(const char *path, const struct settings *settings)
{
	struct source *replay = source_replay_open(path, NULL);

	return said(replay, replay, settings);
}

/* ... and written down again. */
static char *said_otherwise(const struct settings *settings)
{
	struct source *replay = source_replay_open(plain_path, NULL);
	struct source *anonymous = source_anonymous_open(replay, &ours);

	return said(replay, source_record_open(anonymous, other_path), settings);
}

/*
 * --- addresses in a text -----------------------------------------------------------------------
 */

/* Puts the word with its address replaced, if it is one; so often it was. */
static size_t put_word(FILE *out, const char *word, size_t len)
{
	char text[INET6_ADDRSTRLEN];
	struct address address = { 0 };

	snprintf(text, sizeof(text), "%.*s", (int)len, word);
	if (len < sizeof(text) && inet_pton(AF_INET, text, address.bytes) == 1)
		address.family = AF_INET;
	else if (len < sizeof(text) && inet_pton(AF_INET6, text, address.bytes) == 1)
		address.family = AF_INET6;
	if (!address.family) {
		fwrite(word, 1, len, out);
		return 0;
	}
	address = anonymize_address(&ours, &address);
	fputs(inet_ntop(address.family, address.bytes, text, sizeof(text)), out);
	return 1;
}

static char *translated(const char *text, size_t *addresses)
{
	char *fresh = NULL;
	size_t size;
	FILE *out = open_memstream(&fresh, &size);

	*addresses = 0;
	while (*text) {
		size_t len = strspn(text, "0123456789abcdefABCDEF:.");

		/* A colon or full stop behind it is the sentence's. */
		while (len && strchr(":.", text[len - 1]) && (len < 2 || text[len - 2] != ':'))
			len--;
		*addresses += len ? put_word(out, text, len) : 0;
		text += len;
		if (!len)
			fputc(*text++, out);
	}
	fclose(out);
	return fresh;
}

static void is_same(const char *got, const char *want, const char *what)
{
	size_t at = 0;

	while (got[at] && got[at] == want[at])
		at++;
	if (ok(got[at] == want[at], "%s", what))
		return;
	at = at < 60 ? 0 : at - 60;
	printf("# got  %.120s\n# want %.120s\n", got + at, want + at);
}

/*
 * --- addresses in a file -----------------------------------------------------------------------
 */

static const char *const true_addresses[] = {
	"192.168.11.1", "192.168.12.1", "192.168.13.1", "192.168.11.2", "192.168.12.2",
	"192.168.13.2", "192.168.12.77", "192.168.13.77", "203.0.113.1", "2001:db8:1::2",
	"2001:db8:2::2", "2001:db8:3::2", "2001:db8:3::77", "2001:db8:ff::1",
};
enum { TRUE_ADDRESSES = sizeof(true_addresses) / sizeof(true_addresses[0]) };

static bool has_address(const char *bytes, size_t len, const char *text)
{
	unsigned char octets[16], turned[16];
	size_t size = strchr(text, ':') ? 16 : 4;

	inet_pton(size == 16 ? AF_INET6 : AF_INET, text, octets);
	for (size_t i = 0; i < size; i++)
		turned[i] = octets[size - 1 - i];
	return memmem(bytes, len, octets, size) || memmem(bytes, len, turned, size) ||
	       memmem(bytes, len, text, strlen(text));
}

static char *whole(const char *path, size_t *len)
{
	FILE *file = fopen(path, "r");
	char *bytes = malloc(1 << 24);

	*len = fread(bytes, 1, 1 << 24, file);
	fclose(file);
	return bytes;
}

static void has_no_true_address(void)
{
	size_t plain_len, other_len, there = 0, left = 0;
	char *plain = whole(plain_path, &plain_len), *other = whole(other_path, &other_len);

	for (size_t i = 0; i < TRUE_ADDRESSES; i++) {
		there += has_address(plain, plain_len, true_addresses[i]);
		left += has_address(other, other_len, true_addresses[i]);
	}
	ok(there >= 4, "%zu addresses in the capture", there);
	is_u64(left, 0, "none of them in the other");
	free(plain);
	free(other);
}

/*
 * --- the scenarios -----------------------------------------------------------------------------
 */

static void a_scenario(const char *path, const char *name)
{
	struct settings settings;
	char command[1024], *plain, *other, *again, *want;
	size_t addresses, none;

	snprintf(command, sizeof(command), "gzip -dc '%s/capture.gz' >%s", path, plain_path);
	if (!ok(!system(command) && configure(path, &settings), "%s", name))
		return;
	plain = said_plainly(plain_path, &settings);
	other = said_otherwise(&settings);
	want = translated(plain, &addresses);
	ok(addresses > 10, "its polls tell %zu addresses", addresses);
	is_same(other, want, "with other addresses they say the same");
	ok(strcmp(plain, other) != 0, "but for them");
	again = said_plainly(other_path, &settings);
	is_same(again, other, "and so does what was written down");
	has_no_true_address();
	free(want);
	want = translated("none 12:30:00 1.5, \"a\":7.", &none);
	ok(!none && !strcmp(want, "none 12:30:00 1.5, \"a\":7."), "what is no address stays");
	free(want);
	free(plain);
	free(other);
	free(again);
}

/*
 * --- sockets asked for -------------------------------------------------------------------------
 */

static struct socket_id asked_for;

static int note_first(struct source *source, next_socket_fn next, datagram_fn fn, void *arg)
{
	(void)source, (void)fn;
	return next(arg, &asked_for) ? 0 : -ENOENT;
}

static bool one_of_other_addresses(void *arg, struct socket_id *out)
{
	*out = *(const struct socket_id *)arg;
	return true;
}

static void do_nothing(struct source *source)
{
	(void)source;
}

static void the_kernel_is_asked_for_true_sockets(void)
{
	static const struct source_ops ops = { .ask_each = note_first, .close = do_nothing };
	const struct address local = { AF_INET, { 192, 168, 11, 2 } },
			     remote = { AF_INET6, { 0x20, 1, 0xd, 0xb8, 0, 1 } };
	struct socket_id known = { 7, { anonymize_address(&ours, &local),
					anonymize_address(&ours, &remote), 40000, 443 }, 5 };
	struct source inner = { &ops }, *source = source_anonymous_open(&inner, &ours);

	ok(!address_equal(&known.tuple.local, &local), "one is known with other addresses");
	ok(!source_ask_each(source, one_of_other_addresses, NULL, &known), "and asked for");
	ok(address_equal(&asked_for.tuple.local, &local) &&
		   address_equal(&asked_for.tuple.remote, &remote),
	   "by its own");
	ok(asked_for.cookie == 7 && asked_for.bound_ifindex == 5 &&
		   asked_for.tuple.local_port == 40000,
	   "the rest is as it was");
	source_close(source);
}

int main(void)
{
	const char *srcdir = getenv("srcdir");
	char scenarios[256], path[512];
	const struct dirent *entry;
	size_t count = 0;
	DIR *dir;

	if (!mkdtemp(folder))
		return 1;
	the_kernel_is_asked_for_true_sockets();
	snprintf(plain_path, sizeof(plain_path), "%s/plain", folder);
	snprintf(other_path, sizeof(other_path), "%s/other", folder);
	snprintf(scenarios, sizeof(scenarios), "%s/tests/scenarios", srcdir ? srcdir : ".");
	dir = opendir(scenarios);
	while (dir && (entry = readdir(dir))) {
		if (!islower(entry->d_name[0]) || strchr(entry->d_name, '.'))
			continue;
		snprintf(path, sizeof(path), "%s/%s", scenarios, entry->d_name);
		a_scenario(path, entry->d_name);
		count++;
	}
	ok(count >= 8, "%zu scenarios", count);
	if (dir)
		closedir(dir);
	unlink(plain_path);
	unlink(other_path);
	rmdir(folder);
	return tap_done();
}
