"""A past day beside today (回看某日): what was approved then, what is approved now, and why they differ."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from measures.models import Action, Activity, Metric, Observation, ReviewState, ReviewStep, begun
from measures.moves import MOVES, Step
from measures.period import end_of_day, shanghai_day
from measures.rollups.compare import (
    Numbers,
    Pair,
    by_standing,
    change_between,
    label_of,
    numbers,
)
from measures.rollups.digest import Asked
from measures.rollups.figures import FigureRow, amount, passport_url, say, tip
from measures.rollups.load import Figures, load_figures
from measures.rollups.overview import total_row
from measures.rollups.rows import ActionLine, Row
from measures.rollups.standing import standing
from measures.rollups.view import View
from measures.totals import Presence

ROWS_ON_A_PAGE = 20
NOT_YET = "当时未报"
GONE = "已撤销"


@dataclass(frozen=True)
class Changed:
    """A figure that says something else today, or that only one of the two days knows."""

    url: str
    organ: str
    metric: str
    period: str
    before: FigureRow
    after: FigureRow
    why: str
    reason: str


@dataclass(frozen=True)
class DayPage:
    """What had been approved by the end of a past day, beside what is approved today."""

    day: str
    numbers: tuple[Numbers, ...]
    totals: tuple[Pair, ...]
    same: int
    same_url: str
    changes: tuple[Changed, ...]
    paging: Page


class Later(NamedTuple):
    """What became of a figure after the day: its last version, why it changed, whether it was retracted in the end."""

    pk: int
    reasons: tuple[str, ...]
    retracted: bool


#: A figure as it counted then, as it counts now, and what became of the former.
Found = tuple[Row | None, Row | None, Later | None]


def compare_days(view: View, day: date, number: str | None = None, *, whole: bool = False) -> DayPage:
    """The organs of the view on a past day and today; `number` is the page of the list of changes, `whole` all of it."""
    below = (*view.query, ("organ", str(view.top.pk))) if view.top else view.query
    of_all = replace(view, query=below)  # totals are those of the part of the tree that is looked at
    now, then = (load_figures(asked) for asked in (of_all, replace(of_all, as_of=day, today=day)))
    metrics = {**now.metrics, **then.metrics}
    pairs = [_pair(then, now, metric) for metric in metrics.values()]
    totals = tuple(pair for pair in pairs if _says(pair.before) != _says(pair.after))
    paging = Paginator(_differing(then, now, day), ROWS_ON_A_PAGE).get_page(number)
    return DayPage(
        day=f"{day.year}年{day.month}月{day.day}日",
        numbers=_numbers(then, now, day),
        totals=totals,
        same=len(pairs) - len(totals),
        same_url=of_all.link(reverse("overview")),
        changes=tuple(
            _changed(view, *found) for found in (paging.paginator.object_list if whole else paging)
        ),
        paging=paging,
    )


def _says(row: FigureRow) -> tuple[str, ...]:
    return row.words, row.tip, row.absent, row.note


def _pair(then: Figures, now: Figures, metric: Metric) -> Pair:
    """A metric's total over the organs of the view."""
    was, found = then.total(metric), now.total(metric)
    before, after = total_row(then, metric, was), total_row(now, metric, found)
    if before.note == after.note:
        before, after = replace(before, note=""), replace(after, note="")
    return Pair(after.label, after.url, before, after, change_between(metric, was.quantity, found.quantity))


def _numbers(then: Figures, now: Figures, day: date) -> tuple[Numbers, ...]:
    """Counts of what had been approved then and is approved today."""
    before, after = _lines_then(then, day), [line for d in now.digests.values() for line in d.actions]
    sides = (list(then.digests.values()), list(now.digests.values()))
    return (
        *by_standing(
            [standing(line, day, held=bool(line.held)) for line in before],
            [standing(line, now.view.today, held=bool(line.held)) for line in after],
        ),
        numbers("活动", [sum(line.held for line in lines) for lines in (before, after)], "次"),
        numbers("荣誉", [sum(len(d.honours) for d in side) for side in sides]),
        numbers("数值", [sum(len(d.figures) for d in side) for side in sides], "个"),
    )


def _lines_then(then: Figures, day: date) -> list[ActionLine]:
    """Actions as they stood on the day, from one query: a closing that was agreed to later waited or was none yet, what
    was opened again later was closed, and what moved to a corrected line since was held under the line before it."""
    end, asked = end_of_day(day), Asked(then.view.period, as_of=day)
    closing = ReviewStep.objects.filter(
        step__in=[step for step, move in MOVES.items() if move.field == "closing_state"],
        at__gt=end,
        target_type=ContentType.objects.get_for_model(Action),
        target_id=OuterRef("pk"),
    )
    state_then = Subquery(closing.order_by("at", "pk").values("before")[:1])
    held = asked.counting(Activity.objects.all()).order_by()
    inside = held.filter(day__gte=asked.period.start, day__lt=asked.period.end, action=OuterRef("pk"))
    rows = Action.objects.filter(
        Q(approved_at__gt=end, version__gt=1) | Exists(closing), organ__in=then.view.organs
    )
    before: dict[int, int] = {}
    moved: Counter[int] = Counter()
    going: set[int] = set()
    closings: dict[int, tuple[date | None, date | None]] = {}  # closed, or asked to be
    for pk, previous, approved_at, finished, state, number, started in rows.values_list(
        *("pk", "previous_id", "approved_at", "closed_on", state_then),
        *(Coalesce(Subquery(inside.values("action").values(number=Count("pk"))), 0), begun(held)),
    ):
        if state is not None:
            closed = day if state == ReviewState.APPROVED else None
            closings[pk] = closed, finished if state == ReviewState.SUBMITTED else None
        if approved_at > end and previous:
            before[pk], moved[pk] = previous, number
            going |= {pk} if started else set()
    for pk in sorted(before, reverse=True):  # a later version has a higher number
        moved[before[pk]] += moved[pk]
        going |= {before[pk]} if pk in going else set()
    return [
        line._replace(
            closed_on=closings.get(line.pk, (line.closed_on, None))[0],
            asked_on=closings.get(line.pk, (None, line.asked_on))[1],
            progress=line.progress or line.pk in going,
            over=line.over and line.last_day < day,
            held=line.held + moved[line.pk],
        )
        for digest in then.digests.values()
        for line in digest.actions
    ]


def _differing(then: Figures, now: Figures, day: date) -> list[Found]:
    """Figures that counted on one of the two days only, a corrected one beside what it was corrected to.

    Corrected and retracted ones first, then those approved since; each by organ, metric and period. One query.
    """
    later = _later(now.view, day)
    was, known = then.observations, now.observations
    lost: list[Found] = []
    followers = set()
    for pk, row in was.items():
        if pk in known or pk not in later:
            continue  # unchanged, or one that the period no longer needs
        last = later[pk]
        after = known.get(last.pk)
        followers.add(last.pk)
        if after is None or _content(row) != _content(after):
            lost.append((row, after, last))
    end = end_of_day(day)
    new: list[Found] = [
        (None, row, None)
        for pk, row in known.items()
        if pk not in was and pk not in followers and row.approved_at and row.approved_at > end
    ]
    order = {pk: place for place, pk in enumerate({**now.metrics, **then.metrics})}

    def place(found: Found) -> tuple[object, ...]:
        row = _either(found)
        return row.organ.path, order[row.metric_id], row.period.start, row.pk

    return [*sorted(lost, key=place), *sorted(new, key=place)]


def _content(row: Row) -> tuple[object, ...]:
    quantity = row.quantity
    return (
        *(row.presence, quantity, row.numerator, row.denominator, row.coverage, row.absence),
        *(row.period.start, row.period.end),
    )


def _later(view: View, day: date) -> Mapping[int, Later]:
    """What became of figures that were corrected or retracted after the day, by the version that counted before."""
    end = end_of_day(day)
    words = ReviewStep.objects.filter(
        step=Step.RETRACT,
        target_type=ContentType.objects.get_for_model(Observation),
        target_id=OuterRef("pk"),
    )
    rows = Observation.objects.filter(
        Q(approved_at__gt=end, version__gt=1) | Q(retracted_at__gt=end), organ__in=view.organs
    )
    chain: dict[int, tuple[int, str]] = {}
    retracted: dict[int, str] = {}
    for pk, previous, reason, corrected, note in rows.values_list(
        "pk",
        "previous_id",
        "reason",
        "approved_at",
        Subquery(words.values("note")[:1]),
    ):
        if previous and corrected > end:
            chain[previous] = (pk, reason)
        if note is not None:
            retracted[pk] = note
    found = {}
    for start in {*chain, *retracted}:
        pk, reasons = start, []
        while pk in chain:
            pk, reason = chain[pk]
            reasons.append(reason)
        if pk in retracted:
            reasons.append(retracted[pk])
        found[start] = Later(pk, tuple(reasons), pk in retracted)
    return found


def _either(found: Found) -> Row:
    """The figure as it counted then, or the new one."""
    row = found[0] or found[1]
    if row is None:
        raise ValueError("nothing that differs")
    return row


def _changed(view: View, was: Row | None, now: Row | None, later: Later | None) -> Changed:
    """One figure that differs, ready for the page."""
    row = _either((was, now, later))
    if later:
        why = ("更正后撤销" if len(later.reasons) > 1 else "撤销") if later.retracted else "更正"
        reason = "；".join(later.reasons)
    else:
        why, reason = "后来新增", f"{shanghai_day(row.approved_at):%Y-%m-%d}审核" if row.approved_at else ""
    return Changed(
        url=view.link(passport_url(now or row)),
        organ=row.organ.label,
        metric=label_of(row.metric),
        period=row.period.label,
        before=_cell(was, NOT_YET),
        after=_cell(now, GONE),
        why=why,
        reason=reason,
    )


def _cell(row: Row | None, absent: str) -> FigureRow:
    """What a figure says, or the word in its place."""
    if row is None:
        return FigureRow("", "", absent=absent)
    if row.quantity is None:
        return FigureRow("", "", absent="不适用", note=row.absence)
    words = say(row.quantity, row.metric)
    nil = "（零报告）" if row.presence == Presence.NIL.value else ""
    numbers = amount(row.metric, row.quantity)
    return FigureRow("", "", words=f"{words}{nil}", tip=tip(row.quantity, row.metric), amount=numbers)
