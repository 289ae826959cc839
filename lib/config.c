/* SPDX-License-Identifier: MIT */
/*
 * libconfuse parses, but never sees the file. Its scanner ends the process when it cannot read (a
 * folder, say), counts the line of a comment three times, takes a file that ends within a section,
 * and after one that ends within quotes it begins the next file there. So the text is read here,
 * comments are blanked, and whatever is opened in it must be closed.
 */
#include <confuse.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/config.h"
#include "lib/file.h"
#include "lib/utf8.h"

enum { FILE_MOST = 256 * 1024 };

/*
 * Every option is a string to libconfuse, or a list of them: what a value may be is said in one
 * place, settings.c and settings_wan.c.
 */
enum { KEYS_MOST = 64 };

/* The flat keys of this beginning are a section of their own in the file. */
static const char EXPECT[] = "expect-";

/*
 * libconfuse's callbacks have no argument of ours. One configuration is read at a time, by one
 * thread.
 */
static _Thread_local struct {
	const char *path;
	struct settings *settings;
	char *why;
	bool failed;
	bool in_wan;			/* the last WAN is not closed yet */
	int key_lines[KEYS_MOST];	/* where a key was last set; by settings_key() */
	int base_lines[WANS_MAX];
} reading;

/*
 * --- the text ----------------------------------------------------------------------------------
 */

/* Slashes begin a comment, but not within a word. */
static bool begins_comment(const char *text, size_t at, const char *slashes)
{
	return !strncmp(text + at, slashes, strlen(slashes)) &&
	       (!at || strchr(" \t\r\n={}()+,\"'", text[at - 1]));
}

/* Behind the quoted text that begins at `at`; 0 when its end is missing. */
static size_t quote_end(const char *text, size_t at)
{
	char quote = text[at++];

	while (text[at] && text[at] != quote)
		at += text[at] == '\\' && text[at + 1] ? 2 : 1;
	return text[at] ? at + 1 : 0;
}

static void blank(char *text, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (text[i] != '\n')
			text[i] = ' ';
}

/* Returns what is opened (at *at) and never closed, or NULL: then no comment is left. */
static const char *blank_comments(char *text, size_t *at)
{
	size_t brace = 0, depth = 0, end;

	for (size_t i = 0; text[i]; i = end) {
		*at = i;
		end = i + 1;
		if (text[i] == '"' || text[i] == '\'') {
			end = quote_end(text, i);
			if (!end)
				return text[i] == '"' ? "\"" : "'";
		} else if (text[i] == '#' || begins_comment(text, i, "//")) {
			end = i + strcspn(text + i, "\n");
			blank(text, i, end);
		} else if (begins_comment(text, i, "/*")) {
			const char *closing = strstr(text + i + 2, "*/");

			if (!closing)
				return "/*";
			end = (size_t)(closing - text) + 2;
			blank(text, i, end);
		} else if (text[i] == '{' && !depth++) {
			brace = i;
		} else if (text[i] == '}' && depth) {
			depth--;
		}
	}
	*at = brace;
	return depth ? "{" : NULL;
}

static unsigned int line_of(const char *text, size_t at)
{
	unsigned int line = 1;

	for (size_t i = 0; i < at; i++)
		line += text[i] == '\n';
	return line;
}

/* 0 or -EINVAL with the reason in why. */
static int check_text(const char *path, char *text, size_t len, char *why)
{
	size_t at = strlen(text);
	const char *opened;

	if (at < len) {
		snprintf(why, WHY_LEN, "%.100s:%u: this is no text", path, line_of(text, at));
		return -EINVAL;
	}
	opened = blank_comments(text, &at);
	if (!opened)
		return 0;
	snprintf(why, WHY_LEN, "%.100s:%u: this %s is never closed", path, line_of(text, at),
		 opened);
	return -EINVAL;
}

/*
 * --- what it says ------------------------------------------------------------------------------
 */

/* Only the first error counts: the others follow from it. */
static void fail(int line, const char *reason)
{
	if (reading.failed)
		return;
	reading.failed = true;
	snprintf(reading.why, WHY_LEN, "%.100s:%d: %.255s", reading.path, line, reason);
	utf8_line(reading.why);
}

static void on_error(cfg_t *cfg, const char *format, va_list args)
{
	char reason[WHY_LEN];

	vsnprintf(reason, sizeof(reason), format, args);
	fail(cfg->line, reason);
}

static int refuse(cfg_t *cfg, const char *why)
{
	cfg_error(cfg, "%s", why);
	return -1;
}

/* The callbacks come with each value, so a list is set one by one. */
static const char *newest(cfg_opt_t *opt)
{
	return cfg_opt_getnstr(opt, cfg_opt_size(opt) - 1);
}

static int set_flat_key(cfg_t *cfg, const char *key, const char *value)
{
	char why[WHY_LEN];

	if (settings_set(reading.settings, key, value, why))
		return refuse(cfg, why);
	for (size_t i = 0; settings_key(i); i++)
		if (!strcmp(settings_key(i), key))
			reading.key_lines[i] = cfg->line;
	return 0;
}

static int on_flat_key(cfg_t *cfg, cfg_opt_t *opt)
{
	return set_flat_key(cfg, cfg_opt_name(opt), newest(opt));
}

static int on_expect_key(cfg_t *cfg, cfg_opt_t *opt)
{
	char key[64];

	snprintf(key, sizeof(key), "%s%s", EXPECT, cfg_opt_name(opt));
	return set_flat_key(cfg, key, newest(opt));
}

/* The WAN of this section, made with its first key. */
static struct wan_settings *wan_of(cfg_t *section, char *why)
{
	struct settings *settings = reading.settings;

	if (reading.in_wan)
		return &settings->wans[settings->wan_count - 1];
	if (!settings_add_wan(settings, cfg_title(section), why))
		return NULL;
	reading.in_wan = true;
	reading.base_lines[settings->wan_count - 1] = section->line;
	return &settings->wans[settings->wan_count - 1];
}

static int on_wan_key(cfg_t *section, cfg_opt_t *opt)
{
	const char *key = cfg_opt_name(opt);
	char why[WHY_LEN];
	struct wan_settings *wan = wan_of(section, why);

	if (!wan || settings_set_wan(reading.settings, wan, key, newest(opt), why))
		return refuse(section, why);
	if (!strcmp(key, "base"))
		reading.base_lines[wan - reading.settings->wans] = section->line;
	return 0;
}

/* Called when a whole "wan NAME { ... }" has been read. */
static int on_wan(cfg_t *cfg, cfg_opt_t *opt)
{
	char why[WHY_LEN];
	struct wan_settings *wan = wan_of(cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1), why);

	if (!wan || settings_check_wan(reading.settings, wan, why))
		return refuse(cfg, why);
	reading.in_wan = false;
	return 0;
}

/* What only the whole file can say, told at the line that says half of it. */
static void check_all(void)
{
	struct settings_fault fault;
	char why[WHY_LEN];
	int line = 0;

	if (!settings_check(reading.settings, &fault, why))
		return;
	if (fault.wan)
		line = reading.base_lines[fault.wan - reading.settings->wans];
	for (size_t i = 0; fault.key && settings_key(i); i++)
		if (!strcmp(settings_key(i), fault.key))
			line = reading.key_lines[i];
	fail(line, why);
}

static int explain(const char *path, int error, char *why)
{
	snprintf(why, WHY_LEN, "%.100s: %s", path, strerror(-error));
	return error;
}

/* The callback is set here: libconfuse's own way misses sections that are there from the start. */
static cfg_opt_t option(const char *key, cfg_validate_callback_t fn)
{
	cfg_opt_t text = CFG_STR(key, NULL, CFGF_NODEFAULT);
	cfg_opt_t list = CFG_STR_LIST(key, NULL, CFGF_NODEFAULT);
	cfg_opt_t out = settings_key_is_list(key) ? list : text;

	out.validcb = fn;
	return out;
}

/* 0 or -errno with the reason in reading.why. */
static int parse(const char *text)
{
	cfg_opt_t flat[KEYS_MOST + 3], expect[KEYS_MOST + 1], wan[KEYS_MOST + 1];
	size_t flats = 0, expects = 0, wans = 0;
	const char *key;
	cfg_t *cfg;
	bool bad;

	for (size_t i = 0; i < KEYS_MOST && (key = settings_key(i)); i++) {
		if (strncmp(key, EXPECT, strlen(EXPECT)))
			flat[flats++] = option(key, on_flat_key);
		else
			expect[expects++] = option(key + strlen(EXPECT), on_expect_key);
	}
	for (; wans < KEYS_MOST && (key = settings_wan_key(wans)); wans++)
		wan[wans] = option(key, on_wan_key);
	expect[expects] = wan[wans] = (cfg_opt_t)CFG_END();
	flat[flats++] = (cfg_opt_t)CFG_SEC("expect", expect, CFGF_NONE);
	flat[flats] =
		(cfg_opt_t)CFG_SEC("wan", wan, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES);
	flat[flats++].validcb = on_wan;
	flat[flats] = (cfg_opt_t)CFG_END();
	cfg = cfg_init(flat, CFGF_NONE);
	if (!cfg)
		return explain(reading.path, -ENOMEM, reading.why);
	cfg_set_error_function(cfg, on_error);
	errno = 0;
	bad = cfg_parse_buf(cfg, text) != CFG_SUCCESS && !reading.failed;
	/*
	 * Without memory it fails without a word, and what it leaves is half made: cfg_free() crashes
	 * on that (libconfuse 3.3), so it is left.
	 */
	if (bad && errno == ENOMEM)
		return explain(reading.path, -ENOMEM, reading.why);
	if (bad)
		fail(cfg->line, "cannot be understood");	/* "${}": it has no words for that */
	cfg_free(cfg);
	if (!reading.failed)
		check_all();
	return reading.failed ? -EINVAL : 0;
}

int config_read(const char *path, struct settings *settings, char *why)
{
	struct settings fresh = *settings;
	size_t len;
	char *text;
	int error = file_read(path, FILE_MOST, &text, &len);

	if (error)
		return explain(path, error, why);
	error = check_text(path, text, len, why);
	if (!error) {
		reading.path = path;
		reading.settings = &fresh;
		reading.why = why;
		reading.failed = reading.in_wan = false;
		memset(reading.key_lines, 0, sizeof(reading.key_lines));
		error = parse(text);
	}
	free(text);
	if (!error)
		*settings = fresh;
	return error;
}
