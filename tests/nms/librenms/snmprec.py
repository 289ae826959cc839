#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""snmprec.py: a walk on stdin, as snmpbulkwalk -On -Oe -OU -Ox prints it, to the form of snmpsim, which LibreNMS keeps
its records in: number|type|value. In the order of the numbers, as LibreNMS wants it."""
import re
import sys

TYPES = {"INTEGER": "2", "Hex-STRING": "4", "OID": "6", "IpAddress": "64", "Counter32": "65", "Gauge32": "66",
         "Timeticks": "67", "Counter64": "70", "BITS": "4"}


def octets(value):
    """Text where it is text, else 4x: hex."""
    raw = bytes.fromhex(value)
    if all(0x20 <= octet < 0x7f for octet in raw):
        return "4", raw.decode()
    return "4x", raw.hex().upper()


def record(line):
    number, told = line.split(" = ", 1)
    if told == '""':
        return number[1:], "4", ""
    kind, value = told.split(": ", 1)
    if kind in ("Hex-STRING", "BITS"):
        return number[1:], *octets(value)
    if kind == "Timeticks":
        value = re.match(r"\((\d+)\)", value)[1]
    return number[1:], TYPES[kind], value.lstrip(".") if kind == "OID" else value


def main():
    lines = []
    for line in sys.stdin.read().splitlines():
        if line.startswith("."):
            lines.append(line)
        else:
            lines[-1] += line  # hex goes over several lines
    records = [record(line) for line in lines if " = No more " not in line and " = No Such " not in line]
    records.sort(key=lambda r: [int(n) for n in r[0].split(".")])
    for fields in records:
        print("|".join(fields))


main()
