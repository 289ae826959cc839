# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Agents that are measured in the lab without a master, and notes of what was measured. Source lab.sh
# and agent.sh first. SCALE_NOTES is the folder that holds the notes, for report.py: a file each case.

# begins CASE: what was noted of it by an earlier run goes. Each says which run it is of: figures of
# several must not pass for those of one.
SCALE_RUN=$(date -u +%Y-%m-%dT%H:%M:%SZ)

begins()
{
	SCALE_CASE=$1
	echo "run $SCALE_RUN" >"$SCALE_NOTES/$1"
}

# note KEY VALUE...: of this case.
note()
{
	printf '%s\n' "$*" >>"$SCALE_NOTES/$SCALE_CASE"
	lab_say "$*"
}

# scaled_start NAME [OPTION]...: an agent that nobody asks; its configuration is $LAB_DIR/NAME.conf.
scaled_start()
{
	scaled_start_at router "$@"
}

# scaled_start_at SIDE NAME [OPTION]...
scaled_start_at()
{
	local side=$1 name=$2 dir=$LAB_DIR/$2

	shift 2
	mkdir -p "$dir"
	[ -e "$dir.conf" ] || : >"$dir.conf"
	# Polls at the interval that was asked for, whatever they take.
	echo 'cpu-budget = 100' >>"$dir.conf"
	# shellcheck disable=SC2086 # words of a command, or none
	lab_start "$name" "$side" ${SCALED_THROUGH:-} "$LAB_AGENT" -f -c "$dir.conf" -x "$dir/agentx" -s "$dir/state" \
		--run-dir "$dir/run" "$@"
	lab_eventually 30 scaled_has "$name" polls 1
}

# A number or a word of the host, from an agent's status file.
scaled_says()
{
	tr ',{}' '\n' <"$LAB_DIR/$1/run/status.json" |
		sed -n "s/^[[:space:]]*\"$2\": *\"\{0,1\}\([^\"]*\)\"\{0,1\}$/\1/p" | head -n 1
}

scaled_has()
{
	local value

	value=$(scaled_says "$1" "$2")
	echo "$1: $2 is $value"
	[ "${value:--1}" -ge "$3" ]
}

# scaled_sum NAME KEY: the sum over its lines.
scaled_sum()
{
	tr ',{}' '\n' <"$LAB_DIR/$1/run/status.json" |
		awk -F ': *' -v key="\"$2\"" '{ sub(/^[ \t]*/, "") } $1 == key { sum += $2 } END { printf "%.0f\n", sum }'
}

# CPU time of all its threads, in ns: the ticks of /proc/PID/stat are as long as some polls.
scaled_ns()
{
	cat "/proc/$(cat "$LAB_DIR/$1.pid")/task"/*/schedstat | awk '{ ns += $1 } END { printf "%.0f\n", ns }'
}

scaled_anonymous_kib()
{
	sed -n 's/^RssAnon:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$(cat "$LAB_DIR/$1.pid")/status"
}

# scaled_us_a_poll NAME POLLS: from just after one poll to just after the last of those that follow.
scaled_us_a_poll()
{
	local polls before

	polls=$(scaled_says "$1" polls)
	lab_eventually 60 scaled_has "$1" polls $((polls + 1)) || return
	polls=$(scaled_says "$1" polls)
	before=$(scaled_ns "$1")
	lab_eventually 120 scaled_has "$1" polls $((polls + $2)) || return
	echo $((($(scaled_ns "$1") - before) / ($(scaled_says "$1" polls) - polls) / 1000))
}
