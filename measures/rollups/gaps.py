"""What is missing (缺什么) in the ledger of an organ, with the way to each place."""

from collections.abc import Collection, Container, Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from measures.models import Action, Metric, Observation
from measures.period import Period, PeriodKind
from measures.progress import Standing
from measures.rollups.digest import Asked
from measures.rollups.figures import passport_url, say
from measures.rollups.lines import Ledger, due_note
from measures.rollups.view import View
from measures.totals import Coverage, Presence
from organs.models import Organ

#: So many stand open, so many more are folded away; the rest is told by their number.
OPEN, FOLDED = 5, 40
WITHIN_A_YEAR = (PeriodKind.HALF, PeriodKind.QUARTER, PeriodKind.MONTH)


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


def gaps(ledger: Ledger) -> tuple[Gap, ...]:
    """All that is missing, what presses first; from one query."""
    without = [action for action in ledger.approved if not ledger.told[action.pk]]
    only = [action for action in without if ledger.beside[action.pk].number]
    bare = [pillar for pillar in ledger.pillars if not ledger.has_approved(pillar)]
    link, aimless = ledger.view.link, _aimless(ledger)
    found = (
        _gap("overdue", "逾期的举措", "late", _overdue(ledger)),
        _gap("unreported", "该报未报的指标", "not_met", _unreported(ledger, aimless)),
        _gap("no-data", "有目标没有数值", "not_met", list(aimless.values())),
        _gap("only-process", "只有过程没有成效", "soon", _lines(ledger, only), "办过活动，还没有成效数值"),
        _gap(
            "without",
            "没有数值的举措",
            "not_started",
            _lines(ledger, without),
            f"共{len(ledger.approved)}项举措",
        ),
        _gap(
            "bare",
            "没有举措的支柱",
            "not_started",
            [GapItem(p.heading, link(reverse("pillar", args=(p.pk,)))) for p in bare],
        ),
        _gap(
            "unproven",
            "要求佐证而没有的数值",
            "not_started",
            [GapItem(row.metric.name, link(passport_url(row)), row.period.label) for row in ledger.unproven],
        ),
    )
    return tuple(gap for gap in found if gap.number)


def _gap(anchor: str, label: str, standing: str, items: list[GapItem], note: str = "") -> Gap:
    shown, folded = items[:OPEN], items[OPEN : OPEN + FOLDED]
    more = max(len(items) - OPEN - FOLDED, 0)
    return Gap(anchor, label, standing, len(items), note, tuple(shown), tuple(folded), more)


def _overdue(ledger: Ledger) -> list[GapItem]:
    """Late actions, those late for longest first."""
    late = [a for a in ledger.approved if ledger.standings[a.pk] is Standing.LATE]
    items = []
    for action in sorted(late, key=lambda a: (a.due_day or date.max, a.pk)):
        said = (due_note(action, Standing.LATE, ledger.view.today), action.leader, action.office)
        items.append(_line(ledger, action, "，".join(part for part in said if part)))
    return items


def _lines(ledger: Ledger, actions: Iterable[Action]) -> list[GapItem]:
    return [_line(ledger, action, ledger.beside[action.pk].held) for action in actions]


def _line(ledger: Ledger, action: Action, note: str) -> GapItem:
    return GapItem(action.title, ledger.view.link(reverse("action", args=(action.pk,))), note)


def _aimless(ledger: Ledger) -> dict[int, GapItem]:
    """Targets of which no figure tells, by metric."""
    items = {}
    for (pk, organ), target in ledger.figures.targets.items():
        own = ledger.figures.owns.get((pk, organ))
        told = own and (own.quantity is not None or own.presence is Presence.NOT_APPLICABLE)
        if organ == ledger.organ.pk and target.value is not None and not told:
            items[pk] = _of_metric(ledger, target.metric, f"目标{say(target.value, target.metric)}")
    return items


def _of_metric(ledger: Ledger, metric: Metric, note: str) -> GapItem:
    url = ledger.view.link(reverse("series", args=(metric.pk, ledger.organ.pk)))
    return GapItem(metric.name, url, note)


def _unreported(ledger: Ledger, beside: Container[int]) -> list[GapItem]:
    """Metrics of which the organ should have told something by now, but for those that are named already."""
    view, organ = ledger.view, ledger.organ
    if organ.pk not in {expected.pk for expected in view.expected}:
        return []
    items = []
    for metric in _asked(ledger):
        rows = ledger.figures.by_metric.get(metric.pk, ())
        told = [row.period for row in rows if row.organ_id == organ.pk]
        note = _silence(PeriodKind(metric.rhythm), told, view)
        if note and metric.pk not in beside:
            items.append(_of_metric(ledger, metric, note))
    return items


def _asked(ledger: Ledger) -> QuerySet[Metric]:
    """The metrics that the organ is to report: its own, those of the organs above it, those of all.

    Without those that an organ above told of with the units below it.
    """
    view, path = ledger.view, ledger.organ.path
    paths = [path[:end] for end in range(Organ.steplen, len(path) + 1, Organ.steplen)]
    above = Observation.objects.filter(metric=OuterRef("pk"), organ__path__in=paths[:-1])
    days = (view.period.start, view.period.end)
    above = above.filter(coverage=Coverage.BELOW.value, period_days__overlap=days)
    asked = Metric.objects.visible_to(view.user).filter(Q(owner=None) | Q(owner__path__in=paths))
    return asked.exclude(Exists(Asked(view.period, as_of=view.as_of).counting(above)))


def _silence(rhythm: PeriodKind, told: Collection[Period], view: View) -> str:
    """Since when nothing was told of the newest days that are over; empty where enough was, or nothing is due yet."""
    due = _due(rhythm, view)
    if due is None or any(period.overlaps(due) for period in told):
        return ""
    if rhythm not in WITHIN_A_YEAR and any(period.overlaps(view.period) for period in told):
        return ""
    last = max(told, key=lambda period: period.end, default=None)
    return f"{due.label}未报，上次{last.label}" if last else "还没有报过"


def _due(rhythm: PeriodKind, view: View) -> Period | None:
    """The newest period of a rhythm that is over and lies in the view's; None before the first one is."""
    end = min(view.period.end, view.today)
    if rhythm is PeriodKind.SPAN:
        return view.period if view.period.end <= view.today else None
    if end <= view.period.start:
        return None
    open_one = Period.of(rhythm, end)
    return open_one.previous() if open_one.start > view.period.start else None
