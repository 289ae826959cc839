#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# The unit tests once more, as they are with musl and Debian's static libraries: natively and, for
# aarch64, under an emulator. TAP: a line for each program. srcdir is the top of the source.

set -u

srcdir=${srcdir:-.}
temp=$(mktemp -d) || exit 1
trap 'rm -rf "$temp"' EXIT
export srcdir builddir	# the programs are told where they are

# Not of the command line: the agent's programs, for which musl cannot close descriptors; and one
# that takes malloc() away from us, and in a static program also from its own calloc().
NOT_HERE='test_hook test_alarm_rows'
# Days pass in these, with nothing in them of the machine: too many for an emulator. It has no netlink
# between programs, which test_asker is about.
NOT_EMULATED='test_alarm test_asker test_day test_mib test_standing'

# units ARCH [EMULATOR]
units()
{
	local arch=$1 test name status

	builddir=$srcdir/build-static/$arch/build
	"$srcdir/packaging/static-cli" "$arch" >&2 || exit 1
	make -C "$builddir" -j"$(nproc)" check TESTS= >"$temp/make" 2>&1 || {
		tail -n 30 "$temp/make" >&2
		exit 1
	}
	for test in $(find "$builddir/tests" -name 'test_*' -type f -perm -u+x ! -name '*.*' | sort); do
		name=${test##*/}
		case " $NOT_HERE ${2:+$NOT_EMULATED} " in *" $name "*) continue ;; esac
		status=0 number=$((number + 1))
		${2:-} "$test" </dev/null >"$temp/says" 2>&1 || status=$?
		if [ "$status" = 0 ] && all_good "$temp/says"; then
			echo "ok $number - $arch: $name, $planned"
		else
			echo "not ok $number - $arch: $name ended with $status"
			grep -A 3 '^not ok' "$temp/says" | sed 's/^/# /'
			failed=1
		fi
	done
}

# It ran what it had planned, and nothing of it failed.
all_good()
{
	planned=$(sed -n 's/^1\.\.//p' "$1")
	! grep -q '^not ok' "$1" && [ "$(grep -c '^ok' "$1")" = "$planned" ]
}

number=0 failed=0
units x86_64
units aarch64 qemu-aarch64-static
echo "1..$number"
exit $failed
