"""The door for writes: create, change, correct and delete, each in one transaction with its audit event."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DataError, IntegrityError, models, transaction
from django.db.models import QuerySet
from django.utils import timezone

from measures.models import (
    Action,
    Activity,
    Campaign,
    Evidence,
    EvidenceLink,
    Metric,
    Observation,
    Participation,
    Pillar,
    Reviewed,
    ReviewState,
    Source,
    Target,
    Unit,
)
from organs.audit import canonical, record
from organs.models import AuditVerb, Organ, User
from organs.permissions import Right, can, scope

_DAY = timedelta(days=1)

Row = TypeVar("Row", bound=Reviewed)
AnyRow = TypeVar("AnyRow", bound=models.Model)

#: What a correction keeps: it is about the same thing.
_SERIES = frozenset({"metric", "organ", "campaign", "action", "period_kind", "period_days"})
_FIGURE = frozenset({"presence", "quantity_amount", "quantity_range", "quantity_qualifier"})

#: Many-to-many values by field name.
Links = Mapping[str, Iterable[models.Model]]


class Locked(ValidationError):
    """The row may not be changed; the sentence says why and who can help."""


def organ_of(row: models.Model) -> Organ | None:
    """The organ that a row belongs to; None for what belongs to the whole catalogue."""
    match row:
        case Action():
            return row.pillar.organ
        case Activity():
            return row.action.organ
        case Reviewed() | Pillar() | Participation() | Evidence():
            return row.organ
        case Campaign() | Metric():
            return row.owner
        case EvidenceLink():
            return row.evidence.organ
    return None


def right_to_write(row: models.Model) -> Right:
    """The right that a change of the row asks for."""
    own_metric = isinstance(row, Metric) and row.owner_id is not None
    entered = own_metric or isinstance(row, Reviewed | Pillar | Evidence | EvidenceLink)
    return Right.ENTER if entered else Right.CATALOGUE


def may_write(user: User, row: models.Model) -> bool:
    """Whether the user holds the right that a change of the row asks for; on both organs of a link of evidence."""
    organ, right = organ_of(row), right_to_write(row)
    if isinstance(row, EvidenceLink) and row.proven and not can(user, right, row.proven.organ):
        return False
    return can(user, right, organ) if organ else bool(scope(user, right))


def why_locked(row: models.Model, *, hold: bool = False) -> str:
    """Why the row as stored may not be changed, and who can help; empty if it may; `hold` as for `why_closed`."""
    if why := why_closed(row, hold=hold):
        return why
    if isinstance(row, Reviewed):
        if row.state == ReviewState.SUBMITTED:
            return "已经报审，审核前不能改；需要改请审核员退回。"
        if row.state == ReviewState.APPROVED:
            return "已经审核，不能直接改；请用“更正”并写明理由，重新报审。"
    if isinstance(row, Activity) and row.counted_in.filter(state=ReviewState.APPROVED).exists():
        return "这次活动已计入审核过的数值，不能改；请先更正那个数值。"
    if isinstance(row, Evidence) and any(_proves_approved(link) for link in row.links.all()):
        return "它证明的内容已经审核，佐证不能再撤下，也不能再改；要补充请另传一份。"
    return ""


def why_closed(row: models.Model, *, hold: bool = False) -> str:
    """Which closed campaign the row belongs to or falls into, and who can help; empty if none.

    With `hold` no campaign that matters closes before the caller's transaction ends.
    """
    if campaign := _closed_campaign(row, hold=hold):
        return f"“{campaign.name}”已结束，其中的内容不能再增加或改动；确需补录或更正请联系工委管理员。"
    return ""


def _closed_campaign(row: models.Model, *, hold: bool) -> Campaign | None:
    """Its own campaign; else one that holds all its days, or some of them where no open one holds any."""
    if isinstance(row, Pillar | Participation | Target | Action):
        own = row.pillar.campaign if isinstance(row, Action) else row.campaign
        found = _held(Campaign.objects.filter(pk=own.pk)) if hold else [own]
        return next((campaign for campaign in found if campaign.closed), None)
    if not isinstance(row, Reviewed) or row.organ_id is None or (days := row.held_days()) is None:
        return None
    around = Campaign.objects.around(row.organ, days)
    found = _held(around) if hold else list(around)
    closed = [campaign for campaign in found if campaign.closed]
    if len(closed) == len(found):
        return next(iter(closed), None)
    first, last = days[0], days[1] - _DAY
    return next((c for c in closed if c.first_day <= first and last <= c.last_day), None)


def _held(campaigns: QuerySet[Campaign]) -> list[Campaign]:
    """The campaigns as they are now, locked for sharing, which Django's own locks are not."""
    sql, values = campaigns.query.sql_with_params()
    return list(Campaign.objects.raw(f"{sql} FOR SHARE", values))


@transaction.atomic
def create(row: models.Model, *, by: User, links: Links | None = None, note: str = "") -> None:
    """Store a new row; raises PermissionDenied, Locked or ValidationError and then stores nothing."""
    if not may_write(by, row):
        raise PermissionDenied
    if isinstance(row, Action | Activity):
        row.organ_id = row.pillar.organ_id if isinstance(row, Action) else row.action.organ_id
    if why := why_closed(row, hold=True):
        raise Locked(why)
    if isinstance(row, Reviewed):
        row.created_by = by
        row.hands = [by.pk]
    if isinstance(row, EvidenceLink):
        row.by = by
        row.after_approval = _proves_approved(row)
    store(row)
    _link(row, links)
    record(AuditVerb.CREATE, row, by=by, organ=organ_of(row), after=described(row), note=note)


@transaction.atomic
def change(
    row: models.Model,
    *,
    by: User,
    links: Links | None = None,
    note: str = "",
    seen: datetime | None = None,
) -> None:
    """Store the changed row; raises PermissionDenied, Locked or ValidationError and then stores nothing.

    `seen` is the `changed_at` of what the user was shown: if somebody has changed it since, nothing is overwritten.
    """
    stored = locked(row)
    if not (may_write(by, stored) and may_write(by, row)):
        raise PermissionDenied
    changed = _changed_fields(stored, row, links)
    if not changed:
        return  # who saves a form without changing anything has had no hand in it
    _refuse_locked_fields(stored, row, changed)
    if isinstance(row, Reviewed) and isinstance(stored, Reviewed):
        refuse_unseen(stored, seen)
        _keep_review(stored, row)
        row.changed_at = timezone.now()
        if isinstance(row, Observation) and changed & _FIGURE and "activities" not in (links or {}):
            row.source = (
                Source.REPORTED if row.source == Source.COUNTED else row.source
            )  # typed over by a person
        if stored.state == ReviewState.APPROVED and isinstance(row, Action) and isinstance(stored, Action):
            row.closing_hands = sorted({*stored.closing_hands, by.pk})
        else:
            row.hands = sorted({*stored.hands, by.pk})
    before = described(stored)
    store(row)
    _link(row, links)
    record(AuditVerb.CHANGE, row, by=by, organ=organ_of(row), before=before, after=described(row), note=note)


@transaction.atomic
def delete(row: models.Model, *, by: User, note: str = "") -> None:
    """Delete a row that nobody has approved; raises PermissionDenied or Locked."""
    stored = locked(row)
    if not may_write(by, stored):
        raise PermissionDenied
    if why := why_locked(stored, hold=True):
        raise Locked(why)
    if isinstance(stored, EvidenceLink) and _proves_approved(stored):
        raise Locked("它证明的内容已经审核，佐证不能再撤下。")
    organ, before = organ_of(stored), described(stored)
    record(AuditVerb.DELETE, stored, by=by, organ=organ, before=before, note=note)
    try:
        stored.delete()
    except models.ProtectedError as error:
        names = "、".join(sorted({str(o._meta.verbose_name) for o in error.protected_objects}))
        raise Locked(f"还有{names}与它相关，不能删除。") from error


@transaction.atomic
def correct(row: Row, *, by: User, reason: str) -> Row:
    """A draft of the next version of an approved row; the old one counts until the new one is approved.

    Raises PermissionDenied, Locked, or ValidationError for a missing reason or a correction that is under way.
    """
    stored = locked(row)
    if not may_write(by, stored):
        raise PermissionDenied
    if why := why_closed(stored, hold=True):
        raise Locked(why)
    if not stored.is_current or isinstance(stored, Action):
        raise Locked("只有审核过、正在生效的数值、目标、活动和荣誉可以更正。")
    if not reason.strip():
        raise ValidationError({"reason": "请写明为什么更正。"})
    kept = {field.name for field in Reviewed._meta.fields} - {"organ"} | {"id"}
    values = {
        f.attname: getattr(stored, f.attname) for f in stored._meta.concrete_fields if f.name not in kept
    }
    draft = type(row)(
        **values,
        version=stored.version + 1,
        previous=stored,
        reason=reason.strip(),
        created_by=by,
        hands=[by.pk],
    )
    store(draft)
    _link(draft, {f.name: getattr(stored, f.name).all() for f in stored._meta.many_to_many})
    record(AuditVerb.CORRECT, draft, by=by, organ=organ_of(draft), after=described(draft), note=reason)
    return draft


def refuse_unseen(stored: Reviewed, seen: datetime | None) -> None:
    """Raise Locked if the row has changed since the `changed_at` that the user was shown; None asks nothing."""
    if seen and stored.changed_at != seen:
        raise Locked("刚才有人改动过这一条，请看过新内容再办。")


def store(row: models.Model) -> None:
    """Check what was typed and save; raises ValidationError."""
    row.full_clean(validate_constraints=False)
    save(row)


def save(row: models.Model) -> None:
    """Save inside the caller's transaction; raises ValidationError in the words of the constraint that refuses.

    Constraints are left to the database alone, which is right also when two people are at it at once.
    """
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        broken = [c for c in row._meta.constraints if c.name == name]
        if not broken:
            raise
        raise ValidationError(broken[0].get_violation_error_message()) from error
    except DataError as error:
        raise ValidationError("有一项日期或数字超出了能存的范围，请检查。") from error


def _keep_review(stored: Reviewed, row: Reviewed) -> None:
    """What review has written is not for a change to write: take it from the stored row."""
    for field in Reviewed._meta.fields:
        if field.name != "organ":
            setattr(row, field.attname, getattr(stored, field.attname))
    if isinstance(row, Action) and isinstance(stored, Action):
        row.closing_state = stored.closing_state


def _changed_fields(stored: models.Model, row: models.Model, links: Links | None) -> set[str]:
    changed = {
        field.name
        for field in stored._meta.concrete_fields
        if field.editable and getattr(stored, field.attname) != getattr(row, field.attname)
    }
    for name, linked in (links or {}).items():
        if {o.pk for o in getattr(stored, name).all()} != {o.pk for o in linked}:
            changed.add(name)
    return changed


def _refuse_locked_fields(stored: models.Model, row: models.Model, changed: set[str]) -> None:
    """Raise Locked if the change touches what may not be touched, or moves the row where nothing may be added."""
    if isinstance(stored, Metric | Unit):
        _refuse_frozen(stored, changed)
    if isinstance(stored, Action):
        _refuse_closing(stored)
    still_open = row.OPEN_AFTER_APPROVAL if isinstance(row, Reviewed) else frozenset[str]()
    approved_and_open = getattr(stored, "state", "") == ReviewState.APPROVED and changed <= still_open
    if why := why_closed(stored, hold=True) if approved_and_open else why_locked(stored, hold=True):
        raise Locked(why)
    if isinstance(stored, Reviewed) and stored.previous_id and changed & _SERIES:
        raise Locked("更正只改内容，不能换到别的单位、指标、期间、创建活动或举措上。")
    if why := why_closed(row, hold=True):
        raise Locked(why)


def _refuse_frozen(stored: Metric | Unit, changed: set[str]) -> None:
    """What figures already mean is not changed under them."""
    frozen = changed.intersection(stored.FROZEN)
    if frozen and stored.in_use:
        names = "、".join(str(f.verbose_name) for f in stored._meta.fields if f.name in frozen)
        kind = stored._meta.verbose_name
        raise Locked(f"已有数值或目标，{names}不能再改；意思变了请另建一个{kind}。")


def _refuse_closing(stored: Action) -> None:
    """What a reviewer is reading, or has closed out, stays as it is."""
    if stored.is_closed:
        raise Locked("已经销号，不能再改。")
    if stored.closing_state == ReviewState.SUBMITTED:
        raise Locked("已经申请销号，办结前不能改；需要改请审核员退回。")


def locked(row: AnyRow) -> AnyRow:
    """The row as stored, locked until the caller's transaction ends."""
    return type(row)._default_manager.select_for_update(of=("self",)).get(pk=row.pk)


def _proves_approved(link: EvidenceLink) -> bool:
    """Whether what the link proves is approved, now and until the caller's transaction ends."""
    return link.proven is not None and locked(link.proven).state == ReviewState.APPROVED


def described(row: models.Model) -> str:
    """The row as canonical text, its links included."""
    return "\n".join([canonical(row), *linked_text(row)])


def linked_text(row: models.Model) -> list[str]:
    """The rows that a row is tied to, one line for each kind."""
    lines = []
    for field in row._meta.many_to_many:
        names = sorted(str(linked) for linked in getattr(row, field.name).order_by())
        if names:
            lines.append(f"{field.verbose_name}：{'、'.join(names)}")
    return lines


def _link(row: models.Model, links: Links | None) -> None:
    for name, linked in (links or {}).items():
        getattr(row, name).set(linked)
