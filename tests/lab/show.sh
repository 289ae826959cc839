#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2013,SC2119,SC2317	# cases are called by name
#
# Does `mptcp-wan show` tell what is, with the agent and without? TAP on stdout, diagnostics on
# stderr. srcdir is the top of the source, builddir where it was built; LAB_BIN has traffic.

set -eu

: "${LAB_BIN:=${builddir:?where it was built}/tests/lab}"
# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/cases.sh
. "$(dirname "$0")/cases.sh"
# shellcheck source=tests/lab/agent.sh
. "$(dirname "$0")/agent.sh"
# shellcheck source=tests/lab/said.sh
. "$(dirname "$0")/said.sh"
CLI=$builddir/cli/mptcp-wan
SAID_FOLD='  '

# ---- the cases; each is named after what it shows ----

case_with_the_agent_its_view_is_shown()
{
	lab_up wans=3 rate=10mbit
	lab_path_drop_joins wan2
	lab_agent_start
	stream
	lab_eventually 25 shows wan2 unjoined
	lab_eventually 10 shows wan1 carrying
	show
	says '^WAN   STATE     SUBFLOWS  *OUT  *IN  *SHARE  WHY$'
	says '^wan1  carrying  *1  *[0-9.]* [kM]bit/s .* [0-9]* %$'
	says '^wan2  unjoined  *0  *-  *-  *-  *join-unanswered$'
	says '^wan2: join-unanswered (major)'
	says ' now: does anything pass'
	says '^3 WANs configured, 3 up, 2 joined, 2 carrying, 0 in alarm$'
	says '^1 connection, 2 subflows$'
	says '^limits: 8 extra subflows (. needed), 8 announced addresses (. needed)$'
	says '^accounting: .* [0-9]* truncated, 0 lost; [0-3] s old$'
	says_not 'without the agent'
	lab_eventually 5 json_is_the_file
	json_is_valid
}

case_without_the_agent_the_kernel_is_asked()
{
	lab_up wans=3 rate=10mbit router_limits="subflows 1 add_addr_accepted 0"
	stream
	lab_eventually 5 subflows 2
	show -i 2s
	says '^wan1  carrying  *1  *[0-9.]* [kM]bit/s .* [0-9]* %$'
	says '^wan3  unknown  *0  *-  *-  *-  *not judged yet$'
	says '^3 WANs configured, 3 up, 2 joined, 2 carrying, 0 in alarm$'
	says '^1 connection, 2 subflows$'
	says '^limits: 1 extra subflow (too few: 2 needed), 0 announced addresses (0 needed)$'
	says '^without the agent: rates over 2 s; states need a longer look: -i 15s, or mptcp-wan doctor$'
	says_not 'not read'
	show -i 11s
	says '^wan3  unjoined  *0 '
	says_not 'a longer look'
	show --json -i 200ms >/dev/null
	says '"interval_ms":200,'
	says '"subflow_limit":1,'
	json_is_valid
}

case_an_unprivileged_user_sees_what_the_kernel_grants()
{
	lab_up wans=2 rate=10mbit
	stream
	lab_eventually 5 subflows 2
	as_nobody -i 1s
	says '^accounting: .*netlink events: not permitted'
	# Since Linux 6.15 the rest is everybody's; before, it says what is not.
	if says_not '^not read: '; then
		says '^wan2  carrying  *1 '
		says '^1 connection, 2 subflows$'
		says '^limits: 8 extra subflows (. needed), 8 announced addresses (. needed)$'
	else
		says '^not read: .*: not permitted'
		says '; root sees more$'
	fi
	as_nobody --json -i 100ms >/dev/null
	json_is_valid
}

case_a_broken_status_file_is_named()
{
	local dir

	place
	dir=$LAB_DIR/snmp-router/run
	printf '{ "time": 17' >"$dir/status.json"
	fails 1 "^mptcp-wan: $dir/status.json: ends in the middle, at octet 12 " show
	printf '{ "time": no }' >"$dir/status.json"
	fails 1 "^mptcp-wan: $dir/status.json: no JSON at octet [0-9]*: " show
	printf '{ "time": 17 }\n' >"$dir/status.json"
	fails 1 "^mptcp-wan: $dir/status.json: no \"host\" in it " show
	rm "$dir/status.json"
	mkdir "$dir/status.json"
	fails 1 "^mptcp-wan: $dir/status.json: Is a directory " show
	show --no-agent -i 100ms
	says 'without the agent'
	rmdir "$dir/status.json"
	show -i 100ms 2>"$LAB_DIR/err"
	complains "^mptcp-wan: $dir/status.json: No such file or directory; asking the kernel itself$"
}

case_a_file_that_may_not_be_read_is_named_and_the_kernel_asked()
{
	local dir

	place
	dir=$LAB_DIR/snmp-router/run
	echo '{}' >"$dir/status.json"
	chmod 600 "$dir/status.json"
	as_nobody -i 100ms 2>"$LAB_DIR/err"
	complains "^mptcp-wan: $dir/status.json: Permission denied; asking the kernel"
}

case_an_old_status_file_is_not_believed()
{
	place
	show --json --no-agent -i 100ms >/dev/null
	sed 's/\(time\|since\)":[0-9]*/\1":1700000000/' "$LAB_DIR/out" \
		>"$LAB_DIR/snmp-router/run/status.json"
	show -i 100ms 2>"$LAB_DIR/err"
	says 'without the agent: rates over 100 ms'
	complains 'status.json is [0-9]* s old, the agent does not write it; asking the kernel itself$'
}

case_misuse_is_one_line_and_exit_2()
{
	place
	fails 2 "^mptcp-wan: unknown subcommand 'sohw', did you mean 'show'? usage: mptcp-wan " "$CLI" sohw
	fails 2 "^mptcp-wan: unknown option '--jsno', did you mean '--json'? usage: mptcp-wan show " "$CLI" --jsno
	fails 2 "^mptcp-wan: unknown option '-x'; usage: mptcp-wan show " "$CLI" show -x
	fails 2 "^mptcp-wan: no value for option '-i'; usage: mptcp-wan show " "$CLI" show -i
	fails 2 "^mptcp-wan: no value belongs to option '--json=1'; usage:" "$CLI" --json=1
	fails 2 "^mptcp-wan: unexpected argument 'wan1'; usage:" "$CLI" show wan1
	fails 2 "^mptcp-wan: --interval: '0' is not between 100ms and 1h" "$CLI" -i 0
	fails 2 "^mptcp-wan: --interval: 'soon' is no time: " "$CLI" -i soon
	fails 2 "^mptcp-wan: --run-dir: 'here' is no absolute path" "$CLI" --run-dir here
}

case_who_listens_no_more_ends_it_in_silence()
{
	place
	{
		"$CLI" --no-agent -i 100ms 2>"$LAB_DIR/err" || :
		echo ended >"$LAB_DIR/ended"
	} | true
	lab_eventually 3 test -s "$LAB_DIR/ended"
	[ ! -s "$LAB_DIR/err" ]
	fails 1 '^mptcp-wan: cannot write: No space left' sh -c "$CLI --no-agent -i 100ms >/dev/full"
}

# ---- the words they use ----

# No lines, and no agent.
place()
{
	lab_alone
	mkdir -p "$LAB_DIR/snmp-router/run"
}

# What it prints is kept, for says.
show()
{
	lab_at_place "$CLI" show --run-dir "$LAB_DIR/snmp-router/run" "$@" >"$LAB_DIR/out" || return
	cat "$LAB_DIR/out"
}

# As nobody, who may look into the laboratory's folders but not further.
as_nobody()
{
	chmod 711 "$LAB_DIR"
	cp "$CLI" "$LAB_DIR/mptcp-wan"
	lab_at_place setpriv --reuid 65534 --regid 65534 --clear-groups "$LAB_DIR/mptcp-wan" \
		--run-dir "$LAB_DIR/snmp-router/run" "$@" >"$LAB_DIR/out" || return
	cat "$LAB_DIR/out"
}

# shows WAN STATE
shows()
{
	show
	says "^$1  $2 "
}

# The agent writes a new one each second: it may do so between the two.
json_is_the_file()
{
	show --json >/dev/null
	cmp "$LAB_DIR/out" "$LAB_DIR/snmp-router/run/status.json" ||
		[ "$(cat "$LAB_DIR/out")" = "$(cat "$LAB_DIR/snmp-router/run/status.json")" ]
}

# What was printed last is what doc/ says.
json_is_valid()
{
	python3 "$srcdir/tests/json_valid.py" "$srcdir/doc/mptcp-wan.schema.json" status \
		"$LAB_DIR/out"
}

subflows()
{
	[ "$(lab_router ss -Htni state established | grep -c tcp-ulp-mptcp)" = "$1" ]
}

# A connection that lasts as long as the case.
stream()
{
	lab_start server vps "$LAB_BIN/traffic" server -p 5000
	lab_eventually 3 lab_listens vps 5000
	lab_start client router "$LAB_BIN/traffic" client -a "$LAB_SERVICE" -p 5000 \
		--up 500000000 --kbit 12000
}

run_cases
