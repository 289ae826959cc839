#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Allocations that fail, one a run: nomem.py LIBRARY MOST KIND -- COMMAND...

Counts the allocations of an undisturbed run, then runs it again for each (for MOST of them at most, evenly
spread; 0: for all), with that one refused. KIND is `once` for a command that ends by itself, or the path of
a status file: an agent, which is ended after its third poll. A run must end by itself or go on, say why when
it fails, and never by a signal. Prints what was wrong, and last: runs, allocations, crashes in libraries.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import time

# In these a refused allocation ends in a crash of their own, before or after our call. Each is named with
# what it does; any other is ours.
LIBRARIES = re.compile(r"/(libnetsnmp(?:agent|mibs)?|libbpf|libconfuse|libelf|libcrypto)\.so")
OURS = re.compile(r"mptcp-wan|/mptcp\.so")

library, most, kind = sys.argv[1], int(sys.argv[2]), sys.argv[3]
command = sys.argv[sys.argv.index("--") + 1:]


def polled():
    try:
        with open(kind, encoding="utf-8") as file:
            return json.load(file)["host"]["polls"] >= 3
    except (OSError, ValueError, KeyError):
        return False


def run(at, count_path):
    environment = dict(os.environ, LD_PRELOAD=library, NOMEM_AT=str(at), NOMEM_COUNT=count_path)
    if kind != "once" and os.path.exists(kind):
        os.unlink(kind)
    with tempfile.TemporaryFile() as said, \
            subprocess.Popen(command, env=environment, stdout=said, stderr=said) as process:
        deadline = time.monotonic() + 30
        while process.poll() is None and time.monotonic() < deadline and (kind == "once" or not polled()):
            time.sleep(0.005)
        held = time.monotonic() >= deadline
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                held = True
        said.seek(0)
        return process.returncode, held, said.read().decode(errors="replace")


def where(said):
    """The innermost frame that is neither the C library's nor that of who refused. Other threads go on
    saying things meanwhile: a frame ends with its address."""
    for line in said.partition("nomem: crashed at")[2].splitlines():
        if "[0x" in line and (LIBRARIES.search(line) or OURS.search(line)):
            return line.strip()
    return "?"


with tempfile.TemporaryDirectory() as directory:
    path = os.path.join(directory, "count")
    status, stuck, text = run(0, path)
    if status or stuck:
        sys.exit(f"undisturbed, it ends with {status}: {text}")
    with open(path, encoding="ascii") as counted:
        total = max(int(line) for line in counted)
    step = max(1, -(-total // most)) if most else 1
    wrong = theirs = runs = failed = 0
    for number in range(1, total + 1, step):
        runs += 1
        status, stuck, text = run(number, path)
        failed += status != 0
        if stuck:
            print(f"allocation {number}: it hangs")
            wrong += 1
        elif status < 0 and LIBRARIES.search(where(text)):
            print(f"allocation {number}: signal {-status} in a library: {where(text)}")
            theirs += 1
        elif status < 0:
            print(f"allocation {number}: signal {-status}: {where(text)}")
            wrong += 1
        elif status > 0 and not text.strip():
            print(f"allocation {number}: ends with {status} and says nothing")
            wrong += 1
    print(f"{runs} of {total} allocations refused: {failed} runs failed, {theirs} crashes in libraries,"
          f" {wrong} wrong")
    sys.exit(wrong != 0)
