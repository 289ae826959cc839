# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# What a command of the command line said: the script keeps it in $LAB_DIR/out and $LAB_DIR/err.
# Source after lab.sh. SAID_FOLD is what a line begins with that goes on with the one before it,
# where the command breaks lines for the screen: then patterns see whole lines.

: "${SAID_FOLD=}"

# says PATTERN: in what it printed.
says()
{
	said | grep -q -e "$1" && return
	printf 'it does not say %s:\n' "$1"
	cat "$LAB_DIR/out"
	return 1
}

says_not()
{
	! says "$1" >/dev/null
}

# complains PATTERN: in exactly one line.
complains()
{
	[ "$(wc -l <"$LAB_DIR/err")" = 1 ] && grep -q -e "$1" "$LAB_DIR/err" && return
	printf 'it does not complain like %s:\n' "$1"
	cat "$LAB_DIR/err"
	return 1
}

# fails STATUS COMPLAINT CMD...: it ends so, with that one line, and prints nothing.
fails()
{
	local want=$1 complaint=$2 status=0

	shift 2
	"$@" >"$LAB_DIR/out" 2>"$LAB_DIR/err" || status=$?
	complains "$complaint" || return
	[ "$status" = "$want" ] && [ ! -s "$LAB_DIR/out" ] && return
	echo "ended with $status: $*"
	cat "$LAB_DIR/out"
	return 1
}

said()
{
	if [ -n "$SAID_FOLD" ]; then
		sed -e ':more' -e '$!N' -e "s/\n$SAID_FOLD\([^ ]\)/ \1/" -e 'tmore' -e 'P' -e 'D' "$LAB_DIR/out"
	else
		cat "$LAB_DIR/out"
	fi
}
