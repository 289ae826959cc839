# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Where the commands of a lab run, in the foreground and beside it, and how to wait for what they do.
# lab.sh sources this file and has what it is made of.

LAB_PLACE=router	# router, vps, or host for the machine itself

lab_netns()
{
	case $1 in
	router) echo "$LAB_ROUTER" ;;
	vps)    echo "$LAB_VPS" ;;
	*)      lab_fail "no such place as '$1': router or vps" ;;
	esac
}

lab_router()
{
	ip netns exec "$LAB_ROUTER" "$@"
}

lab_vps()
{
	ip netns exec "$LAB_VPS" "$@"
}

# lab_at_place CMD...: in the namespace of LAB_PLACE.
lab_at_place()
{
	case $LAB_PLACE in
	host) "$@" ;;
	*)    "lab_$LAB_PLACE" "$@" ;;
	esac
}

# lab_at router|vps|host CMD...: a word of the lab, with LAB_PLACE there.
lab_at()
{
	local LAB_PLACE=$1

	shift
	"$@"
}

# Starts a command in the background: lab_start NAME router|vps|host CMD...
# Its output goes to $LAB_DIR/NAME.out and NAME.err; exec, so that the pid kept is its own.
lab_start()
{
	local name=$1 where=$2 ns=

	shift 2
	[ "$where" = host ] || ns=$(lab_netns "$where") || exit 1
	(
		[ -z "$ns" ] || exec ip netns exec "$ns" "$@"
		exec "$@"
	) >"$LAB_DIR/$name.out" 2>"$LAB_DIR/$name.err" &
	echo $! >"$LAB_DIR/$name.pid"
}

# Both return the command's exit status. Only the shell that started it can wait for it.
lab_wait()
{
	local pid status=0

	read -r pid <"$LAB_DIR/$1.pid" || lab_fail "'$1' was not started"
	wait "$pid" || status=$?
	rm -f "$LAB_DIR/$1.pid"
	[ "$status" = 0 ] || [ "$status" -gt 128 ] || lab_say "'$1' ended with $status: $(tail -qn 2 "$LAB_DIR/$1.out" "$LAB_DIR/$1.err" 2>/dev/null)"
	return "$status"
}

lab_stop()
{
	lab_kill "$1" TERM
	lab_wait "$1"
}

# lab_kill NAME SIGNAL: for commands that answer a signal without ending.
lab_kill()
{
	local pid

	read -r pid <"$LAB_DIR/$1.pid" || lab_fail "'$1' was not started"
	kill "-$2" "$pid" 2>/dev/null || :	# already ended: its status tells
}

# lab_eventually SECONDS CMD...: tries until CMD succeeds. At the end of the time it shows what CMD
# said last, and returns 1. CMD runs in a subshell; its own duration is not limited.
lab_eventually()
{
	local limit=$1 deadline output pause=0.1

	shift
	deadline=$(($(lab_clock) + limit * 100))
	until output=$("$@" 2>&1); do
		if [ "$(lab_clock)" -ge "$deadline" ]; then
			lab_say "not within $limit s: $*"
			[ -z "$output" ] || printf '%s\n' "$output" | sed 's/^/#   /' >&2
			return 1
		fi
		sleep "$pause"
		[ "$(lab_clock)" -lt "$((deadline - limit * 90))" ] || pause=0.5
	done
}

# Does anybody listen there? lab_listens router|vps PORT
lab_listens()
{
	ip netns exec "$(lab_netns "$1")" ss -Hltn "sport = $2" | grep -q .
}

# lab_others SIDE: 50 connections of plain TCP within it, until SIDE-others is stopped.
lab_others()
{
	lab_start "$1-others" "$1" python3 -c '
import signal, socket
listener = socket.create_server(("127.0.0.1", 6000), backlog=200)
held = []
for _ in range(50):
    held.append(socket.create_connection(("127.0.0.1", 6000)))
    held.append(listener.accept()[0])
print("ready", flush=True)
signal.pause()
'
	lab_eventually 20 grep -q ready "$LAB_DIR/$1-others.out"
}

# No MPTCP and no TCP socket is left but listeners and TIME_WAIT: all counters are final.
lab_no_sockets()
{
	local ns

	for ns in "$LAB_ROUTER" "$LAB_VPS"; do
		ip netns exec "$ns" ss -HtnM state connected exclude time-wait
		ip netns exec "$ns" ss -Htn state connected exclude time-wait
	done | awk '{ print } END { exit NR > 0 }'
}

# So long something is measured, or watched to stay as it is; to wait for a change is lab_eventually's.
lab_window()
{
	sleep "$1"
}

# Hundredths of a second since boot: a clock that nobody sets.
lab_clock()
{
	local uptime

	read -r uptime _ </proc/uptime
	echo "${uptime%.*}${uptime#*.}"
}
