"""What has changed of late (近期变化): new and corrected figures, closed and late actions, honours."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from heapq import merge
from itertools import chain, islice
from operator import attrgetter
from typing import overload

from measures.models import Honour
from measures.period import SHANGHAI, shanghai_day
from measures.progress import Standing
from measures.rollups.digest import Digest
from measures.rollups.rows import ActionLine, Row, day_of, moment
from measures.rollups.standing import standing
from measures.rollups.view import View
from organs.models import Organ


class News(StrEnum):
    """The kinds of change, in the order of the page."""

    FIGURE = "figure"
    CLOSED = "closed"
    LATE = "late"
    CORRECTION = "correction"
    HONOUR = "honour"


NEWS_LABELS = {
    News.FIGURE: "新增数值",
    News.CLOSED: "已销号",
    News.LATE: "新逾期",
    News.CORRECTION: "更正",
    News.HONOUR: "新荣誉",
}
WINDOWS = (7, 30)
A_DAY = timedelta(days=1)

Thing = Row | ActionLine | Honour


@dataclass(frozen=True)
class Change:
    """One thing that has changed, with its organ and the day."""

    kind: News
    day: date
    organ: Organ
    thing: Thing


class Newest(Sequence[Change]):
    """Changes kind by kind, within a kind the newest first; merged no further than they are asked for; slices go forward.

    Made of what each organ has of each kind, the newest first there.
    """

    def __init__(self, kinds: Sequence[Sequence[Sequence[Change]]]) -> None:
        self.kinds = kinds

    def __len__(self) -> int:
        return sum(len(own) for organs in self.kinds for own in organs)

    def __iter__(self) -> Iterator[Change]:
        merged = (merge(*organs, key=attrgetter("day"), reverse=True) for organs in self.kinds)
        return chain.from_iterable(merged)

    @overload
    def __getitem__(self, place: int) -> Change: ...
    @overload
    def __getitem__(self, place: slice) -> list[Change]: ...
    def __getitem__(self, place: int | slice) -> Change | list[Change]:
        if isinstance(place, slice):
            return [*islice(self, *place.indices(len(self)))]
        return next(islice(self, range(len(self))[place], None))  # or IndexError, by the range


def changes(view: View, digests: Iterable[Digest], days: int, kinds: Collection[News]) -> Newest:
    """What has changed in the last days, today included: of these kinds."""
    organs = [_of_organ(view, digest, days) for digest in digests]
    return Newest([[own[kind] for own in organs if kind in own] for kind in News if kind in kinds])


def numbers(view: View, digests: Iterable[Digest], days: int) -> dict[News, int]:
    """How much has changed in the last days, today included, by kind."""
    found = dict.fromkeys(News, 0)
    for digest in digests:
        for kind, rows in _of_organ(view, digest, days).items():
            found[kind] += len(rows)
    return found


def _of_organ(view: View, digest: Digest, days: int) -> Mapping[News, Sequence[Change]]:
    """What has changed in one organ, by kind; kept beside its digest."""
    since = view.today - timedelta(days=days - 1)
    key = ("changes", since, view.today, view.period.start, view.period.end)
    if key not in digest.known:
        found: dict[News, list[Change]] = defaultdict(list)
        for change in (
            *_figures(view, digest, since),
            *_actions(view, digest, since),
            *_honours(digest, since),
        ):
            found[change.kind].append(change)
        for rows in found.values():
            rows.sort(key=attrgetter("day"), reverse=True)
        digest.known[key] = dict(found)
    return digest.known[key]


def _figures(view: View, digest: Digest, since: date) -> Iterable[Change]:
    start = moment(datetime.combine(since, time(), SHANGHAI))
    for row in digest.since(start):
        if row.period.overlaps(view.period):
            kind = News.FIGURE if row.version == 1 else News.CORRECTION
            yield Change(kind, day_of(row.moment), digest.organ, row)


def _actions(view: View, digest: Digest, since: date) -> Iterable[Change]:
    for line in digest.actions:
        if line.closed_on and since <= line.closed_on <= view.today:
            yield Change(News.CLOSED, line.closed_on, digest.organ, line)
        elif line.due_day and since - A_DAY <= line.due_day < view.today and _is_late(line, view.today):
            # late from the day after
            yield Change(News.LATE, line.due_day, digest.organ, line)


def _is_late(line: ActionLine, today: date) -> bool:
    return standing(line, today, held=line.progress) is Standing.LATE


def _honours(digest: Digest, since: date) -> Iterable[Change]:
    for honour in digest.honours:
        if honour.approved_at and (day := shanghai_day(honour.approved_at)) >= since:
            yield Change(News.HONOUR, day, digest.organ, honour)
