#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2015,SC2016,SC2031,SC2119	# Zabbix's and jq's own dollars
#
# The shipped template in a real Zabbix, over SNMP, on the real kernel: its values, its problems, and
# its silence. Only its own macros are set otherwise than shipped. One Zabbix watches the routers of
# all cases. TAP on stdout.
# srcdir, builddir: source and build; LAB_BIN: where the built traffic is.

set -eu

: "${srcdir:=$(dirname "$0")/../..}" "${builddir:=$srcdir/build}"
srcdir=$(cd "$srcdir" && pwd) builddir=$(cd "$builddir" && pwd)
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
# shellcheck source=tests/nms/zabbix_words.sh
. "$srcdir/tests/nms/zabbix_words.sh"

SEED="subflows 3 add_addr_accepted 1"
IDLE_5="High wan5 is up but idle: subflow-limit"
IDLE_6="High wan6 is up but idle: subflow-limit"
BLIND="Average Monitor is blind: nothing heard of the lines for 30s"
TOLD_S=40	# a state, its alarm, and three polls by Zabbix

# ---- the cases, the longest first; each is named after what it shows ----

# What is silent says nothing of the lines: their problems stay, and are the same afterwards.
case_a_monitor_that_is_killed_or_gets_no_answer_is_blind()
{
	begin wans=3 router_limits="subflows 1 add_addr_accepted 1"
	watched_by_zabbix 'bpf = false'
	zabbix_set '{$MPTCP.ACCOUNTING.TIME}=10s'
	load bulk
	lab_eventually $TOLD_S problems_are "$IDLE_3" "$INEXACT"

	# A kernel that gives no answer: snmpd and the agent go on, the values get old.
	agent_stuck
	lab_eventually 60 problem_begins "Average Monitor is blind: no complete answer from the kernel for "
	lab_stop stuck || :
	lab_eventually $TOLD_S problems_are "$IDLE_3" "$INEXACT"

	lab_kill agent-router KILL
	lab_agent_stop || :
	lab_eventually 120 problems_are "$IDLE_3" "$INEXACT" "$BLIND"
	lab_agent_start -c "$LAB_DIR/alarms-router.conf"
	lab_eventually $TOLD_S problems_are "$IDLE_3" "$INEXACT"
}

case_the_two_lines_of_the_seed_are_problems_with_cause_and_advice_until_the_cure()
{
	begin wans=6 router_limits="$SEED"
	watched_by_zabbix
	problems_are
	load bulk --down 1000000000000
	lab_eventually 5 joined wan1 wan2 wan3 wan4
	lab_eventually $TOLD_S problems_are "$IDLE_5" "$IDLE_6"
	problem_says "${IDLE_5#* }" "wan5: no subflow; the subflow limit 3 leaves room for 1+3 lines of 6" \
		"Now: ip mptcp limits set subflows 5" "restart: "
	link_leads_to "${IDLE_5#* }" "https://runbook.example/mptcp-wan.md#subflow-limit"
	page_of_problems_has "set it to at least 5; ADD_ADDR accepted = 1 is not the constraint here. Now: "

	# A line that nobody wants to hear of.
	zabbix_set '{$MPTCP.WAN.MUTE:"wan6"}=1'
	lab_eventually 20 problems_are "$IDLE_5"
	zabbix_set '{$MPTCP.WAN.MUTE:"wan6"}=0'
	lab_eventually 20 problems_are "$IDLE_5" "$IDLE_6"
	zabbix_set '{$MPTCP.WAN.SEVERITY.MIN:"wan5"}=6'
	lab_eventually 20 problems_are "$IDLE_6"

	# Old connections under the new limit would be a warning of their own, for a moment.
	unload bulk
	lab_limits router "subflows 5 add_addr_accepted 1"
	load bulk --down 1000000000000
	lab_eventually $TOLD_S problems_are
	lab_eventually $TOLD_S item_is mptcp.wans.carrying 6
	lab_eventually 20 item_is mptcp.severity 1
	lab_eventually 20 item_is mptcp.alarms.text 'None: each line does what it should.'
	problems_were "$IDLE_5" "$IDLE_6" "$IDLE_6"
}

case_all_items_are_supported_and_have_the_values_of_the_agent()
{
	begin wans=4
	lab_router ip link set wan2 alias 'Fibré, 1st floor'
	watched_by_zabbix "$(wan_rates)"
	load bulk --down 1000000000000
	lab_eventually $STATE_S wans_are carrying carrying carrying carrying
	lab_eventually 20 item_has 'mptcp.wan.time.carrying[wan4]' 50
	agent_stuck
	lab_eventually 30 item_has mptcp.poll.age 9
	nothing_is_unsupported
	raw_values
	values_are_the_agents
	counters_only_grew
	item_is 'mptcp.wan.label[wan2]' 'Fibré, 1st floor'
	item_get mptcp.lines | grep -qE '^wan4 +carrying +[1-9][0-9]* +[0-9.]+ +[0-9.]+ +[0-9]+ % +[0-9]+ %$'
	# The MIB has eight places for lines in the graph of all of them; four are free here.
	[ "$(zabbix_items '.key_ | startswith("mptcp.place.")' | jq '[.[] | select(.lastclock != "0")] | length')" = 16 ]
}

# A night is no problem, and a line whose endpoint a tracker has taken away is down, which is one of
# its own.
case_a_night_is_no_problem_and_a_line_that_a_tracker_holds_for_dead_is_down()
{
	begin wans=3
	watched_by_zabbix
	load day
	lab_eventually $STATE_S wans_are carrying carrying carrying
	lab_eventually 20 item_is 'mptcp.wan.state[wan3]' 9
	unload day
	lab_eventually $STATE_S wans_are quiet quiet quiet
	lab_eventually 20 item_is 'mptcp.wan.state[wan3]' 6
	# Longer than an alarm would need.
	lab_eventually 60 item_has_times 'mptcp.wan.alarm[wan3]' $((ALARM_S / 2))
	problems_were

	load morning
	lab_eventually $STATE_S wans_are carrying carrying carrying
	lab_path_drop_all wan3
	lab_endpoint_del wan3
	lab_eventually $TOLD_S problems_are "High wan3 is down: endpoint-withdrawn"
	item_is mptcp.wans.alarm 0
	lab_path_clear wan3
	lab_endpoint_add wan3
	lab_eventually $TOLD_S problems_are
	problems_were "High wan3 is down: endpoint-withdrawn"
}

case_an_alarm_of_the_host_is_one_problem_and_none_of_its_lines()
{
	begin wans=3
	watched_by_zabbix
	load bulk
	lab_eventually $STATE_S wans_are carrying carrying carrying
	lab_router sysctl -qw net.mptcp.enabled=0
	lab_eventually $TOLD_S problems_are "Disaster Lines are not bonded as they should be: mptcp-disabled"
	problem_says "Lines are not bonded as they should be: mptcp-disabled" "sysctl -w net.mptcp.enabled=1"
	link_leads_to "Lines are not bonded as they should be: mptcp-disabled" \
		"https://runbook.example/mptcp-wan.md#mptcp-disabled"
	lab_router sysctl -qw net.mptcp.enabled=1
	lab_eventually $TOLD_S problems_are
	problems_were "Disaster Lines are not bonded as they should be: mptcp-disabled"
}

case_notifications_come_as_traps_and_are_problems_for_who_enables_that()
{
	begin wans=2
	watched_by_zabbix
	lab_ip vps "link set line2 down"
	lab_eventually 30 trap_item_says raised '1\.7\.1\.19\.1 "wan2: '
	lab_ip vps "link set line2 up"
	lab_eventually 30 trap_item_says cleared '1\.7\.1\.19\.2 "wan2: '
	lab_eventually $TOLD_S problems_are
	problems_were "High wan2 is down: link-down"

	trap_triggers_enabled
	lab_ip vps "link set line2 down"
	lab_eventually $TOLD_S problem_begins "Warning Trap: an alarm was raised: wan2: "
}

case_an_import_over_itself_and_over_what_was_exported_changes_nothing()
{
	lab_up wans=1
	echo 198.51.100.250 >"$LAB_DIR/zabbix-address"	# nobody
	zabbix_host
	zabbix_items | jq -c 'map([.itemid, .key_]) | sort' >"$LAB_DIR/items"
	[ "$(zabbix_import "$ZABBIX_TEMPLATE" configuration.importcompare)" = "[]" ]
	zabbix_export >"$LAB_DIR/exported"
	undated "$ZABBIX_TEMPLATE" >"$LAB_DIR/shipped"
	undated "$LAB_DIR/exported" | diff "$LAB_DIR/shipped" -
	zabbix_import "$LAB_DIR/exported"
	[ "$(zabbix_import "$ZABBIX_TEMPLATE" configuration.importcompare)" = "[]" ]
	zabbix_export | undated | diff "$LAB_DIR/shipped" -
	zabbix_items | jq -c 'map([.itemid, .key_]) | sort' | diff "$LAB_DIR/items" -
	[ "$(jq length "$LAB_DIR/items")" -gt 50 ]
	# It would have been noticed.
	sed 's/3\*last/4*last/' "$ZABBIX_TEMPLATE" >"$LAB_DIR/other"
	[ "$(zabbix_import "$LAB_DIR/other" configuration.importcompare)" != "[]" ]
}

# ---- the words they use ----

IDLE_3="High wan3 is up but idle: subflow-limit"
INEXACT="Information Octets have not been exact for 10s"

# The agent, and a Zabbix that knows its lines and has asked for their values, before there is
# traffic. Lines of configuration may be given.
watched_by_zabbix()
{
	zabbix_reaches_router
	alarms_watch "$@"
	zabbix_host '{$MPTCP.INTERVAL}=2s' '{$MPTCP.INTERVAL.SLOW}=4s' '{$MPTCP.INTERVAL.DISCOVERY}=3s' \
		'{$MPTCP.BLIND.TIME}=30s'
	lab_eventually 60 item_is "mptcp.wan.out[wan$LAB_WANS]" 0
	lab_eventually 30 item_is "mptcp.place.in[$LAB_WANS,wan$LAB_WANS]" 0
}

# One of the agent's threads, by its name.
agent_thread()
{
	local task

	for task in "/proc/$(cat "$LAB_DIR/agent-router.pid")/task"/*; do
		[ "$(cat "$task/comm")" != "$1" ] || echo "${task##*/}"
	done
}

wan_rates()
{
	local k

	for k in $(seq "$LAB_WANS"); do
		printf 'wan "wan%s" { device = "wan%s" rate-in = 2mbit rate-out = 3mbit }\n' "$k" "$k"
	done
}

# Is there one that begins so?
problem_begins()
{
	local now

	now=$(zabbix_problems) || return
	printf '%s\n' "$now"
	printf '%s\n' "$now" | grep -q "^$1"
}

# link_leads_to NAME URL: a problem's, as the frontend offers it.
link_leads_to()
{
	local problem

	problem=$(zabbix_api problem.get "$(jq -nc --arg host "$(zabbix_host_id)" '{hostids: [$host], output: "extend"}')" |
		jq -er --arg name "$1" '.[] | select(.name == $name) | "triggerid=\(.objectid)&eventid_till=\(.eventid)"')
	zabbix_page "zabbix.php?action=hintbox.eventlist&$problem&show_timeline=0&show_tags=0&tag_name_format=0&tag_priority=" |
		jq -r .data | grep -o 'href="https[^"]*"' >"$LAB_DIR/links"
	cat "$LAB_DIR/links"
	grep -qxF "href=\"$2\"" "$LAB_DIR/links"
}

# The page of problems has that text in it, as people see it: with operational data.
page_of_problems_has()
{
	zabbix_page 'zabbix.php?action=problem.view&show_opdata=1' | grep -oF "$1"
}

item_has_times()
{
	local times

	times=$(item_history "$1" | wc -l)
	echo "$1: $times values"
	[ "$times" -ge "$2" ]
}

# ---- values ----

# The agent answers, and gets no answer from the kernel any more: its values stay as they are.
agent_stuck()
{
	lab_start stuck host strace -qq -p "$(agent_thread mptcp-poll)" -e inject=sendto,sendmsg:delay_enter=600s
	lab_eventually 20 polls_stand_still
}

polls_stand_still()
{
	local before

	before=$(host_get Polls)
	lab_window 2
	host_is Polls "$before"
}

nothing_is_unsupported()
{
	zabbix_items '.state == "1"' | jq -r '.[] | "\(.key_): \(.error)"' >"$LAB_DIR/unsupported"
	zabbix_api discoveryrule.get "$(jq -nc --arg host "$(zabbix_host_id)" \
		'{hostids: [$host], output: ["key_", "state", "error"], filter: {state: 1}}')" |
		jq -r '.[] | "\(.key_): \(.error)"' >>"$LAB_DIR/unsupported"
	cat "$LAB_DIR/unsupported"
	[ ! -s "$LAB_DIR/unsupported" ]
	[ "$(zabbix_items | jq length)" -gt 250 ]
}

# What snmpd says, by OID, as JSON: asked by another program.
raw_values()
{
	lab_snmp snmpbulkwalk -Oe -On mptcpWanObjects |
		jq -nR '[inputs | capture("^\\.(?<key>[0-9.]+) (?<value>.*)$") | .value |= sub("^\"(?<text>.*)\"$"; .text)] |
			from_entries' >"$LAB_DIR/raw"
	[ "$(jq length "$LAB_DIR/raw")" -gt 300 ]
}

# Each item that is not a rate: what the object says, multiplied as the item has it. The age goes on; the
# label is text that tools tell in figures; a place that is free has no object.
VALUES='def step($type): .preprocessing[] | select(.type == $type) | .params;
	.[] | select(.type == "20" and (.snmp_oid | startswith("discovery") | not)) |
	select([step("10")] == [] and .key_ != "mptcp.poll.age" and (.key_ | test("^mptcp.wan.label|,.free")| not)) |
	$raw[0][.snmp_oid] as $object |
	(if $object == null then "absent"
	elif .value_type == "0" or .value_type == "3" then
		if ($object | tonumber) * ([step("1") | tonumber] + [1])[0] - (.lastvalue | tonumber) | fabs < 1e-9
		then "same" else "other" end
	elif $object == .lastvalue then "same" else "other" end) as $how |
	"\($how) \(.key_) \($object) \(.lastvalue)"'

# With traffic on all lines every object has an instance.
values_are_the_agents()
{
	zabbix_items | jq -r --slurpfile raw "$LAB_DIR/raw" "$VALUES" >"$LAB_DIR/values"
	grep -v '^same ' "$LAB_DIR/values" && return 1
	lab_say "values compared: $(wc -l <"$LAB_DIR/values")"
	[ "$(wc -l <"$LAB_DIR/values")" -ge 140 ]
}

# Rates are never below zero, and add up to what the counter says; but for what was in it at first, which
# is nothing in those that traffic alone moves.
counters_only_grew()
{
	zabbix_items 'any(.preprocessing[]; .type == "10") and (.key_ | contains("(free)") | not)' >"$LAB_DIR/rates"
	lab_say "rates added up: $(jq length "$LAB_DIR/rates")"
	[ "$(jq length "$LAB_DIR/rates")" -ge 110 ]
	zabbix_api history.get "$(jq -c '{itemids: map(.itemid), history: 0, output: "extend", limit: 1000000}' \
		"$LAB_DIR/rates")" >"$LAB_DIR/history"
	jq -r --slurpfile rates "$LAB_DIR/rates" --slurpfile raw "$LAB_DIR/raw" '
		($rates[0] | map({(.itemid): .}) | add) as $item | sort_by([.clock, .ns] | map(tonumber)) | .[] |
		$item[.itemid] as $rate | [$rate.key_, $raw[0][$rate.snmp_oid],
			([$rate.preprocessing[] | select(.type == "1") | .params] + ["1"])[0],
			"\(.clock).\("000000000\(.ns)"[-9:])", .value] | join("\t")' "$LAB_DIR/history" |
		awk -F '\t' '
			{ counter[$1] = $2; factor[$1] = $3 }
			$1 in at { sum[$1] += $5 * ($4 - at[$1]) }
			{ at[$1] = $4; values[$1]++ }
			$5 < 0 { falls[$1] = 1 }
			function wrong(text) { print key ": " text; faults++ }
			END {
				for (key in counter) {
					error = sum[key] / factor[key] - counter[key]
					rates++
					if (key in falls)
						wrong("falls")
					else if (values[key] < 5)
						wrong("only " values[key] " values")
					else if (error > 0.5)
						wrong("grew by " error " more than to " counter[key])
					else if (key ~ /(wan|place)\.(in|out|subflows.opened|joins.established)\[/ && error < -0.5)
						wrong("grew by " -error " less than to " counter[key])
					moved += sum[key] > 0
				}
				print rates " rates, " moved " of which moved"
				exit faults || rates < 110 || moved < 40
			}'
}

# ---- traps ----

# trap_item_says raised|cleared PATTERN
trap_item_says()
{
	local item

	item=$(zabbix_items '.type == "17" and (.key_ | test("'"$1"'"; "i"))' | jq -r '.[0].lastvalue')
	printf '%s\n' "$item"
	printf '%s\n' "$item" | grep -q "$2"
}

trap_triggers_enabled()
{
	zabbix_api trigger.get "$(jq -nc --arg host "$(zabbix_host_id)" \
		'{hostids: [$host], search: {description: "Trap: "}, filter: {status: 1}, output: ["triggerid"]}')" |
		jq -c '[.[] | {triggerid, status: 0}]' >"$LAB_DIR/triggers"
	[ "$(jq length "$LAB_DIR/triggers")" = 2 ]
	zabbix_api trigger.update - <"$LAB_DIR/triggers"
}

undated()
{
	sed "/^  date: /d" "$@"
}

if ! reason=$(zabbix_possible) || ! reason=$(lab_possible); then
	echo "1..0 # SKIP $reason"
	exit 0
fi
CASES_AFTER=zabbix_stop
LAB_JOBS=4	# they wait more than they work
trap 'zabbix_stop' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
zabbix_start
run_cases
