#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What becomes of figures: medians, ratios within a round, tables, documents. KTAP."""
import pathlib
import subprocess
import sys
import tempfile
import xml.dom.minidom

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
sys.path.insert(0, str(HERE))

import plots  # noqa: E402
import results  # noqa: E402
import tables  # noqa: E402

# A machine that gets slower and slower: ratios are 1.1 and 2, medians' are not.
DRIFT = '''# command make bench
# date 2026-11-21
# commit 0123abc
# kernel 6.12.0
# machine qemu
trip plain 0 100
trip again 0 101
trip wsp 0 110
trip plain 1 1000
trip again 1 1000
trip wsp 1 1100
trip plain 2 3000
trip again 2 3030
trip wsp 2 9000
write_64k plain 0 100
write_64k wsp 0 125
memory plain 0 8000
memory again 0 8010
memory wsp 0 8400
scale_message@1 plain 0 10
scale_message@50000 plain 0 30
scale_message@1 wsp 0 11
scale_message@50000 wsp 0 33
'''


def bench_of(text, name='icount'):
    with tempfile.TemporaryDirectory() as folder:
        raw = pathlib.Path(folder, f'{name}.raw')
        raw.write_text(text, encoding='utf-8')
        out = pathlib.Path(folder, 'results.json')
        results.save([results.read_raw(name, raw)], out)
        return results.Bench.load(out)


def test_ratio_is_taken_within_a_round():
    bench = bench_of(DRIFT)
    assert abs(bench.ratio('icount', 'trip', 'wsp') - 1.1) < 1e-9
    assert bench.median('icount', 'trip', 'wsp') == 1100


def test_speed_is_the_inverse():
    assert bench_of(DRIFT).ratio('icount', 'write_64k', 'wsp', speed=True) == 0.8


def test_noise_is_the_distance_from_one():
    assert abs(bench_of(DRIFT).noise('icount', 'trip') - 0.01) < 1e-9


def test_memory_is_per_end():
    assert bench_of(DRIFT).extra('icount', 'memory', 'wsp', parts=2) == 200


def test_targets_tell_what_is_missed():
    table = tables.targets(bench_of(DRIFT))
    assert [row.split()[-1] for row in table.splitlines()[3:-1]] == ['no', 'no', 'yes']


def test_broken_figures_are_refused():
    for line in ('trip plain 0 inf', 'trip plain 0 nan', 'trip plain'):
        try:
            bench_of(DRIFT + line + '\n')
        except ValueError:
            continue
        raise AssertionError(line)


def test_lines_of_the_programs_for_preloading():
    bench = bench_of('plain 100 200 300\nidle 101 202 303\n', 'preload')
    assert bench.ratio('preload', 'close_file', 'idle') == 1.01
    bench = bench_of('plain redis-1 100.5\nrun redis-1 201\nplain redis-2 1\nrun redis-2 2\n',
                     'servers')
    assert bench.ratio('servers', 'redis', 'run') == 2


def test_plots_are_xml():
    bench = bench_of(DRIFT)
    with tempfile.TemporaryDirectory() as folder:
        paths = plots.draw_all(bench, pathlib.Path(folder), '6.12')
        # Of the others there are no figures.
        assert [path.name for path in paths] == ['6.12-sockets.svg', '6.12-scale.svg']
        for path in paths:
            xml.dom.minidom.parse(str(path))


def test_documents_show_what_was_measured():
    folder = TOP / 'Documentation/bench'
    documents = [str(TOP / 'Documentation/performance.rst'), str(TOP / 'README.md')]
    check = [str(HERE / 'report'), 'docs', '--check', str(folder), *documents]
    assert subprocess.run(check, check=False).returncode == 0
    with tempfile.TemporaryDirectory() as tmp:
        changed = pathlib.Path(tmp, 'performance.rst')
        text = pathlib.Path(documents[0]).read_text(encoding='utf-8')
        changed.write_text(text.replace('==\n\n.. end', '==\nx\n.. end', 1), encoding='utf-8')
        assert changed.read_text(encoding='utf-8') != text
        assert subprocess.run(check[:4] + [str(changed)], check=False,
                              stderr=subprocess.DEVNULL).returncode == 1


def test_plots_in_the_documents_are_of_the_same_figures():
    folder = TOP / 'Documentation/bench'
    with tempfile.TemporaryDirectory() as tmp:
        for data in folder.glob('*.json'):
            for path in plots.draw_all(results.Bench.load(data), pathlib.Path(tmp), data.stem):
                assert path.read_text(encoding='utf-8') == (folder / path.name).read_text(
                    encoding='utf-8'), path.name


def main():
    tests = [(name, test) for name, test in globals().items() if name.startswith('test_')]
    failed = 0
    print(f'TAP version 13\n1..{len(tests)}')
    for number, (name, test) in enumerate(tests, 1):
        try:
            test()
        except Exception as err:  # pylint: disable=broad-except
            failed += 1
            print(f'# {type(err).__name__}: {err}\nnot ok {number} {name}')
        else:
            print(f'ok {number} {name}')
    sys.exit(failed > 0)


if __name__ == '__main__':
    main()
