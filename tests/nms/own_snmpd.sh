#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2015,SC2086	# lists of words; A && B || fail is meant so
#
# What the README tells an operator, done word for word: make install, the drop-in for the system's
# snmpd, the agent, one snmpwalk. The system is a private one: Debian's snmpd with Debian's options
# and default configuration, in a network and a mount namespace with an /etc/snmp, /usr/local, /var
# and /run of their own. TAP on stdout.
# srcdir, builddir: source and build; LAB_BIN: where the built traffic is.

set -eu

here=$(dirname "$0")/../lab
# shellcheck source=tests/lab/lab.sh
. "$here/lab.sh"
# shellcheck source=tests/lab/agent.sh
. "$here/agent.sh"

DROP_IN=/etc/snmp/snmpd.conf.d/mptcp-wan.conf
ROOT=.1.3.6.1.4.1.8072.9999.9999.262

# ---- the machine ----

# /var and /run are new, so the lab must lie elsewhere.
machine()
{
	TMPDIR=/tmp lab_up wans=3 rate=10mbit
	chmod 711 "$LAB_DIR"
	make -C "$builddir" install prefix=/usr/local DESTDIR="$LAB_DIR/dest" >"$LAB_DIR/install" 2>&1 || {
		sed 's/^/#   /' "$LAB_DIR/install" >&2
		lab_fail "make install failed"
	}
	mkdir -p "$LAB_DIR/etc-snmp/snmpd.conf.d"
	debian_snmpd_conf >"$LAB_DIR/etc-snmp/snmpd.conf"
	cat >"$LAB_DIR/mounts" <<-END
		set -e
		mount -t tmpfs none /var
		mount -t tmpfs none /run
		mount --bind $LAB_DIR/etc-snmp /etc/snmp
		mount --bind $LAB_DIR/dest/usr/local /usr/local
		mkdir -p /var/lib/snmp
		chown Debian-snmp:Debian-snmp /var/lib/snmp
		: >$LAB_DIR/mounted
		exec sleep 300
	END
	lab_start machine router unshare -m --propagation private sh "$LAB_DIR/mounts"
	lab_eventually 5 test -e "$LAB_DIR/mounted"
}

# As the package installs it, without comments.
debian_snmpd_conf()
{
	cat <<-END
		sysLocation Sitting on the Dock of the Bay
		sysContact Me <me@example.org>
		sysServices 72
		master agentx
		agentaddress 127.0.0.1,[::1]
		view systemonly included .1.3.6.1.2.1.1
		view systemonly included .1.3.6.1.2.1.25.1
		rocommunity public default -V systemonly
		rocommunity6 public default -V systemonly
		rouser authPrivUser authpriv -V systemonly
		includeDir /etc/snmp/snmpd.conf.d
	END
}

# on_machine CMD...: in its namespaces.
on_machine()
{
	nsenter -t "$(cat "$LAB_DIR/machine.pid")" -n -m "$@"
}

# The same in the background: on_machine_start NAME CMD...
on_machine_start()
{
	local name=$1

	shift
	lab_start "$name" host nsenter -t "$(cat "$LAB_DIR/machine.pid")" -n -m "$@"
}

# What the unit of Debian's package runs.
snmpd_start()
{
	on_machine_start snmpd snmpd -LOw -u Debian-snmp -g Debian-snmp \
		-I -smux,mteTrigger,mteTriggerConf -f
	lab_eventually 10 on_machine test -S /var/agentx/master
	lab_eventually 10 walks .1.3.6.1.2.1.1
}

walks()
{
	on_machine snmpwalk -v 2c -c public -m '' localhost "$1" | grep -v 'No Such\|No more'
}

# The line of the README that begins so, run from the top of the source. The machine is root's.
readme()
{
	local command

	command=$(sed 's/^    sudo /    /' "$srcdir/README.md" | grep -m 1 "^    $1 " | sed 's/^ *//')
	[ -n "$command" ] || lab_fail "README.md has no line like '$1'"
	lab_say "README: $command"
	on_machine sh -c "cd '$srcdir' && $command" 2>&1
}

traffic()
{
	lab_start server vps "$LAB_BIN/traffic" server -p 5000
	lab_eventually 5 lab_listens vps 5000
	lab_start client router "$LAB_BIN/traffic" client -a "$LAB_SERVICE" -p 5000 -n 3 \
		--up 1000000000 --down 1000000000 --for 100
}

# ---- what must hold ----

installed()
{
	on_machine test -x /usr/local/sbin/mptcp-wan-agent &&
		on_machine cmp /usr/local/share/snmp/mibs/MPTCP-WAN-MIB.txt "$srcdir/mibs/MPTCP-WAN-MIB.txt" &&
		on_machine /usr/local/sbin/mptcp-wan-agent --version
}

# Debian's default view has no room for us.
invisible()
{
	! walks $ROOT
}

# The README's walk: a row for each WAN, carrying.
walk_shows_all_carrying()
{
	readme snmpwalk >"$LAB_DIR/walk"
	cat "$LAB_DIR/walk"
	[ "$(grep -c '^mptcpWanState\.[123] = carrying$' "$LAB_DIR/walk")" = 3 ] &&
		[ "$(wc -l <"$LAB_DIR/walk")" = 3 ]
}

socket_is_for_the_group()
{
	on_machine stat -c '%a %U %G' /var/agentx /var/agentx/master
	[ "$(on_machine stat -c '%a' /var/agentx)" = 755 ] &&
		[ "$(on_machine stat -c '%a %U %G' /var/agentx/master)" = "660 Debian-snmp Debian-snmp" ]
}

# Root's agent, with nothing but defaults.
agent_of_root()
{
	on_machine_start agent /usr/local/sbin/mptcp-wan-agent -f
	lab_eventually 30 walk_shows_all_carrying
}

# The README's example. To forget a WAN that is not known fails with 1, a bad configuration with 2.
configuration_is_accepted()
{
	local status=0

	sed -n '/^    # \/etc\/mptcp-wan.conf/,/^[^ ]/s/^    //p' "$srcdir/README.md" >"$LAB_DIR/conf"
	grep -c '^[a-z]' "$LAB_DIR/conf"
	on_machine /usr/local/sbin/mptcp-wan-agent -c "$LAB_DIR/conf" --forget nobody || status=$?
	[ "$status" = 1 ]
}

agent_stops()
{
	kill "$(cat "$LAB_DIR/agent.pid")" && lab_wait agent && sed 's/^/#   /' "$LAB_DIR/agent.err" >&2
}

# agent_as GROUP: as nobody, in that group.
agent_as()
{
	on_machine install -d -o nobody /var/lib/mptcp-wan /run/mptcp-wan
	on_machine chown -R nobody /var/lib/mptcp-wan /run/mptcp-wan
	on_machine_start agent setpriv --reuid=nobody --regid="$1" --clear-groups --inh-caps=-all,+net_admin \
		--ambient-caps=-all,+net_admin --bounding-set=-all,+net_admin \
		/usr/local/sbin/mptcp-wan-agent -f
}

agent_of_the_group()
{
	agent_as Debian-snmp
	lab_eventually 30 walk_shows_all_carrying
}

agent_of_nobody_is_refused()
{
	agent_as nogroup
	lab_eventually 5 grep 'AgentX socket /var/agentx/master: Permission denied' "$LAB_DIR/agent.err" &&
		! walks $ROOT
}

stranger_reads_nothing()
{
	! on_machine snmpwalk -v 2c -c private -t 1 -r 0 -m '' localhost $ROOT
}

number=0
failed=0

check()
{
	local what=$1

	shift
	number=$((number + 1))
	if "$@" >&2; then
		echo "ok $number - $what"
	else
		echo "not ok $number - $what"
		failed=$((failed + 1))
	fi
}

story()
{
	machine
	traffic
	check "make install puts agent and MIB under the prefix" installed
	check "the README's configuration is accepted" configuration_is_accepted
	snmpd_start
	check "Debian's default view does not show our tree" invisible
	lab_stop snmpd || :
	readme "install -m 644 integrations/net-snmp/mptcp-wan.conf"
	check "the drop-in lies where snmpd reads it" on_machine cmp "$DROP_IN" \
		"$srcdir/integrations/net-snmp/mptcp-wan.conf"
	on_machine rm -rf /var/agentx
	snmpd_start
	check "snmpd has nothing to say against the drop-in" nothing_about_the_drop_in
	check "the AgentX socket is for the group" socket_is_for_the_group
	check "the agent as installed, and the README's walk: all carry" agent_of_root
	check "it ends in order" agent_stops
	check "an agent of the group attaches without root" agent_of_the_group
	check "it ends in order" agent_stops
	check "an agent outside of the group is refused, and says so" agent_of_nobody_is_refused
	check "it ends in order" agent_stops
	check "a community that the operator did not give reads nothing" stranger_reads_nothing
}

nothing_about_the_drop_in()
{
	grep '/etc/snmp/\|agentX\|identify' "$LAB_DIR/snmpd.out" "$LAB_DIR/snmpd.err" >"$LAB_DIR/complaints"
	cat "$LAB_DIR/complaints"
	[ ! -s "$LAB_DIR/complaints" ]
}

skip()
{
	echo "1..0 # SKIP $1"
	exit 0
}

reason=$(lab_possible) || skip "$reason"
for tool in snmpd snmpwalk make nsenter unshare setpriv; do
	command -v $tool >/dev/null || skip "$tool is not installed"
done
getent passwd Debian-snmp >/dev/null || skip "no user Debian-snmp: snmpd is not Debian's"
: "${LAB_BIN:?where the built traffic is}"
lab_trap
story
echo "1..$number"
[ "$failed" = 0 ]
