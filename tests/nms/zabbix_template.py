#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The template for Zabbix, without a Zabbix: its own rules, its tables, its UUIDs.

    zabbix_template.py rules  TEMPLATE METRICS RUNBOOK   what is wrong with it, a line each; 1 if anything
    zabbix_template.py tables TEMPLATE                   items, triggers and macros, for its README
    zabbix_template.py uuids  TEMPLATE                   UUID, kind and name of each thing that has one

METRICS is what tests/metrics_table prints. The rules are Zabbix's template guidelines, and what we
promise: that problems go by the alarm alone, end with it, and say why."""
import re
import sys

import yaml

NAME = "MPTCP WAN by SNMP"
ROOT = "1.3.6.1.4.1.8072.9999.9999.262.1."
TRAPS = "1.3.6.1.4.1.8072.9999.9999.262.0."
COLUMNS, FULL_HD = 24, 15  # of a dashboard without scrolling
UNSET = {"x": 0, "y": 0, "width": 12, "height": 2}  # what an export leaves out
HISTORY = {"mptcp.alarms": "0", "mptcp.lines": "1d"}  # a week for all others
SCOPES = {"availability", "capacity", "notice", "performance", "security"}
# The MIB's severities, and Zabbix's priorities for them.
PRIORITIES = {3: "WARNING", 4: "AVERAGE", 5: "HIGH", 6: "DISASTER"}
# All that problems may go by: the alarm, what is told of it, and whether the monitor sees.
OF_ALARMS = ["mptcp.alarm", "mptcp.alarm.severity", "mptcp.alarm.cause", "mptcp.alarm.text"]
OF_LINES = ["mptcp.wan.alarm", "mptcp.wan.severity", "mptcp.wan.alarm.type", "mptcp.wan.alarm.cause",
            "mptcp.wan.alarm.text"]
OF_MONITOR = ["mptcp.poll.age", "mptcp.poll.interval", "mptcp.accounting"]
WORDS = {  # value maps, by the object that has their words
    "MPTCP-WAN-MIB::MptcpWanLineState": "mptcpWanState",
    "MPTCP-WAN-MIB::MptcpWanLineRole": "mptcpWanRole",
    "MPTCP-WAN-MIB::MptcpWanHostSide": "mptcpWanHostRole",
    "MPTCP-WAN-MIB::MptcpWanAccountingMode": "mptcpWanHostAccounting",
    "MPTCP-WAN-MIB::MptcpWanSeverity": "mptcpWanAlarmSeverity",
    "MPTCP-WAN-MIB::MptcpWanCauseCode": "mptcpWanCause",
}
SCRIPT_WORDS = {"types": "mptcpWanActiveType", "causes": "mptcpWanCause", "severities": "mptcpWanAlarmSeverity",
                "states": "mptcpWanState"}
FACTORS = {  # unit of the object: Zabbix's unit, and what makes it of a value, or of a counter's change
    "octets": ("bps", "8"), "milliseconds": ("s", "0.001"), "microseconds": ("s", "0.000001"),
    "kilobits per second": ("bps", "1000"), "kibioctets": ("B", "1024"),
    "hundredths of a percent": ("%", "0.01"), "hundredths of a subflow": ("", "0.01"), "seconds": ("s", None),
}


class Template:
    """What is in the file, flat: items and triggers with their discovery rule, or None."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            export = yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))["zabbix_export"]
        self.export = export
        self.body = export["templates"][0]
        self.rules = self.body["discovery_rules"]
        self.items = [(item, None) for item in self.body["items"]]
        self.items += [(item, rule) for rule in self.rules for item in rule["item_prototypes"]]
        self.triggers = [(trigger, None) for trigger in export["triggers"]]
        for item, rule in self.items:
            self.triggers += [(trigger, rule) for trigger in
                              item.get("triggers", []) + item.get("trigger_prototypes", [])]
        self.triggers += [(trigger, rule) for rule in self.rules for trigger in rule.get("trigger_prototypes", [])]
        self.triggers.sort(key=lambda trigger: trigger[0]["name"])
        self.graphs = export["graphs"] + [g for rule in self.rules for g in rule.get("graph_prototypes", [])]
        self.pages = [page for board in self.body["dashboards"] for page in board["pages"]]


def metrics(path):
    """object: its OID below the root, type, unit, {number: word}, may it be absent."""
    table = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            oid, name, base, convention, unit, words, absent = line.rstrip("\n").split("\t")
            pairs = re.findall(r"(\w+)\((\d+)\)", words)
            table[name] = {
                "oid": ROOT + oid, "base": base, "unit": unit, "absent": absent != "-", "convention": convention,
                "words": {number: re.sub("[A-Z]", lambda c: "-" + c.group().lower(), word) for word, number in pairs},
            }
    return table


# ---- the rules; each yields what is wrong ----


def about_itself(t, _metrics, _runbook):
    if t.export["version"] != "6.0":
        yield f"version {t.export['version']}: a 6.0 file is taken by every later server"
    if t.body["template"] != NAME or t.body["name"] != NAME:
        yield f"it is not named {NAME}"
    if {tag["tag"] for tag in t.body["tags"]} < {"class", "target"}:
        yield "no tags class and target"
    for want in ("MIBs used:\nMPTCP-WAN-MIB", "doc/runbook.md", "{$MPTCP.RUNBOOK.URL}"):
        if want not in t.body["description"]:
            yield f"its description does not have: {want!r}"


def about_uuids(t, _metrics, _runbook):
    seen = {}
    for uuid, kind, name in uuids(t):
        if not re.fullmatch("[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}", uuid):
            yield f"{kind} {name}: {uuid} is no UUID version 4"
        if uuid in seen:
            yield f"{kind} {name}: has the UUID of {seen[uuid]}"
        seen[uuid] = name
    for thing in [i for i, _ in t.items] + [x for x, _ in t.triggers] + t.graphs + t.rules + t.body["valuemaps"]:
        if "uuid" not in thing:
            yield f"{thing['name']}: no UUID"


def about_names(t, _metrics, _runbook):
    for kind, things in (("key", [i["key"] for i, _ in t.items] + [r["key"] for r in t.rules]),
                         ("name", [i["name"] for i, _ in t.items]),
                         ("trigger", [x["name"] for x, _ in t.triggers]), ("graph", [g["name"] for g in t.graphs])):
        for thing in sorted({thing for thing in things if things.count(thing) > 1}):
            yield f"{kind} {thing}: twice"
    for item, rule in t.items:
        key, name = item["key"], item["name"]
        if item["type"] != "SNMP_TRAP" and not re.fullmatch(r"mptcp(\.[a-z0-9_]+)+(\[[^]]*\])?", key):
            yield f"{key}: a key is mptcp., and lower case"
        if rule is None:
            if not re.match("[A-Z]", name):
                yield f"{key}: its name begins with no capital: {name}"
        elif rule["key"] == "mptcp.wan.discovery":
            if not key.endswith("[{#WANNAME}]") or not re.match(r"\{#WANNAME\}: [A-Z]", name):
                yield f"{key}: a line's item is named after the line: {name}"
        if name.endswith((".", ":")) or "  " in name:
            yield f"{key}: name: {name}"
    for trigger, rule in t.triggers:
        want = r"\{#WANNAME\} is " if rule else "[A-Z]"
        if not re.match(want, trigger["name"]) or trigger["name"].endswith("."):
            yield f"trigger {trigger['name']}: name"


def about_items(t, known, _runbook):
    for item, rule in t.items:
        key, kind, text = item["key"], item["type"], item.get("description", "")
        tags = {tag["tag"]: tag["value"] for tag in item.get("tags", [])}
        if not text:
            yield f"{key}: no description"
        if "component" not in tags:
            yield f"{key}: no tag component"
        if rule and rule["key"] == "mptcp.wan.discovery" and tags.get("wan") != "{#WANNAME}":
            yield f"{key}: no tag wan"
        if item.get("value_type") in ("CHAR", "TEXT", "LOG") and item.get("trends") != "0":
            yield f"{key}: trends of text"
        if item.get("history") != HISTORY.get(key, "2w" if kind == "SNMP_TRAP" else "7d"):
            yield f"{key}: history {item.get('history')}"
        if kind not in ("DEPENDENT", "SNMP_TRAP") and not re.fullmatch(r"\{\$MPTCP\.INTERVAL(\.SLOW)?\}", item["delay"]):
            yield f"{key}: its interval is no macro: {item['delay']}"
        if kind == "SNMP_AGENT":
            yield from about_snmp(item, rule, known)
        if kind == "SNMP_TRAP" and (TRAPS[len("1.3.6.1.4.1."):-1].replace(".", r"\.") not in key or
                                    item.get("value_type") != "LOG"):
            yield f"{key}: is not of our notifications"


def about_snmp(item, rule, known):
    key, oid, steps = item["key"], item["snmp_oid"], item.get("preprocessing", [])
    if oid.startswith("discovery["):
        for part in oid[len("discovery["):-1].split(",")[1::2]:
            if ROOT + part.removeprefix(ROOT) not in [m["oid"].removesuffix(".0") for m in known.values()]:
                yield f"{key}: {part} is no object"
        return
    found = re.match(r"MIB: MPTCP-WAN-MIB::(\w+)\n.", item.get("description", ""))
    metric = known.get(found.group(1)) if found else None
    if metric is None:
        yield f"{key}: its description does not begin with its object of the MIB"
        return
    index = r"\.\{#(SNMPINDEX|I[1-8])\}" if rule else ""
    if not re.fullmatch(re.escape(metric["oid"]) + index, oid):
        yield f"{key}: {found.group(1)} is {metric['oid']}, not {oid}"
    kinds = [step["type"] for step in steps]
    if ("CHANGE_PER_SECOND" in kinds) != (metric["base"] == "Counter64"):
        yield f"{key}: a counter, and only that, is told by its change"
    absent = metric["absent"] or key.startswith("mptcp.place.")
    if absent != ("CHECK_NOT_SUPPORTED" in kinds):
        yield f"{key}: what may be absent, and only that, is not unsupported"
    for step in steps:
        if step["type"] == "CHECK_NOT_SUPPORTED" and step.get("error_handler", "DISCARD_VALUE") != "DISCARD_VALUE":
            yield f"{key}: absent is no value, and not another one"
    if metric["unit"] == "centiseconds" or "time." in key:
        unit, factor = item.get("units"), "100"
        if unit != "%":
            yield f"{key}: time in a state is told in per cent"
    else:
        unit, factor = FACTORS.get(metric["unit"], ("", None))
    factors = [step["parameters"][0] for step in steps if step["type"] == "MULTIPLIER"]
    if item.get("units", "") != unit or factors != ([factor] if factor else []):
        yield f"{key}: {metric['unit']}: unit {item.get('units')}, times {factors}; want {unit}, times {factor}"
    words = metric["words"] or metric["convention"] == "TruthValue"
    if bool(words) != ("valuemap" in item):
        yield f"{key}: a value map, if and only if there are words"
    elif metric["words"] and known[WORDS[item["valuemap"]["name"]]]["words"] != metric["words"]:
        yield f"{key}: the words of another object"
    if "MULTIPLIER" in kinds and metric["unit"] != "kilobits per second" and metric["unit"] != "kibioctets" and \
            item.get("value_type") != "FLOAT":
        yield f"{key}: a broken number needs FLOAT"


def about_words(t, known, _runbook):
    for valuemap in t.body["valuemaps"]:
        told = {m["value"]: m["newvalue"] for m in valuemap["mappings"]}
        want = {"1": "true", "2": "false"}
        if valuemap["name"] != "SNMPv2-TC::TruthValue":
            want = known[WORDS[valuemap["name"]]]["words"]
        if told != want:
            yield f"value map {valuemap['name']}: {sorted(told.items() ^ want.items())}"
    scripts = 0
    for thing in [i for i, _ in t.items] + t.rules:
        for step in thing.get("preprocessing", []):
            for name, pairs in re.findall(r"var (\w+) = \{(\d[^}]*)\};", step["parameters"][0]):
                scripts += 1
                if dict(re.findall(r"(\d+): '([a-z0-9-]+)'", pairs)) != known[SCRIPT_WORDS[name]]["words"]:
                    yield f"{thing['key']}: {name} in its script are not the MIB's"
    if scripts != 5:
        yield f"{scripts} lists of words in scripts, not 5"


def about_triggers(t, _metrics, runbook):
    names = {(x["name"], x["expression"]) for x, _ in t.triggers}
    for trigger, rule in t.triggers:
        yield from (f"trigger {trigger['name']}: {fault}" for fault in about_trigger(trigger, rule, runbook))
        for other in trigger.get("dependencies", []):
            if (other["name"], other["expression"]) not in names:
                yield f"trigger {trigger['name']}: depends on what is not there: {other['name']}"
    # Each severity is a problem once: with the same words for the host and for both kinds of lines.
    of_alarms = [x["priority"] for x, _ in t.triggers if x.get("recovery_mode") == "RECOVERY_EXPRESSION"]
    if sorted(of_alarms) != sorted(list(PRIORITIES.values()) + 2 * ["WARNING", "AVERAGE", "HIGH"]):
        yield f"triggers for alarms: {sorted(of_alarms)}"


def about_trigger(trigger, rule, runbook):
    expression, keys = trigger["expression"], asked(trigger["expression"])
    tags = {tag["tag"]: tag["value"] for tag in trigger.get("tags", [])}
    if not keys:
        yield "asks for none of our items"
        return
    trap = keys[0].startswith("snmptrap[")
    of_alarm = keys[0] in (OF_ALARMS[0], OF_LINES[0])
    if tags.get("scope") not in SCOPES or "alarm" not in tags or of_alarm and "cause" not in tags:
        yield f"tags: {tags}"
    for field in ("event_name", "description", "url") + (() if trap else ("opdata",)):
        if not trigger.get(field):
            yield f"no {field}"
    if not trigger.get("url", "").startswith("{$MPTCP.RUNBOOK.URL}"):
        yield "its link does not lead to the runbook"
    section = trigger.get("url", "").partition("#")[2]
    if section and "{" not in section and f"\n## {section}\n" not in runbook:
        yield f"the runbook has no section {section}"
    by_hand = trap or keys[0] == "mptcp.accounting"
    if (trigger.get("manual_close") == "YES") != by_hand:
        yield "to be closed by hand is what does not end by itself, or need not be known"
    if (trigger.get("status") == "DISABLED") != trap:
        yield "disabled are those of traps, and only those: polling finds the same"
    if trap:
        if trigger.get("recovery_mode") != "NONE":
            yield "what is told by a trap does not end"
    elif of_alarm:
        yield from about_alarm(trigger, rule, expression, keys)
    elif set(keys) - set(OF_MONITOR):
        yield f"goes by {sorted(set(keys) - set(OF_MONITOR))}: problems go by the alarm"


def about_alarm(trigger, rule, expression, keys):
    recovery = trigger.get("recovery_expression", "")
    if trigger.get("recovery_mode") != "RECOVERY_EXPRESSION" or not recovery:
        yield "no recovery expression"
    allowed = OF_LINES if rule else OF_ALARMS
    if set(keys) != set(allowed) or set(asked(recovery)) - set(allowed):
        yield f"goes by {sorted(set(keys + asked(recovery)) ^ set(allowed))}: problems go by the alarm"
    severity = re.search(r"severity(?:\[[^]]*\])?\)(?:=|>=)(\d)", expression)
    if not severity or PRIORITIES.get(int(severity.group(1))) != trigger["priority"]:
        yield f"priority {trigger['priority']} is not its severity"
    if not re.match(r"last\(/[^/]*/%s(\[\{#WANNAME\}\])?\)=1 and " % re.escape(allowed[0]), expression) or \
            not re.match(r"last\(/[^/]*/%s(\[\{#WANNAME\}\])?\)=2 or " % re.escape(allowed[0]), recovery):
        yield "does not begin and end with the alarm"
    # The text is the last item asked for in the one, the cause in the other; both are told.
    n = len(allowed)
    if trigger.get("opdata") != '{{ITEM.LASTVALUE%d}.regsub("(.*)", "\\1")}' % n or keys[n - 1] != allowed[-1]:
        yield "its operational data are not the cause and the advice"
    if "{ITEM.LASTVALUE%d}" % (n - 1) not in trigger.get("event_name", "") or keys[n - 2] != allowed[-2]:
        yield "its name does not have the cause"
    if not trigger.get("url", "").endswith('#{{ITEM.LASTVALUE%d}.regsub("(.*)", "\\1")}' % (n - 1)):
        yield "its link does not lead to the cause"
    mute = '{$MPTCP.WAN.MUTE:"{#WANNAME}"}' if rule else "{$MPTCP.HOST.MUTE}"
    if mute + "=0" not in expression or mute + "=1" not in recovery:
        yield "cannot be muted"
    if rule and '{$MPTCP.WAN.SEVERITY.MIN:"{#WANNAME}"}' not in expression:
        yield "has no least severity"


def about_discovery(t, _metrics, _runbook):
    for rule in t.rules:
        if rule["delay"] != "{$MPTCP.INTERVAL.DISCOVERY}" or not rule.get("description"):
            yield f"{rule['key']}: interval or description"
        if "polled" not in rule["preprocessing"][0]["parameters"][0]:
            yield f"{rule['key']}: no answer would be no line"
        keys = {prototype["key"] for prototype in rule["item_prototypes"]}
        for prototype in rule["item_prototypes"]:
            if prototype["type"] == "DEPENDENT" and prototype["master_item"]["key"] not in \
                    keys | {item["key"] for item, _ in t.items}:
                yield f"{prototype['key']}: depends on nothing"


def about_macros(t, _metrics, _runbook):
    told = {macro["macro"] for macro in t.body["macros"]}
    used = set()
    for text in texts({key: t.export[key] for key in t.export if key != "templates"}):
        used |= macros_in(text)
    for text in texts({key: t.body[key] for key in t.body if key != "macros"}):
        used |= macros_in(text)
    for macro in sorted(told ^ used):
        yield f"{macro}: used and not defined, or defined and not used"
    for macro in t.body["macros"]:
        if not macro.get("description") or not re.fullmatch(r"\{\$MPTCP\.[A-Z_.]+\}", macro["macro"]):
            yield f"{macro['macro']}: no description, or not one of ours"


def about_dashboard(t, _metrics, _runbook):
    keys, graphs = {item["key"] for item, _ in t.items}, {graph["name"] for graph in t.graphs}
    for graph in t.graphs:
        for item in graph["graph_items"]:
            if item["item"]["key"] not in keys:
                yield f"graph {graph['name']}: no item {item['item']['key']}"
    if not t.pages:
        yield "no dashboard"
    shown = set()
    for page in t.pages:
        cells = set()
        for widget in page["widgets"]:
            x, y, w, h = (int(widget.get(key, unset)) for key, unset in UNSET.items())
            here = {(a, b) for a in range(x, x + w) for b in range(y, y + h)}
            if x + w > COLUMNS or y + h > FULL_HD:
                yield f"page {page['name']}: {widget['type']} at {x},{y} is not within full HD"
            if cells & here:
                yield f"page {page['name']}: {widget['type']} at {x},{y} lies over another"
            cells |= here
            for field in widget["fields"]:
                value = field["value"]
                if isinstance(value, dict) and value.get("key", value.get("name")) not in keys | graphs:
                    yield f"page {page['name']}: no {value}"
                shown |= {value["name"]} if isinstance(value, dict) and "name" in value else set()
        if cells != {(a, b) for a in range(COLUMNS) for b in range(max(b for _, b in cells) + 1)}:
            yield f"page {page['name']}: there is a hole in it"
    for want in ("payload in", "payload out", "share of payload in", "share of payload out", "state over time",
                 "Limits in force against needed"):
        if not any(want in name for name in shown):
            yield f"the dashboard does not show: {want}"


# ---- what they use ----


def asked(expression):
    """The keys that an expression asks for, in order, without the line's name."""
    keys = re.findall(r"/%s/((?:snmptrap\[\".*?\"\])|[a-z0-9_.]+)" % re.escape(NAME), expression)
    seen = []
    for key in keys:
        if key not in seen:
            seen.append(key)
    return seen


def texts(thing):
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, (dict, list)):
        for part in thing.values() if isinstance(thing, dict) else thing:
            yield from texts(part)


def macros_in(text):
    return {"{$%s}" % name for name in re.findall(r"\{\$([A-Z_.]+)(?::[^}]*\}\"|:\"[^\"]*\")?\}", text)}


def uuids(t):
    for kind, things in (("group", t.export["groups"]), ("template", [t.body]), ("rule", t.rules),
                         ("item", [item for item, _ in t.items]), ("trigger", [x for x, _ in t.triggers]),
                         ("graph", t.graphs), ("dashboard", t.body["dashboards"]),
                         ("valuemap", t.body["valuemaps"])):
        for thing in things:
            yield thing.get("uuid", "-"), kind, thing.get("key", thing["name"])


# ---- tables ----


def cell(text):
    """As it is told in Markdown: macros as code, and no markup else."""
    text = re.sub(r"[\\\\`*_<>|]", lambda c: "&#%d;" % ord(c.group()), text.strip()).replace("\n", " ")
    return re.sub(r"\{[$#][^}]*\}", lambda m: code(m.group().replace("&#95;", "_")), text)


def code(text):
    return "`%s`" % text.replace("|", "\\|")


def when(item):
    """When it is asked for, if not at each interval, and what is stored of it."""
    words = {"CHANGE_PER_SECOND": "per second", "DISCARD_UNCHANGED_HEARTBEAT": "on change"}
    told = [words[step["type"]] for step in item.get("preprocessing", []) if step["type"] in words]
    if item["type"] == "DEPENDENT":
        told.insert(0, "with " + code(item["master_item"]["key"]))
    elif item["type"] != "SNMP_TRAP" and item["delay"] != "{$MPTCP.INTERVAL}":
        told.insert(0, "slow")
    return ", ".join(told)


def print_items(items, prefix=""):
    print("| item | key | unit | when | what |\n|---|---|---|---|---|")
    for item in items:
        unit = item.get("units") or item.get("valuemap", {}).get("name", "").rpartition(":")[2]
        found = re.match(r"MIB: MPTCP-WAN-MIB::(\w+)\s*", item["description"])
        text = cell(item["description"][found.end() if found else 0:])
        print(f"| {cell(item['name'].removeprefix(prefix))} | {code(item['key'])} | {cell(unit)} | {when(item)} | "
              f"{text}{' ' + code(found.group(1)) if found else ''} |")


def print_triggers(t):
    print("| trigger | priority | problem | ends |\n|---|---|---|---|")
    ends = {"RECOVERY_EXPRESSION": "with the alarm", "NONE": "by hand"}
    for trigger, _ in t.triggers:
        priority = trigger["priority"].lower() + (", disabled" if trigger.get("status") else "")
        end = ends.get(trigger.get("recovery_mode"), "when it is so no more")
        if trigger.get("manual_close") and "hand" not in end:
            end += ", or by hand"
        print(f"| {cell(trigger['name'])} | {priority} | {cell(trigger['description'].splitlines()[0])} | {end} |")


def tables(t):
    print("### Macros\n\n| macro | default | what |\n|---|---|---|")
    for macro in t.body["macros"]:
        print(f"| {code(macro['macro'])} | {code(macro['value'])} | {cell(macro['description'])} |")
    print("\n### Triggers\n")
    print_triggers(t)
    print("\n### Items of the host\n")
    print_items(t.body["items"])
    for rule in sorted(t.rules, key=lambda rule: rule["key"], reverse=True):
        places = rule["key"] == "mptcp.place.discovery"
        print(f"\n### {'Items of each line' if not places else rule['name']}\n\n{cell(rule['description'])} "
              f"Found by {code(rule['key'])}.\n")
        print_items([item for item in rule["item_prototypes"] if not places or "[1," in item["key"]], "{#WANNAME}: ")
        if places:
            print("\nThe same for places 2 to 8.")


RULES = [about_itself, about_uuids, about_names, about_items, about_words, about_triggers, about_discovery, about_macros,
         about_dashboard]


def main():
    what, template = sys.argv[1], Template(sys.argv[2])
    if what == "tables":
        tables(template)
    elif what == "uuids":
        for uuid, kind, name in uuids(template):
            print(uuid, kind, name, sep="\t")
    else:
        with open(sys.argv[4], encoding="utf-8") as file:
            runbook = file.read()
        known = metrics(sys.argv[3])
        faults = [fault for rule in RULES for fault in rule(template, known, runbook)]
        print("\n".join(faults), end="\n" if faults else "")
        sys.exit(1 if faults else 0)


main()
