"""`make demo` as a newcomer meets it: starts, lets a leader in, stops on Ctrl-C without remains, starts again quickly."""

import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Self

COLD, WARM, STOP = 180, 30, 15  # seconds allowed


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Demo:
    """One run of `make demo`, in a process group of its own as in a terminal."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.make = subprocess.Popen(["make", "demo", f"PORT={port}"], start_new_session=True)
        self.open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar())).open

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        """Press Ctrl-C and prove that the whole group and the database end."""
        if self.make.poll() is None:
            os.killpg(self.make.pid, signal.SIGINT)
            self.make.wait(timeout=STOP)
        for _ in range(STOP * 10):
            if not left_over():
                return
            time.sleep(0.1)
        raise AssertionError(f"still running: {left_over()}")

    def wait(self, limit: float) -> None:
        """Wait, at most `limit` seconds, until the page to sign in is served."""
        started = time.monotonic()
        while not self.answers():
            assert self.make.poll() is None, "make demo ended early"
            assert time.monotonic() - started < limit, f"no page within {limit} s"
            time.sleep(0.2)
        print(f"{time.monotonic() - started:.1f} s until it answers")

    def answers(self) -> bool:
        """Whether the page to sign in is served."""
        try:
            return self.open(f"{self.url}/", timeout=10).status == 200
        except OSError:
            return False

    def sign_in(self, username: str, password: str) -> None:
        """Sign in with a browser's steps; the page that follows must not be the one to sign in."""
        page = self.open(f"{self.url}/", timeout=10)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.read().decode())
        assert token, "no form to sign in"
        fields = {"csrfmiddlewaretoken": token[1], "username": username, "password": password}
        request = urllib.request.Request(page.url, urllib.parse.urlencode(fields).encode())
        request.add_header("Referer", page.url)
        after = self.open(request, timeout=30)
        text = after.read().decode()
        assert after.status == 200, after.status
        assert 'name="password"' not in text, f"{username} was not let in"
        print(f"{username} is let in: {urllib.parse.urlsplit(after.url).path}, {len(text)} characters")


def left_over() -> list[str]:
    """Command lines of servers that this folder's demonstration has left running."""
    here, found = str(Path.cwd()), []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            folder = os.readlink(process / "cwd")
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        if folder.startswith((here, "/var/lib/model-organ-ledger-")) and (
            "gunicorn" in command or "postgres" in command
        ):
            found.append(command)
    return found


def main() -> None:
    """Run the demonstration twice and compare."""
    port, accounts = free_port(), Path(".data/accounts.json")
    with Demo(port) as first:
        first.wait(COLD)
        before = accounts.read_text()
        first.sign_in("leader", json.loads(before)["leader"])
    with Demo(port) as again:
        again.wait(WARM)
        assert accounts.read_text() == before, "the passwords changed"
        again.sign_in("leader", json.loads(before)["leader"])
    print("make demo: all is well")


if __name__ == "__main__":
    main()
