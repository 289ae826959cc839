#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091
#
# soak.sh [--minutes N|--hours N]: churn, walks and an snmpd that begins anew every 20 s, for 3 minutes or
# as told: does the agent grow? TAP on stdout, figures on stderr. srcdir, builddir: source and build;
# LAB_BIN: where the built traffic is.

set -eu

home=$(cd "$(dirname "$0")" && pwd)
: "${srcdir:=$(cd "$home/../.." && pwd)}" "${builddir:=$srcdir/build}" "${LAB_BIN:=$builddir/tests/lab}"
LAB_HOME=$srcdir/tests/lab
# shellcheck source=tests/lab/lab.sh
. "$LAB_HOME/lab.sh"
# shellcheck source=tests/lab/cases.sh
. "$LAB_HOME/cases.sh"
# shellcheck source=tests/lab/agent.sh
. "$LAB_HOME/agent.sh"
# shellcheck source=tests/faults/figures.sh
. "$srcdir/tests/faults/figures.sh"
# shellcheck source=tests/soak/words.sh
. "$home/words.sh"

case $#,${1:-} in
0,)          SOAK_S=180 ;;
2,--minutes) SOAK_S=$(($2 * 60)) ;;
2,--hours)   SOAK_S=$(($2 * 3600)) ;;
*)           lab_fail "what is '$*'? soak.sh [--minutes N|--hours N]" ;;
esac

# A buffer that grows by 20 KiB once, when more came at a time than ever before, is no slope: in less than
# two hours it is one of more than is asked.
case_it_does_not_grow()
{
	if [ "$SOAK_S" -lt 1200 ]; then
		soak "$SOAK_S" 30
		soak_is_flat - 128
	else
		soak "$SOAK_S" 300
		if [ "$SOAK_S" -ge 7200 ]; then soak_is_flat 16 64; else soak_is_flat - 64; fi
	fi
}

run_cases
