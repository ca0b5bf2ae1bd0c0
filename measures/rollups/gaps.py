"""What is missing (缺什么) in the ledger of an organ, with the way to each place."""

from collections.abc import Callable, Collection, Container, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial
from typing import TypeVar

from django.db.models import QuerySet

from measures.models import EvidenceLink, Metric, Observation, Pillar
from measures.period import Period, PeriodKind
from measures.progress import Standing, Verdict
from measures.rollups.digest import Asked
from measures.rollups.figures import passport_url, say
from measures.rollups.holes import holes, named
from measures.rollups.instructions import contact
from measures.rollups.ledger import Ledger
from measures.rollups.lines import Line, due_note
from measures.rollups.load import load_metrics
from measures.rollups.rows import SOME, SOME_PATHS, Row
from measures.rollups.stages import late_stage
from measures.rollups.summary import summary
from measures.rollups.view import View, address
from measures.totals import Coverage
from organs.asking import Question
from organs.models import Organ

#: So many stand open, so many more are folded away; the rest is told by their number.
OPEN, FOLDED = 5, 40
WITHIN_A_YEAR = (PeriodKind.HALF, PeriodKind.QUARTER, PeriodKind.MONTH)
Missing = TypeVar("Missing")


@dataclass(frozen=True)
class GapItem:
    """One thing that is missing, and where."""

    label: str
    url: str
    note: str = ""


@dataclass(frozen=True)
class Gap:
    """What is missing of one kind: the first ones, those folded away, and how many more there are."""

    anchor: str
    label: str
    standing: str
    number: int
    note: str
    items: tuple[GapItem, ...]
    folded: tuple[GapItem, ...]
    more: int

    @property
    def url(self) -> str:
        """Its place on the page."""
        return f"#{self.anchor}"


def gaps(ledger: Ledger, *, whole: bool = False) -> tuple[Gap, ...]:
    """All that is missing, what presses first, long lists cut unless the `whole` is asked for; from two queries at most."""
    without = [a for a in ledger.approved if not (ledger.told[a.pk] or a.is_problem)]
    only = [a for a in ledger.approved if ledger.is_process_only(a) and not a.is_problem]
    late = [action for action in ledger.approved if ledger.standings[action.pk] is Standing.LATE]
    late.sort(key=lambda action: (action.due_day or date.max, action.pk))
    behind = [a for a in ledger.approved if a.goes_on(ledger.view.today) and _stage(a, ledger)]
    bare = [pillar for pillar in ledger.pillars if not ledger.has_approved(pillar)]
    aimless = _aimless(ledger)
    link, said = ledger.view.link, f"共{len(ledger.approved)}项举措"

    def overdue(action: Line) -> GapItem:
        days = due_note(action, Standing.LATE, ledger.view.today)
        note = "，".join(part for part in (days, action.responsible) if part)
        return GapItem(action.title, ledger.address(action), note)

    def stage(action: Line) -> GapItem:
        return GapItem(action.title, ledger.address(action), _stage(action, ledger))

    def line(action: Line) -> GapItem:
        return GapItem(action.title, ledger.address(action), action.held)

    def heading(pillar: Pillar) -> GapItem:
        return GapItem(pillar.heading, link(address("pillar", pillar.pk)))

    def figure(row: Row) -> GapItem:
        return GapItem(row.metric.name, link(passport_url(row)), row.period.label)

    def metric(item: tuple[Metric, str]) -> GapItem:
        return GapItem(item[0].name, link(address("series", item[0].pk, ledger.organ.pk)), item[1])

    gap = partial(_gap, None if whole else OPEN + FOLDED)
    found = (
        gap("overdue", "逾期的举措", "late", late, overdue, contact(ledger.organ)),
        gap("stages", "有阶段逾期的项目", "late", behind, stage, contact(ledger.organ)),
        gap("unreported", "该报未报的指标", "not_met", _unreported(ledger, aimless), metric),
        gap("no-data", "有目标没有数值", "not_met", [*aimless.values()], metric),
        gap("only-process", "只有过程没有成效", "soon", only, line, "办过活动，还没有成效数值"),
        gap("without", "没有数值的举措", "not_started", without, line, said),
        gap("bare", "没有举措的支柱", "not_started", bare, heading),
        gap("unproven", "要求佐证而没有的数值", "not_started", _unproven(ledger), figure),
    )
    return tuple(row for row in found if row.number)


def _stage(action: Line, ledger: Ledger) -> str:
    return late_stage(action.stage, action.stage_due, ledger.view.today)


def _gap(
    most: int | None,
    anchor: str,
    label: str,
    standing: str,
    rows: Sequence[Missing],
    item: Callable[[Missing], GapItem],
    note: str = "",
) -> Gap:
    """A gap of so many rows; only those that the page names are made ready."""
    named = tuple(item(row) for row in rows[:most])
    return Gap(anchor, label, standing, len(rows), note, named[:OPEN], named[OPEN:], len(rows) - len(named))


def _aimless(ledger: Ledger) -> dict[int, tuple[Metric, str]]:
    """Metrics with a target of which a figure is missing, each with what is aimed at."""
    return {
        pk: (digest.targets[pk].metric, f"目标{say(digest.targets[pk].value, digest.targets[pk].metric)}")
        for digest in ledger.figures.digests.values()
        for pk, verdict in summary(digest, ledger.view).verdicts.found.items()
        if verdict is Verdict.NO_DATA
    }


def _unreported(ledger: Ledger, beside: Container[int]) -> list[tuple[Metric, str]]:
    """Metrics of which the organ should have told something by now, but for those that are named already.

    It is to report its own metrics, those of the organs above it and those of all, without those that an organ above
    told of with the units below it.
    """
    view, path = ledger.view, ledger.organ.path
    if ledger.organ.pk not in {expected.pk for expected in view.expected}:
        return []
    told_above = _told_above(ledger)
    asked = [
        metric
        for pk, metric in load_metrics(view).items()
        if pk not in beside
        and pk not in told_above
        and (metric.owner is None or path.startswith(metric.owner.path))
    ]
    found = [
        (metric, _silence(metric, ledger.periods.get(metric.pk, ()), view, ledger.organ)) for metric in asked
    ]
    return [(metric, note) for metric, note in found if note]


def _unproven(ledger: Ledger) -> list[Row]:
    """The figures of metrics that demand evidence which have none, the newest of a metric first: one query, if any
    metric does."""
    period = ledger.view.period
    demanding = [
        row
        for row in ledger.figures.observations.values()
        if row.metric.needs_evidence and row.organ_id == ledger.organ.pk and row.period.overlaps(period)
    ]
    proven = {pk for (pk,) in _PROVEN.columns([row.pk for row in demanding])} if demanding else set()
    demanding.sort(key=lambda row: row.period.end, reverse=True)
    return sorted((row for row in demanding if row.pk not in proven), key=lambda row: row.metric_id)


#: Asks which of some figures have evidence.
_PROVEN: Question[EvidenceLink] = Question(
    lambda figures: (
        EvidenceLink.objects.filter(observation__in=figures).order_by().values_list("observation").distinct()
    ),
    SOME,
)


def _told_above(ledger: Ledger) -> set[int]:
    """The metrics that an organ above told of with the units below it: one query."""
    view, path = ledger.view, ledger.organ.path
    above = [path[:end] for end in range(Organ.steplen, len(path), Organ.steplen)]
    asked = Asked(view.period, as_of=view.as_of)
    return {pk for (pk,) in _with_below(asked).columns(above)} if above else set()


@lru_cache(100)
def _with_below(asked: Asked) -> Question[Observation]:
    """Asks for the metrics that some organs tell of with the units below them."""
    days = (asked.period.start, asked.period.end)

    def build(paths: Sequence[str]) -> QuerySet:
        told = Observation.objects.filter(organ__path__in=paths, coverage=Coverage.BELOW.value)
        rows = asked.counting(told).filter(period_days__overlap=days).order_by()
        return rows.values_list("metric").distinct()

    return Question(build, SOME_PATHS)


def _silence(metric: Metric, told: Collection[Period], view: View, organ: Organ) -> str:
    """Of which days that are over nothing was told; empty where enough was, or nothing is due (yet).

    Of days on which the organ took no part, or was no more, it owes nothing.
    """
    due, left_out = _newest(PeriodKind(metric.rhythm), told, view, organ), holes(view, metric, organ, told)
    if due and metric.rhythm == PeriodKind.SPAN:
        return "本期没有"
    if due and due not in left_out:
        left_out = (*left_out, due)
    said = f"{named(left_out)}未报" if left_out else ""
    last = max(told, key=lambda period: period.end, default=None)
    return f"{said}，上次{last.label}" if due and last else said


def _newest(rhythm: PeriodKind, told: Collection[Period], view: View, organ: Organ) -> Period | None:
    """The newest days that are over, if nothing was told of them."""
    due = view.due(rhythm)
    if due is None or not view.expects(organ, due) or any(period.overlaps(due) for period in told):
        return None
    if rhythm is PeriodKind.SPAN and told:  # once told, it is told for good
        return None
    if rhythm not in WITHIN_A_YEAR and any(period.overlaps(view.period) for period in told):
        return None
    return due
