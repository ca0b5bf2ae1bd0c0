"""The program's own PostgreSQL: its data made, started and always stopped again.

Reached through a socket in a private folder only, with a password; never by "trust". PostgreSQL refuses to
run as root: then another existing user runs it, with data and programs where that user reaches them.
"""

import argparse
import fcntl
import os
import pwd
import secrets
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess, Popen, TimeoutExpired
from types import FrameType
from urllib.parse import quote

from config.programs import Account, LocalServerError, Programs, choose, find_programs, server_account

DATA_DIR = Path(os.environ.get("DATA_DIR", Path(__file__).resolve().parent.parent / ".data"))
OUTSIDE = Path("/var/lib")  # for data and programs when the user who runs PostgreSQL cannot enter the clone
NAME = "ledger"  # of the role and of its database
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
UNSAFE_BUT_FAST = (
    "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off -c jit=off"
)


class Stopped(SystemExit):
    """A signal asked the program to end; its code is 128 + the signal, as shells have it."""


@dataclass(frozen=True)
class Server:
    """One cluster: `home` holds data, password and log; `socket` is a short private folder."""

    account: Account
    programs: Programs
    home: Path
    socket: Path
    throwaway: bool

    def control(self, verb: str, *options: str) -> CompletedProcess[str]:
        """Run pg_ctl on the cluster, waiting until it is done."""
        return self.account.run(self.programs.folder / "pg_ctl", verb, "-D", self.home / "data", *options)

    def _prepare(self, program: str, *arguments: str | Path, text: str | None = None) -> None:
        result = self.account.run(self.programs.folder / program, *arguments, text=text)
        if result.returncode or "ERROR" in result.stderr:
            raise LocalServerError(f"无法建立数据库：{_last_line(result.stderr)}")

    def make(self) -> None:
        """Make the cluster with its role and database; half-made ones are never taken for whole."""
        new, password = self.home / "data.new", secrets.token_urlsafe(32)
        shutil.rmtree(new, ignore_errors=True)
        secret = self.home / "password"
        secret.unlink(missing_ok=True)
        secret.touch(mode=0o600)
        secret.write_text(password)
        self.account.own(secret)
        options = ["--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256"]
        options += ["--no-sync"] if self.throwaway else []
        self._prepare("initdb", "-D", new, f"--pwfile={secret}", *options)
        # Single-user mode takes one statement a line and needs no client program.
        role = f"CREATE ROLE {NAME} LOGIN CREATEDB PASSWORD '{password}'"
        statements = f"{role}\nCREATE DATABASE {NAME} OWNER {NAME}\n"
        self._prepare("postgres", "--single", "-D", new, "postgres", text=statements)
        new.rename(self.home / "data")

    def start(self) -> None:
        """Start the cluster; one that outlived a killed program is stopped first, its socket's folder removed."""
        pid_file = self.home / "data" / "postmaster.pid"
        if pid_file.exists():
            old = pid_file.read_text().splitlines()[4:5]
            self.stop()
            if old and Path(old[0]).match("/tmp/ledger-*"):
                shutil.rmtree(old[0], ignore_errors=True)
        options = f"-c listen_addresses= -c unix_socket_directories={self.socket}"
        options += f" {UNSAFE_BUT_FAST}" if self.throwaway else ""
        log = self.home / "log"
        if self.control("start", "-w", "-l", str(log), "-o", options).returncode:
            last = _last_line(log.read_text(errors="replace")) if log.exists() else ""
            raise LocalServerError(f"数据库未能启动：{last}（详见 {log}）")

    def stop(self) -> None:
        """Stop the cluster if it runs."""
        if self.control("status").returncode == 0:
            self.control("stop", "-w", "-m", "immediate" if self.throwaway else "fast")

    def url(self) -> str:
        """The libpq URL of the ledger's database, with its password."""
        password = (self.home / "password").read_text()
        return f"postgresql://{NAME}:{password}@{quote(str(self.socket), safe='')}/{NAME}"


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "没有更多信息"


def _outside(base: Path) -> Path:
    """The clone's folder outside the clone; a link remembers it, so that a fresh clone starts afresh."""
    link = base / "outside"
    if not link.is_dir():
        link.unlink(missing_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="model-organ-ledger-", dir=OUTSIDE))
        folder.chmod(0o711)
        link.symlink_to(folder)
    return link.resolve()


def _home(base: Path, account: Account) -> Path:
    """The folder of the kept cluster: base/pg, or one outside the clone where `account` cannot enter base."""
    base.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.geteuid() == 0 and not account.can_run("test", "-x", base) and base.stat().st_uid == 0:
        os.chown(base, 0, account.gid)  # base is the program's own folder; its parents stay as they are
        base.chmod(0o710)
    home = base / "pg"
    if not account.can_run("test", "-x", base):
        home = _outside(base) / "pg"
        print(f"用户 {pwd.getpwuid(account.uid).pw_name} 进不了 {base}，数据库改放在 {home}。", flush=True)
    if not home.exists():
        home.mkdir(mode=0o700)
        account.own(home)
    return home


def _within_reach(programs: Programs, account: Account, base: Path) -> Programs:
    """The programs, or a copy of the wheel's outside the clone where `account` cannot run them in place."""
    if account.can_run(programs.folder / "initdb", "--version"):
        return programs
    base.mkdir(mode=0o700, parents=True, exist_ok=True)
    package = programs.folder.parents[1]
    copy = _outside(base) / f"postgresql-{programs.major}"
    if not copy.exists():
        new = copy.with_suffix(".new")
        shutil.rmtree(new, ignore_errors=True)
        for part in package.parent.glob(f"{package.name}*"):  # its libraries lie in a folder beside it
            if part.is_dir():
                shutil.copytree(part, new / part.name)
        for path in [new, *new.rglob("*")]:
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        new.rename(copy)
        print(f"数据库程序已复制到 {copy}。", flush=True)
    return Programs(copy / programs.folder.relative_to(package.parent), programs.major)


def _stop(number: int, frame: FrameType | None) -> None:
    for each in SIGNALS:  # what follows is clearing up, to be left in peace
        signal.signal(each, signal.SIG_IGN)
    raise Stopped(128 + number)


@contextmanager
def stoppable() -> Iterator[None]:
    """Let the first signal that ends a program raise Stopped inside the block; further ones do nothing."""
    before = {}
    if threading.current_thread() is threading.main_thread():
        under_nohup = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        taken = [each for each in SIGNALS if not (each == signal.SIGHUP and under_nohup)]
        before = {number: signal.signal(number, _stop) for number in taken}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Hold the cluster for this program; the lock ends with the program, however it ends."""
    descriptor = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LocalServerError(
                f"{home} 正由另一个窗口中的本程序使用，请先在那里按 Ctrl-C 停止。"
            ) from None
        yield
    finally:
        os.close(descriptor)


@contextmanager
def local_server(data: Path | None = None, *, throwaway: bool = False) -> Iterator[str]:
    """Run PostgreSQL while the block lasts and yield its libpq URL for DATABASE_URL.

    The cluster is kept in `data`/pg (default: .data of the clone); a throw-away one is fast, unsafe and
    leaves nothing. SIGTERM, SIGINT and SIGHUP raise Stopped inside the block. Raises LocalServerError,
    and OSError where a folder is out of reach.
    """
    base = data or DATA_DIR
    with stoppable():
        kept = [] if throwaway else [base / "pg", base / "outside" / "pg"]
        account = server_account(next((home for home in kept if home.exists()), None))
        socket = Path(
            tempfile.mkdtemp(prefix="ledger-", dir="/tmp")
        )  # short: a socket's path ends at 107 bytes
        try:
            account.own(socket)
            home = socket if throwaway else _home(base, account)
            programs = _within_reach(choose(find_programs(), home / "data"), account, base)
            server = Server(account, programs, home, socket, throwaway)
            with _alone(home):
                if not (home / "data").exists():
                    server.make()
                try:
                    server.start()
                    yield server.url()
                finally:
                    server.stop()
        finally:
            shutil.rmtree(socket, ignore_errors=True)


def _stop_child(child: Popen[bytes]) -> None:
    """End a program that still runs: Ctrl-C reached it too, so it may first end by itself."""
    if child.poll() is None:
        try:
            child.wait(timeout=2)
        except TimeoutExpired:
            child.terminate()
            child.wait()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let a signal wait for the end of the block: one that raised inside Popen would leave a program that nobody stops."""
    asked: list[int] = []
    waiting = [each for each in SIGNALS if signal.getsignal(each) is _stop]
    for each in waiting:
        signal.signal(each, lambda number, frame: asked.append(number))
    try:
        yield
    finally:
        for each in waiting:
            signal.signal(each, _stop)
        if asked:
            signal.raise_signal(asked[0])


@contextmanager
def running(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Iterator[Popen[bytes]]:
    """A program while the block lasts; if we are stopped, it is stopped first."""
    child = None
    try:
        with _undisturbed():
            child = Popen(command, env=environment)
        yield child
    finally:
        if child:
            _stop_child(child)


def told(main: Callable[[], int]) -> int:
    """Run a command-line program; what a user can mend is told in one sentence, with exit code 1."""
    try:
        return main()
    except LocalServerError as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(f"无法使用 {error.filename}：{error.strerror}。", file=sys.stderr)
    return 1


def main() -> int:
    """`run [--throwaway] -- COMMAND…`: a command with DATABASE_URL of the own server; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m config.localdb")
    run = parser.add_subparsers(required=True).add_parser("run")
    run.add_argument("--throwaway", action="store_true", help="a fast server that leaves nothing behind")
    run.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    if not arguments.throwaway and os.environ.get("DEMO") != "1":
        raise LocalServerError(
            "自带数据库只供演示使用：请设 DEMO=1，或用 DATABASE_URL 指定正式的 PostgreSQL。"
        )
    with local_server(throwaway=arguments.throwaway) as url, tempfile.TemporaryDirectory() as files:
        folder = {"DATA_DIR": files} if arguments.throwaway else {}
        environment = {**os.environ, **folder, "DATABASE_URL": url}
        with running(arguments.command, environment) as child:
            return child.wait()


if __name__ == "__main__":
    sys.exit(told(main))
