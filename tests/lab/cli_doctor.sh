#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2119,SC2317	# cases are called by name
#
# Does `mptcp-wan doctor` see without the agent what there is to see, and say what it cannot? What it
# tells of each cause with the agent, causes_*.sh have in their cases. TAP on stdout.
# srcdir, builddir: source and build; LAB_BIN: where the built traffic is.

set -eu

here=$(dirname "$0")
: "${LAB_BIN:=${builddir:?where it was built}/tests/lab}"
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
# shellcheck source=tests/lab/said.sh
. "$here/said.sh"
CLI=$builddir/cli/mptcp-wan
SAID_FOLD='    '

# ---- the cases; each is named after what it shows ----

case_without_the_agent_a_limit_and_its_cure_are_seen()
{
	begin wans=6 router_limits="subflows 3 add_addr_accepted 1"
	load bulk
	lab_eventually 5 joined wan1 wan2 wan3 wan4
	looks_for 3s
	doctor 4
	says '^1 thing is wrong, the worst is major: 6 WANs, 6 up, 4 joined, 4 carrying\.$'
	says '^wan5, wan6: subflow-limit (major), for [0-9]* s$'
	says '^  evidence, wan5, wan6: state unjoined for [0-9]* s, subflows 0, .*connections eligible 2, '
	says '^  evidence, this host: subflow limit 3, subflows needed 5, .*connections at limit 2'
	says '^  now: ip mptcp limits set subflows 5$'
	says '^  for good: '
	says '^  far end: '
	says '^  restart: '
	says '^     = 5  needed$'
	says '^       3  is the limit in force$'
	says '^       8  is the most that the kernel takes (assumed; --probe-ceiling asks it)$'
	says '^  too low by 2: ip mptcp limits set subflows 5, '
	says '^  what was before this look: no agent was asked: '
	says '^  at the kernel itself, each 1 s for 3 s; no agent was asked$'
	as_json 4
	[ "$(json_rows "$LAB_DIR/out" findings wan cause | grep -v '^host ' | sort -u)" = "wan5 subflowLimit
wan6 subflowLimit" ]

	lab_limits router "subflows 5 add_addr_accepted 1"
	reload bulk
	lab_eventually 5 joined wan1 wan2 wan3 wan4 wan5 wan6
	doctor 0
	says '^Nothing wrong was found: 6 WANs, 6 up, 6 joined, 6 carrying\.$'
	says '^  the limit of 5 is enough; '
}

# Joins are tried when a connection begins: some do while it looks.
case_without_the_agent_joins_that_fail_are_followed()
{
	begin wans=3
	lab_path_strip_mptcp wan3
	load late -n 50 -j 50 --per-second 1 --kbit 50
	lab_eventually 5 joined wan1 wan2
	looks_for 6s
	doctor 4
	says '^wan3: join-stripped (major), '
	says '^  evidence, wan3: .*joins attempted [1-9][0-9]*, joins reset [1-9][0-9]*, joins stripped [1-9]'
	says_not '^  how joins fail'
}

# Connections that are there lack wan3, wan2 has no endpoint, and MPTCP is switched off.
case_without_the_agent_the_exit_status_says_how_bad()
{
	begin wans=3
	lab_router sysctl -qw net.ipv4.tcp_syn_retries=1
	lab_path_drop_joins wan3
	load old
	lab_eventually 5 joins_wait
	lab_eventually 10 joins_given_up
	joined wan1 wan2
	looks_for 3s
	doctor 3
	says '^wan3: missing-on-old-connections (warning), '
	says '^  restart: the tunnel or proxy that holds them'
	unload old
	lab_endpoint_del wan2
	wan_blocks >>"$LAB_DIR/look.conf"
	looks_on 1s
	doctor 4
	says '^wan2: no-endpoint (major), '
	says '^  now: ip mptcp endpoint add 192.168.12.2 dev wan2 subflow$'
	lab_router sysctl -qw net.mptcp.enabled=0
	doctor 5
	says '^1 thing is wrong, the worst is critical: '
	says '^this host: mptcp-disabled (critical), '
	says '^  evidence, this host: enabled no, '
}

case_an_unprivileged_user_is_told_what_he_does_not_see()
{
	begin wans=2
	load bulk
	lab_eventually 5 joined wan1 wan2
	looks_for 3s
	chmod 711 "$LAB_DIR"
	cp "$CLI" "$LAB_DIR/mptcp-wan"
	chmod 644 "$LAB_DIR/look.conf"
	AS="setpriv --reuid 65534 --regid 65534 --clear-groups" CLI=$LAB_DIR/mptcp-wan
	doctor 0 --probe-ceiling
	says '^Nothing wrong was found: 2 WANs, 2 up, '
	says '^  how joins fail .*: nobody tells of attempts: BPF: not permitted'
	says '^  the greatest limit could not be asked of the kernel: not permitted, it needs root'
	says '^       8  is the most that the kernel takes (assumed; '
}

case_the_kernel_tells_its_ceiling_and_nothing_is_changed()
{
	local limit ceiling

	begin wans=3
	looks_for 1s
	for limit in 0 8 3; do
		lab_limits router "subflows $limit add_addr_accepted $limit"
		as_json 0 --probe-ceiling
		[ "$(value ceiling_from)" = kernel ]
		lab_router ip mptcp limits | grep -q "add_addr_accepted $limit subflows $limit *$"
	done
	ceiling=$(value subflow_ceiling)
	lab_limits router "subflows $ceiling"
	if lab_router ip mptcp limits set subflows $((ceiling + 1)); then
		lab_fail "the kernel takes more than $ceiling"
	fi
	doctor 0 --probe-ceiling
	says "^ *$ceiling  is the most that the kernel takes: it says so$"
	says '^  lines that new connections do not join: the look lasted 1 s, and a join may take '
	says '^  whether lines can be joined: there is no MPTCP connection'
}

# What the agent assumes, the kernel corrects.
case_with_the_agent_the_ceiling_is_asked_at_once()
{
	begin wans=2
	alarms_watch "expect { ceiling = 4 }"
	load bulk
	lab_eventually "$STATE_S" wans_are carrying carrying
	lab_eventually 5 ends_with 0 --probe-ceiling
	says '^       4  is the most, as configured (expect ceiling); this kernel takes [1-9][0-9]*$'
	says '^  by the agent [0-3] s ago, which has asked the kernel each 1 s for '
	says_not 'Not judged'
	lab_eventually 5 ends_with_json 0
	valid
}

# On a terminal only.
case_who_waits_sees_how_long()
{
	lab_up wans=1
	looks_for 2s
	lab_router script -qec "$CLI doctor $LOOK >$LAB_DIR/out" /dev/null \
		>"$LAB_DIR/terminal" </dev/null
	grep -q 'looking at the kernel: 1 of 2 s' "$LAB_DIR/terminal"
	says '^Nothing wrong was found: '
	lab_router script -qec "$CLI show --no-agent -i 2s >$LAB_DIR/out" /dev/null \
		>"$LAB_DIR/terminal" </dev/null
	grep -q 'looking at the kernel: 0 of 2 s' "$LAB_DIR/terminal"
	lab_router script -qec "$CLI show --no-agent >$LAB_DIR/out" /dev/null \
		>"$LAB_DIR/terminal" </dev/null
	[ ! -s "$LAB_DIR/terminal" ]
	doctor 0
	[ ! -s "$LAB_DIR/err" ]
}

case_misuse_is_one_line_and_exit_2()
{
	lab_alone
	fails 2 "^mptcp-wan: --for: 'soon' is no time" "$CLI" doctor --for soon
	fails 2 "^mptcp-wan: --for: '0' is not between 1s and 1h" "$CLI" doctor --for 0
	fails 2 "^mptcp-wan: unknown option '--prob-ceiling', did you mean '--probe-ceiling'?" "$CLI" doctor --prob-ceiling
	fails 2 "^mptcp-wan: unexpected argument 'wan1'; usage: " "$CLI" doctor wan1
	echo '{' >"$LAB_DIR/status.json"
	fails 1 "^mptcp-wan: $LAB_DIR/status.json: ends in the middle" "$CLI" doctor --run-dir "$LAB_DIR"
	fails 1 "^mptcp-wan: $LAB_DIR/none.conf: No such file" "$CLI" doctor --no-agent --config "$LAB_DIR/none.conf"
}

# ---- the words they use ----

# Options for looks of that length, with times that are as short.
looks_for()
{
	{
		echo "interval = 1s"
		echo "window = 2s"
		echo "join-grace = 2s"
	} >"$LAB_DIR/look.conf"
	looks_on "$1"
}

# The same times for a look of another length.
looks_on()
{
	LOOK="--no-agent --for $1 --config $LAB_DIR/look.conf"
	AS=
}

joins_wait()
{
	lab_router ss -Htn state syn-sent | grep -q .
}

joins_given_up()
{
	! joins_wait
}

# doctor STATUS [OPTION]...: ends so; what it prints is kept for says.
doctor()
{
	local want=$1 status=0

	shift
	# shellcheck disable=SC2086 # words
	lab_router $AS "$CLI" doctor $LOOK "$@" >"$LAB_DIR/out" 2>"$LAB_DIR/err" || status=$?
	cat "$LAB_DIR/err"
	[ "$status" = "$want" ] && return
	echo "ended with $status:"
	cat "$LAB_DIR/out"
	return 1
}

as_json()
{
	doctor "$@" --json
	doctor_exit_fits "$LAB_DIR/out" "$1"
	valid
}

valid()
{
	/usr/bin/python3 "$srcdir/tests/json_valid.py" "$srcdir/doc/mptcp-wan.schema.json" doctor \
		"$LAB_DIR/out"
}

# With the agent of this place.
ends_with()
{
	LOOK="--run-dir $LAB_DIR/snmp-router/run" AS=
	doctor "$@"
}

ends_with_json()
{
	ends_with "$@" --json
}

# Of a key that is there once.
value()
{
	sed -n "s/^ *\"$1\":\"\{0,1\}\([^\",]*\).*/\1/p" "$LAB_DIR/out" | head -n 1
}

run_cases
