/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "cli/complain.h"
#include "cli/doctor.h"
#include "cli/units.h"
#include "lib/ceiling.h"

struct options {
	struct common_options common; /* first: its rows count from here */
	uint32_t for_ms;
	bool probe_ceiling;
};

/* The join grace and a half: then what has not joined is not going to. */
enum { LOOK_MS = 15000 };

/* What a script is told by the exit status; 1 and 2 are of all subcommands. */
enum { EXIT_WARNING = 3, EXIT_MAJOR, EXIT_CRITICAL };

/*
 * --- how bad -----------------------------------------------------------------------------------
 */

bool doctor_alarm_stands_alone(const struct snapshot *snapshot, const struct alarm *alarm)
{
	for (size_t i = 0; i < snapshot->finding_count; i++)
		if (snapshot->findings[i].wan_index == alarm->wan_index &&
		    snapshot->findings[i].cause == alarm->cause &&
		    snapshot->findings[i].severity >= SEVERITY_WARNING)
			return false;
	return true;
}

uint32_t doctor_severity(const struct snapshot *snapshot)
{
	uint32_t worst = snapshot->wan_count ? SEVERITY_NONE : SEVERITY_WARNING;

	for (size_t i = 0; i < snapshot->finding_count; i++)
		if (snapshot->findings[i].severity > worst)
			worst = snapshot->findings[i].severity;
	for (size_t i = 0; i < snapshot->alarm_count; i++)
		if (snapshot->alarms[i].severity > worst)
			worst = snapshot->alarms[i].severity;
	return worst;
}

static int exit_status(const struct snapshot *snapshot)
{
	static const int statuses[] = {
		[SEVERITY_NONE] = EXIT_DONE,	   [SEVERITY_INFO] = EXIT_DONE,
		[SEVERITY_WARNING] = EXIT_WARNING, [SEVERITY_MINOR] = EXIT_WARNING,
		[SEVERITY_MAJOR] = EXIT_MAJOR,	   [SEVERITY_CRITICAL] = EXIT_CRITICAL,
	};

	return statuses[doctor_severity(snapshot)];
}

/*
 * --- looking -----------------------------------------------------------------------------------
 */

static void probe(struct examination *ex)
{
	ex->probed = true;
	ex->probe_error = ceiling_ask(&ex->kernel_ceiling);
}

const char *doctor_probe_failed(const struct examination *ex)
{
	static const struct {
		int error;
		const char *why;
	} whys[] = {
		{ -EPERM, "not permitted, it needs root or CAP_NET_ADMIN" },
		{ -ENOENT, "this kernel has no path manager for MPTCP" },
		{ -ENODATA, "it refuses what is too high without saying what is not" },
		{ -EDOM, "it took even 4294967295; what was in force was put back" },
	};

	if (!ex->probed || !ex->probe_error)
		return NULL;
	for (size_t i = 0; i < sizeof(whys) / sizeof(whys[0]); i++)
		if (whys[i].error == ex->probe_error)
			return whys[i].why;
	return strerror(-ex->probe_error);
}

static int open_view(const struct options *options, uint32_t ceiling, struct view *view)
{
	const struct look_plan plan = { .for_ms = options->for_ms, .closely = true };

	return view_open_planned(view, &options->common, &plan, ceiling);
}

int doctor_tell(const struct examination *ex, const struct common_options *options)
{
	struct screen screen = screen_of(stdout, options->color);
	int error = options->json ? doctor_print_json(ex) : doctor_print(&screen, ex);

	if (!error)
		return exit_status(ex->snapshot);
	complain("%s", strerror(-error));
	return EXIT_FAILED;
}

static int doctor(const struct subcommand *self, int argc, char **argv)
{
	struct options options = { .for_ms = LOOK_MS };
	struct examination ex = { .probed = false };
	struct view view;
	int rest, status;

	common_options_default(&options.common);
	status = options_parse(self, argc, argv, &options, &rest);
	if (status >= 0)
		return status;
	if (options.probe_ceiling)
		probe(&ex);
	status = open_view(&options, ex.kernel_ceiling, &view);
	if (status != EXIT_DONE)
		return status;
	ex.view = &view;
	ex.snapshot = view.snapshot;
	ex.budget = budget_of(view.snapshot);
	status = doctor_tell(&ex, &options.common);
	view_close(&view);
	return status;
}

static const struct option_row options_of_doctor[] = {
	{ 0, "TIME", "how long to look without the agent (15s)",
	  { .name = "for", .kind = VALUE_DURATION, .least = 1000, .most = 3600000,
	    .offset = offsetof(struct options, for_ms) } },
	OPTION_FLAG("probe-ceiling", struct options, probe_ceiling,
		    "ask the kernel for its greatest limit; needs root"),
	OPTION_JSON,
	OPTION_NO_AGENT,
	OPTION_INTERVAL,
	OPTION_CONFIG,
	OPTION_RUN_DIR,
	OPTION_COLOR,
	OPTIONS_END,
};

const struct subcommand doctor_subcommand = {
	.name = "doctor",
	.what = "all that is found and what it rests on, subflow budget, advice",
	.options = options_of_doctor,
	.remarks =
		"--probe-ceiling asks the kernel to set a limit of 4294967295, which it always "
		"refuses: the refusal names the maximum, and nothing is changed.\n"
		"\n"
		"Exit status: 0 nothing is wrong (or worth knowing only), 1 it failed, 2 it was "
		"called wrongly, 3 the worst is of severity warning or minor, or no WAN is known, "
		"4 major, 5 critical.\n",
	.run = doctor,
};
