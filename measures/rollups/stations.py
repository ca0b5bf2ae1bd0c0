"""The way of a row (经过), read from the audit trail as far as the reader may see."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.db.models import Case, OuterRef, Subquery, Value, When
from django.utils.timezone import localtime

from measures.models import Reviewed, ReviewStep
from measures.moves import Step
from measures.rollups.changes import labels
from organs.audit import differences
from organs.models import AuditEvent, AuditVerb, User

#: All that those who read approved versions only are told: neither drafts nor what was said while they were made.
OUTLINE = frozenset(
    {
        AuditVerb.CREATE,
        AuditVerb.CORRECT,
        AuditVerb.SUBMIT,
        AuditVerb.APPROVE,
        AuditVerb.APPROVE_CLOSING,
        AuditVerb.RETRACT,
    }
)
#: Steps whose words are the reason why a figure changed, told to all.
REASONED = frozenset({AuditVerb.CORRECT, AuditVerb.RETRACT})
_BEGUN = frozenset({AuditVerb.CREATE, AuditVerb.CORRECT})
#: What a row and its review steps tell of by themselves.
_BY_THEMSELVES = _BEGUN | {AuditVerb(step) for step in Step}
_LABELS = {AuditVerb.CREATE: "录入"}
_BACK = frozenset({AuditVerb.RETURN, AuditVerb.RETURN_CLOSING})


@dataclass(frozen=True)
class Station:
    """One thing that happened to a row."""

    title: str
    when: str
    who: str
    post: str = ""
    words: str = ""
    state: str = "done"


class _Told(NamedTuple):
    """One thing that happened to a row, as the trail tells it (`pk`), or the row and its review steps do."""

    row: int
    verb: str
    at: datetime
    name: str
    post: str | None
    note: str
    before: str
    after: str
    pk: int


def stations(rows: Sequence[Reviewed], *, staff: bool) -> tuple[Station, ...]:
    """What happened to the versions of a row, oldest first, from one query; all of it only for `staff`."""
    if not rows:
        return ()
    version = {row.pk: f"第{row.version}版" if len(rows) > 1 else "" for row in rows}
    told = _told(type(rows[0]), version)
    if not staff:
        last = {(one.row, one.verb): one for one in told if one.verb in OUTLINE}
        told = [one for one in told if one is last.get((one.row, one.verb))]
    return tuple(_station(one, version[one.row], rows[0], staff) for one in told)


def _told(model: type[Reviewed], pks: Collection[int]) -> list[_Told]:
    """What happened to rows; of those whose events stayed behind when they came with all of their organ, what they tell."""
    post = Subquery(User.objects.filter(pk=OuterRef("user_id")).values("post"))
    trail = AuditEvent.objects.filter(target_type=model._meta.label_lower, target_id__in=pks)
    here = trail.exclude(verb=AuditVerb.DOWNLOAD).order_by()
    kind, none = ContentType.objects.get_for_model(model), (Value(""), Value(""), Value(0))
    first = Case(When(previous=None, then=Value("create")), default=Value("correct"))
    entered = model._default_manager.filter(pk__in=pks).order_by()
    by = ("created_by__name", "created_by__post")
    steps = ReviewStep.objects.filter(target_type=kind, target_id__in=pks).order_by()
    found = here.values_list(
        "target_id", "verb", "at", "user_name", post, "note", "before", "after", "pk"
    ).union(
        entered.values_list("pk", first, "created_at", *by, "reason", *none),
        steps.values_list("target_id", "step", "at", "by__name", "by__post", "note", *none),
        all=True,
    )
    told = sorted((_Told(*one) for one in found), key=lambda one: one.pk)
    begun = {one.row for one in told if one.pk and one.verb in _BEGUN}
    told = [one for one in told if bool(one.pk) == (one.row in begun or one.verb not in _BY_THEMSELVES)]
    return told if begun.issuperset(pks) else sorted(told, key=lambda one: one.at)


def _station(told: _Told, version: str, row: Reviewed, staff: bool) -> Station:
    verb = AuditVerb(told.verb)
    label = _LABELS.get(verb) or str(verb.label)
    if version:
        label = f"更正为{version}" if verb == AuditVerb.CORRECT else f"{label}（{version}）"
    words = told.note if staff or verb in REASONED else ""
    if verb == AuditVerb.CHANGE and (changed := _changed(told, row)):
        words = f"改了{changed}" + (f"；{words}" if words else "")
    return Station(
        title=label,
        when=f"{localtime(told.at):%Y-%m-%d %H:%M}",
        who=told.name,
        post=told.post or "",
        words=words,
        state="returned" if verb in _BACK else "done",
    )


def _changed(told: _Told, row: Reviewed) -> str:
    """The names of the fields that the trail tells of differently."""
    changed = [said.label for said in differences(told.before, told.after) if said.changed]
    names = [name for name in labels(type(row)) if any(label.startswith(name) for label in changed)]
    return "、".join(names)
