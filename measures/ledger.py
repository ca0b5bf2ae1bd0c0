"""The door for writes: create, change, correct and delete, each in one transaction with its audit event."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models, transaction

from measures.models import (
    Action,
    Activity,
    Campaign,
    Evidence,
    EvidenceLink,
    Metric,
    Participation,
    Pillar,
    Reviewed,
    ReviewState,
    Target,
)
from organs.audit import canonical, record
from organs.models import AuditVerb, Organ, User
from organs.permissions import Right, can, scope

_DAY = timedelta(days=1)

Row = TypeVar("Row", bound=Reviewed)

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


def why_locked(row: models.Model) -> str:
    """Why the row as stored may not be changed, and who can help; empty if it may."""
    if why := why_closed(row):
        return why
    if isinstance(row, Reviewed):
        if row.state == ReviewState.SUBMITTED:
            return "已经报审，审核前不能改；需要改请审核员退回。"
        if row.state == ReviewState.APPROVED:
            return "已经审核，不能直接改；请用“更正”并写明理由，重新报审。"
    if isinstance(row, Activity) and row.counted_in.filter(state=ReviewState.APPROVED).exists():
        return "这次活动已计入审核过的数值，不能改；请先更正那个数值。"
    return ""


def why_closed(row: models.Model) -> str:
    """Which closed campaign the row belongs to or falls into, and who can help; empty if none."""
    if campaign := _closed_campaign(row):
        return f"“{campaign.name}”已结束，其中的内容不能再增加或改动；确需补录或更正请联系工委管理员。"
    return ""


def _closed_campaign(row: models.Model) -> Campaign | None:
    if isinstance(row, Pillar | Participation | Target):
        return row.campaign if row.campaign.closed else None
    if isinstance(row, Action):
        return row.pillar.campaign if row.pillar.campaign.closed else None
    if not isinstance(row, Reviewed) or (days := row.held_days()) is None or row.organ_id is None:
        return None
    first, after = days
    return Campaign.objects.filter(
        participations__organ=row.organ_id, closed=True, first_day__lte=first, last_day__gte=after - _DAY
    ).first()


@transaction.atomic
def create(row: models.Model, *, by: User, links: Links | None = None, note: str = "") -> None:
    """Store a new row; raises PermissionDenied, Locked or ValidationError and then stores nothing."""
    if not may_write(by, row):
        raise PermissionDenied
    if isinstance(row, Action | Activity):
        row.organ_id = row.pillar.organ_id if isinstance(row, Action) else row.action.organ_id
    if why := why_closed(row):
        raise Locked(why)
    if isinstance(row, Reviewed):
        row.created_by = by
        row.hands = [by.pk]
    if isinstance(row, EvidenceLink):
        row.by = by
        row.after_approval = getattr(row.proven, "state", "") == ReviewState.APPROVED
    store(row)
    _link(row, links)
    record(AuditVerb.CREATE, row, by=by, organ=organ_of(row), after=described(row), note=note)


@transaction.atomic
def change(row: models.Model, *, by: User, links: Links | None = None, note: str = "") -> None:
    """Store the changed row; raises PermissionDenied, Locked or ValidationError and then stores nothing."""
    stored = type(row)._default_manager.select_for_update(of=("self",)).get(pk=row.pk)
    if not (may_write(by, stored) and may_write(by, row)):
        raise PermissionDenied
    changed = _changed_fields(stored, row, links)
    if not changed:
        return  # who saves a form without changing anything has had no hand in it
    _refuse_locked_fields(stored, row, changed)
    if isinstance(row, Reviewed) and isinstance(stored, Reviewed):
        _keep_review(stored, row)
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
    stored = type(row)._default_manager.select_for_update(of=("self",)).get(pk=row.pk)
    if not may_write(by, stored):
        raise PermissionDenied
    if why := why_locked(stored):
        raise Locked(why)
    if isinstance(stored, EvidenceLink) and getattr(stored.proven, "state", "") == ReviewState.APPROVED:
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
    stored = type(row)._default_manager.select_for_update(of=("self",)).get(pk=row.pk)
    if not may_write(by, stored):
        raise PermissionDenied
    if why := why_closed(stored):
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
    frozen = (
        isinstance(stored, Metric) and stored.observations.exists() and changed.intersection(Metric.FROZEN)
    )
    if frozen:
        names = "、".join(str(f.verbose_name) for f in Metric._meta.fields if f.name in frozen)
        raise Locked(f"已有数值，{names}不能再改；意思变了请另建一个指标。")
    if isinstance(stored, Action) and stored.is_closed:
        raise Locked("已经销号，不能再改。")
    still_open = row.OPEN_AFTER_APPROVAL if isinstance(row, Reviewed) else frozenset[str]()
    approved_and_open = getattr(stored, "state", "") == ReviewState.APPROVED and changed <= still_open
    if why := why_closed(stored) if approved_and_open else why_locked(stored):
        raise Locked(why)
    if (
        isinstance(stored, Reviewed)
        and stored.previous_id
        and changed & {"metric", "organ", "campaign", "action"}
    ):
        raise Locked("更正只改内容，不能换到别的单位、指标、活动或举措上。")
    if why := why_closed(row):
        raise Locked(why)


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
