#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How the subflows were asked for in a capture: a word for each poll's question, `all`, `each` or `walk`."""
import struct
import sys

ASK, SUBFLOWS = 1, 5
HEAD, RECORD = 16, struct.Struct("=IIqQ")

with open(sys.argv[1], "rb") as capture:
    octets = capture.read()
at = HEAD
while at + RECORD.size <= len(octets):
    call, what, value, length = RECORD.unpack_from(octets, at)
    if (call, what) == (ASK, SUBFLOWS):
        print(("all", "each", "walk")[value])
    at += RECORD.size + (length + 7) // 8 * 8
