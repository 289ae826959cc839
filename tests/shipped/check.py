#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""check.py TOP MIB-XML METRICS-JSON CHECK-HELP [mistakes]: does all that is shipped say what the MIB
and the metrics do? Says where not. With `mistakes`: would it say so? (mistakes.py)
"""
import fnmatch
import os
import re
import subprocess
import sys

import formats
import known

# Every file that is shipped has a row; the first that fits holds.
FILES = (
    ("integrations/*.md", formats.plain_text),
    ("integrations/zabbix/*.yaml", formats.zabbix),
    ("integrations/zabbix/zabbix-traps", formats.plain_text),
    ("integrations/librenms/*.yaml", formats.librenms),
    ("integrations/librenms/*.snmprec", formats.snmprec),
    ("integrations/librenms/*.json", formats.plain_text),
    ("integrations/librenms/*.php", formats.plain_text),
    ("integrations/librenms/install", formats.plain_text),
    ("integrations/snmp_exporter/*.yml", formats.exporter),
    ("integrations/snmp_exporter/generate", formats.plain_text),
    ("integrations/prometheus/*.yml", formats.rules),
    ("integrations/grafana/*.json", formats.grafana),
    ("integrations/grafana/provider.yml", formats.plain_text),
    ("integrations/snmptt/snmptt-spool", formats.plain_text),
    ("integrations/snmptt/*", formats.snmptt),
    ("integrations/net-snmp/*.conf", formats.plain_text),
    ("integrations/icinga/*.conf", formats.icinga),
    ("integrations/collectd/*.conf", formats.collectd),
    ("integrations/luci/*.js", formats.luci),
    ("integrations/luci/*.json", formats.plain_text),
    ("integrations/luci/root/etc/uci-defaults/*", formats.plain_text),
    ("doc/runbook.md", formats.runbook),
    ("doc/*.md", formats.plain_text),
    ("doc/*.json", formats.plain_text),
    ("doc/*.example", formats.plain_text),
    ("doc/*.svg", formats.plain_text),
    ("man/*", formats.plain_text),
    ("README.md", formats.plain_text),
)
SHIPPED = ("integrations/", "doc/", "man/", "README.md")

# A file in which these find nothing has another format than we think.
EACH_SAYS = (formats.zabbix, formats.exporter, formats.librenms, formats.snmprec, formats.snmptt, formats.icinga,
             formats.runbook)

# Who has to have every readable object, and what it leaves out: objects, and the reason.
LOG = "notifications and the log have it"
LISTS = "rows that come and go; the line has what follows of them"
KERNEL = "the kernel's own, for those who look into a fault"
COMPLETE = {formats.zabbix: (
    ("mptcpWanCountersSince mptcpWanDiscontinuityTime", "per second, a restart is nothing"),
    ("mptcpWanHostAlarmEpoch mptcpWanHostAlarmSequence mptcpWanLog* mptcpWanActiveRaised mptcpWanActiveSequence", LOG),
    ("mptcpWanHostFamilies mptcpWanHostCeilingAssumed", "the needed limit rests on it"),
    ("mptcpWanIfIndex mptcpWanRouteIfIndex", "not the same for ever; the name is asked for"),
    ("mptcpWanStateSince mptcpWanLastCarried", "Zabbix has the history"),
    ("mptcpWanUp", "the state says it"),
    ("mptcpWanEndpoint[A-Z]* mptcpWanFinding*", LISTS),
    ("mptcpWanCounterName mptcpWanCounterValue", KERNEL),
), formats.exporter: (
    ("mptcpWanCauseText", "a sentence with numbers: each change would be a series"),
    ("mptcpWanEndpoint[A-Z]* mptcpWanFinding*", LISTS),
    ("mptcpWanActive* mptcpWanLog*", LOG),
    ("mptcpWanCounterName mptcpWanCounterValue", KERNEL),
)}

# Other people's roots that we have to name.
FOREIGN = {
    "1.3.6.1.4.1.8072.3.2.10": "sysObjectID of net-snmp on Linux",
    "1.3.6.1.4.1.66510": "OpenWrt",
}
ENTERPRISES = "1.3.6.1.4.1"
PLAYPEN = ENTERPRISES + ".8072.9999.9999"   # where our interim root is; tests have others, to be wrong
NUMBERED = re.compile(r"\b(?:enterprises|netSnmpPlaypen)[ .]+(\d+)")


def listed(top):
    """Relative paths of what belongs to the source; without git, as in a tarball, of all there is."""
    if os.path.exists(os.path.join(top, ".git")):
        command = ["git", "-C", top, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        try:
            paths = set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0"))
            return sorted(p for p in paths if p and os.path.isfile(os.path.join(top, p)))
        except (OSError, subprocess.CalledProcessError):
            pass
    return sorted(os.path.relpath(os.path.join(folder, name), top)
                  for folder, _, names in os.walk(top) for name in names)


def read(top, path):
    """The text of a file; None of what is none."""
    with open(os.path.join(top, path), "rb") as file:
        content = file.read()
    try:
        return None if b"\0" in content else content.decode()
    except UnicodeDecodeError:
        return None


def reader_of(path):
    return next((reader for pattern, reader in FILES if fnmatch.fnmatch(path, pattern)), None)


def shipped(path):
    return path.startswith(SHIPPED)


def same_words(ours, theirs):
    return ({int(n): known.plain(w) for n, w in theirs.items()} ==
            {n: known.plain(w) for n, w in ours.items()})


class Check:
    def __init__(self, mib, collectd, help_text, runbook_text):
        self.mib, self.collectd, self.help_text = mib, collectd, help_text
        self.anchors = set(re.findall(r"^## ([a-z-]+)$|<a id=\"([a-z-]+)\">", runbook_text, re.M))
        self.anchors = {heading or anchor for heading, anchor in self.anchors}
        self.ours = set()   # names that look like the MIB's, and are those of alerts and classes

    # ---- what may be wrong with each claim: a text, or None ----

    def of_oid(self, claim):
        if self.mib.inside(claim.oid):
            node, arcs = self.mib.find(claim.oid)
            if arcs and (node.kind not in ("scalar", "column") or (node.kind == "scalar" and arcs != ["0"])):
                return f"{claim.oid}: the MIB has nothing there"
        elif claim.oid.startswith(ENTERPRISES + ".") and not (self.mib.root + ".").startswith(claim.oid + "."):
            if not any((claim.oid + ".").startswith(f + ".") for f in FOREIGN):
                return f"{claim.oid}: another root than {self.mib.root}"
        return None

    def of_part(self, claim):
        """From the enterprise on, or from our own arc."""
        arcs = self.mib.root.split(".")
        begin = claim.oid.split(".")[0]
        first = arcs.index(begin) if begin in arcs else len(arcs)
        return self.of_oid(formats.Oid(".".join(arcs[:first]) + "." + claim.oid))

    def of_name(self, claim):
        name = claim.name
        if name.endswith("*"):
            if any(n.startswith(name[:-1]) for n in self.mib.by_name):
                return None
        elif self.mib.knows(name) or name in self.ours or name[0] == "M" and self.mib.knows("m" + name[1:]):
            return None
        return f"{name}: the MIB has no such name"

    def of_same(self, claim):
        node = self.mib.find(claim.oid)[0]
        if not node or node.name != claim.name:
            return f"{claim.oid} is {node.name if node else 'nothing of ours'}, and not {claim.name}"
        return None

    def of_poll(self, claim):
        node, arcs = self.mib.find(claim.oid)
        if not node or node not in self.mib.readable:
            return f"{claim.oid} ({node.name if node else 'nothing'}) cannot be read"
        if claim.instance and (node.kind == "scalar") != (claim.instance == "0" and arcs == ["0"]):
            return f"{node.name} is a {node.kind}: its instance is {'.0' if node.kind == 'scalar' else 'an index'}"
        if claim.rate is not None and claim.rate != (node.base == "Counter64"):
            return f"{node.name} is a {node.base}, and {'' if claim.rate else 'not '}asked for per second"
        text = node.base in ("OctetString", "Bits")
        if claim.number is not None and claim.number == text:
            return f"{node.name} is a {node.base}, and taken for a {'number' if claim.number else 'text'}"
        words = self.mib.words_of(node) or {}
        if claim.words is not None and (claim.words or node.base == "Enumeration") and not same_words(
                words, claim.words):
            return f"{node.name} has other words: {differing(words, claim.words)}"
        return None

    def of_words(self, claim):
        if claim.owner is None:
            if any(same_words(w, claim.words) for w in self.mib.words.values()):
                return None
            near = min(self.mib.words.values(), key=lambda w: len(differing(w, claim.words)))
            return f"words of no enumeration; of the nearest one: {differing(near, claim.words)}"
        node = self.mib.by_name.get(claim.owner)
        words = self.mib.words_of(node) if node else self.mib.words.get(claim.owner)
        if not words or not same_words(words, claim.words):
            return f"{claim.owner} has other words: {differing(words or {}, claim.words)}"
        return None

    def of_typed(self, claim):
        node, arcs = self.mib.find(claim.oid)
        if not self.mib.inside(claim.oid):
            return None
        if not node or node not in self.mib.readable or not arcs:
            return f"{claim.oid}: no instance of an object of ours"
        if node.base not in claim.bases:
            return f"{node.name} is a {node.base}"
        words = self.mib.words_of(node)
        if words and claim.value is not None and claim.value not in words:
            return f"{node.name} is never {claim.value}"
        return None

    def of_metric(self, claim):
        node = self.mib.find(claim.oid)[0]
        if node and (claim.type == "counter") != (node.base == "Counter64"):
            return f"{node.name} is a {node.base}, and no {claim.type}"
        return None

    def of_series(self, claim):
        if self.collectd.has(*claim):
            return None
        return f"nobody tells collectd {claim.place or '*'}/{claim.type}-{claim.instance or ''}"

    def of_variable(self, claim):
        node = self.mib.by_name.get(claim.notification)
        if not node or not 1 <= claim.number <= len(node.variables):
            return f"{claim.notification} has no variable {claim.number}"
        return None

    def of_worded(self, claim):
        node = self.mib.by_name.get(claim.notification)
        if not node or not 1 <= claim.variable <= len(node.variables):
            return f"{claim.notification} has no variable {claim.variable}"
        variable = self.mib.by_name[node.variables[claim.variable - 1]]
        if known.plain((self.mib.words_of(variable) or {}).get(claim.number, "")) != known.plain(claim.word):
            return f"{variable.name} has no {claim.word}({claim.number})"
        return None

    def of_option(self, claim):
        if re.search(rf"(?<![\w-]){re.escape(claim.option)}(?![\w-])", self.help_text):
            return None
        return f"mptcp-wan check has no option {claim.option}"

    def of_link(self, claim):
        return None if claim.anchor in self.anchors else f"doc/runbook.md has no section {claim.anchor}"

    @staticmethod
    def of_unlinked(claim):
        return f"the alert \"{claim.what}\" has no link to the runbook"

    # ---- a file, and all of them ----

    def stray_roots(self, path, text):
        if path.startswith("tests/"):
            return
        for found in NUMBERED.finditer(text):
            if found[0].startswith("ent") or not self.mib.root.endswith("." + found[1]):
                yield f"{path}: {found[0]}: another root than {self.mib.root}"

    def faults_of(self, path, text):
        """Of any file of the source: its roots; of a shipped one: all that it says."""
        faults = list(self.stray_roots(path, text))
        if not shipped(path):
            claims = [c for c in formats.everything(text) if isinstance(c, formats.Oid)]
            if path.startswith("tests/"):
                claims = [c for c in claims if c.oid.startswith(PLAYPEN + ".") and not self.mib.inside(c.oid)]
        else:
            reader = reader_of(path)
            if not reader:
                return [f"{path}: a new file; tests/shipped/check.py has no row for it"]
            try:
                own = list(reader(text))
            except Exception as error:  # whatever the format's own parser has to say
                return [f"{path}: cannot be read: {str(error)[:200]}"]
            if not own and reader in EACH_SAYS:
                faults.append(f"{path}: nothing of ours was found in it")
            faults += self.missing(path, reader, own)
            claims = own + list(formats.everything(text))
        for claim in claims:
            fault = getattr(self, "of_" + type(claim).__name__.lower())(claim)
            if fault:
                faults.append(f"{path}: {fault}")
        return list(dict.fromkeys(faults))

    def missing(self, path, reader, claims):
        """The objects that nobody asks for, though a file like this has to have all."""
        if reader not in COMPLETE or not any(isinstance(c, formats.Poll) for c in claims):
            return
        polled = {self.mib.find(c.oid)[0] for c in claims if isinstance(c, formats.Poll)}
        idle = {objects for objects, _ in COMPLETE[reader]}
        for node in (n for n in self.mib.readable if n not in polled):
            reasons = {o for o, _ in COMPLETE[reader] if any(fnmatch.fnmatch(node.name, p) for p in o.split())}
            idle -= reasons
            if not reasons:
                yield f"{path}: {node.name} is not asked for, and nothing says why"
        for objects in sorted(idle):
            yield f"{path}: it was said why {objects} is not asked for, and it is"


def differing(ours, theirs):
    theirs = {int(n): w for n, w in theirs.items()}
    wrong = {n: theirs.get(n) for n in sorted({*ours, *theirs})
             if known.plain(ours.get(n, "")) != known.plain(theirs.get(n) or "")}
    return ", ".join(f"{n} is {ours.get(n, 'none')}, not {w}" for n, w in wrong.items())


def main():
    top, mib_path, metrics_path, help_path = sys.argv[1:5]
    with open(help_path, encoding="utf-8") as file:
        help_text = file.read()
    texts = {p: t for p in listed(top) if (t := read(top, p)) is not None}
    check = Check(known.Mib(mib_path), known.Collectd(metrics_path), help_text, texts["doc/runbook.md"])
    for path, text in texts.items():
        if path.startswith("integrations/"):
            check.ours |= set(re.findall(r"(?:- alert:|^(?:final )?class) (\w+)", text, re.M))
    if sys.argv[5:] == ["mistakes"]:
        import mistakes
        faults = mistakes.unnoticed(check, texts)
    else:
        faults = [f for p, t in texts.items() for f in check.faults_of(p, t)]
    faults = list(faults)
    for fault in faults:
        print(fault)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
