"""The versions of a reviewed row: what each says, and what its successor says differently (原 → 新)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import TypeVar

from django.db import models
from django.db.models import QuerySet
from django.utils.timezone import localtime

from measures.models import OPEN_STATES, Observation, Reviewed
from measures.models.columns import Columns
from measures.rollups.figures import trimmed

#: More names than these are counted.
MOST_NAMES = 3
NOTHING = "未填"

Row = TypeVar("Row", bound=Reviewed)


@dataclass(frozen=True)
class Difference:
    """One field that two versions fill differently."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Version:
    """One version of a row with what it changed; `mark` is a class for one that does not count yet."""

    number: str
    words: str
    state: str
    mark: str
    reason: str
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class _Shape:
    """The parts of a model that its people fill in."""

    columns: tuple[Columns, ...]
    fields: tuple[models.Field, ...]
    links: tuple[models.ManyToManyField, ...]


@cache
def _shape(model: type[Reviewed]) -> _Shape:
    columns = tuple(part for part in vars(model).values() if isinstance(part, Columns))
    inside = {f"{part.name}_{suffix}" for part in columns for suffix, _ in part.fields()}
    fields = [f for f in model._meta.local_concrete_fields if not f.primary_key and f.name not in inside]
    of_review = {f.name for f in Reviewed._meta.fields}
    return _Shape(
        columns, tuple(f for f in fields if f.name not in of_review), tuple(model._meta.local_many_to_many)
    )


def labels(model: type[Reviewed]) -> list[str]:
    """The names of what people fill in: quantities and periods as one, then fields, then links."""
    shape = _shape(model)
    return [c.label for c in shape.columns] + [str(f.verbose_name) for f in (*shape.fields, *shape.links)]


def differences(before: Reviewed, after: Reviewed) -> tuple[Difference, ...]:
    """What two versions of a row say differently, field by field; links as fetched."""
    shape = _shape(type(after))
    pairs = [(c.label, *(_column(row, c) for row in (before, after))) for c in shape.columns]
    pairs += [(str(f.verbose_name), *(_said(row, f) for row in (before, after))) for f in shape.fields]
    found = [Difference(*pair) for pair in pairs if pair[1] != pair[2]]
    for link in shape.links:
        old, new = ({o.pk: str(o) for o in getattr(row, link.name).all()} for row in (before, after))
        if old.keys() != new.keys():
            moves = (
                ("加入", [new[pk] for pk in new if pk not in old]),
                ("去掉", [old[pk] for pk in old if pk not in new]),
            )
            moved = "；".join(f"{verb}{_named(names)}" for verb, names in moves if names)
            found.append(Difference(str(link.verbose_name), f"{len(old)}项", f"{len(new)}项（{moved}）"))
    return tuple(found)


def _named(names: list[str]) -> str:
    return "、".join(names) if len(names) <= MOST_NAMES else f"“{names[0]}”等{len(names)}项"


def _column(row: Reviewed, column: Columns) -> str:
    value = getattr(row, column.name)
    return NOTHING if value is None else str(value)


def _said(row: Reviewed, field: models.Field) -> str:
    """What a row says in a field, as a person reads it."""
    value = getattr(row, field.attname)
    if value is None or value == "":
        return NOTHING
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if field.is_relation:
        return str(getattr(row, field.name))
    return trimmed(value) if isinstance(value, Decimal) else f"{value}"


def figure_words(row: Reviewed) -> str:
    """The figure of a version as said, 零报告 and 不适用 in words; empty for what is no figure."""
    if not isinstance(row, Observation):
        return ""
    return str(row.get_presence_display() if row.quantity is None else row.quantity)


def version_rows(rows: Sequence[Reviewed]) -> tuple[Version, ...]:
    """The versions of a row, newest first, each beside the one it followed; empty for a single one that counts."""
    if len(rows) == 1 and rows[0].is_current:
        return ()
    by_pk = {row.pk: row for row in rows}
    return tuple(
        Version(
            number=f"第{row.version}版",
            words=figure_words(row),
            state=_state(row),
            mark=row.state if row.state in OPEN_STATES else "",
            reason=row.reason,
            differences=differences(by_pk[row.previous_id], row) if row.previous_id in by_pk else (),
        )
        for row in reversed(rows)
    )


def _state(row: Reviewed) -> str:
    """现行，2021-03-05审核; 已被更正 …"""
    approved = f"{localtime(row.approved_at):%Y-%m-%d}审核" if row.approved_at else ""
    if row.is_current:
        return f"现行，{approved}"
    return f"已被更正，{approved}" if row.superseded_at else str(row.get_state_display())


def lineage(rows: QuerySet[Row], row: Row) -> list[Row]:
    """All versions of a row among rows that a user may see, oldest first, from two queries however many there are."""
    followed = rows.filter(organ=row.organ_id).exclude(previous=None).values_list("pk", "previous_id")
    return list(rows.filter(pk__in=_chain(dict(followed), row.pk)).order_by("pk"))


def _chain(followed: dict[int, int], pk: int) -> set[int]:
    """The keys that lead to one or from it, itself included."""
    found, ahead = {pk}, [pk]
    around: dict[int, set[int]] = {}
    for after, before in followed.items():
        around.setdefault(after, set()).add(before)
        around.setdefault(before, set()).add(after)
    while ahead:
        new: Iterable[int] = around.get(ahead.pop(), set()) - found
        found.update(new)
        ahead.extend(new)
    return found
