"""Parts of a page that rest on few tables of one organ, kept until something there changes."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.shortcuts import get_object_or_404

from measures.rollups.digest import Tables, names_of
from measures.rollups.kept import Kept
from measures.rollups.view import View
from organs.models import CATALOGUE, PEOPLE, Marks, changed_parts
from organs.permissions import SignedInRequest, marks, reader

Made = TypeVar("Made")
Row = TypeVar("Row", bound=Model)
Found = TypeVar("Found", bound=Model)

_kept: Kept[tuple[Marks, Any]] = Kept(1_000)
_rows: Kept[tuple[Marks, Any]] = Kept(1_000)
_lists: Kept[tuple[Any, ...]] = Kept(20_000)


def row_unless_changed(
    request: SignedInRequest, rows: Callable[[], QuerySet[Found]], pk: int, tables: Tables
) -> Found:
    """A row from among those that who asks may see, as long as nothing in its organ's tables changes.

    The tables begin with the row's own; it may tell of the catalogue besides. Raises Http404 where it is not among them.
    """
    stand_at = marks(request)
    key = (tables, pk, reader(request.user), stand_at[CATALOGUE], stand_at[PEOPLE])
    kept = _rows.get(key)
    if kept is None or not changed_parts(kept[0], stand_at[kept[1].organ_id]).isdisjoint(names_of(tables)):
        row: Any = get_object_or_404(rows(), pk=pk)
        kept = (stand_at[row.organ_id], row)
        _rows.put(key, kept)
    return kept[1]


def rows_unless_changed(
    view: View, tables: Tables, what: tuple[object, ...], rows: Callable[[], QuerySet[Row]]
) -> tuple[Row, ...]:
    """Rows of all organs that the reader of the view sees, as long as nothing in these tables changes there.

    `what` tells these rows from others; they may tell of the catalogue besides.
    """
    names = names_of(tables)
    found = (mark for organ in view.visible for mark in view.marks.get(organ.pk, "").split())
    stand_at = tuple(mark for mark in found if mark.partition(":")[0] in names)
    key = (*what, reader(view.user), view.marks.get(CATALOGUE), view.marks.get(PEOPLE), stand_at)
    kept = _lists.get(key) if view.marks else None
    if kept is None:
        kept = tuple(rows())
        _lists.put(key, kept, 1 + len(kept))
    return kept


def unless_changed(
    view: View,
    organ: int,
    tables: Tables,
    what: tuple[object, ...],
    make: Callable[[], Made],
    still: Callable[[Made], bool] = lambda made: True,
) -> Made:
    """What is made for the reader of the rows of some tables of an organ (its key); the same until such a row changes.

    Besides these it may tell of the catalogue, of people and of the day. What is no longer `still` so is made anew.
    """
    if not view.marks:
        return make()
    stand_at = (view.marks[CATALOGUE], view.marks[PEOPLE])
    key = (*what, tables, organ, reader(view.user), view.query, view.today, stand_at)
    now = view.marks[organ]
    kept = _kept.get(key)
    if kept is None or not changed_parts(kept[0], now).isdisjoint(names_of(tables)) or not still(kept[1]):
        kept = (now, make())
        _kept.put(key, kept)
    return kept[1]
