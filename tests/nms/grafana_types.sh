#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2013,SC2015,SC2317	# cases are words, and are called by name
#
# The dashboards against the types that Grafana publishes, of several releases: every field of every
# panel is one that Grafana knows, and of the right type. That their expressions are PromQL, and what
# else makes them sound, prometheus_files.sh asks. Needs neither root nor a lab, but npm's packages of
# grafana/package-lock.json, which are fetched once, into builddir. TAP on stdout.
# srcdir, builddir: source and build.

set -u
: "${srcdir:=$(dirname "$0")/../..}" "${builddir:=$srcdir/build}"
srcdir=$(cd "$srcdir" && pwd) && builddir=$(cd "$builddir" && pwd) || exit 1
LC_ALL=C
export LC_ALL
temp=$(mktemp -d) || exit 1
trap 'rm -rf "$temp"' EXIT
trap 'exit 1' HUP INT TERM

# shellcheck source=tests/nms/npm_words.sh
. "$srcdir/tests/nms/npm_words.sh"

LOCKED=$srcdir/tests/nms/grafana
PACKAGES=$builddir/npm-grafana
RELEASES=$(sed -n 's/.*"grafana-schema-\([0-9]*\)": "npm:.*/\1/p' "$LOCKED/package.json")

# ---- compiling ----

# errors RELEASE DIR: the compiler's, of all boards (*.json) of a folder, a line each.
errors()
{
	local release=$1 dir=$2

	cp "$LOCKED/dashboard.ts" "$dir/" && node "$LOCKED/typed.js" "$dir"/*.json || return
	ln -sfn "$PACKAGES/node_modules" "$dir/node_modules"
	cat >"$dir/tsconfig" <<-END
		{
			"compilerOptions": {
				"strict": true, "noEmit": true, "skipLibCheck": true, "types": [], "lib": ["es2022"],
				"module": "esnext", "moduleResolution": "bundler",
				"paths": {
					"@grafana/schema": ["./node_modules/grafana-schema-$release"],
					"@grafana/schema/*": ["./node_modules/grafana-schema-$release/*"]
				}
			},
			"include": ["dashboard.ts", "*.json.ts"]
		}
	END
	env -C "$dir" node_modules/.bin/tsc --pretty false -p tsconfig >"$dir/errors"
	case $? in
	0|2) cat "$dir/errors" ;;
	*)   cat "$dir/errors"; return 1 ;;	# it did not compile at all
	esac
}

# One mistake each, of another kind, in the board and panel that it needs.
mistakes()
{
	cat <<-'END'
		router .schemaVersion = "37"
		router .refresh = 30
		router .graphTooltip = 5
		router .id = "7"
		router .panles = []
		router .time.from = 0
		router .links[0].type = "dashboard"
		router del(.links[0].keepTime)
		router .templating.list[0].type = "source"
		router .templating.list[1].sort = 12
		router .templating.list[1].multi = "no"
		router .templating.list[1].datasource = "prometheus"
		router stat.type = "singlestat"
		router del(stat.title)
		router stat.gridPos.w = "6"
		router stat.fieldconfig = {}
		router stat.datasource.type = "loki"
		router stat.targets[0].datasource = "prometheus"
		router stat.targets[0].expr = 1
		router stat.targets[0].instnat = true
		router del(stat.targets[0].refId)
		router stat.options.colorMode = "backgruond"
		router stat.options.colourMode = "value"
		router stat.options.reduceOptions.calcs = "last"
		router stat.options.showHeader = true
		router stat.fieldConfig.defaults.thresholds.steps[0].value = "0"
		router stat.fieldConfig.defaults.thresholds.mode = "absolut"
		router stat.fieldConfig.defaults.color.mode = "threshold"
		router stat.fieldConfig.defaults.custom = {"fillOpacity": 1}
		router timeline.options.showValue = "yes"
		router timeline.options.rowHeight = "0.85"
		router timeline.fieldConfig.defaults.custom.fillOpactiy = 1
		router timeline.fieldConfig.defaults.mappings[0].type = "values"
		router timeline.fieldConfig.defaults.mappings[0].options["1"].colour = "red"
		router timeline.fieldConfig.defaults.mappings[0].options["1"].text = 1
		router series.options.legend.placement = "left"
		router series.options.tooltip.mode = "all"
		router series.fieldConfig.defaults.unit = 1
		router series.fieldConfig.defaults.min = "0"
		router series.fieldConfig.defaults.custom.drawStyle = "lines"
		router series.fieldConfig.defaults.custom.stacking.mode = "on"
		router series.fieldConfig.defaults.custom.spanNull = true
		router limits.fieldConfig.overrides[0].matcher.options = 1
		router limits.fieldConfig.overrides[0].properties[0].value.mode = "fix"
		router limits.fieldConfig.overrides[0].properties[1].id = "custom.linestyle"
		router limits.fieldConfig.overrides[0].properties[1].value.fill = "dashed"
		fleet table.targets[0].format = "tabel"
		fleet table.options.cellHeight = "small"
		fleet table.options.sortBy = [{"desc": true}]
		fleet table.transformations[0].id = 1
		fleet table.fieldConfig.defaults.custom.align = "middle"
		fleet cells.id = "maping"
		fleet cells.value[0].options["1"].txt = "unknown"
		fleet cells.id = "custom.align"
		fleet (colours | select(.id == "custom.cellOptions")).value.mode = "full"
		fleet (colours | select(.id == "custom.cellOptions")).value.modes = "basic"
		fleet (colours | select(.id == "custom.displayMode")).value = "colour"
		fleet (colours | select(.id == "custom.displayMode")).id = "custom.align"
		fleet table.fieldConfig.overrides[1].properties[1].value[0].uri = "/d/x"
	END
}

PLACES='def of(kind): first(.panels[] | select(.type == kind));
	def stat: of("stat"); def timeline: of("state-timeline"); def series: of("timeseries"); def table: of("table");
	def limits: first(.panels[] | select(.title | startswith("Limits")));
	def colours: table.fieldConfig.overrides[0].properties[]; def cells: first(colours);'

# ---- the cases; each is named after what it shows ----

case_every_field_is_of_a_type_that_grafana_knows()
{
	mkdir "$temp/boards"
	cp "$srcdir"/integrations/grafana/*.json "$temp/boards/"
	[ "$(echo "$RELEASES" | wc -l)" -ge 3 ] || return
	for release in $RELEASES; do
		errors "$release" "$temp/boards" >"$temp/found" && [ ! -s "$temp/found" ] || {
			echo "Grafana $release:"
			cat "$temp/found"
			return 1
		}
	done
}

# The one above can fail: each mistake is found, by each release.
case_each_wrong_type_and_unknown_word_would_have_been_noticed()
{
	local number=0

	mkdir "$temp/wrong"
	mistakes >"$temp/mistakes"
	[ "$(wc -l <"$temp/mistakes")" -ge 50 ] || return
	while read -r board mistake; do
		number=$((number + 1))
		board=$srcdir/integrations/grafana/mptcp-wan-$board.json
		jq "$PLACES $mistake" "$board" >"$temp/wrong/$number.json" || return
		jq . "$board" | cmp -s - "$temp/wrong/$number.json" && {
			echo "is no mistake: $mistake"
			return 1
		}
	done <"$temp/mistakes"
	for release in $RELEASES; do
		errors "$release" "$temp/wrong" >"$temp/found" || { cat "$temp/found"; return 1; }
		sed -n 's/^\([0-9]*\)\.json\.ts(.*/\1/p' "$temp/found" | sort -u >"$temp/noticed"
		seq "$number" | sort | comm -23 - "$temp/noticed" | while read -r number; do
			echo "Grafana $release did not notice: $(sed -n "${number}p" "$temp/mistakes")"
		done >"$temp/unnoticed"
		cat "$temp/unnoticed"
		[ ! -s "$temp/unnoticed" ] || return
	done
}

# Only versions and sums: where they come from is npm's own configuration.
case_the_lock_names_each_package_and_no_place()
{
	jq -e '.packages | del(.[""]) | length > 4 and all(.[]; (.version | length > 0) and (.integrity | startswith("sha512-"))
		and (has("resolved") | not))' "$LOCKED/package-lock.json" >"$temp/jq" || return
	! grep -n '://' "$LOCKED/package.json" "$LOCKED/package-lock.json" "$LOCKED/.npmrc"
}

# Not skipped: it fails, and says so in one line. Nothing listens at this port of our own loopback.
case_without_npms_registry_this_fails_in_a_line()
{
	! npm_config_registry=http://127.0.0.1:9/ npm_config_fetch_retries=0 npm_fetch "$LOCKED" "$temp/nowhere" >"$temp/line" || return
	cat "$temp/line"
	[ "$(wc -l <"$temp/line")" = 1 ] && [ ! -e "$temp/nowhere" ] &&
		grep -q "^npm cannot fetch .*ECONNREFUSED" "$temp/line"
}

# ---- the runner ----

for tool in node npm jq; do
	command -v $tool >/dev/null || {
		echo "1..0 # SKIP $tool is not installed"
		exit 0
	}
done
npm_packages "$LOCKED" "$PACKAGES" >"$temp/says" || {
	printf '1..1\nnot ok 1 - the packages of npm are there\n'
	sed 's/^/# /' "$temp/says"
	exit 1
}
# shellcheck source=tests/tap_cases.sh
. "$srcdir/tests/tap_cases.sh"
tap_cases
