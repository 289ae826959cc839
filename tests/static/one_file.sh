#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2013,SC2119,SC2317	# cases are called by name
#
# Is the static command line one file that needs nothing, and does it tell what the usual one tells?
# Builds it first, for which apt must reach its archive. TAP on stdout, diagnostics on stderr. srcdir
# is the top of the source, builddir where it was built.

set -eu

: "${srcdir:=.}" "${LAB_BIN:=${builddir:?where it was built}/tests/lab}"
# shellcheck source=tests/lab/lab.sh
. "$srcdir/tests/lab/lab.sh"
# shellcheck source=tests/lab/cases.sh
. "$srcdir/tests/lab/cases.sh"
# shellcheck source=tests/lab/agent.sh
. "$srcdir/tests/lab/agent.sh"
CLI=$builddir/cli/mptcp-wan
X86_64=$srcdir/build-static/x86_64/mptcp-wan
AARCH64=$srcdir/build-static/aarch64/mptcp-wan

# ---- the cases; each is named after what it shows ----

case_it_names_no_library_and_no_loader()
{
	local file

	lab_alone
	for file in "$X86_64" "$AARCH64"; do
		readelf -lW "$file" >"$LAB_DIR/segments"
		grep -q '^  LOAD ' "$LAB_DIR/segments"
		! grep -E '^  (INTERP|DYNAMIC) ' "$LAB_DIR/segments" || return 1
	done
	readelf -lW "$CLI" | grep -q '^  INTERP '
}

case_they_are_for_the_machines_they_are_named_after()
{
	readelf -h "$X86_64" | grep -q 'Machine:.*X86-64$'
	readelf -h "$AARCH64" | grep -q 'Machine:.*AArch64$'
}

# With nothing but itself and /proc; the usual one looks at the same lines at the same time.
case_in_an_empty_folder_it_tells_what_the_usual_one_tells()
{
	lab_up wans=3 rate=10mbit
	stream
	lab_eventually 5 subflows 3
	mkdir -p "$LAB_DIR/root/proc"
	cp "$X86_64" "$LAB_DIR/root"
	# shellcheck disable=SC2016 # the inner shell's
	lab_start static router unshare -m sh -c \
		'mount -t proc proc "$1/proc" && exec chroot "$1" /mptcp-wan --json -i 2s' - "$LAB_DIR/root"
	lab_router "$CLI" --json --no-agent -i 2s >"$LAB_DIR/usual.out"
	lab_wait static
	cat "$LAB_DIR/static.err"
	[ ! -s "$LAB_DIR/static.err" ]
	keys <"$LAB_DIR/static.out" >"$LAB_DIR/static.keys"
	keys <"$LAB_DIR/usual.out" >"$LAB_DIR/usual.keys"
	[ "$(wc -l <"$LAB_DIR/usual.keys")" -gt 100 ]
	diff "$LAB_DIR/usual.keys" "$LAB_DIR/static.keys"
	[ "$(wans <"$LAB_DIR/static.out")" = "$(wans <"$LAB_DIR/usual.out")" ]
	jq -e '.wans[] | select(.name == "wan1") | .state == "carrying"' "$LAB_DIR/static.out"
}

# With its exit status: check's help is a plugin's, and ends with 3.
told()
{
	local status=0

	"$@" || status=$?
	echo "exit status $status"
}

case_their_help_is_that_of_the_usual_one()
{
	local subcommand

	lab_alone
	for subcommand in '' $("$CLI" --help | sed -n 's/^  \([a-z]\{1,\}\)  .*/\1/p'); do
		# shellcheck disable=SC2086 # one word or none
		set -- $subcommand --help
		told "$CLI" "$@" >"$LAB_DIR/usual"
		told "$X86_64" "$@" | diff "$LAB_DIR/usual" -
		told aarch64 "$@" | diff "$LAB_DIR/usual" -
	done
	[ "$("$X86_64" --version)" = "$("$CLI" --version)" ]
	[ "$(aarch64 --version)" = "$("$CLI" --version)" ]
}

# The emulator has the netlink of links and addresses only: what it has not is told, as on a kernel
# that has it not.
case_for_aarch64_it_runs_and_says_what_the_emulator_lacks()
{
	lab_alone
	aarch64 --json --no-agent -i 100ms >"$LAB_DIR/out"
	jq -e '.host.interval_ms == 100' "$LAB_DIR/out"
	aarch64 --no-agent -i 100ms >"$LAB_DIR/out"
	grep -q '^not read: .*Protocol not supported' "$LAB_DIR/out"
}

case_without_static_libraries_configure_says_who_brings_them()
{
	lab_alone
	mkdir "$LAB_DIR/build"
	! env -C "$LAB_DIR/build" "$(realpath "$srcdir")/configure" --enable-static-cli \
		>"$LAB_DIR/out" 2>&1 || return 1
	grep -q 'error: no static .*: packaging/static-cli brings them along$' "$LAB_DIR/out"
}

# ---- the words they use ----

aarch64()
{
	qemu-aarch64-static "$AARCH64" "$@"
}

keys()
{
	jq -r 'paths | map(if type == "number" then "[]" else . end) | join(".")' | sort -u
}

wans()
{
	jq -r '.wans[] | "\(.name): \(.subflows) subflow"'
}

subflows()
{
	[ "$(lab_router ss -Htni state established | grep -c tcp-ulp-mptcp)" = "$1" ]
}

# A connection that lasts as long as the case.
stream()
{
	lab_start server vps "$LAB_BIN/traffic" server -p 5000
	lab_eventually 3 lab_listens vps 5000
	lab_start client router "$LAB_BIN/traffic" client -a "$LAB_SERVICE" -p 5000 \
		--up 500000000 --kbit 12000
}

for arch in x86_64 aarch64; do
	"$srcdir/packaging/static-cli" "$arch" >&2
done
run_cases
