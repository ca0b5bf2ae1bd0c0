"""Rows by the ten thousand: made as instances of models, stored by COPY."""

from itertools import count
from typing import TypeVar, cast

from django.core.management.color import no_style
from django.db import connection, models, transaction

Row = TypeVar("Row", bound=models.Model)


class Stock:
    """New rows of tables that are empty, numbered as they come; `store` writes them all, kinds in the order of the first."""

    def __init__(self) -> None:
        self.rows: dict[type[models.Model], list[models.Model]] = {}
        self._numbers: dict[type[models.Model], count] = {}

    def add(self, row: Row) -> Row:
        """Keep a row to be stored; from now on it has its number."""
        row.pk = next(self._numbers.setdefault(type(row), count(1)))
        self.rows.setdefault(type(row), []).append(row)
        return row

    def of(self, kind: type[Row]) -> list[Row]:
        """The rows of a kind."""
        return cast(list[Row], self.rows.get(kind, []))

    @transaction.atomic
    def store(self) -> None:
        """Write the rows, which the database checks; its own triggers rest meanwhile, foreign keys do not."""
        tables = [connection.ops.quote_name(model._meta.db_table) for model in self.rows]
        with connection.cursor() as cursor:
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            for model, rows in self.rows.items():
                self._copy(cursor, model, rows)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            for statement in connection.ops.sequence_reset_sql(no_style(), [*self.rows]):
                cursor.execute(statement)
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")

    @staticmethod
    def _copy(cursor, model: type[models.Model], rows: list[models.Model]) -> None:
        fields = model._meta.concrete_fields
        names = ", ".join(connection.ops.quote_name(field.column) for field in fields)
        table = connection.ops.quote_name(model._meta.db_table)
        attributes = [field.attname for field in fields]
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                values = vars(row)
                copy.write_row([values[name] for name in attributes])
