# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2015,SC2119,SC2120	# A && B || fail is meant so
#
# Words to ask for states, causes and alarms, of an agent whose times are so short that a case need
# not last longer than its story. Source lab.sh, agent.sh, then this file.
#
#	lab_up wans=6 router_limits="subflows 3 add_addr_accepted 1"
#	alarms_watch
#	lab_eventually 10 wan_cause wan5 wan6 = subflowLimit
#	lab_eventually 10 alarms_are "wan5 upButIdle" "wan6 upButIdle"
#	wan_advises wan5 "subflows 5" "restart"
#	alarm_log_is "raised wan5 upButIdle" "raised wan6 upButIdle"
#
# States, causes and types are the words of the MIB; those that are a status file's are turned into
# them. The host's alarms are those of "host".

# alarms_watch [LINE of a configuration]...: the agent, with short times and then these lines.
# net.ipv4.tcp_syn_retries 1: what is not answered is known after 3 s, not after two minutes.
# Where it watches is LAB_PLACE's, as with all words of agent.sh; a second time it starts anew.
alarms_watch()
{
	alarms_configure "$@"
	lab_router sysctl -qw net.ipv4.tcp_syn_retries=1
	lab_vps sysctl -qw net.ipv4.tcp_syn_retries=1
	lab_agent_start -c "$LAB_DIR/alarms-$LAB_PLACE.conf"
}

# Writes the file only; who has an agent that reads it again sends that the signal.
alarms_configure()
{
	{
		cat <<-END
			interval = 1s
			cpu-budget = 100
			window = 3s
			pressure-window = 3s
			join-grace = 2s
			raise-after = 4s
			raise-idle-after = 4s
			raise-avoided-after = 4s
			raise-backup-after = 4s
			clear-after = 2s
			far-silent-after = 4s
		END
		[ $# = 0 ] || printf '%s\n' "$@"
	} >"$LAB_DIR/alarms-$LAB_PLACE.conf"
}

# ---- states and causes ----

# wan_cause wan5 wan6 = subflowLimit: of all of them? Shows what all have.
wan_cause()
{
	wan_column Cause "$@"
}

# wan_advises wan5 "subflows 5" ...: does its story have all of these in it? Shows the story. The
# doctor tells no other.
wan_advises()
{
	local wan=$1 story cause

	story=$(wan_get CauseText "$wan") || return
	printf '%s\n' "$story"
	shift
	has_all "$story" "$@" || return
	cause=$(wan_get Cause "$wan") || return
	lab_eventually 5 doctor_tells "$wan" "$cause" "$@"
}

has_all()
{
	local text=$1 part

	shift
	for part; do
		case $text in *"$part"*) ;; *) return 1 ;; esac
	done
}

# ---- the doctor, with the agent ----

# doctor_tells wan5|host CAUSE [PART]...: is that among what it finds, and has what it says of it all
# of these in it? Is its exit status as bad as the worst of all? Both for scripts and for people.
doctor_tells()
{
	local who=$1 cause=$2 said status=0

	shift 2
	lab_at_place "$builddir/cli/mptcp-wan" doctor --json --run-dir "$LAB_DIR/snmp-$LAB_PLACE/run" \
		>"$LAB_DIR/doctor.json" || status=$?
	json_rows "$LAB_DIR/doctor.json" findings wan cause severity | grep "^$who $cause " || {
		json_rows "$LAB_DIR/doctor.json" findings wan cause severity text
		return 1
	}
	doctor_exit_fits "$LAB_DIR/doctor.json" "$status" || return
	said=$(doctor_says "$who" "$cause" "$status") || return
	printf '%s\n' "$said"
	has_all "$said" "$@"
}

# doctor_exit_fits FILE STATUS: 0 up to info, 3 to minor, 4, 5.
doctor_exit_fits()
{
	local severity want=0

	for severity in $(json_rows "$1" findings severity) $(json_rows "$1" alarms severity); do
		case $severity in
		warning | minor) [ $want -ge 3 ] || want=3 ;;
		major)           [ $want -ge 4 ] || want=4 ;;
		critical)        want=5 ;;
		esac
	done
	echo "ended with $2, and $want is due"
	[ "$2" = $want ]
}

# What it says of that to people, from "wan5, wan6: subflow-limit (major), for 12 s" on, with the
# numbers that it rests on.
doctor_says()
{
	local who=$1 cause status=0

	cause=$(printf '%s\n' "$2" | sed 's/[A-Z]/-&/g' | tr '[:upper:]' '[:lower:]')
	[ "$who" != host ] || who="this host"
	lab_at_place env COLUMNS=1000 "$builddir/cli/mptcp-wan" doctor --run-dir \
		"$LAB_DIR/snmp-$LAB_PLACE/run" >"$LAB_DIR/doctor.txt" || status=$?
	awk -v who="$who" -v cause=": $cause (" '
		/^[^ ]/ {
			names = substr($0, 1, index($0, cause) - 1)
			inside = index($0, cause) && index(", " names ",", ", " who ",")
		}
		inside
		inside && /^  evidence, / { evidence = 1 }
		END { exit !evidence }' "$LAB_DIR/doctor.txt" && [ "$status" = "$3" ] && return
	cat "$LAB_DIR/doctor.txt"
	return 1
}

# wans_are carrying carrying quiet: the states of wan1, wan2, ... in one moment.
wans_are()
{
	local states

	states=$(wan_table State | sort -V | cut -f 2 | tr '\n' ' ') || return
	echo "states: $states"
	[ "$states" = "$* " ]
}

# ---- alarms and their log ----

# alarms_are "wan5 upButIdle" "host fallback": are these active, and no others? By name.
alarms_are()
{
	local now

	now=$(status_rows alarms wan type) || return
	now=$(printf '%s\n' "$now" | sort -V)
	printf '%s\n' "${now:-no alarm}"
	[ "$now" = "$([ $# = 0 ] || printf '%s\n' "$@" | sort -V)" ]
}

# alarm_log_is "raised wan5 upButIdle" "cleared wan5 upButIdle": all transitions so far, in order;
# rows of one poll are in the order of the WANs.
alarm_log_is()
{
	local rows

	rows=$(status_rows alarm_log transition wan type) || return
	printf '%s\n' "${rows:-no rows}"
	[ "$rows" = "$([ $# = 0 ] || printf '%s\n' "$@")" ]
}

# No alarm was ever raised, since the agent's first start; not even one that is over by now.
alarm_never()
{
	host_is AlarmSequence 0 && alarms_are && alarm_log_is && host_is WansInAlarm 0
}

# alarm_hushed N: for N seconds to come, the agent goes on polling and its log does not grow.
alarm_hushed()
{
	local before polls

	before=$(host_get AlarmSequence)
	polls=$(host_get Polls)
	lab_eventually $(($1 * 3)) host_has Polls $((polls + $1)) || return
	host_is AlarmSequence "$before"
}

# status_rows TABLE KEY...: of each row of that table in status.json the values of these keys, in
# that order, as words: subflowLimit for subflow-limit, host for a WAN's empty name. 1 if there is
# no such table.
status_rows()
{
	json_rows "$LAB_DIR/snmp-$LAB_PLACE/run/status.json" "$@"
}

# json_rows FILE TABLE KEY...: the same of a file that is as ours are printed.
json_rows()
{
	local file=$1 table=$2

	shift 2
	awk -v table="$table" -v keys="$*" '
		function word(text,	n, part, i) {
			if (text !~ /^[a-z]+(-[a-z]+)+$/)
				return text == "" ? "host" : text
			n = split(text, part, "-")
			text = part[1]
			for (i = 2; i <= n; i++)
				text = text toupper(substr(part[i], 1, 1)) substr(part[i], 2)
			return text
		}
		function line(	i, out) {
			for (i = 1; i <= n; i++)
				out = out (i > 1 ? " " : "") (key[i] in value ? word(value[key[i]]) : "-")
			return out
		}
		BEGIN { n = split(keys, key, " ") }
		/^  "/ {
			inside = $0 ~ "^  \"" table "\":"
			found = found || inside
		}
		inside && /^    {/ { split("", value) }
		inside && /^      "/ {
			name = $0
			sub(/^ *"/, "", name)
			sub(/".*/, "", name)
			text = $0
			sub(/^ *"[^"]*": ?/, "", text)
			sub(/,$/, "", text)
			gsub(/^"|"$/, "", text)
			value[name] = text
		}
		inside && /^    }/ { print line() }
		END { exit !found }' "$file"
}
