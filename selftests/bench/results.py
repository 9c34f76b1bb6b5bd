# SPDX-License-Identifier: GPL-2.0
"""Figures of a bench run: read, kept as JSON, and compared.

A run's file has lines "# key value" that say how it was made, and lines
"metric arm round figure". A ratio is taken within a round, so that what drifts
from round to round cancels; what is reported of many is the median.
"""
import json
import math
import re
import statistics

PLAIN, AGAIN = 'plain', 'again'


def read_raw(name, path):
    """One run: what its file says."""
    run = {'name': name, 'about': {}, 'results': {}}
    with open(path, encoding='utf-8') as lines:
        for line in lines:
            words = line.split()
            if line.startswith('# '):
                run['about'][words[1]] = ' '.join(words[2:])
            elif words:
                read_line(run['results'], words)
    return run


def read_line(results, words):
    """One figure. The two programs for preloading have lines of their own."""
    if len(words) == 4 and not is_number(words[1]):
        add(results, words[0], words[1], float(words[3]))
    elif len(words) == 4:
        for metric, value in zip(('close_file', 'preload_connection', 'preload_server'), words[1:]):
            add(results, metric, words[0], float(value))
    elif len(words) == 3:
        # Rounds of a server are numbered.
        add(results, re.sub(r'-\d+$', '', words[1]), words[0], float(words[2]))
    else:
        raise ValueError(f'what is this: {" ".join(words)}')


def is_number(word):
    try:
        return math.isfinite(float(word))
    except ValueError:
        return False


def add(results, metric, arm, value):
    if not math.isfinite(value):
        raise ValueError(f'{metric} of {arm} is {value}')
    results.setdefault(metric, {}).setdefault(arm, []).append(value)


def save(runs, path):
    """A line per metric and arm, so that a new run's diff can be read."""
    with open(path, 'w', encoding='utf-8') as out:
        out.write('[')
        for i, run in enumerate(runs):
            about = json.dumps(run['about'], ensure_ascii=False)
            out.write(',\n' * (i > 0) + f'{{"name": "{run["name"]}", "about": {about},\n"results": {{')
            metrics = run['results'].items()
            out.write(','.join(f'\n"{metric}": {{' + ','.join(
                f'\n "{arm}": {json.dumps(values)}' for arm, values in arms.items()) + '}'
                for metric, arms in metrics))
            out.write('}}')
        out.write(']\n')


class Bench:
    """All runs of one kernel."""

    def __init__(self, runs):
        self.made_by = runs
        self.runs = {}
        for run in runs:
            # icount-sockets and icount-scale are measured by the same ruler.
            ruler = run['name'].split('-')[0]
            merged = self.runs.setdefault(ruler, {'about': run['about'], 'results': {}})
            merged['results'].update(run['results'])

    @classmethod
    def load(cls, path):
        with open(path, encoding='utf-8') as f:
            return cls(json.load(f))

    def about(self, run):
        return self.runs[run]['about']

    def values(self, run, metric, arm):
        return self.runs.get(run, {}).get('results', {}).get(metric, {}).get(arm, [])

    def median(self, run, metric, arm):
        values = self.values(run, metric, arm)
        return statistics.median(values) if values else None

    def ratios(self, run, metric, arm, base=PLAIN, speed=False):
        pairs = zip(self.values(run, metric, arm), self.values(run, metric, base))
        return [b / a if speed else a / b for a, b in pairs]

    def ratio(self, run, metric, arm, base=PLAIN, speed=False):
        ratios = self.ratios(run, metric, arm, base, speed)
        return statistics.median(ratios) if ratios else None

    def extra(self, run, metric, arm, base=PLAIN, parts=1):
        """What @arm has more, in each of @parts."""
        pairs = zip(self.values(run, metric, arm), self.values(run, metric, base))
        more = [(a - b) / parts for a, b in pairs]
        return statistics.median(more) if more else None

    def spread(self, run, metric, arm, base=PLAIN):
        """The quartiles of an arm's ratios."""
        ratios = self.ratios(run, metric, arm, base)
        if not ratios:
            return None
        return quantile(ratios, 0.25), quantile(ratios, 0.75)

    def noise(self, run, metric, base=PLAIN, again=AGAIN):
        """How far from 1 the same thing once more comes to be: three quarters of it."""
        ratios = self.ratios(run, metric, again, base)
        return quantile([abs(r - 1) for r in ratios], 0.75) if ratios else None


def quantile(values, q):
    """The value below which @q of them are, between two where it falls there."""
    ordered = sorted(values)
    at = q * (len(ordered) - 1)
    low = int(at)
    if low + 1 == len(ordered):
        return ordered[low]
    return ordered[low] + (at - low) * (ordered[low + 1] - ordered[low])
