# SPDX-License-Identifier: GPL-2.0
"""Plots of a bench run."""
import svg
import tables
from results import PLAIN


def notes(bench, run, what):
    about = bench.about(run)
    return [what, f'{about["command"]}, {about["date"]}, Linux {about["kernel"]}']


def ratio_rows(bench, run, key, arms, base=PLAIN, again='again'):
    """(name, ratio, quartiles) of each, the noise first."""
    rows = []
    for arm, name in ((again, 'the same once more'), *arms):
        value = bench.ratio(run, key, arm, base)
        if value is not None:
            rows.append((name, value, *bench.spread(run, key, arm, base)))
    return rows


def sockets(bench, path):
    arms = (('wsp', 'attached'), ('hook', 'beside an attached listener'), ('tls', 'idle kTLS'),
            ('mptcp', 'MPTCP'), ('framed', 'framed messages'))
    groups = [(name, ratio_rows(bench, 'icount', key, arms))
              for key, name in (('trip', '32-byte round trip'), ('write_64k', '64 KiB write'),
                                ('connection', 'connect, accept, close'))]
    svg.bars(path, 'Instructions against plain TCP', notes(
        bench, 'icount', '1 is plain TCP; less is better'), groups, lambda v: f'{v:.4f}', 1)


def farewell(bench, path):
    arms = (('plain', 'shutdown(), end of stream'), ('wsp', 'disconnect data'),
            ('framed', 'a framed message, shutdown()'), ('mptcp', 'MPTCP, shutdown()'))
    groups = []
    for run, head, scale in (('icount', 'thousand instructions', 1e-3),
                             ('wall', 'microseconds, emulated', 1e-3)):
        rows = []
        for arm, name in arms:
            value = bench.median(run, 'farewell', arm)
            if value is not None:
                rows.append((name, value * scale, None, None))
        if rows:
            groups.append((head, rows))
    svg.bars(path, 'From the call to the last word in the peer\'s hands', notes(
        bench, 'icount', '64 bytes, over loopback; less is better'), groups, lambda v: f'{v:.1f}')


def scale(bench, path):
    panels = []
    for key, head in (('scale_message', 'send() and recv() of 32 bytes, instructions'),
                      ('scale_connection', 'another connection, instructions'),
                      ('scale_memory', 'bytes of memory per connection')):
        counts = tables.levels(bench, 'icount', key)
        series = {name: [(n, bench.median('icount', f'{key}@{n}', arm)) for n in counts]
                  for arm, name in (('plain', 'plain'), ('wsp', 'attached'))}
        panels.append((head, series))
    svg.lines(path, 'With so many connections open', notes(
        bench, 'icount', 'both ends in one process'), panels, lambda v: f'{v:,.0f}')


def linger(bench, path):
    groups = []
    for key, head, scale_by in (
            ('linger_memory', 'memory per connection, KiB', 1 / 1024),
            ('linger_cpu', 'processor time per connection, 1000 instructions', 1e-3)):
        rows = []
        for arm, name in (('plain', 'close() in a thread each'),
                          ('wsp', 'WSP_LINGER_START, one thread')):
            value = bench.median('icount', key, arm)
            if value is not None:
                rows.append((name, value * scale_by, None, None))
        groups.append((head, rows))
    svg.bars(path, 'Closes that linger at the same time', notes(
        bench, 'icount', 'less is better'), groups, lambda v: f'{v:.1f}')


def echo(bench, path):
    arms = (('uring', 'io_uring'), ('calls', 'recv() and send()'), ('port', 'libwsp, completion port'),
            ('event', 'libwsp, overlapped, events'), ('netevent', 'libwsp, WSAEventSelect()'),
            ('blocking', 'libwsp, blocking'))
    groups = [(f'{n} connection{"s" * (n > 1)}', ratio_rows(bench, 'icount', f'echo@{n}', arms, 'epoll'))
              for n in tables.levels(bench, 'icount', 'echo')]
    svg.bars(path, 'A server\'s processor time per echo of 64 bytes, against epoll', notes(
        bench, 'icount', '1 is a plain epoll server; less is better'), groups, lambda v: f'{v:.3f}', 1)


# What each is made of; without that there is no plot.
NEEDS = {'sockets': 'trip', 'farewell': 'farewell', 'scale': 'scale_message@1',
         'linger': 'linger_cpu', 'echo': 'echo@1'}
PLOTS = {'sockets': sockets, 'farewell': farewell, 'scale': scale, 'linger': linger, 'echo': echo}


def draw_all(bench, folder, prefix):
    """All plots that there are figures for; their paths."""
    paths = []
    for name, draw in PLOTS.items():
        if bench.values('icount', NEEDS[name], PLAIN) or bench.values('icount', NEEDS[name], 'epoll'):
            paths.append(folder / f'{prefix}-{name}.svg')
            draw(bench, paths[-1])
    return paths
