"""What the approved rows of one organ say, as far as a period may use them: read once, kept until a row changes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from operator import attrgetter
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce

from measures.models import (
    Action,
    Activity,
    Campaign,
    Honour,
    LineKind,
    Metric,
    Observation,
    ReviewedQuerySet,
    ReviewState,
    Target,
    Theme,
)
from measures.period import Period, end_of_day
from measures.quantity import Quantity
from measures.rollups.kept import Kept
from measures.rollups.rows import COLUMNS, MOMENT, STAMP, ActionLine, FigureLine, Row, about, entry
from measures.totals import OverOrgans, OverTime, Told, told
from organs.models import CATALOGUE, Marks, Organ

#: Rows that one process keeps in its memory: a county of five years has about 110,000.
MOST_ROWS = 250_000


@dataclass(frozen=True)
class Digest:
    """What one organ's approved rows say; all of them immutable."""

    organ: Organ
    figures: tuple[Row, ...]
    links: Mapping[int, tuple[int, ...]] = field(default_factory=dict)  # keys of figures by action
    targets: Mapping[int, Target] = field(default_factory=dict)  # by metric
    actions: tuple[ActionLine, ...] = ()
    honours: tuple[Honour, ...] = ()
    known: dict[Any, Any] = field(default_factory=dict, compare=False)
    heard: dict[tuple[int, date, date], Told] = field(default_factory=dict, compare=False)

    @cached_property
    def by_key(self) -> dict[int, Row]:
        """Figures by their key."""
        return {row.pk: row for row in self.figures}

    @cached_property
    def by_metric(self) -> dict[int, list[Row]]:
        """Figures by metric."""
        found: dict[int, list[Row]] = defaultdict(list)
        for row in self.figures:
            found[row.metric_id].append(row)
        return dict(found)

    def told(self, metric: Metric, period: Period) -> Told | None:
        """What the organ has told of a metric for the period or a part of it; None if it has no figure at all."""
        if (rows := self.by_metric.get(metric.pk)) is None:
            return None
        if (key := (metric.pk, period.start, period.end)) not in self.heard:
            self.heard[key] = told(
                [entry(row) for row in about(rows, period)],
                OverTime(metric.over_time),
                OverOrgans(metric.over_organs),
                period,
                metric.unit.spec.stored_as,
            )
        return self.heard[key]

    def aimed(self, metric: Metric, period: Period) -> Quantity | None:
        """What is held against the target: of what adds up over time only the days of the target's campaign."""
        target = self.targets.get(metric.pk)
        if target and metric.over_time == OverTime.SUM:
            period = period.within(target.campaign.first_day, target.campaign.last_day)
        found = self.told(metric, period)
        return found.figure.quantity if found and found.figure else None

    def remember(self, before: "Digest") -> None:
        """Take over what was told of the metrics that say the same as before."""
        same = {
            metric
            for metric, rows in self.by_metric.items()
            if rows == before.by_metric.get(metric) and rows[0].metric is before.by_metric[metric][0].metric
        }
        self.heard.update({key: row for key, row in before.heard.items() if key[0] in same})

    def metrics_of(self, action: int, period: Period) -> frozenset[int]:
        """The metrics for which an action has a figure in the period."""
        used = self._used(period)
        return frozenset(self.by_key[pk].metric_id for pk in self.links.get(action, ()) if pk in used)

    def _used(self, period: Period) -> frozenset[int]:
        """The keys of all figures that make the organ's figures of the period."""
        if (key := ("used", period.start, period.end)) not in self.known:
            found = [self.told(rows[0].metric, period) for rows in self.by_metric.values()]
            figures = [row.figure for row in found if row and row.figure]
            self.known[key] = frozenset(pk for figure in figures for pk in figure.used)
        return self.known[key]

    @property
    def weight(self) -> int:
        """How many rows it holds."""
        return 1 + len(self.figures) + len(self.actions) + len(self.targets)


@dataclass(frozen=True)
class Catalogue:
    """What belongs to all: the metrics by theme, and the themes, by number."""

    metrics: Mapping[int, Metric]
    themes: Mapping[int, Theme]


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


_kept: Kept[tuple[tuple[Marks, Marks], Digest]] = Kept(MOST_ROWS)
_catalogues: Kept[Catalogue] = Kept(4)


def usable(rows: QuerySet, period: Period) -> QuerySet:
    """Figures that a period may use: those with days in it, and of each series the last one before it."""
    days = (period.start, period.end)
    before = rows.filter(period_days__endswith__lte=period.start).order_by(
        "organ_id", "metric_id", "-period_days"
    )
    last = before.distinct("organ_id", "metric_id").values("pk")
    return rows.filter(Q(period_days__overlap=days) | Q(pk__in=last))


def digests(organs: Sequence[Organ], asked: Asked, marks: Mapping[int, Marks]) -> dict[int, Digest]:
    """The digests of organs by their number, in the order given; `marks` is what their data stands at.

    What is kept costs no query; the rest is read in five (six where an older digest helps), and the
    catalogue in two, whatever its size.
    """

    found: dict[int, Digest] = {}
    before: dict[int, Digest] = {}
    for organ in organs:
        if kept := _kept.get((organ.pk, organ.path, *asked.key)):
            stood_at, digest = kept
            fresh = stood_at == (marks[organ.pk], marks[CATALOGUE])
            (found if fresh else before)[organ.pk] = digest
    if missing := {organ.pk: organ for organ in organs if organ.pk not in found}:
        for digest in _read(missing, asked, catalogue(marks[CATALOGUE]).metrics, before):
            organ = digest.organ
            if organ.pk in before:
                digest.remember(before[organ.pk])
            stands_at = (marks[organ.pk], marks[CATALOGUE])
            _kept.put((organ.pk, organ.path, *asked.key), (stands_at, digest), digest.weight)
            found[organ.pk] = digest
    return {organ.pk: found[organ.pk] for organ in organs}


def catalogue(marks: Marks) -> Catalogue:
    """The catalogue, from two queries if it was changed."""
    found = _catalogues.get(marks)
    if found is None:
        rows = Metric.objects.select_related("unit__base", "owner", "theme")
        metrics = rows.order_by(F("theme__order").asc(nulls_last=True), "pk")
        found = Catalogue(
            {metric.pk: metric for metric in metrics}, {theme.pk: theme for theme in Theme.objects.all()}
        )
        _catalogues.put(marks, found)
    return found


def _read(
    organs: Mapping[int, Organ], asked: Asked, metrics: Mapping[int, Metric], before: Mapping[int, Digest]
) -> Iterable[Digest]:
    """Digests of organs, from five queries, or six where they were known before."""
    lines: dict[int, list[Row]] = defaultdict(list)
    actions: dict[int, list[ActionLine]] = defaultdict(list)
    honours: dict[int, list[Honour]] = defaultdict(list)
    mine = {"organ_id__in": list(organs)}
    for line in _figures(organs, asked, metrics, before.values()):
        lines[line.organ_id].append(line)
    links: dict[int, dict[int, tuple[int, ...]]] = defaultdict(dict)
    counted = {organ: {row.pk for row in rows} for organ, rows in lines.items()}
    tied = Observation.actions.through.objects.filter(observation__organ_id__in=list(organs))
    by_action = tied.values("observation__organ_id", "action_id").annotate(keys=ArrayAgg("observation_id"))
    for organ, action, keys in by_action.values_list("observation__organ_id", "action_id", F("keys")):
        links[organ][action] = tuple(sorted(counted.get(organ, set()).intersection(keys)))
    targets: dict[int, dict[int, Target]] = defaultdict(dict)
    aimed = asked.of_campaigns(asked.counting(Target.objects.filter(**mine)), "campaign")
    aimed = aimed.order_by("organ_id", "metric_id", "-campaign__first_day", "-pk")
    for target in aimed.distinct("organ_id", "metric_id").select_related("campaign"):
        target.metric = metrics[target.metric_id]
        targets[target.organ_id][target.metric_id] = target
    for action_line in _actions(asked, mine):
        actions[action_line.organ_id].append(action_line)
    years = (asked.period.start.year, asked.period.last.year)
    for honour in asked.counting(Honour.objects.filter(**mine)).filter(year__range=years):
        honours[honour.organ_id].append(honour)
    for pk, organ in organs.items():
        yield Digest(
            organ=organ,
            figures=tuple(lines[pk]),
            links=links[pk],
            targets=targets[pk],
            actions=tuple(actions[pk]),
            honours=tuple(honours[pk]),
        )


def _figures(
    organs: Mapping[int, Organ], asked: Asked, metrics: Mapping[int, Metric], before: Iterable[Digest]
) -> Iterable[FigureLine]:
    """The figures of organs in the order of their days: one query, two where most of them are known from before."""
    rows = usable(asked.counting(Observation.objects.filter(organ_id__in=list(organs))), asked.period)
    rows = rows.annotate(moment=MOMENT, stamp=STAMP)
    known = {
        (row.pk, row.stamp): row
        for digest in before
        for row in digest.figures
        if isinstance(row, FigureLine) and row.metric is metrics.get(row.metric_id)  # of the same catalogue
    }
    found: dict[tuple[int, str], FigureLine] = {}
    if known:
        keys = set(rows.values_list("pk", "stamp"))
        found = {key: known[key] for key in keys & known.keys()}
        rows = rows.filter(pk__in=[pk for pk, _ in keys - known.keys()])
    for row in rows.values_list(*COLUMNS):
        line = FigureLine(row[0], organs[row[1]], metrics[row[2]], *row[3:])
        found[line.pk, line.stamp] = line
    return sorted(found.values(), key=attrgetter("start", "end"))


def _actions(asked: Asked, mine: Mapping[str, object]) -> Iterable[ActionLine]:
    """The actions of organs in ledger order: one query."""
    rows = asked.of_campaigns(asked.counting(Action.objects.filter(**mine)), "pillar__campaign")
    activities = asked.counting(Activity.objects.filter(action=OuterRef("pk"))).order_by()
    inside = activities.filter(day__gte=asked.period.start, day__lt=asked.period.end)
    held = inside.values("action").values(number=Count("pk"))
    rows = rows.values_list(
        *("pk", "organ_id", "pillar_id", Coalesce("theme_id", "pillar__theme_id"), "title"),
        *("start_day", "due_day", "closed_on", "closing_state", "progress", Exists(activities)),
        *(Coalesce(Subquery(held), 0), "approved_at"),
        *("pillar__campaign__first_day", "pillar__campaign__last_day"),
        ExpressionWrapper(Q(line=LineKind.PROBLEM), BooleanField()),
    )
    for pk, organ, pillar, theme, title, first, due, closed_on, closing, progress, begun, *rest in rows:
        closed = closed_on if closing == ReviewState.APPROVED else None
        yield ActionLine(pk, organ, pillar, theme, title, first, due, closed, bool(progress) or begun, *rest)
