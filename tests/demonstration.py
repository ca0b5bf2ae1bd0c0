"""The demonstration, loaded once for all workers of a run: each that needs it takes a copy of the database."""

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
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
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')


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


@pytest.fixture(scope="session")
def demonstration(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Demonstration:
    """Loaded by the worker that asks first; the others wait for it."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    empty = connection.settings_dict["NAME"]
    found = Demonstration(re.sub(r"_gw\d+$", "", empty) + "_demonstration", shared / "demonstration")
    with (shared / "demonstration.lock").open("w") as lock, django_db_blocker.unblock():
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (found.folder / "said").exists():
            shutil.rmtree(found.folder, ignore_errors=True)
            connection.close()
            create(found.database, empty)
            said = StringIO()
            settings = override_settings(DEMO=True, DATA_DIR=found.folder, MEDIA_ROOT=found.folder / "files")
            with settings, working_in(found.database):
                call_command("load_demo", stdout=said)
            (found.folder / "said").write_text(said.getvalue())
    return found
