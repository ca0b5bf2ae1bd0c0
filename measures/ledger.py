"""The door for writes: create, change, correct and delete, each in one transaction with its audit event."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from measures.locks import (
    AnyRow,
    Locked,
    locked,
    naming,
    proves_confirmed,
    refuse_closing,
    refuse_locked_fields,
    refuse_unseen,
    why_closed,
    why_locked,
    why_named,
)
from measures.models import (
    OPEN_STATES,
    Action,
    Activity,
    Article,
    BinKind,
    Campaign,
    Discarded,
    Evidence,
    EvidenceLink,
    Metric,
    Milestone,
    Observation,
    Participation,
    Pillar,
    Reviewed,
    ReviewState,
    Round,
    RoundCell,
    RoundOrgan,
    Rule,
    Source,
)
from measures.packing import packed
from measures.storing import all_or_nothing, save, store
from organs.audit import canonical, record, record_many
from organs.models import AuditVerb, Organ, User
from organs.permissions import Right, can, scope

Row = TypeVar("Row", bound=Reviewed)

_FIGURE = frozenset({"presence", "quantity_amount", "quantity_range", "quantity_qualifier"})

#: Many-to-many values by field name.
Links = Mapping[str, Iterable[models.Model]]


def organ_of(row: models.Model) -> Organ | None:
    """The organ that a row belongs to; None for what belongs to the whole catalogue."""
    match row:
        case Action():
            return row.pillar.organ
        case Activity() | Milestone():
            return row.action.organ
        case Reviewed() | Pillar() | Participation() | Evidence() | Rule() | RoundCell() | Article():
            return row.organ
        case Campaign() | Metric() | Round():
            return row.owner
        case RoundOrgan():
            return row.round.owner
        case EvidenceLink():
            return row.evidence.organ
    return None


def right_to_write(row: models.Model) -> Right:
    """The right that a change of the row asks for."""
    own_metric = isinstance(row, Metric) and row.owner_id is not None
    own = Reviewed | Pillar | Evidence | EvidenceLink | Milestone | Rule | RoundCell | Article
    return Right.ENTER if own_metric or isinstance(row, own) else Right.CATALOGUE


def may_write(user: User, row: models.Model) -> bool:
    """Whether the user holds the right that a change of the row asks for; on both organs of a link of evidence."""
    organ, right = organ_of(row), right_to_write(row)
    if isinstance(row, EvidenceLink) and row.proven and not can(user, right, row.proven.organ):
        return False
    return can(user, right, organ) if organ else bool(scope(user, right))


@all_or_nothing
def create(row: models.Model, *, by: User, links: Links | None = None, note: str = "") -> None:
    """Store a new row; raises PermissionDenied, Locked or ValidationError and then stores nothing."""
    if not may_write(by, row):
        raise PermissionDenied
    if isinstance(row, Action | Activity):
        row.organ_id = row.pillar.organ_id if isinstance(row, Action) else row.action.organ_id
    if why := why_locked(row, hold=True) if isinstance(row, Milestone) else why_closed(row, hold=True):
        raise Locked(why)
    if isinstance(row, Reviewed):
        row.created_by = by
        row.hands = [by.pk]
    if isinstance(row, EvidenceLink):
        row.by = by
        row.after_approval = proves_confirmed(row, hold=True)
    _hold_action(row)
    store(row)
    _link(row, {name: tied for name, tied in (links or {}).items() if tied})
    record(AuditVerb.CREATE, row, by=by, organ=organ_of(row), after=described(row, links or {}), note=note)
    _take_part(row, by)
    _bring_proof(row, by)
    _outdate_what_is_read(row)


@all_or_nothing
def change(
    row: models.Model, *, by: User, links: Links | None = None, note: str = "", seen: datetime | None = None
) -> None:
    """Store the changed row; raises PermissionDenied, Locked or ValidationError and then stores nothing.

    `seen` is the `changed_at` of what the user was shown: if somebody has changed it since, nothing is overwritten.
    """
    _hold_action(row)
    stored = locked(row)
    if not (may_write(by, stored) and may_write(by, row)):
        raise PermissionDenied
    changed = changed_fields(stored, row, links)
    if not changed:
        return  # who saves a form without changing anything has had no hand in it
    refuse_locked_fields(stored, row, changed)
    if isinstance(row, Reviewed) and isinstance(stored, Reviewed):
        refuse_unseen(stored, seen)
        _keep_review(stored, row)
        row.changed_at = timezone.now()
        if isinstance(row, Observation) and changed & _FIGURE and "activities" not in (links or {}):
            if row.source == Source.COUNTED:  # typed over by a person: no activities stand for it any more
                links = {**(links or {}), "activities": ()}
            row.source = Source.REPORTED if row.source in (Source.COUNTED, Source.CARRIED) else row.source
        if stored.state == ReviewState.APPROVED and isinstance(row, Action) and isinstance(stored, Action):
            row.closing_hands = sorted({*stored.closing_hands, by.pk})
        else:
            row.hands = sorted({*stored.hands, by.pk})
    before = described(stored)
    store(row)
    _link(row, links)
    record(AuditVerb.CHANGE, row, by=by, organ=organ_of(row), before=before, after=described(row), note=note)
    _take_part(row, by)
    _outdate_what_is_read(row)


@all_or_nothing
def delete(
    row: models.Model, *, by: User, note: str = "", along: Iterable[models.Model] = ()
) -> Discarded | None:
    """Delete a row that nobody has approved, and what goes along with it; raises PermissionDenied or Locked.

    What the bin takes (`BinKind`) is kept there with its links, and the entry returned (see `measures.restoring`).
    """
    gone = [_deletable(one, by=by) for one in (*along, row)]
    main, kind = gone[-1], row._meta.model_name
    entry = None
    if kind in BinKind.values and (organ := organ_of(main)):
        entry = Discarded(organ=organ, kind=kind, row_id=main.pk, name=str(main)[:300], by=by)
        entry.data = packed(reversed(gone))
        entry.save()
    for one in gone:
        record(AuditVerb.DELETE, one, by=by, organ=organ_of(one), before=described(one), note=note)
        record_ties([other for other, _ in naming(one)], one, by=by, gone=True)
        try:
            one.delete()
        except models.ProtectedError as error:
            names = "、".join(sorted({_told(held, one) for held in error.protected_objects}))
            raise Locked(f"还有{names}与它相关，不能删除。") from error
        _take_part(one, by)
        _outdate_what_is_read(one)
    return entry


def record_ties(others: Iterable[models.Model], row: models.Model, *, by: User, gone: bool = False) -> None:
    """An event on each of the drafts that name a row: it goes, and they name it no more, or has come back."""
    told = []
    for other in others:
        links = {f.name: list(getattr(other, f.name).all()) for f in other._meta.many_to_many}
        rest = {name: [tied for tied in rows if tied != row] for name, rows in links.items()}
        named, less = described(other, links), described(other, rest)
        told.append((other, named, less) if gone else (other, less, named))
    if told:
        note = f"“{row}”{'已删除' if gone else '已恢复'}"
        record_many(AuditVerb.CHANGE, told, by=by, organ_of=organ_of, note=note)


def _told(held: models.Model, row: models.Model) -> str:
    """What kind of thing keeps a row from being deleted: for a tie of evidence, what is at its other end."""
    if isinstance(held, EvidenceLink):
        return "所佐证的内容" if isinstance(row, Evidence) else str(Evidence._meta.verbose_name)
    return str(held._meta.verbose_name)


def _deletable(row: AnyRow, *, by: User) -> AnyRow:
    """The row as stored, locked; raises PermissionDenied or Locked if it stays."""
    stored = locked(row)
    if not may_write(by, stored):
        raise PermissionDenied
    if why := why_locked(stored, hold=True) or why_named(stored, by=by, hold=True):
        raise Locked(why)
    return stored


@all_or_nothing
def put_back(row: models.Model, *, by: User, links: Links, note: str = "") -> None:
    """Store a deleted row again as it was, for `measures.restoring`; raises PermissionDenied, Locked or ValidationError.

    Whoever puts it back has had no hand in what it says.
    """
    if not may_write(by, row):
        raise PermissionDenied
    if why := why_closed(row, hold=True):
        raise Locked(why)
    if isinstance(row, EvidenceLink):
        row.after_approval = proves_confirmed(row, hold=True) or row.after_approval
    _hold_action(row)
    store(row)
    _link(row, links)
    record(AuditVerb.RESTORE, row, by=by, organ=organ_of(row), after=described(row), note=note)
    _outdate_what_is_read(row)


def _outdate_what_is_read(row: models.Model) -> None:
    """Who has opened a row that waits before its proof came, went or was renamed has not read it: it counts as changed."""
    links = (
        [row]
        if isinstance(row, EvidenceLink)
        else row.links.all()
        if isinstance(row, Evidence) and row.pk
        else []
    )
    for proven in (link.proven for link in links):
        waits = Q(state=ReviewState.SUBMITTED)
        if isinstance(proven, Action):
            waits |= Q(closing_state=ReviewState.SUBMITTED)
        if proven:
            rows = type(proven)._default_manager.filter(waits, pk=proven.pk)
            rows.update(changed_at=timezone.now())


@all_or_nothing
def correct(row: Row, *, by: User, reason: str) -> Row:
    """A draft of the next version of an approved row; the old one counts until the new one is approved.

    Raises PermissionDenied, Locked, or ValidationError for a missing reason or a correction that is under way.
    """
    _hold_action(row)
    stored = locked(row)
    if not may_write(by, stored):
        raise PermissionDenied
    if why := why_closed(stored, hold=True):
        raise Locked(why)
    if not stored.is_current:
        raise Locked("只有审核过、正在生效的内容可以更正。")
    if isinstance(stored, Action):
        refuse_closing(stored)
    if not reason.strip():
        raise ValidationError({"reason": "请写明为什么更正。"})
    kept = {field.name for field in Reviewed._meta.fields} - {"organ"} | {
        "id",
        "closing_state",
        "closing_hands",
    }
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
    _hold_action(draft)
    store(draft)
    _link(draft, links_of(stored))
    record(AuditVerb.CORRECT, draft, by=by, organ=organ_of(draft), after=described(draft), note=reason)
    return draft


@all_or_nothing
def hand_over(row: Reviewed, *, to: User, by: User) -> None:
    """Give a row to another clerk of its organ to see to; its `hands` stay, so that nobody approves what they entered.

    By who keeps it, or who administers the organ; raises PermissionDenied, Locked if it was handed over since it was
    read, or ValidationError for somebody who may not enter there.
    """
    stored = locked(row)
    keeps = stored.keeper_id or stored.created_by_id
    if keeps != (row.keeper_id or row.created_by_id):
        raise Locked(f"刚才已经移交给{stored.keeper}了。")
    own = keeps == by.pk and can(by, Right.ENTER, stored.organ)
    if not (own or can(by, Right.ADMINISTER, stored.organ)):
        raise PermissionDenied
    if not can(to, Right.ENTER, stored.organ):
        raise ValidationError(f"“{to}”不是{stored.organ}的填报员，不能接手。")
    before = canonical(stored)
    stored.keeper = to
    save(stored)
    after, note = canonical(stored), f"移交给{to}"
    record(AuditVerb.CHANGE, stored, by=by, organ=stored.organ, before=before, after=after, note=note)


def _take_part(row: models.Model, by: User) -> None:
    """Who notes a stage of a project has had a hand in what is read when it is approved, or closed."""
    if isinstance(row, Milestone):
        action = Action.objects.select_for_update(of=("self",), no_key=True).get(pk=row.action_id)
        name = "closing_hands" if action.state == ReviewState.APPROVED else "hands"
        hands = sorted({*getattr(action, name), by.pk})
        Action.objects.filter(pk=action.pk).update(**{name: hands})


def _bring_proof(link: models.Model, by: User) -> None:
    """Who brings proof of what is not approved, or of a line not closed out yet, has had a hand in what is read when it is."""
    if not (isinstance(link, EvidenceLink) and link.proven):
        return
    rows = type(link.proven)._default_manager.filter(pk=link.proven.pk)
    proven = rows.select_for_update(of=("self",), no_key=True).get()
    if proven.state in OPEN_STATES:
        rows.update(hands=sorted({*proven.hands, by.pk}))
    elif isinstance(proven, Action) and proven.closing_state != ReviewState.APPROVED:
        hands = sorted({*proven.closing_hands, by.pk})
        Action.objects.filter(pk=proven.pk).update(closing_hands=hands)


def _keep_review(stored: Reviewed, row: Reviewed) -> None:
    """What review has written is not for a change to write: take it from the stored row."""
    for field in Reviewed._meta.fields:
        if field.name != "organ":
            setattr(row, field.attname, getattr(stored, field.attname))
    if isinstance(row, Action) and isinstance(stored, Action):
        row.closing_state = stored.closing_state


def links_of(row: models.Model) -> Links:
    """The rows that a row is tied to, in no order."""
    return {field.name: getattr(row, field.name).order_by() for field in row._meta.many_to_many}


def changed_fields(stored: models.Model, row: models.Model, links: Links | None) -> set[str]:
    """The names of the fields that people fill in, and of links, in which the two differ."""
    changed = {
        field.name
        for field in stored._meta.concrete_fields
        if field.editable
        and not field.primary_key
        and getattr(stored, field.attname) != getattr(row, field.attname)
    }
    for name, rows in (links or {}).items():
        if {o.pk for o in getattr(stored, name).all()} != {o.pk for o in rows}:
            changed.add(name)
    return changed


def described(row: models.Model, links: Links | None = None) -> str:
    """The row as canonical text, its links included; these are fetched unless given."""
    return "\n".join([canonical(row), *linked_text(row, links)])


def linked_text(row: models.Model, links: Links | None = None) -> list[str]:
    """The rows that a row is tied to, one line for each kind; they are fetched unless given."""
    lines, found = [], links_of(row) if links is None else links
    for field in row._meta.many_to_many:
        names = sorted(str(tied) for tied in found.get(field.name, ()))
        if names:
            lines.append(f"{field.verbose_name}：{'、'.join(names)}")
    return lines


def _link(row: models.Model, links: Links | None) -> None:
    for name, rows in (links or {}).items():
        getattr(row, name).set(_current(name, rows))


def _hold_action(row: models.Model) -> None:
    """Keep the line of an activity as it is until the caller's transaction ends: nobody corrects or retracts it now.

    Before the activity itself is locked, in the order in which a correction of the line takes them.
    """
    if isinstance(row, Activity) and row.action_id:
        row.action = locked(Action(pk=row.action_id), no_key=True)


def _current(name: str, rows: Iterable[models.Model]) -> Iterable[models.Model]:
    """The rows; of actions only such as stand, and stand until the caller's transaction ends."""
    actions = {row.pk for row in rows if isinstance(row, Action)}
    standing = Action.objects.heads().filter(pk__in=actions).select_for_update(of=("self",), no_key=True)
    if actions and actions != {action.pk for action in standing.order_by("pk")}:
        raise ValidationError({name: "所选的举措里有的已更正、已撤销，请选现行的一条。"})
    return rows
