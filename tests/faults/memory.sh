#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2119	# words without their optional arguments
#
# Allocations that fail, one a run: whoever has no memory goes on without, or ends with a reason, and loses
# nothing that it has. TAP on stdout, figures on stderr. NOMEM_MOST: how many of a program's allocations at
# most; 0: all of them. NOMEM_JOBS: how many runs at a time.
# srcdir, builddir: source and build.

set -eu

: "${NOMEM_MOST:=20}" "${NOMEM_JOBS:=1}"
export NOMEM_JOBS
home=$(dirname "$0")
here=$home/../lab
# shellcheck source=tests/lab/lab.sh
. "$here/lab.sh"
# shellcheck source=tests/lab/cases.sh
. "$here/cases.sh"
# shellcheck source=tests/lab/agent.sh
. "$here/agent.sh"
# shellcheck source=tests/nms/collectd_words.sh
. "$home/../nms/collectd_words.sh"

# ---- the cases; each is named after what it shows ----

case_the_agent_starts_and_polls_or_says_why_not()
{
	local dir job

	lab_up wans=2
	for job in $(seq 0 $((NOMEM_JOBS - 1))); do
		mkdir "$LAB_DIR/agent$job"
		: >"$LAB_DIR/agent$job/conf"
	done
	dir=$LAB_DIR/agent@
	refused "$dir/status.json" "$LAB_AGENT" -f -c "$dir/conf" -i 100ms -x "$LAB_DIR/nowhere" -s "$dir" --run-dir "$dir"
}

case_a_replay_is_shown_or_says_why_not()
{
	lab_up wans=1
	gzip -dc "$srcdir/tests/scenarios/limit-and-cure/capture.gz" >"$LAB_DIR/capture"
	refused once "$builddir/cli/mptcp-wan" replay "$LAB_DIR/capture"
}

case_show_shows_or_says_why_not()
{
	lab_up wans=2
	refused once "$builddir/cli/mptcp-wan" show
}

case_the_doctor_finds_or_says_why_not()
{
	lab_up wans=2
	refused once "$builddir/cli/mptcp-wan" doctor --no-agent --for 1s -i 250ms
}

case_the_check_judges_or_says_why_not()
{
	lab_up wans=2
	refused once "$builddir/cli/mptcp-wan" check --no-agent --for 1s -i 250ms
}

# Without an agent it has little to say: that it says it.
case_the_check_without_an_agent_is_unknown_and_says_why()
{
	lab_up wans=1
	refused once "$builddir/cli/mptcp-wan" check --run-dir "$LAB_DIR/nowhere"
}

# Of collectd's allocations those that we make, and what we call.
case_the_plugin_goes_on_in_a_collectd_that_does()
{
	reason=$(collectd_possible) || lab_fail "$reason"
	lab_up wans=2
	COLLECTD_INTERVAL=0.1
	collectd_write 'Interval "100ms"' "StateDir \"$LAB_DIR/state\"" '<WAN "fibre">' 'Device wan1' '</WAN>'
	sed -i 's,File ".*/log",File stderr,' "$LAB_DIR/collectd-router/conf"	# for who looks on
	NOMEM_OF=/mptcp.so NOMEM_JOBS=1	# one collectd in a directory
	export NOMEM_OF
	refused "$LAB_DIR/collectd-router/csv/router/mptcp-host/bool-up-*" \
		collectd -f -C "$LAB_DIR/collectd-router/conf"
}

# ---- what they use ----

# refused once|FILE COMMAND...: as nomem.py says. What is lost, the leak sanitizer's runtime tells.
refused()
{
	local kind=$1 status=0 limit_s=$((60 + NOMEM_MOST * 5)) lsan

	lsan=$(readlink -f "$(gcc -print-file-name=liblsan.so)")
	[ -e "$lsan" ] || lab_fail "the leak sanitizer of gcc is not installed"
	shift
	[ "$NOMEM_MOST" != 0 ] || limit_s=36000
	lab_router timeout "$limit_s" python3 -u "$home/nomem.py" "$builddir/tests/faults/.libs/nomem.so $lsan" "$NOMEM_MOST" "$kind" \
		-- "$@" >"$LAB_DIR/nomem.out" 2>&1 || status=$?
	sed 's/^/# /' "$LAB_DIR/nomem.out" >&2
	return "$status"
}

run_cases
