"""What somebody has in hand that is not finished, organ by organ, and who could take it over."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse

from measures.models import (
    OPEN_STATES,
    Action,
    Activity,
    Honour,
    Observation,
    Reviewed,
    ReviewState,
    Target,
)
from organs.models import Membership, Organ, User
from organs.permissions import Right, can, roles_with

KINDS: tuple[type[Reviewed], ...] = (Observation, Action, Activity, Target, Honour)


@dataclass(frozen=True)
class OpenRow:
    """A row on its way: what it is, where it stands, where it is seen to."""

    kind: str
    title: str
    state: str
    url: str


@dataclass(frozen=True)
class OpenOrgan:
    """The rows of one organ, and the clerks by number and title who may take them over."""

    pk: int
    name: str
    rows: tuple[OpenRow, ...]
    clerks: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class InHand:
    """The organs in which it may be handed over, and by name how much lies where who keeps it may no more."""

    organs: tuple[OpenOrgan, ...]
    beyond: tuple[tuple[str, int], ...]


def open_rows(user: User, *, by: User) -> list[Reviewed]:
    """What the user keeps that is on its way, or whose closing is, in organs where `by` may hand it over."""
    return [row for row in _kept(user) if _may(by, user, row)]


def _kept(user: User) -> list[Reviewed]:
    found: list[Reviewed] = []
    for model in KINDS:
        going = Q(state__in=OPEN_STATES)
        if model is Action:
            closing = Q(closing_state__in=(ReviewState.SUBMITTED, ReviewState.RETURNED))
            going |= closing & Q(pk__in=Action.objects.current())
        rows = (
            model._default_manager.kept_by(user)
            .filter(going)
            .select_related("organ", *_NAMED_BY.get(model, ()))
        )
        found += rows.order_by("organ__path", "pk")
    return found


def _may(by: User, user: User, row: Reviewed) -> bool:
    return can(by, Right.ENTER if by == user else Right.ADMINISTER, row.organ)


_NAMED_BY: dict[type[Reviewed], tuple[str, ...]] = {
    Observation: ("metric__unit",),
    Target: ("metric__unit",),
}


def handover(user: User, *, by: User) -> InHand:
    """The page: organs in official order; a constant number of queries."""
    kept = _kept(user)
    rows = [row for row in kept if _may(by, user, row)]
    beyond = Counter(row.organ.name for row in kept if by == user and not _may(by, user, row))
    organs = sorted({row.organ for row in rows}, key=lambda organ: organ.path)
    clerks = Membership.objects.active().filter(role__in=roles_with(Right.ENTER), user__is_active=True)
    held = list(
        clerks.exclude(user=user).select_related("user", "organ").order_by("user__name", "user__username")
    )
    parts = tuple(
        OpenOrgan(
            organ.pk,
            organ.name,
            tuple(_row(row) for row in rows if row.organ == organ),
            tuple(_able(held, organ)),
        )
        for organ in organs
    )
    return InHand(parts, tuple(beyond.items()))


def _able(held: Iterable[Membership], organ: Organ) -> Iterable[tuple[int, str]]:
    people = {m.user_id: m.user.title for m in held if m.reaches(organ)}
    return people.items()


def _row(row: Reviewed) -> OpenRow:
    state = ReviewState(row.state).label
    if isinstance(row, Action) and row.state == ReviewState.APPROVED:
        state = f"销号{ReviewState(row.closing_state).label}"
    url = reverse(f"admin:measures_{row._meta.model_name}_change", args=(row.pk,))
    return OpenRow(str(row._meta.verbose_name), str(row), state, url)
