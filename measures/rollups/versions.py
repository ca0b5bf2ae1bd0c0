"""The versions of a reviewed row: what each says, and what its successor says differently (原 → 新)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import QuerySet
from django.utils.timezone import localtime

from measures.models import OPEN_STATES, Observation, Reviewed
from measures.rollups.changes import Difference, differences

Row = TypeVar("Row", bound=Reviewed)


@dataclass(frozen=True)
class Version:
    """One version of a row with what it changed; `mark` is a class for one that does not count yet."""

    number: str
    words: str
    state: str
    mark: str
    reason: str
    differences: tuple[Difference, ...]


def version_rows(rows: Sequence[Reviewed]) -> tuple[Version, ...]:
    """The versions of a row, newest first, each beside the one it followed; empty for a single one that counts."""
    if len(rows) == 1 and rows[0].is_current:
        return ()
    by_pk = {row.pk: row for row in rows}
    return tuple(
        Version(
            number=f"第{row.version}版",
            words=row.said if isinstance(row, Observation) else "",
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
