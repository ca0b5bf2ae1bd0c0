"""A real Chromium in front of the demonstration: one server, one database, one load of the data for all tests."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect
from psycopg.conninfo import make_conninfo

from tests.demonstration import Demonstration, drop

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30_000  # milliseconds, for a busy machine: the first page comes while everything else starts, too
SECONDS = 180  # that the demonstration may take to answer
QUIET = ("gpu", "quic", "background-networking", "component-update", "sync")
OFFICE_PC = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai"}
OFFICE, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
WALL = {"width": 1920, "height": 1080}
LEADER, CLERK, REVIEWER, STEWARD, AUDITOR = "leader", "clerk", "reviewer", "steward", "auditor"
#: Tells of what the policy refuses, whatever the page itself does.
TELL_VIOLATIONS = """document.addEventListener("securitypolicyviolation", event =>
    console.error("CSP: " + event.violatedDirective + " " + event.blockedURI))"""

expect.set_options(timeout=PATIENCE)

PageFor = Callable[..., Page]


@dataclass(frozen=True)
class Site:
    """A running demonstration, the passwords of its accounts, and the file that it writes its log to."""

    url: str
    passwords: dict[str, str]
    log: Path


@dataclass
class Watch:
    """What a browser did that no page of ours may do."""

    strangers: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def over(self, page: Page) -> None:
        """Listen to the page from now on."""
        page.add_init_script(TELL_VIOLATIONS)
        page.on("request", self._request)
        page.on("console", lambda said: said.type == "error" and self._said(said.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def told(self) -> list[str]:
        """All of it since this was asked last."""
        found = [*self.strangers, *self.complaints]
        self.strangers.clear()
        self.complaints.clear()
        return found

    def _request(self, request: Request) -> None:
        if urlsplit(request.url).hostname != "127.0.0.1" and not request.url.startswith("data:"):
            self.strangers.append(request.url)

    def _said(self, text: str) -> None:
        # a 404, or a line that is cut, which a test asks for; a part that was on its way when the page was left
        if not re.search(
            r"with a status of 4\d\d|ERR_INTERNET_DISCONNECTED|htmx:(afterRequest|sendAbort)", text
        ):
            self.complaints.append(text)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def running(database: str, folder: Path, **more: str) -> Iterator[Site]:
    """The demonstration as it is delivered, with nothing of the tests' settings, on this database and folder of data;
    `more` are variables of its environment."""
    port = _free_port()
    told = folder / "log"
    changed = {
        "DATABASE_URL": database,
        "DATA_DIR": str(folder),
        "DEMO": "1",
        "PORT": str(port),
        "DEBUG": "",
    } | more
    with told.open("w") as log:
        program = subprocess.Popen(
            [sys.executable, "-m", "config.demo"],
            cwd=ROOT,
            env={**os.environ, **changed},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        end = time.monotonic() + SECONDS
        while not _answers(port):
            assert program.poll() is None, told.read_text()
            assert time.monotonic() < end, told.read_text()
            time.sleep(0.1)
        passwords = json.loads((folder / "accounts.json").read_text())
        yield Site(f"http://127.0.0.1:{port}", passwords, told)
    finally:
        program.terminate()
        program.wait()


@pytest.fixture(scope="session")
def site(demonstration: Demonstration) -> Iterator[Site]:
    """Runs on a copy of the data."""
    database = f"test_browser_{os.getpid()}"
    with tempfile.TemporaryDirectory() as folder:
        demonstration.copy(database)
        shutil.copytree(demonstration.folder / "files", Path(folder, "files"))
        try:
            with running(make_conninfo(os.environ["DATABASE_URL"], dbname=database), Path(folder)) as site:
                yield site
        finally:
            drop(database)


def own_browser() -> dict[str, Any]:
    """Arguments that launch the machine's Chromium, which may run as root and calls nobody by itself."""
    return {
        "executable_path": os.environ.get("CHROMIUM") or "/usr/bin/chromium",
        "args": ["--no-sandbox", "--no-first-run", *(f"--disable-{name}" for name in QUIET)],
    }


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium in place of the one that Playwright downloads."""
    return {**browser_type_launch_args, **own_browser()}


def sign_in(page: Page, name: str, password: str) -> None:
    """Through the sign-in page, as a person does."""
    page.goto("/login/")
    page.get_by_label("用户名").fill(name)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()


@pytest.fixture(scope="session")
def _signed_in(browser: Browser, site: Site) -> Callable[[str], BrowserContext]:
    """The browser of a person who signed in once for all tests, with what it has kept of style sheets."""
    kept: dict[str, BrowserContext] = {}

    def context(name: str) -> BrowserContext:
        if name not in kept:
            kept[name] = browser.new_context(base_url=site.url, **OFFICE_PC)
            page = kept[name].new_page()
            sign_in(page, name, site.passwords[name])
            page.get_by_role("button", name="退出").wait_for()
            page.close()
        return kept[name]

    return context


@pytest.fixture
def page_for(browser: Browser, site: Site, _signed_in: Callable[[str], BrowserContext]) -> Iterator[PageFor]:
    """Opens a page for a person who is signed in, or (without a name) in a browser of nobody's.

    In every test: no request leaves the machine, no error stands in the console, the policy refuses nothing.
    """
    watch, pages, contexts = Watch(), [], []

    def opened(name: str = "", *, scripts: bool = True) -> Page:
        if name and scripts:
            context = _signed_in(name)
        else:
            cookies = _signed_in(name).storage_state() if name else None
            context = browser.new_context(
                base_url=site.url, **OFFICE_PC, storage_state=cookies, java_script_enabled=scripts
            )
            contexts.append(context)
        page = context.new_page()
        page.set_viewport_size(OFFICE)
        page.set_default_timeout(PATIENCE)
        watch.over(page)
        pages.append(page)
        return page

    yield opened
    for page in pages:
        page.close()
    for context in contexts:
        context.close()
    told = watch.told()
    assert told == [], site.log.read_text()[-4000:]
