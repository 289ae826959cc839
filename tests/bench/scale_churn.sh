# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2016	# programs of awk and sh
#
# Two agents in one namespace and the same churn for both: one counts by BPF, one by netlink. Each
# connection has a subflow on every line, says a kilobyte both ways within 0.2 s, and ends. For
# scale.sh.

CHURN_SECONDS=${CHURN_SECONDS:-10}
CHURNERS=4	# programs that make it
SHARE_RATE=1000
SHARE_HZ=2000

churn_measured()
{
	local rate

	lab_up wans=$LINES
	echo 'bpf = false' >"$LAB_DIR/events.conf"
	scaled_start exact
	scaled_start events
	churn_servers
	churn_window idle churn_nothing
	for rate in $RATES; do
		churn_window "$rate" churn "$rate"
	done
	share_window "$SHARE_RATE"
}

churn_servers()
{
	local k

	for k in $(seq $CHURNERS); do
		lab_start "churn-server$k" vps "$LAB_BIN/traffic" server -p "600$k" --for 600
		lab_eventually 10 lab_listens vps "600$k"
	done
}

# churn_begin RATE [SECONDS]: in the background, by as many programs as there are servers.
churn_begin()
{
	local k seconds=${2:-$CHURN_SECONDS}

	for k in $(seq $CHURNERS); do
		lab_start "churn$k" router "$LAB_BIN/traffic" client -a "$LAB_SERVICE" -p "600$k" \
			-n $(($1 * seconds / CHURNERS)) -j 4000 --per-second $(($1 / CHURNERS)) \
			--up 1000 --down 1000 --kbit 40 --for 120
	done
}

# Where the machine is too busy some connections fail, or are cut off: they are counted, too.
churn_end()
{
	local k

	for k in $(seq $CHURNERS); do
		lab_wait "churn$k" || :
		cat "$LAB_DIR/churn$k.out"
	done >"$LAB_DIR/churned"
	tr ' ' '\n' <"$LAB_DIR/churned" | awk -F = '
		{ sum[$1] += $2 }
		END { printf "connections %d failed %d unfinished %d\n", sum["connections"], sum["failed"], sum["unfinished"] }
	' >"$LAB_DIR/churned.sums"
}

churn()
{
	churn_begin "$1"
	churn_end
}

churn_nothing()
{
	echo "connections 0" >"$LAB_DIR/churned.sums"
	lab_window "$CHURN_SECONDS"
}

# churn_window NAME CMD...: what both agents and the kernel took for it, and what they saw. A window
# ends with a poll that has nothing left to count.
churn_window()
{
	local name=$1 agent start elapsed made differs

	shift
	made=$(subflows_made)
	for agent in exact events; do
		churn_sums "$agent" >"$LAB_DIR/before.$agent"
	done
	accounting_watch "$name"
	start=$(lab_clock)
	"$@"
	elapsed=$(($(lab_clock) - start))
	for agent in exact events; do
		lab_eventually 60 all_ended "$agent"
	done
	lab_stop watch || :
	for agent in exact events; do
		churn_sums "$agent" >"$LAB_DIR/after.$agent"
		note "$name $agent" "$(churn_difference "$agent")" \
			"seconds $((($(lab_clock) - start) / 100))" \
			"accounting $(sed -n "s/^$agent //p" "$LAB_DIR/watch.out" | sort -u | paste -sd, -)"
	done
	note "$name load $(cat "$LAB_DIR/churned.sums") ms $((elapsed * 10))"
	# By BPF each ending is counted, or it is told that some were lost. One in a thousand more or less:
	# of a first subflow that fell back the kernel's counter does not tell.
	made=$(($(subflows_made) - made))
	[ "$name" = idle ] || [ $made -gt 0 ] || lab_fail "no subflow was made"
	differs=$(($(churn_value exact closed) - made))
	[ $((differs * differs * 1000000)) -le $((made * made)) ] || [ "$(churn_value exact lost)" -gt 0 ] || {
		lab_say "$(churn_value exact closed) endings, of $made subflows"
		return 1
	}
}

# By the kernel's counters of SYN/ACKs: on a busy machine a connection may end before it has had all of
# its subflows.
subflows_made()
{
	lab_router awk '
		$1 == "MPTcpExt:" && !names { names = split($0, name, " "); next }
		$1 == "MPTcpExt:" {
			for (i = 2; i <= names; i++)
				if (name[i] == "MPCapableSYNACKRX" || name[i] == "MPJoinSynAckRx")
					made += $i
			print made + 0
		}' /proc/net/netstat
}

# What holds at any moment of the churn is told of the time since the poll before.
accounting_watch()
{
	lab_start watch host sh -c '
		while sleep 0.5; do
			for agent in exact events; do
				sed "s/.*\"accounting\": *\"\([a-z]*\)\".*/$agent \1/; t; d" "$0/$agent/run/status.json"
			done
		done' "$LAB_DIR"
}

# Sums of one agent: key and value a line.
churn_sums()
{
	echo "cpu_ns $(scaled_ns "$1")"
	echo "closed $(scaled_sum "$1" subflows_closed)"
	echo "lost $(scaled_says "$1" events_lost)"
	echo "truncated $(scaled_says "$1" truncated_subflows)"
	echo "out_octets $(scaled_sum "$1" out_octets)"
	echo "polls $(scaled_says "$1" polls)"
}

churn_difference()
{
	awk 'NR == FNR { before[$1] = $2; next }
		{ printf("%s%s %.0f", (FNR > 1 ? " " : ""), $1, $2 - before[$1]) }' \
		"$LAB_DIR/before.$1" "$LAB_DIR/after.$1"
}

churn_value()
{
	churn_difference "$1" | tr ' ' '\n' | sed -n "/^$2\$/{n; p;}"
}

# Nothing lives any more, by a poll that began after the last ending.
all_ended()
{
	local polls

	polls=$(scaled_says "$1" polls)
	lab_eventually 20 scaled_has "$1" polls $((polls + 1)) || return
	echo "$1: $(scaled_says "$1" subflows) subflows are left"
	[ "$(scaled_says "$1" subflows)" = 0 ]
}

# ---- the kernel's share ----

# share_window RATE: what the kernel takes for telling of lives. Over netlink by samples of its stacks
# (a sample is 1/SHARE_HZ s of one core), our program by the kernel's own clock of BPF programs; both
# agents are told of the same churn. A window of its own, for to look so closely costs all the others.
share_window()
{
	local closed

	if ! command -v perf >/dev/null || [ ! -x "$BENCH/bpf_clock" ]; then
		lab_say "perf is not installed, or no BPF"
		return 0
	fi
	lab_start clock host "$BENCH/bpf_clock"
	lab_eventually 10 grep -qx ready "$LAB_DIR/clock.out"
	closed=$(scaled_sum exact subflows_closed)
	bpf_ran >"$LAB_DIR/before.bpf"
	lab_start perf host perf record -q -a -g -F $SHARE_HZ -e cpu-clock:k -o "$LAB_DIR/perf.data"
	churn "$1"
	lab_kill perf INT
	lab_wait perf || :
	lab_eventually 60 all_ended exact
	bpf_ran >"$LAB_DIR/after.bpf"
	closed=$(($(scaled_sum exact subflows_closed) - closed))
	perf script -i "$LAB_DIR/perf.data" -F ip,sym 2>/dev/null | netlink_samples >"$LAB_DIR/share"
	note "share $1 closed $closed hz $SHARE_HZ $(cat "$LAB_DIR/share")" \
		"$(churn_difference bpf)"
	lab_stop clock || :
}

bpf_ran()
{
	cat "/proc/$(cat "$LAB_DIR/exact.pid")/fdinfo"/* 2>/dev/null |
		awk '$1 == "run_time_ns:" { ns += $2 } $1 == "run_cnt:" { calls += $2 }
			END { printf "bpf_ns %.0f\nbpf_calls %.0f\n", ns, calls }'
}

# A sample is a line for each frame, and an empty one.
netlink_samples()
{
	awk '
		/ (sock_diag_broadcast_destroy|sock_diag_broadcast_destroy_work|mptcp_event)$/ { in_it = 1 }
		NF == 0 { samples++; netlink += in_it; in_it = 0 }
		END { printf "samples %d netlink %d\n", samples, netlink }'
}
