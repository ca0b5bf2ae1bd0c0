"""A deleted row as canonical text and back: the row, what went with it, and what others said of it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core import serializers
from django.core.serializers.base import DeserializationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


class Exactly(DjangoJSONEncoder):
    """With times to the microsecond: who was shown a row says so by the very moment of its last change."""

    def default(self, o: Any) -> Any:
        """Times and days in ISO form, the rest as Django has it."""
        return o.isoformat() if isinstance(o, datetime | date) else super().default(o)


@dataclass(frozen=True)
class Unpacked:
    """A row, the keys of the rows that it was tied to by field, and by relation those that were tied to it."""

    row: models.Model
    links: dict[str, list[int]]
    named_by: dict[str, list[int]]


def packed(rows: Iterable[models.Model]) -> str:
    """Rows with their links as text, the main one first."""
    rows = list(rows)
    return json.dumps(
        {
            "rows": serializers.serialize("json", rows, cls=Exactly, ensure_ascii=False),
            "named_by": [_named_by(row) for row in rows],
        },
        ensure_ascii=False,
    )


def unpacked(text: str) -> list[Unpacked]:
    """What `packed` was given; ValueError if a column has gone since."""
    said = json.loads(text)
    try:
        found = list(serializers.deserialize("json", said["rows"]))
    except DeserializationError as error:
        raise ValueError("what was deleted no longer fits its table") from error
    return [
        Unpacked(
            row=one.object,
            links={name: [int(pk) for pk in pks] for name, pks in (one.m2m_data or {}).items()},
            named_by=named_by,
        )
        for one, named_by in zip(found, said["named_by"], strict=True)
    ]


def _named_by(row: models.Model) -> dict[str, list[int]]:
    """Keys of the rows whose links name this one, by the relation's accessor."""
    found = {}
    for relation in row._meta.related_objects:
        if not relation.many_to_many or not (name := relation.get_accessor_name()):
            continue
        if pks := sorted(one.pk for one in getattr(row, name).all()):
            found[name] = pks
    return found
