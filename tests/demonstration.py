"""Databases made once for all workers of a run, who take copies: the empty tables, and the demonstration in them."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from psycopg.conninfo import make_conninfo
from pytest_django.plugin import DjangoDbBlocker


@dataclass(frozen=True)
class Demonstration:
    """A database that nobody works in, and the folder of what belongs to it."""

    database: str
    folder: Path

    @property
    def said(self) -> str:
        """What the command printed."""
        return (self.folder / "said").read_text()

    def copy(self, database: str) -> None:
        """Its rows in a database of this name."""
        create(database, self.database)


def create(database: str, template: str) -> None:
    """A new database with the rows of the template, in place of what may be left of an earlier run."""
    drop(database)
    _tell_server(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')


def drop(database: str) -> None:
    """Remove the database, whoever is in it."""
    _tell_server(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')


def _tell_server(statement: str) -> None:
    conninfo = make_conninfo(os.environ["DATABASE_URL"], dbname="postgres")
    with psycopg.connect(conninfo, autocommit=True) as server:
        server.execute(statement)


@contextmanager
def working_in(database: str) -> Iterator[None]:
    """Django's connection leads to this database."""
    own = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = database
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = own


@contextmanager
def made_once(tmp_path_factory: pytest.TempPathFactory, name: str) -> Iterator[Path]:
    """The folder of this name that all workers share; whoever comes first makes what belongs into it, the others wait."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield shared / name


@pytest.fixture(scope="session")
def tables(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> str:
    """The name of a database with the tables and no rows: the migrations take longer than a hundred tests."""
    keep = request.config.getoption("reuse_db") and not request.config.getoption("create_db")
    with made_once(tmp_path_factory, "tables") as made, django_db_blocker.unblock():
        if made.exists():
            return made.read_text()
        own = connection.settings_dict["NAME"]
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False, keepdb=keep)
        name = connection.settings_dict["NAME"]
        connection.close()
        settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = own
        made.write_text(name)
    return name


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, tables: str, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """In place of the fixture of pytest-django, which migrates for every worker: a copy of the tables for each."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "own")
    name = f"{tables}_{worker}"
    with django_db_blocker.unblock():
        create(name, tables)
        connection.settings_dict["NAME"] = name
    yield
    with django_db_blocker.unblock():
        connection.close()
    drop(name)


@pytest.fixture(scope="session")
def demonstration(
    django_db_setup: None,
    tables: str,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Demonstration:
    """Loaded by the worker that asks first."""
    with made_once(tmp_path_factory, "demonstration") as folder, django_db_blocker.unblock():
        found = Demonstration(f"{tables}_demonstration", folder)
        if not (folder / "said").exists():
            shutil.rmtree(folder, ignore_errors=True)
            create(found.database, tables)
            said = StringIO()
            changed = override_settings(DEMO=True, DATA_DIR=folder, MEDIA_ROOT=folder / "files")
            with changed, working_in(found.database):
                call_command("load_demo", stdout=said)
            (folder / "said").write_text(said.getvalue())
    return found
