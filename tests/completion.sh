#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2013,SC2317	# cases are words, and are called by name
#
# What bash completes for mptcp-wan. TAP. srcdir, builddir: source and build.

set -u
srcdir=${srcdir:-.} builddir=${builddir:-build}
CLI=$builddir/cli/mptcp-wan
[ -x "$CLI" ] || {
	echo "1..0 # SKIP the command line is not built"
	exit 0
}
# shellcheck source=completions/mptcp-wan
. "$srcdir/completions/mptcp-wan"
temp=$(mktemp -d) || exit 1
trap 'rm -rf "$temp"' EXIT
said=

# ---- the cases; each is named after what it shows ----

case_subcommands_are_those_of_help()
{
	completes '' "$("$CLI" --help | awk '/^  [a-z]/ { print $1 }')" &&
	completes 'sh' show &&
	completes 'nothing-like-it' ''
}

case_options_are_those_of_each_subcommands_help()
{
	local subcommand

	for subcommand in $("$CLI" --help | awk '/^  [a-z]/ { print $1 }'); do
		completes "$subcommand --" "$("$CLI" "$subcommand" --help |
			awk '/^  / && match($0, /--[a-z-]+/) { print substr($0, RSTART, RLENGTH) }')" ||
			return
	done
}

case_without_a_subcommand_options_are_those_of_show()
{
	completes '--vers' --version &&
	completes '--js' --json &&
	completes '--json --no-a' --no-agent
}

case_values_are_what_help_calls_them()
{
	mkdir "$temp/place" "$temp/place/a folder" && : >"$temp/place/a file" && cd "$temp/place" || return
	completes 'show --config ' $'a file\na folder' &&
	completes 'show --run-dir ' 'a folder' &&
	completes 'record ' 'a folder' &&
	completes 'replay ' $'a file\na folder' &&
	completes 'show --run-dir a' 'a folder' &&
	completes '--run-dir ' 'a folder' &&
	completes 'show --color ' $'always\nauto\nnever' &&
	completes 'show --color a' $'always\nauto' &&
	completes 'show --color = n' never &&
	completes 'show --color =' $'always\nauto\nnever' &&
	completes 'show --interval ' '' &&
	completes 'show -i ' '' &&
	completes 'record -n ' '' &&
	completes 'connections --state ' $'closing\nestablished\nfallback\nopening' &&
	completes 'check --blind ' $'critical\nunknown' &&
	completes 'verify --connect ' ''
}

case_where_nothing_is_taken_nothing_is_offered()
{
	completes 'show ' '' &&
	completes 'show --json ' ''
}

case_wans_are_those_of_the_host()
{
	# Its --help, and a status of a router.
	cat >"$temp/mptcp-wan" <<-END
		#!/bin/sh
		case "\$*" in
		"show --json"*) cat '$(realpath "$srcdir")/tests/scenarios/subflow-limit-exact/expected' ;;
		*)              exec '$CLI' "\$@" ;;
		esac
	END
	chmod +x "$temp/mptcp-wan"
	CLI=$temp/mptcp-wan
	completes 'connections --wan ' $'wan1\nwan2\nwan3\nwan4\nwan5\nwan6' &&
	completes 'check --wan wan3' wan3 &&
	completes 'check --wan eth' ''
}

case_a_command_is_completed_as_a_command()
{
	mkdir "$temp/bin" "$temp/here" && : >"$temp/bin/set-the-limits" && : >"$temp/here/a file" &&
		chmod +x "$temp/bin/set-the-limits" && cd "$temp/here" || return
	PATH=$temp/bin:$PATH
	completes 'verify ' -- &&
	completes 'verify -- set-the-' set-the-limits &&
	completes 'verify -w 10 -- set-the-' set-the-limits &&
	completes 'verify -- set-the-limits ' 'a file' &&
	completes 'verify -- set-the-limits --color ' 'a file'
}

# ---- what they use ----

# completes LINE WANT: the last word of the line after mptcp-wan; WANT has a line each
completes()
{
	local words

	IFS=' ' read -r -a words <<<"$1"
	[[ $1 != *' ' && -n $1 ]] || words+=('')
	COMP_WORDS=(mptcp-wan "${words[@]}")
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	_mptcp_wan "$CLI" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
	said=$(printf '%s\n' "${COMPREPLY[@]}" | sort -u)
	[[ $said == "$(sort -u <<<"$2")" ]] && return
	printf 'for "%s" it offers:\n%s\n' "$1" "$said"
	return 1
}

CLI=$(realpath "$CLI")
# shellcheck source=tests/tap_cases.sh
. "$srcdir/tests/tap_cases.sh"
tap_cases
