# SPDX-License-Identifier: MIT
"""What the code tells, to hold an artefact to: the MIB as smidump reads it, and collectd's names as
`mptcp-wan metrics --json` has them. No list made by hand.
"""
import json
import re
import xml.etree.ElementTree as tree

ROOT_NODE = "mptcpWanMIB"

# What smidump leaves to other modules: the base type of their conventions, as on the wire.
BASES = {
    "Unsigned32": "Gauge32", "InetPortNumber": "Gauge32", "TimeStamp": "TimeTicks", "TruthValue": "Enumeration",
    "InetAddressType": "Enumeration", "InterfaceIndexOrZero": "Integer32", "DisplayString": "OctetString",
    "SnmpAdminString": "OctetString", "DateAndTime": "OctetString", "InetAddress": "OctetString",
}

# Conventions of other modules whose numbers have words.
FOREIGN_WORDS = {"TruthValue": {1: "true", 2: "false"},
                 "InetAddressType": {0: "unknown", 1: "ipv4", 2: "ipv6", 3: "ipv4z", 4: "ipv6z", 16: "dns"}}


def plain(word):
    """subflowLimit, subflow-limit and "Subflow limit" are one word."""
    return re.sub(r"[^a-z0-9]", "", word.lower())


class Node:
    """Anything with an OID. kind: scalar, column, table, row, notification, or another one of smidump's."""

    def __init__(self, element):
        self.kind = element.tag
        self.name = element.get("name")
        self.oid = element.get("oid")
        self.readable = element.findtext("access") == "readonly"
        self.variables = [o.get("name") for o in element.findall("objects/object")]
        syntax = element.find("syntax/*")
        inner = None if syntax is None else syntax.find("parent")
        convention = inner if inner is not None else syntax
        self.convention = None if convention is None else convention.get("name") or convention.get("basetype")
        self.base = None


class Mib:
    def __init__(self, path):
        root = tree.parse(path).getroot()
        self.module = root.find("module").get("name")
        self.types, self.words = {}, dict(FOREIGN_WORDS)
        for typedef in root.iter("typedef"):
            name = typedef.get("name")
            if name:
                self.types[name] = typedef.get("basetype")
                words = {int(n.get("number")): n.get("name") for n in typedef.findall("namednumber")}
                if words:
                    self.words[name] = words
        nodes = [Node(e) for e in root.iter() if e.get("oid") and e.get("name")]
        self.by_name = {n.name: n for n in nodes}
        self.by_oid = {n.oid: n for n in nodes}
        for node in nodes:
            base = self.types.get(node.convention, node.convention)
            node.base = BASES.get(base, base)
        self.root = self.by_name[ROOT_NODE].oid
        self.readable = [n for n in nodes if n.readable and n.kind in ("scalar", "column")]

    def knows(self, name):
        return name in self.by_name or name in self.types or name in (self.module, "MptcpWanMIB")

    def inside(self, oid):
        return (oid + ".").startswith(self.root + ".")

    def find(self, oid):
        """The node of an OID, and the arcs behind it; None for what the MIB does not have."""
        arcs = []
        while self.inside(oid):
            node = self.by_oid.get(oid)
            if node:
                return node, arcs
            oid, _, last = oid.rpartition(".")
            arcs.insert(0, last)
        return None, arcs

    def words_of(self, node):
        """Numbers and words of an enumeration, or of bits; None of anything else."""
        return self.words.get(node.convention) if node.base in ("Enumeration", "Bits") else None


class Collectd:
    """Names as place/type-instance; the place of a line is WAN."""

    # The one value that is no metric: is the monitor well.
    UP = "host/bool-up"

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            tables = json.load(file)["tables"]
        found = {m["collectd"]["name"].split()[0] for t in tables for m in t["metrics"] if "collectd" in m}
        self.names = found | {self.UP}
        self.split = {self._split(n) for n in self.names}

    @staticmethod
    def _split(name):
        place, _, rest = name.partition("/")
        type_, _, instance = rest.partition("-")
        return place, type_, instance

    def has(self, place, type_, instance):
        """None stands for any."""
        return any((place is None or place == p) and type_ == t and (instance is None or instance == i)
                   for p, t, i in self.split)
