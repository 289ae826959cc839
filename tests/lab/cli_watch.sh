#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2119,SC2317	# cases are called by name
#
# Does `mptcp-wan watch` show what is, in a real terminal, obey its keys, and give the terminal back
# however it ends? TAP on stdout, diagnostics on stderr. srcdir is the top of the source, builddir
# where it was built; LAB_BIN has traffic. The terminal is tmux's, with a server of the case's own.

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
CLI=$(cd "$builddir" && pwd)/cli/mptcp-wan
IDLE='[^█]*·· *subflow-limit$'	# the end of a row: no share, nothing in the last seconds

# ---- the cases; each is named after what it shows ----

case_two_lines_idle_by_limit_are_seen_and_seen_to_recover()
{
	lab_up wans=6 rate=6mbit router_limits="subflows 3 add_addr_accepted 1"
	fast_agent
	stream first
	window 80 24
	watch
	lab_eventually 20 agrees "4 carrying" "2 unjoined"
	lab_eventually 5 sees "^wan1  carrying .*[0-9.]* M .*█.* [0-9]* %.*█"
	lab_eventually 5 sees "^wan5  unjoined  *0  *-  *-  $IDLE"
	lab_eventually 5 sees "^wan6  unjoined  *0  *-  *-  $IDLE"
	sees '^6 WANs configured, 6 up, 4 joined, 4 carrying, '
	sees '^limits: 3 extra subflows (too few: 5 needed), 1 announced address'
	sees '^wan5, wan6: subflow-limit (major)$'
	sees '^  now: ip mptcp limits set subflows 5$'
	lab_limits router "subflows 5 add_addr_accepted 1"
	stream second
	lab_eventually 20 agrees "6 carrying"
	lab_eventually 10 sees "^wan5  carrying  *1 .* [1-9][0-9]* %.*·.*█$"
	lab_eventually 10 sees "^wan6  carrying  *1 .* [1-9][0-9]* %.*·.*█$"
	sees_not 'ip mptcp limits set'
}

case_keys_and_sizes()
{
	local polls

	lab_up wans=6 rate=6mbit router_limits="subflows 3 add_addr_accepted 1"
	fast_agent
	stream first
	window 80 24
	watch
	lab_eventually 20 agrees "4 carrying" "2 unjoined"
	# It stands still while the agent goes on.
	type_in Space
	lab_eventually 5 sees '^PAUSED  '
	screen >"$LAB_DIR/paused"
	polls=$(host_get Polls)
	lab_eventually 10 host_has Polls $((polls + 3))
	screen | cmp - "$LAB_DIR/paused"
	type_in Space
	lab_eventually 5 sees_not PAUSED
	lab_eventually 5 sees ' its poll of [01] s ago'
	# The interval, the order, the direction.
	sees '  every 1 s  by name  '
	type_in +
	lab_eventually 5 sees '  every 2 s  '
	type_in - -
	lab_eventually 5 sees '  every 500 ms  '
	sees '^WAN  .*  SHARE OUT  '
	type_in d
	lab_eventually 5 sees '^WAN  .*  SHARE IN  '
	type_in s
	lab_eventually 5 sees '  by trouble  '
	[ "$(screen | sed -n '4s/ .*//p; 5s/ .*//p' | tr '\n' ' ')" = "wan5 wan6 " ]
	type_in s s
	lab_eventually 5 sees '  by name  '
	type_in '?'
	lab_eventually 5 sees '^q  Ctrl-C '
	type_in x
	lab_eventually 5 sees '^wan1  carrying '
	# A small window scrolls, a smaller one says so, and a large one has it all again; at once.
	type_in Space
	lab_eventually 5 sees '^PAUSED  '
	resize 40 8
	lab_eventually 5 sees '^1-3 of 6 WANs '
	type_in Down
	lab_eventually 5 sees '^2-4 of 6 WANs '
	type_in NPage
	lab_eventually 5 sees '^4-6 of 6 WANs '
	sees '^wan6  unjoined '
	type_in Up Up
	lab_eventually 5 sees '^2-4 of 6 WANs '
	type_in G
	lab_eventually 5 sees '^4-6 of 6 WANs '
	type_in Home
	lab_eventually 5 sees '^1-3 of 6 WANs '
	resize 30 6
	lab_eventually 5 sees '^30x6 is too small: 40x8 '
	resize 200 40
	lab_eventually 5 sees '^wan1  carrying .* Mbit/s .* ms  .*%'
	sees '^wan5  unjoined .* no subflow; the subflow limit 3 '
	sees '^q quit '
	type_in q
	lab_eventually 5 given_back
}

case_an_agent_that_hangs_or_goes_is_replaced_visibly()
{
	local file

	lab_up wans=2 rate=6mbit
	fast_agent
	stream first
	window 80 24
	watch
	lab_eventually 15 agrees "2 carrying"
	sees '^from the agent: its poll of [0-9]* s ago, every 1 s$'
	lab_kill agent-router STOP
	lab_eventually 15 sees "^the agent's file is [0-9]* s old: own look for [0-9]* s"
	lab_eventually 10 sees '^wan1  carrying .* [0-9.]* [Mk] '
	lab_eventually 10 sees '^wan2  carrying .* [0-9.]* [Mk] '
	lab_kill agent-router CONT
	lab_eventually 10 sees '^from the agent: its poll of [0-9] s ago'
	lab_agent_stop
	file=$LAB_DIR/snmp-router/run/status.json
	printf '{ "time": 17' >"$file"
	lab_eventually 5 sees '^status.json: ends in the middle, at octet 12: own look for [0-9]* s'
	lab_eventually 5 sees '^wan1  carrying .* [0-9.]* [Mk] '
	rm "$file"
	lab_eventually 5 sees "^the agent's file is gone: own look for [0-9]* s"
	lab_agent_start
	lab_eventually 10 sees '^from the agent: its poll of [0-9] s ago'
	type_in q
	lab_eventually 5 given_back
}

case_the_terminal_is_given_back_however_it_ends()
{
	local way

	lab_alone
	window 80 24
	for way in q C-c TERM HUP QUIT SEGV ABRT; do
		watch --no-agent
		lab_eventually 5 taken
		lab_eventually 5 sees '^own look for '
		case $way in
		q|C-c)	type_in "$way" ;;
		*)	kill "-$way" "$(watch_pid)" ;;
		esac
		lab_eventually 5 given_back
	done
	# A terminal that takes nothing any more does not keep it.
	watch --no-agent
	lab_eventually 5 taken
	lab_kill tmux STOP
	lab_eventually 30 stuck "$(watch_pid)"
	kill -TERM "$(watch_pid)"
	lab_eventually 5 ended "$(watch_pid)"
	lab_kill tmux CONT
	lab_eventually 5 given_back
	# Stopped, it is the shell's; woken, it is ours again.
	watch --no-agent
	lab_eventually 5 taken
	type_in C-z
	lab_eventually 5 given_back
	type_in 'fg' Enter
	lab_eventually 5 taken
	lab_eventually 5 sees '^own look for '
	# A stop that nobody can hear of leaves the screen to the shell; woken, it draws all of it.
	kill -STOP "$(watch_pid)"
	lab_eventually 5 sees 'Stopped'
	resize 90 20
	type_in 'fg' Enter
	lab_eventually 5 sees_not 'Stopped'
	lab_eventually 5 sees '^q quit .*d out/in$'
	type_in q
	lab_eventually 5 given_back
}

case_what_is_no_terminal_gets_frames_or_one_line()
{
	lab_alone
	fails 1 'watch needs a terminal (--count N writes N frames to anything)$' "$CLI" watch
	fails 2 "interval: '0' is not between 500ms and 1h" "$CLI" watch -n 0
	fails 1 "/none.conf: " "$CLI" watch --config "$LAB_DIR/none.conf" --count 1
	"$CLI" watch --no-agent -n 500ms --count 3 >"$LAB_DIR/frames"
	[ "$(grep -c '^[0-9-]* [0-9:]*  every 500 ms  by name  bit/s  ' "$LAB_DIR/frames")" = 3 ]
	[ "$(grep -c '^own look for ' "$LAB_DIR/frames")" = 3 ]
	[ "$(grep -c "$(printf '\033')" "$LAB_DIR/frames")" = 0 ]
	"$CLI" watch --no-agent -n 500ms --count 1000 2>"$LAB_DIR/err" | head -n 1 | grep -q every
	[ ! -s "$LAB_DIR/err" ]
	window 80 24
	type_in "TERM=dumb $CLI watch" Enter
	lab_eventually 5 sees 'mptcp-wan: watch needs a terminal whose cursor can be moved (--count'
}

# ---- the words they use ----

# An agent that soon makes up its mind.
fast_agent()
{
	printf '%s\n' 'join-grace = 3s' 'cpu-budget = 100' >"$LAB_DIR/fast.conf"
	lab_agent_start -c "$LAB_DIR/fast.conf"
}

# A connection that lasts as long as the case, to a server of its own.
stream()
{
	local port=5000

	[ "$1" = first ] || port=5001
	lab_start "$1-server" vps "$LAB_BIN/traffic" server -p "$port"
	lab_eventually 3 lab_listens vps "$port"
	lab_start "$1" router "$LAB_BIN/traffic" client -a "$LAB_SERVICE" -p "$port" \
		--up 500000000 --kbit 18000
}

# A terminal of that size, with a shell in it that has told its modes.
window()
{
	lab_start tmux host env LC_ALL=C.UTF-8 TZ=UTC tmux -u -S "$LAB_DIR/tmux" -f /dev/null -D
	# Who comes before the server must not start another, which nobody would end: -N.
	lab_eventually 5 tmux_do new-session -d -x "$1" -y "$2" "PS1='$ ' exec sh"
	type_in "stty -g >'$LAB_DIR/modes'" Enter
	lab_eventually 5 test -s "$LAB_DIR/modes"
}

tmux_do()
{
	tmux -N -S "$LAB_DIR/tmux" "$@"
}

type_in()
{
	tmux_do send-keys "$@"
}

resize()
{
	tmux_do resize-window -x "$1" -y "$2"
}

screen()
{
	tmux_do capture-pane -p
}

# Starts it in the window; its pid is kept, for signals.
watch()
{
	local where=

	[ "$LAB_PLACE" = host ] || where="ip netns exec $LAB_ROUTER"
	type_in "clear; $where sh -c 'echo \$\$ >\"$LAB_DIR/watch.pid.told\"; exec \"\$@\"' - \
'$CLI' watch -n 1 --run-dir '$LAB_DIR/snmp-router/run' $*" Enter
}

watch_pid()
{
	cat "$LAB_DIR/watch.pid.told"
}

# It waits to write, for the terminal takes no more. If it does not yet, more frames fill it.
stuck()
{
	cat "/proc/$1/wchan"
	[ "$(cat "/proc/$1/wchan")" != wait_woken ] || return 0
	for _ in $(seq 40); do
		kill -WINCH "$1"
		cat "/proc/$1/wchan" >"$LAB_DIR/wchan"	# it draws meanwhile
	done
	return 1
}

ended()
{
	! grep -q '^State:[[:space:]]*[^ZX]' "/proc/$1/status" 2>/dev/null
}

sees()
{
	screen >"$LAB_DIR/screen"
	grep -q -e "$1" "$LAB_DIR/screen" && return
	printf 'it does not show %s:\n' "$1"
	cat "$LAB_DIR/screen"
	return 1
}

sees_not()
{
	! sees "$1" >/dev/null
}

# The window and SNMP tell of each WAN the same; and what the kernel says of subflows fits. Counts
# of states that there must be: "4 carrying" "2 unjoined".
agrees()
{
	local name state count

	screen >"$LAB_DIR/screen"
	cat "$LAB_DIR/screen"
	wan_table State >"$LAB_DIR/truth"
	while read -r name state; do
		grep -q "^$name  $state " "$LAB_DIR/screen" || return 1
	done <"$LAB_DIR/truth"
	for count; do
		[ "$(grep -c "	${count#* }\$" "$LAB_DIR/truth")" = "${count% *}" ] || return 1
	done
	[ "$(lab_carrying)" = "$(sed -n 's/^\(wan[0-9]*\)  carrying .*/\1/p' "$LAB_DIR/screen" |
		tr '\n' ' ' | sed 's/ $//')" ]
}

# The alternate screen, and no cursor.
taken()
{
	[ "$(tmux_do display-message -p '#{alternate_on} #{cursor_flag}')" = "1 0" ]
}

# The normal screen, the cursor, lines that wrap; and the modes that the shell began with, which it
# tells itself.
given_back()
{
	[ "$(tmux_do display-message -p '#{alternate_on} #{cursor_flag} #{wrap_flag}')" = "0 1 1" ] ||
		return 1
	rm -f "$LAB_DIR/modes.now"
	type_in C-u "stty -g >'$LAB_DIR/modes.now'" Enter
	lab_eventually 2 test -s "$LAB_DIR/modes.now"
	cmp "$LAB_DIR/modes" "$LAB_DIR/modes.now"
}

run_cases
