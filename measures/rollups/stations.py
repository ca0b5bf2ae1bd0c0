"""The way of a row (经过), read from the audit trail as far as the reader may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils.timezone import localtime

from measures.models import Reviewed
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


def stations(rows: Sequence[Reviewed], *, staff: bool) -> tuple[Station, ...]:
    """What happened to the versions of a row, oldest first, from one query; all of it only for `staff`."""
    if not rows:
        return ()
    version = {row.pk: f"第{row.version}版" if len(rows) > 1 else "" for row in rows}
    trail = AuditEvent.objects.filter(target_type=rows[0]._meta.label_lower, target_id__in=version)
    post = Subquery(User.objects.filter(pk=OuterRef("user_id")).values("post"))
    events = list(trail.exclude(verb=AuditVerb.DOWNLOAD).annotate(post=post).order_by("pk"))
    if not staff:
        last = {(event.target_id, event.verb): event for event in events if event.verb in OUTLINE}
        events = sorted(last.values(), key=lambda event: event.pk)
    return tuple(_station(event, version.get(event.target_id or 0, ""), rows[0], staff) for event in events)


def _station(event: Any, version: str, row: Reviewed, staff: bool) -> Station:
    label = _LABELS.get(AuditVerb(event.verb)) or event.get_verb_display()
    if version:
        label = f"更正为{version}" if event.verb == AuditVerb.CORRECT else f"{label}（{version}）"
    words = event.note if staff or event.verb in REASONED else ""
    if event.verb == AuditVerb.CHANGE and (changed := _changed(event, row)):
        words = f"改了{changed}" + (f"；{words}" if words else "")
    return Station(
        title=label,
        when=f"{localtime(event.at):%Y-%m-%d %H:%M}",
        who=event.user_name,
        post=event.post or "",
        words=words,
        state="returned" if event.verb in _BACK else "done",
    )


def _changed(event: AuditEvent, row: Reviewed) -> str:
    """The names of the fields that the event tells of differently."""
    changed = [said.label for said in differences(event.before, event.after) if said.changed]
    names = [name for name in labels(type(row)) if any(label.startswith(name) for label in changed)]
    return "、".join(names)
