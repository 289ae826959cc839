#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2013,SC2317	# cases are words, and are called by name
#
# The files for LuCI against the plugin's own tables: options, defaults, words, and the values that
# graphs are made of. Needs neither root nor a lab. TAP on stdout.
# srcdir, builddir: source and build.

set -u
: "${srcdir:=$(dirname "$0")/../..}" "${builddir:=$srcdir/build}"
LC_ALL=C
export LC_ALL
temp=$(mktemp -d) || exit 1
trap 'rm -rf "$temp"' EXIT
trap 'exit 1' HUP INT TERM

# ---- the cases; each is named after what it shows ----

case_the_definition_has_the_plugins_flat_options()
{
	tables options | cut -f 1,2 | sort >"$temp/options"
	luci legend | sort | same_as options
}

case_the_form_has_them_too_with_their_words()
{
	tables options | sort >"$temp/options"
	luci form | cut -f 1,2,4 | sort | same_as options
}

# The example's values are the defaults: test_config holds it to that.
case_an_empty_field_shows_the_default()
{
	local name

	luci form | cut -f 1,3 | while read -r name value; do
		key=$(echo "$name" | sed 's/\([A-Z]\)/-\1/g; s/^-//' | tr '[:upper:]' '[:lower:]')
		default=$(sed -n "s/^#$key = //p" "$srcdir/doc/mptcp-wan.conf.example")
		case $name,$value,$default in
		Shelve,-,*|Expect*,-,|StateDir,-,*) ;;		# none
		Bpf,1,true|Events,1,true) ;;
		*,"$default",*) ;;
		*) echo "$name shows '$value', and the default is '$default'" ;;
		esac
	done >"$temp/wrong"
	cat "$temp/wrong"
	[ ! -s "$temp/wrong" ]
}

# All is as without a single option, whichever generator writes it, and whether the box was ticked in
# the form or by hand. The oldest one makes a false of a switch that is not there.
case_the_box_alone_gives_the_defaults()
{
	local generator by_hand

	by_hand=$(sed -n 's/^\tset luci_statistics.collectd_mptcp\.\(.*=\)/\1/p' \
		"$srcdir/integrations/luci/root/etc/uci-defaults/60_luci-statistics-mptcp")
	printf 'LoadPlugin mptcp\n<Plugin mptcp>\n\tBpf true\n\tEvents true\n</Plugin>\n' >"$temp/defaults"
	for generator in lua ucode blocks; do
		luci ticked "$generator" | loaded_in_a_line | same_as defaults || return
		# shellcheck disable=SC2086 # words
		luci config $generator $by_hand | loaded_in_a_line | same_as defaults || return
	done
	luci config lua enable=1 | grep -q 'Bpf false' && luci config ucode enable=1 >"$temp/few" &&
		! grep Bpf "$temp/few"
}

# The newest generator makes seconds of this one, and would make 500 minutes of 500ms.
case_an_interval_that_the_form_takes_is_the_same_to_all_generators()
{
	cat >"$temp/intervals" <<-END
		5	taken	5	5	5
		5s	taken	5	5	5
		2m	taken	120	120	120
		1h	taken	3600	3600	3600
		500ms	refused	0.5	0.5	30000
	END
	# shellcheck disable=SC2046 # words
	luci intervals $(cut -f 1 "$temp/intervals") | same_as intervals
}

case_every_value_that_is_drawn_is_one_that_is_told()
{
	tables values | awk -F '\t' '{
		n = split($2, source, ",")
		for (i = 1; i <= n; i++)
			print $1 "\t" source[i]
	}' | sort -u >"$temp/told"
	luci values >"$temp/values" || return
	sort -u "$temp/values" >"$temp/drawn"
	[ "$(wc -l <"$temp/drawn")" -ge 40 ] || return
	comm -13 "$temp/told" "$temp/drawn" >"$temp/strange"
	cat "$temp/strange"
	[ ! -s "$temp/strange" ]
}

case_legends_of_numbers_are_those_of_the_table()
{
	luci words >"$temp/words" || return
	[ "$(wc -l <"$temp/words")" = 2 ] && while read -r name words; do
		tables values | awk -F '\t' -v name="$name" '$1 == name { print $5 }' >"$temp/table"
		echo "$words" | same_as table || return
	done <"$temp/words"
}

# LuCI stumbles over a file that is not there, and over no graph.
case_without_any_file_there_is_nothing_to_draw()
{
	printf '0\n0\n0\n' >"$temp/none"
	luci empty | same_as none
}

case_the_section_is_added_once_and_switched_off()
{
	local script=$srcdir/integrations/luci/root/etc/uci-defaults/60_luci-statistics-mptcp

	mkdir "$temp/bin"
	cat >"$temp/bin/uci" <<-END
		#!/bin/sh
		# uci as far as the script asks it: a section is there when the file is.
		case \$2 in
		get)   [ -e "$temp/section" ] ;;
		batch) sed 's/^[[:space:]]*//' >>"$temp/section" ;;
		*)     exit 1 ;;
		esac
	END
	chmod +x "$temp/bin/uci"
	PATH=$temp/bin:$PATH sh "$script" || return
	cat >"$temp/wanted" <<-END
		set luci_statistics.collectd_mptcp=statistics
		set luci_statistics.collectd_mptcp.enable=0
		set luci_statistics.collectd_mptcp.Bpf=1
		set luci_statistics.collectd_mptcp.Events=1
		commit luci_statistics
	END
	diff "$temp/wanted" "$temp/section" && PATH=$temp/bin:$PATH sh "$script" &&
		diff "$temp/wanted" "$temp/section"
}

# ---- what they use ----

luci()
{
	node "$srcdir/tests/nms/luci.js" "$@"
}

# How it is loaded, as the older generators write it.
loaded_in_a_line()
{
	sed 's/^<LoadPlugin mptcp>$/LoadPlugin mptcp/; /^<.LoadPlugin>$/d'
}

tables()
{
	"$builddir/tests/collectd_tables" "$@"
}

# ... | same_as NAME: as the file of that name, which is not empty.
same_as()
{
	[ -s "$temp/$1" ] && diff -u "$temp/$1" -
}

command -v node >/dev/null || {
	echo "1..0 # SKIP nodejs is not installed"
	exit 0
}
# shellcheck source=tests/tap_cases.sh
. "$srcdir/tests/tap_cases.sh"
tap_cases
