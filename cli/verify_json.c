/* SPDX-License-Identifier: MIT */
#include <json-c/json.h>
#include <string.h>
#include <sys/wait.h>
#include "cli/units.h"
#include "cli/verify_print.h"

static void add_number(struct json_object *object, const char *key, uint64_t number)
{
	json_object_object_add(object, key, json_object_new_uint64(number));
}

static void add_text(struct json_object *object, const char *key, const char *text)
{
	json_object_object_add(object, key, json_object_new_string(text));
}

static void add_truth(struct json_object *object, const char *key, bool truth)
{
	json_object_object_add(object, key, json_object_new_boolean(truth));
}

/*
 * --- a figure ----------------------------------------------------------------------------------
 */

static void add_value(struct json_object *object, const char *key, const struct measure *measure,
		      const struct maybe_u64 *value)
{
	if (!value->known)
		return;
	if (measure->unit == UNIT_STATE)
		add_text(object, key,
			 metric_of(&metric_tables[TABLE_WAN], "state")->words[value->value]);
	else
		add_number(object, key, value->value);
}

static void add_row(struct json_object *object, const struct change *row)
{
	struct json_object *figure;

	if (!row->before.known && !row->after.known)
		return;
	figure = json_object_new_object();
	add_value(figure, "before", row->measure, &row->before);
	add_value(figure, "after", row->measure, &row->after);
	if (row->changed_known)
		json_object_object_add(figure,
				       row->measure->unit == UNIT_PART ? "change_points" : "change",
				       json_object_new_int64(row->changed));
	if (row->outcome != OUTCOME_NONE)
		add_text(figure, "verdict", outcome_words[row->outcome]);
	json_object_object_add(object, row->measure->key, figure);
}

static struct json_object *rows_json(const struct comparison *comparison, size_t wan)
{
	struct json_object *object = json_object_new_object();

	if (wan != HOST_ROW) {
		add_text(object, "name", comparison->wans[wan].name);
		add_text(object, "label", comparison->wans[wan].label);
	}
	for (size_t i = 0; i < comparison->row_count; i++)
		if (comparison->rows[i].wan == wan)
			add_row(object, &comparison->rows[i]);
	return object;
}

/*
 * --- the whole ---------------------------------------------------------------------------------
 */

static struct json_object *window_json(const struct verification *verification,
				       const struct window *window)
{
	struct json_object *object = json_object_new_object();

	add_number(object, "took_ms", window_ms(window));
	add_number(object, "samples", window->samples);
	add_number(object, "unread", window->unread);
	add_number(object, "pressed_out", window->pressed_out);
	add_number(object, "pressed_in", window->pressed_in);
	if (window->last)
		add_text(object, "accounting",
			 metric_of(&metric_tables[TABLE_HOST], "accounting")
				 ->words[window->last->host.accounting]);
	if (!verification->connect_to)
		return object;
	add_number(object, "connects_answered", window->connects.answered);
	add_number(object, "connects_failed", window->connects.failed);
	if (verification->fallback_known)
		add_number(object, "connects_fallback", window->connects.fallback);
	return object;
}

static void add_command(struct json_object *root, const struct verification *verification)
{
	struct json_object *command = json_object_new_array();

	for (char *const *word = verification->command; *word; word++)
		json_object_array_add(command, json_object_new_string(*word));
	json_object_object_add(root, "command", command);
	if (verification->ran && WIFEXITED(verification->wait_status))
		add_number(root, "command_status",
			   (uint64_t)WEXITSTATUS(verification->wait_status));
	if (verification->ran && WIFSIGNALED(verification->wait_status))
		add_number(root, "command_signal", (uint64_t)WTERMSIG(verification->wait_status));
}

char *verification_json(const struct verification *verification)
{
	const struct comparison *comparison = &verification->comparison;
	struct json_object *root = json_object_new_object();
	struct json_object *wans = json_object_new_array();
	const char *text;
	char *copy;

	add_number(root, "time", verification->now_s);
	add_command(root, verification);
	add_number(root, "window_ms", verification->window_ms);
	add_number(root, "settle_ms", verification->settle_ms);
	add_number(root, "interval_ms", verification->interval_ms);
	add_truth(root, "comparable", comparison->comparable);
	add_truth(root, "comparable_out", comparison->out);
	add_truth(root, "comparable_in", comparison->in);
	add_text(root, "reason", comparison->reason);
	add_truth(root, "interrupted", verification->interrupted);
	if (verification->begun.known)
		add_number(root, "connections_begun", verification->begun.value);
	json_object_object_add(root, "before", window_json(verification, &verification->before));
	if (verification->after.first || verification->after.unread)
		json_object_object_add(root, "after",
				       window_json(verification, &verification->after));
	json_object_object_add(root, "host", rows_json(comparison, HOST_ROW));
	for (size_t i = 0; i < comparison->wan_count; i++)
		json_object_array_add(wans, rows_json(comparison, i));
	json_object_object_add(root, "wans", wans);
	text = json_object_to_json_string_ext(root, JSON_C_TO_STRING_PRETTY |
							    JSON_C_TO_STRING_NOSLASHESCAPE);
	copy = text ? strdup(text) : NULL;
	json_object_put(root);
	return copy;
}
