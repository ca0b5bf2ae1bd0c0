"""What the data of an organ stands at, so that pages reckoned from it may be kept as long as nothing has changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from django.contrib.postgres.functions import RandomUUID
from django.db import connection, models

from organs.models.user import User

#: In place of an organ's number: what belongs to all (catalogue, campaigns, the tree), and who holds which office.
CATALOGUE, PEOPLE = 0, -1

#: The marks on an organ, each behind the table it is about: "measures_action:… measures_target:…".
Marks = str
#: Asks what every organ, the catalogue and the people stand at.
ALL_MARKS = """
SELECT organ_id, string_agg(part || ':' || mark, ' ' ORDER BY mark) FROM organs_organversion GROUP BY organ_id
"""


class OrganVersionQuerySet(models.QuerySet["OrganVersion"]):
    """Versions by organ."""

    def visible_to(self, user: User) -> OrganVersionQuerySet:
        """Nobody looks at them."""
        return self.none()

    def marks(self) -> Mapping[int, Marks]:
        """What every organ, the catalogue and the people stand at; the same marks mean the same data. One query."""
        with connection.cursor() as cursor:  # of every request: building it would take longer than asking
            cursor.execute(ALL_MARKS)
            return defaultdict(str, cursor.fetchall())


def changed_parts(before: Marks, after: Marks) -> frozenset[str]:
    """The tables in which something of an organ has changed between two readings of its marks."""
    return frozenset(
        mark.partition(":")[0] for mark in frozenset(before.split()).symmetric_difference(after.split())
    )


class OrganVersion(models.Model):
    """A mark that a transaction left on an organ whose rows it changed (数据版本); only triggers of the database write it.

    For each table that it changed, a transaction takes away the marks that were there when it began, and its own older
    ones, and leaves a new one; it waits for nobody. So an organ never has the same marks for other data, not even in a
    copy or an older state of the database, and without a change it keeps them.
    """

    mark = models.UUIDField("标记", primary_key=True, db_default=RandomUUID())
    organ_id = models.BigIntegerField("单位编号", db_index=True)
    part = models.CharField("数据表", max_length=63)
    transaction = models.BigIntegerField("事务编号")

    objects = OrganVersionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "数据版本"

    def __str__(self) -> str:
        return f"{self.organ_id}：{self.mark}"
