#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2015,SC2119,SC2317	# A && B || fail is meant so; cases are called by name
#
# What snmptt makes of alarms that come by Debian's snmpd and snmptrapd: set up by what the READMEs of
# integrations/ say, with snmptt's daemon and by SNMPv2c traps; and once more as a handler, by SNMPv3
# informs, with the MIB. The manager has an /etc/snmp, /var and /run of its own. TAP on stdout.
# srcdir, builddir: source and build; LAB_BIN: where the built traffic is.

set -eu

here=$(dirname "$0")/../lab
: "${LAB_BIN:=${builddir:?where it was built}/tests/lab}"
# shellcheck source=tests/lab/lab.sh
. "$here/lab.sh"
# shellcheck source=tests/lab/cases.sh
. "$here/cases.sh"
# shellcheck source=tests/lab/agent.sh
. "$here/agent.sh"
# shellcheck source=tests/lab/alarms.sh
. "$here/alarms.sh"
# shellcheck source=tests/lab/causes.sh
. "$here/causes.sh"

ROOT=.1.3.6.1.4.1.8072.9999.9999.262
RUNBOOK=https://runbook.example/mptcp-wan.md

# ---- the cases; each is named after what it shows ----

case_two_idle_lines_are_told_with_cause_and_advice_and_their_cure_as_normal()
{
	local told

	begin wans=4 router_limits="subflows 1 add_addr_accepted 1"
	manager
	alarms_watch
	load bulk
	lab_eventually 40 lines_are "Major raised subflow-limit 1 wan3" "Major raised subflow-limit 2 wan4"
	lab_eventually 10 told_twice
	for told in trapd informd; do
		for wan in wan3 wan4; do
			grep ": $wan: no subflow the subflow limit 1 leaves room for 1+1 lines of 4, " "$LAB_DIR/$told.log" |
				grep -F ' Now: ip mptcp limits set subflows 3; for good: ' |
				grep -F '; restart: the tunnel or proxy' | grep " Runbook: $RUNBOOK#subflow-limit$"
		done
	done
	lab_limits router "subflows 3 add_addr_accepted 1"
	reload bulk
	lab_eventually 60 lines_are "Major raised subflow-limit 1 wan3" "Major raised subflow-limit 2 wan4" \
		"Normal cleared - 3 wan3" "Normal cleared - 4 wan4"
	lab_eventually 10 told_twice
	marked_end 4
}

case_a_quiet_night_tells_nothing()
{
	begin wans=2
	manager
	alarms_watch
	load bulk
	lab_eventually "$STATE_S" wans_are carrying carrying
	unload bulk
	lab_eventually "$STATE_S" wans_are quiet quiet
	alarm_hushed 6
	alarm_never
	marked_end 0
}

# Made up, as no lab has all severities and causes: with numbers, and with words.
case_every_severity_and_cause_has_its_word()
{
	LAB_DIR=$(mktemp -d "${TMPDIR:-/tmp}/mptcp-lab.XXXXXX") || lab_fail "no temporary directory"
	snmptt_ini >"$LAB_DIR/snmptt.ini"
	made_up 1 1 1 6 critical 'Critical - alarm raised (mptcp-disabled, mptcp-disabled, record 7): '
	made_up 1 2 1 5 major 'Major - alarm worsened (up-but-idle, mptcp-disabled, record 7): '
	made_up 1 1 56 4 'minor(4)' 'Minor - alarm raised (up-but-idle, scheduler-avoids, record 7): '
	made_up 1 1 9 3 warning 'Warning - alarm raised (source-unreadable, source-unreadable, record 7): '
	made_up 1 1 0 2 info 'Informational - alarm raised (up-but-idle, none, record 7): '
	made_up 2 3 20 6 critical 'Normal - alarm cleared (line-down, link-down, record 7): '
	# One that is younger than this file.
	made_up 1 1 99 5 5 'Major - alarm raised (up-but-idle, <cause 99>, record 7): '
}

# ---- the words they use ----

# A machine of its own with snmptrapd, which tells snmptt's daemon; and one that runs snmptt itself.
manager()
{
	mkdir -p "$LAB_DIR/snmp-router"
	# snmptrapd answers an inform when its handler has ended: a slow machine gets it again meanwhile.
	cat >"$LAB_DIR/snmp-router/snmpd.more" <<-END
		trap2sink 127.0.0.1:162 public
		trapsess -Ci -t 60 $LAB_V3 127.0.0.1:163
	END
	chmod 755 "$LAB_DIR"
	mkdir -p "$LAB_DIR/etc-snmp" "$LAB_DIR/mibs" "$LAB_DIR/usr-local/sbin"
	cp "$srcdir"/tests/mibs/*.txt "$srcdir"/mibs/*.txt "$LAB_DIR/mibs"
	lab_router sysctl -qw net.ipv4.ip_unprivileged_port_start=162	# systemd opens it for snmptrapd
	package_ini >"$LAB_DIR/etc-snmp/snmptt.ini"
	cat >"$LAB_DIR/mounts" <<-END
		set -e
		mount -t tmpfs none /var
		mount -t tmpfs none /run
		mount --bind $LAB_DIR/etc-snmp /etc/snmp
		mount --bind $LAB_DIR/usr-local /usr/local
		mkdir -p /var/lib /var/log /var/spool
		ln -s /run /var/run
		install -d -o Debian-snmp -g Debian-snmp /var/lib/snmp
		install -d -o snmptt -g snmptt /var/log/snmptt /var/spool/snmptt
		: >$LAB_DIR/mounted
		exec sleep 300
	END
	lab_start machine router unshare -m --propagation private sh "$LAB_DIR/mounts"
	lab_eventually 5 test -e "$LAB_DIR/mounted"
	by_the_readmes
	by_a_handler
}

by_the_readmes()
{
	readme_of net-snmp "install -m 644 integrations/net-snmp/snmptrapd.conf"
	readme_of net-snmp "install -d -o Debian-snmp"
	readme_of snmptt "install -m 644 integrations/snmptt/mptcp-wan.snmptt"
	readme_of snmptt "sed -i 's,^/etc/snmptt"
	readme_of snmptt "install -m 755 integrations/snmptt/snmptt-spool"
	readme_of snmptt "install -d -m 2770"
	readme_of snmptt "sed -i 's,^#traphandle"
	on_machine sed -i 's/^sleep = .*/sleep = 1/' /etc/snmp/snmptt.ini
	on_machine_start snmptt snmptt --daemon
	on_machine_start trapd as_debian_snmp snmptrapd -LOw -f udp:162
	lab_eventually 10 lab_binds trapd 162
	lab_eventually 10 on_machine test -s /run/snmptt.pid
}

by_a_handler()
{
	snmptt_ini >"$LAB_DIR/snmptt.ini"
	install -d -o Debian-snmp "$LAB_DIR/handler"
	cat >"$LAB_DIR/handler/snmptrapd.conf" <<-END
		createUser manager SHA authenticate AES encrypt-it
		authUser log,execute manager priv
		[snmp] printNumericOids yes
		[snmp] mibdirs $LAB_DIR/mibs
		[snmp] mibs MPTCP-WAN-MIB
		traphandle default /usr/sbin/snmptt --ini=$LAB_DIR/snmptt.ini
	END
	on_machine_start informd as_debian_snmp env SNMPCONFPATH="$LAB_DIR/handler" \
		SNMP_PERSISTENT_DIR="$LAB_DIR/handler" snmptrapd -LOw -f udp:163
	lab_eventually 10 lab_binds informd 163
}

# The package's own, but for syslog, which would be the machine's.
package_ini()
{
	sed 's/^\(syslog[a-z_]*enable\) = .*/\1 = 0/' /etc/snmp/snmptt.ini
}

snmptt_ini()
{
	package_ini | sed "s,^/etc/snmptt/snmptt.conf\$,$srcdir/integrations/snmptt/mptcp-wan.snmptt,
		s,^log_file = .*,log_file = $LAB_DIR/handler/snmptt.log,"
}

# A line of the README, from the top of the source.
readme_of()
{
	local command

	command=$(grep -m 1 -F "    sudo $2" "$srcdir/integrations/$1/README.md" | sed 's/^ *sudo //')
	[ -n "$command" ] || lab_fail "$1/README.md has no line like '$2'"
	lab_say "$1: $command"
	on_machine sh -c "cd '$srcdir' && $command"
}

# on_machine CMD...: in its namespaces. In the background: on_machine_start NAME CMD...
on_machine()
{
	nsenter -t "$(cat "$LAB_DIR/machine.pid")" -n -m "$@"
}

on_machine_start()
{
	local name=$1

	shift
	[ "$1" != as_debian_snmp ] || {
		shift
		set -- setpriv --reuid=Debian-snmp --regid=Debian-snmp --clear-groups "$@"
	}
	lab_start "$name" host nsenter -t "$(cat "$LAB_DIR/machine.pid")" -n -m "$@"
}

# What snmptt has made of all that came so far, into trapd.log and informd.log, without the date.
# Begins and ends of snmpd are none of ours, and snmptt knows no event for them.
collect()
{
	on_machine cat /var/log/snmptt/snmptt.log 2>/dev/null | without_date >"$LAB_DIR/trapd.log" || :
	without_date <"$LAB_DIR/handler/snmptt.log" >"$LAB_DIR/informd.log" 2>/dev/null || :
}

# "Sun Nov 22 10:00:00 2026 .1.3.6..." without the first five words.
without_date()
{
	sed 's/^[A-Z][a-z][a-z] [A-Z][a-z][a-z]  *[0-9]* [0-9:]* [0-9]* //'
}

# lines_are "Major raised CAUSE RECORD WAN"...: snmptt's lines, and no others, with the agent's own text.
# The cause -: what the agent says, for a poll between the cure and the restart knows of a later one.
lines_are()
{
	local severity transition cause record wan oid

	for line; do
		echo "$line"
	done | while read -r severity transition cause record wan; do
		[ "$cause" != - ] || cause=$(status_rows alarm_log sequence cause | sed -n "s/^$record //p" |
			sed 's/[A-Z]/-&/g' | tr '[:upper:]' '[:lower:]')
		oid=$ROOT.0.$([ "$transition" = cleared ] && echo 2 || echo 1)
		echo "$oid $severity \"MPTCP WAN\" localhost - alarm $transition (up-but-idle, $cause," \
			"record $record): $(text_of "$record") Runbook: $RUNBOOK#$cause"
	done >"$LAB_DIR/wanted"
	collect
	[ "$(grep -c ": wan[34]: " "$LAB_DIR/wanted")" = $# ] && diff "$LAB_DIR/wanted" "$LAB_DIR/trapd.log"
}

# The agent's, without what snmptt drops, and with the semicolons that come back.
text_of()
{
	status_rows alarm_log sequence text | sed -n "s/^$1 //p" |
		sed 's/; \(for good: \|far end: \|restart: \|uci commit \)/~\1/g' | tr -d ';<>|&*?$^[]' |
		sed 's/~/; /g'
}

# The handler has made the same of informs as the daemon of traps.
told_twice()
{
	collect
	[ -s "$LAB_DIR/trapd.log" ] && diff "$LAB_DIR/trapd.log" "$LAB_DIR/informd.log"
}

# marked_end LINES: the test notification comes after all that was sent before. It is the only line
# besides so many.
marked_end()
{
	lab_router timeout 15 "$LAB_AGENT" -c "$LAB_DIR/alarms-router.conf" -x "$LAB_DIR/snmp-router/agentx" \
		--test-notification
	lab_eventually 20 test_is_line $(($1 + 1))
}

test_is_line()
{
	told_twice && [ "$(wc -l <"$LAB_DIR/trapd.log")" = "$1" ] && tail -n 1 "$LAB_DIR/trapd.log" |
		grep "^$ROOT.0.1 Informational \"MPTCP WAN\" localhost - alarm raised (.*): This is a test of .* no alarm"
}

# made_up NOTIFICATION TRANSITION CAUSE SEVERITY SEVERITY-IN-WORDS LINE: without the MIB, and with.
made_up()
{
	local type=1

	case $3 in
	9 | 1) [ "$2" = 2 ] || type=$((10 + $3)) ;;
	20)    type=2 ;;
	esac
	rm -f "$LAB_DIR/handler/snmptt.log"
	mkdir -p "$LAB_DIR/handler"
	notification "$1" "$2" "$type" "$3" "$4"
	notification "$1" "$(word MptcpWanAlarmTransition "$2")" "$(word MptcpWanAlarmType "$type")" \
		"$(word MptcpWanCauseCode "$3")" "$5"
	without_date <"$LAB_DIR/handler/snmptt.log" >"$LAB_DIR/lines"
	cat "$LAB_DIR/lines"
	[ "$(grep -c -F " ${6%% - *} \"MPTCP WAN\" omr1 - ${6#* - }wan2: a text Runbook: " "$LAB_DIR/lines")" = 2 ] &&
		[ "$(wc -l <"$LAB_DIR/lines")" = 2 ]
}

# As snmptrapd hands one to a handler: notification NUMBER TRANSITION TYPE CAUSE SEVERITY
notification()
{
	local column value

	{
		printf 'omr1\nUDP: [192.0.2.1]:50000->[192.0.2.5]:162\n'
		echo '.1.3.6.1.2.1.1.3.0 0:0:10:00.00'
		echo ".1.3.6.1.6.3.1.1.4.1.0 $ROOT.0.$1"
		column=2
		for value in 1700000000 7 "$2" '"07 E7 0B 0E 16 0F 17 00 2B 00 00 "' "$3" "$4" "$5" '"wan2"' '""' 3 7 0 0 0 1 1 2 \
			'"wan2: a text"'; do
			echo "$ROOT.1.7.1.$column.7 $value"
			column=$((column + 1))
		done
	} | snmptt --ini="$LAB_DIR/snmptt.ini" 2>"$LAB_DIR/snmptt.warnings" && return
	# It has many of Perl's warnings, always.
	grep -v '^Use of uninitialized value' "$LAB_DIR/snmptt.warnings"
	return 1
}

# word CONVENTION NUMBER: of the MIB; a number that it has no word for stays.
word()
{
	awk -v name="$1" -v number="$2" '
		$1 == name && $2 == "::=" { inside = 1 }
		inside && $1 ~ "^[a-zA-Z]+\\(" number "\\),?$" { sub(/\(.*/, "", $1); print $1; found = 1; exit }
		inside && /^                }/ { exit }
		END { if (!found) print number }' "$srcdir/mibs/MPTCP-WAN-MIB.txt"
}

for tool in snmptrapd snmptt setpriv; do
	command -v $tool >/dev/null || {
		echo "1..0 # SKIP $tool is not installed"
		exit 0
	}
done
run_cases
