"""The one way by which somebody who does not enter for an organ makes rows of it: copies for the next year.

A steward of the owner of a campaign may carry what stands in it over into another campaign of theirs: headings, approved
actions and approved targets, each as a draft of the same organ that says what its source says. Only what a new year asks
for may differ (`ANEW`). The copies are in the steward's hands, who therefore never approves one of them; clerks of the
organ change and submit them. Until the first of them is approved the same steward's side may take all of them away again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models, transaction

from measures.ledger import Links, changed_fields, described, organ_of
from measures.locks import Locked, beside, why_closed
from measures.models import CONFIRMED_STATES, Action, Campaign, Pillar, Reviewed, Target
from organs.audit import record_many
from organs.models import AuditVerb, User
from organs.permissions import Right, can

#: What a copy may say otherwise than its source.
ANEW: dict[type[models.Model], frozenset[str]] = {
    Pillar: frozenset({"campaign"}),
    Action: frozenset({"pillar", "start_day", "due_day", "progress", "problem", "closed_on"}),
    Target: frozenset(
        {
            "campaign",
            "phrase",
            *(
                f"baseline_{name}"
                for name in ("amount", "range", "qualifier", "unit", "words", "day", "note")
            ),
        }
    ),
}


@dataclass(frozen=True)
class Copy:
    """A new row beside the one that it was made from, and the rows that it is tied to."""

    row: models.Model
    source: models.Model
    links: Links = field(default_factory=dict)


def copied(source: models.Model, **changes: Any) -> Any:
    """A row of the same kind, not stored, that says what the source says but for the changes; its review begins anew."""
    review = {f.name for f in Reviewed._meta.fields} - {"organ"} | {"id", "closing_state", "closing_hands"}
    row = type(source)()
    for column in source._meta.concrete_fields:
        if column.name in review or column.name in changes:
            continue
        setattr(row, column.attname, getattr(source, column.attname))
        if isinstance(column, models.ForeignKey) and column.is_cached(source):
            setattr(row, column.name, getattr(source, column.name))
    for name, value in changes.items():
        setattr(row, name, value)
    return row


@transaction.atomic
def carry_over(copies: Sequence[Copy], *, of: Campaign, into: Campaign, by: User) -> None:
    """Store copies as drafts, each with its audit event; raises PermissionDenied, Locked or ValidationError.

    A constant number of queries for each kind of row.
    """
    if not (can(by, Right.CATALOGUE, of.owner) and can(by, Right.CATALOGUE, into.owner)):
        raise PermissionDenied
    if into.closed:
        raise Locked(f"“{into.name}”已结束，不能再增加内容。")
    for copy in copies:
        if why := _why_no_copy(copy, of=of, into=into):
            raise Locked(f"“{copy.source}”不能复制：{why}")
        if isinstance(copy.row, Reviewed):
            copy.row.created_by, copy.row.hands = by, [by.pk]
    for kind in (Pillar, Action, Target):
        rows = [copy for copy in copies if isinstance(copy.row, kind)]
        _store(kind, rows)
        record_many(
            AuditVerb.CREATE,
            [(copy.row, "", described(copy.row, copy.links)) for copy in rows],
            by=by,
            organ_of=organ_of,
            note=f"由“{of.name}”结转",
        )


def _why_no_copy(copy: Copy, *, of: Campaign, into: Campaign) -> str:
    """Why this is not the copy of something that stands in the old campaign; empty if it is."""
    row, source = copy.row, copy.source
    if type(row) is not type(source) or type(row) not in ANEW or row.pk is not None:
        return "这一类内容不能结转。"
    if isinstance(source, Reviewed) and not source.is_current:
        return "只有审核过、正在生效的内容可以结转。"
    if (_campaign_of(source), _campaign_of(row)) != (of.pk, into.pk):
        return "它不是上一届活动的内容。"
    if _heading_of(row) != _heading_of(source):
        return "支柱不对应。"
    other = changed_fields(source, row, None) - ANEW[type(row)]
    tied = (
        {o.pk for o in rows} <= {o.pk for o in getattr(source, n).all()} for n, rows in copy.links.items()
    )
    if other or not all(tied):
        return "内容与原来的不同。"
    return ""


def _heading_of(row: models.Model) -> tuple[int, str] | None:
    return (row.pillar.organ_id, row.pillar.heading) if isinstance(row, Action) else None


def _campaign_of(row: models.Model) -> int:
    return int(cast(Any, row.pillar if isinstance(row, Action) else row).campaign_id)


def _store(kind: type[models.Model], copies: Sequence[Copy]) -> None:
    """Rows of one kind with their links; raises ValidationError in the words of the constraint that refuses."""
    for copy in copies:
        if isinstance(copy.row, Action):
            copy.row.organ = copy.row.pillar.organ
            copy.row.pillar = copy.row.pillar  # which has its key now
    try:
        with transaction.atomic():
            kind._default_manager.bulk_create(copy.row for copy in copies)
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        broken = [c for c in kind._meta.constraints if c.name == name]
        if not broken:
            raise
        raise ValidationError(broken[0].get_violation_error_message()) from error
    for link in kind._meta.many_to_many:
        through = cast(Any, link.remote_field).through
        here, there = link.m2m_field_name(), link.m2m_reverse_field_name()
        through._default_manager.bulk_create(
            through(**{f"{here}_id": copy.row.pk, f"{there}_id": tied.pk})
            for copy in copies
            for tied in copy.links.get(link.name, ())
        )


@transaction.atomic
def take_away(rows: Iterable[models.Model], *, of: Campaign, by: User) -> None:
    """Delete copies in a campaign that nobody has approved, the dependent ones first, each with its audit event.

    Raises PermissionDenied, or Locked if one of them is approved or something hangs on it.
    """
    if not can(by, Right.CATALOGUE, of.owner):
        raise PermissionDenied
    found = list(rows)
    for kind in (Target, Action, Pillar):
        keys = [row.pk for row in found if isinstance(row, kind)]
        held = kind._default_manager.filter(pk__in=keys).select_for_update(of=("self",)).order_by("pk")
        links = [link.name for link in kind._meta.many_to_many]
        named = [*beside(kind), *(("pillar__organ", "pillar__campaign") if kind is Action else ())]
        stored = list(held.select_related(*named).prefetch_related(*links))
        if stored and (why := why_closed(stored[0], hold=True)):
            raise Locked(why)
        for row in stored:
            if _campaign_of(row) != of.pk or (isinstance(row, Reviewed) and row.state in CONFIRMED_STATES):
                raise Locked(f"“{row}”已经审核，不能再整体撤销。")
        said = [(row, described(row, {n: getattr(row, n).all() for n in links}), "") for row in stored]
        record_many(AuditVerb.DELETE, said, by=by, organ_of=organ_of, note="撤销结转")
        try:
            kind._default_manager.filter(pk__in=keys).delete()
        except models.ProtectedError as error:
            names = "、".join(sorted({str(o._meta.verbose_name) for o in error.protected_objects}))
            raise Locked(f"还有{names}与它们相关，不能撤销。") from error
