"""What waits for a person (督办): returned, to be reviewed, due, asked in a round or by a leader; never who else did what."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.urls import reverse
from django.utils import timezone

from measures.models import (
    Action,
    Activity,
    Honour,
    Instruction,
    InstructionQuerySet,
    Milestone,
    Observation,
    Reviewed,
    ReviewState,
    Round,
    RoundCell,
    RoundOrgan,
    Stage,
    Target,
    ended,
)
from measures.workflow import reviewed
from organs.models import User
from organs.permissions import Right, scope

REVIEWED: tuple[type[Reviewed], ...] = (Observation, Action, Activity, Target, Honour)
#: A line is due soon in so many days, as everywhere (`progress.action_standing`); a round ends soon.
SOON, LAST_DAYS = timedelta(days=14), timedelta(days=3)
#: Rows of one sort that are named; all are counted.
MOST_NAMED = 50
#: Characters of a leader's words in the list.
MOST_QUOTED = 40
_NAMED_BY: dict[type[Reviewed], tuple[str, ...]] = {
    Observation: ("organ", "metric"),
    Target: ("organ", "metric"),
}


@dataclass(frozen=True)
class Waiting:
    """One thing that waits for a person; `standing` is the class of its mark, `keys` what it is known by once it was told."""

    sort: str
    text: str
    url: str
    words: str
    standing: str
    keys: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many rows it stands for."""
        return len(self.keys)


def bell(user: User) -> int:
    """How much waits for the person: one query, and none for who neither enters nor reviews."""
    rows = [found for _, found in _parts(user)]
    if not rows:
        return 0
    keys = [row.order_by().values_list("pk").annotate(sort=Value(n)) for n, row in enumerate(rows)]
    return int(keys[0].union(*keys[1:], all=True).count() if len(keys) > 1 else keys[0].count())


def waiting_for(user: User) -> list[Waiting]:
    """What waits for the person, what is most pressing first; a constant number of queries."""
    found = [line for name, rows in _parts(user) for line in _told(name, rows)]
    order = ("late", "returned", "soon", "waiting")
    return sorted(found, key=lambda line: order.index(line.standing))


def asked_of(user: User) -> list[Waiting]:
    """The rounds that the user's organs have not answered in whole; one query."""
    enters = scope(user, Right.ENTER)
    return list(_asked(_behind(enters.q("organ__path")))) if enters else []


def _parts(user: User) -> list[tuple[str, QuerySet[Any]]]:
    """By sort the rows that wait; the bell counts these and the list tells them."""
    today = timezone.localdate()
    parts: list[tuple[str, QuerySet[Any]]] = []
    if enters := scope(user, Right.ENTER):
        own = enters.q("organ__path")
        going_on = Action.objects.current().filter(own).exclude(ended(today))
        going_on = going_on.exclude(closing_state__in=(ReviewState.SUBMITTED, ReviewState.APPROVED))
        lines = going_on.filter(due_day__lte=today + SOON)
        parts.append(("due", lines))
        stages = Milestone.objects.filter(done_day=None, due_day__lte=today + SOON, action__in=going_on)
        parts.append(("stage", stages))
        for model in REVIEWED:
            back = Q(state=ReviewState.RETURNED)
            if model is Action:
                back |= Q(
                    state=ReviewState.APPROVED, superseded_at__isnull=True, closing_state=ReviewState.RETURNED
                )
            parts.append(("returned", model._default_manager.filter(own & back)))
        parts.append(("asked", _behind(own)))
        parts.append(("words", Instruction.objects.filter(own, stage=Stage.OPEN)))
    if user.may_review and scope(user, Right.REVIEW):
        for model in REVIEWED:
            waits = Q(state=ReviewState.SUBMITTED) & ~Q(hands__contains=[user.pk]) & reviewed(user, "state")
            if model is Action:
                closing = Q(closing_state=ReviewState.SUBMITTED) & ~Q(closing_hands__contains=[user.pk])
                waits |= closing & reviewed(user, "closing_state")
            parts.append(("review", model._default_manager.filter(waits)))
    if stewards := scope(user, Right.CATALOGUE):
        ending = Round.objects.filter(
            stewards.q("owner__path"),
            opened_at__isnull=False,
            closed_at__isnull=True,
            until__lte=today + LAST_DAYS,
        )
        parts.append(("round", ending))
    return parts


def _behind(own: Q) -> QuerySet[Any]:
    """Organs of open rounds that are there and have not answered all."""
    cells = RoundCell.objects.filter(round=OuterRef("round"), organ=OuterRef("organ")).unanswered()
    rows = RoundOrgan.objects.filter(own, round__opened_at__isnull=False, round__closed_at__isnull=True)
    return rows.exclude(organ__active_to__lte=timezone.localdate()).filter(Exists(cells))


def _told(sort: str, rows: QuerySet[Any]) -> Iterator[Waiting]:
    match sort:
        case "due":
            yield from _due(rows)
        case "stage":
            yield from _stages(rows)
        case "returned":
            yield from _returned(rows)
        case "review":
            yield from _to_review(rows)
        case "asked":
            yield from _asked(rows)
        case "words":
            yield from _words(cast(InstructionQuerySet, rows))
        case "round":
            for row in rows:
                words, standing = _left(row.until)
                address = reverse("round", args=(row.pk,))
                yield Waiting(
                    "填报轮次", row.title, address, words, standing, (f"round-{row.pk}-{standing}",)
                )


def _due(rows: QuerySet[Any]) -> Iterator[Waiting]:
    for row in rows.select_related("organ").order_by("due_day", "pk")[:MOST_NAMED]:
        words, standing = _left(row.due_day, SOON)
        text = f"{row.organ.label}·{row.title}"
        address, key = reverse("action", args=(row.pk,)), f"due-{row.pk}-{row.due_day}-{standing}"
        yield Waiting("举措时限", text, address, words, standing, (key,))


def _stages(rows: QuerySet[Any]) -> Iterator[Waiting]:
    """Stages of projects; the page for entering a project has them."""
    for row in rows.select_related("action__organ").order_by("due_day", "pk")[:MOST_NAMED]:
        words, standing = _left(row.due_day, SOON)
        text = f"{row.action.organ.label}·{row.action.title}：{row.stage}"
        address = reverse("admin:measures_action_change", args=(row.action_id,))
        yield Waiting(
            "项目阶段", text, address, words, standing, (f"stage-{row.pk}-{row.due_day}-{standing}",)
        )


def _returned(rows: QuerySet[Any]) -> Iterator[Waiting]:
    model = rows.model
    for row in rows.select_related(*_NAMED_BY.get(model, ("organ",))).order_by("-changed_at", "-pk")[
        :MOST_NAMED
    ]:
        name = model._meta.model_name
        address = reverse(f"admin:measures_{name}_change", args=(row.pk,))
        text = str(row) if model in _NAMED_BY else f"{row.organ.label}·{row}"
        key = f"returned-{name}-{row.pk}-{row.changed_at:%Y%m%d%H%M%S}"
        yield Waiting(
            f"退回的{model._meta.verbose_name}", text, address, "看过意见，改好再报审", "returned", (key,)
        )


def _to_review(rows: QuerySet[Any]) -> Iterator[Waiting]:
    """All of one kind in one line: they are read on the page for them."""
    found = list(rows.order_by("pk").values_list("pk", "changed_at"))
    if found:
        name, label = rows.model._meta.model_name, rows.model._meta.verbose_name
        address = f"{reverse('review')}?kind={name}" if rows.model is not Action else reverse("review")
        keys = tuple(f"review-{name}-{pk}-{at:%Y%m%d%H%M%S}" for pk, at in found)
        yield Waiting("待审", f"{label}{len(found)}条", address, "等您审核", "waiting", keys)


def _asked(rows: QuerySet[Any]) -> Iterator[Waiting]:
    for row in rows.select_related("organ", "round").order_by("round__until", "organ__path"):
        words, standing = _left(row.last_day)
        nudged = f"{timezone.localtime(row.reminded_at):%Y%m%d}" if row.reminded_at else ""
        if row.reminded_at:
            words += f"；发起单位{timezone.localtime(row.reminded_at):%-m月%-d日}催报"
        address = reverse("round_organ", args=(row.round_id, row.organ_id))
        key = f"asked-{row.pk}-{standing}-{nudged}"
        yield Waiting("填报", f"{row.organ.label}·{row.round.title}", address, words, standing, (key,))


def _words(rows: InstructionQuerySet) -> Iterator[Waiting]:
    """Words of leaders that the organ has not answered; said again, they are told again."""
    for row in rows.select_related("organ").most_pressing_first()[:MOST_NAMED]:
        words, standing = _left(row.due_day, SOON) if row.due_day else ("等您答复", "waiting")
        quoted = row.words if len(row.words) <= MOST_QUOTED else f"{row.words[:MOST_QUOTED]}…"
        text = f"{row.organ.label}·{quoted}"
        address = reverse("instruction", args=(row.pk,))
        key = f"words-{row.pk}-{row.changed_at:%Y%m%d%H%M%S}-{standing}"
        yield Waiting("批示", text, address, words, standing, (key,))


def _left(day: date, soon: timedelta = LAST_DAYS) -> tuple[str, str]:
    """How long there is until a day, and the class of its mark."""
    left = (day - timezone.localdate()).days
    said = f"{day:%Y-%m-%d}"
    if left < 0:
        return f"{said}截止，已逾期{-left}天", "late"
    if left == 0:
        return f"{said}截止，就是今天", "soon"
    return f"{said}截止，还有{left}天", "soon" if left <= soon.days else "waiting"
