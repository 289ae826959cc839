# SPDX-License-Identifier: MIT
"""Would check.py notice? Each file that is shipped is broken, one mistake at a time: those that fit any
file, then those of its format. A mistake for a format changes something in each of its files, unless
it says MAYBE.
"""
import fnmatch
import re

MAYBE = True

# (what, from, to, what is said of it). ROOT stands for our root.
ANYWHERE = (
    ("an OID of nothing", r"ROOT\.1\.(\d)", r"ROOT.9.\1", "nothing"),
    ("an OID of another root", r"ROOT", "OTHER", "another root"),
    ("a name misspelt", r"\b(mptcpWan[A-Z]\w+)\b(?![*${])", r"\1x", "no such name"),
    ("a series of nobody's", r'(collectd_mptcp_[a-z_]+\{[^}]*type=")', r"\1x", "nobody tells collectd"),
    ("a type of nobody's", r"collectd_mptcp_(bool|count|if_octets)", r"collectd_mptcp_x\1", "nobody tells collectd"),
    ("a value of nobody's", r"`(WAN|host)/", r"`\1/x", "nobody tells collectd"),
    ("a link that leads nowhere", r"(mptcp-wan\.md#|RUNBOOK\.URL\}#)(?=[a-z])", r"\1x", "has no section"),
)

ZABBIX = "integrations/zabbix/*.yaml"
EXPORTER = "integrations/snmp_exporter/mptcp*.yml"
LIBRENMS = "integrations/librenms/*.yaml"
SNMPREC = "integrations/librenms/*.snmprec"
SNMPTT = "integrations/snmptt/*.snmptt"

OF_A_FORMAT = (
    (ZABBIX, "a word less", r" *-\n *value: '5'\n *newvalue: blackhole\n", "", "MptcpWanCauseCode has other words"),
    (ZABBIX, "another word", r"newvalue: carrying", "newvalue: flying", "MptcpWanLineState has other words"),
    (ZABBIX, "a word of a script", r"5: 'standby', ", "", "words of no enumeration"),
    (ZABBIX, "no words", r"(1\.2\.1\.7\.\{#SNMPINDEX\}'(?s:.)*?)valuemap:\n *name: '[^']*'\n", r"\1",
     "mptcpWanState has other words"),
    (ZABBIX, "a counter as it is", r"CHANGE_PER_SECOND", "TRIM", "not asked for per second"),
    (ZABBIX, "a gauge per second", r"type: CHECK_NOT_SUPPORTED", "type: CHANGE_PER_SECOND", "and asked for per second"),
    (ZABBIX, "a text for a number", r"(1\.1\.22\.0(?s:.)*?)value_type: CHAR\n", r"\1\n", "taken for a number"),
    (ZABBIX, "an index", r"1\.2\.1\.7\.\{#SNMPINDEX\}", "1.2.1.1.{#SNMPINDEX}", "cannot be read"),
    (ZABBIX, "a scalar with an index", r"1\.1\.21\.0", "1.1.21.{#SNMPINDEX}", "its instance is .0"),
    (ZABBIX, "a column without one", r"1\.2\.1\.7\.\{#SNMPINDEX\}", "1.2.1.7.0", "its instance is an index"),
    (ZABBIX, "another object's OID", r"262\.1\.1\.21\.0", "262.1.1.34.0", "and not mptcpWanHostAccounting"),
    (ZABBIX, "a trigger without a link", r"\n *url: .*", "", "has no link"),
    (ZABBIX, "an object less", r"(snmp_oid: )\S*1\.1\.43\.0", r"\g<1>1.3.6.1.2.1.1.3.0", "TcpMemory is not asked for"),
    (ZABBIX, "a trap's OID in parts", r"(262\\\.0)\\\.1", r"\1\\.9", "nothing"),
    (ZABBIX, "another format", r"zabbix_export", "export", "cannot be read"),
    (EXPORTER, "another object's OID", r"(name: mptcpWanState\n *oid: \S*)\.7\n", r"\1.8\n", "and not mptcpWanState"),
    (EXPORTER, "a counter as a gauge", r"type: counter", "type: gauge", "is a Counter64, and no gauge"),
    (EXPORTER, "a gauge as a counter", r"type: gauge", "type: counter", "and no counter"),
    (EXPORTER, "a word less", r"\n *9: carrying", "", "mptcpWanState has other words"),
    (EXPORTER, "an object less", r"name: mptcpWanHostTcpMemory\n *oid: \S*", "x: y", "TcpMemory is not asked for"),
    (LIBRENMS, "another word", r"carrying", "flying", "other words"),
    (SNMPREC, "a type", r"\|66\|", "|65|", "is a Gauge32"),
    (SNMPREC, "a number of no state", r"(262\.1\.2\.1\.7\.\d+\|2\|)\d+", r"\g<1>77", "mptcpWanState is never 77"),
    (SNMPTT, "a variable too many", r"(FORMAT .*)\$18", r"\1$19", "has no variable 19"),
    (SNMPTT, "the other one's OID", r"262\.0\.1", "262.0.2", "and not mptcpWanAlarmRaised"),
    (SNMPTT, "a word less", r"\nREGEX \(<cause \(40\|.*", "", "words of no enumeration"),
    (SNMPTT, "another severity", r"\(6\|critical\)", "(5|critical)", "has no critical(5)"),
    ("integrations/icinga/*.conf", "an option of nobody's", r'("--[a-z-]+)"(\s*=)', r'\1x"\2', "has no option"),
    ("integrations/grafana/*.json", "another word", r'"text": "major"', '"text": "mayor"', "words of no enumeration"),
    ("integrations/prometheus/mptcp-wan.rules.yml", "no link", r"runbook_url:", "runbook:", "has no link"),
    ("integrations/collectd/thresholds.conf", "an instance", r'Instance "alarm"', 'Instance "alarms"', "nobody tells"),
    ("integrations/luci/*/definitions/mptcp.js", "a value", r"'count-state'", "'count-stat'", "nobody tells"),
    ("integrations/luci/*/definitions/mptcp.js", "a word less", r"'unjoined', ", "", "words of no enumeration"),
    ("doc/runbook.md", "a link within", r"\]\(#subflow-limit\)", "](#subflow-limits)", "has no section"),
)


def broken(text, root, wrong, right):
    """The text with one mistake; the same if there is nothing to break."""
    other = root.replace(".8072.", ".8073.", 1)
    wrong = wrong.replace("ROOT", re.escape(root))
    return re.sub(wrong, right.replace("ROOT", root).replace("OTHER", other), text, count=1)


def unnoticed(check, texts):
    root = check.mib.root
    shipped = [p for p in texts if p.startswith(("integrations/", "doc/", "man/", "README.md"))]
    tried = 0
    for path in shipped:
        if check.faults_of(path, texts[path]):
            continue    # said by the other run
        mistakes = [(m, MAYBE) for m in ANYWHERE]
        mistakes += [(m[1:], not MAYBE) for m in OF_A_FORMAT if fnmatch.fnmatch(path, m[0])]
        for (what, wrong, right, said), maybe in mistakes:
            text = broken(texts[path], root, wrong, right)
            if text == texts[path]:
                if not maybe:
                    yield f"{path}: nothing to break: {what}"
                continue
            tried += 1
            if not any(said in f for f in check.faults_of(path, text)):
                yield f"{path}: unnoticed: {what}"
    for path, text in (("integrations/new/thing.conf", ""), ("integrations/collectd/mptcp.xml", ""),
                       ("lib/metrics.h", "#define MIB_ROOT " + root.replace(".8072.", ".8073.").replace(".", ", ")),
                       ("mibs/MPTCP-WAN-MIB.txt", "::= { netSnmpPlay" + "pen 263 }"),
                       ("lib/other.c", "enter" + "prises.8073"),
                       ("tests/x.sh", root.rpartition(".")[0] + ".263.1")):
        tried += 1
        if not check.faults_of(path, text):
            yield f"{path}: unnoticed: {text or 'a new file'}"
    print(f"# {tried} mistakes were made")
