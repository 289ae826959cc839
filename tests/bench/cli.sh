#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2119,SC2317	# cases are called by name
#
# What the command line costs where there is much to tell: beside the plain dump of the kernel, received
# and thrown away (raw.c), and ss; by turns, so that what disturbs the machine disturbs all. TAP on
# stdout, figures as comments on stderr; a test is only that each has told of everything, never a time.
# Minutes: 3.
# srcdir, builddir: source and build; LAB_BIN: where the built traffic is.

set -eu

: "${srcdir:=$(dirname "$0")/../..}" "${builddir:=$srcdir/build}"
LAB_HOME=$srcdir/tests/lab
LAB_JOBS=1	# one load at a time
# shellcheck source=tests/lab/lab.sh
. "$LAB_HOME/lab.sh"
# shellcheck source=tests/lab/cases.sh
. "$LAB_HOME/cases.sh"
# shellcheck source=tests/lab/agent.sh
. "$LAB_HOME/agent.sh"
# shellcheck source=tests/bench/held.sh
. "$srcdir/tests/bench/held.sh"

BENCH=$builddir/tests/bench
CLI=$builddir/cli/mptcp-wan
LINES=6
TURNS=${TURNS:-15}

# ---- the cases; each is named after what it shows ----

case_ten_thousand_subflows_are_told()
{
	measured 1667
}

case_fifty_thousand_subflows_are_told()
{
	measured 8334
}

# ---- what they use ----

measured()
{
	lab_up wans=$LINES
	held "$1"
	held_complete $(($1 * LINES))
	agent_has_polled
	all_is_told "$1"
	beside >"$LAB_DIR/beside"
	echo "# $(($1 * LINES)) live subflows of $1 connections; medians of $TURNS turns" >&2
	awk -F '\t' '
		NR == FNR { title[NR] = $0; next }
		{ split($0, figure, " "); us[FNR] = figure[1]; kib[FNR] = figure[2] }
		END {
			printf("# %9s %8s %8s %8s\n", "CPU ms", "to dump", "to ss", "MiB")
			for (i = 1; i in us; i++)
				printf("# %9.1f %8.2f %8.2f %8.1f  %s\n", us[i] / 1000, us[i] / us[1],
				       us[i] / us[2], kib[i] / 1024, title[i])
		}' "$LAB_DIR/titles" "$LAB_DIR/beside" >&2
	held_signal CONT
}

# Each of them, by turns. The first two are what the others are held against.
beside()
{
	cat >"$LAB_DIR/titles" <<-END
		the plain dump, thrown away
		ss -tniM
		mptcp-wan, from the agent
		mptcp-wan --no-agent
		mptcp-wan --no-agent -i 100ms
		mptcp-wan connections --top 20
		mptcp-wan connections --top 20 -i 100ms
		mptcp-wan connections
		mptcp-wan connections --json
		mptcp-wan endpoints
		mptcp-wan --version
	END
	lab_router timeout 300 "$BENCH/beside" "$TURNS" "$BENCH/raw" -- ss -tniM \
		-- "$CLI" show --run-dir "$LAB_DIR/run" \
		-- "$CLI" show --no-agent \
		-- "$CLI" show --no-agent -i 100ms \
		-- "$CLI" connections --no-agent --top 20 \
		-- "$CLI" connections --no-agent --top 20 -i 100ms \
		-- "$CLI" connections --no-agent \
		-- "$CLI" connections --no-agent --json \
		-- "$CLI" endpoints --no-agent \
		-- "$CLI" --version
}

# One poll, and no more while we measure: its file is believed for three minutes.
agent_has_polled()
{
	: >"$LAB_DIR/none.conf"
	lab_start agent router "$LAB_AGENT" -f -i 60s -c "$LAB_DIR/none.conf" -x "$LAB_DIR/agentx" \
		-s "$LAB_DIR/state" --run-dir "$LAB_DIR/run"
	lab_eventually 20 test -s "$LAB_DIR/run/status.json"
	lab_kill agent STOP
}

all_is_told()
{
	local subflows=$(($1 * LINES))

	lab_router "$CLI" --run-dir "$LAB_DIR/run" | says "^$1 connections, $subflows subflows$"
	lab_router "$CLI" --no-agent | says "^$1 connections, $subflows subflows$"
	# So many are looked at twice only if somebody asks for rates.
	[ "$1" -lt 5000 ] || lab_router "$CLI" --no-agent | says '^without the agent: one look'
	lab_router "$CLI" --no-agent -i 100ms | says "^wan6  quiet  *$1 "
	lab_router "$CLI" connections --top 20 | says "^20 of $1 connections, 120 of $subflows subflows$"
	lab_router "$CLI" connections | says "^$1 connections, $subflows subflows$"
	[ "$(lab_router "$CLI" connections | grep -c '^  wan3 ')" = "$1" ]
	lab_router "$CLI" endpoints | says "^ 6  192\.168\.16\.2  *wan6  *wan6  *subflow  *$1$"
}

says()
{
	cat >"$LAB_DIR/out"
	grep -q -e "$1" "$LAB_DIR/out" && return
	printf 'it does not say %s:\n' "$1"
	tail -n 5 "$LAB_DIR/out"
	return 1
}

if [ ! -x "$CLI" ]; then
	echo "1..0 # SKIP the command line is not built"
	exit 0
fi
run_cases
