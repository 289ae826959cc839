# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# SNMP while a router of eight lines has fifty thousand subflows, of which some end and others begin
# all the time; and under callgrind, what part of a request is ours. For scale.sh.

SNMP_SUBFLOWS=${SNMP_SUBFLOWS:-50000}
SNMP_SECONDS=${SNMP_SECONDS:-15}
SNMP_CHURN=100	# connections a second, beside those that are held

snmp_measured()
{
	local LINES=8

	# The first line's subflow is the connection's own, so it needs no endpoint of the eight.
	lab_up wans=8
	held $((SNMP_SUBFLOWS / LINES))
	held_complete $((SNMP_SUBFLOWS / LINES * LINES))
	churn_servers
	lab_agent_start -i 1s
	lab_eventually 60 host_has Subflows $((SNMP_SUBFLOWS / LINES * LINES))
	churn_begin $SNMP_CHURN $((SNMP_SECONDS * 2 + 5))
	lab_router timeout 120 "$BENCH/ask" "$(cat "$LAB_DIR/snmp-router/address")" "$SNMP_SECONDS" 10 >"$LAB_DIR/asked"
	note "bulk 10 $(tr '\n' ' ' <"$LAB_DIR/asked")"
	lab_router timeout 120 "$BENCH/ask" "$(cat "$LAB_DIR/snmp-router/address")" "$SNMP_SECONDS" 50 >"$LAB_DIR/asked"
	note "bulk 50 $(tr '\n' ' ' <"$LAB_DIR/asked")"
	note "host subflows $(host_get Subflows) wans $(host_get WansConfigured) accounting $(host_get Accounting)"
	[ "$(host_get WansConfigured)" = 8 ]
	[ "$(sed -n 's/^objects //p' "$LAB_DIR/asked")" -gt 400 ]
	churn_end || :
	held_signal CONT
}

# Instructions of the subagent's thread from here to there: all, and those of our handler with what it calls.
handler_measured()
{
	local pid

	command -v callgrind_annotate >/dev/null || lab_fail "valgrind is not installed"
	lab_up wans=8
	held 20
	held_complete 160
	lab_snmpd_start
	echo 'bpf = false' >"$LAB_DIR/none.conf"
	lab_start agent-router router valgrind --tool=callgrind --separate-threads=yes --instr-atstart=no \
		--callgrind-out-file="$LAB_DIR/callgrind" "$LAB_AGENT" -f -i 60s -c "$LAB_DIR/none.conf" \
		-x "$LAB_DIR/snmp-router/agentx" -s "$LAB_DIR/state" --run-dir "$LAB_DIR/run"
	lab_eventually 60 host_has Polls 1
	pid=$(cat "$LAB_DIR/agent-router.pid")
	callgrind_control -i on "$pid" >/dev/null
	lab_router timeout 120 "$BENCH/ask" "$(cat "$LAB_DIR/snmp-router/address")" 3 10 >"$LAB_DIR/asked"
	callgrind_control -i off "$pid" >/dev/null
	callgrind_control -d "$pid" >/dev/null
	lab_stop agent-router || :
	cp "$LAB_DIR"/callgrind* "$SCALE_NOTES/.." 2>/dev/null || :
	handler_shares
}

# Of the thread that has the handler in it.
handler_shares()
{
	local file all ours

	for file in "$LAB_DIR"/callgrind*; do
		callgrind_annotate --inclusive=yes --threshold=100 "$file" >"$LAB_DIR/annotated" 2>/dev/null || continue
		ours=$(sed -n 's/^ *\([0-9,]*\) .*handler\.c:handle .*/\1/p' "$LAB_DIR/annotated" | tr -d , | head -n 1)
		[ -n "$ours" ] || continue
		all=$(sed -n 's/^ *\([0-9,]*\) .*PROGRAM TOTALS.*/\1/p' "$LAB_DIR/annotated" | tr -d ,)
		note "handler instructions $ours all $all $(tr '\n' ' ' <"$LAB_DIR/asked")"
		return 0
	done
	lab_say "no handler was seen"
	return 1
}
