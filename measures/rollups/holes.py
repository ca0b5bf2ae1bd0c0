"""Periods that were left out (缺期) of what adds up: a sum that lacks one looks like any other."""

from collections.abc import Collection, Sequence
from functools import lru_cache

from measures.models import Metric
from measures.period import Period, PeriodKind
from measures.rollups.view import View
from measures.totals import OverTime
from organs.models import Organ

#: So many are named; of more it is said how many there are.
MOST_NAMED = 3


def holes(
    view: View, metric: Metric, organ: Organ, told: Collection[Period], above: Collection[Period] = ()
) -> tuple[Period, ...]:
    """The periods of a sum's rhythm between the first that the organ told and the newest that is over that lack a figure.

    Only those that lie as a whole in its days; `above` are those that an organ above told of with the units below it.
    Years are looked for up to the last one told: who told of one year does not owe all that follow.
    """
    rhythm, said = PeriodKind(metric.rhythm), [period for period in told if period.overlaps(view.period)]
    if metric.over_time != OverTime.SUM or rhythm is PeriodKind.SPAN or not said:
        return ()
    if (due := view.due(rhythm)) is None:
        return ()
    known, first = [*said, *above], min(period.end for period in said)
    if rhythm is PeriodKind.YEAR:
        due = min(due, Period.of(rhythm, max(period.last for period in said)), key=lambda period: period.end)
    begun = {period.start for period in known}
    return tuple(
        period
        for period in _line(Period.of(rhythm, view.period.start), due)
        if period.start >= first and period.start not in begun
        if view.has_whole(organ, period) and not any(period.overlaps(other) for other in known)
    )


@lru_cache(1_000)
def _line(first: Period, last: Period) -> tuple[Period, ...]:
    """The periods of one kind from one to another."""
    found = [first]
    while found[-1].end <= last.start:
        found.append(found[-1].next())
    return tuple(found)


def named(periods: Sequence[Period], within: Period | None = None) -> str:
    """2020年第四季度、2021年第一季度、第二季度等5期: the first few; the year where it is not that of the one before.

    Nor where all days of `within` are in it.
    """
    year = within.start.year if within and within.start.year == within.last.year else 0
    words = []
    for period in periods[:MOST_NAMED]:
        label = period.label
        words.append((label.removeprefix(f"{year}年") or label) if period.start.year == year else label)
        year = period.start.year
    more = f"等{len(periods)}期" if len(periods) > MOST_NAMED else ""
    return "、".join(words) + more


def lacks(view: View, periods: Sequence[Period]) -> str:
    """缺第二季度: what is said beside a sum; empty where no period was left out."""
    return f"缺{named(periods, view.period)}" if periods else ""
