# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# A load that is held: many connections that stay open, and say nothing while something is measured,
# because their programs are stopped. Source lab.sh first.

HELD_EACH=4000	# connections of one process of traffic: it takes no more than 4096
HELD_PORT=5000	# of the next one

# held COUNT [OPTION of traffic's client]...: so many more, for as long as the bench may take.
held()
{
	local left=$1 count plain=

	shift
	case " $* " in *" --plain "*) plain=--plain ;; esac
	while [ "$left" -gt 0 ]; do
		count=$((left < HELD_EACH ? left : HELD_EACH))
		# shellcheck disable=SC2086 # a word or none
		lab_start "server$HELD_PORT" vps "$LAB_BIN/traffic" server -p $HELD_PORT $plain --for 900
		lab_eventually 10 lab_listens vps $HELD_PORT
		lab_start "held$HELD_PORT" router "$LAB_BIN/traffic" client -a "$LAB_SERVICE" -p $HELD_PORT \
			-n "$count" -j "$count" --per-second 400 --up 100000000 --kbit 1 --for 900 "$@"
		left=$((left - count))
		HELD_PORT=$((HELD_PORT + 1))
	done
}

# held_complete SUBFLOWS [PLAIN]: waits until so many are there; then nobody says anything.
held_complete()
{
	lab_eventually 240 sockets_in_use $(($1 + ${2:-0}))
	lab_eventually 60 ss_sees "$1"
	held_signal STOP
}

held_signal()
{
	local file

	for file in "$LAB_DIR"/held*.pid "$LAB_DIR"/server*.pid; do
		file=${file##*/}
		lab_kill "${file%.pid}" "$1"
	done
}

# What takes no long dump to see: at least so many TCP sockets, subflows included.
sockets_in_use()
{
	local seen

	seen=$(lab_router sed -n 's/^TCP: inuse \([0-9]*\) .*/\1/p' /proc/net/sockstat)
	echo "$seen sockets are in use"
	[ "$seen" -ge "$1" ]
}

ss_sees()
{
	local seen

	seen=$(lab_router ss -HtniO state established | grep -c tcp-ulp-mptcp) || :
	echo "ss sees $seen subflows"
	[ "$seen" = "$1" ]
}
