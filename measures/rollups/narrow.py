"""Parts of a page that rest on few tables of one organ, kept until something there changes."""

from collections.abc import Callable
from typing import Any, TypeVar

from measures.rollups.digest import Tables, names_of
from measures.rollups.kept import Kept
from measures.rollups.view import View
from organs.models import CATALOGUE, PEOPLE, Marks, Organ, changed_parts
from organs.permissions import reader

Made = TypeVar("Made")

_kept: Kept[tuple[Marks, Any]] = Kept(1_000)


def unless_changed(
    view: View, organ: Organ, tables: Tables, what: tuple[object, ...], make: Callable[[], Made]
) -> Made:
    """What is made for the reader of the rows of some tables of an organ; the same until one of these rows changes.

    Besides these it may tell of the catalogue, of people and of the day.
    """
    if not view.marks:
        return make()
    stand_at = (view.marks[CATALOGUE], view.marks[PEOPLE])
    key = (*what, tables, organ.pk, reader(view.user), view.query, view.today, stand_at)
    now = view.marks[organ.pk]
    kept = _kept.get(key)
    if kept is None or not changed_parts(kept[0], now).isdisjoint(names_of(tables)):
        kept = (now, make())
        _kept.put(key, kept)
    return kept[1]
