# SPDX-License-Identifier: MIT
"""CPU time of a poll against the number of subflows, as SVG."""

WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 190, 40, 50
SERIES = (('poll_us', 'mptcp-wan: a whole poll', '#c2410c'),
          ('raw_us', 'the kernel\'s plain dump', '#475569'),
          ('ss_us', 'ss -tniM', '#0369a1'),
          ('script_us', 'ss, ip and awk', '#15803d'))


def step_of(most):
    """A round number, of which about five make the most."""
    step = 1
    while most / step > 6:
        step *= 2 if str(step)[0] in '15' else 2.5
    return int(step)


def place(x, y, most_x, most_y):
    return (LEFT + x / most_x * (WIDTH - LEFT - RIGHT),
            HEIGHT - BOTTOM - y / most_y * (HEIGHT - TOP - BOTTOM))


def text(x, y, words, anchor='start', more=''):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>{words}</text>'


def axes(most_x, most_y):
    parts = []
    step = step_of(most_y)
    for y in range(0, int(most_y) + 1, step):
        x0, at = place(0, y, most_x, most_y)
        x1, _ = place(most_x, y, most_x, most_y)
        parts.append(f'<path d="M{x0:.1f} {at:.1f}H{x1:.1f}" stroke="#e2e8f0"/>')
        parts.append(text(x0 - 8, at + 4, f'{y:,}', 'end'))
    step = step_of(most_x)
    for x in range(0, int(most_x) + 1, step):
        at, y0 = place(x, 0, most_x, most_y)
        parts.append(text(at, y0 + 20, f'{x:,}', 'middle'))
    middle, bottom = place(most_x / 2, 0, most_x, most_y)
    parts.append(text(middle, bottom + 40, 'live subflows', 'middle'))
    parts.append(text(LEFT, TOP - 16, 'CPU time, ms: median, and quartiles', more=' font-weight="bold"'))
    return parts


def series(name, title, colour, sizes, most_x, most_y):
    points = [(size['subflows'], size[name]) for size in sizes if name in size]
    if not points:
        return []
    parts, path = [], []
    for x, of in points:
        at, y = place(x, of['median'] / 1000, most_x, most_y)
        _, low = place(x, of['low'] / 1000, most_x, most_y)
        _, high = place(x, of['high'] / 1000, most_x, most_y)
        path.append(f'{at:.1f} {y:.1f}')
        parts.append(f'<path d="M{at:.1f} {low:.1f}V{high:.1f}" stroke="{colour}" stroke-width="5" '
                     'stroke-opacity="0.35"/>')
        parts.append(f'<circle cx="{at:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>')
    parts.insert(0, f'<path d="M{"L".join(path)}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
    parts.append(text(at + 10, y + 4, title, more=f' fill="{colour}"'))
    return parts


def plot(sizes):
    most_x = max([size['subflows'] for size in sizes], default=1)
    most_y = max([size[name]['high'] / 1000 for size in sizes for name, _, _ in SERIES
                  if name in size], default=1) * 1.05
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
             'font-family="sans-serif" font-size="12" fill="#1e293b">',
             f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>']
    parts += axes(most_x, most_y)
    for name, title, colour in SERIES:
        parts += series(name, title, colour, sizes, most_x, most_y)
    return '\n'.join(parts + ['</svg>', ''])
