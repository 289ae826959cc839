#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC1091,SC2086	# lists of words
set -eu
here=$(dirname "$0")
. "$here/lab.sh"
. "$here/cases.sh"
. "$here/agent.sh"
case_x()
{
	lab_up wans=2
	mkdir -p "$LAB_DIR/snmp-router/state"
	cat >"$LAB_DIR/snmp-router/snmpd.more" <<-END
		trap2sink 127.0.0.1:162 public
		trapsess -Ci $LAB_V3 127.0.0.1:163
	END
	cat >"$LAB_DIR/snmp-router/state/alarms" <<-END
{"format":1,"epoch":77,"sequence":2,"lost":0,"delivered":0,
"log":[{"sequence":1,"transition":1,"time":1700000000,"wan":"wan1","label":"Fibre","index":1,"ifindex":3,"type":1,"cause":40,"severity":5,"state":7,"raised-by":1,"subflows":0,"share-in":10,"share-out":0,"carrying":1,"joined":1,"configured":2,"text":"wan1: up but idle"},
{"sequence":2,"transition":1,"time":1700000000,"wan":"wan2","label":"","index":2,"ifindex":4,"type":2,"cause":20,"severity":5,"state":3,"raised-by":2,"subflows":0,"carrying":1,"joined":1,"configured":2,"text":"$(head -c 1000 /dev/zero | tr '\0' x)"}],
"active":[]}
	END
	lab_trapd_start trapd 162
	lab_trapd_start informd 163
	lab_agent_start || :
	sleep 3
	cat $LAB_DIR/agent-router.err
	cat $LAB_DIR/snmpd-router.err
	cat $LAB_DIR/trapd.*
	echo ====
	cat $LAB_DIR/informd.*
	cat "$LAB_DIR/snmp-router/state/alarms"
	exit 1
}
run_cases
