/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <sys/wait.h>
#include "cli/json.h"
#include "cli/units.h"
#include "cli/verify_print.h"

/*
 * --- a figure ----------------------------------------------------------------------------------
 */

static void add_value(struct json_object *object, const char *key, const struct measure *measure,
		      const struct maybe_u64 *value)
{
	if (!value->known)
		return;
	if (measure->unit == UNIT_STATE)
		json_put_text(object, key,
			      metric_of(&metric_tables[TABLE_WAN], "state")->words[value->value]);
	else
		json_put_number(object, key, value->value);
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
		json_put_text(figure, "verdict", outcome_words[row->outcome]);
	json_object_object_add(object, row->measure->key, figure);
}

static struct json_object *rows_json(const struct comparison *comparison, size_t wan)
{
	struct json_object *object = json_object_new_object();

	if (wan != HOST_ROW) {
		json_put_text(object, "name", comparison->wans[wan].name);
		json_put_text(object, "label", comparison->wans[wan].label);
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

	json_put_number(object, "took_ms", window_ms(window));
	json_put_number(object, "samples", window->samples);
	json_put_number(object, "unread", window->unread);
	json_put_number(object, "pressed_out", window->pressed_out);
	json_put_number(object, "pressed_in", window->pressed_in);
	if (window->last)
		json_put_text(object, "accounting",
			      metric_of(&metric_tables[TABLE_HOST], "accounting")
				      ->words[window->last->host.accounting]);
	if (!verification->connect_to)
		return object;
	json_put_number(object, "connects_answered", window->connects.answered);
	json_put_number(object, "connects_failed", window->connects.failed);
	if (verification->fallback_known)
		json_put_number(object, "connects_fallback", window->connects.fallback);
	return object;
}

static void add_command(struct json_object *root, const struct verification *verification)
{
	struct json_object *command = json_object_new_array();

	for (char *const *word = verification->command; *word; word++)
		json_object_array_add(command, json_object_new_string(*word));
	json_object_object_add(root, "command", command);
	if (verification->ran && WIFEXITED(verification->wait_status))
		json_put_number(root, "command_status",
				(uint64_t)WEXITSTATUS(verification->wait_status));
	if (verification->ran && WIFSIGNALED(verification->wait_status))
		json_put_number(root, "command_signal",
				(uint64_t)WTERMSIG(verification->wait_status));
}

char *verification_json(const struct verification *verification)
{
	const struct comparison *comparison = &verification->comparison;
	struct json_object *root = json_object_new_object();
	struct json_object *wans = json_object_new_array();
	const char *text;
	char *copy;

	json_put_number(root, "time", verification->now_s);
	add_command(root, verification);
	json_put_number(root, "window_ms", verification->window_ms);
	json_put_number(root, "settle_ms", verification->settle_ms);
	json_put_number(root, "interval_ms", verification->interval_ms);
	json_put_truth(root, "comparable", comparison->comparable);
	json_put_truth(root, "comparable_out", comparison->out);
	json_put_truth(root, "comparable_in", comparison->in);
	json_put_text(root, "reason", comparison->reason);
	json_put_truth(root, "interrupted", verification->interrupted);
	if (verification->begun.known)
		json_put_number(root, "connections_begun", verification->begun.value);
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
