#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Allocations that fail, one a run: nomem.py LIBRARY MOST KIND -- COMMAND...

Counts the allocations of an undisturbed run, then runs it again for each (for MOST of them at most, evenly
spread; 0: for all), with that one refused; NOMEM_JOBS runs at a time (1), and an @ in COMMAND or KIND is the
number of the job, for what two must not share. KIND is `once` for a command that ends by itself, or a file of
a program that is ended when it has done enough: the third poll in status.json, three lines in any other (a
pattern of names).
A run must end by itself or go on, say why when it fails, never end by a signal, and leave nothing allocated
that nobody knows of any more: LIBRARY may be several, with the leak sanitizer's runtime last. NOMEM_OF counts
those of one object only. Prints what was wrong, and last: runs, allocations, crashes and leaks in libraries.
"""
import concurrent.futures
import glob
import json
import os
import queue
import re
import subprocess
import sys
import tempfile
import time

# In these a refused allocation ends in a crash of their own, before or after our call. Each is named with
# what it does; any other is ours.
LIBRARIES = re.compile(r"/(libnetsnmp(?:agent|mibs)?|libbpf|libconfuse|libelf|libcrypto)\.so|/sbin/collectd\b")
# Who lose, when they have no memory, what they have got before.
LOSERS = re.compile(r"^ *#\d+ \((?:libnetsnmp\w*|libbpf|libconfuse|libelf|libcrypto|collectd)[.+]"
                    r"|^ *#\d+ \(libc\.so\S* _nl_", re.M)
OURS = re.compile(r"mptcp-wan|/mptcp\.so")
OURS_LOST = re.compile(r"^ *#\d+ \(mptcp(?:-wan(?:-agent)?|\.so)\+", re.M)
NOT_TAKEN = "collectd has no memory to take it"
# Where it may not look at the program (another traces it), it finds nothing, and exits as if that were well.
BLIND = "LeakSanitizer has encountered a fatal error"

library, most, kind = sys.argv[1], int(sys.argv[2]), sys.argv[3]
command = sys.argv[sys.argv.index("--") + 1:]
jobs = queue.SimpleQueue()
for free in range(int(os.environ.get("NOMEM_JOBS", "1"))):
    jobs.put(str(free))


def polled(files):
    try:
        for path in glob.glob(files):
            with open(path, encoding="utf-8") as file:
                if not path.endswith(".json"):
                    return len(file.readlines()) >= 3
                return json.load(file)["host"]["polls"] >= 3
    except (OSError, ValueError, KeyError):
        pass
    return False


def run(at, count_path):
    job = jobs.get()
    try:
        return run_as(job, at, count_path)
    finally:
        jobs.put(job)


def run_as(job, at, count_path):
    files = kind.replace("@", job)
    environment = dict(os.environ, LD_PRELOAD=library, NOMEM_AT=str(at), NOMEM_COUNT=count_path,
                       LSAN_OPTIONS="exitcode=0:fast_unwind_on_malloc=0:stack_trace_format='    #%n %M %f %S'")
    for path in glob.glob(files):
        os.unlink(path)
    with tempfile.TemporaryFile() as said, \
            subprocess.Popen([word.replace("@", job) for word in command], env=environment, stdout=said, stderr=said) as process:
        deadline = time.monotonic() + 30
        while process.poll() is None and time.monotonic() < deadline and (kind == "once" or not polled(files)):
            time.sleep(0.005)
        late = time.monotonic() >= deadline
        stuck = False
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                stuck = True
        said.seek(0)
        text = said.read().decode(errors="replace")
        # A host that could not take our plugin goes on without it, and says so.
        return process.returncode, stuck or (late and NOT_TAKEN not in text), text


def where(said):
    """The innermost frame that is neither the C library's nor that of who refused. Other threads go on
    saying things meanwhile: a frame ends with its address."""
    for line in said.partition("nomem: crashed at")[2].splitlines():
        if "[0x" in line and (LIBRARIES.search(line) or OURS.search(line)):
            return line.strip()
    return "?"


def leaks(said):
    """Those in which a library has lost something of its own, and ours: what it is depends on who is
    between the allocation and the innermost frame of ours."""
    theirs, ours = [], []
    for leak in re.findall(r"^(?:Direct|Indirect) leak of .*\n(?: *#.*\n)+", said, re.M):
        innermost = OURS_LOST.search(leak)
        if innermost:
            (theirs if LOSERS.search(leak[:innermost.start()]) else ours).append(leak)
    return theirs, ours


with tempfile.TemporaryDirectory() as directory:
    path = os.path.join(directory, "count")
    usual, stuck, text = run(0, path)
    if usual < 0 or usual == 2 or stuck or BLIND in text or leaks(text)[1]:
        sys.exit(f"undisturbed, it ends with {usual}: {text}")
    with open(path, encoding="ascii") as counted:
        total = max(int(line) for line in counted)
    step = max(1, -(-total // most)) if most else 1
    wrong = theirs = runs = failed = lost = 0
    numbers = range(1, total + 1, step)
    pool = concurrent.futures.ThreadPoolExecutor(jobs.qsize())
    for number, (status, stuck, text) in zip(numbers, pool.map(lambda at: run(at, path), numbers)):
        runs += 1
        failed += status != usual
        library_lost, we_lost = leaks(text)
        lost += bool(library_lost)
        wrong += bool(we_lost)
        for leak in we_lost:
            print(f"allocation {number}: {leak}", end="")
        if stuck:
            print(f"allocation {number}: it hangs, ended with {status}, and said last: {text[-300:]}")
            wrong += 1
        elif status < 0 and LIBRARIES.search(where(text)):
            print(f"allocation {number}: signal {-status} in a library: {where(text)}")
            theirs += 1
        elif status < 0:
            print(f"allocation {number}: signal {-status}: {where(text)}")
            wrong += 1
        elif status > 0 and not text.partition("====")[0].strip():
            print(f"allocation {number}: ends with {status} and says nothing")
            wrong += 1
    print(f"{runs} of {total} allocations refused: {failed} runs failed, {theirs} crashes"
          f" and {lost} leaks in libraries, {wrong} wrong")
    sys.exit(wrong != 0 or not runs)
