#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2016,SC2317	# Zabbix's dollars; cases are called by name
#
# What we ship for Zabbix, without running it: a template after its own rules (zabbix_template.py),
# with the UUIDs that it was first shipped with, for Zabbix knows things again by them; and a README
# that has all of it. TAP on stdout.
#	zabbix_template.sh --accept	writes the README's tables, and adds what is new to zabbix_uuids
# srcdir, builddir: source and build.

set -u
export LC_ALL=C
: "${srcdir:=$(dirname "$0")/../..}" "${builddir:=$srcdir/build}"
HERE=$srcdir/tests/nms
TEMPLATE=$srcdir/integrations/zabbix/template_mptcp_wan_snmp.yaml
README=$srcdir/integrations/zabbix/README.md
UUIDS=$HERE/zabbix_uuids
BEGIN='<!-- From here on: zabbix_template.py tables -->'

if ! python3 -c 'import yaml' 2>/dev/null; then
	echo "1..0 # SKIP python3-yaml is not installed"
	exit 0
fi
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
"$builddir/tests/metrics_table" >"$tmp/metrics" || exit 1

asks()
{
	python3 "$HERE/zabbix_template.py" "$@"
}

# follows_the_rules TEMPLATE: with the UUIDs that were shipped. Says what is wrong.
follows_the_rules()
{
	local wrong=0

	asks rules "$1" "$tmp/metrics" "$srcdir/doc/runbook.md" || wrong=1
	asks uuids "$1" | sort -k 2 >"$tmp/uuids" || return 1
	diff "$UUIDS" "$tmp/uuids" || wrong=1
	return "$wrong"
}

# ---- the cases; each is named after what it shows ----

case_the_template_follows_the_rules_and_has_the_uuids_it_was_shipped_with()
{
	follows_the_rules "$TEMPLATE" && [ "$(wc -l <"$UUIDS")" -gt 150 ]
}

# The one above can fail: each copy has one mistake, and it is said which.
case_each_mistake_is_noticed()
{
	local mistake complaint

	while IFS='	' read -r mistake complaint; do
		sed "$mistake" "$TEMPLATE" >"$tmp/wrong.yaml"
		if cmp -s "$TEMPLATE" "$tmp/wrong.yaml"; then
			echo "changes nothing: $mistake"
		elif follows_the_rules "$tmp/wrong.yaml" >"$tmp/found" 2>&1 || ! grep -q -e "$complaint" "$tmp/found"; then
			echo "unnoticed: $mistake; should have been: $complaint; was:"
			tail -n 3 "$tmp/found"
		fi
	done <"$HERE/zabbix_mistakes" | nothing && [ "$(wc -l <"$HERE/zabbix_mistakes")" -gt 40 ]
}

case_the_readme_has_each_item_and_trigger_and_macro()
{
	sed "1,/^$BEGIN\$/d" "$README" >"$tmp/readme"
	asks tables "$TEMPLATE" >"$tmp/tables" && [ -s "$tmp/tables" ] && diff -u "$tmp/readme" "$tmp/tables"
}

# What it says in its own words.
case_the_readme_names_nothing_that_is_not_there()
{
	sed "/^$BEGIN\$/q" "$README" | grep -o 'mptcp\.[a-z_.]*[a-z]\|{\$MPTCP[A-Z_.]*' | sort -u >"$tmp/named"
	[ "$(wc -l <"$tmp/named")" -ge 5 ] || return 1
	while read -r name; do
		grep -qF "$name" "$TEMPLATE" || echo "there is no $name"
	done <"$tmp/named" | nothing
}

case_links_lead_to_a_place_of_nobodys()
{
	grep -o 'https\?://[^ #"'"'"']*' "$TEMPLATE" | sort -u | grep -vx 'https://runbook.example/mptcp-wan.md' | nothing
}

# As the README has it, on a copy.
case_the_documented_command_sets_the_link()
{
	cp "$TEMPLATE" "$tmp/" && sed -n 's/^ *\(sed -i .*template_mptcp_wan_snmp.yaml\)$/\1/p' "$README" >"$tmp/command" || return 1
	[ "$(wc -l <"$tmp/command")" = 1 ] && (cd "$tmp" && sh ./command) || return 1
	! grep -n runbook.example "$tmp/template_mptcp_wan_snmp.yaml" &&
		grep -q "value: 'https://wiki.your.net/mptcp-wan'" "$tmp/template_mptcp_wan_snmp.yaml"
}

# By who receives notifications with two answers at once, over IPv4 and IPv6.
case_what_snmptrapd_tells_is_written_as_zabbix_wants_it()
{
	local handler=$srcdir/integrations/zabbix/zabbix-traps

	: >"$tmp/traps"
	printf '%s\n' router 'UDP: [192.0.2.7]:40123->[192.0.2.1]:162' 'iso.3.6.1.6.3.1.1.4.1.0 iso.3.6.1.4' \
		'iso.3.6 "100 % \n"' | "$handler" "$tmp/traps" || return 1
	printf '%s\n' '<UNKNOWN>' 'UDP/IPv6: [2001:db8::7]:40123' 'iso.3 1' | "$handler" "$tmp/traps" || return 1
	sed 's/^[0-9][0-9]:[0-9][0-9]:[0-9][0-9] [0-9]*\/[0-9][0-9]\/[0-9][0-9] /TIME /' "$tmp/traps" >"$tmp/written"
	printf '%s\n' 'TIME ZBXTRAP 192.0.2.7' 'iso.3.6.1.6.3.1.1.4.1.0 iso.3.6.1.4' 'iso.3.6 "100 % \n"' \
		'TIME ZBXTRAP 2001:db8::7' 'iso.3 1' | diff - "$tmp/written"
}

# ---- what they use ----

# Says what it is given, and is true when that was nothing.
nothing()
{
	awk '{ print } END { exit NR > 0 }'
}

# What was shipped stays as it is; only what is new is added.
accept()
{
	asks uuids "$TEMPLATE" | sort -k 2 >"$tmp/uuids" || return
	touch "$UUIDS"
	grep -vxFf "$tmp/uuids" "$UUIDS" | nothing || {
		echo "these were shipped, and are other ones or away now: put them back" >&2
		return 1
	}
	sed "/^$BEGIN\$/q" "$README" >"$tmp/page" && asks tables "$TEMPLATE" >>"$tmp/page" &&
		cat "$tmp/page" >"$README" && cat "$tmp/uuids" >"$UUIDS"
}

[ "${1:-}" != --accept ] || {
	accept
	exit
}
# shellcheck source=tests/tap_cases.sh
. "$srcdir/tests/tap_cases.sh"
tap_cases
