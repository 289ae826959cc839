/* SPDX-License-Identifier: MIT */
/* Poll cycles against a scripted kernel: failures, orders, accounting modes. */
#include <errno.h>
#include <linux/types.h>
#include <stdlib.h>
#include "lib/bpf/subflow.h"
#include "tests/stand.h"
#include "tests/tap.h"

static const uint64_t SECOND = 1000000;

static void a_first_look(void)
{
	struct stand *s = stand_new();
	const struct host *host = &stand_poll(s, 0)->host;

	is_u64(s->now->wan_count, 2, "two WANs");
	is_text(host->last_error, "", "no error");
	ok(host->enabled.value && host->subflow_limit.value == 2, "sysctls and limits");
	ok(host->connections.value == 1 && host->subflows.value == 2, "connections, subflows");
	is_u64(stand_wan(s, "wan1")->subflows, 1, "joined");
	is_u64(stand_wan(s, "wan1")->in_octets, 0, "what was before us is a baseline");
	is_u64(stand_wan(s, "wan1")->rtt_us.value, 30000, "round trip");
	is_u64(stand_wan(s, "wan2")->if_in_octets.value, 3000, "the interface's octets");
	is_u64(s->now->endpoints[1].wan_index, stand_wan(s, "wan2")->index,
	       "endpoints know their WAN");
	ok(s->now->counters[0].number < 1000 && s->now->counters[1].number == 1000, "counters");
	is_u64(host->accounting, ACCOUNTING_EXACT, "exact");
	is_text(host->accounting_reason, "", "which needs no reason");
	stand_free(s);
}

/* Three are the times that a question is asked again. */
static void interrupted_dumps_are_asked_again(void)
{
	struct stand *s = stand_new();

	for (size_t i = 0; i < QUESTIONS; i++)
		s->fake->interruptions[i] = 3;
	stand_poll(s, 0);
	for (size_t i = 0; i < QUESTIONS; i++) {
		is_u64(s->fake->asked[i], 4, "question %zu: asked four times", i);
		ok(!s->now->answers[i].error, "answered");
	}
	is_u64(s->now->endpoint_count, 2, "rows of interrupted dumps are thrown away");
	is_u64(s->now->host.subflows.value, 2, "subflows, too");
	s->fake->interruptions[Q_SUBFLOWS] = 9;
	stand_poll(s, 5 * SECOND);
	is_u64(s->fake->asked[Q_SUBFLOWS], 8, "four times and no more");
	ok(s->now->answers[Q_SUBFLOWS].error == -EINTR, "then it has failed");
	is_text(s->now->host.last_error, "subflows: interrupted again and again", "which is told");
	stand_free(s);
}

static void a_failed_answer_is_no_empty_one(void)
{
	struct stand *s = stand_new();
	uint64_t complete_ms;

	stand_poll(s, 0);
	fake_forget(s->fake, Q_SUBFLOWS);
	fake_subflow(s->fake, 1, 1, 40000, 77, 5000, 2000);
	fake_subflow(s->fake, 2, 2, 40001, 77, 10, 20);
	complete_ms = stand_poll(s, 5 * SECOND)->host.complete_ms;
	is_u64(stand_wan(s, "wan1")->out_octets, 4000, "growth");
	for (size_t i = 0; i < QUESTIONS; i++) {
		fake_forget(s->fake, (enum question)i);
		s->fake->errors[i] = -EPERM;
	}
	stand_poll(s, 5 * SECOND);
	is_u64(s->now->host.poll_errors, QUESTIONS - 1, "every question, the load aside");
	is_u64(s->now->host.complete_ms, complete_ms, "the last complete poll was before");
	ok(strstr(s->now->host.last_error, "subflows: not permitted") != NULL, "told: %s",
	   s->now->host.last_error);
	ok(s->now->wan_count == 2 && s->now->endpoint_count == 2 && s->now->counter_count == 2,
	   "rows hold");
	is_u64(stand_wan(s, "wan1")->out_octets, 4000, "totals hold");
	ok(stand_wan(s, "wan1")->subflows == 1 && stand_wan(s, "wan1")->ifindex == 5,
	   "gauges hold");
	is_u64(s->now->host.connections.value, 1, "connections hold");
	is_u64(stand_wan(s, "wan1")->state, WAN_UNKNOWN, "but the state is unknown");
	stand_free(s);
}

static void ends_while_dumped(struct fake *fake)
{
	fake_life(fake, LIFE_ENDING, 1, 1, 40000, 1700, 2000);
	fake->during_dump = NULL;
}

static void an_ending_during_the_dump_has_the_last_word(void)
{
	struct stand *s = stand_new();

	stand_poll(s, 0);
	s->fake->during_dump = ends_while_dumped;
	stand_poll(s, 5 * SECOND);
	is_text(s->fake->log, "010q10", "drain, dump, drain: lives, then links, which are older");
	is_u64(stand_wan(s, "wan1")->out_octets, 700, "its final octets");
	is_u64(stand_wan(s, "wan1")->subflows, 0, "and no subflow, whatever the dump said");
	stand_poll(s, 5 * SECOND);
	is_u64(stand_wan(s, "wan1")->out_octets, 700, "counted once");
	stand_free(s);
}

static void events_enter_births_before_endings(void)
{
	struct stand *s = stand_new();

	s->fake->refused[STREAM_LIFE] = -EPERM;
	stand_poll(s, 0);
	is_text(s->fake->log, "0320q320", "endings are read before births");
	fake_pm_birth(s->fake, 2, 50000, 78);
	fake_destroy(s->fake, 9, 2, 50000, 300, 400);
	fake_destroy(s->fake, 10, 2, 50001, 9999, 9999); /* plain TCP */
	stand_poll(s, 5 * SECOND);
	is_u64(stand_wan(s, "wan2")->out_octets, 300, "a life between two polls");
	is_u64(stand_wan(s, "wan2")->in_octets, 400, "and nothing of plain TCP");
	fake_pm_birth(s->fake, 2, 50002, 79);
	fake_destroy(s->fake, 11, 2, 50002, 50, 0);
	monitor_pump(s->monitor);
	fake_destroy(s->fake, 11, 2, 50002, 50, 0);
	stand_poll(s, 5 * SECOND);
	is_u64(stand_wan(s, "wan2")->out_octets, 350, "pumped between polls, counted once");
	stand_free(s);
}

static void is_mode(struct stand *s, enum accounting mode, const char *reason)
{
	stand_poll(s, 0);
	is_u64(s->now->host.accounting, mode, "accounting");
	is_text(s->now->host.accounting_reason, reason, "its reason");
	stand_free(s);
}

static void every_mode_has_its_reason(void)
{
	struct stand *s = stand_new();

	s->fake->refused[STREAM_LIFE] = -EPERM;
	is_mode(s, ACCOUNTING_EVENTS, "BPF: not permitted");
	s = stand_new();
	s->settings.bpf = false;
	is_mode(s, ACCOUNTING_EVENTS, "BPF: not used");
	s = stand_new();
	s->fake->refused[STREAM_LIFE] = -ENOSYS;
	s->fake->refused[STREAM_ENDINGS] = -EPERM;
	is_mode(s, ACCOUNTING_SAMPLED,
		"BPF: not built in or switched off; netlink events: not permitted");
	s = stand_new();
	s->fake->refused[STREAM_LIFE] = -ENOENT;
	s->fake->refused[STREAM_CONNECTIONS] = -ENOENT;
	is_mode(s, ACCOUNTING_SAMPLED,
		"BPF: this kernel has no BTF; netlink events: this kernel has none");
	s = stand_new();
	s->settings.bpf = s->settings.events = false;
	is_mode(s, ACCOUNTING_SAMPLED, "BPF: not used; netlink events: not used");
	s = stand_new();
	s->fake->errors[Q_SUBFLOWS] = -EACCES;
	is_mode(s, ACCOUNTING_UNAVAILABLE, "subflows: not permitted");
}

/* A life told twice would count twice. */
static void never_bpf_beside_netlink(void)
{
	struct stand *s = stand_new();

	stand_poll(s, 0);
	for (int i = 0; i < 20; i++)
		stand_poll(s, 5 * SECOND);
	ok(!s->fake->opened[STREAM_CONNECTIONS] && !s->fake->opened[STREAM_ENDINGS],
	   "with BPF the others stay closed");
	stand_free(s);

	s = stand_new();
	s->fake->refused[STREAM_LIFE] = s->fake->refused[STREAM_CONNECTIONS] = -EPERM;
	stand_poll(s, 0);
	s->fake->refused[STREAM_LIFE] = s->fake->refused[STREAM_CONNECTIONS] = 0;
	stand_poll(s, 5 * SECOND);
	is_u64(s->now->host.accounting, ACCOUNTING_SAMPLED, "refused: not tried at each poll");
	stand_poll(s, 30 * SECOND);
	is_u64(s->now->host.accounting, ACCOUNTING_EVENTS, "netlink is tried again");
	is_u64(s->fake->opened[STREAM_LIFE], 1, "BPF is not");
	stand_free(s);
}

static void a_loss_is_told_until_the_next_poll(void)
{
	struct stand *s = stand_new();

	stand_poll(s, 0);
	s->fake->losses[STREAM_LIFE] = 3;
	s->fake->losses[STREAM_LINKS] = 5;
	monitor_pump(s->monitor);
	stand_poll(s, 5 * SECOND);
	is_u64(s->now->host.events_lost, 3, "losses of links are made good by the dump");
	is_u64(s->now->host.accounting, ACCOUNTING_SAMPLED, "what lies before it is only sampled");
	stand_poll(s, 100);
	is_u64(s->now->host.accounting, ACCOUNTING_SAMPLED, "a poll at once does not hide it");
	stand_poll(s, 5 * SECOND);
	is_u64(s->now->host.accounting, ACCOUNTING_EXACT, "a dump that began later makes good");
	s->fake->losses[STREAM_LIFE] = -ENOBUFS;
	monitor_pump(s->monitor);
	s->fake->errors[Q_SUBFLOWS] = -ETIMEDOUT;
	stand_poll(s, 5 * SECOND);
	is_u64(s->now->host.events_lost, 4, "a drain that fails is a loss");
	is_u64(s->now->host.accounting, ACCOUNTING_SAMPLED, "which no failed dump makes good");
	ok(stand_wan(s, "wan1")->joins_attempted.known &&
		   stand_wan(s, "wan1")->joins_failed.known &&
		   stand_wan(s, "wan1")->joins_unanswered.known &&
		   stand_wan(s, "wan1")->joins_refused.known &&
		   stand_wan(s, "wan1")->joins_reset.known &&
		   stand_wan(s, "wan1")->joins_abandoned.known,
	   "counters of joins do not come and go with it");
	ok(strstr(s->now->host.accounting_reason, "events: some were lost") != NULL, "told: %s",
	   s->now->host.accounting_reason);
	stand_free(s);

	s = stand_new();
	s->fake->refused[STREAM_LIFE] = -EPERM;
	stand_poll(s, 0);
	ok(!stand_wan(s, "wan1")->joins_attempted.known, "netlink does not tell of joins at all");
	stand_free(s);
}

static void a_wan_that_is_there_is_not_forgotten(void)
{
	struct stand *s = stand_new();
	int slot = registry_on_device(&s->registry, "wan2", 1600000000);

	s->registry.wans[slot].index = 40;
	s->registry.next_index = 41;
	stand_poll(s, 0);
	is_u64(stand_wan(s, "wan2")->index, 40, "off for years, and there again at once");
	s->fake->wall_ms += 2 * 1000 * (uint64_t)FORGOTTEN_AFTER_S;
	stand_poll(s, 5 * SECOND);
	is_u64(stand_wan(s, "wan2")->index, 40, "a clock that leaps does not make it absent");
	stand_free(s);

	s = stand_new();
	slot = registry_on_device(&s->registry, "wan2", 1600000000);
	s->registry.wans[slot].index = 40;
	s->registry.next_index = 41;
	s->fake->errors[Q_LINKS] = -ETIMEDOUT;
	stand_poll(s, 0);
	s->fake->errors[Q_LINKS] = 0;
	stand_poll(s, 5 * SECOND);
	is_u64(stand_wan(s, "wan2")->index, 40, "nobody is forgotten while links are not told");
	stand_free(s);

	s = stand_new();
	s->fake->wall_ms = 1000 * 1000; /* no clock yet */
	stand_poll(s, 0);
	is_u64(monitor_registry(s->monitor)->wans[0].seen_s, 0, "a time before 2020 is none");
	s->fake->wall_ms = UINT64_C(1800000000000);
	stand_poll(s, 5 * SECOND);
	ok(stand_wan(s, "wan1")->index == 1 && stand_wan(s, "wan2")->index == 2,
	   "the clock is set");
	s->fake->wall_ms += 1000 * (uint64_t)FORGOTTEN_AFTER_S + 1000;
	fake_forget(s->fake, Q_LINKS);
	fake_forget(s->fake, Q_ADDRESSES);
	fake_forget(s->fake, Q_ENDPOINTS);
	fake_forget(s->fake, Q_SUBFLOWS);
	stand_poll(s, 5 * SECOND);
	stand_poll(s, 5 * SECOND);
	is_u64(s->now->wan_count, 0, "absent for 30 days, they are");
	stand_free(s);
}

/* Managers take any change of it for a reset of all counters. */
static void the_begin_of_counters_does_not_move(void)
{
	struct stand *s = stand_new();

	is_u64(stand_poll(s, 0)->host.since_s, 1800000000, "told at once");
	for (int i = 0; i < 20; i++) {
		s->fake->wall_ms += 77; /* drifts */
		stand_poll(s, SECOND + 333 * 1000);
		if (s->now->host.since_s != 1800000000)
			break;
	}
	is_u64(s->now->host.since_s, 1800000000, "neither rounding nor drift move it");
	s->fake->wall_ms += 3600 * 1000;
	is_u64(stand_poll(s, SECOND)->host.since_s, 1800000000, "nor a clock that is set");
	stand_free(s);

	s = stand_new();
	s->fake->wall_ms = 5000; /* 1970 */
	is_u64(stand_poll(s, 0)->host.since_s, 0, "no clock yet: not told");
	is_u64(snapshot_wall_s(s->now, 0), 0, "and nothing is before 1970");
	stand_poll(s, 10 * SECOND);
	s->fake->wall_ms = UINT64_C(1800000100000);
	is_u64(stand_poll(s, 10 * SECOND)->host.since_s, 1800000090, "told once the clock is set");
	s->fake->wall_ms = 5000;
	is_u64(stand_poll(s, SECOND)->host.since_s, 1800000090, "for good");
	stand_free(s);
}

static void moments_are_told_to_the_second(void)
{
	const struct snapshot snapshot = { .taken_ms = 10000, .wall_ms = 1800000000600 };

	is_u64(snapshot_wall_s(&snapshot, 10000), 1800000001, "rounded");
	is_u64(snapshot_wall_s(&snapshot, 9900), 1800000001, "half a second up");
	is_u64(snapshot_wall_s(&snapshot, 9899), 1800000000, "less down");
	is_u64(snapshot_wall_s(&snapshot, 400), 1799999991, "of both clocks together");
}

/* A line that goes down must not become an active one for that. */
static void a_backup_line_stays_one(void)
{
	struct stand *s = stand_new();
	static char text[REGISTRY_TEXT_MOST];
	size_t len;

	fake_forget(s->fake, Q_ENDPOINTS);
	fake_endpoint(s->fake, 1, 1, ENDPOINT_SUBFLOW);
	fake_endpoint(s->fake, 2, 2, ENDPOINT_SUBFLOW | ENDPOINT_BACKUP);
	stand_poll(s, 0);
	ok(stand_wan(s, "wan1")->role == ROLE_ACTIVE && stand_wan(s, "wan2")->role == ROLE_BACKUP,
	   "as their endpoints say");
	monitor_registry(s->monitor)->dirty = false;
	fake_forget(s->fake, Q_ENDPOINTS);
	fake_forget(s->fake, Q_LINKS);
	fake_forget(s->fake, Q_ADDRESSES);
	stand_poll(s, 5 * SECOND);
	ok(stand_wan(s, "wan1")->role == ROLE_ACTIVE && stand_wan(s, "wan2")->role == ROLE_BACKUP,
	   "and had said before they went");
	ok(!monitor_registry(s->monitor)->dirty, "nothing new to write");
	len = registry_write(monitor_registry(s->monitor), text);
	stand_free(s);

	s = stand_new();
	ok(!registry_read(&s->registry, text, len), "another agent");
	fake_forget(s->fake, Q_ENDPOINTS);
	stand_poll(s, 0);
	ok(stand_wan(s, "wan1")->role == ROLE_ACTIVE && stand_wan(s, "wan2")->role == ROLE_BACKUP,
	   "knows it, too");
	monitor_registry(s->monitor)->dirty = false;
	fake_endpoint(s->fake, 2, 2, ENDPOINT_SUBFLOW);
	stand_poll(s, 5 * SECOND);
	is_u64(stand_wan(s, "wan2")->role, ROLE_ACTIVE, "until an endpoint says otherwise");
	ok(monitor_registry(s->monitor)->dirty, "which is to be written");
	stand_free(s);
}

/* An unprivileged reader sees no ULP block before Linux 6.15: then no subflow is no fact. */
static void subflows_hidden_and_subflows_ended(void)
{
	struct stand *s = stand_new();

	fake_forget(s->fake, Q_SUBFLOWS);
	fake_plain(s->fake, 9, 1, 22);
	stand_poll(s, 0);
	ok(s->now->answers[Q_SUBFLOWS].error == -EPERM, "connections, and never a ULP block");
	fake_forget(s->fake, Q_SUBFLOWS);
	is_u64(stand_poll(s, SECOND)->answers[Q_SUBFLOWS].error == 0, true, "no socket at all");
	fake_subflow(s->fake, 1, 1, 40000, 77, 1000, 2000);
	stand_poll(s, SECOND);
	is_u64(s->now->host.subflows.value, 1, "they are shown");
	fake_forget(s->fake, Q_SUBFLOWS);
	fake_plain(s->fake, 9, 1, 22);
	stand_poll(s, SECOND);
	ok(!s->now->answers[Q_SUBFLOWS].error, "they ended after the connections were told");
	is_u64(s->now->host.subflows.value, 0, "and are gone");
	stand_free(s);
}

static int diagnosed;	/* what diagnose() returns, unless 0 */

int __real_diagnose(struct snapshot *, const struct history *, const struct harvest *,
		    const struct settings *);
int __wrap_diagnose(struct snapshot *, const struct history *, const struct harvest *,
		    const struct settings *);

int __wrap_diagnose(struct snapshot *snapshot, const struct history *history,
		    const struct harvest *harvest, const struct settings *settings)
{
	int error = __real_diagnose(snapshot, history, harvest, settings);

	return diagnosed ? diagnosed : error;
}

static void findings_without_memory_are_told(void)
{
	struct stand *s = stand_new();
	char want[REASON_LEN];

	diagnosed = -ENOMEM;
	stand_poll(s, 0);
	snprintf(want, sizeof(want), "findings: %s", strerror(ENOMEM));
	is_text(s->now->host.last_error, want, "told");
	s->fake->errors[Q_LIMITS] = -EPERM;
	stand_poll(s, 5 * SECOND);
	snprintf(want, sizeof(want), "limits: not permitted; findings: %s", strerror(ENOMEM));
	is_text(s->now->host.last_error, want, "behind the rest");
	diagnosed = 0;
	s->fake->errors[Q_LIMITS] = 0;
	is_text(stand_poll(s, 5 * SECOND)->host.last_error, "", "and over");
	stand_free(s);
}

int main(void)
{
	findings_without_memory_are_told();
	a_first_look();
	interrupted_dumps_are_asked_again();
	a_failed_answer_is_no_empty_one();
	an_ending_during_the_dump_has_the_last_word();
	events_enter_births_before_endings();
	every_mode_has_its_reason();
	never_bpf_beside_netlink();
	a_loss_is_told_until_the_next_poll();
	a_wan_that_is_there_is_not_forgotten();
	the_begin_of_counters_does_not_move();
	moments_are_told_to_the_second();
	a_backup_line_stays_one();
	subflows_hidden_and_subflows_ended();
	return tap_done();
}
