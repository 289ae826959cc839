#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091
#
# soak.sh [--hours N]: the soak of tests/faults, for 20 minutes or for hours: does it grow? TAP on stdout,
# figures on stderr. srcdir, builddir: source and build; LAB_BIN: where the built traffic is.

set -eu

here=$(cd "$(dirname "$0")/../lab" && pwd)
: "${srcdir:=$(cd "$here/../.." && pwd)}" "${builddir:=$srcdir/build}" "${LAB_BIN:=$builddir/tests/lab}"
home=$srcdir/tests/faults
LAB_HOME=$here
# shellcheck source=tests/lab/lab.sh
. "$here/lab.sh"
# shellcheck source=tests/lab/cases.sh
. "$here/cases.sh"
# shellcheck source=tests/lab/agent.sh
. "$here/agent.sh"
# shellcheck source=tests/faults/figures.sh
. "$home/figures.sh"
# shellcheck source=tests/faults/soak_words.sh
. "$home/soak_words.sh"

SECONDS_LONG=1200
case ${1:-} in
--hours) SECONDS_LONG=$((${2:?how many} * 3600)) ;;
"")      ;;
*)       lab_fail "what is '$1'? soak.sh [--hours N]" ;;
esac

case_it_does_not_grow()
{
	soak "$SECONDS_LONG" 300
	# Memory comes in pages: in less than hours a single one is a slope of more than is asked.
	if [ "$SECONDS_LONG" -ge 7200 ]; then
		soak_is_flat 16 64
	else
		soak_is_flat - 16
	fi
}

run_cases
