# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Runs the case_ functions of a test script, each in a subshell with a laboratory of its own, and
# tells in TAP. Source after lab.sh; then, as the last line: run_cases

: "${builddir:=build}" "${LAB_BIN:=$builddir/tests/lab}"

# In a subshell, so that a failed command ends its case and no more; set -e does not reach into
# functions that are part of a condition.
run_case()
{
	local status=0 name

	number=$((number + 1))
	name=$(echo "${1#case_}" | tr _ ' ')
	set +e
	(
		set -e
		lab_trap
		"$1"
	) >&2
	status=$?
	set -e
	if [ "$status" = 0 ]; then
		echo "ok $number - $name"
	else
		echo "not ok $number - $name"
		failed=$((failed + 1))
	fi
	[ "$status" -le 128 ] || exit "$status"	# interrupted
}

run_cases()
{
	local case_name reason

	if ! reason=$(lab_possible); then
		echo "1..0 # SKIP $reason"
		exit 0
	fi
	number=0
	failed=0
	for case_name in $(sed -n 's/^\(case_[a-z0-9_]*\)()$/\1/p' "$0"); do
		run_case "$case_name"
	done
	echo "1..$number"
	[ "$failed" = 0 ]
}
