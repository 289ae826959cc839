#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2015,SC2119	# A && B || fail is meant so
#
# Managers that nobody here wrote, pysnmp and npm's net-snmp, ask a real snmpd with our agent while
# connections come and go: with SNMPv1, in which there are no counters of 64 bits, v2c and v3 they must see
# what Net-SNMP's own snmpbulkwalk sees just before and just after. TAP on stdout.
# srcdir, builddir: source and build; LAB_BIN: where the built traffic is.

set -eu

here=$(dirname "$0")/../lab
# shellcheck source=tests/lab/lab.sh
. "$here/lab.sh"
# shellcheck source=tests/lab/agent.sh
. "$here/agent.sh"
# shellcheck source=tests/lab/alarms.sh
. "$here/alarms.sh"

ROOT=.1.3.6.1.4.1.8072.9999.9999.262
OBJECTS=$ROOT.1
TABLES="$OBJECTS.2 $OBJECTS.3 $OBJECTS.5 $OBJECTS.6 $OBJECTS.7 $OBJECTS.8"
number=0
failed=0

# ---- the machine ----

# Two families, a line that is away and so in alarm, a spare one, one without endpoint, and connections all
# the time: every table has rows. Who is of the view `ours` sees our tree, and its end is the end of all.
story_begins()
{
	lab_up wans=5 rate=20mbit family=46 router_endpoint_flags=none
	for wan in wan1 wan2 wan3; do
		lab_endpoint_add "$wan" subflow
	done
	lab_endpoint_add wan4 subflow backup
	mkdir -p "$LAB_DIR/snmp-router"
	cat >"$LAB_DIR/snmp-router/snmpd.more" <<-END
		view ours included $ROOT
		rocommunity ours 127.0.0.1 -V ours
		createUser manager SHA authenticate AES encrypt-it
		rouser manager priv -V ours
	END
	alarms_watch
	lab_start server vps "$LAB_BIN/traffic" server -p 5000
	lab_eventually 5 lab_listens vps 5000
	lab_start long router "$LAB_BIN/traffic" client -a "$LAB_SERVICE" -p 5000 -n 4 \
		--up 1000000000 --down 1000000000 --kbit 3000 --for 600
	lab_start short router "$LAB_BIN/traffic" client -a "$LAB_SERVICE6" -p 5000 -n 30000 \
		--per-second 50 --up 2000 --down 30000 --close alternate --for 600
	lab_eventually 20 wan_state wan1 wan2 wan3 = carrying >/dev/null
	lab_ip router "link del wan3"
	lab_eventually 20 wan_column Alarm wan3 = true >/dev/null
	address=$(cat "$LAB_DIR/snmp-router/address")
}

# pysnmp|netsnmp VERSION VERB ARGUMENT...: one that does not end has failed as much as one that ends wrongly.
pysnmp()
{
	local version=$1

	shift
	lab_router timeout -k 5 30 "$srcdir/tests/nms/client_pysnmp.py" "$version" "$address" "$@"
}

netsnmp()
{
	local version=$1

	shift
	lab_router env NODE_PATH="$PACKAGES/node_modules" timeout -k 5 30 \
		node "$srcdir/tests/nms/client_netsnmp.js" "$version" "$address" "$@"
}

# ours CLIENT ...: as one whose view has nothing but our tree. With SNMPv3 that is so anyhow.
ours()
{
	COMMUNITY=ours "$@"
}

reference()
{
	lab_router env MIBS= SNMPCONFPATH="$LAB_DIR" SNMP_PERSISTENT_DIR="$LAB_DIR/snmp-router/persistent" \
		timeout -k 5 30 snmpbulkwalk -v 2c -c public -m '' -On -Ox "$address" "$ROOT" >"$LAB_DIR/$1"
}

# ---- what must hold ----

# agrees ROOTS RISING VERSION CLIENT...: it saw the same as Net-SNMP. Endpoints, rates and findings come and go,
# so a moment in which nothing did is waited for, up to eight times. At least half of all values stand still.
agrees()
{
	local roots=$1 rising=$2 version=$3 instances values

	shift 3
	for _ in 1 2 3 4 5 6 7 8; do
		reference before
		"$@" >"$LAB_DIR/client" 2>"$LAB_DIR/client.err" || {
			echo "$* ended with $?: $(tail -n 3 "$LAB_DIR/client.err")"
			return 1
		}
		reference after
		judge before after client >"$LAB_DIR/found"
		[ -s "$LAB_DIR/found" ] || {
			read -r instances values <"$LAB_DIR/counts"
			echo "$instances instances, $values of equal value: $*" | cut -c 1-100
			[ "$instances" -gt 5 ] && [ $((2 * values)) -ge "$instances" ] && return
		}
	done
	echo "$*:"
	head -n 15 "$LAB_DIR/found"
	return 1
}

# Of agrees: roots, version and rising are its.
judge()
{
	awk -v roots="$roots" -v version="$version" -v rising="$rising" -v counts="$LAB_DIR/counts" \
		-f "$srcdir/tests/nms/clients/judge.awk" "$LAB_DIR/$1" "$LAB_DIR/$2" "$LAB_DIR/$3"
}

every_table_has_rows()
{
	local table

	reference before
	for table in $TABLES; do
		echo "$(grep -c "^$table\.1\." "$LAB_DIR/before") values in $table"
		grep -q "^$table\.1\." "$LAB_DIR/before" || return 1
	done
	grep -c ' = Counter64: ' "$LAB_DIR/before"
}

# walked CLIENT VERSION REPETITIONS...: all of our tree, with so many repetitions.
walked()
{
	local client=$1 version=$2 repetitions

	shift 2
	for repetitions; do
		agrees "$ROOT" 1 "$version" "$client" "$version" walk "$repetitions" "$ROOT" || return
	done
}

# From far before our tree to the end of the view, which is another end than that of a subtree.
walked_to_the_end_of_the_view()
{
	agrees "$ROOT" 1 "$2" ours "$1" "$2" walk 20 .1.3.6
}

# A table as managers read it: by rows, all columns of one in a request.
read_by_rows()
{
	local table columns=

	for table in $TABLES; do
		columns="$columns , $(sed -n "s/^\($table\.1\.[0-9]*\)\..* = .*/\1/p" "$LAB_DIR/before" | sort -u | tr '\n' ' ')"
	done
	# shellcheck disable=SC2086 # a list
	agrees "$TABLES" 0 "$1" pysnmp "$1" rows ${columns# ,}
}

read_as_tables()
{
	# shellcheck disable=SC2086 # a list
	agrees "$TABLES" 0 "$1" netsnmp "$1" tables $TABLES
}

# answers CLIENT VERSION VERB... with lines on stdin: OID and, after a comma, a regular expression of what is
# told of it, where & is the OID itself. No more is told, and no less.
answers()
{
	local oids wants

	tr -d '\t' >"$LAB_DIR/asked"
	oids=$(sed 's/, .*//; $!s/$/ ,/' "$LAB_DIR/asked" | tr '\n' ' ')
	wants=$(sed 's/^\(.*\), \(.*\)&/\1, \2\1/; s/^.*, //' "$LAB_DIR/asked" | tr '\n' '|')
	# shellcheck disable=SC2086 # a list
	"$@" $oids >"$LAB_DIR/answer" 2>&1 || echo "ended with $?" >>"$LAB_DIR/answer"
	tr '\n' '|' <"$LAB_DIR/answer" | grep -qx "$wants" && return
	echo "$* $oids: not as it should be, $wants:"
	cat "$LAB_DIR/answer"
	return 1
}

# GETNEXT of the last object, of the last one that SNMPv1 sees, and of what comes after all.
the_end_is_told()
{
	local last=$OBJECTS.8.1.3.$rows names=$OBJECTS.8.1.2.$rows beyond=.1.3.6.1.7

	answers ours "$1" 1 next <<-END &&
		$last, error noSuchName
		$names, error noSuchName
	END
	answers ours "$1" 2c next <<-END &&
		$last, & EndOfMibView
		$names, $OBJECTS.8.1.3.1 Counter64 [0-9]*
	END
	answers "$1" 3 next <<-END &&
		$last, & EndOfMibView
		$ROOT.9, & EndOfMibView
	END
	answers "$1" 1 next <<-END &&
		$last, .1.3.6.1.6.[^|]*
		$names, .1.3.6.1.6.[^|]*
		$beyond, error noSuchName
	END
	answers "$1" 2c next <<-END
		$last, .1.3.6.1.6.[^|]*
		$beyond, & EndOfMibView
	END
}

what_is_not_there_is_told()
{
	local version counter=$OBJECTS.2.1.24.$index nobody=$OBJECTS.2.1.2.2147483647

	answers "$1" 1 get <<-END || return
		$counter, error noSuchName
		$nobody, error noSuchName
		$OBJECTS.4.1.1.1, error noSuchName
	END
	for version in 2c 3; do
		answers "$1" $version get <<-END || return
			$counter, & Counter64 [0-9]*
			$nobody, & NoSuchInstance
			$OBJECTS.4.1.1.1, & NoSuchObject
		END
	done
}

# The number of repetitions is the manager's wish; what it gets is a beginning of what comes, never an error.
any_number_of_repetitions_is_answered()
{
	local version

	for version in 2c 3; do
		"$1" $version bulk 0 "$ROOT" >"$LAB_DIR/answer" && [ ! -s "$LAB_DIR/answer" ] || return
		answers ours "$1" $version bulk 13 <<-END || return
			$OBJECTS.8.1.3.$((rows - 1)), $OBJECTS.8.1.3.$rows Counter64 [0-9]*|$OBJECTS.8.1.3.$rows EndOfMibView
		END
		begins_the_tree 97 "$1" $version bulk 97 "$ROOT" &&
			begins_the_tree 2147483647 "$1" $version bulk 2147483647 "$ROOT" || return
	done
}

# begins_the_tree COUNT CLIENT...: so many at most, and 20 at least, are what the tree begins with.
begins_the_tree()
{
	local count=$1 got

	shift
	for _ in 1 2 3 4 5; do
		"$@" >"$LAB_DIR/client" 2>&1 || { cat "$LAB_DIR/client"; return 1; }
		reference before
		got=$(wc -l <"$LAB_DIR/client")
		cut -d ' ' -f 1 "$LAB_DIR/client" >"$LAB_DIR/got"
		sed -n 's/^\(\.1[.0-9]*\) = .*/\1/p' "$LAB_DIR/before" | head -n "$got" | diff - "$LAB_DIR/got" >"$LAB_DIR/found" &&
			[ "$got" -ge 20 ] && [ "$got" -le "$count" ] && return
	done
	echo "$got of $count: $*"
	head -n 5 "$LAB_DIR/found"
	return 1
}

a_wrong_password_is_told_nothing()
{
	PASSWORD=authentikate "$1" 3 next "$ROOT" >"$LAB_DIR/answer" 2>"$LAB_DIR/answer.err" && return 1
	tail -n 1 "$LAB_DIR/answer.err"
	[ ! -s "$LAB_DIR/answer" ] && grep -qi digest "$LAB_DIR/answer.err"
}

# ---- what would not hold ----

# Each mistake, made in what a client did see, is found, as what it is.
each_mistake_would_have_been_noticed()
{
	local roots=$ROOT version=2c rising=1 kind mistake

	reference before
	awk -v roots="$ROOT" -v version=2c -f "$srcdir/tests/nms/clients/judge.awk" -v tell=1 "$LAB_DIR/before" \
		>"$LAB_DIR/right"
	judge before before right >"$LAB_DIR/found"
	[ ! -s "$LAB_DIR/found" ] && [ "$(wc -l <"$LAB_DIR/right")" -gt 300 ] || return
	while read -r kind mistake; do
		sed "$mistake" "$LAB_DIR/right" >"$LAB_DIR/wrong"
		judge before before wrong >"$LAB_DIR/found"
		! cmp -s "$LAB_DIR/right" "$LAB_DIR/wrong" && grep -q "^$kind: " "$LAB_DIR/found" || {
			echo "unnoticed, as $kind: $mistake"
			return 1
		}
	done <<-END
		missing /\.1\.2\.1\.11\.[0-9]* /d
		missing \$d
		extra   s/^$OBJECTS.1.5.0 .*/&\n$OBJECTS.1.5.1 Gauge32 1/
		extra   \$p
		order   /^$OBJECTS.1.5.0 /{h;d}; /^$OBJECTS.1.6.0 /G
		type    s/ Counter64 / Gauge32 /
		type    s/ Gauge32 / INTEGER /
		type    s/ Timeticks / Gauge32 /
		value   /^$OBJECTS.2.1.2.$index /s/OCTETS 7/OCTETS 6/
		value   /^$OBJECTS.2.1.7.$index /s/.\$/2/
		value   /^$OBJECTS.8.1.2.3 /s/OCTETS .*/OCTETS/
		error   \$s/.*/error tooBig/
	END
	# In SNMPv1 a counter of 64 bits is one too much.
	version=1
	judge before before right | grep -q '^extra: .* Counter64' || return
	grep -v ' Counter64 ' "$LAB_DIR/right" >"$LAB_DIR/without"
	judge before before without >"$LAB_DIR/found"
	[ ! -s "$LAB_DIR/found" ]
}

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
	story_begins
	check "every table has rows" every_table_has_rows
	rows=$(grep -c "^$OBJECTS\.8\.1\.2\." "$LAB_DIR/before")
	index=$(sed -n "s/^$OBJECTS\.2\.1\.2\.\([0-9]*\) = .*/\1/p" "$LAB_DIR/before" | head -n 1)
	check "each mistake in a walk would have been noticed" each_mistake_would_have_been_noticed
	check "pysnmp walks by SNMPv1, without counters of 64 bits" walked pysnmp 1 0
	check "pysnmp walks by SNMPv2c, GETNEXT" walked pysnmp 2c 0
	check "pysnmp walks by SNMPv2c, GETBULK of any size" walked pysnmp 2c 3 50
	check "pysnmp walks by SNMPv3" walked pysnmp 3 25
	check "net-snmp walks by SNMPv1, without counters of 64 bits" walked netsnmp 1 20
	check "net-snmp walks by SNMPv2c, GETBULK of any size" walked netsnmp 2c 1 7 50
	check "net-snmp walks by SNMPv3" walked netsnmp 3 25
	for version in 1 2c 3; do
		check "pysnmp reads all tables by rows, SNMPv$version" read_by_rows $version
		check "net-snmp reads all tables, SNMPv$version" read_as_tables $version
	done
	for client in pysnmp netsnmp; do
		for version in 1 2c 3; do
			check "$client walks from before our tree to the end of its view, SNMPv$version" \
				walked_to_the_end_of_the_view $client $version
		done
		check "$client is told the end" the_end_is_told $client
		check "$client is told what is not there" what_is_not_there_is_told $client
		check "$client with a wrong password is told nothing" a_wrong_password_is_told_nothing $client
		check "$client may ask for any number of repetitions" any_number_of_repetitions_is_answered $client
	done
	check "the traffic went on" lab_alive short
	check "the agent goes on, without an error" host_is LastError ""
}

skip()
{
	echo "1..0 # SKIP $1"
	exit 0
}

reason=$(lab_possible) || skip "$reason"
for tool in node npm snmpd snmpbulkwalk; do
	command -v $tool >/dev/null || skip "$tool is not installed"
done
/usr/bin/python3 -c 'import pysnmp' 2>/dev/null || skip "python3-pysnmp4 is not installed"
: "${LAB_BIN:?where the built traffic is}"
temp=$(mktemp -d)
# shellcheck source=tests/nms/npm_words.sh
. "$srcdir/tests/nms/npm_words.sh"
PACKAGES=$builddir/npm-clients
if ! npm_packages "$srcdir/tests/nms/clients" "$PACKAGES" >"$temp/says"; then
	printf '1..1\nnot ok 1 - the packages of npm are there\n'
	sed 's/^/# /' "$temp/says"
	rm -rf "$temp"
	exit 1
fi
rm -rf "$temp"
lab_trap
story
echo "1..$number"
[ "$failed" = 0 ]
