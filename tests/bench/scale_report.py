#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
scale_report.py FOLDER [--accept DOC]

What scale.sh has noted in FOLDER/notes, as medians and ratios: FOLDER/scale.json, FOLDER/table.md and
FOLDER/scale.svg. With --accept, and only if nothing is missing, the table goes between the marks of
DOC/performance.md, and the picture beside it.
"""
import json
import os
import platform
import statistics
import sys

from scale_plot import plot

BEGIN, END = '<!-- From tests/bench/scale.sh: begin -->\n', '<!-- From tests/bench/scale.sh: end -->\n'
CASES = ('sizes', 'plain', 'churn', 'snmp', 'handler', 'traffic')


# ---- reading notes ----

def lines_of(folder, case):
    try:
        with open(os.path.join(folder, 'notes', case), encoding='ascii') as notes:
            return [line.split() for line in notes if not line.startswith('run ')]
    except FileNotFoundError:
        return []


def run_of(folder, case):
    """When the run began that a case was noted by; None: it does not say."""
    try:
        with open(os.path.join(folder, 'notes', case), encoding='ascii') as notes:
            words = notes.readline().split()
    except FileNotFoundError:
        return None
    return words[1] if words[:1] == ['run'] else None


def number(word):
    try:
        return float(word) if '.' in word else int(word)
    except ValueError:
        return word


def pairs(words):
    """key value key value ..."""
    return {key: number(value) for key, value in zip(words[::2], words[1::2])}


def spread(values):
    """Median and quartiles."""
    if len(values) < 2:
        return {'median': values[0], 'low': values[0], 'high': values[0], 'count': len(values)}
    low, median, high = statistics.quantiles(values, n=4, method='inclusive')
    return {'median': median, 'low': low, 'high': high, 'count': len(values)}


def ratio(above, below):
    """Of each turn's two: what disturbs a turn disturbs both."""
    return spread([a / b for a, b in zip(above, below)])


def turns(lines):
    return {words[0]: [float(word) for word in words[1:]] for words in lines
            if words[0] in ('poll', 'raw', 'ss', 'script')}


def told_by_turns(times):
    told = {name + '_us': spread(values) for name, values in times.items()}
    for name in times:
        if name != 'poll':
            told['poll_to_' + name] = ratio(times['poll'], times[name])
    return told


def read_sizes(lines):
    sizes, told = [], {'binaries': {}}
    for words in lines:
        if words[0] == 'stripped':
            told['binaries'][words[1]] = int(words[2])
        elif words[0] == 'idle':
            told.setdefault('idle', {}).update(pairs(words[1:]))
        elif words[0].startswith('agent'):
            sizes.append((pairs(words[1:]), []))
        elif sizes:
            sizes[-1][1].append(words)
    idle = told.get('idle', {}).get('rss_kib', 0)
    told['sizes'] = []
    for agent, rest in sizes:
        agent['octets_a_subflow'] = (agent['rss_kib'] - idle) * 1024 / agent['subflows']
        times = turns(rest)
        if times:
            told['sizes'].append({'subflows': agent['subflows'], 'agent': agent,
                                  **told_by_turns(times)})
    return told


def read_plain(lines):
    sockets = [int(words[1]) for words in lines if words[0] == 'sockets']
    return {'sockets': sockets[0] if sockets else 0, **told_by_turns(turns(lines))}


def read_churn(lines):
    windows, idle, share = [], {}, {}
    for words in lines:
        if words[0] == 'share':
            share[words[1]] = dict(pairs(words[3:]), wanted=int(words[2]))
        elif words[0] == 'idle':
            idle[words[1]] = pairs(words[2:])
        elif words[1] == 'load':
            load = pairs(words[2:])
            for window in windows:
                if window['wanted'] == int(words[0]):
                    window['connections'] = load['connections']
                    window['per_second'] = load['connections'] * 1000 / load['ms']
        else:
            window = pairs(words[2:])
            quiet = idle[words[1]]['cpu_ns'] / idle[words[1]]['seconds'] * window['seconds']
            window.update(wanted=int(words[0]), by=words[1],
                          us_an_ending=(window['cpu_ns'] - quiet) / 1e3 / window['closed'])
            windows.append(window)
    return {'windows': windows, 'kernel': read_share(share)}


def read_share(windows):
    """What the kernel takes for an ending, of one end: see share_window() of scale_churn.sh."""
    if set(windows) != {'near', 'elsewhere', 'nobody'}:
        return {}
    near = windows['near']
    us = {(name, what): window[what] * 1e6 / window['hz'] / window['endings']
          for name, window in windows.items() for what in ('netlink', 'bpf')}
    others = us['nobody', 'bpf']
    far = (us['elsewhere', 'bpf'] - others) / 2
    return {'wanted': near['wanted'], 'samples': near['samples'], 'endings': near['endings'],
            'netlink_us': us['near', 'netlink'] - us['nobody', 'netlink'],
            'bpf_others_us': others, 'bpf_far_us': far,
            'bpf_us': us['near', 'bpf'] - others - far}


def read_snmp(lines):
    told = {}
    for words in lines:
        if words[0] == 'host':
            told['host'] = pairs(words[1:])
            continue
        # NAME COUNT median US p99 US, of several; then "objects COUNT".
        told['bulk_' + words[1]] = {
            words[at]: pairs(['count'] + words[at + 1:at + 6]) for at in range(2, len(words) - 2, 6)}
        told['bulk_' + words[1]]['objects'] = int(words[-1])
    return told


def read_handler(lines):
    for words in lines:
        ours, everything = int(words[2]), int(words[4])
        return {'instructions': ours, 'of': everything, 'share': ours / everything}
    return {}


def read_traffic(lines):
    told = {'round_trips': {'with': [], 'without': []}, 'bulk': {'with': [], 'without': []}}
    for words in lines:
        told[words[0]][words[1]].append([float(word) for word in words[2:]])
    trips, bulk = told['round_trips'], told['bulk']
    result = {}
    if trips['with']:
        result['pairs'] = len(trips['with'])
        for column, name in ((1, 'median_us'), (2, 'p99_us'), (3, 'p999_us')):
            with_, without = ([row[column] for row in trips[way]] for way in ('with', 'without'))
            result[name] = {'with': spread(with_), 'without': spread(without),
                            'ratio': ratio(with_, without)}
    if bulk['with']:
        result['bulk_kbps'] = {way: spread([row[0] for row in bulk[way]]) for way in bulk}
    return result


def machine(folder):
    model = ''
    with open('/proc/cpuinfo', encoding='utf-8', errors='replace') as info:
        for line in info:
            if line.startswith('model name'):
                model = line.split(':', 1)[1].strip()
                break
    return {'kernel': platform.release(), 'machine': platform.machine(), 'model': model,
            'cores': os.cpu_count(), 'load': float(lines_of(folder, 'load')[0][0])}


def read_all(folder):
    readers = (read_sizes, read_plain, read_churn, read_snmp, read_handler, read_traffic)
    told = {'machine': machine(folder),
            'runs': {case: run_of(folder, case) for case in CASES if run_of(folder, case)}}
    for case, reader in zip(CASES, readers):
        lines = lines_of(folder, case)
        if lines:
            told[case] = reader(lines)
    return told


# ---- bounds ----

def bounds(told):
    """(figure, what, bound, measured, unit), of what was measured; every bound is an upper one."""
    rows = []

    def row(figure, what, bound, measured, unit=''):
        rows.append({'figure': figure, 'what': what, 'bound': bound, 'measured': measured,
                     'unit': unit, 'met': measured <= bound})

    sizes = {size['subflows'] // 1000: size for size in told.get('sizes', {}).get('sizes', [])}
    for k in (10, 50, 100):
        if k in sizes:
            row(1, f'whole poll to the plain dump, {k},000 subflows', 1.25,
                sizes[k]['poll_to_raw']['median'])
    if 50 in sizes and 'poll_to_ss' in sizes[50]:
        row(2, 'whole poll to `ss -tniM`, 50,000 subflows', 0.2, sizes[50]['poll_to_ss']['median'])
        row(2, 'whole poll to the script, 50,000 subflows', 0.1,
            sizes[50]['poll_to_script']['median'])
    if 'poll_to_raw' in told.get('plain', {}):
        row(3, f'whole poll to the plain dump, {told["plain"]["sockets"]:,} sockets with 1,002 '
            'subflows among them', 0.15, told['plain']['poll_to_raw']['median'])
    for window in told.get('churn', {}).get('windows', []):
        if window['wanted'] == 1000:
            by = 'BPF' if window['by'] == 'exact' else 'netlink'
            row(4, f'events lost at 1,000 connections/s, by {by}', 0, window['lost'])
            row(4, f'CPU an ending, by {by}', 1.5 if by == 'BPF' else 2.5,
                window['us_an_ending'], 'us')
        elif window['wanted'] == 3000 and window['by'] == 'exact':
            row(4, f'events lost at {window["per_second"]:,.0f} connections/s, by BPF (the load was '
                'to make 3,000)', 0, window['lost'])
    share = told.get('churn', {}).get('kernel')
    if share:
        row(4, 'the kernel\'s share by BPF to that by netlink', 0.5,
            share['bpf_us'] / share['netlink_us'])
    if 'idle' in told.get('sizes', {}):
        row(5, 'anonymous memory, idle', 3, told['sizes']['idle']['rss_kib'] * 1.024e-3, 'MB')
        for k in (50, 100):
            if k in sizes:
                row(5, f'memory a live subflow above that, {k},000', 160,
                    sizes[k]['agent']['octets_a_subflow'], 'octets')
        if 100 in sizes:
            row(5, 'anonymous memory, 100,000 subflows', 24,
                sizes[100]['agent']['rss_kib'] * 1.024e-3, 'MB')
        for name, most in (('mptcp-wan-agent', 200), ('mptcp.so', 160)):
            if name in told['sizes']['binaries']:
                row(5, f'{name}, stripped', most, told['sizes']['binaries'][name] / 1000, 'kB')
    if 'bulk_10' in told.get('snmp', {}):
        row(6, 'SNMP GET, 99th percentile', 5.0, told['snmp']['bulk_10']['gets']['p99'] / 1000, 'ms')
        row(6, 'SNMP walk of everything by GETBULK, median', 100.0,
            told['snmp']['bulk_10']['walks']['median'] / 1000, 'ms')
    if told.get('handler'):
        row(6, 'our handler, of the subagent\'s instructions', 0.05, told['handler']['share'])
    if 10 in sizes and 100 in sizes:
        row(7, 'time a subflow, of 100,000 to of 10,000', 1.2,
            sizes[100]['poll_us']['median'] / sizes[100]['subflows'] /
            (sizes[10]['poll_us']['median'] / sizes[10]['subflows']))
    if 'p99_us' in told.get('traffic', {}):
        row(7, 'round trips of others on one core, 99th percentile, with polls to without', 1.2,
            told['traffic']['p99_us']['ratio']['median'])
    return rows


# ---- the tables ----

def table(head, rows):
    lines = ['| ' + ' | '.join(head) + ' |', '|' + '---|' * len(head)]
    lines += ['| ' + ' | '.join(row) + ' |' for row in rows]
    return '\n'.join(lines) + '\n'


def value(number_):
    """Three figures that mean something."""
    if isinstance(number_, int) or number_ >= 100:
        return f'{number_:,.0f}'
    return f'{number_:.1f}' if number_ >= 10 else f'{number_:.2f}'


def ms(of):
    return f'{value(of["median"] / 1000)} ({value(of["low"] / 1000)} to {value(of["high"] / 1000)})'


def plain_number(of):
    return f'{value(of["median"])} ({value(of["low"])} to {value(of["high"])})'


def summary(rows):
    return table(['figure', 'what', 'at most', 'measured', ''], [
        [str(row['figure']), row['what'], f'{row["bound"]:g} {row["unit"]}'.strip(),
         value(row['measured']), 'met' if row['met'] else '**missed**'] for row in rows])


def of_sizes(told):
    rows = [[f'{size["subflows"]:,}', ms(size['poll_us']), ms(size['raw_us']),
             plain_number(size['poll_to_raw']),
             value(size['poll_us']['median'] / size['subflows']),
             value(size['agent']['poll_us'] / 1000), value(size['agent']['rss_kib'] * 1.024e-3),
             value(size['agent']['octets_a_subflow'])] for size in told['sizes']]
    return table(['live subflows', 'whole poll, ms', 'plain dump, ms', 'ratio', 'us a subflow',
                  'the agent, ms a poll', 'its memory, MB', 'octets a subflow'], rows)


def of_others(told):
    rows = [[f'{size["subflows"]:,}', ms(size['poll_us']), ms(size['ss_us']),
             plain_number(size['poll_to_ss']), ms(size['script_us']),
             plain_number(size['poll_to_script'])]
            for size in told['sizes'] if 'ss_us' in size]
    return '\nBeside what else there is:\n\n' + table(
        ['live subflows', 'whole poll, ms', '`ss -tniM`, ms', 'a poll to it',
         '`ss`, `ip` and awk, ms', 'a poll to it'], rows)


def of_plain(told):
    return (f'\n{told["sockets"]:,} TCP sockets, of which 1,002 are subflows:\n\n' +
            table(['', 'CPU, ms', 'a whole poll to it'],
                  [['whole poll', ms(told['poll_us']), ''],
                   ['the plain dump', ms(told['raw_us']), plain_number(told['poll_to_raw'])]]))


def of_churn(told):
    rows = [[str(window['wanted']), value(window['per_second']),
             'BPF' if window['by'] == 'exact' else 'netlink', f'{window["closed"]:,}',
             f'{window["lost"]:,}', f'{window["truncated"]:,}',
             str(window['accounting']).replace(',', ', '), value(window['us_an_ending'])]
            for window in told['windows']]
    text = '\nChurn, six subflows a connection, two agents at once:\n\n' + table(
        ['connections/s', 'made', 'counted by', 'endings', 'losses noticed', 'truncated',
         'accounting', 'CPU an ending, us'], rows)
    share = told['kernel']
    if share:
        text += (f'\nIn the kernel, at {share["wanted"]:,} connections/s, for each ending: '
                 f'{value(share["bpf_us"])} us by our BPF program, '
                 f'{value(share["netlink_us"])} us by netlink (samples of the kernel\'s stacks; of '
                 'netlink without what it takes to wake a worker). That is of the end that is '
                 'watched: the program is also asked about each socket of the far end, which here '
                 f'is on the same machine, and leaves it at once, {value(share["bpf_far_us"])} us '
                 'an ending.\n')
    return text


def of_snmp(told, handler):
    text = '\n'
    for repetitions in (10, 50):
        of = told.get(f'bulk_{repetitions}')
        if of:
            text += (f'- SNMP, 8 WANs, {told["host"]["subflows"]:,} subflows that churn, '
                     f'{repetitions} repetitions: {of["gets"]["count"]:,} GETs, median '
                     f'{value(of["gets"]["median"] / 1000)} ms, 99th percentile '
                     f'{value(of["gets"]["p99"] / 1000)} ms; {of["walks"]["count"]} walks of '
                     f'{of["objects"]} objects, median {value(of["walks"]["median"] / 1000)} ms, '
                     f'99th percentile {value(of["walks"]["p99"] / 1000)} ms.\n')
        if of and 'uptimes' in of:
            text += ('  In the same run, median and 99th percentile, ms: '
                     + '; '.join(f'{name} {value(of[key]["median"] / 1000)} and '
                                 f'{value(of[key]["p99"] / 1000)}'
                                 for key, name in (
                                     ('uptimes', 'GETs of sysUpTime, which snmpd knows by itself,'),
                                     ('gets_on_core', 'our GETs without what the three programs '
                                                      'waited for a core'),
                                     ('uptimes_on_core', 'sysUpTime likewise')))
                     + '.\n')
    if handler:
        text += (f'- Our handler, with all that it calls, is {handler["share"] * 100:.1f} % of the '
                 f'instructions of the subagent\'s thread ({handler["of"]:,}).\n')
    return text


def of_traffic(told):
    text = ''
    if 'p99_us' in told:
        rows = [[title, plain_number(told[name]['without']), plain_number(told[name]['with']),
                 plain_number(told[name]['ratio'])]
                for name, title in (('median_us', 'median'), ('p99_us', '99th percentile'),
                                    ('p999_us', '99.9th percentile'))]
        text += (f'\nRound trips of plain TCP on one core, in us, {told["pairs"]} pairs:\n\n' +
                 table(['', 'without polls', 'with polls each second', 'ratio'], rows))
    if 'bulk_kbps' in told:
        text += '\nA bulk transfer over the bond, Gbit/s: ' + '; '.join(
            '{} polls {:.1f} ({:.1f} to {:.1f}, {} runs)'.format(
                way, of['median'] / 1e6, of['low'] / 1e6, of['high'] / 1e6, of['count'])
            for way, of in told['bulk_kbps'].items()) + '.\n'
    return text


def page(told):
    of = told['machine']
    text = (f'Linux {of["kernel"]}, {of["cores"]} cores, {of["model"] or of["machine"]}; load of the '
            f'machine when it began: {of["load"]:g}.\n\n')
    if len(set(told['runs'].values())) > 1:
        text += 'Of several runs: ' + ', '.join(
            f'{case} {began}' for case, began in told['runs'].items()) + '.\n\n'
    text += summary(told['bounds']) + '\n'
    if told.get('sizes', {}).get('sizes'):
        text += of_sizes(told['sizes'])
        text += '\n![CPU time of a poll, against the number of subflows](performance.svg)\n'
        text += of_others(told['sizes'])
    if 'poll_us' in told.get('plain', {}):
        text += of_plain(told['plain'])
    if told.get('churn', {}).get('windows'):
        text += of_churn(told['churn'])
    if 'snmp' in told:
        text += of_snmp(told['snmp'], told.get('handler'))
    if 'traffic' in told:
        text += of_traffic(told['traffic'])
    return text


def accept(doc, text, picture):
    path = os.path.join(doc, 'performance.md')
    with open(path, encoding='utf-8') as file:
        before, rest = file.read().split(BEGIN)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(before + BEGIN + text + END + rest.split(END)[1])
    with open(os.path.join(doc, 'performance.svg'), 'w', encoding='utf-8') as file:
        file.write(picture)


def main():
    folder = sys.argv[1]
    told = read_all(folder)
    told['bounds'] = bounds(told)
    text, picture = page(told), plot(told.get('sizes', {}).get('sizes', []))
    for name, content in (('scale.json', json.dumps(told, indent=1) + '\n'), ('table.md', text),
                          ('scale.svg', picture)):
        with open(os.path.join(folder, name), 'w', encoding='utf-8') as file:
            file.write(content)
    sys.stdout.write(''.join('# ' + line + '\n' for line in text.splitlines()))
    if '--accept' in sys.argv:
        missing = [case for case in CASES if case not in told]
        if missing:
            sys.exit('not accepted, since it was not measured: ' + ' '.join(missing))
        accept(sys.argv[sys.argv.index('--accept') + 1], text, picture)


if __name__ == '__main__':
    main()
