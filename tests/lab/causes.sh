# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2119,SC2120	# arguments that may be left out
#
# What the causes_*.sh have in common: a case breaks one thing on the real kernel, lets traffic run,
# and asks for the state and the cause of every WAN, the advice, and the alarm: raised once, and
# cleared once after the cure. That the thing is broken as meant, the kernel says first (`joined`).
# Source lab.sh, cases.sh, agent.sh and alarms.sh, then this file.
#
# An alarm comes after the hold-down of 4 s and three polls, ALARM_S in all with time to spare on a
# busy machine; a state needs the window, the join grace and the first polls, STATE_S in all.

ALARM_S=12
STATE_S=20

# begin [OPTION of lab_up]...: slow lines, that little load fills, with short queues, that what ends
# has ended soon; and somebody at the far end who answers.
begin()
{
	lab_up rate=2mbit queue=64kb "$@"
	server
}

server()
{
	lab_start server vps "$LAB_BIN/traffic" server -p 5000 --for 300 "$@"
	lab_eventually 5 lab_listens vps 5000
}

# An agent that has seen all of three lines carry.
watched()
{
	begin wans=3
	alarms_watch
	load bulk
	lab_eventually "$STATE_S" wans_are carrying carrying carrying
}

# load NAME [OPTION of traffic client]...: two connections that send as much as goes, or as told.
load()
{
	local name=$1

	shift
	lab_start "$name" router "$LAB_BIN/traffic" client -a "$LAB_SERVICE" -p 5000 -n 2 \
		--up 1000000000000 --for 300 "$@"
}

# It is cut off, and what it had still to send goes with it.
unload()
{
	lab_stop "$1" || :
	lab_router ss -tK state connected exclude time-wait >/dev/null
}

reload()
{
	unload "$1"
	load "$@"
}

# joined wan1 wan2: by what ss sees, do these have a subflow, and no others?
joined()
{
	local wans

	wans=$(lab_carrying)
	echo "joined: $wans"
	[ "$wans" = "$*" ]
}

kernel_counted()
{
	lab_router nstat -asz "MPTcpExt$1" | awk '
		$1 ~ /^MPTcp/ { print; found = $2 > 0 }
		END { exit !found }'
}

# wan_blocks [LINE]: of the configuration, one for each WAN. Who is configured is known, also if it
# never had an endpoint.
wan_blocks()
{
	local k

	for k in $(seq "$LAB_WANS"); do
		printf 'wan "wan%s" { device = "wan%s"\n%s\n}\n' "$k" "$k" "${1:-}"
	done
}

# found SUBJECT CAUSE [PART]...: is there a finding of that WAN, or of `host`, and has its story all
# of these in it?
found()
{
	local row

	row=$(status_rows findings wan cause severity text now for_good far_end restart |
		grep "^$1 $2 ") || return
	printf '%s\n' "$row"
	lab_eventually 5 doctor_tells "$@" || return
	shift 2
	has_all "$row" "$@"
}

# eventually_in_trouble CAUSE wan5 wan6: these have that cause, and the alarm for it; no others.
eventually_in_trouble()
{
	local cause=$1 wan

	shift
	lab_eventually "$STATE_S" wan_cause "$@" = "$cause"
	only_these_have_a_cause "$@"
	for wan; do
		lab_eventually 5 doctor_tells "$wan" "$cause"
	done
	for wan; do
		shift
		set -- "$@" "$wan upButIdle"
	done
	eventually_alarmed "$@"
	for wan; do
		[ "$(wan_get Alarm "${wan% *}")" = true ]
	done
}

only_these_have_a_cause()
{
	local have

	have=$(wan_table Cause | awk -F '\t' '$2 != "none" { print $1 }' | sort -V | tr '\n' ' ')
	[ "$have" = "$* " ] || {
		wan_table State Cause
		lab_fail "these have a cause: $have"
	}
}

# eventually_alarmed "host fallback" ...: these alarms and no others; each was raised once.
eventually_alarmed()
{
	lab_eventually "$ALARM_S" alarms_are "$@"
	each_once raised "$@"
}

# eventually_cured "host fallback" ...: no alarm any more, and the whole story is that each of these
# was raised once and cleared once. A WAN alone means its upButIdle.
eventually_cured()
{
	local alarm

	lab_eventually "$ALARM_S" alarms_are
	for alarm; do
		shift
		case $alarm in *" "*) ;; *) alarm="$alarm upButIdle" ;; esac
		set -- "$@" "$alarm"
	done
	each_once "raised cleared" "$@"
	host_is WansInAlarm 0
	host_is Alarm false
}

# each_once "raised cleared" ALARM...: is that all of the log? In which order is not said.
each_once()
{
	local transitions=$1 transition alarm rows want=

	shift
	rows=$(status_rows alarm_log transition wan type | sort) || return
	printf '%s\n' "$rows"
	for transition in $transitions; do
		for alarm; do
			want="$want$transition $alarm
"
		done
	done
	[ "$rows" = "$(printf '%s' "$want" | sort)" ]
}
