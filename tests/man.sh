#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2013,SC2016,SC2317	# cases are words, and are called by name
#
# The manual pages against the programs: options and usage as --help has them, keys and defaults as
# doc/mptcp-wan.conf.example has them (which tests/test_config.c holds against the code). TAP. srcdir,
# builddir: source and build.

set -u
LC_ALL=C
export LC_ALL
srcdir=${srcdir:-.} builddir=${builddir:-build}
man=$srcdir/man
CLI=$builddir/cli/mptcp-wan
AGENT=$builddir/agent/mptcp-wan-agent
temp=$(mktemp -d) || exit 1
trap 'rm -rf "$temp"' EXIT

# ---- what the programs say ----

subcommands()
{
	"$CLI" --help | sed -n 's/^  \([a-z]\{1,\}\)  .*/\1/p'
}

# "-i, -n, --interval TIME", a line each
help_options()
{
	"$@" --help |
		sed -n 's/^  \(-., \|    \)\(\(-., \)\{0,1\}--[a-z-]*\( [A-Z]\{1,\}\)\{0,1\}\) .*/\1\2/p' |
		sed 's/^ *//'
}

# The usage lines without the word usage, each on one line: what goes on is indented further.
help_usage()
{
	"$@" --help | awk '
		/^$/ { exit }
		{ sub(/^(usage: |       )/, "") }
		/^ / { sub(/^ */, ""); line = line " " $0; next }
		{ if (line) print line; line = $0 }
		END { print line }'
}

# ---- what the pages say ----

# As help_options, after the subcommand it stands under; - for those of none.
page_options()
{
	awk '
		/^\.S[hs] / { under = "-" }
		/^\.Ss [a-z]/ { under = $2 }
		/^\.It Fl / {
			sub(/^\.It /, "")
			gsub(/Fl /, "-")
			gsub(/ ,/, ",")
			gsub(/Ar /, "")
			print under, $0
		}' "$1"
}

page_subcommands()
{
	awk '/^\.Sh/ { inside = $2 == "DESCRIPTION" } inside && /^\.Ss [a-z]/ { print $2 }' "$1"
}

# As help_usage.
page_usage()
{
	awk -v program="$2" '
		/^\.Sh/ { inside = $2 == "SYNOPSIS"; next }
		!inside { next }
		/^\.Nm/ { if (line) print line; line = program; next }
		{
			optional = sub(/^\.Op /, "")
			sub(/^\./, "")
			gsub(/Fl /, "-")
			gsub(/(Ar|Cm|Li|No) /, "")
			gsub(/ \.\.\./, "...")
			line = line " " (optional ? "[" $0 "]" : $0)
		}
		END { print line }' "$1"
}

# "interval = 5s", a line each, after the block it stands in; - for those of none.
page_keys()
{
	awk '
		/^\.Sh / { block = "-" }
		/^\.Ss [a-z]/ { block = $2 }
		/^\.It Cm .* No = / {
			sub(/^\.It Cm /, "")
			sub(/No = Ar /, "= ")
			print block, $0
		}' "$1"
}

example_keys()
{
	awk '
		/^# ---- / { block = "-" }
		/^#(expect|wan) .*\{/ { block = substr($1, 2) }
		/^#[ \t]*[a-z-]+ = / {
			sub(/^#[ \t]*/, "")
			sub(/[ \t]+#.*/, "")
			print block, $0
		}
		/^#}/ { block = "-" }' "$srcdir/doc/mptcp-wan.conf.example"
}

# What has a default stands before "what has no default".
example_defaults()
{
	sed '/^# ---- what has no default/,$d' "$srcdir/doc/mptcp-wan.conf.example" |
		sed -n 's/^#\([a-z-]* = .*\)/- \1/p'
}

# ---- the checks: of a page, a line for each offence ----

offences_lint()
{
	mandoc -T lint -W warning "$1" 2>&1
}

offences_subcommands()
{
	subcommands | sort >"$temp/help"
	page_subcommands "$1" | sort >"$temp/page"
	diff "$temp/help" "$temp/page"
}

offences_usage()
{
	for subcommand in $(subcommands); do
		help_usage "$CLI" "$subcommand"
	done >"$temp/help"
	page_usage "$1" mptcp-wan >"$temp/page"
	diff "$temp/help" "$temp/page"
}

# Every option is told, under its subcommand or with those that many have; and there is no other.
offences_options()
{
	help_options "$CLI" | sed 's/^/- /' >"$temp/help"
	for subcommand in $(subcommands); do
		help_options "$CLI" "$subcommand" | sed "s/^/$subcommand /"
	done >>"$temp/help"
	page_options "$1" >"$temp/page"
	awk '
		{ under = $1; option = substr($0, length($1) + 2) }
		NR == FNR { told[under, option] = told_of[option] = 1; line[NR] = $0; next }
		{ page[under, option] = 1; if (under == "-" && !(option in told_of)) print "no program has " $0 }
		under != "-" && !((under, option) in told) { print "no program has " $0 }
		END {
			for (i in line) {
				split(line[i], word, " ")
				option = substr(line[i], length(word[1]) + 2)
				if (!((word[1], option) in page) && !(("-", option) in page))
					print "the page lacks " line[i]
			}
		}' "$temp/help" "$temp/page"
}

# What the page shows of the command line is what that tells of the scenarios, line by line; those
# that end with ... begin so.
offences_examples()
{
	cat "$srcdir"/tests/scenarios/*/told >"$temp/told"
	"$CLI" metrics >>"$temp/told"
	awk '
		NR == FNR { told[++n] = $0; is[$0] = 1; next }
		/^\.Bd -literal/ { inside = 1; checked = 0; next }
		/^\.Ed/ { inside = 0 }
		!inside { next }
		/^[$#] / { checked = / mptcp-wan( (show|doctor|check|replay|metrics)( |$)|$)/; next }
		!checked || /^(\\&\.\.\.)?$/ || $0 in is { next }
		{
			begins = $0
			if (!sub(/ \.\.\.$/, "", begins)) { print "nothing tells: " $0; next }
			for (i = 1; i <= n && index(told[i], begins) != 1; i++)
				;
			if (i > n) print "nothing tells: " $0
		}' "$temp/told" "$1"
}

offences_agent()
{
	help_options "$AGENT" >"$temp/help"
	page_options "$1" | sed 's/^- //' >"$temp/page"
	diff "$temp/help" "$temp/page"
	help_usage "$AGENT" >"$temp/help"
	page_usage "$1" mptcp-wan-agent >"$temp/page"
	diff "$temp/help" "$temp/page"
}

offences_keys()
{
	example_keys | sed 's/ =.*//' | sort -u >"$temp/example"
	page_keys "$1" | sed 's/ =.*//' | sort -u >"$temp/page"
	diff "$temp/example" "$temp/page"
	page_keys "$1" >"$temp/page"
	example_defaults | grep -vxF -f "$temp/page"
}

# Of no page: what --help says fits a terminal.
offences_width()
{
	for subcommand in '' $(subcommands); do
		"$CLI" ${subcommand:+"$subcommand"} --help
	done | awk 'length > 80'
}

# ---- the cases ----

case_mandoc_has_no_warning() { no lint mptcp-wan.1 mptcp-wan-agent.8 mptcp-wan.conf.5; }
case_every_subcommand_is_told_and_no_other() { no subcommands mptcp-wan.1; }
case_usage_lines_are_those_of_help() { no usage mptcp-wan.1; }
case_options_are_those_of_help() { no options mptcp-wan.1; }
case_examples_are_what_is_told() { no examples mptcp-wan.1; }
case_who_says_help_gets_it()
{
	[ "$("$CLI" help)" = "$("$CLI" --help)" ] && [ "$("$CLI" help doctor)" = "$("$CLI" doctor --help)" ]
}
case_help_has_80_columns_at_most() { no width help; }
case_the_agents_page_is_its_help() { no agent mptcp-wan-agent.8; }
case_keys_and_defaults_are_those_of_the_example() { no keys mptcp-wan.conf.5; }

# Each of the above can fail: one mistake in a copy is found.
case_a_page_that_mandoc_dislikes_is_found()
{
	planted lint mptcp-wan.1 '$a .Bl -tag'
}

case_a_subcommand_too_many_or_too_few_is_found()
{
	planted subcommands mptcp-wan.1 's/^\.Ss show/.Ss shwo/' &&
	planted subcommands mptcp-wan.1 '/^\.Ss show/d'
}

case_another_usage_is_found()
{
	planted usage mptcp-wan.1 '0,/^\.Op Fl -json/{//d}' &&
	planted usage mptcp-wan.1 '0,/^\.Op Fl i Ar TIME/s//.Op Fl i Ar DIR/' &&
	planted usage mptcp-wan.1 '0,/^\.Op Fl -json/s//&\n.Op Fl -xml/'
}

case_another_option_is_found()
{
	planted options mptcp-wan.1 '/^\.It Fl -no-agent/d' &&
	planted options mptcp-wan.1 's/^\.It Fl i , /.It /' &&
	planted options mptcp-wan.1 's/^\.It Fl -config Ar FILE/.It Fl -config Ar DIR/' &&
	planted options mptcp-wan.1 's/^\.It Fl -json/.It Fl -xml\n&/' &&
	planted options mptcp-wan.1 's/^\.Ss show/&\n.It Fl -xml/'
}

case_another_example_is_found()
{
	planted examples mptcp-wan.1 's/^wan2  carrying         1  3.7/wan2  carrying         1  3.8/' &&
	planted examples mptcp-wan.1 's/leaves room for 1+1 \.\.\.$/leaves room for 1+2 .../' &&
	planted examples mptcp-wan.1 's/^     = 2  needed/     = 4  needed/'
}

case_another_option_of_the_agent_is_found()
{
	planted agent mptcp-wan-agent.8 '/^\.It Fl -record/d' &&
	planted agent mptcp-wan-agent.8 's/^\.Fl -forget/.Fl -forgive/'
}

case_another_key_or_default_is_found()
{
	planted keys mptcp-wan.conf.5 '/^\.It Cm window/d' &&
	planted keys mptcp-wan.conf.5 '/^\.It Cm rate-in/d' &&
	planted keys mptcp-wan.conf.5 's/^\(\.It Cm interval No = Ar\) .*/\1 7s/' &&
	planted keys mptcp-wan.conf.5 's/^\.It Cm base/.It Cm bass/'
}

# ---- what they use ----

# no CHECK PAGE...
no()
{
	local check=$1 page

	shift
	for page; do
		"offences_$check" "$man/$page"
	done >"$temp/found" 2>&1
	cat "$temp/found"
	[ ! -s "$temp/found" ]
}

# planted CHECK PAGE EDIT: what the edit breaks is found; before, it was not.
planted()
{
	sed "$3" "$man/$2" >"$temp/$2"
	if cmp -s "$man/$2" "$temp/$2"; then
		echo "no longer an edit: $3"
	elif ! "offences_$1" "$temp/$2" 2>&1 | grep -q .; then
		echo "unnoticed: $3"
	else
		return 0
	fi
	return 1
}

# Why a case cannot run, if so.
lacking()
{
	case $1 in
	*mandoc*)                   command -v mandoc >/dev/null || echo "mandoc is not installed" ;;
	*agent*)                    [ -x "$AGENT" ] || echo "the agent is not built" ;;
	*key*)                      ;;
	*)                          [ -x "$CLI" ] || echo "the command line is not built" ;;
	esac
}

# shellcheck source=tests/tap_cases.sh
. "$srcdir/tests/tap_cases.sh"
TAP_LACKS=lacking
tap_cases
