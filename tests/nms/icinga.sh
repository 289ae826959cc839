#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2015,SC2119,SC2317	# A && B || fail is meant so; cases are called by name
#
# Debian's Icinga 2 with integrations/icinga/mptcp-wan.conf in its conf.d, running `mptcp-wan check` as
# its own user beside the agent: what it holds for the state, and what it reads in the performance
# data. It has an /etc/icinga2, /var and /run of its own. TAP on stdout.
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

CLI=$builddir/cli/mptcp-wan
DEFINITION=$srcdir/integrations/icinga/mptcp-wan.conf
OK=0 WARNING=1 CRITICAL=2

# ---- the cases; each is named after what it shows ----

case_its_arguments_are_the_options_of_the_check()
{
	local dir

	dir=$(mktemp -d "${TMPDIR:-/tmp}/mptcp-lab.XXXXXX") || lab_fail "no temporary directory"
	LAB_DIR=$dir	# it goes with the case
	"$CLI" check --help | sed -n 's/^ *\(-., \)*\(--.*\)/\2/p' |
		sed 's/^\(--[a-z-]*\) \([A-Z][A-Z]*\)  *\(.*\)/\1 value \3/; t; s/^\(--[a-z-]*\)  *\(.*\)/\1 set_if \2/' |
		grep -v '^--help \|^--version ' | sort >"$dir/help"
	awk '
		/^\t\t"--/ { name = $1; gsub(/"/, "", name); variable = name; sub(/^--/, "mptcp_wan_", variable); gsub(/-/, "_", variable) }
		/^\t\t\t(value|set_if) = / { kind = $1; wrong = $3 != "\"$" variable "$\"" ? " (" $3 ")" : "" }
		/^\t\t\tdescription = / { sub(/^[^"]*"/, ""); sub(/"$/, ""); print name, kind wrong, $0 }' "$DEFINITION" |
		sort >"$dir/defined"
	[ "$(wc -l <"$dir/help")" -ge 12 ] && diff "$dir/help" "$dir/defined"
}

case_a_service_is_ok_then_critical_with_the_cause_then_ok_again()
{
	begin wans=4 router_limits="subflows 1 add_addr_accepted 1"
	install -d -m 2755 -g nagios "$LAB_DIR/snmp-router/run"
	alarms_watch
	icinga
	lab_eventually 60 service_is mptcp-wan $OK '^MPTCP OK - 4 WANs: 4 up, '
	[ "$(on_machine stat -c %U /var/cache/icinga2/status.dat)" = nagios ]
	lab_eventually 20 service_is 'mptcp-wan wan1' $OK '^MPTCP OK - wan1 is '
	lab_eventually 60 service_is everything $WARNING '^MPTCP WARNING - wans_up is 4, not within 9:; '
	said everything '^seen in 2 s without the agent, '
	lab_eventually 20 measured mptcp-wan wans_in_alarm 0

	load bulk
	lab_eventually 60 service_is mptcp-wan $CRITICAL \
		'^MPTCP CRITICAL - wan3, wan4 up-but-idle (subflow-limit); 4 WANs: 4 up, 2 joined, '
	said mptcp-wan '^wan3, wan4 (major): no subflow; .* Now: ip mptcp limits set subflows 3; for good: '
	lab_eventually 20 service_is 'mptcp-wan wan3' $CRITICAL '^MPTCP CRITICAL - wan3 up-but-idle (subflow-limit); '
	service_is 'mptcp-wan wan1' $OK '^MPTCP OK - wan1 is '
	lab_eventually 20 measured mptcp-wan wans_in_alarm 2
	for wan in wan1=9 wan2=9 wan3=7 wan4=7; do
		lab_eventually 20 measured mptcp-wan "${wan%=*}_state" "${wan#*=}"
	done

	lab_limits router "subflows 3 add_addr_accepted 1"
	reload bulk
	lab_eventually 60 service_is mptcp-wan $OK '^MPTCP OK - 4 WANs: 4 up, 4 joined, '
	lab_eventually 20 service_is 'mptcp-wan wan3' $OK '^MPTCP OK - wan3 is '
	lab_eventually 20 measured mptcp-wan wans_in_alarm 0
}

# ---- the words they use ----

# Its machine: the package's configuration, without what it checks of itself, and ours.
icinga()
{
	chmod 755 "$LAB_DIR"
	mkdir "$LAB_DIR/bin"
	cp "$CLI" "$LAB_DIR/bin"
	cp -a /etc/icinga2 "$LAB_DIR/etc-icinga2"
	configuration
	cat >"$LAB_DIR/mounts" <<-END
		set -e
		mount -t tmpfs none /var
		mount -t tmpfs none /run
		mount --bind $LAB_DIR/etc-icinga2 /etc/icinga2
		ln -s /run /var/run
		for dir in lib log cache spool; do
			mkdir /var/\$dir
			install -d -o nagios -g nagios /var/\$dir/icinga2
		done
		install -d -o nagios -g nagios /var/lib/icinga2/api /var/lib/icinga2/api/log /var/lib/icinga2/api/repository \\
			/var/lib/icinga2/api/zones /var/spool/icinga2/tmp /var/spool/icinga2/perfdata
		/usr/lib/icinga2/prepare-dirs /usr/lib/icinga2/icinga2
		: >$LAB_DIR/mounted
		exec sleep 300
	END
	lab_start machine router unshare -m --propagation private sh "$LAB_DIR/mounts"
	lab_eventually 10 test -e "$LAB_DIR/mounted"
	on_machine icinga2 daemon -C >"$LAB_DIR/checked" && grep 'Instantiated 4 Services' "$LAB_DIR/checked" || {
		cat "$LAB_DIR/checked"
		lab_fail "Icinga does not take its configuration"
	}
	graphite
	lab_start icinga host nsenter -t "$(cat "$LAB_DIR/machine.pid")" -n -m \
		env PATH="$LAB_DIR/bin:$PATH" nice -n 10 icinga2 daemon
}

configuration()
{
	local conf=$LAB_DIR/etc-icinga2

	rm "$conf/conf.d/hosts.conf" "$conf/conf.d/services.conf" "$conf/conf.d/notifications.conf" \
		"$conf/conf.d/downtimes.conf" "$conf/conf.d/apt.conf"
	sed 's/^\(\t[a-z]*_interval = \)1m$/\12s/' "$DEFINITION" >"$conf/conf.d/mptcp-wan.conf"
	[ "$(grep -c '_interval = 2s' "$conf/conf.d/mptcp-wan.conf")" = 4 ]
	cat >"$conf/conf.d/omr1.conf" <<-END
		object Host "omr1" {
			check_command = "dummy"
			vars.mptcp_wan = true
			vars.mptcp_wans = [ "wan1", "wan3" ]
			vars.mptcp_wan_run_dir = "$LAB_DIR/snmp-router/run"
		}
		object Service "everything" {
			import "generic-service"
			host_name = "omr1"
			check_command = "mptcp-wan"
			check_interval = 2s
			retry_interval = 2s
			vars.mptcp_wan_warning = "never,wans_up=9:"
			vars.mptcp_wan_critical = "never"
			vars.mptcp_wan_blind = "critical"
			vars.mptcp_wan_timeout = "50s"
			vars.mptcp_wan_size = 8192
			vars.mptcp_wan_for = "2s"
			vars.mptcp_wan_verbose = true
			vars.mptcp_wan_no_agent = true
			vars.mptcp_wan_interval = "500ms"
			vars.mptcp_wan_config = "$LAB_DIR/alarms-router.conf"
		}
		object StatusDataWriter "status" { update_interval = 1s }
		object GraphiteWriter "graphite" { host = "127.0.0.1" }
	END
}

# Who has the values in the end: a socket that writes down what it is told. To end all traffic in the
# lab ends this connection, too, and Icinga makes it anew.
graphite()
{
	cat >"$LAB_DIR/graphite.py" <<-END
		import socket
		server = socket.create_server(("127.0.0.1", 2003))
		print("ready", flush=True)
		while True:
		    with server.accept()[0] as client, client.makefile() as lines:
		        try:
		            for line in lines:
		                print(line, end="", flush=True)
		        except ConnectionError:
		            pass
	END
	lab_start graphite router /usr/bin/python3 "$LAB_DIR/graphite.py"
	lab_eventually 10 grep -qx ready "$LAB_DIR/graphite.out"
}

on_machine()
{
	nsenter -t "$(cat "$LAB_DIR/machine.pid")" -n -m "$@"
}

# service_is NAME STATE BEGINNING: Icinga has it so, by its status file.
service_is()
{
	service "$1" >"$LAB_DIR/service" || {
		tail -n 5 "$LAB_DIR/icinga.out" "$LAB_DIR/icinga.err"
		return 1
	}
	cat "$LAB_DIR/service"
	grep -qx "current_state=$2" "$LAB_DIR/service" && grep -q "^plugin_output=${3#^}" "$LAB_DIR/service"
}

# said NAME LINE: so begins one of the lines after the first.
said()
{
	service "$1" | sed -n 's/^long_plugin_output=//p' | sed 's/\\n/\n/g' | grep "$2"
}

service()
{
	on_machine cat /var/cache/icinga2/status.dat | awk -v name="service_description=$1" '
		/^servicestatus/ { block = ""; mine = 0; next }
		{ sub(/^[ \t]*/, ""); block = block $0 "\n" }
		$0 == name { mine = 1 }
		/^}/ && mine { printf "%s", block; found = 1; exit }
		END { exit !found }'
}

# measured SERVICE LABEL NUMBER: the latest of that performance data.
measured()
{
	local last

	last=$(awk -v name="icinga2.omr1.services.$1.mptcp-wan.perfdata.$2.value" '
		$1 == name { last = $2 }
		END { print last }' "$LAB_DIR/graphite.out")
	echo "$2 is $last"
	[ "$last" = "$3" ]
}

[ -x "$CLI" ] || {
	echo "1..0 # SKIP the command line is not built"
	exit 0
}
command -v icinga2 >/dev/null || {
	echo "1..0 # SKIP icinga2 is not installed"
	exit 0
}
run_cases
