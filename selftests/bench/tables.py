# SPDX-License-Identifier: GPL-2.0
"""Tables of a bench run, as reStructuredText, and what README.md has of them."""
from results import AGAIN, PLAIN

ARMS = ('plain', 'again', 'nohook', 'hook', 'wsp', 'tls', 'mptcp', 'framed')

# key, name, whether the ratio is one of speed
SOCKETS = (
    ('trip', '32-byte round trip', False),
    ('trip_p50', '- p50', False),
    ('trip_p99', '- p99', False),
    ('write_64k', '64 KiB write, speed', True),
    ('write_1', '1-byte write, speed', True),
    ('connection', 'whole connection', False),
    ('connection_p50', '- p50', False),
    ('socket', '- socket()', False),
    ('attach', '- TCP_ULP', None),
    ('connect', '- connect()', False),
    ('accept', '- accept()', False),
    ('close_client', '- close(), client', False),
    ('close_server', '- close(), server', False),
    ('send_32', '32-byte send()', False),
    ('recv_32', '32-byte recv()', False),
    ('farewell', 'last word', False),
    ('farewell_cmsg', '- by recvmsg()', False),
    ('farewell_call', '- its call', False),
    ('farewell_again', '- its call, again', False),
)
SHORT = ('trip', 'trip_p50', 'trip_p99', 'write_64k', 'write_1', 'connection', 'connection_p50',
         'attach', 'farewell', 'farewell_cmsg', 'farewell_call', 'farewell_again')

# run, metric, arm, base, limit, whether it is the least
TARGETS = (
    ('icount', 'trip', 'wsp', PLAIN, 1.01, False),
    ('icount', 'write_64k', 'wsp', PLAIN, 0.995, True),
    ('icount', 'connection', 'wsp', PLAIN, 1.05, False),
    ('icount', 'trip', 'hook', PLAIN, 1.005, False),
    ('icount', 'write_64k', 'hook', PLAIN, 0.995, True),
    ('icount', 'connection', 'hook', PLAIN, 1.005, False),
    ('icount', 'memory', 'wsp', PLAIN, 256, False),
    ('icount', 'echo@200', 'port', 'epoll', 1.15, False),
    ('icount', 'echo@1', 'blocking', 'epoll', 1.05, False),
    ('preload', 'close_file', 'attached', PLAIN, 1.02, False),
    ('servers', 'keep-alive', 'run', PLAIN, 0.99, True),
    ('servers', 'connection-per-request', 'run', PLAIN, 0.97, True),
    ('servers', 'redis', 'run', PLAIN, 0.99, True),
    ('servers', 'iperf3', 'run', PLAIN, 0.995, True),
)
NAMES = {key: name for key, name, _ in SOCKETS} | {
    'memory': 'bytes of memory',
    'echo@200': 'echo, 200 connections',
    'echo@1': 'echo, 1 connection',
    'close_file': 'close() of a file',
    'keep-alive': 'nginx, keep-alive',
    'connection-per-request': 'nginx, connection per request',
    'redis': 'redis, GET',
    'iperf3': 'iperf3',
}
SPEED = {key for key, _, speed in SOCKETS if speed}


NONE = '..'
# By the clock: more than this is no measurement.
NOISY = 0.2


def number(value, digits):
    # Not -0.
    return NONE if value is None else f'{round(value, digits) + 0.0:.{digits}f}'


def simple(head, rows):
    """A simple table; the first column is text, the others are figures."""
    # Not measured.
    rows = [head] + [row for row in rows if set(row[1:]) != {NONE}]
    if len(rows) == 1:
        return ''
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    rule = '  '.join('=' * w for w in widths)

    def line(row):
        cells = [row[0].ljust(widths[0])] + [c.rjust(w) for c, w in zip(row[1:], widths[1:])]
        return '  '.join(cells).rstrip()

    return '\n'.join([rule, line(head), rule] + [line(r) for r in rows[1:]] + [rule]) + '\n'


def figures(bench, run, keys, scale=1, digits=0):
    """Medians of the figures themselves."""
    rows = []
    for key, name, _ in SOCKETS:
        if key in keys:
            values = [bench.median(run, key, arm) for arm in ARMS]
            rows.append([name] + [number(v and v * scale, digits) for v in values])
    if bench.median(run, 'memory', PLAIN):
        rows.append([NAMES['memory']] +
                    [number(bench.median(run, 'memory', arm), 0) for arm in ARMS])
    return rows


def ratios(bench, run, keys, digits=4, most=1):
    """Against plain, and what is noise; with more than @most of that nothing else."""
    rows = []
    for key, name, speed in SOCKETS:
        if key not in keys or speed is None:
            continue
        values = [bench.ratio(run, key, arm, speed=speed) for arm in ARMS[1:]]
        noise = bench.noise(run, key)
        if noise is None:
            continue
        if noise > most:
            values = [None] * len(values)
        rows.append([name] + [number(v, digits) for v in values] + [number(noise, digits)])
    if bench.median(run, 'memory', PLAIN):
        values = [bench.extra(run, 'memory', arm, parts=2) for arm in ARMS[1:]]
        rows.append([NAMES['memory']] + [number(v, 0) for v in values] +
                    [number(abs(bench.extra(run, 'memory', AGAIN, parts=2)), 0)])
    return rows


def sockets(bench):
    keys = [key for key, *_ in SOCKETS]
    return (simple(['instructions', *ARMS], figures(bench, 'icount', keys)) + '\n' +
            simple(['against plain', *ARMS[1:], 'noise'], ratios(bench, 'icount', keys)))


def wall(bench):
    if 'wall' not in bench.runs:
        return ''
    rows = figures(bench, 'wall', SHORT, 1e-3, 2)
    values = [bench.median('wall', 'connection_p50', arm) for arm in ARMS]
    rows.append(['connections per second'] + [number(v and 1e9 / v, 0) for v in values])
    return ('By the clock:\n\n' + simple(['microseconds', *ARMS], rows) + '\n' +
            simple(['against plain', *ARMS[1:], 'noise'], ratios(bench, 'wall', SHORT, 3, NOISY)))


def targets(bench):
    rows = []
    for run, metric, arm, base, limit, least in TARGETS:
        digits = 0 if metric == 'memory' else 4
        if metric == 'memory':
            value = bench.extra(run, metric, arm, parts=2)
        else:
            value = bench.ratio(run, metric, arm, base, metric in SPEED)
        if value is None:
            continue
        met = 'yes' if (value >= limit if least else value <= limit) else 'no'
        rows.append([NAMES[metric], arm, number(limit, digits), number(value, digits), met])
    return simple(['target', 'arm', 'limit', 'figure', 'met'], rows)


SCALE = (('scale_message', 'send() and recv(), 32 bytes'),
         ('scale_first', 'the first on a connection'),
         ('scale_connection', 'another whole connection'),
         ('scale_open', 'opening these, each'),
         ('scale_memory', 'bytes of memory, each'))


def levels(bench, run, metric):
    """The numbers behind "metric@", in order."""
    keys = bench.runs.get(run, {}).get('results', {})
    return sorted(int(key.split('@')[1]) for key in keys if key.startswith(metric + '@'))


def scale(bench):
    counts = levels(bench, 'icount', 'scale_message')
    rows = []
    for key, name in SCALE:
        for arm in ('plain', 'wsp'):
            values = [bench.median('icount', f'{key}@{n}', arm) for n in counts]
            rows.append([f'{name}, {arm}'] + [number(v, 0) for v in values])
        for run in ('icount', 'wall'):
            if key == 'scale_memory' and run == 'wall':
                continue
            values = [bench.ratio(run, f'{key}@{n}', 'wsp') for n in counts]
            noise = [bench.noise(run, f'{key}@{n}') for n in counts]
            rows.append([f'- ratio{", time" * (run == "wall")} (noise)'] +
                        [NONE if v is None else f'{v:.3f} ({n:.3f})'
                         for v, n in zip(values, noise)])
    return simple(['open connections'] + [f'{n}' for n in counts], rows)


LINGER = (('linger_begin', 'until all have begun', 1e-3),
          ('linger_cpu', 'processor time until all are over', 1e-3),
          ('linger_elapsed', 'time until all are over', 1e-3),
          ('linger_memory', 'memory while they linger', 1 / 1024))


def linger(bench):
    rows = []
    for run, unit in (('icount', '1000 instructions'), ('wall', 'microseconds')):
        for key, name, factor in LINGER:
            if key == 'linger_memory' and run == 'wall':
                continue
            values = [bench.median(run, key, arm) for arm in ('plain', 'again', 'wsp')]
            ratio = bench.ratio(run, key, 'wsp')
            rows.append([f'{name}, {"KiB" if key == "linger_memory" else unit}'] +
                        [number(v and v * factor, 1) for v in values] +
                        [number(ratio, 3), number(bench.noise(run, key), 3)])
    return simple(['per connection', 'threads', 'again', 'wsp', 'ratio', 'noise'], rows)


ECHO = ('epoll', 'again', 'uring', 'calls', 'port', 'event', 'netevent', 'blocking')


def echo(bench):
    rows = []
    for run in ('icount', 'wall'):
        for n in levels(bench, run, 'echo'):
            for end in ('', '+wsp'):
                base = bench.median(run, f'echo@{n}', 'epoll' + end)
                values = [bench.ratio(run, f'echo@{n}', arm + end, 'epoll' + end) for arm in ECHO[1:]]
                rows.append([f'{n}{", attached" * bool(end)}{", time" * (run == "wall")}',
                             number(base and base / 1000, 1)] + [number(v, 3) for v in values])
    for n in levels(bench, 'icount', 'echo_sleeps'):
        values = [bench.median('icount', f'echo_sleeps@{n}', arm) for arm in ECHO]
        rows.append([f'{n}, times asleep'] + [number(v, 2) for v in values])
    return simple(['connections', *ECHO], rows)


SERVERS = ('keep-alive', 'connection-per-request', 'redis', 'iperf3')
PRELOAD = (('close_file', 'close() of a file'), ('preload_connection', 'a whole connection'),
           ('preload_server', '- its accept() and close()'))


def noise_between(bench, run, metric):
    """Noise; where there is no second plain arm, plain against itself a round later."""
    if bench.values(run, metric, AGAIN):
        return bench.noise(run, metric)
    values = bench.values(run, metric, PLAIN)
    steps = [abs(b / a - 1) for a, b in zip(values, values[1:])]
    return max(steps) if steps else None


def preload(bench):
    rows = []
    for key, name in PRELOAD:
        values = [bench.ratio('preload', key, arm) for arm in ('idle', 'attached', 'armed')]
        rows.append([name, number(bench.median('preload', key, PLAIN), 0)] +
                    [number(v, 3) for v in values] + [number(bench.noise('preload', key), 3)])
    out = simple(['instructions', 'plain', 'idle', 'attached', 'armed', 'noise'], rows)
    rows = []
    for key in SERVERS:
        values = [bench.ratio('servers', key, arm) for arm in ('run', 'armed')]
        rows.append([NAMES[key]] + [number(v, 4) for v in values] +
                    [number(noise_between(bench, 'servers', key), 4)])
    return out + '\n' + simple(['throughput', 'wsp-run', 'armed', 'noise'], rows)


def made_by(bench):
    """The commands, each with where and when."""
    when = {}
    for run in bench.made_by:
        about = run['about']
        text = f'{about["date"]}, Linux {about["kernel"]}, {about["machine"]}, commit {about["commit"]}'
        when.setdefault((about['command'], text), []).append(run['name'])
    return ''.join(f'``{command}``\n    {", ".join(names)}: {text}\n'
                   for (command, text), names in when.items())


def readme(bench):
    """The table of README.md."""
    rows = []
    for key, name in (('trip', '32-byte round trip'), ('write_64k', 'speed of 64 KiB writes'),
                      ('connection', 'connect, accept, close'), ('farewell', 'end, and the last word')):
        values = [bench.ratio('icount', key, arm, speed=key in SPEED)
                  for arm in ('wsp', 'tls', 'mptcp', 'framed', 'hook', 'again')]
        rows.append([name] + [number(v, 3) for v in values])
    rows.append(['bytes per end'] + [number(bench.extra('icount', 'memory', arm, parts=2), 0)
                                     for arm in ('wsp', 'tls', 'mptcp', 'framed', 'hook', 'again')])
    head = ['', 'attached', 'idle kTLS', 'MPTCP', 'framed messages',
            'plain, beside an attached listener', 'plain again']
    lines = ['| ' + ' | '.join(row) + ' |' for row in [head, ['---'] * len(head)] + rows]
    return '\n'.join(lines) + '\n'


PARTS = {'sockets': sockets, 'wall': wall, 'targets': targets, 'scale': scale, 'linger': linger,
         'echo': echo, 'preload': preload, 'made-by': made_by, 'readme': readme}
