#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2119,SC2317	# cases are called by name
#
# How far it goes: a million subflows in memory, a router replayed from its capture, and simulated
# fleets of growing size at one central collectd that a Prometheus scrapes; with what the shipped
# artefacts ask of each router, what 10,000 routers take. TAP on stdout, figures as comments on stderr;
# a test is only that the work was done, never a time. What was measured goes to $builddir/fleet/;
# with --accept also into doc/scale.md. Minutes: 5.
# srcdir, builddir: source and build; LAB_BIN: where the built traffic is.

set -eu

: "${srcdir:=$(dirname "$0")/../..}" "${builddir:=$srcdir/build}"
FLEETS=${FLEETS:-"25 50 100"}	# routers
MILLION=${MILLION:-1000002}
LAB_HOME=$srcdir/tests/lab
LAB_JOBS=1	# one load at a time
# shellcheck source=tests/lab/lab.sh
. "$LAB_HOME/lab.sh"
# shellcheck source=tests/lab/cases.sh
. "$LAB_HOME/cases.sh"
# shellcheck source=tests/lab/agent.sh
. "$LAB_HOME/agent.sh"
# shellcheck source=tests/nms/collectd_words.sh
. "$srcdir/tests/nms/collectd_words.sh"
# shellcheck source=tests/nms/fleet_words.sh
. "$srcdir/tests/nms/fleet_words.sh"
# shellcheck source=tests/bench/scale_words.sh
. "$srcdir/tests/bench/scale_words.sh"

SCALE_NOTES=$builddir/fleet/notes
WANS=6
INTERVAL=10		# collectd's own default
WINDOW=30
SCRAPE=15		# integrations/prometheus/scrape.yml
CASES_AFTER=report

# ---- the cases; each is named after what it shows ----

# Rows as the kernel writes them, parsed, entered, summed and diagnosed; without a kernel.
case_a_million_subflows_are_followed()
{
	begins million
	lab_folder
	timeout 300 "$builddir/tests/bench/cost" "$MILLION" >"$LAB_DIR/cost" || {
		cat "$LAB_DIR/cost"
		return 1
	}
	sed -n 's/^# *\([0-9.]*\) \(us\) a poll *\([0-9]*\) subflows$/\3 \2 \1/p
		s/^# *\([0-9.]*\) \(octets\) each *\([0-9]*\) subflows$/\3 \2 \1/p' "$LAB_DIR/cost" |
		while read -r figure; do
			note "$figure"
		done
	[ "$(grep -vc '^run ' "$SCALE_NOTES/$SCALE_CASE")" = 4 ]
}

# What a poll of an ordinary router takes that is not the kernel's: its capture, replayed.
case_a_capture_is_replayed_poll_by_poll()
{
	local scenario=$srcdir/tests/scenarios/subflow-limit-exact polls

	begins replay
	lab_folder
	gzip -dc "$scenario/capture.gz" >"$LAB_DIR/capture"
	# shellcheck disable=SC2046 # words
	set -- "$builddir/tests/replay" "$LAB_DIR/capture" $(cat "$scenario/settings")
	polls=$("$@" | grep -c '^ *[0-9.]* s ')
	"$builddir/tests/bench/beside" 15 "$@" -- /bin/true >"$LAB_DIR/beside"
	note "polls $polls us $(sed -n '1s/ .*//p' "$LAB_DIR/beside") start_us $(sed -n '2s/ .*//p' "$LAB_DIR/beside")"
	[ "$polls" -gt 10 ]
}

case_fleets_come_whole()
{
	local routers reason

	begins fleet
	reason=$(fleet_possible) || lab_fail "$reason"
	for routers in $FLEETS; do
		fleet_measured "$routers"
	done
}

# ---- what they use ----

fleet_measured()
{
	local series=$(($1 * $(sed -n "s/^| $WANS | \([0-9]*\) | [0-9]* |$/\1/p" "$srcdir/doc/collectd.md"))) start

	lab_up wans=1
	central_start
	scraper_start
	fleet_start "$1" $WANS $INTERVAL
	lab_eventually 180 scraped_at_leisure "$series"
	# Then they are found again and again: two scrapes with all of them.
	lab_window $((2 * SCRAPE))
	cp "$LAB_DIR/collectd-vps.pid" "$LAB_DIR/central.pid"
	fleet_sums >"$LAB_DIR/before"
	start=$(lab_clock)
	lab_window $WINDOW
	fleet_sums >"$LAB_DIR/after"
	rm "$LAB_DIR/central.pid"
	note "routers $1 wans $WANS series $series ms $((($(lab_clock) - start) * 10))" \
		"$(awk 'NR == FNR { before[$1] = $2; next }
			{ printf("%s %.0f ", $1, $2 - before[$1]) }' "$LAB_DIR/before" "$LAB_DIR/after")" \
		"central_kib $(central_memory) prometheus_kib $(resident prometheus) page $(wc -c <"$LAB_DIR/scrape")"
	lab_eventually 60 scraped_at_leisure "$series"
	lab_at vps collectd_never 'parse_packet\|failed\|Dataset not found'
}

# A page takes the centre as long as it takes us: to ask for it all the time would be the load.
scraped_at_leisure()
{
	lab_window 5
	scraped "$1"
}

fleet_sums()
{
	echo "central_ns $(scaled_ns central)"
	echo "line_octets $(lab_vps cat /sys/class/net/line1/statistics/rx_bytes)"
	echo "prometheus_ns $(scaled_ns prometheus)"
}

resident()
{
	sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$(cat "$LAB_DIR/$1.pid")/status"
}

# Without rules: what it takes to hold the series.
scraper_start()
{
	cat >"$LAB_DIR/prometheus.yml" <<-END
		global: {scrape_interval: ${SCRAPE}s, scrape_timeout: ${SCRAPE}s}
		scrape_configs:
		  - job_name: mptcp-wan
		    honor_labels: true
		    static_configs: [{targets: ["127.0.0.1:9103"]}]
	END
	lab_start prometheus vps prometheus --config.file="$LAB_DIR/prometheus.yml" \
		--storage.tsdb.path="$LAB_DIR/tsdb" --web.listen-address=127.0.0.1:9090 --log.level=warn
	lab_eventually 30 lab_listens vps 9090
}

report()
{
	[ "$failed" = 0 ] || ACCEPT=
	# shellcheck disable=SC2086 # a word or none
	python3 -B "$srcdir/tests/bench/fleet_report.py" "$srcdir" "$builddir" ${ACCEPT:+--accept} >&2
}

ACCEPT=
case ${1:-} in
--accept) ACCEPT=yes ;;
esac
command -v prometheus >/dev/null || { echo "1..0 # SKIP prometheus is not installed"; exit 0; }
mkdir -p "$SCALE_NOTES"
run_cases
