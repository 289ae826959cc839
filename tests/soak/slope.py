#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How a process grows: slope.py PID WARM_UP_S, until SIGTERM.

Looks each second. Prints, of what comes after the warm-up: the number of samples, the slope of its
anonymous memory in KiB an hour by least squares, and what it has gained from the first tenth to the last
(medians): memory in KiB, and descriptors. One that is open for a moment, as of a file that is written, is
no gain. On stderr: each time that there was more memory than ever before, in seconds, and how much.
"""
import os
import re
import signal
import statistics
import sys
import time

pid, warm_up = int(sys.argv[1]), float(sys.argv[2])
start = time.monotonic()
samples, fds = [], []
most = 0


def gain(values):
    tenth = len(values) // 10
    return round(statistics.median(values[-tenth:]) - statistics.median(values[:tenth]))


def told(_number, _frame):
    slope = gained = opened = 0
    if len(samples) > 20:
        mean_t = statistics.fmean(t for t, _ in samples)
        mean_m = statistics.fmean(m for _, m in samples)
        slope = (sum((t - mean_t) * (m - mean_m) for t, m in samples)
                 / sum((t - mean_t) ** 2 for t, _ in samples) * 3600)
        gained, opened = gain([m for _, m in samples]), gain(fds)
    print(len(samples), round(slope), gained, opened)
    sys.exit(0)


signal.signal(signal.SIGTERM, told)
while True:
    now = time.monotonic() - start
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
        rss = int(re.search(r"^RssAnon:\s*(\d+)", file.read(), re.M)[1])
    if rss > most:
        most = rss
        print(round(now), rss, file=sys.stderr, flush=True)
    open_now = len(os.listdir(f"/proc/{pid}/fd"))
    if now >= warm_up:
        samples.append((now, rss))
        fds.append(open_now)
    time.sleep(1)
