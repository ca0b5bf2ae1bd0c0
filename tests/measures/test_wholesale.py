"""Everything out, and into an empty system: the same again, to the letter."""

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from psycopg.conninfo import make_conninfo

from measures import wholesale
from tests.browser.conftest import ROOT
from tests.demonstration import create, drop

TOP = "模范机关创建示范区"


def manage(database, folder, *command):
    """A command of the program on a database, with its folder of data."""
    url = make_conninfo(os.environ["DATABASE_URL"], dbname=database)
    environment = {**os.environ, "DATABASE_URL": url, "DATA_DIR": str(folder)}
    run = [sys.executable, "manage.py", *map(str, command)]
    return subprocess.run(run, cwd=ROOT, env=environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def exported(demonstration, tmp_path_factory):
    """All of the demonstration, in a folder."""
    folder = tmp_path_factory.mktemp("out") / "all"
    done = manage(demonstration.database, demonstration.folder, "export_all", TOP, folder, "--by", "steward")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def empty(demonstration, tables, tmp_path):
    """An empty system."""
    database = f"test_empty_{os.getpid()}"
    create(database, tables)
    yield lambda *command: manage(database, tmp_path, *command)
    drop(database)


def test_what_came_in_goes_out_the_same(exported, empty, tmp_path: Path):
    done = empty("import_all", exported)
    assert done.returncode == 0, done.stderr
    again = tmp_path / "again"
    done = empty("export_all", TOP, again, "--by", "steward")
    assert done.returncode == 0, done.stderr
    names = sorted(
        path.relative_to(exported) for path in exported.rglob("*") if path.suffix in (".jsonl", ".csv")
    )
    assert len(names) > 20
    differs = [str(name) for name in names if (exported / name).read_bytes() != (again / name).read_bytes()]
    assert [name for name in differs if name != "contents.csv"] == []
    files = [path.relative_to(exported) for path in (exported / "files").rglob("*") if path.is_file()]
    assert files
    assert all((again / name).read_bytes() == (exported / name).read_bytes() for name in files)


def test_no_password_leaves_the_system(exported):
    (accounts,) = (exported / "data").glob("*-user.jsonl")
    lines = accounts.read_text().splitlines()
    assert lines
    assert all('"password": "!"' in line for line in lines)


def test_an_altered_export_and_a_system_in_use_are_refused(exported, empty, tmp_path: Path, demonstration):
    altered = tmp_path / "altered"
    shutil.copytree(exported, altered)
    (table,) = (altered / "data").glob("*-organ.jsonl")
    table.write_text(table.read_text() + "\n")
    done = empty("import_all", altered)
    assert done.returncode == 1
    assert "丢失或被改动" in done.stderr
    done = manage(demonstration.database, demonstration.folder, "import_all", exported)
    assert done.returncode == 1
    assert "只能导入空的系统" in done.stderr


def test_the_list_names_every_file(exported):
    with (exported / "contents.csv").open(encoding="utf-8-sig") as file:
        named = {row["文件"] for row in csv.DictReader(file)}
    there = {path.relative_to(exported).as_posix() for path in exported.rglob("*") if path.is_file()}
    assert there - {"contents.csv"} == named


def test_every_model_goes_out_or_is_known_to_stay():
    models = {m.__name__ for app in ("organs", "measures") for m in apps.get_app_config(app).get_models()}
    assert models - set(wholesale.STAYS) == {model.__name__ for model in wholesale.GOES}
