# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# Runs the case_ functions of the script that sources this, in their order, each in a subshell, and
# tells in TAP. What a case prints is shown when it fails. A case that ends with 77 could not run,
# one that ends with 99 has left the others nothing to judge; what it printed says why. Nothing that
# a case starts outlives it: it would be waited for.

# TAP_LACKS is a function of the script that prints why the case of a name cannot run, or nothing.
: "${TAP_LACKS=}"

# The script's last line.
tap_cases()
{
	cases=$(sed -n 's/^\(case_[a-z0-9_]*\)().*/\1/p' "$0")
	echo "1..$(echo "$cases" | wc -l)"
	number=0 failed=0
	for name in $cases; do
		number=$((number + 1))
		title=$(echo "${name#case_}" | tr _ ' ')
		why=${TAP_LACKS:+$("$TAP_LACKS" "$name")} status=77
		[ -n "$why" ] || { why=$("$name" 2>&1); status=$?; }
		case $status in
		0)  echo "ok $number - $title" ;;
		77) echo "ok $number - $title # SKIP $why" ;;
		*)
			echo "not ok $number - $title"
			printf '%s\n' "$why" | sed 's/^/# /' | head -n 60
			failed=1 ;;
		esac
		[ $status != 99 ] || { echo "Bail out! after: $title"; break; }
	done
	exit $failed
}
