"""What the process keeps in its memory, and what a page asks of the database with and without it."""

import sys

from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from measures.rollups.kept import Kept


def forget() -> None:
    """As in a process that has just begun."""
    caches["default"].clear()
    modules = [module for name, module in sys.modules.items() if name.startswith("measures.")]
    found = {id(kept): kept for module in modules for kept in vars(module).values() if type(kept) is Kept}
    assert found
    for kept in found.values():
        kept._values.clear()
        kept._weight = 0


def asked(client: Client, address: str) -> list[str]:
    """What a page asks of the database, session and user included, without where transactions begin and end."""
    with CaptureQueriesContext(connection) as spent:
        assert client.get(address).status_code == 200, address
    return [query["sql"] for query in spent if "SAVEPOINT" not in query["sql"]]


def asked_from_nothing(client: Client, address: str) -> int:
    """How often a page asks when nothing of the data is kept; what is asked for once in a process has been asked."""
    client.get(address)
    forget()
    return len(asked(client, address))
