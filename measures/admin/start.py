"""The start page: where I work, what came back, what waits for me, what I did last, and the next entry in one click."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import F, Max, Q, QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from measures.admin.base import site
from measures.models import (
    Action,
    Activity,
    Honour,
    Metric,
    Observation,
    Reviewed,
    ReviewState,
    ReviewStep,
    Target,
)
from measures.workflow import reviewed
from organs.admin_site import me
from organs.models import AuditEvent, AuditVerb, User
from organs.permissions import Right, scope

REVIEWED = (Observation, Action, Activity, Target, Honour)
SHOWN = 8
_NAMED_BY: dict[type[Reviewed], tuple[str, ...]] = {
    Observation: ("organ", "metric"),
    Target: ("organ", "metric"),
}


@dataclass(frozen=True)
class Line:
    """One line of a list on the start page."""

    text: str
    url: str
    kind: str
    at: datetime | None = None
    words: str = ""


@dataclass(frozen=True)
class Pile:
    """Rows of one kind that are still to be dealt with."""

    kind: str
    count: int
    url: str


def start_page(request: HttpRequest) -> dict[str, Any]:
    """What the start page shows the user; a constant number of queries."""
    user = me(request)
    enters, reviews = scope(user, Right.ENTER), scope(user, Right.REVIEW)
    return {
        "roles": [(m.organ.name, m.get_role_display(), m.with_below) for m in user.current_memberships()],
        "enters": bool(enters),
        "reviews": bool(reviews),
        "administers": bool(scope(user, Right.ADMINISTER)),
        "returned": _returned(user) if enters else [],
        "drafts": _piles(user, Right.ENTER, _state(ReviewState.DRAFT)) if enters else [],
        "waiting": _piles(user, Right.REVIEW, _waiting(user)) if reviews else [],
        "recent": _recent(user),
        "actions": _open_actions(user) if enters else [],
        "counted": Metric.objects.visible_to(user).exclude(counts="").select_related("unit")
        if enters
        else [],
        "this_year": f"{timezone.localdate().year}年",
    }


def _state(state: ReviewState) -> Q:
    return Q(state=state)


def _waiting(user: User) -> Q:
    """Waits for a reviewer, and the user has had no hand in it."""
    return Q(state=ReviewState.SUBMITTED) & ~Q(hands__contains=[user.pk])


def _rows(model: type[Reviewed], user: User, right: Right) -> QuerySet:
    rows = model._default_manager.filter(scope(user, right).q("organ__path"))
    return rows.select_related(*_NAMED_BY.get(model, ()))


def _piles(user: User, right: Right, which: Q) -> list[Pile]:
    piles = []
    for model in REVIEWED:
        address = reverse(f"admin:measures_{model._meta.model_name}_changelist") + "?state=draft"
        if right is Right.REVIEW:
            address = f"{reverse('review')}?kind={model._meta.model_name}"
        piles.append(
            Pile(str(model._meta.verbose_name), _rows(model, user, right).filter(which).count(), address)
        )
    if right is Right.REVIEW:
        closing = Q(closing_state=ReviewState.SUBMITTED) & ~Q(closing_hands__contains=[user.pk])
        address = f"{reverse('review')}?kind=closing"
        mine = Action.objects.filter(closing, reviewed(user, "closing_state"))
        piles.append(Pile("举措销号", mine.count(), address))
    return [pile for pile in piles if pile.count]


def _returned(user: User) -> list[Line]:
    """What came back, the latest first, with the reviewer's words."""
    rows: dict[tuple[int, int], Reviewed] = {}
    for model in REVIEWED:
        back = _state(ReviewState.RETURNED)
        if model is Action:
            back |= Q(closing_state=ReviewState.RETURNED, pk__in=Action.objects.current())
        kind = ContentType.objects.get_for_model(model).pk
        rows |= {(kind, row.pk): row for row in _rows(model, user, Right.ENTER).filter(back)}
    said = Q(pk__in=[])
    for kind, pk in rows:
        said |= Q(target_type=kind, target_id=pk)
    steps = ReviewStep.objects.filter(said, after=ReviewState.RETURNED).order_by(
        "target_type", "target_id", "-at", "-pk"
    )
    found = steps.distinct("target_type", "target_id").select_related("by")
    latest = {(step.target_type_id, step.target_id): step for step in found}
    lines = [_line(row, latest.get(key)) for key, row in rows.items()]
    return sorted(lines, key=lambda line: line.at or timezone.now(), reverse=True)


def _line(row: Reviewed, step: ReviewStep | None) -> Line:
    """A row that came back with the words; a corrected line, whose closing came back before, has none of its own."""
    address = reverse(f"admin:measures_{row._meta.model_name}_change", args=(row.pk,))
    at, words = (step.at, f"{step.by}：{step.note}") if step else (row.changed_at, "")
    return Line(str(row), address, str(row._meta.verbose_name), at, words)


def _recent(user: User) -> Iterator[Line]:
    """What the user did last, as the audit trail has it."""
    events = AuditEvent.objects.filter(user_id=user.pk).writes()[:SHOWN]
    for event in events:
        yield Line(event.target_name, _address(event), event.get_verb_display(), event.at, event.note)


def _address(event: AuditEvent) -> str:
    if event.verb == AuditVerb.DELETE or not event.target_id:
        return ""
    try:
        return reverse(f"admin:{event.target_type.replace('.', '_')}_change", args=(event.target_id,))
    except NoReverseMatch:
        return ""


def _open_actions(user: User) -> QuerySet:
    """Actions under which the next activity may be entered, those with the latest activity first."""
    rows = _rows(Action, user, Right.ENTER).filter(pk__in=Action.objects.heads())
    rows = rows.filter(pillar__campaign__closed=False)
    rows = rows.exclude(closing_state=ReviewState.APPROVED).annotate(last=Max("activities__day"))
    return rows.order_by(F("last").desc(nulls_last=True), "organ__path", "pillar__order", "order", "pk")[
        :SHOWN
    ]


site.start_parts.append(start_page)
