#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2015,SC2016,SC2317	# cases are called by name
#
# What we ship for snmp_exporter, without running it: the modules are what is made of this MIB, say
# the same in both formats, and are as these formats want them. Debian has the exporter up to 0.22; the
# format since 0.23 is held to snmp_exporter.schema.json. TAP on stdout. srcdir, builddir: source and build.

set -u
: "${srcdir:=$(dirname "$0")/../..}" "${builddir:=$srcdir/build}"
srcdir=$(cd "$srcdir" && pwd) && builddir=$(cd "$builddir" && pwd) || exit 1
LC_ALL=C
export LC_ALL
# shellcheck source=tests/nms/prometheus_words.sh
. "$srcdir/tests/nms/prometheus_words.sh"

for possible in prometheus_possible exporter_possible; do
	if ! reason=$($possible); then
		echo "1..0 # SKIP $reason"
		exit 0
	fi
done
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

SHIPPED=$srcdir/integrations/snmp_exporter
FLAT=$SHIPPED/mptcp-wan-0.21.yml
SPLIT=$SHIPPED/mptcp-wan-0.23.yml
"$srcdir/tests/nms/yaml_json.py" "$FLAT" >"$tmp/flat.json"
"$srcdir/tests/nms/yaml_json.py" "$SPLIT" >"$tmp/split.json"
"$builddir/tests/metrics_table" >"$tmp/objects"

# Says what it is given, and is true when that was nothing.
nothing()
{
	awk '{ print } END { exit NR > 0 }'
}

# made MIBS FOLDER: is what that folder ships made of that MIB?
made()
{
	rm -rf "$tmp/made"
	mkdir "$tmp/made"
	MIBDIRS=$srcdir/tests/mibs:$1 "$2/generate" "$tmp/made" || return
	for file in "$FLAT" "$SPLIT"; do
		diff "$2/${file##*/}" "$tmp/made/${file##*/}" || return
	done
}

# sound flat|split JSON: as the format has it, and with sense.
sound()
{
	valid "$1" "$2" && makes_sense "$2"
}

# valid flat|split JSON...: says where they are not.
valid()
{
	"$srcdir/tests/json_valid.py" "$srcdir/tests/nms/snmp_exporter.schema.json" "$@" 2>&1
}

makes_sense()
{
	jq -r '
		def wrong(what; ok): if ok then empty else what end;
		def below($walk): . as $oid | any($walk[]; . as $root | $oid | startswith($root + "."));
		(.modules // .) | to_entries[] | .key as $who | .value | .walk as $walk |
		wrong("\($who): a name stands there twice"; [.metrics[].name] | length == (unique | length)),
		wrong("\($who): an OID stands there twice"; [.metrics[].oid] | length == (unique | length)),
		(.metrics[] | .name as $name |
		wrong("\($name) is not walked"; .oid | below($walk)),
		# What a label is looked up by is an index, or was looked up before; to look it up, it is walked.
		([.indexes[]?.labelname] as $indexes | reduce .lookups[]? as $one ({known: $indexes, bad: []};
			.bad += ($one.labels - .known) | .known += [$one.labelname]) | .bad[] | "\($name): no label \(.)"),
		(.lookups[]? | if .labels == [] then wrong("\($name): drops more than a label"; (has("oid") or has("type")) | not)
			else wrong("\($name): \(.labelname) is not walked"; has("oid") and has("type") and (.oid | below($walk))) end))
		' "$1" >"$tmp/senseless" && nothing <"$tmp/senseless"
}

# ---- the cases; each is named after what it shows ----

case_the_shipped_files_are_what_is_made_of_the_mib()
{
	made "$srcdir/mibs" "$SHIPPED"
}

# The one above can fail: each copy has one change, and was not made again.
case_a_change_of_the_mib_would_have_been_noticed()
{
	mkdir "$tmp/mibs"
	for change in 's/::= { mptcpWanEntry 60 }/::= { mptcpWanEntry 61 }/' 's/mptcpWanPressed/mptcpWanStrained/' \
		's/carrying(9)/working(9)/' 's/subflowLimit(40)/subflowLimit(39)/' 's/{ netSnmpPlaypen 262 }/{ netSnmpPlaypen 263 }/' \
		'/^mptcpWanSubflows OBJECT-TYPE/,/SYNTAX/s/Gauge32/Counter64/' \
		'/^mptcpWanSubflows OBJECT-TYPE/,/::=/s/Established/Begun/' \
		'/^mptcpWanBase  *OBJECT-TYPE/,/::=/d; s/mptcpWanBase,//'
	do
		sed "$change" "$srcdir/mibs/MPTCP-WAN-MIB.txt" >"$tmp/mibs/MPTCP-WAN-MIB.txt"
		! cmp -s "$srcdir/mibs/MPTCP-WAN-MIB.txt" "$tmp/mibs/MPTCP-WAN-MIB.txt" &&
			! made "$tmp/mibs" "$SHIPPED" >"$tmp/diff" 2>"$tmp/err" && [ -s "$tmp/diff" ] || {
			echo "unnoticed: $change"
			cat "$tmp/err"
			return 1
		}
	done
}

case_a_change_of_the_input_or_by_hand_would_have_been_noticed()
{
	while read -r file change; do
		rm -rf "$tmp/folder"
		cp -R "$SHIPPED" "$tmp/folder"
		sed -i "$change" "$tmp/folder/$file"
		! cmp -s "$SHIPPED/$file" "$tmp/folder/$file" && ! made "$srcdir/mibs" "$tmp/folder" >"$tmp/diff" 2>"$tmp/err" &&
			[ -s "$tmp/diff" ] || {
			echo "unnoticed: $file $change"
			cat "$tmp/err"
			return 1
		}
	done <<-'END'
		generator.yml s/mptcpWanHost, //
		generator.yml /mptcpWanCauseText:/d
		generator.yml s/drop_source_indexes: true/drop_source_indexes: false/
		generator.yml s/lookup: mptcpWanName/lookup: mptcpWanIfName/
		mptcp-wan-0.21.yml s/community: public/community: private/
		mptcp-wan-0.21.yml s/9: carrying/9: working/
		mptcp-wan-0.23.yml s/type: counter/type: gauge/
		mptcp-wan-0.23.yml 1d
	END
}

# The program itself: it refuses keys that it does not know.
case_debians_exporter_reads_the_flat_file()
{
	prometheus-snmp-exporter --dry-run --config.file="$FLAT" 2>&1 || return
	for mistake in 's/^  version: 3/  verison: 3/' 's/help:/halp:/' '/^    password:/d'; do
		sed "$mistake" "$FLAT" >"$tmp/wrong.yml"
		! prometheus-snmp-exporter --dry-run --config.file="$tmp/wrong.yml" >"$tmp/says" 2>&1 || {
			echo "unnoticed: $mistake"
			return 1
		}
	done
	# Of the format since 0.23 it says what is in the README.
	! prometheus-snmp-exporter --dry-run --config.file="$SPLIT" >"$tmp/says" 2>&1 && grep -q 'not found in type' "$tmp/says"
}

case_both_files_are_sound()
{
	sound flat "$tmp/flat.json" && sound split "$tmp/split.json" && [ ! -L "$FLAT" ]
}

# One mistake each; some are of one format only.
mistakes()
{
	cat <<-'END'
		both MODULE.walk = []
		both MODULE.walk += ["1.3.6.1.4.1.8072.9999.9999.262.1.2"]
		both MODULE.walk[1] = "mptcpWanTable"
		both del(MODULE.walk[1])
		both del(MODULE.metrics)
		both MODULE.metrics[0].nmae = "x"
		both del(MODULE.metrics[3].help)
		both MODULE.metrics[3].name = "mptcp-wan"
		both MODULE.metrics[3].name = MODULE.metrics[4].name
		both MODULE.metrics[3].oid = MODULE.metrics[4].oid
		both MODULE.metrics[3].oid = "." + MODULE.metrics[3].oid
		both MODULE.metrics[3].oid = "1.3.6.1.4.1.8072.9999.9999.262.1.3.1.2"
		both MODULE.metrics[3].type = "Gauge"
		both MODULE.metrics[3].type = "EnumAsStateSet"
		both MODULE.metrics[0].enum_values["1"] = true
		both MODULE.metrics[0].enum_values.one = "true"
		both MODULE.metrics[-1].indexes[0].labelname = "mptcpWanindex"
		both MODULE.metrics[-1].indexes[0].tpye = "gauge"
		both del(MODULE.metrics[-1].lookups[0].labels)
		both MODULE.metrics[-1].lookups[0].oid = "1.3.6.1.4.1.8072.9999.9999.262.1.5.1.2"
		both del(MODULE.metrics[-1].lookups[0].oid)
		both MODULE.metrics[-1].lookups[1].type = "gauge"
		both MODULE.lookups = []
		flat .mptcp_wan.version = 4
		flat .mptcp_wan_v3.auth.security_level = "authpriv"
		flat .mptcp_wan_v3.auth.auth_protocol = "SHA-256"
		flat .mptcp_wan_v3.auth.version = 3
		flat .modules = {}
		flat del(.mptcp_wan_v3.auth.username)
		split .mptcp_wan = .modules.mptcp_wan
		split del(.auths)
		split .auths.mptcp_wan_v2.version = "2"
		split .auths.mptcp_wan_v2.comunity = "public"
		split del(.auths.mptcp_wan_v2.community)
		split .auths.mptcp_wan_v3.priv_protocol = "AES128"
		split del(.auths.mptcp_wan_v3.priv_password)
		split del(.auths.mptcp_wan_v3.password)
		split .auths.mptcp_wan_v3.password = "short"
		split .modules.mptcp_wan.version = 2
		split .modules.mptcp_wan.auth = {"community": "public"}
		split .modules.mptcp_wan.timeout = 5
	END
}

case_each_mistake_in_them_would_have_been_noticed()
{
	local number=0

	mistakes >"$tmp/mistakes"
	mkdir "$tmp/wrong"
	for format in flat split; do
		# Some of the metrics are enough, and are judged sooner.
		jq 'walk(if type == "object" and has("metrics") then .metrics |= .[:5] + .[-1:] else . end)' \
			"$tmp/$format.json" >"$tmp/some.json" && sound "$format" "$tmp/some.json" || return
		sed -n "s/^$format //p; s/^both //p" "$tmp/mistakes" |
			sed "s/MODULE/$([ "$format" = flat ] || echo .modules).mptcp_wan/g" >"$tmp/mistakes.$format"
		while read -r mistake; do
			number=$((number + 1))
			echo "$mistake" >"$tmp/wrong/$format.$number"
			jq "$mistake" "$tmp/some.json" >"$tmp/wrong/$format.$number.json" || return
		done <"$tmp/mistakes.$format"
		valid "$format" "$tmp/wrong/$format".*.json >"$tmp/says"
		for wrong in "$tmp/wrong/$format".*.json; do
			grep -q "^$wrong: " "$tmp/says" && continue
			! makes_sense "$wrong" >"$tmp/sense" 2>&1 && ! grep '^jq: ' "$tmp/sense" || {
				echo "unnoticed in $format: $(cat "${wrong%.json}")"
				return 1
			}
		done
	done
	[ "$number" -gt 60 ] || return
	# What JSON cannot say: a key that stands there twice.
	sed 's/^    version: 3/&\n    version: 2/' "$SPLIT" >"$tmp/twice.yml"
	! "$srcdir/tests/nms/yaml_json.py" "$tmp/twice.yml" >"$tmp/twice.json" 2>"$tmp/says" && grep 'version stands there twice' "$tmp/says"
}

# Nobody here can run the second one, but the first one is run.
case_both_formats_say_the_same()
{
	jq -S '.mptcp_wan | {walk, metrics}' "$tmp/flat.json" >"$tmp/module"
	jq -S '.mptcp_wan_v3 | {walk, metrics}' "$tmp/flat.json" | diff "$tmp/module" - || return
	jq -S '.modules.mptcp_wan' "$tmp/split.json" | diff "$tmp/module" - || return
	jq -S '[.mptcp_wan, .mptcp_wan_v3] | map({version} + .auth)' "$tmp/flat.json" >"$tmp/auths"
	jq -S '.auths | [.mptcp_wan_v2, .mptcp_wan_v3]' "$tmp/split.json" | diff "$tmp/auths" - || return
	jq -e '[keys, (.auths | keys), (.modules | keys)] == [["auths", "modules"], ["mptcp_wan_v2", "mptcp_wan_v3"], ["mptcp_wan"]]' \
		"$tmp/split.json" && jq -e 'keys == ["mptcp_wan", "mptcp_wan_v3"]' "$tmp/flat.json"
}

# Each object of the host and of the WANs, as the code has it; but for the name, which is the label, and the story.
case_each_object_is_there_as_what_it_is()
{
	root=$(jq -r '.mptcp_wan.walk[0] | sub("\\.1$"; "")' "$tmp/flat.json")
	awk -F '\t' -v root="$root" '
		$1 !~ /^[12]\./ || $4 == "row" && $2 ~ /Index$/ || $2 ~ /^mptcpWan(Name|CauseText)$/ { next }
		{
			type = $3 == "Counter64" ? "counter" : $3 == "BITS" ? "Bits" : "gauge"
			if ($3 == "OCTET STRING")
				type = $4 == "DateAndTime" ? $4 : "DisplayString"
			sub(/\.0$/, "", $1)
			if ($4 == "TruthValue")
				$6 = "true(1),false(2)"
			print $2, root "." $1, type, $6
		}' "$tmp/objects" | sort >"$tmp/are"
	[ "$(wc -l <"$tmp/are")" -gt 100 ] || return
	jq -r '.mptcp_wan.metrics[] | "\(.name) \(.oid) \(.type) \((.enum_values // {}) | to_entries | sort_by(.key | tonumber)
		| map("\(.value)(\(.key))") | join(",") | if . == "" then "-" else . end)"' "$tmp/flat.json" | sort | diff "$tmp/are" -
}

case_a_wan_is_known_by_its_name()
{
	jq -e '.mptcp_wan | .walk[1] as $table | .metrics | map(select(.oid | startswith($table + "."))) as $wan
		| ($wan | length > 40) and all($wan[]; .indexes == [{labelname: "mptcpWanIndex", type: "gauge"}] and .lookups == [
			{labels: ["mptcpWanIndex"], labelname: "mptcpWanName", oid: ($table + ".1.2"), type: "DisplayString"},
			{labels: [], labelname: "mptcpWanIndex"}])
		and all((. - $wan)[]; (has("indexes") or has("lookups")) | not)' "$tmp/flat.json"
}

case_what_the_rules_ask_for_are_numbers_of_the_module()
{
	rules_expressions "$PROMETHEUS_RULES/mptcp-wan-snmp.rules.yml" | grep -o 'mptcpWan[A-Za-z]*' | sort -u |
		grep -vx 'mptcpWanIndex\|mptcpWanName' >"$tmp/asked"
	[ "$(wc -l <"$tmp/asked")" -gt 15 ] || return
	jq -r '.mptcp_wan.metrics[] | select(.type == "gauge" or .type == "counter") | .name' "$tmp/flat.json" | sort |
		comm -23 "$tmp/asked" - | nothing
}

# The README's second block stands in place of the first one's params.
case_what_is_to_be_scraped_is_what_the_files_have()
{
	awk '/^```/ { inside = /yaml$/; blocks += inside; next } inside { print > (block blocks) }' \
		block="$tmp/block" "$SHIPPED/README.md"
	sed '/^    params:/,/^      module:/d' "$tmp/block1" >"$tmp/split.yml"
	cat "$tmp/block2" >>"$tmp/split.yml"
	: >"$tmp/asked"
	for file in "$PROMETHEUS_RULES/scrape.yml" "$tmp/block1" "$tmp/split.yml"; do
		promtool check config --syntax-only "$file" || return
		"$srcdir/tests/nms/yaml_json.py" "$file" >"$tmp/scrape.json" || return
		jq -r '.scrape_configs[] | select(.metrics_path == "/snmp")
			| [.job_name, .params.module[], .params.auth[]?] | join(" ")' "$tmp/scrape.json" >>"$tmp/asked"
	done
	printf 'mptcp-wan-snmp %s\n' 'mptcp_wan mptcp_wan_v2' mptcp_wan_v3 'mptcp_wan mptcp_wan_v3' | diff - "$tmp/asked"
}

# ---- the runner ----

cases=$(sed -n 's/^\(case_[a-z0-9_]*\)()$/\1/p' "$0")
echo "1..$(echo "$cases" | wc -l)"
number=0
failed=0
for name in $cases; do
	number=$((number + 1))
	title=$(echo "${name#case_}" | tr _ ' ')
	if "$name" >"$tmp/case" 2>&1; then
		echo "ok $number - $title"
	else
		echo "not ok $number - $title"
		sed 's/^/# /' "$tmp/case"
		failed=1
	fi
done
exit $failed
