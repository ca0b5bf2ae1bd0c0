"""What a row says, field by field in words, and what a version says differently from the one before it (原 → 新)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from django.db import models

from measures.models import Reviewed
from measures.models.columns import Columns
from measures.numerals import plain
from measures.quantity import Quantity

#: Of more names the first few are given, and how many there are.
MOST_NAMES = 5
NOTHING = "未填"


@dataclass(frozen=True)
class Difference:
    """One field that two versions fill differently."""

    label: str
    before: str
    after: str


@cache
def _shape(model: type[Reviewed]) -> tuple[tuple[Columns, ...], tuple[models.Field, ...]]:
    """What people fill in: quantities and periods as one value each, then the other fields."""
    columns = tuple(part for part in vars(model).values() if isinstance(part, Columns))
    inside = {f"{part.name}_{suffix}" for part in columns for suffix, _ in part.fields()}
    fields = [f for f in model._meta.concrete_fields if f.editable and not f.primary_key]
    return columns, tuple(f for f in fields if f.name not in inside)


def labels(model: type[Reviewed]) -> list[str]:
    """The names of what people fill in: quantities and periods as one, then fields, then links."""
    columns, fields = _shape(model)
    return [c.label for c in columns] + [str(f.verbose_name) for f in (*fields, *model._meta.many_to_many)]


def told(row: Reviewed) -> Iterator[tuple[str, str, str]]:
    """Name, label and words of every field that people fill in; no words where it is empty."""
    columns, fields = _shape(type(row))
    for column in columns:
        yield column.name, column.label, _said(getattr(row, column.name))
    for field in fields:
        value = getattr(row, field.name)
        shown = dict(field.flatchoices).get(value, value) if field.choices else value
        yield field.name, str(field.verbose_name), _said(shown)


def is_default(row: Reviewed, name: str) -> bool:
    """Whether a field holds what it holds by default, which nobody need read."""
    fields: dict[str, Any] = {f.name: f for f in row._meta.concrete_fields}
    return name in fields and fields[name].has_default() and fields[name].get_default() == getattr(row, name)


def _said(value: Any) -> str:
    match value:
        case None | "":
            return ""
        case bool():
            return "是" if value else "否"
        case Quantity():
            return f"{value}（{value.range_words}）" if value.low != value.high else str(value)
        case Decimal():
            return plain(value)
        case date():
            return f"{value:%Y-%m-%d}"
    return str(value)


def differences(before: Reviewed, after: Reviewed) -> tuple[Difference, ...]:
    """What two versions of a row say differently; links as fetched."""
    found = [
        Difference(label, old or NOTHING, new or NOTHING)
        for (_, label, new), (_, _, old) in zip(told(after), told(before), strict=True)
        if old != new
    ]
    for field in after._meta.many_to_many:
        old, new = ({o.pk: o for o in getattr(row, field.name).all()} for row in (before, after))
        moves = (
            ("加入", [new[pk] for pk in new if pk not in old]),
            ("去掉", [old[pk] for pk in old if pk not in new]),
        )
        if moved := "；".join(f"{verb}{named(rows)}" for verb, rows in moves if rows):
            found.append(Difference(str(field.verbose_name), f"{len(old)}项", f"{len(new)}项（{moved}）"))
    return tuple(found)


def named(rows: Iterable[models.Model]) -> str:
    """The names of rows, of many the first few and how many there are."""
    names = [str(row) for row in rows]
    more = f"等{len(names)}项" if len(names) > MOST_NAMES else ""
    return "、".join(names[:MOST_NAMES]) + more
