#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2119
#
# The plugin under address, leak and undefined behaviour sanitizers in a real collectd, which is not:
# whatever it is made to do, they have nothing to report of ours when it ends. TAP on stdout.
# srcdir: source; build-asan in it, where it was built with --enable-sanitizers.

set -eu

: "${srcdir:=$(dirname "$0")/../..}"
builddir=$srcdir/build-asan
LAB_BIN=$builddir/tests/lab
LAB_HOME=$srcdir/tests/lab
# shellcheck source=tests/lab/lab.sh
. "$LAB_HOME/lab.sh"
# shellcheck source=tests/lab/cases.sh
. "$LAB_HOME/cases.sh"
# shellcheck source=tests/lab/agent.sh
. "$LAB_HOME/agent.sh"
# shellcheck source=tests/lab/alarms.sh
. "$LAB_HOME/alarms.sh"
# shellcheck source=tests/lab/causes.sh
. "$LAB_HOME/causes.sh"
# shellcheck source=tests/nms/collectd_words.sh
. "$srcdir/tests/nms/collectd_words.sh"

# ---- the cases; each is named after what it shows ----

case_a_life_with_alarms_raised_and_cleared()
{
	begin wans=6 router_limits="subflows 3 add_addr_accepted 1"
	sanitized
	collectd_short "StateDir \"$LAB_DIR/state\"" '<WAN "fibre">' 'Device wan6' 'Label "Fibre"' '</WAN>'
	load bulk
	lab_eventually $((STATE_S + ALARM_S)) collectd_is fibre/bool-alarm 1
	lab_limits router "subflows 5 add_addr_accepted 1"
	reload bulk
	lab_eventually $((STATE_S + ALARM_S)) collectd_is fibre/bool-alarm 0
	collectd_says 'severity = OKAY.*plugin_instance = fibre'
	ends_clean
	# Alarms and WANs of before are read.
	collectd_run
	rows=$(collectd_rows fibre/bool-alarm | wc -l)
	lab_eventually 20 collectd_has_rows fibre/bool-alarm $((rows + 3))
	ends_clean
}

case_bad_options_and_files()
{
	begin wans=2
	sanitized
	mkdir -p "$LAB_DIR/state"
	head -c 5000 /dev/urandom >"$LAB_DIR/state/alarms"
	head -c 5000 /dev/urandom >"$LAB_DIR/state/wans"
	collectd_start 'Interval "500ms"' 'RaiseAfter soon' 'Floor 1.5' 'Nonsense "x" "y"' 'Bpf maybe' \
		"StateDir \"$LAB_DIR/state\"" \
		'<WAN "fibre">' 'Device wan1' 'Role spare' 'Rate 5' 'Base nobody' 'Label "Fibre"' '</WAN>' \
		'<WAN>' 'Device wan2' '</WAN>' '<WAN "host">' '</WAN>' '<WAN "lte">' 'Device wan1' '</WAN>' \
		'<Expect>' 'Subflows 300' '<Expect>' '</Expect>' '</Expect>' '<What "x">' '</What>'
	lab_eventually 20 collectd_read 3
	collectd_once "plugin: Nonsense: unknown option ('y')"
	collectd_says 'kept it as'
	[ "$(collectd_get host/bool-up)" = 1 ]
	ends_clean
}

case_loaded_twice_and_under_a_second_name()
{
	begin wans=2
	sanitized
	mkdir -p "$LAB_DIR/collectd-router/plugins"
	cp "$COLLECTD_OURS" "$LAB_DIR/collectd-router/plugins/mptcp2.so"
	printf 'LoadPlugin mptcp\nLoadPlugin mptcp2\n' >"$LAB_DIR/collectd-router.more"
	collectd_start 'Interval 1'
	lab_eventually 20 collectd_read 3
	[ "$(collectd_threads mptcp-poll | wc -l)" = 1 ]
	ends_clean
}

case_a_kernel_that_denies_and_answers_again()
{
	begin wans=2
	sanitized
	collectd_start 'Interval "200ms"'
	lab_eventually 20 collectd_is host/bool-up 1
	collectd_among mount -t tmpfs none /proc/sys/net
	lab_eventually 20 collectd_is host/bool-up 0
	collectd_among umount /proc/sys/net
	lab_eventually 20 collectd_is host/bool-up 1
	ends_clean
}

case_a_reload()
{
	local pid

	begin wans=2
	sanitized
	load bulk
	collectd_write 'Interval 1' "StateDir \"$LAB_DIR/state\""
	printf '#!/bin/sh\nexec %s collectd "$@" 2>>%s\n' "$COLLECTD_THROUGH" "$LAB_DIR/collectd-router.err" \
		>"$LAB_DIR/collectd"
	chmod 755 "$LAB_DIR/collectd"
	lab_router collectdmon -P "$LAB_DIR/monitor.pid" -c "$LAB_DIR/collectd" -- \
		-C "$LAB_DIR/collectd-router/conf"
	lab_eventually 20 collectd_read 3
	pid=$(collectd_monitored)
	kill -HUP "$(cat "$LAB_DIR/monitor.pid")"
	lab_eventually 20 collectd_monitored_anew "$pid"
	rows=$(collectd_rows host/bool-up | wc -l)
	lab_eventually 20 collectd_has_rows host/bool-up $((rows + 3))
	kill -TERM "$(cat "$LAB_DIR/monitor.pid")"
	lab_eventually 20 collectd_unmonitored
	[ "$(collectd_count 'Exiting normally')" = 2 ]
	nothing_found
}

case_a_stop_at_any_moment()
{
	local tries=9

	begin wans=6
	sanitized
	load bulk
	# So that a moment of it is mostly within a read or a poll.
	COLLECTD_INTERVAL=0.01
	while [ $tries -gt 0 ]; do
		tries=$((tries - 1))
		collectd_start 'Interval "100ms"' "StateDir \"$LAB_DIR/state\""
		[ $((tries % 3)) = 0 ] || lab_eventually 20 collectd_read $((tries * 7))
		ends_clean
	done
}

# ---- what they use ----

# The runtime comes before everything else in a process that was not built with it. Stacks are unwound
# slowly: libraries and collectd have no frame pointers.
sanitized()
{
	COLLECTD_THROUGH="env LD_PRELOAD=$LIBASAN LSAN_OPTIONS=exitcode=0 \
ASAN_OPTIONS=detect_leaks=1:fast_unwind_on_malloc=0 UBSAN_OPTIONS=print_stacktrace=1"
}

ends_clean()
{
	local status=0

	lab_alive "collectd-$LAB_PLACE"
	collectd_stop || status=$?
	nothing_found
	[ "$status" = 0 ]
	collectd_says 'Exiting normally'
}

# On its stderr, but for what collectd itself says there. What collectd has allocated, and not for us, is
# its own loss: it is so with a LoadPlugin of what is loaded already.
nothing_found()
{
	awk '
		function told() { if (text != "" && !own) print text; text = "" }
		/^\[/ { next }
		/^(Direct|Indirect) leak of / { leak = 1; own = 0; text = $0; next }
		leak && /^ *#1 / { own = /\(\/usr\/sbin\/collectd\+/ }
		leak && /^ *#[0-9]/ && /mptcp(\.c|[^ ]*\.so)/ { own = 0 }
		leak && $0 == "" { told(); leak = 0; next }
		leak { text = text "\n" $0; next }
		!/^=*$/ && !/ERROR: LeakSanitizer: detected memory leaks$/ &&
			!/^SUMMARY: AddressSanitizer: [0-9]* byte\(s\) leaked/
		END { told() }' "$LAB_DIR/collectd-$LAB_PLACE.err" >"$LAB_DIR/found"
	[ -s "$LAB_DIR/found" ] || return 0
	sed 's/^/#   /' "$LAB_DIR/found" >&2
	return 1
}

possible()
{
	collectd_possible || return
	command -v collectdmon >/dev/null || { echo "collectdmon is not installed"; return 1; }
	[ -e "$LIBASAN" ] || { echo "the plugin was built without sanitizers"; return 1; }
}

LIBASAN=$(ldd "$COLLECTD_OURS" 2>/dev/null | awk '/libasan/ { print $3 }')
if ! reason=$(possible); then
	echo "1..0 # SKIP $reason"
	exit 0
fi
run_cases
