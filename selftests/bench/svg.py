# SPDX-License-Identifier: GPL-2.0
"""Plots as SVG: bars and lines, to be read on a light page and on a dark one."""
import math
from html import escape

WIDTH = 760
LABEL = 200
ROW = 18
COLOURS = ('#4477aa', '#cc6677', '#ddaa33', '#228833', '#aa3377', '#66ccee', '#999933', '#bb5500')

# A grey that can be read on white and on black alike, whatever the page is.
STYLE = '''<style>
text { font: 12px sans-serif; fill: #6e7781 }
.head { font-weight: bold; font-size: 14px }
.small { font-size: 11px }
.line, .err { stroke: #6e7781; stroke-width: 1; fill: none }
.grid { stroke: #6e7781; stroke-width: 1; opacity: .3 }
</style>'''


class Drawing:
    """A growing picture: text from top to bottom."""

    def __init__(self, title, notes):
        self.parts = []
        self.y = 8
        self.text(0, title, 'head')
        for note in notes:
            self.text(0, note, 'small')
        self.y += 6

    def text(self, x, text, cls='', anchor='start', y=None):
        if y is None:
            self.y += ROW
            y = self.y - 5
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" class="{cls}" text-anchor="{anchor}">'
                          f'{escape(text)}</text>')

    def bar(self, x, width, y, colour):
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 1):.1f}" '
                          f'height="{ROW - 5}" fill="{colour}"/>')

    def line(self, points, cls='line', colour=None):
        path = ' '.join(f'{x:.1f},{y:.1f}' for x, y in points)
        style = f' style="stroke:{colour};stroke-width:2"' if colour else ''
        self.parts.append(f'<polyline points="{path}" class="{cls}"{style} fill="none"/>')

    def dot(self, x, y, colour):
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>')

    def save(self, path):
        height = self.y + 10
        with open(path, 'w', encoding='utf-8') as out:
            out.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
                      f'width="{WIDTH}" height="{height}" role="img">\n'
                      '<!-- SPDX-License-Identifier: GPL-2.0, made by selftests/bench/report -->\n'
                      + STYLE + '\n' + '\n'.join(self.parts) + '\n</svg>\n')


def palette(groups):
    """A colour for each name, in the order in which they come."""
    names = list(dict.fromkeys(name for _, bars in groups for name, *_ in bars))
    return {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(names)}


def reach(rows):
    """Where the longest bar, or its range, ends."""
    return max(max(value, high or 0) for _, value, _, high in rows)


def bars(path, title, notes, groups, form, base=None):
    """Groups (heading, [(name, value, low, high)]) of horizontal bars from 0 on.

    @form makes text of a value; low and high, if not None, are drawn as a range.
    With @base all groups are of one scale, and a line marks that value.
    """
    groups = [(head, rows) for head, rows in groups if rows]
    picture = Drawing(title, notes)
    colours = palette(groups)
    for head, rows in groups:
        most = max(reach(r) for _, r in groups) if base else reach(rows)
        scale = (WIDTH - LABEL - 90) / most
        picture.text(0, head)
        top = picture.y
        for name, value, low, high in rows:
            y = picture.y
            picture.text(LABEL - 8, name, 'small', 'end')
            picture.bar(LABEL, value * scale, y, colours[name])
            if low is not None:
                mid = y + (ROW - 5) / 2
                picture.line([(LABEL + low * scale, mid), (LABEL + high * scale, mid)], 'err')
            end = max(value, high or 0) * scale
            picture.text(LABEL + end + 6, form(value), 'small', y=y + ROW - 7)
        if base:
            x = LABEL + base * scale
            picture.line([(x, top - 3), (x, picture.y)], 'line')
        picture.y += 6
    picture.save(path)


def lines(path, title, notes, panels, form):
    """Panels (heading, {name: [(x, y)]}), x on a logarithmic scale, y from 0 on."""
    panels = [(head, series) for head, series in panels if any(series.values())]
    picture = Drawing(title, notes)
    height, left, right = 130, 80, WIDTH - 130
    colours = palette([(head, [(n,) for n in series]) for head, series in panels])
    for head, series in panels:
        picture.text(0, head)
        top = picture.y + 6
        base = top + height
        xs = sorted({x for points in series.values() for x, _ in points})
        most = 1.1 * max(y for points in series.values() for _, y in points)
        span = math.log(xs[-1] / xs[0]) or 1
        at_x = {x: left + (right - left) * math.log(x / xs[0]) / span for x in xs}
        for part in (0, 0.5, 1):
            y = base - height * part / 1.1
            picture.line([(left, y), (right, y)], 'grid')
            picture.text(left - 8, form(most / 1.1 * part), 'small', 'end', y + 4)
        for x in xs:
            picture.text(at_x[x], f'{x:,}', 'small', 'middle', base + 15)
        last = top - 14
        for name, points in sorted(series.items(), key=lambda kv: -kv[1][-1][1]):
            drawn = [(at_x[x], base - height * y / most) for x, y in points]
            picture.line(drawn, 'line', colours[name])
            for x, y in drawn:
                picture.dot(x, y, colours[name])
            # Names beside the ends, one below the other.
            last = max(drawn[-1][1] + 4, last + 14)
            picture.text(right + 22, name, 'small', y=last)
            picture.dot(right + 14, last - 4, colours[name])
        picture.y = base + 26
    picture.save(path)
