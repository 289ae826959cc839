# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2015,SC2119,SC2120	# A && B || fail; arguments may be left out
#
# collectd with our plugin in the lab, and words to ask what it has got. Source lab.sh and agent.sh
# first, then this file. It is at the router, unless lab_at says otherwise.
#
#	lab_up wans=2
#	collectd_start 'Interval 1'			lines of <Plugin mptcp>
#	[ "$(collectd_get wan1/count-state)" = 9 ]
#
# What else it is to load is in $LAB_DIR/collectd-PLACE.more; COLLECTD_THROUGH is a command that it
# is run by. All of it lives in LAB_DIR.

: "${builddir:?where it was built}"
COLLECTD_INTERVAL=1	# between reads
COLLECTD_THROUGH=
COLLECTD_PLUGINS=/usr/lib/collectd	# the stock ones
COLLECTD_OURS=$builddir/.libs/mptcp.so

# Is a test with collectd possible here? Says why not, and returns 1.
collectd_possible()
{
	command -v collectd >/dev/null || { echo "collectd is not installed"; return 1; }
	[ -e "$COLLECTD_OURS" ] || { echo "the plugin was not built"; return 1; }
}

collectd_has()
{
	[ -e "$COLLECTD_PLUGINS/$1.so" ] && ! ldd "$COLLECTD_PLUGINS/$1.so" | grep -q 'not found'
}

# collectd_write [LINE of <Plugin mptcp>]...; without a line there is no such block. It refuses
# plugins that are links, and loads them from one folder only: the stock ones are copied.
collectd_write()
{
	local dir=$LAB_DIR/collectd-$LAB_PLACE plugin

	mkdir -p "$dir/plugins"
	cp "$COLLECTD_OURS" "$dir/plugins/"
	touch "$dir.more"
	for plugin in csv logfile $(sed -n 's/^ *LoadPlugin  *//p' "$dir.more"); do
		[ "$plugin" = mptcp ] || [ -e "$dir/plugins/$plugin.so" ] ||
			cp "$COLLECTD_PLUGINS/$plugin.so" "$dir/plugins/"
	done
	{
		cat <<-END
			Hostname "$LAB_PLACE"
			FQDNLookup false
			BaseDir "$dir"
			PIDFile "$dir/pid"
			PluginDir "$dir/plugins"
			TypesDB "/usr/share/collectd/types.db"
			Interval $COLLECTD_INTERVAL
			LoadPlugin logfile
			<Plugin logfile>
				LogLevel info
				File "$dir/log"
			</Plugin>
			LoadPlugin csv
			<Plugin csv>
				DataDir "$dir/csv"
			</Plugin>
		END
		cat "$dir.more"
		echo "LoadPlugin mptcp"
		[ $# = 0 ] || {
			echo "<Plugin mptcp>"
			printf '%s\n' "CpuBudget 100" "$@"
			echo "</Plugin>"
		}
	} >"$dir/conf"
}

# As collectd_write; returns when collectd reads.
collectd_start()
{
	collectd_write "$@"
	collectd_run
}

collectd_run()
{
	local dir=$LAB_DIR/collectd-$LAB_PLACE

	: >"$dir/log"
	# shellcheck disable=SC2086 # words
	eval "set -- $COLLECTD_THROUGH"
	lab_start "collectd-$LAB_PLACE" "$LAB_PLACE" "$@" collectd -f -C "$dir/conf"
	lab_eventually 30 collectd_says 'entering read-loop' || {
		sed 's/^/#   /' "$LAB_DIR/collectd-$LAB_PLACE.err" >&2
		lab_fail "collectd at $LAB_PLACE does not start"
	}
}

# Times as short as those of alarms_watch (alarms.sh), by the names of collectd.
collectd_short()
{
	lab_router sysctl -qw net.ipv4.tcp_syn_retries=1
	lab_vps sysctl -qw net.ipv4.tcp_syn_retries=1
	collectd_start 'Interval 1' 'Window 3' 'PressureWindow 3' 'JoinGrace 2' 'RaiseAfter 4' \
		'RaiseIdleAfter "4s"' 'ClearAfter 2' 'FarSilentAfter 4' "$@"
}

# Returns its exit status.
collectd_stop()
{
	lab_stop "collectd-$LAB_PLACE"
}

# Its threads of that name, one a line.
collectd_threads()
{
	local task

	for task in "/proc/$(cat "$LAB_DIR/collectd-$LAB_PLACE.pid")/task"/*; do
		[ "$(cat "$task/comm")" != "$1" ] || echo "${task##*/}"
	done
}

# collectd_among CMD...: CMD, among what is mounted for it alone.
collectd_among()
{
	nsenter --mount --target "$(cat "$LAB_DIR/collectd-$LAB_PLACE.pid")" "$@"
}

# The one that collectdmon runs; collectd_monitored_anew PID: that is another by now. collectdmon has
# its pid in $LAB_DIR/monitor.pid, as long as it runs.
collectd_monitored()
{
	pgrep -P "$(cat "$LAB_DIR/monitor.pid")"
}

collectd_monitored_anew()
{
	local pid

	pid=$(collectd_monitored) || return
	[ "$pid" != "$1" ]
}

collectd_unmonitored()
{
	[ ! -e "$LAB_DIR/monitor.pid" ]
}

# collectd_ends_well: it is alive, ends by itself, and has not been told of less and less.
collectd_ends_well()
{
	lab_alive "collectd-$LAB_PLACE"
	collectd_stop
	collectd_says 'Exiting normally'
	collectd_never 'suspended\|read-function'
}

# How many lines of its log are like that.
collectd_count()
{
	grep -c -e "$1" "$LAB_DIR/collectd-$LAB_PLACE/log"
}

# collectd_says PATTERN: in its log. collectd_once: in exactly one line; collectd_never: in none. If
# that is not so, they show it.
collectd_says()
{
	grep -q -e "$1" "$LAB_DIR/collectd-$LAB_PLACE/log" || collectd_shows
}

collectd_once()
{
	[ "$(collectd_count "$1")" = 1 ] || {
		lab_say "not one line like: $1"
		collectd_shows
	}
}

collectd_never()
{
	local log=$LAB_DIR/collectd-$LAB_PLACE/log

	[ -s "$log" ] || { lab_say "collectd has no log"; return 1; }
	! grep -q -e "$1" "$log" || collectd_shows
}

collectd_shows()
{
	sed 's/^/#   /' "$LAB_DIR/collectd-$LAB_PLACE/log" >&2
	return 1
}

# ---- values ----

# All names that it has got values of, as wan1/count-state.
collectd_names()
{
	find "$LAB_DIR/collectd-$LAB_PLACE/csv" -path '*/mptcp-*' -type f |
		sed 's!.*/mptcp-!!; s/-[0-9]*-[0-9]*-[0-9]*$//' | sort -u
}

# collectd_rows wan1/count-state: time and numbers of each row, commas between.
collectd_rows()
{
	local file

	for file in "$LAB_DIR/collectd-$LAB_PLACE/csv"/*/mptcp-"$1"-[0-9]*; do
		[ ! -e "$file" ] || grep -v '^epoch' "$file"
	done
}

# collectd_get wan1/if_octets: the numbers of the last row; - for none. Whole ones without a point.
collectd_get()
{
	collectd_rows "$1" | awk -F , '
		{ last = $0 }
		END {
			if (last == "") {
				print "-"
				exit
			}
			n = split(last, field, ",")
			for (i = 2; i <= n; i++) {
				if (field[i] ~ /\./)
					sub(/\.?0*$/, "", field[i])
				out = out (i > 2 ? "," : "") (field[i] == "" ? 0 : field[i])
			}
			print out
		}'
}

# collectd_is wan1/bool-alarm 1
collectd_is()
{
	local value

	value=$(collectd_get "$1")
	echo "$1 is $value"
	[ "$value" = "$2" ]
}

# collectd_read N: that many reads at least have brought values, by what each read brings.
collectd_read()
{
	[ "$(collectd_rows host/bool-up | wc -l)" -ge "$1" ]
}

collectd_has_rows()
{
	[ "$(collectd_rows "$1" | wc -l)" -ge "$2" ]
}

# ---- notifications ----

# collectd does not run programs as root; one of nobody's writes each notification to a file.
collectd_tells_a_program()
{
	chmod 755 "$LAB_DIR"
	mkdir -p "$LAB_DIR/told"
	chmod 777 "$LAB_DIR/told"
	cat >"$LAB_DIR/tell" <<-END
		#!/bin/sh
		cd "$LAB_DIR/told" && cat >".\$\$" && {
			until ln ".\$\$" "\${n:=1}" 2>/dev/null; do n=\$((n + 1)); done
			rm ".\$\$"
		}
	END
	chmod 755 "$LAB_DIR/tell"
	cat >>"$LAB_DIR/collectd-router.more" <<-END
		LoadPlugin exec
		<Plugin exec>
			NotificationExec "nobody" "$LAB_DIR/tell"
		</Plugin>
	END
}
