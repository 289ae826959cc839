#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2119	# words without their optional arguments
#
# Allocations that fail, one a run: whoever has no memory goes on without, or ends with a reason. TAP on
# stdout, figures on stderr. NOMEM_MOST: how many of a program's allocations at most; 0: all of them.
# srcdir, builddir: source and build.

set -eu

: "${NOMEM_MOST:=20}"
home=$(dirname "$0")
here=$home/../lab
# shellcheck source=tests/lab/lab.sh
. "$here/lab.sh"
# shellcheck source=tests/lab/cases.sh
. "$here/cases.sh"
# shellcheck source=tests/lab/agent.sh
. "$here/agent.sh"

# ---- the cases; each is named after what it shows ----

case_the_agent_starts_and_polls_or_says_why_not()
{
	local dir

	lab_up wans=2
	dir=$LAB_DIR/agent
	mkdir "$dir"
	: >"$dir/conf"
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

# ---- what they use ----

# refused once|STATUS_FILE COMMAND...
refused()
{
	local kind=$1 status=0 limit_s=$((60 + NOMEM_MOST * 5))

	shift
	[ "$NOMEM_MOST" != 0 ] || limit_s=36000
	lab_router timeout "$limit_s" python3 "$home/nomem.py" "$builddir/tests/faults/.libs/nomem.so" "$NOMEM_MOST" "$kind" \
		-- "$@" >"$LAB_DIR/nomem.out" 2>&1 || status=$?
	sed 's/^/# /' "$LAB_DIR/nomem.out" >&2
	return "$status"
}

run_cases
