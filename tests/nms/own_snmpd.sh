#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2015,SC2016,SC2086	# lists of words; A && B || fail is meant so; awk's $
#
# What the README and integrations/net-snmp/README.md tell an operator, done word for word: make
# install, the drop-in for the system's snmpd, the agent, one snmpwalk; a user of SNMPv3, a snmptrapd
# that is told. The system is a private one: Debian's snmpd with Debian's options and default
# configuration, in a network and a mount namespace with an /etc/snmp, /usr/local, /var and /run of
# their own. TAP on stdout.
# srcdir, builddir: source and build; LAB_BIN: where the built traffic is.

set -eu

here=$(dirname "$0")/../lab
# shellcheck source=tests/lab/lab.sh
. "$here/lab.sh"
# shellcheck source=tests/lab/agent.sh
. "$here/agent.sh"

NET_SNMP=integrations/net-snmp
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
	lab_router sysctl -qw net.ipv4.ip_unprivileged_port_start=162	# systemd opens it for snmptrapd
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

# The package's own; where the machine's owner has changed that: the same without comments.
debian_snmpd_conf()
{
	local sum

	sum=$(dpkg-query -W -f '${Conffiles}\n' snmpd | sed -n 's,^ /etc/snmp/snmpd.conf \([0-9a-f]*\).*,\1,p')
	if [ "$(md5sum </etc/snmp/snmpd.conf)" = "$sum  -" ]; then
		lab_say "snmpd.conf is the package's"
		cat /etc/snmp/snmpd.conf
		return
	fi
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
	readme_of README.md "$1"
}

# readme_of FILE LINE [WORD THE-OPERATORS]: the same of another one, with one word of the operator's.
readme_of()
{
	local command

	command=$(sed 's/^    sudo /    /; /^    /s/| sudo /| /' "$srcdir/$1" | grep -m 1 "^    $2" |
		sed "s/^ *//${3:+; s/$3/$4/}")
	[ -n "$command" ] || lab_fail "$1 has no line like '$2'"
	lab_say "$1: $command"
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

# agent_is_refused GROUP
agent_is_refused()
{
	agent_as "$1"
	lab_eventually 5 grep 'AgentX socket /var/agentx/master: Permission denied' "$LAB_DIR/agent.err" &&
		! walks $ROOT
}

stranger_reads_nothing()
{
	! on_machine snmpwalk -v 2c -c private -t 1 -r 0 -m '' localhost $ROOT
}

# ---- a manager by SNMPv3, and one that is told ----

PASSPHRASES='-a SHA-256 -A "first passphrase" -x AES -X "second passphrase"'

# In a drop-in with passphrases, that all may not read.
operator_wants_snmpv3()
{
	readme_of $NET_SNMP/README.md "echo 'createUser noc .*/snmpd.conf"
	readme_of $NET_SNMP/README.md "sed -i 's/^#rouser"
	on_machine sed -i -e "s/^#agentaddress 192.0.2.1/agentaddress $(lab_addresses wan1)/" \
		-e '/^#.* 192\.0\.2\.5/{s/^#//; s/192\.0\.2\.5/127.0.0.1/}' "$DROP_IN"
	on_machine chmod 640 "$DROP_IN"
	on_machine chgrp Debian-snmp "$DROP_IN"
}

# What Debian's unit runs, as its user.
snmptrapd_start()
{
	local engine

	engine=$(on_machine sed -n 's/^oldEngineID //p' /var/lib/snmp/snmpd.conf)
	readme_of $NET_SNMP/README.md "install -m 644 $NET_SNMP/snmptrapd.conf"
	readme_of $NET_SNMP/README.md "install -d -o Debian-snmp"
	readme_of $NET_SNMP/README.md "echo 'createUser noc .*/snmptrapd.conf"
	readme_of $NET_SNMP/README.md "echo 'createUser -e" 0x80001F8880AABBCC "$engine"
	readme_of $NET_SNMP/README.md "chown Debian-snmp:Debian-snmp /var/lib/snmp/snmptrapd.conf"
	readme_of $NET_SNMP/README.md "sed -i 's/^#authUser"
	on_machine_start snmptrapd setpriv --reuid=Debian-snmp --regid=Debian-snmp --clear-groups \
		snmptrapd -LOw -f udp:162 udp6:162
	lab_eventually 10 on_machine grep -q . /var/log/snmptrapd/notifications.log
}

# noc PLACE OID [LEVEL]: what the user noc reads.
noc()
{
	"$1" sh -c "snmpwalk -v 3 -u noc -l ${4:-authPriv} $PASSPHRASES -t 2 -r 1 -m '' -On $2 $3" 2>&1
}

view_is_all_that_is_seen()
{
	noc on_machine localhost .1.3 >"$LAB_DIR/v3"
	on_machine snmpwalk -v 2c -c public -m '' -On localhost .1.3 >"$LAB_DIR/v2c"
	for walk in v3 v2c; do
		sed '/No more variables left in this MIB View/d' "$LAB_DIR/$walk" |
			grep '^\.' | grep -v '^\.1\.3\.6\.1\.2\.1\.1\.\|^\.1\.3\.6\.1\.2\.1\.25\.1\.' |
			sed 's/ = .*//' >"$LAB_DIR/$walk.oids"
		# Our objects are some hundreds, and there are no others.
		grep -c "^$ROOT\." "$LAB_DIR/$walk.oids"
		! grep -v "^$ROOT\." "$LAB_DIR/$walk.oids" || return 1
		grep -q "^$ROOT\.1\.2\.1\.7\.3$" "$LAB_DIR/$walk.oids" || return 1
	done
	diff "$LAB_DIR/v3.oids" "$LAB_DIR/v2c.oids"
}

noc_reads_from_afar()
{
	noc lab_vps "$(lab_addresses wan1)" $ROOT.1.2.1.7 | grep -c 'INTEGER: 9' | grep -qx 3
}

noc_must_encrypt()
{
	noc on_machine localhost $ROOT.1.2.1.7 authNoPriv | tee "$LAB_DIR/noc"
	! grep INTEGER "$LAB_DIR/noc" || return 1
	PASSPHRASES='-a SHA-256 -A "other passphrase" -x AES -X "second passphrase"' \
		noc on_machine localhost $ROOT.1.2.1.7 | tee "$LAB_DIR/noc"
	grep -q 'Authentication failure' "$LAB_DIR/noc"
}

passphrases_are_keys()
{
	on_machine grep -c '^usmUser .*"noc"' /var/lib/snmp/snmpd.conf &&
		! on_machine grep passphrase /var/lib/snmp/snmpd.conf
}

# The agent's test notification, by each of the four lines of the drop-in.
manager_is_told_in_four_ways()
{
	on_machine /usr/local/sbin/mptcp-wan-agent --test-notification
	lab_eventually 10 told_ways 'INFORM, SNMP v2c' 'INFORM, SNMP v3' 'TRAP2, SNMP v2c' 'TRAP2, SNMP v3'
}

told_ways()
{
	on_machine cat /var/log/snmptrapd/notifications.log
	on_machine awk -F '\t' -v object="$ROOT.1.7.1.19.0 = STRING: \"This is a test of " '
		index($0, object) { sub(/,[^,]*$/, "", $3); sub(/, user .*/, "", $3); print $3 }
	' /var/log/snmptrapd/notifications.log | sort -u >"$LAB_DIR/ways"
	printf '%s\n' "$@" | diff - "$LAB_DIR/ways"
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
	check "without the drop-in an agent of the group is refused" agent_is_refused Debian-snmp
	check "it ends in order" agent_stops
	lab_stop snmpd || :
	readme "install -m 644 integrations/net-snmp/mptcp-wan.conf "
	readme_of $NET_SNMP/README.md "chmod 755 /var/agentx"
	check "the drop-in lies where snmpd reads it" on_machine cmp "$DROP_IN" \
		"$srcdir/integrations/net-snmp/mptcp-wan.conf"
	snmpd_start
	check "snmpd has nothing to say against the drop-in" nothing_about_the_drop_in
	check "the AgentX socket is for the group" socket_is_for_the_group
	check "the agent as installed, and the README's walk: all carry" agent_of_root
	check "it ends in order" agent_stops
	check "an agent of the group attaches without root" agent_of_the_group
	check "it ends in order" agent_stops
	check "an agent outside of the group is refused, and says so" agent_is_refused nogroup
	check "it ends in order" agent_stops
	check "a community that the operator did not give reads nothing" stranger_reads_nothing
	lab_stop snmpd || :
	operator_wants_snmpv3 >&2
	snmptrapd_start >&2
	snmpd_start
	check "snmpd has nothing to say against the drop-in's other lines" nothing_about_the_drop_in
	check "passphrases of the user are keys now" passphrases_are_keys
	check "the agent of the group attaches again" agent_of_the_group
	check "SNMPv3 and v2c see what the view has, all of our tree and nothing more" view_is_all_that_is_seen
	check "the user of SNMPv3 reads at the address that was added" noc_reads_from_afar
	check "and nothing unencrypted, or with another passphrase" noc_must_encrypt
	check "a manager is told by trap and by inform, by SNMPv2c and by SNMPv3" manager_is_told_in_four_ways
	check "it ends in order" agent_stops
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
for tool in snmpd snmptrapd snmpwalk make nsenter unshare setpriv; do
	command -v $tool >/dev/null || skip "$tool is not installed"
done
getent passwd Debian-snmp >/dev/null || skip "no user Debian-snmp: snmpd is not Debian's"
: "${LAB_BIN:?where the built traffic is}"
lab_trap
story
echo "1..$number"
[ "$failed" = 0 ]
