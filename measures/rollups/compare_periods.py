"""Two periods of one organ beside each other (两期对比)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from django.db.models import Count, Q

from measures.models import Action, Activity, Honour, Metric, Pillar
from measures.period import Period
from measures.progress import Standing
from measures.rollups.compare import (
    OTHER,
    Numbers,
    Pair,
    bare,
    by_standing,
    change_between,
    has_told,
    label_of,
    numbers,
    own_cell,
)
from measures.rollups.honours import HonourGroup, honour_groups
from measures.rollups.load import Figures, load_figures
from measures.rollups.narrow import unless_changed
from measures.rollups.standing import standing
from measures.rollups.view import View, address
from measures.totals import OverTime, OwnFigure
from organs.models import Organ

CARRIED = "本期没有新数"
UNEQUAL = "合计的时间长短不同，不比增减"


@dataclass(frozen=True)
class Group:
    """Figures of one theme in both periods."""

    name: str
    pairs: tuple[Pair, ...]


@dataclass(frozen=True)
class PeriodsPage:
    """Two periods of one organ, the earlier one first."""

    before: str
    after: str
    numbers: tuple[Numbers, ...]
    groups: tuple[Group, ...]
    honours: tuple[tuple[str, tuple[HonourGroup, ...]], ...]
    below: int  # units whose rows are not among these

    @property
    def has_honours(self) -> bool:
        """Whether there is an honour in one of the periods."""
        return any(groups for _, groups in self.honours)


def compare_periods(view: View, organ: Organ, other: Period) -> PeriodsPage:
    """The organ in the period of the view and in another one; from a constant number of queries."""
    periods = sorted((view.period, other), key=lambda period: (period.start, period.end))
    span = Period.span(periods[0].start, max(period.end for period in periods))
    found = load_figures(replace(view, organs=(organ,), period=span))
    before, after = (replace(found, view=_during(found.view, period)) for period in periods)
    groups: dict[str, list[Pair]] = defaultdict(list)
    for metric in found.metrics.values():
        if has_told(before, metric, organ) or has_told(after, metric, organ):
            theme = metric.theme.name if metric.theme else OTHER
            groups[theme].append(_pair(view, before, after, metric, organ))
    return PeriodsPage(
        before=periods[0].label,
        after=periods[1].label,
        numbers=_numbers(view, organ, found, before.view.period, after.view.period),
        groups=tuple(Group(name, tuple(pairs)) for name, pairs in groups.items()),
        honours=tuple((side.view.period.label, _honours(side, organ)) for side in (before, after)),
        below=sum(unit.path.startswith(organ.path) for unit in view.organs if unit != organ),
    )


def _during(view: View, period: Period) -> View:
    """The view of one of the periods; its links keep that period."""
    kept = tuple((name, value) for name, value in view.query if name != "period")
    return replace(view, period=period, query=(("period", period.key), *kept))


def _pair(view: View, before: Figures, after: Figures, metric: Metric, organ: Organ) -> Pair:
    was, now = (side.own(metric, organ) for side in (before, after))
    words = change_between(metric, was.quantity if was else None, now.quantity if now else None)
    if was and now and was.used == now.used:
        words = CARRIED
    elif words and was and now and metric.over_time == OverTime.SUM:
        sides = ((before, was), (after, now))
        words = words if len({_months(side, organ, own) for side, own in sides}) == 1 else UNEQUAL
    kept = replace(view, query=tuple(pair for pair in view.query if pair[0] != "period"))
    url = kept.link(address("series", metric.pk, organ.pk))
    left, right = (bare(own_cell(side, metric, organ)) for side in (before, after))
    return Pair(label_of(metric), url, left, right, words)


def _months(figures: Figures, organ: Organ, own: OwnFigure) -> int:
    """How many months a figure that adds up tells of, rounded; what is shorter is one."""
    periods = [figures.row(key, organ).period for key in own.used]
    days = sum((period.end - period.start).days for period in periods)
    return max(1, (12 * days + 183) // 365)


def _numbers(view: View, organ: Organ, found: Figures, *periods: Period) -> tuple[Numbers, ...]:
    """Actions of the campaigns of each period as they stand today, what was closed and held in it, and honours."""
    digest, pillars = found.digests[organ.pk], _pillars(view, organ, periods)
    standings: list[list[Standing]] = []
    closed: list[int] = []
    for period in periods:
        lines = [line for line in digest.actions if pillars[line.pillar_id].overlaps(period)]
        standings.append([standing(line, view.today, held=bool(line.held)) for line in lines])
        closed.append(sum(bool(line.closed_on and period.contains(line.closed_on)) for line in lines))
    held = [sum(pillar.held[n] for pillar in pillars.values()) for n in range(len(periods))]
    honours = [len(_of_period(found, organ, period)) for period in periods]
    return (
        *by_standing(*standings),
        numbers("期内销号的举措", closed),
        numbers("期内举行的活动", held, "次"),
        numbers("荣誉", honours),
    )


class _Pillar(NamedTuple):
    """The days of a heading's campaign, and how many activities were held under it in each period."""

    first: date
    last: date
    held: tuple[int, ...]

    def overlaps(self, period: Period) -> bool:
        """Whether the campaign has days in the period."""
        return self.first < period.end and self.last >= period.start


def _pillars(view: View, organ: Organ, periods: Sequence[Period]) -> dict[int, _Pillar]:
    """The organ's headings by number: one query if its work has changed."""

    def read() -> dict[int, _Pillar]:
        rows = Pillar.objects.filter(organ=organ)
        if view.campaign:
            rows = rows.filter(campaign=view.campaign)
        approved = Activity.objects.current().filter(organ=organ)
        path = "actions__activities"
        held = {
            f"n{n}": Count(
                path,
                filter=Q(
                    **{f"{path}__in": approved, f"{path}__day__gte": p.start, f"{path}__day__lt": p.end}
                ),
            )
            for n, p in enumerate(periods)
        }
        days = ("pk", "campaign__first_day", "campaign__last_day")
        found = rows.order_by().annotate(**held).values_list(*days, *held)
        return {pk: _Pillar(first, last, tuple(numbers)) for pk, first, last, *numbers in found}

    what = ("held under", view.campaign and view.campaign.pk, *((p.start, p.end) for p in periods))
    return unless_changed(view, organ.pk, (Pillar, Action, Activity), what, read)


def _of_period(found: Figures, organ: Organ, period: Period) -> list[Honour]:
    years = range(period.start.year, period.last.year + 1)
    honours = found.digests[organ.pk].honours
    return [h for h in honours if (period.start <= h.day < period.end if h.day else h.year in years)]


def _honours(side: Figures, organ: Organ) -> tuple[HonourGroup, ...]:
    return honour_groups(side.view, _of_period(side, organ, side.view.period))
