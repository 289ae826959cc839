#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2119	# words without their optional arguments
#
# What the agent may do, and how it is kept running: a user of its own, capabilities given up once all
# is loaded, the unit for systemd, a watchdog. TAP on stdout. srcdir, builddir: source and build;
# LAB_BIN: where the built traffic is.

set -eu

here=$(dirname "$0")/../lab
# shellcheck source=tests/lab/lab.sh
. "$here/lab.sh"
# shellcheck source=tests/lab/cases.sh
. "$here/cases.sh"
# shellcheck source=tests/lab/agent.sh
. "$here/agent.sh"
UNIT=$builddir/packaging/systemd/mptcp-wan-agent.service
MANAGER=$(dirname "$0")/service_manager.py

# ---- the cases; each is named after what it shows ----

case_as_a_user_of_its_own_it_counts_exactly_and_may_do_nothing()
{
	user_lab
	lab_agent_start --user nobody
	powerless
	host_is Accounting exact
	carries_and_counts
	[ "$(stat -c %U "$LAB_DIR/snmp-router/state" "$LAB_DIR/snmp-router/run" | sort -u)" = nobody ]
	[ -s "$LAB_DIR/snmp-router/run/status.json" ]
	said_nothing
	lab_agent_stop
}

case_started_without_root_it_keeps_no_capability_either()
{
	user_lab
	mkdir -p "$LAB_DIR/snmp-router/state" "$LAB_DIR/snmp-router/run"
	chown nobody "$LAB_DIR/snmp-router/state" "$LAB_DIR/snmp-router/run"
	agent_in_cgroup setpriv --reuid=nobody --regid=nogroup --init-groups --inh-caps=-all,+bpf,+perfmon,+net_admin \
		--ambient-caps=-all,+bpf,+perfmon,+net_admin --bounding-set=-all,+bpf,+perfmon,+net_admin
	lab_agent_start
	powerless
	host_is Accounting exact
	carries_and_counts
	said_nothing
	lab_agent_stop
}

case_without_bpf_it_counts_by_events_and_may_do_nothing()
{
	user_lab
	printf '%s\n' "bpf = false" "cpu-budget = 100" >"$LAB_DIR/conf"
	chmod 644 "$LAB_DIR/conf"
	lab_agent_start --user nobody -c "$LAB_DIR/conf"
	powerless
	host_is Accounting events
	carries_and_counts
	# What was read as root is read again as the user.
	lab_kill agent-router HUP
	lab_eventually 5 said "$LAB_DIR/conf: read again"
	host_is Accounting events
	lab_agent_stop
}

case_root_stays_what_it_is_unless_told_otherwise()
{
	user_lab
	lab_agent_start
	[ "$(of_agent Uid | cut -f 1)" = 0 ]
	[ "$(of_agent CapEff)" != 0000000000000000 ]
	[ "$(of_agent NoNewPrivs)" = 0 ]
	lab_agent_stop
}

case_what_the_operators_program_gets_is_not_more()
{
	user_lab
	cat >"$LAB_DIR/program" <<-END
		#!/bin/sh
		grep -e ^Uid -e ^Cap -e ^NoNewPrivs /proc/self/status >$LAB_DIR/told/program
	END
	chmod 755 "$LAB_DIR/program"
	install -d -o nobody "$LAB_DIR/told"
	printf '%s\n' 'cpu-budget = 100' "on-alarm = $LAB_DIR/program" "interval = 500ms" "raise-after = 1s" >"$LAB_DIR/conf"
	chmod 644 "$LAB_DIR/conf"
	lab_agent_start --user nobody -c "$LAB_DIR/conf"
	lab_ip vps "link set line2 down"
	lab_eventually 20 test -s "$LAB_DIR/told/program"
	grep -q '^Uid:	65534	65534	65534	65534$' "$LAB_DIR/told/program"
	grep -q '^NoNewPrivs:	1$' "$LAB_DIR/told/program"
	[ "$(grep -c '^Cap[IPEA][a-z]*:	0*$' "$LAB_DIR/told/program")" = 4 ]
	lab_agent_stop
}

case_a_user_that_cannot_be_is_told_in_one_line()
{
	LAB_DIR=$(mktemp -d "${TMPDIR:-/tmp}/mptcp-lab.XXXXXX")
	chmod 755 "$LAB_DIR"
	install -m 755 "$LAB_AGENT" "$LAB_DIR/agent"
	refused "user 'nobody-here': there is none" "$LAB_DIR/agent" -f -s "$LAB_DIR/s" --user nobody-here
	refused "user 'daemon': only root can become another" setpriv --reuid=nobody --clear-groups \
		"$LAB_DIR/agent" -f -s "$LAB_DIR/s" --user daemon
	refused "user 'root': is root, who gives up nothing: leave --user out" \
		"$LAB_DIR/agent" -f -s "$LAB_DIR/s" --user root
	[ ! -e "$LAB_DIR/s" ]
	# A folder that is there is not taken from its owner, and not done without: what root has kept in it
	# names the lines.
	mkdir "$LAB_DIR/s"
	refused "$LAB_DIR/s: Permission denied; chown -R nobody: $LAB_DIR/s" \
		"$LAB_DIR/agent" -f -s "$LAB_DIR/s" --run-dir "$LAB_DIR/r" -x "$LAB_DIR/none" --user nobody
}

# With 0, 1 and 2 closed, and the ends of children ignored, as some starters leave it.
case_whoever_starts_it_leaves_it_no_trap()
{
	user_lab
	printf '%s\n' '#!/bin/sh' 'exit 3' >"$LAB_DIR/program"
	chmod 755 "$LAB_DIR/program"
	printf '%s\n' 'cpu-budget = 100' "on-alarm = $LAB_DIR/program" "interval = 500ms" "raise-after = 1s" >"$LAB_DIR/conf"
	# In the background of its own: who starts it is let go.
	lab_router timeout 20 sh -c "exec $LAB_DIR/agent -c $LAB_DIR/conf -x $LAB_DIR/snmp-router/agentx \
		-s $LAB_DIR/snmp-router/state --run-dir $LAB_DIR/snmp-router/run <&- >&- 2>&-"
	lab_eventually 10 host_has Polls 2
	kill "$(cat "$LAB_DIR/snmp-router/state/lock")"
	lab_eventually 10 gone "$(cat "$LAB_DIR/snmp-router/state/lock")"
	agent_in_cgroup env --ignore-signal=CHLD
	lab_agent_start -c "$LAB_DIR/conf"
	lab_ip vps "link set line2 down"
	lab_eventually 20 said "$LAB_DIR/program: ended with status 3"
	lab_agent_stop
}

case_the_journal_gets_the_priority_of_each_line()
{
	user_lab
	printf '%s\n' 'cpu-budget = 100' "interval = 500ms" "raise-after = 1s" >"$LAB_DIR/conf"
	agent_in_cgroup env JOURNAL_STREAM=8:1
	lab_agent_start -c "$LAB_DIR/conf"
	lab_ip vps "link set line2 down"
	lab_eventually 20 said '^<4>alarm raised (line-down'
	said '^<5>attached to the AgentX master'
	lab_agent_stop
}

# ---- the unit ----

case_the_units_exposure_is_2_at_most()
{
	local level

	level=$(systemd-analyze security --offline=true --threshold=20 --no-pager "$UNIT" |
		sed -n 's/.*Overall exposure level.*: \([0-9.]*\) .*/\1/p')
	lab_say "exposure $level of 10; 2.0 asked"
	systemd-analyze security --offline=true --threshold=20 --no-pager "$UNIT" >/dev/null
}

# But for what is not installed on the machine that runs the test.
case_systemd_understands_every_line_of_it()
{
	local user

	LAB_DIR=$(mktemp -d "${TMPDIR:-/tmp}/mptcp-lab.XXXXXX")
	sed "s|^ExecStart=/[^ ]*/mptcp-wan-agent |ExecStart=$LAB_AGENT |; /^Documentation=/d" "$UNIT" \
		>"$LAB_DIR/mptcp-wan-agent.service"
	systemd-analyze verify --man=no "$LAB_DIR/mptcp-wan-agent.service" >"$LAB_DIR/said" 2>&1 || :
	cat "$LAB_DIR/said"
	[ ! -s "$LAB_DIR/said" ]
	sed 's/^ProtectSystem/ProtectSytem/' "$UNIT" >"$LAB_DIR/mptcp-wan-agent.service"
	systemd-analyze verify --man=no "$LAB_DIR/mptcp-wan-agent.service" 2>&1 | grep -q "Unknown key.*'ProtectSytem'"
	user=$(sed -n 's/^User=//p' "$UNIT")
	systemd-sysusers --dry-run "$srcdir/packaging/systemd/mptcp-wan.sysusers" 2>&1 |
		grep -q "Creating user '$user'\|u $user "
}

# Of a whole life, from its start to its end, with alarms and a program that is run.
case_the_unit_allows_every_call_that_it_makes()
{
	local agent

	user_lab
	printf '%s\n' 'cpu-budget = 100' "on-alarm = /bin/true" "interval = 500ms" "raise-after = 1s" "clear-after = 1s" >"$LAB_DIR/conf"
	chmod 644 "$LAB_DIR/conf"
	mkdir -p "$LAB_DIR/snmp-router/state" "$LAB_DIR/snmp-router/run"
	chown nobody "$LAB_DIR/snmp-router/state" "$LAB_DIR/snmp-router/run"
	agent_in_cgroup setpriv --reuid=nobody --regid=nogroup --init-groups --inh-caps=-all,+bpf,+perfmon,+net_admin \
		--ambient-caps=-all,+bpf,+perfmon,+net_admin strace -f -qq -o "!cat >$LAB_DIR/calls"
	: >"$LAB_DIR/calls"
	chmod 666 "$LAB_DIR/calls"
	lab_agent_start -c "$LAB_DIR/conf"
	lab_ip vps "link set line2 down"
	lab_eventually 20 said 'alarm raised (line-down'
	# Our child is strace, and the agent is its.
	agent=$(pgrep -P "$(cat "$LAB_DIR/agent-router.pid")" -x agent)
	kill -HUP "$agent"
	lab_eventually 5 said "$LAB_DIR/conf: read again"
	lab_ip vps "link set line2 up"
	lab_eventually 20 said 'alarm cleared (line-down'
	kill -TERM "$agent"
	lab_wait agent-router
	calls_made >"$LAB_DIR/made"
	calls_allowed >"$LAB_DIR/allowed"
	lab_say "$(wc -l <"$LAB_DIR/made") calls made, $(wc -l <"$LAB_DIR/allowed") allowed"
	[ "$(wc -l <"$LAB_DIR/made")" -ge 30 ]
	grep -qx bpf "$LAB_DIR/made"
	comm -23 "$LAB_DIR/made" "$LAB_DIR/allowed" >"$LAB_DIR/refused"
	# What is refused makes it do without: a mount of its own, where the system's is seen.
	grep -vx -e fsopen -e setrlimit -e prlimit64 "$LAB_DIR/refused" && return 1
	return 0
}

# ---- the watchdog ----

case_a_service_manager_is_told_of_each_poll()
{
	user_lab
	managed 1 -i 500ms
	lab_eventually 10 notified 3 '^WATCHDOG=1$'
	grep -qx 'READY=1' "$LAB_DIR/log"
	# Not less than three intervals, however short the unit has it.
	grep -qx 'WATCHDOG_USEC=1500000' "$LAB_DIR/log"
	lab_stop manager
	grep -qx 'STOPPING=1' "$LAB_DIR/log"
	grep -qx 'ended 0' "$LAB_DIR/log"
	[ "$(grep -c '^late$' "$LAB_DIR/log")" = 0 ]
}

case_polls_that_hang_have_it_started_anew()
{
	local pid

	user_lab
	managed 3 -i 500ms
	lab_eventually 10 notified 3 '^WATCHDOG=1$'
	pid=$(sed -n 's/^started //p' "$LAB_DIR/log")
	kill -STOP "$pid"
	lab_eventually 30 notified 2 '^started '
	grep -qx late "$LAB_DIR/log"
	grep -qx 'ended -[69]' "$LAB_DIR/log"
	lab_eventually 20 notified 2 '^READY=1$'
	lab_eventually 10 host_has Polls 1
	[ "$(grep -c '^late$' "$LAB_DIR/log")" = 1 ]
	lab_stop manager
}

# ---- the words they use ----

# A lab whose files another user may reach, and an snmpd that lets the user's group in.
user_lab()
{
	TMPDIR=/tmp lab_up wans=2
	chmod 711 "$LAB_DIR"
	install -m 755 "$LAB_AGENT" "$LAB_DIR/agent"
	mkdir -p "$LAB_DIR/snmp-router"
	echo "agentXPerms 0660 0755 root nogroup" >"$LAB_DIR/snmp-router/snmpd.more"
	agent_in_cgroup
	lab_snmpd_start
}

# agent_in_cgroup [THROUGH...]: the agent as it sees a machine, where /sys/fs/cgroup is there: in a
# namespace of ip-netns(8) it is not.
agent_in_cgroup()
{
	{
		echo '#!/bin/sh'
		echo "exec unshare -m sh -c 'mount -t cgroup2 none /sys/fs/cgroup && exec \"\$@\"' sh \\"
		for word in "$@"; do printf "	'%s' \\\\\n" "$word"; done
		printf '	%s "$@"\n' "$LAB_DIR/agent"
	} >"$LAB_DIR/start-agent"
	chmod 755 "$LAB_DIR/start-agent"
	LAB_AGENT=$LAB_DIR/start-agent
}

# managed WATCHDOG_SECONDS [OPTION]...: the agent under a service manager.
managed()
{
	local seconds=$1

	shift
	cat >"$LAB_DIR/manage" <<-END
		#!/bin/sh
		exec python3 "$MANAGER" $seconds "$LAB_DIR/log" "$LAB_AGENT" "\$@"
	END
	chmod 755 "$LAB_DIR/manage"
	: >"$LAB_DIR/log"
	LAB_AGENT=$LAB_DIR/manage lab_agent_run "$@"
	mv "$LAB_DIR/agent-router.pid" "$LAB_DIR/manager.pid"
}

notified()
{
	[ "$(grep -c "$2" "$LAB_DIR/log")" -ge "$1" ]
}

# of_agent FIELD: of /proc/PID/status.
of_agent()
{
	sed -n "s/^$1:	//p" "/proc/$(cat "$LAB_DIR/agent-router.pid")/status"
}

powerless()
{
	local set

	of_agent Uid | grep -qx '65534	65534	65534	65534'
	for set in CapInh CapPrm CapEff CapAmb; do
		[ "$set" = CapInh ] || [ "$(of_agent $set)" = 0000000000000000 ] || {
			echo "$set: $(of_agent $set)"
			return 1
		}
	done
	[ "$(of_agent NoNewPrivs)" = 1 ]
}

# Two megabytes over both lines, which is what it tells.
carries_and_counts()
{
	lab_start server vps "$LAB_BIN/traffic" server -p 5000 --for 60
	lab_eventually 5 lab_listens vps 5000
	lab_router "$LAB_BIN/traffic" client -a "$LAB_SERVICE" -p 5000 -n 20 -j 4 --up 100000 --down 0 >/dev/null
	lab_eventually 5 counted 2000000
	host_is TruncatedSubflows 0
	host_is EventsLost 0
}

counted()
{
	local octets

	octets=$(wan_table OutOctets | awk -F '\t' '{ sum += $2 } END { print sum + 0 }')
	echo "$octets octets"
	[ "$octets" -ge "$1" ] && [ "$octets" -lt $(($1 * 5 / 4)) ]
}

said()
{
	grep -q -e "$1" "$LAB_DIR/agent-router.err"
}

gone()
{
	[ ! -e "/proc/$1" ]
}

# Nothing is wrong.
said_nothing()
{
	grep -v -e 'attached to the AgentX master' -e 'accounting: exact' "$LAB_DIR/agent-router.err" || return 0
	return 1
}

# refused LINE CMD...: that is the line it says.
refused()
{
	local line=$1

	shift
	"$@" >"$LAB_DIR/out" 2>&1 || :
	grep -qFx "mptcp-wan-agent: $line" "$LAB_DIR/out" || { cat "$LAB_DIR/out"; return 1; }
}

calls_made()
{
	sed -n 's/^[0-9]* *\([a-z_0-9]*\)(.*/\1/p' "$LAB_DIR/calls" | sed '1,/execve/!b' | sort -u |
		grep -vx -e execve
}

# The names that the unit's filters leave.
calls_allowed()
{
	syscalls_of @system-service >"$LAB_DIR/system-service"
	{ syscalls_of @privileged; syscalls_of @resources; } | sort -u >"$LAB_DIR/not"
	{ sort -u "$LAB_DIR/system-service" | comm -23 - "$LAB_DIR/not"; echo bpf; echo capset; } | sort -u
}

# Sets have sets in them.
syscalls_of()
{
	local name

	systemd-analyze syscall-filter --no-pager "$1" | sed -n 's/^ *\([@a-z_0-9-]*\)$/\1/p' | tail -n +2 |
		while read -r name; do
			case $name in
			@*) syscalls_of "$name" ;;
			*)  echo "$name" ;;
			esac
		done
}

run_cases
