#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How late polls are: ticks.py STATUS_FILE INTERVAL_MS, until SIGTERM.

The file is renamed into place at the end of each poll. Prints the number of polls, the milliseconds by
which the latest came later than its interval asked, against the most punctual one of the run, and those
by which this program, which does nothing but sleep, was woken too late at most: the machine's part.
"""
import os
import signal
import sys
import time

path, interval = sys.argv[1], int(sys.argv[2])
times = []
overslept = 0


def told(_number, _frame):
    off = [t - times[0] - round((t - times[0]) / interval) * interval for t in times]
    print(len(times), round(max(off) - min(off)), round(overslept * 1000))
    sys.exit(0)


signal.signal(signal.SIGTERM, told)
while True:
    ms = os.stat(path).st_mtime_ns / 1e6
    if not times or ms != times[-1]:
        times.append(ms)
    asleep = time.monotonic()
    time.sleep(interval / 5000)
    overslept = max(overslept, time.monotonic() - asleep - interval / 5000)
