"""What every form that a sheet may be has: columns, and how a row of texts is read."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet

from measures.forms.fields import QuantityField
from measures.models import Metric, Reviewed
from measures.quantity import Quantity
from measures.resources import cells
from measures.resources.known import Known
from measures.tables import Column
from measures.wording import scaled_twice
from organs.models import Organ
from organs.sheets import Cell

ORGAN = Column("organ", "单位", ("机关单位", "填报单位", "单位名称", "责任单位"))
#: What a row of ours is known by when it comes back, and as of when it was handed out.
MARK = Column("mark", "系统标记")
_LISTED = "、，,;；\n"
#: Where the unit stands in a figure: 95%以上, 50余人左右.
_END_OF_NUMBER = re.compile(r"(?:及?以[上下内]|左右|上下)?$")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass
class Said:
    """What a row says: its organ, values by attribute, rows that it is tied to, and what is wrong by column."""

    organ: Organ | None = None
    values: dict[str, Any] = field(default_factory=dict)
    links: dict[str, list[models.Model]] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    #: What the program proposes where the row says nothing: for a new row, never against one that is stored.
    proposed: dict[str, Any] = field(default_factory=dict)


class Kind(ABC):
    """A form: its name in addresses, what it is called, its rows, its columns, and columns that are taken over as they are."""

    name: ClassVar[str]
    label: ClassVar[str]
    model: ClassVar[type[Reviewed]]
    columns: ClassVar[tuple[Column, ...]]
    plain: ClassVar[Mapping[str, Callable[[str], Any]]] = {}
    #: A made-up row that shows how it is filled in, by column.
    example: ClassVar[Mapping[str, str]]

    def read(self, known: Known, line: Mapping[str, str], heads: Mapping[str, str]) -> Said:
        """What the texts of a row say; what is wrong stands beside its column."""
        said = Said()
        with beside("organ", said):
            said.organ = known.organ(line.get("organ", ""))
        for key, clean in self.plain.items():
            if line.get(key):
                with beside(key, said):
                    said.values[key] = clean(line[key])
        for column in self.columns:
            if column.needed and not line.get(column.key):
                said.wrong.setdefault(column.key, "这一格是空的，请填写。")
        if said.organ:
            self.relate(known, said.organ, line, heads, said)
        return said

    @abstractmethod
    def written(self, known: Known, row: Any) -> dict[str, Cell]:
        """What a row says, by column: read again, it says the same."""

    def texts(self, known: Known, row: Any) -> dict[str, Cell]:
        """`written`, with what is taken over as it is and the mark that the row is known by."""
        plain = {key: getattr(row, key) for key in self.plain}
        return {
            ORGAN.key: known.organ_name(row.organ),
            **plain,
            **self.written(known, row),
            MARK.key: mark_of(row),
        }

    def left_out(self, line: Mapping[str, str]) -> str:
        """Why a row of a template was left as it was handed out; empty if it says something."""
        return ""

    @abstractmethod
    def relate(
        self, known: Known, organ: Organ, line: Mapping[str, str], heads: Mapping[str, str], said: Said
    ) -> None:
        """What a row says in the terms of other rows."""

    @abstractmethod
    def identity(self, row: Any) -> tuple[Any, ...] | None:
        """What tells one row from another; None where a row says too little."""

    def stored(self, rows: Sequence[Any]) -> QuerySet:
        """What is stored already and might be one of the rows: versions that count, or are on their way."""
        organs = {row.organ_id for row in rows}
        found = self.model._default_manager.live().filter(organ__in=organs)
        return found.select_related(*self.foreign).order_by("version", "pk")

    def neighbours(self, row: Any) -> Any:
        """What rows have in common that might not stand beside each other."""
        return None

    def clash(self, row: Any, stored: Sequence[Any]) -> str:
        """Why a new row cannot stand beside what is stored, as a sentence; empty if it can."""
        return ""

    #: Foreign keys of a row that are read with it.
    foreign: ClassVar[tuple[str, ...]] = ("organ",)


@contextmanager
def beside(column: str, said: Said) -> Iterator[None]:
    """Put what is wrong inside the block beside a column."""
    try:
        yield
    except ValidationError as error:
        said.wrong.setdefault(column, " ".join(error.messages))


def mark_of(row: Reviewed) -> str:
    """The mark (系统标记) of a row that is handed out: which one it is, and as of when."""
    return f"{row.pk}-{(row.changed_at - _EPOCH) // _MICROSECOND:x}"


def listed(text: str) -> list[str]:
    """The names of a list in one cell."""
    for mark in _LISTED:
        text = text.replace(mark, "\t")
    return [name.strip() for name in text.split("\t") if name.strip()]


def figure(known: Known, metric: Metric, text: str, unit: str, head: str) -> Quantity | None:
    """A figure as a cell says it, else in the `unit` of its row or of its head; ValidationError with a sentence."""
    narrow = cells.half_width(text).replace(",", "")
    if not any(name in narrow for name in known.unit_names):
        named = _unit_around(known, unit, head)
        if named not in ("", *metric.unit.spec.names):
            _refuse_scaled_twice(known, narrow, named)
            text = _END_OF_NUMBER.sub(lambda end: f"{named}{end[0]}", text.strip(), count=1)
    return QuantityField.read(text, metric, known.convertible(metric))


def _refuse_scaled_twice(known: Known, narrow: str, named: str) -> None:
    """Under 万元 somebody may have written 5万 for five of them, and for 5万元."""
    if (unit := known.units.get(named)) and (why := scaled_twice(_END_OF_NUMBER.sub("", narrow), unit.spec)):
        raise ValidationError(why)


def _unit_around(known: Known, unit: str, head: str) -> str:
    """The unit that the row or the head (数值（元）) names; ValidationError where they name two."""
    row = known.unit_names.get(bare_unit(unit), bare_unit(unit))
    called = re.findall(r"\((?:单位:)?([^()]+)\)", bare_unit(head))
    above = next((known.unit_names[name] for name in called if name in known.unit_names), "")
    if row and above and row != above:
        raise ValidationError(f"计量单位写的是“{row}”，表头写的是“{above}”，请改成一样。")
    return row or above


def bare_unit(written: str) -> str:
    """A unit as it is compared: half-width, without spaces."""
    return re.sub(r"\s", "", cells.half_width(written))
