/* SPDX-License-Identifier: MIT */
/* What is said below a look of our own: how far it may be trusted. */
#include <errno.h>
#include <stdlib.h>
#include "cli/view.h"
#include "tests/tap.h"

static void is_caution(const struct view *view, size_t width, const char *want, const char *what)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	view_caution(view, &(struct screen){ .out = out, .width = width });
	fclose(out);
	is_text(text, want, "%s", what);
	free(text);
}

int main(void)
{
	struct snapshot snapshot = { .host = { .polls = 2 } };
	struct view view = { .snapshot = &snapshot, .looked_ms = 1000 };

	settings_default(&view.settings);
	view.settings.interval_ms = 1000;
	is_caution(&view, 100,
		   "\nwithout the agent: rates over 1 s; states need a longer look: -i 15s, or mptcp-wan "
		   "doctor\n",
		   "a short look");
	view.looked_ms = 15000;
	snapshot.answers[Q_LIMITS].error = -EPERM;
	is_caution(&view, 100, "\nwithout the agent: rates over 1 s; root sees more\n",
		   "a longer one");
	snapshot.host.polls = 1;
	is_caution(&view, 200,
		   "\nwithout the agent: one look only, so many subflows are there: -i 1s gives rates, "
		   "-i 15s states as well; root sees more\n",
		   "one look");
	view.from_agent = true;
	is_caution(&view, 100, "", "the agent's is trusted");
	return tap_done();
}
