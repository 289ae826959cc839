#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2059
#
# An operator who mistypes: the agent refuses an option, or a configuration, with one line that names
# it, and takes one that is right. TAP on stdout.
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

# ---- the cases; each is named after what it shows ----

case_options_that_it_does_not_know_are_refused()
{
	bad_lab
	refused "invalid option -- 'z'" -z
	refused "unrecognized option '--nonsense'" --nonsense
	refused "option requires an argument -- 'i'" -i
	refused "unexpected argument 'stray'" stray
	refused "agentx-socket: 'agentx' is no absolute path" -x agentx
	refused "state-dir: 'here' is no absolute path" -s here
	refused "run-dir: '' is no absolute path" --run-dir ""
}

case_intervals_that_make_no_sense_are_refused()
{
	local interval

	bad_lab
	for interval in 0 0ms 99ms 61m 999d -1 abc "" 5,5 99999999999999999999s; do
		refused "interval: '$interval' is " -i "$interval"
	done
}

case_a_configuration_that_it_cannot_use_is_refused_with_file_and_line()
{
	local conf

	bad_lab
	conf=$LAB_DIR/conf
	refused "$conf: No such file or directory" -c "$conf"
	refused "$LAB_DIR: " -c "$LAB_DIR"
	configured "$conf:2: no such option 'intervall'" 'bpf = true\nintervall = 5s\n'
	configured "$conf:3: bpf: 'maybe' is neither true nor false nor tracepoint" '\n\nbpf = maybe\n'
	configured "$conf:1: wan: 'host' is no name for a WAN" 'wan host { device = eth1 }\n'
	configured "$conf:1: .*no such option 'gateway'" 'wan wan1 { gateway = 192.0.2.1 }\n'
	configured "$conf:" 'interval = 5s\nwan wan1 {\n'
	configured "$conf:" 'interval = \n'
	configured "$conf:1: .*'999d' is no time" 'interval = 999d\n'
	configured "$conf:2: raise-after: '25h' is not between 0 and 24h" '\nraise-after = 25h\n'
	configured "$conf:1: raise-idle-after: .* idle-memory" 'raise-idle-after = 1h\n'
	configured "$conf:1: role: 'vps' is none of auto, router, aggregator" 'role = vps\n'
	configured "$conf:1: on-alarm: 'hook' is no absolute path" 'on-alarm = hook\n'
	configured "$conf:2: shelve: 'idle' is none of mptcp-disabled, .*, drift" \
		'shelve = { drift,\nidle }\n'
	configured "$conf:3: expect-subflows: '-1' is no whole number" 'expect {\n\nsubflows = -1 }\n'
}

case_a_wan_that_cannot_be_is_refused_with_the_line_of_its_key()
{
	local conf

	bad_lab
	conf=$LAB_DIR/conf
	configured "$conf:2: wan: 'eth1' is defined twice\|$conf:2: .*eth1" 'wan eth1 { }\nwan eth1 { }\n'
	configured "$conf:3: device: 'eth1' belongs to another WAN already" \
		'wan wan1 { device = eth1 }\nwan wan2 {\ndevice = eth1 }\n'
	configured "$conf:3: device: 'eth1' cannot be set beside addresses" \
		'wan wan1 {\naddresses = 192.0.2.1\ndevice = eth1 }\n'
	configured "$conf:2: addresses: '192.0.2.0/33' is neither an address nor a prefix" \
		'wan wan1 {\naddresses = { 192.0.2.1, 192.0.2.0/33 } }\n'
	configured "$conf:1: addresses: '0.0.0.0/0' has addresses of the loopback in it" \
		'wan wan1 { addresses = 0.0.0.0/0 }\n'
	configured "$conf:2: addresses: '192.0.2.7' overlaps with addresses of wan1" \
		'wan wan1 { addresses = 192.0.2.0/24 }\nwan wan2 { addresses = 192.0.2.7 }\n'
	configured "$conf:2: base: 'wan9' is no WAN of this configuration" 'wan wan1 {\nbase = wan9 }\n'
	configured "$conf:1: base: 'wan1' is the WAN itself" 'wan wan1 { base = wan1 }\n'
	configured "$conf:1: base: 'wan2' has this WAN as its own base" \
		'wan wan1 { base = wan2 }\nwan wan2 { base = wan1 }\n'
	configured "$conf:1: rate-in: 'fast' is no rate" 'wan wan1 { rate-in = fast }\n'
	configured "$conf:1: shelve: 'drift' is none of up-but-idle, line-down, all" \
		'wan wan1 { shelve = drift }\n'
}

# Two lines behind one box: each address is a WAN, and one that nobody has is absent.
case_a_configuration_by_address_tells_two_lines_on_one_interface_apart()
{
	local conf

	bad_lab
	conf=$LAB_DIR/conf
	lab_router ip addr add 192.168.11.7/24 dev wan1
	lab_router ip mptcp endpoint add 192.168.11.7 subflow
	printf '%s\n' 'wan dsl { addresses = 192.168.11.2 }' 'wan cable { addresses = { 192.168.11.4/30 } }' \
		'wan tunnel { addresses = 2001:db8:99::/64  base = dsl }' >"$conf"
	lab_agent_start -c "$conf"
	[ "$(wan_get IfName dsl)" = wan1 ]
	[ "$(wan_get IfName cable)" = wan1 ]
	wan_state tunnel = absent
	[ "$(wan_get EndpointsV4 dsl)" = 1 ]
	[ "$(wan_get EndpointsV4 cable)" = 1 ]
	traffic 5
	lab_eventually 5 counts dsl 10000
	lab_router ip addr del 192.168.11.7/24 dev wan1
	lab_eventually 5 wan_state cable = absent
	[ "$(wan_get IfName dsl)" = wan1 ]
	ends_well
}

# ---- the words they use ----

# refused LINE OPTION...: with status 2 and that line alone, at once.
refused()
{
	local status=0 line=$1

	shift
	timeout 5 "$LAB_AGENT" -f -s "$LAB_DIR" --run-dir "$LAB_DIR" -x "$LAB_DIR/agentx" "$@" \
		>"$LAB_DIR/refused.out" 2>"$LAB_DIR/refused.err" || status=$?
	lab_say "$*: status $status"
	only refused "mptcp-wan-agent: $line"
	[ "$status" = 2 ]
	[ ! -s "$LAB_DIR/refused.out" ]
}

# configured LINE TEXT: refused with that configuration.
configured()
{
	printf "$2" >"$LAB_DIR/conf"
	refused "$1" -c "$LAB_DIR/conf"
}

run_cases
