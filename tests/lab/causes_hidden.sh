#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2016,SC2119
#
# A fault though it hides: lines that are joined and carry nothing, while the others have more than
# they can carry; a backup line that would not be there. TAP on stdout.
# srcdir, builddir: source and build; LAB_BIN: where the built traffic is.

set -eu

here=$(dirname "$0")
# shellcheck source=tests/lab/lab.sh
. "$here/lab.sh"
# shellcheck source=tests/lab/cases.sh
. "$here/cases.sh"
# shellcheck source=tests/lab/agent.sh
. "$here/agent.sh"
# shellcheck source=tests/lab/alarms.sh
. "$here/alarms.sh"
# shellcheck source=tests/lab/causes.sh
. "$here/causes.sh"

# ---- the cases; each is named after what it shows ----

# Its joins pass, and no payload does.
case_a_joined_line_that_carries_nothing_beside_full_ones_is_idle()
{
	begin wans=3
	lab_path_drop_long wan3
	alarms_watch
	load bulk
	lab_eventually 5 joined wan1 wan2 wan3
	lab_eventually "$STATE_S" wans_are carrying carrying idle
	eventually_in_trouble schedulerAvoids wan3

	lab_path_clear wan3
	reload bulk
	lab_eventually "$STATE_S" wans_are carrying carrying carrying
	eventually_cured wan3
}

# In an evening load comes and goes. What counts is the time under pressure.
case_an_idle_line_is_found_also_when_load_comes_in_bursts()
{
	begin wans=3
	lab_path_drop_long wan3
	alarms_watch "raise-idle-after = 6s" "raise-avoided-after = 6s"
	load bulk
	lab_start bursts host sh -c '
		burst_s=4 lull_s=4
		while kill -CONT "$1"; do
			sleep $burst_s
			kill -STOP "$1"
			sleep $lull_s
		done' sh "$(cat "$LAB_DIR/bulk.pid")"
	lab_eventually 40 alarms_are "wan3 upButIdle"
	alarm_log_is "raised wan3 upButIdle"
	lab_stop bursts || :

	lab_path_clear wan3
	lab_kill bulk CONT
	reload bulk
	lab_eventually "$STATE_S" wans_are carrying carrying carrying
	eventually_cured wan3
}

# What the far end's scheduler does is not seen from here: the rates that were configured are.
case_a_download_at_the_configured_rates_shows_the_silent_line()
{
	begin wans=3
	lab_path_drop_long_in wan3
	alarms_watch "$(wan_blocks "rate-in = 2mbit")"
	load down --up 1 --down 1000000000000
	lab_eventually 5 joined wan1 wan2 wan3
	lab_eventually "$STATE_S" wans_are carrying carrying idle
	eventually_in_trouble unexplained wan3
	wan_advises wan3 "far end"

	lab_path_clear wan3
	reload down --up 1 --down 1000000000000
	lab_eventually "$STATE_S" wans_are carrying carrying carrying
	eventually_cured wan3
}

# Nobody misses it today.
case_a_backup_line_that_could_not_step_in()
{
	begin wans=3
	lab_endpoint_del wan3
	lab_endpoint_add wan3 subflow backup
	lab_path_drop_joins wan3
	alarms_watch
	load bulk
	lab_eventually 5 joined wan1 wan2
	lab_eventually "$STATE_S" wans_are carrying carrying standby
	eventually_in_trouble backupNotReady wan3

	lab_path_clear wan3
	reload bulk
	lab_eventually 5 joined wan1 wan2 wan3
	eventually_cured wan3
	# While the others stand still for a moment, as on a busy machine, the kernel does use it.
	lab_eventually "$STATE_S" wans_are carrying carrying standby
}

run_cases
