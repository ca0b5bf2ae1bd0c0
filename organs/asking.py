"""Questions that are asked again and again: built once, since building a query takes longer than asking it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from django.db import connection, models

Row = TypeVar("Row", bound=models.Model)
Beside = TypeVar("Beside", bound=models.Model)


class Question(Generic[Row]):
    """A query that is asked again and again with other values, and gives the same rows as the queryset would.

    `build` makes the queryset from values like `samples`, which differ from each other and from all else in the query, the
    rest of which stays as it is; a sample that is a list of one stands for a list of any length. What it fetches by
    select_related comes with the rows, one step far, and what it is annotated with.
    """

    def __init__(self, build: Callable[..., models.QuerySet[Row, Any]], *samples: object) -> None:
        self._build, self._samples = build, samples
        self._sql = ""
        self._params: list[tuple[int | None, object]] = []
        self.width = 0

    def rows(self, *values: Any) -> list[Row]:
        """The rows for these values, which stand in the order of the samples; one query."""
        return [self.made(row) for row in self.columns(*values)]

    def columns(self, *values: Any) -> list[tuple[Any, ...]]:
        """What a query of single columns (`values_list`) finds for these values."""
        return fetched(*self.statement(*values))

    def statement(self, *values: Any) -> tuple[str, list[Any]]:
        """The query for these values, and its parameters."""
        if not self._sql:
            self._prepare()
        return self._sql, [own if place is None else values[place] for place, own in self._params]

    def _prepare(self) -> None:
        query: Any = self._build(*self._samples).query
        if query.default_cols:
            self._shape(query)
        sql, params = query.sql_with_params()
        parts, found = sql.split("%s"), []
        for number, value in enumerate(params):
            place = next((i for i, sample in enumerate(self._samples) if sample in (value, [value])), None)
            found.append((place, value))
            if place is not None and self._samples[place] == [value]:
                assert parts[number].endswith("IN ("), "a list stands where one of several is looked for"
                parts[number] = parts[number].removesuffix("IN (") + "= ANY("
        self._params = found
        self._sql = "%s".join(parts)  # last: another thread asks as soon as it is there

    def _shape(self, query: Any) -> None:
        """What the columns of rows are."""
        self._model: Any = query.model
        beside = query.select_related if isinstance(query.select_related, dict) else {}
        self._beside = [self._model._meta.get_field(name) for name in beside]
        models_read = [self._model, *(field.related_model for field in self._beside)]
        assert not any(hasattr(f, "from_db_value") for m in models_read for f in m._meta.concrete_fields)
        self._annotated = [*query.annotation_select]
        self.width = len(self._annotated) + sum(len(model._meta.concrete_fields) for model in models_read)

    def made(self, columns: tuple[Any, ...]) -> Row:
        """The row that the first columns are of, once a statement was made."""
        made, rest = _taken(self._model, columns)
        for name, value in zip(self._annotated, rest, strict=False):
            setattr(made, name, value)
        rest = rest[len(self._annotated) :]
        for field in self._beside:
            other, after = _taken(field.related_model, rest)
            setattr(made, field.name, None if rest[0] is None else other)  # the key comes first
            rest = after
        return made


class Together(Generic[Row, Beside]):
    """Two questions asked at once: one that finds a single row or none, and one that finds any number."""

    def __init__(self, single: Question[Row], many: Question[Beside]) -> None:
        self._single, self._many = single, many

    def rows(self, values: Sequence[Any], others: Sequence[Any]) -> tuple[Row | None, list[Beside]]:
        """The row for the one's values and the rows for the other's, in no order; none where there is no row; one query."""
        (one, first), (many, second) = self._single.statement(*values), self._many.statement(*others)
        found = fetched(f"SELECT * FROM ({one}) one LEFT JOIN ({many}) many ON true", [*first, *second])
        if not found:
            return None, []
        rest = self._single.width
        return self._single.made(found[0]), [
            self._many.made(row[rest:]) for row in found if row[rest] is not None
        ]


def fetched(sql: str, params: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows that a statement finds; it was built before, which takes longer than asking."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def _taken(model: Any, columns: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
    """A row of the model from the first columns, and the columns that are left."""
    names = [field.attname for field in model._meta.concrete_fields]
    return model.from_db(connection.alias, names, columns[: len(names)]), columns[len(names) :]
