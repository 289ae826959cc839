#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2016,SC2317	# cases are called by name; $ in PHP and YAML
#
# What we ship for LibreNMS, without running an agent: sensors that are the MIB's and obey LibreNMS's
# schema, a record that snmpsim answers them from, a trap handler whose test holds, alert rules that
# name what there is, and an installer that changes nothing else. LibreNMS itself is not in Debian.
# TAP on stdout. srcdir, builddir: source and build.

set -u
: "${srcdir:=$(dirname "$0")/../..}" "${builddir:=$srcdir/build}"
srcdir=$(cd "$srcdir" && pwd) || exit 1
export builddir

SYMFONY=/usr/share/php/Symfony/Component/Yaml/autoload.php	# the parser that LibreNMS has
for tool in php phpunit snmpsimd snmpget snmptranslate jq; do
	command -v $tool >/dev/null || {
		echo "1..0 # SKIP $tool is not installed"
		exit 0
	}
done
[ -e "$SYMFONY" ] || {
	echo "1..0 # SKIP php-symfony-yaml is not installed"
	exit 0
}
python3 -c 'import jsonschema, yaml' 2>/dev/null || {
	echo "1..0 # SKIP python3-jsonschema or python3-yaml is not installed"
	exit 0
}
tmp=$(mktemp -d) || exit 1
chmod 755 "$tmp"
sim=
trap 'sim_stop; rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

SHIPPED=$srcdir/integrations/librenms
WORDS=$srcdir/tests/nms/librenms
SENSORS=resources/definitions/os_discovery/mptcp-wan.yaml
RULES=resources/definitions/alert_rules.json
HANDLER=LibreNMS/Snmptrap/Handlers/MptcpWanAlarm.php
RECORD=$SHIPPED/tests/snmpsim/linux_mptcp-wan.snmprec

judge()
{
	"$WORDS/judge.py" "$@"
}

# unnoticed FILE CMD...: for each line of stdin, a mistake to make with sed in a copy of FILE, is CMD still content?
# True if there is one, and it is said which. The copy is LIBRENMS.
unnoticed()
{
	local file=$1 mistake

	shift
	while read -r mistake; do
		rm -rf "$tmp/wrong"
		cp -R "$SHIPPED" "$tmp/wrong"
		sed -i "$mistake" "$tmp/wrong/$file"
		if cmp -s "$SHIPPED/$file" "$tmp/wrong/$file" || LIBRENMS=$tmp/wrong "$@" >"$tmp/found" 2>&1; then
			echo "unnoticed: $mistake"
			return 0
		fi
	done
	return 1
}

# ---- the cases; each is named after what it shows ----

case_sensors_obey_the_schema()
{
	judge schema "$SHIPPED/$SENSORS"
}

case_librenms_parser_reads_them_as_ours_does()
{
	parsers_agree "$SHIPPED/$SENSORS"
}

case_sensors_that_do_not_would_have_been_noticed()
{
	! unnoticed "$SENSORS" judge schema "$tmp/wrong/$SENSORS" <<-'END'
		s/^modules:/mib: MPTCP-WAN-MIB\n&/
		s/num_oid: '\./num_oid: '/
		s/{{ $index }}/{{$index}}/
		s/generic: 2,/generic: 4,/
		s/, descr: major//
		s/descr: major/description: major/
		s/^        delay:/        duration:/
		0,/group:/s/group:/gruppe:/
		0,/entPhysicalIndex_measured/s/: ports/: port/
		0,/entPhysicalIndex_measured/{/entPhysicalIndex_measured/d}
		s/divisor: 100$/divisor: '100'/
		s/high_limit: 300/low_limit: 1/
		s/oid: MPTCP-WAN-MIB::mptcpWanTable/oid: mptcpWanTable/
	END
}

case_sensors_are_those_of_the_mib()
{
	judge sensors
}

case_sensors_that_are_not_would_have_been_noticed()
{
	! unnoticed "$SENSORS" judge sensors <<-'END'
		s/262\.1\.2\.1\.43\./262.1.2.1.42./
		s/262\.1\.1\.39\./262.1.1.40./
		s/descr: quiet }/descr: silent }/
		/descr: staleEndpoint/d
		/noAnswer/d
		/descr: unexplained/a\                        - { value: 60, generic: 3, graph: 0, descr: other }
		s/generic: 2, graph: 0, descr: major/generic: 1, graph: 0, descr: major/
		s/generic: 3, graph: 0, descr: idle/generic: 1, graph: 0, descr: idle/
		s/generic: 2, graph: 0, descr: noAnswer/generic: 0, graph: 0, descr: noAnswer/
		s/divisor: 1000000/divisor: 1000/
		s/multiplier: 1000$/multiplier: 1/
		s/high_limit: 300/high_limit: 30/
		s/^\( *\)index: 'mptcpWanSubflows.*/&\n\1high_limit: 5/
		s/index: 'mptcpWanShareIn\./index: 'mptcpWanShareOut./
		s/state_name: mptcpWanHostAlarm/state_name: mptcpWanAlarm/
		s/MPTCP-WAN-MIB::mptcpWanName }} share in/MPTCP-WAN-MIB::mptcpWanNam }} share in/
		s/value: MPTCP-WAN-MIB::mptcpWanHostSubflowsNeeded/value: MPTCP-WAN-MIB::mptcpWanHostSubflows/
	END
}

case_names_and_numbers_of_sensors_are_one_for_net_snmp()
{
	sed -n 's/^ *value: //p' "$SHIPPED/$SENSORS" >"$tmp/names"
	sed -n "s/^ *num_oid: '\(.*\)\.{{ .index }}'/\1/p" "$SHIPPED/$SENSORS" >"$tmp/numbers"
	# shellcheck disable=SC2046 # a list
	MIBDIRS=$srcdir/tests/mibs:$srcdir/mibs MIBS=MPTCP-WAN-MIB SNMPCONFPATH=$tmp snmptranslate -On \
		$(cat "$tmp/names") | grep . | diff "$tmp/numbers" - && [ "$(wc -l <"$tmp/numbers")" -gt 25 ]
}

case_the_record_answers_every_sensor()
{
	judge answered "$RECORD"
}

case_a_record_that_does_not_would_have_been_noticed()
{
	for cell in 1.39.0 1.26.0 2.1.43 2.1.2 2.1.4; do
		grep -v "262\.1\.${cell}[.|]" "$RECORD" >"$tmp/poor"
		! judge answered "$tmp/poor" >"$tmp/found" 2>&1 || {
			echo "unnoticed: nothing at $cell"
			return 1
		}
	done
}

case_the_record_is_in_order_and_tells_nothing_of_a_machine()
{
	cut -d '|' -f 1 "$RECORD" | sort -V -c && cut -d '|' -f 1 "$RECORD" | sort | uniq -d | nothing || return 1
	grep -v -e '^1\.3\.6\.1\.4\.1\.8072\.9999\.9999\.262\.1\.[12]\.' "$RECORD" >"$tmp/who"
	diff - "$tmp/who" <<-END
		1.3.6.1.2.1.1.1.0|4|Linux router 6.18.0 #1 SMP x86_64
		1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.8072.3.2.10
	END
}

# As LibreNMS's tests ask for it: the community is the name of the record.
case_snmpsim_answers_every_sensor_from_the_record()
{
	sim_start || return 1
	sed -n 's/^1\(\.3\.6\.1\.4\.1\.[0-9.]*\)|[0-9]*|\(.*\)/.1\1 \2/p' "$RECORD" |
		grep -F -f "$tmp/sensors" >"$tmp/wanted"
	# shellcheck disable=SC2046 # a list
	sim_get $(cut -d ' ' -f 1 "$tmp/wanted") >"$tmp/got" || return 1
	diff "$tmp/wanted" "$tmp/got" && [ "$(wc -l <"$tmp/got")" -gt 80 ]
}

case_what_librenms_is_to_find_is_what_the_record_has()
{
	judge expected "$RECORD" | diff "$SHIPPED/tests/data/linux_mptcp-wan.json" - || return 1
	# The two lines in alarm are critical, by the alarm's own sensor only.
	jq -r '(.sensors.discovery.state_indexes | map({key: "\(.state_name) \(.state_value)", value: .state_generic_value})
		| from_entries) as $generic | .sensors.discovery.sensors[] | select(.sensor_class == "state")
		| select($generic["\(.sensor_type) \(.sensor_current)"] as $g | $g == 1 or $g == 2) | .sensor_descr' \
		"$SHIPPED/tests/data/linux_mptcp-wan.json" >"$tmp/critical"
	printf '%s\n' "wan5 alarm" "wan6 alarm" | diff - "$tmp/critical"
}

case_alert_rules_name_what_there_is()
{
	judge rules "$srcdir/doc/runbook.md"
}

case_alert_rules_that_do_not_would_have_been_noticed()
{
	! unnoticed "$RULES" judge rules "$srcdir/doc/runbook.md" <<-'END'
		s/mptcpWanAlarmSeverity/mptcpWanState/
		s/sensors\.sensor_alert/sensors.alert/g
		s/macros\.state_sensor_critical/macros.state_critical/g
		s/"value":"0"/"value":"3"/
		s/`sensors.sensor_limit`/`sensors.limit`/
		s/`macros.past_5m`/`macros.past_4m`/
		s/(raised|worsened)/(raised|cleared)/
		s/mptcpWanHostAge\.0/mptcpWanHostAge.1/
		s/mptcp-wan\.md#line-alarm/mptcp-wan.md#line/
		s/"severity": "critical"/"severity": "major"/
		s/"operator":"greater"/"operator":">"/
		s/,{"id":"macros.device_up"[^}]*}//
		s/does less than it could/does not carry/
		s/"valid":true/"valid":false/
		s/"builder": {/"builder": {\n/
	END
}

case_php_has_nothing_to_say()
{
	find "$SHIPPED" "$WORDS" -name '*.php' >"$tmp/php"
	[ "$(wc -l <"$tmp/php")" = 5 ] || return 1
	while read -r file; do
		php -d error_reporting=-1 -d display_errors=1 -l "$file" || return 1
	done <"$tmp/php"
}

case_each_notification_of_the_mib_has_its_handler()
{
	php -r 'foreach ((require $argv[1])["trap_handlers"] as $trap => $class) echo "$trap $class\n";' \
		"$SHIPPED/config/snmptraps.php" | sort >"$tmp/handlers"
	sed -n 's/^\(mptcpWan[A-Za-z]*\) NOTIFICATION-TYPE$/MPTCP-WAN-MIB::\1 LibreNMS\\Snmptrap\\Handlers\\MptcpWanAlarm/p' \
		"$srcdir/mibs/MPTCP-WAN-MIB.txt" | sort | diff - "$tmp/handlers" && [ -s "$tmp/handlers" ]
}

case_the_shipped_test_of_the_handler_holds()
{
	LIBRENMS=$SHIPPED handler_test
}

case_the_shipped_test_would_have_noticed_a_wrong_handler()
{
	! unnoticed "$HANDLER" handler_test <<-'END'
		s/'major', '5' => Severity::Error/'major', '5' => Severity::Warning/
		s/'minor', '4', /'4', /
		s/'cleared' ? Severity::Ok/'cleared' ? Severity::Info/
		s/default => Severity::Info/default => Severity::Error/
		s/'major', '5'/'major'/
		s/'worsened', '2' =>/'worsened' =>/
		s/\$label !== ''/true/
		s/'Sequence'/'Epoch'/
		s/mptcpWanLog\$name\./mptcpWanLog$name.0/
		s/: \$text"/"/
	END
}

case_the_installer_adds_to_what_is_there_and_changes_nothing_else()
{
	for layout in new old; do
		librenms "$layout"
		cp -R "$tmp/librenms" "$tmp/before"
		"$SHIPPED/install" "$tmp/librenms" || return 1
		is_installed "$layout" || return 1
		cp -R "$tmp/librenms" "$tmp/once"
		"$SHIPPED/install" "$tmp/librenms" && diff -r "$tmp/once" "$tmp/librenms" || return 1
		rm -rf "$tmp/librenms" "$tmp/before" "$tmp/once"
	done
}

case_the_documented_command_installs_and_sets_all_links()
{
	librenms new
	sed -n "s, /opt/librenms\$, $tmp/librenms,; s,^    integrations,$srcdir/integrations,p" "$srcdir/doc/librenms.md" >"$tmp/command"
	[ "$(wc -l <"$tmp/command")" = 1 ] && sh "$tmp/command" || return 1
	! grep -r runbook.example "$tmp/librenms" && grep -q 'https://wiki.your.net/mptcp-wan#line-alarm' "$tmp/librenms/$RULES"
}

case_the_page_tells_of_all_sensors_and_rules()
{
	local lines host

	lines=$(grep -c 'oid: MPTCP-WAN-MIB::mptcpWanTable$' "$SHIPPED/$SENSORS")
	host=$(grep -c 'oid: MPTCP-WAN-MIB::mptcpWanHost$' "$SHIPPED/$SENSORS")
	grep "^$lines a WAN, and $host of the host\." "$srcdir/doc/librenms.md" || return 1
	jq -r '.[].name' "$SHIPPED/$RULES" >"$tmp/rules"
	while read -r name; do
		grep -qF "*$name*" "$srcdir/doc/librenms.md" || echo "nothing of $name"
	done <"$tmp/rules" | nothing
}

case_the_installer_refuses_what_is_no_librenms()
{
	mkdir "$tmp/other"
	! "$SHIPPED/install" "$tmp/other" || return 1
	! "$SHIPPED/install" || return 1
	find "$tmp/other" -type f | nothing
}

case_the_installer_writes_all_or_nothing()
{
	for file in config/snmptraps.php "$RULES" resources/definitions/os_discovery/openwrt.yaml; do
		librenms new
		echo other >"$tmp/librenms/$file"
		cp -R "$tmp/librenms" "$tmp/before"
		! "$SHIPPED/install" "$tmp/librenms" && diff -r "$tmp/before" "$tmp/librenms" || return 1
		rm -rf "$tmp/before"
	done
}

# ---- the words they use ----

# Says what it is given, and is true when that was nothing.
nothing()
{
	awk '{ print } END { exit NR > 0 }'
}

parsers_agree()
{
	php -r 'require $argv[1]; echo json_encode(Symfony\Component\Yaml\Yaml::parseFile($argv[2]));' "$SYMFONY" "$1" |
		python3 -c 'import json, sys, yaml; sys.exit(json.load(sys.stdin) != yaml.safe_load(open(sys.argv[1])))' "$1"
}

handler_test()
{
	phpunit --do-not-cache-result --bootstrap "$WORDS/stand_ins.php" --fail-on-warning \
		"$LIBRENMS/tests/Feature/SnmpTraps/MptcpWanAlarmTest.php"
}

# A simulator of agents on the loopback, as Debian has it. It wants an end to its being root.
sim_start()
{
	local port

	mkdir -p "$tmp/records" "$tmp/cache"
	cp "$RECORD" "$tmp/records/"
	chmod -R a+rX "$tmp/records"
	chmod 777 "$tmp/cache"
	sed -n "s/^ *num_oid: '\(.*\){{ .index }}'/\1/p" "$SHIPPED/$SENSORS" >"$tmp/sensors"
	for port in 16161 16162 16163 16164; do
		snmpsimd --data-dir="$tmp/records" --cache-dir="$tmp/cache" --agent-udpv4-endpoint="127.0.0.1:$port" \
			--process-user=nobody --process-group=nogroup >"$tmp/sim" 2>&1 &
		sim=$!
		address=127.0.0.1:$port
		for _ in $(seq 300); do
			kill -0 "$sim" 2>/dev/null || break
			sim_get .1.3.6.1.2.1.1.2.0 >/dev/null 2>&1 && return 0
			sleep 0.1
		done
		sim_stop
	done
	cat "$tmp/sim"
	return 1
}

sim_stop()
{
	[ -z "$sim" ] || { kill "$sim" && wait "$sim"; } 2>/dev/null
	sim=
}

# Numbers and values, as in the record. Few at a time: more may not fit a datagram.
sim_get()
{
	printf '%s\n' "$@" | SNMPCONFPATH=$tmp MIBS='' xargs -n 20 snmpget -v 2c -c linux_mptcp-wan -t 1 -r 1 -Onqe "$address"
}

# A LibreNMS of the size of a test, in the places of a new or an old one.
librenms()
{
	local discovery=resources/definitions/os_discovery rules=$RULES

	[ "$1" = new ] || discovery=includes/definitions/discovery rules=misc/alert_rules.json
	rm -rf "$tmp/librenms"
	mkdir -p "$tmp/librenms/$discovery" "$tmp/librenms/config" "$(dirname "$tmp/librenms/$rules")" "$tmp/librenms/mibs"
	cat >"$tmp/librenms/$discovery/linux.yaml" <<-'END'
		modules:
		    sensors:
		        temperature:
		            data:
		                -
		                    oid: OTHER-MIB::otherTable
		                    num_oid: '.1.3.6.1.4.1.1.1.{{ $index }}'
		                    descr: 'Board'
		        count:
		            options:
		                skip_value_lt: 0
		            data:
		                -
		                    oid: OTHER-MIB::otherTable
		                    num_oid: '.1.3.6.1.4.1.1.2.{{ $index }}'
		                    descr: 'Fans'
		        # A remark.
		        state:
		            data:
		                -
		                    oid: OTHER-MIB::otherTable
		                    num_oid: '.1.3.6.1.4.1.1.3.{{ $index }}'
		                    descr: 'Alarm'
		                    states:
		                        - { descr: asleep, value: 0, generic: 1 }
		                        - { descr: awake , value: 1, generic: 0 }
	END
	cat >"$tmp/librenms/$discovery/openwrt.yaml" <<-'END'
		modules:
		  os:
		    version:
		      - OTHER-MIB::otherVersion.0
		  sensors:
		    temperature:
		      data:
		        - oid: OTHER-MIB::otherTable
		          num_oid: '.1.3.6.1.4.1.1.1.{{ $index }}'
		          descr: 'Board'
		    count:
		      data:
		      - oid: OTHER-MIB::otherTable
		        num_oid: '.1.3.6.1.4.1.1.2.{{ $index }}'
		        descr: 'Fans'

		# The end.
	END
	cat >"$tmp/librenms/config/snmptraps.php" <<-'END'
		<?php

		return [
		    'trap_handlers' => [
		        'BGP4-MIB::bgpEstablished' => \LibreNMS\Snmptrap\Handlers\BgpEstablished::class,
		        'LOG-MIB::logTrap' => \LibreNMS\Snmptrap\Handlers\LogTrap::class,
		        'NETGEAR-SWITCHING-MIB::failedUserLoginTrap' => \LibreNMS\Snmptrap\Handlers\FailedUserLogin::class,
		        'HP-ICF-FAULT-FINDER-MIB::hpicfFaultFinderTrap' => \LibreNMS\Snmptrap\Handlers\HpFault::class,
		    ],
		];
	END
	printf '[\n  {\n    "name": "Other",\n    "builder": {"condition":"AND","rules":[],"valid":true}\n  }\n]\n' \
		>"$tmp/librenms/$rules"
}

# is_installed new|old: all of it, and of what was there before no line less.
is_installed()
{
	local discovery=resources/definitions/os_discovery rules=$RULES

	[ "$1" = new ] || discovery=includes/definitions/discovery rules=misc/alert_rules.json
	cd "$tmp/librenms" || return 1
	find . -type f | sort | sed 's/^\.\///' >"$tmp/files"
	sort <<-END | diff - "$tmp/files" || return 1
		$discovery/linux.yaml
		$discovery/openwrt.yaml
		$rules
		$HANDLER
		config/snmptraps.php
		mibs/MPTCP-WAN-MIB
		tests/Feature/SnmpTraps/MptcpWanAlarmTest.php
		tests/data/linux_mptcp-wan.json
		tests/data/openwrt_mptcp-wan.json
		tests/snmpsim/linux_mptcp-wan.snmprec
		tests/snmpsim/openwrt_mptcp-wan.snmprec
	END
	cmp mibs/MPTCP-WAN-MIB "$srcdir/mibs/MPTCP-WAN-MIB.txt" || return 1
	diff -r "$tmp/before" "$tmp/librenms" | grep '^<' | grep -vx '<   }' | nothing || return 1
	for system in linux openwrt; do
		python3 - "$tmp/before/$discovery/$system.yaml" "$SHIPPED/$SENSORS" "$discovery/$system.yaml" <<-'END' || return 1
			import sys, yaml
			theirs, ours, merged = (yaml.safe_load(open(path)) for path in sys.argv[1:])
			for name, part in ours["modules"]["sensors"].items():
			    theirs["modules"]["sensors"].setdefault(name, {"data": []})["data"].extend(part["data"])
			sys.exit(0 if theirs == merged else f"{sys.argv[3]}: not the sum of the two")
		END
		! grep -n 'not an OS of' "$discovery/$system.yaml" || return 1
		parsers_agree "$discovery/$system.yaml" || return 1
	done
	php -r '$known = array_keys((require $argv[1])["trap_handlers"]); echo implode("\n", $known), "\n";' \
		config/snmptraps.php >"$tmp/traps"
	printf '%s\n' BGP4-MIB::bgpEstablished LOG-MIB::logTrap MPTCP-WAN-MIB::mptcpWanAlarmCleared \
		MPTCP-WAN-MIB::mptcpWanAlarmRaised NETGEAR-SWITCHING-MIB::failedUserLoginTrap \
		HP-ICF-FAULT-FINDER-MIB::hpicfFaultFinderTrap | diff - "$tmp/traps" || return 1
	jq -e --slurpfile ours "$SHIPPED/$RULES" '.[0].name == "Other" and .[1:] == $ours[0]' "$rules" || return 1
	grep -q '|Linux OpenWrt ' tests/snmpsim/openwrt_mptcp-wan.snmprec &&
		! grep '"sensor_type": "linux"' tests/data/openwrt_mptcp-wan.json && cd "$srcdir" || return 1
}

# ---- the runner ----

cases=$(sed -n 's/^\(case_[a-z0-9_]*\)()$/\1/p' "$0")
echo "1..$(echo "$cases" | wc -l)"
number=0
failed=0
for name in $cases; do
	number=$((number + 1))
	title=$(echo "${name#case_}" | tr _ ' ')
	if "$name" >"$tmp/says" 2>&1; then
		echo "ok $number - $title"
	else
		echo "not ok $number - $title"
		sed 's/^/# /' "$tmp/says"
		failed=1
	fi
done
exit $failed
