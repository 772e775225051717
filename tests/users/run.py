#!/usr/bin/env python3
"""Runs a script of a browser against a server of its own.

usage: run.py PASSERELLE FOLDER SCRIPT [ARGUMENT ...]

Makes the example network in a temporary folder, serves it on a free port and
runs SCRIPT (pages.mjs, journey.mjs, lighthouse.mjs) with Debian's Chromium. The
modules of package.json are installed once, in FOLDER. Prints what the script
prints: TAP. Without node, npm, Chromium or the registry the test says so and
skips.
"""
import fcntl
import json
import os
import pathlib
import re
import shutil
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent


def skip(why):
    print(f"1..0 # SKIP {why}")
    sys.exit(0)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def install(folder):
    """The modules beside copies of the scripts, made anew when they change."""
    for program in ("node", "npm", "chromium", "java"):
        if not shutil.which(program):
            skip(f"{program} is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = (HERE / "package.json").read_text()
        stamp = folder / "installed.json"
        if not stamp.exists() or stamp.read_text() != wanted:
            (folder / "package.json").write_text(wanted)
            done = subprocess.run(
                ["npm", "install", "--no-audit", "--no-fund",
                 "--no-package-lock", "--ignore-scripts"],
                cwd=folder, capture_output=True, timeout=400)
            if done.returncode:
                skip("npm cannot install package.json")
            stamp.write_text(wanted)
        for script in HERE.glob("*.mjs"):
            shutil.copy(script, folder / script.name)


class PostOffice(socketserver.StreamRequestHandler):
    """Takes letters by SMTP and puts each into a file."""

    def handle(self):
        self.say("220 post office of a test")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.say("354 go on")
                letter = []
                while (line := self.rfile.readline()) not in (b".\r\n", b""):
                    letter.append(line)
                name = f"{time.monotonic_ns()}.eml"
                (self.server.folder / name).write_bytes(b"".join(letter))
            self.say("221 bye" if word == b"QUIT" else "250 ok")
            if word == b"QUIT":
                return

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")


def open_post_office(folder):
    folder.mkdir()
    office = socketserver.ThreadingTCPServer(("127.0.0.1", 0), PostOffice)
    office.daemon_threads = True
    office.folder = folder
    threading.Thread(target=office.serve_forever, daemon=True).start()
    return office.server_address[1]


def pack(program, place):
    """The example city as a city would send it: one zip."""
    subprocess.run([program, "example", place / "marsa", "--quiet"], check=True)
    shutil.make_archive(place / "marsa", "zip", place / "marsa")


def wait_for(port, server, log):
    for _ in range(300):
        if server.poll() is not None:
            raise SystemExit("the server ended: " + log.read_text())
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("the server does not answer")


def main():
    program, folder, script, *arguments = sys.argv[1:]
    folder = pathlib.Path(folder).resolve() / "npm"
    install(folder)
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="passerelle-users-") as place:
        place = pathlib.Path(place)
        network = place / "network"
        made = subprocess.run([program, "demo", "--port", str(port), network],
                              capture_output=True, text=True, check=True,
                              env={**os.environ, "LANGUAGE": "en"})
        links = dict(re.findall(r"<(\w+)@example\.org>\s+(\S+)", made.stdout))
        post = open_post_office(place / "letters")
        pack(program, place)
        # All visitors have one address here: the limit is not what is tested.
        with open(network / "passerelle.conf", "a") as conf:
            conf.write("rate_per_minute = 1000000\n"
                       "rate_per_account = 1000000\n"
                       f"smtp = smtp://127.0.0.1:{post}\n"
                       "sender = network@example.org\n")
        log = place / "server.log"
        with open(log, "w") as out:
            server = subprocess.Popen(
                [program, "serve", "--config", network / "passerelle.conf"],
                stdout=out, stderr=subprocess.STDOUT)
        try:
            wait_for(port, server, log)
            given = {"base": f"http://localhost:{port}", "links": links,
                     "place": str(place), "program": program,
                     "key": str(network / "passerelle.key"),
                     "arguments": arguments}
            (place / "given.json").write_text(json.dumps(given))
            done = subprocess.run(["node", folder / script,
                                   place / "given.json"], cwd=folder)
        finally:
            server.terminate()
            ended = server.wait(30)
        if ended != 0:
            print(f"Bail out! the server ended with {ended}")
            print(log.read_text()[-3000:], file=sys.stderr)
            sys.exit(1)
        sys.exit(done.returncode)


main()
