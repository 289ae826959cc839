#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""octets.py FOLDER WORD...: which of the words are in the files of a folder, in whatever form.

A word is an address, a MAC address or a text. Addresses are looked for as text in each usual
spelling, as their octets, and as the octets of a number of the machine's (the other way round).
Prints a line "WORD FORM FILE" for each that is there.
"""
import ipaddress
import pathlib
import re
import sys


def forms(word):
    yield "text", word.encode()
    if re.fullmatch(r"([0-9a-f]{2}:){5}[0-9a-f]{2}", word):
        octets = bytes.fromhex(word.replace(":", ""))
        yield "TEXT", word.upper().encode()
        yield "hexadecimal", octets.hex().encode()
    else:
        try:
            address = ipaddress.ip_address(word)
        except ValueError:
            return
        octets = address.packed
        yield "long text", address.exploded.encode()
        yield "hexadecimal", octets.hex().encode()
        # The half that a MAC address may have been made into; ::2 is anybody's.
        if address.version == 6 and sum(octet != 0 for octet in octets[8:]) >= 4:
            yield "interface identifier", octets[8:]
    yield "octets", octets
    yield "number", octets[::-1]


def main():
    folder, *words = sys.argv[1:]
    for path in sorted(pathlib.Path(folder).iterdir()):
        content = path.read_bytes()
        for word in words:
            for form, octets in forms(word):
                if octets in content:
                    print(word, form, path.name)


main()
