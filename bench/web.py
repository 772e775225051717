#!/usr/bin/env python3
"""Requests a second: Passerelle, nginx with a file of the same bytes, Fossil.

    bench/web.py PASSERELLE [--seconds 5] [--rounds 3] [--threads 2]
                 [--connections 32] [--only cached,uncached,...]

PASSERELLE is the program of a release build. All three serve on loopback and
take turns, round after round; the table shows medians. wrk drives each with one
thread, so that on two processors the server and its client share them, as they
do for every program measured here.

    cached     the page of a city, as a visitor gets it: kept whole
    uncached   the same page, a new address each time: built and rendered anew
    signed in  the same page for the secretariat: never kept
    api list   50 records as JSON, a new address each time
    nginx      a static file of the very bytes of the cached page
    fossil     a wiki page of about as many words

Then p99 at half the load of `cached` (wrk keeps a number of connections open,
so that half the load is half of them), the weight of the page, and the
server's memory before and after. --flat N sends N requests in all and prints
memory on the way: it must not grow.
"""
import argparse
import contextlib
import http.cookiejar
import os
import pathlib
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

ENCODED = {'Accept-Encoding': 'gzip'}
NEW_ADDRESS = """
local n = %d
request = function()
  n = n + 1
  return wrk.format("GET", "%s%sn=" .. n)
end
"""


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def get(url, headers=(), opener=None):
    request = urllib.request.Request(url, headers=dict(headers))
    answer = (opener or urllib.request.build_opener()).open(request, timeout=20)
    return answer.read(), answer.headers


@contextlib.contextmanager
def serving(command, url, **more):
    """A server as long as it is wanted; waits until it answers."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, start_new_session=True,
                               **more)
    try:
        for _ in range(200):
            try:
                get(url)
                break
            except OSError:
                if process.poll() is not None:
                    sys.exit(process.stderr.read().decode())
                time.sleep(0.05)
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def to_seconds(text):
    number, unit = re.match(r'([\d.]+)(us|ms|s|m)', text).groups()
    return float(number) * {'us': 1e-6, 'ms': 1e-3, 's': 1, 'm': 60}[unit]


def wrk(url, seconds, connections, headers=(), script=None):
    """Requests a second and the 99th percentile of waiting, in seconds."""
    command = ['wrk', '-t1', f'-c{connections}', f'-d{seconds}s', '--latency']
    for name, value in dict(headers).items():
        command += ['-H', f'{name}: {value}']
    if script:
        command += ['-s', str(script)]
    out = subprocess.run([*command, url], capture_output=True, text=True,
                         check=True).stdout
    if 'Non-2xx' in out or 'Socket errors' in out:
        sys.exit(f'{url}: {out}')
    rate = float(re.search(r'Requests/sec:\s+([\d.]+)', out).group(1))
    return rate, to_seconds(re.search(r'99%\s+(\S+)', out).group(1))


def memory_mb(pid):
    status = pathlib.Path(f'/proc/{pid}/status').read_text()
    return int(re.search(r'VmRSS:\s+(\d+)', status).group(1)) / 1024


def network(program, place, threads, port):
    """The example network, and the link that signs the secretariat in."""
    out = subprocess.run([program, 'demo', '--port', str(port), place],
                         capture_output=True, text=True, check=True).stdout
    with open(place / 'passerelle.conf', 'a') as conf:
        conf.write(f'threads = {threads}\nrate_per_minute = 1000000000\n'
                   'rate_per_account = 1000000000\n')
    return re.search(r'<secretariat@example\.org>\s+(\S+)', out).group(1)


def sign_in(link):
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(
        urllib.request.HTTPCookieProcessor(jar))
    page = get(link, opener=opener)[0].decode()
    csrf = re.search(r'name="csrf" value="([^"]+)"', page).group(1)
    opener.open(link, urllib.parse.urlencode({'csrf': csrf}).encode()).read()
    return '; '.join(f'{c.name}={c.value}' for c in jar)


def nginx_conf(place, port, threads):
    conf = place / 'nginx.conf'
    conf.write_text(f"""
daemon off; worker_processes {threads}; pid {place}/nginx.pid;
error_log {place}/nginx.log; events {{ worker_connections 4096; }}
http {{ access_log off; keepalive_requests 1000000000; gzip_static on;
  sendfile on; tcp_nopush on; open_file_cache max=100; default_type text/html;
  server {{ listen 127.0.0.1:{port}; root {place}/static; }} }}
""")
    return conf


def fossil_page(place, words):
    """A wiki of one page, readable by all."""
    home = {**os.environ, 'HOME': str(place), 'USER': 'bench'}
    repository = place / 'wiki.fossil'

    def run(*command, **more):
        subprocess.run(['fossil', *command], check=True, env=home,
                       capture_output=True, **more)
    run('init', '-A', 'bench', repository)
    run('wiki', 'create', 'City', '-R', repository, '-M', 'text/x-markdown',
        input=words.encode())
    return repository, home


def words_of(page):
    text = re.sub(r'<(style|script).*?</\1>|<[^>]+>', ' ', page.decode(),
                  flags=re.S)
    return re.sub(r'[ \t]+', ' ', text)


def table(rows, nginx, fossil):
    print('| what | requests a second | of nginx | times Fossil | p99 ms |')
    print('| --- | --: | --: | --: | --: |')
    for name, runs in rows.items():
        rate = statistics.median(r for r, _ in runs)
        late = statistics.median(p for _, p in runs)
        against = f'{rate / nginx:.2f}' if nginx else ''
        times = f'{rate / fossil:.1f}' if fossil else ''
        print(f'| {name} | {rate:,.0f} | {against} | {times} '
              f'| {1000 * late:.2f} |')


def flat(pid, url, wanted, connections):
    done = 0
    print('| requests | memory MB |\n| --: | --: |')
    while done < wanted:
        rate, _ = wrk(url, 20, connections, ENCODED)
        done += int(20 * rate)
        print(f'| {done:,} | {memory_mb(pid):.1f} |', flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    p.add_argument('program', type=pathlib.Path)
    p.add_argument('--seconds', type=int, default=5)
    p.add_argument('--rounds', type=int, default=3)
    p.add_argument('--threads', type=int, default=2)
    p.add_argument('--connections', type=int, default=32)
    p.add_argument('--city', default='/cities/1')
    p.add_argument('--only', default='')
    p.add_argument('--flat', type=int, default=0)
    a = p.parse_args()
    for needed in ('wrk', 'nginx', 'fossil'):
        if not shutil.which(needed):
            sys.exit(f'{needed} is not installed')
    with contextlib.ExitStack() as stack:
        place = pathlib.Path(stack.enter_context(
            tempfile.TemporaryDirectory(prefix='passerelle-bench-')))
        place.chmod(0o755)  # nginx' workers are another user
        port, nginx_port, fossil_port = (free_port() for _ in range(3))
        base = f'http://localhost:{port}'
        link = network(a.program, place / 'network', a.threads, port)
        server = stack.enter_context(serving(
            [a.program, 'serve', '--config', place / 'network/passerelle.conf'],
            base + '/healthz'))
        city = base + a.city
        plain, _ = get(city)
        kept, _ = get(city, ENCODED)
        if a.flat:
            return flat(server.pid, city, a.flat, a.connections)
        cookie = sign_in(link)
        static = place / 'static'
        static.mkdir()
        (static / 'city.html').write_bytes(plain)
        (static / 'city.html.gz').write_bytes(kept)
        conf = nginx_conf(place, nginx_port, a.threads)
        nginx = f'http://127.0.0.1:{nginx_port}/city.html'
        stack.enter_context(serving(['nginx', '-c', conf, '-p', place], nginx))
        repository, home = fossil_page(place, words_of(plain))
        fossil = f'http://127.0.0.1:{fossil_port}/wiki?name=City'
        stack.enter_context(serving(
            ['fossil', 'server', '--localhost', '--port', str(fossil_port),
             repository], fossil, env=home))
        counter = 0

        def anew(path):
            nonlocal counter
            counter += 10_000_000  # no address twice in all rounds
            script = place / 'anew.lua'
            script.write_text(NEW_ADDRESS % (counter, path,
                                             '&' if '?' in path else '?'))
            return script
        work = {
            'cached': lambda: wrk(city, a.seconds, a.connections, ENCODED),
            'nginx': lambda: wrk(nginx, a.seconds, a.connections, ENCODED),
            'uncached': lambda: wrk(base, a.seconds, a.connections, (),
                                    anew(a.city)),
            'signed in': lambda: wrk(city, a.seconds, a.connections,
                                     {'Cookie': cookie}),
            'api list': lambda: wrk(base, a.seconds, a.connections, (),
                                    anew('/api/territories?limit=50')),
            'fossil': lambda: wrk(fossil, a.seconds, a.connections),
            'cached, half load': lambda: wrk(city, a.seconds,
                                             a.connections // 2, ENCODED),
        }
        only = [w for w in a.only.split(',') if w]
        rows = {name: [] for name in work if not only or name in only}
        before = memory_mb(server.pid)
        for _ in range(a.rounds):
            for name in rows:
                rows[name].append(work[name]())

        def middle(name):
            return statistics.median(r for r, _ in rows.get(name) or [(0, 0)])
        table(rows, middle('nginx'), middle('fossil'))
        print(f'\nThe page: {len(plain):,} bytes, {len(kept):,} on the wire. '
              f'Memory: {before:.0f} MB before, {memory_mb(server.pid):.0f} MB '
              f'after. {a.threads} threads, {a.connections} connections.')


main()
