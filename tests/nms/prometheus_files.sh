#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2016,SC2317	# cases are called by name
#
# What we ship for Prometheus and Grafana, without running them: rules that promtool takes and whose
# tests hold, dashboards that are sound, names and numbers that are the code's, links that lead
# somewhere. TAP on stdout. srcdir, builddir: source and build.

set -u
: "${srcdir:=$(dirname "$0")/../..}" "${builddir:=$srcdir/build}"
srcdir=$(cd "$srcdir" && pwd) || exit 1
# shellcheck source=tests/nms/prometheus_words.sh
. "$srcdir/tests/nms/prometheus_words.sh"

if ! reason=$(prometheus_possible); then
	echo "1..0 # SKIP $reason"
	exit 0
fi
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

RUNBOOK=https://runbook.example/mptcp-wan.md
table=$builddir/tests/metrics_table

# Says what it is given, and is true when that was nothing.
nothing()
{
	awk '{ print } END { exit NR > 0 }'
}

# words OBJECT: number and word of each of its values, the latter as on the command line.
words()
{
	"$table" | awk -F '\t' -v object="$1" '$2 == object { print $6 }' | tr , '\n' |
		sed 's/^\(.*\)(\(.*\))$/\2 \1/; s/[A-Z]/-\l&/g'
}

# The causes that a line may have: the others are only worth knowing.
causes()
{
	words mptcpWanCause | awk '$1 && $1 < 70'
}

boards()
{
	printf '%s\n' "$PROMETHEUS_BOARDS"/*.json
}

# ---- the cases; each is named after what it shows ----

case_promtool_has_nothing_to_say()
{
	# shellcheck disable=SC2046 # a list
	promtool check rules $(rules_files) && promtool check config --syntax-only "$PROMETHEUS_RULES/scrape.yml"
}

case_the_tests_of_the_rules_hold()
{
	promtool test rules "$PROMETHEUS_RULES/mptcp-wan.rules.test.yml"
}

# The one above can fail: each copy has one mistake.
case_the_tests_of_the_rules_would_have_noticed()
{
	for mistake in 's/for: 5m/for: 6m/' 's/for: 5m/for: 4m/' 's/for: 1h/for: 50m/' 's/ge $value 3.0/ge $value 6.0/' \
		's/number == 40/number == 41/' 's/bool 1/bool 2/' 's/mptcp!="host"/mptcp="host"/' \
		's/severity: info/severity: warning/' \
		's/unless on (instance) instance:mptcp_up$/& == 1/' \
		's/unless on (instance) instance:mptcp_up$/unless instance:mptcp_up/' 's/\[3m\]/[1m]/g' 's/\[3m\]/[9m]/g' \
		's/up{job=~.*} == 0/up == 0/' 's/ unless on (instance) present_.*//' 's/else }}line-alarm/else }}/' 's/\[7d\]/[1h]/'
	do
		rm -rf "$tmp/wrong"
		cp -R "$PROMETHEUS_RULES" "$tmp/wrong"
		sed -i "$mistake" "$tmp/wrong"/*.rules.yml
		if diff -r "$PROMETHEUS_RULES" "$tmp/wrong" >"$tmp/diff" ||
			promtool test rules "$tmp/wrong/mptcp-wan.rules.test.yml" >"$tmp/found" 2>&1; then
			echo "unnoticed: $mistake"
			return 1
		fi
	done
}

case_both_ways_record_the_same_names()
{
	for file in "$PROMETHEUS_RULES"/mptcp-wan-*.rules.yml; do
		sed -n 's/^ *- record: //p' "$file" | sort >"$tmp/names.${file##*-wan-}"
	done
	diff "$tmp/names.collectd.rules.yml" "$tmp/names.snmp.rules.yml"
}

# None of them is told by the state itself: that is for the monitor, which holds it.
case_alerts_go_by_the_alarm_and_its_severity()
{
	sed -n '/- alert:/,/^ *\(for\|labels\):/p' "$PROMETHEUS_RULES/mptcp-wan.rules.yml" | grep ' expr:' >"$tmp/exprs"
	[ "$(wc -l <"$tmp/exprs")" = "$(grep -c -- '- alert:' "$PROMETHEUS_RULES/mptcp-wan.rules.yml")" ] || return 1
	grep -e mptcp_state -e mptcp_wans_ -e cause "$tmp/exprs" | nothing
}

case_every_alert_has_a_severity_and_a_summary_and_a_link()
{
	awk -v runbook="$RUNBOOK#" '
		function judge(	i) {
			for (i = 1; name != "" && i <= n; i++)
				if (!index(text, want[i])) {
					print name " has no " want[i]
					wrong = 1
				}
		}
		BEGIN { n = split("severity:|summary:|description:|runbook_url:|" runbook, want, "|") }
		/^ *- (alert|record|name):/ { judge(); name = ""; text = "" }
		/^ *- alert:/ { name = $3; alerts++ }
		{ text = text $0 }
		END { judge(); exit wrong || !alerts }' "$PROMETHEUS_RULES/mptcp-wan.rules.yml"
}

case_the_plugin_tells_all_names_that_are_asked_for()
{
	{
		rules_expressions "$PROMETHEUS_RULES/mptcp-wan-collectd.rules.yml"
		for board in $(boards); do board_expressions "$board" router; done
	} | names_asked_for >"$tmp/asked"
	[ "$(wc -l <"$tmp/asked")" -gt 25 ] || return 1
	while read -r name; do
		grep -q "\`$name\`" "$srcdir/doc/metrics.md" || echo "nobody tells $name"
	done <"$tmp/asked" | nothing
}

case_the_mib_has_all_objects_that_are_asked_for()
{
	rules_expressions "$PROMETHEUS_RULES/mptcp-wan-snmp.rules.yml" | grep -o 'mptcpWan[A-Za-z]*' | sort -u >"$tmp/asked"
	[ "$(wc -l <"$tmp/asked")" -gt 15 ] || return 1
	"$table" | cut -f 2 | sort >"$tmp/objects"
	comm -23 "$tmp/asked" "$tmp/objects" | nothing
}

case_recorded_names_are_those_that_are_used()
{
	# shellcheck disable=SC2046 # a list
	rules_expressions $(rules_files) | grep -o 'instance[a-z_]*:mptcp_[a-z0-9_:]*' | sort -u >"$tmp/used"
	grep -o '"instance[a-z_]*:mptcp_[a-z0-9_:]*{' "$PROMETHEUS_RULES/mptcp-wan.rules.yml" |
		tr -d '"{' >>"$tmp/used"
	# shellcheck disable=SC2046
	sed -n 's/^ *- record: //p' $(rules_files) | sort -u >"$tmp/recorded"
	sort -u "$tmp/used" | comm -23 - "$tmp/recorded" | nothing
}

case_rules_have_the_numbers_and_words_of_the_causes()
{
	sed -n 's/.*mptcp_cause_number == //p; s/.*{cause: \([a-z-]*\), subject: \([a-z]*\)}/\1 \2/p' \
		"$PROMETHEUS_RULES/mptcp-wan.rules.yml" | paste -d ' ' - - >"$tmp/rules"
	causes | awk '{ print $0, $1 <= 10 ? "host" : "line" }' | diff - "$tmp/rules"
}

# mappings BOARD: each list of them that is there, a line each: 1 unknown,2 absent,...
mappings()
{
	jq -r '[.. | objects | .mappings? // empty, (select(.id? == "mappings") | .value)] | map(select(length > 0))
		| .[][] | .options | to_entries | map("\(.key) \(.value.text)") | join(",")' "$1" | sort -u
}

case_dashboards_have_the_numbers_and_words_of_the_code()
{
	for board in $(boards); do
		mappings "$board" >"$tmp/mappings"
		for object in mptcpWanState mptcpWanAlarmSeverity mptcpWanHostAccounting; do
			grep -qxF "$(words "$object" | paste -sd ,)" "$tmp/mappings" || {
				echo "${board##*/} does not have $object: $(words "$object" | paste -sd ,)"
				return 1
			}
		done
		# No cause is a dash there.
		grep -qxF "$(words mptcpWanCause | sed 's/ none$/ -/' | paste -sd ,)" "$tmp/mappings" || {
			echo "${board##*/} does not have the causes"
			return 1
		}
	done
}

case_dashboards_are_sound()
{
	for board in $(boards); do
		jq -e --arg name "$(basename "$board" .json)" '
			[.. | objects | .datasource? // empty] as $sources |
			def check(what; ok): if ok then empty else what end;
			[ check("uid is not the name of the file"; .uid == $name),
			  check("id is not null: it is for the server to give"; has("id") and .id == null),
			  check("schemaVersion"; .schemaVersion == 37),
			  check("ids of panels"; ([.panels[].id] | length == (unique | length)) and all(.panels[].id; . > 0)),
			  check("titles of panels"; [.panels[].title] | length == (unique | length) and all(.[]; length > 0)),
			  check("a data source of its own"; all($sources[]; . == {type: "prometheus", uid: "${datasource}"})),
			  check("a panel or target without data source"; all(.panels[], .panels[].targets[]; has("datasource"))),
			  check("a target without refId, or twice"; all(.panels[]; [.targets[].refId]
				| length > 0 and length == (unique | length))),
			  # A series that has ended would else stand there for the whole range.
			  check("a stat that does not ask for this moment"; all(.panels[] | select(.type == "stat") | .targets[];
				.instant == true and .range == false)),
			  check("variables"; [.templating.list[] | [.name, .type]] == [["datasource", "datasource"], ["instance", "query"]]),
			  check("an expression not of the chosen routers"; all(.panels[].targets[].expr; contains("$instance"))),
			  check("made by an export"; (has("__inputs") or has("__requires")) | not),
			  check("panels lie over each other"; [.panels[].gridPos | . as $p | range($p.y; $p.y + $p.h) as $y
				| range($p.x; $p.x + $p.w) as $x | [$x, $y]] | length == (unique | length) and all(.[]; .[0] < 24)),
			  check("a link to no dashboard of ours"; [.. | strings | select(startswith("/d/")) | split("?")[0]]
				| all(.[]; . == "/d/mptcp-wan-fleet" or . == "/d/mptcp-wan-router"))
			] | if length == 0 then true else ., false end' "$board" >"$tmp/unsound" || {
			echo "${board##*/}: $(cat "$tmp/unsound")"
			return 1
		}
	done
	[ "$(boards | wc -l)" = 2 ]
}

# The one above can fail: each copy has one mistake.
case_unsound_dashboards_would_have_been_noticed()
{
	PROMETHEUS_BOARDS=$tmp/boards
	mkdir -p "$PROMETHEUS_BOARDS"
	for mistake in '.uid = "x"' '.id = 7' '.panels[1].id = 1' '.panels[0].datasource.uid = "P1"' \
		'.panels[2].gridPos.x = 0' 'del(.panels[3].targets[0].datasource)' '.panels[4].targets[0].expr = "up"' \
		'.panels[0].targets[3].range = true' 'del(.panels[5].targets[0].instant)'
	do
		cp "$srcdir"/integrations/grafana/*.json "$PROMETHEUS_BOARDS/"
		jq "$mistake" "$srcdir/integrations/grafana/mptcp-wan-router.json" >"$PROMETHEUS_BOARDS/mptcp-wan-router.json"
		! case_dashboards_are_sound >"$tmp/found" 2>&1 || {
			echo "unnoticed: $mistake"
			PROMETHEUS_BOARDS=$srcdir/integrations/grafana
			return 1
		}
	done
	PROMETHEUS_BOARDS=$srcdir/integrations/grafana
	case_dashboards_are_sound
}

case_every_expression_of_the_dashboards_is_promql()
{
	{
		echo 'groups: [{name: boards, rules: ['
		for board in $(boards); do board_expressions "$board" router; done | sort -u |
			jq -Rc '{record: "x", expr: ., labels: {n: input_line_number | tostring}}' | sed 's/$/,/'
		echo ']}]'
	} >"$tmp/boards.yml"
	promtool check rules "$tmp/boards.yml"
}

case_every_cause_has_a_section_of_the_runbook_and_no_other_link_is_dead()
{
	sed -n 's/^## //p' "$srcdir/doc/runbook.md" | sort >"$tmp/sections"
	uniq -d "$tmp/sections" | nothing || return 1
	# The cell of no cause is a dash, and a link as well.
	grep -q '^<a id="-"></a>' "$srcdir/doc/runbook.md" || return 1
	words mptcpWanCause | awk '$1 { print $2 }' | sort >"$tmp/words"
	printf '%s\n' line-alarm host-alarm mixed-states monitor-blind | sort - "$tmp/words" | diff - "$tmp/sections" || return 1
	{
		grep -o '](#[a-z-]*)' "$srcdir/doc/runbook.md" | tr -d '](#)'
		grep -oh "$RUNBOOK#[a-z-]*" "$PROMETHEUS_RULES/mptcp-wan.rules.yml" "$PROMETHEUS_RULES/mptcp-wan.rules.test.yml" |
			sed 's/.*#//'
		sed -n 's/.*{{ else }}\([a-z-]*\){{ end }}$/\1/p' "$PROMETHEUS_RULES/mptcp-wan.rules.yml"
	} | grep . | sort -u >"$tmp/links"
	grep -o '<a id="[a-z-]*"' "$srcdir/doc/runbook.md" | cut -d '"' -f 2 | sort -u - "$tmp/sections" >"$tmp/anchors"
	grep -qx line-alarm "$tmp/links" && comm -23 "$tmp/links" "$tmp/anchors" | nothing
}

# Alert and link, a line each; of a link by the cause, the section for an alarm without one.
links_of_alerts()
{
	awk '
		function told() {
			if (name != "") {
				sub(/.*runbook_url: (>- *)?/, "", text)
				gsub(/ *\{\{-? (with|\.) .*\{\{ else \}\}|\{\{ end \}\}$/, "", text)
				print name, text
			}
			name = text = ""
		}
		/^ *(- (alert|record|name):|#|$)/ { told() }
		/^ *- alert:/ { name = $3 }
		{ text = text $0 }
		END { told() }' "$@"
}

case_each_alert_links_to_a_section()
{
	links_of_alerts "$PROMETHEUS_RULES/mptcp-wan.rules.yml" >"$tmp/links"
	[ "$(wc -l <"$tmp/links")" = "$(grep -c -- '- alert:' "$PROMETHEUS_RULES/mptcp-wan.rules.yml")" ] || return 1
	while read -r alert link; do
		case $link in
		"$RUNBOOK"#*) grep -qx "## ${link#*#}" "$srcdir/doc/runbook.md" && continue ;;
		esac
		echo "$alert links to $link"
	done <"$tmp/links" | nothing
}

# It has an address of no one's, in all of these files the same.
case_there_is_one_address_of_the_runbook()
{
	grep -rho 'https\?://[^ #,"]*' "$PROMETHEUS_RULES"/*.rules.yml "$PROMETHEUS_BOARDS" | sort -u |
		grep -vx "$RUNBOOK" | nothing
}

# As README.md and doc/runbook.md have it, on copies where it says that they are.
case_the_documented_command_sets_all_links()
{
	sed -n '/^    sudo sed -i/,/json$/p' "$srcdir/README.md" >"$tmp/command"
	sed -n '/^    sudo sed -i/,/json$/p' "$srcdir/doc/runbook.md" | diff "$tmp/command" - || return 1
	mkdir -p "$tmp/etc/prometheus/rules" "$tmp/etc/grafana/dashboards/mptcp-wan"
	cp "$PROMETHEUS_RULES"/*.rules.yml "$tmp/etc/prometheus/rules/"
	cp "$PROMETHEUS_BOARDS"/*.json "$tmp/etc/grafana/dashboards/mptcp-wan/"
	sed "s/^ *sudo //; s!/etc/!$tmp&!g" "$tmp/command" | sh || return 1
	! grep -rn runbook.example "$tmp/etc" || return 1
	links_of_alerts "$tmp/etc/prometheus/rules/mptcp-wan.rules.yml" | sed 's!#.*!!; s!^[^ ]* !!' | sort -u |
		grep -vx https://wiki.your.net/mptcp-wan | nothing || return 1
	promtool check rules "$tmp"/etc/prometheus/rules/*.yml &&
		jq -e '.uid' "$tmp"/etc/grafana/dashboards/mptcp-wan/*.json
}

# ---- the runner ----

# shellcheck source=tests/tap_cases.sh
. "$srcdir/tests/tap_cases.sh"
tap_cases
