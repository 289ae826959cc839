/* SPDX-License-Identifier: MIT */
/*
 * libconfuse parses, but never sees the file. Its scanner ends the process when it cannot read (a
 * folder, say), counts the line of a comment three times, takes a file that ends within a section,
 * and after one that ends within quotes it begins the next file there. So the text is read here,
 * comments are blanked, and whatever is opened in it must be closed.
 */
#include <confuse.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lib/config.h"

enum { FILE_MOST = 256 * 1024 };

/* Every option is a string to libconfuse: what a value may be is said in one place, settings.c. */
enum { KEYS_MOST = 64 };

/*
 * libconfuse's callbacks have no argument of ours. One configuration is read at a time, by one
 * thread.
 */
static _Thread_local struct {
	const char *path;
	struct settings *settings;
	char *why;
	bool failed;
} reading;

/*
 * --- the text ----------------------------------------------------------------------------------
 */

/* The whole file, ended by a NUL, for the caller to free; *text is NULL unless 0 is returned. */
static int read_text(const char *path, char **text, size_t *len)
{
	/* Without waiting: a FIFO may never have a writer. */
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), error = 0;
	ssize_t got = 1;

	*text = NULL;
	*len = 0;
	if (fd < 0)
		return -errno;
	*text = malloc(FILE_MOST + 1);
	if (!*text)
		error = -ENOMEM;
	while (!error && got) {
		got = read(fd, *text + *len, FILE_MOST + 1 - *len);
		*len += got > 0 ? (size_t)got : 0;
		if (got < 0)
			error = -errno;
		else if (*len > FILE_MOST)
			error = -EFBIG;
	}
	close(fd);
	if (!error) {
		(*text)[*len] = '\0';
		return 0;
	}
	free(*text);
	*text = NULL;
	return error;
}

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
static void on_error(cfg_t *cfg, const char *format, va_list args)
{
	char reason[WHY_LEN];

	if (reading.failed)
		return;
	reading.failed = true;
	vsnprintf(reason, sizeof(reason), format, args);
	snprintf(reading.why, WHY_LEN, "%.100s:%d: %.130s", reading.path, cfg->line, reason);
}

static int on_flat_key(cfg_t *cfg, cfg_opt_t *opt)
{
	char why[WHY_LEN];

	if (!settings_set(reading.settings, cfg_opt_name(opt),
			  cfg_opt_getnstr(opt, cfg_opt_size(opt) - 1), why))
		return 0;
	cfg_error(cfg, "%s", why);
	return -1;
}

/* Called when a whole "wan NAME { ... }" has been read. */
static int on_wan(cfg_t *cfg, cfg_opt_t *opt)
{
	static const char *const keys[] = { "device", "label", "role" };
	cfg_t *section = cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1);
	struct wan_settings *wan;
	char why[WHY_LEN];

	wan = settings_add_wan(reading.settings, cfg_title(section), why);
	for (size_t i = 0; wan && i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *value = cfg_getstr(section, keys[i]);

		if (value && settings_set_wan(reading.settings, wan, keys[i], value, why))
			wan = NULL;
	}
	if (wan && !settings_check_wan(reading.settings, wan, why))
		return 0;
	cfg_error(cfg, "%s", why);
	return -1;
}

static int explain(const char *path, int error, char *why)
{
	snprintf(why, WHY_LEN, "%.100s: %s", path, strerror(-error));
	return error;
}

/* 0 or -errno with the reason in reading.why. */
static int parse(const char *text)
{
	cfg_opt_t wan_options[] = { CFG_STR("device", NULL, CFGF_NONE),
				    CFG_STR("label", NULL, CFGF_NONE),
				    CFG_STR("role", NULL, CFGF_NONE), CFG_END() };
	cfg_opt_t options[KEYS_MOST + 2];
	size_t count = 0;
	cfg_t *cfg;
	int result;

	for (; count < KEYS_MOST && settings_key(count); count++)
		options[count] = (cfg_opt_t)CFG_STR(settings_key(count), NULL, CFGF_NODEFAULT);
	options[count] = (cfg_opt_t)CFG_SEC("wan", wan_options,
					    CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES);
	options[count + 1] = (cfg_opt_t)CFG_END();
	cfg = cfg_init(options, CFGF_NONE);
	if (!cfg)
		return explain(reading.path, -ENOMEM, reading.why);
	cfg_set_error_function(cfg, on_error);
	for (size_t i = 0; i < count; i++)
		cfg_set_validate_func(cfg, settings_key(i), on_flat_key);
	cfg_set_validate_func(cfg, "wan", on_wan);
	result = cfg_parse_buf(cfg, text);
	cfg_free(cfg);
	if (reading.failed)
		return -EINVAL;
	return result == CFG_SUCCESS ? 0 : explain(reading.path, -ENOMEM, reading.why);
}

int config_read(const char *path, struct settings *settings, char *why)
{
	struct settings fresh = *settings;
	size_t len;
	char *text;
	int error = read_text(path, &text, &len);

	if (error)
		return explain(path, error, why);
	error = check_text(path, text, len, why);
	if (!error) {
		reading.path = path;
		reading.settings = &fresh;
		reading.why = why;
		reading.failed = false;
		error = parse(text);
	}
	free(text);
	if (!error)
		*settings = fresh;
	return error;
}
