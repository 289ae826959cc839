#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""seeds.py CAPTURE... OUT: what the kernel has told in captures, as inputs for tests/fuzz.

CAPTURE is what mptcp-wan record writes, or one of tests/scenarios/*/capture.gz. Each datagram of it
becomes a file in OUT/TARGET of the targets that read such ones; of the capture itself, its beginning.
"""
import gzip
import hashlib
import os
import struct
import sys

HEAD, RECORD = struct.Struct("=8sII"), struct.Struct("=IIqQ")
ASK, DRAIN, DATAGRAM, DONE, OPEN, NOW, WALL, ROUTE = range(1, 9)
# By question and stream: the target, and the kind of datagram of lib/anonymize.h.
QUESTIONS = [("links", 0), ("links", 0), ("path_manager", 1), ("path_manager", 2),
             ("connections", 4), ("subflows", 4), ("proc", 6), ("proc", 7), ("proc", 8)]
WALK = ("life", 9)  # how Q_SUBFLOWS may be asked, too
ASKED_WALK = 2
STREAMS = [("links", 0), ("life", 5), ("life", 3), ("life", 4)]
POLLS = 1, 9  # so many are two such beginnings


def put(out, target, data):
    folder = os.path.join(out, target)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, hashlib.sha1(data).hexdigest()), "wb") as file:
        file.write(data)


def split(capture, out):
    at, asked, polls, asking = HEAD.size, None, 0, False
    while at + RECORD.size <= len(capture):
        call, what, value, length = RECORD.unpack_from(capture, at)
        payload = capture[at + RECORD.size:at + RECORD.size + length]
        at += RECORD.size + (length + 7) // 8 * 8
        if call == ASK:
            asked, asking = WALK if value == ASKED_WALK else QUESTIONS[what], True
        elif call == DRAIN:
            asked = STREAMS[what]
        elif call == ROUTE:
            asked = ("links", 0)
        elif call == DATAGRAM and asked:
            put(out, asked[0], payload)
            put(out, "anonymize", bytes([asked[1]]) + payload)
        elif call == NOW and asking:
            polls, asking = polls + 1, False
            if polls in POLLS:
                put(out, "capture", capture[:at])


def main(*arguments):
    *captures, out = arguments
    for path in captures:
        with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
            split(file.read(), out)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
