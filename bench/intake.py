#!/usr/bin/env python3
"""Reading a population table, against DuckDB, Miller, GNU datamash and awk.

    bench/intake.py BUILD [--rounds 5] [--order sorted] [--only passerelle,awk]

BUILD is a build folder with bench/intake_read and bench/intake_table in it
(meson compile -C BUILD bench/intake_read bench/intake_table). Every program
makes the same sums by area, origin, sex and age, and must find as many groups
and the same total. DuckDB is installed with npm into a temporary folder. The
programs take turns, one round after the other; the table shows medians.

Miller keeps about 3 kB a group, so that 20 million rows do not fit a usual
machine: it reads the first rows only (--miller-rows), and so does Passerelle
to be compared with it.
"""
import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
KEYS = 'area,origin,sex,age'
AWK = ('NR > 1 { n[$1 "," $2 "," $3 "," $4] += $5 } END { for (k in n) '
       '{ c++; t += n[k] } printf "%d %.0f\\n", c, t }')
# Counts the groups and adds them up, from lines that end in ",sum".
SUMS = 'NR > 1 { c++; t += $NF } END { printf "%d %.0f\\n", c, t }'


def run(command, cores):
    """Seconds, CPU seconds, peak bytes and first two words of a command."""
    start = time.monotonic()
    with tempfile.TemporaryFile('w+') as out:
        process = subprocess.Popen(
            ['taskset', '-c', ','.join(map(str, range(cores)))] + command,
            stdout=out, cwd=tempfile.gettempdir())
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - start
        out.seek(0)
        words = out.read().split()[:2]
    if process.returncode != 0:
        sys.exit(f'{command[0]} failed with {process.returncode}')
    return (seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024,
            [int(w) for w in words])


def shell(line, *arguments):
    return ['sh', '-c', line, 'sh', *map(str, arguments)]


def programs(build, order, table, small, duckdb):
    """name, cores, command, the table it reads."""
    read = str(build / 'bench' / 'intake_read')
    sort = '-s' if order == 'shuffled' else ''
    yield 'Passerelle', 1, [read, str(table), '1'], table
    yield 'Passerelle', 2, [read, str(table), '2'], table
    if duckdb:
        for cores in (1, 2):
            yield ('DuckDB', cores,
                   ['node', str(duckdb / 'intake_duckdb.mjs'), str(table),
                    str(cores)], table)
    if shutil.which('datamash'):
        yield ('datamash', 1, shell(
            f'LC_ALL=C datamash {sort} -t, --header-in -g 1,2,3,4 sum 5 '
            '< "$1" | awk -F, \'{ c++; t += $NF } END '
            '{ printf "%d %.0f\\n", c, t }\'', table), table)
    yield 'awk', 1, ['awk', '-F,', AWK, str(table)], table
    yield 'Passerelle', 1, [read, str(small), '1'], small
    if shutil.which('mlr'):
        yield ('Miller', 2, shell(
            f'mlr --icsv --ocsv stats1 -a sum -f count -g {KEYS} "$1" | '
            f'awk -F, \'{SUMS}\'', small), small)


def install_duckdb(folder):
    if not shutil.which('npm'):
        print('npm is not there: DuckDB is left out', file=sys.stderr)
        return None
    for name in ('package.json', 'intake_duckdb.mjs'):
        shutil.copy(HERE / name, folder)
    subprocess.run(['npm', 'install', '--silent', '--no-audit', '--no-fund'],
                   cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return folder


def measure(todo, rounds):
    results = [[] for _ in todo]
    agreed = {}
    for number in range(rounds):
        for i, (name, cores, command, table) in enumerate(todo):
            seconds, cpu, peak, sums = run(command, cores)
            print(f'round {number + 1}: {name} on {cores}: {seconds:.2f} s, '
                  f'{cpu:.2f} s of CPU', file=sys.stderr, flush=True)
            if agreed.setdefault(table, sums) != sums:
                sys.exit(f'{name} finds {sums}, not {agreed[table]}')
            results[i].append((seconds, cpu, peak))
    return results


def print_table(todo, results, rows, miller_rows, big):
    print('| program | rows | cores | seconds | CPU seconds | peak MB | '
          'times Passerelle |')
    print('| --- | --: | --: | --: | --: | --: | --: |')
    ours = {}
    for (name, cores, _, table), found in zip(todo, results):
        median = [statistics.median(column) for column in zip(*found)]
        if name == 'Passerelle':
            ours[table, cores] = median[0]
        base = ours.get((table, cores)) or ours[table, 1]
        print(f'| {name} | {rows if table == big else miller_rows:,} | {cores} '
              f'| {median[0]:.2f} | {median[1]:.2f} | {median[2] / 1e6:.0f} '
              f'| {median[0] / base:.1f} |')


def main():
    options = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    options.add_argument('build', type=pathlib.Path)
    options.add_argument('--rounds', type=int, default=5)
    options.add_argument('--rows', type=int, default=20_000_000)
    options.add_argument('--miller-rows', type=int, default=1_000_000)
    options.add_argument('--order', choices=['sorted', 'shuffled'],
                         default='sorted')
    options.add_argument('--only', default='passerelle,duckdb,datamash,awk,'
                         'miller', help='the programs, with commas between')
    o = options.parse_args()
    only = o.only.lower().split(',')
    build = o.build.resolve()
    with tempfile.TemporaryDirectory(prefix='passerelle-bench-') as name:
        folder = pathlib.Path(name)
        table, small = folder / 'table.csv', folder / 'small.csv'
        with open(table, 'wb') as out:
            subprocess.run([str(build / 'bench' / 'intake_table'), o.order,
                            str(o.rows)], stdout=out, check=True)
        miller_rows = min(o.miller_rows, o.rows)
        with open(small, 'wb') as out:
            subprocess.run(['head', '-n', str(miller_rows + 1), str(table)],
                           stdout=out, check=True)
        duckdb = install_duckdb(folder) if 'duckdb' in only else None
        todo = [p for p in programs(build, o.order, table, small, duckdb)
                if p[0].lower() in only]
        if 'miller' not in only:
            todo = [p for p in todo if p[3] == table]
        results = measure(todo, o.rounds)
        print(f'{o.order}, {table.stat().st_size / 1e6:.0f} MB, medians of '
              f'{o.rounds}:\n')
        print_table(todo, results, o.rows, miller_rows, table)


if __name__ == '__main__':
    main()
