#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""runbook.py TOP CAUSES ALARM-WORDS [mistakes]: has doc/runbook.md what is needed at three in the
morning? A section for each cause (CAUSES: word and severity, a line each), found by any word that an
alarm has (ALARM-WORDS: a line each); it begins with how urgent it is, and says how to confirm and to
cure it. And no menu or option that OpenMPTCProuter does not have, here or in the advice of lib/. With
`mistakes`: would it say so?
"""
import glob
import os
import re
import sys

URGENCY = {"critical": "at once", "major": "today", "minor": "this week", "warning": "when there is time",
           "info": "no hurry"}
# Sections that are no cause: where an alert leads that has none.
ALERTS = {"line-alarm", "host-alarm", "mixed-states", "monitor-blind"}
OPEN = "**As severe as the alert says.** "
LINE = r"(?:wgwan\d|ovpnwan\d|wan\d|%s)"
UCI = re.compile(r"\b((?:network|openmptcprouter|omr-tracker|sqm)(?:\.[\w%-]+){2})")
UCI_COMMAND = re.compile(r"\buci (\w+)(?: ([^`;\s]+))?")
MENU = re.compile(r"(?=(\b(?:Network|System|Services|Status|Statistics) > [^`\n]*))")


def lead_of(severity):
    return f"**{severity.capitalize()}: {URGENCY[severity]}.** "


def sections_of(text):
    """Heading and text, without anchors."""
    for part in re.split(r"^## ", text, flags=re.M)[1:]:
        heading, _, body = part.partition("\n")
        yield heading, re.sub(r"^(<a id=\"[^\"]*\"></a>)+\n", "", re.split(r"^# ", body, flags=re.M)[0])


def faults_of_sections(text, severities, words):
    sections = list(sections_of(text))
    names = [s[0] for s in sections]
    for name in sorted({*severities, *ALERTS} - set(names)):
        yield f"{name} has no section"
    for name in sorted(n for n in names if n not in severities and n not in ALERTS or names.count(n) > 1):
        yield f"the section {name} is of nothing, or is there twice"
    anchors = set(names) | set(re.findall(r"<a id=\"([^\"]*)\">", text))
    for word in sorted(set(words) - anchors - {"none"}):
        yield f"an alarm says {word}, and nothing has that name"
    for name, body in sections:
        leads = [lead_of(severities[name])] if name in severities else [OPEN] + [lead_of(s) for s in URGENCY]
        if not body.startswith(tuple(leads)):
            yield f"{name} does not begin with {leads[0]}"
        for needed, pattern in (("how to confirm it", r"^- Confirm"), ("how to cure it", r"^- .*[Cc]ure"),
                                ("OpenMPTCProuter", r"\bOMR\b")):
            if not re.search(pattern, body, re.M) and not (needed == "OpenMPTCProuter" and name in ALERTS):
                yield f"{name} says nothing of {needed}"


def known_words(path):
    with open(path, encoding="utf-8") as file:
        lines = [re.split(r"\s*#", line)[0].strip() for line in file]
    return ({line[4:].strip() for line in lines if line.startswith("uci ")},
            {line[5:].strip() for line in lines if line.startswith("menu ")})


def faults_of_openmptcprouter(text, uci, menus):
    """Of a page, or of C, whose literals are joined."""
    text = re.sub(r'"\s*\n\s*"', "", text)
    for found in UCI.finditer(text):
        if re.sub(rf"\.{LINE}\.", ".LINE.", found[1]) not in uci:
            yield f"no option {found[1]}"
    for verb, what in UCI_COMMAND.findall(text):
        option = re.sub(rf"\.{LINE}(?=\.|$)", ".LINE", what.partition("=")[0])
        right = verb in ("set", "get", "show", "commit") and ("=" in what) == (verb == "set") and option in uci
        if what and not right:
            yield f"no command uci {verb} {what}"
    for found in MENU.finditer(text):
        path = re.sub(rf"> {LINE}(?!\w)", "> LINE", found[1])
        if not any(re.match(re.escape(m) + r"(?![\w>]| >)", path) for m in menus):
            yield f"no menu {found[1][:70]}"


def faults(page, advice, severities, words, uci, menus):
    yield from (f"doc/runbook.md: {f}" for f in faults_of_sections(page, severities, words))
    for path, text in [("doc/runbook.md", page), *advice.items()]:
        yield from (f"{path}: {f}" for f in faults_of_openmptcprouter(text, uci, menus))


MISTAKES = (
    (r"## blackhole\n", "## black-hole\n", "blackhole has no section"),
    (r"(## fallback\n\*\*)Major: today", r"\1Minor: this week", "fallback does not begin with"),
    (r"- Confirm: `ip -d link", "- See: `ip -d link", "link-down says nothing of how to confirm"),
    (r"(## subflow-limit\n(?s:.*?))- Cure, Linux: .*\n- Cure, OMR: .*\n", r"\1",
     "subflow-limit says nothing of how to cure"),
    (r'<a id="line-down"></a>', "", "an alarm says line-down"),
    (r"network\.globals\.mptcp_subflows", "network.globals.subflows", "no option network.globals.subflows"),
    (r"uci set network", "uci put network", "no command uci put"),
    (r"uci commit network", "uci commit networks", "no command uci commit networks"),
    (r"Network > MPTCP > Max subflows", "Network > MPTCP > Subflows", "no menu Network > MPTCP > Subflows"),
    (r"System > OpenMPTCProuter > Status", "System > Status", "no menu System > Status"),
)


def main():
    top, causes, alarm_words = sys.argv[1:4]
    with open(causes, encoding="utf-8") as file:
        severities = dict(line.split() for line in file)
    with open(alarm_words, encoding="utf-8") as file:
        words = file.read().split()
    with open(os.path.join(top, "doc/runbook.md"), encoding="utf-8") as file:
        page = file.read()
    advice = {}
    for path in sorted(glob.glob(os.path.join(top, "lib/diagnose*.c"))):
        with open(path, encoding="utf-8") as file:
            advice[os.path.relpath(path, top)] = file.read()
    known = known_words(os.path.join(top, "tests/shipped/openmptcprouter"))
    if sys.argv[4:] == ["mistakes"]:
        found = []
        for wrong, right, said in MISTAKES:
            broken = re.sub(wrong, right, page, count=1)
            if broken == page or not any(said in f for f in faults(broken, {}, severities, words, *known)):
                found.append(f"unnoticed: {right}")
    else:
        found = list(faults(page, advice, severities, words, *known))
    for fault in found:
        print(fault)
    sys.exit(1 if found or not advice else 0)


main()
