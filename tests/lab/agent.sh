# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2015	# A && B || fail is meant so
#
# mptcp-wan-agent and an snmpd of its own in the lab, and words to ask what they say. Source lab.sh
# first, then this file; srcdir is the top of the source, builddir where it was built.
#
#	lab_up wans=6; lab_agent_start
#	lab_eventually 30 wan_state wan1 wan2 = carrying
#	lab_at vps lab_agent_start -i 500ms
#	[ "$(lab_at vps host_get Accounting)" = exact ]
#
# Everything is at the router, unless lab_at says otherwise; `host` is the machine itself, for which
# LAB_DIR suffices and no lab is needed. Objects are named as in the MIB, values are words where the
# MIB has words, and `-` is what has no instance. All of it lives in LAB_DIR, and ends with lab_down.

: "${srcdir:?the top of the source}" "${builddir:?where it was built}"
LAB_AGENT=$builddir/agent/mptcp-wan-agent

# ---- starting and stopping ----

# lab_agent_start [OPTION of mptcp-wan-agent]...: with snmpd, if it does not run yet. Polls each
# second unless told otherwise; returns when it has polled and answers.
lab_agent_start()
{
	[ -e "$LAB_DIR/snmpd-$LAB_PLACE.pid" ] || lab_snmpd_start
	lab_agent_run "$@"
	lab_eventually 10 lab_agent_decided && lab_alive "agent-$LAB_PLACE" || {
		sed 's/^/#   /' "$LAB_DIR/agent-$LAB_PLACE.err" >&2
		lab_fail "the agent at $LAB_PLACE does not answer"
	}
}

# Only starts it: for a case in which it has no master, or cannot start at all.
# In a lab the machine's own configuration is not read; a later -c has the last word. However slow
# the machine, polls come when they are asked for.
lab_agent_run()
{
	local dir=$LAB_DIR/snmp-$LAB_PLACE

	mkdir -p "$dir"
	echo "cpu-budget = 100" >"$dir/none.conf"
	[ "$LAB_PLACE" = host ] || set -- -c "$dir/none.conf" "$@"
	lab_start "agent-$LAB_PLACE" "$LAB_PLACE" "$LAB_AGENT" -f -i 1s -x "$dir/agentx" \
		-s "$dir/state" --run-dir "$dir/run" "$@"
}

# Returns the agent's exit status. Its master and its state stay, for another one.
lab_agent_stop()
{
	lab_stop "agent-$LAB_PLACE"
}

lab_agent_decided()
{
	lab_alive "agent-$LAB_PLACE" || return 0
	host_has Polls 1
}

# Does what lab_start started under this name still run? Until it is waited for, it is a zombie.
lab_alive()
{
	grep -q '^State:[[:space:]]*[^ZX]' "/proc/$(cat "$LAB_DIR/$1.pid")/status" 2>/dev/null
}

# A namespace has all ports to itself. On the machine one is looked for: it may be taken while we
# look, then snmpd ends at once.
lab_snmpd_start()
{
	local port=161

	[ "$LAB_PLACE" != host ] || port=16100
	until lab_snmpd_try $port; do
		[ "$LAB_PLACE" = host ] && [ $port -lt 16120 ] || {
			sed 's/^/#   /' "$LAB_DIR/snmpd-$LAB_PLACE.err" >&2
			lab_fail "snmpd at $LAB_PLACE does not start"
		}
		port=$((port + 1))
	done
}

lab_snmpd_try()
{
	local dir=$LAB_DIR/snmp-$LAB_PLACE

	mkdir -p "$dir/persistent"
	echo "127.0.0.1:$1" >"$dir/address"
	rm -f "$dir/agentx"
	cat >"$dir/snmpd.conf" <<-END
		agentaddress udp:127.0.0.1:$1
		master agentx
		agentXSocket $dir/agentx
		rocommunity public 127.0.0.1
	END
	[ ! -e "$dir/snmpd.more" ] || cat "$dir/snmpd.more" >>"$dir/snmpd.conf"
	# snmpd would try to load every module of the system, and complain of each; the modules left
	# out know nothing that we ask, and complain too.
	lab_start "snmpd-$LAB_PLACE" "$LAB_PLACE" env MIBS= SNMPCONFPATH="$dir" \
		SNMP_PERSISTENT_DIR="$dir/persistent" \
		snmpd -f -Le -C -c "$dir/snmpd.conf" -I -smux,mteTrigger,mteTriggerConf
	if lab_eventually 30 lab_snmpd_decided "$1" && lab_alive "snmpd-$LAB_PLACE"; then
		return 0
	fi
	lab_snmpd_stop || :
	return 1
}

# It has the port, or it has ended. Its AgentX socket comes before the port, even if that is taken.
lab_snmpd_decided()
{
	lab_alive "snmpd-$LAB_PLACE" || return 0
	lab_binds "snmpd-$LAB_PLACE" "$1"
}

lab_snmpd_stop()
{
	lab_stop "snmpd-$LAB_PLACE"
}

# ---- a manager that is told ----

# lab_trapd_start [NAME [PORT]]: a receiver of notifications that writes one line each. It knows the
# community public and the user `manager`; LAB_V3 are the words for the user. Loopback only. LAB_TRAPD_BY
# is udp, or tcp: where a burst must not be lost on its way.
# shellcheck disable=SC2034 # for who sources this
LAB_V3="-v 3 -l authPriv -u manager -a SHA -A authenticate -x AES -X encrypt-it"

lab_trapd_start()
{
	local name=${1:-trapd} port=${2:-162} dir

	dir=$LAB_DIR/$name
	mkdir -p "$dir/persistent"
	cat >"$dir/snmptrapd.conf" <<-END
		createUser manager SHA authenticate AES encrypt-it
		authCommunity log public
		authUser log manager priv
	END
	lab_start "$name" "$LAB_PLACE" env MIBDIRS="$srcdir/tests/mibs:$srcdir/mibs" \
		MIBS=MPTCP-WAN-MIB SNMPCONFPATH="$dir" SNMP_PERSISTENT_DIR="$dir/persistent" \
		snmptrapd -f -n -Lo -C -c "$dir/snmptrapd.conf" -OQUs -F '%v\n' "${LAB_TRAPD_BY:-udp}:127.0.0.1:$port"
	lab_eventually 10 lab_binds "$name" "$port" ||
		lab_fail "$name does not start: $(cat "$LAB_DIR/$name.err")"
}

# Has what lab_start started under this name that port?
lab_binds()
{
	local ns=

	[ "$LAB_PLACE" = host ] || ns=$(lab_netns "$LAB_PLACE") || exit 1
	${ns:+ip netns exec "$ns"} ss -Hltunp "sport = $2" |
		grep -q "pid=$(cat "$LAB_DIR/$1.pid"),"
}

# lab_told [NAME]: our notifications that it has got, in order; tabs between their variables.
lab_told()
{
	grep ' = mptcpWanAlarm[A-Z][a-z]*	' "$LAB_DIR/${1:-trapd}.out" || :
}

# ---- asking ----

# lab_snmp snmpget|snmpbulkwalk|... [OPTION or OBJECT]...: with the names of our MIB.
lab_snmp()
{
	local dir=$LAB_DIR/snmp-$LAB_PLACE tool=$1 ns=

	shift
	[ "$LAB_PLACE" = host ] || ns=$(lab_netns "$LAB_PLACE") || exit 1
	${ns:+ip netns exec "$ns"} env MIBDIRS="$srcdir/tests/mibs:$srcdir/mibs" MIBS=MPTCP-WAN-MIB \
		SNMPCONFPATH="$dir" SNMP_PERSISTENT_DIR="$dir/persistent" \
		"$tool" -v 2c -c public -t 1 -r 2 -OqUs "$(cat "$dir/address")" "$@"
}

# lab_snmp_get OBJECT.INSTANCE: its value, or - if there is none; 1 when nobody answers.
lab_snmp_get()
{
	local value

	value=$(lab_snmp snmpget -Ov "$1") || return
	case $value in
	"No Such "*) echo - ;;
	*)           printf '%s\n' "$value" | lab_snmp_text ;;
	esac
}

lab_snmp_text()
{
	sed 's/^"\(.*\)"$/\1/'
}

# host_get WansCarrying: mptcpWanHostWansCarrying; a whole name may be given, too.
host_get()
{
	case $1 in
	mptcpWan*) lab_snmp_get "$1.0" ;;
	*)         lab_snmp_get "mptcpWanHost$1.0" ;;
	esac
}

# wan_table State Subflows ...: for each WAN a line of its name and these columns, tabs between.
wan_table()
{
	lab_snmp snmpbulkwalk mptcpWanTable >"$LAB_DIR/snmp-$LAB_PLACE/table" || return
	awk -v columns="Name $*" '
		{
			dot = index($1, ".")
			value = $0
			sub("^[^ ]* ?", "", value)
			if (value ~ /^".*"$/)
				value = substr(value, 2, length(value) - 2)
			cell[substr($1, 1, dot - 1), substr($1, dot + 1)] = value
		}
		$1 ~ /^mptcpWanName\./ { row[++rows] = substr($1, dot + 1) }
		END {
			n = split(columns, column, " ")
			for (i = 1; i <= rows; i++) {
				for (j = 1; j <= n; j++) {
					key = "mptcpWan" column[j] SUBSEP row[i]
					printf("%s%s", j > 1 ? "\t" : "", key in cell ? cell[key] : "-")
				}
				print ""
			}
		}' "$LAB_DIR/snmp-$LAB_PLACE/table"
}

# wan_get State wan2; 1 if no such WAN is known.
wan_get()
{
	wan_table "$1" | awk -F '\t' -v wan="$2" '
		$1 == wan { print $2; found = 1 }
		END { exit !found }'
}

# wan_state wan1 wan2 = carrying: are all of them? Shows what all are.
wan_state()
{
	wan_column State "$@"
}

# wan_column COLUMN wan1 wan2 = VALUE
wan_column()
{
	local rows wan want

	rows=$(wan_table "$1") || return
	shift
	for want; do :; done
	printf '%s\n' "$rows"
	for wan; do
		[ "$wan" != = ] || return 0
		printf '%s\n' "$rows" | grep -qx "$wan	$want" || return 1
	done
	lab_fail "wan_column: say which value, after ="
}

# host_is WansCarrying 4: the same for a value of the host. host_has Polls 12: that much or more.
host_is()
{
	local value

	value=$(host_get "$1") || return
	echo "$1 is $value"
	[ "$value" = "$2" ]
}

host_has()
{
	local value

	value=$(host_get "$1") || return
	echo "$1 is $value"
	[ "$value" != - ] && [ "$value" -ge "$2" ]
}

# The table and the host's summary, for people, with an empty line around.
lab_show()
{
	local reason

	echo
	wan_table State Subflows OutRate InRate ShareOut ShareIn | awk -F '\t' '
		function rate(kbps) { return kbps == "-" ? "-" : sprintf("%.1f Mbit/s", kbps / 1000) }
		function share(part) { return part == "-" ? "-" : sprintf("%.0f %%", part / 100) }
		BEGIN {
			format = "    %-8s %-9s %8s %12s %12s %10s %9s\n"
			printf(format, "WAN", "STATE", "SUBFLOWS", "OUT", "IN", "SHARE OUT", "SHARE IN")
		}
		{ printf(format, $1, $2, $3, rate($4), rate($5), share($6), share($7)) }'
	wan_table Cause CauseText | awk -F '\t' '$2 != "none" && $2 != "-" { print "\n" $1 ": " $3 }' |
		fold -s -w 96 | sed 's/^\(.\)/    \1/'
	reason=$(host_get AccountingReason)
	printf '\n    %s\n    %s\n\n' \
		"$(host_get WansConfigured) WANs: $(host_get WansUp) up, $(host_get WansJoined) joined, \
$(host_get WansCarrying) carrying; $(host_get Connections) connections, $(host_get Subflows) subflows" \
		"limits: $(host_get SubflowLimit) extra subflows, $(host_get AddAddrLimit) announced \
addresses; accounting: $(host_get Accounting)${reason:+ ($reason)}"
}
