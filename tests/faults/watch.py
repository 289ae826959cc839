#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a status file tells, poll by poll: watch.py FILE, until SIGTERM.

Looks at each that is renamed into place. Prints how many there were, then what must never be, a line each:
a counter that fell, a line that is gone, or has no subflow where it had some, or a state other than that of
the first look, carrying, quiet or unknown, an alarm. Then, a line each, when the accounting changed (ms
since the start, mode, events lost by then).
"""
import json
import os
import signal
import sys
import time

path = sys.argv[1]
start = time.monotonic()
looks, wrong, changes, last, first = 0, [], [], {}, {}
KINDS = ("octets", "subflows_opened", "subflows_closed", "joins_", "polls", "events_lost", "truncated")


def told(_number, _frame):
    print("looks", looks)
    for line in wrong[:20]:
        print("wrong", line)
    for change in changes:
        print("accounting", *change)
    sys.exit(0)


def counters(where, values):
    for key, value in values.items():
        if not any(kind in key for kind in KINDS) or key.startswith("if_") or key.endswith("_id"):
            continue
        if isinstance(value, int) and value < last.get((where, key), 0):
            wrong.append(f"{where} {key} fell from {last[where, key]} to {value}")
        last[where, key] = value


def look(status):
    host, wans = status["host"], {wan["name"]: wan for wan in status["wans"]}
    counters("host", host)
    if not changes or changes[-1][1] != host["accounting"]:
        changes.append((round((time.monotonic() - start) * 1000), host["accounting"], host["events_lost"]))
    for name, wan in wans.items():
        counters(name, wan)
        if wan["state"] not in (first.setdefault(name, wan["state"]), "carrying", "quiet", "unknown"):
            wrong.append(f"{name} is {wan['state']}")
        if not wan["subflows"] and last.get((name, "had")):
            wrong.append(f"{name} has no subflow")
        last[name, "had"] = wan["subflows"]
    for name in first:
        if name not in wans:
            wrong.append(f"{name} is gone")
    for alarm in status["alarms"]:
        wrong.append(f"alarm: {alarm['wan_name']} {alarm['type']} {alarm['cause']}")


signal.signal(signal.SIGTERM, told)
seen = None
while True:
    with open(path, encoding="utf-8") as file:
        number = os.fstat(file.fileno()).st_ino, os.fstat(file.fileno()).st_mtime_ns
        if number != seen:
            seen = number
            looks += 1
            look(json.load(file))
    time.sleep(0.005)
