"""Everything out, and into an empty system: the same again, to the letter."""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import ForeignKey
from psycopg.conninfo import make_conninfo

from measures import wholesale
from measures.models import Pillar
from measures.rollups.stations import stations
from measures.workflow import Step, advance
from organs.models import User
from tests import make
from tests.browser.conftest import ROOT
from tests.conftest import Tree
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


#: Prints the way of every figure, action and honour as its readers are told it.
TELL = """
from measures.models import Action, Honour, Observation
from measures.rollups.stations import stations
for model in (Action, Honour, Observation):
    for row in model.objects.order_by("pk"):
        for at in stations([row], staff=False):
            print(row._meta.label, row.pk, at.title, at.who, at.post, at.words, at.when)
"""


def test_the_way_of_what_came_in_is_told_as_before(exported, empty, demonstration):
    assert empty("import_all", exported).returncode == 0
    tell = ("shell", "--no-imports", "-c", TELL)
    before = manage(demonstration.database, demonstration.folder, *tell)
    after = empty(*tell)
    assert "measures.Observation" in before.stdout, before.stderr
    assert after.stdout == before.stdout, after.stderr


@pytest.mark.django_db
def test_what_goes_on_here_follows_the_way_that_came_along(pillar: Pillar, clerk: User, reviewer: User):
    action = make.make_action(pillar, "宣讲")  # stored past the door, as it comes in
    advance(action, Step.CLOSE, by=clerk)
    advance(action, Step.RETURN_CLOSING, by=reviewer, note="还差一场")
    way = [(at.title, at.who) for at in stations([action], staff=True)]
    assert way == [
        ("录入", "录入人"),
        ("报审", "录入人"),
        ("审核通过", "审核人"),
        ("申请销号", clerk.name),
        ("退回销号", reviewer.name),
    ]


def named_and_missing(folder: Path) -> list[str]:
    """What rows of an export name that is not in it."""
    rows = [json.loads(line) for file in (folder / "data").iterdir() for line in file.open(encoding="utf-8")]
    there = {(row["model"], row["pk"]) for row in rows}
    links = [
        (row["model"], field.name, field.related_model._meta.label_lower, row["fields"][field.name])
        for row in rows
        for field in apps.get_model(row["model"])._meta.concrete_fields
        if isinstance(field, ForeignKey) and row["model"] != "measures.reviewstep"
    ]
    return [f"{model}.{name}" for model, name, other, pk in links if pk and (other, pk) not in there]


@pytest.mark.django_db
def test_what_a_bureau_takes_along_names_nothing_that_stays_behind(tree: Tree, clerk: User, tmp_path: Path):
    asked, whole = make.make_metric(owner=tree.area), make.make_metric(owner=tree.area)
    asked.part_of = whole
    asked.save()
    figure = make.make_observation(asked, tree.bureau)
    other = make.make_campaign(tree.area, "另一届", [tree.other_bureau])
    make.make_target(asked, tree.bureau, other, "1")
    proof = make.make_evidence(tree.bureau)
    make.make_link(proof, observation=figure)
    make.make_link(proof, honour=make.make_honour(tree.other_bureau))
    wholesale.export_all(tree.bureau, tmp_path / "out", by=clerk)
    assert named_and_missing(tmp_path / "out") == []
    figures = next((tmp_path / "out" / "data").glob("*-observation.jsonl")).read_text()
    assert f'"metric": {asked.pk}' in figures


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
