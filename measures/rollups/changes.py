"""What a row says, field by field in words, and what a version changes against the one before it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models

from measures.models import Reviewed
from measures.models.columns import Columns
from measures.numerals import plain
from measures.quantity import Quantity

MOST_NAMES = 5


@dataclass(frozen=True)
class Change:
    """One field as the version before has it and as the new one has it."""

    label: str
    before: str
    after: str


def told(row: Reviewed) -> Iterator[tuple[str, str, str]]:
    """Name, label and words of every field that people fill in; no words where it is empty."""
    columns = [value for value in vars(type(row)).values() if isinstance(value, Columns)]
    told_whole = {f"{column.name}_{suffix}" for column in columns for suffix, _ in column.fields()}
    for column in columns:
        yield column.name, column.label, _said(getattr(row, column.name))
    for field in row._meta.concrete_fields:
        if field.editable and not field.primary_key and field.name not in told_whole:
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


def changes(before: Reviewed, after: Reviewed) -> tuple[Change, ...]:
    """The fields in which two versions differ, and the rows that were tied to it or are no longer."""
    old = {name: words for name, _, words in told(before)}
    found = [
        Change(label, old[name] or "空", words or "空")
        for name, label, words in told(after)
        if old[name] != words
    ]
    for field in after._meta.many_to_many:
        had, has = (list(getattr(row, field.name).all()) for row in (before, after))
        gone, new = [row for row in had if row not in has], [row for row in has if row not in had]
        if gone or new:
            words = (f"去掉{named(gone)}" if gone else "没有去掉", f"加上{named(new)}" if new else "没有加上")
            found.append(Change(str(field.verbose_name), *words))
    return tuple(found)


def named(rows: Iterable[models.Model]) -> str:
    """The names of rows, of many the first few and how many there are."""
    names = [str(row) for row in rows]
    more = f"等{len(names)}项" if len(names) > MOST_NAMES else ""
    return "、".join(names[:MOST_NAMES]) + more
