# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Figures of a fault: what was asked and what was measured, side by side on stderr. Source lab.sh first.
# Times are asserted at five times what is asked, because machines are shared; all else as it is.

# took_at_most WHAT HUNDREDTHS GOAL_S: a time, of lab_clock.
took_at_most()
{
	lab_say "$1: $(awk -v cs="$2" 'BEGIN { printf("%.2f", cs / 100) }') s; $3 s asked"
	[ "$2" -le $(($3 * 500)) ]
}

# is_at_most WHAT NUMBER GOAL UNIT
is_at_most()
{
	lab_say "$1: $2 $4; at most $3 asked"
	[ "$2" -le "$3" ]
}

# Hundredths of a second until CMD succeeds; 1 if it does not within LIMIT seconds: until_it LIMIT CMD...
until_it()
{
	local start limit=$1

	shift
	start=$(lab_clock)
	until "$@" >/dev/null 2>&1; do
		[ $(($(lab_clock) - start)) -lt $((limit * 100)) ] || { lab_say "not within $limit s: $*"; return 1; }
		sleep 0.02
	done
	echo $(($(lab_clock) - start))
}

median()
{
	sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# Of a process: its anonymous memory in KiB, and its descriptors.
rss_kib()
{
	sed -n 's/^RssAnon:[^0-9]*\([0-9]*\) kB$/\1/p' "/proc/$1/status"
}

# The least of some looks: one that is open for a moment, as of a file that is written, is none.
fds_of()
{
	local look

	for look in 1 2 3 4 5 6 7 8 9 10; do
		[ "$look" = 1 ] || sleep 0.07
		find "/proc/$1/fd" -mindepth 1 | wc -l
	done | sort -n | head -n 1
}
