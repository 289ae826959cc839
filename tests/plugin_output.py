#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""plugin_output.py STATUS FILE: is this what a monitoring plugin may print when it ends with STATUS?

By the Monitoring Plugins Development Guidelines, 2.1 to 2.6, read strictly. Prints the performance
data, a line each: label, value, unit, warn, crit, min, max, tabs between; says on stderr what is
wrong. `plugin_output.py --test` checks itself."""
import re
import sys

WORDS = ["OK", "WARNING", "CRITICAL", "UNKNOWN"]
MOST = 4096  # octets that every version of the monitoring systems takes
FIRST_MOST = 512  # of text: it is shown in lists, and sent by SMS
NUMBER = r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
UNITS = ["", "s", "us", "ms", "%", "B", "KB", "MB", "TB", "c"]


class Wrong(Exception):
    pass


def need(good, *words):
    if not good:
        raise Wrong(" ".join(str(word) for word in words))


def check_range(text):
    """2.5: [@][start:][end]"""
    if not text:
        return
    match = re.fullmatch(rf"@?(?:(?:(~|{NUMBER}):({NUMBER})?)|({NUMBER}))", text)
    need(match, "no range:", text)
    start, end, alone = match.groups()
    if start and start != "~" and end:
        need(float(start) <= float(end), "a range from more to less:", text)
    if alone:
        need(float(alone) >= 0, "a range from 0 to less:", text)


def label(text, at):
    """'quoted', a quote in it doubled; or without a space, a quote or an equals sign. And its end."""
    if text[at : at + 1] != "'":
        match = re.compile(r"[^ '=]+").match(text, at)
        need(match, "no label at", repr(text[at : at + 20]))
        return match.group(), match.end()
    match = re.compile(r"'((?:[^'=]|'')+)'").match(text, at)
    need(match, "no quoted label at", repr(text[at : at + 20]))
    return match.group(1).replace("''", "'"), match.end()


def item(text, at):
    name, at = label(text, at)
    match = re.compile(r"=([^ ]*)").match(text, at)
    need(match, "no value of", name)
    fields = match.group(1).split(";")
    need(len(fields) <= 5, "too many fields of", name)
    value = re.fullmatch(rf"({NUMBER}|U)([^0-9;'\"]*)", fields[0])
    need(value, "no value of", name, fields[0])
    number, unit = value.groups()
    need(unit in UNITS, "no unit:", unit)
    warn, crit, least, most = (fields[1:] + [""] * 4)[:4]
    check_range(warn)
    check_range(crit)
    for bound in least, most:
        need(not bound or re.fullmatch(NUMBER, bound), "no bound of", name, bound)
    if unit == "c":
        need(re.fullmatch("[0-9]+", number), "a counter is a whole number:", name, number)
    if number != "U" and least:
        need(float(number) >= float(least), name, "is below its minimum")
    if number != "U" and most:
        need(float(number) <= float(most), name, "is above its maximum")
    return [name, number, unit, warn, crit, least, most], match.end()


def items(text):
    rows, at = [], 0
    while at < len(text):
        need(not rows or text[at] == " ", "no space between values")
        at += bool(rows)
        row, at = item(text, at)
        rows.append(row)
    return rows


def parse(output, status):
    """What there is of performance data; Wrong if anything is."""
    need(0 <= status <= 3, "no status of a plugin:", status)
    need(len(output.encode()) < MOST, "more than", MOST, "octets")
    need(output.endswith("\n"), "no end of line at the end")
    lines = output[:-1].split("\n")
    need(all(lines), "an empty line")
    need(all(char >= " " and char != "\x7f" for line in lines for char in line), "a control character")
    match = re.fullmatch(r"MPTCP (OK|WARNING|CRITICAL|UNKNOWN) - ([^|]+?)(?: \| ([^|]+))?", lines[0])
    need(match, "no first line of a plugin:", lines[0])
    word, text, first = match.groups()
    need(WORDS.index(word) == status, word, "and status", status)
    need(len(text) <= FIRST_MOST, "a first line of", len(text))
    last = None
    for number, line in enumerate(lines[1:], 2):
        need("|" not in line or number == len(lines), "| in the middle:", line)
        if number == len(lines) and "|" in line:
            need(line.count("|") == 1, "more than one |:", line)
            last = line.split(" |", 1)[1]
    rows = items(first or "") + items(last or "")
    names = [row[0] for row in rows]
    need(len(names) == len(set(names)), "a label twice:", sorted(n for n in names if names.count(n) > 1))
    return rows


GOOD = [
    (0, "MPTCP OK - all\n", 0),
    (1, "MPTCP WARNING - a; b | 'a b'=1;2;@3:4;0;9 c=5us;~:3;;0\n", 2),
    (2, "MPTCP CRITICAL - x | a=1c\nmore\nlast |'it''s'=2.50%;;;0;100 d=U\n", 3),
]
BAD = [
    (1, "MPTCP OK - all\n"),
    (0, "MPTCP OK all\n"),
    (0, "MPTCP OK - all"),
    (0, "MPTCP OK - all\n\n"),
    (0, "MPTCP OK - a | b\n"),
    (0, "MPTCP OK - a | b=1 | c=2\n"),
    (0, "MPTCP OK - a\nb |c=1\nd\n"),
    (0, "MPTCP OK - a | b=1\nc | d=1\n"),  # Icinga 2 takes the space for a part of the label
    (0, "MPTCP OK - a | b=1  c=2\n"),
    (0, "MPTCP OK - a | b c=2\n"),
    (0, "MPTCP OK - a | 'b=2\n"),
    (0, "MPTCP OK - a | 'b'c'=2\n"),
    (0, "MPTCP OK - a | 'b=c'=2\n"),
    (0, "MPTCP OK - a | b=1,5\n"),
    (0, "MPTCP OK - a | b=1e3\n"),
    (0, "MPTCP OK - a | b=1kbit\n"),
    (0, "MPTCP OK - a | b=1;2:1\n"),
    (0, "MPTCP OK - a | b=1;:2\n"),
    (0, "MPTCP OK - a | b=1;;;2\n"),
    (0, "MPTCP OK - a | b=3;;;0;2\n"),
    (0, "MPTCP OK - a | b=1;;;;;\n"),
    (0, "MPTCP OK - a | b=1.5c\n"),
    (0, "MPTCP OK - a | b=1 b=2\n"),
    (0, "MPTCP OK - a\tb\n"),
    (0, "MPTCP OK - " + "a" * 600 + "\n"),
    (0, "MPTCP OK - a\n" + "b" * 5000 + "\n"),
    (4, "MPTCP OK - a\n"),
]


def test():
    for status, output, count in GOOD:
        assert len(parse(output, status)) == count, output
    for status, output in BAD:
        try:
            parse(output, status)
        except Wrong:
            continue
        sys.exit(f"taken: {output!r}")


def main():
    if sys.argv[1:] == ["--test"]:
        return test()
    with open(sys.argv[2], encoding="utf-8", newline="") as file:
        output = file.read()
    try:
        rows = parse(output, int(sys.argv[1]))
    except Wrong as wrong:
        sys.exit(f"{wrong}\n{output}")
    for row in rows:
        print("\t".join(row))
    return None


main()
