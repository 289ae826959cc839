#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2015	# A && B || fail is meant so
#
# Are the binaries that are installed hardened as they should be, and no larger? By readelf and strip; TAP on
# stdout.
# builddir: where they were built. What is not built is skipped by name, and a build with sanitizers,
# which are another way of being careful and shut some of these out, as a whole.

set -u
builddir=${builddir:-build}
LC_ALL=C
export LC_ALL

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

# ---- what must be; $elf is a file with all that readelf says of one binary ----

is_pie() { grep -q 'Type: *DYN (Position-Independent Executable file)\|Flags:.* PIE' "$elf"; }
is_shared() { grep -q 'Type: *DYN (Shared object file)' "$elf"; }
has_relro() { grep -q '^ *GNU_RELRO ' "$elf"; }
binds_now() { grep -q '(FLAGS_1) .*\<NOW\>' "$elf"; }
has_no_executable_stack() { grep -q '^ *GNU_STACK .* RW ' "$elf"; }
has_no_writable_code() { ! grep -q '^ *LOAD .* RWE ' "$elf"; }
has_no_text_relocations() { ! grep -q 'TEXTREL' "$elf"; }
has_no_search_path() { ! grep -q '(RPATH)\|(RUNPATH)' "$elf"; }
protects_its_stack() { grep -q ' UND __stack_chk_\(fail\|guard\)\>' "$elf"; }
is_fortified() { grep -q ' UND __\(snprintf\|fprintf\|memcpy\)_chk\>' "$elf"; }

# Of a program, only the C library's variables that the linker has moved into it.
exports_nothing() { [ "$(exports | grep -v '^OBJECT .*@GLIBC')" = "" ]; }
exports_module_register() { [ "$(exports)" = "FUNC module_register" ]; }

exports()
{
	awk '/^Symbol table/ { dynamic = /\.dynsym/ }
		dynamic && $1 ~ /^[0-9]+:$/ && $7 != "UND" && $5 != "LOCAL" { print $4, $8 }' "$elf"
}

EVERY="has_relro binds_now has_no_executable_stack has_no_writable_code has_no_text_relocations"
EVERY="$EVERY has_no_search_path protects_its_stack is_fortified"
# A binary, where it is built, and what must be of it beside that.
BINARIES="
agent	agent/mptcp-wan-agent	is_pie exports_nothing
cli	cli/mptcp-wan		is_pie exports_nothing
plugin	mptcp.so		is_shared exports_module_register
"

# Octets at most, stripped: what a router has room for. They are those of Debian 12 on x86_64, and of no CFLAGS but
# configure's own. A step is a page: what is only read ends where the next one begins.
MOST="
agent	200000
plugin	160000
"

# ---- the tests ----

number=0

tell()
{
	number=$((number + 1))
	printf '%s %d - %s\n' "$1" $number "$2"
}

# Libtool builds into .libs what it puts a script in front of.
file_of()
{
	local built=$builddir/${1%/*}/.libs/${1##*/}

	[ "$1" = "${1##*/}" ] && built=$builddir/.libs/$1
	[ -e "$built" ] || built=$builddir/$1
	[ -e "$built" ] && echo "$built"
}

# Why it need not be so, or nothing.
excuse()
{
	[ "$1" = is_fortified ] || return 0
	grep -q '^MW_CPPFLAGS = ..*FORTIFY' "$builddir/Makefile" ||
		grep -q '^C[PF][PL].*FLAGS = .*FORTIFY' "$builddir/Makefile" ||
		echo "built without optimisation"
	grep -q 'NEEDED.*\[libc\.so\.6\]' "$elf" || echo "not with the GNU C library"
}

check()
{
	local name=$1 file check why most

	file=$(file_of "$2") || {
		tell ok "$name # SKIP it was not built"
		return
	}
	shift 2
	elf=$tmp/$name
	read_elf "$file"
	most=$(echo "$MOST" | sed -n "s/^$name	//p")
	[ -z "$most" ] || weigh "$name" "$file" "$most"
	for check in "$@"; do
		why=$(excuse "$check")
		if [ -n "$why" ]; then
			tell ok "$name $check # SKIP $why"
		elif "$check"; then
			tell ok "$name $check"
		else
			tell "not ok" "$name $check"
		fi
	done
}

# Why its size says nothing, or nothing.
other_build()
{
	[ "$(uname -m)" = x86_64 ] || echo "the bounds are those of x86_64"
	[ "$(sed -n 's/^CC = //p' "$builddir/Makefile") $(gcc -dumpversion)" = "gcc 12" ] || echo "the bounds are those of gcc 12"
	[ "$(sed -n 's/^CFLAGS = //p' "$builddir/Makefile")" = "-g" ] || echo "the bounds are those without CFLAGS"
}

# weigh NAME FILE MOST
weigh()
{
	local octets why

	why=$(other_build | head -n 1)
	if [ -n "$why" ]; then
		tell ok "$1 is small # SKIP $why"
		return
	fi
	strip -o "$tmp/stripped" "$2" && octets=$(wc -c <"$tmp/stripped") || octets=unknown
	if [ "$octets" -le "$3" ] 2>/dev/null; then
		tell ok "$1 is small: $octets octets, at most $3"
	else
		tell "not ok" "$1 is small: $octets octets, at most $3"
	fi
}

# Each of these can fail: on a program that is made without any of it.
CAREFREE="-no-pie -fno-stack-protector -U_FORTIFY_SOURCE -rdynamic -Wl,-z,norelro -Wl,-z,lazy"
CAREFREE="$CAREFREE -Wl,-z,execstack -Wl,-rpath,/nowhere"
CAN_FAIL="has_relro binds_now has_no_executable_stack has_no_search_path protects_its_stack is_fortified"
CAN_FAIL="$CAN_FAIL is_pie is_shared exports_nothing exports_module_register"

find_what_is_carefree()
{
	local check found=''

	elf=$tmp/carefree
	printf 'int shown;\nint main(void) { char a[40]; return !__builtin_memset(a, shown, 40); }\n' >"$tmp/carefree.c"
	# shellcheck disable=SC2086	# a list
	${CC:-$(sed -n 's/^CC = //p' "$builddir/Makefile")} $CAREFREE -o "$tmp/carefree.o" "$tmp/carefree.c" 2>"$tmp/said" || {
		tell "not ok" "a program without any of it is made"
		sed 's/^/# /' "$tmp/said"
		return
	}
	read_elf "$tmp/carefree.o"
	for check in $CAN_FAIL; do
		! "$check" || found="$found $check"
	done
	[ -z "$found" ] && tell ok "a program without any of it is found out" || tell "not ok" "unnoticed in it:$found"
}

read_elf()
{
	readelf -W --file-header --program-headers --dynamic --syms "$1" >"$elf" 2>/dev/null
}

skip_all()
{
	echo "1..0 # SKIP $1"
	exit 0
}

command -v readelf >/dev/null || skip_all "readelf is not installed"
grep -q '^MW_CFLAGS = .*-fsanitize=' "$builddir/Makefile" && skip_all "a build with sanitizers is no one's to install"
echo "$BINARIES" >"$tmp/binaries"
while read -r name path more; do
	# shellcheck disable=SC2086	# lists of words
	[ -z "$name" ] || check "$name" "$path" $EVERY $more
done <"$tmp/binaries"
find_what_is_carefree
echo "1..$number"
