"""The first page after signing in: what came back, what is due, what waits, what was done last, and the next step."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, F, Max, Q, QuerySet, Window
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from measures.counting import outdated
from measures.models import (
    Action,
    Activity,
    Campaign,
    Honour,
    Metric,
    Observation,
    Reviewed,
    ReviewState,
    ReviewStep,
    Target,
    ended,
)
from measures.rollups.instructions import InstructionRow, waiting_for
from measures.rollups.overview import Brief, brief
from measures.rollups.view import View
from measures.rollups.waiting import KINDS, read_value, value_of
from measures.workflow import Beside, Step, reviewed, unready
from organs.models import AuditEvent, AuditVerb, Role, User
from organs.permissions import Right, scope
from organs.signin import is_locked

REVIEWED = (Activity, Observation, Action, Target, Honour)
SHOWN, MOST_LATE, LAST_DAYS = 8, 5, 7
#: So many drafts are listed to be submitted together.
MOST_DRAFTS = 100
A_WEEK = timedelta(days=7)
_NAMED_BY: dict[type[Reviewed], tuple[str, ...]] = {
    Observation: ("organ", "metric__unit__base"),
    Target: ("organ", "metric__unit__base", "campaign"),
    Activity: ("organ", "action__pillar__campaign"),
    Action: ("organ", "pillar__campaign"),
}
#: What is asked of a draft before it is submitted is found there.
_CHECKED_BY: dict[type[Reviewed], tuple[str, ...]] = {
    Observation: ("metric__owner", "pillar"),
    Target: ("metric__owner",),
    Activity: ("action__organ",),
    Action: ("pillar__organ",),
    Honour: ("pillar",),
}


@dataclass(frozen=True)
class Line:
    """One line of a list."""

    text: str
    url: str
    kind: str
    at: datetime | date | None = None
    words: str = ""
    standing: str = ""


@dataclass(frozen=True)
class Pile:
    """Rows of one kind that are still to be dealt with."""

    kind: str
    count: int
    url: str


@dataclass(frozen=True)
class Draft:
    """A draft that may be submitted together with others; `why` says what it lacks, `value` names it as it was read."""

    value: str
    text: str
    url: str
    kind: str
    organ: str
    by: str
    mine: bool
    why: str


@dataclass(frozen=True)
class Desk:
    """What a clerk has to do."""

    returned: tuple[Line, ...]
    drafts: tuple[Line, ...]
    draft_count: int
    due: tuple[Line, ...]
    more_due: int
    actions: tuple[Line, ...]
    counted: tuple[Metric, ...]
    outdated: tuple[Line, ...]


@dataclass(frozen=True)
class Office:
    """What a steward looks after."""

    accounts: int
    locked: int
    first_password: int
    campaigns: tuple[Line, ...]


@dataclass(frozen=True)
class MyPage:
    """The page of a person: a part for each thing that their roles let them do; None where they do not."""

    roles: tuple[str, ...]
    next_step: str
    desk: Desk | None
    waiting: tuple[Pile, ...] | None
    office: Office | None
    brief: Brief | None
    instructions: tuple[InstructionRow, ...]
    audits: bool
    recent: tuple[Line, ...]


def my_page(user: User, view: View | None) -> MyPage:
    """What the person has to do and has done; `view` for those who see figures. A constant number of queries."""
    posts = user.current_memberships()
    leads = user.is_superuser or any(post.role == Role.LEADER for post in posts)
    desk = _desk(user) if scope(user, Right.ENTER) else None
    waiting = tuple(_waiting(user)) if scope(user, Right.REVIEW) else None
    audits = bool(scope(user, Right.AUDIT))
    return MyPage(
        roles=tuple(
            f"{m.organ.name}{'（含下级）' if m.with_below else ''} · {m.get_role_display()}" for m in posts
        ),
        next_step=_next_step(desk, waiting) or ("审计记录在下面。" if audits and view is None else ""),
        desk=desk,
        waiting=waiting,
        office=_office(user) if scope(user, Right.ADMINISTER) else None,
        brief=brief(view, LAST_DAYS, MOST_LATE) if view and leads else None,
        instructions=waiting_for(user),
        audits=audits,
        recent=tuple(_recent(user)),
    )


def _next_step(desk: Desk | None, waiting: Sequence[Pile] | None) -> str:
    """What to do first, in one line."""
    if desk and desk.returned:
        return "先看被退回的：点开，照审核员的话改好，再点“保存并报审”。"
    if waiting:
        return f"有{sum(pile.count for pile in waiting)}条等您审核，点“去审核”。"
    if desk and desk.draft_count:
        return f"有{desk.draft_count}条草稿还没报审，点“报审草稿”，看过清单一次报完。"
    if desk and any(line.standing == "late" for line in desk.due):
        return "有举措逾期：做完的打开申请销号，没做完的写明进展和存在问题。"
    if desk:
        return "把新办的活动、新出的数记下来，存草稿也行，凑齐了一起报审。"
    return "" if waiting is None else "没有等您审核的内容。"


def _rows(model: type[Reviewed], user: User, right: Right) -> QuerySet:
    rows = model._default_manager.filter(scope(user, right).q("organ__path"))
    return rows.select_related(*_NAMED_BY.get(model, ("organ",)))


def _address(row: Reviewed) -> str:
    return reverse(f"admin:measures_{row._meta.model_name}_change", args=(row.pk,))


def _desk(user: User) -> Desk:
    drafts, count = _drafts(user)
    due, more = _due(user)
    counted = Metric.objects.visible_to(user).exclude(counts="").select_related("unit")
    return Desk(
        returned=tuple(_returned(user)),
        drafts=tuple(drafts),
        draft_count=count,
        due=tuple(due),
        more_due=more,
        actions=tuple(_open(user)),
        counted=tuple(counted),
        outdated=tuple(
            Line(f"{row.organ.label}·{row.metric.name}", _address(row), row.period.label, words=row.said)
            for row in outdated(user)
        ),
    )


def _drafts(user: User) -> tuple[list[Line], int]:
    """The latest drafts of the organs for which the user enters, and how many there are."""
    found, count = [], 0
    for model in REVIEWED:
        rows = _rows(model, user, Right.ENTER).filter(state=ReviewState.DRAFT)
        rows = rows.annotate(total=Window(Count("pk"))).order_by("-changed_at")[:SHOWN]
        latest = list(rows)
        count += latest[0].total if latest else 0
        found += latest
    found.sort(key=lambda row: row.changed_at, reverse=True)
    lines = [Line(str(row), _address(row), str(row._meta.verbose_name), row.changed_at) for row in found]
    return lines[:SHOWN], count


def _returned(user: User) -> list[Line]:
    """What came back, the latest first, with the reviewer's words."""
    rows: dict[tuple[int, int], Reviewed] = {}
    for model in REVIEWED:
        back = Q(state=ReviewState.RETURNED)
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
    lines = [_back(row, latest.get(key)) for key, row in rows.items()]
    return [line for _, line in sorted(lines, key=lambda pair: pair[0], reverse=True)]


def _back(row: Reviewed, step: ReviewStep | None) -> tuple[datetime, Line]:
    """A row that came back with the words; a corrected line, whose closing came back before, has none of its own."""
    at, words = (step.at, f"{step.by}：{step.note}") if step else (row.changed_at, "")
    return at, Line(str(row), _address(row), str(row._meta.verbose_name), at, words)


def _standing_actions(user: User) -> QuerySet:
    """Actions that go on: of campaigns that are open and organs that are there, not closed out."""
    rows = _rows(Action, user, Right.ENTER).exclude(ended(timezone.localdate()))
    return rows.exclude(closing_state=ReviewState.APPROVED)


def _due(user: User) -> tuple[list[Line], int]:
    """Actions late or due within a week that nobody has asked to close out, the first ones, and how many more."""
    today = timezone.localdate()
    rows = _standing_actions(user).exclude(closing_state=ReviewState.SUBMITTED)
    rows = rows.filter(pk__in=Action.objects.current(), due_day__lte=today + A_WEEK)
    rows = rows.annotate(total=Window(Count("pk"))).order_by("due_day", "pk")[:SHOWN]
    found = list(rows)
    lines = []
    for action in found:
        days = (action.due_day - today).days
        words = f"已过{-days}天" if days < 0 else f"还有{days}天" if days else "今天到期"
        standing = "late" if days < 0 else "soon"
        lines.append(
            Line(action.title, _address(action), action.organ.label, action.due_day, words, standing)
        )
    return lines, (found[0].total - len(found)) if found else 0


def _open(user: User) -> Iterator[Line]:
    """Actions under which the next activity may be entered, those with the latest activity first."""
    rows = _standing_actions(user).filter(pk__in=Action.objects.heads())
    rows = rows.annotate(last=Max("activities__day"))
    order = (F("last").desc(nulls_last=True), "organ__path", "pillar__order", "order", "pk")
    for action in rows.order_by(*order)[:SHOWN]:
        yield Line(action.title, f"{reverse('entry_activities')}?action={action.pk}", "", action.last)


def _waiting(user: User) -> Iterator[Pile]:
    """What waits for the user as reviewer, in which they have had no hand."""
    for kind in KINDS.values():
        hands = "closing_hands" if kind.field == "closing_state" else "hands"
        rows = kind.model._default_manager.filter(reviewed(user, kind.field))
        rows = rows.filter(**{kind.field: ReviewState.SUBMITTED}).exclude(**{f"{hands}__contains": [user.pk]})
        if count := rows.count():
            yield Pile(kind.label, count, f"{reverse('review')}?kind={kind.name}")


def _office(user: User) -> Office:
    seen = User.objects.visible_to(user).filter(is_active=True)
    told = seen.aggregate(
        accounts=Count("pk"),
        locked=Count("pk", filter=Q(is_locked())),
        first=Count("pk", filter=Q(must_change_password=True)),
    )
    running = (
        Campaign.objects.visible_to(user)
        .filter(closed=False)
        .annotate(organs=Count("participations__organ", distinct=True))
    )
    lines = [
        Line(
            row.name,
            reverse("admin:measures_campaign_change", args=(row.pk,)),
            f"{row.organs}家单位参加",
            row.last_day,
        )
        for row in running.order_by("-last_day", "-pk")[:SHOWN]
    ]
    return Office(told["accounts"], told["locked"], told["first"], tuple(lines))


def _recent(user: User) -> Iterator[Line]:
    """What the user did last, as the audit trail has it."""
    events = AuditEvent.objects.filter(user_id=user.pk).writes()[:SHOWN]
    for event in events:
        yield Line(event.target_name, _told_at(event), event.get_verb_display(), event.at, event.note)


def _told_at(event: AuditEvent) -> str:
    if event.verb == AuditVerb.DELETE or not event.target_id:
        return ""
    try:
        return reverse(f"admin:{event.target_type.replace('.', '_')}_change", args=(event.target_id,))
    except NoReverseMatch:
        return ""


def my_drafts(user: User) -> tuple[tuple[Draft, ...], int]:
    """The drafts of the user's organs, the user's own first, each with what it lacks, and how many more there are.

    A constant number of queries.
    """
    rows: list[Any] = []
    drafts = []
    for model in REVIEWED:
        found = _rows(model, user, Right.ENTER).filter(state=ReviewState.DRAFT)
        drafts.append(found)
        named = found.select_related(*_NAMED_BY.get(model, ("organ",)), *_CHECKED_BY[model], "created_by")
        rows += named.order_by("-changed_at")[: MOST_DRAFTS + 1]
    rows.sort(key=lambda row: (user.pk not in row.hands, row.organ.path, row.pk))
    shown = rows[:MOST_DRAFTS]
    left_out = sum(found.count() for found in drafts) - MOST_DRAFTS if len(rows) > MOST_DRAFTS else 0
    beside = Beside(shown)
    return tuple(_draft(row, user, beside) for row in shown), left_out


def _draft(row: Reviewed, user: User, beside: Beside) -> Draft:
    kind = KINDS[str(row._meta.model_name)]
    return Draft(
        value=value_of(kind, row),
        text=f"{row}：{row.said}" if isinstance(row, Observation) else str(row),
        url=_address(row),
        kind=kind.label,
        organ=row.organ.label,
        by=row.created_by.name,
        mine=user.pk == row.keeper_id or (row.keeper_id is None and user.pk in row.hands),
        why=unready(row, Step.SUBMIT, by=user, beside=beside),
    )


def sent_drafts(user: User, wanted: Iterable[str]) -> list[tuple[Reviewed, datetime]]:
    """The drafts that a form names and the user may enter, with the version that was read; others are left out."""
    found = []
    for value in dict.fromkeys(wanted):
        if (read := read_value(value)) is None or read[0].field != "state":
            continue
        kind, pk, seen = read
        if row := _rows(kind.model, user, Right.ENTER).filter(pk=pk).first():
            found.append((row, seen))
    return found
