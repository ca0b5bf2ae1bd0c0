"""Rounds as pages show them: what is known before one is opened, who has answered, what one organ is asked, the burden."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localtime

from measures.counting import countable_by
from measures.models import (
    SERVING,
    Activity,
    Known,
    Metric,
    Nature,
    Observation,
    ReviewState,
    Round,
    RoundCell,
    RoundOrgan,
    Source,
)
from measures.period import Period, PeriodError
from measures.rollups.returned import words_of
from organs.models import Organ, User
from organs.permissions import Right, scope

#: A figure of the last period is proposed where it goes on; what flows or is measured begins anew and is only told.
CARRIED = frozenset({Nature.STOCK, Nature.CUMULATIVE})
Key = tuple[int, int]


@dataclass(frozen=True)
class Asked:
    """One metric that an organ is asked about, and what there is of it."""

    cell: RoundCell
    metric: Metric
    figure: Observation | None
    activities: Sequence[Activity]
    earlier: Observation | None
    returned: str = ""

    @property
    def settled(self) -> bool:
        """Whether it is said: submitted or approved."""
        return self.figure is not None and self.figure.state in (ReviewState.SUBMITTED, ReviewState.APPROVED)


@dataclass(frozen=True)
class AskedKind:
    """One kind of action that an organ is asked about, and the activities that it has entered."""

    cell: RoundCell
    activities: Sequence[Activity]


@dataclass(frozen=True)
class KnownRow:
    """Of one thing that a round is about to ask: of how many organs what is known."""

    label: str
    asked: int
    approved: int
    submitted: int
    drafted: int
    counted: int

    @property
    def missing(self) -> int:
        """Of how many organs nothing is known."""
        return self.asked - self.said - self.drafted - self.counted

    @property
    def said(self) -> int:
        """Of how many organs nothing more is needed."""
        return self.approved + self.submitted


@dataclass(frozen=True)
class OrganRow:
    """One organ on the page of a round: how far it is, and when it was done."""

    key: int
    label: str
    asked: int
    said: int
    drafted: int
    returned: int
    done_at: datetime | None
    last_day: date
    reason: str
    reminded_at: datetime | None
    gone: bool
    closed: bool
    overdue: bool

    @property
    def done(self) -> bool:
        """Whether everything is answered."""
        return self.said == self.asked

    @property
    def late(self) -> bool:
        """Whether it was, or is, not in time; whoever is asked nothing never is."""
        if self.done:
            return self.done_at is not None and localtime(self.done_at).date() > self.last_day
        return self.overdue

    @property
    def behind(self) -> bool:
        """Whether there is somebody to remind."""
        return not (self.done or self.gone)

    @property
    def standing(self) -> tuple[str, str]:
        """Class and word of where it stands."""
        if self.done:
            return ("soon", "▲ 逾期报齐") if self.late else ("done", "✓ 已报齐")
        if self.late:
            return "late", "◆ 逾期未报"
        if self.gone or self.closed:
            return "unfinished", "◇ 未报齐"
        return ("under_way", "● 填报中") if self.said or self.drafted else ("not_started", "○ 未填")


@dataclass(frozen=True)
class Burden:
    """What a round asked of all organs together: things asked, known already, typed by hand, spared."""

    round: Round
    organs: int
    asked: int
    known: int
    typed: int
    left_out: int

    @property
    def per_organ(self) -> str:
        """Typed by hand for each organ, rounded half up to one place."""
        tenths = (self.typed * 20 + self.organs) // (2 * self.organs) if self.organs else 0
        return f"{tenths // 10}.{tenths % 10}"


def figures_by(
    organs: Collection[Organ], metrics: Collection[Metric], period: Period
) -> dict[Key, Observation]:
    """The figure that counts in some of the period, else the one on its way for it, by keys of organ and metric."""
    days = (period.start, period.end)
    rows = Observation.objects.live().filter(
        Q(state=ReviewState.APPROVED, period_days__overlap=days) | Q(period_days=days),
        organ__in=organs,
        metric__in=metrics,
    )
    found: dict[Key, Observation] = {}
    for row in rows.order_by("version", "pk"):
        key, beside = (row.organ_id, row.metric_id), found.get((row.organ_id, row.metric_id))
        if beside is None or (row.is_current and not beside.is_current):
            found[key] = row
    return found


def known_of(organs: Sequence[Organ], metrics: Sequence[Metric], period: Period) -> dict[Key, Known]:
    """What is known of metrics and organs for a period, by their keys."""
    known: dict[Key, Known] = dict.fromkeys(countable_by(metrics, organs, period), Known.COUNTED)
    for key, figure in figures_by(organs, metrics, period).items():
        on_its_way = Known.SUBMITTED if figure.state == ReviewState.SUBMITTED else Known.DRAFTED
        known[key] = Known.APPROVED if figure.is_current else on_its_way
    return known


def held_by(organs: Iterable[Organ], kinds: Collection[int], period: Period) -> dict[Key, list[Activity]]:
    """The activities entered for a period by the keys of organ and kind of an action that they serve."""
    also = SERVING.objects.filter(
        activity=OuterRef("pk"), action__kind__in=kinds, action__organ=OuterRef("organ")
    )
    rows = Activity.objects.live().filter(organ__in=organs, day__gte=period.start, day__lt=period.end)
    rows = rows.filter(Q(action__kind__in=kinds) | Exists(also))
    rows = rows.annotate(also=ArraySubquery(also.values("action__kind")))
    found: dict[Key, list[Activity]] = defaultdict(list)
    for row in rows.select_related("action").order_by("day", "pk"):
        for kind in {row.action.kind_id, *row.also}.intersection(kinds):
            found[row.organ_id, kind].append(row)
    return dict(found)


def known_by(activities: Sequence[Activity]) -> Known | str:
    """What is known of a kind of action by the activities that were held; empty where none was."""
    if any(row.is_current for row in activities):
        return Known.APPROVED
    return Known.SUBMITTED if activities else ""


def may_answer(metric: Metric, organ: Organ) -> bool:
    """Whether the metric is common, or one of the organ or of one above it."""
    return metric.owner is None or organ.path.startswith(metric.owner.path)


def told_apart(metric: Metric) -> str:
    """The metric with its unit, and whose it is where it is not common."""
    return f"{metric} · {metric.owner.label}" if metric.owner else str(metric)


def gone() -> Q:
    """Organs that are no more today: nobody is left to be asked."""
    return Q(active_to__lte=timezone.localdate())


def known_rows(asked: Round) -> list[KnownRow]:
    """What is known of each thing that a round is about to ask; a constant number of queries."""
    organs = list(asked.organs.exclude(gone()).order_by("path"))
    metrics = list(asked.metrics.select_related("unit", "owner"))
    kinds = list(asked.kinds.all())
    known = known_of(organs, metrics, asked.period)
    held = held_by(organs, [kind.pk for kind in kinds], asked.period)
    rows = []
    for metric in metrics:
        wanted = [organ for organ in organs if may_answer(metric, organ)]
        found = [known.get((organ.pk, metric.pk)) for organ in wanted]
        rows.append(KnownRow(told_apart(metric), len(wanted), *(found.count(what) for what in Known)))
    for kind in kinds:
        there = [known_by(held.get((organ.pk, kind.pk), ())) for organ in organs]
        rows.append(KnownRow(f"举措类别：{kind}", len(organs), *(there.count(what) for what in Known)))
    return rows


def organ_rows(asked: Round) -> list[OrganRow]:
    """How far each organ is, in official order: two queries."""
    cells: dict[int, list[Any]] = defaultdict(list)
    for cell in RoundCell.objects.filter(round=asked).asked().with_answers().order_by():
        cells[cell.organ_id].append(cell)
    rows = []
    for row in asked.asked_organs.select_related("organ", "round").order_by("organ__path"):
        own = cells[row.organ_id]
        times = [cell.said_at for cell in own if cell.said_at]
        rows.append(
            OrganRow(
                key=row.organ_id,
                label=row.organ.label,
                asked=len(own),
                said=len(times),
                drafted=sum(cell.drafted for cell in own if not cell.said_at),
                returned=sum(cell.returned for cell in own if not cell.said_at),
                done_at=max(times, default=None),
                last_day=row.last_day,
                reason=row.reason,
                reminded_at=row.reminded_at,
                gone=row.gone,
                closed=row.round.closed_at is not None,
                overdue=row.overdue,
            )
        )
    return rows


def asked_of(row: RoundOrgan) -> tuple[list[Asked], list[AskedKind]]:
    """What a round asks of an organ and what there is of it; a constant number of queries."""
    period: Period = row.round.period
    found: list[Any] = list(
        RoundCell.objects.filter(round=row.round, organ=row.organ)
        .asked()
        .select_related(
            "organ", "kind", "metric__unit__base", "metric__owner", "metric__theme", "metric__pair"
        )
        .order_by("metric__theme__order", "metric", "kind__order", "pk")
    )
    cells, kinds = [c for c in found if c.metric], [c for c in found if c.kind]
    metrics = [cell.metric for cell in cells]
    figures = figures_by([row.organ], metrics, period)
    earlier = _earlier(row.organ, metrics, period)
    counted = countable_by(metrics, [row.organ], period)
    held = held_by([row.organ], [cell.kind_id for cell in kinds], period)
    words = words_of(figures.values())
    asked = []
    for cell in cells:
        key = (row.organ_id, cell.metric_id)
        before = earlier.get(key)
        counts = before is not None and before.is_current and before.quantity is not None
        figure, earlier_one = figures.get(key), before if counts else None
        said = words.get(figure.pk, "") if figure else ""
        asked.append(Asked(cell, cell.metric, figure, counted.get(key, ()), earlier_one, said))
    return asked, [AskedKind(cell, held.get((row.organ_id, cell.kind_id), ())) for cell in kinds]


def _earlier(organ: Organ, metrics: Collection[Metric], period: Period) -> dict[Key, Observation]:
    """The figures of the period before; none where that would lie before all years of the program."""
    try:
        before = period.previous()
    except PeriodError:
        return {}
    return figures_by([organ], metrics, before)


def burdens(user: User) -> list[Burden]:
    """The burden of the rounds that the user opened or may close, the latest first: three queries."""
    rounds = Round.objects.filter(scope(user, Right.CATALOGUE).q("owner__path"), opened_at__isnull=False)
    typed = Observation.objects.live().filter(
        metric=OuterRef("metric"),
        organ=OuterRef("organ"),
        period_days=OuterRef("round__period_days"),
        source__in=(Source.REPORTED, Source.IMPORTED),
    )
    asked = Q(left_out=False)
    by_hand = asked & Q(known="") & (Q(figure_typed=True) | ~Q(absence=""))
    numbers = {
        found["round"]: found
        for found in RoundCell.objects.filter(round__in=rounds)
        .order_by()
        .annotate(figure_typed=Exists(typed))
        .values("round")
        .annotate(
            asked=Count("pk", filter=asked),
            was_known=Count("pk", filter=asked & ~Q(known="")),
            spared=Count("pk", filter=~asked),
            by_hand=Count("pk", filter=by_hand),
        )
    }
    none = {"asked": 0, "was_known": 0, "spared": 0, "by_hand": 0}
    found = rounds.annotate(many=Count("asked_organs")).order_by("-opened_at", "-pk")
    return [
        Burden(row, row.many, said["asked"], said["was_known"], said["by_hand"], said["spared"])
        for row in found
        for said in (numbers.get(row.pk, none),)
    ]


def address(row: RoundOrgan) -> str:
    """The page on which an organ answers a round."""
    return reverse("round_organ", args=(row.round_id, row.organ_id))
