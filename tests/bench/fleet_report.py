#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
fleet_report.py SRCDIR BUILDDIR [--accept]

What fleet.sh has noted, with what the shipped artefacts ask of each router, reckoned up to 10,000
routers; and with scale.sh's figures, if they are there, up to 1,000,000 subflows. Writes
BUILDDIR/fleet/fleet.json and table.md; with --accept, and only if nothing is missing, the tables go
between the marks of SRCDIR/doc/scale.md.
"""
import json
import os
import re
import sys

import yaml

from scale_report import lines_of, pairs, table, value

BEGIN, END = '<!-- From tests/bench/fleet.sh: begin -->\n', '<!-- From tests/bench/fleet.sh: end -->\n'
WANS = 6
FLEETS = (100, 1000, 10000)
COLLECTD_S, COLLECTD_SCRAPE_S, SNMP_SCRAPE_S = 10, 15, 30
BUDGET = 0.02		# of one core, for polls
REPETITIONS = 25	# of snmp_exporter's GETBULK: its default, which the module leaves alone


# ---- what the shipped artefacts ask of a router ----

def collectd_series(srcdir):
    with open(os.path.join(srcdir, 'doc/collectd.md'), encoding='utf-8') as doc:
        found = re.search(rf'^\| {WANS} \| (\d+) \| \d+ \|$', doc.read(), re.M)
    return int(found[1])


def snmp_series(srcdir):
    """Of snmp_exporter's module: scalars, and columns of the lines' table."""
    path = os.path.join(srcdir, 'integrations/snmp_exporter/mptcp-wan-0.23.yml')
    with open(path, encoding='utf-8') as file:
        metrics = yaml.safe_load(file)['modules']['mptcp_wan']['metrics']
    columns = sum('indexes' in metric for metric in metrics)
    scalars = len(metrics) - columns
    return {'scalars': scalars, 'columns': columns, 'series': scalars + columns * WANS}


def seconds(text, macros):
    text = macros.get(text, text)
    units = {'s': 1, 'm': 60, 'h': 3600, 'd': 86400}
    return int(text[:-1]) * units[text[-1]] if text[-1] in units else int(text)


def zabbix_items(srcdir):
    """Items, and values a second; a dependent one comes with each value of its master."""
    path = os.path.join(srcdir, 'integrations/zabbix/template_mptcp_wan_snmp.yaml')
    with open(path, encoding='utf-8') as file:
        template = yaml.safe_load(file)['zabbix_export']['templates'][0]
    macros = {macro['macro']: macro['value'] for macro in template['macros']}
    count = per_second = polled = 0

    def add(items, times):
        nonlocal count, per_second, polled
        delays = {item['key']: item.get('delay', '1m') for item in items}
        for item in items:
            kind = item.get('type', 'ZABBIX_PASSIVE')
            if kind == 'SNMP_TRAP':
                count += times
                continue
            delay = delays[item['key']]
            if kind == 'DEPENDENT':
                delay = delays.get(item['master_item']['key'], '1m')
            count += times
            per_second += times / seconds(delay, macros)
            polled += times / seconds(delay, macros) * (kind == 'SNMP_AGENT')

    add(template['items'], 1)
    for rule in template['discovery_rules']:
        # The rule of the graph finds one thing, the other one a thing each line.
        add(rule['item_prototypes'], 1 if 'side by side' in rule['name'] else WANS)
        per_second += 1 / seconds(rule['delay'], macros)
    return {'items': count, 'per_second': per_second, 'polled_per_second': polled}


# ---- what was measured ----

def slope(points):
    """Through the first and the last: what one more takes, and what none takes."""
    (x0, y0), (x1, y1) = points[0], points[-1]
    each = (y1 - y0) / (x1 - x0) if x1 != x0 else y1 / x1
    return {'each': each, 'none': y1 - each * x1}


def read_fleets(lines):
    fleets = [pairs(words) for words in lines]
    for fleet in fleets:
        fleet['values_per_second'] = fleet['series'] / COLLECTD_S
        fleet['central_cores'] = fleet['central_ns'] / fleet['ms'] / 1e6
        fleet['prometheus_cores'] = fleet['prometheus_ns'] / fleet['ms'] / 1e6
        fleet['kbps'] = fleet['line_octets'] * 8 / fleet['ms']
    return fleets


def read_all(srcdir, builddir):
    folder = os.path.join(builddir, 'fleet')
    told = {'wans': WANS, 'collectd_series': collectd_series(srcdir),
            'snmp_exporter': snmp_series(srcdir), 'zabbix': zabbix_items(srcdir)}
    million = {}
    for subflows, unit, number in lines_of(folder, 'million'):
        million.setdefault(int(subflows), {})[unit] = float(number)
    if million:
        told['in_memory'] = million
    for words in lines_of(folder, 'replay'):
        of = pairs(words)
        told['replay'] = {'polls': of['polls'], 'us_a_poll': (of['us'] - of['start_us']) / of['polls']}
    fleets = read_fleets(lines_of(folder, 'fleet'))
    if fleets:
        told['fleets'] = fleets
        told['slopes'] = {
            name: slope([(fleet[by], fleet[name]) for fleet in fleets])
            for name, by in (('central_cores', 'routers'), ('central_kib', 'series'),
                             ('prometheus_cores', 'series'), ('prometheus_kib', 'series'),
                             ('kbps', 'routers'), ('page', 'series'))}
    try:
        with open(os.path.join(builddir, 'scale/scale.json'), encoding='utf-8') as file:
            scale = json.load(file)
        told['sizes'] = [size for size in scale['sizes']['sizes'] if size['subflows'] >= 10000]
        told['idle_kib'] = scale['sizes']['idle']['rss_kib']
    except (FileNotFoundError, KeyError):
        pass
    return told


# ---- the tables ----

def of_subflows(told):
    rows = []
    for size in told['sizes']:
        rows.append((size['subflows'], size['poll_us']['median'] / 1e6,
                     size['agent']['rss_kib'] * 1.024e-3, 'measured'))
    last = told['sizes'][-1]
    each_s = last['poll_us']['median'] / last['subflows'] / 1e6
    octets = last['agent']['octets_a_subflow']
    # A larger table misses the caches more often: as the rows in memory have it.
    small, large = sorted(told['in_memory'])
    more_us = (told['in_memory'][large]['us'] / large - told['in_memory'][small]['us'] / small)
    for subflows in (250000, 500000, 1000000):
        seconds_ = subflows * (each_s + more_us / 1e6 * (subflows - small) / (large - small))
        rows.append((subflows, seconds_, told['idle_kib'] * 1.024e-3 + subflows * octets / 1e6,
                     'reckoned'))
    return table(['live subflows', 'CPU of a poll, s', 'an interval of which that is 2 %, s',
                  'memory, MB', ''],
                 [[f'{subflows:,}', value(cpu), value(cpu / BUDGET), value(memory), how]
                  for subflows, cpu, memory, how in rows])


def of_memory(told):
    return '\nThe same code on rows made in memory, without a kernel:\n\n' + table(
        ['live subflows', 'CPU of a poll, s', 'us a subflow', 'octets of heap each'],
        [[f'{subflows:,}', value(of['us'] / 1e6), value(of['us'] / subflows), value(of['octets'])]
         for subflows, of in sorted(told['in_memory'].items())])


def of_router(told):
    snmp, zabbix = told['snmp_exporter'], told['zabbix']
    return f'\nWhat a router of {WANS} lines tells:\n\n' + table(
        ['by', 'series or items', 'each', 'values/s'],
        [['collectd, plugin `network`', str(told['collectd_series']), f'{COLLECTD_S} s',
          value(told['collectd_series'] / COLLECTD_S)],
         ['Prometheus, through collectd', str(told['collectd_series']), f'{COLLECTD_SCRAPE_S} s',
          value(told['collectd_series'] / COLLECTD_SCRAPE_S)],
         ['Prometheus, through snmp_exporter', str(snmp['series']), f'{SNMP_SCRAPE_S} s',
          value(snmp['series'] / SNMP_SCRAPE_S)],
         ['Zabbix, the template', str(zabbix['items']), '1 min, 15 min',
          value(zabbix['per_second'])]])


def of_fleets(told):
    return ('\nSimulated fleets, by collectd\'s network plugin, encrypted, each 10 s; one central '
            'collectd, which a Prometheus scrapes each 15 s:\n\n' +
            table(['routers', 'series', 'on the wire, kbit/s', 'collectd, % of a core',
                   'collectd, MB', 'the page, MB', 'Prometheus, % of a core', 'Prometheus, MB'],
                  [[f'{fleet["routers"]:,}', f'{fleet["series"]:,}', value(fleet['kbps']),
                    value(fleet['central_cores'] * 100), value(fleet['central_kib'] * 1.024e-3),
                    value(fleet['page'] / 1e6), value(fleet['prometheus_cores'] * 100),
                    value(fleet['prometheus_kib'] * 1.024e-3)] for fleet in told['fleets']]))


def of_reckoning(told):
    slopes, rows = told['slopes'], []

    def at(name, count):
        return max(slopes[name]['none'], 0) + slopes[name]['each'] * count

    for routers in FLEETS:
        series = routers * told['collectd_series']
        rows.append([f'{routers:,}', f'{series:,}', value(series / COLLECTD_S),
                     value(at('kbps', routers) / 1000), value(at('central_cores', routers)),
                     value(at('central_kib', series) * 1.024e-6), value(at('page', series) / 1e6),
                     value(series / COLLECTD_SCRAPE_S), value(at('prometheus_cores', series)),
                     value(at('prometheus_kib', series) * 1.024e-6)])
    text = '\nReckoned from that, by what one router more takes:\n\n' + table(
        ['routers', 'series', 'collectd: values/s', 'Mbit/s', 'cores', 'GB', 'the page, MB',
         'Prometheus: samples/s', 'cores', 'GB'], rows)
    snmp, zabbix = told['snmp_exporter'], told['zabbix']
    trips = -(-snmp['series'] // REPETITIONS)
    text += '\nAsked by SNMP:\n\n' + table(
        ['routers', 'snmp_exporter: series', 'samples/s', 'requests/s', 'Zabbix: items', 'values/s',
         'of these asked by SNMP'],
        [[f'{routers:,}', f'{routers * snmp["series"]:,}',
          value(routers * snmp['series'] / SNMP_SCRAPE_S), value(routers * trips / SNMP_SCRAPE_S),
          f'{routers * zabbix["items"]:,}', value(routers * zabbix['per_second']),
          value(routers * zabbix['polled_per_second'])] for routers in FLEETS])
    return text


def page(told):
    text = ''
    if 'sizes' in told and 'in_memory' in told:
        text += of_subflows(told)
    if 'in_memory' in told:
        text += of_memory(told)
    if 'replay' in told:
        text += ('\nA capture of a router of six lines, replayed: '
                 f'{value(told["replay"]["us_a_poll"])} us a poll, without the kernel\'s part.\n')
    text += of_router(told)
    if 'fleets' in told:
        text += of_fleets(told) + of_reckoning(told)
    return text


def main():
    srcdir, builddir = sys.argv[1:3]
    told = read_all(srcdir, builddir)
    text = page(told)
    folder = os.path.join(builddir, 'fleet')
    for name, content in (('fleet.json', json.dumps(told, indent=1) + '\n'), ('table.md', text)):
        with open(os.path.join(folder, name), 'w', encoding='utf-8') as file:
            file.write(content)
    sys.stdout.write(''.join('# ' + line + '\n' for line in text.splitlines()))
    if '--accept' in sys.argv:
        missing = {'sizes', 'in_memory', 'replay', 'fleets'} - set(told)
        if missing:
            sys.exit('not accepted, since it was not measured: ' + ' '.join(sorted(missing)))
        path = os.path.join(srcdir, 'doc/scale.md')
        with open(path, encoding='utf-8') as file:
            before, rest = file.read().split(BEGIN)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(before + BEGIN + text + END + rest.split(END)[1])


if __name__ == '__main__':
    main()
