#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
An SNMP manager made of pysnmp, for clients.sh: client_pysnmp.py VERSION ADDRESS:PORT VERB ARGUMENT...

    walk N ROOT         each object below ROOT, by GETBULK with N repetitions; by GETNEXT if N is 0, or in SNMPv1
    rows ROOT... , ...  tables by rows: the columns of one, up to the comma, in one GETNEXT a row
    get|next OID , ...  one request each
    bulk N OID , ...    the same

VERSION is 1, 2c or 3; the user is that of LAB_V3. In the environment COMMUNITY and PASSWORD are others. A line is OID,
type and value: a number, or an octet string in hexadecimal; or OID and exception; or "error" and its name.
"""
import os
import sys

from pysnmp.hlapi import (CommunityData, ContextData, ObjectIdentity, ObjectType, SnmpEngine, UdpTransportTarget,
                          UsmUserData, asyncore, bulkCmd, nextCmd, usmAesCfb128Protocol, usmHMACSHAAuthProtocol)
from pysnmp.proto import errind
from pysnmp.proto.rfc1902 import ObjectName

WORDS = {"Integer": "INTEGER", "Integer32": "INTEGER", "TimeTicks": "Timeticks"}
EXCEPTIONS = ("EndOfMibView", "NoSuchInstance", "NoSuchObject")


def credentials(version):
    if version == "3":
        return UsmUserData("manager", os.environ.get("PASSWORD", "authenticate"), "encrypt-it", authProtocol=usmHMACSHAAuthProtocol,
                           privProtocol=usmAesCfb128Protocol)
    return CommunityData(os.environ.get("COMMUNITY", "public"), mpModel=0 if version == "1" else 1)


def line(oid, value):
    kind = type(value).__name__
    if kind in EXCEPTIONS:
        return f".{oid} {kind}"
    if kind == "OctetString":
        return f".{oid} OCTETS {bytes(value).hex()}".rstrip()
    return f".{oid} {WORDS.get(kind, kind)} {int(value)}"


def check(indication):
    # To ask for nothing and to be told nothing is no error.
    if indication and not isinstance(indication, errind.EmptyResponse):
        sys.exit(f"pysnmp: {indication}")


def ask(command, common, *arguments):
    """One request. The commands for walks hide how one ends, these do not."""
    def answered(engine, handle, indication, status, index, binds, context):
        check(indication)
        if status:
            print("error", status.prettyPrint())
            return
        for bind in binds or []:
            for oid, value in bind if command is not asyncore.getCmd else [bind]:
                print(line(oid, value))

    command(*common, *arguments, cbFun=answered, lookupMib=False)
    common[0].transportDispatcher.runDispatcher()


def walk(answers, roots):
    last = None
    for indication, status, _, row in answers:
        check(indication)
        if status:
            print("error", status.prettyPrint())
            return
        row = [(oid, value) for oid, value in row]
        # So pysnmp tells that SNMPv1 has come to the end of a view: what it had last, or what it asked with.
        if row == last or type(row[0][1]).__name__ == "Null":
            return
        last = row
        for root, (oid, value) in zip(roots, row):
            # Not of a column that has ended while others go on.
            if type(value).__name__ not in EXCEPTIONS and root.isPrefixOf(oid):
                print(line(oid, value))


def main():
    version, address, verb, *arguments = sys.argv[1:]
    repetitions = int(arguments.pop(0)) if verb in ("walk", "bulk") else 0
    host, port = address.split(":")
    common = (SnmpEngine(), credentials(version), UdpTransportTarget((host, int(port)), timeout=5, retries=2),
              ContextData())
    below = {"lookupMib": False, "lexicographicMode": False}
    for some in " ".join(arguments).split(","):
        names = [ObjectName(oid.lstrip(".")) for oid in some.split()]
        objects = [ObjectType(ObjectIdentity(name)) for name in names]
        if verb == "get":
            ask(asyncore.getCmd, common, *objects)
        elif verb == "next":
            ask(asyncore.nextCmd, common, *objects)
        elif verb == "bulk":
            ask(asyncore.bulkCmd, common, 0, repetitions, *objects)
        elif verb == "rows" or version == "1" or repetitions == 0:
            walk(nextCmd(*common, *objects, **below), names)
        else:
            walk(bulkCmd(*common, 0, repetitions, *objects, **below), names)


main()
