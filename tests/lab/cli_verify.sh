#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2013,SC2119,SC2317	# cases are called by name
#
# Does `mptcp-wan verify` tell what a command has changed, and when nobody can say? TAP on stdout,
# diagnostics on stderr. srcdir is the top of the source, builddir where it was built; LAB_BIN has
# traffic.

set -eu

: "${LAB_BIN:=${builddir:?where it was built}/tests/lab}" "${srcdir:?the top of the source}"
# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/cases.sh
. "$(dirname "$0")/cases.sh"
# shellcheck source=tests/lab/said.sh
. "$(dirname "$0")/said.sh"
CLI=$builddir/cli/mptcp-wan
SAID_FOLD='  '

# ---- the cases; each is named after what it shows ----

# The seed: the limit leaves room for 1+1 lines of 4, and is raised while connections come and go.
case_a_raised_limit_lets_more_lines_carry_more()
{
	lab_up wans=4 rate=10mbit router_limits="subflows 1 add_addr_accepted 0"
	load -n 100000 -j 3 --up 1000000
	lab_eventually 10 subflows_at_least 4
	verify 0 -w 4s -s 2s -i 400ms --connect "$LAB_SERVICE:5000" -- ip mptcp limits set subflows 3
	says '^before: 4 s$'
	says '^command: ip mptcp limits set subflows 3$'
	says '^settling: 2 s; connections that exist do not join again'
	says '^WAN   WHAT  *BEFORE  *AFTER  *CHANGE  VERDICT$'
	says '^all   out  *[0-9.]* Mbit/s  *[0-9.]* Mbit/s  *+[0-9]* %  better$'
	says '^      connect time  *[0-9.]* ms  *[0-9.]* ms '
	says '^      busiest core  *[0-9.]* %'
	says '^      TCP memory  *[0-9.]* [KM]iB'
	says '^wan1  state  *carrying  *carrying$'
	says '^wan3  state  *[a-z]*  *carrying  *carries now$'
	says '^wan4  state  *[a-z]*  *carrying  *carries now$'
	says '^Comparable: sending was under pressure in [0-9]* of 1[0-9] samples before and '
	says '^Carries now: wan3, wan4\.$'
	says '^[1-9][0-9]* MPTCP connections* began since the command'
	says "^Connects to $LAB_SERVICE:5000 after: [1-9][0-9]* answered"
	says_not 'accounting: sampled'
}

# One stream that is full before and after: nothing is wrong with the limit, but it is too late.
case_an_old_connection_gains_nothing()
{
	lab_up wans=3 rate=10mbit router_limits="subflows 1 add_addr_accepted 0"
	load --up 500000000
	lab_eventually 10 subflows_at_least 2
	verify 0 -w 3s -s 1s -i 500ms --json -- ip mptcp limits set subflows 2
	json_is_valid
	json '.comparable_out and (.comparable_in | not)'
	json '.connections_begun == 0 and .command_status == 0'
	json '.host.out_kbps | .before > 8000 and .after > 8000'
	json '.host.mean_connections.after == 100 and .host.subflows_per_connection.after == 200'
	json '[.wans[] | select(.state.verdict)] == []'
	json '.wans[2] | .name == "wan3" and .mean_subflows.after == 0 and .out_kbps.after == 0'
	json '.wans[0] | .rtt_us.before > 0 and .share_out.before > 0 and .state.after == "carrying"'
}

# Who receives can say so only of lines whose rate is configured: here low, for a busy machine.
case_receiving_is_judged_by_the_configured_rates()
{
	lab_up wans=2 rate=10mbit
	printf 'wan wan%s { rate-in = 7mbit }\n' 1 2 >"$LAB_DIR/rates.conf"
	load --down 500000000
	lab_eventually 10 subflows_at_least 2
	verify 3 -w 1s -s 0 -i 200ms -- true
	says ' and without rate-in receiving cannot be judged\.$'
	verify 0 -w 3s -s 0 -i 500ms --config "$LAB_DIR/rates.conf" -- true
	says '^Comparable: receiving was under pressure in [0-9]* of [0-9]* samples before and '
	says '^all   in  *[0-9.]* Mbit/s  *[0-9.]* Mbit/s .*  [a-z]*$'
}

case_a_quiet_host_is_not_comparable()
{
	lab_up wans=2
	verify 3 -w 1s -s 0 -i 200ms -- true
	says '^Not comparable: sending was under pressure in 0 of 5 samples before and 0 of 5 after; 80 % of both are needed, and without rate-in receiving cannot be judged\.$'
	says '^No MPTCP connection began since the command: '
	says_not 'better\|worse\|same\|carries'
	verify 3 -w 1s -s 0 -i 200ms --json -- echo hello
	json_is_valid
	json '(.comparable | not) and .command == ["echo", "hello"]'
	grep -qx hello "$LAB_DIR/verify.err"
}

# What it cannot change it does not compare, unless it is told to.
case_a_command_that_fails_ends_it()
{
	lab_up wans=2
	verify 1 -w 1s -s 0 -i 500ms -- ip mptcp limits set subflows 99
	complains "'ip mptcp limits set subflows 99' ended with status 2; nothing was compared (--anyway does)"
	says_not '^after:\|comparable'
	verify 1 -w 1s -s 0 -i 500ms -- sh -c 'kill -9 $$'
	complains 'was ended by signal 9; nothing was compared'
	verify 3 -w 1s -s 0 -i 500ms --anyway --json -- sh -c 'echo oh; exit 7'
	complains "ended with status 7; comparing all the same"
	json_is_valid
	json '.command_status == 7 and .after.samples == 2'
}

case_who_is_interrupted_tells_what_there_is()
{
	lab_up wans=2
	start_verify -w 60s -- touch "$LAB_DIR/changed"
	lab_eventually 5 grep -q '^before: 60 s$' "$LAB_DIR/verify.out"
	interrupted_with 3
	says '^Not comparable: interrupted\.$'
	says '^The command was not run\.$'
	[ ! -e "$LAB_DIR/changed" ]
	start_verify -w 1s -s 60s -i 500ms -- touch "$LAB_DIR/changed"
	lab_eventually 10 grep -q '^settling: ' "$LAB_DIR/verify.out"
	interrupted_with 3
	[ -e "$LAB_DIR/changed" ]
	says '^all    *busiest core  *[0-9.]* %  *-$'
	# The command ends before it does.
	start_verify -w 1s -s 0 -i 500ms --json -- sh -c "echo \$\$ >'$LAB_DIR/command'; exec sleep 60"
	lab_eventually 10 test -s "$LAB_DIR/command"
	interrupted_with 3
	[ ! -e "/proc/$(cat "$LAB_DIR/command")" ]
	json_is_valid
	json '.interrupted and .command_signal == 15 and has("after") == false'
}

case_connects_that_fail_or_fall_back_are_told()
{
	lab_up wans=2 vps_mptcp=0
	load --plain -n 0
	verify 3 -w 1s -s 0 -i 500ms --connect "$LAB_SERVICE:5000" -- true
	says "^Connects to $LAB_SERVICE:5000 before: [1-9][0-9]* answered, [1-9][0-9]* fell back to plain TCP\.$"
	verify 3 -w 1s -s 0 -i 500ms --json --connect "$LAB_SERVICE:5999" -- true
	json_is_valid
	json '.before.connects_failed > 0 and .before.connects_answered == 0 and (.host | has("connect_us") | not)'
	lab_path_drop_all wan1
	verify 3 -w 3500ms -s 0 -i 500ms --connect "$LAB_SERVICE:5000" -- true
	says "^Connects to $LAB_SERVICE:5000 after: 0 answered, 1 failed (Connection timed out)\.$"
}

case_an_unprivileged_user_may_look()
{
	lab_up wans=2 rate=10mbit
	load --up 500000000
	lab_eventually 5 subflows_at_least 2
	chmod 711 "$LAB_DIR"
	cp "$CLI" "$LAB_DIR/mptcp-wan"
	status=0
	lab_router setpriv --reuid 65534 --regid 65534 --clear-groups "$LAB_DIR/mptcp-wan" verify \
		-w 2s -s 0 -i 500ms -- true >"$LAB_DIR/out" 2>"$LAB_DIR/err" || status=$?
	# Since Linux 6.15 the subflows are everybody's to see.
	if [ $status = 1 ]; then
		complains 'cannot read the subflows; the command was not run'
	else
		says '^all   out  *[0-9.]* Mbit/s '
		says '^accounting: sampled (BPF: not permitted; netlink events: not permitted)$'
	fi
}

case_misuse_is_told_at_once()
{
	lab_alone
	verify 2
	complains 'an argument is missing; usage: mptcp-wan verify .* -- COMMAND\.\.\.$'
	verify 2 -w 1s -i 600ms -- true
	complains '--window: shorter than two polls'
	verify 2 -w soon -- true
	complains "--window: 'soon' is no time"
	verify 2 --connect example.net:80 -- true
	complains "--connect: 'example.net:80' is no ADDRESS:PORT or \[ADDRESS\]:PORT"
	verify 1 -- no-such-command
	complains "cannot run 'no-such-command': No such file or directory"
	verify 1 -- /etc/passwd
	complains "cannot run '/etc/passwd': Permission denied"
	[ ! -s "$LAB_DIR/out" ]
}

# ---- the words they use ----

# verify STATUS [ARGUMENT]...: it ends with that; what it prints is kept, for the others.
verify()
{
	local want=$1 status=0

	shift
	lab_at_place "$CLI" verify "$@" >"$LAB_DIR/out" 2>"$LAB_DIR/verify.err" || status=$?
	own_complaints
	[ "$status" = "$want" ] && return
	echo "ended with $status: verify $*"
	cat "$LAB_DIR/out" "$LAB_DIR/verify.err"
	return 1
}

# What the command says is its own matter.
own_complaints()
{
	grep '^mptcp-wan: ' "$LAB_DIR/verify.err" >"$LAB_DIR/err" || :
}

# A shell's background has SIGINT ignored: SIGTERM does the same.
start_verify()
{
	: >"$LAB_DIR/verify.out"
	lab_start verify router "$CLI" verify "$@"
}

interrupted_with()
{
	local status=0

	lab_stop verify || status=$?
	cp "$LAB_DIR/verify.out" "$LAB_DIR/out"
	own_complaints
	[ "$status" = "$1" ] && return
	echo "ended with $status"
	return 1
}

json()
{
	jq -e "$1" "$LAB_DIR/out" >/dev/null && return
	printf 'not so: %s\n' "$1"
	cat "$LAB_DIR/out"
	return 1
}

json_is_valid()
{
	python3 "$srcdir/tests/json_valid.py" "$srcdir/doc/mptcp-wan.schema.json" verify \
		"$LAB_DIR/out"
}

# load [OPTION of the client]...: from the router; -n 0 for a server alone. --plain is the server's, too.
load()
{
	local plain=

	[ "$1" != --plain ] || plain=--plain
	# shellcheck disable=SC2086 # a word or none
	lab_start server vps "$LAB_BIN/traffic" server -p 5000 $plain
	lab_eventually 5 lab_listens vps 5000
	[ "$*" = "--plain -n 0" ] ||
		lab_start client router "$LAB_BIN/traffic" client -a "$LAB_SERVICE" -p 5000 "$@"
}

subflows_at_least()
{
	[ "$(lab_router ss -Htni state established | grep -c tcp-ulp-mptcp)" -ge "$1" ]
}

run_cases
