/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include "lib/parse.h"

static const char PREFIX[] = "MPTcpExt:";

/* The line at *text, without its newline; moves *text past it. False at the end. */
static bool next_line(const char **text, const char *end, const char **line, size_t *len)
{
	const char *newline;

	if (*text >= end)
		return false;
	newline = memchr(*text, '\n', (size_t)(end - *text));
	*line = *text;
	*len = (size_t)((newline ? newline : end) - *text);
	*text = newline ? newline + 1 : end;
	return true;
}

static bool next_word(const char **text, const char *end, const char **word, size_t *len)
{
	while (*text < end && **text == ' ')
		(*text)++;
	*word = *text;
	while (*text < end && **text != ' ')
		(*text)++;
	*len = (size_t)(*text - *word);
	return *len > 0;
}

static bool number(const char *word, size_t len, uint64_t *out)
{
	uint64_t value = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned int digit = (unsigned int)(word[i] - '0');

		if (digit > 9 || value > (UINT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*out = value;
	return len > 0;
}

/* A line of names and the line of their values. */
static int pair_up(const char *names, const char *names_end, const char *values,
		   const char *values_end, counter_fn fn, void *arg)
{
	const char *name, *word;
	size_t name_len, word_len;
	uint64_t value;
	int count = 0;

	while (next_word(&names, names_end, &name, &name_len)) {
		if (!next_word(&values, values_end, &word, &word_len) ||
		    !number(word, word_len, &value))
			return -EBADMSG;
		fn(name, name_len, value, arg);
		count++;
	}
	return next_word(&values, values_end, &word, &word_len) ? -EBADMSG : count;
}

int parse_counters(const char *text, size_t len, counter_fn fn, void *arg)
{
	const char *end = text + len, *line, *names = NULL, *names_end = NULL;
	const size_t prefix = sizeof(PREFIX) - 1;
	size_t line_len;

	while (next_line(&text, end, &line, &line_len)) {
		if (line_len < prefix || memcmp(line, PREFIX, prefix))
			continue;
		if (names)
			return pair_up(names, names_end, line + prefix, line + line_len, fn, arg);
		names = line + prefix;
		names_end = line + line_len;
	}
	return names ? -EBADMSG : 0;
}

static void copy_word(char *out, const char *value, size_t len)
{
	if (len >= WORD_LEN)
		len = WORD_LEN - 1;
	memcpy(out, value, len);
	out[len] = '\0';
}

static bool is(const char *line, const char *equals, const char *name)
{
	return strlen(name) == (size_t)(equals - line) && !memcmp(line, name, strlen(name));
}

int parse_sysctls(const char *text, size_t len, struct sysctl_row *out)
{
	const char *end = text + len, *line, *equals, *value;
	size_t line_len, value_len;
	uint64_t flag;

	memset(out, 0, sizeof(*out));
	while (next_line(&text, end, &line, &line_len)) {
		equals = memchr(line, '=', line_len);
		if (!equals)
			return -EBADMSG;
		value = equals + 1;
		value_len = (size_t)(line + line_len - value);
		if (is(line, equals, "enabled")) {
			if (!number(value, value_len, &flag))
				return -EBADMSG;
			out->enabled = (struct maybe_bool){ true, flag != 0 };
		} else if (is(line, equals, "path_manager")) {
			copy_word(out->path_manager, value, value_len);
		} else if (is(line, equals, "pm_type") && !out->path_manager[0]) {
			/*
			 * Before 6.15 there is only this number; a later path_manager line
			 * overwrites it.
			 */
			copy_word(out->path_manager,
				  value_len == 1 && *value == '1' ? "userspace" : "kernel",
				  value_len == 1 && *value == '1' ? 9 : 6);
		} else if (is(line, equals, "blackhole_timeout")) {
			if (!number(value, value_len, &flag) || flag > UINT32_MAX)
				return -EBADMSG;
			out->blackhole_timeout_s = (struct maybe_u32){ true, (uint32_t)flag };
		} else if (is(line, equals, "scheduler")) {
			copy_word(out->scheduler, value, value_len);
		}
	}
	return 1;
}

/*
 * --- load --------------------------------------------------------------------------------------
 */

/* "cpu3 user nice system idle iowait irq softirq steal ..." of proc(5); iowait is idle. */
static int read_core(const char *line, const char *end, struct load_row *out)
{
	enum { IDLE = 3, IOWAIT = 4, COLUMNS = 8 };
	uint64_t value, core, busy = 0, ticks = 0;
	const char *word;
	size_t len;

	next_word(&line, end, &word, &len);
	/* By its number: one that is offline has no line. */
	if (!number(word + 3, len - 3, &core))
		return -EBADMSG;
	if (core >= CORES_MOST)
		return 0;
	for (int column = 0; column < COLUMNS && next_word(&line, end, &word, &len); column++) {
		if (!number(word, len, &value))
			return -EBADMSG;
		ticks += value;
		busy += column == IDLE || column == IOWAIT ? 0 : value;
	}
	out->busy[core] = busy;
	out->ticks[core] = ticks;
	if (core >= out->cores)
		out->cores = (uint32_t)core + 1;
	return 0;
}

static bool begins(const char *line, size_t len, const char *word)
{
	return len >= strlen(word) && !memcmp(line, word, strlen(word));
}

/* "TCP: inuse 5 orphan 0 tw 2 alloc 9 mem 3", "TCP6: inuse 5" */
static int read_tcp(const char *line, const char *end, struct load_row *out)
{
	const char *word;
	uint64_t value;
	size_t len;

	while (next_word(&line, end, &word, &len)) {
		bool pages = begins(word, len, "mem"), sockets = begins(word, len, "inuse"),
		     waiting = begins(word, len, "tw");

		if (!pages && !sockets && !waiting)
			continue;
		if (!next_word(&line, end, &word, &len) || !number(word, len, &value))
			return -EBADMSG;
		if (pages)
			out->tcp_pages = (struct maybe_u64){ true, value };
		else if (waiting)
			out->tcp_time_wait = (struct maybe_u64){ true, value };
		else
			out->tcp_sockets = (struct maybe_u64){ true,
							       out->tcp_sockets.value + value };
	}
	return 0;
}

/* A core's line of hexadecimal words of 8 digits: processed, dropped ... */
static int read_softnet(const char *line, size_t len, struct load_row *out)
{
	uint32_t dropped = 0;

	if (len < 17)
		return -EBADMSG;
	for (size_t i = 0; i < 17; i++) {
		int digit = line[i] >= '0' && line[i] <= '9'   ? line[i] - '0'
			    : line[i] >= 'a' && line[i] <= 'f' ? line[i] - 'a' + 10
							       : -1;

		if (i == 8 ? line[i] != ' ' : digit < 0)
			return -EBADMSG;
		/* Those of the first word are shifted out. */
		if (i != 8)
			dropped = dropped << 4 | (uint32_t)digit;
	}
	out->softnet_dropped.known = true;
	out->softnet_dropped.value += dropped;
	return 0;
}

int parse_load(const char *text, size_t len, struct load_row *out)
{
	const char *end = text + len, *line;
	bool stat = begins(text, len, "cpu");
	bool sockstat = begins(text, len, "sockets:") || begins(text, len, "TCP6:");
	size_t line_len;
	int error = 0;

	while (!error && next_line(&text, end, &line, &line_len)) {
		if (stat && begins(line, line_len, "cpu") && line_len > 3 && line[3] != ' ')
			error = read_core(line, line + line_len, out);
		else if (sockstat &&
			 (begins(line, line_len, "TCP:") || begins(line, line_len, "TCP6:")))
			error = read_tcp(line, line + line_len, out);
		else if (!stat && !sockstat)
			error = read_softnet(line, line_len, out);
	}
	return error ? error : 1;
}
