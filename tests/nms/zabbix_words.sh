# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2015,SC2016,SC2030,SC2031,SC2034,SC2119,SC2120	# jq's own dollars
#
# A Zabbix of our own, and words to ask it: server, frontend and PostgreSQL of Debian, in a network
# namespace beside the labs, which it shares with nobody. Source lab.sh and agent.sh first.
#
#	zabbix_start			once a script: the template is imported
#	zabbix_reaches_router		in a case, after lab_up and before the agent starts
#	zabbix_host '{$MPTCP.INTERVAL}=1s'
#	lab_eventually 60 problems_are "High wan5 is up but idle: subflow-limit"
#
# One Zabbix watches the routers of all cases, each a host of its own, over a link of its own. The
# database as Debian's packages fill it is made once, in $builddir/nms, and copied for each run.

: "${srcdir:?the top of the source}" "${builddir:?where it was built}"
: "${ZABBIX_TEMPLATE:=$srcdir/integrations/zabbix/template_mptcp_wan_snmp.yaml}"
ZABBIX_NAME="MPTCP WAN by SNMP"
ZABBIX_SQL=/usr/share/zabbix-server-pgsql
ZABBIX_WEB=/usr/share/zabbix
ZABBIX_PORT=8080
ZABBIX_PLACE=mw$$-zabbix	# namespace
ZABBIX_DIR=
POSTGRES=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)

# Is a test with Zabbix possible here? Says why not, and returns 1.
zabbix_possible()
{
	local tool file

	for tool in zabbix_server php curl jq setpriv snmptrapd; do
		command -v $tool >/dev/null || { echo "$tool is not installed"; return 1; }
	done
	for file in "$POSTGRES/postgres" "$ZABBIX_SQL/data.sql.gz" "$ZABBIX_WEB/api_jsonrpc.php"; do
		[ -e "$file" ] || { echo "there is no $file"; return 1; }
	done
	for tool in bcmath gd mbstring pgsql xml; do
		php -m | grep -qix "$tool" || { echo "php has no $tool"; return 1; }
	done
}

# ---- beside the labs ----

# CMD with the words of lab.sh, where Zabbix is: its processes, its folder.
zabbix_side()
{
	local LAB_DIR=$ZABBIX_DIR LAB_ROUTER=$ZABBIX_PLACE LAB_VPS=none LAB_PLACE=router

	"$@"
}

# zabbix_runs NAME CMD...: in the background, behind what the labs do.
zabbix_runs()
{
	local name=$1

	shift
	lab_start "$name" "$LAB_PLACE" nice -n 10 "$@"
}

# ---- PostgreSQL ----

# It refuses to be root.
as_postgres()
{
	setpriv --reuid=postgres --regid=postgres --clear-groups "$@"
}

# postgres_start DATA: with its Unix socket beside DATA, and no other.
postgres_start()
{
	zabbix_runs postgres setpriv --reuid=postgres --regid=postgres --clear-groups \
		"$POSTGRES/postgres" -D "$1" -k "$(dirname "$1")" -h '' -F -c full_page_writes=off \
		-c synchronous_commit=off -c wal_level=minimal -c max_wal_senders=0 -c autovacuum=off \
		-c max_wal_size=4GB -c dynamic_shared_memory_type=mmap
	lab_eventually 60 psql_at "$(dirname "$1")" postgres -c 'select 1' || {
		sed 's/^/#   /' "$LAB_DIR/postgres.err" >&2
		lab_fail "postgres does not start"
	}
}

psql_at()
{
	"$POSTGRES/psql" -h "$1" -U zabbix -d "$2" -qAt -v ON_ERROR_STOP=1 -1 "${3:--f}" "${4:--}"
}

# A fast shutdown: with its default one it would wait for those who are connected.
postgres_stop()
{
	lab_kill postgres INT
	lab_wait postgres
}

# The database and the pages of an unused Zabbix, in $builddir/nms/zabbix-VERSION.
zabbix_seed()
{
	local seed

	seed=$builddir/nms/zabbix-$(zabbix_server -V | sed -n '1s/.* //p')
	[ -e "$seed" ] || {
		zabbix_seed_make "$LAB_DIR/seed"
		rm -rf "$builddir"/nms/zabbix-*
		mkdir -p "$builddir/nms"
		cp -Rp "$LAB_DIR/seed" "$seed.new"
		rm -rf "$LAB_DIR/seed"
		mv "$seed.new" "$seed"
	}
	cp -Rp "$seed"/* "$LAB_DIR/"
}

zabbix_seed_make()
{
	local dir=$1 file

	mkdir -p "$dir/db"
	chmod 711 "$LAB_DIR" "$dir"
	chown postgres "$dir/db"
	as_postgres "$POSTGRES/initdb" -D "$dir/db/data" -U zabbix -A trust -E UTF8 --no-locale -N >"$LAB_DIR/initdb"
	postgres_start "$dir/db/data"
	"$POSTGRES/createdb" -h "$dir/db" -U zabbix zabbix
	for file in schema images data; do
		zcat "$ZABBIX_SQL/$file.sql.gz" | psql_at "$dir/db" zabbix >"$LAB_DIR/sql" 2>&1 || {
			tail -n 5 "$LAB_DIR/sql"
			return 1
		}
	done
	# The machine itself is not watched. British English is what needs no locale.
	psql_at "$dir/db" zabbix <<-END
		UPDATE hosts SET status = 1 WHERE status = 0;
		UPDATE config SET default_lang = 'en_GB';
		ANALYZE;
	END
	postgres_stop
	# Debian's frontend reads the machine's own configuration, and no other.
	cp -RL "$ZABBIX_WEB" "$dir/web"
	sed -i "s,'/etc/zabbix/zabbix.conf.php',__DIR__.'/../../../../zabbix.conf.php'," \
		"$dir/web/include/classes/core/CConfigFile.php"
}

# ---- the server, its frontend, and what receives notifications ----

# Returns when all answer, and the template is imported; the temporary folder is ZABBIX_DIR. Who
# starts it has the trap that calls zabbix_stop, however the script ends.
zabbix_start()
{
	ZABBIX_DIR=$(mktemp -d "${TMPDIR:-/tmp}/mptcp-zabbix.XXXXXX") || lab_fail "no temporary directory"
	chmod 711 "$ZABBIX_DIR"
	zabbix_side lab_namespace router
	zabbix_side zabbix_seed
	zabbix_side zabbix_processes
	zabbix_import >"$ZABBIX_DIR/import"
	# Else its planner takes the new tables for empty ones.
	echo 'ANALYZE;' | psql_at "$ZABBIX_DIR/db" zabbix
}

zabbix_processes()
{
	: >"$LAB_DIR/traps"
	zabbix_configure "$LAB_DIR"
	postgres_start "$LAB_DIR/db/data"
	zabbix_runs zabbix zabbix_server -f -c "$LAB_DIR/server.conf"
	zabbix_runs frontend env PHP_CLI_SERVER_WORKERS=4 php -d post_max_size=16M \
		-d max_execution_time=300 -d max_input_time=300 -d session.save_path="$LAB_DIR" \
		-S 127.0.0.1:$ZABBIX_PORT -t "$LAB_DIR/web"
	zabbix_traps_start
	lab_eventually 60 zabbix_login || {
		sed 's/^/#   /' "$LAB_DIR/frontend.err" >&2
		lab_fail "the frontend does not answer"
	}
	lab_eventually 60 grep -q 'server #0 started' "$LAB_DIR/zabbix.out" || {
		sed 's/^/#   /' "$LAB_DIR/zabbix.out" >&2
		lab_fail "zabbix_server does not start"
	}
}

# As the template's README has it.
zabbix_traps_start()
{
	mkdir -p "$LAB_DIR/trapd"
	cat >"$LAB_DIR/trapd/conf" <<-END
		authCommunity log,execute public
		traphandle default $srcdir/integrations/zabbix/zabbix-traps $LAB_DIR/traps
	END
	zabbix_runs trapd env MIBS= SNMPCONFPATH="$LAB_DIR/trapd" SNMP_PERSISTENT_DIR="$LAB_DIR/trapd" \
		snmptrapd -f -n -Lo -C -c "$LAB_DIR/trapd/conf" udp:162
	lab_eventually 10 lab_binds trapd 162 || lab_fail "snmptrapd: $(cat "$LAB_DIR/trapd.err")"
}

# The server before its database: without it, some of its processes would stay.
zabbix_stop()
{
	[ -n "$ZABBIX_DIR" ] || return 0
	zabbix_side zabbix_end || :
	zabbix_side lab_down
}

zabbix_end()
{
	lab_stop zabbix
	postgres_stop
}

# The lab's router and Zabbix have a link to each other, over which snmpd answers, and notifies.
zabbix_reaches_router()
{
	local n=1 net

	until mkdir "$ZABBIX_DIR/link$n" 2>/dev/null; do
		n=$((n + 1))
	done
	net=198.51.100
	ip link add "nms" netns "$LAB_ROUTER" type veth peer name "router$n" netns "$ZABBIX_PLACE"
	zabbix_side lab_ip router "addr add $net.$((4 * n + 1))/30 dev router$n
		link set router$n up"
	lab_ip router "addr add $net.$((4 * n + 2))/30 dev nms
		link set nms up"
	mkdir -p "$LAB_DIR/snmp-router"
	cat >"$LAB_DIR/snmp-router/snmpd.more" <<-END
		agentaddress udp:$net.$((4 * n + 2)):161
		rocommunity public $net.0/24
		trap2sink $net.$((4 * n + 1)):162 public
	END
	echo "$net.$((4 * n + 2))" >"$LAB_DIR/zabbix-address"
}

zabbix_configure()
{
	cat >"$1/server.conf" <<-END
		LogType=console
		PidFile=$1/pid
		SocketDir=$1
		DBHost=$1/db
		DBName=zabbix
		DBUser=zabbix
		ListenIP=127.0.0.1
		AllowRoot=1
		CacheUpdateFrequency=2
		HousekeepingFrequency=0
		StartPollers=4
		StartPollersUnreachable=2
		StartTrappers=1
		StartPingers=0
		StartDiscoverers=0
		StartHTTPPollers=0
		StartHistoryPollers=1
		StartDBSyncers=2
		StartPreprocessors=2
		StartEscalators=1
		StartAlerters=1
		StartLLDProcessors=1
		StartSNMPTrapper=1
		SNMPTrapperFile=$1/traps
		StatsAllowedIP=127.0.0.1
		Timeout=4
	END
	cat >"$1/zabbix.conf.php" <<-END
		<?php
		\$DB['TYPE'] = 'POSTGRESQL';
		\$DB['SERVER'] = '$1/db';
		\$DB['PORT'] = '0';
		\$DB['DATABASE'] = 'zabbix';
		\$DB['USER'] = 'zabbix';
		\$DB['PASSWORD'] = '';
		\$DB['SCHEMA'] = '';
		\$DB['DOUBLE_IEEE754'] = true;
		\$ZBX_SERVER = '127.0.0.1';
		\$ZBX_SERVER_PORT = '10051';
		\$ZBX_SERVER_NAME = '';
		\$IMAGE_FORMAT_DEFAULT = IMAGE_FORMAT_PNG;
	END
}

zabbix_login()
{
	echo null >"$ZABBIX_DIR/token"
	zabbix_api user.login '{"user": "Admin", "password": "zabbix"}' >"$ZABBIX_DIR/token.new" &&
		mv "$ZABBIX_DIR/token.new" "$ZABBIX_DIR/token"
}

# zabbix_api METHOD PARAMS: the result, as JSON; PARAMS is JSON, or - for standard input. 1, with what
# it said, when it refused.
zabbix_api()
{
	local answer

	answer=$({ [ "$2" = - ] && cat || printf '%s\n' "$2"; } |
		jq -c --arg method "$1" --slurpfile token "$ZABBIX_DIR/token" \
			'{jsonrpc: "2.0", method: $method, id: 1, auth: $token[0], params: .}' |
		zabbix_place curl -sS --noproxy '*' -m 120 -H 'Content-Type: application/json-rpc' \
			--data-binary @- "http://127.0.0.1:$ZABBIX_PORT/api_jsonrpc.php") || return
	printf '%s\n' "$answer" | jq -e 'has("result")' >/dev/null || {
		printf '%s: %s\n' "$1" "$answer"
		return 1
	}
	printf '%s\n' "$answer" | jq .result
}

# zabbix_page PATH: what its frontend shows, to who has logged in.
zabbix_page()
{
	local jar=$ZABBIX_DIR/cookies

	[ -e "$jar" ] || zabbix_place curl -sS --noproxy '*' -m 60 -c "$jar" -o /dev/null \
		-d 'name=Admin&password=zabbix&autologin=1&enter=Sign+in' "http://127.0.0.1:$ZABBIX_PORT/index.php"
	zabbix_place curl -sS --noproxy '*' -m 60 -b "$jar" "http://127.0.0.1:$ZABBIX_PORT/$1"
}

# CMD where Zabbix is.
zabbix_place()
{
	ip netns exec "$ZABBIX_PLACE" "$@"
}

# ---- the template ----

# Everything that an import may do: also take away what the file no longer has.
ZABBIX_RULES=$(jq -nc '
	{createMissing: true, updateExisting: true} as $both |
	($both + {deleteMissing: true}) as $all |
	{groups: $both, templates: $both, valueMaps: $all, items: $all, discoveryRules: $all, triggers: $all,
		graphs: $all, templateDashboards: $all}')

# zabbix_import [FILE] [METHOD]: METHOD is configuration.importcompare to see what it would change.
zabbix_import()
{
	jq -n --rawfile source "${1:-$ZABBIX_TEMPLATE}" --argjson rules "$ZABBIX_RULES" \
		'{format: "yaml", source: $source, rules: $rules}' |
		zabbix_api "${2:-configuration.import}" -
}

zabbix_export()
{
	zabbix_api configuration.export "$(jq -nc --arg id "$(zabbix_template_id)" \
		'{format: "yaml", options: {templates: [$id]}}')" | jq -r .
}

zabbix_template_id()
{
	zabbix_api template.get "$(jq -nc --arg name "$ZABBIX_NAME" '{filter: {host: $name}, output: ["templateid"]}')" |
		jq -er '.[0].templateid'
}

# zabbix_host [MACRO=VALUE]...: the lab's router, with the template; ZABBIX_HOST is its name.
zabbix_host()
{
	local macro

	for macro; do
		jq -nc --arg macro "${macro%%=*}" --arg value "${macro#*=}" '{macro: $macro, value: $value}'
	done | jq -sc --arg host "${ZABBIX_HOST:-$LAB_ROUTER}" --arg id "$(zabbix_template_id)" \
		--arg ip "$(cat "$LAB_DIR/zabbix-address")" '{
			host: $host, groups: [{groupid: "2"}], templates: [{templateid: $id}],
			interfaces: [{type: 2, main: 1, useip: 1, ip: $ip, dns: "", port: "161",
				details: {version: 2, bulk: 1, community: "{$SNMP_COMMUNITY}"}}],
			macros: (. + [{macro: "{$SNMP_COMMUNITY}", value: "public"}])
		}' | zabbix_api host.create - >"$LAB_DIR/zabbix-host"
}

zabbix_host_id()
{
	jq -r '.hostids[0]' "$LAB_DIR/zabbix-host"
}

# zabbix_set MACRO=VALUE: of the host, also one that it does not have yet.
zabbix_set()
{
	local macro id

	macro=$(jq -nc --arg host "$(zabbix_host_id)" --arg macro "${1%%=*}" --arg value "${1#*=}" \
		'{hostid: $host, macro: $macro, value: $value}')
	id=$(zabbix_api usermacro.get "$(echo "$macro" | jq -c '{hostids: [.hostid], output: ["macro"]}')" |
		jq -r --argjson macro "$macro" '.[] | select(.macro == $macro.macro) | .hostmacroid')
	if [ -n "$id" ]; then
		echo "$macro" | jq -c --arg id "$id" '{hostmacroid: $id, value}' | zabbix_api usermacro.update -
	else
		zabbix_api usermacro.create "$macro"
	fi >"$LAB_DIR/zabbix-macro"
}

# ---- asking ----

# zabbix_items [FILTER]: the host's items, as JSON; FILTER is jq's, over each.
zabbix_items()
{
	zabbix_api item.get "$(jq -nc --arg host "$(zabbix_host_id)" '{hostids: [$host], output: ["key_", "type", "state",
		"error", "value_type", "snmp_oid", "lastvalue", "lastclock"], selectPreprocessing: ["type", "params"]}')" |
		jq -c "[.[] | select(${1:-true})]"
}

# item_get KEY: the latest value; 1 if there is none.
item_get()
{
	zabbix_api item.get "$(jq -nc --arg host "$(zabbix_host_id)" --arg key "$1" \
		'{hostids: [$host], filter: {key_: $key}, output: ["lastvalue", "lastclock"]}')" |
		jq -er '.[] | select(.lastclock != "0") | .lastvalue'
}

item_is()
{
	local value

	value=$(item_get "$1") || return
	printf '%s: %s\n' "$1" "$value"
	[ "$value" = "$2" ]
}

# item_has KEY NUMBER: that much or more.
item_has()
{
	local value

	value=$(item_get "$1") || { echo "$1 has no value"; return 1; }
	printf '%s: %s\n' "$1" "$value"
	[ "${value%.*}" -ge "$2" ]
}

# Its numeric history, in order: lines of time and value.
item_history()
{
	local item

	item=$(zabbix_items | jq -c --arg key "$1" '.[] | select(.key_ == $key)')
	zabbix_api history.get "$(echo "$item" | jq -c '{itemids: [.itemid], history: (.value_type | tonumber), output: "extend",
		sortfield: "clock", limit: 100000}')" |
		jq -r 'sort_by([.clock, .ns] | map(tonumber)) | .[] | "\(.clock).\("000000000\(.ns)"[-9:]) \(.value)"'
}

PROBLEM_LINES='.[] | (["Not classified", "Information", "Warning", "Average", "High", "Disaster"][.severity | tonumber])
	+ " " + .name'

# Those that are open, with their severity, one a line.
zabbix_problems()
{
	local now

	now=$(zabbix_api problem.get "$(jq -nc --arg host "$(zabbix_host_id)" '{hostids: [$host], output: "extend"}')") ||
		{ printf '%s\n' "$now"; return 1; }
	printf '%s\n' "$now" | jq -r "$PROBLEM_LINES" | sort
}

# problems_are "High wan5 is up but idle: subflow-limit" ...: are these open, and no others?
problems_are()
{
	local now

	now=$(zabbix_problems) || { printf '%s\n' "$now"; return 1; }
	printf '%s\n' "${now:-no problem}"
	[ "$now" = "$([ $# = 0 ] || printf '%s\n' "$@" | sort)" ]
}

# problems_were ...: the same of all that were ever opened, by now ended or not.
problems_were()
{
	local all

	all=$(zabbix_api event.get "$(jq -nc --arg host "$(zabbix_host_id)" \
		'{hostids: [$host], source: 0, object: 0, value: 1, output: ["name", "severity"]}')") || return
	all=$(printf '%s\n' "$all" | jq -r "$PROBLEM_LINES" | sort)
	printf '%s\n' "${all:-no problem, ever}"
	[ "$all" = "$([ $# = 0 ] || printf '%s\n' "$@" | sort)" ]
}

# problem_says NAME PART...: have its operational data all of these in them? Shows them.
problem_says()
{
	local name=$1 data part

	shift
	data=$(zabbix_api problem.get "$(jq -nc --arg host "$(zabbix_host_id)" '{hostids: [$host], output: "extend"}')" |
		jq -er --arg name "$name" '.[] | select(.name == $name) | .opdata') || return
	printf '%s\n' "$data"
	for part; do
		case $data in *"$part"*) ;; *) return 1 ;; esac
	done
}
