#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""judge.py WHAT [FILE]...: is what we ship for LibreNMS sound? Says what is not, and ends with 1 if anything.

    schema FILE...      files of sensors obey schema.json
    sensors             they are the MIB's: objects, numbers, units, states, generic codes, limits
    answered RECORD     each sensor, and what its name is made of, has a value in this record
    expected RECORD     prints what LibreNMS finds in this record, in the form that it keeps such in
    rules RUNBOOK       alert rules name sensors, columns and macros that there are, and link to sections of RUNBOOK

LIBRENMS is the folder of what we ship, builddir where metrics_table was built."""
import collections
import json
import os
import re
import subprocess
import sys

import yaml

HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.join(HERE, "../../..")
LIBRENMS = os.environ.get("LIBRENMS", os.path.join(TOP, "integrations/librenms"))
TABLE = os.path.join(os.environ.get("builddir", os.path.join(TOP, "build")), "tests/metrics_table")
ROOT = ".1.3.6.1.4.1.8072.9999.9999.262.1."
RUNBOOK = "https://runbook.example/mptcp-wan.md#"

# Class, divisor and multiplier by the unit in the MIB, so that it is the unit of the class.
UNITS = {
    "hundredths of a percent": ("percent", 100, 1),
    "microseconds": ("delay", 1000000, 1),
    "seconds": ("delay", 1, 1),
    "kilobits per second": ("bitrate", 1, 1000),
}
# 0 OK, 1 warning, 2 critical, 3 unknown. The rules that LibreNMS has by default fire at 2. Only alarms are judged here;
# what is no more than told is OK or unknown, so that no rule of anybody's fires for it.
NO_ANSWER = "noAnswer"
GENERIC = {
    "mptcpWanAlarmSeverity": {NO_ANSWER: 3, "none": 0, "info": 0, "warning": 1, "minor": 1, "major": 2, "critical": 2},
    "mptcpWanHostAlarm": {NO_ANSWER: 2, "true": 2, "false": 0},
}
FINE = {"none", "carrying", "quiet", "standby", "events", "exact"}
LIMITS = {"mptcpWanHostAge": {"high_limit": 300}}

# The columns of LibreNMS's database and the macros that our rules use, with their types in its form for rules.
FIELDS = {
    "sensors.sensor_type": "string", "sensors.sensor_index": "string", "sensors.sensor_current": "string",
    "sensors.sensor_limit": "string", "sensors.sensor_alert": "string", "eventlog.type": "string",
    "eventlog.message": "string", "eventlog.severity": "string", "eventlog.datetime": "datetime",
    "macros.device_up": "integer", "macros.state_sensor_critical": "integer", "macros.state_sensor_warning": "integer",
    "macros.past_5m": "datetime",
}
OPERATORS = {"equal", "not_equal", "less", "less_or_equal", "greater", "greater_or_equal", "regex"}

wrong = []


def complain(*words):
    wrong.append(" ".join(str(word) for word in words))


def read(name):
    with open(os.path.join(LIBRENMS, name), encoding="utf-8") as file:
        return file.read()


def sensors():
    """(class, sensor) of each."""
    document = yaml.safe_load(read("resources/definitions/os_discovery/mptcp-wan.yaml"))
    for name, part in document["modules"]["sensors"].items():
        for sensor in part["data"]:
            yield name, sensor


def objects():
    """Number without instance, unit and words of each object, by its name; as the code has them."""
    lines = subprocess.run([TABLE], check=True, capture_output=True, text=True).stdout.splitlines()
    Object = collections.namedtuple("Object", "number, unit, words")
    known = {}
    for line in lines:
        number, name, _, convention, unit, words, _ = line.split("\t")
        pairs = re.findall(r"(\w+)\((\d+)\)", "true(1),false(2)" if convention == "TruthValue" else words)
        known[name] = Object(number[:-2] if number.startswith("1.") else number, unit, {int(n): w for w, n in pairs})
    return known


def bare(name):
    return name.split("::")[-1]


# ---- what is judged ----

def schema(*paths):
    import jsonschema  # takes longer than the rest together, and is for this only

    with open(os.path.join(HERE, "schema.json"), encoding="utf-8") as file:
        validator = jsonschema.Draft202012Validator(json.load(file))
    for path in paths:
        with open(path, encoding="utf-8") as file:
            for fault in validator.iter_errors(yaml.safe_load(file)):
                complain(f"{path}: {fault.json_path}: {fault.message[:200]}")


def states(value, sensor, known):
    """The enumeration, no less and no more, but for 0: what a poller takes for a value that did not come."""
    want = dict(known.words)
    if 0 not in want:
        want[0] = NO_ANSWER
    told = {state["value"]: state["descr"] for state in sensor["states"]}
    if told != want or len(sensor["states"]) != len(want):
        complain(f"{value}: its states are {told}, not {want}")
    for state in sensor["states"]:
        word = state["descr"]
        generic = GENERIC[value].get(word) if value in GENERIC else 0 if word in FINE else 3
        if state["generic"] != generic:
            complain(f"{value}: {word} is {state['generic']}, not {generic}")
    if sensor.get("state_name") != value:
        complain(f"{value}: its state_name is another")


def judge_sensors():
    known = objects()
    seen = set()
    for name, sensor in sensors():
        value = bare(sensor["value"])
        if value not in known:
            complain(f"{value} is no object of the MIB")
            continue
        host = known[value].number.startswith("1.")
        if sensor["num_oid"] != ROOT + known[value].number + ".{{ $index }}":
            complain(f"{value}: its number is {ROOT}{known[value].number}, not {sensor['num_oid']}")
        if bare(sensor["oid"]) != ("mptcpWanHost" if host else "mptcpWanTable"):
            complain(f"{value} is not below {sensor['oid']}")
        if sensor.get("index") != value + ".{{ $index }}" or value in seen:
            complain(f"{value}: its index is not its own")
        seen.add(value)
        want = ("state", 1, 1) if known[value].words else UNITS.get(known[value].unit, ("count", 1, 1))
        if (name, sensor.get("divisor", 1), sensor.get("multiplier", 1)) != want:
            complain(f"{value}: a {known[value].unit} is not a {name} like that")
        if name == "state":
            states(value, sensor, known[value])
        if {key: sensor[key] for key in sensor if key.endswith("_limit")} != LIMITS.get(value, {}):
            complain(f"{value}: limits that nobody asked for, or none")
        for used in re.findall(r"\{\{ ([^ $]+) \}\}", json.dumps(sensor)):
            if not used.startswith("MPTCP-WAN-MIB::") or bare(used) not in known or host:
                complain(f"{value}: there is no {used} beside it")
        if not host and "{{ MPTCP-WAN-MIB::mptcpWanName }}" not in sensor["descr"]:
            complain(f"{value}: its description does not say of which line it is")
    missing = {"mptcpWanAlarmSeverity", "mptcpWanHostAlarm", "mptcpWanHostSubflowLimit", "mptcpWanHostSubflowsNeeded",
               "mptcpWanInRate", "mptcpWanOutRate"} - seen
    if missing:
        complain("there is no sensor of", *sorted(missing))


def record(path):
    with open(path, encoding="utf-8") as file:
        return {"." + number: value for number, _, value in (line.rstrip("\n").split("|", 2) for line in file)}


def rows(values, number):
    """Instance and value of each cell of a column, or of an object."""
    return {key[len(number) + 1:]: values[key] for key in values if key.startswith(number + ".")}


def answered(path):
    known, values = objects(), record(path)
    for _, sensor in sensors():
        for used in {sensor["value"], *re.findall(r"\{\{ (\S+::\S+) \}\}", json.dumps(sensor))}:
            number = known[bare(used)].number
            cells = rows(values, ROOT + number)
            if not cells or (number.startswith("1.") and list(cells) != ["0"]):
                complain(f"{path}: no {used}")


def number_of(text):
    value = float(text)
    return int(value) if value == int(value) else value


def found(path):
    """Each sensor of each row that has a value, as LibreNMS's documentation tells."""
    known, values = objects(), record(path)
    for name, sensor in sensors():
        value = bare(sensor["value"])
        for index, current in rows(values, ROOT + known[value].number).items():
            def fill(template):
                for used in re.findall(r"\{\{ (\S+::\S+) \}\}", template):
                    cell = rows(values, ROOT + known[bare(used)].number)[index]
                    template = template.replace("{{ %s }}" % used, cell)
                return template.replace("{{ $index }}", index)
            divisor, multiplier = sensor.get("divisor", 1), sensor.get("multiplier", 1)
            port = fill(sensor.get("entPhysicalIndex", ""))
            yield {
                "sensor_deleted": 0, "sensor_class": name, "poller_type": "snmp", "sensor_oid": fill(sensor["num_oid"]),
                "sensor_index": fill(sensor["index"]), "sensor_type": sensor.get("state_name", "linux"),
                "sensor_descr": fill(sensor["descr"]), "group": fill(sensor["group"]), "sensor_divisor": divisor,
                "sensor_multiplier": multiplier, "sensor_current": number_of(int(current) / divisor * multiplier),
                "sensor_limit": sensor.get("high_limit"), "sensor_limit_warn": None, "sensor_limit_low": None,
                "sensor_limit_low_warn": None, "sensor_alert": 1, "sensor_custom": "No",
                "entPhysicalIndex": port or None,
                "entPhysicalIndex_measured": sensor.get("entPhysicalIndex_measured"), "sensor_prev": None,
                "user_func": None, "rrd_type": "GAUGE", "state_name": sensor.get("state_name"),
            }


def expected(path):
    def order(sensor):
        return sensor["sensor_class"], [int(n) for n in sensor["sensor_oid"][1:].split(".")]

    states = sorted((sensor for name, sensor in sensors() if name == "state"), key=lambda s: s["state_name"])
    translations = [
        {"state_name": sensor["state_name"], "state_descr": state["descr"], "state_draw_graph": state["graph"],
         "state_value": state["value"], "state_generic_value": state["generic"]}
        for sensor in states for state in sensor["states"]]
    tables = {"sensors": sorted(found(path), key=order), "state_indexes": translations}
    print(json.dumps({"sensors": {"discovery": tables, "poller": "matches discovery"}}, indent=4))


def conditions(group):
    for rule in group["rules"]:
        if "rules" in rule:
            yield from conditions(rule)
        else:
            yield rule


def rules(runbook):
    text = read("resources/definitions/alert_rules.json")
    with open(runbook, encoding="utf-8") as file:
        sections = {line[3:].strip() for line in file if line.startswith("## ")}
    told = {s["state_name"]: {str(state["value"]) for state in s["states"]} for _, s in sensors() if "states" in s}
    limited = {s["index"].replace("{{ $index }}", "0") for _, s in sensors() if "high_limit" in s}
    names = collections.Counter()
    for rule in json.loads(text):
        name = rule.get("name", "?")
        names[name] += 1
        if set(rule) != {"name", "severity", "notes", "builder"} or rule["severity"] not in ("critical", "warning", "ok"):
            complain(f"{name}: not of the form of a rule")
            continue
        links = re.findall(re.escape(RUNBOOK) + r"([a-z-]*)", rule["notes"])
        if len(links) != 1 or not sections.issuperset(links) or "<" in rule["notes"]:
            complain(f"{name}: links to {links}")
        if rule["builder"].get("condition") not in ("AND", "OR") or rule["builder"].get("valid") is not True:
            complain(f"{name}: not what the rule builder makes")
        said = {}
        for part in conditions(rule["builder"]):
            field, value = part["field"], part["value"]
            said[field] = value
            if set(part) != {"id", "field", "type", "input", "operator", "value"} or part["id"] != field:
                complain(f"{name}: {field} is not of the form of a condition")
            if FIELDS.get(field) != part["type"]:
                complain(f"{name}: there is no {field} of the type {part['type']}")
            way = "radio" if part["type"] == "integer" else "text"
            if part["operator"] not in OPERATORS or part["input"] != way:
                complain(f"{name}: {field}: nobody can ask {part['operator']} by {part['input']}")
            if value.startswith("`") and value.strip("`") not in FIELDS:
                complain(f"{name}: there is no {value}")
        if said.get("macros.device_up") != "1":
            complain(f"{name}: fires for a device that is down as well")
        if "sensors.sensor_type" in said:
            alarm, current = said["sensors.sensor_type"], said.get("sensors.sensor_current")
            if alarm not in GENERIC or (current is not None and current not in told[alarm]):
                complain(f"{name}: no alarm tells {alarm} {current or ''}")
        elif "sensors.sensor_index" in said:
            if said["sensors.sensor_index"] not in limited:
                complain(f"{name}: no sensor {said['sensors.sensor_index']} has a limit")
        elif said.get("eventlog.type") != "trap":
            complain(f"{name}: is about nothing of ours")
        if "eventlog.message" in said:
            for transition, fires in (("raised", True), ("worsened", True), ("cleared", False)):
                message = f"MPTCP WAN alarm {transition} (x, major, record 1): y"
                if bool(re.search(said["eventlog.message"], message)) != fires:
                    complain(f"{name}: would {'not ' if fires else ''}fire for what was {transition}")
    if any(count > 1 for count in names.values()) or len(names) < 5:
        complain("names of the rules:", *names)
    line_of_file = re.compile(r'[\[\]]$|  [{}],?$|    "(name|severity|notes)": ".*",?$|    "builder": {.*},?$')
    if not all(line_of_file.match(line) for line in text.splitlines()):
        complain("the rules are not in the form of LibreNMS's file")


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    judges = {"schema": schema, "sensors": judge_sensors, "answered": answered, "expected": expected, "rules": rules}
    judges[sys.argv[1]](*sys.argv[2:])
    for line in wrong:
        print(line, file=sys.stderr)
    sys.exit(1 if wrong else 0)


main()
