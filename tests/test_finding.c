/* SPDX-License-Identifier: MIT */
/* Words of causes, and how a finding is told: whole parts in order, cut where it must be. */
#include "lib/finding.h"
#include "tests/tap.h"

static void words(void)
{
	size_t count = 0;
	bool fit = true, same = false, ends = false;

	while (cause_words[count])
		count++;
	is_u64(count, CAUSES, "a word for each number, and the end");
	is_text(cause_words[CAUSE_NONE], "none", "none");
	is_text(cause_words[CAUSE_SUBFLOW_LIMIT], "subflow-limit", "a cause");
	is_text(cause_words[CAUSE_DRIFT + 1], "", "a number that is not used");
	for (size_t i = 0; i < count; i++) {
		fit &= strlen(cause_words[i]) < WORD_LEN;
		for (size_t j = 0; j < i; j++)
			same |= *cause_words[i] && !strcmp(cause_words[i], cause_words[j]);
	}
	ok(fit, "short enough");
	ok(!same, "no word twice");
	count = 0;
	while (state_words[count])
		count++;
	is_u64(count, WAN_STATES, "a word for each state");
	for (count = 0; severity_words[count]; count++)
		;
	is_u64(count, SEVERITY_CRITICAL + 1, "and for each severity");
	for (count = 0; alarm_type_words[count]; count++)
		ends = count == ALARM_HOST + CAUSE_DRIFT;
	ok(ends, "and for each alarm type");
	is_text(alarm_type_words[ALARM_HOST + CAUSE_FALLBACK], "fallback", "named after its cause");
}

static void kinds_and_severities(void)
{
	for (uint32_t cause = CAUSE_MPTCP_DISABLED; cause <= CAUSE_DRIFT; cause++)
		is_u64(cause_kind(cause), FINDING_HOST, "%s is the host's", cause_words[cause]);
	for (uint32_t cause = CAUSE_LINK_DOWN; cause <= CAUSE_INTERFACE_ABSENT; cause++)
		is_u64(cause_kind(cause), FINDING_DOWN, "%s is down", cause_words[cause]);
	is_u64(cause_kind(CAUSE_SUBFLOW_LIMIT), FINDING_STRUCTURAL, "structural");
	is_u64(cause_kind(CAUSE_SCHEDULER_AVOIDS), FINDING_IDLE, "idle");
	is_u64(cause_kind(CAUSE_BACKUP_NOT_READY), FINDING_BACKUP, "backup");
	is_u64(cause_kind(CAUSE_CPU_BOUND), FINDING_INFO, "worth knowing");
	is_u64(cause_severity(CAUSE_SUBFLOW_LIMIT), SEVERITY_MAJOR, "major");
	is_u64(cause_severity(CAUSE_ADMIN_DOWN), SEVERITY_INFO, "info");
	ok(cause_kind(CAUSE_NONE) == FINDING_INFO && cause_severity(CAUSE_NONE) == SEVERITY_INFO,
	   "no cause");
	ok(cause_kind(CAUSE_DRIFT + 1) == FINDING_INFO && cause_kind(CAUSES) == FINDING_INFO &&
		   cause_kind(UINT32_MAX) == FINDING_INFO &&
		   cause_severity(UINT32_MAX) == SEVERITY_INFO,
	   "a number of nobody");
}

static void telling(void)
{
	static const struct {
		struct finding finding;
		const char *story;
	} table[] = {
		{ { .text = "" }, "" },
		{ { .text = "it is so" }, "it is so" },
		{ { .text = "it is so", .now = "do this" }, "it is so. Now: do this" },
		{ { .text = "it is so",
		    .now = "do this",
		    .for_good = "set that",
		    .far_end = "there",
		    .restart = "all" },
		  "it is so. Now: do this; for good: set that; far end: there; restart: all" },
		{ { .text = "it is so", .for_good = "set that", .restart = "all" },
		  "it is so. For good: set that; restart: all" },
		{ { .text = "it is so", .far_end = "there" }, "it is so. Far end: there" },
		{ { .text = "it is so", .restart = "all" }, "it is so. Restart: all" },
	};
	char story[STORY_LEN];

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		is_text(finding_tell(&table[i].finding, story, sizeof(story)), table[i].story,
			"story %zu", i);
}

static void what_does_not_fit_is_cut(void)
{
	struct finding finding = { .restart = "" };
	char story[STORY_LEN + 1];

	memset(finding.text, 'a', SENTENCE_LEN - 1);
	memset(finding.now, 'b', SENTENCE_LEN - 1);
	memset(finding.for_good, 'c', SENTENCE_LEN - 1);
	memset(finding.far_end, 'd', SENTENCE_LEN - 1);
	memset(finding.restart, 'e', SENTENCE_LEN - 1);
	story[STORY_LEN] = '#';
	is_u64(strlen(finding_tell(&finding, story, STORY_LEN)), STORY_LEN - 1, "full");
	is_u64((uint8_t)story[STORY_LEN], '#', "and nothing beyond");
	for (size_t size = 1; size < 600; size++) {
		memset(story, '#', sizeof(story));
		if (strlen(finding_tell(&finding, story, size)) != size - 1 || story[size] != '#')
			ok(false, "cut to %zu", size);
	}
}

int main(void)
{
	words();
	kinds_and_severities();
	telling();
	what_does_not_fit_is_cut();
	return tap_done();
}
