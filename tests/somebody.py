"""Persons without a role, for rows that somebody must have entered: looked up once in a test."""

from django.db import connection

from organs.models import User

#: By name: the person, and the savepoints in which the row was made or seen.
_met: dict[str, tuple[User, list[str | None]]] = {}


def somebody(name: str) -> User:
    """The person of this name, made on first use; never one whose row was rolled back."""
    within = list(connection.savepoint_ids)
    person, since = _met.get(name, (None, within))
    if person is None or since != within[: len(since)]:
        person = User.objects.get_or_create(username=f"test-{name}", defaults={"name": name})[0]
        if within:  # without a savepoint one transaction is not told from the next
            _met[name] = person, within
    return person


def forget_them() -> None:
    """Before a test: the rows of the last one were rolled back."""
    _met.clear()
