#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2015,SC2016,SC2034,SC2119,SC2317	# dollars of PHP; called by name
#
# What a person sees of the shipped template when two of six lines stop to carry, on the real kernel
# and in a real Zabbix, by Chromium: doc/zabbix-dashboard.png and doc/zabbix-problems.png. A quarter
# of an hour, most of it for the history. TAP on stdout.
#	zabbix_pictures.sh --accept	writes the pictures that it made to doc/: look at them
# Without that they are in $builddir/nms. srcdir, builddir: source and build; LAB_BIN: where the
# built traffic is.

set -eu

: "${srcdir:=$(dirname "$0")/../..}" "${builddir:=$srcdir/build}"
srcdir=$(cd "$srcdir" && pwd) builddir=$(cd "$builddir" && pwd)
: "${LAB_BIN:=$builddir/tests/lab}"
LAB_HOME=$srcdir/tests/lab
# shellcheck source=tests/lab/lab.sh
. "$LAB_HOME/lab.sh"
# shellcheck source=tests/lab/agent.sh
. "$LAB_HOME/agent.sh"
# shellcheck source=tests/lab/alarms.sh
. "$LAB_HOME/alarms.sh"
# shellcheck source=tests/lab/causes.sh
. "$LAB_HOME/causes.sh"
# shellcheck source=tests/nms/zabbix_words.sh
. "$srcdir/tests/nms/zabbix_words.sh"

PICTURES=$builddir/nms
MOST_OCTETS=250000
DRIVER=http://127.0.0.1:9515
BEFORE_S=240 AFTER_S=300	# history in the picture: all lines carry, two of them do not

# ---- a browser ----

# driver METHOD PATH [BODY]: a question of the WebDriver protocol; its answer's value.
driver()
{
	local answer

	answer=$(zabbix_place curl -sS --noproxy '*' -m 120 -X "$1" -H 'Content-Type: application/json' \
		${3:+--data "$3"} "$DRIVER$2") || return
	printf '%s\n' "$answer" | jq -e '.value | type != "object" or (has("error") | not)' >/dev/null || {
		printf '%s\n' "$answer" | jq -r '.value | .error + ": " + .message' >&2
		return 1
	}
	printf '%s\n' "$answer" | jq .value
}

browser_start()
{
	zabbix_side zabbix_runs driver env HOME="$ZABBIX_DIR" TMPDIR="$ZABBIX_DIR" chromedriver --port=9515
	lab_eventually 60 driver GET /status
	SESSION=/session/$(driver POST /session "$(jq -nc --arg dir "$ZABBIX_DIR/browser" '
		{capabilities: {alwaysMatch: {browserName: "chrome", "goog:chromeOptions": {args: ["--headless", "--no-sandbox",
			"--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
			"--disable-component-update", "--disable-sync", "--hide-scrollbars", "--no-proxy-server",
			"--force-device-scale-factor=1", "--window-size=1920,1080", "--user-data-dir=" + $dir]}}}}')" | jq -r .sessionId)
}

# Full HD, or another height.
browser_size()
{
	driver POST "$SESSION/goog/cdp/execute" "$(jq -nc --argjson height "${1:-1080}" '{cmd: "Emulation.setDeviceMetricsOverride",
		params: {width: 1920, height: $height, deviceScaleFactor: 1, mobile: false}}')" >/dev/null
}

browser_open()
{
	driver POST "$SESSION/url" "$(jq -nc --arg url "http://127.0.0.1:$ZABBIX_PORT/$1" '{url: $url}')" >/dev/null
}

browser_run()
{
	driver POST "$SESSION/execute/sync" "$(jq -nc --arg script "$1" '{script: $script, args: []}')"
}

browser_login()
{
	browser_open index.php
	browser_run 'document.getElementById("name").value = "Admin";
		document.getElementById("password").value = "zabbix";
		document.getElementById("enter").click()' >/dev/null
	lab_eventually 60 browser_has zabbix.php 'return document.location.href'
}

# browser_has TEXT [SCRIPT]: is it on the page, or in what the script returns?
browser_has()
{
	browser_run "${2:-return document.body.innerText}" | jq -r . >"$LAB_DIR/page"
	grep -qF -e "$1" "$LAB_DIR/page" && return
	head -c 2000 "$LAB_DIR/page"
	return 1
}

# Nothing is loading any more.
browser_is_done()
{
	[ "$(browser_run 'return document.readyState === "complete" && jQuery.active === 0 &&
		document.querySelectorAll(".is-loading").length === 0 &&
		[...document.images].every((image) => image.complete)')" = true ]
}

# picture NAME: as small as 64 colours make it.
picture()
{
	lab_eventually 120 browser_is_done
	driver GET "$SESSION/screenshot" | jq -r . | base64 -d >"$ZABBIX_DIR/shot.png"
	php -r '[, $from, $to] = $argv; $image = imagecreatefrompng($from);
		imagetruecolortopalette($image, false, 64); imagepng($image, $to, 9);' "$ZABBIX_DIR/shot.png" "$PICTURES/$1"
	lab_say "$PICTURES/$1: $(wc -c <"$PICTURES/$1") octets"
	[ "$(wc -c <"$PICTURES/$1")" -lt "$MOST_OCTETS" ]
}

# ---- the story ----

# All six carry, until the limit is what it was before somebody raised it.
two_lines_stop()
{
	lab_up rate=4mbit,3mbit,2mbit,2mbit,1mbit,1mbit queue=64kb wans=6 router_limits="subflows 5 add_addr_accepted 1"
	server --for 3000
	zabbix_reaches_router
	alarms_watch
	zabbix_host '{$MPTCP.INTERVAL}=5s' '{$MPTCP.INTERVAL.SLOW}=30s' '{$MPTCP.INTERVAL.DISCOVERY}=10s' \
		'{$MPTCP.RUNBOOK.URL}=https://wiki.your.net/mptcp-wan'
	load bulk --down 1000000000000 --for 3000
	lab_eventually 120 item_is mptcp.wans.summary "6 of 6"
	lab_eventually $((BEFORE_S * 4)) item_lasts 'mptcp.wan.time.carrying[wan6]' $BEFORE_S
	lab_limits router "subflows 3 add_addr_accepted 1"
	reload bulk --down 1000000000000 --for 3000
	lab_eventually 120 problems_are "High wan5 is up but idle: subflow-limit" "High wan6 is up but idle: subflow-limit"
	lab_eventually $((AFTER_S * 4)) item_lasts 'mptcp.wan.time.unjoined[wan6]' $((BEFORE_S + AFTER_S))
}

# item_lasts KEY SECONDS: from its first value to its last one.
item_lasts()
{
	item_history "$1" | awk -v least="$2" '
		NR == 1 { first = $1 }
		END { print $1 - first " s"; exit !NR || $1 - first < least }'
}

the_dashboard_tells_it_at_a_glance()
{
	local id

	id=$(zabbix_api template.get "$(jq -nc --arg id "$(zabbix_template_id)" \
		'{templateids: [$id], selectDashboards: ["dashboardid"]}')" | jq -er '.[0].dashboards[0].dashboardid') || return
	browser_size &&
		browser_open "zabbix.php?action=host.dashboard.view&hostid=$(zabbix_host_id)&dashboardid=$id&from=now-10m&to=now" &&
		lab_eventually 60 browser_is_done &&
		browser_run 'document.querySelector("button[title=\"Kiosk mode\"]")?.click()' >/dev/null &&
		lab_eventually 60 browser_has "4 of 6" && browser_has "ip mptcp limits set subflows 5" &&
		! browser_has "same space" >"$LAB_DIR/overlap" &&
		picture zabbix-dashboard.png
}

the_list_of_problems_has_cause_and_advice()
{
	browser_size 460 &&
		browser_open 'zabbix.php?action=problem.view&show_opdata=1&show_tags=3&tag_priority=alarm,cause,wan' &&
		lab_eventually 60 browser_is_done &&
		browser_run 'document.querySelector("a.tabfilter-item-link").click()' >/dev/null &&
		lab_eventually 60 browser_has "wan6 is up but idle: subflow-limit" && browser_has "set it to at least 5" &&
		picture zabbix-problems.png
}

check()
{
	number=$((number + 1))
	if "$1" >"$ZABBIX_DIR/says" 2>&1; then
		echo "ok $number - $(echo "$1" | tr _ ' ')"
		grep '^# ' "$ZABBIX_DIR/says" || :
	else
		echo "not ok $number - $(echo "$1" | tr _ ' ')"
		sed 's/^/# /' "$ZABBIX_DIR/says"
		failed=1
	fi
}

for tool in chromium chromedriver; do
	command -v $tool >/dev/null || reason="$tool is not installed"
done
if [ -n "${reason:-}" ] || ! reason=$(zabbix_possible) || ! reason=$(lab_possible); then
	echo "1..0 # SKIP $reason"
	exit 0
fi
trap 'lab_down; zabbix_stop' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
echo 1..2
number=0 failed=0 ZABBIX_HOST=omr1
zabbix_start
two_lines_stop
browser_start
browser_login
check the_list_of_problems_has_cause_and_advice
check the_dashboard_tells_it_at_a_glance
[ "${1:-}" != --accept ] || cp "$PICTURES/zabbix-dashboard.png" "$PICTURES/zabbix-problems.png" "$srcdir/doc/"
exit $failed
