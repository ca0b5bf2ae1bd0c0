"""Questions that every request asks: built once, since building a query takes longer than asking it."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from django.db import connection, models

Row = TypeVar("Row", bound=models.Model)
Beside = TypeVar("Beside", bound=models.Model)


class Question(Generic[Row]):
    """A query that is asked again and again with other values, and gives the same rows as the queryset would.

    `build` makes the queryset from values like `samples`, which differ from each other and from all else in the query;
    what it fetches by select_related comes with the rows, one step far, and what it is annotated with.
    """

    def __init__(self, build: Callable[..., models.QuerySet[Row]], *samples: object) -> None:
        self._build, self._samples = build, samples
        self._sql, self._order = "", [0]

    def rows(self, *values: Any) -> list[Row]:
        """The rows for these values, which stand in the order of the samples; one query."""
        return [self.made(row) for row in _fetched(*self.statement(*values))]

    def statement(self, *values: Any) -> tuple[str, list[Any]]:
        """The query for these values, and its parameters."""
        if not self._sql:
            self._prepare()
        return self._sql, [values[place] for place in self._order]

    def _prepare(self) -> None:
        query: Any = self._build(*self._samples).query
        self._model: Any = query.model
        beside = query.select_related if isinstance(query.select_related, dict) else {}
        self._beside = [self._model._meta.get_field(name) for name in beside]
        models_read = [self._model, *(field.related_model for field in self._beside)]
        assert not any(hasattr(f, "from_db_value") for m in models_read for f in m._meta.concrete_fields)
        self._annotated = [*query.annotation_select]
        self.width = len(self._annotated) + sum(len(model._meta.concrete_fields) for model in models_read)
        sql, params = query.sql_with_params()
        self._order = [self._samples.index(value) for value in params]
        self._sql = sql  # last: another thread asks as soon as it is there

    def made(self, columns: tuple[Any, ...]) -> Row:
        """The row that the first columns are of, once a statement was made."""
        made, rest = _taken(self._model, columns)
        for name, value in zip(self._annotated, rest, strict=False):
            setattr(made, name, value)
        rest = rest[len(self._annotated) :]
        for field in self._beside:
            other, rest = _taken(field.related_model, rest)
            setattr(made, field.name, other)
        return made


class Together(Generic[Row, Beside]):
    """Two questions asked at once: one that finds a single row or none, and one that finds any number."""

    def __init__(self, single: Question[Row], many: Question[Beside]) -> None:
        self._single, self._many = single, many

    def rows(self, values: Sequence[Any], others: Sequence[Any]) -> tuple[Row | None, list[Beside]]:
        """The row for the one's values and the rows for the other's, in no order; none where there is no row; one query."""
        (one, first), (many, second) = self._single.statement(*values), self._many.statement(*others)
        found = _fetched(f"SELECT * FROM ({one}) one LEFT JOIN ({many}) many ON true", [*first, *second])
        if not found:
            return None, []
        rest = self._single.width
        return self._single.made(found[0]), [
            self._many.made(row[rest:]) for row in found if row[rest] is not None
        ]


def _fetched(sql: str, params: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def _taken(model: Any, columns: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
    """A row of the model from the first columns, and the columns that are left."""
    names = [field.attname for field in model._meta.concrete_fields]
    return model.from_db(connection.alias, names, columns[: len(names)]), columns[len(names) :]
