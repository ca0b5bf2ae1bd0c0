"""What the approved rows of one organ say, as far as a period may use them: read once, kept until a row changes."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from operator import attrgetter
from typing import Any, TypeVar

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Exists, F, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from measures.models import (
    Action,
    Activity,
    Campaign,
    Honour,
    Metric,
    Observation,
    Pillar,
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
from organs.models import CATALOGUE, Marks, Organ, changed_parts

#: Rows that one process keeps in its memory: a county of five years has about 110,000.
MOST_ROWS = 250_000


Made = TypeVar("Made")
Tables = tuple[type[Model], ...]


def names_of(tables: Tables) -> frozenset[str]:
    """The names that tables have in marks."""
    return frozenset(table._meta.db_table for table in tables)


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
    made: dict[tuple[Any, ...], Any] = field(default_factory=dict, compare=False)  # keys begin with a metric
    beside: dict[tuple[Any, ...], Any] = field(default_factory=dict, compare=False)  # keys begin with tables
    token: object = field(
        default_factory=object, compare=False
    )  # stands for it where it is not to be kept alive

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

    def once(self, metric: Metric, what: tuple[Any, ...], of: object, make: Callable[[], Made]) -> Made:
        """What is made `of` something that was told of a metric, and of its target: the same as long as they are."""
        kept = self.made.get((metric.pk, *what))
        if kept is None or kept[0] is not of:
            kept = self.made[metric.pk, *what] = (of, make())
        return kept[1]

    def read(self, tables: Tables, what: tuple[Any, ...], make: Callable[[], Made]) -> Made:
        """What is read from the organ's rows of some tables (and from the catalogue): the same until they change."""
        if (key := (tables, *what)) not in self.beside:
            self.beside[key] = make()
        return self.beside[key]

    def remember(self, before: "Digest", changed: frozenset[str]) -> None:
        """Take over what was told of the metrics that say the same as before, and read of tables that did not change."""
        same = {
            metric
            for metric, rows in self.by_metric.items()
            if rows == before.by_metric.get(metric) and rows[0].metric is before.by_metric[metric][0].metric
        }
        self.heard.update({key: row for key, row in before.heard.items() if key[0] in same})
        as_aimed = {pk for pk in same if self.targets.get(pk) is before.targets.get(pk)}
        self.made.update({key: kept for key, kept in before.made.items() if key[0] in as_aimed})
        self.beside.update(
            {key: kept for key, kept in before.beside.items() if changed.isdisjoint(names_of(key[0]))}
        )

    def metrics_of(self, action: int, period: Period) -> frozenset[int]:
        """The metrics for which an action has a figure in the period."""
        if keys := self.links.get(action):
            used, rows = self._used(period), self.by_key
            return frozenset(rows[pk].metric_id for pk in keys if pk in used)
        return frozenset()

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


@dataclass(frozen=True)
class Older:
    """A digest of the same catalogue that is kept, and the tables in which its organ has changed since."""

    digest: Digest
    changed: frozenset[str]


#: The rows that tie figures to actions.
TIES = Observation.actions.through
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

    What is kept costs no query; the rest is read in five (two to six where older digests help), and the
    catalogue in two, whatever its size.
    """

    found: dict[int, Digest] = {}
    older: dict[int, Older] = {}
    for organ in organs:
        if kept := _kept.get((organ.pk, organ.path, *asked.key)):
            (stood_at, of_all), digest = kept
            if of_all == marks[CATALOGUE]:
                older[organ.pk] = Older(digest, changed_parts(stood_at, marks[organ.pk]))
            if of_all == marks[CATALOGUE] and stood_at == marks[organ.pk]:
                found[organ.pk] = digest
    if missing := {organ.pk: organ for organ in organs if organ.pk not in found}:
        for digest in _read(missing, asked, catalogue(marks[CATALOGUE]).metrics, older):
            organ = digest.organ
            if organ.pk in older:
                digest.remember(older[organ.pk].digest, older[organ.pk].changed)
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
    organs: Mapping[int, Organ], asked: Asked, metrics: Mapping[int, Metric], older: Mapping[int, Older]
) -> Iterable[Digest]:
    """Digests of organs, from five queries at most; of what is known from before only what has changed since."""

    def stale(*tables: type[Model]) -> list[int]:
        """The organs of which something in one of the tables is not known."""
        return [pk for pk in organs if pk not in older or not older[pk].changed.isdisjoint(names_of(tables))]

    of = {pk: older[pk].digest for pk in organs if pk in older}
    figures = _figures(stale(Observation), organs, asked, metrics, of)
    links = _links(stale(TIES), figures, of)
    targets = _targets(stale(Target), asked, metrics)
    actions = _actions(stale(Action, Activity, Pillar), asked)
    honours = _honours(stale(Honour), asked)
    for pk, organ in organs.items():
        yield Digest(
            organ=organ,
            figures=figures[pk] if pk in figures else of[pk].figures,
            links=links[pk] if pk in links else of[pk].links,
            targets=targets[pk] if pk in targets else of[pk].targets,
            actions=actions[pk] if pk in actions else of[pk].actions,
            honours=honours[pk] if pk in honours else of[pk].honours,
        )


def _figures(
    organs: Sequence[int],
    named: Mapping[int, Organ],
    asked: Asked,
    metrics: Mapping[int, Metric],
    older: Mapping[int, Digest],
) -> dict[int, tuple[Row, ...]]:
    """The figures of organs in the order of their days: one query, two where most of them are known from before."""
    if not organs:
        return {}
    rows = usable(asked.counting(Observation.objects.filter(organ_id__in=organs)), asked.period)
    rows = rows.annotate(moment=MOMENT, stamp=STAMP).order_by()
    known = {key: row for pk in organs if pk in older for key, row in older[pk].by_key.items()}
    found: list[FigureLine] = []
    if known:
        new: list[int] = []
        for key, stamp in rows.values_list("pk", "stamp"):
            row = known.get(key)
            if isinstance(row, FigureLine) and row.stamp == stamp:
                found.append(row)
            else:
                new.append(key)
        rows = rows.filter(pk__in=new)
    for of, pk, metric, *rest in rows.values_list(*COLUMNS):
        found.append(FigureLine(pk, named[of], metrics[metric], of, metric, *rest))
    lines: dict[int, list[Row]] = {pk: [] for pk in organs}
    for line in sorted(found, key=attrgetter("start", "end")):
        lines[line.organ_id].append(line)
    return {pk: tuple(own) for pk, own in lines.items()}


def _links(
    untied: Sequence[int], figures: Mapping[int, Sequence[Row]], older: Mapping[int, Digest]
) -> dict[int, dict[int, tuple[int, ...]]]:
    """The keys of figures by action, of organs with other ties or figures than before: one query.

    Of organs where only figures have changed, the ties of the new ones are read; the others are those from before.
    """
    counting = {
        pk: {row.pk for row in figures.get(pk, older[pk].figures if pk in older else ())}
        for pk in {*untied, *figures}
    }
    added = {pk: keys - older[pk].by_key.keys() for pk, keys in counting.items() if pk not in untied}
    if not counting:
        return {}
    found: dict[int, dict[int, set[int]]] = {pk: defaultdict(set) for pk in counting}
    for pk in added:
        for action, keys in older[pk].links.items():
            found[pk][action].update(keys)
    wanted = Q(observation__organ_id__in=untied) | Q(
        observation_id__in=[key for keys in added.values() for key in keys]
    )
    tied = TIES.objects.filter(wanted).values("observation__organ_id", "action_id")
    tied = tied.annotate(keys=ArrayAgg("observation_id"))
    for organ, action, keys in tied.values_list("observation__organ_id", "action_id", F("keys")):
        found[organ][action].update(keys)
    return {
        pk: {action: tuple(sorted(counting[pk].intersection(keys))) for action, keys in own.items()}
        for pk, own in found.items()
    }


def _targets(
    organs: Sequence[int], asked: Asked, metrics: Mapping[int, Metric]
) -> dict[int, dict[int, Target]]:
    """What organs start from and aim at, by metric; of several campaigns the newest: one query."""
    if not organs:
        return {}
    found: dict[int, dict[int, Target]] = {pk: {} for pk in organs}
    rows = asked.of_campaigns(asked.counting(Target.objects.filter(organ_id__in=organs)), "campaign")
    rows = rows.order_by("organ_id", "metric_id", "-campaign__first_day", "-pk")
    for target in rows.distinct("organ_id", "metric_id").select_related("campaign"):
        target.metric = metrics[target.metric_id]
        found[target.organ_id][target.metric_id] = target
    return found


def _honours(organs: Sequence[int], asked: Asked) -> dict[int, tuple[Honour, ...]]:
    """The honours of organs in the years of the period: one query."""
    if not organs:
        return {}
    found: dict[int, list[Honour]] = {pk: [] for pk in organs}
    years = (asked.period.start.year, asked.period.last.year)
    for honour in asked.counting(Honour.objects.filter(organ_id__in=organs)).filter(year__range=years):
        found[honour.organ_id].append(honour)
    return {pk: tuple(own) for pk, own in found.items()}


def _actions(organs: Sequence[int], asked: Asked) -> dict[int, tuple[ActionLine, ...]]:
    """The actions of organs in ledger order: one query."""
    if not organs:
        return {}
    found: dict[int, list[ActionLine]] = {pk: [] for pk in organs}
    rows = asked.of_campaigns(asked.counting(Action.objects.filter(organ_id__in=organs)), "pillar__campaign")
    activities = asked.counting(Activity.objects.filter(action=OuterRef("pk"))).order_by()
    inside = activities.filter(day__gte=asked.period.start, day__lt=asked.period.end)
    held = inside.values("action").values(number=Count("pk"))
    rows = rows.values_list(
        *("pk", "organ_id", "pillar_id", Coalesce("theme_id", "pillar__theme_id"), "title"),
        *("start_day", "due_day", "closed_on", "closing_state", "progress", Exists(activities)),
        *(Coalesce(Subquery(held), 0), "approved_at"),
        *("pillar__campaign__first_day", "pillar__campaign__last_day"),
    )
    for pk, organ, pillar, theme, title, first, due, closed_on, closing, progress, begun, *rest in rows:
        closed = closed_on if closing == ReviewState.APPROVED else None
        line = ActionLine(pk, organ, pillar, theme, title, first, due, closed, bool(progress) or begun, *rest)
        found[organ].append(line)
    return {pk: tuple(own) for pk, own in found.items()}
