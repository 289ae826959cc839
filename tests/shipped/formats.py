# SPDX-License-Identifier: MIT
"""What a file says of our MIB and metrics, format by format. Each reader takes the text and yields
claims; whether they hold is for check.py. What all formats have in common is read by everything().
"""
import json
import re
from collections import namedtuple

import yaml

Oid = namedtuple("Oid", "oid")                      # it names an object, a table, an instance
Part = namedtuple("Part", "oid")                    # the same, without its first arcs
Name = namedtuple("Name", "name")                   # of the MIB
Same = namedtuple("Same", "oid name")               # this OID has this name
# Something asks for an object. instance: "0" or "index"; rate: per second; number: taken for a number. None: not told.
Poll = namedtuple("Poll", "oid instance rate number words")
Words = namedtuple("Words", "owner words")          # all of an enumeration; owner: which, or None
Typed = namedtuple("Typed", "oid bases value")      # an instance with its value; value None: not told
Metric = namedtuple("Metric", "oid type")           # of Prometheus
Series = namedtuple("Series", "place type instance")
Variable = namedtuple("Variable", "notification number")
Worded = namedtuple("Worded", "notification variable number word")
Option = namedtuple("Option", "option")             # of mptcp-wan check
Link = namedtuple("Link", "anchor")                 # to a section of the runbook
Unlinked = namedtuple("Unlinked", "what")           # an alert without one

OID = re.compile(r"(?<![\d.])\.?(1\.3\.6\.1(?:\.\d+)+)")
ARCS = re.compile(r"(?<![\d,])1\s*,\s*3\s*,\s*6\s*,\s*1((?:\s*,\s*\d+)+)")
# As regular expressions have them: from an arc of the interim root on, dots with a backslash.
PART = re.compile(r"(?<![\d.\\])(8072|262)((?:\\?\.\d+){2,})")
NAME = re.compile(r"\b([mM]ptcpWan[A-Z]\w*)(\*|\$|\{\$)?")    # or how some begin
QUALIFIED = re.compile(r"MPTCP-WAN-MIB::(\w+)(?![\w$*{])")
SERIES = re.compile(r"\bcollectd_mptcp_([a-z_]+)(?:\{([^}]*)\})?")
COLLECTD = re.compile(r"`(WAN|host|limits)/([a-z_]+)(?:-([a-z_]+))?[` ]")
RUNBOOK = re.compile(r"(?:mptcp-wan\.md|runbook\.md|RUNBOOK\.URL\}|runbook)#([a-z-]+)")
SCRIPT_MAP = re.compile(r"\{\s*((?:\d+\s*:\s*'[^']*'\s*,?\s*){3,})\}")
SCRIPT_LIST = re.compile(r"=\s*\[\s*((?:'[a-z-]+'\s*,?\s*){3,})\]")
YAML = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def everything(text):
    """What every format has alike: OIDs, names, series of Prometheus, links."""
    for found in OID.finditer(text):
        yield Oid(found[1])
    for found in ARCS.finditer(text):
        yield Oid("1.3.6.1" + re.sub(r"\s*,\s*", ".", found[1]))
    for found in PART.finditer(text):
        yield Part(found[1] + found[2].replace("\\", ""))
    for found in NAME.finditer(text):
        yield Name(found[1] + ("*" if found[2] else ""))
    for found in QUALIFIED.finditer(text):
        yield Name(found[1])
    for found in COLLECTD.finditer(text):
        yield Series(found[1], found[2], found[3] or "")
    for found in SERIES.finditer(text):
        yield from series(found[1], found[2] or "")
    for found in RUNBOOK.finditer(text):
        yield Link(found[1])


def series(name, selector):
    """As write_prometheus names it: the data source and _total come behind the type."""
    labels = dict(re.findall(r'(\w+)\s*=\s*"([^"]*)"', selector))
    labels = {k: v for k, v in labels.items() if not re.search(r"[$.*|]", v)}
    place = labels.get("mptcp")
    if place not in (None, "host", "limits"):
        place = "WAN"
    yield Series(place, re.sub(r"_([rt]x|seconds)$", "", re.sub(r"_total$", "", name)), labels.get("type"))


def items_of(document):
    """Every mapping in a document, however deep."""
    if isinstance(document, dict):
        yield document
        document = list(document.values())
    if isinstance(document, list):
        for item in document:
            yield from items_of(item)


def plain_text(_text):
    return ()


# ---- Zabbix ----

def zabbix(text):
    export = yaml.load(text, YAML)["zabbix_export"]
    maps = {}
    for map_ in (m for i in items_of(export) for m in i.get("valuemaps", ())):
        maps[map_["name"]] = {int(m["value"]): m["newvalue"] for m in map_["mappings"]}
        owner = QUALIFIED.search(map_["name"])
        if owner:
            yield Words(owner[1], maps[map_["name"]])
    for item in items_of(export):
        if "snmp_oid" in item:
            yield from zabbix_item(item, maps)
        if "expression" in item and "priority" in item:
            if "url" not in item:
                yield Unlinked(item["name"])
        for parameter in item.get("parameters", ()) if isinstance(item.get("parameters"), list) else ():
            for found in SCRIPT_MAP.finditer(str(parameter)):
                yield Words(None, numbered(found[1]))


def zabbix_item(item, maps):
    oids = [m[1] for m in OID.finditer(item["snmp_oid"])]
    steps = [s["type"] for s in item.get("preprocessing", ())]
    told = QUALIFIED.search(item.get("description", ""))
    if re.match(r"(discovery|walk|get)\[", item["snmp_oid"]):
        for oid in oids:
            yield Poll(oid, None, None, None, None)
        return
    words = maps.get(item.get("valuemap", {}).get("name"))
    number = None if "JAVASCRIPT" in steps else item.get("value_type", "UNSIGNED") in ("UNSIGNED", "FLOAT")
    instance = "index" if ".{#" in item["snmp_oid"] else "0"
    for oid in oids:
        yield Poll(oid, instance, "CHANGE_PER_SECOND" in steps, number, words or {})
        if told:
            yield Same(oid, told[1])


def numbered(text):
    return {int(n): w for n, w in re.findall(r"(\d+)\s*:\s*'([^']*)'", text)}


# ---- Prometheus, Grafana, snmp_exporter ----

def rules(text):
    for rule in items_of(yaml.load(text, YAML)):
        if "alert" in rule and "expr" in rule and "runbook_url" not in rule.get("annotations", {}):
            yield Unlinked(rule["alert"])


def grafana(text):
    for item in items_of(json.loads(text)):
        options = item.get("options")
        if item.get("type") == "value" and isinstance(options, dict) and len(options) > 2:
            words = {int(n): o.get("text", "") for n, o in options.items()}
            # No cause is a dash there, to be read in a table.
            yield Words(None, {n: "none" if w == "-" else w for n, w in words.items()})


def exporter(text):
    """Of snmp_exporter: what its generator reads, or what it makes of that."""
    document = yaml.load(text, YAML)
    for item in items_of(document):
        for oid in (item.get("walk") or []) + (item.get("get") or []):
            yield Oid(oid) if OID.fullmatch(oid) else Name(oid.split("::")[-1])
        if "oid" in item and "name" in item and "type" in item:
            yield Same(item["oid"], item["name"])
            yield Metric(item["oid"], item["type"])
            # The generator lists a row's index as well, which no walk ever meets.
            if item["name"] not in [i["labelname"] for i in item.get("indexes") or ()]:
                yield Poll(item["oid"], None, None, None, item.get("enum_values"))
        for lookup in item.get("lookups") or ():
            if "oid" in lookup:
                yield Same(lookup["oid"], lookup["labelname"])
                yield Poll(lookup["oid"], None, None, None, None)


# ---- LibreNMS ----

def librenms(text):
    for item in items_of(yaml.load(text, YAML)):
        number = OID.search(str(item.get("num_oid", "")))
        name = QUALIFIED.search(str(item.get("value", item.get("oid", ""))))
        states = {int(s["value"]): str(s["descr"]) for s in item.get("states") or ()}
        # What LibreNMS takes for the value when there was none.
        if states.get(0) == "noAnswer":
            del states[0]
        if number:
            yield Poll(number[1], None, None, True, states or None)
            if name:
                yield Same(number[1], name[1])
        elif states and name:
            yield Words(name[1], states)


# Tags of snmpsim, and the types that they are.
TAGS = {"2": ("Enumeration", "Integer32"), "4": ("OctetString", "Bits"), "4x": ("OctetString", "Bits"),
        "66": ("Gauge32",), "67": ("TimeTicks",), "70": ("Counter64",)}


def snmprec(text):
    for line in filter(None, text.splitlines()):
        oid, tag, value = line.split("|", 2)
        yield Typed(oid, TAGS.get(tag, ()), int(value) if tag == "2" else None)


# ---- snmpd, snmptt, Icinga ----

def snmptt(text):
    for event in re.split(r"^(?=EVENT )", text, flags=re.M)[1:]:
        _, notification, oid = event.split(None, 3)[:3]
        yield Same(oid.lstrip("."), notification)
        for number in re.findall(r"^(?:FORMAT|EXEC|MATCH) .*", event, re.M):
            for variable in re.findall(r"\$(\d+)", number):
                yield Variable(notification, int(variable))
        for variable, number, word in re.findall(r"^MATCH \$(\d+): \(\^?\((\d+)\|(\w+)\)", event, re.M):
            yield Worded(notification, int(variable), int(number), word)
        rewritten = re.findall(r"^REGEX \(<(\w+) \((\d+)\|(\w+)\).*?\)\(([a-z-]+)\)g", event, re.M)
        for kind in {r[0] for r in rewritten}:
            yield Words(None, {int(n): word for k, n, word, _ in rewritten if k == kind})
            yield Words(None, {int(n): word for k, n, _, word in rewritten if k == kind})


def icinga(text):
    for option in re.findall(r'"(--?[a-z][a-z-]*)"\s*=', text):
        yield Option(option)


# ---- collectd and LuCI ----

def collectd(text):
    """What <Plugin threshold> is about."""
    for plugin in re.findall(r'<Plugin "mptcp">(.*?)</Plugin>', text, re.S):
        for type_, body in re.findall(r'<Type "(\w+)">(.*?)</Type>', plugin, re.S):
            instance = re.search(r'Instance "(\w+)"', body)
            yield Series(None, type_, instance[1] if instance else None)


def luci(text):
    for found in re.finditer(r"\b(?:area|line)\('([a-z_]+)(?:-([a-z_]+))?(?:\.[a-z]+)?'", text):
        yield Series(None, found[1], found[2] or "")
    for found in SCRIPT_LIST.finditer(text):
        yield Words(None, dict(enumerate(re.findall(r"'([^']*)'", found[1]), 1)))


# ---- our own pages ----

def runbook(text):
    """Its links within itself."""
    for found in re.finditer(r"\]\(#([a-z-]+)\)", text):
        yield Link(found[1])
