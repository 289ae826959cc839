# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# shellcheck shell=sh disable=SC2034	# for who sources this
# The thread sanitizer and what it reports: a race of threads, a lock order, a thread left behind. srcdir:
# source; build-tsan in it, where it was built with --enable-sanitizers=thread.

TSAN_BUILD=${srcdir:?the top of the source}/build-tsan

# What runs from now on writes its reports into the folder DIR, and goes on.
tsan_begin()
{
	TSAN_DIR=$1
	TSAN_OPTIONS="log_path=$TSAN_DIR/report suppressions=$srcdir/tests/threads/suppressions"
	export TSAN_OPTIONS
}

# Shows those that there are, and fails.
tsan_reports_none()
{
	! cat "$TSAN_DIR"/report.* 2>/dev/null
}

# tsan_lib FILE: the runtime that it was linked with.
tsan_lib()
{
	ldd "$1" 2>/dev/null | awk '/libtsan/ { print $3 }'
}
