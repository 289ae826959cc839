#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2015,SC2059,SC2086,SC2119
#
# A machine that is not as it should be: the agent names the thing in one line, says so in the MIB
# where there is a place for it, does not crash, and goes on by itself when the thing is mended. TAP
# on stdout. What cannot be faked here (a kernel whose sock_diag does not know MPTCP) is in the unit
# tests; an operator who mistypes is in mistakes.sh.
# srcdir, builddir: source and build; LAB_BIN: where the built traffic is.

set -eu

here=$(dirname "$0")
# shellcheck source=tests/lab/lab.sh
. "$here/lab.sh"
# shellcheck source=tests/lab/cases.sh
. "$here/cases.sh"
# shellcheck source=tests/lab/agent.sh
. "$here/agent.sh"
# shellcheck source=tests/lab/bad.sh
. "$here/bad.sh"

# ---- the kernel ----

case_mptcp_switched_off_is_said_and_noticed_when_it_is_switched_on()
{
	bad_lab
	lab_router sysctl -qw net.mptcp.enabled=0
	lab_agent_start
	host_is Enabled false
	once agent-router 'net\.mptcp\.enabled'
	lab_router sysctl -qw net.mptcp.enabled=1
	lab_eventually 3 host_is Enabled true
	traffic 5
	lab_eventually 5 counts wan1 10000
	lab_router sysctl -qw net.mptcp.enabled=0
	lab_eventually 3 host_is Enabled false
	ends_well
}

case_a_kernel_without_mptcp_settings_is_unknown_and_not_zero()
{
	bad_lab
	without /proc/sys/net
	lab_agent_start
	host_is Enabled -
	host_is PathManager ""
	host_is LastError "sysctls: this kernel has none"
	lab_eventually 5 host_has Polls 3
	once agent-router 'kernel: sysctls: this kernel has none'
	ends_well
}

case_without_btf_it_counts_by_events_and_says_why()
{
	bad_lab
	without /sys/kernel/btf
	lab_agent_start
	host_is Accounting events
	host_get AccountingReason | grep -q '^BPF: this kernel has no BTF'
	once agent-router 'accounting: events (BPF: this kernel has no BTF'
	traffic 20
	lab_eventually 5 counts wan1 40000
	host_is TruncatedSubflows 0
	ends_well
}

# ---- what it may do ----

case_without_any_capability_it_samples_and_says_why()
{
	bad_lab
	as_nobody -all
	lab_snmpd_start
	chmod 666 "$LAB_DIR/snmp-router/agentx"
	lab_agent_start
	host_is Accounting sampled
	host_is AccountingReason "BPF: not permitted; netlink events: not permitted"
	lab_eventually 5 host_has Polls 3
	once agent-router 'accounting: sampled (BPF: not permitted; netlink events: not permitted)'
	ends_well
}

case_with_cap_net_admin_alone_it_counts_by_events()
{
	bad_lab
	as_nobody -all,+net_admin
	lab_snmpd_start
	chmod 666 "$LAB_DIR/snmp-router/agentx"
	lab_agent_start
	host_is Accounting events
	host_is AccountingReason "BPF: not permitted"
	once agent-router 'accounting: events (BPF: not permitted)'
	traffic 20
	lab_eventually 5 counts wan1 40000
	ends_well
}

# ---- the AgentX master ----

case_a_missing_agentx_socket_is_waited_for()
{
	bad_lab
	lab_agent_run
	lab_eventually 5 once agent-router "AgentX socket .*/agentx: No such file or directory"
	lab_eventually 10 status_has_polls 5
	once agent-router "AgentX socket"
	lab_snmpd_start
	lab_eventually 10 host_has Polls 5
	once agent-router "attached to the AgentX master"
	ends_well
}

case_a_forbidden_agentx_socket_is_tried_until_it_is_allowed()
{
	local socket

	bad_lab
	socket=$LAB_DIR/snmp-router/agentx
	as_nobody -all
	lab_snmpd_start
	chmod 600 "$socket"
	lab_agent_run
	lab_eventually 5 once agent-router "AgentX socket $socket: Permission denied"
	lab_eventually 10 status_has_polls 5
	once agent-router "AgentX socket"
	chmod 666 "$socket"
	lab_eventually 10 host_has Polls 5
	once agent-router "attached to the AgentX master"
	ends_well
}

case_a_restart_of_snmpd_costs_no_octet()
{
	local before since

	bad_lab
	lab_agent_start
	traffic 5
	lab_eventually 5 counts wan1 10000
	before=$(wan_get OutOctets wan1)
	since=$(host_get mptcpWanCountersSince)
	lab_snmpd_stop
	lab_eventually 5 once agent-router "the AgentX master at .* has gone"
	traffic 5
	lab_snmpd_start
	lab_eventually 10 counts wan1 "$((before + 10000))"
	[ "$(host_get mptcpWanCountersSince)" = "$since" ]
	[ "$(grep -c 'attached to the AgentX master' "$LAB_DIR/agent-router.err")" = 2 ]
	ends_well
}

case_an_agent_that_stops_is_gone_for_snmpd_at_once_and_without_a_word()
{
	local said

	bad_lab
	lab_agent_start
	said=$(($(wc -l <"$LAB_DIR/snmpd-router.err") + 1))
	lab_agent_stop
	[ "$(host_get Polls)" = - ]
	# Each of our questions is a line there.
	said=$(tail -n "+$said" "$LAB_DIR/snmpd-router.err" | grep -v '^Connection from UDP: ') || :
	[ -z "$said" ] || lab_fail "snmpd says: $said"
	lab_agent_start
	host_has Polls 1
	ends_well
}

# Told apart by their intervals.
case_a_second_agent_on_the_same_socket_says_so_and_takes_over()
{
	bad_lab
	lab_agent_start
	second_agent -s "$LAB_DIR/second"
	lab_eventually 5 once second "another subagent serves our subtree at $LAB_DIR/snmp-router/agentx already"
	lab_eventually 15 second_has_polls 18	# it has tried twice
	host_is PollInterval 1000
	lab_agent_stop
	lab_eventually 15 host_is PollInterval 700
	once second "another subagent"
	once second "our subtree at .* is ours now"
	[ -n "$(wan_get State wan1)" ]
	lab_stop second
}

# ---- its own files ----

case_a_second_agent_with_the_same_state_is_refused()
{
	local pid status=0

	bad_lab
	lab_agent_start
	pid=$(cat "$LAB_DIR/agent-router.pid")
	second_agent -s "$LAB_DIR/snmp-router/state"
	lab_wait second || status=$?
	[ "$status" = 1 ]
	only second "$LAB_DIR/snmp-router/state: in use by process $pid"
	host_has Polls 1
	ends_well
}

# What may be wrong is the file's, and stays for whoever mends it.
case_an_unreadable_state_file_is_named_and_left_alone()
{
	local wans

	bad_lab
	as_nobody -all
	wans=$LAB_DIR/snmp-router/state/wans
	printf 'mptcp-wan-state 1\nnext 9\nwan 8 wan1 wan1 3 1700000000\n' >"$wans"
	chown 0:0 "$wans"
	chmod 600 "$wans"
	lab_agent_run
	lab_eventually 5 once agent-router "$wans: Permission denied"
	lab_eventually 10 status_has_polls 3
	once agent-router "$wans"
	grep -qx 'wan 8 wan1 wan1 3 1700000000' "$wans"
	ends_well
}

case_a_corrupt_state_file_is_kept_aside_and_its_good_lines_are_used()
{
	local state

	bad_lab
	state=$LAB_DIR/snmp-router/state
	mkdir -p "$state"
	printf 'mptcp-wan-state 1\nnext 9\nwan 8 wan2 wan2 3 1700000000\nwan none\n\001\377\n' >"$state/wans"
	cp "$state/wans" "$LAB_DIR/was"
	lab_agent_start
	once agent-router "$state/wans: line 4 is no state of ours"
	cmp "$state/wans.bad" "$LAB_DIR/was"
	[ "$(lab_snmp_get mptcpWanName.8)" = wan2 ]
	[ "$(lab_snmp_get mptcpWanName.9)" = wan1 ]
	lab_eventually 5 grep -q '^wan 8 wan2 ' "$state/wans"
	ends_well
	# The next start has nothing to complain about.
	lab_agent_start
	[ "$(grep -c "$state" "$LAB_DIR/agent-router.err")" = 0 ]
	ends_well
}

case_a_state_file_of_any_octets_is_survived()
{
	local state

	bad_lab
	state=$LAB_DIR/snmp-router/state
	mkdir -p "$state"
	head -c 100000 /dev/urandom >"$state/wans"
	lab_agent_start
	once agent-router "$state/wans: line 1 is no state of ours"
	[ -e "$state/wans.bad" ]
	[ -n "$(wan_get State wan1)" ]
	ends_well
}

case_a_state_folder_that_cannot_be_written_is_named()
{
	bad_lab
	as_nobody -all
	chown 0:0 "$LAB_DIR/snmp-router/state"
	lab_agent_run
	lab_eventually 5 once agent-router "$LAB_DIR/snmp-router/state.*: Permission denied"
	lab_eventually 10 status_has_polls 3
	once agent-router "$LAB_DIR/snmp-router/state"
	ends_well
}

case_a_run_folder_that_cannot_be_written_is_named_until_it_can()
{
	local run

	bad_lab
	run=$LAB_DIR/snmp-router/run
	as_nobody -all
	chown 0:0 "$run"
	lab_snmpd_start
	chmod 666 "$LAB_DIR/snmp-router/agentx"
	lab_agent_start
	lab_eventually 5 host_has Polls 3
	once agent-router "$run"
	once agent-router "$run.*: Permission denied"
	chown nobody "$run"
	lab_eventually 5 status_has_polls 4
	once agent-router 'status\.json.*well again'
	ends_well
}

case_a_run_folder_that_cannot_be_made_is_named_once()
{
	bad_lab
	as_nobody -all
	lab_agent_run --run-dir "$LAB_DIR/snmp-router/not-ours/run"
	lab_eventually 5 grep -q 'accounting:' "$LAB_DIR/agent-router.err"
	lab_eventually 5 once agent-router "$LAB_DIR/snmp-router/not-ours"
	ends_well
}

# ---- the words they use ----

# The agent will run as nobody, with these capabilities: as_nobody -all,+net_admin
as_nobody()
{
	local dir=$LAB_DIR/snmp-router

	install -m 755 "$LAB_AGENT" "$LAB_DIR/agent"
	mkdir -p "$dir/state" "$dir/run"
	chown nobody "$dir/state" "$dir/run"
	agent_through setpriv --reuid=nobody --clear-groups --inh-caps="$1" --ambient-caps="$1" \
		--bounding-set="$1" "$LAB_DIR/agent"
}

# The agent will see nothing at this path.
without()
{
	agent_through unshare -m sh -c "'mount -t tmpfs none $1 && exec \"\$0\" \"\$@\"'" "$LAB_AGENT"
}

agent_through()
{
	printf '#!/bin/sh\nexec %s "$@"\n' "$*" >"$LAB_DIR/start-agent"
	chmod 755 "$LAB_DIR/start-agent"
	LAB_AGENT=$LAB_DIR/start-agent
}

second_agent()
{
	mkdir "$LAB_DIR/second"
	lab_start second router "$LAB_AGENT" -f -i 700ms -c "$LAB_DIR/snmp-router/none.conf" \
		-x "$LAB_DIR/snmp-router/agentx" --run-dir "$LAB_DIR/second" "$@"
}

status_has_polls()
{
	polls_in "$LAB_DIR/snmp-router/run/status.json" "$1"
}

second_has_polls()
{
	polls_in "$LAB_DIR/second/status.json" "$1"
}

polls_in()
{
	local polls

	polls=$(sed -n 's/^ *"polls":\([0-9]*\).*/\1/p' "$1")
	echo "polls: $polls"
	[ "$polls" -ge "$2" ]
}

run_cases
