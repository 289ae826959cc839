# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2015,SC2119
#
# A laboratory for things that are not as they should be, and what is to be said of them. Source
# after agent.sh.

# Where nobody may go, too.
bad_lab()
{
	TMPDIR=/tmp lab_up wans=2
	chmod 711 "$LAB_DIR"
}

# The agent's lines that match: there is one. Shows all, for a failure.
once()
{
	cat "$LAB_DIR/$1.err"
	[ "$(grep -c -e "$2" "$LAB_DIR/$1.err")" = 1 ] || {
		lab_say "not one line like: $2"
		return 1
	}
}

# It said that line and no other.
only()
{
	once "$1" "$2" && [ "$(wc -l <"$LAB_DIR/$1.err")" = 1 ]
}

# It has lived to the end, and ends in order.
ends_well()
{
	lab_alive agent-router
	lab_agent_stop
	! grep -qi -e 'sanitizer' -e 'assert' "$LAB_DIR/agent-router.err"
}

# Short connections, one after the other.
traffic()
{
	[ -e "$LAB_DIR/server.pid" ] || {
		lab_start server vps "$LAB_BIN/traffic" server -p 5000
		lab_eventually 5 lab_listens vps 5000
	}
	lab_router "$LAB_BIN/traffic" client -a "$LAB_SERVICE" -p 5000 -n "$1" -j 1 \
		--up 3000 --down 3000 --close client >/dev/null
}

# counts WAN OCTETS: that much or more was sent there.
counts()
{
	echo "$1: $(wan_get OutOctets "$1")"
	[ "$(wan_get OutOctets "$1")" -ge "$2" ]
}
