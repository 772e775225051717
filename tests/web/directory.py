#!/usr/bin/env python3
"""Signs in through a real OpenID Connect provider, run on this machine.

usage: directory.py PASSERELLE

The provider is npm's oidc-provider in a temporary folder. Without node, npm or
the registry the test says so and skips; tests/network/test_oidc.c then stands
alone, with a provider of its own that speaks the protocol.
"""
import http.cookiejar
import pathlib
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

PROVIDER = """
import Provider from 'oidc-provider';
const [port, redirect] = process.argv.slice(2);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: 'passerelle', client_secret: 'a-secret-of-this-test',
    redirect_uris: [redirect] }],
  pkce: { required: () => true },
  conformIdTokenClaims: false,
  claims: { email: ['email', 'email_verified'], profile: ['name'] },
  findAccount: (ctx, id) => ({ accountId: id, claims: () => ({
    sub: id, email: `${id}@example.org`, email_verified: id !== 'unverified',
    name: id }) }),
});
provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
"""


def skip(why):
    print(f"1..0 # SKIP {why}")
    sys.exit(0)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def install(folder):
    if not shutil.which("node") or not shutil.which("npm"):
        skip("node and npm are not installed")
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "provider.mjs").write_text(PROVIDER)
    try:
        done = subprocess.run(["npm", "install", "--no-audit", "--no-fund",
                               "oidc-provider@8"], cwd=folder,
                              capture_output=True, timeout=120)
    except subprocess.TimeoutExpired:
        skip("the npm registry does not answer")
    if done.returncode:
        skip("oidc-provider cannot be installed")


def wait_for(url):
    for _ in range(100):
        try:
            return urllib.request.urlopen(url).read()
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"{url} does not answer")


class Browser:
    def __init__(self):
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self.jar))

    def open(self, url, form=None):
        data = urllib.parse.urlencode(form).encode() if form else None
        try:
            reply = self.opener.open(url, data)
        except urllib.error.HTTPError as error:
            reply = error
        self.status, self.url = reply.status, reply.url
        self.text = reply.read().decode()
        return self

    def walk(self, start, who):
        """From the button to where the provider sends one back."""
        self.open(start)
        for form in ({"prompt": "login", "login": who, "password": "x"},
                     {"prompt": "consent"}):
            if "/interaction/" not in self.url:
                break
            action = re.search(r'action="([^"]+)"', self.text).group(1)
            self.open(urllib.parse.urljoin(self.url, action), form)
        return self


def invite(database, email):
    with sqlite3.connect(database) as db:
        person = db.execute(
            "INSERT INTO person (version, state, name, email)"
            " VALUES (1, '', 'Somebody', ?)", (email,)).lastrowid
        db.execute("INSERT INTO account (person, email, created)"
                   " VALUES (?, ?, 1)", (person, email))


def test(site, database):
    failures = []

    def check(what, right):
        print(("ok" if right else "not ok"), "-", what)
        if not right:
            failures.append(what)

    start = site + "/sign-in/directory"
    b = Browser().walk(start, "stranger")
    check("who was not invited stays out", b.status == 403)
    invite(database, "invited@example.org")
    b = Browser().walk(start, "invited")
    check("who was invited is at the desk",
          b.status == 200 and b.url == site + "/desk")
    check("and signed in", "invited@example.org" in
          b.open(site + "/account").text)
    b = Browser().walk(start, "invited")
    check("and again, known by the subject", b.url == site + "/desk")
    invite(database, "unverified@example.org")
    b = Browser().walk(start, "unverified")
    check("an address that is not verified opens nothing", b.status == 403)
    b = Browser().open(site + "/sign-in/directory/return?code=x&state=y")
    check("nobody comes back who did not go", b.status == 403)
    return failures


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="passerelle-directory-"))
    running = []
    try:
        install(folder)
        here, there = free_port(), free_port()
        site = f"http://localhost:{here}"
        running.append(subprocess.Popen(
            ["node", "provider.mjs", str(there),
             site + "/sign-in/directory/return"], cwd=folder,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        (folder / "secret").write_text("a-secret-of-this-test\n")
        (folder / "config").write_text(
            f"store = sqlite:{folder}/db\nfiles = {folder}/files\n"
            f"key_file = {folder}/key\nport = {here}\n"
            f"oidc_issuer = http://127.0.0.1:{there}\n"
            "oidc_client = passerelle\n"
            f"oidc_secret_file = {folder}/secret\n")
        running.append(subprocess.Popen(
            [program, "serve", "--config", folder / "config"],
            stderr=subprocess.DEVNULL))
        wait_for(site + "/healthz")
        wait_for(f"http://127.0.0.1:{there}/.well-known/openid-configuration")
        return bool(test(site, folder / "db"))
    finally:
        for process in running:
            process.terminate()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
