#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2013,SC2016,SC2046,SC2059,SC2119,SC2317	# lists of words; cases are called by name
#
# `mptcp-wan record` and `replay`: what was recorded says the same when it is replayed, and with
# --anonymize it has no address of the host in it. TAP on stdout, diagnostics on stderr. srcdir is
# the top of the source, builddir where it was built; LAB_BIN has traffic.

set -eu

: "${LAB_BIN:=${builddir:?where it was built}/tests/lab}"
# shellcheck source=tests/lab/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/lab/cases.sh
. "$(dirname "$0")/cases.sh"
# shellcheck source=tests/lab/agent.sh
. "$(dirname "$0")/agent.sh"
# shellcheck source=tests/lab/alarms.sh
. "$(dirname "$0")/alarms.sh"
# shellcheck source=tests/lab/said.sh
. "$(dirname "$0")/said.sh"
CLI=$builddir/cli/mptcp-wan
SAID_FOLD='  '
OCTETS=$(dirname "$0")/octets.py

# ---- the cases; each is named after what it shows ----

case_a_replay_gives_the_same_answer()
{
	lab_up wans=3 rate=10mbit
	lab_path_drop_joins wan2
	record_start c --for 9s
	stream "$LAB_SERVICE"
	record_wait c
	[ "$(stat -c %a "$LAB_DIR/c")" = 700 ]
	[ "$(stat -c %a "$LAB_DIR/c"/* | sort -u)" = 600 ]
	[ "$(ls "$LAB_DIR/c")" = "$(printf 'about.txt\ncapture\nsettings.conf\nstatus.json')" ]
	says '^.*/c: [0-9]* polls in [0-9]* s, [0-9]* KiB$'
	says '^addresses: the true ones (--anonymize replaces them)$'
	[ ! -s "$LAB_DIR/err" ]
	same_status
	replay "$LAB_DIR/c"
	says '^wan1  carrying  *1  *[0-9.]* [kM]bit/s '
	says '^wan2  unjoined  *0 '
	says '^3 WANs configured, 3 up, 2 joined, 2 carrying, '
	says 's old$'
	says '^replayed: poll [0-9]*, \(9\|1[0-9]\)\.[0-9] s after the first; 20'
	replay --every "$LAB_DIR/c"
	[ "$(grep -c '^replayed: ' "$LAB_DIR/out")" = "$(status .host.polls)" ]
	says '^wan2  unjoined '
	replay --at 1s "$LAB_DIR/c"
	says '^replayed: poll [12], [01]\.[0-9] s'
	says_not '^wan2  unjoined '
	grep -qx "polls: $(status .host.polls)" "$LAB_DIR/c/about.txt"
	grep -qx "kernel: $(uname -s) $(uname -r), $(uname -m)" "$LAB_DIR/c/about.txt"
	grep -q '^user: 0, effective capabilities [0-9a-f]*$' "$LAB_DIR/c/about.txt"
}

# Both families; a line known by its addresses, one that cannot be joined, addresses and connections
# that come and go while it is recorded.
case_an_anonymized_capture_has_no_true_address()
{
	local word missing=

	lab_up wans=4 rate=10mbit family=46 vps_signal=1 router_limits="subflows 5 add_addr_accepted 2"
	lab_router ip link set wan1 alias "Jane Doe's fibre"
	lab_path_drop_joins wan3
	alarms_configure 'wan dsl { addresses = { 192.168.12.0/24, 2001:db8:2::/64 }' \
		' label = "Jane Doe at home" }' "on-alarm = /home/jane/alarm"
	record_start plain --for 1h
	record_start c --for 1h --anonymize
	stream "$LAB_SERVICE"
	stream "$LAB_SERVICE6"
	come_and_go
	lab_ip router "addr add 192.168.14.77/24 dev wan4
		addr add 2001:db8:4::77/64 dev wan4 nodad"
	hosts_words >"$LAB_DIR/words"
	lab_ip router "addr del 192.168.14.2/24 dev wan4
		addr del 2001:db8:4::2/64 dev wan4"
	come_and_go
	# A poll more at the end makes both end at one moment.
	lab_window 5
	lab_kill plain TERM
	lab_kill c TERM
	record_wait plain
	record_wait c

	python3 "$OCTETS" "$LAB_DIR/plain" "Jane Doe" $(cat "$LAB_DIR/words") >"$LAB_DIR/in-plain"
	python3 "$OCTETS" "$LAB_DIR/c" Jane $(cat "$LAB_DIR/words") >"$LAB_DIR/in-other"
	lab_say "$(wc -l <"$LAB_DIR/words") words, in $(wc -l <"$LAB_DIR/in-plain") forms and places"
	for word in $(cat "$LAB_DIR/words"); do
		grep -q "^$word octets capture$" "$LAB_DIR/in-plain" || missing="$missing $word"
	done
	[ -z "$missing" ] || lab_fail "the plain capture lacks$missing: nothing is proved of them"
	grep -q '^Jane Doe text capture$' "$LAB_DIR/in-plain"
	grep -q '^Jane Doe text settings.conf$' "$LAB_DIR/in-plain"
	grep -q '^192.168.13.2 text status.json$' "$LAB_DIR/in-plain"
	grep -q '^2001:db8:1::2 text status.json$' "$LAB_DIR/in-plain"
	cat "$LAB_DIR/in-other"
	[ ! -s "$LAB_DIR/in-other" ]

	same_status
	CAPTURE=$LAB_DIR/plain same_status
	diff_of_both >"$LAB_DIR/diff" || { cat "$LAB_DIR/diff"; return 1; }
	replay "$LAB_DIR/c"
	says '^dsl   carrying  *[1-9]'
	says '^wan3  unjoined  *0 '
	grep -q '^addresses: replaced' "$LAB_DIR/c/about.txt"
	[ "$(stat -c %a "$LAB_DIR/c"/* | sort -u)" = 600 ]
}

case_ctrl_c_ends_it_well()
{
	lab_up wans=2 rate=10mbit
	stream "$LAB_SERVICE"
	mkfifo "$LAB_DIR/keys"
	# In the background an interrupt is ignored, unless somebody says otherwise. What it says at its
	# end goes to a file: script(1) waits 10 ms for the last of a terminal, and then leaves it.
	lab_start terminal router env --default-signal=INT sh -c "script -qefc 'exec $CLI record --for 1h -i 1s $LAB_DIR/c >$LAB_DIR/out' /dev/null <$LAB_DIR/keys"
	exec 9>"$LAB_DIR/keys"
	lab_eventually 20 recorded_octets 30000
	printf '\003' >&9
	lab_wait terminal || { cat "$LAB_DIR/terminal.out"; return 1; }
	exec 9>&-
	says ' polls\? in [0-9]* s, '
	same_status
}

case_a_signal_ends_it_well()
{
	lab_up wans=2
	record_start c --for 1h
	lab_kill c TERM
	record_wait c
	says ' polls\? in [0-9]* s, '
	same_status
}

case_a_terminal_is_told_how_far_it_is()
{
	lab_alone
	script -qefc "$CLI record --for 2s -i 500ms $LAB_DIR/c 2>&1 >$LAB_DIR/out" /dev/null >"$LAB_DIR/tty"
	grep -q 'recording: [0-9]* of 2 s, [0-9]* polls\{0,1\}, [0-9]* KiB; Ctrl-C ends it' "$LAB_DIR/tty"
	same_status
}

case_what_is_written_before_the_disk_is_full_can_be_replayed()
{
	local status=0 polls

	lab_up wans=2 rate=10mbit
	stream "$LAB_SERVICE"
	mkdir "$LAB_DIR/full"
	lab_router unshare -m sh -c "mount -t tmpfs -o size=96k none $LAB_DIR/full || exit 9
		status=0
		$CLI record --for 60s -i 200ms $LAB_DIR/full/c 2>$LAB_DIR/err || status=\$?
		cp -r $LAB_DIR/full/c $LAB_DIR/c
		exit \$status" 2>"$LAB_DIR/mount.err" || status=$?
	[ "$status" = 1 ] || { cat "$LAB_DIR/err" "$LAB_DIR/mount.err"; return 1; }
	grep -q '^mptcp-wan: .*/c/capture: No space left on device; [1-9][0-9]* polls before that can be replayed$' \
		"$LAB_DIR/err"
	polls=$(sed -n 's/.*device; \([0-9]*\) polls.*/\1/p' "$LAB_DIR/err")
	replay "$LAB_DIR/c"
	says "^replayed: poll $polls, "
	complains "^mptcp-wan: .*/c/capture: ends in the middle of a [a-z]*, at octet [0-9]*; shown is what came before$"
}

case_an_unprivileged_user_records_what_the_kernel_grants()
{
	lab_up wans=2 rate=10mbit
	stream "$LAB_SERVICE"
	chmod 711 "$LAB_DIR"
	cp "$CLI" "$LAB_DIR/mptcp-wan"
	install -d -o 65534 "$LAB_DIR/theirs"
	lab_router setpriv --reuid 65534 --regid 65534 --clear-groups "$LAB_DIR/mptcp-wan" record --for 2s \
		-i 500ms "$LAB_DIR/theirs/c" >"$LAB_DIR/out"
	says 'not all was told: about.txt says what is missing'
	grep -q '^user: 65534, effective capabilities 0*$' "$LAB_DIR/theirs/c/about.txt"
	grep -q '^accounting: .*not permitted' "$LAB_DIR/theirs/c/about.txt"
	CAPTURE=$LAB_DIR/theirs/c same_status
}

# Indexes are the agent's state's, and what it polled with is not in the file.
case_what_the_agent_recorded_is_replayed()
{
	lab_up wans=3 rate=10mbit
	alarms_configure
	lab_path_drop_joins wan2
	stream "$LAB_SERVICE"
	lab_agent_start -c "$LAB_DIR/alarms-router.conf" --record "$LAB_DIR/file"
	lab_eventually 20 alarms_are "wan2 upButIdle"
	lab_agent_stop
	[ "$(stat -c %a "$LAB_DIR/file")" = 600 ]
	replay --json --config "$LAB_DIR/alarms-router.conf" "$LAB_DIR/file"
	cmp "$LAB_DIR/out" "$LAB_DIR/snmp-router/run/status.json" || {
		diff "$LAB_DIR/out" "$LAB_DIR/snmp-router/run/status.json" || :
		same_but_notifications
	}
	replay "$LAB_DIR/file"
	says '^accounting: exact; '
	says '^wan2  [a-z]*  *0 '
}

case_what_it_cannot_replay_is_told()
{
	local octets polls

	lab_alone
	"$CLI" record --for 1s -i 500ms "$LAB_DIR/c" >"$LAB_DIR/out"
	octets=$(stat -c %s "$LAB_DIR/c/capture")
	polls=$(status .host.polls)
	fails 1 "^mptcp-wan: $LAB_DIR/none: No such file or directory$" "$CLI" replay "$LAB_DIR/none"
	mkdir "$LAB_DIR/empty"
	fails 1 "^mptcp-wan: $LAB_DIR/empty/capture: No such file or directory$" "$CLI" replay "$LAB_DIR/empty"
	fails 1 "^mptcp-wan: .*/status.json: is no capture of mptcp-wan$" "$CLI" replay "$LAB_DIR/c/status.json"
	gzip <"$LAB_DIR/c/capture" >"$LAB_DIR/gz"
	fails 1 "^mptcp-wan: $LAB_DIR/gz: is compressed: gunzip it first$" "$CLI" replay "$LAB_DIR/gz"
	: >"$LAB_DIR/cut"
	fails 1 "^mptcp-wan: $LAB_DIR/cut: is empty$" "$CLI" replay "$LAB_DIR/cut"
	changed 8 '\004\003\002\001'
	[ "$(od -An -tu1 -N1 -j8 "$LAB_DIR/c/capture")" -eq 4 ] && changed 8 '\001\002\003\004'
	fails 1 "^mptcp-wan: $LAB_DIR/cut: was made on a machine of the other byte order" "$CLI" replay "$LAB_DIR/cut"
	changed 12 '\007'
	fails 1 "^mptcp-wan: $LAB_DIR/cut: is of version 7 of captures; this program replays version 2$" \
		"$CLI" replay "$LAB_DIR/cut"
	head -c 1000 "$LAB_DIR/c/capture" >"$LAB_DIR/cut"
	fails 1 "^mptcp-wan: .*/cut: ends in the middle of a record, at octet [0-9]*; there is no whole poll before that$" \
		"$CLI" replay "$LAB_DIR/cut"
	head -c 16 "$LAB_DIR/c/capture" >"$LAB_DIR/cut"
	fails 1 "^mptcp-wan: $LAB_DIR/cut: there is no poll in it$" "$CLI" replay "$LAB_DIR/cut"
	head -c $((octets - 60)) "$LAB_DIR/c/capture" >"$LAB_DIR/cut"
	replay "$LAB_DIR/cut"
	complains "^mptcp-wan: .*/cut: ends in the middle of a [a-z]*, at octet [0-9]*; shown is what came before$"
	says "^replayed: poll $((polls - 1)), "
	printf 'interval = never\n' >"$LAB_DIR/c/settings.conf"
	fails 1 "^mptcp-wan: $LAB_DIR/c/settings.conf:1: interval: 'never' is no time" "$CLI" replay "$LAB_DIR/c"
	rm "$LAB_DIR/c/settings.conf"
	replay "$LAB_DIR/c"
	complains "^mptcp-wan: $LAB_DIR/c/settings.conf: No such file or directory; going on with the defaults$"
	says "^replayed: poll $polls, "
}

case_misuse_is_one_line_and_exit_2()
{
	lab_alone
	fails 2 "^mptcp-wan: an argument is missing; usage: mptcp-wan record .* DIR$" record_as
	fails 2 "^mptcp-wan: unexpected argument 'b'; usage: mptcp-wan record .* DIR$" record_as a b
	fails 2 "^mptcp-wan: --for: 'ever' is no time" record_as --for ever a
	fails 2 "^mptcp-wan: --for: '10ms' is not between 1s and 24h" record_as --for 10ms a
	fails 2 "^mptcp-wan: --interval: '0' is not between " record_as -i 0 a
	fails 2 "^mptcp-wan: unknown option '--anonymise', did you mean '--anonymize'?" record_as --anonymise a
	fails 2 "^mptcp-wan: an argument is missing; usage: mptcp-wan replay .* DIR|FILE$" "$CLI" replay
	fails 2 "^mptcp-wan: --at and --every: one of them$" "$CLI" replay --at 1s --every "$LAB_DIR"
	fails 2 "^mptcp-wan: --at: 'noon' is no time" "$CLI" replay --at noon "$LAB_DIR"
	[ ! -e a ] && [ ! -e b ]
}

case_what_it_cannot_record_to_is_told()
{
	lab_alone
	mkdir "$LAB_DIR/full"
	: >"$LAB_DIR/full/mine"
	: >"$LAB_DIR/file"
	fails 1 "^mptcp-wan: $LAB_DIR/full: is there, and not empty: name a new folder$" record_as "$LAB_DIR/full"
	[ "$(ls "$LAB_DIR/full")" = mine ]
	fails 1 "^mptcp-wan: $LAB_DIR/file: Not a directory$" record_as "$LAB_DIR/file"
	fails 1 "^mptcp-wan: $LAB_DIR/no/c: No such file or directory$" record_as "$LAB_DIR/no/c"
	fails 1 "^mptcp-wan: $LAB_DIR/none.conf: No such file or directory$" record_as --config "$LAB_DIR/none.conf" \
		"$LAB_DIR/c"
	[ ! -e "$LAB_DIR/c" ]
	install -d -m 755 "$LAB_DIR/mine"
	record_as --for 1s -i 500ms "$LAB_DIR/mine" >"$LAB_DIR/out"
	[ "$(stat -c %a "$LAB_DIR/mine")" = 700 ]
}

# ---- the words they use ----

# record_start NAME [OPTION]...: to the folder of that name, each second, with short times; returns
# when it has polled.
record_start()
{
	local name=$1

	shift
	[ -e "$LAB_DIR/alarms-router.conf" ] || alarms_configure
	lab_start "$name" router "$CLI" record -i 1s --config "$LAB_DIR/alarms-router.conf" "$@" "$LAB_DIR/$name"
	lab_eventually 20 recorded_octets 5000 "$name"
}

record_wait()
{
	lab_wait "$1" || { cat "$LAB_DIR/$1.err"; return 1; }
	cp "$LAB_DIR/$1.out" "$LAB_DIR/out"
	cp "$LAB_DIR/$1.err" "$LAB_DIR/err"
}

record_as()
{
	"$CLI" record "$@"
}

# What it prints is kept, for says.
replay()
{
	"$CLI" replay "$@" >"$LAB_DIR/out" 2>"$LAB_DIR/err" && return
	set -- $?
	cat "$LAB_DIR/err" >&2
	return "$1"
}

same_status()
{
	replay --json "${CAPTURE:-$LAB_DIR/c}"
	cmp "$LAB_DIR/out" "${CAPTURE:-$LAB_DIR/c}/status.json"
}

status()
{
	jq "$1" "$LAB_DIR/c/status.json"
}

recorded_octets()
{
	[ "$(stat -c %s "$LAB_DIR/${2:-c}/capture")" -ge "$1" ]
}

# What both recordings saw, as far as it does not hang on the moment of a poll: whether a line that is
# joined carries, and why not, is of the traffic then. That one input is the same input with other
# addresses, to the last octet, tests/test_anonymous.c shows.
diff_of_both()
{
	local which

	for which in c plain; do
		jq -S 'def joined: if . == "carrying" or . == "idle" or . == "quiet" then "joined" else . end;
			def of_traffic: . == "scheduler-avoids" or . == "unexplained" or . == "cpu-bound"; {
			wans: [.wans[] | {index, name, state: (.state | joined), ifname, role, subflows, endpoints_v4,
				endpoints_v6, subflows_v4, subflows_v6}],
			host: (.host | {subflow_limit, add_addr_limit, subflows_needed, add_addr_needed,
				far_addresses, endpoints, accounting, wans_up, wans_joined}),
			endpoints: [.endpoints[] | {id, wan_name, flags, address_type}],
			findings: [.findings[] | select(.cause | of_traffic | not) | {wan_index, cause, severity}]
		}' "$LAB_DIR/$which/status.json" >"$LAB_DIR/$which.seen"
		jq -e '.findings | length > 1' "$LAB_DIR/$which.seen" >"$LAB_DIR/findings"
	done
	diff "$LAB_DIR/plain.seen" "$LAB_DIR/c.seen"
}

# Whether a master has taken the notifications is not the monitor's to know.
same_but_notifications()
{
	grep -v '"notifications_' "$LAB_DIR/out" >"$LAB_DIR/ours"
	grep -v '"notifications_' "$LAB_DIR/snmp-router/run/status.json" | cmp - "$LAB_DIR/ours"
}

# Connections that live between two polls only.
come_and_go()
{
	local service

	for service in "$LAB_SERVICE" "$LAB_SERVICE6" "$LAB_SERVICE" "$LAB_SERVICE6"; do
		lab_router "$LAB_BIN/traffic" client -a "$service" -p 5000 -n 5 -j 1 --up 3000 \
			--down 3000 --close client >/dev/null
	done
}

# All addresses and MAC addresses of the router's, and the far ends'.
hosts_words()
{
	lab_router ip -o addr show | awk '$2 != "lo" { sub("/.*", "", $4); print $4 }'
	lab_router ip -o link show | sed -n 's/.*link\/ether \([0-9a-f:]*\) .*/\1/p'
	lab_router ip mptcp endpoint | awk '{ print $1 }'
	echo "$LAB_SERVICE"
	echo "$LAB_SERVICE6"
}

# The capture with other octets there.
changed()
{
	cp "$LAB_DIR/c/capture" "$LAB_DIR/cut"
	printf "$2" | dd of="$LAB_DIR/cut" bs=1 seek="$1" conv=notrunc status=none
}

# A connection that lasts as long as the case.
stream()
{
	[ -e "$LAB_DIR/server.pid" ] || {
		lab_start server vps "$LAB_BIN/traffic" server -p 5000
		lab_eventually 3 lab_listens vps 5000
	}
	lab_start "client-$1" router "$LAB_BIN/traffic" client -a "$1" -p 5000 --up 500000000 --kbit 12000
}

run_cases
