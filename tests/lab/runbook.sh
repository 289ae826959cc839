#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2016	# backquotes of Markdown
#
# The commands of doc/runbook.md for plain Linux, run where they would be run. TAP on stdout.
# srcdir, builddir: source and build; LAB_BIN: where the built traffic is.

set -eu

here=$(dirname "$0")
# shellcheck source=tests/lab/lab.sh
. "$here/lab.sh"
# shellcheck source=tests/lab/cases.sh
. "$here/cases.sh"
: "${srcdir:=$here/../..}"

# Those that are about a machine and not about its lines, or need what not every machine has, stay out.
RUN='^(ip|nft|nstat|ping|ss|sysctl|tc) '

# ---- the cases; each is named after what it shows ----

case_every_command_of_the_runbook_is_taken()
{
	local command failed=0 count=0

	lab_up wans=3
	commands "$srcdir/doc/runbook.md" >"$LAB_DIR/commands"
	while read -r command; do
		count=$((count + 1))
		as_before "$command"
		command_runs "$command" </dev/null || failed=$((failed + 1))
	done <"$LAB_DIR/commands"
	lab_say "$count commands, $failed failed"
	[ "$count" -gt 40 ] && [ "$failed" = 0 ]
}

# The one above can fail.
case_a_command_that_is_wrong_is_noticed()
{
	local command

	lab_up wans=3
	while read -r command; do
		as_before "$command"
		if command_runs "$command" </dev/null 2>/dev/null; then
			lab_say "taken: $command"
			return 1
		fi
	done <<-'END'
		ip mptcp limits set subflowz 5
		ip mptcp endpoint add ADDRESS dev wan2 subflows
		ip mptcp endpoint remove id N
		sysctl net.mptcp.pathmanager
		nstat -az 'MPTcpExtMPJoinSyn' MPTcpExtNobodys
		ss -tan state synsent
		ip route get fibmatch FAR-END from FAR-END oif wan2
	END
}

# ---- what they use ----

# Each once, a line each, of those in backquotes. What is piped into something else is run without that.
commands()
{
	grep -o '`[^`]*`' "$1" | tr -d '`' | sed 's/; /\n/g' | sed 's/ | .*//' | grep -E "$RUN" | sort -u
}

# As the command expects to find things, whatever the one before has left.
as_before()
{
	lab_router ip mptcp endpoint flush
	lab_router ip link set wan2 mtu 1500
	case $1 in
	*'delete id N'* | *'remove id N'*)
		lab_router ip mptcp endpoint add 192.168.12.2 dev wan2 subflow id 7 ;;
	*'route add '*'table 2')
		lab_router ip route flush table 2 ;;
	*'rule add '*)
		while lab_router ip rule del from 192.168.12.2 table 2 2>/dev/null; do :; done ;;
	esac
}

# With the lab's names and addresses; what is about eth0 is for the far end.
command_runs()
{
	local place=router command status=0

	command=$(echo "$1" | sed 's/FAR-END/203.0.113.1/g; s/ADDRESS dev eth0/203.0.113.1 dev eth0/
		s/ADDRESS/192.168.12.2/g; s/id N/id 7/; s/GATEWAY dev wan1/192.168.11.1 dev wan1/
		s/GATEWAY dev wan2/192.168.12.1 dev wan2/; s/^ping /&-c 1 -W 10 /')
	case $command in *eth0*) place=vps ;; esac
	"lab_$place" env NSTAT_HISTORY="$LAB_DIR/nstat" sh -c "$command" >"$LAB_DIR/out" 2>&1 || status=$?
	case $command in
	# It takes any name, and says nothing of those that nobody has.
	nstat*) [ "$(grep -c '^MPTcpExt' "$LAB_DIR/out")" -ge "$(echo "$command" | grep -o MPTcpExt | wc -l)" ] ||
		status=1 ;;
	esac
	# Read as it should be, by a kernel that was built without it.
	! grep -q 'qdisc kind is unknown' "$LAB_DIR/out" || status=0
	[ "$status" != 0 ] || return 0
	lab_say "$command: $(head -n 1 "$LAB_DIR/out")"
	return 1
}

run_cases
