/* SPDX-License-Identifier: MIT */
/* What an operator may say, what he is told when it is wrong, and the file he says it in. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lib/config.h"
#include "tests/tap.h"

static struct settings settings;
static char why[WHY_LEN];

#define FIELD(f) offsetof(struct settings, f)
static const struct {
	const char *key;
	size_t offset;
	const char *good;
	uint32_t want;
	const char *other;
	uint32_t want_other;
	const char *bad[7];
} numbers[] = {
	{ "interval",
	  FIELD(interval_ms),
	  "5",
	  5000,
	  "100ms",
	  100,
	  { "99ms", "0", "2h", "5 s", "-5", "", "5d" } },
	{ "window", FIELD(window_ms), "30s", 30000, "1h", 3600000, { "999ms", "61m", "x", "1.5" } },
	{ "floor",
	  FIELD(floor_octets),
	  "1",
	  1,
	  "1000000000",
	  1000000000,
	  { "0", "1000000001", "64k", "4294967296", "18446744073709551616" } },
	{ "join-grace", FIELD(join_grace_ms), "0", 0, "10m", 600000, { "601", "11m", "ms" } },
	{ "subflows-most",
	  FIELD(subflows_most),
	  "1000",
	  1000,
	  "10000000",
	  10000000,
	  { "999", "10000001", "1e6" } },
	{ "bpf", FIELD(bpf), "off", 0, "TRUE", 1, { "2", "maybe", "" } },
	{ "events", FIELD(events), "no", 0, "1", 1, { "yess", "t" } },
};

static uint32_t value_of(size_t row)
{
	const char *at = (const char *)&settings + numbers[row].offset;

	if (numbers[row].offset == FIELD(bpf) || numbers[row].offset == FIELD(events))
		return *(const bool *)at;
	return *(const uint32_t *)(const void *)at;
}

static void every_number(void)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		const char *key = numbers[i].key;

		settings_default(&settings);
		ok(!settings_set(&settings, key, numbers[i].good, why), "%s = %s", key,
		   numbers[i].good);
		is_u64(value_of(i), numbers[i].want, "%s is taken", numbers[i].good);
		ok(!settings_set(&settings, key, numbers[i].other, why), "%s = %s", key,
		   numbers[i].other);
		for (size_t j = 0; j < 7 && numbers[i].bad[j]; j++) {
			const char *bad = numbers[i].bad[j];

			ok(settings_set(&settings, key, bad, why) == -EINVAL,
			   "%s = '%s' is refused", key, bad);
			ok(strstr(why, key) && strstr(why, bad), "and named: %s", why);
		}
		is_u64(value_of(i), numbers[i].want_other, "%s is as before", key);
	}
	ok(settings_set(&settings, "intervall", "5", why) == -EINVAL, "an unknown key");
	ok(strstr(why, "intervall") != NULL, "is named: %s", why);
}

static void every_path(void)
{
	static const char *const keys[] = { "agentx-socket", "state-dir", "run-dir" };
	const char *const fields[] = { settings.agentx_socket, settings.state_dir,
				       settings.run_dir };
	char longest[PATH_LEN + 1] = "/";

	memset(longest + 1, 'x', PATH_LEN - 1);
	for (size_t i = 0; i < 3; i++) {
		longest[PATH_LEN - 1] = 'x';
		ok(!settings_set(&settings, keys[i], "/run/x", why), "%s", keys[i]);
		is_text(fields[i], "/run/x", "is taken");
		ok(settings_set(&settings, keys[i], "run/x", why) == -EINVAL, "relative: %s", why);
		ok(settings_set(&settings, keys[i], longest, why) == -EINVAL, "too long: %s", why);
		is_text(fields[i], "/run/x", "is as before");
		longest[PATH_LEN - 1] = '\0';
		ok(!settings_set(&settings, keys[i], longest, why), "107 octets fit");
	}
}

static void wan_blocks(void)
{
	static const char *const bad[] = { "",	   "host",     "limits",
					   "a b",  "a/b",      "a\"b",
					   "\x7f", "\xc3\xa4", "a_name_of_32_octets_is_too_long_" };
	struct wan_settings *wan, *other;
	char name[16];

	settings_default(&settings);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ok(!settings_add_wan(&settings, bad[i], why), "'%s' is no name", bad[i]);
		ok(strstr(why, bad[i]) != NULL, "and is told: %s", why);
	}
	wan = settings_add_wan(&settings, "a_name_of_31_octets_is_all_righ", why);
	ok(wan && settings.wan_count == 1, "31 octets fit");
	ok(!settings_add_wan(&settings, wan->name, why), "twice: %s", why);
	ok(!settings_set_wan(&settings, wan, "device", "eth1", why), "device");
	ok(!settings_set_wan(&settings, wan, "label", "Fibre", why), "label");
	ok(!settings_set_wan(&settings, wan, "role", "backup", why), "role");
	is_text(wan->device, "eth1", "device is taken");
	is_text(wan->label, "Fibre", "label is taken");
	is_u64(wan->role, ROLE_BACKUP, "role is taken");
	ok(settings_set_wan(&settings, wan, "role", "spare", why) == -EINVAL, "role: %s", why);
	ok(settings_set_wan(&settings, wan, "colour", "red", why) == -EINVAL, "unknown: %s", why);
	ok(settings_set_wan(&settings, wan, "device", "an_interface_too_long", why) == -EINVAL,
	   "device: %s", why);
	other = settings_add_wan(&settings, "wan2", why);
	ok(settings_set_wan(&settings, other, "device", "eth1", why) == -EINVAL, "claimed: %s",
	   why);
	ok(strstr(why, "eth1") != NULL, "the device is named");
	while (settings.wan_count < WANS_MAX) {
		snprintf(name, sizeof(name), "wan%zu", settings.wan_count + 10);
		settings_add_wan(&settings, name, why);
	}
	ok(!settings_add_wan(&settings, "more", why), "64 at most: %s", why);
}

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
		ok(!strncmp(why, place, strlen(place)) && strstr(why, bad[i].word), "told: %s",
		   why);
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

int main(void)
{
	int fd = mkstemp(path);

	every_number();
	every_path();
	wan_blocks();
	a_good_file();
	bad_files();
	no_file();
	close(fd);
	unlink(path);
	return tap_done();
}
