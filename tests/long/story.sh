#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2086,SC2119,SC2317	# words; chapters are called by name
#
# Tells doc/story.md: a laboratory for each chapter, what a person would type there, and what came
# of it, as it came. A statement of the story is checked where it is made. TAP on stdout.
#	story.sh --accept	writes what it told to doc/story.md
# srcdir, builddir: source and build; LAB_BIN: where the built traffic is.

set -eu

here=$(cd "$(dirname "$0")/../lab" && pwd)
: "${srcdir:=$(cd "$here/../.." && pwd)}" "${builddir:=$srcdir/build}" "${LAB_BIN:=$builddir/tests/lab}"
LAB_HOME=$here
# shellcheck source=tests/lab/lab.sh
. "$here/lab.sh"

LINES=40mbit,30mbit,20mbit,20mbit,10mbit,10mbit
SEED="subflows 3 add_addr_accepted 1"

# ---- telling ----

# What stands here goes into the story.
tell()
{
	cat >>"$STORY"
}

# types router "COMMAND": what is typed there, and what it prints, as it is.
types()
{
	printf '\n    %s# %s\n' "$1" "$2" >>"$STORY"
	ip netns exec "$(lab_netns "$1")" env PATH="$builddir/cli:$PATH" COLUMNS=96 LC_ALL=C.UTF-8 \
		sh -c "$2" >"$LAB_DIR/typed" 2>&1 || :
	sed 's/^/    /; s/ *$//' "$LAB_DIR/typed" >>"$STORY"
	echo >>"$STORY"
}

# The statement of the story just made, as a check: it must hold in what was printed last.
printed()
{
	grep -q -e "$1" "$LAB_DIR/typed"
}

printed_not()
{
	! printed "$1"
}

# must TITLE CMD...: TAP.
must()
{
	local title=$1

	shift
	number=$((number + 1))
	if "$@"; then
		echo "ok $number - $title"
	else
		echo "not ok $number - $title"
		sed 's/^/#   /' "$LAB_DIR/typed"
		failed=$((failed + 1))
	fi
}

# ---- what happens in the laboratory ----

begin()
{
	lab_up rate="$LINES" "$@"
	lab_start server vps "$LAB_BIN/traffic" server -p 5000 --for 600
	lab_eventually 5 lab_listens vps 5000
}

# Connections that last.
load()
{
	lab_start load router "$LAB_BIN/traffic" client -a "${SERVICE:-$LAB_SERVICE}" -p 5000 -n 4 \
		--up 100000000000 --down 100000000000 --for 600 "$@"
}

# Does mptcp-wan look at the router, and wait for what it will see?
looked_at()
{
	local pid

	for pid in $(ip netns pids "$LAB_ROUTER"); do
		! grep -qx mptcp-wan "/proc/$pid/comm" || ! grep -q nanosleep "/proc/$pid/wchan" || return 0
	done
	return 1
}

reload()
{
	lab_stop load || :
	lab_router ss -tK state connected exclude time-wait >/dev/null
	load
}

# ---- the chapters ----

chapter_six_green_lines()
{
	begin wans=6 router_limits="$SEED"
	load
	tell <<-END
		# Six lines, and four of them carry

		A router bonds six lines of 40, 30, 20, 20, 10 and 10 Mbit/s with MPTCP to a server. Everything below was printed by a run of \`tests/long/story.sh\` on Linux $(uname -r): two network namespaces, real connections, nothing edited.

		## Six green lines
		Every line is up and has its address:
	END
	types router "ip -br -4 addr show scope global"
	must "six lines are up" sh -c "[ \$(grep -c '^wan.@.* UP' '$LAB_DIR/typed') = 6 ]"
	tell <<-END
		Four connections run as fast as they can, and the kernel has nothing to complain of:
	END
	types router "nstat -as 'MPTcpExt*' | grep -i -e err -e fail -e drop -e infinite -e Rst"
	must "no counter of an error moves" sh -c "! grep -q '^MPTcp' '$LAB_DIR/typed'"
	tell <<-END
		(No line: none of these counters has moved.) What mptcp-wan says after twelve seconds:
	END
	types router "mptcp-wan -i 12s"
	must "two of six lines are unjoined" sh -c "[ \$(grep -c '^wan[56]  unjoined' '$LAB_DIR/typed') = 2 ]"
	must "the limit is named" printed "wan5, wan6: subflow-limit"
	must "and the number to set" printed "now: ip mptcp limits set subflows 5"

	tell <<-END
		## What "max subflows" counts
		The limit counts *extra* subflows: a connection has its first one besides. Three leave room for 1 + 3 = 4 of six lines. It is not these two lines that are at fault: with two others switched off, they carry.
	END
	types router "ip link set wan2 down; ip link set wan3 down"
	reload
	types router "mptcp-wan -i 12s | head -n 7"
	must "the other four carry" sh -c "[ \$(grep -c '^wan[1456]  carrying' '$LAB_DIR/typed') = 4 ]"
	lab_link_up wan2
	lab_link_up wan3
}

chapter_the_cure()
{
	begin wans=6 router_limits="$SEED"
	load
	lab_eventually 10 carry 4
	tell <<-END
		## The cure, and what it does not cure
		The number is set. The connections that are there stay as they are; only those that begin now have room for six lines:
	END
	types router "ip mptcp limits set subflows 5"
	types router "mptcp-wan -i 12s"
	must "old connections do not heal" printed "^wan5 .* 0  *- "
	must "which is told" printed "limits-raised-old-connections\|missing-on-old-connections"
	tell <<-END
		After the connections were made anew:
	END
	reload
	types router "mptcp-wan -i 12s"
	must "all six carry" sh -c "[ \$(grep -c '^wan.  carrying' '$LAB_DIR/typed') = 6 ]"

	tell <<-END
		## Did it get better?
		\`mptcp-wan verify\` measures a while before a command and a while after it, and compares only what was under load both times. Here the limit is taken back to 3 and set to 5 by it, and the traffic is begun anew:
	END
	lab_limits router "$SEED"
	reload
	lab_eventually 10 carry 4
	verify_command
	types router "mptcp-wan verify --window 10s --settle 12s -- ./cure"
	must "the two windows are compared" printed_not "not comparable"
}

# What verify runs: a file of its own, so that the story shows a command of a few words.
verify_command()
{
	cat >"$LAB_DIR/cure" <<-END
		#!/bin/sh
		ip mptcp limits set subflows 5
		kill \$(cat "$LAB_DIR/load.pid")
		ss -tK state connected exclude time-wait >/dev/null
		timeout 90 $LAB_BIN/traffic client -a $LAB_SERVICE -p 5000 -n 4 \
			--up 100000000000 --down 100000000000 --for 60 >/dev/null 2>&1 &
	END
	chmod 755 "$LAB_DIR/cure"
	cd "$LAB_DIR"
}

chapter_announced_addresses()
{
	begin wans=6 vps_signal=1 router_limits="subflows 8 add_addr_accepted 1"
	load
	tell <<-END
		## "ADD_ADDR accepted" is what *we* accept
		The other limit counts addresses that the *far end* announces and we take up. It does not count our own lines: these are endpoints, and need no announcement. With one accepted, and a server that announces its address, all six lines join:
	END
	types router "mptcp-wan -i 12s | grep -e ^wan -e ^limits"
	must "a limit of one does not bind" sh -c "[ \$(grep -c '^wan.  carrying' '$LAB_DIR/typed') = 6 ]"
}

chapter_when_it_binds()
{
	local k doctor

	SERVICE=::ffff:$LAB_SERVICE
	begin wans=3 family=46 vps_signal=1 router_limits="subflows 8 add_addr_accepted 0" \
		router_endpoint_flags=none
	lab_address_del 1 2001:db8:1::2
	lab_address_del 2 2001:db8:2::2
	lab_address_del 3 192.168.13.2
	for k in 1 2 3; do lab_endpoint_add "wan$k" subflow; done
	tell <<-END
		It does bind where a line can reach the far end only by an address that must be announced: here wan3 has IPv6 only, the connections begin with IPv4, and no announced address is accepted.
	END
	# Connections that begin while it looks are known to be new.
	types router "mptcp-wan doctor --for 18s" &
	doctor=$!
	lab_eventually 10 looked_at
	load
	wait $doctor
	must "it binds, and is named" printed "wan3: add-addr-limit"
	SERVICE=
}

chapter_dual_stack()
{
	begin wans=6 family=46
	lab_wan_file
	load
	tell <<-END
		## Two families, and a table of eight
		The kernel's table holds eight endpoints. Six lines with IPv4 and IPv6 each want twelve, and the kernel refuses those that come last, which are whole lines:
	END
	types router "ip mptcp endpoint show | wc -l"
	must "eight endpoints" printed '^8$'
	types router "mptcp-wan -i 12s --config wans.conf"
	must "the table is named" printed "endpoint-table-full"
	tell <<-END
		(\`wans.conf\` says that the six are WANs; a line that never had an endpoint is nothing that can be learnt.) \`mptcp-wan endpoints\` shows who has taken the places:
	END
	types router "mptcp-wan endpoints --config wans.conf"
}

lab_wan_file()
{
	local k

	for k in $(seq "$LAB_WANS"); do
		echo "wan wan$k { }"
	done >"$LAB_DIR/wans.conf"
	cd "$LAB_DIR"
}

chapter_fullmesh()
{
	begin wans=6 vps_signal=2 router_endpoint_flags="subflow fullmesh" \
		router_limits="subflows 5 add_addr_accepted 8"
	load
	tell <<-END
		## What fullmesh does to the arithmetic
		With \`fullmesh\` each of our endpoints makes a subflow to *each* address of the far end. The server announces two, so the first lines take two places each, and a limit that is right for six lines is not:
	END
	types router "mptcp-wan doctor"
	must "the pairs are named" printed "duplicate-paths"
}

chapter_the_scheduler()
{
	begin wans=3
	load -n 1 --kbit 300
	tell <<-END
		## A silent line is not a fault
		Which line a byte takes is the scheduler's choice. One connection with 300 kbit/s has no use for three lines, so one of them is joined and silent. It is \`quiet\`, and nothing is wrong with it:
	END
	types router "mptcp-wan -i 12s"
	must "quiet, not idle" sh -c "! grep -q idle '$LAB_DIR/typed' && grep -q '^wan.  quiet' '$LAB_DIR/typed'"
	must "nothing is wrong" printed_not "(major)\|(warning)"
}

# ---- the price ----

carry()
{
	[ "$(lab_router ss -tnMH state established 2>/dev/null | wc -l)" -ge 1 ] &&
		[ "$(lab_carrying | wc -w)" -ge "$1" ]
}

median()
{
	sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# Milliseconds that 1,000 connections take, one after another, each with a question of 100 octets and
# an answer of 1,000.
one_after_another()
{
	local start

	start=$(lab_clock)
	lab_router "$LAB_BIN/traffic" client -a "$LAB_SERVICE" -p 5000 -n 1000 -j 1 --up 100 --down 1000 \
		--for 60 >/dev/null
	echo $((($(lab_clock) - start) * 10))
}

tcp_memory_kib()
{
	awk '$1 == "TCP:" { for (i = 2; i < NF; i += 2) if ($i == "mem") print $(i + 1) * 4 }' \
		/proc/net/sockstat
}

# KiB of TCP's buffers, of the whole machine, that 20 connections have filled after 4 s of sending.
buffers()
{
	local idle

	lab_eventually 60 settled
	idle=$(tcp_memory_kib)
	lab_start hold router "$LAB_BIN/traffic" client -a "$LAB_SERVICE" -p 5000 -n 20 -j 20 \
		--up 100000000000 --down 0 --for 60
	lab_window 4
	echo $(($(tcp_memory_kib) - idle))
	lab_stop hold || :
	lab_router ss -tK state connected exclude time-wait >/dev/null
}

# Nothing is on its way any more.
settled()
{
	local before

	before=$(tcp_memory_kib)
	lab_window 0.5
	[ "$(tcp_memory_kib)" = "$before" ]
}

# Milliseconds of CPU, of client and server, that a gigabyte takes. Both do the work of the packets
# that they send; what others do on the machine does not count. The lines have no rate here: a
# shaper's packets are sent by its timer, at the cost of whoever runs at that moment.
gigabyte()
{
	local before after server

	read -r server <"$LAB_DIR/server.pid"
	read -r before _ <"/proc/$server/schedstat"
	sh -c "ip netns exec $(lab_netns router) $LAB_BIN/traffic client -a $LAB_SERVICE -p 5000 -n 4 -j 4 \
		--up 250000000 --down 0 --for 60 >/dev/null; times" >"$LAB_DIR/times"
	read -r after _ <"/proc/$server/schedstat"
	# The second line of times is of children: user, then system, as 1m2.345678s.
	tr -s 'ms' '  ' <"$LAB_DIR/times" | awk -v server=$((after - before)) 'NR == 2 {
		printf("%.0f\n", (($1 + $3) * 60 + $2 + $4) * 1000 + server / 1e6) }'
}

# What somebody else's work only ever adds to.
least()
{
	sort -n | head -n 1
}

# price_rows MEASURE RUNS OF_THEM: of so many runs the median or the least, for each of 1 to 8 subflows.
price_rows()
{
	local extra

	for extra in 0 1 2 3 4 5 6 7; do
		lab_limits router "subflows $extra add_addr_accepted 0"
		for _ in $(seq "$2"); do "$1"; done | "$3"
	done
}

price_lab()
{
	lab_up wans=8 rate="$1"
	lab_start server vps "$LAB_BIN/traffic" server -p 5000 --for 900
	lab_eventually 5 lab_listens vps 5000
}

# cost N: the milliseconds of a gigabyte over so many subflows.
cost()
{
	sed -n "$1p" "$PRICES.cpu"
}

chapter_the_price()
{
	PRICES=$builddir/story.prices
	price_lab none
	price_rows gigabyte 5 least >"$PRICES.cpu"
	lab_down
	price_lab 50mbit
	price_rows one_after_another 5 median >"$PRICES.times"
	price_rows buffers 3 median >"$PRICES.buffers"
	paste "$PRICES.times" "$PRICES.cpu" "$PRICES.buffers" | awk '{
		printf("| %d | %.2f ms | %.2f s | %.0f KiB |\n", NR, $1 / 1000, $2 / 1000, $3 / 20) }' \
		>"$LAB_DIR/typed"
	tell <<-END
		## What more subflows cost
		Eight lines, one more allowed in each row. A short connection: made, a question of 100 octets, an answer of 1,000, and closed, 1,000 one after another. CPU: of both ends for a gigabyte, on lines that nothing slows down. Buffers: TCP's, for each of 20 connections that send as fast as they can on lines of 50 Mbit/s. The median, the least and the median of 5, 5 and 3 runs.

		| subflows a connection | a short connection | CPU of a gigabyte | buffers a connection |
		|---|---|---|---|
	END
	tell <"$LAB_DIR/typed"
	tell <<-END

		What grows is the memory: what comes out of order waits in buffers. The CPU of a gigabyte goes more by how much the two ends find to do at a time (a busy machine takes larger bites, and less CPU) than by the number of lines.
	END
	must "a price for each of 1 to 8" sh -c \
		"[ \$(grep -c '^| [1-8] | [0-9.]* ms | [0-9.]* s | [1-9][0-9]* KiB |$' '$LAB_DIR/typed') = 8 ]"
	must "eight take less than three times the CPU of one" [ "$(cost 8)" -lt $(($(cost 1) * 3)) ]
	must "eight take more memory than one" [ "$(tail -n 1 "$PRICES.buffers")" -gt "$(head -n 1 "$PRICES.buffers")" ]
}

# ---- all of it ----

run()
{
	local chapter

	if ! reason=$(lab_possible); then
		echo "1..0 # SKIP $reason"
		exit 0
	fi
	STORY=$builddir/story.md
	: >"$STORY"
	number=0 failed=0
	lab_trap
	for chapter in $CHAPTERS; do
		"$chapter"
		cd "$srcdir"
		lab_down
	done
	echo "1..$number"
	[ "${1:-}" != --accept ] || [ $failed != 0 ] || cp "$STORY" "$srcdir/doc/story.md"
	[ $failed = 0 ]
}

CHAPTERS=$(sed -n 's/^\(chapter_[a-z_]*\)()$/\1/p' "$0" | grep -e "${LAB_ONLY:-}")
run "$@"
