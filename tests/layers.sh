#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2016,SC2317	# cases are called by name
#
# Is the house built as its plan says? Includes point downwards, and some words are for the front ends
# only. TAP on stdout. srcdir is the top of the source.

set -u
LC_ALL=C
export LC_ALL

# A layer, its files without their ending, and the layers whose headers it may include beside its own.
# A file in lib/ belongs to a layer, or it is not in the house.
LAYERS='
model:      lib/model lib/version lib/answer lib/clock lib/file lib/finding lib/alarm_log lib/json lib/thread lib/utf8:
index:      lib/index:
address:    lib/address lib/prefix:                                       model
pace:       lib/pace:
settings:   lib/settings lib/settings_* lib/value lib/config lib/changes lib/fixed lib/registry lib/state: model address pace
parse:      lib/parse lib/parse_* lib/netlink lib/bpf/*:                  model address
anonymize:  lib/anonymize lib/anonymize_* lib/siphash:                    model settings address parse
source:     lib/source lib/source_*:                                      model parse anonymize
ledger:     lib/ledger lib/ledger_* lib/attempts lib/births lib/lives lib/suspects:    model index parse
harvest:    lib/harvest lib/addressbook lib/connections lib/counters lib/refresh:        model index address parse ledger source
snapshot:   lib/snapshot lib/owner:                                               model settings ledger harvest
budget:     lib/budget:                                                   model settings harvest snapshot
ceiling:    lib/ceiling:                                                  parse
diagnose:   lib/diagnose lib/diagnose_* lib/history: model settings address parse ledger harvest snapshot budget
alarm:      lib/alarm lib/alarm_*:                                    model settings snapshot diagnose
survey:     lib/survey lib/sockets:  model index settings parse source harvest snapshot
metrics:    lib/metrics lib/metrics_* lib/status:                                    model snapshot
monitor:    lib/monitor lib/collector lib/routes lib/streams: model settings pace parse source ledger harvest snapshot diagnose alarm
agent:      agent/*:                                                      model settings alarm metrics monitor
cli:        cli/*:                                                 model anonymize settings budget ceiling metrics monitor survey
collectd:   collectd-plugin/*:                                            model settings alarm metrics monitor
'
# Who may know net-snmp.
NET_SNMP='agent/handler.c agent/notify.c agent/session.c tests/bench/ask.c tests/test_handler.c tests/test_notify.c'
# Who may know collectd: with collectd 6 there is one more such file, and nothing else changes.
COLLECTD='collectd-plugin/mptcp.c'
# What lib/ leaves to the front ends: to speak, to end the process, to look at the environment.
FRONT_ENDS_ONLY='stdout|stderr|printf|vprintf|puts|putchar|perror|warn|warnx|err|errx|syslog|vsyslog|openlog'
FRONT_ENDS_ONLY="$FRONT_ENDS_ONLY|exit|_exit|quick_exit|abort|assert|environ|getenv|secure_getenv|setenv|putenv"
MOST_LINES=500

top=$(cd "${srcdir:-$(dirname "$0")/..}" && pwd) || exit 1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

# ---- the checks: in the present folder, a line for each offence ----

# sources FOLDER...: our own files in C and shell. What the build generates is none.
sources()
{
	for folder; do
		[ ! -d "$folder" ] || find "$folder" \( -name '*.c' -o -name '*.h' -o -name '*.sh' \) ! -name '*.skel.h'
	done | sort
}

offences_includes()
{
	sources lib agent cli collectd-plugin | grep '\.[ch]$' | xargs grep -n '^[[:space:]]*#[[:space:]]*include' |
		awk -v layers="$LAYERS" '
		function layer_of(path, i) {
			sub(/\.[a-z.]*$/, "", path)
			for (i = 1; i <= patterns; i++)
				if (path ~ pattern[i])
					return owner[i]
			return ""
		}
		BEGIN {
			lines = split(layers, line, "\n")
			for (i = 1; i <= lines; i++) {
				if (split(line[i], field, ":") < 3)
					continue
				n = split(field[2], file, " ")
				for (j = 1; j <= n; j++) {
					gsub(/\*/, "[^/]*", file[j])
					pattern[++patterns] = "^" file[j] "$"
					owner[patterns] = field[1]
				}
				n = split(field[3], below, " ")
				for (j = 1; j <= n; j++)
					may[field[1], below[j]] = 1
				may[field[1], field[1]] = 1
			}
		}
		{
			split($0, part, ":")
			where = part[1] ":" part[2]
			from = layer_of(part[1])
			if (!from) {
				print part[1] ": belongs to no layer"
				next
			}
			if (!match($0, /"[^"]*"/))
				next
			path = substr($0, RSTART + 1, RLENGTH - 2)
			# The BPF program is compiled without our include path.
			if (part[1] ~ /\.bpf\.c$/ && path !~ /\//)
				next
			to = layer_of(path)
			if (!to)
				print where ": \"" path "\" is in no layer"
			else if (!may[from, to])
				print where ": " from " must not include " to " (" path ")"
		}' | sort -u
}

offences_net_snmp()
{
	sources lib agent cli collectd-plugin tests | grep '\.[ch]$' | xargs grep -n '^[[:space:]]*#.*include.*<net-snmp/' |
		awk -F : -v allowed=" $NET_SNMP " '!index(allowed, " " $1 " ") { print $1 ":" $2 ": includes net-snmp" }'
}

offences_collectd()
{
	sources lib agent cli collectd-plugin tests | grep '\.[ch]$' |
		xargs grep -n '^[[:space:]]*#.*include.*[<"/]\(collectd\|plugin\|oconfig\)\.h[>"]' |
		awk -F : -v allowed=" $COLLECTD " '!index(allowed, " " $1 " ") { print $1 ":" $2 ": includes collectd" }'
}

# The code of files: comments and texts are taken out.
offences_words()
{
	sources lib | xargs awk -v words="$FRONT_ENDS_ONLY" '
		FNR == 1 { comment = 0 }
		{
			code = $0
			# What the compiler is told of a function is no call of it.
			gsub(/format\(printf,/, "", code)
			gsub(/\\./, "", code)
			gsub(/"[^"]*"/, "\"\"", code)
			if (comment && !sub(/^.*\*\//, "", code))
				next
			comment = 0
			gsub(/\/\*[^*]*\*+([^\/*][^*]*\*+)*\//, " ", code)
			sub(/\/\/.*/, "", code)
			comment = sub(/\/\*.*/, "", code)
			if (code ~ "^[ \t]*#")
				next
			gsub(/[^A-Za-z0-9_(]+/, " ", code)
			if (match(" " code " ", "[ (](" words ")([ (])"))
				print FILENAME ":" FNR ": for front ends only:" substr(" " code " ", RSTART, RLENGTH)
		}'
}

# libmnl 1.0.4 trusts what messages and attributes say of their length: lib/netlink.c does not.
offences_walks()
{
	sources lib agent cli collectd-plugin | grep '\.[ch]$' |
		xargs grep -n 'mnl_\(cb_run\|nlmsg_\(ok\|next\)\|attr_\(ok\|next\|parse\|for_each\)\)' |
		awk -F : '{ print $1 ":" $2 ": walks by libmnl" }'
}

offences_licence()
{
	{
		sources lib agent cli collectd-plugin integrations packaging tests
		for file in quickstart .ci/run Makefile.am configure.ac; do
			[ ! -e "$file" ] || echo "$file"
		done
	} | while read -r file; do
		head -n 3 "$file" | grep -q 'SPDX-License-Identifier: ' || echo "$file: no SPDX line on top"
	done
}

offences_length()
{
	sources lib agent cli collectd-plugin tests | xargs wc -l |
		awk -v most="$MOST_LINES" '$2 != "total" && $1 > most { print $2 ": " $1 " lines hold two ideas" }'
}

# ---- the cases ----

case_includes_point_downwards() { no includes; }
case_three_files_know_net_snmp() { no net_snmp; }
case_one_file_knows_collectd() { no collectd; }
case_the_core_neither_speaks_nor_ends() { no words; }
case_no_message_is_walked_by_libmnl() { no walks; }
case_every_file_names_its_licence() { no licence; }
case_no_file_holds_two_ideas() { no length; }

# Each of the above can fail: one mistake in a copy is found, at its place.
case_a_wrong_include_is_found()
{
	planted includes lib/parse_pm.c '#include "lib/monitor.h"' &&
	planted includes lib/model.h '#include "lib/parse.h"' &&
	planted includes lib/metrics.c '	#  include "lib/monitor.h"' &&
	planted includes agent/mib.c '#include "cli/show.h"' &&
	planted includes agent/mib.c '#include "lib/ledger.h"' &&
	planted includes lib/ledger.c '#include "births.h"' &&
	planted includes lib/stranger.c '#include <stdint.h>'
}

case_net_snmp_in_another_file_is_found()
{
	planted net_snmp agent/mib.c '#include <net-snmp/net-snmp-config.h>' &&
	planted net_snmp lib/status.h '#include <net-snmp/net-snmp-config.h>'
}

case_collectd_in_another_file_is_found()
{
	planted collectd collectd-plugin/values.c '#include <plugin.h>' &&
	planted collectd lib/collector.c '#include "collectd/core/daemon/collectd.h"'
}

case_a_core_that_speaks_or_ends_is_found()
{
	planted words lib/index.c '	fprintf(stderr, "no");' &&
	planted words lib/index.c '	if (!p) exit(1);' &&
	planted words lib/index.c '/* why */ abort();	/* more' &&
	planted words lib/index.c 'static FILE *out = &stdout;' &&
	planted words lib/settings.h '	return getenv("HOME");' &&
	planted words lib/index.c 'x ? syslog(3, "\"") : 0;' &&
	! planted words lib/index.c '/* exit(1) */ call("abort(x)"); snprintf(a, b, c); void say() __attribute__((format(printf, 1, 2))); exit_code(1); // exit(1)' >/dev/null
}

case_a_walk_by_libmnl_is_found()
{
	planted walks lib/source_live.c '	return mnl_cb_run(buf, len, 0, 0, fn, arg);' &&
	planted walks lib/parse_pm.c '	mnl_attr_for_each_nested(attr, nest) {' &&
	planted walks agent/notify.h '	while (mnl_nlmsg_ok(nlh, len))'
}

case_a_file_without_licence_is_found()
{
	planted licence tests/new.sh '#!/bin/sh' && planted licence agent/new.h '#pragma once'
}

case_a_long_file_is_found()
{
	planted length lib/model.h "$(seq "$MOST_LINES")"
}

# ---- what they use ----

no()
{
	(cd "$top" && "offences_$1") >"$tmp/found" 2>&1
	cat "$tmp/found"
	[ ! -s "$tmp/found" ]
}

# planted CHECK FILE TEXT: with the text at its end, the file is found; before, it was not.
planted()
{
	local check=$1 file=$2 text=$3

	rm -rf "$tmp/copy"
	mkdir "$tmp/copy"
	(cd "$top" && tar cf - --exclude=.git --exclude='build*' lib agent collectd-plugin tests) | tar xf - -C "$tmp/copy"
	(cd "$tmp/copy" && "offences_$check") >"$tmp/before" 2>&1
	printf '%s\n' "$text" >>"$tmp/copy/$file"
	(cd "$tmp/copy" && "offences_$check") 2>&1 | grep -vxF -f "$tmp/before" >"$tmp/found"
	grep -q "^$file:" "$tmp/found" && return
	echo "unnoticed in $file: $text"
	return 1
}

# shellcheck source=tests/tap_cases.sh
. "$top/tests/tap_cases.sh"
tap_cases
