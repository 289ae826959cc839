# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2119	# words without their optional arguments
#
# A soak: connections that come and go, walks without end, and an snmpd that begins anew every 20 s. Source
# lab.sh, agent.sh and figures.sh first; home is tests/soak. What it did is in $LAB_DIR/slope.out.

# soak SECONDS WARM_UP_S
soak()
{
	local start agent restarts=0

	lab_up wans=3
	lab_start server vps "$LAB_BIN/traffic" server -p 5000 --for $(($1 + 120))
	lab_eventually 5 lab_listens vps 5000
	lab_agent_start -i 500ms
	agent=$(cat "$LAB_DIR/agent-router.pid")
	lab_start steady router "$LAB_BIN/traffic" client -a "$LAB_SERVICE" -p 5000 -n 2 -j 2 \
		--up 100000000000 --kbit 2000 --for $(($1 + 120))
	lab_start churn router "$LAB_BIN/traffic" client -a "$LAB_SERVICE" -p 5000 -n 100000000 --per-second 20 \
		--up 2000 --down 5000 --close alternate --for $(($1 + 120))
	soak_walks
	lab_start slope host python3 "${home:?tests/soak}/slope.py" "$agent" "$2"
	start=$(lab_clock)
	while [ $(($(lab_clock) - start)) -lt $(($1 * 100)) ]; do
		lab_eventually 40 soak_over "$start" $((restarts * 20 + 20))
		lab_alive agent-router
		lab_snmpd_stop || :
		lab_snmpd_start
		lab_eventually 20 host_has Polls 1
		restarts=$((restarts + 1))
	done
	lab_stop slope
	echo "$restarts $1" >"$LAB_DIR/restarts"
	lab_stop churn || :
	lab_alive agent-router
	host_is Accounting exact
	host_is EventsLost 0
	lab_say "$(host_get Polls) polls, $(wc -l <"$LAB_DIR/walks.out") walks, $restarts restarts of snmpd," \
		"$(wan_get SubflowsClosed wan1) subflows of wan1 came and went"
}

soak_walks()
{
	lab_start walks router env MIBS= SNMPCONFPATH="$LAB_DIR/snmp-router" \
		SNMP_PERSISTENT_DIR="$LAB_DIR/snmp-router/persistent" sh -c "while :; do
			snmpbulkwalk -v 2c -c public -t 1 -r 0 -On $(cat "$LAB_DIR/snmp-router/address") \
				1.3.6.1.4.1.8072.9999.9999.262 >/dev/null 2>&1
			echo walked
			sleep 0.2
		done"
}

soak_over()
{
	[ $(($(lab_clock) - $1)) -ge $(($2 * 100)) ]
}

# soak_is_flat SLOPE_MOST GAIN_MOST: KiB an hour (- for a run too short to tell), and KiB, of which the
# last tenth is compared with the first. What net-snmp loses is not ours, and is taken off: each
# time that a master goes, 110 octets (128 of the heap) of an address that netsnmp_unix_recv() makes
# and _sess_read() forgets at the end of the stream (5.9.3, which is Debian's).
soak_is_flat()
{
	local samples slope gained fds restarts seconds theirs

	read -r samples slope gained fds <"$LAB_DIR/slope.out"
	lab_say "$samples samples: slope $slope KiB an hour; more than ever at $(awk '{ printf("%d s: %d KiB, ", $1, $2) }' \
		"$LAB_DIR/slope.err")and no more after that"
	[ "$samples" -gt 20 ] || lab_fail "too few samples to tell anything"
	read -r restarts seconds <"$LAB_DIR/restarts"
	theirs=$((restarts * 128 / 1024))
	lab_say "$gained KiB gained; $theirs KiB of all that are net-snmp's"
	[ "$1" = - ] || is_at_most "slope of its memory" $((slope - theirs * 3600 / seconds)) "$1" "KiB an hour"
	is_at_most "memory gained after the warm-up" $((gained - theirs * 9 / 10)) "$2" KiB
	is_at_most "descriptors gained after the warm-up" "$fds" 0 descriptors
}
