# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2015	# A && B || fail is meant so
#
# Prometheus with the shipped rules in the lab, words to ask it, and what the shipped files say. For
# the former source lab.sh and collectd_words.sh first; what reads files needs srcdir only.
#
#	prometheus_start mptcp-wan
#	lab_eventually 60 alerts_are "MptcpWanLineAlarm wan5 warning"
#
# It is at the router and listens on its loopback. All of it lives in LAB_DIR.

: "${srcdir:?the top of the source}"
PROMETHEUS_RULES=$srcdir/integrations/prometheus
# shellcheck disable=SC2034 # for who sources this
PROMETHEUS_BOARDS=$srcdir/integrations/grafana

# Is a test with Prometheus possible here? Says why not, and returns 1.
prometheus_possible()
{
	local tool

	for tool in prometheus promtool jq; do
		command -v $tool >/dev/null || { echo "$tool is not installed"; return 1; }
	done
}

exporter_possible()
{
	local tool

	for tool in prometheus-snmp-exporter prometheus-snmp-generator; do
		command -v $tool >/dev/null || { echo "$tool is not installed"; return 1; }
	done
	/usr/bin/python3 -c 'import jsonschema, yaml' 2>/dev/null ||
		{ echo "python3-jsonschema or python3-yaml is not installed"; return 1; }
}

# ---- what the shipped files say ----

rules_files()
{
	printf '%s\n' "$PROMETHEUS_RULES"/*.rules.yml
}

# The expressions of recording rules and alerts of a file, one a line; those over several lines, too.
# promtool knows no way to print them, and YAML of ours has only these two forms.
rules_expressions()
{
	awk '
		function told() { if (text != "") print text; text = "" }
		/^ *expr: >-$/ { folded = 1; next }
		folded && /^          / { sub(/^ */, ""); text = text (text == "" ? "" : " ") $0; next }
		{ folded = 0; told() }
		/^ *expr: / { sub(/^ *expr: /, ""); print }
		END { told() }' "$@"
}

# board_expressions FILE ROUTER: those of its panels and variables, as Grafana would ask for a router.
board_expressions()
{
	jq -r '.panels[].targets[].expr,
		(.templating.list[] | select(.type == "query") | .query.query
		| sub("^label_values\\("; "") | sub(", *[a-z]*\\)$"; ""))' "$1" |
		sed "s/\\\$instance/$2/g; s/\\\$__rate_interval/20s/g"
}

# The values of our plugin that an expression asks for, named as in doc/metrics.md:
# WAN/count-state. Reads expressions, a line each; `type` and `mptcp` are in each selector.
names_asked_for()
{
	grep -o 'collectd_mptcp_[a-z_]*{[^}]*}' | awk '
		function label(name,	text) {
			if (!match($0, "[{,]" name "=\"[^\"]*\""))
				return ""
			text = substr($0, RSTART, RLENGTH)
			gsub(/^.*="|"$/, "", text)
			return text
		}
		{
			place = label("mptcp")
			instance = label("type")
			name = $0
			sub(/\{.*/, "", name)
			sub(/^collectd_mptcp_/, "", name)
			sub(/_total$/, "", name)
			sub(/_([rt]x|seconds)$/, "", name)	# the data source
			print (place == "" ? "WAN" : place) "/" name (instance == "" ? "" : "-" instance)
		}' | sort -u
}

# ---- the program ----

# prometheus_start JOB: mptcp-wan or mptcp-wan-snmp; the other's target is not there, which is an alert.
# A copy of the rules, whose `for` of minutes is as short as a case; the rest is as shipped.
prometheus_start()
{
	local dir=$LAB_DIR/prometheus file

	mkdir -p "$dir"
	for file in $(rules_files); do
		sed 's/^\( *for:\) 5m$/\1 2s/' "$file" >"$dir/${file##*/}"
	done
	{
		cat <<-END
			global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
			rule_files: ["$dir/*.rules.yml"]
			scrape_configs:
		END
		case $1 in
		mptcp-wan) cat <<-END ;;
			  - job_name: mptcp-wan
			    honor_labels: true
			    static_configs: [{targets: ["127.0.0.1:9103"]}]
		END
		mptcp-wan-snmp) cat <<-END ;;
			  - job_name: mptcp-wan-snmp
			    metrics_path: /snmp
			    params: {module: [mptcp_wan], target: ["$(cat "$LAB_DIR/snmp-router/address")"]}
			    static_configs: [{targets: ["127.0.0.1:9116"], labels: {instance: snmp}}]
		END
		esac
	} >"$dir/prometheus.yml"
	promtool check config "$dir/prometheus.yml" >"$dir/check" || { cat "$dir/check"; return 1; }
	# What has gone is gone after 5 s, not after 5 min.
	lab_start prometheus router prometheus --config.file="$dir/prometheus.yml" \
		--storage.tsdb.path="$dir/data" --web.listen-address=127.0.0.1:9090 \
		--query.lookback-delta=5s --log.level=warn
	lab_eventually 20 query 'vector(1)' || {
		sed 's/^/#   /' "$LAB_DIR/prometheus.err" >&2
		lab_fail "prometheus does not start"
	}
}

# query EXPRESSION: what it yields now, a line a sample. has_data: is that anything?
query()
{
	lab_router promtool query instant http://127.0.0.1:9090 "$1" 2>&1
}

has_data()
{
	local data

	data=$(query "$1") || { printf '%s: %s\n' "$1" "$data"; return 1; }
	[ -n "$data" ] || { printf 'no data: %s\n' "$1"; return 1; }
}

# value_is EXPRESSION NUMBER: is it one sample, of that value?
value_is()
{
	local data

	data=$(query "$1")
	printf '%s: %s\n' "$1" "$data"
	[ "$(printf '%s\n' "$data" | sed 's/.* => \([^ ]*\) @.*/\1/')" = "$2" ]
}

# alerts_are "MptcpWanLineAlarm wan5 warning" ...: do these fire, and no others? Who is of no WAN is told
# by its reason ("MptcpWanMonitorBlind no answer warning"), or has a `-`.
alerts_are()
{
	local now

	now=$(query 'ALERTS{alertstate="firing"}') || return
	now=$(printf '%s\n' "$now" | awk '
		function label(name,	text) {
			if (!match($0, "[{ ]" name "=\"[^\"]*\""))
				return "-"
			text = substr($0, RSTART, RLENGTH)
			gsub(/^.*="|"$/, "", text)
			return text
		}
		NF {
			who = label("wan")
			if (who == "-")
				who = label("reason")
			print label("alertname"), who, label("severity")
		}' | sort)
	printf '%s\n' "${now:-no alert fires}"
	[ "$now" = "$([ $# = 0 ] || printf '%s\n' "$@" | sort)" ]
}

# None is pending or has fired, since Prometheus was started; but for a scrape that took too long here.
alerts_never()
{
	[ -z "$(query 'count_over_time(ALERTS{reason!="not reached"}[1h])')" ]
}
