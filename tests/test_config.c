/* SPDX-License-Identifier: MIT */
/* The file in which an operator says it: how it is read, and at which line it is refused. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lib/config.h"
#include "lib/finding.h"
#include "tests/tap.h"

static struct settings settings;
static char why[WHY_LEN];
static char path[] = "/tmp/test_settings.XXXXXX";

static int read_file(const char *text)
{
	FILE *file = fopen(path, "w");

	fputs(text, file);
	fclose(file);
	*why = '\0';
	return config_read(path, &settings, why);
}

static void a_good_file(void)
{
	settings_default(&settings);
	ok(!read_file("# comment\ninterval = 2s\nbpf = off\nstate-dir = \"/var/x\"\n"
		      "wan wan1 { device = eth1\n label = \"Fibre 1\"\n role = backup }\n"
		      "wan eth2 {}\n"),
	   "a good file: %s", why);
	ok(settings.interval_ms == 2000 && !settings.bpf, "flat keys");
	is_text(settings.state_dir, "/var/x", "paths");
	is_u64(settings.wan_count, 2, "WANs");
	is_text(settings.wans[0].label, "Fibre 1", "label");
	is_text(settings.wans[0].device, "eth1", "device");
	is_u64(settings.wans[0].role, ROLE_BACKUP, "role");
	is_u64(settings.window_ms, 30000, "what is not said stays");
	settings_default(&settings);
	ok(!read_file("") && settings.interval_ms == 5000, "an empty file");
	ok(!read_file("wan eth1 { device = eth2 }\nwan wan2 { device = eth1 }\n"),
	   "a WAN named as another one's device: %s", why);
	settings_default(&settings);
	ok(!read_file("wan wan2 { device = eth1 }\nwan eth1 { device = eth2 }\n"),
	   "and the other way round: %s", why);
	settings_default(&settings);
	ok(!read_file("// { \"\n/* ' {\n{ */ # it's {\n"
		      "wan wan1 { label = \"# } \\\" {\" device = 'eth1' } # {\n"
		      "state-dir = /var/a/b//c#d\ninterval = 2s // 's\n"
		      "# {"),
	   "braces and quotes in comments and quotes: %s", why);
	is_text(settings.wans[0].label, "# } \" {", "quoted, it is no comment");
	is_text(settings.state_dir, "/var/a/b//c", "slashes within a word are none");
	is_u64(settings.interval_ms, 2000, "what follows is read");
	settings_default(&settings);
	ok(!read_file("raise-after = 4s\nrole = router\nshelve = { drift,\n \"fallback\" }\n"
		      "on-alarm = \"\"\nexpect {\n subflows = 5\n scheduler = default ceiling = 8 }\n"
		      "wan tunnel { base = line addresses = { 192.0.2.1, \"2001:db8::/64\" }\n"
		      " rate-in = 30mbit shelve = all }\n"
		      "wan line { device = eth1 rate-out = 500 shelve = { \"line-down\" } }\n"),
	   "all of part 2: %s", why);
	ok(settings.raise_after_ms == 4000 && settings.role == ROLE_ROUTER, "flat keys");
	is_u64(settings.shelved_host, 1 << CAUSE_DRIFT | 1 << CAUSE_FALLBACK, "a list");
	ok(settings.expect.subflows.value == 5 && settings.expect.ceiling == 8 &&
	   !settings.expect.add_addr.known, "a section");
	is_text(settings.expect.scheduler, "default", "of words, too");
	is_u64(settings.wans[0].address_count, 2, "addresses");
	is_text(settings.wans[0].base, "line", "a base that comes later");
	ok(settings.wans[0].rate_in_kbps == 30000 && settings.wans[1].rate_out_kbps == 500, "rates");
	is_u64(settings.wans[1].shelved, 1u << ALARM_LINE_DOWN, "a list of one");
	settings_default(&settings);
	ok(!read_file("shelve = {}\nshelve = drift\nshelve += fallback\nwan w { addresses = {} }\n"),
	   "lists in pieces: %s", why);
	is_u64(settings.shelved_host, 1 << CAUSE_DRIFT | 1 << CAUSE_FALLBACK, "add up");
	settings_default(&settings);
	ok(!config_read("/dev/null", &settings, why) && settings.interval_ms == 5000,
	   "no file at all, said in its own way");
}

static void bad_files(void)
{
	static const struct {
		const char *text, *line, *word;
	} bad[] = {
		{ "interval = 5s\nwindow = 1ms\n", ":2:", "window" },
		{ "interval = 5s\n\nintervall = 5s\n", ":3:", "intervall" },
		{ "wan wan1 {\n device = eth1\n colour = red\n}\n", ":3:", "colour" },
		{ "wan host { }\n", ":1:", "host" },
		{ "wan wan1 { }\nwan wan1 { }\n", ":2:", "wan1" },
		{ "wan wan1 { device = eth1 }\nwan wan2 { device = eth1 }\n", ":2:", "eth1" },
		{ "wan wan1 { device = eth1 }\nwan eth1 { }\n", ":2:", "eth1" },
		{ "wan a_name_of_16_let { }\n", ":1:", "needs a device" },
		{ "wan wan1 { role = spare }\n", ":1:", "spare" },
		{ "interval = 2s\nwan wan1 {\n", ":2:", "{" },
		{ "wan wan1 {\n device = eth1\nwan wan2 { device = eth2 }\n", ":1:", "{" },
		{ "wan wan1 { device = eth1 }\n}\n", ":2:", "brace" },
		{ "interval\n", ":", "" },
		{ "interval = 2s\nwindow =\n", ":", "" },
		{ "interval = \"2s\n\n", ":1:", "\"" },
		{ "interval = '2s\\'\n", ":1:", "'" },
		{ "interval = 2s\n/* wan wan1 { }\n", ":2:", "/*" },
		{ "# one\n# two\n/* three\n four */ // four\ninterval = 1ms # five\n", ":5:",
		  "interval" },
		{ "wan wan1 {\n device = eth1\n role = spare\n}\n", ":3:", "spare" },
		{ "wan wan1 {\n\n label = x\n shelve = {\n drift }\n}\n", ":5:", "drift" },
		{ "wan wan1 {\n addresses = { 192.0.2.1,\n 192.0.2 }\n}\n", ":3:", "192.0.2" },
		{ "wan wan1 {\n device = eth1\n addresses = 192.0.2.1 }\n", ":3:", "device" },
		{ "wan wan1 {\n addresses = 192.0.2.1\n device = eth1 }\n", ":3:", "addresses" },
		{ "wan wan1 { addresses = 192.0.2.0/24 }\nwan wan2 {\n addresses = 192.0.2.7 }\n",
		  ":3:", "wan1" },
		{ "wan wan1 { device = { eth1, eth2 } }\n", ":1:", "" },
		{ "wan wan1 {\n base = wan2\n}\nwan wan3 {}\n", ":2:", "wan2" },
		{ "wan wan1 {\n base = wan1\n}\n", ":2:", "itself" },
		{ "wan wan1 {\n base = wan2\n}\nwan wan2 { base = wan1 }\n", ":2:", "own base" },
		{ "wan wan1 {\n rate-in = fast\n}\n", ":2:", "fast" },
		{ "raise-after = 2d\n", ":1:", "2d" },
		{ "on-alarm = notify.sh\n", ":1:", "notify.sh" },
		{ "role = vps\n", ":1:", "auto, router, aggregator" },
		{ "\nshelve = { drift,\n nothing }\n", ":3:", "source-unreadable, drift" },
		{ "expect {\n subflows = 3\n limit = 3 }\n", ":3:", "limit" },
		{ "expect {\n\n subflows = many }\n", ":3:", "many" },
		{ "expect-subflows = 3\n", ":1:", "expect-subflows" },
		{ "raise-idle-after = 1h\n\nwindow = 30s\n", ":1:", "idle-memory" },
		{ "'inter\nval\x1b[1m' = 5s\n", ":", "inter?val?[1m" },
	};
	struct settings before;
	FILE *file;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char place[64];

		memset(&settings, 0, sizeof(settings));
		settings_default(&settings);
		before = settings;
		ok(read_file(bad[i].text) == -EINVAL, "bad file %zu is refused", i);
		snprintf(place, sizeof(place), "%s%s", path, bad[i].line);
		ok(!strncmp(why, place, strlen(place)) && strstr(why, bad[i].word) &&
			   !strchr(why, '\n'),
		   "told: %s", why);
		ok(!memcmp(&before, &settings, sizeof(before)), "the settings are as before");
		ok(!read_file("interval = 2s\n"), "and the next file is read from its beginning");
	}
	file = fopen(path, "w");
	fwrite("interval = 2s\nwin\0dow = 2s\n", 1, 27, file);
	fclose(file);
	ok(config_read(path, &settings, why) == -EINVAL && strstr(why, ":2:"), "told: %s", why);
	file = fopen(path, "w");
	for (size_t i = 0; i < 30000; i++)
		fputs("interval = 2s\n", file);
	fclose(file);
	ok(config_read(path, &settings, why) == -EFBIG && strstr(why, path), "told: %s", why);
}

static void no_file(void)
{
	int status = 0;
	pid_t child;

	unlink(path);
	ok(config_read(path, &settings, why) == -ENOENT, "no file: %s", why);
	ok(strstr(why, path) != NULL, "is named");
	mkdir(path, 0755);
	child = fork();
	if (!child)
		_exit(config_read(path, &settings, why) == -EISDIR ? 0 : 77);
	waitpid(child, &status, 0);
	ok(WIFEXITED(status) && !WEXITSTATUS(status), "a folder is no file (status %d)", status);
	rmdir(path);
	mkfifo(path, 0600);
	ok(!config_read(path, &settings, why), "a FIFO that nobody writes to is empty");
	unlink(path);
}

/* The example as the file it would be with all of its keys: "# " is prose, "#key" is a key. */
static char *uncommented(char *text)
{
	for (char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (line[0] == '#' && line[1] != ' ' && line[1] != '\n')
			line[0] = ' ';
	}
	return text;
}

/* Whether it sets that key: as a word of its own, not as the end of another one. */
static bool shows(const char *text, const char *key)
{
	char assignment[64];

	snprintf(assignment, sizeof(assignment), "%s = ", key);
	for (const char *at = text; (at = strstr(at, assignment)); at++)
		if (at == text || strchr(" \t\n", at[-1]))
			return true;
	return false;
}

static void the_example(void)
{
	static const char name[] = "doc/mptcp-wan.conf.example";
	static char text[32768];
	static struct settings defaults;
	const char *key, *srcdir = getenv("srcdir");
	char place[256];
	FILE *file;

	snprintf(place, sizeof(place), "%s/%s", srcdir ? srcdir : ".", name);
	file = fopen(place, "r");
	if (!ok(file != NULL, "the example is at %s", place))
		return;
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	memset(&settings, 0, sizeof(settings));
	settings_default(&settings);
	memset(&defaults, 0, sizeof(defaults));
	settings_default(&defaults);
	ok(!read_file(text) && !memcmp(&settings, &defaults, sizeof(settings)),
	   "as it is, it says nothing: %s", why);
	ok(!read_file(uncommented(text)), "with all of its keys it is good: %s", why);
	ok(settings.wan_count == 3 && settings.shelved_host && settings.expect.ceiling,
	   "and says much");
	for (size_t i = 0; (key = settings_key(i)); i++) {
		key += strncmp(key, "expect-", 7) ? 0 : 7;
		ok(shows(text, key), "it shows %s", key);
	}
	for (size_t i = 0; (key = settings_wan_key(i)); i++)
		ok(shows(text, key), "it shows %s of a WAN", key);
	/* Of what is left when the lines and what has no default are put aside, all is default. */
	settings.wan_count = 0;
	memset(settings.wans, 0, sizeof(settings.wans));
	settings.shelved_host = 0;
	memset(settings.on_alarm, 0, sizeof(settings.on_alarm));
	memset(settings.agentx_socket, 0, sizeof(settings.agentx_socket));
	settings.expect = defaults.expect;
	ok(!memcmp(&settings, &defaults, sizeof(settings)), "the defaults that it tells are ours");
}

/*
 * --- printed, and read again -------------------------------------------------------------------
 */

/* A value of each key that is not its default, and one that is hard to write down. */
static const struct { const char *key, *values[2]; } samples[] = {
	{ "interval", { "1500ms", "1h" } },
	{ "cpu-budget", { "1", "100" } },
	{ "window", { "90s", "1001ms" } },
	{ "floor", { "1", "1000000000" } },
	{ "join-grace", { "0", "10m" } },
	{ "subflows-most", { "1000", "10000000" } },
	{ "pressure-window", { "3s", "61s" } },
	{ "raise-after", { "0", "24h" } },
	{ "raise-idle-after", { "1s", "2m" } },
	{ "idle-memory", { "24h", "86399s" } },
	{ "raise-avoided-after", { "0", "1ms" } },
	{ "raise-backup-after", { "23h", "3599999ms" } },
	{ "clear-after", { "0", "999ms" } },
	{ "flap-window", { "0", "1h" } },
	{ "far-silent-after", { "1s", "59m" } },
	{ "role", { "router", "aggregator" } },
	{ "shelve", { "drift", "drift, mptcp-disabled, source-unreadable" } },
	{ "announce-on-attach", { "true", "true" } },
	{ "on-alarm", { "/bin/true", "/a b/${HOME}/it's \\ \"x\" # // /* { } = + ( ), \xff" } },
	{ "expect-subflows", { "0", "255" } },
	{ "expect-add-addr", { "1", "254" } },
	{ "expect-scheduler", { "default", "'{}\"\\$#" } },
	{ "expect-path-manager", { "kernel", "//" } },
	{ "expect-ceiling", { "1", "255" } },
	{ "bpf", { "false", "tracepoint" } },
	{ "events", { "false", "false" } },
	{ "agentx-socket", { "/run/x", "/${x}'" } },
	{ "state-dir", { "/", "//x//" } },
	{ "run-dir", { "/r", "/*'*/" } },
};
static const struct { const char *key, *values[2]; } wan_samples[] = {
	{ "device", { "eth7", "e{h=#7" } },
	{ "addresses",
	  { "192.0.2.1",
	    "192.0.2.0/24, 2001:db8::/64, 10.0.0.0/8, 2001:db8:1::1, fe80::/10, 198.51.100.4/30, "
	    "203.0.113.7, ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127" } },
	{ "base", { "other", "other" } },
	{ "label", { "Fibre", "  it's \"1st\" \\ ${HOME} {#//} gr\xc3\xbc\xc3\x9f  " } },
	{ "role", { "active", "backup" } },
	{ "rate-in", { "1", "1000000000" } },
	{ "rate-out", { "30mbit", "1001" } },
	{ "shelve", { "line-down", "all" } },
};
enum {
	SAMPLES = sizeof(samples) / sizeof(samples[0]),
	WAN_SAMPLES = sizeof(wan_samples) / sizeof(wan_samples[0])
};

static void printed_and_read_again(const char *what)
{
	static struct settings before;
	char *text = settings_print(&settings);

	before = settings;
	memset(&settings, 0, sizeof(settings));
	settings_default(&settings);
	ok(text && !read_file(text), "%s is good: %s", what, why);
	if (!ok(!memcmp(&settings, &before, sizeof(settings)), "... and says the same"))
		printf("# %s\n", text);
	free(text);
}

static void each_key_is_printed(void)
{
	const char *key;
	char what[64];

	memset(&settings, 0, sizeof(settings));
	settings_default(&settings);
	printed_and_read_again("what is by default");
	for (size_t i = 0; (key = settings_key(i)); i++) {
		if (!ok(i < SAMPLES && !strcmp(samples[i].key, key), "there is a sample of %s", key))
			continue;
		for (size_t j = 0; j < 2; j++) {
			memset(&settings, 0, sizeof(settings));
			settings_default(&settings);
			ok(!settings_set(&settings, key, samples[i].values[j], why), "%s", why);
			snprintf(what, sizeof(what), "sample %zu of %s", j, key);
			printed_and_read_again(what);
		}
	}
	memset(&settings, 0, sizeof(settings));
	settings_default(&settings);
	for (size_t i = 0; i < SAMPLES; i++)
		ok(!settings_set(&settings, samples[i].key, samples[i].values[1], why), "%s", why);
	printed_and_read_again("all at once");
}

/* As a file has it: a device and addresses are not for one WAN. */
static void tell_wan(const char *name, size_t without, size_t value)
{
	struct wan_settings *wan = settings_add_wan(&settings, name, why);

	for (size_t i = 0; i < WAN_SAMPLES; i++)
		if (i != without)
			ok(!settings_set_wan(&settings, wan, wan_samples[i].key,
					     wan_samples[i].values[value], why),
			   "%s", why);
}

static void each_key_of_a_wan_is_printed(void)
{
	const char *key;

	for (size_t i = 0; (key = settings_wan_key(i)); i++)
		ok(i < WAN_SAMPLES && !strcmp(wan_samples[i].key, key),
		   "there is a sample of %s of a WAN", key);
	for (size_t value = 0; value < 2; value++) {
		memset(&settings, 0, sizeof(settings));
		settings_default(&settings);
		tell_wan("${PATH}{#}", 0, value);
		tell_wan("wan2", 1, value);
		settings_add_wan(&settings, "other", why);
		printed_and_read_again("all of a WAN");
		is_u64(settings.wan_count, 3, "in their order");
	}
	memset(&settings, 0, sizeof(settings));
	settings_default(&settings);
	for (size_t i = 0; i < WANS_MAX; i++) {
		char name[16];

		snprintf(name, sizeof(name), "wan%zu", i);
		settings_add_wan(&settings, name, why);
	}
	printed_and_read_again("as many WANs as there may be");
	is_u64(settings.wan_count, WANS_MAX, "all of them");
}

/* libconfuse without memory: its parser fails and says nothing, and what it has made is half made. */
static bool no_memory;
static int freed;
struct cfg_t;
static struct cfg_t *left;	/* which is whole here, and ours to free */
int __real_cfg_parse_buf(struct cfg_t *cfg, const char *text);
int __wrap_cfg_parse_buf(struct cfg_t *cfg, const char *text);
int __real_cfg_free(struct cfg_t *cfg);
int __wrap_cfg_free(struct cfg_t *cfg);

int __wrap_cfg_parse_buf(struct cfg_t *cfg, const char *text)
{
	left = cfg;
	if (!no_memory)
		return __real_cfg_parse_buf(cfg, text);
	errno = ENOMEM;
	return 1;
}

int __wrap_cfg_free(struct cfg_t *cfg)
{
	freed++;
	return __real_cfg_free(cfg);
}

static void without_memory(void)
{
	settings_default(&settings);
	no_memory = true;
	freed = 0;
	is_u64((uint64_t)-read_file("interval = 2s\n"), ENOMEM, "a failure without a word");
	no_memory = false;
	__real_cfg_free(left);
	ok(strstr(why, ": Cannot allocate memory") != NULL, "is told as what it is: %s", why);
	is_u64((uint64_t)freed, 0, "what is half made is not touched");
	is_u64(settings.interval_ms, 5000, "the settings are as before");
	ok(read_file("interval = 0\n") == -EINVAL && freed == 1, "what is refused is freed");
	ok(read_file("${}") == -EINVAL && freed == 2, "so is what libconfuse refuses without a word");
	ok(strstr(why, "cannot be understood") != NULL, "which is told: %s", why);
}

int main(void)
{
	int fd = mkstemp(path);

	without_memory();

	a_good_file();
	bad_files();
	the_example();
	each_key_is_printed();
	each_key_of_a_wan_is_printed();
	no_file();
	close(fd);
	unlink(path);
	return tap_done();
}
