"""What the approved rows of one organ say, as far as a period may use them: read once, kept until a row changes."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from measures.models import (
    SERVING,
    Action,
    Activity,
    Campaign,
    Honour,
    Metric,
    Milestone,
    Pillar,
    ReviewedQuerySet,
    Target,
)
from measures.period import Period, PeriodKind, end_of_day
from measures.rollups.rows import (
    PLACE,
    ActionLine,
    FigureLine,
    Row,
    about,
    entry,
)
from measures.totals import Coverage, Entry, OverOrgans, OverTime, OwnFigure, Presence, Told, told
from organs.models import Organ

Made = TypeVar("Made")
Tables = tuple[type[Model], ...]
#: Lists of what is newer than a moment are taken over while there are so few: each day has its own.
MOST_STARTS = 4
#: What an organ's actions are read from.
OF_ACTIONS = (Action, Activity, SERVING, Milestone, Pillar)


def names_of(tables: Tables) -> frozenset[str]:
    """The names that tables have in marks."""
    return frozenset(table._meta.db_table for table in tables)


def by_level(honour: Honour) -> tuple[str, int, int]:
    """The place of an honour among others: by level, then by year, the newest first."""
    return honour.level, -honour.year, honour.pk


@dataclass(frozen=True)
class OfMetric:
    """What an organ's figures of one metric say: each by its key, and together of the days asked for."""

    entries: dict[int, Entry] = field(default_factory=dict)
    told: dict[tuple[date, date], Told] = field(default_factory=dict)

    def entry(self, row: Row) -> Entry:
        """The figure as totals take it."""
        if row.pk not in self.entries:
            self.entries[row.pk] = entry(row)
        return self.entries[row.pk]

    def without(self, gone: Set[int]) -> "OfMetric":
        """What stays of it when these figures are gone."""
        return OfMetric({pk: own for pk, own in self.entries.copy().items() if pk not in gone})


@dataclass(frozen=True)
class Digest:
    """What one organ's approved rows say; all of them immutable."""

    organ: Organ
    figures: tuple[Row, ...]
    links: Mapping[int, tuple[int, ...]] = field(default_factory=dict)  # keys of figures by action
    targets: Mapping[int, Target] = field(default_factory=dict)  # by metric
    actions: tuple[ActionLine, ...] = ()
    honours: tuple[Honour, ...] = ()
    #: Of each figure its key and what tells it from the same one changed: "12:…".
    stamps: frozenset[str] = field(default=frozenset(), compare=False)
    #: The keys of the figures that the digest before this one had, and this one has not, or not so; and those that are new.
    gone: Set[int] = field(default=frozenset(), compare=False)
    anew: tuple[Row, ...] = field(default=(), compare=False)
    known: dict[Any, Any] = field(default_factory=dict, compare=False)
    heard: dict[int, OfMetric] = field(default_factory=dict, compare=False)  # by metric
    made: dict[int, dict[tuple[Any, ...], Any]] = field(default_factory=dict, compare=False)  # by metric
    beside: dict[tuple[Any, ...], Any] = field(default_factory=dict, compare=False)  # keys begin with tables
    uses: dict[Period, frozenset[int]] = field(default_factory=dict, compare=False)
    newer: dict[int, list[FigureLine]] = field(default_factory=dict, compare=False)  # by moment
    #: What the digest before this one used, but for the figures of the metrics that say something else now.
    used_before: dict[Period, frozenset[int]] = field(default_factory=dict, compare=False)
    other: set[int] = field(default_factory=set, compare=False)
    token: object = field(
        default_factory=object, compare=False
    )  # stands for it where it is not to be kept alive

    @cached_property
    def by_key(self) -> dict[int, Row]:
        """Figures by their key, in no order."""
        return {row.pk: row for row in self.figures}

    @cached_property
    def honours_by_level(self) -> tuple[Honour, ...]:
        """Honours as walls show them, the highest level first, then the newest."""
        return tuple(sorted(self.honours, key=by_level))

    @cached_property
    def by_metric(self) -> dict[int, list[Row]]:
        """Figures by metric, those of each in the order of their days."""
        found: dict[int, list[Row]] = defaultdict(list)
        for row in self.figures:
            found[row.metric_id].append(row)
        return dict(found)

    @cached_property
    def for_those_below(self) -> tuple[Row, ...]:
        """The figures that include those of the units below (含下级), in no order."""
        return _for_those_below(self.figures)

    def periods(self, metric: Metric) -> frozenset[Period]:
        """The periods of which the organ has told of a metric."""
        if (key := ("periods", metric.pk)) not in self.known:
            self.known[key] = frozenset(row.period for row in self.by_metric.get(metric.pk, ()))
        return self.known[key]

    def since(self, start: int) -> list[FigureLine]:
        """The figures approved at a moment (microseconds since 1970) or after it, in the order of their days and keys."""
        if start not in self.newer:
            self.newer[start] = _since(start, self.figures)
        return self.newer[start]

    def told(self, metric: Metric, period: Period) -> Told | None:
        """What the organ has told of a metric for the period or a part of it; None if it has no figure at all."""
        if (rows := self.by_metric.get(metric.pk)) is None:
            return None
        heard, days = self._heard(metric.pk), (period.start, period.end)
        if days not in heard.told:
            heard.told[days] = told(
                [heard.entry(row) for row in about(rows, period)],
                OverTime(metric.over_time),
                OverOrgans(metric.over_organs),
                period,
                metric.unit.spec.stored_as,
            )
        return heard.told[days]

    def _heard(self, metric: int) -> OfMetric:
        return self.heard.get(metric) or self.heard.setdefault(metric, OfMetric())

    def aim(self, metric: Metric, period: Period, today: date) -> Target | None:
        """The target, where a period tells how far the organ has come: a part of what adds up does not."""
        target = self.targets.get(metric.pk)
        if target and metric.over_time == OverTime.SUM:
            first, last = target.campaign.first_day, target.campaign.last_day
            whole = period.start <= first and period.end >= min(last + timedelta(days=1), today)
            return target if whole else None
        return target

    def aimed(self, metric: Metric, period: Period) -> OwnFigure | None:
        """What is held against the target: what was told of days of its campaign, of what adds up of these alone."""
        figure, target = self._figure(metric, period), self.targets.get(metric.pk)
        if target and not (figure and self.is_of(target, figure)):
            figure = self._figure(metric, period.within(target.campaign.first_day, target.campaign.last_day))
            return figure if figure and self.is_of(target, figure) else None
        return figure

    def misses(self, target: Target, period: Period, today: date) -> bool:
        """Whether a period without a figure to hold against the target misses one on a day.

        It does not where one reaches over its edge, nor before a period of the metric's rhythm is over that lies in it and
        touches the campaign.
        """
        metric, days = target.metric, period.within(target.campaign.first_day, target.campaign.last_day)
        told = self.periods(metric)
        if any(row.overlaps(days) and not days.contains(row) for row in told):
            return False
        if (rhythm := PeriodKind(metric.rhythm)) is PeriodKind.SPAN:
            return True
        running = Period.of(rhythm, min(period.end, today))
        if running.start <= max(period.start, days.start):
            return False
        return running.previous().start >= period.start

    def is_of(self, target: Target, figure: OwnFigure) -> bool:
        """Whether a figure tells of days of a target's campaign, and, if it adds up, of no others."""
        first, last = target.campaign.first_day, target.campaign.last_day
        days = [self.by_key[pk].period for pk in figure.used]
        if target.metric.over_time == OverTime.SUM:
            return all(first <= period.start and period.last <= last for period in days)
        return any(first <= period.last and period.start <= last for period in days)

    def _figure(self, metric: Metric, period: Period) -> OwnFigure | None:
        found = self.told(metric, period)
        return found.figure if found else None

    def once(self, metric: Metric, what: tuple[Any, ...], of: object, make: Callable[[], Made]) -> Made:
        """What is made `of` something that was told of a metric, and of its target: the same as long as they are."""
        made = self.made.setdefault(metric.pk, {})
        kept = made.get(what)
        if kept is None or kept[0] is not of:
            kept = made[what] = (of, make())
        return kept[1]

    def read(self, tables: Tables, what: tuple[Any, ...], make: Callable[[], Made]) -> Made:
        """What is read from the organ's rows of some tables (and from the catalogue): the same until they change."""
        if (key := (tables, *what)) not in self.beside:
            self.beside[key] = make()
        return self.beside[key]

    def remember(self, before: "Digest", changed: frozenset[str]) -> None:
        """Take over what was told of the metrics that say the same as before, and read of tables that did not change.

        Figures by key, by metric and for those below are those of before but for the ones that changed.
        """
        other = {before.by_key[pk].metric_id for pk in self.gone} | {row.metric_id for row in self.anew}
        by_key, by_metric = before.by_key, before.by_metric
        if other:
            by_key, by_metric = {**by_key}, {**by_metric}
        for pk in self.gone:
            del by_key[pk]
        by_key.update((row.pk, row) for row in self.anew)
        for metric in other:
            stay = [row for row in by_metric.pop(metric, ()) if row.pk not in self.gone]
            if rows := sorted([*stay, *(row for row in self.anew if row.metric_id == metric)], key=PLACE):
                by_metric[metric] = rows
        below = tuple(row for row in before.for_those_below if row.pk not in self.gone)
        below += _for_those_below(self.anew)
        # as if they had been asked for
        vars(self).update(by_key=by_key, by_metric=by_metric, for_those_below=below)
        for metric, heard in before.heard.copy().items():
            self.heard[metric] = heard.without(self.gone) if metric in other else heard
        for metric, made in before.made.copy().items():
            if metric not in other and self.targets.get(metric) is before.targets.get(metric):
                self.made[metric] = made
        self.beside.update(
            {key: kept for key, kept in before.beside.copy().items() if changed.isdisjoint(names_of(key[0]))}
        )
        newer = before.newer.copy()
        for start, newer_rows in newer.items() if len(newer) <= MOST_STARTS else ():
            left = [row for row in newer_rows if row.pk not in self.gone]
            self.newer[start] = sorted([*left, *_since(start, self.anew)], key=PLACE)
        told_before = {row.pk for metric in other for row in before.by_metric.get(metric, ())}
        self.other.update(other)
        self.used_before.update((period, keys - told_before) for period, keys in before.uses.copy().items())

    def metrics_of(self, action: int, used: Set[int]) -> frozenset[int]:
        """The metrics for which an action has a figure among the `used` ones of a period."""
        if keys := self.links.get(action):
            return frozenset(self.by_key[pk].metric_id for pk in keys if pk in used)
        return frozenset()

    def used(self, period: Period) -> frozenset[int]:
        """The keys of all figures that make the organ's figures of the period."""
        if period not in self.uses:
            before = self.used_before.get(period)
            metrics = self.by_metric.keys() if before is None else self.by_metric.keys() & self.other
            found = [self.told(self.by_metric[metric][0].metric, period) for metric in metrics]
            figures = [row.figure for row in found if row and row.figure]
            self.uses[period] = (before or frozenset()).union(*(figure.used for figure in figures))
        return self.uses[period]

    @property
    def weight(self) -> int:
        """How many rows it holds."""
        return 1 + len(self.figures) + len(self.actions) + len(self.targets)


def _for_those_below(rows: Iterable[Row]) -> tuple[Row, ...]:
    tell = (row for row in rows if row.coverage == Coverage.BELOW)
    return tuple(row for row in tell if row.presence != Presence.NOT_APPLICABLE)


def _since(start: int, rows: Iterable[Row]) -> list[FigureLine]:
    return [row for row in rows if isinstance(row, FigureLine) and row.moment >= start]


@dataclass(frozen=True)
class Asked:
    """What of an organ's rows is wanted: those that a period may use, of a campaign, as they counted on a day."""

    period: Period
    campaign: Campaign | None = None
    as_of: date | None = None

    def counting(self, rows: ReviewedQuerySet) -> ReviewedQuerySet:
        """The versions that count, today or at the end of the past day."""
        if self.as_of is None:
            return rows.current()
        return rows.current_as_of(end_of_day(self.as_of))

    def of_campaigns(self, rows: QuerySet, campaign: str) -> QuerySet:
        """Rows of the campaign, or of those with days in the period."""
        if self.campaign:
            rows = rows.filter(**{campaign: self.campaign})
        days = {
            f"{campaign}__first_day__lt": self.period.end,
            f"{campaign}__last_day__gte": self.period.start,
        }
        return rows.filter(**days)

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it from others."""
        return (self.period.start, self.period.end, self.campaign and self.campaign.pk, self.as_of)


def usable(rows: QuerySet, period: Period) -> QuerySet:
    """Figures that a period may use: those with days in it, and of each series the last one before it."""
    days = (period.start, period.end)
    before = rows.filter(period_days__endswith__lte=period.start).order_by(
        "organ_id", "metric_id", "-period_days"
    )
    last = before.distinct("organ_id", "metric_id").values("pk")
    return rows.filter(Q(period_days__overlap=days) | Q(pk__in=last))
